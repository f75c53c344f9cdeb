"""A parsed page as a table of its lines: the text of each, and what the markup round it says.

The page comes as serialised by an HTML5 parser, so tags are balanced, names lower-case and attributes double-quoted.
That makes the tree a matter of counting: everything below is arithmetic on the positions of the tags, with no step
of Python per node.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

_INLINE, _LINE, _PARAGRAPH, _CELL = 0, 1, 2, 3
_BREAKS: Final = {
    _LINE: "div li br dt dd tr form option button center legend label caption address nav header footer summary main "
    "tbody thead tfoot figcaption body video audio input textarea",
    _PARAGRAPH: "p h1 h2 h3 h4 h5 h6 ul ol dl blockquote pre table figure section article aside hr details fieldset",
    _CELL: "td th",
}
_VOID: Final = "area base br col embed hr img input link meta param source track wbr"
_OTHERS: Final = "a b strong i em u small sub sup code span time cite q font s del ins mark abbr picture object"
_NAMES: Final = sorted(
    {name for names in (*_BREAKS.values(), _VOID, _OTHERS) for name in names.split()}
)


def _code(name: str) -> int:
    return int.from_bytes(name.encode()[:8].ljust(8, b"\0"), "little")


TAGS: Final = sorted({_code(name): name for name in _NAMES}.items())
"""Known tag names by the number that their first eight bytes make; the place in this list is the tag's id."""

_CODES: Final = np.array([code for code, _ in TAGS], dtype=np.uint64)
ID: Final = {name: i for i, (_, name) in enumerate(TAGS)}
UNKNOWN: Final = len(TAGS)


def ids(names: str) -> npt.NDArray[np.bool_]:
    """Table by tag id: is it one of ``names``?"""
    table = np.zeros(len(TAGS) + 1, dtype=bool)
    table[[ID[name] for name in names.split()]] = True
    return table


_BREAK: Final = np.zeros(len(TAGS) + 1, dtype=np.uint8)
for _kind, _of in _BREAKS.items():
    for _name in _of.split():
        _BREAK[ID[_name]] = _kind
_IS_VOID: Final = ids(_VOID)

_BLANK: Final = np.arange(256, dtype=np.uint8)
_BLANK[[9, 10, 11, 12, 13, 28, 29, 30, 31]] = 32
_BLANK[0] = 32

_TAG: Final = re.compile(rb'</?[a-z][^\s>]*(?:\s+[^\s=>]+="[^"]*")*\s*>')


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of a page in their order; all columns have one entry a tag."""

    start: Ints
    """Byte at which the tag begins."""
    end: Ints
    """Byte behind its ">"."""
    name: Ints
    """Tag id, UNKNOWN where the name is none of TAGS."""
    closing: npt.NDArray[np.bool_]
    depth: Ints
    """Depth of the element that the tag opens or closes."""
    match: Ints
    """For an opening tag the place of its closing one; for any other its own."""


class Unbalanced(ValueError):
    """The markup is not what a serialiser writes."""


def find_tags(page: bytes) -> Tags:
    """The tags of a serialised page. Raises Unbalanced."""
    data = np.frombuffer(page, dtype=np.uint8)
    start, end = _spans(page, data)
    words: npt.NDArray[np.uint64] = np.ndarray((len(page) - 7,), dtype="<u8", buffer=data.data, strides=(1,))
    closing = data[start + 1] == 47
    name = _names(words[np.minimum(start + 1 + closing, len(page) - 8)])
    opening = ~(closing | _IS_VOID[name])
    step = opening.astype(np.int64) - closing
    depth = np.cumsum(step) + closing
    match = np.arange(len(start))
    paired = np.flatnonzero(opening | closing)
    order = paired[np.argsort(depth[paired], kind="stable")]
    first, last = order[0::2], order[1::2]
    if len(first) != len(last) or closing[first].any() or not closing[last].all():
        raise Unbalanced
    match[first] = last
    return Tags(start, end, name, closing, depth, match)


def _spans(page: bytes, data: npt.NDArray[np.uint8]) -> tuple[Ints, Ints]:
    """Where tags begin and end. A ">" or "<" within a quoted attribute value belongs to it."""
    lt = np.flatnonzero(data == 60)
    lt = lt[lt < len(page) - 1]
    after = data[lt + 1]
    lt = lt[((after >= 97) & (after <= 122)) | (after == 47)]
    gt = np.flatnonzero(data == 62)
    if not len(lt) or not len(gt):
        raise Unbalanced
    place = np.searchsorted(gt, lt)
    if place[-1] == len(gt):
        raise Unbalanced
    end = gt[place]
    quotes = np.flatnonzero(data == 34)
    odd = (np.searchsorted(quotes, end) - np.searchsorted(quotes, lt)) & 1
    if odd.any() or (lt[1:] <= np.maximum.accumulate(end)[:-1]).any():
        lt, end = _one_by_one(page, lt, end, odd)
    return lt, end + 1


def _one_by_one(page: bytes, lt: Ints, end: Ints, odd: Ints) -> tuple[Ints, Ints]:
    """Tags in their order, without what only looks like one inside another's attribute."""
    starts, ends, reach = [], [], -1
    for a, b, unsure in zip(lt.tolist(), end.tolist(), odd.tolist(), strict=True):
        if a <= reach:
            continue
        if unsure:
            tag = _TAG.match(page, a)
            if not tag:
                raise Unbalanced
            b = tag.end() - 1
        starts.append(a)
        ends.append(b)
        reach = b
    return np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64)


def _names(words: npt.NDArray[np.uint64]) -> Ints:
    """Tag ids of names given as their first eight bytes: what stands before the first blank, "/" or ">"."""
    ones, highs = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
    stop = np.zeros_like(words)
    for byte in (32, 62, 47, 10, 9):
        x = words ^ (ones * np.uint64(byte))
        stop |= (x - ones) & ~x & highs
    lowest = stop & (~stop + np.uint64(1))
    name = words & np.where(stop == 0, ~np.uint64(0), (lowest >> np.uint64(7)) - np.uint64(1))
    place = np.minimum(np.searchsorted(_CODES, name), len(TAGS) - 1)
    return np.where(_CODES[place] == name, place, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a page: as text, and where they lie among its tags."""

    text: list[str]
    gap: npt.NDArray[np.bool_]
    """Whether a blank line stands before the line."""
    tag: Ints
    """Place of the last tag before the first character of the line."""
    size: Ints
    """Length in bytes of ``stream``."""
    begin: Ints
    """Byte of ``stream`` at which the line begins."""
    stream: npt.NDArray[np.uint8]
    """The text of the page as one row of bytes, character references left as they are."""
    at: Ints
    """For each tag: bytes of ``stream`` before it."""
    tag_line: Ints
    """For each tag: number of lines that began before it."""


def find_lines(page: bytes, tags: Tags) -> Lines:
    """The lines that the tags of a page cut its text into: blanks collapsed, empty lines left out."""
    data = np.frombuffer(page, dtype=np.uint8)
    out = _BLANK[data]
    pre = np.flatnonzero((tags.name == ID["pre"]) & ~tags.closing)
    for i in pre.tolist():
        a, b = tags.end[i], tags.start[tags.match[i]]
        out[a:b][data[a:b] == 10] = 10
    brk = _BREAK[tags.name]
    is_line = (brk == _LINE) | (brk == _PARAGRAPH)
    edges = np.empty(2 * len(tags.start) + 1, dtype=np.int64)
    edges[0], edges[1::2], edges[2::2] = 0, tags.start, tags.end
    keep = np.repeat(np.arange(len(edges)) % 2 == 0, np.diff(edges, append=len(page)))
    # A tag that breaks the line leaves one byte behind.
    out[tags.start[is_line]] = 10
    out[tags.start[brk == _CELL]] = 32
    keep[tags.start[brk > 0]] = True
    where = np.flatnonzero(keep)
    text = out[where]
    for _ in range(2):  # blanks before blanks or line ends, then blanks and line ends after line ends
        blank, line = text == 32, text == 10
        either = blank | line
        drop = np.zeros(len(text), dtype=bool)
        drop[:-1] = blank[:-1] & either[1:]
        drop[1:] |= either[1:] & line[:-1]
        where, text = where[~drop], text[~drop]
    line_ends = np.flatnonzero(text == 10)
    starts = np.concatenate(([0], line_ends + 1))
    joined = text.tobytes().decode("utf-8", "replace")
    joined = joined.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    rows = [row.strip() for row in joined.split("\n")]
    full = [i for i, row in enumerate(rows) if row]
    if not full:
        empty = np.zeros(0, dtype=np.int64)
        return Lines([], empty.astype(bool), empty, empty, empty, text, empty, empty)
    starts = np.append(starts, len(text) + 1)
    size = (starts[1:] - starts[:-1] - 1)[full]
    first = where[np.minimum(starts[:-1][full], len(where) - 1)]
    # A line may begin with the blank that a cell or a link left: the tag that counts is before its first real byte.
    first += out[first] == 32
    tag = np.searchsorted(tags.start, first, side="right") - 1
    at = np.searchsorted(where, tags.start)
    wide = np.flatnonzero(brk == _PARAGRAPH)
    gap = np.diff(np.searchsorted(wide, tag, side="right"), prepend=0) > 0
    begin, before = starts[:-1][full], np.searchsorted(first, tags.start)
    return Lines([rows[i] for i in full], gap, tag, size, begin, text, at, before)


def tag_table(tags: Tags, of: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    """For each tag: within how many elements it lies whose opening tag is in ``of`` (one column a kind)."""
    step = np.zeros((len(tags.start), of.shape[1]), dtype=np.int32)
    rows, cols = np.nonzero(of & (tags.match > np.arange(len(tags.match)))[:, None])
    step[rows, cols] = 1
    np.subtract.at(step, (tags.match[rows], cols), 1)
    return np.cumsum(step, axis=0, dtype=np.int32)


def block_tags(tags: Tags) -> npt.NDArray[np.bool_]:
    """Which tags belong to elements that make blocks (and so can contain lines)."""
    return (_BREAK[tags.name] > 0) & ~_IS_VOID[tags.name]
