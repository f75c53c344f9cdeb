"""Inputs that are damaged in every way: each record is accounted for, nothing crashes, memory stays bounded."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from runs import DRIVER, ROOT, Call, article, rejects, row, summary, tree
from test_run_archives import archive
from test_run_parquet import table

from cleaner.io.compression import CODECS, compress
from cleaner.io.records import Limits

pq = pytest.importorskip("pyarrow.parquet")


def originals(noise: random.Random) -> dict[str, bytes]:
    """A sound file of every kind, by suffix."""
    text = article(noise).encode() or b"x"
    rows = b"".join(row(text=article(noise), id=number, url="http://example.com/") for number in range(9))
    wet = archive([("conversion", {"Content-Type": "text/plain"}, article(noise).encode()) for _ in range(5)])
    sink = io.BytesIO()
    pq.write_table(table([article(noise) for _ in range(9)]), sink, row_group_size=4)
    plain = {"txt": text, "jsonl": rows, "wet": wet, "html": b"<html><body><p>" + text * 9 + b"</p></body></html>"}
    packed = {f"{suffix}.{codec}": compress(plain[suffix], codec) for suffix in plain for codec in CODECS}
    return {**plain, **packed, "parquet": sink.getvalue()}


def mutations(noise: random.Random) -> Iterator[tuple[str, bytes]]:
    """Files with something wrong: (suffix, content), without end."""

    def cut(data: bytes) -> bytes:
        return data[: noise.randrange(len(data) + 1)]

    def flip(data: bytes) -> bytes:
        changed = bytearray(data)
        for _ in range(noise.randint(1, 8)):
            changed[noise.randrange(len(changed))] ^= 1 << noise.randrange(8)
        return bytes(changed)

    def stir(data: bytes) -> bytes:
        at, size = noise.randrange(len(data)), noise.randint(1, 40)
        return data[:at] + noise.randbytes(size) + data[at + noise.randint(0, size) :]

    def double(data: bytes) -> bytes:
        return data + cut(data)

    changes: list[Callable[[bytes], bytes]] = [cut, flip, stir, double, lambda data: b"", lambda data: data]
    while True:
        sound = originals(noise)
        suffix = noise.choice(list(sound))
        wrong = noise.choice(list(sound)) if noise.random() < 0.1 else suffix
        yield wrong, noise.choice(changes)(sound[suffix])


def all_accounted_for(tmp_path: Path, call: Call, count: int, seed: int) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    noise = random.Random(seed)
    for number, (suffix, data) in zip(range(count), mutations(noise), strict=False):
        folder = src / str(number // 500)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.{suffix}").write_bytes(data)
    for codec in CODECS:
        (src / f"bomb.txt.{codec}").write_bytes(compress(bytes(20_000_000), codec) * 8)
    done = call("run", src, out, "--extractor", "fast", "--workers", 2)
    assert done.code == 3, done
    assert "Traceback" not in done.err
    counts = summary(out)
    assert counts["read"] == counts["written"] + counts["rejected"]
    assert counts["rejected"] == len(rejects(out)) == sum(counts["rejects"].values())
    assert counts["rejects"]["bomb"] == len(CODECS)
    entries = [json.loads(line) for line in (out / ".cleaner" / "manifest.jsonl").read_text().splitlines()[1:]]
    assert {entry["source"] for entry in entries if entry["done"]} == set(tree(src))
    bad = {reject["source"] for reject in rejects(out)}
    for name in tree(src):
        suffixes = name.partition(".")[2].lower()
        if suffixes.startswith(("txt", "html")):
            target = out / name.replace(".html", ".txt")
            assert target.exists() != (name in bad), f"{name} is neither written nor set aside, or both"


def test_mutated_inputs(tmp_path: Path, call: Call) -> None:
    all_accounted_for(tmp_path, call, 150, 12)


@pytest.mark.slow
def test_ten_thousand_mutated_inputs(tmp_path: Path, call: Call) -> None:
    all_accounted_for(tmp_path, call, 10_000, 13)


def peak_memory(*args: object) -> tuple[int, int]:
    """Exit code of a run in a process of its own, and its greatest memory in MB."""
    code = DRIVER.format(tests=str(Path(__file__).parent), checkpoint=1, shard=8_000_000, files=200, patience=10)
    tell = "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    code = code.replace("    main()", f"    try: main()\n    finally: {tell}")
    if not Path("/proc/self/status").exists():
        pytest.skip("the peak of a process is known on Linux only")
    command = [sys.executable, "-c", code, "run", *map(str, args), "--workers", "1", "--quiet"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.returncode, int(done.stdout) // 1000


def test_a_row_of_a_gigabyte_is_set_aside_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    with path.open("wb") as file:
        file.write(row(text="cut\na") + b'{"text": "')
        file.seek(1_000_000_000, io.SEEK_CUR)
        file.write(b'"}\n' + row(text="cut\nb"))
    code, megabytes = peak_memory(path, tmp_path / "o.jsonl", "--max-size", "16MB")
    assert code == 3 and megabytes < 150
    assert (tmp_path / "o.jsonl").read_bytes() == row(text="a") + row(text="b")
    (reject,) = map(json.loads, (tmp_path / "o.jsonl.rejected.jsonl").read_text().splitlines())
    assert (reject["record"], reject["code"], reject["offset"]) == (2, "too-large", len(row(text="cut\na")))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    rows = b"".join(row(text=f"cut\n{number} " + random.Random(number).randbytes(2000).hex()) for number in range(1000))
    path.write_bytes(compress(rows, "gz") * 15)
    code, megabytes = peak_memory(path, tmp_path / "o.jsonl.zst")
    assert code == 0 and megabytes < 150


def test_memory_does_not_grow_with_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    blank = bytes(random.Random(1).choices(b" \t", k=100_000)).ljust(1_000_000) + b"\n"
    path.write_bytes(compress(blank, "gz") * 250 + compress(row(text="cut\na"), "gz"))
    code, megabytes = peak_memory(path, tmp_path / "o.jsonl.zst")
    assert code == 0 and megabytes < 150


def test_an_input_that_vanishes_or_shrinks(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleaner.batch.shards.SHARD", 10_000)
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    for name in ("a.txt", "b.jsonl", "c.jsonl", "d.txt"):
        (src / name).write_bytes(row(text="cut\nx" * 20) * 300)
    from cleaner.batch import runner, shards

    def late(sources: Iterator[Any], limits: Limits, folder: str) -> Iterator[Any]:
        """The files change when they have been listed, and before the first is read."""
        listed = list(sources)
        (src / "a.txt").unlink()
        (src / "b.jsonl").write_bytes(row(text="left"))
        (src / "c.jsonl").unlink()
        return shards.groups(listed, limits, folder)

    monkeypatch.setattr(runner, "groups", late)
    done = call("run", src, out)
    assert done.code == 3 and "Traceback" not in done.err
    assert {reject["source"]: reject["code"] for reject in rejects(out)} == {
        "a.txt": "unreadable", "b.jsonl": "truncated", "c.jsonl": "unreadable"
    }  # fmt: skip
    assert sorted(tree(out)) == ["b.jsonl", "c.jsonl", "d.txt"]
