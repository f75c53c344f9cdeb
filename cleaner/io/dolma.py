"""Dolma attributes: beside each row of a document file, a row of spans that `dolma mix` can remove.

A row of attributes has the id of its document, and the two stand at the same place of their files. The mixer compares
the field ``id`` of both, null where there is none, and stops where they differ; so no option names another one. The
spans are sorted and disjoint, as the mixer loses text of spans that overlap; offsets are code points of the document's
text, half-open.
"""

from __future__ import annotations

import re
from typing import Final

import orjson

from cleaner.document import Cleaned
from cleaner.io import jsonrow
from cleaner.io.records import Record, Reject

TAGGER: Final = "site_chrome"
"""Name of our tagger, and of the folder of attributes that it writes to where the user names none."""

_ALL: Final = "chrome"
"""The type of span that all removals have, beside the one of their rule: the one to mix by."""

_FOREIGN: Final = re.compile(r"[^a-zA-Z0-9_]")
"""What Dolma takes for an underscore in names."""


def spans(cleaned: Cleaned) -> list[tuple[int, int, str]]:
    """The removals as spans: start, end, type; each of them once as itself and once as its rule's."""
    return [(gone.start, gone.end, kind) for gone in cleaned.removals for kind in (_ALL, _FOREIGN.sub("_", gone.rule))]


def render(record: Record, cleaned: Cleaned) -> bytes:
    """The row of attributes of a JSON lines record."""
    attributes: dict[str, list[tuple[int, int, float]]] = {}
    for start, end, kind in spans(cleaned):
        attributes.setdefault(f"{TAGGER}__{TAGGER}__{kind}", []).append((start, end, 1.0))
    return _row(record, attributes)


def blank(item: Record | Reject) -> bytes:
    """The row of one that was set aside: it keeps its place, and its text."""
    return _row(item, {})


def _row(item: Record | Reject, attributes: dict[str, list[tuple[int, int, float]]]) -> bytes:
    return b'{"id":%s,"attributes":%s}\n' % (_id(item), orjson.dumps(attributes))


def _id(item: Record | Reject) -> bytes:
    """The id as it is written in the row: Dolma compares values, so that a number must stay one."""
    if isinstance(item, Reject):  # its row was not read: it is broken, or too long
        return item.written_id or b"null"
    row, names = item.origin
    return bytes(row[slice(*jsonrow.value_span(row, "id"))]) if "id" in names else b"null"
