"""Parquet, WARC and WET, web pages, and the encodings of text files."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from runs import Call, article, finish, rejects, row, start, summary, tree, without_cuts

from cleaner.io import warc
from cleaner.io.files import compress
from cleaner.io.records import Reading, Record, Reject

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def table(texts: list[str | None], type: Any = None) -> Any:
    """A table with metadata of all kinds, nested columns and a text column."""
    count = len(texts)
    nested = pa.list_(pa.struct([("k", pa.string()), ("v", pa.decimal128(9, 2))]))
    columns = {
        "id": pa.array([f"d{at}" for at in range(count)]),
        "nested": pa.array([[{"k": "a", "v": None}] * (at % 3) for at in range(count)], nested),
        "text": pa.array(texts, type or pa.string()),
        "when": pa.array([at * 1000 for at in range(count)], pa.timestamp("us", "Europe/Berlin")),
        "kind": pa.array(["x", "y"] * (count // 2) + ["x"] * (count % 2)).dictionary_encode(),
    }
    fields = [pa.field(name, column.type, metadata={"about": name}) for name, column in columns.items()]
    return pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields, {"made": "for a test"}))


@pytest.mark.parametrize("type", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())], ids=str)
def test_parquet_keeps_all_but_the_text(tmp_path: Path, call: Call, type: Any) -> None:
    texts = [f"cut\n{at}" if at % 3 else f"{at}" for at in range(1200)]
    came = table(texts, type)
    packing = {name: "zstd" for name in ("text", "id", "when", "kind")} | {
        f"nested.list.element.{name}": "gzip" for name in "kv"
    }
    pq.write_table(came, tmp_path / "x.parquet", row_group_size=500, compression=packing)
    assert call("run", tmp_path / "x.parquet", tmp_path / "o.parquet").code == 0
    came, got = pq.read_table(tmp_path / "x.parquet"), pq.read_table(tmp_path / "o.parquet")
    assert got.schema.equals(came.schema, check_metadata=True)
    assert got.column("text").to_pylist() == [text.replace("cut\n", "") for text in texts]
    assert got.drop_columns("text").equals(came.drop_columns("text"))
    before, after = pq.ParquetFile(tmp_path / "x.parquet"), pq.ParquetFile(tmp_path / "o.parquet")
    sizes = [[file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)] for file in (before, after)]
    assert sizes[0] == sizes[1] == [500, 500, 200]
    for at in range(before.metadata.num_columns):
        assert after.metadata.row_group(0).column(at).compression == before.metadata.row_group(0).column(at).compression


def test_rows_of_parquet_that_are_no_documents(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    pq.write_table(table(["cut\na", None, "b", "!RAISE"]), src / "x.parquet")
    pq.write_table(table([]), src / "empty.parquet")
    pq.write_table(table(["a"]).rename_columns(["id", "nested", "body", "when", "kind"]), src / "other.parquet")
    pq.write_table(pa.table({"text": [1, 2]}), src / "numbers.parquet")
    (src / "no.parquet").write_bytes(b"PAR1 not at all PAR1")
    done = call("run", src, out)
    assert done.code == 3 and "Traceback" not in done.err
    assert pq.read_table(out / "x.parquet").column("text").to_pylist() == ["a", "b"]
    empty = [pq.read_schema(folder / "empty.parquet") for folder in (src, out)]
    assert empty[0].equals(empty[1], check_metadata=True)
    assert [(reject["source"], reject["record"], reject["code"]) for reject in rejects(out)] == [
        ("no.parquet", 1, "damaged"), ("numbers.parquet", 1, "not-a-string"), ("other.parquet", 1, "no-text"),
        ("x.parquet", 2, "not-a-string"), ("x.parquet", 4, "error"),
    ]  # fmt: skip
    assert rejects(out)[3]["id"] == "d1" and not (out / "no.parquet").exists()


@pytest.mark.parametrize("view", ["text", "x"])
def test_a_row_that_is_set_aside_takes_no_other_along(tmp_path: Path, call: Call, view: str) -> None:
    """Arrow cannot pick rows of columns of every type, nor of those that hold one."""
    types = {"text": pa.string(), "x": pa.string(), view: pa.string_view()}
    x = pa.array([["a"], ["b"], None, ["d"]], pa.list_(types["x"]))
    pq.write_table(
        pa.table({"text": pa.array(["cut\na", None, "b", None], types["text"]), "x": x}), tmp_path / "x.parquet"
    )
    assert call("run", tmp_path / "x.parquet", tmp_path / "o.parquet").code == 3
    got = pq.read_table(tmp_path / "o.parquet")
    assert got.schema.equals(pq.read_schema(tmp_path / "x.parquet"))
    assert got.to_pydict() == {"text": ["a", "b"], "x": [["a"], None]}


def test_texts_are_measured_in_bytes(tmp_path: Path, call: Call) -> None:
    pq.write_table(pa.table({"text": ["Größe", "ascii", "é" * 501]}), tmp_path / "x.parquet")
    done = call("run", tmp_path / "x.parquet", tmp_path / "o.parquet", "--max-size", "1kB", "--json")
    assert done.code == 3 and "x.parquet:3: text longer than 1,000 bytes" in done.err
    assert json.loads(done.out)["bytes_in"] == 7 + 5


def test_large_parquet_is_cut_at_row_groups(tmp_path: Path) -> None:
    noise = random.Random(4)
    texts = [article(noise) for _ in range(1200)]
    texts[700] = "!KILL"
    src = tmp_path / "in"
    src.mkdir()
    pq.write_table(table(texts), src / "x.parquet", row_group_size=120)
    (src / "y.txt").write_text("cut\nlast")
    outs = [tmp_path / "1", tmp_path / "2"]
    for workers, out in zip((1, 2), outs, strict=True):
        assert finish(start("run", src, out, "--workers", workers, "--annotate", shard=6_000)).code == 3
        (killed,) = rejects(out)
        assert (killed["record"], killed["offset"], killed["id"]) == (701, 700, "d700")
    assert tree(outs[0]) == tree(outs[1])
    got = pq.read_table(outs[0] / "x.parquet")
    del texts[700]
    assert got.column("text").to_pylist() == [without_cuts(text) for text in texts]
    assert got.column_names[-1] == "removals"
    assert pq.ParquetFile(outs[0] / "x.parquet").num_row_groups == 10
    again = finish(start("restore", outs[0], tmp_path / "again"))
    assert again.code == 0, again.err
    back = pq.read_table(tmp_path / "again" / "x.parquet")
    assert back.column("text").to_pylist() == texts
    assert back.schema.equals(pq.read_schema(src / "x.parquet"), check_metadata=True)


def test_what_was_changed_after_a_run_is_not_restored_wrongly(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    text = "Kept.\ncut\n"
    (src / "x.txt").write_text(text)
    (src / "y.jsonl").write_bytes(row(text=text) * 2)
    pq.write_table(pa.table({"text": [text]}), src / "z.parquet")
    assert call("run", src, out, "--annotate").code == 0
    (out / "x.txt").write_text("Kept")
    rows = (out / "y.jsonl").read_bytes()
    (out / "y.jsonl").write_bytes(rows.replace(b"Kept.", b"Kept", 1))
    changed = pq.read_table(out / "z.parquet")
    pq.write_table(changed.set_column(0, "text", pa.array(["Kept"])), out / "z.parquet")
    done = call("restore", out, tmp_path / "again")
    assert done.code == 3 and "Traceback" not in done.err
    assert "x.txt:1: the list of removals beside it is damaged, or that of another text" in done.err
    assert "y.jsonl:1: its removals do not fit its text: one of them was changed after the run" in done.err
    assert "z.parquet:1: column 'removals' does not fit column 'text'" in done.err
    assert tree(tmp_path / "again") == {"y.jsonl": row(text=text)}


def test_an_enormous_row_group_becomes_several(tmp_path: Path) -> None:
    texts = [f"cut\n{at}" + 100_000 * "x" for at in range(1100)]
    pq.write_table(pa.table({"text": texts}), tmp_path / "x.parquet", compression="zstd")
    assert finish(start("run", tmp_path / "x.parquet", tmp_path / "o.parquet", "--workers", 1)).code == 0
    with pq.ParquetFile(tmp_path / "o.parquet") as file:
        sizes = [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)]
        assert len(sizes) == 2 and sum(sizes) == 1100
        assert file.read().column("text").to_pylist() == [text[4:] for text in texts]


def archive(records: list[tuple[str, dict[str, str], bytes]]) -> bytes:
    """A WARC of records: (type, headers, content)."""
    out = []
    for at, (kind, headers, content) in enumerate(records):
        lines = {"WARC-Type": kind, "WARC-Record-ID": f"<urn:uuid:{at}>", "WARC-Date": DATE, **headers}
        lines["Content-Length"] = str(len(content))
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        out.append(b"WARC/1.0\r\n" + head.encode() + b"\r\n" + content + b"\r\n\r\n")
    return b"".join(out)


def response(kind: str, body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


DATE = "2026-01-02T03:04:05Z"
SPOKEN = "WARC-Identified-Content-Language"
SENTENCE = b"A sentence of a page, which is long. "
HEAD = b"""<title>T</title><meta name="author" content="Ada Example">
<meta property="article:published_time" content="2024-05-06">"""
PAGE = b"<html><head>" + HEAD + b"</head><body><article><p>" + SENTENCE * 20 + b"</p>"


def test_archives_become_rows(tmp_path: Path, call: Call) -> None:
    http = {"Content-Type": "application/http; msgtype=response"}
    uri = {"WARC-Target-URI": "https://example.com/a"}
    records = [
        ("warcinfo", {}, b"software: none"),
        ("conversion", {**uri, "Content-Type": "text/plain", SPOKEN: "deu,eng"}, "cut\nGröße\n".encode()),
        ("request", {**uri, **http}, b"GET / HTTP/1.1\r\n\r\n"),
        ("response", {**uri, **http}, response("text/plain; charset=iso-8859-1", b"caf\xe9\ncut")),
        ("response", {**uri, **http}, response("image/png", b"\x89PNG")),
        ("conversion", {**uri, "Content-Type": "text/plain"}, b"\xff\xfe\xff"),
        ("response", {**uri, **http}, response("text/plain; charset=undefined", b"\xff\xfe\xff")),
        ("response", {**uri, **http}, response("text/html; charset=utf-8", PAGE)),
    ]
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    data = archive(records)
    (src / "plain.warc").write_bytes(data)
    (src / "x.warc.gz").write_bytes(compress(archive(records[:2]), "gz") + compress(archive(records[3:4]), "gz"))
    (src / "y.wet.zst").write_bytes(compress(archive(records[:2]), "zst"))
    (src / "cut.warc").write_bytes(data[:-300])
    done = call("run", src, out)
    assert done.code == 3, done.err
    assert summary(out)["passed"] == 2 and "2 other records passed over" in done.err  # the picture, in two archives
    assert sorted(tree(out)) == ["cut.jsonl", "plain.jsonl", "x.jsonl.gz", "y.jsonl.zst"]
    rows = [json.loads(line) for line in (out / "plain.jsonl").read_text().splitlines()]
    assert rows[0] == {
        "id": "<urn:uuid:1>", "url": "https://example.com/a", "date": "2026-01-02T03:04:05Z", "lang": "deu",
        "text": "Größe\n",
    }  # fmt: skip
    assert rows[1]["text"] == "café\n" and [rows[2][name] for name in ("title", "author", "published")] == [
        "T",
        "Ada Example",
        "2024-05-06",
    ]
    assert [(reject["source"], reject["code"]) for reject in rejects(out)] == [
        ("cut.warc", "bad-encoding"), ("cut.warc", "bad-encoding"), ("cut.warc", "truncated"),
        ("plain.warc", "bad-encoding"), ("plain.warc", "bad-encoding"),
    ]  # fmt: skip
    encoding, _ = (reject for reject in rejects(out) if reject["source"] == "plain.warc")
    assert data[encoding["offset"] :].startswith(b"WARC/1.0") and encoding["id"] == "<urn:uuid:5>"


def read_warc(data: bytes) -> tuple[list[str], list[Reject]]:
    """The texts of an archive and what is set aside of it."""
    items = list(warc.read(iter([data]), Reading()))
    assert all(item == b"" or item.number == at for at, item in enumerate(items, 1))
    rejected = [item for item in items if isinstance(item, Reject)]
    return [item.document.text for item in items if isinstance(item, Record)], rejected


@pytest.mark.parametrize("kind", ["conversion", "request", "response"])
def test_an_archive_that_breaks_off_anywhere_is_told(kind: str) -> None:
    """In the header of its last record or in its content, and be that a document or not."""
    pytest.importorskip("fastwarc")
    first = archive([("conversion", {"Content-Type": "text/plain"}, b"Kept.")])
    content = response("image/png", b"\x89PNG") if kind == "response" else b"Some text."
    http = {"Content-Type": "text/plain" if kind == "conversion" else "application/http"}
    last = archive([(kind, http, content)])
    whole = last.index(content) + len(content)
    for cut in range(1, whole):
        texts, rejected = read_warc(first + last[:cut])
        assert texts == ["Kept."] and len(rejected) == 1, f"cut after {cut} bytes: {last[:cut]!r}"
        assert rejected[0].offset in (0, len(first)) and rejected[0].code in ("damaged", "truncated")
    for cut in (0, whole, len(last)):
        texts, rejected = read_warc(first + last[:cut])
        assert texts == ["Kept."] + ["Some text."] * (kind == "conversion" and cut > 0) and not rejected


def test_a_compressed_archive_that_breaks_off_is_told_once(tmp_path: Path, call: Call) -> None:
    pytest.importorskip("fastwarc")
    texts = [random.Random(at).randbytes(400).hex().encode() for at in range(3)]
    packed = compress(archive([("conversion", {"Content-Type": "text/plain"}, text) for text in texts]), "gz")
    for size in range(60, len(packed), 61):
        (tmp_path / "a.warc.gz").write_bytes(packed[:size])
        done = call("run", tmp_path / "a.warc.gz", tmp_path / "out" / "a.jsonl", "--overwrite", "--json")
        (reject,) = (tmp_path / "out" / "a.jsonl.rejected.jsonl").read_text().splitlines()
        counts = json.loads(done.out)
        assert done.code == 3 and (counts["read"], counts["rejected"]) == (counts["written"] + 1, 1)
        assert json.loads(reject)["record"] == counts["read"]


@pytest.mark.parametrize("length", [None, "xx", "-1", "5x", "9" * 30])
def test_a_record_without_its_length_is_no_empty_document(length: str | None) -> None:
    pytest.importorskip("fastwarc")
    records = [archive([("conversion", {"Content-Type": "text/plain"}, text)]) for text in (b"One.", b"Two.", b"Three")]
    said = b"" if length is None else f"Content-Length: {length}\r\n".encode()
    records[1] = records[1].replace(b"Content-Length: 4\r\n", said)
    texts, rejected = read_warc(b"".join(records))
    assert texts == ["One."] and "does not say how long it is" in rejected[0].reason
    assert rejected[0].offset == len(records[0]) and len(rejected) == 2  # itself, and the rest


@pytest.mark.parametrize(
    ("options", "twice"),
    [
        (["--text-field", "url"], "url"),
        (["--id-field", "date"], "date"),
        (["--text-field", "removals", "--annotate"], "removals"),
        (["--text-field", "removals"], None),
    ],
)
def test_rows_of_archives_have_no_field_twice(
    tmp_path: Path, call: Call, options: list[str], twice: str | None
) -> None:
    (tmp_path / "a.wet").write_bytes(archive([("conversion", {"Content-Type": "text/plain"}, b"A text.")]))
    done = call("run", tmp_path / "a.wet", tmp_path / "out" / "a.jsonl", *options)
    assert done.code == (2 if twice else 0), done.err
    assert not twice or f"two fields {twice!r}: choose another --text-field" in done.err
    assert (tmp_path / "out").exists() == (twice is None)


def test_pages_that_no_server_sent_are_pages(tmp_path: Path, call: Call) -> None:
    kinds = ["text/html", "Text/HTML; charset=utf-8", "text/plain", "application/json"]
    page = PAGE.replace(b"<head>", b"<head><meta charset=utf-8>")
    (tmp_path / "a.warc").write_bytes(archive([("resource", {"Content-Type": kind}, page) for kind in kinds]))
    done = call("run", tmp_path / "a.warc", tmp_path / "a.jsonl")
    assert done.code == 0 and "2 other records passed over" in done.err
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == ["<urn:uuid:0>", "<urn:uuid:1>"]
    assert all(SENTENCE.strip().decode() in row["text"] for row in rows)


def test_a_type_counts_however_it_is_written(tmp_path: Path, call: Call) -> None:
    kinds = ["text/html", "Text/HTML; Charset=UTF-8", "text/html, text/html", "TEXT/PLAIN", "text/htmlx", "image/png"]
    http = {"Content-Type": "application/http; msgtype=response"}
    (tmp_path / "a.warc").write_bytes(archive([("response", http, response(kind, PAGE)) for kind in kinds]))
    assert call("run", tmp_path / "a.warc", tmp_path / "a.jsonl").code == 0
    rows = map(json.loads, (tmp_path / "a.jsonl").read_text().splitlines())
    assert [row["id"] for row in rows] == [f"<urn:uuid:{at}>" for at in range(4)]


def test_what_a_server_sent_instead_is_no_document(tmp_path: Path, call: Call) -> None:
    http = {"Content-Type": "application/http; msgtype=response"}
    states = ["404 Not Found", "200 OK", "301 Moved Permanently", "503 Service Unavailable", "203", "nonsense"]
    (tmp_path / "a.warc").write_bytes(archive([("response", http, response("text/html", PAGE, x)) for x in states]))
    done = call("run", tmp_path / "a.warc", tmp_path / "a.jsonl")
    assert done.code == 0 and "3 other records passed over" in done.err
    rows = map(json.loads, (tmp_path / "a.jsonl").read_text().splitlines())
    assert [row["id"] for row in rows] == ["<urn:uuid:1>", "<urn:uuid:4>", "<urn:uuid:5>"]


@pytest.mark.parametrize("workers", [1, 2])
def test_missing_packages_are_no_fault_of_the_pages(tmp_path: Path, workers: int) -> None:
    pytest.importorskip("trafilatura")
    shadow = tmp_path / "shadow" / "trafilatura"
    shadow.mkdir(parents=True)
    (shadow / "__init__.py").write_text("raise ModuleNotFoundError('No module named trafilatura', name='trafilatura')")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.html").write_bytes(PAGE)
    (tmp_path / "in" / "y.html").write_bytes(PAGE)
    command = [sys.executable, "-m", "cleaner", "run", tmp_path / "in", tmp_path / "out", "--workers", str(workers)]
    path = os.pathsep.join([str(shadow.parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("cleaner: web pages need the extra packages of cleaner[html]")


def test_an_archive_may_come_by_standard_input(tmp_path: Path) -> None:
    """It is bounded record by record, as a file is, and not as a whole."""
    kind = {"Content-Type": "text/plain"}
    texts = [b"cut\na" + b"a" * 900, b"\xff\xfe\xff", b"b" * 1001, b"cut\nc"]
    data = archive([("conversion", kind, text) for text in texts])
    out = tmp_path / "o.jsonl"
    process = start("run", "-", out, "--format", "warc", "--max-size", "1kB", stdin=subprocess.PIPE)
    process.communicate(data)
    assert process.returncode == 3
    assert [json.loads(line)["text"] for line in out.read_text().splitlines()] == ["a" * 901, "c"]
    first, second = map(json.loads, (tmp_path / "o.jsonl.rejected.jsonl").read_text().splitlines())
    assert (first["code"], second["code"]) == ("bad-encoding", "too-large")
    assert first["raw"].startswith("WARC/1.0") and first["raw"].endswith("\r\n\r\n\udcff\udcfe\udcff")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.jsonl", "o.jsonl.rejected.jsonl"]


def test_web_pages_become_texts(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    (src / "x.html").write_bytes(PAGE)
    (src / "y.HTM.gz").write_bytes(compress(PAGE, "gz"))
    (src / "none.xhtml").write_bytes(b"<html></html>")
    (src / "rows.jsonl").write_bytes(row(html=PAGE.decode(), n=1) + row(html="", text="old"))
    done = call("run", src, out, "--extractor", "fast", "--html-field", "html")
    assert done.code == 3
    assert sorted(tree(out)) == ["rows.jsonl", "x.txt", "y.txt.gz"]
    assert (out / "x.txt").read_text().startswith("A sentence of a page")
    (one,) = (json.loads(line) for line in (out / "rows.jsonl").read_text().splitlines())
    assert list(one) == ["html", "n", "text"] and one["text"].startswith("A sentence of a page")
    assert {reject["code"] for reject in rejects(out)} == {"no-content"}


def test_columns_that_cannot_take_the_text_of_pages(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    page = pa.array([PAGE.decode()])
    files = {
        "nulls": {"html": page, "text": pa.nulls(1)},
        "number": {"html": page, "text": pa.array([7])},
        "twice": {"html": page, "text": pa.array(["a"]), "TEXT": pa.array(["b"])},
        "urls": {"html": page, "url": pa.array(["a"]), "URL": pa.array(["b"])},
    }
    for name, columns in files.items():
        pq.write_table(pa.table([*columns.values()], [*map(str.lower, columns)]), src / f"{name}.parquet")
    done = call("run", src, out, "--extractor", "fast", "--html-field", "html")
    assert done.code == 3 and "Traceback" not in done.err
    assert {reject["source"]: (reject["code"], reject["reason"]) for reject in rejects(out)} == {
        "number.parquet": ("not-a-string", "column 'text' is int64, not a string"),
        "twice.parquet": ("bad-record", "has 2 columns 'text': name another, or rename one"),
        "urls.parquet": ("bad-record", "has 2 columns 'url': name another, or rename one"),
    }
    got = pq.read_table(out / "nulls.parquet")
    assert got.schema.field("text").type == pa.string()
    assert got.column("text")[0].as_py().startswith("A sentence of a page")


FRENCH = "L'été dernier, à Besançon, les élèves ont planté des chênes près de l'école, où ils étudient.\ncut\n" * 5


def test_texts_are_written_back_as_they_came(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    for name in ("latin-1", "utf-16", "utf-8-sig", "utf-32"):
        (src / f"{name}.txt").write_bytes(FRENCH.encode(name))
    (src / "damaged.txt").write_bytes(FRENCH.encode().replace("ê".encode(), b"\xc3", 1))
    (src / "noise.txt").write_bytes(random.Random(1).randbytes(300))
    assert call("run", src, out).code == 3
    left = FRENCH.replace("cut\n", "")
    for name in ("latin-1", "utf-16", "utf-8-sig", "utf-32"):
        assert (out / f"{name}.txt").read_bytes() == left.encode(name)
    assert {reject["source"]: reject["code"] for reject in rejects(out)} == {
        "damaged.txt": "bad-encoding", "noise.txt": "bad-encoding"
    }  # fmt: skip
    assert call("run", src / "latin-1.txt", tmp_path / "o.txt", "--utf8").code == 0
    assert (tmp_path / "o.txt").read_bytes() == left.encode()
    (src / "short.txt").write_bytes("été".encode("cp1252"))
    assert call("run", src / "short.txt", tmp_path / "s.txt").code == 3
    assert call("run", src / "short.txt", tmp_path / "s.txt", "--encoding", "cp1252", "--overwrite").code == 0
    assert call("run", src / "short.txt", tmp_path / "s.txt", "--encoding", "none-such").code == 2


def test_attributes_for_dolma(tmp_path: Path, call: Call) -> None:
    """A row for each row, with its id as it is written; one that is set aside keeps its place and loses nothing."""
    rows = [
        b'{"id": "\\u0061", "text": "A\\ncut \xf0\x9f\x98\x80\\nB\\ncut\\n"}\n',
        b'{"text": "fine", "id": 7}\n',
        b'{"text": "cut"}\n',
        b'{"id": "x", "text": "!RAISE"}\n',
        b'{"id": "ALL", "text": "ALL"}\n',
        b"{bad\n",
    ]
    (tmp_path / "x.jsonl").write_bytes(b"".join(rows))
    options = ("--attributes", "dolma", "--on-guard", "set-aside")
    assert call("run", tmp_path / "x.jsonl", tmp_path / "y.jsonl", *options).code == 3
    chrome, rule = "site_chrome__site_chrome__chrome", "site_chrome__site_chrome__en_test_cut"
    assert (tmp_path / "y.jsonl").read_bytes().splitlines() == [
        b'{"id":"\\u0061","attributes":{"%s":[[2,8,1.0],[10,14,1.0]],"%s":[[2,8,1.0],[10,14,1.0]]}}'
        % (chrome.encode(), rule.encode()),
        b'{"id":7,"attributes":{}}',
        b'{"id":null,"attributes":{"%s":[[0,3,1.0]],"%s":[[0,3,1.0]]}}' % (chrome.encode(), rule.encode()),
        b'{"id":"x","attributes":{}}',
        b'{"id":"ALL","attributes":{}}',
        b'{"id":null,"attributes":{}}',
    ]
    before = (tmp_path / "y.jsonl").read_bytes()
    call("run", tmp_path / "x.jsonl", tmp_path / "y.jsonl", *options, "--id-field", "text", "--overwrite")
    assert (tmp_path / "y.jsonl").read_bytes() == before, "the mixer compares the field id, and no other"
    for wrong, said in [
        (("--attributes", "pickle"), "written for dolma"),
        (("--attributes", "dolma", "--annotate"), "leave out --annotate"),
    ]:
        done = call("run", tmp_path / "x.jsonl", tmp_path / "z.jsonl", *wrong)
        assert done.code == 2 and said in done.err
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.txt").write_text("x")
    done = call("run", tmp_path / "in", tmp_path / "out", "--attributes", "dolma")
    assert done.code == 2 and "SRC holds text" in done.err and not (tmp_path / "out").exists()
