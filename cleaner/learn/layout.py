"""Where the article of a page begins and ends, inferred from where the page's own running text is.

A *boundary* is a unit beyond which no page of the site has text of its own: above it the head of the page, or below
it the tail. What varies beyond it (titles of other articles, dates, a comment thread) is then chrome with it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cleaner.learn.facts import find_facts
from cleaner.learn.own import BoundaryKind, OwnText
from cleaner.learn.pages import COMMON, MIN_PAGES, ONE_HAND, SURE
from cleaner.learn.places import BOUNDARY_KINDS, Beyond, Place, Side, find_places
from cleaner.learn.units import NamedPage, Unit
from cleaner.learn.words import HEADINGS
from cleaner.text.lines import reads_like_prose

FIRM: Final = 0.97
"""Least share of the pages with a unit on which all is well (see `places`), for the unit to be a boundary."""

APART: Final = 3
"""Lines between the lowest first and the highest second occurrence of a unit on a page, for a zone to tell the first
ones from the others."""

BODY: Final = 0.2
"""Least share of its pages' own text that must stand above a line for what follows it to be comments."""

QUIET: Final = 0.1
"""Least share of pages without any text below a line, for what others have there to be taken for comments."""

GAIN: Final = 0.001
"""Least share of a site's text that one more boundary must cut off to be worth a line in the rule file."""

PLAIN_WORDS: Final = 2
"""A boundary of so few words may well be a heading within an article."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A unit as a boundary."""

    side: Side
    lines: int | None = None
    """First lines of the page in which it is one; None: all."""
    partner: str = ""
    """The unit that must stand right beyond it, if any must."""
    odd: frozenset[int] = frozenset()
    """Numbers of the pages on which something of the page's own stands beyond it."""

    def holds(self, names: Sequence[str], at: int) -> bool:
        """Whether the unit in this line of a page is the boundary."""
        if self.lines is not None and at >= self.lines:
            return False
        beyond = at + 1 if self.side == "tail" else at - 1
        return not self.partner or (0 <= beyond < len(names) and names[beyond] == self.partner)


@dataclass(frozen=True, slots=True)
class Slot:
    """The lines of a page between its boundaries: ``lines[start:end]`` is the article with what hangs on it."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The boundaries of a site, and where every unit stands."""

    heads: Mapping[str, Bound]
    tails: Mapping[str, Bound]
    firm: frozenset[str]
    """All that could be boundaries and that nearly all pages have."""
    facts: frozenset[str]
    """Rows of tables and lists of the pages' own."""
    places: Mapping[str, Place]
    own: Sequence[OwnText]
    """What of each page is its own."""

    def slot(self, page: NamedPage) -> Slot:
        """The part of a page that no boundary cuts off."""
        names = page.units
        size = len(names)
        start = next((at + 1 for at in reversed(range(size)) if _holds(self.heads, names, at)), 0)
        end = next((at for at in range(start, size) if _holds(self.tails, names, at)), size)
        return Slot(start, end)


def _holds(bounds: Mapping[str, Bound], names: Sequence[str], at: int) -> bool:
    return (bound := bounds.get(names[at])) is not None and bound.holds(names, at)


def find_layout(pages: Sequence[NamedPage], units: Mapping[str, Unit], max_loss: float) -> Layout:
    """The boundaries of the pages. A unit that could be one of either side is none."""
    facts = frozenset(find_facts(pages, units))
    own = [OwnText(page, units, facts) for page in pages]
    places = find_places(pages, own, units)
    heads: dict[str, Bound] = {}
    tails: dict[str, Bound] = {}
    for name, place in places.items():
        unit = units[name]
        if name in facts or unit.share < COMMON or place.pages < MIN_PAGES or not place.weighed:
            continue
        if not _can_bound(unit, place):
            continue
        above, first, below = (_bound(kind, unit, place, units, max_loss) for kind in BOUNDARY_KINDS)
        head = above or first
        if not head and below:
            tails[name] = below
        elif head and not (below and _is_firm(place, place.beyond["tail"].odd)):
            heads[name] = head
    firm = frozenset(name for name in (*heads, *tails) if units[name].share >= SURE)
    heads, tails = _cover(pages, units, heads, "head"), _cover(pages, units, tails, "tail")
    return Layout(heads, tails, firm, facts, places, own)


def _can_bound(unit: Unit, place: Place) -> bool:
    """Whether a unit says enough to be a boundary."""
    if unit.template:
        template = unit.template
        says_enough = template.letters >= 4 and template.strong and (unit.dated or template.framed)
        return says_enough and place.once >= ONE_HAND * place.pages
    if unit.share < SURE and reads_like_prose(unit.text):
        return False
    return not (unit.wordless or unit.date_only or unit.title or unit.too_long or unit.name in HEADINGS)


def _bound(kind: BoundaryKind, unit: Unit, place: Place, units: Mapping[str, Unit], max_loss: float) -> Bound | None:
    """The unit as a boundary of this kind, if it is one.

    All must be well on nearly all pages, and little be lost on the others; where pages are few, up to a tenth of one,
    which is a long title. A plain word may be said in an article too: it must stand beside its partner, or once a page.
    """
    beyond = place.beyond[kind]
    odd = beyond.odd
    if kind == "first" and place.second <= place.first + APART:
        return None
    if kind == "tail" and _has_comments(place):
        odd = odd - place.threads
    if not _is_firm(place, odd) or beyond.lost > max(max_loss, 0.1 / place.weighed) * place.mass:
        return None
    plain = not unit.moving and len(unit.name.split()) <= PLAIN_WORDS
    partner = _partner(beyond, units) if plain or (odd and not unit.moving) else ""
    told_apart = not odd and (kind == "first" or place.once >= ONE_HAND * place.pages)
    if plain and not partner and not told_apart:
        return None
    lines = {"head": _roomy(place.top), "first": place.first + 1, "tail": None}[kind]
    return Bound("tail" if kind == "tail" else "head", lines, partner, frozenset(odd))


def _is_firm(place: Place, odd: Collection[int]) -> bool:
    """Whether all is well on nearly all pages; of eight pages and more one may be odd."""
    return len(odd) <= max(place.weighed >= 8, (1 - FIRM) * place.weighed)


def _has_comments(place: Place) -> bool:
    """Whether the threads below a unit are comments: some pages have none, or they are dated."""
    if place.above < BODY * place.mass:
        return False
    return place.quiet >= QUIET * place.weighed or place.dated >= FIRM * len(place.threads) > 0


def _partner(beyond: Beyond, units: Mapping[str, Unit]) -> str:
    """The line of fixed wording that nearly always stands right beyond a unit, if one does."""
    name, count = max(beyond.beside.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    if not name or units[name].moving or units[name].wordless or units[name].too_long:
        return ""
    return name if count >= FIRM * beyond.beside.total() else ""


def _roomy(lines: int) -> int:
    """The number of first lines of a page in which to look for what was never seen below so many lines."""
    return lines + max(10, math.ceil(lines * 0.5))


def _cover(
    pages: Sequence[NamedPage], units: Mapping[str, Unit], bounds: Mapping[str, Bound], side: Side
) -> dict[str, Bound]:
    """The few of these boundaries that cut off nearly as much as all of them do, the most effective first.

    What a line of fixed wording says itself counts as lost unless it is sure to be furniture, or announces with a colon
    what stands below: it may be a phrase at the end of most articles, or a note at their beginning.
    """
    firsts: dict[str, dict[int, int]] = {}  # name -> page number -> code points it cuts off
    silent = {
        name for name, unit in units.items() if not (unit.moving or unit.share >= SURE or unit.text.endswith(":"))
    }
    for number, page in enumerate(pages):
        size = 0
        ats = range(len(page.lines))
        for at in ats if side == "head" else reversed(ats):
            name = page.units[at]
            length = len(page.lines[at])
            bound = bounds.get(name)
            if bound and number not in bound.odd and bound.holds(page.units, at):
                firsts.setdefault(name, {})[number] = size - length if name in silent else size + length
            if name not in silent:
                size += length
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
    return {name: bounds[name] for name in chosen}
