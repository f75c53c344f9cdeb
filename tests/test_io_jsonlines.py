"""Rows of JSON lines: only the text changes, every other byte stays, and annotation can be undone exactly."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.document import Cleaned, Removal
from cleaner.io import jsonlines
from cleaner.io.files import lines
from cleaner.io.records import Fields, Limits, Reading, Record, Reject, RowError

READING = Reading()
TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\/\n\t\x7fİß🎈é'), max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
NEST = st.fixed_dictionaries({}, optional={"text": TEXTS, "x": VALUES})


def items(data: bytes, limit: int = 10_000) -> list[object]:
    return list(jsonlines.read([data], Reading(limits=Limits(size=limit))))


def record_of(row: bytes) -> Record:
    (record,) = items(row)
    assert isinstance(record, Record), record
    return record


@st.composite
def cut_texts(draw: st.DrawFn, texts: st.SearchStrategy[str] = TEXTS) -> tuple[str, Cleaned]:
    """A text, and the same with some spans of it removed."""
    text = draw(texts)
    places = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    spans = list(zip(places[::2], places[1::2], strict=False))
    removals = tuple(Removal(start, end, "a/b/c", text[start:end], "1") for start, end in spans)
    left = "".join(char for at, char in enumerate(text) if not any(start <= at < end for start, end in spans))
    return text, Cleaned(left, removals)


@given(
    cut_texts(),
    st.lists(st.tuples(st.sampled_from(["a", "id", "tex", "texts", 'foo"text']), VALUES | NEST), max_size=3),
    st.booleans(),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " :\t ")]),
    st.integers(0, 3),
    st.sampled_from(["", "\n", "\r\n", " \n"]),
)
def test_only_the_text_of_a_row_changes(case, others, ascii, separators, at, end):
    text, cleaned = case
    members = {**dict(others[:at]), "text": text, **dict(others[at:])}
    row = (json.dumps(members, ensure_ascii=ascii, separators=separators) + end).encode()
    record = record_of(row)
    assert record.document.text == text
    out = jsonlines.render(record, cleaned, READING, annotate=False)
    value = json.loads(out)
    assert value == {**members, "text": cleaned.text} and list(value) == list(members)
    if not cleaned.removals:
        assert out == row
    annotated = jsonlines.render(record, cleaned, READING, annotate=True)
    gone = [{"start": r.start, "end": r.end, "rule": r.rule, "text": r.text} for r in cleaned.removals]
    assert json.loads(annotated) == {**value, "removals": gone}
    assert jsonlines.restored(annotated, "text") == row


@pytest.mark.parametrize(
    "row",
    [
        rb'{"text":"a\u0062c","n":1.0,"n":2,"big":123456789012345678901234567890}',
        rb'{"meta":{"text":"abc"},"te\u0078t":"abc"}',
        rb'{"text":"xyz", "text" : "abc" , "nan": NaN, "inf": -Infinity}',
        rb'{"foo\"text":"abc","text":"abc"}',
        b'{"z":[{"text":"abc"},["text","abc"]],"text":"abc"   }  \r\n',
        rb'{"s":"\ud800","text":"abc"}',
        rb'{"text":"\/abc"}',
    ],
)
def test_unusual_writing_is_kept(row):
    record = record_of(row)
    text = record.document.text
    cleaned = Cleaned(text[:-1], (Removal(len(text) - 1, len(text), "r", text[-1], "1"),))
    out = jsonlines.render(record, cleaned, READING, annotate=False)
    assert len(out) < len(row) and jsonlines.parse(out) == {**jsonlines.parse(row), "text": text[:-1]}
    assert b"1.0" in out or b"1.0" not in row
    assert jsonlines.restored(jsonlines.render(record, cleaned, READING, annotate=True), "text") == row


@pytest.mark.parametrize("field", ["a/b", 'a"b', "a\\b", "a\nb", "a\x7fb", "ab"])
def test_a_key_is_found_however_it_is_written(field):
    """Not one within another field's value that is written as we would write it."""
    plain = json.dumps(field)
    ways = {plain, plain.replace("/", r"\/"), plain.replace("b", r"\u0062")}
    for row in (b'{"m":{%s:"ab"},%s:"ab"}' % (plain.encode(), way.encode()) for way in ways):
        reading = Reading(fields=Fields(text=field))
        (record,) = jsonlines.read([row], reading)
        out = jsonlines.render(record, Cleaned("a", (Removal(1, 2, "r", "b", "1"),)), reading, annotate=False)
        assert out == row[:-3] + b'"}'


HALVES = st.text(st.sampled_from("\ud83d\ude00aé🎈"), max_size=12).map(lambda text: json.loads(json.dumps(text)))


@given(cut_texts(HALVES))
def test_halves_of_code_points_stay_what_they_are(case):
    """Lone surrogates can be written as escapes only, and two that a cut brings together would read as one."""
    text, cleaned = case
    row = json.dumps({"text": text}).encode()
    joined = json.loads(json.dumps(cleaned.text)) != cleaned.text
    try:
        out = jsonlines.render(record_of(row), cleaned, READING, annotate=True)
    except RowError as error:
        assert joined and error.code == "unwritable"
    else:
        assert not joined and json.loads(out)["text"] == cleaned.text
        assert jsonlines.restored(out, "text") == row


@pytest.mark.parametrize(
    ("row", "code", "said"),
    [
        (b'{"text": "a"', "bad-json", "broken JSON: unexpected end of data at column 13"),
        (b"\x00\x00", "bad-json", "broken JSON"),
        (b'{"text": "a"}\r{"text": "b"}\r', "bad-json", r"alone, make line feeds of them first (tr '\r' '\n')"),
        (b'{"text": "a"}\r\r{"text": "%0300000d"}' % 7, "too-large", "rows are parted by carriage returns alone"),
        (b"[", "bad-json", "at column 2: write each object on a line of its own (jq -c '.[]' "),
        (b" {\r", "bad-json", "at column 3: write each object on a line of its own (jq"),
        (b'[{"text": "a"}]', "bad-record", "a list, not an object: write each object on a line of its own (jq"),
        (b'[{"text": "%0300000d"}]' % 7, "too-large", "bytes: write each object on a line of its own (jq"),
        (b'\xef\xbb\xbf\xef\xbb\xbf{"text": "a"}', "bad-json", "broken JSON"),  # two byte order marks are none
        (b"[" * 100_000, "bad-json", "broken JSON"),
        (b'{"text": "\xff"}', "bad-encoding", "invalid UTF-8 at byte 10"),
        (b'["text"]', "bad-record", "a list, not an object"),
        (b'"text"', "bad-record", "a string, not an object"),
        (b'{"id": 7, "body": ""}', "no-text", "no field 'text' (it has 'id', 'body')"),
        (b'{"%s": 7}' % (b"k" * 999), "no-text", f"(it has {'k' * 100!r})"),
        (b'{"id": 7, "text": null}', "not-a-string", "is null, not a string"),
    ],
)
def test_a_row_that_is_no_document_is_set_aside(row, code, said):
    good = b'{"text": "fine"}\n'
    first, reject, last = items(good + row + b"\n" + good, limit=200_000)
    assert isinstance(first, Record) and isinstance(last, Record)
    assert isinstance(reject, Reject)
    assert (reject.number, reject.offset, reject.code) == (2, len(good), code)
    assert said in reject.reason
    assert reject.id == ("7" if b'"id"' in row else None)


def test_a_number_may_have_any_count_of_digits():
    row = b'{"id": 7, "many": %s, "text": "a cut"}\n' % (b"9" * 5_000)
    (record,) = items(row)
    assert isinstance(record, Record) and record.document.id == "7"
    cleaned = Cleaned("a", (Removal(1, 5, "x/y/z", " cut", "1"),))
    assert jsonlines.render(record, cleaned, READING, annotate=False) == row.replace(b" cut", b"")


def test_blank_lines_are_copied_and_long_rows_set_aside():
    long = b'{"text": "' + b"x" * 100 + b'"}\n'
    found = items(b"\n  \r\n" + long + b'{"text":"a"}', limit=50)
    assert found[:2] == [b"\n", b"  \r\n"]
    assert isinstance(found[2], Reject) and (found[2].code, found[2].number) == ("too-large", 3)
    assert isinstance(found[3], Record) and found[3].offset == 5 + len(long)
    (record,) = items(long, limit=len(long) - 1)  # the line break does not count
    assert isinstance(record, Record)


def test_metadata_is_text_or_a_whole_number():
    row = b'{"id": 7, "url": true, "lang": "", "title": 7.5, "text": "a"}'
    document = record_of(row).document
    assert (document.id, document.url, document.lang, document.title) == ("7", None, None, None)


def test_a_row_that_another_program_wrote_anew_is_restored():
    text, removal = "a cut", Removal(1, 5, "x/y/z", " cut", "1")
    annotated = jsonlines.render(record_of(b'{"text":"a cut"}'), Cleaned("a", (removal,)), READING, annotate=True)
    anew = json.dumps(json.loads(annotated), indent=None, sort_keys=True).encode()
    assert anew != annotated and json.loads(jsonlines.restored(anew, "text")) == {"text": text}


def test_a_row_that_has_the_field_already_cannot_be_annotated():
    record = record_of(b'{"text":"a","removals":1}')
    with pytest.raises(RowError, match="already, which --annotate would write: rename it"):
        jsonlines.render(record, Cleaned("a"), READING, annotate=True)


@pytest.mark.parametrize("row", [b"{}", b'{"text":"a"}', b'{"text":"a","removals":3}', b'{"text":"a","removals":[{}]}'])
def test_a_row_that_was_not_annotated_cannot_be_restored(row):
    with pytest.raises(RowError):
        jsonlines.restored(row, "text")


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("x", [(50, 51, "q")]),
        ("x", [(-5, -4, "q")]),
        ("x", [(0, 10, "q")]),
        ("xyz", [(0, 3, "q")]),
        ("xyz", [(2, 3, "q"), (0, 1, "q")]),
        ("xyz", [(0, 2, "ab"), (1, 2, "q")]),
        ("x", [(0, 1, ["q"])]),
        (7, [(0, 1, "q")]),
    ],
)
def test_removals_that_cannot_be_of_a_text_are_not_put_back(text, spans):
    removals = [{"start": start, "end": end, "rule": "a", "text": gone} for start, end, gone in spans]
    with pytest.raises(RowError):
        jsonlines.restored(json.dumps({"text": text, "removals": removals}, separators=(",", ":")).encode(), "text")


@given(st.lists(st.sampled_from([b"", b"a", b"\n", b"bc", b"\r\n", b"defghij"]), max_size=20), st.integers(1, 8))
def test_lines_are_what_splitting_gives_whatever_the_blocks(blocks, limit):
    data = b"".join(blocks)
    expected = data.split(b"\n")
    wanted = [(line + b"\n", len(line) + 1) for line in expected[:-1]]
    if expected[-1]:
        wanted.append((expected[-1], len(expected[-1])))
    short = [(line if len(line.removesuffix(b"\n")) <= limit else line[: limit + 1], size) for line, size in wanted]
    assert list(lines(blocks, limit)) == short
