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

from cleaner.cache import kept
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

_ASCII: Final = "".join(fold(chr(i)) for i in range(128)).encode("ascii") + bytes(range(128, 256))
_PLANES: Final = 4  # letters stand in the first four planes; what is above is a symbol


def _flags(*parts: bytes | range) -> NDArray[np.bool_]:
    flags = np.zeros(256, np.bool_)
    for part in parts:
        flags[list(part)] = True
    return flags


IS_OUTER: Final = _flags("".join(char for char in OUTER if char.isascii()).encode("ascii"), OUTERS)
IS_LETTER: Final = _flags(string.ascii_letters.encode("ascii"), LETTERS)


@cache
def _codes(planes: int) -> Bytes:
    """Code point -> byte for the first planes of Unicode (ASCII left as it is)."""
    points = np.arange(planes << 16, dtype=np.uint32)
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
    codes[:128] = np.arange(128)
    return codes


@kept("codes")
def codes() -> Bytes:
    """Code point -> byte of the signature; the last entry for all above."""
    return np.frombuffer(_ASCII, np.uint8)[_codes(_PLANES)]


@cache
def _stand_ins() -> NDArray[np.uint16]:
    """For each byte a code point of the first plane that has it, to put in the place of one above."""
    stand_ins = np.zeros(256, np.uint16)
    codes = _codes(1)
    stand_ins[codes[::-1]] = np.arange(len(codes), dtype=np.uint16)[::-1]
    return stand_ins


def _units(text: str) -> bytes:
    """The text in two bytes a code point, those above the first plane replaced by one with the same signature."""
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) == 2 * len(text):
        return units
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    narrow = points.astype(np.uint16)
    above = np.flatnonzero(points > 0xFFFF)
    codes = _codes(_PLANES)
    high = np.minimum(points[above], len(codes) - 1)  # the last code point of the last plane is a symbol
    narrow[above] = _stand_ins()[codes[high]]
    return narrow.tobytes()


def signature(texts: Sequence[str]) -> bytes:
    """The signature of the texts joined by line breaks: one byte a code point."""
    if all(map(str.isascii, texts)):
        return "\n".join(texts).encode("ascii").translate(_ASCII)
    units = np.frombuffer(b"\n\0".join(map(_units, texts)), np.uint16)
    found = units.astype(np.uint8)
    beyond = np.flatnonzero(units > 127)
    found[beyond] = _codes(1)[units[beyond]]
    return found.tobytes().translate(_ASCII)


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
