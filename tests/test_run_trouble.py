"""What stands in the way of a run: another one at the same time, a full disk, what the system refuses or takes away."""

from __future__ import annotations

import errno
import fcntl
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from runs import Call, Snipper, finish, row, run_of, start, summary, tree

from cleaner.batch.books import locked
from cleaner.batch.options import RunOptions
from cleaner.batch.runner import RunMode
from cleaner.errors import CleanerError


def test_a_second_run_at_once_is_refused(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    (src / "x.txt").write_text("!SPIN")
    process = start("run", src, out, "--max-seconds", 1000)
    while not (out / ".cleaner" / "lock").exists() or not (out / ".cleaner" / "lock").read_text():
        assert process.poll() is None
    for options in ([], ["--resume"], ["--overwrite"]):
        done = call("run", src, out, *options)
        assert done.code == 1 and f"another run is writing to {out}: process {process.pid}" in done.err
    process.kill()
    finish(process)
    (src / "x.txt").write_text("fine")
    assert call("run", src, out, "--overwrite").code == 0


def test_another_run_that_has_not_yet_said_who_it_is(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    (out / ".cleaner").mkdir(parents=True)
    with open(out / ".cleaner" / "lock", "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        done = call("run", src, out)
    assert done.code == 1 and done.err == f"cleaner: another run is writing to {out}\n"


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("dst", ["out", "o.jsonl"])
@pytest.mark.parametrize("mode", ["new", "resume"])
def test_of_two_runs_that_begin_at_once_the_later_one_replaces_nothing(tmp_path: Path, dst: str, mode: RunMode) -> None:
    """Though the other one is done when it comes to writing."""
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "o.jsonl").write_bytes(row(text=name))
    sources = [tmp_path / name / ("o.jsonl" if "." in dst else "") for name in "xy"]
    out = tmp_path / dst
    runs = [run_of(src, out, mode=mode) for src in sources]
    assert [piece.tally.written for piece in runs[0].pieces()] == [1]
    with pytest.raises(CleanerError, match=r"another run has written to .* meanwhile"):
        [*runs[1].pieces()]
    written = out if "." in dst else out / "o.jsonl"
    assert written.read_bytes() == row(text="x")
    assert summary(out)["src"].endswith("x") if out.is_dir() else not (tmp_path / ".o.jsonl.cleaner").exists()


def test_a_lock_that_went_with_its_folder_is_taken_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a run to a single file ends while another one asks for it."""
    work, asked = tmp_path / ".o.jsonl.cleaner", []
    flock = fcntl.flock

    def late(file: Any, how: int) -> None:
        if not asked:
            shutil.rmtree(work)
        asked.append(file)
        flock(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with locked(str(work), "o.jsonl"):
        assert (work / "lock").read_text() == str(os.getpid())
        with pytest.raises(CleanerError, match="another run is writing"), locked(str(work), "o.jsonl"):
            pass


def test_a_file_system_without_locks_is_no_other_run(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: Any, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    (tmp_path / "x.txt").write_text("cut\nx")
    out = tmp_path / "out.txt"
    for _ in range(2):  # the second time its lock is there already
        done = call("run", tmp_path / "x.txt", out)
        assert done.code == 1 and done.err.endswith(": No locks available\n"), done
        assert done.err.startswith(f"cleaner: cannot write {tmp_path / '.out.txt.cleaner'}"), done


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small file system can be mounted by root only")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_told_and_nothing_is_half_done(tmp_path: Path, disk: Path, call: Call) -> None:
    src, out = tmp_path / "in", disk / "out"
    src.mkdir()
    noise = random.Random(11)
    for number in range(9):
        (src / f"{number}.txt").write_text("cut\n" + noise.randbytes(30_000).hex())
    done = call("run", src, out)
    assert done.code == 1 and done.err.count("\n") == 1
    assert "No space left on device; what is done is kept: mend this and continue with --resume\n" in done.err
    done_files = tree(out)
    assert 1 <= len(done_files) < 9
    for name, data in done_files.items():
        assert data == (src / name).read_bytes()[4:]
    subprocess.run(["mount", "-o", "remount,size=3m", str(disk)], check=True)
    assert call("run", src, out, "--resume").code == 0
    assert len(tree(out)) == 9 and summary(out)["written"] == 9


@pytest.mark.parametrize("dst", ["out", "o.jsonl"])
def test_a_finished_run_needs_nothing_of_a_folder_that_cannot_be_written(
    tmp_path: Path, disk: Path, call: Call, dst: str
) -> None:
    src = tmp_path / ("in" if dst == "out" else "in/a.jsonl")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_bytes(row(text="cut\na"))
    assert call("run", src, disk / dst).code == 0
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    done = call("run", src, disk / dst, "--resume")
    assert done.code == 0 and done.err.endswith("nothing to do\n"), done
    done = call("run", src, disk / dst, "--overwrite")
    assert done.code == 1 and done.err.endswith(": Read-only file system\n"), done  # there is nothing to resume
    if src.is_dir():
        (src / "b.jsonl").write_bytes(row(text="b"))
        done = call("run", src, disk / dst, "--resume")
        assert done.code == 1 and done.err.startswith(f"cleaner: cannot write {disk / dst / '.cleaner'}: Read-only"), (
            done
        )


@pytest.mark.parametrize("filled", [0, 100_000, 300 * 1024])
@pytest.mark.parametrize("shard", [100_000, 10_000_000])
def test_a_full_disk_under_one_file(tmp_path: Path, disk: Path, filled: int, shard: int) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(row(text="a" * 999) * 999)
    (disk / "filling").write_bytes(b"x" * filled)
    done = finish(start("run", path, disk / "y.jsonl", shard=shard))
    assert done.code == 1 and "cannot write" in done.err and "No space left on device" in done.err
    assert done.err.count("\n") == 1
    assert not (disk / "y.jsonl").exists()
    subprocess.run(["mount", "-o", "remount,size=5m", str(disk)], check=True)
    goes_on = ["--resume"] if "--resume" in done.err else []
    assert goes_on or filled, "only where there was no room for its books is there nothing to go on with"
    assert finish(start("run", path, disk / "y.jsonl", *goes_on, shard=shard)).code == 0
    assert (disk / "y.jsonl").read_bytes() == path.read_bytes()


def test_a_system_without_threads_to_spare_costs_no_run(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    for name in range(20):
        (tmp_path / "in" / f"{name}.txt").write_text("cut\na")

    def refuse(thread: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", refuse)
    assert call("run", tmp_path / "in", tmp_path / "out").code == 0
    assert [*tree(tmp_path / "out").values()] == [b"a"] * 20


def test_a_target_that_cannot_be_written(tmp_path: Path, call: Call) -> None:
    path = tmp_path / "x.txt"
    path.write_text("a")
    (tmp_path / "file").touch()
    done = call("run", path, tmp_path / "file" / "o.txt")
    assert done.code == 1 and "cannot write" in done.err and done.err.endswith("Not a directory\n")
    done = call("run", path, "/proc/o.txt")
    assert done.code == 1 and "cannot write" in done.err and "Traceback" not in done.err
    (tmp_path / "o.txt.removals.json").mkdir()
    done = call("run", path, tmp_path / "o.txt", "--annotate", "--overwrite")
    assert done.code == 1 and f"cannot write {tmp_path / 'o.txt.removals.json'}: Is a directory" in done.err


@pytest.mark.parametrize("count", [2, 20])
def test_outputs_may_be_taken_away_as_they_appear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    src, out, taken = tmp_path / "in", tmp_path / "out", tmp_path / "taken"
    src.mkdir()
    for at in range(count):
        (src / f"{at}.txt").write_text(f"cut\n{at}")
    monkeypatch.setattr(RunOptions, "cleaner", lambda self: Snipper())
    run = run_of(src, out)
    taken.mkdir()
    for piece in run.pieces():
        os.rename(piece.source.target, taken / piece.source.name)
    assert run.summary and run.summary.tally.written == count
    assert tree(taken) == {f"{at}.txt": b"%d" % at for at in range(count)}


def test_what_a_run_came_to_is_told_in_one_line_whatever_its_target_is_called(tmp_path: Path, call: Call) -> None:
    (tmp_path / "in.jsonl").write_bytes(row(text=1))
    done = call("run", tmp_path / "in.jsonl", tmp_path / "o\nx.jsonl")
    told = done.err.splitlines()
    assert done.code == 3 and len(told) == 2 and told[1].endswith("o\\nx.jsonl.rejected.jsonl")
    done = call("run", tmp_path / "in.jsonl", tmp_path / "o\nx.jsonl", "--resume")
    assert done.code == 3 and len(done.err.splitlines()) == 1
