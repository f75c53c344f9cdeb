"""The non-blank lines of a batch of documents, and what can be counted in each of them.

One array of code points, one table of lines: NumPy works on the whole batch and Python never loops over lines. All
numbers are integers that depend on the line's own document alone, so a text gives the same ones in any batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.text import characters as ch
from cleaner.text.measure import ALIKE, GLANCE, HEARD, LONG, LONG_WORD, REACH, RHYTHM, SAMPLE, STEM, TOO_LONG
from cleaner.text.runs import ranges, run_heads
from cleaner.text.speed import compiled_module
from cleaner.text.vocabulary import GROUPS

Ints = NDArray[np.int32]
Wide = NDArray[np.int64]
Bools = NDArray[np.bool_]
Words = NDArray[np.uint64]

native: Any = compiled_module("cleaner.text._counts")


@dataclass(frozen=True, slots=True)
class LineTable:
    """The non-blank lines of a batch, in order; blanks around a line do not belong to it."""

    codes: NDArray[np.uint32]
    """Code points of the texts, each with a line break behind it."""
    document: Wide
    """Number of its text."""
    line: Wide
    """Number of the line in its text, blank lines counted."""
    indent: Wide
    """Blanks before the line."""
    start: Wide
    """Where the line begins in ``codes``."""
    end: Wide
    """Behind its last code point there."""
    heads: Wide
    """Number, in this table, of the first line of each document that has one."""
    first: Wide
    last: Wide
    """Of each line: the numbers of its document's first and last line."""
    gap: Wide
    """Blank lines above each line, and one entry more; at most 8, and 9 at an end of a document."""

    def __len__(self) -> int:
        return len(self.line)


def line_table(texts: Sequence[str]) -> LineTable:
    """The non-blank lines of the texts."""
    sizes = np.array([len(text) for text in texts], np.int64)
    if native is not None:
        codes = np.empty(int(sizes.sum()) + len(texts), np.uint32)
        room = native.join([*texts], codes)
        columns, heads = np.empty((8, room + 1), np.int64), np.empty(len(texts), np.int64)
        n, documents = native.find_lines(codes, sizes, ch.classes(), columns, heads)
        document, line, indent, start, end, first, last, _ = columns[:, :n]
        return LineTable(codes, document, line, indent, start, end, heads[:documents], first, last, columns[7, : n + 1])
    codes = np.frombuffer("".join(f"{text}\n" for text in texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    end = np.flatnonzero(codes == 10)
    start = np.append(0, end[:-1] + 1)
    bounds = np.cumsum(sizes + 1)
    document = np.searchsorted(bounds, start, "right")
    low, high = _strip(codes, start, end)
    line = np.flatnonzero(low < high)
    doc = document[line]
    n = len(line)
    fresh = run_heads(doc)
    heads = np.flatnonzero(fresh)
    count = np.diff(np.append(heads, n))
    first = np.repeat(heads, count)
    gap = np.full(n + 1, 9, np.int64)
    gap[1:n] = np.where(fresh[1:], 9, np.minimum(line[1:] - line[:-1] - 1, 8))
    low, high, own = low[line], high[line], line - np.searchsorted(document, doc)
    last = first + np.repeat(count, count) - 1
    return LineTable(codes, doc, own, low - start[line], low, high, heads, first, last, gap)


def own_rows(table: LineTable, *, coheres: bool) -> tuple[Ints, Wide]:
    """By the compiled loops: a row of numbers of the lines for each name of `native.OWN`, ``cohesion`` where asked for,
    and a hash of what each line says."""
    n = len(table)
    own, hashes, makes = np.empty((len(native.OWN), n), np.int32), np.empty(n, np.int64), np.empty(n, np.int64)
    native.count(
        table.codes, table.start, table.end, table.indent, ch.classes_and_lower(), ch.classes(), *ch.lexicon(),
        *edge_codes(), own, hashes, makes,
    )  # fmt: skip
    native.compare(table.start, table.end, table.first, makes, own)
    if coheres:
        native.cohere(table.codes, table.start, table.end, table.heads, ch.heard_and_lower(), own)
    return own, hashes


def _strip(codes: NDArray[Any], start: Wide, end: Wide) -> tuple[Wide, Wide]:
    """Start and end of each line without the blanks around it; equal for a blank line."""
    classes = ch.classes()
    start, end = start.copy(), end.copy()
    for edge, step, at in ((start, 1, 0), (end, -1, -1)):
        live = np.flatnonzero(start < end)
        for _ in range(32):
            live = live[classes.take(codes[edge[live] + at], mode="clip") == ch.BLANK]
            edge[live] += step
            live = live[start[live] < end[live]]
            if not live.size:
                break
        for i in live:  # blanks by the dozen: rare, so one by one, but each in one step
            solid = np.flatnonzero(classes.take(codes[start[i] : end[i]], mode="clip") != ch.BLANK)
            edge[i] = (start[i] + (solid[0] if step == 1 else solid[-1] + 1)) if solid.size else start[i]
            if not solid.size:
                end[i] = start[i]
    return start, end


def percent(part: Any, whole: Any) -> Any:
    """Whole percents, rounded down; 0 of nothing."""
    return part * 100 // np.maximum(whole, 1)


def running_sums(values: Any) -> Any:
    """Along the last axis: of each value the sum of those before it, and behind them the sum of all."""
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1), values.dtype)
    np.cumsum(values, axis=-1, out=sums[..., 1:])
    return sums


def _in_word(kind: NDArray[np.uint8]) -> Bools:
    """Whether each class is one of those that words are made of."""
    inside: Bools = kind - np.uint8(ch.UPPER) <= ch.DIGIT - ch.UPPER  # smaller ones wrap round
    return inside


def _starts(inside: Bools, offsets: Wide) -> Bools:
    """Where a run of True begins, not across the offsets."""
    begin = inside.copy()
    begin[1:] &= ~inside[:-1]
    begin[offsets] = inside[offsets]
    return begin


def count(table: LineTable) -> dict[str, Wide]:
    """What each line has of itself, by feature name; ``hash``, equal for lines that say the same, and ``make``, for
    those that are made alike: the same order of capitalised words, other words, numbers and signs."""
    size = table.end - table.start
    seen = np.minimum(size, np.where(size > TOO_LONG, GLANCE, SAMPLE))
    ends = np.cumsum(seen)
    offsets = ends - seen
    chars = table.codes.take(ranges(table.start, seen))
    kind, small = ch.classes_and_small(chars, ch.classes_and_lower())
    solid = (kind != ch.BLANK) & (kind != ch.TAB)
    n = len(size)
    place = np.repeat(np.arange(0, n * ch.CLASSES, ch.CLASSES), seen)
    place += kind
    by_class = np.bincount(place, minlength=n * ch.CLASSES).reshape(n, ch.CLASSES).T
    upper, lower, caseless, dense = (by_class[k] for k in (ch.UPPER, ch.LOWER, ch.CASELESS, ch.DENSE))
    words = np.add.reduceat(_starts(solid, offsets), offsets, dtype=np.int64) + dense // 2
    letters = upper + lower + caseless + dense

    own = {
        "chars": np.minimum(size, LONG),
        "words": np.minimum(words * size // seen, LONG),
        "indent": np.minimum(table.indent, 99),
        "letters_a_word": letters * 10 // np.maximum(words, 1),
        "capitals": percent(upper, upper + lower),
        "caseless": percent(caseless + dense, letters),
        "digits": percent(by_class[ch.DIGIT], seen - by_class[ch.BLANK] - by_class[ch.TAB]),
        **{name: by_class[k] for name, k in ch.COUNTED.items()},
    }  # fmt: skip
    own |= _edges(table)
    own |= _tokens(kind, small, offsets, ends)
    own["hash"] = own["hash"] + size * 1_000_003
    own["make"] = _make(kind, small, offsets, ends)
    return own


def _make(kind: NDArray[np.uint8], small: Words, offsets: Wide, ends: Wide) -> Wide:
    """Hash of each line's capitalised words (1), numbers (2), other words (3) and signs (their code points, and 4), the
    same sort of word only once in a row."""
    inside = _in_word(kind)
    sign = ~inside & (kind != ch.BLANK) & (kind != ch.TAB)
    at = np.flatnonzero(_starts(inside, offsets) | sign)
    head = kind[at]
    sort = np.where(head == ch.UPPER, 1, np.where(head == ch.DIGIT, 2, 3)).astype(np.uint64)
    sort = np.where(sign[at], small[at] + np.uint64(4), sort)
    line = np.searchsorted(ends, at, "right")
    fresh = np.ones(len(at), bool)
    fresh[1:] = (sort[1:] != sort[:-1]) | (sort[1:] > 3) | (line[1:] != line[:-1])
    bounds = np.searchsorted(line[fresh], np.arange(len(ends) + 1))
    return ch.hash_of(ch.running_hash(sort[fresh]), bounds[:-1], bounds[1:]).view(np.int64)


def alike(table: LineTable, make: Wide) -> tuple[Wide, Wide]:
    """How many lines within ALIKE lines of it are made like each; and 100 where three such lines stand at equal
    distances of at most RHYTHM, the line being one of them. Lines of more than SAMPLE code points are like no other."""
    n = len(table)
    short = table.end - table.start <= SAMPLE
    near, beat = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for k in range(1, min(ALIKE, n - 1) + 1):
        same = (make[:-k] == make[k:]) & short[:-k] & short[k:] & (table.first[:-k] == table.first[k:])
        near[:-k] += same
        near[k:] += same
        if k <= RHYTHM:
            at = np.flatnonzero(same[:-k] & same[k:])
            for step in (0, k, 2 * k):
                beat[at + step] = 100
    return near, beat


def _tokens(kind: NDArray[np.uint8], small: Words, offsets: Wide, ends: Wide) -> dict[str, Wide]:
    """Counts of tokens: runs of letters and digits. ``small`` are the code points, letters in lower case."""
    inside = _in_word(kind)
    start, end = _runs(inside, offsets, ends)
    bounds = np.append(np.searchsorted(start, offsets), len(start))
    tokens = np.diff(bounds)
    n = len(offsets)
    line = np.repeat(np.arange(n), tokens)
    head = kind[start].astype(np.int64)
    short = (head == ch.LOWER) & (end - start <= 3)
    heads = np.bincount(head * n + line, minlength=ch.CLASSES * n).reshape(-1, n)
    sums = ch.running_hash(small)
    hits, groups = ch.known_words(ch.hash_of(sums, start, end))
    counted = np.bincount(groups * n + line[hits], minlength=(len(GROUPS) + 1) * n).reshape(-1, n)
    own = dict(zip(GROUPS, counted[1:], strict=True))
    own["furniture"] = sum(own[name] for name in GROUPS if name not in ("stop", "time"))
    own["stop"] = percent(own["stop"], tokens)
    titled, lowered = heads[ch.UPPER], heads[ch.LOWER]
    return own | {
        "cased": titled + lowered,
        "title": percent(titled, titled + lowered),
        "lower_words": percent(lowered, tokens),
        "short": percent(np.bincount(line[short], minlength=n), tokens),
        "numbers": percent(heads[ch.DIGIT], tokens),
        "furniture_share": percent(own["furniture"], tokens),
        "hash": ch.hash_of(sums, offsets, ends).view(np.int64),
    }


def cohesion(table: LineTable, prose: Bools) -> Wide:
    """Percent of each line's words that prose lines of its text say too, itself aside: a line of the article comes back
    to what the article is about, a link to another one does not (Halliday and Hasan, *Cohesion in English*, 1976).

    Words are those of LONG_WORD letters or more; see `measure`. 0 where there is none, 100 beyond REACH.
    """
    n = len(table)
    near = table.start - table.start[table.first] < REACH
    lines = np.flatnonzero(near)
    size = np.minimum(table.end - table.start, HEARD)[lines]
    line, word = _words(table.codes, table.start[lines], size)
    line = lines[line]
    key = word ^ (table.first[line].astype(np.uint64) * np.uint64(ch.MIX))
    number = np.unique(key, return_inverse=True)[1]
    in_prose = prose[line]
    once = np.unique(number[in_prose] * n + line[in_prose]) // n
    lines_with = np.bincount(once, minlength=int(number.max(initial=-1)) + 1)
    shared = np.bincount(line[lines_with[number] > in_prose], minlength=n)
    return np.where(near, percent(shared, np.bincount(line, minlength=n)), 100)


def _words(codes: NDArray[Any], first: Wide, size: Wide) -> tuple[Wide, Words]:
    """The long words of some stretches: number of the stretch, and hash."""
    ends = np.cumsum(size)
    offsets = ends - size
    chars = codes.take(ranges(first, size))
    kind, small = ch.classes_and_small(chars, ch.heard_and_lower())
    paired = kind == ch.DENSE
    letter = (kind >= ch.UPPER) & (kind <= ch.CASELESS)
    start, end = _runs(letter, offsets, ends)
    long = end - start >= LONG_WORD
    start, end = start[long], np.minimum(end, start + STEM)[long]
    follows = np.ones(len(chars), bool)
    follows[offsets] = False
    pairs = np.flatnonzero(paired[:-1] & paired[1:] & follows[1:])
    start, end = np.append(start, pairs), np.append(end, pairs + 2)
    return np.searchsorted(ends, start, "right"), ch.hash_of(ch.running_hash(small), start, end)


def _runs(inside: Bools, offsets: Wide, ends: Wide) -> tuple[Wide, Wide]:
    """Start and end of each run of True, none across the offsets."""
    last = inside.copy()
    last[:-1] &= ~inside[1:]
    last[ends - 1] = inside[ends - 1]
    return np.flatnonzero(_starts(inside, offsets)), np.flatnonzero(last) + 1


@cache
def edge_codes() -> tuple[Wide, Wide]:
    """Class -> number for a line's end and for its beginning."""
    closing, lead = np.zeros(ch.CLASSES, np.int64), np.full(ch.CLASSES, 5, np.int64)
    closing[[ch.STOP, ch.COMMA, ch.QUOTE, ch.BRACKET, ch.DIGIT, ch.LINK, ch.SYMBOL]] = 1, 2, 3, 3, 4, 4, 4
    lead[[ch.UPPER, ch.CASELESS, ch.DENSE, ch.LOWER, ch.DIGIT, ch.BULLET, ch.QUOTE]] = 0, 0, 0, 1, 2, 3, 4
    return closing, lead


def _edges(table: LineTable) -> dict[str, Wide]:
    """How each line ends and begins."""
    classes = ch.classes()
    closing, lead = edge_codes()
    close = closing[classes.take(table.codes[table.end - 1], mode="clip")]
    before = closing[classes.take(table.codes[np.maximum(table.end - 2, table.start)], mode="clip")]
    close = np.where((close == 3) & (before == 1), 1, close)
    begin = lead[classes.take(table.codes[table.start], mode="clip")]
    return {"closing": close, "lead": begin, "closed": (close == 1) * 100, "listed": (begin == 3) * 100}
