"""Where the article of a page begins and ends, inferred from where the page's own running text is.

A *boundary* is a unit beyond which no page of the site has text of its own: above it the head of the page, or below
it the tail. What varies beyond it (titles of other articles, dates, a comment thread) is then chrome with it.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal

from cleaner.learn.pages import COMMON, DATE, LETTER, MIN_PAGES, ONE_HAND, SURE, Page, Unit
from cleaner.text.fold import says_title
from cleaner.text.lines import reads_like_prose

NUMBER = re.compile(r"\d+")
TWO_NUMBERS = re.compile(r"\d\D+\d")

Side = Literal["head", "tail"]

LITTLE, LINE = 0.02, 100
"""Share, or code points, of a page's own text that may stand beyond a boundary on a page where all is well: a headline.
Never more than half of it."""

RESIDUE = 0.3
"""Greatest share of pages with such a little above: a headline is sometimes taken for text, a standfirst always is."""

FIRM = 0.97
"""Least share of the pages with a unit on which all is well, for the unit to be a boundary."""

FEW = 6
"""Lines of a page's own (its title, a breadcrumb, the neighbouring articles) that may stand above a boundary in the
head."""

APART = 3
"""Lines between the lowest first place of a line and the highest second one, for the first ones to be told apart."""

BODY = 0.2
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
    residue: int = 0
    """Pages on which a little of it stands above."""
    top: int = 0
    """Greatest number of lines above it."""
    first: int = 0
    """The same, above its first place on the page."""
    second: int = 1 << 40
    """Least number of lines above its second place on the page."""
    well_first: int = 0
    """Pages on which all is well above its first place."""

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

    heads: Mapping[str, int]
    """Name -> first lines of the page in which it is a boundary."""
    tails: frozenset[str]
    firm: frozenset[str]
    """All that could be boundaries and that nearly all pages have."""
    places: Mapping[str, Place]

    def slot(self, page: Page) -> Slot:
        """The part of a page that no boundary cuts off."""
        heads = self.heads
        start = next((i + 1 for i in reversed(range(len(page.units))) if i < heads.get(page.units[i], 0)), 0)
        end = next((i for i in range(start, len(page.units)) if page.units[i] in self.tails), len(page.units))
        return Slot(start, end)


def find_layout(pages: Sequence[Page], units: Mapping[str, Unit], max_loss: float) -> Layout:
    """The boundaries of the pages."""
    threads, lists = _threads(pages, units), _lists(pages, units)
    places: dict[str, Place] = {}
    for page in pages:
        _count(page, units, threads, lists, places)
    heads: dict[str, int] = {}
    tails: set[str] = set()
    both: set[str] = set()
    for name, place in places.items():
        unit = units[name]
        if unit.share < COMMON or place.pages < MIN_PAGES or not place.weighed or not _can_bound(unit, place):
            continue
        if name not in lists:
            if _is_firm(place, place.well_first) and place.second > place.first + APART:
                heads[name] = place.first + 1
            if _is_firm(place, place.well["head"]) and _is_cheap(place, "head", max_loss):
                heads[name] = _roomy(place.top)
        if _is_firm(place, place.well["tail"]) and _is_cheap(place, "tail", max_loss):
            (both if name in heads else tails).add(name)
        elif name not in heads and _ends_before_comments(place) and _is_cheap(place, "tail", max_loss):
            tails.add(name)
    for name in both:
        del heads[name]
    firm = frozenset(name for name in (*heads, *tails) if units[name].share >= SURE)
    lower = _cover(pages, units, {name: 1 << 40 for name in tails}, "tail")
    upper = _cover(pages, units, heads, "head")
    return Layout({name: heads[name] for name in upper}, frozenset(lower), firm, places)


def _roomy(lines: int) -> int:
    """The number of first lines of a page in which to look for what was never seen below so many lines."""
    return lines + max(10, math.ceil(lines * 0.5))


def _cover(pages: Sequence[Page], units: Mapping[str, Unit], names: Mapping[str, int], side: Side) -> list[str]:
    """The few of these boundaries that cut off nearly as much as all of them do, the most effective first.

    What a line of fixed wording says itself counts only if it is sure to be furniture: a phrase at the end of most
    articles, or a note at their beginning, is no boundary for its own sake.
    """
    firsts: dict[str, dict[int, int]] = {}  # name -> page number -> code points it cuts off
    silent = {name for name, unit in units.items() if not unit.moving and unit.share < SURE}
    for number, page in enumerate(pages):
        size = 0
        ats = range(len(page.lines))
        for at in ats if side == "head" else reversed(ats):
            name = page.units[at]
            if name not in silent:
                size += len(page.lines[at])
            if name and at < names.get(name, 0):
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


def _can_bound(unit: Unit, place: Place) -> bool:
    """Whether a unit says enough to be a boundary."""
    if unit.template:
        template = unit.template
        said = template.letters >= 4 and template.strong and (unit.dated or template.framed)
        return said and place.once >= ONE_HAND * place.pages
    if unit.share < SURE and reads_like_prose(unit.text):
        return False
    return not (unit.wordless or unit.date_only or unit.title)


def _is_firm(place: Place, well: int) -> bool:
    """Whether all is well on nearly all pages; of eight pages and more one may be odd."""
    return place.weighed - well <= max(place.weighed >= 8, (1 - FIRM) * place.weighed)


def _is_cheap(place: Place, side: Side, max_loss: float) -> bool:
    """Whether little of the pages' own text stands beyond the unit; of few pages a tenth of one, which is a long
    title."""
    if side == "head" and place.residue > RESIDUE * place.weighed:
        return False
    return place.loss(side) <= max(max_loss, 0.1 / place.weighed)


def _ends_before_comments(place: Place) -> bool:
    """Whether all text below a unit stands in threads, and the threads are comments: some pages have none, or they
    are dated."""
    if not _is_firm(place, place.well["tail"] + place.threads) or place.above < BODY * place.mass:
        return False
    return place.quiet >= QUIET * place.weighed or place.dated >= FIRM * place.threads > 0


def _threads(pages: Sequence[Page], units: Mapping[str, Unit]) -> set[str]:
    """Units that stand several times on a page, on some pages more often than on others."""
    counts: dict[str, list[int]] = {}
    for page in pages:
        on: dict[str, int] = {}
        for name in page.units:
            if name:
                on[name] = on.get(name, 0) + 1
        for name, count in on.items():
            counts.setdefault(name, []).append(count)
    return {
        name
        for name, on_pages in counts.items()
        if max(on_pages) >= 3 and len(set(on_pages)) > 1 and not units[name].wordless
    }


def _lists(pages: Sequence[Page], units: Mapping[str, Unit]) -> set[str]:
    """Units that are entries of lists of the pages' own, as `200 g flour` is: their numbers differ, mostly they stand
    beside another line with a number, and not nearly all pages have them, or not always between the same lines."""
    places = Counter[str]()
    beside: dict[str, list[tuple[str, str]]] = {}
    for page in pages:
        names = ["", *page.units, ""]
        entry = [_may_be_listed(units.get(name), key) for name, key in zip(names, ["", *page.keys, ""], strict=True)]
        for at, name in enumerate(names):
            if name and entry[at]:
                places[name] += 1
                if entry[at - 1] or entry[at + 1]:
                    beside.setdefault(name, []).append((names[at - 1], names[at + 1]))
    return {
        name
        for name, near in beside.items()
        if 2 * len(near) > places[name]
        and (units[name].share < SURE or max(Counter(near).values()) < ONE_HAND * len(near))
    }


def _may_be_listed(unit: Unit | None, key: str) -> bool:
    if unit is None:
        return NUMBER.search(key) is not None
    return unit.numbered and not (unit.wordless or unit.dated)


def _count(page: Page, units: Mapping[str, Unit], threads: set[str], lists: set[str], places: dict[str, Place]) -> None:
    """Count one page in."""
    mass = [0, *accumulate(page.mass)]
    page.strange = strange = _strangeness(page, units, lists)
    recognised = _Below(strange)
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    second: dict[str, int] = {}
    for i, name in enumerate(page.units):
        if name:
            if name in first:
                second.setdefault(name, i)
            first.setdefault(name, i)
            last[name] = i
    little = min(max(LINE, LITTLE * mass[-1]), mass[-1] / 2)
    page.headline = _headline(page, units, bisect_right(mass, little))
    thread = _Thread(page, units, threads, first)
    own_above = [0, *accumulate(map(bool, strange))]
    for name, top in last.items():
        place = places.setdefault(name, Place())
        start = first[name]
        place.pages += 1
        place.once += start == top
        place.top = max(place.top, top)
        place.first = max(place.first, start)
        place.second = min(place.second, second.get(name, place.second))
        if not mass[-1]:
            continue
        place.weighed += 1
        place.mass += mass[-1]
        above, below = mass[top], mass[-1] - mass[start + 1]
        place.above += above
        if above > little:
            place.lost["head"] += above
        elif above:
            place.residue += 1
        place.well["head"] += above <= little and own_above[top] <= FEW and top < page.headline
        place.well_first += mass[start] <= little and own_above[start] <= FEW and start < page.headline
        if below <= little:
            place.quiet += 1
            place.well["tail"] += recognised(start)
        elif thread.holds(start):
            place.threads += 1
            place.dated += thread.is_dated(start)
        else:
            place.lost["tail"] += below


def _headline(page: Page, units: Mapping[str, Unit], lines: int) -> int:
    """Which of the first lines a head must leave: the one that says the page's title. Where none does, any line of the
    page's own may be the headline, so it is the first one. Of a headline that stands there twice the last one stays."""
    last = {key: at for at, key in enumerate(page.keys[:lines])}
    own = [at for key, at in last.items() if _may_be_headline(key, units.get(page.units[at]))]
    said = [at for at in own if says_title(page.keys[at], page.title)]
    return max(said) if said else min(own, default=len(page.keys))


def _may_be_headline(key: str, unit: Unit | None) -> bool:
    """Whether a line says something, and something else on each page."""
    if unit is None:
        return LETTER.search(key) is not None and not _is_date(key)
    return unit.varied and not (unit.dated or unit.wordless)


class _Thread:
    """Whether all text of a page's own below a line is within the reach of a thread's lines, and whether the entries of
    that thread have a date or time each, and one more line that they all have. The lines of a thread are those of
    units that the page has nowhere above.

    Asked of a line that has text below it. All is counted beforehand: a page of many lines has many units to ask for.
    """

    def __init__(self, page: Page, units: Mapping[str, Unit], names: set[str], first: Mapping[str, int]) -> None:
        size = len(page.units)
        starts = [first[name] if name in names else -1 for name in page.units]
        reach = [max(starts[max(0, i - REACH) : i + REACH + 1]) if mass else size for i, mass in enumerate(page.mass)]
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


class _Below:
    """Whether no stretch of lines below a line is mostly the page's own; a stretch ends at two known lines in a row."""

    def __init__(self, strange: Sequence[int]) -> None:
        self._strange = strange
        self._known: dict[int, bool] = {}  # line below which a stretch begins -> whether all is well from there on

    def __call__(self, at: int) -> bool:
        path: list[int] = []
        well = True
        while well and at < len(self._strange) - 1:
            if at in self._known:
                well = self._known[at]
                break
            path.append(at)
            at, well = self._stretch(at)
        for start in path:
            self._known[start] = well
        return well

    def _stretch(self, at: int) -> tuple[int, bool]:
        """The last line of the stretch below a line, and whether the stretch is well."""
        odd = known = run = 0
        for i in range(at + 1, len(self._strange)):
            if self._strange[i]:
                odd, run = odd + self._strange[i], 0
            else:
                known, run = known + 1, run + 1
                if run == 2:
                    break
        return i, odd <= max(FEW, known)


def _is_date(key: str) -> bool:
    """Whether a line is a date and hardly anything else."""
    return len(key) <= 25 and DATE.search(key) is not None and len(NUMBER.findall(key)) <= 3


def _is_row(key: str) -> bool:
    """Whether a third of the words and more are numbers, two at least."""
    if len(key) > 200 or not TWO_NUMBERS.search(key):
        return False
    words = key.split()
    numbers = sum(word[0].isdigit() for word in words)
    return numbers > 1 and numbers * 3 >= len(words)


def _strangeness(page: Page, units: Mapping[str, Unit], lists: set[str]) -> list[int]:
    """For each line whether it is the page's own: 1, or 2 for what may be the row of a table; else 0."""
    return [
        name in lists or (unit.wordless and (unit.numbered or unit.share < SURE))
        if (unit := units.get(name))
        else (0 if again or _is_date(key) else 1 + _is_row(key))
        for key, name, again in zip(page.keys, page.units, page.again, strict=True)
    ]
