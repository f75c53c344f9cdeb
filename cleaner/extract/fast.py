"""The fast path: Resiliparse parses the page, and fitted trees score each of its lines."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner.extract import features, scorer, source
from cleaner.extract.features import ROW, MeasuredPage
from cleaner.extract.head import head_of
from cleaner.extract.markup import Frameset, Ints, PageLines
from cleaner.text.features import MARKUP
from cleaner.text.speed import compiled_module

THRESHOLD: Final = -200
"""Score, in thousandths of log-odds, from which a line is kept: the best shingle F1 in cross-validation by host,
be trafilatura's word added or not."""

_UNSEEN: Final = re.compile(rb"<[!?]")
"""How a comment begins; a serialiser writes each other "<" of the text as a reference."""
_TITLE: Final = 1000
"""Letters of a title that are read; headings are looked for in it."""
_SURE: Final = 3000
"""Score beyond which a line of a list or a listing has no more to say about the others."""
_HEADED: Final = 650
"""What a heading's score gains or loses by what it heads. By a third more or less the figures change by 0.001."""

_chosen: Final = compiled_module("cleaner.extract._source") or source
visible: Final = _chosen.visible
attribute_pairs: Final = _chosen.attribute_pairs
measure: Final = (compiled_module("cleaner.extract._features") or features).measure
_PARTED: Final = ("\n", "\n\n")
_HINT_ROWS: Final = [ROW[name] for name in MARKUP]


@dataclass(frozen=True, slots=True)
class Extraction:
    """What an extractor found on a page."""

    text: str
    title: str | None = None
    author: str | None = None
    date: str | None = None
    lang: str | None = None
    url: str | None = None
    hints: dict[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParsedPage(MeasuredPage):
    """A page as its lines, what was measured about them, and what its head says about it."""

    head: dict[str, str]
    """See `head_of`."""


def parse_page(utf8: bytes) -> ParsedPage:
    """The lines of a page, given as UTF-8, with what can be measured about them. Raises Unbalanced and Frameset."""
    from resiliparse.parse.html import HTMLTree, NodeType

    seen = visible(source.as_html(utf8))
    tree = HTMLTree.parse_from_bytes(seen, errors="replace")
    body, title = tree.body, (tree.title or "").strip()[:_TITLE]
    if body.tag is None:  # a parser adds a body to all pages but those of frames
        raise Frameset
    html = body.html.encode("utf-8", "replace")
    if _UNSEEN.search(html):  # what only a parser takes for a comment: <?xml ?>, <![if]>
        unseen = (NodeType.COMMENT, NodeType.PROCESSING_INSTRUCTION)
        for node in [node for node in body if node.type in unseen]:
            node.decompose()
        html = body.html.encode("utf-8", "replace")
    page, head = measure(html, title), head_of(seen)
    if title:
        head["title"] = _headline(page, title) or head.get("title") or title
    return ParsedPage(page.lines, page.values, head)


def score_lines(parsed: ParsedPage) -> Ints:
    """Score of each line: the log-odds, in thousandths, that it is text."""
    return scorer.load().score(parsed.values)


def adjusted(parsed: ParsedPage, score: Ints) -> Ints:
    """The scores of lines as they depend on one another, as half a listing is of no use, nor half a list, nor a heading
    of nothing.

    - The lines of a list have one score: their mean by length.
    - So have those of a listing, or that of the weaker of its neighbours where that is more: a listing between two
      paragraphs of the text is a part of it.
    - A heading has more where what it heads stays, and less where that goes.
    """
    lines = parsed.lines
    bounded = np.clip(score, -_SURE, _SURE)
    in_list = np.where(lines.listing > 0, 0, lines.in_list)
    settled: Ints = np.where(in_list > 0, _mean(bounded, lines.size, in_list), score)
    if lines.listing.any():
        place = np.arange(len(score))
        plain = lines.listing == 0
        above = np.maximum.accumulate(np.where(plain, place, -1))
        below = np.minimum.accumulate(np.where(plain, place, len(score))[::-1])[::-1]
        around = np.append(np.clip(settled, -_SURE, _SURE), -_SURE)  # beyond the first line and the last is nothing
        weaker = np.minimum(around[above], around[below])
        settled = np.where(plain, settled, np.maximum(_mean(bounded, lines.size, lines.listing), weaker))
    level = parsed.values[ROW["level"]]
    for i in np.flatnonzero(level[:-1]).tolist()[::-1]:
        if not 0 < level[i + 1] <= level[i]:  # else it heads nothing
            settled[i] += _HEADED if settled[i + 1] >= THRESHOLD else -_HEADED
    return settled


def _mean(score: Ints, size: Ints, group: Ints) -> Ints:
    """For each line the mean score of its group, by length."""
    means = np.bincount(group, score * size) / np.maximum(np.bincount(group, size), 1)
    return means.astype(np.int64)[group]


def assemble(parsed: ParsedPage, keep: npt.NDArray[np.bool_], other: Extraction | None = None) -> Extraction:
    """The chosen lines of a page as what was found on it, along with what another extractor found besides text."""
    kept = np.flatnonzero(keep)
    text, rows = compose(parsed.lines, kept)
    hints: dict[str, Sequence[float]] = {}
    if len(kept):
        table = np.zeros((len(MARKUP), rows[-1] + 1), dtype=np.float32)
        table[:, rows] = parsed.values[_HINT_ROWS].take(kept, axis=1)
        hints = {name: array("f", row.tobytes()) for name, row in zip(MARKUP, table, strict=True)}
    if other is not None:
        return replace(other, text=text, hints=hints)
    return Extraction(text, hints=hints, **parsed.head)


def _headline(page: MeasuredPage, title: str) -> str | None:
    """The longest heading of the first level that the page's title holds: a shorter one is the name of the site."""
    key = title.casefold()
    headings = (page.lines.text[i] for i in np.flatnonzero(page.values[ROW["level"]] == 1).tolist())
    return max((line for line in headings if line.casefold() in key), key=len, default=None)


def compose(lines: PageLines, kept: Ints) -> tuple[str, list[int]]:
    """The kept lines as one text, with a blank line where the page parts paragraphs; and the row of each in it."""
    gaps = lines.gap.cumsum()[kept]
    wide = np.zeros(len(kept), dtype=np.int64)
    wide[1:] = gaps[1:] > gaps[:-1]  # a paragraph that began on a line that went still parts what stays
    parts = [_PARTED[far] + lines.text[i] for i, far in zip(kept.tolist(), wide.tolist(), strict=True)]
    rows = (1 + wide).cumsum() - 1
    return "".join(parts)[1:], rows.tolist()
