"""What a failure is told as, whatever raises it."""

from __future__ import annotations

import errno
import signal
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest
from runs import Call

from cleaner.cluster.engine import Cluster
from cleaner.errors import CleanerError, reason_of
from cleaner.io import parquet
from cleaner.io.files import InputError


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "x"), "No space left on device"),
        (OSError("a library's own words\nand a stack"), "a library's own words"),
        (ValueError("\nthe first line is empty"), "the first line is empty"),
        (TimeoutError(), "TimeoutError"),
        (socket.gaierror(), "gaierror"),
        (RuntimeError("  "), "RuntimeError"),
    ],
)
def test_the_reason_is_one_line_and_never_empty(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason


def fail(*args: object) -> None:
    raise TimeoutError


def test_an_engine_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray")
    monkeypatch.setattr("cleaner.cluster.engine.import_module", lambda name: SimpleNamespace(connect=fail))
    with pytest.raises(CleanerError, match=r"^no Ray at here: TimeoutError$"):
        Cluster("ray", "here").connect()


JAVA = """An error occurred while calling None.org.apache.spark.api.java.JavaSparkContext.
: org.apache.spark.SparkException: {}
\tat org.apache.spark.SparkContext$.org$apache$spark$SparkContext$$createTaskScheduler(SparkContext.scala:3391)
"""


@pytest.mark.parametrize(
    ("said", "gist"),
    [
        (JAVA.format("Could not parse Master URL: 'x'"), "SparkException: Could not parse Master URL: 'x'"),
        (JAVA.format("lost") + "Caused by: java.io.IOException: no route", "IOException: no route"),
        ("no cluster is found\nstart one", "no cluster is found"),
    ],
)
def test_an_engine_that_is_not_there_is_told_with_its_cause(
    said: str, gist: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    """And with the way on, as the books have been begun."""
    pytest.importorskip("ray")

    def connect(*args: object) -> None:
        raise RuntimeError(said)

    (tmp_path / "x.txt").write_text("cut this\nkept")
    command = ("run", tmp_path / "x.txt", tmp_path / "o.txt", "--quiet")
    with monkeypatch.context() as patch:
        patch.setattr("cleaner.cluster.engine.import_module", lambda name: SimpleNamespace(connect=connect))
        done = call(*command, "--engine", "ray")
    way_on = "what is done is kept: mend this and continue with --resume"
    assert (done.code, done.err) == (1, f"cleaner: no Ray at this machine: {gist}; {way_on}\n")
    assert call(*command, "--resume").code == 0
    assert (tmp_path / "o.txt").read_text() == "kept"


def test_an_engine_leaves_what_answers_signals_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray")
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(how) for how in signals]
    connect = lambda *args: [signal.signal(how, signal.SIG_IGN) for how in signals]  # noqa: E731 - as Ray and Spark do
    monkeypatch.setattr("cleaner.cluster.engine.import_module", lambda name: SimpleNamespace(connect=connect))
    Cluster("ray").connect()
    assert [signal.getsignal(how) for how in signals] == before


def test_a_store_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As fsspec does when it has waited too long."""
    pytest.importorskip("pyarrow")
    monkeypatch.setattr(parquet, "open_read", fail)
    with pytest.raises(InputError, match=r"^Parquet cannot be read: TimeoutError$"):
        parquet.group_sizes("memory://x.parquet")
