"""Which rule may concern which line: every form of every wording is put where it is found soonest.

A *form* is one way in which a rule's wording can match: its phrases, or one literal or pattern of it. It is selected by
the first of these that it allows for:

* all of the line, from its first letter to its last: a table, for phrases;
* the line's opening or closing: tables of up to eight bytes, from its first letter or digit on or up to its last;
* a literal anywhere: one scan for all of them (Aho-Corasick, linear in the text);
* the line's first and last character and its length: one bit a form in tables of 64-bit words, and, in the compiled
  loops, an automaton that reads the line;

so the work is a few steps a line and one scan of the bytes, whatever the number of rules. A selector may name a line
that its form does not match; it never leaves one out that it does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from functools import cached_property
from itertools import chain
from typing import Any, Final

import numpy as np
import regex
from ahocorasick_rs import BytesAhoCorasick, Implementation

from cleaner.match.automaton import kind_table
from cleaner.match.edges import Edges, edges_of
from cleaner.match.gate import Chars, Gate, Pairs
from cleaner.match.literals import RARITY, commonness, required_sets
from cleaner.match.needs import BITS, EVERY, NUMERIC, Needs, needs_of, needs_of_text
from cleaner.match.signature import IS_LETTER, collapse, signature
from cleaner.match.table import Flags, Ints, Table, Words, hashed, run_heads
from cleaner.rules.model import Rule, Wording
from cleaner.rules.wording import Form, compiled, forms
from cleaner.text.fold import line_key, number_key

__all__ = ["PHRASES", "RuleForm", "Selector"]

PHRASES: Final = (0, 1)
"""Numbers of the forms that stand for phrases of all rules: those without numbers, and those with."""
PLAIN, NUMBERED = PHRASES

_SIZES: Final = (1, 2, 3, 4, 6, 8)  # bytes of an opening or closing that are compared
_WORTH_IT: Final = 0.5  # share of lines; what is found in more of them is left to the gate
_MANY: Final = 300_000  # bytes; from there on the fast automaton pays
_KEY_BITS: Final = 20
_MARK: Final = 0xD6E8FEB86659FD93  # times a size, it tells words of different sizes apart
_LINE: Final = 75.0  # code points of an ordinary line
_AT_EDGE: Final = 10.0  # how much more often a word stands at a line's edge than elsewhere
_ASKED: Final = 12  # literals; to look for more takes as long as to try the pattern
_OPENING, _CLOSING, _INSIDE, _GATE = range(4)  # ways to select a form


class RuleForm:
    """One literal or pattern of a rule's wording."""

    __slots__ = ("_form", "_needed", "raw", "rule")

    def __init__(self, rule: int, form: Form, needed: tuple[tuple[str, ...], ...] = ()) -> None:
        """``needed``: sets of literals of which each matching line, folded, holds one; asked before the pattern is,
        which takes many times as long."""
        self.rule = rule
        self.raw = form.kind == "raw"
        """Whether it sees the line as written."""
        self._form = form
        self._needed = needed

    def __reduce__(self) -> tuple[object, ...]:
        return (RuleForm, (self.rule, self._form, self._needed))

    def matches(self, line: str, folded: str) -> bool:
        """Whether the line, as written and folded, holds what the form says."""
        for literals in self._needed:
            for literal in literals:
                if literal in folded:
                    break
            else:
                return False
        return compiled(self._form).found(line if self.raw else folded)


def _code(text: str) -> bytes:
    return collapse(signature([text]))


def _frequency(texts: frozenset[str] | None, codes: list[bytes], least: int) -> float:
    """How often one of the texts is expected at one place; infinite if one of them has too few bytes to look for."""
    if texts is None or min(map(len, codes)) < least:
        return float("inf")
    return sum(map(commonness, texts))


_DIGITS: Final = regex.compile(r"\d+")
_NO_LETTER: Final = bytes(np.flatnonzero(~IS_LETTER).astype(np.uint8))


def _table(phrases: Iterable[str]) -> Table:
    return Table([phrase.replace("\n", " ") for phrase in sorted(phrases)])


class _Words:
    """A set of 8-byte words, numbered in rising order."""

    def __init__(self, words: Words) -> None:
        self.known = np.unique(words)

    def __getstate__(self) -> dict[str, object]:
        return {"known": self.known}  # the bits are made where they are asked for

    @cached_property
    def _bits(self) -> Flags:
        bits = np.zeros(1 << _KEY_BITS, np.bool_)
        bits[hashed(self.known, _KEY_BITS)] = True
        return bits

    def find(self, words: Words) -> tuple[Ints, Ints]:
        """The places at which one of the set stands, and its number."""
        at = np.flatnonzero(self._bits[hashed(words, _KEY_BITS)])
        words = words[at]
        numbers = np.searchsorted(self.known, words)
        same = self.known.take(numbers, mode="clip") == words if at.size else np.zeros(0, np.bool_)
        return at[same], numbers[same]


class _Listed:
    """For each of some keys, numbered, the forms that it selects."""

    def __init__(self, forms: Iterable[Sequence[int]]) -> None:
        lists = list(forms)
        self._count = np.array([len(each) for each in lists], np.int64)
        self._first = np.cumsum(self._count) - self._count
        self._forms = np.fromiter(chain.from_iterable(lists), np.int64)

    def joined(self, more: _Listed) -> _Listed:
        """The lists, and more of them."""
        both = copy(self)
        both._count = np.concatenate([self._count, more._count])
        both._first = np.cumsum(both._count) - both._count
        both._forms = np.concatenate([self._forms, more._forms])
        return both

    @property
    def columns(self) -> tuple[Ints, Ints, Ints]:
        """Of each key: where its forms begin and how many they are; and the forms."""
        return self._first, self._count, self._forms

    def pairs(self, lines: Ints, keys: Ints) -> Pairs:
        """Each line with each form that the key beside it selects."""
        count = self._count[keys]
        ends = np.cumsum(count)
        at = np.arange(ends[-1] if len(ends) else 0) + np.repeat(self._first[keys] - ends + count, count)
        return np.repeat(lines, count), self._forms[at]


class _Edge:
    """Forms by the bytes at one edge of the line."""

    def __init__(self, *, closing: bool) -> None:
        self._closing = closing
        self._forms: dict[int, list[int]] = defaultdict(list)
        shift = [64 - 8 * size if closing else 0 for size in _SIZES]
        self._masks = np.array([(1 << 8 * n) - 1 << by for n, by in zip(_SIZES, shift, strict=True)], np.uint64)
        self._marks = np.array([size * _MARK % (1 << 64) for size in _SIZES], np.uint64)

    def add(self, literals: Iterable[bytes], form: int) -> None:
        for literal in literals:
            size = max(size for size in _SIZES if size <= len(literal))
            part = literal[-size:] if self._closing else literal[:size]
            word = int.from_bytes(part.rjust(8, b"\0") if self._closing else part, "little")
            held = self._forms[word ^ int(self._marks[_SIZES.index(size)])]
            if form not in held:
                held.append(form)

    def finish(self) -> None:
        words = sorted(self._forms)
        self._words = _Words(np.array(words, np.uint64))
        self._listed = _Listed(self._forms[word] for word in words)
        self._forms.clear()

    def columns(self, edge: str, listed: str) -> dict[str, Any]:
        return {
            edge: self._words.known, f"{edge}_masks": self._masks, f"{edge}_marks": self._marks,
            listed: self._listed.columns,
        }  # fmt: skip

    def find(self, table: Table) -> Pairs:
        words = table.closing if self._closing else table.opening
        parts = ((words & self._masks[:, None]) ^ self._marks[:, None]).ravel()
        at, which = self._words.find(parts)
        return self._listed.pairs(at % len(words), which)


class _Scan:
    """Literals, looked for all at once (Aho-Corasick). Few kinds of bytes make a small and thus quick automaton."""

    def __init__(self, literals: dict[bytes, list[int]]) -> None:
        self.codes = list(literals)
        self.listed = _Listed(literals.values())
        self._scanned = 0

    @cached_property
    def _automaton(self) -> BytesAhoCorasick:
        """Made anew in each process. The one that scans three times as fast takes ten times as long to make."""
        kind = Implementation.ContiguousNFA if self._scanned < _MANY else Implementation.DFA
        return BytesAhoCorasick(self.codes, implementation=kind)

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name != "_automaton"} | {"_scanned": 0}

    def find(self, signed: bytes, first: Ints, lines: Ints | None) -> Iterator[Pairs]:
        """The lines of ``signed``, which begin at ``first``; ``lines``: their numbers, if not 0, 1, 2 …"""
        if not self.codes:
            return
        if self._scanned < _MANY <= self._scanned + len(signed):
            self.__dict__.pop("_automaton", None)
        self._scanned += len(signed)
        hits = self._automaton.find_matches_as_indexes(signed, overlapping=True)
        if not hits:
            return
        array = np.fromiter(chain.from_iterable(hits), np.int64, 3 * len(hits)).reshape(-1, 3)
        where = np.searchsorted(first, array[:, 1], side="right") - 1
        yield self.listed.pairs(where if lines is None else lines[where], array[:, 0])


_ENDLESS: Final = np.iinfo(np.int64).max


class Selector:
    """Selects the lines that each form of each rule's wording may match."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.forms: list[RuleForm | None] = [None, None]
        said: tuple[dict[str, list[int]], ...] = (defaultdict(list), defaultdict(list))
        self._literals: dict[bytes, list[int]] = defaultdict(list)
        self._opening, self._closing = _Edge(closing=False), _Edge(closing=True)
        self._gate = Gate()
        self._wordless = False  # whether a phrase has numbers and no letters
        self._edges: list[Edges] = [Edges(), Edges()]
        self._needs: list[Needs] = [Needs(), Needs(any=(NUMERIC,))]
        for index, rule in enumerate(rules):
            if rule.wording is not None:
                self._add(index, rule.wording, said)
        shared: dict[tuple[int, ...], tuple[int, ...]] = {}  # one tuple for all phrases of a rule is soon read again
        self._phrases = tuple(
            {phrase: shared.setdefault(rules, rules) for phrase, found in each.items() for rules in [tuple(found)]}
            for each in said
        )
        self._finish()

    def _add(self, index: int, wording: Wording, said: tuple[dict[str, list[int]], ...]) -> None:
        for phrase in wording.phrases:
            said[PLAIN][phrase].append(index)
        for phrase in wording.numbered:
            said[NUMBERED][phrase].append(index)
        for form in forms(wording):
            kind, text = form
            number = len(self.forms)
            if kind in ("regex", "raw"):
                sets = required_sets(text)
                self._needs.append(needs_of(text, folded=kind == "regex"))
                edges = edges_of(text, folded=kind == "regex")
                way = self._place(number, edges, sets[0] if sets else None, text)
                asked = sets[1:] if way == _INSIDE else sets
                few = sorted((sorted(each) for each in asked if len(each) <= _ASKED), key=len)[:2]
                self.forms.append(RuleForm(index, form, tuple(map(tuple, few))))
                continue
            self._needs.append(needs_of_text(text))
            self.forms.append(RuleForm(index, form))
            literal = frozenset({text})
            opening, closing = (literal if kind == edge else None for edge in ("starts", "ends"))
            self._place(number, Edges(opening=opening, closing=closing), literal, None)

    def _place(self, form: int, edges: Edges, inside: frozenset[str] | None, pattern: str | None) -> int:
        """Put a form where it is expected to be found least often without a match, and say where. ``pattern``: None for
        a literal."""
        self._edges.append(edges)
        opening = [_code(text).lstrip(_NO_LETTER) for text in edges.opening or ("",)]
        closing = [_code(text).rstrip(_NO_LETTER) for text in edges.closing or ("",)]
        within = [_code(text) for text in inside or ("",)]
        ways = [
            (_AT_EDGE * _frequency(edges.opening, opening, 1), _OPENING),
            (_AT_EDGE * _frequency(edges.closing, closing, 1), _CLOSING),
            (_LINE * _frequency(inside, within, 1), _INSIDE),
            (_WORTH_IT, _GATE),
        ]
        _, way = min(ways)
        if way == _OPENING:
            self._opening.add(opening, form)
        elif way == _CLOSING:
            self._closing.add(closing, form)
        elif way == _INSIDE:
            for code in within:
                self._literals[code].append(form)
        else:
            self._gate.add(form, edges, pattern)
        return way

    def _finish(self) -> None:
        spoken: set[str] = set()
        for phrase in self._phrases[NUMBERED]:
            pieces = [piece for piece in _DIGITS.split(phrase) if _code(piece).strip(_NO_LETTER)]
            if len(pieces) == 1:
                spoken.add(pieces[0])
            elif pieces:
                self._opening.add([_code(pieces[0]).strip(_NO_LETTER)], NUMBERED)
            else:
                self._wordless = True
        self._keys = _Words(_table(self._phrases[PLAIN]).key_word)
        self._spoken = _Words(_table(spoken).spoken_word)
        self._opening.finish()
        self._closing.finish()
        self._first = Chars(edges.first for edges in self._edges)
        self._last = Chars(edges.last for edges in self._edges)
        self._least = np.array([edges.least for edges in self._edges], np.int64)
        self._most = np.array([_ENDLESS if edges.most is None else edges.most for edges in self._edges], np.int64)
        self._all = np.array([needs.all for needs in self._needs], np.uint64)
        self._any = np.array([(*needs.any, EVERY, EVERY)[:2] for needs in self._needs], np.uint64).T.copy()
        self._gate.finish()
        self.scans = [
            _Scan({code: forms for code, forms in self._literals.items() if code.isascii()}),
            _Scan({code: forms for code, forms in self._literals.items() if not code.isascii()}),
        ]
        self._literals.clear()
        self._edges.clear()  # said in the columns now
        self._needs.clear()

    def columns(self) -> dict[str, Any]:
        """What selects the forms, as the compiled loops take it."""
        ascii_only, beyond = self.scans
        return {
            "phrases": self._keys.known, "spoken": self._spoken.known, "wordless": self._wordless,
            **self._opening.columns("opening", "opened"), **self._closing.columns("closing", "closed"),
            "gate": (self._gate.first, self._gate.last, self._gate.length),
            "gate_forms": np.array(self._gate.forms, np.int64),
            "automata": [
                each and (each.kinds, each.moves, each.says, form is not None and form.raw)
                for form, each in zip(map(self.forms.__getitem__, self._gate.forms), self._gate.automata, strict=True)
            ],
            "kinds": kind_table(),
            "literals": [*ascii_only.codes, *beyond.codes], "rarity": RARITY,
            "said": ascii_only.listed.joined(beyond.listed).columns,
            "first": self._first.columns, "last": self._last.columns, "least": self._least, "most": self._most,
            "all": self._all, "any": self._any, "bits": BITS,
        }  # fmt: skip

    def candidates(self, table: Table) -> Pairs:
        """Lines and numbers of forms that may match them, sorted, each pair once; see also ``needed``."""
        places = [
            *self._find_phrases(table),
            self._opening.find(table),
            self._closing.find(table),
            *self._gate.find(table),
            *self._find_literals(table),
        ]
        lines = np.concatenate([lines for lines, _ in places])
        forms = np.concatenate([forms for _, forms in places])
        fit = self._fitting(table, lines, forms)
        pairs = lines[fit] * len(self.forms) + forms[fit]
        pairs.sort()
        pairs = pairs[run_heads(pairs)]
        return pairs // len(self.forms), pairs % len(self.forms)

    def _find_phrases(self, table: Table) -> Iterator[Pairs]:
        lines, _ = self._keys.find(table.key_word)
        yield lines, np.full(len(lines), PLAIN)
        lines, _ = self._spoken.find(table.spoken_word)
        yield lines, np.full(len(lines), NUMBERED)
        if self._wordless:
            start, end = table.spoken
            lines = np.flatnonzero(start == end)
            yield lines, np.full(len(lines), NUMBERED)

    def saying(self, number: int, folded: str) -> Sequence[int]:
        """The rules with a phrase of this sort that the folded line says."""
        key = line_key(folded)
        return self._phrases[number].get(key if number == PLAIN else number_key(key), ())

    def _find_literals(self, table: Table) -> Iterator[Pairs]:
        ascii_only, beyond = self.scans
        yield from ascii_only.find(table.bytes, table.first, None)
        lines = table.beyond_ascii
        if lines.size and beyond.codes:
            first, last = table.first[lines], table.last[lines]
            part = b"\n".join(table.bytes[a:b] for a, b in zip(first.tolist(), last.tolist(), strict=True))
            size = last - first + 1
            yield from beyond.find(part, np.cumsum(size) - size, lines)

    def _fitting(self, table: Table, lines: Ints, forms: Ints) -> Flags:
        """Whether each line is as long, begins and ends as the form beside it demands."""
        size = table.end[lines] - table.start[lines]
        fit: Flags = (size >= self._least[forms]) & (size <= self._most[forms])
        fit &= self._first.allow(forms, table.byte_at(table.first[lines]))
        fit &= self._last.allow(forms, table.byte_at(table.last[lines] - 1))
        return fit

    def needed(self, table: Table, lines: Ints, forms: Ints) -> Flags:
        """Whether each line has all the characters that the form beside it needs; the lines in ascending order."""
        has = table.characters(lines)
        every = self._all[forms]
        fit: Flags = (has & every) == every
        for some in self._any:
            fit &= (has & some[forms]) != 0
        return fit
