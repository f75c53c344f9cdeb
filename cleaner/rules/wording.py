"""What a wording means: the definition of which lines match.

Every engine confirms its candidates here, so this is the one place where a match is decided.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final, Literal, NamedTuple

import regex

from cleaner.cache import cached_items
from cleaner.options import MAX_LINE
from cleaner.rules.factoring import factored
from cleaner.rules.model import Rule, Wording
from cleaner.text.fold import OUTER, fold, line_key, number_key
from cleaner.text.invisible import printed

_WORD: Final = regex.compile(
    r"[\p{L}\p{M}\p{N}--[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]]", regex.V1
)
"""A word character of a script that puts blanks between words; in the others a phrase has no visible boundary."""

_REACH: Final = 16
_BESIDE: Final = regex.compile(rf"[^\p{{L}}\p{{N}}]{{0,{_REACH}}}")
"""What may stand before ``starts`` and behind ``ends``: bullets, quotes, blanks, punctuation (within the one line)."""


class Form(NamedTuple):
    """One literal or pattern of a wording, as its author wrote it."""

    kind: Literal["starts", "ends", "contains", "regex", "raw"]
    """``raw``: a regex that sees the line as written."""
    text: str


class LiteralFinder:
    """A literal at one edge of a line or anywhere in it; where it begins or ends with a word character, it must be at a
    word boundary. Compared directly: to compile a regex for each of thousands would take longer than to use them."""

    __slots__ = ("_kind", "_left", "_right", "_size", "_text")

    def __init__(self, kind: str, text: str) -> None:
        self._kind, self._text, self._size = kind, text, len(text)
        self._left = kind != "starts" and _WORD.match(text[0]) is not None
        self._right = kind != "ends" and _WORD.match(text[-1]) is not None

    def matches(self, subject: str) -> bool:
        """Whether the subject contains the literal."""
        return self._text in subject and any(True for _ in self.spans(subject))

    def spans(self, subject: str) -> Iterator[tuple[int, int]]:
        """Where the subject contains the literal, as half-open offsets that do not overlap; at an edge, once."""
        text, size = self._text, self._size
        if self._kind == "starts":
            behind = _BESIDE.match(subject).end() + size  # type: ignore[union-attr]  # it matches nothing, too
            while (at := subject.rfind(text, 0, behind)) >= 0:
                if self._stands(subject, at):
                    yield at, at + size
                    return
                behind = at + size - 1
        elif self._kind == "ends":
            at = max(0, len(subject) - _REACH - size) - 1
            while (at := subject.find(text, at + 1)) >= 0:
                if self._stands(subject, at) and _BESIDE.fullmatch(subject, at + size):
                    yield at, at + size
                    return
        else:
            at = 0
            while (at := subject.find(text, at)) >= 0:
                stands = self._stands(subject, at)
                if stands:
                    yield at, at + size
                at += size if stands else 1

    def _stands(self, subject: str, at: int) -> bool:
        """Whether no word goes on at either side."""
        if self._left and at > 0 and _WORD.match(subject, at - 1):
            return False
        return not (self._right and _WORD.match(subject, at + self._size))


_PICKLED: Final[dict[str, bytes]] = {}
"""Patterns compiled by an earlier process, as pickles: `regex` pickles its compiled form."""


def _compiled(source: str) -> regex.Pattern[str]:
    pickled = _PICKLED.get(source)
    if pickled:
        compiled: regex.Pattern[str] = pickle.loads(pickled)
        return compiled
    try:
        return regex.compile(factored(source))
    except regex.error:
        return regex.compile(source)  # which names the place in what its author wrote


@lru_cache(maxsize=16_384)
def pattern_of(source: str) -> regex.Pattern[str]:
    """The pattern, compiled. To check the packs and to keep their patterns both take it; `regex` itself remembers no
    more than 500. Raises whatever `regex.compile` does."""
    return _compiled(source)


def conditions(rule: Rule) -> list[Wording]:
    """What a rule asks besides its wording: exceptions, the title, the lines beside a hit, where its section ends.
    Its wording is among them where the lines beside a hit must match it, too."""
    beside = [(near.wording, near.between, rule.wording if near.alike else None) for near in rule.neighbours]
    asked = [wording for each in beside for wording in each if wording]
    if rule.section and rule.section.stop:
        asked.append(rule.section.stop)
    if rule.title:
        asked.append(rule.title)
    return asked + [wording.unless for wording in (rule.wording, *asked) if wording and wording.unless]


def pickled_patterns(rules: Iterable[Rule]) -> dict[str, bytes]:
    """All patterns of the rules, compiled and pickled, for ``use_pickled`` in a later process: reading one back takes a
    small part of the time of compiling it."""
    wordings = [wording for rule in rules for wording in (rule.wording, *conditions(rule)) if wording]
    patterns = {form.text for wording in wordings for form in forms(wording) if form.kind in ("regex", "raw")}
    pickled = cached_items("compiled", sorted(patterns), lambda pattern: pickle.dumps(pattern_of(pattern)))
    pattern_of.cache_clear()  # some 50 MB, for what is read back as it is needed
    return pickled


def use_pickled(patterns: Mapping[str, bytes]) -> None:
    """Use these patterns, as ``pickled_patterns`` gave them, instead of compiling them again."""
    _PICKLED.update(patterns)


class PatternFinder:
    """A pattern, compiled."""

    __slots__ = ("_finditer", "_group", "_search")

    def __init__(self, pattern: str) -> None:
        made = _compiled(pattern)
        self._search, self._finditer = made.search, made.finditer
        self._group: str | int = "cut" if "cut" in made.groupindex else 0

    def matches(self, subject: str) -> bool:
        """Whether the pattern, or its group ``cut``, matches something of the subject that is not empty."""
        match = self._search(subject)
        if match is None:
            return False
        start, end = match.span(self._group)
        return start < end or any(True for _ in self.spans(subject))

    def spans(self, subject: str) -> Iterator[tuple[int, int]]:
        """What the pattern, or its group ``cut``, matches of the subject, as half-open offsets; nothing empty."""
        for match in self._finditer(subject):
            start, end = match.span(self._group)
            if start < end:
                yield start, end


@lru_cache(maxsize=32_768)  # more than the bundled rules have
def finder_of(form: Form) -> LiteralFinder | PatternFinder:
    """What finds the form in a line; made once, by whatever rules it is asked for."""
    return PatternFinder(form.text) if form.kind in ("regex", "raw") else LiteralFinder(*form)


def forms(wording: Wording) -> list[Form]:
    """The literals and patterns of a wording, its phrases and exceptions aside."""
    literals = [Form("starts", text) for text in wording.starts]
    literals += [Form("ends", text) for text in wording.ends]
    literals += [Form("contains", text) for text in wording.contains]
    return literals + [Form("raw" if wording.case else "regex", text) for text in wording.regex]


class Matcher:
    """A wording, ready to be asked about lines."""

    __slots__ = ("_folded", "_literals", "_numbered", "_phrases", "_raw", "_unless")

    def __init__(self, wording: Wording) -> None:
        self._phrases = frozenset(wording.phrases)
        self._numbered = frozenset(wording.numbered)
        parts = forms(wording)
        self._literals = tuple((form.text, finder_of(form)) for form in parts if form.kind not in ("regex", "raw"))
        self._folded = tuple(finder_of(form) for form in parts if form.kind == "regex")
        self._raw = tuple(finder_of(form) for form in parts if form.kind == "raw")
        self._unless = matcher(wording.unless) if wording.unless else None

    def matches(self, line: str, folded: str) -> bool:
        """Whether the line (as written, and folded) matches this wording, that is, has a span. Blanks behind the line,
        and with them half a line break (the CR of CRLF), are no part of it."""
        folded = folded.rstrip()
        if len(folded) > MAX_LINE:
            return False
        line = line[: len(folded)]
        if not self._has_phrase(folded) and not self._finds(line, folded):
            return False
        return self._unless is None or not self._unless.excepts(line, folded)

    def excepts(self, line: str, folded: str) -> bool:
        """Whether this wording, as an exception, matches the line, as it is or without the punctuation in front: a
        bullet or a quotation mark does not make another sentence of it."""
        if self.matches(line, folded):
            return True
        front = bullet_of(folded)
        return front > 0 and self.matches(line[front:], folded[front:])

    def _finds(self, line: str, folded: str) -> bool:
        for text, finder in self._literals:
            if text in folded and finder.matches(folded):
                return True
        for parts, subject in ((self._folded, folded), (self._raw, line)):
            for part in parts:
                if part.matches(subject):
                    return True
        return False

    def _has_phrase(self, folded: str) -> bool:
        if not (self._phrases or self._numbered):
            return False
        key = line_key(folded)
        return key in self._phrases or (bool(self._numbered) and number_key(key) in self._numbered)

    def spans(self, line: str, folded: str) -> Iterator[tuple[int, int]]:
        """The parts of the line that match, as half-open offsets in the line, in no particular order.

        A phrase matches all of the line, as what surrounds it is punctuation; a pattern with a group named ``cut``
        gives that group. Lines longer than ``MAX_LINE`` match nothing.
        """
        folded = folded.rstrip()
        line = line[: len(folded)]
        if len(folded) > MAX_LINE or (self._unless and self._unless.excepts(line, folded)):
            return
        if self._has_phrase(folded):
            yield 0, len(folded)
        for _, finder in self._literals:
            yield from finder.spans(folded)
        for parts, subject in ((self._folded, folded), (self._raw, line)):
            for part in parts:
                yield from part.spans(subject)


def bullet_of(folded: str) -> int:
    """How many characters of outer punctuation stand before the first other one of a line."""
    return len(folded) - len(folded.lstrip(OUTER))


_MATCHERS: Final[dict[int, tuple[Wording, Matcher]]] = {}
_REMEMBERED: Final = 16_384
"""Matchers that are kept: more than the bundled rules have, and rules of thousands of sites come and go."""


def matcher(wording: Wording) -> Matcher:
    """The matcher of a wording, made once."""
    known = _MATCHERS.get(id(wording))  # not the value: its hash would be computed from all its phrases at each call
    if known is None:
        if len(_MATCHERS) >= _REMEMBERED:
            _MATCHERS.clear()
        known = _MATCHERS[id(wording)] = wording, Matcher(wording)
    return known[1]


def phrase_keys(phrase: str) -> tuple[str, bool]:
    """The key of a phrase as authors write it, and whether it holds ``{n}`` for a number."""
    if "{n}" not in phrase:
        return line_key(fold(printed(phrase))), False
    return number_key(line_key(fold(printed(phrase).replace("{n}", "0")))), True
