"""Numbers that describe each line of a text, for shape rules: thresholds in rule files, and fitted models.

A feature is a count of the line itself (``words``), the same of its surroundings (``words_above1``, ``words_near5``),
a distance (``since_comment``), or a place in the text (``share_before``). ``FEATURES`` names them all. Only what is
asked for is computed, and all features of one surrounding together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from cleaner.text import characters as ch
from cleaner.text import counts
from cleaner.text.counts import Ints, LineTable, Wide, alike, cohesion, count, percent, running_sums
from cleaner.text.measure import FAR, LONG, MARKED_WORDS, PROSE_LINE, PROSE_SENTENCE
from cleaner.text.runs import run_heads
from cleaner.text.speed import compiled_module
from cleaner.text.vocabulary import GROUPS

native: Any = compiled_module("cleaner.text._features")


@dataclass(frozen=True, slots=True)
class Feature:
    """Unit and meaning of one number."""

    unit: str
    meaning: str


_OWN: Final = {
    "chars": ("code points", "length without the blanks around it"),
    "words": ("words", "parts between blanks, and one more for each two letters of a script without blanks; exact "
              "up to 96 code points, estimated from these beyond"),
    "indent": ("code points", "blanks at its beginning"),
    "letters_a_word": ("tenths", "letters a word"),
    "capitals": ("percent", "capitals among the cased letters"),
    "caseless": ("percent", "letters without case among the letters"),
    "digits": ("percent", "digits among the characters that are not blanks"),
    "stops": ("count", "full stops, question and exclamation marks"),
    "commas": ("count", "commas, semicolons, colons"),
    "links": ("count", "| » › · / @ > = _ and arrows"),
    "quotes": ("count", "quotation marks and apostrophes"),
    "brackets": ("count", "brackets"),
    "bullets": ("count", "bullets and dashes"),
    "symbols": ("count", "symbols and emoji"),
    "tabs": ("count", "tabs"),
    "closing": ("code", "how it ends: 1 full stop (a quote or bracket behind it aside), 2 comma or colon, 3 quote or "
                "bracket, 4 digit, link character or symbol, 0 otherwise"),
    "lead": ("code", "how it begins: 0 capital or letter without case, 1 small letter, 2 digit, 3 bullet or dash, "
             "4 quote, 5 otherwise"),
    "closed": ("percent", "100 if it ends like a sentence, else 0"),
    "listed": ("percent", "100 if it begins with a bullet or dash, else 0"),
    "prose": ("percent", "100 if it has 25 words, or 8 and ends like a sentence, else 0"),
    "cased": ("count", "tokens that begin with a cased letter"),
    "title": ("percent", "capitalised tokens among those"),
    "lower_words": ("percent", "tokens that begin with a small letter"),
    "short": ("percent", "tokens of at most three letters that begin with a small one"),
    "numbers": ("percent", "tokens that begin with a digit"),
    "furniture": ("count", "tokens of all vocabulary groups but function words and dates"),
    "furniture_share": ("percent", "such tokens among the tokens"),
    **{name: ("count", f"tokens of the vocabulary group `{name}`") for name in GROUPS},
    "stop": ("percent", "function words among the tokens"),
    "cohesion": ("percent", "its words of five letters or more (pairs of letters in scripts without blanks) that other "
                 "prose lines say too, as far as their first six letters tell"),
    "alike": ("count", "lines within 10 lines of it that are made alike: the same order of capitalised words, other "
              "words, numbers and signs"),
    "rhythm": ("percent", "100 if it is one of three such lines at equal distances of at most 8 lines, else 0"),
}  # fmt: skip

_SHIFTS: Final = {f"{side}{k}": k * sign for sign, side in ((-1, "above"), (1, "below")) for k in (1, 2, 3)}
_WINDOWS: Final = {
    "near2": (-2, 2), "near5": (-5, 5), "near15": (-15, 15),
    "up3": (-3, -1), "up5": (-5, -1), "up15": (-15, -1),
    "down3": (1, 3), "down5": (1, 5), "down15": (1, 15),
}  # fmt: skip
_MARKED: Final = (*GROUPS, "prose")

_PLACES: Final = {
    "from_top": ("lines", "non-blank lines above it, at most 999"),
    "from_end": ("lines", "non-blank lines below it, at most 999"),
    "share_before": ("percent", "of the text's code points that stand above it"),
    "share_after": ("percent", "of the text's code points that stand below it"),
    "prose_before": ("percent", "of the code points of prose lines that stand above it"),
    "prose_after": ("percent", "of the code points of prose lines that stand below it"),
    "prose_up8": ("code points", "in prose lines among the 8 above it"),
    "prose_down8": ("code points", "in prose lines among the 8 below it"),
    "core5": ("percent", "code points in prose lines within 5 lines, against the most of that anywhere in the text"),
    "core12": ("percent", "code points in prose lines within 12 lines, against the most of that anywhere in the text"),
    "run": ("lines", "lines that are no prose between the nearest prose lines above and below"),
    "blank_above": ("lines", "blank lines above it, at most 8; 9 at the beginning"),
    "blank_below": ("lines", "blank lines below it, at most 8; 9 at the end"),
    "copies_above": ("count", "lines above it that say the same, at most 9"),
    "copies_below": ("count", "lines below it that say the same, at most 9"),
    "block_lines": ("lines", "lines with no blank line between them and it"),
    "block_place": ("lines", "such lines above it"),
    "block_mean": ("code points", "mean length of such lines"),
    "block_prose": ("percent", "prose lines among such lines"),
    "block_lines_below": ("lines", "lines in the next such block"),
    "doc_lines": ("step", "lines of the text, in steps: 8, 20, 50, 150, 400"),
    "doc_mean": ("step", "mean length of its lines, in steps: 30, 50, 80, 120, 200 code points"),
    "doc_prose": ("fifths", "prose lines among its lines"),
    "doc_prose_chars": ("fifths", "code points in prose lines"),
    "doc_blanks": ("quarters", "lines with a blank line above"),
    "doc_listed": ("quarters", "lines that begin with a bullet or dash"),
    "doc_title": ("step", "mean share of capitalised words, in steps of 15 percent"),
}  # fmt: skip


def _named() -> dict[str, Feature]:
    found = {name: Feature(*entry) for name, entry in (_OWN | _PLACES).items()}
    for name, (unit, meaning) in _OWN.items():
        for tag, k in _SHIFTS.items():
            where = f"{abs(k)} {'above' if k < 0 else 'below'}"
            found[f"{name}_{tag}"] = Feature(unit, f"{meaning}; of the non-blank line {where}, -1 if there is none")
        for tag, (low, high) in _WINDOWS.items():
            found[f"{name}_{tag}"] = Feature(unit, f"{meaning}; mean of the non-blank lines {low:+} to {high:+}")
    for name in _MARKED:
        what = "prose line" if name == "prose" else f"line of at most 8 words, one of the group `{name}`"
        found[f"since_{name}"] = Feature("lines", f"up to the nearest {what}, itself included; 100: none")
        found[f"until_{name}"] = Feature("lines", f"down to the nearest {what}, itself included; 100: none")
    return found


FEATURES: Final[Mapping[str, Feature]] = MappingProxyType(_named())
"""All features by name."""


_CONTAINERS: Final = ("nav", "aside", "footer", "header", "form", "figure", "table", "list", "quote", "p")
_NAMED: Final = ("comment", "related", "share", "signup", "author", "caption")

MARKUP: Final[Mapping[str, Feature]] = MappingProxyType(
    {
        "level": Feature("1 to 6", "level of the heading that it is; 0: none"),
        "link": Feature("share", "of its letters that stand in links"),
        **{f"in_{name}": Feature("count", f"`{name}` elements that it stands in, at most 3") for name in _CONTAINERS},
        **{
            f"below_{name}": Feature("count", f"elements around it, within the page's main one, whose class speaks of "
            f"`{name}`, at most 3; -1 outside of the main one") for name in _NAMED
        },
    }
)  # fmt: skip
"""What the markup of a web page says about each line; a text that comes from no page has none of it."""


def line_features(table: LineTable, names: Sequence[str]) -> Ints:
    """The named features of the table's lines, a row each. Raises KeyError for an unknown name."""
    if not len(table):
        return np.zeros((len(names), 0), np.int32)
    if native is not None:
        return _compiled(table, tuple(names))
    return _Reader(table).read(names)


_DISTANCES: Final = ("since", "until")
KINDS: Final = ("own", "place", "shift", "window", *_DISTANCES)
"""Surroundings that a feature tells of, as the compiled loops number them."""


@lru_cache(maxsize=64)
def _program(names: tuple[str, ...]) -> tuple[Ints, bool, bool]:
    """For each feature its kind, the row it is read from, the lines from and to; and whether any asks for a place, or
    for the line's cohesion."""
    rows: list[tuple[int, int, int, int]] = []
    for name in names:
        kind, tag = _surrounding(name)
        low, high = _WINDOWS[tag] if kind == "window" else (_SHIFTS.get(tag, 0), 0)
        source = name.partition("_")[2] if kind in _DISTANCES else name.removesuffix(f"_{tag}") if tag else name
        table = native.PLACES if kind == "place" else counts.native.OWN
        rows.append((KINDS.index(kind), table.index(source), low, high))
    placed = any(row[0] == KINDS.index("place") for row in rows)
    return np.array(rows, np.int32).reshape(-1, 4), placed, _coheres(names)


def _coheres(names: Sequence[str]) -> bool:
    return any(name.startswith("cohesion") for name in names)


def _compiled(table: LineTable, names: tuple[str, ...]) -> Ints:
    """The features by the compiled loops."""
    program, placed, coheres = _program(names)
    own, hashes = counts.own_rows(table, coheres=coheres)
    places = np.empty((len(native.PLACES) if placed else 0, len(table)), np.int32)
    if placed:
        native.place(own, hashes, table.heads, table.gap, places)
    result = np.empty((len(names), len(table)), np.int32)
    native.surround(own, places, table.first, table.last, program, result)
    return result


@lru_cache(maxsize=64)
def _by_surrounding(names: tuple[str, ...]) -> Mapping[tuple[str, str], list[int]]:
    """Kind and tag of a surrounding -> rows of the features that ask for it."""
    groups: dict[tuple[str, str], list[int]] = {}
    for row, name in enumerate(names):
        groups.setdefault(_surrounding(name), []).append(row)
    return groups


def _surrounding(name: str) -> tuple[str, str]:
    """Kind and tag of the surroundings that a feature tells of. Raises KeyError for an unknown one."""
    if name not in FEATURES:
        raise KeyError(name)
    if name in _OWN:
        return "own", ""
    if name in _PLACES:
        return "place", ""
    front, back = name.partition("_")[0], name.rpartition("_")[2]
    if front in _DISTANCES:
        return front, ""
    return ("shift" if back in _SHIFTS else "window"), back


class _Reader:
    """Computes features of one table."""

    def __init__(self, table: LineTable) -> None:
        self.table = table
        self.index = np.arange(len(table))
        self.own = count(table)
        words, closed = self.own["words"], self.own["closed"] > 0
        prose = (words >= PROSE_LINE) | ((words >= PROSE_SENTENCE) & closed)
        self.own["prose"] = prose * 100
        self.own["alike"], self.own["rhythm"] = alike(table, self.own["make"])

    def read(self, names: Sequence[str]) -> Ints:
        result = np.empty((len(names), len(self.index)), np.int32)
        if _coheres(names):
            self.own["cohesion"] = cohesion(self.table, self.own["prose"] > 0)
        for (kind, tag), rows in _by_surrounding(tuple(names)).items():
            if kind in ("own", "place"):
                source = self.own if kind == "own" else self._places()
                for row in rows:
                    result[row] = source[names[row]]
            elif kind == "shift":
                result[rows] = self._shift(_SHIFTS[tag], self._stack(names, rows, f"_{tag}"))
            elif kind == "window":
                result[rows] = self._window(*_WINDOWS[tag], self._stack(names, rows, f"_{tag}"))
            else:
                marks = [names[row].partition("_")[2] for row in rows]
                result[rows] = self._distance(marks, down=kind == "until")
        return result

    def _stack(self, names: Sequence[str], rows: Sequence[int], tail: str) -> Ints:
        return np.array([self.own[names[row].removesuffix(tail)] for row in rows], np.int32)

    def _shift(self, by: int, values: Ints) -> Ints:
        other = self.index + by
        inside = (other >= self.table.first) & (other <= self.table.last)
        shifted: Ints = np.where(inside, values.take(other, axis=1, mode="clip"), np.int32(-1))
        return shifted

    def _window(self, low: int, high: int, values: Ints) -> Ints:
        begin = np.minimum(np.maximum(self.index + low, self.table.first), self.table.last + 1)
        end = np.maximum(np.minimum(self.index + high, self.table.last) + 1, begin)
        sums = running_sums(values)  # they may wrap round: differences stay right
        size = np.maximum(end - begin, 1).astype(np.int32)
        means: Ints = (sums.take(end, axis=1) - sums.take(begin, axis=1)) // size
        return means

    def _distance(self, marks: Sequence[str], down: bool) -> Ints:
        short = self.own["words"] <= MARKED_WORDS
        at = np.array([(self.own[mark] > 0) & (short | (mark == "prose")) for mark in marks])
        n = np.int32(len(self.index))
        index = self.index.astype(np.int32)
        if down:
            near = np.minimum.accumulate(np.where(at, index, n)[:, ::-1], axis=1)[:, ::-1]
            return np.where(near <= self.table.last, np.minimum(near - index, FAR - 1), FAR).astype(np.int32)
        near = np.maximum.accumulate(np.where(at, index, np.int32(-1)), axis=1)
        return np.where(near >= self.table.first, np.minimum(index - near, FAR - 1), FAR).astype(np.int32)

    def _places(self) -> dict[str, Any]:
        table, own = self.table, self.own
        chars, prose = running_sums(own["chars"]), running_sums(np.where(own["prose"] > 0, own["chars"], 0))
        return {
            "blank_above": table.gap[:-1],
            "blank_below": table.gap[1:],
            **_blocks(table, own),
            **_copies(table, own["hash"]),
            **_document(table, own, chars, prose),
            **self._positions(chars, prose),
        }

    def _positions(self, chars: Wide, prose: Wide) -> dict[str, Any]:
        """``chars`` and ``prose``: running sums of the code points of all lines, and of those in prose lines."""
        first, last, index = self.table.first, self.table.last, self.index
        n = len(index)
        whole, whole_prose = chars[last + 1] - chars[first], prose[last + 1] - prose[first]
        found: dict[str, Any] = {
            "from_top": np.minimum(index - first, 999),
            "from_end": np.minimum(last - index, 999),
            "share_before": percent(chars[:-1] - chars[first], whole),
            "share_after": percent(chars[last + 1] - chars[1:], whole),
            "prose_before": percent(prose[:-1] - prose[first], whole_prose),
            "prose_after": percent(prose[last + 1] - prose[1:], whole_prose),
        }
        for width in (5, 12):
            near = prose[np.minimum(index + width, last) + 1] - prose[np.maximum(index - width, first)]
            most = np.maximum.reduceat(near, self.table.heads)
            lines = np.diff(np.append(self.table.heads, n))
            found[f"core{width}"] = percent(near, np.repeat(most, lines))
        found["prose_up8"] = np.minimum(prose[:-1] - prose[np.maximum(index - 8, first)], LONG)
        found["prose_down8"] = np.minimum(prose[np.minimum(index + 8, last) + 1] - prose[1:], LONG)
        is_prose = self.own["prose"] > 0
        up = np.append(-1, np.maximum.accumulate(np.where(is_prose, index, -1))[:-1])
        down = np.append(np.minimum.accumulate(np.where(is_prose, index, n)[::-1])[::-1][1:], n)
        found["run"] = np.minimum(np.minimum(down, last + 1) - np.maximum(up + 1, first), 999)
        return found


def _blocks(table: LineTable, own: Mapping[str, Wide]) -> dict[str, Any]:
    n = len(table)
    heads = np.flatnonzero(table.gap[:n] > 0)
    size = np.diff(np.append(heads, n))
    number = np.repeat(np.arange(len(heads)), size)
    below = np.append(size[1:], 0)
    below[np.append(table.gap[heads[1:]] == 9, True)] = 0
    return {
        "block_lines": np.minimum(size, 999)[number],
        "block_place": np.minimum(np.arange(n) - heads[number], 999),
        "block_mean": (np.add.reduceat(own["chars"], heads) // size)[number],
        "block_prose": (np.add.reduceat(own["prose"], heads) // size)[number],
        "block_lines_below": np.minimum(below, 999)[number],
    }


def _copies(table: LineTable, hashes: Wide) -> dict[str, Any]:
    n = len(table)
    key = hashes.view(np.uint64) ^ (table.first.astype(np.uint64) * np.uint64(ch.MIX))
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    heads = np.flatnonzero(run_heads(ordered))
    size = np.diff(np.append(heads, n))
    rank = np.arange(n) - np.repeat(heads, size)
    above, below = np.empty(n, np.int64), np.empty(n, np.int64)
    above[order] = np.minimum(rank, 9)
    below[order] = np.minimum(np.repeat(size, size) - 1 - rank, 9)
    return {"copies_above": above, "copies_below": below}


def _document(table: LineTable, own: Mapping[str, Wide], chars: Wide, prose: Wide) -> dict[str, Any]:
    """Coarse on purpose: finer steps would tell single documents apart, and a fit learn them by heart."""
    heads = table.heads
    ends = np.append(heads[1:], len(table))
    lines = ends - heads
    whole = chars[ends] - chars[heads]

    def mean(values: Any) -> Any:
        return np.add.reduceat(values, heads) // lines

    found = {
        "doc_lines": np.searchsorted([8, 20, 50, 150, 400], lines),
        "doc_mean": np.searchsorted([30, 50, 80, 120, 200], whole // lines),
        "doc_prose": mean(own["prose"]) // 20,
        "doc_prose_chars": percent(prose[ends] - prose[heads], whole) // 20,
        "doc_blanks": mean((table.gap[:-1] > 0) * 100) // 25,
        "doc_listed": mean(own["listed"]) // 25,
        "doc_title": mean(own["title"]) // 15,
    }
    return {name: np.repeat(values, lines) for name, values in found.items()}
