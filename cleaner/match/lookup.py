"""Where forms are looked up: by words that stand for all of a line or its edges, and by literals anywhere in it."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property
from itertools import accumulate, chain
from typing import Any, Final

import numpy as np
from ahocorasick_rs import BytesAhoCorasick, Implementation

from cleaner.cache import without_cached
from cleaner.match.gate import Pairs
from cleaner.match.table import Flags, Ints, Table, Words, hashed
from cleaner.text.runs import ranges

__all__ = ["Edge", "Index", "Phrases", "Scan"]

_SIZES: Final = (1, 2, 3, 4, 6, 8)
"""Bytes of an opening or closing that are compared: the most of these that a form's literal has."""
_MARK: Final = 0xD6E8FEB86659FD93
"""A size times this is mixed into a word, so that equal bytes of different sizes make different words."""
_KEY_BITS: Final = 20
_REMEMBERED: Final = 20_000
_SHORT: Final = 100
"""Answers that `Phrases` remembers, and the greatest length of their texts in code points: pages share short lines."""
_MANY: Final = 300_000
"""Bytes of signatures. A process that has scanned so many makes the faster automaton, which takes longer to make."""


class Postings:
    """For each of some keys, which are numbered, the list of the forms that it selects."""

    def __init__(self, forms: Iterable[Sequence[int]]) -> None:
        lists = list(forms)
        self._count = np.array([len(each) for each in lists], np.int64)
        self._first = np.cumsum(self._count) - self._count
        self._forms = np.fromiter(chain.from_iterable(lists), np.int64)

    def joined(self, more: Postings) -> Postings:
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

    def of(self, key: int) -> tuple[int, ...]:
        """The forms that one key selects."""
        first = self._first[key]
        return tuple(self._forms[first : first + self._count[key]].tolist())

    def pairs(self, lines: Ints, keys: Ints) -> Pairs:
        """Each line with each form that the key beside it selects."""
        count = self._count[keys]
        return np.repeat(lines, count), self._forms[ranges(self._first[keys], count)]


class Index:
    """For each of some 8-byte words, the forms that it selects."""

    def __init__(self, forms: Mapping[int, Sequence[int]]) -> None:
        words = sorted(forms)
        self._words = np.array(words, np.uint64)
        self._postings = Postings(forms[word] for word in words)

    def __getstate__(self) -> dict[str, object]:
        return without_cached(self)

    @cached_property
    def _bits(self) -> Flags:
        bits = np.zeros(1 << _KEY_BITS, np.bool_)
        bits[hashed(self._words, _KEY_BITS)] = True
        return bits

    @property
    def columns(self) -> tuple[Words, Ints, Ints, Ints]:
        """The words, ascending, and the columns of their postings."""
        return self._words, *self._postings.columns

    def find(self, words: Words) -> Pairs:
        """The places at which one of the words stands, each with each form that it selects."""
        at = np.flatnonzero(self._bits[hashed(words, _KEY_BITS)])
        words = words[at]
        numbers = np.searchsorted(self._words, words)
        same = self._words.take(numbers, mode="clip") == words if at.size else np.zeros(0, np.bool_)
        return self._postings.pairs(at[same], numbers[same])


class Phrases(Sequence[bytes]):
    """Phrases and the forms that have each. Kept as one string, sorted, and looked up by halving: to read tens of
    thousands of them back one by one takes longer than to clean a text."""

    def __init__(self, forms: Mapping[str, Sequence[int]]) -> None:
        """``forms``: those of each phrase."""
        phrases = sorted(forms)
        codes = [_utf8(phrase) for phrase in phrases]
        self._codes = b"".join(codes)
        self._ends = array("q", accumulate(map(len, codes), initial=0))
        self._postings = Postings(forms[phrase] for phrase in phrases)
        self._known: dict[str, Sequence[int]] = {}

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_known": {}}

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, i: int) -> bytes:  # type: ignore[override]
        return self._codes[self._ends[i] : self._ends[i + 1]]

    def forms(self, phrase: str) -> Sequence[int]:
        """The forms that have the phrase."""
        known = self._known.get(phrase)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._found(_utf8(phrase))
            if len(phrase) <= _SHORT:
                self._known[phrase] = known
        return known

    def _found(self, code: bytes) -> Sequence[int]:
        at = bisect_left(self, code)
        if at == len(self) or self[at] != code:
            return ()
        return self._postings.of(at)


def _utf8(text: str) -> bytes:
    """In the same order as the texts themselves."""
    return text.encode("utf-8", "surrogatepass")


class Edge:
    """Forms by the bytes at one edge of the line."""

    def __init__(self, literals: Iterable[tuple[bytes, int]], *, closing: bool) -> None:
        """``literals``: each with the number of a form that demands it, or one of several such, at that edge."""
        self._closing = closing
        shift = [64 - 8 * size if closing else 0 for size in _SIZES]
        self._masks = np.array([(1 << 8 * n) - 1 << by for n, by in zip(_SIZES, shift, strict=True)], np.uint64)
        self._marks = np.array([size * _MARK % (1 << 64) for size in _SIZES], np.uint64)
        forms: dict[int, dict[int, None]] = defaultdict(dict)
        for literal, form in literals:
            size = max(size for size in _SIZES if size <= len(literal))
            part = literal[-size:].rjust(8, b"\0") if closing else literal[:size]
            word = int.from_bytes(part, "little") ^ int(self._marks[_SIZES.index(size)])
            forms[word][form] = None
        self._index = Index({word: [*numbers] for word, numbers in forms.items()})

    def columns(self, edge: str) -> dict[str, Any]:
        """By names that begin with that of the edge: the columns of its words, and how they are made of the bytes."""
        return {edge: self._index.columns, f"{edge}_masks": self._masks, f"{edge}_marks": self._marks}

    def find(self, table: Table) -> Pairs:
        """The lines, each with each form that demands what stands at this edge of it."""
        words = table.closing if self._closing else table.opening
        parts = ((words & self._masks[:, None]) ^ self._marks[:, None]).ravel()
        at, forms = self._index.find(parts)
        return at % len(words), forms


class Scan:
    """Literals, looked for all at once (Aho-Corasick). Few kinds of bytes make a small and thus quick automaton."""

    def __init__(self, literals: dict[bytes, list[int]]) -> None:
        self.codes = list(literals)
        self.postings = Postings(literals.values())
        self._scanned = 0

    @cached_property
    def _automaton(self) -> BytesAhoCorasick:
        """Made anew in each process. A DFA scans three times as fast, and takes ten times as long to make."""
        kind = Implementation.ContiguousNFA if self._scanned < _MANY else Implementation.DFA
        return BytesAhoCorasick(self.codes, implementation=kind)

    def __getstate__(self) -> dict[str, object]:
        return without_cached(self) | {"_scanned": 0}

    def find(self, signed: bytes, first: Ints, lines: Ints | None) -> Iterator[Pairs]:
        """Lines of a signature with the forms whose literals they hold. ``first`` is where its lines begin, ``lines``
        their numbers; None: 0, 1, 2 …"""
        if not self.codes:
            return
        if self._scanned < _MANY <= self._scanned + len(signed):
            self.__dict__.pop("_automaton", None)
        self._scanned += len(signed)
        hits = self._automaton.find_matches_as_indexes(signed, overlapping=True)
        if not hits:
            return
        found = np.fromiter(chain.from_iterable(hits), np.int64, 3 * len(hits)).reshape(-1, 3)
        where = np.searchsorted(first, found[:, 1], side="right") - 1
        yield self.postings.pairs(where if lines is None else lines[where], found[:, 0])
