"""Letters that came as a letter and the marks on it, as some systems spell them: é, й, أ, が and 한 are one code
point to every wording."""

from __future__ import annotations

import re
import unicodedata
from array import array
from typing import Any, Final

from cleaner.text.invisible import places_of

__all__ = ["MARKS", "composed", "places_of_composed"]

_HANGUL: Final = (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))
MARKS: Final = "".join(map(chr, (*range(0x300, 0x370), *range(0x653, 0x656), *_HANGUL, 0x3099, 0x309A)))
"""Marks that make one code point with some letter: of Latin, Greek and Cyrillic ones, Arabic ones, kana, and the vowels
and finals of Hangul, which stand behind its initials. Those of Indian letters are left out: they are in most words, and
hardly ever part of a letter that also has a code point of its own."""

_SPELLED: Final = re.compile(f"[^{MARKS}\n][{MARKS}]{{1,3}}(?![{MARKS}])")
"""A letter has up to three; to put thousands in their order would take quadratic time."""


def _one(spelled: re.Match[str]) -> str:
    """The letter in one code point; as it is spelled if there is none."""
    letter = unicodedata.normalize("NFC", spelled[0])
    return letter if len(letter) == 1 else spelled[0]


def composed(text: str) -> str:
    """The text with these letters in one code point each; the object itself where it has none."""
    if text.isascii() or not places_of(MARKS, text):
        return text
    shown = _SPELLED.sub(_one, text)
    return shown if len(shown) < len(text) else text


def places_of_composed(text: str) -> array[int]:
    """Where the marks stand that `composed` takes up into the letter before them, ascending."""
    found: array[Any] = array("q")
    if places_of(MARKS, text):
        for spelled in _SPELLED.finditer(text):
            if len(_one(spelled)) == 1:
                found.extend(range(spelled.start() + 1, spelled.end()))
    return found
