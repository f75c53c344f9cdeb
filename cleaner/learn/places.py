"""Where the units of a site stand on its pages, and what of the pages' own stands beyond them.

A unit can be a boundary in three ways (`BoundaryKind`): ``head`` takes its last place on a page for the lower end of
the head, ``first`` its first place, and ``tail`` takes its first place for the upper end of the tail. All is *well* on
a page where next to no running text stands beyond the boundary, few other lines of the page's own, and not the
headline.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final, Literal

from cleaner.learn.own import HEADING, BoundaryKind, OwnText
from cleaner.learn.pages import MIN_PAGES
from cleaner.learn.units import NamedPage, Unit

Side = Literal["head", "tail"]
BOUNDARY_KINDS: Final[tuple[BoundaryKind, ...]] = ("head", "first", "tail")

ENTRIES: Final = 3
"""How often a line of a thread stands on a page, on a few pages at least. Twice may be a word of the menu and a
heading."""

REACH: Final = 20
"""Lines between a comment and the nearest line that the thread repeats (its author, its date, a link to answer)."""


@dataclass(slots=True)
class Beyond:
    """What stands beyond a unit, taken for one kind of boundary."""

    odd: set[int] = field(default_factory=set)
    """Numbers of the pages on which not all is well."""
    lost: int = 0
    """Own text that stands there, on the pages where it is more than a little and no thread."""
    beside: Counter[str] = field(default_factory=Counter)
    """The units right beyond it, on pages that are not odd or have a thread there, and how often; the empty name is for
    lines of a page's own."""


@dataclass(slots=True)
class Place:
    """Where a unit stands on the pages, counted while they are read."""

    pages: int = 0
    weighed: int = 0
    """Pages that have it and text of their own."""
    beyond: dict[BoundaryKind, Beyond] = field(default_factory=lambda: {kind: Beyond() for kind in BOUNDARY_KINDS})
    threads: set[int] = field(default_factory=set)
    """Pages with text of their own below it, all of it in a thread; ..."""
    dated: int = 0
    """... with a date or time at each entry of the thread."""
    quiet: int = 0
    """Pages with no text of their own below it."""
    once: int = 0
    """Pages that have it just once."""
    mass: int = 0
    """Own text of its pages, in code points."""
    above: int = 0
    """How much of it stands above the unit."""
    top: int = 0
    """Greatest number of lines above it."""
    first: int = 0
    """The same, above its first place on the page."""
    second: int = 1 << 40
    """Least number of lines above its second place on the page."""


def find_places(pages: Sequence[NamedPage], own: Sequence[OwnText], units: Mapping[str, Unit]) -> dict[str, Place]:
    """The place of each unit on these pages, of which the own text is given."""
    threads = _threads(pages, units)
    places: dict[str, Place] = defaultdict(Place)
    for number, (page, text) in enumerate(zip(pages, own, strict=True)):
        _count(number, page, text, units, threads, places)
    return dict(places)


def _count(
    number: int, page: NamedPage, text: OwnText, units: Mapping[str, Unit], threads: set[str], places: dict[str, Place]
) -> None:
    """Count one page in."""
    spots: dict[str, list[int]] = {}
    for at, name in enumerate(page.units):
        if name:
            spots.setdefault(name, []).append(at)
    thread = _Thread(page, text, units, threads, {name: ats[0] for name, ats in spots.items()})
    for name, ats in spots.items():
        place = places[name]
        first, last = ats[0], ats[-1]
        place.pages += 1
        place.once += first == last
        place.top = max(place.top, last)
        place.first = max(place.first, first)
        place.second = min([place.second, *ats[1:2]])
        if not text.size:
            continue
        place.weighed += 1
        place.mass += text.size
        place.above += text.beyond("head", last)
        place.quiet += text.beyond("tail", first) <= text.little
        if text.beyond("tail", first) > text.little and thread.holds(first):
            place.threads.add(number)
            place.dated += thread.is_dated(first)
        for kind in BOUNDARY_KINDS:
            at = last if kind == "head" else first
            beyond, size = place.beyond[kind], text.beyond(kind, at)
            of_readers = kind == "tail" and number in place.threads
            if not text.is_well(kind, at):
                beyond.odd.add(number)
                beyond.lost += size if size > text.little and not of_readers else 0
            if of_readers or number not in beyond.odd:
                beside = at + 1 if kind == "tail" else at - 1
                beyond.beside[page.units[beside] if 0 <= beside < len(page.units) else ""] += 1


def _threads(pages: Sequence[NamedPage], units: Mapping[str, Unit]) -> set[str]:
    """Units that stand several times on some pages, and on some pages more often than on others."""
    counts: dict[str, list[int]] = {}
    for page in pages:
        for name, count in Counter(page.units).items():
            counts.setdefault(name, []).append(count)
    return {
        name
        for name, on_pages in counts.items()
        if name
        and sum(count >= ENTRIES for count in on_pages) >= MIN_PAGES
        and len(set(on_pages)) > 1
        and not units[name].wordless
    }


class _Thread:
    """Whether the text below a line of a page is a thread, and whether its entries are dated.

    It is one if all own text there is within the reach of lines that repeat, and that the page has nowhere above. It is
    dated if its entries have a date or time each, and one more line that they all have. Asked of lines with text below
    them. All is counted beforehand: a page of many lines has many units to ask for.
    """

    def __init__(
        self, page: NamedPage, text: OwnText, units: Mapping[str, Unit], names: set[str], first: Mapping[str, int]
    ) -> None:
        size = len(page.units)
        starts = [first[name] if name in names else -1 for name in page.units]
        reach = [max(starts[max(0, i - REACH) : i + REACH + 1]) if mass else size for i, mass in enumerate(page.mass)]
        if HEADING in text.lines:
            reach = [-1 if own == HEADING else at for at, own in zip(reach, text.lines, strict=True)]
        self._least = _suffixes(reach, min)
        """For the text below each line: from where on the lowest of the threads is found that reach it."""
        last = max((i for i, mass in enumerate(page.mass) if mass), default=0)
        self._dated = [0, *accumulate(bool(name) and units[name].dated for name in page.units[:last])]
        counts = Counter(page.units[:last])
        most = [0] * size
        for name in names & first.keys():
            if not units[name].dated:
                most[first[name]] = counts[name]
        self._most = _suffixes(most, max)
        """Of the undated units that begin at each line or below: how often the most frequent one is there."""

    def holds(self, at: int) -> bool:
        """Whether the text below a line is a thread's."""
        return self._least[at + 1] > at

    def is_dated(self, at: int) -> bool:
        """Whether that thread is dated."""
        return 0 < self._most[at + 1] <= 2 * (self._dated[-1] - self._dated[at + 1])


def _suffixes(values: Sequence[int], of: Callable[[int, int], int]) -> list[int]:
    """For each place the greatest, or least, of the values from there on."""
    return [*accumulate(reversed(values), of)][::-1]
