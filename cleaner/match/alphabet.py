"""The few kinds of characters that selecting tells apart, as bits of a word, for what a line holds."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cleaner.match.signature import DIGITS, OUTERS, signature

__all__ = ["BEYOND", "BIT", "BITS", "DIGIT", "EVERY", "FOREIGN", "NUMERIC", "OUTER", "REST", "SYMBOL", "TAB", "bit_of"]

_SIGNS: Final = "\"'()*+,-./:;<=>?[\\]_`{|}~!#$%&@^"
BIT: Final = {char: i for i, char in enumerate("abcdefghijklmnopqrstuvwxyz" + _SIGNS, start=2)}
DIGIT: Final = len(BIT) + 2
TAB: Final = DIGIT + 1
"""Bit of tabs in lines as written: they tell the rows of tables. Folding makes blanks of them."""
OUTER: Final = DIGIT + 2
"""Bit of outer characters beyond ASCII: bullets, dashes, quotes."""
SYMBOL: Final = DIGIT + 3
"""Bit of all else beyond ASCII: signs of currencies and rights, arrows, marks upon letters."""
BEYOND: Final = 0
"""Bit of letters and digits beyond ASCII."""
REST: Final = 1
"""Bit of blanks and controls."""


def _bit(code: int) -> int:
    if code >= DIGITS.start:
        return BEYOND
    if code >= OUTERS.start:
        return OUTER if code in OUTERS else SYMBOL
    return DIGIT if chr(code).isdigit() else BIT.get(chr(code), REST)


BITS: Final[NDArray[np.uint64]] = np.array([1 << _bit(code) for code in range(256)], np.uint64)
"""Byte of a signature -> the bit of its character."""


@cache
def bit_of(char: str) -> int:
    """The bit of a folded character."""
    return int(BITS[signature([char])[0]])


FOREIGN: Final = 1 << BEYOND | 1 << OUTER | 1 << SYMBOL
"""Whatever is beyond ASCII, but for blanks."""
NUMERIC: Final = 1 << DIGIT | FOREIGN
"""What a number needs one of."""

EVERY: Final = (1 << 64) - 1
"""The set of all characters."""
