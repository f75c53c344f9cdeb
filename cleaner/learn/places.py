"""Where the units of a site stand on its pages, and what of the pages' own stands beyond them.

A *reading* takes a unit for the lower end of a page's head, by its last place on the page or by its first one, or for
the upper end of its tail, by its first place. All is well on a page where next to no running text stands beyond it, few
other lines of the page's own, and not the headline.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final, Literal

from cleaner.learn.facts import is_row
from cleaner.learn.pages import DATE, LETTER, MIN_PAGES, SURE, Page, Unit, cites
from cleaner.learn.words import HEADINGS
from cleaner.text.fold import says_title

NUMBER: Final = re.compile(r"\d+")

Side = Literal["head", "tail"]
Reading = Literal["head", "first", "tail"]
READINGS: Final[tuple[Reading, ...]] = ("head", "first", "tail")

LITTLE, LINE = 0.02, 100
"""Share, or code points, of a page's own text that may stand beyond a unit on a page where all is well: a headline.
Never more than half of it."""

FEW = 6
"""Lines of a page's own (a breadcrumb, the neighbouring articles) that may stand above a unit in the head."""

ROW, CLEAR, HEADING = 2, 4, FEW + 1
"""How many lines of a page's own these count for: what may be the row of a table; what is clearly of an article, as
facts and citations, two of which are more than a few; the heading of a part of an article above a line that differs
from page to page, one of which is."""

FULL_STOPS = (".", "。", "۔", "।")
"""What no title ends in."""

ENTRIES = 3
"""Places on a page that a thread has, on a few pages at least: a word of the menu may be a heading there twice."""

REACH = 20
"""Lines between a comment and the nearest line that the thread repeats (its author, its date, a link to answer)."""


@dataclass(slots=True)
class Beyond:
    """What stands beyond a unit, by one reading."""

    odd: set[int] = field(default_factory=set)
    """Numbers of the pages on which not all is well."""
    lost: int = 0
    """Own text of the pages that stands there, threads not counted, where it is more than a little."""
    beside: Counter[str] = field(default_factory=Counter)
    """The units right beyond it, on pages that are not odd or have a thread there, and how often; the empty name is for
    lines of a page's own."""


@dataclass(slots=True)
class Place:
    """Where a unit stands on the pages, counted while they are read."""

    pages: int = 0
    weighed: int = 0
    """Pages that have it and text of their own."""
    beyond: dict[Reading, Beyond] = field(default_factory=lambda: {reading: Beyond() for reading in READINGS})
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


def find_places(pages: Sequence[Page], units: Mapping[str, Unit], facts: set[str]) -> dict[str, Place]:
    """The place of each unit; each page gets its headline, and how much each of its lines is its own."""
    threads = _threads(pages, units)
    places: dict[str, Place] = defaultdict(Place)
    for number, page in enumerate(pages):
        page.own = _ownness(page, units, facts)
        text = _Text(page)
        page.headline, page.titled = _headline(page, units, text.begins)
        _count(number, page, text, units, threads, places)
    return dict(places)


def _count(
    number: int, page: Page, text: _Text, units: Mapping[str, Unit], threads: set[str], places: dict[str, Place]
) -> None:
    """Count one page in."""
    spots: dict[str, list[int]] = {}
    for at, name in enumerate(page.units):
        if name:
            spots.setdefault(name, []).append(at)
    thread = _Thread(page, units, threads, {name: ats[0] for name, ats in spots.items()})
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
        for reading in READINGS:
            at = last if reading == "head" else first
            beyond, size = place.beyond[reading], text.beyond(reading, at)
            of_readers = reading == "tail" and number in place.threads
            if not text.is_well(reading, at):
                beyond.odd.add(number)
                beyond.lost += size if size > text.little and not of_readers else 0
            if of_readers or number not in beyond.odd:
                beside = at + 1 if reading == "tail" else at - 1
                beyond.beside[page.units[beside] if 0 <= beside < len(page.units) else ""] += 1


class _Text:
    """The text of a page's own, by where it stands."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._mass = [0, *accumulate(page.mass)]
        self.size = self._mass[-1]
        """Its code points."""
        self.little = min(max(LINE, LITTLE * self.size), self.size / 2)
        self.begins = bisect_right(self._mass, self.little)
        """First lines of the page, through the one with which more than a little of it has been said."""
        self._own_above = [0, *accumulate([0 < own != CLEAR for own in page.own])]
        self._recognised = _Below(page.own)

    def beyond(self, reading: Reading, at: int) -> int:
        """How much of it stands above a line, or below for a tail."""
        return self.size - self._mass[at + 1] if reading == "tail" else self._mass[at]

    def is_well(self, reading: Reading, at: int) -> bool:
        """Whether next to nothing of the page's own stands there."""
        if self.beyond(reading, at) > self.little:
            return False
        if reading == "tail":
            return self._recognised(at)
        return self._own_above[at] <= FEW and at < self._page.headline


def _threads(pages: Sequence[Page], units: Mapping[str, Unit]) -> set[str]:
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


def _headline(page: Page, units: Mapping[str, Unit], lines: int) -> tuple[int, bool]:
    """Which of the first lines a head must leave, and whether it says the page's title. Where none does, any line of
    the page's own may be the headline, so it is the first one. Of a headline that stands there twice the last one
    stays."""
    last = {key: at for at, key in enumerate(page.keys[:lines])}
    own = [at for key, at in last.items() if _may_be_headline(key, units.get(page.units[at]))]
    titles = [at for at in own if says_title(page.keys[at], page.title)]
    return (max(titles), True) if titles else (min(own, default=len(page.keys)), False)


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
        if HEADING in page.own:
            reach = [-1 if own == HEADING else at for at, own in zip(reach, page.own, strict=True)]
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

    def __init__(self, own: Sequence[int]) -> None:
        self._own = own
        self._known: dict[int, bool] = {}  # line below which a stretch begins -> whether all is well from there on

    def __call__(self, at: int) -> bool:
        path: list[int] = []
        well = True
        while well and at < len(self._own) - 1:
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
        for i in range(at + 1, len(self._own)):
            if self._own[i]:
                odd, run = odd + self._own[i], 0
            else:
                known, run = known + 1, run + 1
                if run == 2:
                    break
        return i, odd <= max(FEW, known)


def _is_date(key: str) -> bool:
    """Whether a line is a date and hardly anything else."""
    return len(key) <= 25 and DATE.search(key) is not None and len(NUMBER.findall(key)) <= 3


def _ownness(page: Page, units: Mapping[str, Unit], facts: set[str]) -> list[int]:
    """How much each line is the page's own: 0 (not at all), 1, ROW, CLEAR or HEADING."""
    own = [0] * len(page.lines)
    for at, (line, key, name) in enumerate(zip(page.lines, page.keys, page.units, strict=True)):
        if name:
            unit = units[name]
            own[at] = CLEAR if name in facts else unit.wordless and (unit.numbered or unit.share < SURE)
        elif not (page.repeated[at] or _is_date(key)):
            is_content = not page.mass[at] and (cites(line) or line.endswith(FULL_STOPS))
            own[at] = CLEAR if is_content else ROW if is_row(key) else 1
    if HEADINGS.isdisjoint(page.keys):
        return own
    for at, (key, below) in enumerate(zip(page.keys, page.units[1:], strict=False)):
        if key in HEADINGS and (not below or units[below].moving or below in facts):
            own[at] = HEADING
    return own
