"""A pattern as a finite automaton: it reads a line once and lets through all that the pattern matches, and little else.

For patterns that hold no literal to be selected by, so that most lines would have to be shown to `regex`. The automaton
is made by subset construction from the pattern's tree and errs on the side of letting through: look-arounds, word
boundaries and back-references ask for nothing, long counted repeats do not count, and all characters beyond ASCII are
one kind, which a class that may hold any of them holds. Where too many states would be needed there is
no automaton.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cleaner.match.alphabet import BEYOND, KINDS
from cleaner.rules.syntax import Alt, Char, Empty, Loose, Node, Repeat, Seq, Unreadable, parse

__all__ = ["Automaton", "automaton_of"]

DEAD: Final = 0
"""State from which no match is possible any more."""
NOW, AT_END = 1, 2
"""What a state says: all lines that begin like this are let through; those that end here."""

_COUNTED: Final = 8  # repeats of one character that are counted; beyond, one more is as good as any number
_COPIES: Final = 3  # the same for repeats of anything else
_STATES: Final = 600
_NODES: Final = 6_000

_ANY: Final = frozenset(range(KINDS))
_ASCII: Final = "".join(map(chr, range(BEYOND)))
_START: Final = frozenset({"^", r"\A"})
_END: Final = frozenset({"$", r"\Z", r"\z"})

States: TypeAlias = frozenset[int]


@dataclass(frozen=True)
class Automaton:
    """Reads a line from state 1 on."""

    kinds: NDArray[np.uint8]
    """Kind of character -> column of ``moves``."""
    moves: NDArray[np.int16]
    """State and column -> next state."""
    says: NDArray[np.uint8]
    """What each state says: NOW, AT_END, both or neither."""

    @property
    def columns(self) -> tuple[Any, ...]:
        """All of it, as the compiled loops take it."""
        return self.kinds, self.moves, self.says

    def allows(self, line: str) -> bool:
        """Whether the pattern may match the line: folded, or as written for a pattern that sees it so."""
        state = 1
        for char in line:
            if self.says[state] & NOW:
                return True
            state = int(self.moves[state, self.kinds[min(ord(char), BEYOND)]])
            if state == DEAD:
                return False
        return bool(self.says[state])


def automaton_of(pattern: str) -> Automaton | None:
    """The automaton of a pattern; None if it cannot be read or would be too large."""
    try:
        net = _Net()
        start, accept = net.of(parse(pattern))
        return _determined(net, start, accept)
    except (Unreadable, ValueError, RecursionError, _TooLarge):
        return None


class _TooLarge(Exception):
    pass


@dataclass
class _Net:
    """A nondeterministic automaton: what leads from one node to the next without a character, and with one."""

    free: list[list[tuple[int, str]]] = field(default_factory=list)
    """Node -> nodes, and the anchor in between: ``^``, ``$`` or none."""
    taking: list[list[tuple[frozenset[int], int]]] = field(default_factory=list)
    """Node -> kinds of characters, and the node behind."""

    def node(self) -> int:
        if len(self.free) >= _NODES:
            raise _TooLarge
        self.free.append([])
        self.taking.append([])
        return len(self.free) - 1

    def of(self, tree: Node) -> tuple[int, int]:
        """Add what the tree matches; gives its first and its last node."""
        match tree:
            case Char():
                return self._one(_kinds(tree))
            case Seq(items):
                return self._row([self.of(item) for item in items])
            case Alt(branches):
                first, last = self.node(), self.node()
                for a, b in map(self.of, branches):
                    self.free[first].append((a, ""))
                    self.free[b].append((last, ""))
                return first, last
            case Repeat(item, least, most):
                return self._repeat(item, least, most)
            case Empty(source):
                first, last = self.node(), self.node()
                self.free[first].append((last, "^" if source in _START else "$" if source in _END else ""))
                return first, last
            case Loose(item):
                return self._many(self._one(_ANY)) if item is None else self.of(item)

    def _one(self, kinds: frozenset[int]) -> tuple[int, int]:
        first, last = self.node(), self.node()
        self.taking[first].append((kinds, last))
        return first, last

    def _row(self, parts: Iterable[tuple[int, int]]) -> tuple[int, int]:
        first = last = self.node()
        for a, b in parts:
            self.free[last].append((a, ""))
            last = b
        return first, last

    def _repeat(self, item: Node, least: int, most: int | None) -> tuple[int, int]:
        counted = _COUNTED if isinstance(item, Char) else _COPIES
        parts = [self.of(item) for _ in range(min(least, counted))]
        if most is None or most > counted:
            return self._row([*parts, self._many(self.of(item))])
        for _ in range(most - least):
            parts.append(self.of(item))
            self.free[parts[-1][0]].append((parts[-1][1], ""))
        return self._row(parts)

    def _many(self, part: tuple[int, int]) -> tuple[int, int]:
        """Any number of the part, none too."""
        first, last = part
        outer = self.node(), self.node()
        self.free[outer[0]] += [(first, ""), (outer[1], "")]
        self.free[last] += [(first, ""), (outer[1], "")]
        return outer

    def reached(self, nodes: Iterable[int], anchors: str = "") -> States:
        """The nodes and all that no character parts from them, given where in the line they stand."""
        found = set(nodes)
        todo = list(found)
        while todo:
            for after, anchor in self.free[todo.pop()]:
                if after not in found and (not anchor or anchor in anchors):
                    found.add(after)
                    todo.append(after)
        return frozenset(found)


def _kinds(char: Char) -> frozenset[int]:
    """The kinds of characters that may match."""
    if char.chars is not None and not char.caseless:
        return frozenset(min(ord(each), BEYOND) for each in char.chars)
    return frozenset([*(i for i, each in enumerate(_ASCII) if char.matches(each)), BEYOND])


def _determined(net: _Net, start: int, accept: int) -> Automaton:
    """The same automaton with one state at a time; a match may begin anywhere in the line."""
    columns: dict[tuple[bool, ...], int] = {}
    sets = sorted({kinds for way in net.taking for kinds, _ in way}, key=sorted)
    kinds = np.zeros(KINDS, np.uint8)
    for kind in range(KINDS):
        kinds[kind] = columns.setdefault(tuple(kind in each for each in sets), len(columns))
    among = {each: {int(kinds[kind]) for kind in each} for each in sets}
    later = net.reached([start])
    first = net.reached([start], "^")
    numbers: dict[States, int] = {frozenset(): DEAD, first: 1}
    known: dict[States, States] = {}  # nodes behind a character -> the state that they make
    moves: list[list[int]] = [[DEAD] * len(columns)]
    says = [0]
    todo = [first]
    for states in todo:
        if len(numbers) > _STATES:
            raise _TooLarge
        end = net.reached(states, "^$" if states is first else "$")
        says.append(NOW * (accept in states) | AT_END * (accept in end))
        targets: list[set[int]] = [set() for _ in columns]
        for state in states:
            for which, after in net.taking[state]:
                for column in among[which]:
                    targets[column].add(after)
        row = []
        for target in map(frozenset, targets):
            found = known.get(target)
            if found is None:
                found = net.reached(target) | later
                if not any(net.taking[node] for node in found) and accept not in net.reached(found, "$"):
                    found = frozenset()
                known[target] = found
            if found not in numbers:
                numbers[found] = len(numbers)
                todo.append(found)
            row.append(numbers[found])
        moves.append(row)
    return Automaton(kinds, np.array(moves, np.int16), np.array(says, np.uint8))
