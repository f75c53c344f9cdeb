"""The few kinds of characters that selecting tells apart, as bits of a word, for what a line holds."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["BIT", "BITS", "DIGIT", "EVERY", "NUMERIC", "OTHER", "REST", "TAB", "bit_of"]

_SIGNS: Final = "\"'()*+,-./:;<=>?[\\]_`{|}~!#$%&@^"
BIT: Final = {char: i for i, char in enumerate("abcdefghijklmnopqrstuvwxyz" + _SIGNS, start=2)}
DIGIT: Final = len(BIT) + 2
TAB: Final = DIGIT + 1
"""Bit of tabs in lines as written: they tell the rows of tables. Folding makes blanks of them."""
OTHER: Final = 0
"""Bit of whatever is beyond ASCII."""
REST: Final = 1
"""Bit of blanks and controls."""


@cache
def bit_of(char: str) -> int:
    """The bit of a folded character."""
    if not char.isascii():
        return 1 << OTHER
    return 1 << (DIGIT if char.isdigit() else BIT.get(char, REST))


NUMERIC: Final = 1 << DIGIT | 1 << OTHER
"""What a number needs one of."""

BITS: Final[NDArray[np.uint64]] = np.array([bit_of(chr(i)) if i < 128 else 1 << OTHER for i in range(256)], np.uint64)
"""Byte of a signature -> the bit of its character."""


EVERY: Final = (1 << 64) - 1
"""The set of all characters."""
