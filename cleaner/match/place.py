"""Builds the selectors of a set of rules: puts every form of every wording where it is found fastest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from math import fsum
from typing import Final, NamedTuple

import numpy as np
import regex

from cleaner.cache import remembered
from cleaner.match.alphabet import EVERY, NUMERIC
from cleaner.match.automaton import Automata, Automaton
from cleaner.match.construct import automaton_of
from cleaner.match.edges import Edges, edges_of
from cleaner.match.gate import Chars, Gate
from cleaner.match.literals import commonness, required_literals, windows
from cleaner.match.lookup import Edge, Index, Phrases, Scan
from cleaner.match.needs import LINE, Needs, needs_of, needs_of_one, needs_of_text
from cleaner.match.select import ENDLESS, NUMBERED, PHRASES, Selector
from cleaner.match.signature import DIGITS, IS_LETTER, collapse, signature
from cleaner.match.table import Table
from cleaner.rules.model import Rule, Wording
from cleaner.rules.wording import Form, forms

__all__ = ["selectors_of"]

_WORTH_IT: Final = 0.5  # share of lines; what is found in more of them is left to the gate
_AT_EDGE: Final = 10.0  # how much more often a word stands at a line's edge than elsewhere
_OPENING, _CLOSING, _INSIDE, _GATE = range(4)  # ways to select a form

_DIGITS: Final = regex.compile(r"\d+")
_DIGIT_CODES: Final = [bytes([code]) for code in (*b"0123456789", *DIGITS)]
_NO_LETTER: Final = bytes(np.flatnonzero(~IS_LETTER).astype(np.uint8))

Said = dict[str, list[int]]
"""Phrase -> forms that have it."""


class _Placed(NamedTuple):
    """What is read off a form alone, whatever other forms there are."""

    way: int
    codes: tuple[bytes, ...]
    """What it is looked for by, for all ways but the gate."""
    edges: Edges
    needs: Needs
    automaton: Automaton | None = None


def _pattern(pattern: tuple[str, bool]) -> _Placed:
    """Of a pattern, and whether it sees lines as written."""
    text, raw = pattern
    edges = edges_of(text, folded=not raw)
    way, codes = _way(edges, required_literals(text))
    needs, automaton = needs_of(text, folded=not raw), automaton_of(text, raw=raw)
    return _Placed(way, codes, replace(edges, opening=None, closing=None), needs, automaton)


def _literal(form: Form) -> _Placed:
    literal = frozenset({form.text})
    opening, closing = (literal if form.kind == edge else None for edge in ("starts", "ends"))
    return _Placed(*_way(Edges(opening=opening, closing=closing), literal), Edges(), needs_of_text(form.text))


def _way(edges: Edges, inside: frozenset[str] | None) -> tuple[int, tuple[bytes, ...]]:
    """Where a form is expected to be found least often without a match, and by what."""
    opening = tuple(_code(text).lstrip(_NO_LETTER) for text in sorted(edges.opening or [""]))
    closing = tuple(_code(text).rstrip(_NO_LETTER) for text in sorted(edges.closing or [""]))
    within = tuple(_code(text) for text in sorted(inside or [""]))
    ways: list[tuple[float, int, tuple[bytes, ...]]] = [
        (_AT_EDGE * _frequency(edges.opening, opening), _OPENING, opening),
        (_AT_EDGE * _frequency(edges.closing, closing), _CLOSING, closing),
        (LINE * _frequency(inside, within), _INSIDE, within),
        (_WORTH_IT, _GATE, ()),
    ]
    return min(ways)[1:]


def selectors_of(rules: Sequence[Rule], parts: Sequence[Iterable[int]], *, keep: bool = False) -> tuple[Selector, ...]:
    """A selector of each part of these rules, which are named by their indexes.

    With ``keep``, what is read off each pattern, which is slow, is kept in the cache: an edited pack, another profile
    or choice of rules shares most of them.
    """
    said = [form for rule in rules if rule.wording is not None for form in forms(rule.wording)]
    patterns = {(form.text, form.kind == "raw"): None for form in said if form.kind in ("regex", "raw")}
    found = remembered("placed", patterns, _pattern) if keep else {key: _pattern(key) for key in patterns}
    return tuple(_selector([(i, rules[i].wording) for i in part], found) for part in parts)


def _selector(wordings: Iterable[tuple[int, Wording | None]], patterns: Mapping[tuple[str, bool], _Placed]) -> Selector:
    placing = _Placing(patterns)
    for index, wording in wordings:
        if wording is not None:
            placing.add(index, wording)
    return placing.selector()


class _Placing:
    def __init__(self, patterns: Mapping[tuple[str, bool], _Placed]) -> None:
        """``patterns``: all of the rules."""
        self._patterns = patterns
        self._said: dict[str, Said] = {PHRASES: defaultdict(list), NUMBERED: defaultdict(list)}
        self._rules: list[int] = []
        self._kinds: list[str] = []
        self._texts: list[str] = []
        self._literals: dict[bytes, list[int]] = defaultdict(list)
        self._opening, self._closing = Edge(closing=False), Edge(closing=True)
        self._gated: list[tuple[int, Edges]] = []
        self._automata: list[tuple[int, bool, Automaton]] = []
        self._edges: list[Edges] = []
        self._needs: list[Needs] = []

    def add(self, index: int, wording: Wording) -> None:
        """Put all forms of a rule's wording in their places."""
        worded = [phrase for phrase in wording.numbered if _pieces(phrase)]
        for kind, phrases in (
            (PHRASES, wording.phrases),
            (NUMBERED, worded),
            (NUMBERED, [phrase for phrase in wording.numbered if phrase not in worded]),
        ):
            if phrases:
                least = min(map(len, phrases))  # the key of a line is no longer than the line
                number = self._form(index, kind, "", Edges(least=least), _phrase_needs(phrases, kind))
                for phrase in phrases:
                    self._said[kind][phrase].append(number)
        for form in forms(wording):
            raw = form.kind == "raw"
            placed = self._patterns[form.text, raw] if raw or form.kind == "regex" else _literal(form)
            self._place(placed, self._form(index, form.kind, form.text, placed.edges, placed.needs), raw=raw)

    def _form(self, rule: int, kind: str, text: str, edges: Edges, needs: Needs) -> int:
        """Number another form."""
        self._rules.append(rule)
        self._kinds.append(kind)
        self._texts.append(text)
        self._edges.append(edges)
        self._needs.append(needs)
        return len(self._rules) - 1

    def _place(self, form: _Placed, number: int, *, raw: bool) -> None:
        if form.automaton is not None:
            self._automata.append((number, raw, form.automaton))
        if form.way == _OPENING:
            self._opening.add(form.codes, number)
        elif form.way == _CLOSING:
            self._closing.add(form.codes, number)
        elif form.way == _INSIDE:
            for code in form.codes:
                self._literals[code].append(number)
        else:
            self._gated.append((number, form.edges))

    def selector(self) -> Selector:
        """All that has been put in its place."""
        spoken, wordless = self._place_numbered()
        self._opening.finish()
        self._closing.finish()
        ascii_only = {code: forms for code, forms in self._literals.items() if code.isascii()}
        beyond = {code: forms for code, forms in self._literals.items() if not code.isascii()}
        return Selector(
            rules=np.array(self._rules, np.int64),
            kinds=self._kinds,
            texts=self._texts,
            phrases={kind: Phrases(said) for kind, said in self._said.items()},
            keys=_index(self._said[PHRASES], "key_word"),
            spoken=_index(spoken, "spoken_word"),
            wordless=np.array(wordless, np.int64),
            opening=self._opening,
            closing=self._closing,
            gate=Gate(self._gated),
            automata=Automata.joined(len(self._rules), self._automata),
            scans=(Scan(ascii_only), Scan(beyond)),
            windows=np.array(windows([*ascii_only, *beyond]), np.int64),
            first=Chars(edges.first for edges in self._edges),
            last=Chars(edges.last for edges in self._edges),
            least=np.array([edges.least for edges in self._edges], np.int64),
            most=np.array([ENDLESS if edges.most is None else edges.most for edges in self._edges], np.int64),
            all=np.array([needs.all for needs in self._needs], np.uint64),
            any=np.array([(*needs.any, EVERY, EVERY)[:2] for needs in self._needs], np.uint64).reshape(-1, 2).T.copy(),
        )

    def _place_numbered(self) -> tuple[Said, list[int]]:
        """What is left of phrases without their numbers, and the forms of those of which nothing is; those with numbers
        within are put at the line's opening."""
        spoken: Said = defaultdict(list)
        wordless: set[int] = set()
        for phrase, found in self._said[NUMBERED].items():
            pieces = _pieces(phrase)
            if len(pieces) == 1:
                spoken[pieces[0]] += found
            elif pieces:  # the first one, and a digit behind it
                opening = _code(pieces[0]).lstrip(_NO_LETTER)
                for form in found:
                    self._opening.add((opening + digit for digit in _DIGIT_CODES), form)
            else:
                wordless.update(found)
        return spoken, sorted(wordless)


def _pieces(phrase: str) -> list[str]:
    """What stands between the numbers of a phrase and has letters."""
    return [piece for piece in _DIGITS.split(phrase) if _code(piece).strip(_NO_LETTER)]


def _phrase_needs(phrases: Iterable[str], kind: str) -> Needs:
    """What every line has that says one of the phrases."""
    needs = needs_of_one(_DIGITS.sub("", phrase) for phrase in phrases)
    return Needs(needs.all, (NUMERIC, *needs.any[:1])) if kind == NUMBERED else needs


@lru_cache(maxsize=1 << 16)  # the same words open and close thousands of forms
def _code(text: str) -> bytes:
    return collapse(signature([text]))


def _frequency(texts: frozenset[str] | None, codes: tuple[bytes, ...]) -> float:
    """How often one of the texts is expected at one place; infinite if one of them has no byte to look for."""
    if texts is None or not all(codes):
        return float("inf")
    return fsum(map(commonness, texts))  # the same in any order, and so in any process


def _index(said: Said, word: str) -> Index:
    """The forms of phrases by the word that the table has in this column for a line that says one."""
    forms: dict[int, set[int]] = defaultdict(set)
    table = Table([phrase.replace("\n", " ") for phrase in said])
    for found, key in zip(said.values(), getattr(table, word).tolist(), strict=True):
        forms[key].update(found)
    return Index({key: sorted(found) for key, found in forms.items()})
