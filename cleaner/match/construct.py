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
from cleaner.match.edges import BEGIN, END, width
from cleaner.rules.syntax import Alt, Char, Empty, Loose, Node, Repeat, Seq, Unreadable, parse

__all__ = ["automaton_of"]

_COUNTED: Final = 8
"""Rounds of a repeat of one character that are counted; more are as good as any number ..."""
_COPIES: Final = 3
"""... and of a repeat of anything else."""

_NODES: Final = 6_000
"""Most nodes of a nondeterministic automaton: a pattern that needs more has none."""

_ASCII: Final = 128
"""Number of ASCII codes."""

Kinds: TypeAlias = frozenset[int]


def automaton_of(*patterns: str, raw: bool = False) -> Automaton | None:
    """The automaton of patterns, any of which may match; they see lines folded or, if ``raw``, as written. None if one
    cannot be read or asks too little of a line."""
    try:
        trees = [parse(pattern) for pattern in patterns]
        nfa = _Nfa(raw)
        accept = nfa.node()
        for tree in trees:
            nfa.link(nfa.add(tree, 0), accept)
        return _Subsets(nfa, accept).automaton(min(width(tree)[0] for tree in trees))
    except (Unreadable, ValueError, RecursionError, _TooLarge):
        return None


class _TooLarge(Exception):
    pass


class _Nfa:
    """A nondeterministic automaton (Thompson's construction), whose nodes are numbered; it starts in node 0."""

    def __init__(self, raw: bool) -> None:
        self._raw = raw
        self.nodes = 1
        self.epsilon: dict[int, list[tuple[int, str]]] = {}
        """Node -> nodes reached without a character, each with the anchor on the way: ``^``, ``$`` or none."""
        self.transitions: list[tuple[Kinds, int]] = []
        """Kinds of characters, and the node that one of them leads to."""
        self.outgoing: dict[int, int] = {}
        """Node -> its transitions, as bits."""

    def node(self) -> int:
        """A new node."""
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
                    self.link(self.add(branch, at), last)
                return last
            case Repeat(item, least, most):
                return self._repeat(item, least, most, at)
            case Empty(source):
                return self.link(at, self.node(), "^" if source in BEGIN else "$" if source in END else "")
            case Loose(item):
                return self.add(_ANYTHING, at) if item is None else self.add(item, at)

    def _take(self, at: int, kinds: Kinds) -> int:
        last = self.node()
        self.outgoing[at] = self.outgoing.get(at, 0) | 1 << len(self.transitions)
        self.transitions.append((kinds, last))
        return last

    def link(self, at: int, last: int, anchor: str = "") -> int:
        """Lead from one node to another without a character; gives the latter."""
        self.epsilon.setdefault(at, []).append((last, anchor))
        return last

    def _repeat(self, item: Node, least: int, most: int | None, at: int) -> int:
        counted = _COUNTED if isinstance(item, Char) else _COPIES
        for _ in range(min(least, counted)):
            at = self.add(item, at)
        if most is None or most > counted:
            loop = self.link(at, self.node())
            self.link(self.add(item, loop), loop)
            return loop
        for _ in range(most - least):
            last = self.node()
            self.link(self.add(item, at), last)
            at = self.link(at, last)
        return at

    def closure(self, nodes: Iterable[int], anchors: str) -> set[int]:
        """The nodes and all that they reach without a character, where these anchors hold."""
        reached = set(nodes)
        todo = [*reached]
        while todo:
            for after, anchor in self.epsilon.get(todo.pop(), ()):
                if after not in reached and (not anchor or anchor in anchors):
                    reached.add(after)
                    todo.append(after)
        return reached


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


class _Subsets:
    """Makes the deterministic automaton (subset construction); a match may begin anywhere in the line.

    A subset is what may come next, as bits: transitions of the nondeterministic automaton, and above them two more,
    ``matched`` (the match is complete) and ``at_end`` (it is if the line ends here).
    """

    def __init__(self, nfa: _Nfa, accept: int) -> None:
        self._nfa, self._accept = nfa, accept
        self._matched, self._at_end = 1 << len(nfa.transitions), 2 << len(nfa.transitions)
        self._start, self._later = self._behind(0, "^"), self._behind(0)
        self._states = {0: DEAD, self._start: START}
        self._todo = [self._start]

    def automaton(self, least: int) -> Automaton | None:
        """The automaton, for lines of at least so many code points; None if all of them would pass."""
        if (self._start | self._later) & self._matched:
            return None
        self._targets = [self._behind(after) for _, after in self._nfa.transitions]
        kinds, columns = _columns({kinds for kinds, _ in self._nfa.transitions})
        takers = [0] * (int(kinds.max()) + 1)  # column -> the transitions that take its characters, as bits
        for i, (taken, _) in enumerate(self._nfa.transitions):
            for column in columns[taken]:
                takers[column] |= 1 << i
        state_after = cache(self._state_after)
        moves = [bytes(len(takers) + 1), bytes([OPEN] * (len(takers) + 1))]
        for subset in self._todo:  # which grows meanwhile
            row = [state_after(subset & taken) for taken in takers]
            moves.append(bytes([*row, OPEN if subset & self._at_end else DEAD]))
        return Automaton(kinds, np.frombuffer(b"".join(moves), np.uint8).reshape(-1, len(takers) + 1), least)

    def _behind(self, node: int, anchors: str = "") -> int:
        """The subset at a node, where these anchors hold."""
        nfa = self._nfa
        if node not in nfa.epsilon and node != self._accept:  # as most: nothing but a character leads on
            return nfa.outgoing.get(node, 0)
        reached = nfa.closure([node], anchors)
        if self._accept in reached:
            return self._matched | self._at_end
        subset = self._at_end if self._accept in nfa.closure(reached, f"{anchors}$") else 0
        for each in reached:
            subset |= nfa.outgoing.get(each, 0)
        return subset

    def _state_after(self, taken: int) -> int:
        """The state behind these transitions; a match may begin behind them as well."""
        subset = self._later
        while taken:
            low = taken & -taken
            taken ^= low
            subset |= self._targets[low.bit_length() - 1]
        if subset & self._matched:
            return OPEN
        if subset not in self._states:
            if len(self._states) + 1 >= MOST_STATES:
                return OPEN
            self._states[subset] = len(self._states) + 1
            self._todo.append(subset)
        return self._states[subset]


def _columns(sets: set[Kinds]) -> tuple[NDArray[np.uint8], dict[Kinds, list[int]]]:
    """For each kind of character its column, the same for all kinds that no set tells apart; and the columns of each
    set."""
    members = [0] * 256  # of each kind the sets that hold it, as bits
    for i, each in enumerate(sorted(sets, key=sorted)):
        for kind in each:
            members[kind] |= 1 << i
    numbers: dict[int, int] = {}
    kinds = [numbers.setdefault(which, len(numbers)) for which in members]
    return np.array(kinds, np.uint8), {each: sorted({kinds[kind] for kind in each}) for each in sets}
