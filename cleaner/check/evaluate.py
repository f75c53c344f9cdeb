"""Do cleaned texts match their gold? Measures over labelled rows, and what each rule removed rightly and wrongly."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from cleaner.check.corpus import Row
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
from cleaner.document import Cleaned


@dataclass(slots=True)
class RuleScore:
    """What one rule took, in characters of non-blank lines: of chrome, of content, of lines in between."""

    hits: int = 0
    rightly: int = 0
    wrongly: int = 0
    other: int = 0


@dataclass(slots=True)
class DocumentScore:
    """What is wrong with one document, in characters of its non-blank lines."""

    id: str
    missed: float
    """Of chrome that stayed."""
    lost: float
    """Of content that went."""


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
    worst: list[DocumentScore] = field(default_factory=list)
    """Documents with a gold body, by what is wrong with them, most first."""
    lost: list[tuple[int, str, str]] = field(default_factory=list)
    """(characters, document id, line) of content lines that went, longest first."""
    missed: Counter[str] = field(default_factory=Counter)
    """Chrome lines that stayed, and how often."""


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
    report.word = Prf(*(sum(each) / count for each in zip(*words, strict=True)))
    report.shingle = shingle_prf((result.text, row.gold) for row, result in judged)
    chrome = chrome_gone = content = content_gone = 0.0
    for row, result in judged:
        text = row.document.text
        shares = shares_in_gold(text, row.gold)
        lines = text.split("\n")
        score = DocumentScore(row.document.id or "", 0.0, 0.0)
        for (number, share), kept in zip(shares, kept_shares(text, result.text), strict=True):
            line = lines[number].strip()
            if share is None:
                continue
            if share <= CHROME:
                chrome += len(line)
                chrome_gone += len(line) * (1 - kept)
                score.missed += len(line) * kept
                if kept > 0.5:
                    report.missed[line] += 1
            elif share >= CONTENT:
                content += len(line)
                content_gone += len(line) * (1 - kept)
                score.lost += len(line) * (1 - kept)
                if kept < 0.5:
                    report.lost.append((len(line), row.document.id or "", line))
        _charge(text, shares, result, report.rules)
        report.worst.append(score)
    report.worst.sort(key=lambda score: -score.missed - score.lost)
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
