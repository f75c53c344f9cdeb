"""A document as rules see it, and what they take of it at its place in the text that came.

Soft hyphens, zero-width blanks and marks print nothing, stand anywhere within words, and would hide them from every
wording. So rules see a text without them; what stands beside what goes, goes with it, and all else stays. And they see
a letter in one code point, however it is spelled.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from cleaner.document import KNOWN, Document, Removal
from cleaner.text.composed import MARKS, composed, places_of_composed
from cleaner.text.invisible import INVISIBLE, POPS, places_of, places_of_invisible, printed

__all__ = ["as_seen", "in_original", "seen"]

_ENDED: Final = re.compile(f"[{INVISIBLE}]*[{POPS}]")
"""What prints nothing, up to the last that ends a stretch of another direction."""
_LINE_END: Final = re.compile(r"\r?\n|\Z")


def seen(text: str) -> str:
    """The text without what prints nothing, and with its letters in one code point each; the object itself where
    nothing changes."""
    if text.isascii() or not places_of(INVISIBLE + MARKS, text):  # as nearly all texts: one pass tells
        return text
    return printed(composed(text))


def as_seen(document: Document) -> Document:
    """The document with its texts as plain ``str``, which is what compiled loops read (NumPy, lxml and Beautiful Soup
    have kinds of their own), without what prints nothing, its letters in one code point each, and all but the text
    itself in one line; the object itself where nothing changes."""
    texts = ((name, getattr(document, name)) for name in ("text", *KNOWN))
    others: dict[str, Any] = {name: seen(str.__str__(text)) for name, text in texts if text is not None}
    others |= {name: others[name].replace("\n", " ") for name in KNOWN if name in others}
    changed = {name: text for name, text in others.items() if text is not getattr(document, name)}
    return replace(document, **changed) if changed else document


def in_original(removals: Sequence[Removal], came: str) -> tuple[Removal, ...]:
    """Removals of the text that rules have seen, as removals of the text that came. What prints nothing goes with what
    stands behind it, at the end of a line with what stands before it. What ends a stretch of another direction, which
    begins before what goes, stays: else all that follows would be set in that direction."""
    if not removals:  # as marks mostly are: the text need not be searched for them
        return ()
    spelled, came = came, composed(came)
    # of each invisible character, how many visible ones stand before it
    hidden = array("q", (place - n for n, place in enumerate(places_of_invisible(came))))

    done: list[Removal] = []
    before = -1  # where the removal before this one ends, of the text that rules have seen
    for removal in removals:
        side = bisect_right if removal.text[0] == "\n" else bisect_left
        start = removal.start + side(hidden, removal.start)
        end = removal.end + bisect_right(hidden, removal.end)
        if removal.text[-1] == "\n" or not _LINE_END.match(came, end):
            end = removal.end + bisect_left(hidden, removal.end)
        if removal.start != before and came[start - 1 : start] not in ("", "\n"):
            ended = _ENDED.match(came, start, end)
            start = ended.end() if ended else start
        before = removal.end
        done.append(replace(removal, start=start, end=end, text=came[start:end]))
    return tuple(done) if len(came) == len(spelled) else _as_spelled(done, spelled)


def _as_spelled(removals: Sequence[Removal], came: str) -> tuple[Removal, ...]:
    """Removals of a text whose letters are composed, as removals of the text that came: a letter has its marks."""
    taken_up = array("q", (place - n for n, place in enumerate(places_of_composed(came))))

    def spelled(removal: Removal) -> Removal:
        start, end = (at + bisect_right(taken_up, at) for at in (removal.start, removal.end))
        return replace(removal, start=start, end=end, text=came[start:end])

    return tuple(map(spelled, removals))
