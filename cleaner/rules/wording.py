"""What a wording means: the definition, by the `regex` package, of which lines match.

Every engine confirms its candidates here, so this is the one place where a match is decided.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final, Literal, NamedTuple

import regex

from cleaner.options import MAX_LINE
from cleaner.rules.model import Wording
from cleaner.text.fold import fold, line_key, number_key

_SPACED: Final = r"[\p{L}\p{M}\p{N}--[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]]"
"""Word characters of scripts that put blanks between words; in the others a phrase has no visible boundary."""

_WORDLIKE: Final = regex.compile(_SPACED, regex.V1)
_BEFORE: Final = r"[^\p{L}\p{N}]{0,16}"
"""What may stand before ``starts`` and behind ``ends``: bullets, quotes, blanks, punctuation (within the one line)."""


def _literal(text: str, *, left: bool, right: bool) -> str:
    """A literal as a pattern, with a word boundary at each named side if the literal has a word character there."""
    before = f"(?<!{_SPACED})" if left and _WORDLIKE.match(text[0]) else ""
    behind = f"(?!{_SPACED})" if right and _WORDLIKE.match(text[-1]) else ""
    return before + regex.escape(text, special_only=True, literal_spaces=True) + behind


class Pattern:
    """A pattern, compiled; V1 only for the set operations of the boundaries above."""

    __slots__ = ("_finditer", "_group", "_search")

    def __init__(self, pattern: str) -> None:
        made = regex.compile(pattern)
        self._search, self._finditer = made.search, made.finditer
        self._group: str | int = "cut" if "cut" in made.groupindex else 0

    def found(self, subject: str) -> bool:
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


compiled = cache(Pattern)
"""The pattern, compiled once in a process."""


class Form(NamedTuple):
    """One literal or pattern of a wording: what the author wrote, and the pattern that it means."""

    kind: Literal["starts", "ends", "contains", "regex", "raw"]
    """``raw``: a regex that sees the line as written."""
    text: str
    pattern: str


def forms(wording: Wording) -> list[Form]:
    """The literals and patterns of a wording, its phrases and exceptions aside."""
    found = [
        Form("starts", x, f"(?V1)^{_BEFORE}(?P<cut>{_literal(x, left=False, right=True)})") for x in wording.starts
    ]
    found += [Form("ends", x, f"(?V1)(?P<cut>{_literal(x, left=True, right=False)}){_BEFORE}$") for x in wording.ends]
    found += [Form("contains", x, f"(?V1)(?P<cut>{_literal(x, left=True, right=True)})") for x in wording.contains]
    return found + [Form("raw" if wording.case else "regex", pattern, pattern) for pattern in wording.regex]


class Matcher:
    """A wording, ready to be asked about lines."""

    __slots__ = ("_numbered", "_patterns", "_phrases", "_raw", "_unless")

    def __init__(self, wording: Wording) -> None:
        self._phrases = frozenset(wording.phrases)
        self._numbered = frozenset(wording.numbered)
        parts = forms(wording)
        self._patterns = tuple(form.pattern for form in parts if form.kind != "raw")
        self._raw = tuple(form.pattern for form in parts if form.kind == "raw")
        self._unless = matcher(wording.unless) if wording.unless else None

    def matches(self, line: str, folded: str) -> bool:
        """Whether the line (as written, and folded) speaks this wording: whether it has a span."""
        if len(folded) > MAX_LINE:
            return False
        if not self._says(folded) and not self._finds(line, folded):
            return False
        return self._unless is None or not self._unless.matches(line, folded)

    def _finds(self, line: str, folded: str) -> bool:
        for patterns, subject in ((self._patterns, folded), (self._raw, line)):
            for pattern in patterns:
                if compiled(pattern).found(subject):
                    return True
        return False

    def _says(self, folded: str) -> bool:
        if not (self._phrases or self._numbered):
            return False
        key = line_key(folded)
        return key in self._phrases or (bool(self._numbered) and number_key(key) in self._numbered)

    def spans(self, line: str, folded: str) -> Iterator[tuple[int, int]]:
        """The parts of the line that match, as half-open offsets in the line, in no particular order.

        A phrase matches from the first to the last character that is no outer punctuation; a pattern with a group
        named ``cut`` gives that group. Lines longer than ``MAX_LINE`` match nothing.
        """
        if len(folded) > MAX_LINE or (self._unless and self._unless.matches(line, folded)):
            return
        if self._says(folded):
            key = line_key(folded)
            yield folded.find(key[:1]) if key else 0, len(folded.rstrip())
        for patterns, subject in ((self._patterns, folded), (self._raw, line)):
            for pattern in patterns:
                yield from compiled(pattern).spans(subject)


_MATCHERS: Final[dict[int, tuple[Wording, Matcher]]] = {}


def matcher(wording: Wording) -> Matcher:
    """The matcher of a wording, made once."""
    known = _MATCHERS.get(id(wording))  # not the value: its hash would be reckoned from all its phrases at each call
    if known is None:
        known = _MATCHERS[id(wording)] = wording, Matcher(wording)
    return known[1]


def phrase_keys(phrase: str) -> tuple[str, bool]:
    """The key of a phrase as authors write it, and whether it holds ``{n}`` for a number."""
    if "{n}" not in phrase:
        return line_key(fold(phrase)), False
    return number_key(line_key(fold(phrase.replace("{n}", "0")))), True
