"""Makes the automaton of a pattern, by subset construction from its tree.

It errs on the side of letting lines through: look-arounds, word boundaries and back-references ask for nothing, long
repeats are not counted, characters beyond ASCII are told apart only as signatures do, and a line that needs a state for
which there is no room passes.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cleaner.match.automaton import DEAD, MOST_STATES, OPEN, START, Automaton, kind_table
from cleaner.match.edges import width
from cleaner.rules.syntax import Alt, Char, Empty, Loose, Node, Repeat, Seq, Unreadable, parse

__all__ = ["automaton_of"]

_COUNTED: Final = 8  # rounds of a repeat of one character that are counted; more are as good as any number
_COPIES: Final = 3  # the same for repeats of anything else
_NODES: Final = 6_000

_ASCII: Final = 128
_BEGIN: Final = frozenset({"^", r"\A"})
_END: Final = frozenset({"$", r"\Z", r"\z"})

Kinds: TypeAlias = frozenset[int]


def automaton_of(*patterns: str, raw: bool = False) -> Automaton | None:
    """The automaton of patterns, any of which may match; they see lines folded or, if ``raw``, as written. None if one
    cannot be read or asks too little of a line."""
    try:
        trees = [parse(pattern) for pattern in patterns]
        net = _Net(raw)
        last = net.node()
        for tree in trees:
            net.join(net.add(tree, 0), last)
        return _determined(net, last, min(width(tree)[0] for tree in trees))
    except (Unreadable, ValueError, RecursionError, _TooLarge):
        return None


class _TooLarge(Exception):
    pass


class _Net:
    """A nondeterministic automaton, from node 0 on: what leads from one node to the next, without a character and with
    one."""

    def __init__(self, raw: bool) -> None:
        self._raw = raw
        self.nodes = 1
        self.free: dict[int, list[tuple[int, str]]] = {}
        """Node -> nodes, and the anchor in between: ``^``, ``$`` or none."""
        self.ways: list[tuple[Kinds, int]] = []
        """Kinds of characters, and the node behind one of them."""
        self.taking: dict[int, int] = {}
        """Node -> its ways, as bits."""

    def node(self) -> int:
        if self.nodes >= _NODES:
            raise _TooLarge
        self.nodes += 1
        return self.nodes - 1

    def add(self, tree: Node, at: int) -> int:
        """Add what the tree matches from this node on; gives the node behind it."""
        match tree:
            case Char(source, chars, caseless):
                return self._take(at, _kinds(source, None if caseless else chars, caseless, self._raw))
            case Seq(items):
                for item in items:
                    at = self.add(item, at)
                return at
            case Alt(branches):
                last = self.node()
                for branch in branches:
                    self.join(self.add(branch, at), last)
                return last
            case Repeat(item, least, most):
                return self._repeat(item, least, most, at)
            case Empty(source):
                return self.join(at, self.node(), "^" if source in _BEGIN else "$" if source in _END else "")
            case Loose(item):
                return self.add(_ANYTHING, at) if item is None else self.add(item, at)

    def _take(self, at: int, kinds: Kinds) -> int:
        last = self.node()
        self.taking[at] = self.taking.get(at, 0) | 1 << len(self.ways)
        self.ways.append((kinds, last))
        return last

    def join(self, at: int, last: int, anchor: str = "") -> int:
        """Lead from one node to another without a character."""
        self.free.setdefault(at, []).append((last, anchor))
        return last

    def _repeat(self, item: Node, least: int, most: int | None, at: int) -> int:
        counted = _COUNTED if isinstance(item, Char) else _COPIES
        for _ in range(min(least, counted)):
            at = self.add(item, at)
        if most is None or most > counted:
            loop = self.join(at, self.node())
            self.join(self.add(item, loop), loop)
            return loop
        for _ in range(most - least):
            last = self.node()
            self.join(self.add(item, at), last)
            at = self.join(at, last)
        return at

    def reached(self, nodes: Iterable[int], anchors: str) -> set[int]:
        """The nodes and all that no character parts from them, given where in the line they stand."""
        found = set(nodes)
        todo = [*found]
        while todo:
            for after, anchor in self.free.get(todo.pop(), ()):
                if after not in found and (not anchor or anchor in anchors):
                    found.add(after)
                    todo.append(after)
        return found


_ANYTHING: Final = Repeat(Char(r"[\s\S]", None), 0, None)
_BEYOND: Final = frozenset(range(_ASCII, 256))


@cache
def _kinds(source: str, chars: frozenset[str] | None, caseless: bool, raw: bool) -> Kinds:
    """The kinds of characters that may match; of those beyond ASCII any, where the members are not listed."""
    table = kind_table(raw=raw)
    if chars is not None:
        return frozenset(int(table[min(ord(char), len(table) - 1)]) for char in chars)
    one = Char(source, None, caseless)
    return _BEYOND | {kind for kind in range(_ASCII) if one.matches(chr(kind))}


def _determined(net: _Net, accept: int, least: int) -> Automaton | None:
    """The same automaton with one state at a time; a match may begin anywhere in the line.

    A state is what may come next, as bits: the net's ways, and two more: the match is done; it is if the line ends.
    """
    done, ended = 1 << len(net.ways), 2 << len(net.ways)

    @cache
    def behind(node: int, anchors: str = "") -> int:
        if node not in net.free and node != accept:  # as most: nothing but a character leads on
            return net.taking.get(node, 0)
        within = net.reached([node], anchors)
        if accept in within:
            return done | ended
        state = ended if accept in net.reached(within, f"{anchors}$") else 0
        for each in within:
            state |= net.taking.get(each, 0)
        return state

    first, later = behind(0, "^"), behind(0)
    if (first | later) & done:
        return None
    kinds, columns = _columns({kinds for kinds, _ in net.ways})
    targets = [behind(after) for _, after in net.ways]
    takers = [0] * (int(kinds.max()) + 1)  # of each column the ways that take its characters, as bits
    for i, (taken, _) in enumerate(net.ways):
        for column in columns[taken]:
            takers[column] |= 1 << i
    numbers = {0: DEAD, first: START}
    todo = [first]

    @cache
    def number(taken: int) -> int:
        """Where these ways lead to; a match may begin behind them as well."""
        state = later
        while taken:
            low = taken & -taken
            taken ^= low
            state |= targets[low.bit_length() - 1]
        if state & done:
            return OPEN
        if state not in numbers:
            if len(numbers) + 1 >= MOST_STATES:
                return OPEN
            numbers[state] = len(numbers) + 1
            todo.append(state)
        return numbers[state]

    moves = [bytes(len(takers) + 1), bytes([OPEN] * (len(takers) + 1))]
    for state in todo:
        row = [number(state & taken) for taken in takers]
        moves.append(bytes([*row, OPEN if state & ended else DEAD]))
    return Automaton(kinds, np.frombuffer(b"".join(moves), np.uint8).reshape(-1, len(takers) + 1), least)


def _columns(sets: set[Kinds]) -> tuple[NDArray[np.uint8], dict[Kinds, list[int]]]:
    """For each kind a column, one for all that no set tells apart; and the columns of each set."""
    held = [0] * 256  # of each kind the sets that hold it, as bits
    for i, each in enumerate(sorted(sets, key=sorted)):
        for kind in each:
            held[kind] |= 1 << i
    numbers: dict[int, int] = {}
    kinds = [numbers.setdefault(which, len(numbers)) for which in held]
    return np.array(kinds, np.uint8), {each: sorted({kinds[kind] for kind in each}) for each in sets}
