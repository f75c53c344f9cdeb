"""Which rule may concern which line: every form of every wording is put where it is found soonest.

A *form* is one way in which a rule's wording can match: its phrases, or one literal or pattern of it. It is selected by
the first of these that it allows for:

* all of the line, from its first letter to its last: a table, for phrases;
* the line's opening or closing: tables of up to eight bytes, from its first letter or digit on or up to its last;
* a literal anywhere: one scan for all of them (Aho-Corasick, linear in the text);
* the line's first and last character and its length: one bit a form in tables of 64-bit words;

so the work is a few steps a line and one scan of the bytes, whatever the number of rules. A selector may name a line
that its form does not match; it never leaves one out that it does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Final

import numpy as np
import regex
from ahocorasick_rs import BytesAhoCorasick, Implementation
from numpy.typing import NDArray
from regex import Match

from cleaner.match.edges import Edges, edges_of
from cleaner.match.literals import commonness, required_literals
from cleaner.match.signature import IS_LETTER, collapse, signature
from cleaner.match.table import Ints, Table, hashed
from cleaner.rules.model import Rule, Wording
from cleaner.rules.wording import compiled, forms

__all__ = ["RuleForm", "Selector"]

_SIZES: Final = (1, 2, 3, 4, 6, 8)  # bytes of an opening or closing that are compared
_WORTH_IT: Final = 0.5  # share of lines; what is found in more of them is left to the gate
_MANY: Final = 300_000  # bytes; from there on the fast automaton pays
_KEY_BITS: Final = 20
_EDGE_BITS: Final = 16
_LINE: Final = 75.0  # code points of an ordinary line
_AT_EDGE: Final = 10.0  # how much more often a word stands at a line's edge than elsewhere
_LENGTHS: Final = 256  # longer lines count as one length


class RuleForm:
    """One literal or pattern of a rule's wording."""

    __slots__ = ("_pattern", "_search", "raw", "rule")

    def __init__(self, rule: int, pattern: str, raw: bool) -> None:
        self.rule = rule
        self.raw = raw
        """Whether it sees the line as written."""
        self._pattern = pattern
        self._search: Callable[[str], Match[str] | None] | None = None

    def __reduce__(self) -> tuple[object, ...]:
        return (RuleForm, (self.rule, self._pattern, self.raw))

    def matches(self, line: str) -> bool:
        """As ``Matcher`` has it: whether the pattern, or its group ``cut``, matches something that is not empty."""
        if self._search is None:
            self._search = compiled(self._pattern).search
        match = self._search(line)
        if match is None:
            return False
        group: str | int = "cut" if "cut" in match.re.groupindex else 0
        return match.start(group) < match.end(group) or any(
            match.start(group) < match.end(group) for match in compiled(self._pattern).finditer(line)
        )


def _code(text: str) -> bytes:
    return collapse(signature([text]))


def _frequency(texts: frozenset[str] | None, codes: list[bytes], least: int) -> float:
    """How often one of the texts is expected at one place; infinite if one of them has too few bytes to look for."""
    if texts is None or min(map(len, codes)) < least:
        return float("inf")
    return sum(map(commonness, texts))


_DIGITS: Final = regex.compile(r"\d+")
_NO_LETTER: Final = bytes(np.flatnonzero(~IS_LETTER).astype(np.uint8))


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
        for size, words in self.forms.items():
            if words:
                bits = np.zeros(1 << _EDGE_BITS, np.bool_)
                bits[hashed(np.array(list(words), np.uint64), _EDGE_BITS)] = True
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
        joined.sort()
        joined = joined[np.diff(joined, prepend=-1) > 0]
        return joined // forms, joined % forms


class _Scan:
    """Literals, looked for all at once (Aho-Corasick). Few kinds of bytes make a small and thus quick automaton."""

    def __init__(self, literals: dict[bytes, list[int]]) -> None:
        self.codes = list(literals)
        self._forms = list(literals.values())
        self._first = np.array([forms[0] for forms in self._forms], np.int64)
        self._more = np.array([len(forms) > 1 for forms in self._forms], np.bool_)
        self._scanned = 0

    @cached_property
    def _automaton(self) -> BytesAhoCorasick:
        """Made anew in each process. The one that scans three times as fast takes ten times as long to make."""
        kind = Implementation.ContiguousNFA if self._scanned < _MANY else Implementation.DFA
        return BytesAhoCorasick(self.codes, implementation=kind)

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name != "_automaton"} | {"_scanned": 0}

    def find(self, signed: bytes, first: Ints, lines: Ints | None, found: _Found) -> None:
        """Add the lines of ``signed``, which begin at ``first``; ``lines``: their numbers, if not 0, 1, 2 …"""
        if not self.codes:
            return
        if self._scanned < _MANY <= self._scanned + len(signed):
            self.__dict__.pop("_automaton", None)
        self._scanned += len(signed)
        hits = self._automaton.find_matches_as_indexes(signed, overlapping=True)
        if not hits:
            return
        array = np.fromiter(chain.from_iterable(hits), np.int64, 3 * len(hits)).reshape(-1, 3)
        literals, where = array[:, 0], np.searchsorted(first, array[:, 1], side="right") - 1
        if lines is not None:
            where = lines[where]
        found.add_all(where, self._first[literals])
        more = np.flatnonzero(self._more[literals])
        for line, literal in zip(where[more].tolist(), literals[more].tolist(), strict=True):
            found.add(line, self._forms[literal][1:])


_ENDLESS: Final = np.iinfo(np.int64).max


def _allowed(chars: frozenset[int]) -> NDArray[np.bool_]:
    """Which signature bytes a character of these ASCII codes, or (128) any other, can have."""
    flags = np.zeros(256, np.bool_)
    flags[list(chars)] = True
    flags[128:] = 128 in chars
    return flags


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
                table[word, _allowed(chars)] |= bit
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
        self._wordless = False  # whether a phrase has no letters
        self._edges: list[Edges] = [Edges()]
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
        """Put a form where it is expected to be found least often without a match."""
        self._edges.append(edges)
        opening = [_code(text).lstrip(_NO_LETTER) for text in edges.opening or ("",)]
        closing = [_code(text).rstrip(_NO_LETTER) for text in edges.closing or ("",)]
        within = [_code(text) for text in inside or ("",)]
        ways = [
            (_AT_EDGE * _frequency(edges.opening, opening, 1), 0),
            (_AT_EDGE * _frequency(edges.closing, closing, 1), 1),
            (_LINE * _frequency(inside, within, 1), 2),
            (_WORTH_IT, 3),
        ]
        _, way = min(ways)
        if way == 0:
            self._opening.add(opening, form)
        elif way == 1:
            self._closing.add(closing, form)
        elif way == 2:
            for code in within:
                self._literals[code].append(form)
        else:
            self._gate.add(form, edges)

    def _finish(self) -> None:
        said: set[str] = set()
        for phrase in (*self.phrases, *self.numbered):
            pieces = [phrase] if phrase in self.phrases else _DIGITS.split(phrase)
            pieces = [piece for piece in pieces if _code(piece).strip(_NO_LETTER)]
            if len(pieces) == 1:
                said.add(pieces[0])
            elif pieces:
                self._opening.add([_code(pieces[0]).strip(_NO_LETTER)], 0)
            else:
                self._wordless = True
        phrases = Table([piece.replace("\n", " ") for piece in sorted(said)])
        self._said = np.zeros(1 << _KEY_BITS, np.bool_)
        self._said[hashed(phrases.spoken_word, _KEY_BITS)] = bool(said)
        self._opening.finish()
        self._closing.finish()
        self._first = np.array([_allowed(edges.first) for edges in self._edges])
        self._last = np.array([_allowed(edges.last) for edges in self._edges])
        self._least = np.array([edges.least for edges in self._edges], np.int64)
        self._most = np.array([_ENDLESS if edges.most is None else edges.most for edges in self._edges], np.int64)
        self._gate.finish()
        self.scans = [
            _Scan({code: forms for code, forms in self._literals.items() if code.isascii()}),
            _Scan({code: forms for code, forms in self._literals.items() if not code.isascii()}),
        ]
        self._literals.clear()
        self._edges.clear()  # said in the columns now

    def candidates(self, table: Table) -> tuple[Ints, Ints]:
        """Lines and numbers of forms that may match them, sorted, each pair once."""
        found = _Found()
        start, end = table.spoken
        known = (start < end) & self._said[hashed(table.spoken_word, _KEY_BITS)]
        if self._wordless:
            known |= (start == end) & table.filled
        lines = np.flatnonzero(known)
        found.add_all(lines, np.zeros(len(lines), np.int64))
        self._opening.find(table, found)
        self._closing.find(table, found)
        self._gate.find(table, found)
        self._find_literals(table, found)
        lines, numbers = found.pairs(len(self.forms))
        size = table.end[lines] - table.start[lines]
        fit = (size >= self._least[numbers]) & (size <= self._most[numbers])
        fit &= self._first[numbers, table.byte_at(table.first[lines])]
        fit &= self._last[numbers, table.byte_at(table.last[lines] - 1)]
        return lines[fit], numbers[fit]

    def _find_literals(self, table: Table, found: _Found) -> None:
        ascii_only, beyond = self.scans
        ascii_only.find(table.bytes, table.first, None, found)
        lines = table.beyond_ascii
        if lines.size and beyond.codes:
            first, last = table.first[lines], table.last[lines]
            part = b"\n".join(table.bytes[a:b] for a, b in zip(first.tolist(), last.tolist(), strict=True))
            size = last - first + 1
            beyond.find(part, np.cumsum(size) - size, lines, found)
