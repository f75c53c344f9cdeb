"""Standard input, output and error: streams that are cleaned as they come, closed, full, or stopped."""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from runs import ROOT, Call, Done, Snipper, archive, finish, row, start

from cleaner.batch.options import RunOptions
from cleaner.batch.plan import make_plan
from cleaner.batch.runner import Run
from cleaner.cli.app import guarded
from cleaner.errors import UsageError
from cleaner.io.compression import compress
from cleaner.io.stdin import standard_input

TEXT = "Keep.\r\ncut this\r\nKeep too.\n"
LEFT = "Keep.\r\nKeep too.\n"


def test_rows_and_texts_go_through_pipes(tmp_path: Path) -> None:
    rows = row(text=TEXT) + row(text="x")
    for data, expected in [(rows, row(text=LEFT) + row(text="x")), (TEXT.encode(), LEFT.encode()), (b"", b"")]:
        process = start("run", "-", "-", stdin=subprocess.PIPE)
        out, err = process.communicate(data)
        assert (process.returncode, out) == (0, expected)
        assert b"written" in err
    process = start("run", "-", "-", stdin=subprocess.PIPE)
    said = process.communicate(b"{}\n")[1]
    assert b"0 of 1 record written" in said and b"1 set aside, and not kept: write to a file to keep them" in said
    process = start("run", "-", tmp_path / "o.jsonl.gz", "--quiet", stdin=subprocess.PIPE)
    assert process.communicate(rows) == (b"", b"")
    assert gzip.decompress((tmp_path / "o.jsonl.gz").read_bytes()) == row(text=LEFT) + row(text="x")
    assert os.listdir(tmp_path) == ["o.jsonl.gz"]


def test_a_stream_of_another_kind_than_it_seems(tmp_path: Path, call: Call) -> None:
    """A page is not taken for a text, and what was taken for rows and holds none is said to have been."""

    def refused(data: bytes, dst: object, said: str) -> None:
        done = call("run", "-", dst, stdin=data)
        assert (done.code, done.out, done.err.count("\n")) == (2, b"", 1) and said in done.err

    page = b"\n<!DOCTYPE html><html><body><p>cut</p></body></html>"
    for dst in ("-", tmp_path / "o.txt"):
        refused(page, dst, "--format html")
    assert call("run", "-", "-", "--format", "text", stdin=page).out == page
    archive = b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    for dst in ("-", tmp_path / "o.txt", tmp_path / "o.jsonl"):
        for packing in ("", "gz", "zst", "bz2", "xz"):
            refused(compress(archive, packing), dst, "begins as a web archive: say --format warc")
    for packing in ("", "zst"):
        said = "begins as JSON lines: name a .jsonl file"
        refused(compress(row(text="a"), packing), tmp_path / "o.txt", said)
    for encoding in ("utf-16", "utf-16-be", "utf-16-le", "utf-32"):
        for dst in ("-", tmp_path / "o.txt"):
            refused(row(text="a").decode().encode(encoding), dst, "convert it to UTF-8 first")
        text = "Nobody was there.\n".encode(encoding)
        named = ["--encoding", encoding] if "-" in encoding[4:] else []
        assert call("run", "-", "-", *named, stdin=text).out == text
    assert not any(tmp_path.iterdir())
    assert call("run", "-", tmp_path / "t.txt", "--format", "text", stdin=row(text="a")).code == 0
    assert call("run", "-", tmp_path / "d.jsonl", stdin=b"\x1f\x8b damaged").code == 3
    done = call("run", "-", "-", stdin=b"{set} in braces\ncut\n")
    assert done.code == 3 and "was read as jsonl: give --format" in done.err
    for options in ((), ("--resume",)):  # it is done then, and nothing is known of it but that records were set aside
        done = call("run", "-", tmp_path / "o.jsonl", *options, stdin=b"{bad\n")
        assert done.code == 3 and ("was read as" in done.err) == (not options)


class _Pieces(io.RawIOBase):
    """A stream that gives no more at once than was written at once."""

    def __init__(self, *pieces: bytes) -> None:
        self._left = [*pieces]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        piece = self._left.pop(0) if self._left else b""
        buffer[: len(piece)] = piece
        return len(piece)


@pytest.mark.parametrize(
    ("pieces", "format"),
    [
        ([b"\xef\xbb\xbf", row(text="x")], "jsonl"),
        ([b"\n", b"\r\n ", row(text="x")], "jsonl"),
        ([b"\n", b"Text."], "text"),
        ([b"\xef\xbb\xbf"], "text"),
        ([b"\n" * 300_000, row(text="x")], "text"),
        ([], "jsonl"),
        ([b"\n<", b"!DOC", b"TYPE html>"], None),
        ([b"\n<", b"p> is a tag.", b""], "text"),
    ],
)
def test_what_a_stream_holds_is_told_however_it_is_written(
    pieces: list[bytes], format: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BufferedReader(_Pieces(*pieces), 1 << 20)))
    if format is None:
        with pytest.raises(UsageError, match="begins as a web page"):
            make_plan("-", "-")
    else:
        (source,) = make_plan("-", "-").sources()
        assert source.format.name == format
    assert standard_input().read() == b"".join(pieces)


@pytest.mark.parametrize("packing", ["gz", "zst", "bz2", "xz"])
def test_a_stream_may_be_compressed(packing: str, call: Call) -> None:
    """Nobody but the user can tell then what it holds."""
    data = compress(row(text="cut\na") + b"{bad\n", packing)
    for options, code, out in ((), 2, b""), (("--format", "jsonl"), 3, row(text="a")):
        done = call("run", "-", "-", *options, stdin=data)
        assert (done.code, done.out) == (code, out) and ("is compressed" in done.err) == (code == 2)
    assert call("run", "-", "-", stdin=b"BZh: a text\ncut\n").out == b"BZh: a text\n"


def test_there_is_nothing_to_resume_on_standard_output(tmp_path: Path, call: Call) -> None:
    (tmp_path / "x.txt").write_text(TEXT)
    done = call("run", tmp_path / "x.txt", "-", "--resume")
    said = "cleaner: --resume has nothing to continue on standard output: leave it out, or name a file for DST\n"
    assert (done.code, done.out, done.err) == (2, b"", said)


def test_the_removals_of_a_text_have_no_place_in_a_stream(tmp_path: Path, call: Call) -> None:
    (tmp_path / "x.txt").write_text(TEXT)
    done = call("run", tmp_path / "x.txt", "-", "--annotate")
    assert (done.code, done.out) == (2, b"") and "--annotate" in done.err and "name a file for DST" in done.err
    for data, code in [(TEXT.encode(), 2), (b"", 0)]:
        done = call("run", "-", "-", "--annotate", stdin=data)
        assert (done.code, done.out) == (code, b"")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_stream_is_cleaned_as_it_comes(workers: int) -> None:
    process = start("run", "-", "-", "--workers", workers, stdin=subprocess.PIPE)
    for number in range(3):
        process.stdin.write(row(text=f"cut\n{number}"))
        process.stdin.flush()
        assert select.select([process.stdout], [], [], 60)[0]
        assert process.stdout.readline() == row(text=str(number))
    process.stdin.close()
    assert process.stdout.read() == b""
    process.stdout.close()
    process.stderr.close()
    assert process.wait() == 0


def test_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(row(text="line\n" * 1000) * 400)
    process = start("run", path, "-")
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0


def test_a_run_goes_on_when_nobody_reads_its_messages(tmp_path: Path) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    for n in range(40):
        (src / f"{n}.jsonl").write_bytes(b"broken\n" + row(text="kept"))
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nobody:
        process = start("run", src, out, stderr=nobody)
        assert (process.communicate()[0], process.returncode) == (b"", 3)
    assert len(list(out.glob("*.jsonl"))) == 40


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device")
@pytest.mark.parametrize("command", ["rules list", "rules schema", "explain -", "run - -", "--version"])
def test_no_space_for_what_is_printed(command: str) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cleaner", *command.split()], input=b"Kept.", stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 1
    assert b"standard output: No space left on device" in done.stderr and b"Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device")
def test_no_space_for_messages_stops_no_run(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(b"broken\n" + row(text="a"))
    with open("/dev/full", "wb") as full:
        process = start("run", tmp_path / "x.jsonl", tmp_path / "y.jsonl", stderr=full)
        assert (process.communicate()[0], process.returncode) == (b"", 3)
    assert (tmp_path / "y.jsonl").read_bytes() == row(text="a")


def test_standard_output_is_not_blamed_for_what_else_there_is_none_of(capsys: pytest.CaptureFixture[str]) -> None:
    def app(**how: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    assert guarded(app) == 1
    assert capsys.readouterr().err == "cleaner: Too many open files\n"


@pytest.mark.parametrize(
    ("command", "code"), [("rules list", 0), ("--help", 0), ("restore {} -", 0), ("rules check /no-such.toml", 2)]
)
def test_readers_that_are_gone_get_no_traceback(tmp_path: Path, command: str, code: int) -> None:
    path = tmp_path / "x.txt"
    path.write_text("a")
    utf8 = {"encoding": "utf-8", "mark": False}
    side = {"came": utf8, "written": utf8, "crc32": zlib.crc32(b"a"), "removals": []}
    (tmp_path / "x.txt.removals.json").write_text(json.dumps(side))
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nobody:
        line = [sys.executable, "-m", "cleaner", *command.format(path).split()]
        assert subprocess.run(line, stdout=nobody, stderr=nobody).returncode == code
        done = subprocess.run(line, stdout=nobody, stderr=subprocess.PIPE, text=True)
        assert done.returncode == code and "Traceback" not in done.stderr and "BrokenPipe" not in done.stderr


def test_messages_never_get_among_the_data(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(row(text="a") + b"broken\n")
    line = f"{sys.executable} -m cleaner run {tmp_path / 'x.jsonl'} - 2>&-"
    done = subprocess.run(line, shell=True, stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (3, row(text="a"))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stream_that_is_stopped_gets_one_line_and_leaves_nothing(tmp_path: Path, how: int) -> None:
    before = signal.signal(how, signal.SIG_DFL)  # what runs the tests may ignore it, as nohup does
    process = start("run", "-", "-", stdin=subprocess.PIPE, env={**os.environ, "TMPDIR": str(tmp_path)})
    signal.signal(how, before)
    process.stdin.write(row(text="a"))
    process.stdin.flush()
    assert process.stdout.readline() == row(text="a")
    process.send_signal(how)
    assert finish(process) == Done(130, b"", "cleaner: stopped\n")
    assert os.listdir(tmp_path) == []


def test_who_is_asked_to_stop_twice_ends_as_if_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As by Ctrl-C, and by the program that had started it."""
    said = []

    def say(text: str) -> None:
        for how in (signal.SIGINT, signal.SIGTERM):
            signal.raise_signal(how)
        said.append(text)

    def stop(**how: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cleaner.cli.app.say", say)
    assert (guarded(stop), said) == (130, ["stopped"])


def test_what_nohup_ignores_stays_ignored() -> None:
    process = start("run", "-", "-", "--quiet", stdin=subprocess.PIPE, through=["nohup"])
    process.stdin.write(row(text="a"))
    process.stdin.flush()
    assert process.stdout.readline() == row(text="a")
    process.send_signal(signal.SIGHUP)
    out, err = process.communicate(row(text="b"))
    assert (process.returncode, out, b"stopped" in err) == (0, row(text="b"), False)


def test_a_folder_that_went_away_under_the_caller_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(TEXT)
    (tmp_path / "gone").mkdir()
    line = f"cd {tmp_path}/gone && rmdir {tmp_path}/gone && {sys.executable} -m cleaner run {tmp_path}/x.txt o.txt"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert (done.returncode, done.stderr) == (1, "cleaner: the current folder: No such file or directory\n")


@pytest.mark.parametrize(
    ("closed", "command"),
    [
        *(("<&-", line) for line in ("run - -", "run - {}.jsonl", "restore - {}.jsonl", "explain -", "eval -")),
        (">&-", "run {} -"),
        (">&-", "--help"),
    ],
)
def test_a_stream_that_is_closed_is_named(tmp_path: Path, closed: str, command: str) -> None:
    (tmp_path / "x.jsonl").write_bytes(row(text="a"))
    line = f"{sys.executable} -m cleaner {command.format(tmp_path / 'x.jsonl')} {closed}"
    done = subprocess.run(line, shell=True, capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    assert done.returncode == (0 if command == "--help" else 2)
    assert command == "--help" or "is closed: name a file" in done.stderr


def test_rejects_of_standard_input_are_kept_as_they_came(tmp_path: Path) -> None:
    """There is no file to look them up in."""
    bad = [b'{"text": 7}', b'{"text": "' + "Gr\xf6ße".encode("latin-1", "replace") + b'"', b'{"text": "!RAISE"}']
    rows = [row(text="cut\na"), bad[0] + b"\n", row(text="b"), bad[1] + b"\n", b"\n", row(text="c"), bad[2]]
    out = tmp_path / "o.jsonl"
    process = start("run", "-", out, "--quiet", stdin=subprocess.PIPE, shard=40)
    process.communicate(b"".join(rows))
    assert process.returncode == 3
    assert out.read_bytes() == row(text="a") + row(text="b") + b"\n" + row(text="c")
    kept = [json.loads(line) for line in (tmp_path / "o.jsonl.rejected.jsonl").read_text().splitlines()]
    assert [reject["raw"].encode("utf-8", "surrogateescape") for reject in kept] == bad
    process = start("run", "-", tmp_path / "o.txt", "--quiet", stdin=subprocess.PIPE)
    process.communicate(b"!RAISE\n\xff")
    (reject,) = map(json.loads, (tmp_path / "o.txt.rejected.jsonl").read_text().splitlines())
    assert reject["raw"] == "!RAISE\n\udcff"


def test_what_was_given_out_takes_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: object) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(RunOptions, "cleaner", lambda self: Snipper())
    blocks = [row(text="A line to keep. " * 50) + b"{bad\n" for _ in range(40)]
    monkeypatch.setattr("cleaner.batch.shards._standard_input", lambda: iter(blocks))
    kept = []
    for _ in Run(make_plan("-", "-", "jsonl"), RunOptions(), workers=1).pieces():
        parts = [path for path in tmp_path.rglob("parts-*/*") if path.is_file()]
        kept.append(sum(path.stat().st_size for path in parts))
    assert len(kept) >= 40 and set(kept) == {0}


def test_a_pipe_is_read_as_standard_input_alone(tmp_path: Path, call: Call) -> None:
    """It cannot be read a second time, as a file is where something goes wrong."""
    os.mkfifo(tmp_path / "p.jsonl")
    done = call("run", tmp_path / "p.jsonl", tmp_path / "o.jsonl")
    assert done.code == 2 and "p.jsonl is no regular file" in done.err


def test_an_archive_may_come_by_standard_input(tmp_path: Path, call: Call) -> None:
    """It is bounded record by record, as a file is, and not as a whole."""
    kind = {"Content-Type": "text/plain"}
    texts = [b"cut\na" + b"a" * 900, b"\xff\xfe\xff", b"b" * 1001, b"cut\nc"]
    data = archive([("conversion", kind, text) for text in texts])
    out = tmp_path / "o.jsonl"
    assert call("run", "-", out, "--format", "warc", "--max-size", "1kB", stdin=data).code == 3
    assert [json.loads(line)["text"] for line in out.read_text().splitlines()] == ["a" * 901, "c"]
    first, second = map(json.loads, (tmp_path / "o.jsonl.rejected.jsonl").read_text().splitlines())
    assert (first["code"], second["code"]) == ("bad-encoding", "too-large")
    assert first["raw"].startswith("WARC/1.0") and first["raw"].endswith("\r\n\r\n\udcff\udcfe\udcff")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.jsonl", "o.jsonl.rejected.jsonl"]


@pytest.mark.parametrize("packing", ["", "gz", "zst"])
def test_what_is_set_aside_of_an_archive_in_a_stream_is_kept_within_bounds(
    tmp_path: Path, call: Call, packing: str
) -> None:
    """A record and no more, though the archive is compressed; and nothing of its rest, which may be very long."""
    records = [archive([("conversion", {"Content-Type": "text/plain"}, text)]) for text in (b"\xff\xfe\xff", b"cut\nb")]
    packed = [compress(piece, packing) for piece in (*records, b"no record" + b"." * 2000)]
    out = tmp_path / "o.jsonl"
    assert call("run", "-", out, "--format", "warc", "--max-size", "1kB", stdin=b"".join(packed)).code == 3
    assert [json.loads(line)["text"] for line in out.read_text().splitlines()] == ["b"]
    first, rest = map(json.loads, (tmp_path / "o.jsonl.rejected.jsonl").read_text().splitlines())
    assert first["raw"].encode("utf-8", "surrogateescape") + b"\r\n\r\n" == records[0]
    assert "cannot be read behind" in rest["reason"] and "raw" not in rest


def test_a_compressed_archive_in_a_stream_has_limits(tmp_path: Path, call: Call) -> None:
    data = compress(archive([("conversion", {"Content-Type": "text/plain"}, b"a" * 20_000_000)]), "gz")
    out = tmp_path / "o.jsonl"
    assert call("run", "-", out, "--format", "warc", stdin=data).code == 3
    (reject,) = map(json.loads, (tmp_path / "o.jsonl.rejected.jsonl").read_text().splitlines())
    assert reject["code"] == "bomb"
