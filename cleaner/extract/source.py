"""The source of a page before it is parsed: invisible parts are removed, and the depth of its elements is estimated."""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from typing import Any, Final

import numpy as np

_HIDDEN: Final = {b"!--": True, b"script": True, b"style": True} | dict.fromkeys(
    (b"svg", b"noscript", b"template", b"iframe", b"select", b"annotation"), False
)
"""Elements (and comments) that hold no text of the page; whether one without its end hides the rest of the page too,
as in browsers."""

_LETTERS: Final = 3
"""Letters of such a name that are searched for; no two share them."""
_NAME: Final = re.compile(
    rb"<(/?)(!--|(?:script|style|svg|noscript|template|iframe|select|annotation)(?![a-z0-9-]))", re.IGNORECASE
)


@cache
def _automaton() -> tuple[Any, list[tuple[bytes, bool]]]:
    """Searches for all that may open or close a hidden element, in any case; and name and kind of each literal."""
    import ahocorasick_rs

    literals: dict[bytes, tuple[bytes, bool]] = {}
    for name in _HIDDEN:
        for opening in ("<",) if name == b"!--" else ("<", "</"):
            cases = product(*({letter.lower(), letter.upper()} for letter in name.decode()[:_LETTERS]))
            literals |= {(opening + "".join(case)).encode(): (name, opening == "</") for case in cases}
    automaton = ahocorasick_rs.BytesAhoCorasick(list(literals), implementation=ahocorasick_rs.Implementation.DFA)
    return automaton, list(literals.values())


def visible(page: bytes) -> bytes:
    """``page`` without comments, scripts, styles and other elements that hold no text of the page.

    Half of a page is scripts, and what is removed need not be parsed.
    """
    automaton, kinds = _automaton()
    marks = automaton.find_matches_as_indexes(page)
    kept: list[bytes] = []
    end, waiting = 0, b""
    last: dict[bytes, int] = {}
    for which, at, _ in marks:
        if at < end:
            continue
        name, closing = kinds[which]
        if waiting and not (closing and name == waiting):
            continue
        mark = _NAME.match(page, at)
        if not mark:
            continue
        if waiting:
            end, waiting = page.find(b">", mark.end()) + 1 or len(page), b""
            continue
        if not (closing or _HIDDEN[name]) and name not in last:
            last[name] = _last_closing(page, marks, name)
        if closing or last.get(name, len(page)) < at:
            continue
        kept.append(page[end:at])
        if name == b"!--":
            end = page.find(b"-->", at + 2) + 3
            if end < 3:
                end = len(page)
        else:
            waiting, end = name, mark.end()
    if not waiting:
        kept.append(page[end:])
    return b" ".join(kept)


def _last_closing(page: bytes, marks: list[tuple[int, int, int]], name: bytes) -> int:
    """Where the last closing tag of that name stands, or -1."""
    _, kinds = _automaton()
    wanted = (name, True)
    return next((at for which, at, _ in reversed(marks) if kinds[which] == wanted and _NAME.match(page, at)), -1)


_MANY: Final = 20_000
_LOOSE: Final = frozenset(
    b"p li td th tr dd dt option area base br col embed hr img input link meta param source track wbr".split()
)
_TAG: Final = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9]*)")


def nesting(page: bytes, enough: int) -> int:
    """About how deep the elements of a page lie within one another; no more than ``enough`` + 1 is counted.

    Looks at the source, before any parser sees it. A page with few tags counts as flat: parsing it is quick however
    they nest. Elements whose closing tags are often left out do not count.
    """
    if np.count_nonzero(np.frombuffer(page, dtype=np.uint8) == 60) < _MANY:
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
