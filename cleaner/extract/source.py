"""The source of a page before it is parsed: invisible parts are removed, and the depth of its elements is estimated."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import product
from typing import Any, Final

import numpy as np

_HIDDEN: Final = dict.fromkeys((b"!--", b"script", b"style", b"noembed", b"noframes"), True) | dict.fromkeys(
    (b"svg", b"noscript", b"template", b"iframe", b"select", b"annotation"), False
)
"""Elements (and comments) that hold no text of the page; whether one leaves no gap between what stands around it, and
without its end hides the rest of the page too, as in browsers."""
_TEXT: Final = (b"title", b"textarea")
"""Elements that hold text alone: what looks like a tag there is none."""
_FOREIGN: Final = (b"svg", b"annotation")
"""Elements that "/>" closes at once; in a page that is XML it closes any."""

_LETTERS: Final = 3
"""Letters of such a name that are searched for; no two share them."""
_NAME: Final = re.compile(rb"<(/?)(!--|(?:%s)(?![a-z0-9-]))" % b"|".join([*_HIDDEN, *_TEXT][1:]), re.IGNORECASE)
_COMMENT: Final = re.compile(rb"<!--(?:-?>|.*?--!?>)", re.DOTALL)
_EMPTY: Final = re.compile(rb"[^<>]*/>")
_SHADOW: Final = re.compile(rb"[^>]{0,200}?\sshadowroot(?:mode)?\s*=", re.IGNORECASE)
"""What the name of a template is followed by that browsers display, in the place of the element round it."""
_XML: Final = re.compile(rb"\s*<\?xml\s")


@cache
def _automaton() -> tuple[Any, list[tuple[bytes, bool]]]:
    """Searches for all that may open or close a hidden element, or one of text, in any case; and name and kind of each
    literal."""
    import ahocorasick_rs

    literals: dict[bytes, tuple[bytes, bool]] = {}
    for name in (*_HIDDEN, *_TEXT):
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
    xml = _XML.match(page) is not None
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
            if waiting not in _TEXT:
                end = page.find(b">", mark.end()) + 1 or len(page)
            waiting = b""
            continue
        if closing:
            continue
        if name == b"!--":
            kept.append(page[end:at])
            comment = _COMMENT.match(page, at)
            end = comment.end() if comment else len(page)
        elif (xml or name in _FOREIGN) and (empty := _EMPTY.match(page, mark.end())):
            kept += page[end:at], _gap(name)
            end = empty.end()
        elif name in _TEXT:
            waiting = name
        elif name != b"template" or not _SHADOW.match(page, mark.end()):
            if not _HIDDEN[name] and name not in last:
                last[name] = _last_closing(page, marks, name)
            if last.get(name, len(page)) >= at:
                kept += page[end:at], _gap(name)
                waiting, end = name, mark.end()
    if not waiting or waiting in _TEXT:
        kept.append(page[end:])
    return b"".join(kept)


def _gap(name: bytes) -> bytes:
    return b"" if _HIDDEN.get(name, True) else b" "


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
    they nest. Elements whose closing tags are often left out do not count, nor do closing tags of what is not open.
    """
    if np.count_nonzero(np.frombuffer(page, dtype=np.uint8) == 60) < _MANY:
        return 0
    depth = 0
    opened: Counter[bytes] = Counter()
    for closing, name in _TAG.findall(visible(page)):
        name = name.lower()
        if name in _LOOSE or (closing and not opened[name]):
            continue
        step = -1 if closing else 1
        opened[name] += step
        depth += step
        if depth > enough:
            break
    return depth
