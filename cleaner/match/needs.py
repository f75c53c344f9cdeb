"""Characters that a pattern requires: a line that lacks them cannot match and need not be tried.

Needs are sets of characters, each a word of 64 bits with a bit for every kind of character that is told apart. They are
derived from the pattern's tree like the literals, and as cautiously: what is not understood requires nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, reduce
from operator import and_, or_
from typing import Final, NamedTuple

from cleaner.match.alphabet import BEYOND, BIT, DIGIT, EVERY, FOREIGN, OUTER, REST, SYMBOL, TAB, bit_of
from cleaner.match.literals import share
from cleaner.rules.syntax import Alt, Char, Empty, Loose, Node, Repeat, Seq, Unreadable, parse
from cleaner.text.fold import fold_char, fold_map

__all__ = ["LINE", "Needs", "needs_of", "needs_of_one", "needs_of_text"]

LINE: Final = 75
"""Code points of an ordinary line."""
_ORDINARY: Final = 0.8  # share of lines; a set that more of them have characters of tells nothing
_SETS: Final = 2


class Needs(NamedTuple):
    """What every line that a pattern matches has, once folded."""

    all: int = 0
    """Each of these."""
    any: tuple[int, ...] = ()
    """Of each of these sets at least one, the rarest set first; at most two."""


_NOTHING: Final = Needs()


@cache
def _rarity(chars: int) -> float:
    """Share of lines that are expected to have one of the characters."""
    known = sum(share(char) for char, i in BIT.items() if chars >> i & 1)
    known += 0.005 * (chars >> DIGIT & 1) + 0.003 * (chars >> BEYOND & 1) + 0.2 * (chars >> REST & 1)
    known += 0.001 * (chars >> TAB & 1) + 0.001 * (chars >> OUTER & 1) + 0.001 * (chars >> SYMBOL & 1)
    return 1 - (1 - min(known, 1.0)) ** LINE


def needs_of(pattern: str, *, folded: bool) -> Needs:
    """The needs of a pattern; with ``folded`` false it is matched on lines as written."""
    try:
        return _needs(parse(pattern), folded)
    except (Unreadable, ValueError, RecursionError):
        return _NOTHING


def needs_of_text(text: str) -> Needs:
    """The needs of a folded literal."""
    return Needs(reduce(or_, map(bit_of, text), 0))


def needs_of_one(texts: Iterable[str]) -> Needs:
    """The needs of a line that holds one of these folded texts, in pieces or whole."""
    return _either([needs_of_text(text) for text in texts])


def _needs(node: Node, folded: bool) -> Needs:
    match node:
        case Char():
            chars = _members(node, folded)
            return Needs(chars) if chars.bit_count() == 1 else Needs(any=_rarest([chars]))
        case Seq(items):
            parts = [_needs(item, folded) for item in items]
            return Needs(reduce(or_, (part.all for part in parts), 0), _rarest([x for part in parts for x in part.any]))
        case Alt(branches):
            return _either([_needs(branch, folded) for branch in branches])
        case Repeat(item, least):
            return _needs(item, folded) if least else _NOTHING
        case Empty(source, item):
            return _needs(item, folded) if item is not None and source.startswith("(?=") else _NOTHING
        case Loose(item):
            return _NOTHING if item is None else _needs(item, folded)


def _either(parts: Sequence[Needs]) -> Needs:
    """What has the needs of one of these at least."""
    common = reduce(and_, (part.all for part in parts))
    return Needs(common, _rarest([reduce(or_, (_best(part, common) for part in parts))]))


def _best(needs: Needs, known: int) -> int:
    """The rarest set of what is needed besides the known characters; every character where nothing is."""
    single = [1 << i for i in range(64) if (needs.all & ~known) >> i & 1]
    return min([*single, *needs.any], key=_rarity, default=EVERY)


def _rarest(sets: list[int]) -> tuple[int, ...]:
    telling = {chars for chars in sets if chars != EVERY and _rarity(chars) < _ORDINARY}
    return tuple(sorted(telling, key=lambda chars: (_rarity(chars), chars))[:_SETS])


def _members(node: Char, folded: bool) -> int:
    """The characters that the node can match, once they are folded; of lines as written, tabs too."""
    if node.caseless:
        return EVERY
    if node.chars is not None:
        return reduce(or_, (_bit(char, folded) for char in node.chars), 0)
    found = FOREIGN
    for i in range(128):
        if node.matches(chr(i)):
            found |= _bit(chr(i), folded)
    if not folded:
        for char in _made_ascii():
            if node.matches(char):
                found |= bit_of(fold_char(char))
    return found


def _bit(char: str, folded: bool) -> int:
    return 1 << TAB if char == "\t" and not folded else bit_of(fold_char(char))


@cache
def _made_ascii() -> tuple[str, ...]:
    """The characters beyond ASCII that fold to ASCII."""
    return tuple(chr(i) for i, folded in fold_map().items() if i > 127 > folded)
