"""Lines with moving parts: `Posted by {name} on {date}`.

After the frequent-word method for log files (R. Vaarandi, SLCT, 2003): words that many pages have in their short
lines are fixed, all others move. A template is a fixed start and a fixed end, with something in between.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import regex

WORD: Final = regex.compile(r"\d+(?:[.,]\d+)*|[\p{L}\p{M}]+|[^\s\p{L}\p{M}\p{N}]")
MARKS: Final = frozenset(":;/|()[]{}<>«»→←↓↑·⋅•‣▪»›‹–—|#@&+=*~_©☰✎")
"""Marks that furniture is built with. Quotes, commas, full stops and question marks are not among them."""
MOST_WORDS: Final = 25
MOST_FIXED: Final = 4
"""Words (numbers, punctuation marks) of the fixed start and of the fixed end that are looked at."""
THREAD: Final = 1.5
"""Least mean number of spots on a page for a template to be the entry of a thread."""
NUMBER: Final = r"\d[\d.,]{0,14}"
_YEAR, _DAY, _ANY = r"(?<!\d)(?:19|20)\d\d(?!\d)", r"(?<!\d)\d\d?\p{L}{0,2}", r"(?:[^\n:]|(?<=\d):){0,30}"
_DATE: Final = (
    rf"{_DAY}\.?[ -](?:\p{{L}}{{1,12}}[., -]{{1,2}}){{1,3}}{_YEAR}"  # 3rd of May, 2012
    rf"|\p{{L}}{{3}}\.? {_DAY},? {_YEAR}|{_DAY}[./-] ?\d\d?[./-] ?{_YEAR}|{_YEAR}[-/.年년] ?\d\d?(?!\d)"
)
DAY: Final = regex.compile(_DATE)
"""A day of a year. A year alone may be that of anything."""
DATED: Final = regex.compile(rf"^{_ANY}(?:{_DATE}){_ANY}$")
"""A short line with a date in it, and no label."""


@dataclass(frozen=True, slots=True)
class Template:
    """A fixed start and a fixed end, as words in which ``0`` is a number."""

    start: tuple[str, ...]
    end: tuple[str, ...]
    most: int
    """Code points of the longest moving part seen."""
    digits: bool
    """Whether there is a number in every moving part."""

    @property
    def name(self) -> str:
        """What its unit is called."""
        return f"~{' '.join(self.start)} … {' '.join(self.end)}"

    @property
    def letters(self) -> int:
        """Letters among its fixed words; less than four say little."""
        return sum(char.isalpha() for word in self.start + self.end for char in word)

    @property
    def numbers(self) -> int:
        """Numbers among its fixed words, and one for those of the moving part."""
        return sum(word == "0" for word in self.start + self.end) + self.digits

    @property
    def strong(self) -> bool:
        """Whether it holds more than words: a number or a mark that prose does not start or end with."""
        return self.numbers > 0 or any(word in MARKS for word in self.start + self.end)

    @property
    def framed(self) -> bool:
        """Whether it has the form of a label: fixed at both ends, or a mark where the moving part begins or ends."""
        if self.start and self.end:
            return True
        if not self.start and not self.end:
            return False
        return (self.start[-1] if self.start else self.end[0]) in MARKS

    def regex(self) -> str:
        """The template as a pattern on a folded line."""
        if not self.start and not self.end:
            return DATED.pattern
        gap = f"{{0,{min(200, self.most * 2 + 20)}}}"
        middle = rf"[^\n\d]{gap}\d[^\n]{gap}" if self.digits else rf"[^\n]{gap}"
        before = r"\b" if self.start and _has_edges(self.start[-1]) else ""
        behind = r"\b" if self.end and _has_edges(self.end[0]) else ""
        return f"^ *{_pattern(self.start)}{before}{middle}{behind}{_pattern(self.end)} *$"


def _has_edges(word: str) -> bool:
    """Whether a word is one of a script that puts blanks between words."""
    return word[0].isalpha() and word[0] < "\u0e00"


DATE_LINE: Final = Template((), (), 40, True)
"""A short line with a date in it and nothing else in common."""


def _pattern(words: tuple[str, ...]) -> str:
    return " *".join(NUMBER if word == "0" else regex.escape(word, special_only=True) for word in words)


Spot = tuple[int, int]
"""Number of the page, number of the line."""


def find_templates(
    pages: Sequence[Sequence[str]], least: int, least_thread: int, least_common: int
) -> list[tuple[Template, list[Spot]]]:
    """Templates of folded lines that at least ``least`` pages have, with their spots; no line is given twice.

    ``least_thread`` pages are enough for a template that stands there several times on a page, as the entries of a
    comment thread do; a template of words alone needs ``least_common``. The most fixed text on the most pages comes
    first.
    """
    lines = _words(pages, least_thread)
    support = _supports(lines, least_thread)
    heap = [(-_score(ends, len(spots)), ends) for ends, spots in support.items()]
    heapq.heapify(heap)
    found: list[tuple[Template, list[Spot]]] = []
    while heap:
        bound, ends = heapq.heappop(heap)
        spots = [spot for spot in support[ends] if spot in lines]
        on = len({number for number, _ in spots})
        if on < least_thread or (on < least and len(spots) < THREAD * on):
            continue
        if (score := -_score(ends, on)) > bound:  # its lines went to others meanwhile: it waits for its turn
            heapq.heappush(heap, (score, ends))
            continue
        template = _template(ends, [lines[spot] for spot in spots])
        if not template.strong and on < least_common:
            continue
        found.append((template, sorted(spots)))
        for spot in spots:
            del lines[spot]
    return found


Ends = tuple[tuple[str, ...], tuple[str, ...]]


def _words(pages: Sequence[Sequence[str]], least: int) -> dict[Spot, list[str]]:
    """The short lines as words, with ``0`` for each number and an empty word for those on fewer pages."""
    lines: dict[Spot, list[str]] = {}
    known: Counter[str] = Counter()
    for number, page in enumerate(pages):
        seen: set[str] = set()
        for at, line in enumerate(page):
            if line and 1 < len(words := WORD.findall(line)) <= MOST_WORDS:
                lines[number, at] = words = ["0" if word[0].isdigit() else word for word in words]
                seen.update(words)
        known.update(seen)
    for words in lines.values():
        words[:] = [word if known[word] >= least else "\0" + word for word in words]
    return lines


def _supports(lines: dict[Spot, list[str]], least: int) -> dict[Ends, list[Spot]]:
    """Places of every fixed start and end that enough lines could be read as."""
    support: dict[Ends, list[Spot]] = defaultdict(list)
    for spot, words in lines.items():
        most = min(MOST_FIXED, len(words) - 1)
        head = next((i for i in range(most) if words[i][0] == "\0"), most)
        tail = next((i for i in range(most) if words[-1 - i][0] == "\0"), most)
        for i in range(head + 1):
            for j in range(min(tail, len(words) - 1 - i) + 1):
                if i + j:
                    support[tuple(words[:i]), tuple(words[len(words) - j :])].append(spot)
    return {ends: spots for ends, spots in support.items() if len(spots) >= least and _says_enough(ends)}


def _score(ends: Ends, pages: int) -> float:
    return pages * min(8, 3 + sum(len(word) for side in ends for word in side))


def _template(ends: Ends, lines: list[list[str]]) -> Template:
    """The template of these lines: what all of them have in common beyond the ends that found them."""
    start, end = list(ends[0]), list(ends[1])
    shortest = min(map(len, lines))
    while len(start) + len(end) < shortest - 1 and len(words := {line[len(start)] for line in lines}) == 1:
        start += words
    while len(start) + len(end) < shortest - 1 and len(words := {line[-1 - len(end)] for line in lines}) == 1:
        end.insert(0, *words)
    middles = [words[len(start) : len(words) - len(end)] for words in lines]
    longest = max(sum(map(len, middle)) + len(middle) for middle in middles)
    return Template(tuple(start), tuple(end), longest, all("0" in middle for middle in middles))


def _says_enough(ends: Ends) -> bool:
    """Whether the fixed words are more than a bullet or an article: a mark at both ends, or two letters."""
    words = [*ends[0], *ends[1]]
    letters = sum(char.isalpha() for word in words for char in word)
    marks = sum(word == "0" or word in MARKS for word in words)
    return letters >= 2 or (bool(ends[0]) and bool(ends[1]) and marks >= 2)
