"""Where the article of a page begins and ends, told from where the page's own running text stands.

A *boundary* is a unit beyond which no page of the site has text of its own: above it the head of the page, or below
it the tail. What varies beyond it (titles of other articles, dates, a comment thread) is then chrome with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal

from cleaner.learn.pages import COMMON, ONE_HAND, Page, Unit, least_pages

Side = Literal["head", "tail"]

LITTLE, LINE = 0.02, 100
"""Share, or code points, of a page's own text that may stand beyond a boundary on a page where all is well: a
headline."""

FIRM = 0.97
"""Least share of the pages with a unit on which all is well, for the unit to be a boundary."""

FEW = 6
"""Lines of a page's own (its title, a breadcrumb, the neighbouring articles) that may stand above a boundary in the
head."""

BODY = 0.3
"""Least share of its pages' own text that must stand above a line for what follows it to be comments."""

QUIET = 0.1
"""Least share of pages without any text below a line, for what others have there to be taken for comments."""


GAIN = 0.001
"""Least share of a site's text that one more boundary must cut off to be worth a line in the rule file."""

REACH = 20
"""Lines between a comment and the nearest line that the thread repeats (its author, its date, a link to answer)."""


@dataclass(slots=True)
class Place:
    """Where a unit stands on the pages, counted while they are read."""

    pages: int = 0
    weighed: int = 0
    """Pages that have it and text of their own."""
    well: dict[Side, int] = field(default_factory=lambda: {"head": 0, "tail": 0})
    quiet: int = 0
    """Pages with no text of their own below it."""
    threads: int = 0
    """Pages with text of their own below it, all of it in a thread."""
    dated: int = 0
    """The same, with a date or time at each entry of the thread."""
    once: int = 0
    """Pages that have it just once."""
    mass: int = 0
    """Own text of its pages, in code points."""
    above: int = 0
    """How much of it stands above the unit."""
    lost: dict[Side, int] = field(default_factory=lambda: {"head": 0, "tail": 0})
    """How much of it stands beyond the unit, threads not counted."""
    top: int = 0
    """Greatest number of lines above it."""
    bottom: int = 0
    """Greatest number of lines below it."""

    def loss(self, side: Side) -> float:
        """Share of its pages' own text beyond it."""
        return self.lost[side] / max(1, self.mass)


@dataclass(frozen=True, slots=True)
class Slot:
    """The lines of a page between its boundaries: ``lines[start:end]`` is the article with what hangs on it."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The boundaries of a site, and where every unit stands."""

    heads: frozenset[str]
    tails: frozenset[str]
    places: Mapping[str, Place]

    def slot(self, page: Page) -> Slot:
        """The part of a page that no boundary cuts off."""
        start = next((i + 1 for i in reversed(range(len(page.units))) if page.units[i] in self.heads), 0)
        end = next((i for i in range(start, len(page.units)) if page.units[i] in self.tails), len(page.units))
        return Slot(start, end)


def find_layout(pages: Sequence[Page], units: Mapping[str, Unit], max_loss: float) -> Layout:
    """The boundaries of the pages."""
    threads = _threads(pages, units)
    places: dict[str, Place] = {}
    for page in pages:
        _count(page, units, threads, places)
    least = least_pages(len(pages), COMMON)
    chosen: dict[Side, set[str]] = {"head": set(), "tail": set()}
    sides: tuple[Side, Side] = ("head", "tail")
    for name, place in places.items():
        if place.pages < least or not place.weighed or not _can_bound(units[name], place):
            continue
        for side in sides:
            if _is_firm(place, place.well[side]) and _is_cheap(place, side, max_loss):
                chosen[side].add(name)
        if name not in chosen["head"] and _ends_before_comments(place) and _is_cheap(place, "tail", max_loss):
            chosen["tail"].add(name)
    heads = _cover(pages, chosen["head"] - chosen["tail"], "head")
    tails = _cover(pages, chosen["tail"] - chosen["head"], "tail")
    return Layout(frozenset(heads), frozenset(tails), places)


def _cover(pages: Sequence[Page], names: set[str], side: Side) -> list[str]:
    """The few of these boundaries that cut off nearly as much as all of them do, the most effective first."""
    firsts: dict[str, dict[int, int]] = {}  # name -> page number -> code points it cuts off
    for number, page in enumerate(pages):
        size = 0
        for line, name in zip(page.lines, page.units, strict=True) if side == "head" else _upward(page):
            size += len(line)
            if name in names:
                firsts.setdefault(name, {})[number] = size
    total = sum(len(line) for page in pages for line in page.lines)
    cut = [0] * len(pages)
    chosen: list[str] = []
    while firsts:
        gains = {
            name: [size - cut[number] for number, size in on.items() if size > cut[number]]
            for name, on in firsts.items()
        }
        name = min(gains, key=lambda name: (-sum(gains[name]), name))
        if len(gains[name]) < 2 or sum(gains[name]) < GAIN * total:
            break
        chosen.append(name)
        for number, size in firsts.pop(name).items():
            cut[number] = max(cut[number], size)
    return chosen


def _upward(page: Page) -> Iterator[tuple[str, str]]:
    return zip(reversed(page.lines), reversed(page.units), strict=True)


def _can_bound(unit: Unit, place: Place) -> bool:
    """Whether a unit says enough to be a boundary."""
    if unit.template:
        template = unit.template
        said = template.letters >= 4 and template.strong and (unit.dated or template.framed)
        return said and place.once >= ONE_HAND * place.pages
    return not unit.wordless and not unit.title


def _is_firm(place: Place, well: int) -> bool:
    """Whether all is well on nearly all pages; of eight pages and more one may be odd."""
    return place.weighed - well <= max(place.weighed >= 8, (1 - FIRM) * place.weighed)


def _is_cheap(place: Place, side: Side, max_loss: float) -> bool:
    """Whether little of the pages' own text stands beyond the unit; of few pages a tenth of one, which is a long
    title."""
    return place.loss(side) <= max(max_loss, 0.1 / place.weighed)


def _ends_before_comments(place: Place) -> bool:
    """Whether all text below a unit stands in threads, and the threads are comments: some pages have none, or they
    are dated."""
    if not _is_firm(place, place.well["tail"] + place.threads) or place.above < BODY * place.mass:
        return False
    return place.quiet >= QUIET * place.weighed or place.dated >= 0.9 * place.threads > 0


def _threads(pages: Sequence[Page], units: Mapping[str, Unit]) -> dict[str, bool]:
    """Units that stand several times on a page, on some pages more often than on others; whether they hold a date or
    time."""
    counts: dict[str, list[int]] = {}
    for page in pages:
        on: dict[str, int] = {}
        for name in page.units:
            if name:
                on[name] = on.get(name, 0) + 1
        for name, count in on.items():
            counts.setdefault(name, []).append(count)
    return {
        name: units[name].dated
        for name, on_pages in counts.items()
        if max(on_pages) >= 3 and len(set(on_pages)) > 1 and not units[name].wordless
    }


def _count(page: Page, units: Mapping[str, Unit], threads: Mapping[str, bool], places: dict[str, Place]) -> None:
    """Count one page in."""
    size = len(page.lines)
    mass = [0, *accumulate(page.mass)]
    own = [not name or (units[name].wordless and units[name].numbered) for name in page.units]
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for i, name in enumerate(page.units):
        if name:
            first.setdefault(name, i)
            last[name] = i
    thread_lines = [i for i, name in enumerate(page.units) if name in threads]
    own_above = [0, *accumulate(own)]
    for name, top in last.items():
        place = places.setdefault(name, Place())
        start = first[name]
        place.pages += 1
        place.once += start == top
        place.top = max(place.top, top)
        place.bottom = max(place.bottom, size - 1 - start)
        if not mass[-1]:
            continue
        place.weighed += 1
        place.mass += mass[-1]
        little = max(LINE, LITTLE * mass[-1])
        above, below = mass[top], mass[-1] - mass[start + 1]
        place.above += above
        place.lost["head"] += above if above > little else 0
        place.well["head"] += above <= little and own_above[top] <= FEW
        if below <= little:
            place.quiet += 1
            place.well["tail"] += _recognised(page, own, start)
        elif entries := _entries(page, thread_lines, start):
            place.threads += 1
            place.dated += any(threads[page.units[i]] for i in entries)
        else:
            place.lost["tail"] += below


def _entries(page: Page, thread_lines: Sequence[int], at: int) -> list[int]:
    """Lines of the thread below a line, if all text of the page's own down there is within its reach; else none."""
    below = [i for i in thread_lines if i > at]
    for i in range(at + 1, len(page.mass)):
        if page.mass[i] and not any(abs(i - j) <= REACH for j in below):
            return []
    return below


def _recognised(page: Page, own: Sequence[bool], at: int) -> bool:
    """Whether at most half of the lines that follow, up to two known lines in a row, are the page's own."""
    strange = known = run = 0
    for i in range(at + 1, len(own)):
        if own[i]:
            strange, run = strange + 1, 0
        else:
            known, run = known + 1, run + 1
            if run == 2:
                break
    return strange <= max(FEW, known)
