"""Characters that print nothing, and hide the words that they stand in from every wording."""

from __future__ import annotations

import re
from array import array
from functools import cache
from itertools import chain
from typing import Any, Final

from cleaner.text.speed import compiled_module

native: Any = compiled_module("cleaner.text._invisible")

POPS: Final = "\u202c\u2069"
"""Pop directional formatting, and isolate: they end a stretch of another direction, and without one have no effect."""

INVISIBLE: Final = (
    f"\u00ad\u200b\u2060\ufe0e\ufe0f\ufeff\u061c\u200e\u200f\u202a\u202b\u202d\u202e\u2066\u2067\u2068{POPS}"
)
"""Soft hyphen, zero-width blank, word joiner, variants of pictograms, byte-order mark, marks of direction, and what
sets the direction of a stretch of text, as site software does with each value that it fills in. The two joiners that
Persian, Hindi and pictograms are spelled with (U+200C, U+200D) are letters here."""

_AT_ONCE: Final = 1 << 16
"""Code points of a text that are looked at together: what stands between two of them takes a hundred bytes."""


def printed(text: str) -> str:
    """The text without them, in as many lines; the object itself where it holds none."""
    if text.isascii():
        return text
    shown = "".join(_printed(text[at : at + _AT_ONCE]) for at in range(0, len(text), _AT_ONCE))
    return shown if len(shown) < len(text) else text


def _printed(text: str) -> str:
    """The same for a part of a text."""
    if not (places := places_of_invisible(text)):
        return text
    starts = (place + 1 for place in places)
    return "".join([text[a:b] for a, b in zip(chain((0,), starts), chain(places, (len(text),)), strict=True)])


@cache
def _table(wanted: str) -> bytes:
    """Of each code point of the first plane whether it is one of them."""
    table = bytearray(0x10000)
    for char in wanted:
        table[ord(char)] = 1
    return bytes(table)


@cache
def _pattern(wanted: str) -> re.Pattern[str]:
    return re.compile(f"[{wanted}]")


def places_of(wanted: str, text: str) -> array[int]:
    """Where the text has one of the wanted code points, ascending."""
    if native is not None:
        places: array[int] = native.places(_table(wanted), text)
        return places
    if not any(char in text for char in wanted):  # told many times as fast as by the pattern
        return array("q")
    return array("q", (match.start() for match in _pattern(wanted).finditer(text)))


def places_of_invisible(text: str) -> array[int]:
    """Where they stand, ascending."""
    return places_of(INVISIBLE, text)
