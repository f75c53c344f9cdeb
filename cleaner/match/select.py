"""Which rule may concern which line: every form of every wording is put where it is found soonest.

A *form* is one way in which a rule's wording can match: its phrases, or one literal or pattern of it. It is selected by
the first of these that it allows for:

* whole lines: a table of keys, for phrases;
* the line's opening or closing: tables of up to eight bytes, from its first letter or digit on or up to its last;
* a literal anywhere: one scan for all of them (Aho-Corasick, linear in the text);
* the line's first and last character and its length: one bit a form in tables of 64-bit words;

so the work is a few steps a line and one scan of the bytes, whatever the number of rules. A selector may name a line that
its form does not match; it never leaves one out that it does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from ahocorasick_rs import BytesAhoCorasick, Implementation
from numpy.typing import NDArray

from cleaner.match.edges import Edges, edges_of
from cleaner.match.literals import LEAST, commonness, required_literals
from cleaner.match.signature import IS_DIGIT, IS_WORD, collapse, signature
from cleaner.match.table import Ints, Table, hashed
from cleaner.rules.model import Rule, Wording
from cleaner.rules.wording import forms

__all__ = ["RuleForm", "Selector"]

_SIZES: Final = (2, 3, 4, 6, 8)  # bytes of an opening or closing that are compared
_KEY_BITS: Final = 20
_EDGE_BITS: Final = 16
_COMMON: Final = 2e-5  # an opening less common than this, per code point, is preferred to a scan for a literal
_LENGTHS: Final = 256  # longer lines count as one length


@dataclass(frozen=True, slots=True)
class RuleForm:
    """One literal or pattern of a rule's wording."""

    rule: int
    pattern: str
    raw: bool


def _code(text: str) -> bytes:
    return collapse(signature([text]))


_NOT_WORD: Final = bytes(np.flatnonzero(~IS_WORD).astype(np.uint8))


@dataclass
class _Edge:
    """Forms by the bytes at one edge of the line."""

    closing: bool
    forms: dict[int, dict[int, list[int]]] = field(default_factory=lambda: {size: defaultdict(list) for size in _SIZES})
    filters: dict[int, NDArray[np.bool_]] = field(default_factory=dict)

    def add(self, literals: Iterable[bytes], form: int) -> None:
        for literal in literals:
            size = max(size for size in _SIZES if size <= len(literal))
            part = literal[-size:] if self.closing else literal[:size]
            word = int.from_bytes(part.rjust(8, b"\0") if self.closing else part, "little")
            held = self.forms[size][word]
            if form not in held:
                held.append(form)

    def finish(self) -> None:
        for size, forms in list(self.forms.items()):
            if forms:
                bits = np.zeros(1 << _EDGE_BITS, np.bool_)
                bits[hashed(np.array(list(forms), np.uint64), _EDGE_BITS)] = True
                self.filters[size] = bits

    def find(self, table: Table, found: _Found) -> None:
        words = table.closing if self.closing else table.opening
        for size, bits in self.filters.items():
            mask = (1 << (8 * size)) - 1
            part = words & np.uint64(mask << (64 - 8 * size) if self.closing else mask)
            lines = np.flatnonzero(bits[hashed(part, _EDGE_BITS)])
            forms = self.forms[size]
            for line, word in zip(lines.tolist(), part[lines].tolist(), strict=True):
                if word in forms:
                    found.add(line, forms[word])


class _Found:
    """Gathers (line, form) pairs."""

    def __init__(self) -> None:
        self.lines: list[int] = []
        self.forms: list[int] = []
        self.blocks: list[tuple[Ints, Ints]] = []

    def add(self, line: int, forms: list[int]) -> None:
        for form in forms:
            self.lines.append(line)
            self.forms.append(form)

    def add_all(self, lines: Ints, forms: Ints) -> None:
        self.blocks.append((lines, forms))

    def pairs(self, forms: int) -> tuple[Ints, Ints]:
        """Lines and forms, sorted by line and then form, each pair once."""
        blocks = [*self.blocks, (np.array(self.lines, np.int64), np.array(self.forms, np.int64))]
        joined = np.concatenate([lines * forms + those for lines, those in blocks])
        joined = np.unique(joined)
        return joined // forms, joined % forms


class _Gate:
    """Forms without a literal, by the line's first and last character and its length."""

    def __init__(self) -> None:
        self.forms: list[int] = []
        self._first: list[frozenset[int]] = []
        self._last: list[frozenset[int]] = []
        self._span: list[tuple[int, int]] = []

    def add(self, form: int, edges: Edges) -> None:
        self.forms.append(form)
        self._first.append(edges.first)
        self._last.append(edges.last)
        self._span.append((edges.least, _LENGTHS if edges.most is None else edges.most))

    def finish(self) -> None:
        words = (len(self.forms) + 63) // 64
        self.first = np.zeros((words, 256), np.uint64)
        self.last = np.zeros((words, 256), np.uint64)
        self.length = np.zeros((words, _LENGTHS), np.uint64)
        for i in range(len(self.forms)):
            word, bit = i // 64, np.uint64(1 << (i % 64))
            for table, chars in ((self.first, self._first[i]), (self.last, self._last[i])):
                codes = sorted(chars)
                if codes and codes[-1] == 128:
                    codes = [*codes[:-1], *range(128, 256)]
                table[word, codes] |= bit
            low, high = self._span[i]
            self.length[word, min(low, _LENGTHS - 1) : high + 1] |= bit

    def find(self, table: Table, found: _Found) -> None:
        if not self.forms:
            return
        lines = np.flatnonzero(table.filled)
        first = table.byte_at(table.first[lines])
        last = table.byte_at(table.last[lines] - 1)
        size = np.minimum(table.end[lines] - table.start[lines], _LENGTHS - 1)
        numbers = np.array(self.forms, np.int64)
        for word in range(len(self.first)):
            open_for = self.first[word][first] & self.last[word][last] & self.length[word][size]
            which = np.flatnonzero(open_for)
            bits = open_for[which]
            for bit in range(min(64, len(numbers) - 64 * word)):
                hit = which[(bits >> np.uint64(bit)) & np.uint64(1) == 1]
                if hit.size:
                    found.add_all(lines[hit], np.full(len(hit), numbers[64 * word + bit]))


class Selector:
    """Selects the lines that each form of each rule's wording may match."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.forms: list[RuleForm | None] = [None]  # number 0: some rule's phrases
        self.phrases: dict[str, list[int]] = defaultdict(list)
        self.numbered: dict[str, list[int]] = defaultdict(list)
        self._literals: dict[bytes, list[int]] = defaultdict(list)
        self._opening, self._closing = _Edge(closing=False), _Edge(closing=True)
        self._gate = _Gate()
        for index, rule in enumerate(rules):
            if rule.wording is not None:
                self._add(index, rule.wording)
        self._finish()

    def _add(self, index: int, wording: Wording) -> None:
        for phrase in wording.phrases:
            self.phrases[phrase].append(index)
        for phrase in wording.numbered:
            self.numbered[phrase].append(index)
        for kind, text, pattern in forms(wording):
            number = len(self.forms)
            self.forms.append(RuleForm(index, pattern, kind == "raw"))
            if kind == "starts":
                self._place(number, Edges(opening=frozenset({text})), frozenset({text}))
            elif kind == "ends":
                self._place(number, Edges(closing=frozenset({text})), frozenset({text}))
            elif kind == "contains":
                self._place(number, Edges(), frozenset({text}))
            else:
                self._place(number, edges_of(pattern, folded=kind == "regex"), required_literals(pattern))

    def _place(self, form: int, edges: Edges, inside: frozenset[str] | None) -> None:
        opening = [_code(text).lstrip(_NOT_WORD) for text in edges.opening or ("",)]
        closing = [_code(text).rstrip(_NOT_WORD) for text in edges.closing or ("",)]
        within = [_code(text) for text in inside or ("",)]
        cost = sum(map(commonness, inside)) if inside else 1.0
        for least in (LEAST, 2):
            for edge, codes, texts in ((self._opening, opening, edges.opening), (self._closing, closing, edges.closing)):
                if min(map(len, codes)) >= least and (
                    min(map(len, codes)) >= 4 or sum(map(commonness, texts or ())) < max(_COMMON, cost)
                ):
                    edge.add(codes, form)
                    return
            if min(map(len, within)) >= least:
                for code in within:
                    self._literals[code].append(form)
                return
        self._gate.add(form, edges)

    def _finish(self) -> None:
        for phrase in self.numbered:
            piece = max((_code(piece) for piece in phrase.split("0")), key=len)
            if len(piece) >= LEAST or not (phrase.startswith("0") or phrase.endswith("0")):
                self._literals[piece].append(0)
            else:
                self._short_numbers = True
        self._opening.finish()
        self._closing.finish()
        self._gate.finish()
        phrases = Table(list(self.phrases))
        self._longest = int(phrases.key_size.max())
        self._keys = np.zeros(1 << _KEY_BITS, np.bool_)
        self._keys[hashed(phrases.key_word, _KEY_BITS)] = True
        literals = list(self._literals)
        self._by_literal = [np.array(sorted(set(self._literals[literal])), np.int64) for literal in literals]
        self._scan = BytesAhoCorasick(literals, implementation=Implementation.DFA) if literals else None

    _short_numbers = False

    def candidates(self, table: Table) -> tuple[Ints, Ints]:
        """Lines and numbers of forms that may match them, sorted, each pair once."""
        found = _Found()
        short = np.flatnonzero((table.key_size <= self._longest) & (table.key_size > 0))
        known = short[self._keys[hashed(table.key_word[short], _KEY_BITS)]]
        found.add_all(known, np.zeros(len(known), np.int64))
        if self._short_numbers:
            self._find_short_numbers(table, found)
        self._opening.find(table, found)
        self._closing.find(table, found)
        self._gate.find(table, found)
        self._find_literals(table, found)
        return found.pairs(len(self.forms))

    def _find_short_numbers(self, table: Table, found: _Found) -> None:
        """Lines that begin or end with a digit, for the phrases that are little else than a number."""
        start, end = table.key
        lines = np.flatnonzero(table.key_size)
        digit = IS_DIGIT[table.byte_at(start[lines])] | IS_DIGIT[table.byte_at(end[lines] - 1)]
        found.add_all(lines[digit], np.zeros(int(digit.sum()), np.int64))

    def _find_literals(self, table: Table, found: _Found) -> None:
        if self._scan is None:
            return
        hits = self._scan.find_matches_as_indexes(table.bytes, overlapping=True)
        if not hits:
            return
        array = np.array(hits, np.int64)
        lines = table.line_at(array[:, 1])
        pairs = np.unique(lines * len(self._by_literal) + array[:, 0])
        lines, literals = pairs // len(self._by_literal), pairs % len(self._by_literal)
        counts = np.array([len(forms) for forms in self._by_literal])[literals]
        forms = np.concatenate([self._by_literal[i] for i in literals.tolist()])
        found.add_all(np.repeat(lines, counts), forms)
