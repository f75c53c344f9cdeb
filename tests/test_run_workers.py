"""Worker processes: the same bytes whatever their number, and a death costs only the record that caused it."""

from __future__ import annotations

import contextlib
import errno
import gc
import multiprocessing
import os
import random
import signal
import struct
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from runs import Snipper, article, finish, rejects, row, start, summary, tree

from cleaner.batch.inputs import Source
from cleaner.batch.job import Job
from cleaner.batch.options import RunOptions
from cleaner.batch.pool import Pool, _context, _serve
from cleaner.batch.shards import Shard
from cleaner.batch.work import work
from cleaner.errors import CleanerError, EngineError
from cleaner.io import jsonlines
from cleaner.io.files import BLOCK
from cleaner.io.formats import JSON_LINES, TEXT, Format
from cleaner.io.records import Fault, Limits, Reading


@pytest.fixture
def src(tmp_path: Path) -> Path:
    """A folder of all kinds of inputs, some of them bad."""
    return fill(tmp_path / "in", random.Random(5))


def fill(folder: Path, noise: random.Random, *, columns: bool = False) -> Path:
    """Inputs of all kinds, some of them bad; with ``columns`` a Parquet file as well."""
    import gzip

    (folder / "sub").mkdir(parents=True)
    for number in range(30):
        (folder / "sub" / f"{number}.txt").write_text(article(noise))
    rows = [row(text=article(noise), id=number) for number in range(1500)]
    rows[3:3] = [b"{bad\n"]
    rows[900:900] = [row(no="text")]
    (folder / "big.jsonl").write_bytes(b"".join(rows))
    (folder / "packed.jsonl.gz").write_bytes(gzip.compress(b"".join(rows[:300]))[:-20])
    (folder / "small.jsonl").write_bytes(b"".join(rows[:10]))
    (folder / "bad.txt").write_bytes(b"ab\xff")
    if columns:
        pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
        texts = [article(noise) for _ in range(600)] + [None] * 3
        table = pa.table({"id": list(range(603)), "text": texts, "kind": pa.array(["x"] * 603).dictionary_encode()})
        pq.write_table(table, folder / "columns.parquet", row_group_size=50)
    return folder


def job_of(path: Path, format: Format = JSON_LINES, **options: Any) -> Job:
    """A file as a job, with its part beside it."""
    source = Source(str(path), path.name, format, "", "", "", path.stat().st_size)
    return Job(Shard(source), str(path.with_name("part")), **options)


def books(folder: Path) -> tuple[object, ...]:
    counts = summary(folder)
    counts.pop("seconds")
    return counts, rejects(folder)


def test_the_number_of_workers_changes_no_byte(tmp_path: Path, src: Path) -> None:
    outs = [tmp_path / "1", tmp_path / "3"]
    for workers, out in zip((1, 3), outs, strict=True):
        done = finish(start("run", src, out, "--workers", workers))
        assert done.code == 3, done.err
    assert tree(outs[0]) == tree(outs[1])
    assert books(outs[0]) == books(outs[1])
    assert len(rejects(outs[0])) == 6


def test_there_are_no_more_workers_than_pieces_of_work(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("cut\nx")
    groups = [(replace(job_of(tmp_path / "x.txt", TEXT), part=str(tmp_path / str(number))),) for number in range(2)]
    with contextlib.closing(Pool(Snipper(), RunOptions(), 500)) as pool:  # type: ignore[arg-type]
        assert [outcome.tally.written for _, outcome in pool.run(iter(groups))] == [1, 1]
        assert len(multiprocessing.active_children()) <= 2


def test_a_death_costs_the_record_that_caused_it(tmp_path: Path) -> None:
    src = tmp_path / "in"
    src.mkdir()
    rows = [row(text=f"cut\n{number}", id=number) for number in range(60)]
    rows[20] = row(text="!KILL", id="killer")
    rows[40] = row(text="!STUCK", id="stuck")
    rows[50] = row(text=f"!ONCE={tmp_path}/once", id="once")
    (src / "x.jsonl").write_bytes(b"".join(rows))
    for number in range(8):
        (src / f"{number}.txt").write_text("cut\nfine")
    (src / "4.txt").write_text("!KILL")
    options = ("--workers", 2, "--max-seconds", 0.5)
    code = finish(start("run", src, tmp_path / "out", *options, shard=300, patience=0.5))
    assert code.code == 3, code.err
    assert [(reject["id"], reject["code"]) for reject in rejects(tmp_path / "out")] == [
        ("4.txt", "killed"), ("killer", "killed"), ("stuck", "too-slow")
    ]  # fmt: skip
    assert "SIGKILL" in rejects(tmp_path / "out")[0]["reason"]
    written = tree(tmp_path / "out")
    assert sorted(written) == [*(f"{number}.txt" for number in range(8) if number != 4), "x.jsonl"]
    expected = [row(text=str(number), id=number) for number in range(60)]
    expected[50] = rows[50]
    assert written["x.jsonl"] == b"".join(expected[:20] + expected[21:40] + expected[41:])


def test_ctrl_c_keeps_what_is_done(tmp_path: Path, src: Path) -> None:
    (src / "zz.txt").write_text("!SPIN")
    process = start("run", src, tmp_path / "out", "--workers", 2, "--max-seconds", 1000)
    for name in (tmp_path / "out" / "sub" / "9.txt",):
        while not name.exists():
            assert process.poll() is None
            os.sched_yield()
    process.send_signal(signal.SIGINT)
    done = finish(process)
    assert done.code == 130 and "Traceback" not in done.err
    assert "--resume" in done.err
    left = sorted(os.listdir(tmp_path / "out" / ".cleaner"))
    assert left == ["lock", "manifest.jsonl", "rejected.jsonl", "samples.jsonl"]
    (src / "zz.txt").unlink()
    assert finish(start("run", src, tmp_path / "out", "--resume", "--max-seconds", 1000)).code == 3
    assert finish(start("run", src, tmp_path / "whole")).code == 3
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")
    assert books(tmp_path / "out")[1] == books(tmp_path / "whole")[1]


@pytest.mark.skipif("forkserver" not in multiprocessing.get_all_start_methods(), reason="workers are spawned here")
def test_ctrl_c_does_not_disturb_the_start_of_the_workers() -> None:
    """A terminal sends it to all processes, the fork server too, which may not even have begun to load its modules."""
    script = """
import os, signal
from multiprocessing import forkserver
from cleaner.batch import pool
pool.prepare()
server = forkserver._forkserver._forkserver_pid
os.kill(server, signal.SIGINT)
process = pool._context().Process(target=print, args=("a worker",))
process.start()
process.join()
assert forkserver._forkserver._forkserver_pid == server
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("a worker\n", "")


PARAGRAPH = "<p>A sentence of a page, with <a href='/x'>a link</a> in it, and more words than one would like.</p>"


def page(paragraphs: int) -> str:
    return f"<html><body>{PARAGRAPH * paragraphs}</body></html>"


def test_a_worker_with_many_pages_is_not_taken_for_stuck(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    path, out = tmp_path / "x.jsonl", tmp_path / "o.jsonl"
    path.write_bytes(b"".join(row(id=number, html=page(250)) for number in range(12)))
    options = ("--html-field", "html", "--workers", 2, "--max-seconds", 0.8)
    done = finish(start("run", path, out, *options, shard=8_000_000, patience=0.0))
    assert done.code == 0, done.err
    assert out.read_bytes().count(b"A sentence of a page") == path.read_bytes().count(b"A sentence of a page") * 2


def test_a_page_is_announced_before_it_is_read_and_has_its_time(tmp_path: Path) -> None:
    pytest.importorskip("resiliparse")
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"".join(row(id=at, html=page(size)) for at, size in enumerate([9, 100_000, 9, 9, 9])))
    options = RunOptions(reading=Reading(html_field="html", extractor="fast"))
    hurried = replace(options, reading=replace(options.reading, limits=Limits(seconds=0.1)))
    job = job_of(path, careful=True, skip={4: Fault("killed", "died twice")})
    told: list[int] = []
    assert work(replace(job, skip={2: Fault("", ""), 4: Fault("", "")}), Snipper(), options, told.append).records == 5  # type: ignore[arg-type]
    told.clear()
    gc.disable()  # test tools have callbacks there, and complain of what is raised in them
    try:
        outcome = work(job, Snipper(), hurried, told.append)  # type: ignore[arg-type]
    finally:
        gc.enable()
    assert list(filter(None, told)) == [1, 2, 3, 5] and told[-1] == 0
    assert [(reject.number, reject.code) for reject in outcome.rejects] == [(2, "too-slow"), (4, "killed")]
    assert (outcome.tally.read, outcome.tally.written) == (5, 3)


def test_a_worker_is_heard_while_it_reads_what_is_no_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long that is and however slow it comes: else it would be taken for stuck, and its whole archive lost."""
    monkeypatch.setattr("cleaner.batch.intake._HEARTBEAT", 0.0)
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"x" * 5_000_000)
    told: list[int] = []
    outcome = work(job_of(path), Snipper(), RunOptions(reading=Reading(limits=Limits(size=1_000))), told.append)  # type: ignore[arg-type]
    assert [reject.code for reject in outcome.rejects] == ["too-large"]
    assert len(told) > 5_000_000 // BLOCK and not any(told)


@dataclass(frozen=True)
class Greedy(Snipper):
    """In its process there is too little memory to read some rows."""

    def __reduce__(self) -> tuple[object, ...]:
        return _greedy, ()


def _greedy() -> Snipper:
    parse = jsonlines.parse

    def short_of_memory(row: bytes) -> object:
        if b"MEMORY" in row:
            raise MemoryError
        return os._exit(9) if b"EXIT" in row else parse(row)

    jsonlines.parse = short_of_memory  # type: ignore[assignment]
    return Snipper()


@pytest.mark.parametrize("what", ["MEMORY", "EXIT"])
@pytest.mark.parametrize("before", [0, 3])
def test_a_row_that_cannot_be_read_costs_no_row_before_it(tmp_path: Path, what: str, before: int) -> None:
    path = tmp_path / "a.jsonl"
    lines = [row(text="cut\na"), b"{bad\n", row(text="!KILL")] * bool(before)
    path.write_bytes(b"".join([*lines, row(text=what), row(text="b")]))
    with contextlib.closing(Pool(Greedy(), RunOptions(), 1)) as pool:  # type: ignore[arg-type]
        ((_, outcome),) = pool.run(iter([(job_of(path),)]))
    assert (tmp_path / "part").read_bytes() == (row(text="a") if before else b"")
    told = [(reject.number, reject.code) for reject in outcome.rejects]
    assert told == [*[(2, "bad-json"), (3, "killed")] * bool(before), (before + 1, "killed")]
    how = "no memory was left" if what == "MEMORY" else "exit code 9"
    said = f"it could not be read from here on: the process that cleaned it died twice ({how})"
    assert outcome.rejects[-1].reason == said
    assert (outcome.tally.read, outcome.tally.written) == (before + 1, min(before, 1))


class Unloadable:
    """A cleaner that kills its process before the first document: memory ends, or a library is broken."""

    def clean_many(self, documents: object) -> None:
        os._exit(9)


def test_workers_that_cannot_start_are_given_up(tmp_path: Path) -> None:
    """With a line that says why, and no fault is found with the record."""
    (tmp_path / "a.txt").write_text("A text.")
    job = job_of(tmp_path / "a.txt", TEXT)
    with (
        contextlib.closing(Pool(Unloadable(), RunOptions(), 1)) as pool,  # type: ignore[arg-type]
        pytest.raises(CleanerError, match=r"die as they start \(exit code 9\)"),
    ):
        [*pool.run(iter([(job,)]))]


def test_a_job_that_kills_workers_though_nothing_is_read_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(row(text="a"))
    source = Source(str(path), "x.jsonl", JSON_LINES, "", "", target_codec="none that there is")
    with (
        contextlib.closing(Pool(Snipper(), RunOptions(), 1)) as pool,  # type: ignore[arg-type]
        pytest.raises(EngineError, match=r"x\.jsonl: its output cannot be written: .*exit code 1"),
    ):
        list(pool.run(iter([(Job(Shard(source), str(tmp_path / "part")),)])))


def test_a_worker_that_cannot_be_replaced_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the system has no more processes or files to give."""
    (tmp_path / "a.txt").write_text("!KILL")
    job = job_of(tmp_path / "a.txt", TEXT)
    with (
        pytest.raises(OSError, match="temporarily unavailable"),
        contextlib.closing(Pool(Snipper(), RunOptions(), 1)) as pool,  # type: ignore[arg-type]
    ):
        workers = iter([pool._start()])

        def only_one() -> object:
            for worker in workers:
                return worker
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

        monkeypatch.setattr(pool, "_start", only_one)
        [*pool.run(iter([(job,)]))]


def test_a_worker_that_dies_in_the_middle_of_a_message_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one does that is killed while it sends an outcome larger than the pipe holds."""
    (tmp_path / "a.txt").write_text("cut\nA text.")
    job = job_of(tmp_path / "a.txt", TEXT)
    torn = []
    with contextlib.closing(Pool(Snipper(), RunOptions(), 1)) as pool:  # type: ignore[arg-type]
        receive = pool._receive

        def tear(worker: object, said: object) -> None:
            if not torn:
                torn.append(worker)
                worker.process.kill()  # type: ignore[attr-defined]
                raise OSError("got end of file during message")
            receive(worker, said)  # type: ignore[arg-type]

        monkeypatch.setattr(pool, "_receive", tear)
        ((_, outcome),) = pool.run(iter([(job,)]))
    assert torn and (outcome.tally.written, outcome.tally.rejected) == (1, 0)


def test_a_worker_whose_caller_is_stopped_while_it_starts_ends_quietly() -> None:
    """As by Ctrl-C, in the middle of what the caller sends: a failure would be a traceback on its terminal."""
    ours, theirs = multiprocessing.Pipe()
    process: Any = _context().Process(target=_serve, args=(theirs,))  # type: ignore[attr-defined]
    process.start()
    theirs.close()
    os.write(ours.fileno(), struct.pack("!i", 1000) + b"a part")
    ours.close()
    process.join()
    assert process.exitcode == 0
