"""The trial of a pattern against the clock: it is run on hostile lines that are made from it.

`check_pattern` holds a patient clock when a pack is loaded, `rules check` a strict one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

import regex

from cleaner.rules.syntax import Alt, Char, Empty, Loose, Node, Repeat, Seq, parse, walk
from cleaner.rules.wording import pattern_of

__all__ = ["blows_up"]

HOSTILE: Final = 3_000
"""Length of the hostile lines, in code points: a cubic pattern takes seconds on one, a quadratic one some 15 ms."""

PATIENCE: Final = 0.05
"""Seconds for one hostile line; three tries, as the machine may be busy with other things."""

ONCE: Final = 0.5
"""At least so many seconds for a line that a pattern bound to its beginning goes into: only there, and once."""

_ENTERED: Final = 3
"""Choices of such a pattern up to which lines begin as it does."""

LONG: Final = 16
"""Rounds of a repeat from which on it counts as one without end."""

FEW_CHOICES: Final = 24
"""Choices of a pattern that is not tried: one long repeat of one character, which costs at most its length times the
line's, and little else."""


def blows_up(pattern: str, patience: float = PATIENCE) -> str | None:
    """Why a pattern is too slow, found by running it on hostile lines made from it under a clock; None if it is not.

    Takes under a millisecond for a pattern with few choices and a few for others. Raises Unreadable for one that the
    checks refuse.
    """
    tree = parse(pattern)
    if _choices(tree) <= FEW_CHOICES:
        return None
    compiled = pattern_of(pattern)
    bound = "bound its repeats, as in [^\\n]{0,80}"
    material = _material(tree)
    trials = [
        (_hostile(*material), patience, f"{bound}, or anchor it with ^"),
        (_entered(tree, *material), max(patience, ONCE), bound),
    ]
    for lines, seconds, mend in trials:
        for line in lines:
            if all(_times_out(compiled, line, seconds) for _ in range(3)):
                shown = line[:30] + "…"
                return f"is too slow on lines like {shown!r}: {mend}"
    return None


def _times_out(compiled: regex.Pattern[str], line: str, patience: float) -> bool:
    try:
        compiled.search(line, timeout=patience)
    except TimeoutError:
        return True
    return False


def _choices(node: Node) -> int:
    """How often the matcher can choose on its way through the pattern: each choice may double its time."""
    match node:
        case Repeat(item, least, most):
            rounds = LONG if most is None else min(most, LONG)
            return _choices(item) * rounds + (most != least) * rounds
        case Seq(items):
            return sum(map(_choices, items))
        case Alt(branches):
            return 1 + max(map(_choices, branches))
        case Empty(_, item) | Loose(item) if item is not None:
            return _choices(item)
        case _:
            return 0


def _hostile(units: list[str], head: str) -> Iterator[str]:
    """Lines of a pattern's material that go round its repeats as long as they last and then fail."""
    own = units[len(_UNITS) :]
    for unit in units:
        yield head + unit * (HOSTILE // len(unit)) + "\x00"
    for one, two in combinations(own[:8], 2):
        half = HOSTILE // 2
        yield head + one * (half // len(one)) + two * (half // len(two)) + "\x00"
    if own:
        yield head + "".join(unit * (HOSTILE // len(own) // len(unit)) for unit in own) + "\x00"
        yield head + "".join(own[:-1]) * (HOSTILE // len(head)) + "\x00"


def _entered(tree: Node, units: list[str], head: str) -> Iterator[str]:
    """The same for a pattern that is bound to the beginning of a line: lines that begin as it does, up to one of its
    first choices. Of others it sees at once that they do not match."""
    if not (isinstance(tree, Seq) and tree.items and isinstance(tree.items[0], Empty) and tree.items[0].source == "^"):
        return
    choices = [at for at, node in enumerate(tree.items) if _choices(node)]
    for at in choices[:_ENTERED]:
        begin = "".join(map(_sample, tree.items[:at]))
        for unit in units:
            yield begin + unit * (HOSTILE // len(unit)) + "\x00" + head


_UNITS: Final = ("a", " ", "a ", "1", "中", ".")
"""Texts that repeats of most patterns go round."""


def _material(tree: Node) -> tuple[list[str], str]:
    """What repeats of a pattern go round, its own behind those of most; and a text of all that must occur, but in the
    wrong order: no shortcut says "cannot match"; what comes first is the last."""
    units = list(dict.fromkeys(unit for unit in [*_UNITS, *_samples(tree)] if unit))[:24]
    return units, "".join([*_UNITS, *reversed(units[len(_UNITS) :])])


def _samples(tree: Node) -> list[str]:
    """Texts that parts of the pattern match: of each repeat, and of the characters between two."""
    found: list[str] = []
    run = ""
    for node in walk(tree):
        if isinstance(node, Repeat):
            found += (run, _sample(node.item))
            run = ""
        elif isinstance(node, Char) and node.chars:
            run += min(node.chars)
    return [*found, run]


def _sample(node: Node) -> str:
    """One text that the node matches, roughly."""
    match node:
        case Char():
            if node.chars:
                return min(node.chars)
            return next((char for char in "a 1.-中" if node.matches(char)), "")
        case Seq(items):
            return "".join(map(_sample, items))
        case Alt(branches):
            return _sample(branches[0])
        case Repeat(item, least, _):
            return _sample(item) * max(1, min(least, 8))
        case _:
            return ""
