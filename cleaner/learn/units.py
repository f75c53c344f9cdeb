"""The unit of each line of a site's pages.

A line of a page is known by its *unit*: the line key if enough pages have that very line, else the key with its numbers
left open, else a template with moving parts that it fits; a line that is none of these is the page's own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import regex

from cleaner.learn.families import Families
from cleaner.learn.pages import COMMON, DATE, LETTER, ONE_HAND, SURE, Page, cites, is_sentence, least_pages
from cleaner.learn.templates import DATE_LINE, DATED, THREAD, WORD, Spot, Template, find_templates
from cleaner.options import MAX_LINE
from cleaner.text.fold import number_key
from cleaner.text.lines import reads_like_prose

MIN_THREAD: Final = 0.05
"""Least share of the pages for a template that stands several times on a page, as the entries of a thread do."""

RARE: Final = 0.1
"""A unit is one case of a template if at least this share of the pages has other lines with the same first words."""

LABEL: Final = regex.compile(r"[^\p{L}\p{N}]*([\p{L}\p{M}][\p{L}\p{M} '&/]*)[ .]*(?:[:|=](?! ?/)| -(?: |$))")
SHORT, NEAR = 60, 3
"""A line of up to SHORT code points may fit a template wherever it stands; a longer one must stand within NEAR lines of
a known line."""

PROSE, VERSE = 200, 0.25
"""A page with less running text than PROSE code points may be a poem or a table, whose lines are all its text. If fewer
than this share of the pages are so, they are galleries or empty, and do not show where an article ends."""


@dataclass(frozen=True, slots=True)
class NamedPage(Page):
    """A page with the unit of each of its lines."""

    units: Sequence[str]
    """Unit of each line, empty for a line of the page's own."""
    repeated: Sequence[bool]
    """Whether each line is said elsewhere too: on another page, as the title of one, or in the same text."""
    mass: Sequence[int]
    """Code points of each line that are the page's own running text."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What many pages of a site have in common: a line, or a template."""

    name: str
    pages: int
    """Number of pages that have it."""
    text: str
    """The line as the first page writes it."""
    template: Template | None = None
    numbered: bool = False
    """The numbers of the line differ."""
    dated: bool = False
    """Most of its lines hold a year or a time of day."""
    varied: bool = False
    """Nearly every line of it is another."""
    share: float = 0.0
    """Greatest share of a family of pages (see `families`) that has it."""
    wordless: bool = False
    """Nothing but numbers and punctuation."""
    title: bool = False
    """It is the title of one of the pages."""

    @property
    def moving(self) -> bool:
        """Whether a part of the line differs from page to page."""
        return self.numbered or self.template is not None

    @property
    def too_long(self) -> bool:
        """Whether no rule would find it: wordings are not tried on lines of such a length."""
        return len(self.text) > MAX_LINE

    @property
    def says_enough(self) -> bool:
        """Whether it is no chance likeness: it is dated, or a template with the form of a label."""
        return self.dated or (self.template is not None and self.template.letters >= 4 and self.template.framed)

    @property
    def label(self) -> str:
        """The words before the colon or dash of a line with a moving part, each with a blank behind it, or nothing."""
        start = " ".join(self.template.start) if self.template else self.name if self.numbered else ""
        label = LABEL.match(start)
        return "".join(f"{word} " for word in WORD.findall(label[1])) if label else ""

    @property
    def date_only(self) -> bool:
        """A date and nothing else: three short words at most besides the numbers."""
        words = [word for word in regex.split(r"[^\p{L}\p{M}]+", self.name) if word]
        return self.dated and self.template is None and len(words) <= 3 and sum(map(len, words)) <= 14


def name_lines(pages: Sequence[Page], share: float) -> tuple[list[NamedPage], dict[str, Unit]]:
    """The pages with the units of their lines, and these units by name. ``share``: of the pages that must have one."""
    exact = Counter(key for page in pages for key in set(page.keys) if key)
    families = Families(pages, exact)
    names = _names(pages, exact, families.least(share))
    units, typed = _units(pages, names, families, share)
    named = [[name if (name := names.get(key, "")) in units else "" for key in page.keys] for page in pages]
    repeated = _repeated(pages, exact)
    mass = _mass(pages, named, repeated)
    cases = _cases(pages, named, units, families.least(COMMON))
    named = [["" if name in cases else name for name in on_page] for on_page in named]
    for template, spots in _templates(pages, named, typed, families, share):
        units[template.name] = _template_unit(template, spots, pages, families)
        for number, at in spots:
            named[number][at] = template.name
            if template.start and template.end:
                mass[number][at] = 0
    left = {key: name for key, name in names.items() if name in cases}
    done = [
        NamedPage(
            page.id,
            page.date,
            page.title,
            page.lines,
            page.folded,
            page.keys,
            units=[name or left.get(key, "") for name, key in zip(on_page, page.keys, strict=True)],
            repeated=again,
            mass=sizes,
        )
        for page, on_page, again, sizes in zip(pages, named, repeated, mass, strict=True)
    ]
    found = {name for page in done for name in page.units}
    return done, {name: unit for name, unit in units.items() if name in found}


def _names(pages: Sequence[Page], exact: Counter[str], least: int) -> dict[str, str]:
    """What the unit of a line key is called: the key, or ``#`` and the key with its numbers left open, if that is on
    more pages."""
    number_keys = {key: zeroed for key in exact if (zeroed := number_key(key)) != key}
    numbered: Counter[str] = Counter()
    for page in pages:
        numbered.update({number_keys[key] for key in page.keys if key in number_keys})
    names: dict[str, str] = {}
    for key, count in exact.items():
        zeroed = number_keys.get(key, key)
        if zeroed != key and numbered[zeroed] >= least and numbered[zeroed] > 1.2 * count:
            names[key] = f"#{zeroed}"
        elif count >= least:
            names[key] = key
    return names


def _units(
    pages: Sequence[Page], names: Mapping[str, str], families: Families, share: float
) -> tuple[dict[str, Unit], set[str]]:
    """The units of lines that say the same, but for their numbers; and the keys of lines that people have typed."""
    titles, least = {page.title for page in pages}, families.least(share)
    units: dict[str, Unit] = {}
    typed: set[str] = set()
    on: dict[str, set[int]] = defaultdict(set)  # name -> numbers of the pages
    writings: dict[str, Counter[str]] = defaultdict(Counter)
    for number, page in enumerate(pages):
        for line, key in zip(page.lines, page.keys, strict=True):
            if name := names.get(key, ""):
                on[name].add(number)
                writings[name][line] += 1
    for name, texts in writings.items():
        if (spread := families.share(on[name])) < share:
            continue
        text = min(texts, key=lambda text: (-texts[text], text))
        wordless = not LETTER.search(name)
        if name[0] == "#":
            if not reads_like_prose(text):
                dated, varied = _dated_and_varied(texts)
                units[name] = Unit(
                    name,
                    len(on[name]),
                    text,
                    numbered=True,
                    dated=dated,
                    varied=varied,
                    share=spread,
                    wordless=wordless,
                )
        elif sum(count for count in texts.values() if count >= least) >= ONE_HAND * texts.total():
            units[name] = Unit(name, len(on[name]), text, share=spread, wordless=wordless, title=name in titles)
        else:
            typed.add(name)
    return units, typed


def _repeated(pages: Sequence[Page], exact: Counter[str]) -> list[list[bool]]:
    """`NamedPage.repeated` of each page."""
    titles = {page.title for page in pages}
    repeated = []
    for page in pages:
        bare = [key.lstrip("0123456789. ") for key in page.keys]
        on = Counter(bare)  # a table of contents says the headings again
        repeated.append([exact[k] > 1 or k in titles or on[own] > 1 for k, own in zip(page.keys, bare, strict=True)])
    return repeated


def _mass(pages: Sequence[Page], named: Sequence[Sequence[str]], repeated: Sequence[Sequence[bool]]) -> list[list[int]]:
    """`NamedPage.mass` of each page. A line has mass if it is running text that this page alone has; on pages with
    little text, if there are many, all that the page alone has."""
    sizes = [
        [0 if name or again else len(line) for line, name, again in zip(page.lines, *known, strict=True)]
        for page, *known in zip(pages, named, repeated, strict=True)
    ]
    mass = [
        [size if size and is_sentence(line) else 0 for line, size in zip(page.lines, on_page, strict=True)]
        for page, on_page in zip(pages, sizes, strict=True)
    ]
    scant = [number for number, on_page in enumerate(mass) if sum(on_page) < PROSE]
    if len(scant) >= VERSE * len(pages):
        for number in scant:
            mass[number] = sizes[number]
    return mass


def _cases(pages: Sequence[Page], named: Sequence[Sequence[str]], units: Mapping[str, Unit], common: int) -> set[str]:
    """Units that are one case of a template, as the byline of the most frequent author is. On other pages another line
    begins with the same words, and few pages have both."""
    weak = {name for name, unit in units.items() if unit.share < SURE and not unit.wordless}
    starts = {start for name in weak for start in _starts(name)}
    lines: dict[tuple[str, ...], list[tuple[int, str]]] = {}  # first words -> number of the page, unit of the line
    for number, (page, on_page) in enumerate(zip(pages, named, strict=True)):
        for key, name in zip(page.keys, on_page, strict=True):
            if len(key) <= SHORT and (not name or name in weak):
                for start in starts.intersection(_starts(key)):
                    lines.setdefault(start, []).append((number, name))
    least = least_pages(len(pages), RARE)
    moving = set()
    for start, beginning_so in lines.items():
        on = {number for number, _ in beginning_so}
        others = {number for number, name in beginning_so if not name}
        if len(on) >= max(common, ONE_HAND * len(beginning_so)) and len(others) >= least:
            moving.add(start)
    return {name for name in weak if not moving.isdisjoint(_starts(name))}


def _starts(key: str) -> list[tuple[str, ...]]:
    """The first words of a line, one to three, that are not all of it."""
    words = WORD.findall(key)
    return [tuple(words[:size]) for size in range(1, min(4, len(words))) if sum(map(len, words[:size])) > 1]


def _templates(
    pages: Sequence[Page], named: Sequence[Sequence[str]], typed: set[str], families: Families, share: float
) -> list[tuple[Template, list[Spot]]]:
    """Templates of the lines without a unit, and what is left of short lines with a date."""

    def is_spread(spots: Sequence[Spot]) -> bool:
        on = {number for number, _ in spots}
        return families.share(on) >= share or len(spots) >= THREAD * len(on)

    least, common = families.least(share), families.least(COMMON)
    thread = min(least, least_pages(len(pages), MIN_THREAD))
    own = [_own_lines(page, on_page, typed) for page, on_page in zip(pages, named, strict=True)]
    found = [entry for entry in find_templates(own, least, thread, common) if is_spread(entry[1])]
    taken = {spot for _, spots in found for spot in spots}
    dates = [
        (number, at)
        for number, page in enumerate(pages)
        for at, line in enumerate(page.lines)
        if not named[number][at] and len(line) <= 40 and line.count(" ") < 6 and DATED.match(line)
        if (number, at) not in taken
    ]
    if len({number for number, _ in dates}) >= least and is_spread(dates):
        found.append((DATE_LINE, dates))
    return found


def _template_unit(template: Template, spots: Sequence[Spot], pages: Sequence[Page], families: Families) -> Unit:
    on = {number for number, _ in spots}
    texts = Counter(pages[number].lines[at] for number, at in spots)
    dated, varied = _dated_and_varied(texts)
    return Unit(
        template.name, len(on), min(texts), template=template, dated=dated, varied=varied, share=families.share(on)
    )


def _dated_and_varied(texts: Counter[str]) -> tuple[bool, bool]:
    """`Unit.dated` and `Unit.varied` of lines."""
    most = ONE_HAND * texts.total()
    return sum(count for text, count in texts.items() if DATE.search(text)) >= most, len(texts) >= most


def _own_lines(page: Page, units: Sequence[str], typed: set[str]) -> list[str]:
    """Folded lines that may fit a template; an empty string for those that cannot.

    A template is short or stands near lines that are known already, or near an end of the page.
    """
    size = len(units)
    near = [i < NEAR or i >= size - NEAR or any(units[max(0, i - NEAR) : i + NEAR + 1]) for i in range(size)]
    return [
        "" if unit or key in typed or len(line) > (200 if close else SHORT) or is_sentence(line) or cites(line) else low
        for line, low, key, unit, close in zip(page.lines, page.folded, page.keys, units, near, strict=True)
    ]
