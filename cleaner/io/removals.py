"""Removals as annotating writes them, with a row or in a file beside a text, and read again: start, end, rule, text.

The version of a rule's pack is not written: it is no part of the way back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from cleaner.document import Cleaned, Removal
from cleaner.io import jsonrow

REMOVALS: Final = "removals"
"""The field that annotating adds."""

_UNFIT: Final = "its removals do not fit its text: one of them was changed after the run"

_WRITTEN: Final = re.compile(
    rb'\{"start":(\d+),"end":\d+,"rule":"[^"]*","text":("[^"\\]*+(?:\\.[^"\\]*+)*+")\}', re.DOTALL
)
"""One removal exactly as `as_json` writes it, which keeps the escapes of its text."""


def as_rows(cleaned: Cleaned) -> list[dict[str, Any]]:
    """The removals as plain values: offsets in code points of the original, half-open."""
    return [{"start": gone.start, "end": gone.end, "rule": gone.rule, "text": gone.text} for gone in cleaned.removals]


def from_rows(rows: Iterable[Mapping[str, Any]], left: str) -> tuple[Removal, ...]:
    """The inverse of `as_rows`, for a text of which this is left.

    Raises KeyError, TypeError where the rows hold no removals, and ValueError where those cannot be of such a text.
    """
    removals = []
    at = taken = 0  # code points of the original before here, and those of them that were removed
    for row in rows:
        start, end, text = row["start"], row["end"], row["text"]
        if not (isinstance(start, int) and isinstance(text, str)):
            raise TypeError
        if start < at or end - start != len(text):
            raise ValueError(_UNFIT)
        at, taken = end, taken + len(text)
        removals.append(Removal(start, end, row["rule"], text, ""))
    if at - taken > len(left):
        raise ValueError(_UNFIT)
    return tuple(removals)


def as_json(cleaned: Cleaned, parts: Sequence[bytes] | None = None) -> bytes:
    """The removals as a JSON list; ``parts`` are their texts as literals, where those are to be kept as they were."""
    if parts is None:
        parts = [jsonrow.dump(gone.text) for gone in cleaned.removals]
    removals = (
        b'{"start":%d,"end":%d,"rule":%s,"text":%s}' % (gone.start, gone.end, orjson.dumps(gone.rule), part)
        for gone, part in zip(cleaned.removals, parts, strict=True)
    )
    return b"[" + b",".join(removals) + b"]"


def literals(written: bytes, rows: Sequence[Mapping[str, Any]]) -> list[tuple[int, bytes]]:
    """Start and text, as a JSON literal, of each removal in a list, which is given as written and as parsed."""
    found = [(int(match[1]), match[2]) for match in _WRITTEN.finditer(written)]
    if len(found) == len(rows):
        return found
    return [(row["start"], jsonrow.dump(row["text"])) for row in rows]  # another program wrote them anew
