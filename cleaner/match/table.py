"""The table of lines of a batch of texts: NumPy columns with one entry a line, computed when asked for.

Only lines that hold more than blanks have a row, so that blank lines cost next to nothing, and a row ends before the
blanks behind its line, as a wording sees it. ``start`` and ``end`` are offsets in code points of the joined texts; all
other columns refer to the *collapsed* signature, in which runs of blanks are one blank, so that double blanks change
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cleaner.match.alphabet import BITS, EVERY, TAB
from cleaner.match.signature import IS_LETTER, IS_OUTER, codes, collapse, signature
from cleaner.text.runs import ranges, run_heads
from cleaner.text.speed import compiled_module

__all__ = ["BatchTable", "Table", "hashed"]

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Flags = NDArray[np.bool_]

native: Any = compiled_module("cleaner.match._table")

_PAD: Final = 8
"""Bytes before and behind a signature, so that the eight at any place of it can be read as one word."""
_BREAK: Final = 10
_BLANK: Final = 32
_LONG: Final = 400
"""Bytes; longer lines are taken to have every kind of character, as they do sooner or later."""
_FEW: Final = 100
"""Lines; so many or fewer are taken one by one, more of them a character at a time."""
_HEAD: Final = np.array([(1 << (8 * n)) - 1 for n in range(9)], np.uint64)
"""Masks of the first 0 to 8 bytes of a word."""
_MIX: Final = tuple(np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
"""Odd numbers without a pattern, by which words are hashed."""


def hashed(words: Words, bits: int) -> Ints:
    """Each 8-byte word hashed to a number of ``bits`` bits."""
    return ((words * _MIX[0]) >> np.uint64(64 - bits)).astype(np.int64)


def words_of(heads: Words, tails: Words, sizes: Ints) -> Words:
    """One 8-byte word for the first and last eight bytes and the length of a key."""
    mixed: Words = (heads * _MIX[1]) ^ (tails * _MIX[2])
    mixed ^= sizes.astype(np.uint64)
    return mixed


class Table:
    """Lines of the texts, which are joined by line breaks."""

    def __init__(self, texts: list[str]) -> None:
        self.lines_of: list[int] = [text.count("\n") + 1 for text in texts]
        """Number of lines of each text."""
        if native is not None:
            self._compiled(texts)
            return
        signed = signature(texts)
        self.breaks: Ints = np.append(np.flatnonzero(np.frombuffer(signed, np.uint8) == _BREAK), len(signed))
        """Ends of all lines, blank ones too."""
        collapsed = collapse(signed)
        self.size = len(collapsed)
        """Bytes of the collapsed signature."""
        padded = bytes(_PAD) + collapsed + bytes(_PAD)
        self.padded = np.frombuffer(padded, np.uint8)[_PAD:]
        """The collapsed signature, and eight bytes behind it; eight stand before it, too."""
        self._words: Words = np.ndarray((len(collapsed) + _PAD + 1,), np.uint64, padded, 0, (1,))
        ends = self.breaks
        if collapsed is not signed:
            ends = np.append(np.flatnonzero(np.frombuffer(collapsed, np.uint8) == _BREAK), len(collapsed))
        first = np.append(0, ends[:-1] + 1)
        size = ends - first
        self.line: Ints = np.flatnonzero((size > 1) | ((size == 1) & (self.padded[first] != _BLANK)))
        """Row -> number of the line among all lines."""
        self.first, self.last = first[self.line], ends[self.line]
        self.last -= self.padded[self.last - 1] == _BLANK
        uncollapsed = np.frombuffer(signed, np.uint8)
        filled = np.flatnonzero((uncollapsed != _BLANK) & (uncollapsed != _BREAK))
        self.end: Ints = filled[np.searchsorted(filled, self.breaks[self.line]) - 1] + 1
        self.start: Ints = np.where(self.line > 0, self.breaks[self.line - 1] + 1, 0)

    def _compiled(self, texts: list[str]) -> None:
        """The same by the compiled loops, and the rows that they need for candidates."""
        lines = sum(self.lines_of)
        padded = np.zeros(sum(map(len, texts)) + len(texts) + 2 * _PAD, np.uint8)
        self.breaks, written = np.empty(lines, np.int64), np.empty((lines, len(native.COLUMNS)), np.int64)
        known = (codes(), IS_OUTER, IS_LETTER, BITS, 1 << TAB)
        size, rows = native.table(texts, *known, padded[_PAD:], self.breaks, written)
        padded = padded[: size + 2 * _PAD]
        self.padded, self.size = padded[_PAD:], size
        self._words = np.ndarray((size + _PAD + 1,), np.uint64, padded.data, 0, (1,))
        self.rows: Ints = written
        """What the compiled loops say of each row, by `native.COLUMNS`, and room for the blank lines."""
        found = dict(zip(native.COLUMNS, written[:rows].T, strict=True))
        for name in ("line", "first", "last", "start", "end", "words"):
            setattr(self, name, found[name])
        for name in ("key", "spoken"):
            setattr(self, name, (found[name], found[f"{name}_end"]))

    def __len__(self) -> int:
        return len(self.line)

    @cached_property
    def bytes(self) -> bytes:
        """The collapsed signature."""
        return self.padded[: self.size].tobytes()

    @cached_property
    def words(self) -> Ints:
        """Number of words of each line: runs of what is no blank."""
        blank = self.padded[: self.size + 1] == _BLANK
        before = np.zeros(len(blank) + 1, np.int32)
        np.cumsum(blank, out=before[1:])
        words: Ints = before[self.last] - before[self.first] + 1 - blank[self.first]
        return words

    @cached_property
    def key(self) -> tuple[Ints, Ints]:
        """Start and end of the line without outer characters."""
        return self._within(IS_OUTER)

    @cached_property
    def key_size(self) -> Ints:
        """Length of the line without outer characters, inner blanks collapsed."""
        return self.key[1] - self.key[0]

    @cached_property
    def key_word(self) -> Words:
        """Equal for lines with equal keys."""
        start, end = self.key
        return words_of(self.heads(start, end), self.tails(start, end), end - start)

    @cached_property
    def spoken(self) -> tuple[Ints, Ints]:
        """Start and end of the line from its first letter to its last."""
        return self._within(~IS_LETTER)

    @cached_property
    def spoken_word(self) -> Words:
        """Equal for lines that are equal from their first letter to their last."""
        start, end = self.spoken
        return words_of(self.heads(start, end), self.tails(start, end), end - start)

    @cached_property
    def opening(self) -> Words:
        """The eight bytes from the line's first letter on, or as many as there are."""
        start, _ = self.spoken
        return self.heads(start, self.last)

    @cached_property
    def closing(self) -> Words:
        """The eight bytes up to the line's last letter, or as many as there are."""
        _, end = self.spoken
        return self.tails(self.first, end)

    def byte_at(self, at: Ints) -> NDArray[np.uint8]:
        """The bytes at these offsets of the collapsed signature."""
        return self.padded[at]

    def characters(self, lines: Ints) -> Words:
        """The kinds of characters (`alphabet.BITS`) of each of these ascending lines, which may come more than once; of
        lines with more than 400 bytes, which have them all sooner or later, simply every kind."""
        fresh = run_heads(lines)
        once = lines[fresh]
        size = self.last[once] - self.first[once]
        long = size > _LONG
        size[long] = 1
        starts = np.cumsum(size) - size
        at = ranges(self.first[once], size)
        found: Words = np.bitwise_or.reduceat(BITS[self.padded[at]], starts) if len(once) else np.zeros(0, np.uint64)
        found[long] = EVERY
        found |= np.uint64(1 << TAB)  # signatures do not tell it from a blank
        kinds: Words = found[np.cumsum(fresh) - 1]
        return kinds

    def heads(self, start: Ints, end: Ints) -> Words:
        """The first eight bytes of each stretch, or as many as there are."""
        heads: Words = self._words[start + _PAD] & _HEAD[np.minimum(end - start, 8)]
        return heads

    def tails(self, start: Ints, end: Ints) -> Words:
        """The last eight bytes of each stretch, or as many as there are, the last one highest."""
        tails: Words = self._words[end] & ~_HEAD[8 - np.minimum(end - start, 8)]
        return tails

    @cached_property
    def beyond_ascii(self) -> Ints:
        """The lines that hold more than ASCII."""
        places = np.flatnonzero(self.padded[: self.size] > 127)
        lines = np.searchsorted(self.first, places, side="right") - 1
        return lines[run_heads(lines)]

    def _within(self, skipped: Flags) -> tuple[Ints, Ints]:
        """Start and end of each line without the skipped bytes at either side; equal where there are no others."""
        start, end = self.first.copy(), self.last.copy()
        strip = np.flatnonzero(skipped).astype(np.uint8).tobytes()
        alive = np.flatnonzero(skipped[self.padded[start]])
        while alive.size > _FEW:
            start[alive] += 1
            alive = alive[start[alive] < end[alive]]
            alive = alive[skipped[self.padded[start[alive]]]]
        for i in alive.tolist():
            start[i] = end[i] - len(self.bytes[start[i] : end[i]].lstrip(strip))
        alive = np.flatnonzero((start < end) & skipped[self.padded[end - 1]])
        while alive.size > _FEW:
            end[alive] -= 1
            alive = alive[skipped[self.padded[end[alive] - 1]]]  # some byte is left: the start has found it
        for i in alive.tolist():
            end[i] = start[i] + len(self.bytes[start[i] : end[i]].rstrip(strip))
        return start, end


@dataclass
class BatchTable:
    """The table of a batch, divided into its texts: which rows are whose, and where each text begins."""

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
    concerned: NDArray[np.uint8] = field(init=False)
    """Text × languages of rules -> whether the text may be in one of them, as `prechecks` knows."""
    repeated: NDArray[np.uint8] = field(init=False)
    """Kind of repeat × row -> whether the row may be one, as `repeats` knows."""
    answers: NDArray[np.uint8] = field(init=False)
    """Text × rules that others ask for -> whether they may claim something of the text, as `prechecks` knows."""

    @classmethod
    def of(cls, table: Table, lines: Ints, titles: Ints) -> BatchTable:
        """``lines``: number of the first line of each text, and one behind the last; ``titles``: of the line of each
        text's title, or -1."""
        if native is not None:
            texts, rows = len(lines) - 1, len(table)
            sizes = (texts + 1, texts, rows, texts, texts)
            bounds, heads, owner, base, size = (np.empty(n, np.int64) for n in sizes)
            native.divide(table.line, table.breaks, lines, titles, bounds, heads, owner, base, size)
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
