r"""Surgery on one row of JSON lines: change the text, leave every other byte as it is.

Parsing a row and writing it again would lose the spelling of its numbers (``1.0``, 30 digits), duplicate keys, blanks
and escapes. So the text is cut inside the row's own bytes: what remains of the literal keeps its escapes, and so do the
parts that are taken out, which is what makes it possible to restore the row exactly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import orjson

_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["{}\[\]:,]', re.DOTALL)
"""A string, or a mark of structure; numbers, words and blanks lie between. A lone quote begins a string without end."""

_ESCAPE: Final = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^u])")
"""One code point written as an escape. A high surrogate before a low one is one code point."""

_SPACED: Final = re.compile(rb'[^"]*+"[^"\\]*+(?:\\.[^"\\]*+)*+"\s*: ', re.DOTALL)
"""The beginning of a row that has a blank behind its first colon."""

_COMMA: Final = re.compile(rb"\s*,")

_DIGITS: Final = 20
"""Characters that a whole number of 64 bits has at most."""

Span = tuple[int, int]
"""Half-open; of bytes of a row, or of code points of a text, as said where it is used."""


def load(row: bytes) -> Any:
    """The value of a row. Raises ValueError for what is not JSON; NaN, Infinity and lone surrogates are accepted."""
    try:
        return orjson.loads(row)
    except orjson.JSONDecodeError as error:
        text = row.decode()  # UnicodeDecodeError is a ValueError as well
        try:
            return json.loads(text, parse_int=_number)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        except ValueError:
            column = min(error.pos, len(text.rstrip())) + 1  # a line break ends the row and is none of it
            raise ValueError(f"{error.msg} at column {column}") from None


def _number(digits: str) -> float:
    """A whole number, a larger one as a float, as orjson has it: Python reads 4,300 digits of an integer at most."""
    return int(digits) if len(digits) <= _DIGITS else float(digits)


def dump(value: Any) -> bytes:
    """A value as compact JSON, also one with lone surrogates."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()


def members(row: bytes) -> Iterator[tuple[bytes, Span, Span]]:
    """The members of the outermost object of a row that is known to be valid, or that is whole ones among the first
    bytes of one: (key as written, its span, value's span).

    Spans are of bytes, without the blanks around.
    """
    depth = 0
    key: Span | None = None
    start = 0  # where the value of `key` begins
    last: Span = (0, 0)
    for token in _TOKEN.finditer(row):
        mark = row[token.start()]
        if mark == 0x22 and token.end() == token.start() + 1:
            return  # the row goes on behind its first bytes
        if mark in b"{[":
            depth += 1
        elif depth == 1 and mark == 0x3A and key is None:  # a colon
            key, start = last, token.end()
        elif depth == 1 and mark in b",}" and key is not None:
            begin, end = _trim(row, start, token.start())
            yield row[slice(*key)], key, (begin, end)
            key = None
        if mark in b"}]":
            depth -= 1
        last = token.span()


def _trim(row: bytes, start: int, end: int) -> Span:
    value = row[start:end]
    return start + len(value) - len(value.lstrip()), start + len(value.rstrip())


def value_span(row: bytes, field: str) -> Span:
    """Where the value of a top-level field lies. Of doubled keys the last counts, as in parsers. Raises KeyError."""
    plain = dump(field)
    found: Span | None = None
    for key, _, value in members(row):
        if key == plain or (b"\\" in key and load(key) == field):
            found = value
    if found is None:
        raise KeyError(field)
    return found


def _offsets(literal: str, places: Sequence[int]) -> list[int]:
    """Rising places, in code points of the text that a JSON string literal stands for, as places in the literal."""
    result = []
    at, seen = 1, 0  # behind the opening quote
    escapes = _ESCAPE.finditer(literal, 1)
    escape = next(escapes, None)
    for place in places:
        while escape is not None and seen + (escape.start() - at) < place:
            seen += escape.start() - at + 1
            at = escape.end()
            escape = next(escapes, None)
        result.append(at + place - seen)
    return result


def cut(literal: bytes, spans: Sequence[Span]) -> tuple[bytes, list[bytes]]:
    """A string literal without the given spans of its text, and each part taken out as a literal of its own.

    ``spans`` are sorted, disjoint, in code points of the text.
    """
    written = literal.decode()
    places = _offsets(written, [place for span in spans for place in span])
    kept, gone = [], []
    at = 0
    for start, end in zip(places[::2], places[1::2], strict=True):
        kept.append(written[at:start])
        gone.append(f'"{written[start:end]}"'.encode())
        at = end
    kept.append(written[at:])
    return "".join(kept).encode(), gone


def insert(literal: bytes, parts: Sequence[tuple[int, bytes]]) -> bytes:
    """The inverse of `cut`: literals put back, each with the place it had in the code points of the original text."""
    written = literal.decode()
    starts = []
    added = 0
    for start, part in parts:
        starts.append(start - added)  # place in the text that is left
        added += _points(part)
    pieces: list[str] = []
    at = 0
    for place, (_, part) in zip(_offsets(written, starts), parts, strict=True):
        pieces += (written[at:place], part[1:-1].decode())
        at = place
    pieces.append(written[at:])
    return "".join(pieces).encode()


def _points(literal: bytes) -> int:
    """Code points of the text that a literal stands for."""
    value = load(literal)
    assert isinstance(value, str)
    return len(value)


def replace(row: bytes, span: Span, value: bytes) -> bytes:
    """The row with other bytes in a span of it."""
    return row[: span[0]] + value + row[span[1] :]


def append(row: bytes, field: str, value: bytes) -> bytes:
    """The row with one more member at the end of its object, which is not empty; blanks as after its first key."""
    end = row.rindex(b"}")
    blank = b" " if _SPACED.match(row) else b""
    return row[:end] + b"," + blank + dump(field) + b":" + blank + value + row[end:]


def without(row: bytes, field: str) -> tuple[bytes, bytes]:
    """The row without one of its members (with its comma), and the value that this had. Raises KeyError."""
    plain = dump(field)
    first = True
    for key, (start, _), (value, end) in members(row):
        if key == plain:
            written = row[value:end]
            if not first:
                start = row.rindex(b",", 0, start)
            elif comma := _COMMA.match(row, end):
                end = comma.end()
            return row[:start] + row[end:], written
        first = False
    raise KeyError(field)
