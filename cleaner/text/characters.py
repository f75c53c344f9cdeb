"""Code points sorted into a dozen classes, and words recognised by hash, over whole arrays of code points."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cleaner.cache import cached_function
from cleaner.text.vocabulary import GROUPS

Words = NDArray[np.uint64]

BLANK, UPPER, LOWER, CASELESS, DENSE, DIGIT, STOP, COMMA, LINK, QUOTE, BRACKET, BULLET, SYMBOL, TAB, OTHER = range(15)
"""Classes. UPPER to DIGIT are what words are made of; DENSE are letters of scripts written without blanks."""

CLASSES: Final = 16

COUNTED: Final = {
    "stops": STOP, "commas": COMMA, "links": LINK, "quotes": QUOTE, "brackets": BRACKET, "bullets": BULLET,
    "symbols": SYMBOL, "tabs": TAB,
}  # fmt: skip
"""Classes that a feature counts, by its name."""

_MARKS: Final = {
    STOP: ".!?…。！？．।॥؟۔።",
    COMMA: ",、，،;；:：؛",
    BULLET: "•*‣◦▪●○■□–—-‐‑‒―⁃",
    LINK: "|»›·・/@>→←▸▶\\#_=<",
    QUOTE: "\"'„‚`´″′「」『』",
}
_CATEGORIES: Final = {
    "Lu": UPPER, "Lt": UPPER, "Ll": LOWER, "Lo": CASELESS, "Lm": CASELESS, "Mn": CASELESS, "Mc": CASELESS, "Nd": DIGIT,
    "Pi": QUOTE, "Pf": QUOTE, "Ps": BRACKET, "Pe": BRACKET, "Sc": SYMBOL, "Sk": SYMBOL, "Sm": SYMBOL, "So": SYMBOL,
}  # fmt: skip
_DENSE: Final = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x9FFF), (0xF900, 0xFAFF))
"""Thai and Lao, Burmese, Khmer, Han and kana. Korean writes blanks."""

HANGUL: Final = (0xAC00, 0xD7A3)
_ALIKE: Final = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), HANGUL)
"""Blocks that are letters throughout: Han, and Korean syllables."""
_MIXED: Final = (
    range(0x3400),
    range(0x4DC0, 0x4E00),
    range(0xA000, 0xAC00),
    range(0xD7A4, 0xD800),
    range(0xF900, 0x10000),
)
"""Blocks of which each code point is asked for its category. What is in no block of either table, surrogates and
private use, is OTHER."""

BEYOND: Final = 0xFFFF
"""Where the tables answer for all code points outside the BMP (mostly emoji): a symbol."""


@cached_function("classes")
def classes() -> NDArray[np.uint8]:
    """Class of each code point; look up with ``take(…, mode="clip")``."""
    marks = {ord(mark): number for number, text in _MARKS.items() for mark in text}
    table = np.full(BEYOND + 1, OTHER, np.uint8)
    for first, last in _ALIKE:
        table[first : last + 1] = CASELESS
    for block in _MIXED:
        names = map(unicodedata.category, map(chr, block))
        table[block.start : block.stop] = [_CATEGORIES.get(name, OTHER) for name in names]
    for first, last in _DENSE:
        part = table[first : last + 1]
        part[part == CASELESS] = DENSE
    for point, number in marks.items():
        table[point] = number
    table[[point for point in _MIXED[0] if chr(point).isspace()]] = BLANK
    table[BEYOND] = SYMBOL
    return table


def _lower() -> NDArray[np.uint32]:
    """Each code point's lower-case form where that is one code point of the BMP, else itself."""
    table = np.arange(BEYOND + 1, dtype=np.uint32)
    for point in range(BEYOND + 1):
        char = chr(point)
        if char.isupper() or char.istitle():
            low = char.lower()
            if len(low) == 1 and ord(low) <= BEYOND:
                table[point] = ord(low)
    return table


@cached_function("characters")
def classes_and_lower() -> NDArray[np.uint32]:
    """Class and lower-case form of each code point in one number."""
    table: NDArray[np.uint32] = classes() * np.uint32(1 << 16) + _lower()
    table[ord("\t")] = (TAB << 16) + ord("\t")
    return table


def classes_and_small(chars: NDArray[Any], table: NDArray[np.uint32]) -> tuple[NDArray[np.uint8], Words]:
    """Class of each code point, tabs told from other blanks, and its lower-case form, by one of the tables."""
    both = table.take(chars, mode="clip")
    return (both >> np.uint32(16)).astype(np.uint8), (both & np.uint32(BEYOND)).astype(np.uint64)


@cache
def heard_and_lower() -> NDArray[np.uint32]:
    """As ``classes_and_lower``, Korean letters counted among the scripts without blanks: in both, pairs of letters
    stand for words, as Korean words take their endings without a seam."""
    table = classes_and_lower().copy()
    korean = table[HANGUL[0] : HANGUL[1] + 1]
    korean &= BEYOND
    korean |= DENSE << 16
    return table


# Words are looked up by a polynomial hash of their letters, modulo 2**64: h(w) = sum of w[i] * BASE**i. Sums over a
# whole batch give each word's hash by one subtraction and one multiplication with the inverse power.
BASE: Final = 0xD1342543DE82EF95
MIX: Final = 0x9E3779B97F4A7C15
_SLOT_BITS: Final = 16


class _Powers:
    """Powers of the base and of its inverse, as many as were ever asked for."""

    up: Words = np.ones(1, np.uint64)
    down: Words = np.ones(1, np.uint64)

    @classmethod
    def upto(cls, n: int) -> tuple[Words, Words]:
        if len(cls.up) < n:
            size = 1 << n.bit_length()
            steps = np.empty((2, size), np.uint64)
            steps[0], steps[1] = BASE, pow(BASE, -1, 1 << 64)
            steps[:, 0] = 1
            cls.up, cls.down = np.cumprod(steps, axis=1)
        return cls.up[:n], cls.down[:n]


def running_hash(small: Words) -> Words:
    """Running sums of the hash over code points in lower case, one more than there are; for ``hash_of``."""
    up, _ = _Powers.upto(len(small) + 1)
    sums = np.zeros(len(small) + 1, np.uint64)
    np.cumsum(small * up[:-1], out=sums[1:])
    return sums


def hash_of(sums: Words, start: NDArray[np.int64], end: NDArray[np.int64]) -> Words:
    """Hash of each stretch [start, end) of the code points behind ``sums``."""
    _, down = _Powers.upto(len(sums))
    return (sums[end] - sums[start]) * down[start]


def _slot(key: Any) -> Any:
    return (key ^ (key >> np.uint64(32))) * np.uint64(MIX) >> np.uint64(64 - _SLOT_BITS)


@cached_function("lexicon")
def lexicon() -> tuple[Words, NDArray[np.uint8]]:
    """Hash table of the vocabulary: keys, and the number of the group from 1. A word has its slot or the one beside."""
    keys, groups = np.zeros(1 << _SLOT_BITS, np.uint64), np.zeros(1 << _SLOT_BITS, np.uint8)
    words = [(word, number) for number, group in enumerate(GROUPS.values(), 1) for word in group.split()]
    sizes = np.array([len(word) for word, _ in words])
    ends = np.cumsum(sizes)
    letters = np.array([ord(char) for word, _ in words for char in word])
    hashes = hash_of(running_hash(letters.astype(np.uint64)), ends - sizes, ends)
    for key, slot, (_, number) in zip(hashes, _slot(hashes), words, strict=True):
        free = next(place for place in (slot, slot ^ np.uint64(1)) if keys[place] in (0, key))
        if not keys[free]:
            keys[free], groups[free] = key, number
    return keys, groups


def known_words(hashes: Words) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which of the words belong to the vocabulary, and the numbers of their groups, from 1 in ``GROUPS``' order."""
    keys, groups = lexicon()
    slot = _slot(hashes)
    hits = np.flatnonzero(groups.view(np.uint16).take((slot >> np.uint64(1)).view(np.int64)))
    few, slot = hashes[hits], slot[hits].astype(np.int64)
    found = np.where(keys.take(slot) == few, groups.take(slot), np.uint8(0))
    slot ^= 1
    found = np.where(keys.take(slot) == few, groups.take(slot), found)
    real = np.flatnonzero(found)
    return hits[real], found[real].astype(np.int64)
