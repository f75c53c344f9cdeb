"""Worker processes: the same bytes whatever their number, and a death costs only the record that caused it."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest
from runs import article, finish, rejects, row, start, summary, tree


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
