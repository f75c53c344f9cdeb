"""A run whose rejects are tried again: with other limits, after a stop, and when inputs were mended meanwhile."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from runs import Call, Snipper, pieces, rejects, row, run_of, summary

from cleaner.batch.options import RunOptions

CLEANER = RunOptions.cleaner

RULES = """
[pack]
version = "1.0.0"
description = "Test."

[[rule]]
id = "gone"
kind = "line"
reason = "A test."
phrases = ["gone"]
"""


def test_rejects_can_be_tried_again(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    (src / "x.jsonl").write_bytes(row(text="cut\na") + b"{broken\n" + row(text="b"))
    (src / "y.jsonl").write_bytes(row(text="y" * 2000))
    (src / "z.txt").write_text("cut\nz")
    assert call("retry", out).code == 2
    assert call("run", src, out, "--max-size", "1kB").code == 3
    before = (out / "z.txt").stat().st_mtime_ns
    assert call("retry", out).code == 3
    assert [reject["source"] for reject in rejects(out)] == ["x.jsonl", "y.jsonl"]
    (src / "x.jsonl").write_bytes(row(text="cut\na") + row(text="mended") + row(text="b"))
    done = call("retry", out, "--max-size", "1MB")
    assert done.code == 0, done.err
    assert (out / "x.jsonl").read_bytes() == row(text="a") + row(text="mended") + row(text="b")
    assert (out / "y.jsonl").read_bytes() == row(text="y" * 2000)
    assert rejects(out) == [] and summary(out)["read"] == summary(out)["written"] == 5
    assert (out / "z.txt").stat().st_mtime_ns == before
    done = call("retry", out, "--json")
    assert done.code == 0 and "nothing to do" in done.err and json.loads(done.out) == summary(out)


def test_a_retry_that_is_stopped_says_how_to_go_on(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    for name in ("x.jsonl", "y.jsonl"):
        (src / name).write_bytes(row(text="cut\na" * 200) + b"{broken\n" + row(text="b"))
    monkeypatch.setattr("cleaner.batch.shards.FILES", 1)
    assert call("run", src, out, "--max-size", "1kB").code == 3

    def stopped(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("cleaner.batch.samples.Samples.offer", stopped)
        done = call("retry", out, "--max-size", "1MB")
    assert done.code == 130 and done.err.endswith("what is done is kept, continue with cleaner retry\n")
    assert call("retry", out).code == 3
    assert summary(out)["read"] == 6 and [reject["record"] for reject in rejects(out)] == [2, 2]


@pytest.mark.parametrize("choice", ["keep", "cut"])
def test_what_the_guard_has_set_aside_is_kept_or_cut(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch, choice: str
) -> None:
    """With the very rules of the run, though another guard makes another cleaner."""
    monkeypatch.setattr(RunOptions, "cleaner", CLEANER)
    (tmp_path / "own.toml").write_text(RULES)
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    (src / "x.jsonl").write_bytes(row(text="gone\ngone") + row(text="Kept.\ngone"))
    (src / "y.txt").write_text("Kept.\ngone\n")
    options = ("--rules", tmp_path / "own.toml", "--select", "own")
    assert call("run", src, out, "--on-guard", "set-aside", *options).code == 3
    assert [reject["code"] for reject in rejects(out)] == ["guarded"]
    before = (out / "y.txt").stat().st_mtime_ns
    assert "--on-guard is keep, cut or set-aside, not 'kept'" in call("retry", out, "--on-guard", "kept").err
    done = call("retry", out, "--on-guard", choice)
    assert done.code == 0, done.err
    first = row(text="gone\ngone" if choice == "keep" else "")
    assert (out / "x.jsonl").read_bytes() == first + row(text="Kept.")
    assert (out / "y.txt").stat().st_mtime_ns == before
    assert summary(out)["options"]["on_guard"] == choice and summary(out)["guarded"] == 1
    other = "cut" if choice == "keep" else "keep"
    done = call("retry", out, "--on-guard", other)
    assert done.code == 2 and f"was --on-guard {choice}, so its guard has set nothing aside" in done.err


def test_a_retry_with_other_rules_is_told_what_can_be_done(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes no options of the run, so there are none to give."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.jsonl").write_bytes(b"{broken\n")
    assert call("run", tmp_path / "in", tmp_path / "out").code == 3
    monkeypatch.setattr(RunOptions, "cleaner", lambda self: Snipper("other"))
    done = call("retry", tmp_path / "out")
    assert done.code == 2
    assert done.err == "cleaner: cannot resume, the rules changed: start over with cleaner run --overwrite\n"


def test_a_single_file_cannot_be_retried(tmp_path: Path, call: Call) -> None:
    (tmp_path / "x.jsonl").write_bytes(b"broken\n")
    assert call("run", tmp_path / "x.jsonl", tmp_path / "y.jsonl").code == 3
    done = call("retry", tmp_path / "y.jsonl")
    assert done.code == 2 and "run its input again" in done.err


def test_a_run_that_was_killed_before_its_first_line_is_none(tmp_path: Path, call: Call) -> None:
    books = tmp_path / "out" / ".cleaner"
    books.mkdir(parents=True)
    (books / "manifest.jsonl").touch()
    done = call("retry", tmp_path / "out")
    assert done.code == 2 and "holds no run" in done.err


def test_a_name_that_is_empty_is_told(call: Call) -> None:
    done = call("retry", "")
    assert done.code == 2 and done.err == "cleaner: DST is empty: name one\n"


def test_a_retry_that_is_refused_forgets_nothing(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    (src / "x.jsonl").write_bytes(row(text="cut\na") + b"{broken\n")
    (src / "z.txt").write_text("cut\nz")
    assert call("run", src, out).code == 3
    before = (out / ".cleaner" / "manifest.jsonl").read_bytes()
    src.rename(tmp_path / "away")
    assert "no such file or folder" in call("retry", out).err
    (tmp_path / "away").rename(src)
    (src / "z.txt").write_text("another text")
    assert "inputs changed: z.txt: start over with cleaner run --overwrite" in call("retry", out).err
    assert "--max-seconds is a number from 0.001 on" in call("retry", out, "--max-seconds", 0).err
    assert (out / ".cleaner" / "manifest.jsonl").read_bytes() == before
    (src / "z.txt").write_text("cut\nz")
    os.utime(src / "z.txt", ns=(mtime := json.loads(before.splitlines()[2])["mtime"], mtime))
    assert call("retry", out).code == 3 and len(rejects(out)) == 1
    (src / "x.jsonl").unlink()
    assert call("retry", out).code == 0 and rejects(out) == [], "what is gone is set aside no more"
    assert "nothing to do" in call("retry", out).err


def recorded_seconds(out: Path) -> float:
    """The bound for a document that the books of a run tell."""
    head = json.loads((out / ".cleaner" / "manifest.jsonl").read_text().splitlines()[0])
    return float(head["options"]["limits"]["seconds"])


def test_the_report_of_a_retry_shows_inputs_as_they_are(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "src", tmp_path / "out"
    src.mkdir()
    (src / "a.jsonl").write_bytes(row(text="cut\nthe first"))
    (src / "b.jsonl").write_bytes(b"{bad\n" + row(text="cut\nthe old"))
    assert call("run", src, out).code == 3
    before = (src / "b.jsonl").stat()
    mended = row(text="cut\nthe new")
    (src / "b.jsonl").write_bytes(mended + b" " * (before.st_size - len(mended) - 1) + b"\n")
    os.utime(src / "b.jsonl", ns=2 * (before.st_mtime_ns,))
    assert "the old" in (out / ".cleaner" / "samples.jsonl").read_text()
    assert call("retry", out, "--max-seconds", 77).code == 0
    assert recorded_seconds(out) == 77
    assert call("run", src, out, "--resume", "--report", tmp_path / "r.html", "--max-seconds", 77).code == 0
    shown = (tmp_path / "r.html").read_text()
    assert "the new" in shown and "the first" in shown and "the old" not in shown


@pytest.mark.usefixtures("small_steps")
def test_a_retry_of_a_stopped_run_is_recorded_as_it_was_asked_for(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "src", tmp_path / "out"
    src.mkdir()
    (src / "a.jsonl").write_bytes(b"".join(row(text=f"cut\n{i}") for i in range(200)))
    pieces(run_of(src, out), 2)
    assert call("retry", out, "--max-seconds", 77).code == 0
    assert recorded_seconds(out) == 77
    assert len((out / "a.jsonl").read_bytes().splitlines()) == 200
