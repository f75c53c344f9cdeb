"""Labelled corpora: JSON lines, compressed or not, of documents with what people say is left of them.

Rows have ``text``, and ``gold`` (the article body as people read it) and/or ``with`` / ``without`` (snippets that must
stay / must go); ``id``, ``url``, ``lang`` and ``title`` where known. An empty ``gold`` says that nobody marked the
body: public corpora that have snippets alone write it so, also of articles.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cleaner.document import Document
from cleaner.errors import CleanerError, UsageError, reason_of
from cleaner.io import jsonlines
from cleaner.io.compression import blocks
from cleaner.io.files import STREAM
from cleaner.io.formats import JSON_LINES, codec_of, kind_of
from cleaner.io.records import Limits, Reading, Record, Reject, RowError
from cleaner.io.remote import open_read, plain


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled document."""

    document: Document
    gold: str = ""
    wanted: tuple[str, ...] = ()
    """Snippets that must stay."""
    unwanted: tuple[str, ...] = ()
    """Snippets that must go."""

    @property
    def labelled(self) -> bool:
        """Whether there is anything to measure it by."""
        return bool(self.gold.strip() or self.wanted or self.unwanted)


def _refuse(fault: str) -> None:
    """Raise CleanerError for a line of a corpus that is not a labelled row."""
    raise CleanerError(fault)


def read_corpus(path: str | Path, tell: Callable[[str], None] = _refuse, limits: Limits | None = None) -> list[Row]:
    """The rows of a labelled corpus, at a path or URL; ``-`` stands for standard input.

    Lines that are not labelled rows are reported to ``tell`` as ``path:line: what is wrong`` and skipped; by default
    the first one raises CleanerError, as does a corpus without labels. Raises UsageError for a file that is missing, or
    of another format by its name. ``limits``: those of rows.
    """
    path = plain(str(path))
    place = "standard input" if path == STREAM else path
    name = os.path.basename(path)
    kind = kind_of(name)
    if kind and kind.format != JSON_LINES:
        raise UsageError(f"{place} is {kind.format.name}: name a file of JSON lines")
    reading = Reading(name, limits=limits or Limits())
    rows = []
    try:
        with open_read(path) as file:
            for item in jsonlines.read(blocks(file, codec_of(name), reading.limits.ratio), reading):
                if isinstance(item, Reject):
                    tell(f"{place}:{item.number}: {item.reason}")
                elif isinstance(item, Record):
                    try:
                        rows.append(_row(item))
                    except RowError as error:
                        tell(f"{place}:{item.number}: {error.reason}")
    except IsADirectoryError:
        raise UsageError(f"{place} is a folder: name a file of JSON lines") from None
    except OSError as error:
        raise UsageError(f"{place}: {reason_of(error)}") from None
    if not rows:
        raise CleanerError(f"{place}: no row could be read: there is nothing to measure")
    if not any(row.labelled for row in rows):
        fault = "no row has gold (an empty one is none), with or without"
        raise CleanerError(f"{place}: {fault}: there is nothing to measure by")
    return rows


def _row(record: Record) -> Row:
    """The labels beside a document. Raises RowError."""
    document = replace(record.document, id=record.document.id or str(record.number))
    labels = jsonlines.fields_of(record)
    gold = labels.get("gold")
    if not isinstance(gold, str | None):
        raise RowError("bad-record", "field 'gold' is not a string")
    return Row(document, gold or "", _snippets(labels, "with"), _snippets(labels, "without"))


def _snippets(labels: Mapping[str, object], name: str) -> tuple[str, ...]:
    found = [] if labels.get(name) is None else labels[name]
    if isinstance(found, list) and all(isinstance(each, str) for each in found):
        return tuple(filter(None, found))  # an empty one is in every text
    raise RowError("bad-record", f"field {name!r} is not a list of strings")


def gold_as_input(rows: Iterable[Row]) -> list[Row]:
    """The gold bodies themselves as documents, all of which should stay: what goes was wrong, or mislabelled."""
    return [
        replace(row, document=replace(row.document, text=row.gold, title=None), wanted=(), unwanted=())
        for row in rows
        if row.gold.strip()
    ]
