"""WARC and WET: records become rows, and what breaks off is told."""

from __future__ import annotations

import gzip
import io
import json
import random
from pathlib import Path

import pytest
from runs import PAGE, SENTENCE, Call, archive, finish, rejects, start, summary, tree

from cleaner.io import warc
from cleaner.io.compression import blocks, compress
from cleaner.io.records import Reading, Record, Reject


def response(kind: str, body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


SPOKEN = "WARC-Identified-Content-Language"


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
        ("response", {**uri, **http, "WARC-Identified-Payload-Type": "text/html"}, b"HTTP/1.1 200\r\n\r\n" + PAGE),
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
    assert rows[3]["text"] == rows[2]["text"]
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


def test_what_is_no_archive_is_called_so() -> None:
    record = archive([("conversion", {"Content-Type": "text/plain"}, b"Kept.")])
    for data, kept, said in (
        (b"hello\n" * 9, [], "this is no WARC archive, whatever its name says: rename it"),
        (b"hello\n\n" + record, ["Kept."], "the archive begins with no record; it goes on at the next"),
        (archive([("warcinfo", {}, b"software: none")]) + b"hello", [], "the archive cannot be read behind record 0"),
        (record + b"hello", ["Kept."], "the archive cannot be read behind record 1"),
    ):
        texts, rejected = read_warc(data)
        assert (texts, [reject.reason for reject in rejected]) == (kept, [said])


def test_a_record_names_the_encoding_of_its_own_text() -> None:
    """Of what no server sent its type is that of the record."""
    data = archive(
        [
            ("conversion", {"Content-Type": "text/plain; charset=iso-8859-1"}, "Fähre".encode("latin-1")),
            ("conversion", {"Content-Type": "text/plain"}, "Fähre".encode()),
            ("resource", {"Content-Type": "text/html; charset=koi8-r"}, "<p>паром</p>".encode("koi8-r")),
        ]
    )
    *texts, resource = [item for item in warc.read(iter([data]), Reading()) if isinstance(item, Record)]
    assert [item.document.text for item in texts] == ["Fähre", "Fähre"]
    assert resource.page and resource.page.charset == "koi8-r"


@pytest.mark.parametrize("kind", ["conversion", "request", "response"])
def test_an_archive_that_breaks_off_anywhere_is_told(kind: str) -> None:
    """In the header of its last record or in its content, and be that a document or not."""
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


def test_a_length_that_swallows_the_archive_is_told() -> None:
    """Rather than a record that is too large, behind which one would look for the others."""
    data = archive([("conversion", {"Content-Type": "text/plain"}, text) for text in (b"a", b"bb", b"c")])
    texts, (reject,) = read_warc(data.replace(b"Length: 2", b"Length: 999999999999"))
    assert texts == ["a"] and reject.code == "truncated" and "of 999,999,999,999 bytes" in reject.reason


HEADS = {
    "names in lower case": lambda head: head.lower(),
    "names in upper case": lambda head: head.upper(),
    "version in lower case": lambda head: head.replace("WARC/", "warc/"),
    "a later version": lambda head: head.replace("WARC/1.0", "WARC/1.2"),
    "line feeds alone": lambda head: head.replace("\r\n", "\n"),
    "folded": lambda head: head.replace("\r\n", "\r\nX-Note: one\r\n two\r\n", 1),
    "loose": lambda head: head.replace(": ", " :\t ").replace("Content-Length :\t ", "Content-Length:"),
}


@pytest.mark.parametrize("between", [b"\r\n\r\n", b"\n\n", b"\r\n", b""])
@pytest.mark.parametrize("how", HEADS)
def test_headers_are_read_however_they_are_written(how: str, between: bytes) -> None:
    """Also those of some records alone, and beside others."""
    texts = ["One.\n\nWARC", "Two.\r\n\r\nTwo.", "Three.", "Four."]
    whole = [archive([("conversion", {"Content-Type": "text/plain"}, text.encode())]) for text in texts]
    for odd in ([0], [1], [1, 2], [3], [0, 1, 2, 3]):
        records = [*whole]
        for at in odd:
            head, _, content = whole[at].removesuffix(b"\r\n\r\n").partition(b"\r\n\r\n")
            records[at] = HEADS[how](head.decode() + "\r\n\r\n").encode() + content + between
        data = b"".join(records)
        for size in (7, 50_000):
            items = list(warc.read((data[i : i + size] for i in range(0, len(data), size)), Reading()))
            assert [item.document.text for item in items if isinstance(item, Record)] == texts
            starts = [sum(map(len, records[:at])) for at in range(4)]
            assert [(item.number, item.offset) for item in items if item] == [*enumerate(starts, 1)]  # type: ignore[union-attr]


@pytest.mark.parametrize("body", [b"One.", b"One.\r\n\r\nTwo.\r\n\r\n"])
@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.0 200 OK\nContent-Type: text/plain\n\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-type: Text/Plain;charset='ascii'\r\nX: " + b"a" * 60_000 + b"\r\n\r\n",
        b"HTTP/2 200\r\nContent-Type:\r\n text/plain\r\n\r\n",
        b"HTTP/1.1 100\r\n\r\nHTTP/1.1 103\r\nLink: x\r\n\r\nHTTP/1.1 200\r\nContent-Type: text/plain\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=" + b" " * 60_000 + b";\r\n\r\n",
    ],
)
def test_what_a_server_sent_is_read_however_it_wrote_its_header(head: bytes, body: bytes) -> None:
    """Also one that ends its lines in line feeds alone, as old ones do: the page is none of the header."""
    data = archive([("response", {"Content-Type": "Application/HTTP; msgtype=response"}, head + body)])
    assert read_warc(data) == ([body.decode()], [])


def test_a_record_that_does_not_say_what_it_is_is_set_aside() -> None:
    """It may be one of a kind that is a document; kinds that the standard does not know are passed over."""
    data = archive([(kind, {"Content-Type": "text/plain"}, b"One.") for kind in ("x-own", "conversion", "none")])
    texts, (reject,) = read_warc(data.replace(b"WARC-Type: none\r\n", b""))
    assert texts == ["One."] and (reject.number, reject.code) == (2, "damaged") and "no WARC-Type" in reject.reason


def test_the_first_segment_of_a_page_is_no_page() -> None:
    """Its rest stands in records of their own, which are often in the next file."""
    segment = {"Content-Type": "application/http", "WARC-Segment-Number": "1"}
    rest = {"WARC-Segment-Number": "2", "WARC-Segment-Origin-ID": "<urn:uuid:0>"}
    data = archive(
        [
            ("response", segment, response("text/plain", b"The first half, ")),
            ("continuation", rest, b"the second."),
            ("response", segment, response("image/png", b"\x89PNG")),
        ]
    )
    texts, (reject,) = read_warc(data)
    assert not texts and (reject.number, reject.code) == (1, "truncated") and "in segments" in reject.reason


class Block(bytes):
    """Counts the bytes that are copied out of it, and out of what is copied out of it."""

    copied = 0

    def __getitem__(self, which):  # type: ignore[no-untyped-def, override]
        part = super().__getitem__(which)
        Block.copied += len(part)
        return Block(part) if which.stop is None else part


def test_a_block_is_copied_once_however_long_it_is() -> None:
    data = Block(archive([("conversion", {"Content-Type": "text/plain"}, b"Some text." * 30_000)] * 2))
    assert len(read_warc(data)[0]) == 2
    assert Block.copied <= len(data)


def test_a_compressed_archive_that_breaks_off_is_told_once() -> None:
    """Behind what is whole, wherever it breaks off."""
    texts = [random.Random(at).randbytes(400).hex() for at in range(3)]
    kind = {"Content-Type": "text/plain"}
    packed = compress(archive([("conversion", kind, text.encode()) for text in texts]), "gz")
    for size in range(60, len(packed), 7):
        *whole, last = warc.read(blocks(io.BytesIO(packed[:size]), "gz", 200.0), Reading())
        assert [item.document.text for item in whole if isinstance(item, Record)] == texts[: len(whole)]
        assert isinstance(last, Reject) and last.number == len(whole) + 1


@pytest.mark.parametrize("damage", ["middle", "start", "checksum", "cut", "stored"])
def test_a_damaged_member_costs_no_record_behind_it(damage: str, tmp_path: Path, call: Call) -> None:
    """As archives have one record in each. Three bytes by which members begin are no member. One that is stored as it
    is takes the beginning of the next for the part of itself that it lacks."""
    texts = [random.Random(at).randbytes(5_000).hex() + "\nkept" for at in range(9)]
    plain = {"Content-Type": "text/plain"}
    members = [compress(archive([("conversion", plain, text.encode())]), "gz") for text in texts]
    for at in (3, 6):
        packed = members[at]
        members[at] = {
            "middle": packed[:999] + b"\xff" * 99 + b"\x1f\x8b\x08" + packed[1101:],
            "start": bytes(9) + packed[9:],
            "checksum": packed[:-8] + bytes(8),
            "cut": packed[:-4500],
            "stored": (as_it_is := gzip.compress(gzip.decompress(packed), 0))[:999] + as_it_is[6_000:],
        }[damage]
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    (src / "x.warc.gz").write_bytes(b"".join(members))
    assert call("run", src, out).code == 3
    kept = [json.loads(line)["text"] for line in gzip.decompress((out / "x.jsonl.gz").read_bytes()).splitlines()]
    assert kept == [text for at, text in enumerate(texts) if at not in (3, 6)]
    told = [(reject["code"], "up to the next sound member is lost" in reject["reason"]) for reject in rejects(out)]
    assert told == [("damaged", True)] * 2


def test_an_archive_that_breaks_off_behind_a_bad_record_is_told() -> None:
    """Though that is damaged as well: it is not where the archive breaks off."""
    http = {"Content-Type": "application/http"}
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b and no more"
    packed = compress(archive([("response", http, body)]), "gz") + b"\x1f\x8b\xff" + b"." * 99
    rejected = [*warc.read(blocks(io.BytesIO(packed), "gz", 200.0), Reading())]
    assert [(reject.number, reject.reason[:14]) for reject in rejected] == [
        (1, "the body is no"),
        (2, "gz data damage"),
    ]


@pytest.mark.parametrize("length", [None, "xx", "-1", "5x", "9" * 30])
def test_a_record_without_its_length_is_no_empty_document(length: str | None) -> None:
    records = [archive([("conversion", {"Content-Type": "text/plain"}, text)]) for text in (b"One.", b"Two.", b"Three")]
    said = b"" if length is None else f"Content-Length: {length}\r\n".encode()
    records[1] = records[1].replace(b"Content-Length: 4\r\n", said)
    texts, rejected = read_warc(b"".join(records))
    assert texts == ["One.", "Three"] and "does not say how long it is" in rejected[0].reason
    assert rejected[0].offset == len(records[0]) and len(rejected) == 1


def test_a_header_of_any_length_costs_one_record() -> None:
    http = {"Content-Type": "application/http"}
    long = response("text/plain\r\nSet-Cookie: " + "a" * 70_000, b"Two.")
    contents = [response("text/plain", b"One."), long, response("text/plain", b"Three.")]
    left, (reject,) = read_warc(archive([("response", http, content) for content in contents]))
    assert left == ["One.", "Three."]
    assert (reject.number, reject.code, reject.id) == (2, "damaged", "<urn:uuid:1>")


GAPS = {
    "a long header": archive([("conversion", {"Content-Type": "text/plain", "X": "a" * 300_000}, b"Long.")]),
    "many headers": archive([("conversion", {f"X-{at}": "a" * 90 for at in range(4_000)}, b"Long.")]),
    "no record": b"no record at all" + b"." * 200_000 + b"\r\n\r\n",
    "no version": archive([("conversion", {}, b"Two.")]).replace(b"WARC/1.0", b"WARC/x.0"),
    "half a header": b"WARC/1.0\r\nWARC-Type: conver\r\n\r\n",
    "a header, twice": archive([("conversion", {"X": "a" * 70_000}, b"Two.")] * 2),
}


@pytest.mark.parametrize("size", [1_000, 10_000_000])
@pytest.mark.parametrize("what", GAPS)
def test_what_cannot_be_read_costs_no_record_behind_it(what: str, size: int) -> None:
    """However the archive comes in blocks, and however much lies before it."""
    texts = ["One.", "a" * 150_000, "Three.", "b" * 70_000, "Five."]
    records = [archive([("conversion", {"Content-Type": "text/plain"}, text.encode())]) for text in texts]
    gap = GAPS[what]
    for at in range(len(texts) + 1):
        data = b"".join([*records[:at], gap, *records[at:]])
        items = list(warc.read((data[i : i + size] for i in range(0, len(data), size)), Reading()))
        assert [item.number for item in items] == [*range(1, len(items) + 1)]  # type: ignore[union-attr]
        rejected = [item for item in items if isinstance(item, Reject)]
        assert [item.document.text for item in items if isinstance(item, Record)] == texts
        assert len(rejected) == (2 if "twice" in what else 1) and {each.code for each in rejected} == {"damaged"}
        assert rejected[0].offset == sum(map(len, records[:at])) and rejected[0].number == at + 1
        starts = [item.offset for item in items if isinstance(item, Record)]
        assert all(data.startswith(b"WARC/1.0", start) for start in starts)


@pytest.mark.parametrize("charset", ["u\0tf-8", "none-such", "undefined", "hex", "iso-2022-jp"])
def test_a_charset_that_reads_nothing_costs_one_record(charset: str) -> None:
    texts = [b"One.", b"plain ascii \x1b\xf8\xfe text", b"Three."]
    http = {"Content-Type": "application/http"}
    kinds = ["text/plain", f"text/plain; charset={charset}", "text/plain"]
    data = archive([("response", http, response(*each)) for each in zip(kinds, texts, strict=True)])
    left, rejected = read_warc(data)
    assert left == ["One.", "Three."]
    assert [(reject.number, reject.code) for reject in rejected] == [(2, "bad-encoding")]


@pytest.mark.parametrize("charset", ["utf8mb4", "none", "punycode"])
def test_a_charset_that_no_text_is_in_declares_nothing(charset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does a server bring a codec to bear that takes the square of the time, and with it the whole archive."""
    monkeypatch.delattr("encodings.punycode.punycode_decode")
    kind, http = f"text/plain; charset={charset}", {"Content-Type": "application/http"}
    data = archive([("response", http, response(kind, b"\x1b[1mOne"))])
    assert read_warc(data) == (["\x1b[1mOne"], [])


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


def test_an_address_in_angle_brackets_is_the_one_within_them(tmp_path: Path, call: Call) -> None:
    """As Wget writes it, and the first versions of the format have it."""
    head = {"Content-Type": "text/plain", "WARC-Target-URI": "<https://example.com/a>"}
    (tmp_path / "a.wet").write_bytes(archive([("conversion", head, b"A text.")]))
    assert call("run", tmp_path / "a.wet", tmp_path / "a.jsonl").code == 0
    assert json.loads((tmp_path / "a.jsonl").read_text())["url"] == "https://example.com/a"


def test_a_text_of_an_archive_is_in_the_encoding_that_is_named_where_its_server_names_none(
    tmp_path: Path, call: Call
) -> None:
    http, text = {"Content-Type": "application/http"}, "caf\xe9 \xa4"
    sent = response("text/plain; charset=iso-8859-1", text.encode("iso-8859-1"))
    records = [("conversion", {}, text.encode("cp1250", "replace")), ("response", http, sent)]
    (tmp_path / "a.warc").write_bytes(archive(records))
    assert "--encoding names it" in call("run", tmp_path / "a.warc", tmp_path / "x.jsonl").err
    done = call("run", tmp_path / "a.warc", tmp_path / "a.jsonl", "--encoding", "cp1250")
    assert done.code == 0, done.err
    assert [json.loads(line)["text"] for line in (tmp_path / "a.jsonl").read_text().splitlines()] == [text, text]


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


@pytest.mark.parametrize("packing", ["", "gz"])
def test_records_that_kill_their_process_cost_little_of_an_archive(tmp_path: Path, packing: str) -> None:
    """The part that is written of its output is gone on with, and its bytes are as if nothing had happened."""
    counted, once = tmp_path / "counted", tmp_path / "once"
    noise = random.Random(1)
    long = [noise.randbytes(2_300).hex() * 1_000 for _ in range(3)]  # two of them fill a member of the output
    texts = [f"!COUNT={counted}", "cut\na", *long[:2], "bad", "!KILL", "b", long[2], long[1], f"!ONCE={once}"]
    texts += ["cut\nc", "!KILL", long[0], "!KILL", "cut\nd"]
    kind = {"Content-Type": "text/plain"}
    records = [("conversion", kind, b"\xff\xfe\xff" if text == "bad" else text.encode()) for text in texts]
    path, out = tmp_path / "x.warc", tmp_path / "o.jsonl.gz"
    path = path.with_name(f"x.warc.{packing}" if packing else "x.warc")
    records.insert(4, ("response", {"Content-Type": "application/http"}, response("image/png", b"\x89PNG")))
    path.write_bytes(b"".join(compress(archive([record]), packing) for record in records))
    done = finish(start("run", path, out, "--json"))
    assert done.code == 3, done.err
    assert len(counted.read_bytes()) == 2, "at once, and record by record"
    found = [json.loads(line) for line in (tmp_path / "o.jsonl.gz.rejected.jsonl").read_text().splitlines()]
    at = [i for i, (_, _, content) in enumerate(records, 1) if content in (b"!KILL", b"\xff\xfe\xff")]
    assert [(reject["record"], reject["code"]) for reject in found] == [
        (number, "bad-encoding" if number == at[0] else "killed") for number in at
    ]
    data = b"".join(archive([record]) for record in records)
    assert all(data.startswith(b"WARC/1.0", reject["offset"]) for reject in found)
    counts = json.loads(done.out)
    assert (counts["read"], counts["written"], counts["passed"]) == (len(texts), len(texts) - 4, 1)
    whole = tmp_path / "whole.jsonl.gz"
    left = [record for i, record in enumerate(records, 1) if i not in at]
    (tmp_path / "whole.warc").write_bytes(b"".join(archive([record]) for record in left))
    assert finish(start("run", tmp_path / "whole.warc", whole)).code == 0
    assert gzip.decompress(out.read_bytes()) == gzip.decompress(whole.read_bytes())
    assert out.read_bytes() == whole.read_bytes()
