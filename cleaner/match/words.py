"""Code points sorted into a dozen classes, and words of the vocabulary recognised by their first eight letters.

The classes are frozen: letters with case count as such only in blocks that Unicode filled long ago, all other classes
are ranges and characters named here. So no number depends on the Unicode version of the Python that runs.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cleaner.match.signature import signature
from cleaner.text.features import COUNTED
from cleaner.text.vocabulary import GROUPS

Words = NDArray[np.uint64]
Wide = NDArray[np.int64]
Small = NDArray[np.uint8]

OTHER, BLANK, UPPER, LOWER, DENSE, DIGIT, STOP, COMMA, QUOTE, BULLET, LINK = range(11)
"""Classes. DENSE are the letters of scripts written without blanks; letters without case are OTHER."""

_CASED: Final = (range(0x41, 0x250), range(0x370, 0x530), range(0x1E00, 0x2000), range(0xFF21, 0xFF5B))
"""Latin, Greek, Cyrillic, and full-width Latin."""
_DENSE: Final = (
    range(0x0E01, 0x0E4F), range(0x0E81, 0x0EDE), range(0x1000, 0x1040), range(0x1780, 0x17D4), range(0x3041, 0x30FB),
    range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0xF900, 0xFADA),
)  # fmt: skip
"""Thai, Lao, Burmese, Khmer, kana and Han. Korean writes blanks."""
_DIGITS: Final = tuple(range(zero, zero + 10) for zero in (0x30, 0x660, 0x6F0, 0x966, 0x9E6, 0xFF10))
_MARKS: Final = {
    BLANK: " \t\r\f\v\x85\xa0\u2002\u2003\u2009\u202f\u3000",
    STOP: ".!?…。！？．｡॥؟۔।",
    COMMA: ",、，،;；:：؛",
    QUOTE: "\"'„‚`´″′‘’“”«»‹›「」『』()[]{}（）【】",
    BULLET: "•*‣◦▪●○■□–—-‐‑‒―⁃·・",
    LINK: "|/@>→←▸▶\\#_=<©®",
}


@cache
def classes() -> Small:
    """Class of each code point of the first plane."""
    table = np.zeros(1 << 16, np.uint8)
    for block in _CASED:
        for point in block:
            table[point] = UPPER if chr(point).isupper() else LOWER if chr(point).islower() else OTHER
    for number, blocks in ((DENSE, _DENSE), (DIGIT, _DIGITS)):
        for block in blocks:
            table[block.start : block.stop] = number
    for number, marks in _MARKS.items():
        table[list(map(ord, marks))] = number
    return table


_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_BITS: Final = 17
_SHIFT: Final = np.uint64(64 - _BITS)
MASKS: Final = np.array([(1 << (8 * n)) - 1 for n in range(9)], np.uint64)
"""The lowest so many bytes."""


def word_keys(eights: Words, sizes: Wide) -> Words:
    """A number for each word, from the eight bytes of the signature that begin with it and its length."""
    return ((eights & MASKS[np.minimum(sizes, 8)]) + sizes.astype(np.uint64)) * _MIX


@cache
def _lexicon() -> tuple[Words, Small]:
    """Hash table of the vocabulary: keys, and the number of the group from 1. A word has one slot; where two want the
    same, the first has it."""
    keys, groups = np.zeros(1 << _BITS, np.uint64), np.zeros(1 << _BITS, np.uint8)
    words = [(signature([word]), number) for number, group in enumerate(_ordered(), 1) for word in group.split()]
    eights = np.frombuffer(b"".join(word[:8].ljust(8, b"\0") for word, _ in words), np.uint64)
    hashes = word_keys(eights, np.array([len(word) for word, _ in words]))
    for key, slot, (_, number) in zip(hashes, (hashes >> _SHIFT).tolist(), words, strict=True):
        if not groups[slot]:
            keys[slot], groups[slot] = key, number
    return keys, groups


def _ordered() -> list[str]:
    """All words that are not told apart, and the groups that are."""
    others = " ".join(words for name, words in GROUPS.items() if name not in COUNTED)
    return [others, *(GROUPS[name] for name in COUNTED)]


def spoken(hashes: Words) -> tuple[Wide, Wide]:
    """Which words belong to the vocabulary, and the numbers of their groups: 1 for those not told apart, from 2 in the
    order of ``COUNTED``."""
    keys, groups = _lexicon()
    slots = (hashes >> _SHIFT).view(np.int64)
    found = groups.take(slots)
    hits = np.flatnonzero(found)
    hits = hits[keys[slots[hits]] == hashes[hits]]
    return hits, found[hits].astype(np.int64)
