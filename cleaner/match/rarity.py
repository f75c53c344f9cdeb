"""How rare characters and literals are in text, so that lines are searched for what few of them have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from math import log2
from typing import Final

import regex

from cleaner.text.fold import OUTER

__all__ = ["SIGN", "commonness", "share", "windows"]

SIGN: Final = regex.compile(r"[@#|{}~^<>\\_=*+]|[^\p{ASCII}\p{L}\p{M}\p{N}\p{Z}]")
"""A character that is rare enough in text to select by alone, such as © and @."""

_LETTERS: Final = dict(
    zip(
        " etaoinshrdlcumwfgypbvkjxqz",
        [18, 10, 7.5, 6.5, 6.2, 5.7, 5.7, 5.3, 5, 5, 3.5, 3.3, 2.3, 2.3, 2, 2, 1.8, 1.7, 1.6, 1.6, 1.2, 0.8, 0.6]
        + 2 * [0.15]
        + 2 * [0.1],
        strict=True,
    )
)
"""Per cent of the characters of English prose, rounded, after Norvig's counts of the Google books corpus."""

_BITS: Final = {char: -log2(percent / 100) for char, percent in _LETTERS.items()}

_COMMON: Final = frozenset(
    """
    the of and to in is that for it as was with be by on not he his but at are this have from which or had they you were
    their one all we can her has there been if more when will would who so no said what up its about into than them only
    other new some could time these two may then do first any my now such like our over man me even most made after also
    did many before must through back years where much your way well down should because each just share follow home
    news read here page view post by
    """.split()
)
"""Words so common that a literal made of one is hardly a selection."""

_SIGN_BITS: Final = 12.0
"""How rare a sign such as © and @ is, in bits ..."""
_OUTER_BITS: Final = 8.4
"""... an arrow or star: they share signatures with the bullet, a guess of one in 340 characters ..."""
_OTHER_BITS: Final = 8.0
"""... and any other character that is not counted."""
_PENALTY: Final = 9.0
"""Bits: a common word is some hundred times as frequent as its letters say."""

_RARITY: Final = [round(_BITS.get(chr(byte), _OTHER_BITS)) for byte in range(256)]
"""Of each byte of a signature, in bits: how rare it is."""
_WINDOW: Final = 8
"""Bytes of a literal by which it is looked for, as in the compiled loops."""
_SHARED, _CROWD = 16, 8
"""For every so many literals that share a window already, it is worth so many bits less to the next one."""


def windows(literals: Iterable[bytes]) -> list[int]:
    """Where in each literal, as a signature, the window begins: the eight bytes (or all) that are looked for in its
    place. They are the rarest that few of the literals before it have taken."""
    taken: Counter[bytes] = Counter()
    begins = []
    for literal in literals:
        begin = max(range(max(1, len(literal) - _WINDOW + 1)), key=lambda at: _worth(literal[at : at + _WINDOW], taken))
        taken[literal[begin : begin + _WINDOW]] += 1
        begins.append(begin)
    return begins


def _worth(window: bytes, taken: Counter[bytes]) -> int:
    """How well a window selects, in bits."""
    return sum(_RARITY[byte] for byte in window) - taken[window] // _SHARED * _CROWD


@lru_cache(maxsize=1 << 16)
def commonness(literal: str) -> float:
    """Expected occurrences of a folded literal per code point of text; a rough guess, good for comparing only."""
    bits = sum(map(_bits, literal))
    if literal.strip() in _COMMON:
        bits -= _PENALTY
    return 2.0 ** -max(bits, 1.0)


@cache
def _bits(char: str) -> float:
    if char in _BITS:
        return _BITS[char]
    if not char.isascii() and char in OUTER:
        return _OUTER_BITS
    return _SIGN_BITS if SIGN.match(char) else _OTHER_BITS


def share(char: str) -> float:
    """Expected share of a folded ASCII character among the characters of text."""
    return _LETTERS.get(char, 0.05) / 100
