"""Which lines of a batch may repeat others: all that rules of kind repeat can concern.

Lines are compared by their signatures, so that some are named that repeat nothing; `clean.kinds` compares the lines
themselves. Rules that have a wording besides are asked of these lines alone (`prechecks`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cleaner.match.table import BatchTable, Flags, Ints, Table
from cleaner.rules.model import Repeat, Rule
from cleaner.text.runs import run_heads
from cleaner.text.speed import compiled_module

__all__ = ["KINDS", "Repeats", "kind_of", "marks"]

native: Any = compiled_module("cleaner.match._repeats")


KINDS: Final = ("line", "prefix", "title", "title_end")
"""What a line may repeat, or be the beginning of: another line, the next one, the title, or the title at its end."""


def kind_of(repeat: Repeat) -> str | None:
    """Which of these a rule asks for; None if it takes the lines above the title."""
    if repeat.match == "above":
        return None
    if repeat.of == "title":
        return "title_end" if repeat.match == "ends" else "title"
    return "prefix" if repeat.match == "prefix" else "line"


def marks(batch: BatchTable) -> NDArray[np.uint8]:
    """Kind of `KINDS` × row -> whether the row may be one."""
    found = np.zeros((len(KINDS), len(batch.table)), np.uint8)
    if native is not None:
        native.repeats(batch.table.padded, batch.table.rows, batch.bounds, batch.heads, found)
    else:
        for row, rows_of in zip(found, _ROWS_OF, strict=True):
            row[rows_of(batch)] = 1
    return found


class Repeats:
    """The rules without a wording that are no shape rules."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = [(i, rule.repeat) for i, rule in enumerate(rules) if rule.wording is None and not rule.shape]

    def candidates(self, batch: BatchTable) -> Iterator[tuple[int, Ints]]:
        """The number of each rule, and the rows that it can concern."""
        for index, repeat in self._rules:
            if repeat is None:
                rows = np.arange(len(batch))
            elif kind := kind_of(repeat):
                rows = np.flatnonzero(batch.repeated[KINDS.index(kind)])
            else:
                rows = batch.bounds[:-1][(batch.heads >= 0) & (batch.bounds[1:] > batch.bounds[:-1] + 1)]  # a title
            yield index, rows


def _with_key(batch: BatchTable) -> Ints:
    """Rows that hold more than outer characters."""
    return np.flatnonzero(batch.table.key_size[: len(batch)])


def _repeated(batch: BatchTable) -> Ints:
    """Rows whose key another row of the same text has as well."""
    rows = _with_key(batch)
    words = batch.table.key_word[rows] ^ (batch.owner[rows].astype(np.uint64) * np.uint64(0xD6E8FEB86659FD93))
    order = np.argsort(words, kind="stable")
    ranked = words[order]
    same = ranked[1:] == ranked[:-1]
    twice = np.zeros(len(rows), np.bool_)
    twice[order[1:][same]] = True
    twice[order[:-1][same]] = True
    return rows[twice]


def _prefixes(batch: BatchTable) -> Ints:
    """Rows whose key may be the beginning of the next row's."""
    table = batch.table
    rows = _with_key(batch)
    below = batch.neighbour(rows, 1)
    start, end = table.key
    size = np.minimum(table.key_size[rows], 8)
    ours = table.heads(start[rows], start[rows] + size)
    theirs = table.heads(start[below], np.minimum(start[below] + size, end[below]))
    found: Ints = rows[(below >= 0) & (ours == theirs)]
    return found


def _like_title(batch: BatchTable, *, ends: bool) -> Ints:
    """Rows whose key is (or ends with) that of their text's title or first row, as far as signatures tell."""
    table = batch.table
    rows = _with_key(batch)
    match = np.zeros(len(rows), np.bool_)
    for heads in (batch.bounds[:-1], batch.heads):
        title = heads[batch.owner[rows]]
        if ends:
            match |= (title >= 0) & _ends_alike(table, rows, title)
        else:
            match |= (title >= 0) & (table.key_word[rows] == table.key_word[title])
    found = rows[match]
    again = ~run_heads(batch.owner[found])  # where it stands first, it stays: one row alone concerns nobody
    return found if ends else found[again | np.append(again[1:], False)]


def _ends_alike(table: Table, rows: Ints, titles: Ints) -> Flags:
    start, end = table.key
    size = np.minimum(table.key_size[titles], 8)
    ours = table.tails(np.maximum(start[rows], end[rows] - size), end[rows])
    theirs = table.tails(end[titles] - size, end[titles])
    same: Flags = (ours == theirs) & (size > 0) & (table.key_size[rows] > table.key_size[titles])
    return same


_ROWS_OF: Final[tuple[Callable[[BatchTable], Ints], ...]] = (
    _repeated,
    _prefixes,
    partial(_like_title, ends=False),
    partial(_like_title, ends=True),
)
"""In the order of `KINDS`."""
