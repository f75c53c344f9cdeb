"""What the head of a page says about it: title, author, date, language, address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from typing import Any, Final

_HEAD: Final = 1 << 16
_END: Final = re.compile(rb"(?i)<(?:/head|body)(?=[\s/>])")
"""Where the head ends; both tags may be left out, but where both are, nobody can tell."""
_LANG: Final = re.compile(rb"(?i)<html[^>]{0,400}?\slang\s*=\s*[\"']?([a-z]{2,3}(?:[-_][a-z0-9]{2,8})*)")
_STARTS: Final = (b"<meta", b"<link")
_OPEN: Final = re.compile(rb"(?i)<(?:meta|link)(?=[\s/])")
_ATTRIBUTE: Final = re.compile(rb"[\s/]*([^\s/>=]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"'][^\s>]*)))?")
_FIELDS: Final = {
    b"og:title": "title",
    b"twitter:title": "title",
    b"author": "author",
    b"article:author": "author",
    b"parsely-author": "author",
    b"dc.creator": "author",
    b"article:published_time": "date",
    b"datepublished": "date",
    b"date": "date",
    b"dc.date": "date",
    b"parsely-pub-date": "date",
    b"canonical": "url",
    b"og:url": "url",
}
"""What a ``meta`` element of that name, or a ``link`` of that relation, states."""
_DATE: Final = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
"""A day of the calendar; not 0000-00-00, which databases hold where none is known."""


@cache
def _automaton() -> Any:
    import ahocorasick_rs

    return ahocorasick_rs.BytesAhoCorasick(list(_FIELDS), implementation=ahocorasick_rs.Implementation.DFA)


def _described(head: bytes) -> Iterator[dict[bytes, bytes]]:
    """The attributes of the ``meta`` and ``link`` elements that hold a name of _FIELDS, in their order: few of many."""
    small = head.lower()
    starts = dict.fromkeys(
        max(small.rfind(start, 0, at) for start in _STARTS)
        for _, at, _ in _automaton().find_matches_as_indexes(small, overlapping=False)
    )
    end = 0
    for start in starts:
        if start >= end and (tag := _OPEN.match(head, start)):  # what looks like a tag within another is none
            found, end = attributes(head, tag.end())
            yield found


def attributes(head: bytes, at: int) -> tuple[dict[bytes, bytes], int]:
    """Names and values from there to the end of the tag, and where that is; of two with one name the first counts, as
    in browsers."""
    found: dict[bytes, bytes] = {}
    while attribute := _ATTRIBUTE.match(head, at):
        name, *values = attribute.groups(b"")
        found.setdefault(name.lower(), b"".join(values))
        at = attribute.end()
    return found, at


def head_of(utf8: bytes) -> dict[str, str]:
    """What the head of a page says about it: title, author, date (ISO 8601), lang, url.

    If something is stated more than once, the first statement counts.
    """
    ends = _END.search(utf8, 0, _HEAD)
    head = utf8[: ends.start() if ends else _HEAD]
    found: dict[str, str] = {}
    lang = _LANG.search(head)
    if lang:
        found["lang"] = lang.group(1).decode("ascii").replace("_", "-")
    for pairs in _described(head):
        key = pairs.get(b"name") or pairs.get(b"property") or pairs.get(b"itemprop") or pairs.get(b"rel") or b""
        what = _FIELDS.get(key.lower())
        value = unescape((pairs.get(b"content") or pairs.get(b"href") or b"").decode("utf-8", "replace")).strip()
        if what == "date":
            date = _DATE.match(value)
            value = date.group() if date else ""
        elif what in ("author", "url") and value.startswith("http") != (what == "url"):
            continue
        if what and value:
            found.setdefault(what, value)
    return found
