"""Conditions of rules, checked for all candidates of a batch at once.

Each check is as strict as the condition or looser; what passes is checked again, exactly, in `clean.conditions`. For
rules without a wording (repeats and shapes) this also names the lines that can be concerned at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cleaner.match.table import Flags, Ints, Table, native, run_heads
from cleaner.rules.model import Neighbour, Rule, Zone

__all__ = ["Guards", "Places"]

_NONE = np.iinfo(np.int64).max
_NOWHERE: Final = 2.0
"""Share to leave out at either end of a text, for a zone that has no body: no line is left."""


@dataclass
class Places:
    """Where the rows of a batch's table lie, each within its own text."""

    table: Table
    lines: Ints
    """Number of the first line of each text, and one behind the last."""
    bounds: Ints
    """First row of each text, and one behind the last; titles come behind."""
    heads: Ints
    """Row of each text's title, or -1."""
    owner: Ints
    """Row -> its text."""
    base: Ints
    """Text -> offset of its beginning in the joined texts."""
    size: Ints
    """Text -> code points of it."""
    titled: NDArray[np.uint8] = field(init=False)
    """Text × wording that rules ask of a title -> whether that of the text may match, as `conditions` knows."""

    @classmethod
    def of(cls, table: Table, lines: Ints, titles: Ints) -> Places:
        """``lines``: number of the first line of each text, and one behind the last; ``titles``: of the line of each
        text's title, or -1."""
        if native is not None:
            texts, rows = len(lines) - 1, len(table)
            sizes = (texts + 1, texts, rows, texts, texts)
            bounds, heads, owner, base, size = (np.empty(n, np.int64) for n in sizes)
            native.places(table.line, table.breaks, lines, titles, bounds, heads, owner, base, size)
            return cls(table, lines, bounds, heads, owner[: bounds[-1]], base, size)
        bounds = np.searchsorted(table.line, lines)
        heads = np.searchsorted(table.line, titles)
        heads[table.line.take(heads, mode="clip") != titles] = -1
        owner = np.repeat(np.arange(len(lines) - 1), np.diff(bounds))
        base = np.where(lines[:-1] > 0, table.breaks[lines[:-1] - 1] + 1, 0)
        return cls(table, lines, bounds, heads, owner, base, table.breaks[lines[1:] - 1] - base)

    def __len__(self) -> int:
        return int(self.bounds[-1])

    def first_line(self, text: int, whole: str) -> str:
        """The first line of this text, which is ``whole``, that is not blank; empty if there is none."""
        row, base = self.bounds[text], self.base[text]
        if row == self.bounds[text + 1]:
            return ""
        return whole[self.table.start[row] - base : self.table.end[row] - base]

    def neighbour(self, rows: Ints, step: int) -> Ints:
        """The row below (above, if ``step`` is -1) each row in the same text, or -1."""
        owner = self.owner[rows]
        found = rows + step
        there = (found >= self.bounds[owner]) & (found < self.bounds[owner + 1])
        return np.where(there, found, -1)


class Guards:
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
        self.limits: Ints = np.array(
            [
                self._min_chars, self._max_chars, self._min_words, self._max_words, self._head, self._tail, self._above,
                self._below, self._zoned,
            ]
        ).T.copy()  # fmt: skip
        """The same for the compiled loops, a row a rule; and shares."""
        self.shares: NDArray[np.float64] = np.array([self._head_share, self._tail_share, self._body]).T.copy()
        self._repeats = [(i, rule.repeat) for i, rule in enumerate(rules) if rule.wording is None and not rule.shape]

    def allow(self, places: Places, rows: Ints, rules: Ints) -> Flags:
        """Whether each row can fulfil the conditions of the rule beside it."""
        table = places.table
        size = table.end[rows] - table.start[rows]
        words = table.words[rows]
        allowed: Flags = (size >= self._min_chars[rules]) & (words >= self._min_words[rules])
        allowed &= words <= self._max_words[rules]
        start, end = table.spoken
        allowed &= end[rows] - start[rows] <= self._max_chars[rules]
        zoned = np.flatnonzero(allowed & self._zoned[rules])
        allowed[zoned] = self._in_zone(places, rows[zoned], rules[zoned])
        for step, column in ((-1, self._above), (1, self._below)):
            near = np.flatnonzero(allowed & (column[rules] > 0))
            if near.size:
                allowed[near] = _is_prefix(places, rows[near], step, column[rules[near]])
        return allowed

    def _in_zone(self, places: Places, rows: Ints, rules: Ints) -> Flags:
        owner = places.owner[rows]
        start = places.table.start[rows] - places.base[owner]
        end = places.table.end[rows] - places.base[owner]
        size = places.size[owner]
        rank = rows - places.bounds[owner]
        left = places.bounds[owner + 1] - rows
        body = self._body[rules]
        found: Flags = (
            (rank < self._head[rules])
            | (left <= self._tail[rules])
            | (end <= size * self._head_share[rules])
            | (start >= size * (1 - self._tail_share[rules]))
            | ((start >= size * body) & (end <= size * (1 - body)))
        )
        return found

    def wordless(self, places: Places) -> Iterator[tuple[int, Ints]]:
        """The rules without a wording, and rows that each can concern; shape rules aside, which are asked last."""
        repeated = _repeats_of(places) if self._repeats else None
        for index, repeat in self._repeats:
            if repeat is None or repeated is None:
                rows = np.arange(len(places))
            elif repeat.match == "above":
                rows = places.bounds[:-1][(places.heads >= 0) & (places.bounds[1:] > places.bounds[:-1] + 1)]  # a title
            elif repeat.of == "title":
                rows = repeated("title_end" if repeat.match == "ends" else "title")
            else:
                rows = repeated("prefix" if repeat.match == "prefix" else "line")
            yield index, rows


def _lines(bound: int | float | None) -> int:
    """Outermost lines that are in a head or tail; with a share one, however long it is."""
    return 0 if bound is None else 1 if isinstance(bound, float) else bound


def _share(bound: int | float | None) -> float:
    """Share of the text that is in a head or tail."""
    return bound if isinstance(bound, float) else 0.0


def _repeats_of(places: Places) -> Callable[[str], Ints]:
    """A function from what is repeated, and how, to the rows that may repeat it."""
    if native is None:
        return lambda name: _REPEATS[name](places)
    found = np.zeros((len(native.REPEATS), len(places.table)), np.bool_)
    native.repeats(places.table.padded, places.table.columns, places.bounds, places.heads, found.view(np.uint8))
    return lambda name: np.flatnonzero(found[native.REPEATS.index(name)])


def _prefix(near: Neighbour | None) -> int:
    """1: the neighbour must start with this line; 2: this line with the neighbour; 0: neither is asked or checkable."""
    if near is None or near.within != 1 or near.none:
        return 0
    return 1 if near.starts_with_this else 2 if near.this_starts_with else 0


def _is_prefix(places: Places, rows: Ints, step: int, which: NDArray[np.int64]) -> Flags:
    """Whether the first bytes of each row and its neighbour are as one being the other's beginning demands."""
    table = places.table
    others = places.neighbour(rows, step)
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


def _with_key(places: Places) -> Ints:
    """Rows that hold more than outer characters."""
    return np.flatnonzero(places.table.key_size[: len(places)])


def _repeated(places: Places) -> Ints:
    """Rows whose key another row of the same text has as well."""
    rows = _with_key(places)
    words = places.table.key_word[rows] ^ (places.owner[rows].astype(np.uint64) * np.uint64(0xD6E8FEB86659FD93))
    order = np.argsort(words, kind="stable")
    ranked = words[order]
    same = ranked[1:] == ranked[:-1]
    twice = np.zeros(len(rows), np.bool_)
    twice[order[1:][same]] = True
    twice[order[:-1][same]] = True
    return rows[twice]


def _prefixes(places: Places) -> Ints:
    """Rows whose key may be the beginning of the next row's."""
    table = places.table
    rows = _with_key(places)
    below = places.neighbour(rows, 1)
    start, end = table.key
    size = np.minimum(table.key_size[rows], 8)
    ours = table.heads(start[rows], start[rows] + size)
    theirs = table.heads(start[below], np.minimum(start[below] + size, end[below]))
    found: Ints = rows[(below >= 0) & (ours == theirs)]
    return found


def _like_title(places: Places, *, ends: bool) -> Ints:
    """Rows whose key is (or ends with) that of their text's title or first row, as far as signatures tell."""
    table = places.table
    rows = _with_key(places)
    match = np.zeros(len(rows), np.bool_)
    for heads in (places.bounds[:-1], places.heads):
        title = heads[places.owner[rows]]
        if ends:
            match |= (title >= 0) & _ends_alike(table, rows, title)
        else:
            match |= (title >= 0) & (table.key_word[rows] == table.key_word[title])
    found = rows[match]
    again = ~run_heads(places.owner[found])  # where it stands first, it stays: one row alone concerns nobody
    return found if ends else found[again | np.append(again[1:], False)]


def _ends_alike(table: Table, rows: Ints, titles: Ints) -> Flags:
    start, end = table.key
    size = np.minimum(table.key_size[titles], 8)
    ours = table.tails(np.maximum(start[rows], end[rows] - size), end[rows])
    theirs = table.tails(end[titles] - size, end[titles])
    same: Flags = (ours == theirs) & (size > 0) & (table.key_size[rows] > table.key_size[titles])
    return same


_REPEATS: Final[dict[str, Callable[[Places], Ints]]] = {
    "line": _repeated,
    "prefix": _prefixes,
    "title": partial(_like_title, ends=False),
    "title_end": partial(_like_title, ends=True),
}
