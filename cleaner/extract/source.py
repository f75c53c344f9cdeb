"""The source of a page, before it is parsed: what no reader sees taken out, and how deep its elements may lie."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np

_HIDDEN: Final = {b"!--": True, b"script": True, b"style": True} | dict.fromkeys(
    (b"svg", b"noscript", b"template", b"iframe", b"select"), False
)
"""Elements (and comments) that hold no text of the page; whether one without its end hides the rest of the page too,
as in browsers."""

_NAME: Final = re.compile(rb"<(/?)(!--|[a-z]+)(?![a-z0-9-])|<!--", re.IGNORECASE)
_WORDS: Final = np.array(
    sorted(
        int.from_bytes((opening + name)[:4], "little")
        for name in _HIDDEN
        for opening in ((b"<",) if name == b"!--" else (b"<", b"</"))
    ),
    dtype=np.uint32,
)
"""First four bytes of what may open or close such an element, in small letters."""


def visible(page: bytes) -> bytes:
    """``page`` without comments, scripts, styles and other elements that hold no text of the page.

    Half of a page is scripts, and what is not there need not be parsed.
    """
    marks = _marks(page)
    last = {(closing, name): at for at, _, closing, name in marks}  # where each kind of mark stands for the last time
    kept: list[bytes] = []
    end, waiting = 0, b""
    for start, stop, closing, name in marks:
        if start < end:
            continue
        if waiting:
            if closing and name == waiting:
                end, waiting = page.find(b">", stop) + 1 or len(page), b""
            continue
        if closing or (not _HIDDEN[name] and last.get((True, name), -1) < start):
            continue
        kept.append(page[end:start])
        if name == b"!--":
            end = page.find(b"-->", start + 2) + 3
            if end < 3:
                end = len(page)
        else:
            waiting, end = name, stop
    if not waiting:
        kept.append(page[end:])
    return b" ".join(kept)


def _marks(page: bytes) -> list[tuple[int, int, bool, bytes]]:
    """Start, end, whether it closes, and name of everything that may open or close a hidden element."""
    if len(page) < 4:
        return []
    data = np.frombuffer(page, dtype=np.uint8)
    opens = np.flatnonzero(data[:-3] == 60)
    words: Any = np.ndarray((len(page) - 3,), dtype="<u4", buffer=data.data, strides=(1,))
    found = opens[np.isin(words[opens] | np.uint32(0x20202000), _WORDS)]
    marks = []
    for at in found.tolist():
        mark = _NAME.match(page, at)
        if mark:
            name = (mark.group(2) or b"!--").lower()
            if name in _HIDDEN:
                marks.append((at, mark.end(), mark.group(1) == b"/", name))
    return marks


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
