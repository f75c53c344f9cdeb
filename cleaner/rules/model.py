"""What a rule is: frozen values, as the loader makes them from a rule file.

A rule has a *wording* (which lines it is about), *conditions* (where they must be), and a kind (what is removed).
Values hold strings, numbers and tuples only, so equal rules are equal bytes when pickled, on any machine; patterns are
compiled when first used. What each key of a rule file means is said in `fields`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from cleaner.options import Profile

Kind = Literal["line", "span", "repeat", "section", "shape", "keep"]
"""The kinds of rules, the more specific first."""
Action = Literal["remove", "mark", "silent"]
"""``silent`` rules only answer other rules that ask for their hits; rule files cannot use it."""
Until = Literal["prose", "blank", "heading", "end"]


def _by_position(value: Any) -> tuple[type, tuple[object, ...]]:
    """How a value is pickled: by position, which is read back in half the time of the dataclass default."""
    return type(value), tuple(getattr(value, name) for name in value.__slots__)


@dataclass(frozen=True, slots=True)
class Wording:
    """Which lines match: any one form is enough, and ``unless`` must not match. Literals are already folded."""

    phrases: tuple[str, ...] = ()
    """Whole-line keys, sorted."""
    numbered: tuple[str, ...] = ()
    """Whole-line keys, sorted, in which ``0`` stands for a number."""
    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    regex: tuple[str, ...] = ()
    case: bool = False
    """``regex`` sees the line as written, not folded."""
    unless: Wording | None = None

    __reduce__ = _by_position


@dataclass(frozen=True, slots=True)
class Zone:
    """Where in the text a line must stand: any of the given places will do.

    An integer counts non-blank lines from that end; a float is a share of the text's code points (for ``head`` the
    line must end, for ``tail`` start, within it). ``body`` is the share left out at either end.
    """

    head: int | float | None = None
    tail: int | float | None = None
    body: float | None = None

    __reduce__ = _by_position


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What the nearest non-blank lines above or below must be. All that is given must hold for one of them."""

    wording: Wording | None = None
    alike: bool = False
    """The rule's own wording matches it."""
    rule: str | None = None
    """Full id of a rule that hits it."""
    starts_with_this: bool = False
    this_starts_with: bool = False
    names_this: bool = False
    between: Wording | None = None
    """Matches each line between the two, of which there is one at least."""
    within: int = 1
    none: bool = False

    __reduce__ = _by_position


@dataclass(frozen=True, slots=True)
class Section:
    """How far a section reaches from its head line."""

    until: tuple[Until, ...] = ()
    stop: Wording | None = None
    max_lines: int | None = None
    max_share: float = 0.5
    """Largest share of the text that it may take; a larger section shrinks to its head line."""
    upward: bool = False
    """It reaches up from its head line instead of down."""

    __reduce__ = _by_position


@dataclass(frozen=True, slots=True)
class Repeat:
    """Which of two equal lines is removed or, if ``match`` is ``above``, that the lines above the title are."""

    of: Literal["title", "line"] = "line"
    match: Literal["same", "ends", "prefix", "above"] = "same"
    drop: Literal["later", "earlier"] = "later"
    within: int | None = None

    __reduce__ = _by_position


@dataclass(frozen=True, slots=True)
class Shape:
    """Named line features with thresholds, or a fitted model with one threshold for its score."""

    when: tuple[tuple[str, float | None, float | None], ...] = ()
    """(feature, least, greatest), inclusive."""
    run: int = 1
    model: str | None = None
    """The model file's content, so that a rule set is complete in itself."""
    threshold: float = 0.0
    beside: int = 0
    """Fewest lines of the text that rules of other kinds take; a text with fewer is taken to be clean."""

    __reduce__ = _by_position


@dataclass(frozen=True, slots=True)
class Rule:
    """One declared pattern of chrome."""

    id: str
    """``<pack name>/<id in the file>``."""
    version: str
    kind: Kind
    reason: str
    profile: Profile = "balanced"
    action: Action = "remove"
    wording: Wording | None = None
    zone: Zone | None = None
    min_words: int | None = None
    max_words: int | None = None
    min_chars: int | None = None
    max_chars: int | None = None
    alone: bool = False
    above: Neighbour | None = None
    below: Neighbour | None = None
    near: Neighbour | None = None
    """On either side."""
    title: Wording | None = None
    """Matches the document's title or, if none is known, its first line."""
    sites: tuple[str, ...] = ()
    not_sites: tuple[str, ...] = ()
    lang: tuple[str, ...] = ()
    """Primary language subtags, sorted; empty means every language."""
    unfiltered: bool = False
    part: bool = False
    section: Section | None = None
    repeat: Repeat | None = None
    shape: Shape | None = None

    __reduce__ = _by_position

    @property
    def pack(self) -> str:
        """Name of the pack the rule stands in."""
        return self.id.rpartition("/")[0]

    @property
    def category(self) -> str:
        """The last part of the pack's name, e.g. ``subscribe``."""
        return self.pack.rpartition("/")[2]

    @property
    def neighbours(self) -> tuple[Neighbour, ...]:
        """Its conditions on the lines around a hit."""
        return tuple(near for near in (self.above, self.below, self.near) if near is not None)

    @property
    def asks_beside(self) -> bool:
        """Whether it asks for something beside a hit, and not that something is absent there."""
        return any(not near.none for near in self.neighbours)

    @property
    def asks_for(self) -> tuple[str, ...]:
        """Full ids of the rules whose hits its neighbour conditions ask for."""
        return tuple(near.rule for near in self.neighbours if near.rule)


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what a rule must make of it."""

    before: str
    after: str
    line: int
    """Line of the rule file, from 1."""
    url: str | None = None
    lang: str | None = None
    title: str | None = None
    markup: tuple[tuple[str, tuple[float, ...]], ...] = ()
    """What a page's markup says, by feature: a number for each line of ``before``."""

    __reduce__ = _by_position


@dataclass(frozen=True, slots=True)
class Tune:
    """Exceptions added to other packs' rules."""

    rules: tuple[str, ...]
    line: int
    disable: bool = False
    profile: Profile | None = None
    action: Action | None = None
    unless: Wording | None = None
    not_sites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """One rule file."""

    path: str
    name: str
    version: str
    rules: tuple[Rule, ...]
    lines: dict[str, int]
    """Rule id -> line of the file, from 1."""
    remove: dict[str, tuple[Example, ...]] = field(default_factory=dict)
    keep: dict[str, tuple[Example, ...]] = field(default_factory=dict)
    tunes: tuple[Tune, ...] = ()
    disable: tuple[str, ...] = ()
    disable_at: int = 1
    """Line of ``disable``."""
    learned: bool = False
    """Written by ``cleaner learn``: fewer examples are required."""
