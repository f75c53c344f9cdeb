"""Finds the hits of some rules on some rows of a batch: candidates by the selector, then each line is asked.

The selector proposes candidates, conditions that can be checked on the table of lines reduce them, and what is left is
confirmed line by line by the same wordings that the plain engine uses. Python works per candidate, not per line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from cleaner.match.conditions import Conditions
from cleaner.match.prechecks import Prechecks
from cleaner.match.select import Selector
from cleaner.match.table import BatchTable, Ints
from cleaner.options import MAX_LINE
from cleaner.rules.wording import bullet_of, matcher
from cleaner.text.fold import fold
from cleaner.text.runs import runs
from cleaner.text.speed import compiled_module

__all__ = ["Hits", "Search"]

native: Any = compiled_module("cleaner.match._search")

Hits: TypeAlias = dict[int, dict[int, list[int]]]
"""Text -> rule -> lines, ascending."""

Candidate: TypeAlias = tuple[int, int, str, Sequence[int]]
"""A text, the number of one of its lines in the batch, that line as written, and the forms that may match it."""


class Search:
    """Finds the hits of the rules of one selector."""

    def __init__(self, selector: Selector, prechecks: Prechecks, conditions: Conditions) -> None:
        self._selector, self._prechecks, self._conditions = selector, prechecks, conditions

    @cached_property
    def _compiled(self) -> Any:
        """The selector and the prechecks in the compiled loops, if there are any."""
        if native is None:
            return None
        conditions = self._conditions
        return native.Selection(
            longest=MAX_LINE,
            prechecks=(*self._prechecks.columns, conditions.asks_title),
            neighbours=(conditions.near, conditions.automata),
            **self._selector.columns(),
        )

    def candidates(self, batch: BatchTable, texts: Sequence[str], asked: Ints) -> Sequence[Candidate]:
        """Those of the asked rows (ascending) that some form may match, each with these forms, in their order."""
        if self._compiled is not None:
            columns = (batch.table.padded, batch.table.rows, batch.owner, batch.bounds, batch.base, batch.size)
            known = (batch.titled, batch.concerned, batch.answers, batch.repeated)
            found: list[Candidate] = self._compiled.candidates([*texts], *columns, *known, asked)
            return found
        table, selector = batch.table, self._selector
        wanted = np.zeros(len(table), np.bool_)
        wanted[asked] = True
        wanted &= table.end - table.start <= MAX_LINE
        rows, forms = selector.candidates(table)
        allowed = wanted[rows]
        rows, forms = rows[allowed], forms[allowed]
        allowed = self._prechecks.allow(batch, rows, self._selector.rules[forms])
        rows, forms = rows[allowed], forms[allowed]
        allowed = selector.has_required(table, rows, forms)
        return [*_by_row(batch, texts, rows[allowed], forms[allowed])]

    def add(self, batch: BatchTable, texts: Sequence[str], asked: Ints, hits: Hits) -> dict[int, str]:
        """Add to ``hits`` what the asked rows, which ascend, match. Gives the lines it folded, by their number in the
        batch."""
        candidates = self.candidates(batch, texts, asked)
        if not candidates:
            return {}
        folded = fold("\n".join([raw for _, _, raw, _ in candidates])).split("\n")
        first = batch.lines.tolist()
        known: dict[tuple[str, Sequence[int]], Sequence[int]] = {}  # a batch says the same thing many times
        lines: dict[int, str] = {}
        for (text, line, raw, forms), low in zip(candidates, folded, strict=True):
            lines[line] = low
            rules = known.get((raw, forms))
            if rules is None:
                rules = known[raw, forms] = self._matching(raw, low, forms)
            if rules:
                own = hits.setdefault(text, {})
                for rule in rules:
                    own.setdefault(rule, []).append(line - first[text])
        return lines

    def _matching(self, raw: str, folded: str, numbers: Sequence[int]) -> Sequence[int]:
        """The rules of which one of these forms matches the line, and no exception does."""
        matched: list[int] = []
        forms = self._selector.forms
        for number in numbers:
            form = forms[number]
            if form.rule not in matched and form.matches(raw if form.raw else folded):
                matched.append(form.rule)
        if not matched:
            return ()
        return [rule for rule in matched if not self._excepted(rule, raw, folded)]

    def _excepted(self, rule: int, raw: str, folded: str) -> bool:
        unless = self._conditions.exceptions[rule]
        if unless is None:
            return False
        may_match, end = self._conditions.may_match, len(raw)
        if not may_match(unless, raw, 0, end):
            bullet = bullet_of(folded)
            if not (bullet and may_match(unless, raw, bullet, end)):
                return False
        return matcher(unless).excepts(raw, folded)


def _by_row(batch: BatchTable, texts: Sequence[str], rows: Ints, forms: Ints) -> Iterator[Candidate]:
    """Pairs of a row (ascending) and a form, gathered by row."""
    table = batch.table
    for low, high in runs(rows):
        row = int(rows[low])
        text = int(batch.owner[row])
        start, end = int(table.start[row] - batch.base[text]), int(table.end[row] - batch.base[text])
        yield text, int(table.line[row]), texts[text][start:end], tuple(forms[low:high].tolist())
