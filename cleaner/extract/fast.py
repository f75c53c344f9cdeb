"""The fast path: Resiliparse's parser, the lines of the page, and a fitted judgement of each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner.extract import scorer
from cleaner.extract.features import ROW, Floats, Page, measure
from cleaner.extract.markup import Ints
from cleaner.extract.source import visible

THRESHOLD: Final = -400
"""Score, in thousandths of log-odds, from which a line is kept: the best shingle F1 in cross-validation by host."""

HINTS: Final = (
    "level",
    "link",
    "depth",
    *(f"in_{name}" for name in ("nav", "aside", "footer", "header", "form", "figure", "table", "list", "quote", "p")),
    *(f"below_{name}" for name in ("comment", "related", "share", "signup", "author", "caption", "ad")),
)
"""Columns that go on with the text, for rules to name."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an extractor found on a page."""

    text: str
    title: str | None = None
    author: str | None = None
    date: str | None = None
    lang: str | None = None
    url: str | None = None
    hints: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """A page as its lines, and the title in its head."""

    page: Page
    title: str


def lines_of(utf8: bytes) -> Read:
    """The lines of a page, given as UTF-8, with what can be measured about them. Raises Unbalanced."""
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse_from_bytes(visible(utf8), errors="replace")
    body, title = tree.body, (tree.title or "").strip()
    html = body.html.encode("utf-8", "replace") if body is not None else b"<body></body>"
    return Read(measure(html, title), title)


def find(utf8: bytes) -> Found:
    """The text of a page, given as UTF-8, with what it says about itself. An empty text where none was found.

    Raises Unbalanced.
    """
    read = lines_of(utf8)
    lines, values = read.page.lines, read.page.values
    if not lines.text:
        return Found("")
    kept = np.flatnonzero(scorer.load().score(values) >= THRESHOLD)
    text, rows = compose(lines.text, lines.gap, kept)
    told = head_of(utf8)
    hints: dict[str, list[float]] = {}
    for name in HINTS if len(kept) else ():
        column = np.zeros(rows[-1] + 1)
        column[rows] = values[ROW[name], kept]
        hints[name] = column.tolist()
    title = _headline(lines.text, values, read.title) or told.get("title") or read.title or None
    return Found(text, title, told.get("author"), told.get("date"), told.get("lang"), told.get("url"), hints)


def _headline(lines: list[str], values: Floats, title: str) -> str | None:
    """The page's first heading of the first level that its title holds."""
    headings = np.flatnonzero((values[ROW["level"]] == 1) & (values[ROW["titled"]] > 0))
    return lines[headings[0]] if len(headings) else None


def compose(lines: list[str], gap: npt.NDArray[np.bool_], kept: Ints) -> tuple[str, list[int]]:
    """The kept lines as one text, with a blank line where the page parts paragraphs; and the row of each in it."""
    gaps = np.concatenate(([0], np.cumsum(gap)))
    # A paragraph that began on a line that went still parts what stays.
    wide = np.diff(gaps[kept + 1], prepend=gaps[kept[:1] + 1]) > 0
    parts = [("\n\n" if far else "\n") + lines[i] for i, far in zip(kept.tolist(), wide.tolist(), strict=True)]
    rows = np.cumsum(1 + wide) - 1
    return "".join(parts)[1:], rows.tolist()


_HEAD: Final = 1 << 16
_LANG: Final = re.compile(rb"(?i)<html[^>]{0,400}?\slang\s*=\s*[\"']?([a-z]{2,3}(?:[-_][a-z0-9]{2,8})*)")
_META: Final = re.compile(rb"(?i)<(?:meta|link)\s[^>]{1,2000}>")
_PAIR: Final = re.compile(rb"(?i)\b(name|property|itemprop|rel|content|href)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_TOLD: Final = {
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
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def head_of(utf8: bytes) -> dict[str, str]:
    """What the head of a page says about it: title, author, date (ISO 8601), lang, url.

    Of several words on one thing the first counts.
    """
    from html import unescape

    head = utf8[: min(_HEAD, 1 + utf8.find(b"</head>") or _HEAD)]
    found: dict[str, str] = {}
    lang = _LANG.search(head)
    if lang:
        found["lang"] = lang.group(1).decode("ascii").replace("_", "-")
    for tag in _META.findall(head):
        pairs = {name.lower(): a or b for name, a, b in _PAIR.findall(tag)}
        key = pairs.get(b"name") or pairs.get(b"property") or pairs.get(b"itemprop") or pairs.get(b"rel") or b""
        what = _TOLD.get(key.lower())
        value = unescape((pairs.get(b"content") or pairs.get(b"href") or b"").decode("utf-8", "replace")).strip()
        if what == "date":
            date = _DATE.match(value)
            value = date.group() if date else ""
        elif what in ("author", "url") and value.startswith("http") != (what == "url"):
            continue
        if what and value:
            found.setdefault(what, value)
    return found
