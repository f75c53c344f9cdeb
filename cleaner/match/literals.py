"""Literals that a pattern requires, so that a multi-literal scan can tell which lines it may concern.

A set of literals is *required* if every line that the pattern matches holds, once folded, at least one of them. Folding
maps each code point alone, so a literal of the raw line stands, folded, in the folded line: patterns with and without
`case = true` are treated alike. What is not understood counts as matching anything: a set may be too wide, never too
narrow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from math import fsum
from typing import Final

import regex

from cleaner.match.rarity import SIGN, commonness
from cleaner.rules.syntax import Alt, Char, Empty, Loose, Node, Repeat, Seq, Unreadable, parse
from cleaner.text.fold import fold_char

__all__ = ["required_literals", "spelt"]

_MOST_LITERALS: Final = 64
"""Most literals of a set."""
_MOST_VARIANTS: Final = 16
"""Most characters of a class that is spelt out."""
_LONGEST: Final = 64
"""Most characters of a literal."""
_LEAST: Final = 3
"""Fewest characters of a literal that selects ..."""
_LEAST_DENSE: Final = 2
"""... and of one in a script where a character is a word."""

_DENSE: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")


def required_literals(pattern: str) -> frozenset[str] | None:
    """Folded literals one of which is in every folded line that the pattern matches; None if there are no usable ones.

    At most 64, each of at least three characters (two in Chinese, Japanese or Korean script, one sign such as © or @).
    Of all such sets that the pattern gives, the one that is expected to occur least often in text.
    """
    try:
        found = _literals(parse(pattern))
    except (Unreadable, ValueError, RecursionError):
        return None
    return _best(found.required)


def spelt(node: Node) -> frozenset[str] | None:
    """All texts that a node can match, folded; None if they are too many or unknown."""
    return _literals(node).exact


@dataclass(frozen=True, slots=True)
class _Literals:
    exact: frozenset[str] | None
    """All that the node can match, folded; None if that is too much or unknown."""
    sets: tuple[frozenset[str], ...] = ()
    """Sets of literals, each of them required."""

    @property
    def required(self) -> tuple[frozenset[str], ...]:
        """All sets that are required: all that the node can match is one, if it is spelt out and usable."""
        return (*self.sets, *_usable(self.exact))


_NOTHING: Final = _Literals(frozenset({""}))
_ANYTHING: Final = _Literals(None)


def _literals(node: Node) -> _Literals:
    match node:
        case Char():
            return _of_char(node)
        case Seq(items):
            return _of_sequence([_literals(item) for item in items])
        case Alt(branches):
            return _of_branches([_literals(branch) for branch in branches])
        case Repeat(item, least, most):
            return _of_repeat(_literals(item), least, most)
        case Empty():
            return _NOTHING  # a look-around asks for more than it takes in; to ignore it is safe
        case Loose(item):
            return _ANYTHING if item is None else _Literals(None, _literals(item).required)


def _of_char(node: Char) -> _Literals:
    chars = node.chars
    if chars is None or len(chars) > _MOST_VARIANTS or (node.caseless and not all(map(str.isascii, chars))):
        return _ANYTHING  # what (?i) equates beyond ASCII is not what folding equates
    return _Literals(frozenset(map(fold_char, chars)))


def _of_sequence(parts: list[_Literals]) -> _Literals:
    sets: list[frozenset[str]] = []
    run: frozenset[str] = frozenset({""})  # all texts that the items since the last unknown one can match
    whole = True
    for part in parts:
        sets += part.sets
        joined = _product(run, part.exact)
        if joined is not None:
            run = joined
            continue
        sets += _usable(run)
        whole = False
        run = part.exact if part.exact is not None else frozenset({""})
    if whole:
        return _Literals(run, tuple(sets))
    return _Literals(None, (*sets, *_usable(run)))


def _product(heads: frozenset[str], tails: frozenset[str] | None) -> frozenset[str] | None:
    if tails is None or len(heads) * len(tails) > _MOST_LITERALS:
        return None
    joined = frozenset(head + tail for head in heads for tail in tails)
    return None if max(map(len, joined)) > _LONGEST else joined


def _of_branches(parts: list[_Literals]) -> _Literals:
    exacts = [part.exact for part in parts]
    exact: frozenset[str] | None = None
    if all(each is not None for each in exacts):
        exact = frozenset[str]().union(*(each for each in exacts if each is not None))
        if len(exact) > _MOST_LITERALS:
            exact = None
    bests = [_best(part.required) for part in parts]
    if any(best is None for best in bests):
        return _Literals(exact)
    union = frozenset[str]().union(*(best for best in bests if best is not None))
    return _Literals(exact, (union,) if len(union) <= _MOST_LITERALS else ())


def _of_repeat(item: _Literals, least: int, most: int | None) -> _Literals:
    sets = item.required if least else ()
    if item.exact is None or most is None or most > 4:
        return _Literals(None, (*sets, *_usable(_power(item.exact, least))))
    counts = [_power(item.exact, count) for count in range(least, most + 1)]
    if any(each is None for each in counts):
        return _Literals(None, sets)
    exact = frozenset[str]().union(*(each for each in counts if each is not None))
    return _Literals(exact if len(exact) <= _MOST_LITERALS else None, sets)


def _power(exact: frozenset[str] | None, count: int) -> frozenset[str] | None:
    start: frozenset[str] | None = frozenset({""})
    return reduce(lambda made, _: made if made is None else _product(made, exact), range(min(count, _LONGEST)), start)


def _usable(literals: frozenset[str] | None) -> tuple[frozenset[str], ...]:
    """The set as the only member of a tuple if all its literals are long enough to select by, else an empty tuple."""
    if literals and all(_long_enough(literal) for literal in literals):
        return (literals,)
    return ()


def _long_enough(literal: str) -> bool:
    size = len(literal.strip())
    return size >= _LEAST or SIGN.search(literal) is not None or (size >= _LEAST_DENSE and bool(_DENSE.search(literal)))


def _best(sets: Iterable[frozenset[str]]) -> frozenset[str] | None:
    """The set whose literals are expected to occur least often, without members that hold another member."""
    ranked = sorted((fsum(map(commonness, each)), sorted(each)) for each in {*sets})
    return _least(ranked[0][1]) if ranked else None


def _least(literals: list[str]) -> frozenset[str]:
    kept: list[str] = []
    for literal in sorted(literals, key=len):
        if not any(short in literal for short in kept):
            kept.append(literal)
    return frozenset(kept)
