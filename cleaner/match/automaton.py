"""A pattern as a finite automaton: it reads a line once and lets through all that the pattern matches, and little else.

Most lines that hold a pattern's literal are not what the pattern means, and to ask `regex` about one takes as long as
to read some thousand characters here. What makes the automata is `construct`; here is what they are, and how they read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cleaner.match.signature import Bytes, codes
from cleaner.text.speed import compiled_module

__all__ = ["DEAD", "MOST_STATES", "OPEN", "START", "Automata", "Automaton", "kind_table"]

native: Any = compiled_module("cleaner.match._automaton")

DEAD, OPEN, START = 0, 1, 2
"""States: no match is possible any more; the line passes; nothing has been read."""

MOST_STATES: Final = 255
"""A state is a byte."""

_ASCII: Final = 128


@cache
def kind_table(*, raw: bool) -> Bytes:
    """Code point -> kind of character, the last entry for all above: the byte of its signature, which is that of its
    folded form. In lines that are seen as written (``raw``) ASCII stands for itself, and nothing else for it."""
    kinds = codes()
    if raw:
        kinds = kinds.copy()
        folded = np.flatnonzero(kinds < _ASCII)
        kinds[folded] = np.where(folded < _ASCII, folded, _ASCII + folded % _ASCII)
    return kinds


@dataclass(frozen=True, slots=True)
class Automaton:
    """Reads a line from state START on."""

    kinds: Bytes
    """Kind of character -> column of ``moves``."""
    moves: Bytes
    """State and column -> next state; the last column is for the line's end, which leads to OPEN or DEAD."""
    least: int = 0
    """A line of fewer code points does not match. (The states can count only to a few.)"""

    @property
    def is_full(self) -> bool:
        """Whether there was no room for all states, so that some lines pass that need not."""
        return len(self.moves) == MOST_STATES

    def allows(self, line: str, *, raw: bool = False) -> bool:
        """Whether the pattern may match the line."""
        if len(line) < self.least:
            return False
        table = kind_table(raw=raw)
        state = START
        for char in line:
            state = int(self.moves[state, self.kinds[table[min(ord(char), len(table) - 1)]]])
            if state <= OPEN:
                return state == OPEN
        return bool(self.moves[state, -1] == OPEN)


@dataclass(frozen=True, slots=True, eq=False)
class Automata:
    """The automata of some forms in few arrays, which are soon read back from the cache."""

    of: NDArray[np.int64]
    """Form -> number of its automaton; -1: none, all lines pass."""
    raw: Bytes
    """Of each automaton: whether it sees lines as written."""
    kinds: Bytes
    """A row for each automaton: its `Automaton.kinds`."""
    least: NDArray[np.int64]
    """Of each automaton: `Automaton.least`."""
    width: NDArray[np.int64]
    """Of each automaton: the number of columns of its `Automaton.moves`."""
    first: NDArray[np.int64]
    """Of each automaton: where its moves begin in ``moves``."""
    moves: Bytes
    """The moves of all automata, one behind the other, row by row."""

    @classmethod
    def joined(cls, forms: int, made: Sequence[tuple[int, bool, Automaton]]) -> Automata:
        """Of so many forms those that have one: the form's number, whether it sees lines as written, the automaton."""
        of = np.full(forms, -1, np.int64)
        of[[number for number, _, _ in made]] = np.arange(len(made))
        sizes = [automaton.moves.size for _, _, automaton in made]
        return cls(
            of,
            np.array([raw for _, raw, _ in made], np.uint8),
            np.array([automaton.kinds for _, _, automaton in made], np.uint8).reshape(-1, 256),
            np.array([automaton.least for _, _, automaton in made], np.int64),
            np.array([automaton.moves.shape[1] for _, _, automaton in made], np.int64),
            np.cumsum([0, *sizes])[:-1],
            np.concatenate([np.zeros(0, np.uint8), *(automaton.moves.ravel() for _, _, automaton in made)]),
        )

    @property
    def columns(self) -> tuple[Any, ...]:
        """All of it, and the kinds of code points, as the compiled loops take it."""
        tables = kind_table(raw=False), kind_table(raw=True)
        return self.of, self.raw, self.kinds, self.least, self.width, self.first, self.moves, *tables

    def compiled(self) -> Any:
        """The same in the compiled loops, if there are any."""
        return None if native is None else native.Automata(*self.columns)
