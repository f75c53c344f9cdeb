"""The source of a page before it is parsed: XML becomes HTML, invisible parts are removed, and what could take a parser
too long is counted: the depth of elements, and their attributes."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any, Final

import numpy as np

from cleaner.extract.markup import VOID

_HIDDEN: Final = dict.fromkeys((b"!--", b"script", b"style", b"noembed", b"noframes"), True) | dict.fromkeys(
    (b"svg", b"noscript", b"template", b"iframe", b"select"), False
)
"""Elements (and comments) that hold no text of the page. True: one leaves no gap between what stands around it and, if
it is not closed, hides the rest of the page, as in browsers. False: it leaves a blank, and if it is not closed only its
tag goes."""
_NESTED: Final = (b"svg", b"template")
"""Those of them that may hold one another. What such an element holds is read on, as what looks like its end in a
script or a comment is none."""
_TEXT: Final = (b"title", b"textarea")
"""Elements that hold text alone: what looks like a tag there is none."""
_VERBATIM: Final = (b"xmp", b"plaintext")
"""Elements that hold text alone, references and all; nothing ends the second."""
_FOREIGN: Final = b"svg"
"""The element that "/>" closes at once, as it does any within it; in a page that is XML it closes any."""

_SECTION: Final = (b"<![CDATA[", b"]]>")

_LETTERS: Final = 3
"""Letters of such a name that are searched for; no two share them."""
_NAMES: Final = (*_HIDDEN, *_TEXT, *_VERBATIM)
_ENDS: Final = rb"(?![^\s/>])"
"""Nothing else ends the name of a tag: ``<style:page>`` is no ``style``."""
_NAME: Final = re.compile(rb"<(/?)(!--|(?:%s)%s)" % (b"|".join(_NAMES[1:]), _ENDS), re.IGNORECASE)
_ATTRIBUTE: Final = rb"[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"?|'[^']*+'?|[^\s>\"'][^\s>]*+)?)?"
_TAG: Final = re.compile(rb"<[a-z][^\s/>]*+(?:%s)*+" % _ATTRIBUTE, re.IGNORECASE)
"""As much of a tag as there is of its name and its attributes."""
_ANY_TAG: Final = re.compile(rb"<([a-z][^\s/>]*+)((?:%s)*+)(\s*+/>)?" % _ATTRIBUTE, re.IGNORECASE)
"""Any tag, an empty element's or not: what has been read is passed over, so that no page takes quadratic time."""
_ENDLESS: Final = frozenset(VOID.encode().split())
_COMMENT: Final = re.compile(rb"<!--(?:-?>|.*?--!?>)", re.DOTALL)
_EMPTY: Final = re.compile(rb"[^<>]*/>")
_SHADOW: Final = re.compile(rb"[^>]{0,200}?\sshadowroot(?:mode)?\s*=", re.IGNORECASE)
"""What follows the name of a template that browsers display in place of the element around it (a shadow root)."""
_XMP_END: Final = re.compile(rb"</xmp%s" % _ENDS, re.IGNORECASE)
_SCRIPT: Final = re.compile(rb"<!--(-?>)?|-->|<(/?)script(?=[\s/>])", re.IGNORECASE)
_XML: Final = re.compile(rb"\s*<\?xml\s")


@cache
def _automaton() -> tuple[Any, list[tuple[bytes, bool]]]:
    """Searches for all that may open or close an element of _NAMES, in any case; and name and kind of each literal."""
    import ahocorasick_rs

    literals: dict[bytes, tuple[bytes, bool]] = {}
    for name in _NAMES:
        for opening in ("<",) if name == b"!--" else ("<", "</"):
            cases = product(*({letter.lower(), letter.upper()} for letter in name.decode()[:_LETTERS]))
            literals |= {(opening + "".join(case)).encode(): (name, opening == "</") for case in cases}
    automaton = ahocorasick_rs.BytesAhoCorasick(list(literals), implementation=ahocorasick_rs.Implementation.DFA)
    return automaton, list(literals.values())


def as_html(page: bytes) -> bytes:
    """``page``, where it is XML, with what HTML reads otherwise written as HTML has it.

    A CDATA section becomes text: to HTML it is a comment up to the first ">". An empty element gets its closing tag:
    to HTML ``<a id="page-9"/>`` is a link from there on.
    """
    if not _XML.match(page):
        return page
    begin, end = _SECTION
    parts: list[bytes] = []
    at = 0
    while (opened := page.find(begin, at)) >= 0 and (closed := page.find(end, opened)) >= 0:
        parts += page[at:opened], _escaped(page[opened + len(begin) : closed])
        at = closed + len(end)
    return _ANY_TAG.sub(_closed, b"".join((*parts, page[at:])))


def _closed(tag: re.Match[bytes]) -> bytes:
    """The tag, with a closing one where "/>" made the element an empty one, and HTML knows it as one that ends."""
    name, attributes, empty = tag.groups()
    return b"<%s%s></%s>" % (name, attributes, name) if empty and name.lower() not in _ENDLESS else tag[0]


def visible(page: bytes) -> bytes:
    """``page`` without comments, scripts, styles and other elements that hold no text of the page, and with listings
    (``pre``) for what stands there word for word.

    Half of a page is scripts, and what is removed need not be parsed.
    """
    automaton, kinds = _automaton()
    marks = automaton.find_matches_as_indexes(page)
    following = iter(marks)
    kept: list[bytes] = []
    end = 0
    quoted = 0  # what is before it is an attribute's
    xml = _XML.match(page) is not None
    last: dict[bytes, int] = {}
    opened: list[tuple[bytes, int]] = []  # elements of _NESTED, and how much is kept that stands before each
    open_now = dict.fromkeys(_NESTED, 0)
    scripts_end = True
    for which, at, _ in following:
        name, closing = kinds[which]
        mark = _NAME.match(page, at) if at >= max(end, quoted) else None
        if not mark or (quoted := _attributes_end(page, max(end, quoted), at)) > at:
            continue
        if closing:
            if open_now.get(name):
                inner, before = b"", 0
                while inner != name:
                    inner, before = opened.pop()
                    open_now[inner] -= 1
                if before >= 0:
                    del kept[before:]
                    end = _behind(page, mark.end())
        elif name == b"!--":
            kept.append(page[end:at])
            comment = _COMMENT.match(page, at)
            end = comment.end() if comment else len(page)
        elif (xml or name == _FOREIGN or (opened and opened[-1][0] == _FOREIGN)) and (
            empty := _EMPTY.match(page, mark.end())
        ):
            kept += page[end:at], _gap(name)
            end = empty.end()
        elif name in _TEXT:
            _closing(page, following, name, at)
        elif name in _VERBATIM:
            listing, behind = verbatim(page, name, mark.end())
            kept += page[end:at], listing
            end = behind
        else:
            if not _HIDDEN[name] and name not in last:
                closes = _closing(page, reversed(marks), name, at)
                last[name] = closes.start() if closes else -1
            kept += page[end:at], _gap(name)
            if last.get(name, at) < at:
                end = _behind(page, mark.end())
            elif name in _NESTED:
                shown = name == b"template" and _SHADOW.match(page, mark.end())
                opened.append((name, -1 if shown else len(kept)))
                open_now[name] += 1
                end = at
            else:
                begin = mark.end()
                stop = _closing(page, following, name, begin)
                if stop and name == b"script" and scripts_end and page.find(b"<!--", begin, stop.start()) >= 0:
                    closed = script_end(page, begin)
                    scripts_end = closed >= 0
                    if closed > stop.start():
                        stop = _closing(page, following, name, closed)
                end = _behind(page, stop.end()) if stop else len(page)
    kept.append(page[end:])
    return b"".join(kept)


def _closing(page: bytes, marks: Iterator[tuple[int, int, int]], name: bytes, begin: int) -> re.Match[bytes] | None:
    """The first of the marks, from a byte on, that closes an element of that name; those before it are passed over."""
    _, kinds = _automaton()
    for which, at, _ in marks:
        if at >= begin and kinds[which] == (name, True) and (mark := _NAME.match(page, at)):
            return mark
    return None


def _attributes_end(page: bytes, begin: int, at: int) -> int:
    """The end of the attributes of the tag in which a byte stands, as is told from ``begin`` on; ``at``: in none."""
    for last in deque(_TAG.finditer(page, begin, at), maxlen=1):
        tag = _TAG.match(page, last.start())  # the whole of it, with what stands behind the byte
        return max(tag.end(), at) if tag else at
    return at


def _escaped(text: bytes) -> bytes:
    return text.replace(b"&", b"&amp;").replace(b"<", b"&lt;")


def verbatim(page: bytes, name: bytes, at: int) -> tuple[bytes, int]:
    """A listing with the text of the element of that name whose opening tag that byte is in, and where the element
    ends."""
    begin = _behind(page, at)
    closing = _XMP_END.search(page, begin) if name == b"xmp" else None
    text = page[begin : closing.start() if closing else len(page)]
    listing = b"<pre>%s</pre>" % _escaped(text)
    return listing, _behind(page, closing.end()) if closing else len(page)


def script_end(page: bytes, begin: int) -> int:
    """Where the closing tag of the script stands whose text begins at that byte; -1 for none.

    Within ``<!--`` and ``-->`` a script may hold another with its closing tag.
    """
    hidden = inner = False
    for mark in _SCRIPT.finditer(page, begin):
        word = mark.group()
        if word == b"-->" or mark.group(1):
            hidden = inner = False
        elif word == b"<!--":
            hidden = True
        elif not mark.group(2):
            inner = hidden
        elif inner:
            inner = False
        else:
            return mark.start()
    return -1


def _behind(page: bytes, at: int) -> int:
    """Behind the tag in which that byte lies."""
    return page.find(b">", at) + 1 or len(page)


def _gap(name: bytes) -> bytes:
    return b"" if _HIDDEN.get(name, True) else b" "


_RAW: Final = (b"script", b"style")
"""Elements that hold text alone for every parser, whether it runs scripts or not."""
_SINGLE: Final = (b"html", b"body")
"""Elements of which a page has one: what a further tag has of attributes is added to it."""
_READ: Final = re.compile(
    rb"<(?:!--[^>]*+(?:(?<!--)(?<!--!)>[^>]*+)*+"
    rb"|(?:(%s)%s|(%s)%s|[a-z][^\s/>]*+)((?:%s)*+)(?(1)[^<]*+(?:<(?!/\1%s)[^<]*+)*+))"
    % (b"|".join(_RAW), _ENDS, b"|".join(_SINGLE), _ENDS, _ATTRIBUTE, _ENDS),
    re.IGNORECASE,
)
"""A comment; or a tag with its attributes and, where it holds text alone, that text."""
_ATTRIBUTES: Final = re.compile(_ATTRIBUTE)


def attribute_pairs(page: bytes) -> int:
    """How many pairs two attributes of one element make, on the whole page.

    Parsers look for doubles by comparing the name of each attribute with all before it.
    """
    pairs = single = 0
    for read in _READ.finditer(page):
        if read.group(3):
            count = len(_ATTRIBUTES.findall(read.group(3)))
            pairs += count * (count - 1) // 2
            if read.group(2):
                pairs += count * single
                single += count
    return pairs


_MANY: Final = 20_000
_LOOSE: Final = frozenset(
    b"p li td th tr dd dt option area base br col embed hr img input link meta param source track wbr".split()
)
_ANY: Final = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9]*)")


def nesting(page: bytes, enough: int) -> int:
    """About how deep the elements of a page lie within one another; no more than ``enough`` + 1 is counted.

    Looks at the source, before any parser sees it. A page with few tags counts as flat: parsing it is quick however
    they nest. Elements whose closing tags are often left out do not count, nor do closing tags of what is not open.
    """
    if np.count_nonzero(np.frombuffer(page, dtype=np.uint8) == 60) < _MANY:
        return 0
    depth = 0
    opened: Counter[bytes] = Counter()
    for closing, name in _ANY.findall(visible(as_html(page))):
        name = name.lower()
        if name in _LOOSE or (closing and not opened[name]):
            continue
        step = -1 if closing else 1
        opened[name] += step
        depth += step
        if depth > enough:
            break
    return depth
