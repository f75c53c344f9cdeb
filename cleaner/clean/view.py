"""One document as its rules see it: its lines, what has been found in it, and what rules claim of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

from cleaner.document import Document
from cleaner.options import MAX_LINE
from cleaner.origin import language_of
from cleaner.rules.model import Rule, Wording
from cleaner.rules.wording import matcher
from cleaner.text.fold import fold, line_key, says_title
from cleaner.text.language import not_written_in
from cleaner.text.lines import Lines

__all__ = ["Claim", "View"]


class Claim(NamedTuple):
    """What one hit of a rule would take: whole lines ``first`` to ``last``, or the span [start, end) within one."""

    rule: Rule
    first: int
    last: int
    span: tuple[int, int] | None = None
    """Code points of the text; None: the whole lines."""

    @property
    def head(self) -> int:
        """The line that the rule matches, of a section its head line."""
        section = self.rule.section
        return self.last if section is not None and section.upward else self.first


_REMEMBERED: Final = 10_000
"""Answers about lines that are kept; hits that ask the same are near one another, and a text may have a million."""

_PER_TAKEN: Final = 100
"""Lines of a text for each that words must give away before shapes are asked: two odd lines are much of a page and
nothing of a book. On labelled pages with a smaller share the shapes found next to nothing, and above it a lot."""


@dataclass
class View:
    """One document as its rules see it."""

    document: Document
    hits: dict[int, list[int]] = field(default_factory=dict)
    """Index of a rule in its rule set -> the lines that its wording matches, ascending; of a rule without one, those
    that it may concern, and of a shape rule those that its shape fits."""
    claims: list[Claim] = field(default_factory=list)
    """What the rules that have been asked so far claim."""
    claimed: dict[str, list[Claim]] = field(default_factory=dict)
    """Rule id -> its claims."""
    heads: dict[str, set[int]] = field(default_factory=dict)
    """Rule id -> the lines that it matches, for the rules whose neighbours want to know."""
    taken: Collection[int] = ()
    """Lines that rules of other kinds take, for the shape rules, which are asked last."""
    answers: dict[tuple[int, int], bool] = field(default_factory=dict)
    """Identity of a wording and line -> whether it matches. The wordings are those of the rules, which stay."""

    @cached_property
    def lines(self) -> Lines:
        """The text's lines; an engine that has them already sets them."""
        return Lines(self.document.text)

    @cached_property
    def prose(self) -> int:
        """The first line that reads like running text; -1 if none does."""
        return next(filter(self.lines.is_prose, self.lines.filled), -1)

    def is_clean(self, beside: int) -> bool:
        """Whether rules of other kinds take so few of its lines that it is taken to have no more chrome: fewer than a
        shape rule asks for (``beside``) or, where it asks for any, less than one in a hundred."""
        return len(self.taken) < max(beside, len(self.lines.filled) / _PER_TAKEN if beside else 0)

    def is_foreign(self, languages: Collection[str]) -> bool:
        """Whether the language of the document is not known, but is evidently none of these."""
        return bool(languages) and self.other_languages.issuperset(languages)

    @cached_property
    def other_languages(self) -> frozenset[str]:
        """Languages that it is evidently not in, where nobody has told its own."""
        return frozenset() if language_of(self.document.lang) else not_written_in(self.document.text)

    def claims_at(self, id: str, i: int) -> bool:
        """Whether this rule, which has been asked before, matches line ``i`` and claims it."""
        if id not in self.heads:
            self.heads[id] = {claim.head for claim in self.claimed.get(id, ())}
        return i in self.heads[id]

    def matches(self, wording: Wording, i: int) -> bool:
        """Whether line ``i`` matches the wording, which hits near one another ask of the same lines."""
        matches = self.answers.get((id(wording), i))
        if matches is None:
            lines = self.lines
            matches = lines.may_match(wording, i) and matcher(wording).matches(lines.raw(i), lines.folded[i])
            if len(self.answers) >= _REMEMBERED:
                self.answers.clear()
            self.answers[id(wording), i] = matches
        return matches

    def matches_as_one(self, wording: Wording, paragraph: range) -> bool:
        """Whether these lines, or as many as make the longest line that patterns are tried on, match as one."""
        whole = " ".join(self.lines.raw(i).strip() for i in paragraph[:MAX_LINE])[:MAX_LINE]
        return matcher(wording).matches(whole, fold(whole))

    def is_titled(self, wording: Wording) -> bool:
        """Whether the document's title matches the wording or, if none is known, the first line of its text."""
        if not (title := (self.document.title or "").strip()):
            return bool(self.lines.filled) and self.matches(wording, self.lines.filled[0])
        matches = self.answers.get((id(wording), -1))
        if matches is None:
            matches = self.answers[id(wording), -1] = matcher(wording).matches(title, fold(title))
        return matches

    def is_headline(self, i: int) -> bool:
        """Whether line ``i`` is the headline, which is searched for only if the line says the title."""
        key = self.lines.key(i) if self._title else ""
        return says_title(key, self._title) and i == self.headline

    @cached_property
    def titles(self) -> frozenset[str]:
        """Keys of what may be the title: the document's own and its first line."""
        lines = self.lines
        return frozenset({lines.key(lines.filled[0]) if lines.filled else "", self._title}) - {""}

    @cached_property
    def headline(self) -> int | None:
        """The first line that equals the document's title or its beginning: a title often ends in the site's name."""
        title = self._title
        for i in self.lines.filled if title else ():
            if says_title(self.lines.key(i), title):
                return i
        return None

    def above_headline(self, reach: int | None) -> Sequence[int]:
        """The lines above the headline, if that has at least three words and at most ``reach`` lines are above it."""
        filled = self.lines.filled if self._title else []
        for rank, i in enumerate(filled if reach is None else filled[: reach + 1]):
            key = self.lines.key(i)
            if key.count(" ") >= 2 and says_title(key, self._title):
                return filled[:rank]
        return []

    @cached_property
    def _title(self) -> str:
        return line_key(fold(self.document.title or ""))
