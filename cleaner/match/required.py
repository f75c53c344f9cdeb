"""Characters that a pattern requires: a line that lacks them cannot match and need not be tried.

Sets of characters are words of 64 bits, with a bit for every kind of character that `alphabet` tells apart. What is
required is derived from the pattern's tree like the literals, and as cautiously: what is not understood requires
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, reduce
from operator import and_, or_
from typing import Final, NamedTuple

from cleaner.match.alphabet import BEYOND, BIT, DIGIT, EVERY, FOREIGN, OUTER, REST, SYMBOL, TAB, bit_of
from cleaner.match.rarity import share
from cleaner.rules.syntax import Alt, Char, Empty, Loose, Node, Repeat, Seq, Unreadable, parse
from cleaner.text.fold import fold_char, fold_map

__all__ = ["LINE_LENGTH", "RequiredChars", "required_by_one_of", "required_by_text", "required_chars"]

LINE_LENGTH: Final = 75
"""Code points of an ordinary line."""
_ORDINARY: Final = 0.8
"""Share of lines; a set that more of them have characters of tells nothing."""
_SETS: Final = 2
"""Most sets that are required, as the compiled loops take them."""

_SHARES: Final = {
    **{bit: share(char) for char, bit in BIT.items()},
    DIGIT: 0.005,
    BEYOND: 0.003,
    REST: 0.2,
    TAB: 0.001,
    OUTER: 0.001,
    SYMBOL: 0.001,
}
"""Bit of a kind of characters -> its share among the characters of text; a guess where it is not counted."""


class RequiredChars(NamedTuple):
    """The characters of every line that a pattern matches, once folded."""

    all: int = 0
    """It has each of these."""
    any: tuple[int, ...] = ()
    """It has at least one of each of these sets: two sets at most, the rarer first."""


_NOTHING: Final = RequiredChars()


@cache
def _rarity(chars: int) -> float:
    """Share of lines that are expected to have one of the characters."""
    known = sum(share for bit, share in _SHARES.items() if chars >> bit & 1)
    return 1 - (1 - min(known, 1.0)) ** LINE_LENGTH


def required_chars(pattern: str, *, folded: bool) -> RequiredChars:
    """What a pattern requires; with ``folded`` false it is matched on lines as written."""
    try:
        return _required(parse(pattern), folded)
    except (Unreadable, ValueError, RecursionError):
        return _NOTHING


def required_by_text(text: str) -> RequiredChars:
    """What a folded literal requires."""
    return RequiredChars(reduce(or_, map(bit_of, text), 0))


def required_by_one_of(texts: Iterable[str]) -> RequiredChars:
    """What every line has that holds one of these folded texts, in pieces or whole."""
    return _either([required_by_text(text) for text in texts])


def _required(node: Node, folded: bool) -> RequiredChars:
    match node:
        case Char():
            chars = _members(node, folded)
            return RequiredChars(chars) if chars.bit_count() == 1 else RequiredChars(any=_rarest([chars]))
        case Seq(items):
            parts = [_required(item, folded) for item in items]
            every = reduce(or_, (part.all for part in parts), 0)
            return RequiredChars(every, _rarest([chars for part in parts for chars in part.any]))
        case Alt(branches):
            return _either([_required(branch, folded) for branch in branches])
        case Repeat(item, least):
            return _required(item, folded) if least else _NOTHING
        case Empty(source, item):
            return _required(item, folded) if item is not None and source.startswith("(?=") else _NOTHING
        case Loose(item):
            return _NOTHING if item is None else _required(item, folded)


def _either(parts: Sequence[RequiredChars]) -> RequiredChars:
    """What each of these requires: one of them is fulfilled."""
    common = reduce(and_, (part.all for part in parts))
    return RequiredChars(common, _rarest([reduce(or_, (_best(part, common) for part in parts))]))


def _best(required: RequiredChars, common: int) -> int:
    """The rarest set of what is required besides the common characters; every character where nothing is."""
    single = [1 << i for i in range(64) if (required.all & ~common) >> i & 1]
    return min([*single, *required.any], key=_rarity, default=EVERY)


def _rarest(sets: list[int]) -> tuple[int, ...]:
    """The sets that tell lines apart, as in `RequiredChars.any`."""
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
