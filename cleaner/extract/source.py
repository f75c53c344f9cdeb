"""The source of a page with what no reader sees taken out: comments, scripts, styles, drawings."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

_HIDDEN: Final = (
    (b"<!--", b"-->", True),
    (b"<script", b"</script", True),
    (b"<style", b"</style", True),
    (b"<svg", b"</svg", False),
    (b"<noscript", b"</noscript", False),
    (b"<template", b"</template", False),
    (b"<iframe", b"</iframe", False),
    (b"<select", b"</select", False),
    (b"<math", b"</math", False),
)
"""Opening, closing, and whether an opening without its closing hides the rest of the page (as browsers do it)."""

_BY_START: Final = {
    int.from_bytes(opening[:4], "little"): (opening, closing, rest) for opening, closing, rest in _HIDDEN
}
_STARTS: Final = np.array(sorted(_BY_START), dtype=np.uint32)


def visible(page: bytes) -> bytes:
    """``page`` without comments, scripts, styles and other elements that hold no text of the page.

    Works on the source, before it is parsed: half of a page is scripts, and what is not there need not be parsed.
    """
    low = page.lower()
    kept: list[bytes] = []
    endless: set[bytes] = set()
    end = 0
    for start in _hidden_starts(low):
        if start < end:
            continue
        opening, closing, hides_rest = _BY_START[int.from_bytes(low[start : start + 4], "little")]
        if closing in endless or not low.startswith(opening, start) or _goes_on(low, start + len(opening)):
            continue
        stop = low.find(closing, start + 4)
        if stop < 0:
            if not hides_rest:
                endless.add(closing)
                continue
            stop = len(page)
        else:
            stop = low.find(b">", stop + 2) + 1 or len(page)
        kept.append(page[end:start])
        end = stop
    kept.append(page[end:])
    return b" ".join(kept)


def _goes_on(low: bytes, end: int) -> bool:
    """Whether the name of a tag is longer than it seemed, as in ``<svg-icon>``."""
    return low[end - 1 : end] != b"-" and (low[end : end + 1].isalnum() or low[end : end + 1] == b"-")


def _hidden_starts(low: bytes) -> list[int]:
    data = np.frombuffer(low + b"\0\0\0\0", dtype=np.uint8)
    opens = np.flatnonzero(data == 60)
    words = np.ndarray((len(low) + 1,), dtype="<u4", buffer=data.data, strides=(1,))[opens]
    return opens[np.isin(words, _STARTS)].tolist()  # type: ignore[no-any-return]


_MANY: Final = 20_000
_LOOSE: Final = frozenset(
    b"p li td th tr dd dt option area base br col embed hr img input link meta param source track wbr".split()
)
_TAG: Final = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9]*)")


def nesting(page: bytes, enough: int) -> int:
    """About how deep the elements of a page lie within one another; no more than ``enough`` + 1 is counted.

    Looks at the source, before a parser is let near it. A page with few tags counts as flat: parsing it is quick
    however they nest. Elements whose closing tags are often left out do not count.
    """
    if page.count(b"<") < _MANY:
        return 0
    depth = 0
    for closing, name in _TAG.findall(page):
        if name.lower() in _LOOSE:
            continue
        depth += -1 if closing else 1
        if depth > enough:
            return depth
        depth = max(depth, 0)
    return depth
