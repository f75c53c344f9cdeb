"""Whether a pattern's repeats can match one text in so many ways that the matcher never returns.

A repeat takes exponential time if its body can match the same text in two ways. That is decided on the body's position
automaton (Glushkov), for each outermost repeat: no clock, no guessing. After Weideman et al., "Analyzing matching time
behavior of backtracking regular expression matchers" (2016).
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from cleaner.rules.syntax import Alt, Char, Empty, Loose, Node, Repeat, Seq, chars_of, walk

__all__ = ["ambiguous_repeat"]

FEW: Final = 3  # up to so many rounds cannot do great harm
COPIES: Final = 4  # a body repeated a fixed number of times counts as at most so many copies
MOST_POSITIONS: Final = 120  # a body with more is left to the trial against the clock
PROBE: Final = "ab z09_ .,-:'\"/|()!éßяжα中か한ا\n"


def ambiguous_repeat(tree: Node) -> bool:
    """Whether the pattern has a repeat that one text can go through in two ways."""
    return any(_ambiguous(repeat) for repeat in _outermost(tree))


def _outermost(node: Node) -> list[Repeat]:
    """The repeats of more than a character and more than a few rounds that stand in no other such repeat."""
    if isinstance(node, Repeat):
        if node.possessive:
            return []
        if (node.most is None or node.most > FEW) and not isinstance(node.item, Char):
            return [node]
        return _outermost(node.item)
    if isinstance(node, Seq | Alt):
        items = node.items if isinstance(node, Seq) else node.branches
        return [each for item in items for each in _outermost(item)]
    if isinstance(node, Empty | Loose) and node.item is not None:
        return _outermost(node.item)
    return []


class _Automaton:
    """Positions of a repeat's body and which may follow which, with the number of ways."""

    def __init__(self) -> None:
        self.chars: list[Char | Loose] = []
        self.follow: Counter[tuple[int, int]] = Counter()

    def add(self, node: Node) -> tuple[list[int], list[int], bool]:
        """Enter a node: its first positions, its last positions, whether it can match nothing."""
        match node:
            case Char() | Loose():
                self.chars.append(node)
                at = len(self.chars) - 1
                return [at], [at], False
            case Seq(items):
                return self.in_sequence(list(items))
            case Alt(branches):
                parts = [self.add(branch) for branch in branches]
                first = [p for begin, _, _ in parts for p in begin]
                last = [p for _, end, _ in parts for p in end]
                return first, last, any(empty for *_, empty in parts)
            case Repeat(item, least, _, possessive=True):
                self.chars.append(Loose(item))  # gives nothing back, so it goes one way only
                at = len(self.chars) - 1
                return [at], [at], least == 0
            case Repeat(item, least, most):
                if least == most:
                    return self.in_sequence([item] * min(least, COPIES))
                first, last, empty = self.add(item)
                if most != 1:
                    self.follow.update((p, q) for p in last for q in first)
                return first, last, empty or least == 0
            case Empty():
                return [], [], True

    def in_sequence(self, items: list[Node]) -> tuple[list[int], list[int], bool]:
        first: list[int] = []
        last: list[int] = []
        empty = True
        for item in items:
            begin, end, nothing = self.add(item)
            self.follow.update((p, q) for p in last for q in begin)
            first = first + begin if empty else first
            last = last + end if nothing else end
            empty = empty and nothing
        return first, last, empty


def _ambiguous(repeat: Repeat) -> bool:
    """Whether two different walks through the loop read the same text and meet again.

    All positions of a loop can reach one another, so where two walks meet they can also begin again.
    """
    automaton = _Automaton()
    automaton.add(Repeat(repeat.item, 0, None))
    size = len(automaton.chars)
    if size > MOST_POSITIONS:
        return False
    if any(ways > 1 for ways in automaton.follow.values()):
        return True  # two roads for one step: (a+)+, (a?b?)*
    follow: list[set[int]] = [set() for _ in range(size)]
    for p, q in automaton.follow:
        follow[p].add(q)
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
    probe = {*PROBE, *(char for each in listed for char in sorted(each)[:8])}
    held = [_held(each, probe) for each in chars]
    return [{q for q in range(len(chars)) if held[p] & held[q]} for p in range(len(chars))]


def _held(node: Char | Loose, probe: set[str]) -> set[str]:
    if isinstance(node, Loose):
        inner = [_held(each, probe) for each in walk(node) if isinstance(each, Char)]
        return set[str]().union(*inner) if node.item is not None else probe
    if node.chars is not None and not node.caseless:
        return set(node.chars & probe)
    return {char for char in probe if node.matches(char)}
