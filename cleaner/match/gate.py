"""The gate: forms that no index finds are chosen by bits for a line's first and last character and its length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cleaner.match.table import Flags, Ints, Table, Words

if TYPE_CHECKING:
    from cleaner.match.edges import Edges

__all__ = ["Chars", "Gate", "Pairs"]

Pairs: TypeAlias = tuple[Ints, Ints]
"""Lines and forms, one beside the other."""

_LENGTHS: Final = 256
"""Lengths that are told apart, in code points; longer lines count as one."""


def _allowed(chars: frozenset[int]) -> NDArray[np.bool_]:
    """The signature bytes of characters with these ASCII codes; 128 stands for all beyond ASCII."""
    flags = np.zeros(256, np.bool_)
    flags[list(chars)] = True
    flags[128:] = 128 in chars
    return flags


class Chars:
    """A set of characters for each form; many forms share one."""

    def __init__(self, sets: Iterable[frozenset[int]]) -> None:
        number: dict[frozenset[int], int] = {}
        self._set_of = np.array([number.setdefault(chars, len(number)) for chars in sets], np.int64)
        self._allowed = np.array([_allowed(chars) for chars in number], np.bool_).reshape(-1, 256)

    @property
    def columns(self) -> tuple[Ints, NDArray[np.uint8]]:
        """Of each form: the number of its set; and what the sets allow."""
        return self._set_of, self._allowed.view(np.uint8)

    def allow(self, forms: Ints, codes: NDArray[np.uint8]) -> Flags:
        """Whether the form's set holds a character with the signature byte beside it."""
        allowed: Flags = self._allowed[self._set_of[forms], codes]
        return allowed


class Gate:
    """Forms without a literal, by the line's first and last character and its length."""

    def __init__(self, forms: Sequence[tuple[int, Edges]]) -> None:
        """``forms``: numbers of forms, and the lines that each can match."""
        self._forms = np.array([form for form, _ in forms], np.int64)
        words = (len(forms) + 63) // 64
        self._first = np.zeros((words, 256), np.uint64)
        self._last = np.zeros((words, 256), np.uint64)
        self._length = np.zeros((words, _LENGTHS), np.uint64)
        for i, (_, edges) in enumerate(forms):
            word, bit = i // 64, np.uint64(1 << (i % 64))
            self._first[word, _allowed(edges.first)] |= bit
            self._last[word, _allowed(edges.last)] |= bit
            most = _LENGTHS if edges.most is None else edges.most
            self._length[word, min(edges.least, _LENGTHS - 1) : most + 1] |= bit

    @property
    def columns(self) -> tuple[Words, Words, Words, Ints]:
        """The forms, as bits, that a first character, a last one, and a length allow; and their numbers."""
        return self._first, self._last, self._length, self._forms

    def find(self, table: Table) -> Iterator[Pairs]:
        """The lines, each with each form that its first and last character and its length allow."""
        first = table.byte_at(table.first)
        last = table.byte_at(table.last - 1)
        size = np.minimum(table.end - table.start, _LENGTHS - 1)
        for word in range(len(self._first)):
            numbers = self._forms[64 * word : 64 * word + 64]
            open_for = self._first[word][first] & self._last[word][last] & self._length[word][size]
            lines = np.flatnonzero(open_for)
            bits = open_for[lines, None].astype("<u8").view(np.uint8)[:, : (len(numbers) + 7) // 8]
            which, form = np.nonzero(np.unpackbits(bits, axis=1, bitorder="little"))
            yield lines[which], numbers[form]
