"""What of a page is its own, by where it stands: its running text, its other lines, its headline."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from itertools import accumulate
from typing import Final, Literal

from cleaner.learn.facts import is_row
from cleaner.learn.pages import DATE, LETTER, SURE, cites
from cleaner.learn.units import NamedPage, Unit
from cleaner.learn.words import HEADINGS
from cleaner.text.fold import says_title

NUMBER: Final = re.compile(r"\d+")

BoundaryKind = Literal["head", "first", "tail"]
"""Ways in which a unit can be a boundary; see `places`."""

LITTLE, LINE = 0.02, 100
"""How much of a page's own text may stand beyond a unit where all is well, as a headline does: this share, or as many
code points if that is more; but no more than half of it."""

FEW: Final = 6
"""Lines of a page's own (a breadcrumb, the neighbouring articles) that may stand above a unit in the head."""

ROW, CLEAR, HEADING = 2, 4, FEW + 1
"""For how many lines of a page's own one line counts.

ROW: it may be the row of a table. CLEAR: it is clearly the article's, as a fact or a citation is; two are more than a
few. HEADING: it heads a part of an article, above a line that differs from page to page; one is more than a few.
"""

FULL_STOPS: Final = (".", "。", "۔", "।")
"""What no title ends in."""


class OwnText:
    """What of a page is its own. Nothing of it changes once it is made."""

    def __init__(self, page: NamedPage, units: Mapping[str, Unit], facts: Collection[str]) -> None:
        self.lines: Sequence[int] = _ownness(page, units, facts)
        """How much each line is the page's own: 0 (not at all: other pages have it too), 1, ROW, CLEAR or HEADING; the
        more, the more it looks like a part of the article."""
        self.mass: Sequence[int] = [0, *accumulate(page.mass)]
        """For each line, and for the page's end, the code points of its own running text above."""
        self.size = self.mass[-1]
        """Code points of all that text."""
        self.little = min(max(LINE, LITTLE * self.size), self.size / 2)
        """How much of it may stand beyond a unit where all is well."""
        # the first lines of the page, through the one with which more than a little has been said
        begins = bisect_right(self.mass, self.little)
        self.headline, self.titled = _headline(page, units, begins)
        """Which line says what the page is about (the number of lines, where none does), and whether that is the page's
        title."""
        self._above = [0, *accumulate([0 < own != CLEAR for own in self.lines])]
        self._recognised = _recognised(self.lines)

    def beyond(self, kind: BoundaryKind, at: int) -> int:
        """How much of the running text stands above a line, or below for a tail."""
        return self.size - self.mass[at + 1] if kind == "tail" else self.mass[at]

    def is_well(self, kind: BoundaryKind, at: int) -> bool:
        """Whether next to nothing of the page's own stands there."""
        if self.beyond(kind, at) > self.little:
            return False
        if kind == "tail":
            return self._recognised[at]
        return self._above[at] <= FEW and at < self.headline


def _is_date(key: str) -> bool:
    """Whether a line is a date and hardly anything else."""
    return len(key) <= 25 and DATE.search(key) is not None and len(NUMBER.findall(key)) <= 3


def _ownness(page: NamedPage, units: Mapping[str, Unit], facts: Collection[str]) -> list[int]:
    """`OwnText.lines` of the page."""
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


def _headline(page: NamedPage, units: Mapping[str, Unit], lines: int) -> tuple[int, bool]:
    """Which of the first lines a head must leave, and whether it says the page's title.

    Where no line says the title, it is the first of the page's own, as any of these may be the headline. Of a headline
    that stands there twice, it is the last one.
    """
    last = {key: at for at, key in enumerate(page.keys[:lines])}
    own = [at for key, at in last.items() if _may_be_headline(key, units.get(page.units[at]))]
    titles = [at for at in own if says_title(page.keys[at], page.title)]
    return (max(titles), True) if titles else (min(own, default=len(page.keys)), False)


def _may_be_headline(key: str, unit: Unit | None) -> bool:
    """Whether a line says something, and something else on each page."""
    if unit is None:
        return LETTER.search(key) is not None and not _is_date(key)
    return unit.varied and not (unit.dated or unit.wordless)


def _recognised(own: Sequence[int]) -> list[bool]:
    """For each line whether no stretch of lines below it is mostly the page's own; a stretch ends at two known lines in
    a row. ``own``: `OwnText.lines`."""
    well = [True] * len(own)
    said = [0, *accumulate(own)]
    known = [0, *accumulate(not line for line in own)]
    end = len(own) - 1
    for at in reversed(range(end)):
        if at + 2 < len(own) and known[at + 3] - known[at + 1] == 2:
            end = at + 2
        odd = said[end + 1] - said[at + 1]
        well[at] = odd <= max(FEW, known[end + 1] - known[at + 1]) and well[end]
    return well
