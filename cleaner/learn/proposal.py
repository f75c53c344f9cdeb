"""What is proposed for a site: its rules, each with its evidence and its examples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Region = Literal["head", "tail", "body"]
"""Of a page: above its article, below it, or the article itself."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A line or template that a rule takes, and where it was seen."""

    name: str
    """Name of the unit."""
    text: str
    """The wording in the rule file."""
    pattern: bool
    """Whether the wording is a regular expression; else it is a phrase."""
    pages: int
    """Number of pages that have it."""
    dates: tuple[str, ...]
    """First and last date of these pages, where any has one."""
    region: Region
    """Where on a page it mostly stands."""
    sample: str
    """The line as one page writes it."""
    lines: tuple[tuple[str, int], ...] = ()
    """Up to three such lines: id of the page, number of the line among those that are not blank, from 1."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One rule for a site's pack."""

    id: str
    kind: Literal["line", "section"]
    reason: str
    evidence: tuple[Evidence, ...]
    """Of each line or template that it takes; of a section, of its head line."""
    upward: bool = False
    head: int | None = None
    """Zone: greatest number of lines from the top that it was seen at, with room to spare."""
    tail: float | int | None = None
    """Zone: share of the text, or number of lines, from its end, that it was seen in, with room to spare."""
    alike: bool = False
    """Another line of the rule must stand right above or below."""
    max_words: int | None = None
    partner: str = ""
    """The line that must stand right above, if the rule takes what is above, else right below."""
    remove: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    share: float = 0.0
    """Share of the site's text that the rule takes."""


@dataclass(frozen=True, slots=True)
class SitePack:
    """What was learned about one site."""

    site: str
    hosts: tuple[str, ...]
    """Hosts of its documents; where they have no URL the site itself, if it is named like a host."""
    pages: int
    """Pages that were read for it."""
    documents: int
    """Documents of the site that went by."""
    dates: tuple[str, ...]
    """First and last date of the pages, where any has one."""
    rules: tuple[Proposal, ...] = ()
    chrome: float = 0.0
    """Share of the pages' text that the rules take together."""
    addressed: bool = True
    """Whether any of its documents has a URL."""


def period(dates: Iterable[str]) -> tuple[str, ...]:
    """The first and the last date, ignoring empty ones; empty if there are none."""
    known = sorted(filter(None, dates))
    return (known[0], known[-1]) if known else ()
