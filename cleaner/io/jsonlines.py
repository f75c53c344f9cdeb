"""JSON lines: one document a row; all other fields, their order, types and very bytes are kept."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

import orjson

from cleaner.document import Cleaned, Document
from cleaner.io import jsonrow
from cleaner.io.files import InputError, lines
from cleaner.io.records import Item, Reading, Record, Reject, RowError, WebPage, metadata_text
from cleaner.io.removals import REMOVALS, as_json, from_rows, literals

_BOM: Final = b"\xef\xbb\xbf"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_NAME: Final = 100
"""Most characters of a field's name that a message shows."""
_BEGINNING: Final = 1_000_000
"""Leading bytes of an oversized row that are searched for its id, and for how its rows are parted."""
_COLON: Final = re.compile(rb"[ \t]*:[ \t]*")
_MENDS: Final = (
    (
        re.compile(rb"\}[ \t]*\r[ \t\r]*\{"),  # as old Macs and some tools end lines
        r"rows are parted by carriage returns alone, make line feeds of them first (tr '\r' '\n')",
    ),
    (
        re.compile(rb"\A\s*+(?:\[|\{\s*+\Z)"),
        "write each object on a line of its own (jq -c '.[]' does so with a list, jq -c . with what is laid out)",
    ),
)
"""What no row holds or is, and what to do with a file of such."""


def read(stream: Iterable[bytes], reading: Reading) -> Iterator[Item]:
    """The rows of a stream; their numbers count its lines from 1.

    Where the stream breaks off, the rest of it is one reject.
    """
    number, offset, limits = 0, reading.offset, reading.limits
    try:
        for number, (line, size) in enumerate(lines(stream, limits.size), 1):
            row = line.removeprefix(_BOM)  # files that begin with one may have been joined
            if offset == 0 and line.startswith(_UTF16):
                yield Reject(number, 0, "bad-encoding", "is in UTF-16, and JSON lines are UTF-8: convert it first")
                return
            if len(line) > limits.size and not line.endswith(b"\n"):
                yield _too_large(row, number, offset, reading)
            elif not row or row.isspace():
                yield line
            else:
                try:
                    yield _record(line, row, number, offset, reading)
                except RowError as error:
                    yield Reject(number, offset, *error.fault, error.id)
            offset += size
    except InputError as error:
        yield Reject(number + 1, offset, *error.fault)


def _too_large(row: bytes, number: int, offset: int, reading: Reading) -> Reject:
    """A row that is too large, with what its first bytes tell of it."""
    ids = {name: value for name in ("id", reading.fields.id) if (value := _begun(row[:_BEGINNING], name))}
    id = metadata_text(jsonrow.load(ids.get(reading.fields.id, b"null")))
    reason = f"row longer than {reading.limits.size:,} bytes{_mend(row[:_BEGINNING]) or ': see --max-size'}"
    return Reject(number, offset, "too-large", reason, id, written_id=ids.get("id"))


def _begun(row: bytes, field: str) -> bytes | None:
    """A field's value as it is written among the first bytes of a row; None where it is not, or is no JSON."""
    with contextlib.suppress(KeyError, ValueError):
        value = row[slice(*jsonrow.value_span(row, field))]
        jsonrow.load(value)
        return value
    return None


def _record(line: bytes, row: bytes, number: int, offset: int, reading: Reading) -> Record:
    """The record of a line, which is a row and perhaps a byte order mark before it. Raises RowError."""
    fields = reading.fields
    value = parse(row)
    name = reading.html_field or fields.text
    text = value.get(name)
    id = metadata_text(value.get(fields.id))
    if not isinstance(text, str):
        if name not in value:
            raise RowError("no-text", f"has no field {name!r} ({_names(value)})", id)
        raise RowError("not-a-string", f"field {name!r} is {_KINDS[type(text)]}, not a string", id)
    url, lang, title = (metadata_text(value.get(field)) for field in (fields.url, fields.lang, fields.title))
    document = Document(text, id=id, url=url, lang=lang, title=title)
    page = WebPage(text) if reading.html_field else None
    more = tuple(metadata_text(value.get(field)) for field in reading.more) if reading.more else ()
    return Record(document, number, offset, len(line), (line, value), page, more)


def fields_of(record: Record) -> dict[str, Any]:
    """All fields of a record's row, with their values."""
    _, value = record.origin
    assert isinstance(value, dict)
    return value


_KINDS: Final = {
    dict: "an object", list: "a list", int: "a number", float: "a number", bool: "a truth value", type(None): "null"
}  # fmt: skip


def parse(row: bytes) -> dict[str, Any]:
    """The object that a row holds. Raises RowError."""
    try:
        value = jsonrow.load(row)
    except UnicodeDecodeError as error:
        raise RowError("bad-encoding", f"invalid UTF-8 at byte {error.start} of the row") from None
    except ValueError as error:
        raise RowError("bad-json", f"broken JSON: {error}{_mend(row)}") from None
    if not isinstance(value, dict):
        raise RowError("bad-record", f"the row is {_KINDS.get(type(value), 'a string')}, not an object{_mend(row)}")
    return value


def _mend(row: bytes) -> str:
    """The end of a message about a row that cannot be read: what its whole file seems to be, if anything."""
    return next((f": {mend}" for pattern, mend in _MENDS if pattern.search(row)), "")


def _names(value: dict[str, Any]) -> str:
    names = ", ".join(repr(name[:_NAME]) for name in list(value)[:6])
    return f"it has {names}" if names else "it is empty"


def render(record: Record, cleaned: Cleaned, reading: Reading, annotate: bool) -> bytes:
    """The record's row with the cleaned text in it; the row itself where nothing went and nothing is to be added.

    Raises RowError where the row cannot take it.
    """
    row, value = record.origin
    assert isinstance(row, bytes)
    if annotate and REMOVALS in value:
        fault = f"has a field {REMOVALS!r} already, which --annotate would write: rename it"
        raise RowError("field-taken", fault)
    parts: list[bytes] | None = None
    if reading.html_field:
        row = _placed(row, reading.fields.text, cleaned.text, reading.fields.text in value)
    elif cleaned.removals:
        row, parts = _recut(row, record.document.text, cleaned, reading.fields.text)
    return jsonrow.append(row, REMOVALS, as_json(cleaned, parts)) if annotate else row


def _placed(row: bytes, field: str, text: str, there: bool) -> bytes:
    """The row with a text in a field, which may be there or not."""
    value = jsonrow.dump(text)
    return jsonrow.replace(row, jsonrow.value_span(row, field), value) if there else jsonrow.append(row, field, value)


def _recut(row: bytes, text: str, cleaned: Cleaned, field: str) -> tuple[bytes, list[bytes] | None]:
    """The row with its text cut, and the parts cut out of it as literals, None where they are written as by us."""
    span = _canonical(row, text, field)
    if span:
        return jsonrow.replace(row, span, orjson.dumps(cleaned.text)), None
    span = jsonrow.value_span(row, field)
    literal, parts = jsonrow.cut(row[slice(*span)], [(gone.start, gone.end) for gone in cleaned.removals])
    if jsonrow.load(literal) != cleaned.text:
        raise RowError("unwritable", "what is left is no JSON: two lone surrogates side by side read as one code point")
    return jsonrow.replace(row, span, literal), parts


def _canonical(row: bytes, text: str, field: str) -> jsonrow.Span | None:
    r"""Where the text lies in the row, if it is written just as we write it: a short cut past tokenizing the row.

    It is taken only where the key stands once and no escape could hide another one: ``\u``, or the ``\/`` that a slash
    may be. A text with a lone surrogate can be written with escapes alone, and perhaps not at all once it is cut.
    """
    if "/" in field:
        return None
    key = _key(field)
    at = row.find(key)
    colon = _COLON.match(row, at + len(key)) if at >= 0 else None
    try:
        literal = orjson.dumps(text)
    except TypeError:  # a lone surrogate
        return None
    if not colon or not row.startswith(literal, colon.end()):
        return None
    start, end = colon.end(), colon.end() + len(literal)
    if rb"\u" in row[:start] or rb"\u" in row[end:] or row.find(key, end) >= 0:
        return None
    return start, end


@cache
def _key(field: str) -> bytes:
    return jsonrow.dump(field)


def restored(row: bytes, field: str) -> bytes:
    """A row as it was before a run with annotation; a byte order mark before it stays, and so does a blank line.

    Raises RowError where it does not come from one.
    """
    mark = _BOM if row.startswith(_BOM) else b""
    row = row.removeprefix(mark)
    return mark + (row if not row or row.isspace() else _restored(row, field))


def _restored(row: bytes, field: str) -> bytes:
    """The same for what holds a row and no mark before it."""
    value = parse(row)
    try:
        removals = value[REMOVALS]
        if not (removals is None or isinstance(removals, list)):  # null is what adapters write of a broken row
            raise TypeError
        row, written = jsonrow.without(row, REMOVALS)
        if not removals:
            return row
        if not isinstance(value.get(field), str):
            raise RowError("no-text", f"has no text in a field {field!r}: name another --text-field")
        from_rows(removals, value[field])
        span = jsonrow.value_span(row, field)
        return jsonrow.replace(row, span, jsonrow.insert(row[slice(*span)], literals(written, removals)))
    except (KeyError, TypeError):
        raise RowError("bad-record", f"has no field {REMOVALS!r} that a run with --annotate wrote") from None
    except ValueError as error:
        raise RowError("bad-record", str(error)) from None
