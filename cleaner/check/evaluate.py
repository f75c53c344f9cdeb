"""Do cleaned texts match their gold? Measures over a labelled corpus, and what each rule removed rightly and wrongly.

A corpus is JSON lines, compressed or not: rows with ``text``, and ``gold`` (the article body as people read it) and/or
``with`` / ``without`` (snippets that must stay / must go); ``id``, ``url``, ``lang`` and ``title`` where known.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from typing import Final

from cleaner.check.measures import (
    CHROME,
    CONTENT,
    Prf,
    kept_shares,
    segment_prf,
    shares_in_gold,
    shingle_prf,
    word_prf,
)
from cleaner.clean.cleaner import Cleaner
from cleaner.document import Cleaned, Document
from cleaner.errors import CleanerError, UsageError
from cleaner.io import jsonlines
from cleaner.io.files import STREAM, blocks
from cleaner.io.formats import JSON_LINES, codec_of, kind_of
from cleaner.io.records import Limits, Reading, Record, Reject, RowError
from cleaner.io.remote import open_read, plain

_LIMITS: Final = Limits(ratio=1_000.0)
"""Corpora of one site repeat themselves a lot."""


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


@dataclass(slots=True)
class RuleScore:
    """What one rule took, in characters of non-blank lines: of chrome, of content, of lines in between."""

    hits: int = 0
    rightly: int = 0
    wrongly: int = 0
    other: int = 0


@dataclass(slots=True)
class Report:
    """The measures of a corpus; those that its rows have no labels for are None."""

    documents: int = 0
    """Documents with a gold body."""
    word: Prf | None = None
    shingle: Prf | None = None
    chrome_share: float | None = None
    """Share of the input's labelled characters that are chrome."""
    chrome_removed: float | None = None
    content_lost: float | None = None
    segment: Prf | None = None
    rules: dict[str, RuleScore] = field(default_factory=dict)
    lost: list[tuple[int, str, str]] = field(default_factory=list)
    """(characters, document id, line) of content lines that went, longest first."""
    missed: Counter[str] = field(default_factory=Counter)
    """Chrome lines that stayed, and how often."""


# --- reading


def _refuse(fault: str) -> None:
    """Raise CleanerError for a line of a corpus that is not a labelled row."""
    raise CleanerError(fault)


def read_corpus(path: str | Path, tell: Callable[[str], None] = _refuse) -> list[Row]:
    """The rows of a labelled corpus, at a path or URL; ``-`` stands for standard input.

    Lines that are not labelled rows are reported to ``tell`` as ``path:line: what is wrong`` and skipped; by default
    the first one raises CleanerError, as does a corpus without labels. Raises UsageError for a file that is missing, or
    of another format by its name.
    """
    path = plain(str(path))
    place = "standard input" if path == STREAM else path
    name = os.path.basename(path)
    kind = kind_of(name)
    if kind and kind.format != JSON_LINES:
        raise UsageError(f"{place} is {kind.format.name}: name a file of JSON lines")
    reading = Reading(name, limits=_LIMITS)
    rows = []
    try:
        with open_read(path) as file:
            for item in jsonlines.read(blocks(file, codec_of(name), _LIMITS.ratio), reading):
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
        raise UsageError(f"{place}: {error.strerror or error}") from None
    if not any(row.labelled for row in rows):
        raise CleanerError(f"{place}: no row has gold, with or without: there is nothing to measure by")
    return rows


def _row(record: Record) -> Row:
    """The labels beside a document. Raises RowError."""
    document = replace(record.document, id=record.document.id or str(record.number))
    labels = jsonlines.members(record)
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


# --- measuring


def evaluate(rows: Sequence[Row], cleaner: Cleaner) -> Report:
    """Clean the rows' documents and measure the outcome."""
    return measure(rows, list(cleaner.clean_many(row.document for row in rows)))


def measure(rows: Sequence[Row], cleaned: Sequence[Cleaned]) -> Report:
    """The measures of cleaned documents, given in the order of their rows."""
    report = Report()
    judged = [(row, result) for row, result in zip(rows, cleaned, strict=True) if row.gold.strip()]
    if judged:
        _measure_bodies(judged, report)
    if any(row.wanted or row.unwanted for row in rows):
        both = zip(rows, cleaned, strict=True)
        report.segment = segment_prf((result.text, row.wanted, row.unwanted) for row, result in both)
    return report


def _measure_bodies(judged: Sequence[tuple[Row, Cleaned]], report: Report) -> None:
    count = report.documents = len(judged)
    words = [word_prf(result.text, row.gold) for row, result in judged]
    report.word = tuple(sum(each[i] for each in words) / count for i in range(3))  # type: ignore[assignment]
    report.shingle = shingle_prf((result.text, row.gold) for row, result in judged)
    chrome = chrome_gone = content = content_gone = 0.0
    for row, result in judged:
        text = row.document.text
        shares = shares_in_gold(text, row.gold)
        lines = text.split("\n")
        for (number, share), kept in zip(shares, kept_shares(text, result.text), strict=True):
            line = lines[number].strip()
            if share is None:
                continue
            if share <= CHROME:
                chrome += len(line)
                chrome_gone += len(line) * (1 - kept)
                if kept > 0.5:
                    report.missed[line] += 1
            elif share >= CONTENT:
                content += len(line)
                content_gone += len(line) * (1 - kept)
                if kept < 0.5:
                    report.lost.append((len(line), row.document.id or "", line))
        _charge(text, shares, result, report.rules)
    report.lost.sort(reverse=True)
    report.chrome_share = chrome / max(1, chrome + content)
    report.chrome_removed = chrome_gone / max(1, chrome)
    report.content_lost = content_gone / max(1, content)


def _charge(
    text: str, shares: Sequence[tuple[int, float | None]], result: Cleaned, rules: dict[str, RuleScore]
) -> None:
    """Add to each rule's score what it took of this text."""
    label = dict(shares)
    starts = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
    for removal in result.removals:
        score = rules.setdefault(removal.rule, RuleScore())
        score.hits += 1
        for number, piece in enumerate(removal.text.split("\n"), bisect_right(starts, removal.start) - 1):
            if number not in label:
                continue
            share = label[number]
            if share is None or CHROME < share < CONTENT:
                score.other += len(piece.strip())
            elif share <= CHROME:
                score.rightly += len(piece.strip())
            else:
                score.wrongly += len(piece.strip())
