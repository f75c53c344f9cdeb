"""The words everybody speaks: a document goes in, a cleaned text with its removals comes out.

Standard library only. All offsets are code points of the original text, half-open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """One text to clean, with what is known about it."""

    text: str
    id: str | None = None
    url: str | None = None
    """Where it stood; its host selects the rules of a site."""
    lang: str | None = None
    """Language tag (BCP 47, e.g. ``de`` or ``de-AT``); None runs the packs of all languages."""
    title: str | None = None
    hints: Mapping[str, Sequence[float]] | None = None
    """What a page's markup said about each line of the text, by feature name; one value a line."""
    author: str | None = None
    date: str | None = None
    """When it was published, as found (ISO 8601 from web pages)."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A part of the original text that a rule took out (or, among the marks, only points at)."""

    start: int
    end: int
    rule: str
    """Full id of the rule, e.g. ``en/subscribe/newsletter-signup``."""
    text: str
    """The part itself: ``original[start:end]``."""
    version: str
    """Version of the pack that holds the rule."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left of a text, and what went.

    ``text`` is the original minus the removals, which are sorted and disjoint; where nothing went it is the very same
    object. ``guarded`` says that the rules would have taken more than the profile allows of one document, whatever
    was then done about it. ``marks`` are spans that rules with ``action = "mark"`` report and leave in place.
    """

    text: str
    removals: tuple[Removal, ...] = ()
    guarded: bool = False
    marks: tuple[Removal, ...] = ()


def restore(cleaned: Cleaned) -> str:
    """The original text of a cleaned one: its removals put back at their offsets."""
    if not cleaned.removals:
        return cleaned.text
    parts: list[str] = []
    at = taken = 0  # code points of the original, and of the cleaned text, that are placed
    for removal in cleaned.removals:
        kept = removal.start - at
        parts += (cleaned.text[taken : taken + kept], removal.text)
        taken += kept
        at = removal.end
    parts.append(cleaned.text[taken:])
    return "".join(parts)
