"""Conditions of rules, checked for all candidates of a batch at once.

Each check is as the condition is or looser; what passes is checked once more, exactly, by the kinds. For rules without
a wording (repeats and shapes) this also names the lines that can be concerned at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.match.table import Flags, Ints, Table
from cleaner.rules.model import Neighbour, Rule

__all__ = ["Guards", "Places"]

_NONE = np.iinfo(np.int64).max


@dataclass
class Places:
    """Where the lines of a batch stand, each in its own text."""

    table: Table
    bounds: Ints
    """First line of each text, and one behind the last."""
    heads: Ints
    """Line of each text's title, or -1."""
    owner: Ints
    """Line -> its text."""
    offset: Ints
    """Line -> code points before it in its text."""
    size: Ints
    """Line -> code points of its text."""
    rank: Ints
    """Line -> non-blank lines above it in its text."""
    total: Ints
    """Line -> non-blank lines of its text."""

    @classmethod
    def of(cls, table: Table, bounds: Ints, heads: Ints) -> Places:
        count = np.diff(bounds)
        owner = np.repeat(np.arange(len(count)), count)
        base = table.start[bounds[:-1]]
        size = table.end[bounds[1:] - 1] - base
        above = np.concatenate(([0], np.cumsum(table.filled)))
        rank = above[: bounds[-1]] - above[bounds[:-1]][owner]
        total = (above[bounds[1:]] - above[bounds[:-1]])[owner]
        return cls(table, bounds, heads, owner, table.start[: bounds[-1]] - base[owner], size[owner], rank, total)

    def neighbour(self, lines: Ints, step: int) -> Ints:
        """The nearest non-blank line below (above, if ``step`` is -1) each non-blank line, or -1."""
        filled = np.flatnonzero(self.table.filled[: self.bounds[-1]])
        at = np.searchsorted(filled, lines) + step
        found = filled[np.clip(at, 0, len(filled) - 1)]
        there = (at >= 0) & (at < len(filled)) & (self.owner[found] == self.owner[lines])
        return np.where(there, found, -1)


class Guards:
    """The checkable conditions of all rules, one entry a rule."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        loose = [rule.kind == "repeat" for rule in rules]  # whose candidates see one another before conditions

        def column(name: str, default: int) -> Ints:
            values = [
                default if skip else getattr(rule, name) or default for rule, skip in zip(rules, loose, strict=True)
            ]
            return np.array(values, np.int64)

        self._min_chars, self._max_chars = column("min_chars", 0), column("max_chars", _NONE)
        self._min_words, self._max_words = column("min_words", 0), column("max_words", _NONE)
        zones = [None if skip else rule.zone for rule, skip in zip(rules, loose, strict=True)]
        self._zoned = np.array([zone is not None for zone in zones], bool)
        # an int counts lines; with a share the outermost line counts too, however long it is
        self._head = np.array(
            [0 if not z or z.head is None else 1 if isinstance(z.head, float) else z.head for z in zones], np.int64
        )
        self._tail = np.array(
            [0 if not z or z.tail is None else 1 if isinstance(z.tail, float) else z.tail for z in zones], np.int64
        )
        self._head_share = np.array([z.head if z and isinstance(z.head, float) else -1.0 for z in zones])
        self._tail_share = np.array([z.tail if z and isinstance(z.tail, float) else -1.0 for z in zones])
        self._body = np.array([z.body if z and z.body else 2.0 for z in zones])
        self._alone = np.array([rule.alone and not skip for rule, skip in zip(rules, loose, strict=True)], bool)
        asked = [(0, 0) if skip else (_prefix(r.above), _prefix(r.below)) for r, skip in zip(rules, loose, strict=True)]
        self._above, self._below = np.array(asked, np.int64).reshape(-1, 2).T
        self._wordless = [i for i, rule in enumerate(rules) if rule.wording is None]

    def allow(self, places: Places, lines: Ints, rules: Ints) -> Flags:
        """Whether each line can fulfil the conditions of the rule beside it."""
        table = places.table
        size = table.end[lines] - table.start[lines]
        words = table.words[lines]
        allowed: Flags = (size >= self._min_chars[rules]) & (words >= self._min_words[rules])
        allowed &= words <= self._max_words[rules]
        start, end = table.spoken
        allowed &= end[lines] - start[lines] <= self._max_chars[rules]
        zoned = np.flatnonzero(allowed & self._zoned[rules])
        allowed[zoned] = self._in_zone(places, lines[zoned], rules[zoned])
        for step, column in ((-1, self._above), (1, self._below)):
            near = np.flatnonzero(allowed & (column[rules] > 0))
            if near.size:
                allowed[near] = _is_prefix(places, lines[near], step, column[rules[near]])
        return allowed

    def _in_zone(self, places: Places, lines: Ints, rules: Ints) -> Flags:
        start = places.offset[lines]
        size = places.size[lines]
        end = start + places.table.end[lines] - places.table.start[lines]
        rank = places.rank[lines]
        body = self._body[rules]
        left = places.total[lines] - rank
        head_share, tail_share = self._head_share[rules], self._tail_share[rules]
        found: Flags = (
            (rank < self._head[rules])
            | (left <= self._tail[rules])
            | ((head_share >= 0) & ((end <= size * head_share) | (rank == 0)))
            | ((tail_share >= 0) & ((start >= size * (1 - tail_share)) | (left == 1)))
            | ((start >= size * body) & (end <= size * (1 - body)))
        )
        return found

    def wordless(self, places: Places) -> dict[int, dict[int, list[int]]]:
        """Text -> rule without a wording -> lines that it can concern."""
        found: dict[int, dict[int, list[int]]] = {}
        for index in self._wordless:
            repeat = self._rules[index].repeat
            if self._rules[index].shape is not None:
                continue  # the engine asks for shapes itself
            if repeat is None:
                lines = np.flatnonzero(places.table.filled[: places.bounds[-1]])
            elif repeat.of == "title":
                lines = _like_title(places, ends=repeat.match == "ends")
            elif repeat.match == "prefix":
                lines = _prefixes(places)
            else:
                lines = _repeated(places)
            if not len(lines):
                continue
            owners = places.owner[lines]
            local = lines - places.bounds[owners]
            heads = np.flatnonzero(np.diff(owners, prepend=-1)).tolist()
            for low, high in zip(heads, [*heads[1:], len(lines)], strict=True):
                found.setdefault(int(owners[low]), {})[index] = local[low:high].tolist()
        return found


def _prefix(near: Neighbour | None) -> int:
    """1: the neighbour must start with this line; 2: this line with the neighbour; 0: neither is asked or checkable."""
    if near is None or near.within != 1 or near.none:
        return 0
    return 1 if near.starts_with_this else 2 if near.this_starts_with else 0


def _is_prefix(places: Places, lines: Ints, step: int, which: NDArray[np.int64]) -> Flags:
    """Whether the first bytes of each line and its neighbour are as one being the other's beginning demands."""
    table = places.table
    others = places.neighbour(lines, step)
    short = np.where(which == 1, lines, others)
    long = np.where(which == 1, others, lines)
    start, end = _without_blanks(table, short)
    other, last = _without_blanks(table, long)
    size = np.minimum(end - start, 8)
    same: Flags = table.heads(start, start + size) == table.heads(other, np.minimum(other + size, last))
    return same & (others >= 0) & (last - other > end - start)


def _without_blanks(table: Table, lines: Ints) -> tuple[Ints, Ints]:
    """Start and end of non-blank lines without the blank (one, for they are collapsed) at either side."""
    start, end = table.first[lines], table.last[lines]
    return start + (table.byte_at(start) == 32), end - (table.byte_at(end - 1) == 32)


def _repeated(places: Places) -> Ints:
    """Lines whose key another line of the same text has as well."""
    table = places.table
    lines = np.flatnonzero(table.key_size[: places.bounds[-1]])
    words = table.key_word[lines] ^ (places.owner[lines].astype(np.uint64) * np.uint64(0xD6E8FEB86659FD93))
    order = np.argsort(words, kind="stable")
    ranked = words[order]
    same = ranked[1:] == ranked[:-1]
    twice = np.zeros(len(lines), np.bool_)
    twice[order[1:][same]] = True
    twice[order[:-1][same]] = True
    return lines[twice]


def _prefixes(places: Places) -> Ints:
    """Lines whose key may be the beginning of the next line's."""
    table = places.table
    lines = np.flatnonzero(table.key_size[: places.bounds[-1]])
    below = places.neighbour(lines, 1)
    start, end = table.key
    size = np.minimum(table.key_size[lines], 8)
    ours = table.heads(start[lines], start[lines] + size)
    theirs = table.heads(start[below], np.minimum(start[below] + size, end[below]))
    found: Ints = lines[(below >= 0) & (ours == theirs)]
    return found


def _like_title(places: Places, *, ends: bool) -> Ints:
    """Lines whose key is (or ends with) that of their text's title or first line, as far as signatures tell."""
    table = places.table
    lines = np.flatnonzero(table.key_size[: places.bounds[-1]])
    filled = np.flatnonzero(table.filled[: places.bounds[-1]])
    at = np.searchsorted(filled, places.bounds[:-1])
    first = filled[np.minimum(at, len(filled) - 1)] if len(filled) else np.zeros(len(at), np.int64)
    match = np.zeros(len(lines), np.bool_)
    for heads in (first, places.heads):
        title = heads[places.owner[lines]]
        if ends:
            match |= (title >= 0) & _ends_alike(table, lines, title)
        else:
            match |= (title >= 0) & (table.key_word[lines] == table.key_word[title])
    return lines[match]


def _ends_alike(table: Table, lines: Ints, titles: Ints) -> Flags:
    start, end = table.key
    size = np.minimum(table.key_size[titles], 8)
    ours = table.tails(np.maximum(start[lines], end[lines] - size), end[lines])
    theirs = table.tails(end[titles] - size, end[titles])
    same: Flags = (ours == theirs) & (size > 0) & (table.key_size[lines] > table.key_size[titles])
    return same
