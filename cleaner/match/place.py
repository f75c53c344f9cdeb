"""Builds the selector of a set of rules: puts every form of every wording where it is found fastest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

import numpy as np
import regex

from cleaner.match.alphabet import EVERY, NUMERIC
from cleaner.match.automaton import Automata, Automaton, automaton_of
from cleaner.match.edges import Edges, edges_of
from cleaner.match.gate import Chars, Gate
from cleaner.match.literals import RARITY, commonness, required_literals
from cleaner.match.lookup import Edge, Scan, WordSet
from cleaner.match.needs import LINE, Needs, needs_of, needs_of_text
from cleaner.match.select import NUMBERED, PLAIN, Selector
from cleaner.match.signature import DIGITS, IS_LETTER, collapse, signature
from cleaner.match.table import Table
from cleaner.rules.model import Rule, Wording
from cleaner.rules.wording import Form, forms

__all__ = ["selector_of"]

_WORTH_IT: Final = 0.5  # share of lines; what is found in more of them is left to the gate
_AT_EDGE: Final = 10.0  # how much more often a word stands at a line's edge than elsewhere
_OPENING, _CLOSING, _INSIDE, _GATE = range(4)  # ways to select a form
_ENDLESS: Final = np.iinfo(np.int64).max

_DIGITS: Final = regex.compile(r"\d+")
_DIGIT_CODES: Final = [bytes([code]) for code in (*b"0123456789", *DIGITS)]
_NO_LETTER: Final = bytes(np.flatnonzero(~IS_LETTER).astype(np.uint8))

Said = dict[str, list[int]]
"""Phrase -> rules that have it."""


def selector_of(rules: Sequence[Rule]) -> Selector:
    """The selector of these rules, which it names by their indexes."""
    placing = _Placing()
    for index, rule in enumerate(rules):
        if rule.wording is not None:
            placing.add(index, rule.wording)
    return placing.selector()


class _Placing:
    def __init__(self) -> None:
        self._said: tuple[Said, Said] = (defaultdict(list), defaultdict(list))
        self._rules, self._kinds, self._texts = [0, 0], ["", ""], ["", ""]
        self._literals: dict[bytes, list[int]] = defaultdict(list)
        self._opening, self._closing = Edge(closing=False), Edge(closing=True)
        self._gate = Gate()
        self._automata: list[tuple[int, bool, Automaton]] = []
        self._code = cache(_code)  # the same words open and close thousands of forms
        self._edges: list[Edges] = [Edges(), Edges()]
        self._needs: list[Needs] = [Needs(), Needs(any=(NUMERIC,))]

    def add(self, index: int, wording: Wording) -> None:
        """Put all forms of a rule's wording in their places."""
        for phrase in wording.phrases:
            self._said[PLAIN][phrase].append(index)
        for phrase in wording.numbered:
            self._said[NUMBERED][phrase].append(index)
        for form in forms(wording):
            if form.kind in ("regex", "raw"):
                self._add_pattern(form)
            else:
                self._add_literal(form)
            self._rules.append(index)
            self._kinds.append(form.kind)
            self._texts.append(form.text)

    def _add_pattern(self, form: Form) -> None:
        raw = form.kind == "raw"
        if (automaton := automaton_of(form.text, raw=raw)) is not None:
            self._automata.append((len(self._rules), raw, automaton))
        self._needs.append(needs_of(form.text, folded=not raw))
        self._place(edges_of(form.text, folded=not raw), required_literals(form.text))

    def _add_literal(self, form: Form) -> None:
        self._needs.append(needs_of_text(form.text))
        literal = frozenset({form.text})
        opening, closing = (literal if form.kind == edge else None for edge in ("starts", "ends"))
        self._place(Edges(opening=opening, closing=closing), literal)

    def _place(self, edges: Edges, inside: frozenset[str] | None) -> None:
        """Put a form where it is expected to be found least often without a match."""
        number = len(self._rules)
        self._edges.append(edges)
        opening = [self._code(text).lstrip(_NO_LETTER) for text in edges.opening or ("",)]
        closing = [self._code(text).rstrip(_NO_LETTER) for text in edges.closing or ("",)]
        within = [self._code(text) for text in inside or ("",)]
        ways = [
            (_AT_EDGE * _frequency(edges.opening, opening), _OPENING),
            (_AT_EDGE * _frequency(edges.closing, closing), _CLOSING),
            (LINE * _frequency(inside, within), _INSIDE),
            (_WORTH_IT, _GATE),
        ]
        _, way = min(ways)
        if way == _OPENING:
            self._opening.add(opening, number)
        elif way == _CLOSING:
            self._closing.add(closing, number)
        elif way == _INSIDE:
            for code in within:
                self._literals[code].append(number)
        else:
            self._gate.add(number, edges)

    def selector(self) -> Selector:
        """All that has been put in its place."""
        shared: dict[tuple[int, ...], tuple[int, ...]] = {}  # one tuple for all phrases of a rule is soon read again
        plain, numbered = (
            {phrase: shared.setdefault(rules, rules) for phrase, found in said.items() for rules in [tuple(found)]}
            for said in self._said
        )
        spoken, wordless = self._place_numbered(numbered)
        self._opening.finish()
        self._closing.finish()
        self._gate.finish()
        return Selector(
            rules=np.array(self._rules, np.int64),
            kinds=self._kinds,
            texts=self._texts,
            phrases=(plain, numbered),
            keys=WordSet(_table(plain).key_word),
            spoken=WordSet(_table(spoken).spoken_word),
            wordless=wordless,
            opening=self._opening,
            closing=self._closing,
            gate=self._gate,
            automata=Automata.joined(len(self._rules), self._automata),
            scans=(
                Scan({code: forms for code, forms in self._literals.items() if code.isascii()}),
                Scan({code: forms for code, forms in self._literals.items() if not code.isascii()}),
            ),
            rarity=RARITY,
            first=Chars(edges.first for edges in self._edges),
            last=Chars(edges.last for edges in self._edges),
            least=np.array([edges.least for edges in self._edges], np.int64),
            most=np.array([_ENDLESS if edges.most is None else edges.most for edges in self._edges], np.int64),
            all=np.array([needs.all for needs in self._needs], np.uint64),
            any=np.array([(*needs.any, EVERY, EVERY)[:2] for needs in self._needs], np.uint64).T.copy(),
        )

    def _place_numbered(self, phrases: Iterable[str]) -> tuple[set[str], bool]:
        """What is left of phrases without their numbers, and whether nothing is left of one; those with numbers within
        are put at the line's opening."""
        spoken: set[str] = set()
        wordless = False
        for phrase in phrases:
            pieces = [piece for piece in _DIGITS.split(phrase) if self._code(piece).strip(_NO_LETTER)]
            if len(pieces) == 1:
                spoken.add(pieces[0])
            elif pieces:  # the first one, and a digit behind it
                opening = self._code(pieces[0]).lstrip(_NO_LETTER)
                self._opening.add((opening + digit for digit in _DIGIT_CODES), NUMBERED)
            else:
                wordless = True
        return spoken, wordless


def _code(text: str) -> bytes:
    return collapse(signature([text]))


def _frequency(texts: frozenset[str] | None, codes: list[bytes]) -> float:
    """How often one of the texts is expected at one place; infinite if one of them has no byte to look for."""
    if texts is None or not all(codes):
        return float("inf")
    return sum(map(commonness, texts))


def _table(phrases: Iterable[str]) -> Table:
    return Table([phrase.replace("\n", " ") for phrase in sorted(phrases)])
