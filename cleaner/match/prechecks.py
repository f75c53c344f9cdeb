"""Prechecks of candidates: the conditions of rules that the table of lines can answer, for all of a batch at once.

Each check is as strict as the condition or looser; what passes is checked again, exactly, in `clean.conditions`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from cleaner.match.repeats import KINDS, kind_of
from cleaner.match.table import BatchTable, Flags, Ints, Table
from cleaner.rules.model import Neighbour, Rule, Zone

__all__ = ["Prechecks"]

_NONE: Final = np.iinfo(np.int64).max
"""No bound."""
_NOWHERE: Final = 2.0
"""Share to leave out at either end of a text, for a zone that has no body: no line is left."""
_UNCONDITIONAL: Final = Rule(id="", version="", kind="line", reason="")
"""Stands for rules of kind repeat, which compare their candidates before conditions count."""


_Number = TypeVar("_Number", int, Ints)


class _Limits(NamedTuple, Generic[_Number]):
    """Whole numbers of a rule, or a column of them for many, in the order in which the compiled loops take them."""

    min_chars: _Number
    max_chars: _Number
    min_words: _Number
    max_words: _Number
    head: _Number
    tail: _Number
    """Outermost lines that are in the zone."""
    above: _Number
    below: _Number
    """Which of a line and its neighbour must begin with the other: see `_prefix`."""
    zoned: _Number
    """Whether the rule has a zone."""
    repeated: _Number
    """What its lines repeat: see `_repeated`."""


class Prechecks:
    """The conditions of all rules that the table of lines can answer, one entry a rule."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        asking = [_UNCONDITIONAL if rule.kind == "repeat" else rule for rule in rules]
        limits = [_limits(ask)._replace(repeated=_repeated(rule)) for ask, rule in zip(asking, rules, strict=True)]
        self.limits: Ints = np.array(limits, np.int64).reshape(-1, len(_Limits._fields))
        """A row of `_Limits` a rule."""
        self.shares: NDArray[np.float64] = np.array([_shares(rule.zone or Zone()) for rule in asking]).reshape(-1, 3)
        """A row a rule: the shares of a text that are its head and tail, and that its body leaves out at either end."""
        groups: dict[frozenset[str], int] = {frozenset(): 0}
        removing = [() if rule.kind == "keep" else rule.lang for rule in rules]  # what a pack keeps, it keeps in all
        self.group: Ints = np.array([groups.setdefault(frozenset(lang), len(groups)) for lang in removing], np.int64)
        """The languages that each rule removes something in, by their number; 0: all."""
        self._languages = tuple(groups)
        self._column: dict[str, int] = {}
        asks = [[self._column.setdefault(id, len(self._column) + 1) for id in _asked(rule)] for rule in asking]
        self.asks: Ints = np.array([(each + 3 * [0])[:3] for each in asks], np.int64).reshape(-1, 3)
        """A row a rule: the other rules that it asks for near its hits, by their columns in `answers`; 0: none."""

    @property
    def columns(self) -> tuple[Ints, NDArray[np.float64], Ints, Ints]:
        """What is known of the rules, as the compiled loops take it."""
        return self.limits, self.shares, self.group, self.asks

    def allow(self, batch: BatchTable, rows: Ints, rules: Ints) -> Flags:
        """Whether each row can fulfil the conditions of the rule beside it."""
        table, limits = batch.table, _Limits(*self.limits[rules].T)
        size, words = table.end[rows] - table.start[rows], table.words[rows]
        start, end = table.spoken
        owner = batch.owner[rows]
        allowed: Flags = batch.concerned[owner, self.group[rules]] > 0
        allowed &= batch.answers[owner[:, None], self.asks[rules]].all(axis=1)
        allowed &= (size >= limits.min_chars) & (end[rows] - start[rows] <= limits.max_chars)
        allowed &= (words >= limits.min_words) & (words <= limits.max_words)
        zoned = np.flatnonzero(allowed & (limits.zoned > 0))
        allowed[zoned] = self._in_zone(batch, rows[zoned], rules[zoned])
        kind = limits.repeated - 1
        allowed &= (kind < 0) | (batch.repeated[np.maximum(kind, 0), rows] > 0)
        for step, which in ((-1, limits.above), (1, limits.below)):
            near = np.flatnonzero(allowed & (which > 0))
            if near.size:
                allowed[near] = _is_prefix(batch, rows[near], step, which[near])
        return allowed

    def concerned(self, others: Sequence[frozenset[str]]) -> NDArray[np.uint8]:
        """Text × languages, as in ``group`` -> whether the text may be in one of them. ``others`` are those that each
        text is not in."""
        concerned = np.ones((len(others), len(self._languages)), np.uint8)
        for row, known in zip(concerned, others, strict=True):
            if known:
                row[1:] = [not known.issuperset(languages) for languages in self._languages[1:]]
        return concerned

    def answers(self, texts: int) -> NDArray[np.uint8]:
        """Text × rules that others ask for, as in ``asks`` -> 1, as nothing is known yet."""
        return np.ones((texts, 1 + len(self._column)), np.uint8)

    def answers_of(self, claimed: Sequence[Mapping[str, object]]) -> NDArray[np.uint8]:
        """The same where the rules are known, by id, that claim something of each text."""
        answers = np.zeros((len(claimed), 1 + len(self._column)), np.uint8)
        answers[:, 0] = 1
        for row, own in zip(answers, claimed, strict=True):
            row[[self._column[id] for id in self._column.keys() & own.keys()]] = 1
        return answers

    def _in_zone(self, batch: BatchTable, rows: Ints, rules: Ints) -> Flags:
        owner = batch.owner[rows]
        start = batch.table.start[rows] - batch.base[owner]
        end = batch.table.end[rows] - batch.base[owner]
        size = batch.size[owner]
        rank = rows - batch.bounds[owner]
        left = batch.bounds[owner + 1] - rows
        limits = _Limits(*self.limits[rules].T)
        head, tail, body = self.shares[rules].T
        found: Flags = (
            (rank < limits.head)
            | (left <= limits.tail)
            | (end <= size * head)
            | (start >= size * (1 - tail))
            | ((start >= size * body) & (end <= size * (1 - body)))
        )
        return found


def _asked(rule: Rule) -> list[str]:
    """The ids of the rules that must claim something for the rule to hold anywhere."""
    return [near.rule for near in rule.neighbours if near.rule and not near.none]


def _limits(rule: Rule) -> _Limits[int]:
    zone = rule.zone or Zone()
    return _Limits(
        min_chars=rule.min_chars or 0,
        max_chars=rule.max_chars or _NONE,
        min_words=rule.min_words or 0,
        max_words=rule.max_words or _NONE,
        head=_lines(zone.head),
        tail=_lines(zone.tail),
        above=_prefix(rule.above),
        below=_prefix(rule.below),
        zoned=zone != Zone(),
        repeated=0,
    )


def _repeated(rule: Rule) -> int:
    """What the lines of the rule repeat: its number in `repeats.KINDS`, counted from 1; 0: nothing that is known."""
    kind = kind_of(rule.repeat) if rule.repeat else None
    return KINDS.index(kind) + 1 if kind else 0


def _shares(zone: Zone) -> tuple[float, float, float]:
    return _share(zone.head), _share(zone.tail), zone.body or _NOWHERE


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
