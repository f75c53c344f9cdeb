"""A batch of texts as bytes to select by: one byte for each code point, so that offsets carry over.

The byte of a code point depends on its folded form alone: ASCII stands for itself, everything else for a code of its
class, hashed. What is equal folded is therefore equal here; the reverse need not hold, so lines that are selected by
signature must be confirmed on the text. A byte also tells the class of its code point: a blank, a decimal digit, a
letter, an outer character (all that `line_key` strips).
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
import regex
from numpy.typing import NDArray

from cleaner.cache import cached_function
from cleaner.text.fold import OUTER, fold, fold_map

__all__ = [
    "DIGITS",
    "IS_LETTER",
    "IS_OUTER",
    "codes",
    "collapse",
    "is_letter",
    "signature",
]

Bytes = NDArray[np.uint8]

OUTERS: Final = range(0x80, 0x84)
"""Codes of outer characters beyond ASCII."""
SYMBOLS: Final = range(0x84, 0xA0)
"""Codes of all else: signs, marks, numbers that are no decimal digits."""
DIGITS: Final = range(0xA0, 0xA1)
"""Code of decimal digits beyond ASCII."""
LETTERS: Final = range(0xA1, 0x100)
"""Codes of letters beyond ASCII; consecutive letters differ, so alphabets hold few that collide."""

_PLANES: Final = 4
"""Planes of Unicode that have letters; what is above is a symbol."""


def _flags(*parts: bytes | range) -> NDArray[np.bool_]:
    flags = np.zeros(256, np.bool_)
    for part in parts:
        flags[list(part)] = True
    return flags


IS_OUTER: Final = _flags("".join(char for char in OUTER if char.isascii()).encode("ascii"), OUTERS)
IS_LETTER: Final = _flags(string.ascii_letters.encode("ascii"), LETTERS)


@cached_function("codes")
def codes() -> Bytes:
    """Code point -> byte of the signature; the last entry for all above."""
    points = np.arange(_PLANES << 16, dtype=np.uint32)
    codes = (SYMBOLS.start + points % len(SYMBOLS)).astype(np.uint8)
    everything = points.tobytes().decode("utf-32-le", "surrogatepass")
    for match in regex.finditer(r"\p{L}+", everything):
        start, end = match.span()
        codes[start:end] = LETTERS.start + points[start:end] % len(LETTERS)
    codes[[match.start() for match in regex.finditer(r"\d", everything)]] = DIGITS.start
    outer = np.array([i for i in map(ord, OUTER) if i < len(codes)])
    codes[outer] = OUTERS.start + outer % len(OUTERS)
    codes[[i for i in range(0x80, 0x3001) if chr(i).isspace()]] = ord(" ")
    codes[:128] = np.arange(128)
    changes = fold_map()
    codes[list(changes)] = codes[list(changes.values())]
    return codes


def signature(texts: Sequence[str]) -> bytes:
    """The signature of the texts joined by line breaks: one byte a code point."""
    joined = "\n".join(texts)
    if joined.isascii():
        return fold(joined).encode("ascii")
    return codes().take(np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32), mode="clip").tobytes()


def collapse(signed: bytes) -> bytes:
    """The signature with one blank for each run of blanks; lines stay lines. The same object if nothing changes."""
    if b"  " not in signed:
        return signed
    codes = np.frombuffer(signed, np.uint8)
    blank = codes == ord(" ")
    return np.delete(codes, np.flatnonzero(blank[1:] & blank[:-1])).tobytes()


@cache
def is_letter(char: str) -> bool:
    """Whether the signature of a code point is that of a letter."""
    return bool(IS_LETTER[signature([char])[0]])
