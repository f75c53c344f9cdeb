"""What can be counted in the non-blank lines of a batch: each line by itself, all lines at once.

Everything is read from the table that the selector uses: one byte a code point, folded, and the code points as written.
All numbers are integers that depend on the line's own text alone, so a text gives the same ones in any batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cleaner.match import words as w
from cleaner.match.signature import DIGITS, IS_LETTER, OUTERS
from cleaner.match.table import Table
from cleaner.text.features import COUNTED, OWN

Ints = NDArray[np.int32]
Wide = NDArray[np.int64]
Words = NDArray[np.uint64]

SHORT: Final = 160
"""Code points of a line that is looked at; longer ones are running text."""
SEEN: Final = 64
"""So many code points of it, from its beginning; its length and its ends are exact."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The non-blank lines of some texts; ``first`` and ``last`` are of the line's own text, as numbers of rows."""

    table: Table
    line: Wide
    """Number in the table."""
    first: Wide
    last: Wide
    gap: Wide
    """Blank lines above each row, and one entry more; at most 8, and 9 at an end of a text."""

    def __len__(self) -> int:
        return len(self.line)


def rows_of(table: Table, bounds: Wide, most: int | None = None) -> Rows:
    """The non-blank lines of texts whose lines begin at ``bounds`` (one entry more than there are texts), but for
    texts of more than ``most`` lines."""
    filled = table.filled[: bounds[-1]]
    sizes = bounds[1:] - bounds[:-1]
    if most is not None and (sizes > most).any():
        filled = filled & np.repeat(sizes <= most, sizes)
    line = np.flatnonzero(filled)
    edges = np.searchsorted(line, bounds)
    counts = edges[1:] - edges[:-1]
    first = np.repeat(edges[:-1], counts)
    last = np.repeat(edges[1:] - 1, counts)
    gap = np.full(len(line) + 1, 9, np.int64)
    if len(line):
        np.minimum(line[1:] - line[:-1] - 1, 8, out=gap[1:-1])
        gap[edges] = 9
    return Rows(table, line, first, last, gap)


_BLANK: Final = ord(" ")
_HALF: Final = 0.5  # percents are rounded: their last bit must not decide
_AT: Final = {name: at for at, name in enumerate(OWN)}
_CHARS: Final = _AT["chars"]
_SHORT_ONLY: Final = _AT["words"]
"""From here on, what is counted in short lines only."""


def count(rows: Rows) -> Ints:
    """The features ``OWN``, a row each."""
    result = np.zeros((len(OWN), len(rows)), np.int32)
    if len(rows):
        _edges(rows, result)
        _beginnings(rows, result)
        _settle(rows, result)
    return result


@cache
def _edge_codes() -> tuple[Ints, Ints]:
    """Class of the last code point -> how a line ends; signature of the first one -> how it begins."""
    closing, lead = np.zeros(16, np.int32), np.full(256, 5, np.int32)
    closing[[w.STOP, w.COMMA, w.QUOTE, w.DIGIT, w.LINK]] = 1, 2, 3, 4, 4
    lead[IS_LETTER] = 0
    for points, code in (([*range(0x30, 0x3A), *DIGITS], 2), ([*OUTERS, *b"-*"], 3), (b"'\"([{", 4)):
        lead[list(points)] = code
    return closing, lead


def _edges(rows: Rows, result: Ints) -> None:
    """Length, end and beginning of each line."""
    table, line = rows.table, rows.line
    kinds = w.classes()
    closing, lead = _edge_codes()
    first, last = table.first[line], table.last[line]
    padded = table.byte_at(first) == _BLANK
    ragged = table.byte_at(last - 1) == _BLANK
    result[_CHARS] = np.minimum(last - first - padded - ragged, 30_000)
    result[_AT["padded"]] = padded
    result[_AT["lead"]] = lead[table.byte_at(first + padded)]
    end = table.end[line] - ragged
    close = closing[kinds[table.units[end - 1]]]
    before = closing[kinds[table.units[np.maximum(end - 2, 0)]]]
    close[(close == 3) & (before == 1)] = 1
    result[_AT["closing"]] = close


@cache
def _inside() -> bytes:
    """Signature byte -> 1 if words are made of it."""
    inside = IS_LETTER.copy()
    inside[[*range(0x30, 0x3A), *DIGITS]] = True
    return inside.tobytes()


_LANES: Final = ("words", "capitals", "smalls", "numbers", "dense", "signs")


@cache
def _lanes() -> Words:
    """Class of a word's first letter -> what the word adds to its line's counts: lanes of 8 bits, SEEN is below 256."""
    lanes = np.ones(16, np.uint64)
    for lane, kind in enumerate((w.UPPER, w.LOWER, w.DIGIT), 1):
        lanes[kind] += np.uint64(1 << (8 * lane))
    return lanes


def _beginnings(rows: Rows, result: Ints) -> None:
    """What stands in the short lines.

    Their beginnings are copied one behind the other, each from a multiple of eight bytes and with at least one zero
    byte behind it: so lines stay apart, and eight bytes are moved at once.
    """
    table, line = rows.table, rows.line
    start = table.start[line]
    seen = np.minimum(table.end[line] - start, SEEN)
    seen[result[_CHARS] > SHORT] = 0
    chunks = (seen >> 3) + 1
    ends = np.cumsum(chunks)
    total = int(ends[-1])
    owner = np.repeat(np.arange(len(line)), chunks)
    shift = (start - ((ends - chunks) << 3)).take(owner)  # from a place in the copy to the place in the texts
    copied = np.zeros(total + 2, np.uint64)  # one word of zeros before, one behind
    copied[1:-1] = table.signed_words[np.arange(0, total << 3, 8) + shift]
    copied[ends] &= w.MASKS[seen & 7]
    flags = np.frombuffer(copied.tobytes().translate(_inside()), np.uint8)
    edges = np.flatnonzero(flags[8:] != flags[7:-1])  # in the copy: where words begin and end, in turn
    begin, sizes = edges[::2], edges[1::2] - edges[::2]
    if not begin.size:
        return
    chunk = begin >> 3
    kind = w.classes().take(table.units.take(begin + shift.take(chunk)))
    eights: Words = np.ndarray((8 * total,), np.uint64, copied, 8, (1,))
    _count_words(owner.take(chunk), kind, sizes, w.word_keys(eights[begin], sizes), result)


def _count_words(line: Wide, kind: NDArray[np.uint8], sizes: Wide, keys: Words, result: Ints) -> None:
    """Counts of words: the row each stands in, rising, the class of its first letter, its length and its key."""
    size = result.shape[1]
    said = _lanes().take(kind)
    said += sizes.astype(np.uint64) << np.uint64(40)
    dense = np.flatnonzero(kind == w.DENSE)
    if dense.size:
        said[dense] += sizes[dense].astype(np.uint64) << np.uint64(32)
    sums = np.zeros(len(said) + 1, np.uint64)
    np.cumsum(said, out=sums[1:])
    bounds = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(line, minlength=size), out=bounds[1:])
    at = sums.take(bounds)
    lanes = (at[1:] - at[:-1]).view(np.uint8).reshape(size, 8)
    for lane, name in enumerate(_LANES):
        result[_AT[name]] = lanes[:, lane]
    first = bounds[:-1][lanes[:, 0] > 0]
    result[_AT["begins_small"], line.take(first)] = kind.take(first) == w.LOWER
    hits, group = w.spoken(keys)
    by_group = np.bincount((group - 1) * size + line.take(hits), minlength=(len(COUNTED) + 1) * size)
    result[-len(COUNTED) - 1 :] = by_group.reshape(-1, size)


def _settle(rows: Rows, result: Ints) -> None:
    """What follows from the counts."""
    own = {name: result[at] for name, at in _AT.items()}
    words, chars, dense = own["words"], own["chars"], own["dense"]
    own["furniture"] += result[-len(COUNTED) :].sum(axis=0, dtype=np.int32)
    own["title"][:] = own["capitals"] * 100.0 / np.maximum(own["capitals"] + own["smalls"], 1)
    percent = 100.0 / np.maximum(words, 1)
    for name, part in (("numbers", "numbers"), ("smalls", "smalls"), ("furniture_share", "furniture")):
        own[name][:] = own[part] * percent + _HALF
    signs = own["signs"]  # so far, what words are made of
    np.subtract(np.minimum(chars, SEEN) + 1 - words, signs, out=signs)
    signs[(signs < 0) | (chars > SHORT)] = 0
    words += dense >> 1
    words[chars > SHORT] = SEEN // 5
    closed = own["closing"] == 1
    own["closed"][:] = closed
    own["listed"][:] = own["lead"] == 3
    weight = chars + 2 * dense
    own["prose"][:] = (weight >= 150) | ((weight >= 45) & closed)
    own["gap_above"][:] = rows.gap[:-1]
    own["gap_below"][:] = rows.gap[1:]
