"""The pages of one site as lines, and what a line says by itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import regex

from cleaner.clean.visible import seen
from cleaner.learn.templates import DAY
from cleaner.text.fold import fold, line_key
from cleaner.text.lines import reads_like_prose

MIN_PAGES: Final = 3
"""A site with fewer pages than this says nothing about what repeats."""

MIN_SHARE: Final = 0.3
"""Least share of a site's pages on which a line must stand to be a unit."""

SURE: Final = 0.9
"""Least share of the pages for a sentence, or for a phrase at the end of an article, to be furniture."""

COMMON: Final = 0.6
"""Least share of the pages for a boundary, and for a template that is nothing but words: what fewer pages have may be a
series' introduction, a refrain at the end, or a way of speaking."""

ONE_HAND: Final = 0.9
"""Least share of a line's occurrences that are spelt exactly alike. A template prints the same each time; people who
repeat a phrase differ in capitals and full stops."""

YEAR: Final = regex.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
DATE: Final = regex.compile(YEAR.pattern + r"|\b\d{1,2} ?[:h.] ?\d\d\b")
"""A year, or a time of day."""
LETTER: Final = regex.compile(r"\p{L}")

LINK: Final = regex.compile(r"\W*https?://\S+$")
"""An address and nothing else."""
CITED: Final = regex.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?:[a-z]?(?! ?\p{L}|[-/.]?\d)|年(?!\d))")
"""A year in which a work may have come out."""
MARK: Final = regex.compile(r"\p{P}(?=\s|\p{P}|$)|[「『、。：（]")
"""A mark that divides a line."""
LEAST_MARKS: Final = 2
"""Marks that a citation has at least, between author, work and year."""

STOPS: Final = (".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।")
BRACKETS: Final = " \"')]”’»」』）"
LONG_LINE: Final = 250
"""A line longer than this, in code points, is a paragraph whatever it ends with."""


@dataclass(frozen=True, slots=True)
class Page:
    """One document of a site, without its blank lines."""

    id: str
    date: str
    """Its date, or nothing."""
    title: str
    """Its title as a line key, or nothing."""
    lines: Sequence[str]
    folded: Sequence[str]
    """The lines folded."""
    keys: Sequence[str]


def read_page(text: str, id: str, date: str, title: str) -> Page:
    """The page of a text."""
    text, title = seen(text), seen(title)
    lines, folded, keys = [], [], []
    for line, low in zip(text.split("\n"), fold(text).split("\n"), strict=True):
        if low and not low.isspace():
            lines.append(line.strip())
            folded.append(low)
            keys.append(line_key(low))
    return Page(id, date, line_key(fold(title.replace("\n", " "))), lines, folded, keys)


def least_pages(pages: int, share: float) -> int:
    """Number of pages that a share amounts to; at least three, as two may be chance."""
    return max(MIN_PAGES, math.ceil(pages * share - 1e-9))


def is_sentence(line: str) -> bool:
    """Whether a line reads like running text and ends in more than a bracket or a quotation mark."""
    return reads_like_prose(line) and (len(line) > LONG_LINE or line.rstrip(BRACKETS).endswith(STOPS))


def cites(line: str) -> bool:
    """Whether a line cites a work, as `Oller, M. (1998). Mills of the valley. Ashby, p. 12` does, or is an address."""
    return LINK.match(line) is not None or (
        CITED.search(line) is not None and len(MARK.findall(line)) >= LEAST_MARKS and not DAY.search(line)
    )
