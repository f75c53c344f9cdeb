"""Judges the lines of a site's pages, once their layout is known: which are furniture, and where they stand.

An *edge line* is a line with a moving part (a byline, a date, a list of tags) at the start or the end of the article.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Final

from cleaner.learn.layout import Layout
from cleaner.learn.own import FEW
from cleaner.learn.pages import COMMON, ONE_HAND, SURE, is_sentence
from cleaner.learn.proposal import Region
from cleaner.learn.templates import Spot
from cleaner.learn.units import NamedPage, Unit
from cleaner.learn.words import HEADINGS

OUTSIDE: Final = 0.98
"""Least share of a line's occurrences that stand outside the article, for it to be furniture."""

TIED: Final = 0.8
"""Least share of a line's occurrences that have the same neighbour, above or below: furniture comes in blocks."""

EDGE: Final = 4
"""Lines of a page's own that may stand between an end of the article's slot and an edge line."""

CHANCE: Final = 5
"""Fewer pages than these may have a line with moving parts by chance, as where one player scores in three matches."""


class Judge:
    """Judges the units of a site by all their occurrences. A spot is the number of a page and that of its line."""

    def __init__(self, pages: Sequence[NamedPage], units: Mapping[str, Unit], layout: Layout) -> None:
        self.pages, self.units, self.layout = pages, units, layout
        self.slots = [layout.slot(page) for page in pages]
        self.spots: dict[str, list[Spot]] = {}
        """Of each unit all occurrences, in the order of the pages."""
        for number, page in enumerate(pages):
            for at, name in enumerate(page.units):
                if name:
                    self.spots.setdefault(name, []).append((number, at))
        self._unnamed = [_running(not name for name in page.units) for page in pages]
        """Of each page, for each line and for the page's end: how many lines without a unit stand above it ..."""
        self._own = [_running(own.lines) for own in layout.own]
        """... and the sum of `OwnText.lines` there."""
        self._boxes: dict[int, Sequence[bool]] = {}  # page -> for each line what `_in_box` says
        self.edges = {name: spots for name in sorted(units) if (spots := self._edge_spots(name))}
        """Of each edge line the spots at which it is to go."""

    def is_furniture(self, name: str) -> bool:
        """Whether a line without a moving part is to go: it stands outside the article, or in a block of such lines."""
        unit = self.units[name]
        if unit.template or unit.wordless or unit.date_only or unit.title or unit.too_long or name in HEADINGS:
            return False
        if self._is_bound(name) or self._is_headline(name) or name in self.edges:
            return False
        return self._outside(name) or (name not in self.layout.facts and (name in self.layout.firm or self._tied(name)))

    def region(self, name: str) -> Region:
        """Where a unit stands most often."""
        counts = Counter[Region]()
        for n, at in self.spots[name]:
            slot = self.slots[n]
            counts["head" if at < slot.start else "tail" if at >= slot.end else "body"] += 1
        return max(sorted(counts), key=lambda region: counts[region])

    def blocks(self, names: set[str]) -> set[str]:
        """Those of these lines that mostly stand right above or below another of them."""
        blocks = names
        while True:
            left = {name for name in blocks if self._beside(name, blocks) >= TIED * len(self.spots[name])}
            if left == blocks:
                return blocks
            blocks = left

    def head_zone(self, spots: Sequence[Spot], room: int = EDGE) -> int | None:
        """First lines of the page that hold all of these spots, if these are in its head or right below."""
        if all(at - self.slots[n].start <= 2 * EDGE for n, at in spots):
            return _zone([at + 1 for _, at in spots], room)
        return None

    def tail_zone(self, spots: Sequence[Spot]) -> int | None:
        """Last lines of the page that hold all of these spots, if these are in its tail or right above."""
        if all(self.slots[n].end - at <= 2 * EDGE for n, at in spots):
            return _zone([len(self.pages[n].units) - at for n, at in spots], EDGE)
        return None

    def _is_bound(self, name: str) -> bool:
        return name in self.layout.heads or name in self.layout.tails

    def _is_headline(self, name: str) -> bool:
        """Whether such lines are headlines at more than a tenth of their spots. Where no line of a page says its title,
        one that differs from page to page and is no text may be the headline."""
        unit = self.units[name]
        may = unit.varied and not unit.dated
        count = 0
        for n, at in self.spots[name]:
            own = self.layout.own[n]
            count += own.headline == at or (may and not own.titled and not own.mass[at])
        return 10 * count > len(self.spots[name])

    def _outside(self, name: str) -> bool:
        spots = self.spots[name]
        out = sum(not self.slots[n].start <= at < self.slots[n].end for n, at in spots)
        return out >= OUTSIDE * len(spots)

    def _beside(self, name: str, names: set[str]) -> int:
        """At how many of its spots a line has one of these above or below."""
        count = 0
        for n, at in self.spots[name]:
            units = self.pages[n].units
            count += any(unit in names for unit in (*units[max(0, at - 1) : at], *units[at + 1 : at + 2]))
        return count

    def _tied(self, name: str) -> bool:
        """Whether a line that nearly all pages have stands in a block: nearly always the same line above, or below.

        Blocks within the article are table heads, code, ingredients; there the block must hold a sentence as well.
        """
        unit, spots = self.units[name], self.spots[name]
        if unit.share < SURE:
            return False
        inside = sum(self._is_inside(n, at) for n, at in spots)
        if inside > 0.2 * len(spots):
            return sum(self._in_box(n, at) for n, at in spots) >= TIED * len(spots)
        for step in (-1, 1):
            beside = ((self.pages[n].units, at + step) for n, at in spots)
            near = Counter(units[at] for units, at in beside if 0 <= at < len(units) and units[at])
            if near and max(near.values()) >= TIED * len(spots):
                return True
        return False

    def _is_inside(self, n: int, at: int) -> bool:
        """Whether the page has text of its own, or more than a few lines, above and below the line."""
        mass, own = self.layout.own[n].mass, self._own[n]
        above = mass[at] or own[at] > FEW
        return bool(above and (mass[-1] > mass[at + 1] or own[-1] - own[at + 1] > FEW))

    def _in_box(self, n: int, at: int) -> bool:
        """Whether the line is one of several fixed ones in a row, one of which is a sentence."""
        if n not in self._boxes:
            page = self.pages[n]
            fixed = [*map(self._is_fixed, page.units)]
            first, last = [*range(len(fixed))], [*range(len(fixed))]
            for i in range(1, len(fixed)):
                if fixed[i - 1]:
                    first[i] = first[i - 1]
                if fixed[-i]:
                    last[-1 - i] = last[-i]
            sentences = _running(map(is_sentence, page.lines))
            self._boxes[n] = [b > a and sentences[b + 1] > sentences[a] for a, b in zip(first, last, strict=True)]
        return self._boxes[n][at]

    def _is_fixed(self, name: str) -> bool:
        return bool(name) and not self.units[name].moving and self.units[name].share >= SURE

    def _edge_spots(self, name: str) -> list[Spot]:
        """The spots of a unit that is an edge line, once a page; of any other none.

        One that says little must stand always the same number of lines below the head; only those spots are given.
        """
        unit, place, spots = self.units[name], self.layout.places[name], self.spots[name]
        if not unit.moving or unit.share < COMMON or self._is_bound(name) or self._is_headline(name):
            return []
        if name in self.layout.facts or unit.pages < CHANCE:
            return []
        if not unit.says_enough:
            offsets = Counter(at - self.slots[n].start for n, at in spots)
            offset, count = min(offsets.items(), key=lambda item: (-item[1], item[0]))
            if not 0 <= offset <= EDGE or count < SURE * len(self.pages):
                return []
            return [(n, at) for n, at in spots if at - self.slots[n].start == offset]
        if place.once < ONE_HAND * place.pages:
            return self._first_spots(name) if unit.dated else []
        near = 0
        for n, at in spots:
            slot, unnamed = self.slots[n], self._unnamed[n]
            # less than none: it stands outside
            near += min(unnamed[at] - unnamed[slot.start], unnamed[slot.end] - unnamed[at + 1]) <= EDGE
        return spots if near >= ONE_HAND * len(spots) else []

    def _first_spots(self, name: str) -> list[Spot]:
        """The first spot on each page right below the head, if nearly all pages that have the unit have one there."""
        firsts: dict[int, Spot] = {}
        for n, at in self.spots[name]:
            unnamed, start = self._unnamed[n], self.slots[n].start
            if start <= at and unnamed[at] - unnamed[start] <= 1:
                firsts.setdefault(n, (n, at))
        return [*firsts.values()] if len(firsts) >= SURE * self.units[name].pages else []


def _running(values: Iterable[int]) -> list[int]:
    """For each line, and for the page's end, the sum of the values of the lines above."""
    return [0, *accumulate(values)]


def _zone(lines: Sequence[int], room: int) -> int | None:
    """Lines up to the last of these, counted from an end of the page; None if they are all over it, as what stands
    behind a thread is."""
    most = max(lines)
    return most + room if most <= 2 * (sorted(lines)[len(lines) // 2] + EDGE) else None
