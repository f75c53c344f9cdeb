"""Builds the selectors of a set of rules: indexes every form of every wording where it is found fastest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from math import fsum
from typing import Final, NamedTuple

import numpy as np
import regex

from cleaner.cache import cached_items
from cleaner.match.alphabet import EVERY, NUMERIC
from cleaner.match.automaton import Automata, Automaton
from cleaner.match.construct import automaton_of
from cleaner.match.edges import Edges, edges_of
from cleaner.match.gate import Chars, Gate
from cleaner.match.literals import required_literals
from cleaner.match.lookup import Edge, Index, Phrases, Scan
from cleaner.match.rarity import commonness, windows
from cleaner.match.required import LINE_LENGTH, RequiredChars, required_by_one_of, required_by_text, required_chars
from cleaner.match.select import ENDLESS, NUMBERED, PHRASES, Selector
from cleaner.match.signature import DIGITS, IS_LETTER, collapse, signature
from cleaner.match.table import Table
from cleaner.rules.model import Rule, Wording
from cleaner.rules.wording import Form, forms

__all__ = ["selectors_of"]

_SELECTIVE: Final = 0.5
"""Share of lines; what is found in more of them is left to the gate."""
_AT_EDGE: Final = 10.0
"""How much more often a word stands at a line's edge than elsewhere."""
_OPENING, _CLOSING, _INSIDE, _GATE = range(4)  # the indexes that a literal or pattern may be put in

_DIGITS: Final = regex.compile(r"\d+")
_DIGIT_CODES: Final = [bytes([code]) for code in (*b"0123456789", *DIGITS)]
_NO_LETTER: Final = bytes(np.flatnonzero(~IS_LETTER).astype(np.uint8))

PhraseForms = dict[str, list[int]]
"""Phrase -> numbers of the forms that have it."""

Pattern = tuple[str, bool]
"""A pattern, and whether it sees lines as written."""


class _Facts(NamedTuple):
    """What is read off a literal or pattern alone, whatever others there are."""

    target: int
    """The index to put it in."""
    codes: tuple[bytes, ...]
    """The signatures that find it there; none for the gate."""
    edges: Edges
    required: RequiredChars
    automaton: Automaton | None = None


def _facts_of_pattern(pattern: Pattern) -> _Facts:
    text, raw = pattern
    edges = edges_of(text, folded=not raw)
    target, codes = _best_index(edges, required_literals(text))
    required, automaton = required_chars(text, folded=not raw), automaton_of(text, raw=raw)
    return _Facts(target, codes, replace(edges, opening=None, closing=None), required, automaton)


def _facts_of_literal(form: Form) -> _Facts:
    literal = frozenset({form.text})
    opening, closing = (literal if form.kind == edge else None for edge in ("starts", "ends"))
    return _Facts(*_best_index(Edges(opening=opening, closing=closing), literal), Edges(), required_by_text(form.text))


def _best_index(edges: Edges, inside: frozenset[str] | None) -> tuple[int, tuple[bytes, ...]]:
    """The index that is expected to find a form least often without a match, and by what it finds it."""
    opening = tuple(_code(text).lstrip(_NO_LETTER) for text in sorted(edges.opening or [""]))
    closing = tuple(_code(text).rstrip(_NO_LETTER) for text in sorted(edges.closing or [""]))
    within = tuple(_code(text) for text in sorted(inside or [""]))
    choices: list[tuple[float, int, tuple[bytes, ...]]] = [
        (_AT_EDGE * _frequency(edges.opening, opening), _OPENING, opening),
        (_AT_EDGE * _frequency(edges.closing, closing), _CLOSING, closing),
        (LINE_LENGTH * _frequency(inside, within), _INSIDE, within),
        (_SELECTIVE, _GATE, ()),
    ]
    return min(choices)[1:]


def selectors_of(rules: Sequence[Rule], parts: Sequence[Iterable[int]], *, keep: bool = False) -> tuple[Selector, ...]:
    """A selector of each part of these rules, which are named by their indexes.

    With ``keep``, what is read off each pattern, which is slow, is kept in the cache: an edited pack, another profile
    or choice of rules shares most of them.
    """
    own_forms = (form for rule in rules if rule.wording is not None for form in forms(rule.wording))
    patterns = {(form.text, form.kind == "raw"): None for form in own_forms if form.kind in ("regex", "raw")}
    read = _facts_of_pattern
    facts = cached_items("forms", patterns, read) if keep else {key: read(key) for key in patterns}
    return tuple(_selector([(i, rules[i].wording) for i in part], facts) for part in parts)


def _selector(wordings: Iterable[tuple[int, Wording | None]], patterns: Mapping[Pattern, _Facts]) -> Selector:
    builder = _Builder(patterns)
    for rule, wording in wordings:
        if wording is not None:
            builder.add(rule, wording)
    return builder.selector()


class _Builder:
    """Numbers the forms of some rules, and puts each in an index."""

    def __init__(self, patterns: Mapping[Pattern, _Facts]) -> None:
        """``patterns``: the facts of all patterns of the rules."""
        self._patterns = patterns
        self._phrases: dict[str, PhraseForms] = {PHRASES: defaultdict(list), NUMBERED: defaultdict(list)}
        self._rules: list[int] = []
        self._kinds: list[str] = []
        self._texts: list[str] = []
        self._edges: list[Edges] = []
        self._required: list[RequiredChars] = []
        self._opening: list[tuple[bytes, int]] = []
        self._closing: list[tuple[bytes, int]] = []
        self._literals: dict[bytes, list[int]] = defaultdict(list)
        self._gated: list[tuple[int, Edges]] = []
        self._automata: list[tuple[int, bool, Automaton]] = []

    def add(self, rule: int, wording: Wording) -> None:
        """Index all forms of a rule's wording."""
        worded = [phrase for phrase in wording.numbered if _pieces(phrase)]
        bare = [phrase for phrase in wording.numbered if not _pieces(phrase)]
        for kind, phrases in ((PHRASES, wording.phrases), (NUMBERED, worded), (NUMBERED, bare)):
            if phrases:
                least = min(map(len, phrases))  # the key of a line is no longer than the line
                number = self._number(rule, kind, "", Edges(least=least), _required_by_phrases(phrases, kind))
                for phrase in phrases:
                    self._phrases[kind][phrase].append(number)
        for form in forms(wording):
            raw = form.kind == "raw"
            facts = self._patterns[form.text, raw] if raw or form.kind == "regex" else _facts_of_literal(form)
            self._index(self._number(rule, form.kind, form.text, facts.edges, facts.required), facts, raw=raw)

    def _number(self, rule: int, kind: str, text: str, edges: Edges, required: RequiredChars) -> int:
        """Note another form; gives its number."""
        self._rules.append(rule)
        self._kinds.append(kind)
        self._texts.append(text)
        self._edges.append(edges)
        self._required.append(required)
        return len(self._rules) - 1

    def _index(self, number: int, facts: _Facts, *, raw: bool) -> None:
        if facts.automaton is not None:
            self._automata.append((number, raw, facts.automaton))
        if facts.target == _OPENING:
            self._opening += ((code, number) for code in facts.codes)
        elif facts.target == _CLOSING:
            self._closing += ((code, number) for code in facts.codes)
        elif facts.target == _INSIDE:
            for code in facts.codes:
                self._literals[code].append(number)
        else:
            self._gated.append((number, facts.edges))

    def selector(self) -> Selector:
        """The selector of all forms that were added."""
        spoken, wordless = self._index_numbered()
        ascii_only = {code: forms for code, forms in self._literals.items() if code.isascii()}
        beyond = {code: forms for code, forms in self._literals.items() if not code.isascii()}
        any_of = [(*required.any, EVERY, EVERY)[:2] for required in self._required]
        return Selector(
            rules=np.array(self._rules, np.int64),
            kinds=self._kinds,
            texts=self._texts,
            phrases={kind: Phrases(forms_of) for kind, forms_of in self._phrases.items()},
            keys=_index_of(self._phrases[PHRASES], "key_word"),
            spoken=_index_of(spoken, "spoken_word"),
            wordless=np.array(wordless, np.int64),
            opening=Edge(self._opening, closing=False),
            closing=Edge(self._closing, closing=True),
            gate=Gate(self._gated),
            automata=Automata.joined(len(self._rules), self._automata),
            scans=(Scan(ascii_only), Scan(beyond)),
            windows=np.array(windows([*ascii_only, *beyond]), np.int64),
            first=Chars(edges.first for edges in self._edges),
            last=Chars(edges.last for edges in self._edges),
            least=np.array([edges.least for edges in self._edges], np.int64),
            most=np.array([ENDLESS if edges.most is None else edges.most for edges in self._edges], np.int64),
            all=np.array([required.all for required in self._required], np.uint64),
            any=np.array(any_of, np.uint64).reshape(-1, 2).T.copy(),
        )

    def _index_numbered(self) -> tuple[PhraseForms, list[int]]:
        """Index the phrases with numbers by what is left without these.

        Gives those of which one piece is left, and the forms of those of which nothing is. Phrases with a number
        between two pieces are looked for at the line's opening.
        """
        spoken: PhraseForms = defaultdict(list)
        wordless: set[int] = set()
        for phrase, numbers in self._phrases[NUMBERED].items():
            pieces = _pieces(phrase)
            if len(pieces) == 1:
                spoken[pieces[0]] += numbers
            elif pieces:  # the first one, and a digit behind it
                opening = _code(pieces[0]).lstrip(_NO_LETTER)
                self._opening += ((opening + digit, number) for number in numbers for digit in _DIGIT_CODES)
            else:
                wordless.update(numbers)
        return spoken, sorted(wordless)


def _pieces(phrase: str) -> list[str]:
    """What stands between the numbers of a phrase and has letters."""
    return [piece for piece in _DIGITS.split(phrase) if _code(piece).strip(_NO_LETTER)]


def _required_by_phrases(phrases: Iterable[str], kind: str) -> RequiredChars:
    """What every line has that says one of the phrases."""
    required = required_by_one_of(_DIGITS.sub("", phrase) for phrase in phrases)
    return RequiredChars(required.all, (NUMERIC, *required.any[:1])) if kind == NUMBERED else required


@lru_cache(maxsize=1 << 16)  # the same words open and close thousands of forms
def _code(text: str) -> bytes:
    """The signature of a text."""
    return collapse(signature([text]))


def _frequency(texts: frozenset[str] | None, codes: tuple[bytes, ...]) -> float:
    """How often one of the texts is expected at one place; infinite if one of them has no byte to look for."""
    if texts is None or not all(codes):
        return float("inf")
    return fsum(map(commonness, texts))  # the same in any order, and so in any process


def _index_of(phrases: PhraseForms, column: str) -> Index:
    """The forms of the phrases, by the word that a line which says one has in this column of the table."""
    forms_by: dict[int, set[int]] = defaultdict(set)
    table = Table([phrase.replace("\n", " ") for phrase in phrases])
    for numbers, word in zip(phrases.values(), getattr(table, column).tolist(), strict=True):
        forms_by[word].update(numbers)
    return Index({word: sorted(numbers) for word, numbers in forms_by.items()})
