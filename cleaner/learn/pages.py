"""The pages of one site as lines, and the unit of each line.

A line of a page is known by its *unit*: the line key if enough pages have that very line, else the key with its numbers
left open, else a template with moving parts that it fits; a line that is none of these is the page's own.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import regex

from cleaner.learn.templates import DATE_LINE, DATED, DAY, THREAD, WORD, Spot, Template, find_templates
from cleaner.text.fold import fold, line_key, number_key
from cleaner.text.lines import reads_like_prose

if TYPE_CHECKING:
    from cleaner.learn.families import Families

MIN_PAGES = 3
"""A site with fewer pages than this says nothing about what repeats."""

MIN_SHARE = 0.3
"""Least share of a site's pages on which a line must stand to be a unit."""

SURE = 0.9
"""Least share of the pages for a sentence, or for a phrase at the end of an article, to be furniture."""

COMMON = 0.6
"""Least share of the pages for a boundary, and for a template that is nothing but words: what fewer pages have may be a
series' introduction, a refrain at the end, or a way of speaking."""

MIN_THREAD = 0.05
"""Least share of the pages for a template that stands several times on a page, as the entries of a thread do."""

RARE = 0.1
"""Least share of the pages that have other lines with the same first words, for a unit to be one case of a template."""

YEAR = regex.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
DATE = regex.compile(YEAR.pattern + r"|\b\d{1,2} ?[:h.] ?\d\d\b")
"""A year, or a time of day."""

LETTER = regex.compile(r"\p{L}")
LABEL = regex.compile(r"[^\p{L}\p{N}]*([\p{L}\p{M}][\p{L}\p{M} '&/]*)[ .]*(?:[:|=](?! ?/)| -(?: |$))")
SHORT, NEAR = 60, 3
"""Most code points of a line that may fit a template wherever it stands. A longer one must stand within so many lines
of a known one."""

LINK = regex.compile(r"\W*https?://\S+$")
"""An address and nothing else."""
CITED = regex.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?:[a-z]?(?! ?\p{L}|[-/.]?\d)|年(?!\d))")
"""A year in which a work may have come out."""
MARK = regex.compile(r"\p{P}(?=\s|\p{P}|$)|[「『、。：（]")
"""A mark that divides a line."""
LEAST_MARKS = 2
"""Marks that a citation has at least, between author, work and year."""

STOPS = (".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।")
BRACKETS = " \"')]”’»」』）"
LONG_LINE = 250
"""A line longer than this, in code points, is a paragraph whatever it ends with."""

PROSE, VERSE = 200, 0.25
"""A page with less running text than so many code points may be a poem or a table, all lines of which are its text. If
fewer pages than this share are like that, they are galleries or empty, and say nothing of where an article ends."""

ONE_HAND = 0.9
"""Least share of a line's occurrences that are written alike to the letter. A template prints the same each time;
people who repeat a phrase differ in capitals and full stops."""


@dataclass(slots=True)
class Page:
    """One document of a site, without its blank lines."""

    id: str
    date: str
    """Its date, or nothing."""
    lines: list[str]
    folded: list[str]
    """The lines folded."""
    keys: list[str]
    title: str = ""
    units: list[str] = field(default_factory=list)
    """Unit of each line, empty for a line of the page's own."""
    family: int = -1
    """Number of the family of pages it belongs to; -1: to none."""
    own: list[int] = field(default_factory=list)
    """How much each line is the page's own: 0 for what other pages have too, else more the more it looks like a part of
    the article. See `places`."""
    repeated: list[bool] = field(default_factory=list)
    """Whether each line is said elsewhere too: on another page, as the title of one, or in the same text."""
    mass: list[int] = field(default_factory=list)
    """Code points of each line that are the page's own running text."""
    headline: int = 0
    """The line that says what the page is about; the number of lines where none does."""
    titled: bool = False
    """Whether that line says the page's title."""


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


def read_page(text: str, id: str, date: str, title: str) -> Page:
    """The page of a text."""
    lines, folded, keys = [], [], []
    for line, low in zip(text.split("\n"), fold(text).split("\n"), strict=True):
        if low and not low.isspace():
            lines.append(line.strip())
            folded.append(low)
            keys.append(line_key(low))
    return Page(id, date, lines, folded, keys, line_key(fold(title.replace("\n", " "))))


def least_pages(pages: int, share: float) -> int:
    """Number of pages that a share amounts to; at least three, as two may be chance."""
    return max(MIN_PAGES, math.ceil(pages * share - 1e-9))


def name_lines(pages: Sequence[Page], share: float) -> dict[str, Unit]:
    """Give each line of the pages its unit and its mass; returns the units by name."""
    from cleaner.learn.families import Families

    exact: Counter[str] = Counter()
    for page in pages:
        exact.update(set(page.keys))
    exact.pop("", None)
    families = Families(pages, exact)
    least = least_pages(families.smallest, share)
    names = _names(pages, exact, least)
    units, typed = _units(pages, names, families, share, least)
    for page in pages:
        page.units = [name if (name := names.get(key, "")) in units else "" for key in page.keys]
    _weigh(pages, exact)
    cases = _cases(pages, units, least_pages(families.smallest, COMMON))
    for page in pages:
        page.units = ["" if name in cases else name for name in page.units]
    units |= _name_templates(pages, typed, families, share, least)
    left = {key: name for key, name in names.items() if name in cases}
    for page in pages:
        page.units = [name or left.get(key, "") for name, key in zip(page.units, page.keys, strict=True)]
    found = {name for page in pages for name in page.units}
    return {name: unit for name, unit in units.items() if name in found}


def _name_templates(
    pages: Sequence[Page], typed: set[str], families: Families, share: float, least: int
) -> dict[str, Unit]:
    """The templates of the lines without a unit, which become their units."""
    units: dict[str, Unit] = {}
    for template, spots in _templates(pages, typed, families, least):
        on = [pages[number].family for number in {number for number, _ in spots}]
        spread = families.share(on)
        if spread < share and len(spots) < THREAD * len(on):
            continue
        for number, at in spots:
            pages[number].units[at] = template.name
            if template.start and template.end:
                pages[number].mass[at] = 0
        texts = Counter(pages[number].lines[at] for number, at in spots)
        dated, varied = _dated(texts), _varied(texts)
        units[template.name] = Unit(template.name, len(on), min(texts), template, False, dated, varied, spread)
    return units


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


def _cases(pages: Sequence[Page], units: Mapping[str, Unit], common: int) -> set[str]:
    """Units that are one case of a template, such as the byline of the most frequent author: on other pages another
    line begins with the same words, and few pages have both."""
    weak = {name for name, unit in units.items() if unit.share < SURE and not unit.wordless}
    starts = {start for name in weak for start in _starts(name)}
    lines: dict[tuple[str, ...], list[tuple[int, str]]] = {}  # first words -> number of the page, unit of the line
    for number, page in enumerate(pages):
        for key, name in zip(page.keys, page.units, strict=True):
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


def _units(
    pages: Sequence[Page], names: dict[str, str], families: Families, share: float, least: int
) -> tuple[dict[str, Unit], set[str]]:
    """The units of lines that say the same, but for their numbers; and the keys of lines that people have typed."""
    titles = {page.title for page in pages}
    units: dict[str, Unit] = {}
    typed: set[str] = set()
    writings: dict[str, Counter[str]] = {}
    on: dict[str, list[int]] = {}
    for page in pages:
        for name in {names[key] for key in page.keys if key in names}:
            on.setdefault(name, []).append(page.family)
        for line, key in zip(page.lines, page.keys, strict=True):
            if name := names.get(key, ""):
                writings.setdefault(name, Counter())[line] += 1
    for name, texts in writings.items():
        if (spread := families.share(on[name])) < share:
            continue
        text = min(texts, key=lambda text: (-texts[text], text))
        wordless = not LETTER.search(name)
        if name[0] == "#":
            if not reads_like_prose(text):
                dated, varied = _dated(texts), _varied(texts)
                units[name] = Unit(name, len(on[name]), text, None, True, dated, varied, spread, wordless)
        elif sum(count for count in texts.values() if count >= least) >= ONE_HAND * texts.total():
            units[name] = Unit(name, len(on[name]), text, share=spread, wordless=wordless, title=name in titles)
        else:
            typed.add(name)
    return units, typed


def _templates(
    pages: Sequence[Page], typed: set[str], families: Families, least: int
) -> Iterator[tuple[Template, list[Spot]]]:
    """Templates of the lines without a unit, and what is left of short lines with a date."""
    thread, common = least_pages(len(pages), MIN_THREAD), least_pages(families.smallest, COMMON)
    own = [_own_lines(page, typed) for page in pages]
    yield from find_templates(own, least, min(thread, least), common)
    spots = [
        (number, at)
        for number, page in enumerate(pages)
        for at, line in enumerate(page.lines)
        if not page.units[at] and len(line) <= 40 and line.count(" ") < 6 and DATED.match(line)
    ]
    if len({number for number, _ in spots}) >= least:
        yield DATE_LINE, spots


def _dated(texts: Counter[str]) -> bool:
    return sum(count for text, count in texts.items() if DATE.search(text)) >= ONE_HAND * texts.total()


def _varied(texts: Counter[str]) -> bool:
    return len(texts) >= ONE_HAND * texts.total()


def _own_lines(page: Page, typed: set[str]) -> list[str]:
    """Folded lines that may fit a template; an empty string for those that cannot.

    A template is short or stands near lines that are known already, or near an end of the page.
    """
    units, size = page.units, len(page.units)
    near = [i < NEAR or i >= size - NEAR or any(units[max(0, i - NEAR) : i + NEAR + 1]) for i in range(size)]
    return [
        "" if unit or key in typed or len(line) > (200 if close else SHORT) or is_sentence(line) or cites(line) else low
        for line, low, key, unit, close in zip(page.lines, page.folded, page.keys, units, near, strict=True)
    ]


def is_sentence(line: str) -> bool:
    """Whether a line reads like running text and ends in more than a bracket or a quotation mark."""
    return reads_like_prose(line) and (len(line) > LONG_LINE or line.rstrip(BRACKETS).endswith(STOPS))


def cites(line: str) -> bool:
    """Whether a line cites a work, as `Oller, M. (1998). Mills of the valley. Ashby, p. 12` does, or is an address."""
    return LINK.match(line) is not None or (
        CITED.search(line) is not None and len(MARK.findall(line)) >= LEAST_MARKS and not DAY.search(line)
    )


def _weigh(pages: Sequence[Page], exact: Counter[str]) -> None:
    """Set `Page.mass` and ``repeated``. A line has mass if it is running text that this page alone has; on pages with
    little text, if there are many, all that the page alone has."""
    titles = {page.title for page in pages}
    scant: list[tuple[Page, list[int]]] = []
    for page in pages:
        bare = [key.lstrip("0123456789. ") for key in page.keys]
        on = Counter(bare)  # a table of contents says the headings again
        page.repeated = [exact[k] > 1 or k in titles or on[own] > 1 for k, own in zip(page.keys, bare, strict=True)]
        sizes = [
            0 if unit or repeated else len(line)
            for line, unit, repeated in zip(page.lines, page.units, page.repeated, strict=True)
        ]
        page.mass = [size if is_sentence(line) else 0 for line, size in zip(page.lines, sizes, strict=True)]
        if sum(page.mass) < PROSE:
            scant.append((page, sizes))
    if len(scant) >= VERSE * len(pages):
        for page, mass in scant:
            page.mass = mass
