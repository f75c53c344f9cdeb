"""`cleaner run` over files and folders: what is written, what is set aside, what is said."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
from pathlib import Path

import pytest
from runs import Call, article, finish, rejects, row, start, summary, tree, without_cuts

from cleaner.io.compression import CODECS, blocks, compress

TEXT = "Keep.\r\ncut this\r\nKeep too.\n"
BOOKS = ["lock", "manifest.jsonl", "rejected.jsonl", "samples.jsonl", "summary.json"]
LEFT = "Keep.\r\nKeep too.\n"


def unpacked(path: Path, codec: str) -> bytes:
    with path.open("rb") as file:
        return b"".join(blocks(file, codec, 200.0))


def test_a_folder_is_mirrored(tmp_path: Path, call: Call) -> None:
    src, dst = tmp_path / "in", tmp_path / "deep" / "out"
    (src / "a" / "b").mkdir(parents=True)
    (src / "a" / "b" / "x.txt").write_bytes(TEXT.encode())
    (src / "a" / "y.md").write_bytes(b"\xef\xbb\xbfcut\nmark kept")
    (src / "EMPTY.TXT").touch()
    (src / "rows.ndjson").write_bytes(row(id=1, text=TEXT) + b"\n" + row(text="same", id=2))
    for codec in CODECS:
        (src / f"rows.jsonl.{codec}").write_bytes(compress(row(text=TEXT), codec) + compress(row(text="b"), codec))
    done = call("run", src, dst)
    assert (done.code, done.out) == (0, b"")
    assert "written" in done.err
    written = tree(dst)
    assert sorted(written) == sorted(tree(src))
    assert written["a/b/x.txt"] == LEFT.encode()
    assert written["a/y.md"] == b"\xef\xbb\xbfmark kept"
    assert written["EMPTY.TXT"] == b""
    assert written["rows.ndjson"] == row(id=1, text=LEFT) + b"\n" + row(text="same", id=2)
    for codec in CODECS:
        assert unpacked(dst / f"rows.jsonl.{codec}", codec) == row(text=LEFT) + row(text="b")
    assert sorted(os.listdir(dst / ".cleaner")) == BOOKS
    books = summary(dst)
    assert (books["read"], books["written"], books["rejected"], books["files"]) == (13, 13, 0, 8)
    assert books["rules"] == {"en/test/cut": 7} and books["categories"] == {"test": 6 * len("cut this\r\n") + 4}


@pytest.mark.parametrize("codec", ["", *CODECS])
def test_an_untouched_input_comes_out_byte_for_byte(tmp_path: Path, call: Call, codec: str) -> None:
    data = b'\xef\xbb\xbf{"text" : "a\\u0041", "n": 1.0}\r\n\r\n \n{"text":"b"}'
    path = tmp_path / f"x.jsonl{codec and '.' + codec}"
    path.write_bytes(compress(data, codec))
    assert call("run", path, tmp_path / "y.jsonl").code == 0
    assert (tmp_path / "y.jsonl").read_bytes() == data


def test_every_bad_row_is_set_aside_with_its_place(tmp_path: Path, call: Call) -> None:
    good = row(text=TEXT, id="ok")
    bad = [b'{"text": "a"\n', row(body="x", id="no"), row(text=3), b'{"text": "\xff"}\n', b"[1]\n"]
    src, dst = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    (src / "x.jsonl").write_bytes(good.join([b"", *bad, b""]))
    done = call("run", src, dst)
    assert done.code == 3
    assert (dst / "x.jsonl").read_bytes() == row(text=LEFT, id="ok") * 6
    told = [line for line in done.err.splitlines() if "x.jsonl:" in line]
    assert [line.split(":")[2] for line in told] == ["2", "4", "6", "8", "10"]
    assert f"{src}/x.jsonl:4: has no field 'text' (it has 'body', 'id')" in told[1]
    found = rejects(dst)
    assert [reject["record"] for reject in found] == [2, 4, 6, 8, 10]
    assert [reject["code"] for reject in found] == ["bad-json", "no-text", "not-a-string", "bad-encoding", "bad-record"]
    assert found[1]["id"] == "no" and found[1]["source"] == "x.jsonl" and found[1]["stage"] == "parse"
    data = (src / "x.jsonl").read_bytes()
    assert [data[reject["offset"] :].startswith(line) for reject, line in zip(found, bad, strict=True)] == [True] * 5
    assert summary(dst)["read"] == summary(dst)["written"] + summary(dst)["rejected"] == 11


def test_where_no_row_has_the_text_its_option_is_named(tmp_path: Path, call: Call) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(row(body="a") * 2)
    said = "no record has the field to clean: {} names another\n"
    assert call("run", path, tmp_path / "o.jsonl").err.endswith(said.format("--text-field"))
    assert call("run", path, tmp_path / "p.jsonl", "--html-field", "page").err.endswith(said.format("--html-field"))
    path.write_bytes(row(body="a") + row(text="a"))
    assert "to clean" not in call("run", path, tmp_path / "q.jsonl").err


def test_what_an_earlier_run_set_aside_is_told_as_such(tmp_path: Path, call: Call) -> None:
    src, dst = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    (src / "x.jsonl").write_bytes(b"x\n")
    assert call("run", src, dst).code == 3
    (src / "y.jsonl").write_bytes(row(text="a"))
    assert call("run", src, dst, "--resume", "--quiet").err == "cleaner: 1 record set aside before\n"


def test_many_rejects_are_told_of_in_few_lines(tmp_path: Path, call: Call) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"x\n" * 1000)
    done = call("run", path, tmp_path / "o.jsonl", "--quiet")
    assert done.code == 3
    assert len(done.err.splitlines()) == 21 and done.err.endswith("and 980 more records set aside\n")
    kept = (tmp_path / "o.jsonl.rejected.jsonl").read_text().splitlines()
    assert len(kept) == 1000 and json.loads(kept[-1])["record"] == 1000
    assert (tmp_path / "o.jsonl").read_bytes() == b""
    path.write_bytes(row(text="fine"))
    assert call("run", path, tmp_path / "o.jsonl", "--overwrite").code == 0
    assert sorted(os.listdir(tmp_path)) == ["o.jsonl", "x.jsonl"]


def test_a_damaged_file_gives_what_is_whole(tmp_path: Path, call: Call) -> None:
    src, dst = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    noise = random.Random(1)
    rows = [row(id=number, text=noise.randbytes(50).hex()) for number in range(2000)]
    packed = gzip.compress(b"".join(rows))
    (src / "cut.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    (src / "cut.txt.gz").write_bytes(gzip.compress(TEXT.encode())[:-9])
    (src / "no.jsonl.gz").write_bytes(b"no gzip")
    (src / "latin.txt").write_bytes(b"valid \xc3\xbc but then \xff")
    (src / "lost.txt").symlink_to(tmp_path / "nowhere")
    (src / "pipe.txt").write_text("Fine.")
    done = call("run", src, dst)
    assert done.code == 3
    codes = {reject["source"]: reject["code"] for reject in rejects(dst)}
    assert codes == {
        "cut.jsonl.gz": "truncated",
        "cut.txt.gz": "truncated",
        "no.jsonl.gz": "damaged",
        "latin.txt": "bad-encoding",
        "lost.txt": "unreadable",
    }
    written = gzip.decompress((dst / "cut.jsonl.gz").read_bytes())
    assert b"".join(rows).startswith(written) and len(written) > 10_000
    (cut,) = (reject for reject in rejects(dst) if reject["source"] == "cut.jsonl.gz")
    assert cut["record"] == written.count(b"\n") + 1 and cut["offset"] == len(written)
    assert sorted(tree(dst)) == ["cut.jsonl.gz", "no.jsonl.gz", "pipe.txt"]
    assert "Traceback" not in done.err and done.err.count("set aside") == 1


@pytest.mark.parametrize("shard", [500, 8_000_000])
@pytest.mark.parametrize("codec", CODECS)
def test_what_is_compressed_under_another_name_is_read(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch, codec: str, shard: int
) -> None:
    """As servers send it, and downloads keep it. What is written is what its name says."""
    monkeypatch.setattr("cleaner.batch.shards.SHARD", shard)
    monkeypatch.setattr("cleaner.batch.shards._UNPACKED_WHOLE", shard)
    src, dst, back = tmp_path / "in", tmp_path / "out", tmp_path / "back"
    src.mkdir()
    noise = random.Random(3)
    rows = b"".join(row(id=number, text=noise.randbytes(20).hex() + "\ncut") for number in range(200))
    (src / "rows.jsonl").write_bytes(compress(rows, codec))
    (src / "x.txt").write_bytes(compress(TEXT.encode(), codec))
    done = call("run", src, dst, "--annotate")
    assert done.code == 0, done.err
    assert summary(dst)["read"] == 201 and (dst / "x.txt").read_bytes() == LEFT.encode()
    assert call("restore", dst, back).code == 0
    assert tree(back) == {"rows.jsonl": rows, "x.txt": TEXT.encode()}


def test_what_is_no_such_file_as_its_name_says_is_told_in_one_line(tmp_path: Path, call: Call) -> None:
    src, dst = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    rows = row(text="cut\na") + row(text="b")
    (src / "plain.jsonl.gz").write_bytes(rows)
    (src / "wide.jsonl").write_bytes(rows.decode().encode("utf-16"))
    done = call("run", src, dst)
    assert done.code == 3 and done.err.splitlines()[:-1] == [
        f"cleaner: {src}/plain.jsonl.gz:1: holds no gz data, whatever its name says: rename it",
        f"cleaner: {src}/wide.jsonl:1: is in UTF-16, and JSON lines are UTF-8: convert it first",
    ]
    assert [reject["code"] for reject in rejects(dst)] == ["damaged", "bad-encoding"]


def test_large_files_are_cut_and_put_together(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleaner.batch.shards.SHARD", 1000)
    monkeypatch.setattr("cleaner.batch.shards._UNPACKED_WHOLE", 1000)
    noise = random.Random(2)
    texts = [article(noise) for _ in range(500)]
    lines = [row(text=text) for text in texts]
    lines[250] = b"{broken\n"
    lines[300] = row(text="x" * 5000)
    expected = b"".join(row(text=without_cuts(text)) for at, text in enumerate(texts) if at not in (250, 300))
    src, dst = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    for codec in ("", *CODECS):
        (src / f"x.jsonl{codec and '.' + codec}").write_bytes(compress(b"".join(lines), codec))
    done = call("run", src, dst, "--max-size", "4kB")
    assert done.code == 3
    for codec in ("", *CODECS):
        got = unpacked(dst / f"x.jsonl{codec and '.' + codec}", codec)
        assert [json.loads(line) for line in got.splitlines()] == [json.loads(line) for line in expected.splitlines()]
    codes = [(reject["record"], reject["code"]) for reject in rejects(dst)]
    assert codes == [(251, "bad-json"), (301, "too-large")] * 5
    offsets = {(reject["record"], reject["offset"]) for reject in rejects(dst)}
    assert offsets == {(251, sum(map(len, lines[:250]))), (301, sum(map(len, lines[:300])))}


def test_a_guarded_document_stays_whole_or_is_set_aside(tmp_path: Path, call: Call) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(row(text="ALL of it") + row(text="fine"))
    done = call("run", path, tmp_path / "a.jsonl")
    assert done.code == 0 and "1 guarded" in done.err
    assert (tmp_path / "a.jsonl").read_bytes() == path.read_bytes()
    assert call("run", path, tmp_path / "b.jsonl", "--on-guard", "set-aside").code == 3
    assert (tmp_path / "b.jsonl").read_bytes() == row(text="fine")


def test_a_document_that_breaks_the_cleaner_is_set_aside(tmp_path: Path, call: Call) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(row(text="a") + row(text="!RAISE", id="evil") + row(text="!SPIN") + row(text="cut\nb"))
    done = call("run", path, tmp_path / "o.jsonl", "--max-seconds", "0.1", "--workers", "1")
    assert done.code == 3
    assert (tmp_path / "o.jsonl").read_bytes() == row(text="a") + row(text="b")
    assert "x.jsonl:2: cleaning failed: RuntimeError: no such luck" in done.err
    assert "x.jsonl:3: took more than 0.1 s to clean" in done.err


def test_the_shortest_time_costs_records_and_no_run(tmp_path: Path) -> None:
    """Alarms follow so closely that the next one comes before the last is dealt with."""
    path = tmp_path / "x.jsonl"
    path.write_bytes(row(text="!SPIN") * 1000)
    done = finish(start("run", path, tmp_path / "o.jsonl", "--max-seconds", 0.001, "--json", "--quiet"))
    assert done.code == 3, done
    assert json.loads(done.out)["rejects"] == {"too-slow": 1000}


@pytest.mark.parametrize("utf8", [(), ("--utf8",)])
@pytest.mark.parametrize("encoding", ["cp1252", "mac-roman", "utf-16"])
def test_encodings_come_back(tmp_path: Path, call: Call, encoding: str, utf8: tuple[str, ...]) -> None:
    src, dst, again = tmp_path / "in", tmp_path / "out", tmp_path / "again"
    src.mkdir()
    (src / "mark.txt").write_bytes("First line.\ncut \u00a9 2024 \u00e9\nLast line.\n".encode(encoding))
    (src / "left.txt").write_bytes("First lin\u00e9.\ncut \u00a9 2024\nLast line.\n".encode(encoding))
    (src / "none.txt").write_bytes("Nothing goes, ol\u00e9.\n".encode(encoding))
    assert call("run", src, dst, "--annotate", "--encoding", encoding, *utf8).code == 0
    assert b"cut" not in (dst / "mark.txt").read_bytes().replace(b"\x00", b"")
    assert call("restore", dst, again).code == 0
    assert tree(again) == tree(src)
    told = call("run", src, tmp_path / "o", "--encoding", "utf8").err
    assert f"{src / 'mark.txt'}: invalid UTF-" in told or encoding == "utf-16"
    assert "either" not in told, "it is not declared to be two encodings"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "iso-2022-jp", "cp1252"])
def test_what_is_declared_counts_where_bytes_pass_for_utf8_as_well(tmp_path: Path, call: Call, encoding: str) -> None:
    src, dst, again = tmp_path / "in", tmp_path / "out", tmp_path / "again"
    src.mkdir()
    text = "\u4e00\u884c\u76ee\ncut\n" if encoding == "iso-2022-jp" else "First line.\ncut \nLast line.\n"
    (src / "x.txt").write_bytes(text.encode("utf-16-le" if encoding == "utf-16" else encoding))
    (src / "utf8.txt").write_bytes("Gr\u00f6\u00dfe \x00 \x1b[0m\ncut\n".encode())
    assert call("run", src, dst, "--annotate", "--utf8", "--encoding", encoding).code == 0
    assert (dst / "x.txt").read_text() == without_cuts(text)
    assert (dst / "utf8.txt").read_text() == "Gr\u00f6\u00dfe \x00 \x1b[0m\n"
    assert call("restore", dst, again).code == 0
    assert tree(again) == tree(src)


def test_an_encoding_that_fails_costs_one_file(tmp_path: Path, call: Call) -> None:
    src, dst = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    (src / "a.txt").write_bytes(b"plain ascii \x1b\xf8\xfe text")  # the codec reads what it cannot write
    (src / "b.txt").write_bytes(b"Kept.\ncut")
    assert call("run", src, dst, "--encoding", "iso-2022-jp").code == 3
    assert [reject["code"] for reject in rejects(dst)] == ["bad-encoding"]
    assert tree(dst) == {"b.txt": b"Kept.\n"}


@pytest.mark.parametrize(
    ("src", "dst", "report"),
    [
        ("one.txt", "out.txt", "one.txt"),
        ("one.txt", "out.txt", "out.txt"),
        ("one.txt", "out.txt", "./link.txt"),
        ("in", "out", "in/a.txt"),
        ("in", "out", "in/new.html"),
        ("in", "out", "out/a.txt"),
        ("in", "out", "in"),
        ("one.txt", "out/", "out/one.txt"),
        ("one.txt", "out.txt", "memory://reports/x.html"),
    ],
)
def test_a_report_takes_no_files_place(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch, src: str, dst: str, report: str
) -> None:
    (tmp_path / "in").mkdir()
    for name in ("one.txt", "in/a.txt"):
        (tmp_path / name).write_text(TEXT)
    (tmp_path / "link.txt").symlink_to("one.txt")
    before = tree(tmp_path)
    monkeypatch.chdir(tmp_path)
    done = call("run", src, dst, "--report", report)
    assert done.code == 2 and re.search("name a(nother)? file", done.err)
    assert tree(tmp_path) == before


def test_a_report_without_a_place_stops_a_run_before_it_begins(tmp_path: Path, call: Call) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    for path in ("/proc/no/x.html", "/proc/x.html", tmp_path / f"{'x' * 252}.html"):
        done = call("run", tmp_path / "a.txt", tmp_path / "b.txt", "--report", path)
        assert done.code == 1 and f"cannot write {path}" in done.err
        assert os.listdir(tmp_path) == ["a.txt"]
    assert call("run", tmp_path / "a.txt", tmp_path / "b.txt", "--report", tmp_path / "new" / "x.html").code == 0
    assert (tmp_path / "new" / "x.html").exists()


def test_what_is_compressed_too_well_is_read_where_asked(tmp_path: Path, call: Call) -> None:
    out = tmp_path / "out.jsonl.gz"
    (tmp_path / "x.jsonl.gz").write_bytes(compress(row(text="a" * 20_000_000) + b"\n" + row(text="b"), "gz"))
    done = call("run", tmp_path / "x.jsonl.gz", tmp_path / "y.jsonl")
    assert done.code == 3 and "was not read on: see --max-ratio" in done.err
    done = call("run", tmp_path / "x.jsonl.gz", tmp_path / "y.jsonl", "--max-ratio", "2000", "--overwrite")
    assert done.code == 0 and (tmp_path / "y.jsonl").read_bytes().endswith(row(text="b"))
    assert call("run", tmp_path / "x.jsonl.gz", out, "--annotate", "--max-ratio", "2000").code == 0
    assert "see --max-ratio" in call("restore", out, tmp_path / "z.jsonl").err
    assert call("restore", out, tmp_path / "z.jsonl", "--max-ratio", "2000", "--overwrite").code == 0
    assert (tmp_path / "z.jsonl").read_bytes() == gzip.decompress((tmp_path / "x.jsonl.gz").read_bytes())
    assert call("run", tmp_path / "x.jsonl.gz", f"{tmp_path}/folder/").code == 3
    assert call("retry", tmp_path / "folder", "--max-ratio", "2000").code == 0


@pytest.mark.parametrize("command", ["run", "explain", "learn", "eval"])
def test_a_limit_is_told_with_the_option_that_moves_it(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr("cleaner.io.compression._TRUST", 100)
    path = tmp_path / ("x.txt.gz" if command == "explain" else "x.jsonl.gz")
    path.write_bytes(compress(row(text="a", gold="a") + row(text="a" * 2_000, gold="a"), "gz"))
    further = {"run": [tmp_path / "y.jsonl", "--overwrite"], "learn": ["-o", tmp_path / "rules.toml"]}.get(command, [])
    for option, narrow, wide in (("--max-size", "1kB", "3kB"), ("--max-ratio", "2", "100")):
        done = call(command, path, *further, option, narrow)
        assert done.code == (1 if command == "explain" else 3) and f"see {option}\n" in done.err
        done = call(command, path, *further, option, wide)
        assert done.code == 0 and "see --" not in done.err


def test_a_field_can_be_named_by_bytes_that_are_no_text(tmp_path: Path, call: Call) -> None:
    pytest.importorskip("trafilatura")
    page = f"<article><p>{'The ferry is late. ' * 30}</p></article>"
    (tmp_path / "x.jsonl").write_bytes(row(html=page) + row(html=page, **{"\udcff": ""}))
    options = ("--text-field", "\udcff", "--annotate")
    assert call("run", tmp_path / "x.jsonl", tmp_path / "y.jsonl", "--html-field", "html", *options).code == 0
    texts = [json.loads(line)["\udcff"].strip() for line in (tmp_path / "y.jsonl").read_text().splitlines()]
    assert texts == ["The ferry is late. " * 29 + "The ferry is late."] * 2
    done = call("run", tmp_path / "x.jsonl", tmp_path / "z.jsonl", *options)
    assert done.code == 3 and "x.jsonl:1: has no field '\\udcff' (it has 'html')" in done.err


def test_names_send_a_terminal_no_commands(tmp_path: Path, call: Call) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a\x1b[31m\nb.jsonl").write_bytes(b"broken\n")
    done = call("run", tmp_path / "in", tmp_path / "out")
    assert done.code == 3 and "a\\x1b[31m\\nb.jsonl:1: " in done.err


def test_the_end_of_memory_is_told_in_one_line(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_much(row: bytes) -> None:
        raise MemoryError

    monkeypatch.setattr("cleaner.io.jsonlines.parse", too_much)
    (tmp_path / "x.jsonl").write_bytes(row(text="a"))
    done = call("run", tmp_path / "x.jsonl", tmp_path / "o.jsonl")
    assert (done.code, done.err) == (1, "cleaner: out of memory\n")


def test_the_summary_as_json(tmp_path: Path, call: Call) -> None:
    path = tmp_path / "x.txt"
    path.write_text(TEXT, newline="")
    done = call("run", path, tmp_path / "o.txt", "--json", "--quiet")
    value = json.loads(done.out)
    assert (value["read"], value["written"], value["changed"], done.err) == (1, 1, 1, "")
    assert value["chars_removed"] == 10
    (tmp_path / "out").mkdir()
    first, again = (call("run", path, tmp_path / "out", "--json", *more) for more in ([], ["--resume"]))
    assert "already finished" in again.err and json.loads(again.out) == json.loads(first.out)


def test_the_summary_has_one_order_whatever_came_first(tmp_path: Path, call: Call) -> None:
    (tmp_path / "in").mkdir()
    for name, lines in (("a", [row(text=1), b"{\n"]), ("b", [b"{\n", row(text=1)])):
        (tmp_path / "in" / f"{name}.jsonl").write_bytes(b"".join(lines))
    assert call("run", tmp_path / "in", tmp_path / "out").code == 3
    assert list(summary(tmp_path / "out")["rejects"].items()) == [("bad-json", 2), ("not-a-string", 2)]


def test_overwriting_removes_the_outputs_of_inputs_that_are_gone(tmp_path: Path, call: Call) -> None:
    src, dst = tmp_path / "in", tmp_path / "out"
    (src / "sub").mkdir(parents=True)
    for name in ("gone.txt", "left.txt", "sub/gone.jsonl", "page.txt"):
        (src / name).write_bytes(row(text="cut\na"))
    (src / "never.txt").write_text("!RAISE")
    assert call("run", src, dst, "--annotate").code == 3
    for name in ("gone.txt", "sub/gone.jsonl", "never.txt", "page.txt"):
        (src / name).unlink()
    sentence = "A page, which is written as page.txt, as a text of that name was before it, says a few things more. "
    (src / "page.html").write_text(f"<html><body><article><p>{sentence * 12}</p></article></body></html>")
    for name in ("never.txt", "sub/mine.txt"):
        (dst / name).write_text("no output of ours")
    done = call("run", src, dst, "--overwrite", "--extractor", "fast")
    assert done.code == 0, done.err
    assert "removed the outputs of 2 inputs that had disappeared: gone.txt, sub/gone.jsonl" in done.err
    assert sorted(tree(dst)) == ["left.txt", "never.txt", "page.txt", "sub/mine.txt"]
    assert summary(dst)["vanished"] == 2 and (dst / "page.txt").read_text().startswith("A page")
    other = tmp_path / "other"
    other.mkdir()
    (other / "x.txt").write_text("a")
    done = call("run", other, dst, "--overwrite")
    assert "left 2 outputs of a run from another SRC where they are: left.txt, page.html\n" in done.err
    assert "gone" not in done.err, "another SRC: nothing of its inputs vanished"
    assert (dst / "left.txt").exists() and (dst / "x.txt").exists()


def test_what_replaces_a_file_is_no_more_readable(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    (src / "x.txt").write_text("cut\nkeep")
    for args in ((src, out), (src / "x.txt", tmp_path / "o.txt")):
        assert call("run", *args, "--annotate").code == 0
    outputs = [path for path in (tmp_path / "o.txt", *out.glob("*")) if path.is_file()]
    for path in outputs:
        path.chmod(0o600)
    for args in ((src, out), (src / "x.txt", tmp_path / "o.txt")):
        assert call("run", *args, "--annotate", "--overwrite").code == 0
    assert outputs and {path.stat().st_mode & 0o777 for path in outputs} == {0o600}
