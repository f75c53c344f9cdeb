"""Whether a pattern's repeats can match one text in so many ways that the matcher never returns.

A repeat takes exponential time if its body can match the same text in two ways. That is decided on the body's position
automaton (Glushkov), for each outermost repeat: no clock, no guessing. An atomic group, a possessive repeat or a
look-around gives nothing back once it has matched: it is one position of what stands around it. It is also judged by
itself, as the matcher still tries all ways within. After Weideman et al., "Analyzing matching time behavior of
backtracking regular expression matchers" (2016).
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from cleaner.rules.syntax import Alt, Char, Empty, Loose, Node, Repeat, Seq, chars_of, walk

__all__ = ["ambiguous_repeat"]

_FEW: Final = 3
"""Rounds of a repeat up to which it cannot do great harm."""
_COPIES: Final = 4
"""Copies that a body counts as which is repeated a fixed number of times, at most."""
_MOST_POSITIONS: Final = 2_000
"""Positions of a body at most: with more it takes seconds to judge. Of the bundled ones the largest has 900."""
_PROBE: Final = "ab z09_ .,-:'\"/|()!éßяжα中か한ا\n"
"""Characters by which it is told, beside those that the pattern names, whether two classes have one in common."""


class TooLarge(ValueError):
    """The body of a repeat has too many positions to be judged."""


def ambiguous_repeat(tree: Node) -> bool:
    """Whether the pattern has a repeat that one text can go through in two ways. Raises TooLarge."""
    closed = [item for node in walk(tree) if (item := _closed(node)) is not None]
    return any(_ambiguous(repeat) for part in (tree, *closed) for repeat in _outermost(part))


def _closed(node: Node) -> Node | None:
    """What stands in a node that gives nothing back."""
    if isinstance(node, Repeat):
        return node.item if node.possessive else None
    return node.item if isinstance(node, Empty | Loose) else None


def _outermost(node: Node, rounds: int = 1) -> list[Repeat]:
    """The repeats of more than one character and more than a few rounds, those of enclosing repeats multiplied in. None
    stands in another such repeat, or in what gives nothing back."""
    if isinstance(node, Repeat) and not node.possessive:
        many = node.most is None or rounds * node.most > _FEW
        if many and not isinstance(node.item, Char):
            return [node]
        return _outermost(node.item, rounds * (node.most or 1))
    if isinstance(node, Seq | Alt):
        items = node.items if isinstance(node, Seq) else node.branches
        return [each for item in items for each in _outermost(item, rounds)]
    return []


class _Automaton:
    """Positions of a repeat's body and which may follow which, with the number of ways."""

    def __init__(self) -> None:
        self.chars: list[Char | Loose] = []
        self.long: list[int] = []
        """Positions that can stand for several characters."""
        self.follow: Counter[tuple[int, int]] = Counter()

    def add(self, node: Node) -> tuple[list[int], list[int], int]:
        """Enter a node: its first positions, its last positions, in how many ways it can match nothing."""
        if len(self.chars) > _MOST_POSITIONS:
            raise TooLarge
        match node:
            case Char():
                return self.one(node, empty=False)
            case Repeat(item, least, _, possessive=True):
                return self.one(Loose(item), empty=least == 0 or _can_be_empty(item))
            case Loose(item):
                return self.one(node, empty=item is None or _can_be_empty(item))
            case Seq(items):
                return self.in_sequence(list(items))
            case Alt(branches):
                parts = [self.add(branch) for branch in branches]
                first = [p for begin, _, _ in parts for p in begin]
                last = [p for _, end, _ in parts for p in end]
                return first, last, sum(empty for *_, empty in parts)
            case Repeat(item, least, most):
                if least == most:
                    return self.in_sequence([item] * min(least, _COPIES))
                first, last, empty = self.add(item)
                if most != 1:
                    self.follow.update((p, q) for p in last for q in first)
                return first, last, max(empty, least == 0)  # the matcher does not try a round of nothing and then none
            case Empty():
                return [], [], 1

    def one(self, node: Char | Loose, *, empty: bool) -> tuple[list[int], list[int], int]:
        at = len(self.chars)
        self.chars.append(node)
        if isinstance(node, Loose):
            self.long.append(at)
        return [at], [at], int(empty)

    def in_sequence(self, items: list[Node]) -> tuple[list[int], list[int], int]:
        first: list[int] = []
        last: list[int] = []
        empty = 1
        for item in items:
            begin, end, nothing = self.add(item)
            self.follow.update((p, q) for p in last for q in begin)
            first = first + begin * min(empty, 2)
            last = last * min(nothing, 2) + end
            empty = min(empty * nothing, 2)
        return first, last, empty


def _can_be_empty(node: Node) -> bool:
    return _Automaton().add(node)[2] > 0


def _ambiguous(repeat: Repeat) -> bool:
    """Whether two different walks through the loop read the same text and meet again.

    All positions of a loop can reach one another, so where two walks meet they can also begin again.
    """
    automaton = _Automaton()
    automaton.add(Repeat(repeat.item, 0, None))
    size = len(automaton.chars)
    if any(ways > 1 for ways in automaton.follow.values()):
        return True  # two roads for one step: (a+)+, (a?b?)*, ((a?|b?)c)*
    follow: list[set[int]] = [set() for _ in range(size)]
    for p, q in automaton.follow:
        follow[p].add(q)
    for p in automaton.long:
        follow[p].add(p)
    overlap = _overlaps(automaton.chars)
    seen = {(p, q) for each in follow for p in each for q in each & overlap[p] if p < q}
    todo = list(seen)
    while todo:
        one, two = todo.pop()
        for p in follow[one]:
            for q in follow[two] & overlap[p]:
                if p == q:
                    return True
                pair = (min(p, q), max(p, q))
                if pair not in seen:
                    seen.add(pair)
                    todo.append(pair)
    return False


def _overlaps(chars: list[Char | Loose]) -> list[set[int]]:
    """For each position, the positions that can match the same character."""
    listed = [one.chars for each in chars for one in chars_of(each) if one.chars]
    probe = set(_PROBE).union(*listed)
    at: dict[frozenset[str], set[int]] = {}
    for i, each in enumerate(chars):
        at.setdefault(frozenset(_held(each, probe)), set()).add(i)
    overlap = {held: set[int]().union(*(places for other, places in at.items() if held & other)) for held in at}
    found = {i: overlap[held] for held, places in at.items() for i in places}
    return [found[i] for i in range(len(chars))]


def _held(node: Char | Loose, probe: set[str]) -> set[str]:
    if isinstance(node, Loose):
        parts = walk(node)
        known = all(each.item is not None for each in parts if isinstance(each, Loose))  # else it refers back
        return set[str]().union(*(_held(each, probe) for each in parts if isinstance(each, Char))) if known else probe
    if node.chars is not None and not node.caseless:
        return set(node.chars & probe)
    return {char for char in probe if node.matches(char)}
