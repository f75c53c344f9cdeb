"""A parsed page as a table of its lines: the text of each, and what the markup around it says.

The page comes as serialised by an HTML5 parser, so tags are balanced, names lower-case and attributes double-quoted.
That makes the tree a matter of counting: everything below is arithmetic on the positions of the tags, with no step
of Python per node.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

_INLINE, _LINE, _PARAGRAPH, _CELL = 0, 1, 2, 3
_BREAKS: Final = {
    _LINE: "div li br dt dd tr form option button center legend label caption address nav header footer summary main "
    "tbody thead tfoot figcaption body video audio input textarea",
    _PARAGRAPH: "p h1 h2 h3 h4 h5 h6 ul ol dl blockquote pre listing table figure section article aside hr details "
    "fieldset",
    _CELL: "td th",
}
VOID: Final = "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr"
_OTHERS: Final = "a b strong i em u small sub sup code span time cite q font s del ins mark abbr picture object"
_SILENT: Final = "audio video canvas progress meter datalist annotation title rt rp rtc"
"""Elements that are displayed as something else than what they hold, or not at all; and what is displayed above the
line, as readings are (``rt``), which would stand in the middle of words. Of ``annotation-xml`` too the first eight
letters count."""
_NAMES: Final = sorted({name for names in (*_BREAKS.values(), VOID, _OTHERS, _SILENT) for name in names.split()})


def _code(name: str) -> int:
    return int.from_bytes(name.encode()[:8].ljust(8, b"\0"), "little")


TAGS: Final = sorted({_code(name): name for name in _NAMES}.items())
"""Known tag names by the number that their first eight bytes make; the place in this list is the tag's id."""

ID: Final = {name: i for i, (_, name) in enumerate(TAGS)}
UNKNOWN: Final = len(TAGS)
_SLOTS: Final = 12
"""Bits of a slot's number in the table by which names are looked up."""
_SHIFT: Final = np.uint64(64 - _SLOTS)


def _slotted() -> tuple[np.uint64, npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
    """An odd factor whose products with the tags' codes differ in their first bits; by these bits id and code."""
    codes = np.array([code for code, _ in TAGS], dtype=np.uint64)
    factor = np.uint64(0x9E3779B97F4A7C15)
    while len(set((slots := codes * factor >> _SHIFT).tolist())) < len(codes):
        factor = np.uint64((int(factor) * 0x5851F42D4C957F2D | 1) & (1 << 64) - 1)
    place = np.full(1 << _SLOTS, UNKNOWN, dtype=np.int64)
    place[slots] = np.arange(len(codes))
    return factor, place, np.append(codes, np.uint64(0))


_FACTOR, _PLACE, _CODES = _slotted()


def ids(names: str) -> npt.NDArray[np.bool_]:
    """Table by tag id: is it one of ``names``?"""
    table = np.zeros(len(TAGS) + 1, dtype=bool)
    table[[ID[name] for name in names.split()]] = True
    return table


_BREAK: Final = np.zeros(len(TAGS) + 1, dtype=np.uint8)
for _kind, _of in _BREAKS.items():
    for _name in _of.split():
        _BREAK[ID[_name]] = _kind
_IS_VOID: Final = ids(VOID)
_IS_SILENT: Final = ids(_SILENT)
_IS_LISTING: Final = ids("pre listing")
_IS_LIST: Final = ids("ul ol dl")

_KEPT_BLANK, _KEPT_TAB = 2, 3
_BLANK: Final = np.arange(256, dtype=np.uint8)
"""What becomes of each byte of text: blanks and control characters to blanks."""
_BLANK[:32] = 32
_KEPT: Final = _BLANK.copy()
"""The same within ``pre``: line ends stay, and blanks and tabs become codes until lines are made."""
_KEPT[[10, 32, 9]] = (10, _KEPT_BLANK, _KEPT_TAB)
_CODE: Final = np.array([0, 10, 10, 32], dtype=np.uint8)
"""What a tag is in the text, by the kind of its break."""
_REFERENCES: Final = (("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
"""All that a serialiser writes in text."""

_HIDDEN: Final = re.compile(rb' hidden="')  # a serialiser puts one blank before an attribute and quotes its value
_STYLE: Final = re.compile(rb' style="([^"]*(?i:display)[^"]*)"')
_DISPLAY: Final = re.compile(rb"(?:^|;)\s*display\s*:\s*([^;!\s]*)\s*(!?)", re.IGNORECASE)
_CSS_COMMENT: Final = re.compile(rb"/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/)?")
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

    def __init__(self) -> None:
        super().__init__("the markup cannot be followed")


class Frameset(ValueError):
    """The page has frames in place of a body."""

    def __init__(self) -> None:
        super().__init__("the page is a frameset: its text is in the pages of its frames")


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
    order = paired[np.argsort(depth[paired].astype(np.int32 if depth.max() > 32_000 else np.int16), kind="stable")]
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
    if len(lt) == len(gt) and (lt < gt).all() and (lt[1:] > gt[:-1]).all():
        return lt, gt + 1
    place = np.searchsorted(gt, lt)
    if place[-1] == len(gt):
        raise Unbalanced
    quotes = np.flatnonzero(data == 34)
    odd = (np.searchsorted(quotes, gt[place]) - np.searchsorted(quotes, lt)) & 1
    return _one_by_one(page, lt, gt[place], odd)


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
    return np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64) + 1


def _names(words: npt.NDArray[np.uint64]) -> Ints:
    """Tag ids of names given as their first eight bytes: what stands before the first blank or ">"."""
    ones, highs = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
    stop = np.zeros_like(words)
    for byte in (32, 62):
        x = words ^ (ones * np.uint64(byte))
        stop |= (x - ones) & ~x & highs
    lowest = stop & (~stop + np.uint64(1))
    name = words & np.where(stop == 0, ~np.uint64(0), (lowest >> np.uint64(7)) - np.uint64(1))
    place: Ints = _PLACE[name * _FACTOR >> _SHIFT]
    place[_CODES[place] != name] = UNKNOWN
    return place


@dataclass(frozen=True, slots=True)
class PageLines:
    """The lines of a page."""

    text: list[str]
    gap: npt.NDArray[np.bool_]
    """Whether a blank line stands before the line."""
    size: Ints
    """Length in bytes, character references as written."""
    listing: Ints
    """For each line the number of the listing (``pre``) in which it lies, from 1; 0 for none."""
    in_list: Ints
    """For each line the number of the innermost list (``ul``, ``ol``, ``dl``) in which it lies, from 1; 0 for none."""


@dataclass(frozen=True, slots=True)
class PlacedLines(PageLines):
    """The lines of a page, and where they lie among its tags."""

    tag: Ints
    """Place of the last tag before the first character of the line."""
    begin: Ints
    """Byte of ``stream`` at which the line begins."""
    stream: npt.NDArray[np.uint8]
    """The text of the page as one row of bytes, character references left as they are."""
    at: Ints
    """For each tag: bytes of ``stream`` before it."""
    tag_line: Ints
    """For each tag: number of lines that began before it."""


def find_lines(page: bytes, tags: Tags) -> PlacedLines:
    """The lines that the tags of a page cut its text into: blanks collapsed, empty lines left out."""
    breaks = _BREAK[tags.name]
    listing, in_list = _numbered(tags, _IS_LISTING), _numbered(tags, _IS_LIST)
    text, at = _text(page, tags, _CODE[breaks], listing)
    text, at = _collapsed(text, at)
    parts = [row.strip() for row in _meant(text.tobytes().decode("utf-8", "replace")).split("\n")]
    if len(text) and text.min() < 10:
        parts = [row.replace("\2", " ").replace("\3", "\t").rstrip() for row in parts]
    full = [i for i, row in enumerate(parts) if row]
    if not full:
        none = np.zeros(0, dtype=np.int64)
        return PlacedLines([], none.astype(bool), none, none, none, none, none, text, none, none)
    ends = np.append(np.flatnonzero(text == 10), len(text))
    begin = np.append(0, ends[:-1] + 1)[full]
    # A blank at the beginning stands for a tag: the one that counts is before the first letter.
    tag = np.searchsorted(at, begin + (text[begin] == 32), side="right") - 1
    wide = np.cumsum(breaks == _PARAGRAPH)[tag]
    gap = wide > np.append(0, wide[:-1])
    began = np.bincount(tag, minlength=len(at))
    before = np.cumsum(began) - began
    held = listing[tag], in_list[tag]
    return PlacedLines([parts[i] for i in full], gap, ends[full] - begin, *held, tag, begin, text, at, before)


def _meant(text: str) -> str:
    for reference, meant in _REFERENCES:
        text = text.replace(reference, meant)
    return text


def _numbered(tags: Tags, of: npt.NDArray[np.bool_]) -> Ints:
    """For each tag the number of the innermost element of that kind that it opens or lies in, from 1; 0 for none."""
    number = np.zeros(len(tags.start), dtype=np.int64)
    for i, opening in enumerate(np.flatnonzero(of[tags.name] & ~tags.closing).tolist(), 1):
        number[opening : tags.match[opening]] = i
    return number


def _unseen(page: bytes, tags: Tags) -> npt.NDArray[np.bool_] | None:
    """Which tags open or lie in what is not displayed: a silent element or a part of a line; None where there is none.

    A block that is not displayed stays, and so does what holds one: a click may bring it up, and its lines are judged.
    """
    tag = np.flatnonzero(_IS_SILENT[tags.name] & ~tags.closing)
    places = [found.start() for found in _HIDDEN.finditer(page)]
    places += [found.start() for found in _STYLE.finditer(page) if not_displayed(found.group(1))]
    if places:
        of = np.searchsorted(tags.start, places, side="right") - 1
        breaks = _BREAK[tags.name] > 0
        broken = np.cumsum(breaks)
        inside = broken[tags.match[of]] - broken[of] + breaks[of]
        inline = (tags.end[of] > places) & (tags.match[of] > of) & (inside == 0)
        tag = np.append(tag, of[inline])
    if not len(tag):
        return None
    step = np.zeros(len(tags.start), dtype=np.int64)
    np.add.at(step, tag, 1)
    np.add.at(step, tags.match[tag], -1)
    return np.cumsum(step) > 0


def not_displayed(style: bytes) -> bool:
    """Whether a ``style`` attribute of that value hides its element. As in browsers the last declaration of ``display``
    counts, or the last that is ``!important``."""
    found = _DISPLAY.findall(_CSS_COMMENT.sub(b" ", style))
    values = [value for value, important in found if important] or [value for value, _ in found]
    return bool(values) and values[-1].lower() == b"none"


def _text(page: bytes, tags: Tags, code: npt.NDArray[np.uint8], listing: Ints) -> tuple[npt.NDArray[np.uint8], Ints]:
    """The bytes that are no tag, each tag's code before those behind it; and how many bytes stand before each tag.

    What stands between two tags and is all blanks counts as one blank, or as none behind a tag that breaks the line.
    """
    data = np.frombuffer(page, dtype=np.uint8)
    begin = tags.end
    size = np.append(tags.start[1:], len(page)) - begin
    unseen = _unseen(page, tags)
    if unseen is not None:
        size[unseen] = code[unseen] = 0
    some = np.flatnonzero(size)
    blank = np.zeros(len(size), dtype=bool)
    if len(some):
        edges = np.repeat(begin[some], 2)
        edges[1::2] += size[some]
        edges = edges[:-1] if edges[-1] == len(page) else edges
        blank[some] = np.maximum.reduceat(data, edges)[::2] <= 32
    blank &= listing == 0
    code = np.where(blank & (code == 0), 32, code)
    size = np.where(blank, 0, size)
    lead = code > 0
    size += lead
    stop = np.cumsum(size)
    at = stop - size
    where = np.repeat(begin - lead - at, size) + np.arange(stop[-1])
    raw = data[where]
    text = _BLANK[raw]
    if listing.any():
        kept = np.repeat(listing > 0, size)
        text[kept] = _KEPT[raw[kept]]
    text[at[lead]] = code[lead]
    return text, at


def _collapsed(text: npt.NDArray[np.uint8], at: Ints) -> tuple[npt.NDArray[np.uint8], Ints]:
    """Each run of blanks as one: a line end if it holds one. Offsets ``at`` move along."""
    ends = text == 10
    full = ~(ends | (text == 32))
    keep = np.ones(len(text) + 1, dtype=bool)
    np.logical_or(full[1:], full[:-1], out=keep[1:-1])
    place = np.cumsum(keep, dtype=np.int64)
    kept = text[keep[:-1]]
    kept[place[np.flatnonzero(ends)] - 1] = 10
    return kept, place[at] - keep[at]


def count_inside(tags: Tags, tag: Ints, kind: Ints, kinds: int) -> npt.NDArray[np.int32]:
    """For each kind and tag: within how many elements of that kind it lies.

    Opening tag ``tag[i]`` makes an element of the kind ``kind[i]``; a tag may be said to be of several kinds.
    """
    step = np.zeros((kinds, len(tags.start)), dtype=np.int32)
    step[kind, tag] = 1
    step[kind, tags.match[tag]] = -1
    return np.cumsum(step, axis=1, dtype=np.int32)


def block_tags(tags: Tags) -> npt.NDArray[np.bool_]:
    """Which tags belong to elements that make blocks (and so can contain lines)."""
    return (_BREAK[tags.name] > 0) & ~_IS_VOID[tags.name]
