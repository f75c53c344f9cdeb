"""Prechecks of candidates: the conditions of rules that the table of lines can answer, for all of a batch at once.

Each check is as strict as the condition or looser; what passes is checked again, exactly, in `clean.conditions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cleaner.match.table import BatchTable, Flags, Ints, Table
from cleaner.rules.model import Neighbour, Rule, Zone

__all__ = ["Prechecks"]

_NONE = np.iinfo(np.int64).max
_NOWHERE: Final = 2.0
"""Share to leave out at either end of a text, for a zone that has no body: no line is left."""


class Prechecks:
    """The conditions of all rules that the table of lines can answer, one entry a rule."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        loose = [rule.kind == "repeat" for rule in rules]  # they compare their candidates before conditions count

        def column(name: str, default: int) -> Ints:
            values = [
                default if skip else getattr(rule, name) or default for rule, skip in zip(rules, loose, strict=True)
            ]
            return np.array(values, np.int64)

        self._min_chars, self._max_chars = column("min_chars", 0), column("max_chars", _NONE)
        self._min_words, self._max_words = column("min_words", 0), column("max_words", _NONE)
        zones = [Zone() if skip else rule.zone or Zone() for rule, skip in zip(rules, loose, strict=True)]
        self._zoned = np.array([zone != Zone() for zone in zones], bool)
        self._head = np.array([_lines(zone.head) for zone in zones], np.int64)
        self._tail = np.array([_lines(zone.tail) for zone in zones], np.int64)
        self._head_share = np.array([_share(zone.head) for zone in zones])
        self._tail_share = np.array([_share(zone.tail) for zone in zones])
        self._body = np.array([zone.body or _NOWHERE for zone in zones])
        sides = [(0, 0) if skip else (_prefix(r.above), _prefix(r.below)) for r, skip in zip(rules, loose, strict=True)]
        self._above, self._below = np.array(sides, np.int64).reshape(-1, 2).T
        groups: dict[frozenset[str], int] = {frozenset(): 0}
        removing = [() if rule.kind == "keep" else rule.lang for rule in rules]  # what a pack keeps, it keeps in all
        self.group: Ints = np.array([groups.setdefault(frozenset(lang), len(groups)) for lang in removing], np.int64)
        """The languages that each rule removes something in, by their number; 0: all."""
        self._languages = tuple(groups)
        self.limits: Ints = np.array(
            [
                self._min_chars, self._max_chars, self._min_words, self._max_words, self._head, self._tail, self._above,
                self._below, self._zoned,
            ]
        ).T.copy()  # fmt: skip
        """The same for the compiled loops, a row a rule; and shares."""
        self.shares: NDArray[np.float64] = np.array([self._head_share, self._tail_share, self._body]).T.copy()

    def allow(self, batch: BatchTable, rows: Ints, rules: Ints) -> Flags:
        """Whether each row can fulfil the conditions of the rule beside it."""
        table = batch.table
        size = table.end[rows] - table.start[rows]
        words = table.words[rows]
        allowed: Flags = batch.concerned[batch.owner[rows], self.group[rules]] > 0
        allowed &= (size >= self._min_chars[rules]) & (words >= self._min_words[rules])
        allowed &= words <= self._max_words[rules]
        start, end = table.spoken
        allowed &= end[rows] - start[rows] <= self._max_chars[rules]
        zoned = np.flatnonzero(allowed & self._zoned[rules])
        allowed[zoned] = self._in_zone(batch, rows[zoned], rules[zoned])
        for step, column in ((-1, self._above), (1, self._below)):
            near = np.flatnonzero(allowed & (column[rules] > 0))
            if near.size:
                allowed[near] = _is_prefix(batch, rows[near], step, column[rules[near]])
        return allowed

    def concerned(self, others: Sequence[frozenset[str]]) -> NDArray[np.uint8]:
        """Text × languages, as in ``group`` -> whether the text may be in one of them. ``others`` are those that each
        text is not in."""
        concerned = np.ones((len(others), len(self._languages)), np.uint8)
        for row, known in zip(concerned, others, strict=True):
            if known:
                row[1:] = [not known.issuperset(languages) for languages in self._languages[1:]]
        return concerned

    def _in_zone(self, batch: BatchTable, rows: Ints, rules: Ints) -> Flags:
        owner = batch.owner[rows]
        start = batch.table.start[rows] - batch.base[owner]
        end = batch.table.end[rows] - batch.base[owner]
        size = batch.size[owner]
        rank = rows - batch.bounds[owner]
        left = batch.bounds[owner + 1] - rows
        body = self._body[rules]
        found: Flags = (
            (rank < self._head[rules])
            | (left <= self._tail[rules])
            | (end <= size * self._head_share[rules])
            | (start >= size * (1 - self._tail_share[rules]))
            | ((start >= size * body) & (end <= size * (1 - body)))
        )
        return found


def _lines(bound: int | float | None) -> int:
    """Outermost lines that are in a head or tail; with a share one, however long it is."""
    return 0 if bound is None else 1 if isinstance(bound, float) else bound


def _share(bound: int | float | None) -> float:
    """Share of the text that is in a head or tail."""
    return bound if isinstance(bound, float) else 0.0


def _prefix(near: Neighbour | None) -> int:
    """1: the neighbour must start with this line; 2: this line with the neighbour; 0: neither is asked or checkable."""
    if near is None or near.within != 1 or near.none:
        return 0
    return 1 if near.starts_with_this else 2 if near.this_starts_with else 0


def _is_prefix(batch: BatchTable, rows: Ints, step: int, which: NDArray[np.int64]) -> Flags:
    """Whether the first bytes of each row and its neighbour are as one being the other's beginning demands."""
    table = batch.table
    others = batch.neighbour(rows, step)
    short = np.where(which == 1, rows, others)
    long = np.where(which == 1, others, rows)
    start, end = _without_blanks(table, short)
    other, last = _without_blanks(table, long)
    size = np.minimum(end - start, 8)
    same: Flags = table.heads(start, start + size) == table.heads(other, np.minimum(other + size, last))
    return same & (others >= 0) & (last - other > end - start)


def _without_blanks(table: Table, rows: Ints) -> tuple[Ints, Ints]:
    """Start and end of rows without the blank (one, for they are collapsed) at either side."""
    start, end = table.first[rows], table.last[rows]
    return start + (table.byte_at(start) == 32), end - (table.byte_at(end - 1) == 32)
