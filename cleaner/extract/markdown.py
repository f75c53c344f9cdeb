"""The lines of a page in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner.extract.agree import key
from cleaner.extract.fast import ParsedPage
from cleaner.extract.features import ROW

_RULE: Final = re.compile(r"\s*\|[\s:|-]*-[\s:|-]*$")
"""What stands below the head of a table."""
_MARK: Final = re.compile(r"^\s*\d+\.\s|</?(?:u|sub|sup)>|\*\*|~~", re.MULTILINE)
"""Marks of trafilatura's Markdown that would count as words, or part one."""
_TICKS: Final = re.compile(r"```+")
_ESCAPED: Final = re.compile(r"[\\`*_~\[\]<]|^(?:[#>|=]|[-+](?=[\s-]|$))", re.MULTILINE)
"""What would be a mark, within a line and at its begin."""
_NUMBERED: Final = re.compile(r"^\d{1,9}(?=[.)](?:\s|$))", re.MULTILINE)
_HEADED: Final = re.compile(r"[\W\d]*?[#|]")
"""A heading, perhaps in a list, or a row of a table."""
_BEYOND: Final = -2
"""The place of a line that trafilatura does not have; it is next to no other."""


def unmarked(markdown: str) -> str:
    """Trafilatura's Markdown with the words that the page has."""
    return _MARK.sub("", markdown)


def literal(text: str) -> str:
    """The text in Markdown, with nothing in it that is a mark."""
    return _NUMBERED.sub(r"\g<0>\\", _ESCAPED.sub(r"\\\g<0>", text))


def in_markdown(parsed: ParsedPage, kept: npt.NDArray[np.bool_], theirs: str) -> str:
    """The kept lines of a page: each as trafilatura's Markdown has it, which knows what is bold, and else with the
    marks of a heading or of an entry of a list, and no others. Listings stand in fences."""
    lines = parsed.lines
    written = _Written(theirs)
    parts: list[str] = []
    for listing, group in groupby(np.flatnonzero(kept).tolist(), lines.listing.item):
        if listing:
            listed = "\n".join(lines.text[i] for i in group)
            fence = max(["```", *(f"{ticks}`" for ticks in _TICKS.findall(listed))], key=len)
            parts.append(f"\n\n{fence}\n{listed}\n{fence}")
        else:
            parts += _blocks(parsed, group, written)
    return "".join(parts).strip("\n")


class _Written:
    """The lines of a text in Markdown, each to be taken once, the first of equal ones first."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._places: dict[str, list[int]] = {}
        for place in range(len(self._lines) - 1, -1, -1):
            self._places.setdefault(key(unmarked(self._lines[place])), []).append(place)

    def take(self, text: str) -> tuple[str, int, int]:
        """The line that says ``text``, with the rule below the head of a table; its place, and that of its end."""
        words = key(text)
        if not words or not (places := self._places.get(words)):
            return "", _BEYOND, _BEYOND
        place = places.pop()
        end = place + (place + 1 < len(self._lines) and _RULE.match(self._lines[place + 1]) is not None)
        return "\n".join(line.rstrip() for line in self._lines[place : end + 1]), place, end


def _blocks(parsed: ParsedPage, numbers: Iterator[int], written: _Written) -> Iterator[str]:
    """Lines outside of listings, each with the gap before it: a line end between entries of a list and between lines
    that trafilatura has one below the other, as rows of a table, else a blank line."""
    lines, level = parsed.lines, parsed.values[ROW["level"]]
    before, held = _BEYOND, 0
    for i in numbers:
        text, place, end = written.take(lines.text[i])
        within = int(lines.in_list[i])
        mark = "#" * int(level[i]) or "-" * (within > 0)
        if place == _BEYOND:
            text = f"{mark} {literal(lines.text[i])}".lstrip()
        elif level[i] and not _HEADED.match(text):  # where it finds little, it gives no Markdown
            text = f"{mark} {text}"
        near = place == before + 1 or (within > 0 and within == held)
        yield ("\n" if near else "\n\n") + text
        before, held = end, within
