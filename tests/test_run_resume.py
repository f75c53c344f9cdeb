"""A run that is stopped at any instant and resumed ends in the same bytes; a run that became another one is refused."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from runs import Call, Snipper, finish, pieces, rejects, row, run_of, start, summary, tree
from test_run_workers import books, fill

from cleaner.batch.options import RunOptions
from cleaner.batch.plan import make_plan
from cleaner.batch.runner import Run, RunMode
from cleaner.errors import CleanerError, UsageError


def kill_and_resume(src: Path, out: Path, wanted: tuple[object, ...], after: float, workers: int) -> bool:
    """Kill a run after some seconds, resume it, compare; says whether there was something to resume."""
    process = start("run", src, out, "--workers", workers)
    try:
        process.wait(timeout=after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    killed = finish(process).code < 0
    assert not [name for name in tree(out) if name not in wanted[0]], "no file under a name that is not final"
    for name, data in tree(out).items():
        assert data == wanted[0][name], f"{name} is half done"
    done = finish(start("run", src, out, "--resume", "--workers", workers))
    assert done.code == 3, done.err
    assert (tree(out), *books(out)) == wanted
    assert not [name for name in os.listdir(out / ".cleaner") if name.startswith(("parts", "growing"))]
    return killed


def seconds_of(src: Path, out: Path, workers: int) -> tuple[float, tuple[object, ...]]:
    began = time.monotonic()
    assert finish(start("run", src, out, "--workers", workers)).code == 3
    return time.monotonic() - began, (tree(out), *books(out))


def test_killed_at_random_instants(tmp_path: Path) -> None:
    src = fill(tmp_path / "in", random.Random(6))
    seconds, wanted = seconds_of(src, tmp_path / "whole", 1)
    noise = random.Random(7)
    killed = [
        kill_and_resume(src, tmp_path / str(at), wanted, noise.uniform(0.3, 1) * seconds, workers=1) for at in range(4)
    ]
    assert any(killed)


@pytest.mark.slow
def test_killed_at_two_hundred_random_instants(tmp_path: Path) -> None:
    src = fill(tmp_path / "in", random.Random(8), columns=True)
    noise = random.Random(9)
    killed = 0
    for workers in (1, 2):
        seconds, wanted = seconds_of(src, tmp_path / f"whole{workers}", workers)
        for _ in range(100):
            out = tmp_path / "out"
            killed += kill_and_resume(src, out, wanted, noise.uniform(0.2, 1.05) * seconds, workers)
            shutil.rmtree(out)
    assert killed > 100


def test_killed_after_every_line_of_the_books(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """The instants that matter, one by one: the books end behind any of their lines, or in the midst of one."""
    monkeypatch.setattr("cleaner.batch.shards.SHARD", 15_000)
    monkeypatch.setattr("cleaner.batch.books.CHECKPOINT", 0.0)
    src, out = fill(tmp_path / "in", random.Random(10), columns=True), tmp_path / "out"
    copies = tmp_path / "copies"

    def keep(self: object) -> None:
        checkpoint(self)
        shutil.copytree(out, copies / str(len(os.listdir(copies))))

    from cleaner.batch.books import Books

    checkpoint = Books.checkpoint
    copies.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(Books, "checkpoint", keep)
        assert call("run", src, out).code == 3
    wanted = (tree(out), *books(out))
    instants = sorted(copies.iterdir(), key=lambda path: int(path.name))
    assert len(instants) > 20
    for at, copy in enumerate(instants):
        manifest, growing = copy / ".cleaner" / "manifest.jsonl", copy / ".cleaner" / "growing"
        last = json.loads(manifest.read_text().splitlines()[-1])
        unnamed = last.get("whole") and not last["done"]
        if at % 3 and not unnamed:
            continue
        with manifest.open("ab") as file:
            file.write(b'{"source": "torn')
        with (copy / ".cleaner" / "rejected.jsonl").open("ab") as file:
            file.write(b'{"torn')
        if unnamed and at % 2:
            growing.rename(copy / last["source"])  # killed behind giving the name, before the books told of it
        elif growing.exists() and not unnamed:
            for path in (copy / ".cleaner").glob("growing*"):
                with path.open("ab") as file:
                    file.write(b"written, but not in the books")
        assert call("run", src, copy, "--resume").code == 3
        assert (tree(copy), *books(copy)) == wanted
        assert not list((copy / ".cleaner").glob("growing*"))


def test_a_single_file_resumes_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"".join(row(text=f"cut\n{number}") for number in range(4000)) + row(text="!SPIN"))
    process = start("run", path, tmp_path / "o.jsonl", "--workers", 2, "--max-seconds", 1000)
    growing = tmp_path / ".o.jsonl.cleaner" / "growing"
    while not (growing.exists() and growing.stat().st_size > 30_000):
        assert process.poll() is None
        os.sched_yield()
    process.kill()
    finish(process)
    assert not (tmp_path / "o.jsonl").exists()
    done = finish(start("run", path, tmp_path / "o.jsonl", "--resume", "--max-seconds", 1))
    assert done.code == 2 and "--max-seconds was 1000.0, now 1.0" in done.err
    text = path.read_bytes().replace(b"!SPIN", b"!span")
    status = path.stat()
    path.write_bytes(text)
    os.utime(path, ns=(status.st_mtime_ns, status.st_mtime_ns))
    done = finish(start("run", path, tmp_path / "o.jsonl", "--resume", "--max-seconds", 1000, "--json"))
    assert done.code == 0 and json.loads(done.out)["read"] == 4001
    assert (tmp_path / "o.jsonl").read_bytes() == text.replace(b"cut\\n", b"")
    assert sorted(os.listdir(tmp_path)) == ["o.jsonl", "x.jsonl"]


def test_a_single_file_killed_at_its_very_end(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the moment at which its rejects were laid beside it, before its books were gone."""
    path, out, kept = tmp_path / "x.jsonl", tmp_path / "y.jsonl", tmp_path / "y.jsonl.rejected.jsonl"
    path.write_bytes(row(text="cut\na") + b"{bad\n")

    def killed(*paths: str, **how: bool) -> None:
        if len(paths) == 2:
            os.replace(*paths)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("cleaner.batch.runner.put", killed)
        assert call("run", path, out).code == 130
    assert out.read_bytes() == row(text="a")
    rejected = kept.read_bytes()
    done = call("run", path, out, "--resume")
    assert done.code == 3 and "1 of 2 records written" in done.err
    assert (out.read_bytes(), kept.read_bytes()) == (row(text="a"), rejected)
    assert sorted(os.listdir(tmp_path)) == ["x.jsonl", "y.jsonl", "y.jsonl.rejected.jsonl"]
    with monkeypatch.context() as patch:  # while its books go
        patch.setattr("cleaner.batch.runner.shutil.rmtree", killed)
        assert call("run", path, out, "--overwrite").code == 130
    assert ".y.jsonl.cleaner" in os.listdir(tmp_path)
    assert "nothing to do" in call("run", path, out, "--resume").err
    assert sorted(os.listdir(tmp_path)) == ["x.jsonl", "y.jsonl", "y.jsonl.rejected.jsonl"]


def test_what_a_killed_restore_leaves_goes_with_the_next(tmp_path: Path, call: Call) -> None:
    (tmp_path / "in").mkdir()
    text = b"".join(row(text=f"cut\n{number}") for number in range(99))
    (tmp_path / "in" / "x.jsonl").write_bytes(text)
    assert call("run", tmp_path / "in", tmp_path / "out", "--annotate").code == 0
    again = tmp_path / "again"
    process = start("restore", "-", again / "x.jsonl", stdin=subprocess.PIPE)
    process.stdin.write(b"{")
    process.stdin.flush()
    while not (again.exists() and os.listdir(again)):
        assert process.poll() is None
        os.sched_yield()
    process.kill()
    finish(process)
    assert not (again / "x.jsonl").exists()
    assert call("restore", tmp_path / "out", again).code == 0
    assert os.listdir(again) == ["x.jsonl"] and (again / "x.jsonl").read_bytes() == text


def test_books_that_lack_a_part_are_not_gone_on_with(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    (src / "x.jsonl").write_bytes(b"{\n" + row(text="a"))
    assert call("run", src, out).code == 3
    os.truncate(out / ".cleaner" / "rejected.jsonl", 9)
    (src / "y.txt").write_text("new")
    done = call("run", src, out, "--resume")
    assert done.code == 1 and "rejected.jsonl is shorter than the books say: start over with" in done.err


def test_a_run_that_became_another_one_is_refused(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    (src / "x.jsonl").write_bytes(row(text="a") + b"{")
    (src / "y.txt").write_text("b")
    assert call("run", src, out, "--resume").code == 3, "on an empty DST a plain start"
    assert "already finished" in call("run", src, out, "--resume").err
    done = call(
        "run", src, out, "--resume", "--annotate", "--text-field", "body", "--max-size", "9MB", "--to", "markdown"
    )
    assert (
        done.code == 2
        and "cannot resume, --annotate was False, now True; --text-field was 'text', now 'body'" in done.err
    )
    assert "; --max-size was 128000000, now 9000000; --to was 'text', now 'markdown': give the same" in done.err
    with monkeypatch.context() as patch:
        patch.setattr("cleaner.batch.options.RunOptions.cleaner", lambda self: Snipper("other"))
        with pytest.raises(UsageError, match="the rules changed: start over"):
            run_of(src, out, mode="resume")
        with pytest.raises(UsageError, match=r"cannot resume, --profile was 'balanced', now 'careful': give"):
            run_of(src, out, RunOptions(profile="careful"), mode="resume")
        with pytest.raises(UsageError, match=r"the rules changed; --annotate was False, now True: give"):
            run_of(src, out, RunOptions(annotate=True), mode="resume")
    (src / "x.jsonl").write_bytes(row(text="b") + b"{")  # as long as it was
    os.utime(src / "x.jsonl", (0, 0))
    done = call("run", src, out, "--resume")
    assert done.code == 2 and "inputs changed: x.jsonl:" in done.err
    (src / "x.jsonl").write_bytes(row(text="changed"))
    assert call("run", src, out, "--overwrite").code == 0
    (src / "z.txt").write_text("new")
    assert call("run", src, out, "--resume").code == 0
    assert (out / "z.txt").read_text() == "new" and summary(out)["read"] == 3


def test_damaged_books_are_said_to_be(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    (src / "x.txt").write_text("a")
    assert call("run", src, out).code == 0
    manifest = out / ".cleaner" / "manifest.jsonl"
    for damaged in (manifest.read_bytes().replace(b'"size"', b'"sise"'), b"[]\n", b"\0\n"):
        manifest.write_bytes(damaged)
        done = call("run", src, out, "--resume")
        assert done.code == 1 and "manifest.jsonl is damaged" in done.err
    assert call("run", src, out, "--overwrite").code == 0
    (out / ".cleaner" / "summary.json").write_bytes(b"{")
    done = call("run", src, out, "--resume", "--json")
    assert (done.code, done.out) == (0, b"")
    assert "the summary of its run cannot be read, so there is nothing to report" in done.err


@pytest.mark.parametrize("command", ["run", "retry"])
def test_outputs_that_are_gone_are_made_again(tmp_path: Path, call: Call, command: str) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    (src / "sub").mkdir(parents=True)
    for name in ("a.txt", "b.txt", "sub/c.txt"):
        (src / name).write_text(f"cut\n{name}")
    (src / "d.jsonl").write_bytes(row(text="cut\nd") + b"broken\n")
    (src / "bad.txt").write_bytes(b"\xff\xfe\xff")
    assert call("run", src, out, "--annotate").code == 3
    wanted = (tree(out), *books(out))
    before = (out / "a.txt").stat().st_mtime_ns
    for name in ("b.txt.removals.json", "d.jsonl"):
        (out / name).unlink()
    shutil.rmtree(out / "sub")
    done = call("run", src, out, "--annotate", "--resume") if command == "run" else call("retry", out)
    assert done.code == 3 and "making 3 outputs again that had disappeared: b.txt, d.jsonl, sub/c.txt" in done.err
    assert (tree(out), *books(out)) == wanted
    assert (out / "a.txt").stat().st_mtime_ns == before
    assert "already finished" in call("run", src, out, "--annotate", "--resume").err


@pytest.mark.parametrize("name", ["x.txt", "x.dat"])
def test_the_format_that_was_named_stays(tmp_path: Path, call: Call, name: str) -> None:
    path, out = tmp_path / name, f"{tmp_path}/out/"
    path.write_bytes(row(text="cut\na") + row(text=7))
    assert call("run", path, out, "--format", "jsonl").code == 3
    done = call("run", path, out, "--format", "html", "--resume")
    assert done.code == 2 and "format was 'jsonl', now 'html'" in done.err
    assert call("retry", out).code == 3
    assert tree(tmp_path / "out") == {name: row(text="a")} and len(rejects(tmp_path / "out")) == 1
    assert summary(tmp_path / "out")["read"] == 2


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("missing", ["a.jsonl", "0.jsonl"], ids=["the unfinished one", "one that comes later"])
def test_an_input_that_is_away_for_a_while(tmp_path: Path, missing: str) -> None:
    """What has grown of one output is never taken for the beginning of another's, nor counted twice."""
    src, out, away = tmp_path / "src", tmp_path / "out", tmp_path / "away"
    src.mkdir()
    for name in ("0", "a", "b"):
        (src / f"{name}.jsonl").write_bytes(b"".join(row(text=f"cut\n{name} {i}") for i in range(200)))
    (src / "0.jsonl").rename(away)
    pieces(run_of(src, out), 2)  # stopped in a
    if missing == "a.jsonl":
        away.rename(src / "0.jsonl")
        (src / missing).rename(away)
        pieces(run_of(src, out, mode="resume"), 3)
    away.rename(src / missing)
    run = run_of(src, out, mode="resume")
    for _ in run.pieces():
        pass
    assert run.summary and (run.summary.tally.read, run.summary.tally.written) == (600, 600)
    assert tree(out) == {name: data.replace(b"cut\\n", b"") for name, data in tree(src).items()}


@pytest.mark.usefixtures("small_steps")
def test_standard_input_is_resumed_when_it_comes_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not when another one comes, of which something would be lost or doubled."""
    out = tmp_path / "o.jsonl"
    data = b"".join(row(text=f"cut\n{i}") if i % 10 else b"{bad\n" for i in range(300))

    def run(data: bytes, step: int = 999, mode: RunMode = "new") -> Run:
        blocks = [data[at : at + step] for at in range(0, len(data), step)]
        monkeypatch.setattr("cleaner.batch.shards._standard_input", lambda: iter(blocks))
        return Run(make_plan("-", str(out), "jsonl"), RunOptions(), workers=1, mode=mode)

    pieces(run(data), 4)
    with pytest.raises(CleanerError, match="give all of it again"):
        pieces(run(data[:500], mode="resume"), 1)
    for other in (data.replace(b"cut", b"kut", 1), row(text="new") + data):
        with pytest.raises(CleanerError, match="give the same again, or start over with --overwrite"):
            pieces(run(other, mode="resume"), 1)
    pieces(run(data, 777, mode="resume"), 1)
    again = run(data, 555, mode="resume")
    for _ in again.pieces():
        pass
    assert again.summary
    tally = again.summary.tally
    assert (tally.read, tally.written, tally.rejected) == (300, 270, 30)
    assert len(out.read_bytes().splitlines()) == 270
    assert len((tmp_path / "o.jsonl.rejected.jsonl").read_bytes().splitlines()) == 30


def test_a_finished_run_to_a_file_says_again_what_it_came_to(tmp_path: Path, call: Call) -> None:
    path, out = tmp_path / "x.jsonl", tmp_path / "y.jsonl"
    path.write_bytes(row(text="a") + b"{bad\n")
    assert call("run", path, out).code == 3
    done = call("run", path, out, "--resume", "--quiet", "--json")
    assert (done.code, done.out) == (3, b"") and "nothing to report" in done.err
