"""The shared vocabulary: a document goes in, a cleaned text with its removals comes out.

All offsets are code points of the original text, half-open.
"""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Document:
    """One text to clean, with what is known of it."""

    text: str
    id: str | None = None
    """How runs and reports name it; rules do not look at it."""
    url: str | None = None
    """Where it was published; its host selects the rules of a site."""
    lang: str | None = None
    """Language tag (BCP 47, e.g. ``de`` or ``de-AT``); None runs the packs of all languages but those that the text is
    evidently not in."""
    title: str | None = None
    hints: Mapping[str, Sequence[float]] | None = None
    """What a page's markup said about each line of the text: feature name -> one value per line."""
    author: str | None = None
    date: str | None = None
    """When it was published, as found (ISO 8601 from web pages)."""


KNOWN: Final = ("url", "lang", "title")
"""What rules ask of a document beside its text."""


def check(document: Document) -> None:
    """Raise TypeError for a document of which a part is not of the type that the rules look for: text, or numbers."""
    if not isinstance(document.text, str):
        raise TypeError(f"the text of a document is a str, not {type(document.text).__name__}")
    for name in KNOWN:
        value = getattr(document, name)
        if value is not None and not isinstance(value, str):
            raise TypeError(f"the {name} of a document is a str or None, not {type(value).__name__}")
    if document.hints is not None and not isinstance(document.hints, Mapping):
        raise TypeError(f"the hints of a document are a mapping or None, not {type(document.hints).__name__}")
    for name, values in (document.hints or {}).items():
        if not _are_numbers(values):
            fault = f"the hint {name!r} of a document is a list of numbers, one for each line"
            raise TypeError(f"{fault}, not {reprlib.repr(values)}")


def _are_numbers(values: object) -> bool:
    """Whether this is a list, or an array, that rules can compare as numbers."""
    import numpy as np  # few documents have hints

    try:
        return np.asarray(values, np.float64).ndim == 1
    except (TypeError, ValueError, OverflowError):
        return False


@dataclass(frozen=True, slots=True)
class Removal:
    """A part of the original text that a rule removed (or, among the marks, only points at)."""

    start: int
    """Where it begins in the original, in code points."""
    end: int
    """Where it ends: behind its last code point."""
    rule: str
    """Full id of the rule, e.g. ``en/subscribe/newsletter-signup``."""
    text: str
    """The part itself: ``original[start:end]``."""
    version: str
    """Version of the pack that holds the rule."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left of a text, and what was removed.

    ``text`` is the original minus the removals, which are sorted and disjoint; if nothing was removed it is the very
    same object. ``guarded`` says that the rules would have removed more of the document than ``max_removed`` allows,
    whatever was then done about it. ``marks`` are spans that rules with ``action = "mark"`` report and leave in place.
    """

    text: str
    removals: tuple[Removal, ...] = ()
    guarded: bool = False
    marks: tuple[Removal, ...] = ()


def restore(cleaned: Cleaned) -> str:
    """The original text of a cleaned one: its removals put back at their offsets. TypeError for anything else."""
    if not isinstance(cleaned, Cleaned):
        raise TypeError(f"restore takes a Cleaned, as a cleaner gives it, not {type(cleaned).__name__}")
    if not cleaned.removals:
        return cleaned.text
    parts: list[str] = []
    at = taken = 0  # code points of the original, and of the cleaned text, placed so far
    for removal in cleaned.removals:
        kept = removal.start - at
        parts += (cleaned.text[taken : taken + kept], removal.text)
        taken += kept
        at = removal.end
    parts.append(cleaned.text[taken:])
    return "".join(parts)
