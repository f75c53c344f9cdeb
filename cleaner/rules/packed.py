"""Rules as pickles, each read back when it is first asked for: a text concerns few of some thousand rules, and to read
them all takes as long as to clean a hundred texts."""

from __future__ import annotations

import io
import pickle
from collections.abc import Sequence
from typing import Any, overload

from cleaner.rules.model import Rule

__all__ = ["PackedRules", "packed_of", "pickled"]


def pickled(value: Any) -> bytes:
    """A pickle that is equal for equal values: engines that cache results by the hash of a pickle need that.

    A pickle's memo tells which values were one object in this process; ``fast`` leaves it out.
    """
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, 5)
    pickler.fast = True
    pickler.dump(value)
    return buffer.getvalue()


def packed_of(rules: Sequence[Rule]) -> tuple[bytes, ...]:
    """Each of the rules as a pickle."""
    return rules.packed if isinstance(rules, PackedRules) else tuple(map(pickled, rules))


class PackedRules(Sequence[Rule]):
    """The rules of these pickles, each the same object whenever it is asked for."""

    __slots__ = ("_read", "packed")

    def __init__(self, packed: tuple[bytes, ...]) -> None:
        self.packed = packed
        self._read: dict[int, Rule] = {}

    def __len__(self) -> int:
        return len(self.packed)

    @overload
    def __getitem__(self, at: int) -> Rule: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Rule, ...]: ...
    def __getitem__(self, at: int | slice) -> Rule | tuple[Rule, ...]:
        if isinstance(at, slice):
            return tuple(self[i] for i in range(*at.indices(len(self))))
        rule = self._read.get(at)
        if rule is None:  # of two threads that read it at once, both get what the first one has read
            at = range(len(self))[at]
            rule = self._read.setdefault(at, pickle.loads(self.packed[at]))
        return rule
