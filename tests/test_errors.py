"""What a failure is told as, whatever raises it."""

from __future__ import annotations

import errno
import socket
from types import SimpleNamespace

import pytest

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


def test_a_store_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As fsspec does when it has waited too long."""
    pytest.importorskip("pyarrow")
    monkeypatch.setattr(parquet, "open_read", fail)
    with pytest.raises(InputError, match=r"^Parquet cannot be read: TimeoutError$"):
        parquet.group_sizes("memory://x.parquet")
