"""What a rule asks of a line that its wording matches: size, place, and the lines around it."""

from __future__ import annotations

from typing import Final

import regex

from cleaner.clean.view import View
from cleaner.rules.model import Neighbour, Rule, Zone
from cleaner.text.lines import Lines

__all__ = ["holds"]


def _in_zone(zone: Zone, lines: Lines, i: int) -> bool:
    """Whether the line is in one of the zone's places; the first line is in every head, the last in every tail."""
    size, rank, count = len(lines.text), lines.rank(i), len(lines.filled)
    start, end = lines.start(i), lines.end(i)
    if isinstance(zone.head, int) and rank < zone.head:
        return True
    if isinstance(zone.head, float) and (end <= lines.extent(zone.head) or rank == 0):
        return True
    if isinstance(zone.tail, int) and count - rank <= zone.tail:
        return True
    if isinstance(zone.tail, float):
        begin = max(size * (1 - zone.tail), size - lines.extent(zone.tail))  # of a page, rounded as prechecks round it
        if start >= begin or rank == count - 1:
            return True
    return zone.body is not None and start >= size * zone.body and end <= size * (1 - zone.body)


def _near(near: Neighbour, rule: Rule, view: View, i: int, step: int) -> bool:
    """Whether one of the nearest non-blank lines in this direction is as the condition of the rule says."""
    lines, between = view.lines, near.between
    nearest = lines.beside(i, step * near.within)
    for j in nearest:
        if (
            not near.none
            and (near.rule is None or view.claims_at(near.rule, j))
            and (not near.starts_with_this or _goes_on(lines, i, j))
            and (not near.this_starts_with or _goes_on(lines, j, i))
            and (not near.names_this or _names(lines, i, j))
            and (between is None or j != nearest[0])
            and (near.wording is None or view.matches(near.wording, j))
            and (not near.alike or (rule.wording is not None and view.matches(rule.wording, j)))
        ):
            return True
        if between is not None and not view.matches(between, j):
            return False
    return near.none and len(nearest) < near.within


def _goes_on(lines: Lines, i: int, j: int) -> bool:
    """Whether line ``j`` begins with the text of line ``i``, and goes on."""
    brief, whole = lines.folded[i].strip(), lines.folded[j].strip()
    return whole.startswith(brief) and len(whole) > len(brief)


_IN_WORD: Final = regex.compile(r"[\p{L}\p{M}]")
_NAME: Final = regex.compile(r"[\p{L}\p{M}]{3,}|[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]{2}")
"""Words that name something: shorter ones are articles and particles, but where a sign is a syllable or a word."""


def _names(lines: Lines, i: int, j: int) -> bool:
    """Whether line ``j`` has each longer word of line ``i``, with whatever ending."""
    names, whole = _NAME.findall(lines.folded[i]), lines.folded[j]
    return bool(names) and all(_is_named(name, whole) for name in names)


def _is_named(name: str, whole: str) -> bool:
    """Whether a line has this word. An ending takes the last third at most, so that `Photos` is named by
    `photograph` (chosen by hand, on headings of 21 languages)."""
    stem = name[: len(name) - len(name) // 3] if len(name) > 3 else name
    at = whole.find(stem)
    if name != name.upper():  # a script without capitals may set particles before a word, or no blank
        while at > 0 and _IN_WORD.match(whole, at - 1):
            at = whole.find(stem, at + 1)
    return at >= 0


def holds(rule: Rule, view: View, i: int) -> bool:
    """Whether line ``i`` fulfils the rule's conditions."""
    lines = view.lines
    if rule.min_words or rule.max_words:
        words = len(lines.folded[i].split())
        if words < (rule.min_words or 0) or words > (rule.max_words or words):
            return False
    if rule.min_chars or rule.max_chars:
        chars = len(lines.folded[i].strip())
        if chars < (rule.min_chars or 0) or chars > (rule.max_chars or chars):
            return False
    if rule.zone and not _in_zone(rule.zone, lines, i):
        return False
    if rule.title and not view.is_titled(rule.title):
        return False
    if rule.alone and not ((i == 0 or lines.is_blank(i - 1)) and (i + 1 == len(lines) or lines.is_blank(i + 1))):
        return False
    return (
        (rule.above is None or _near(rule.above, rule, view, i, -1))
        and (rule.below is None or _near(rule.below, rule, view, i, 1))
        and (rule.near is None or any(_near(rule.near, rule, view, i, step) for step in (-1, 1)))
    )
