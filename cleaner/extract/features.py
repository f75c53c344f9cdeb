"""What can be measured about each line of a page: its letters, its tags, its containers and its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cleaner.extract.classes import CLASSES, class_evidence
from cleaner.extract.markup import ID, Ints, Lines, Tags, block_tags, find_lines, find_tags, ids, tag_table

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[Any]
"""One row a feature, one column a line."""

_WITHIN: Final = {
    "nav": "nav",
    "aside": "aside",
    "footer": "footer",
    "header": "header",
    "form": "form button label fieldset",
    "figure": "figure figcaption picture",
    "table": "table",
    "article": "article",
    "main": "main",
    "list": "ul ol dl",
    "quote": "blockquote",
    "p": "p",
    "heading": "h1 h2 h3 h4 h5 h6",
    "code": "pre code",
    "details": "details",
    "strong": "b strong",
    "section": "section",
}
"""Elements in which a line may lie, by the name of the feature."""

_KINDS: Final = np.stack([ids(names) for names in _WITHIN.values()], axis=1)
_P: Final = list(_WITHIN).index("p")
_HEADING: Final = list(_WITHIN).index("heading")
_BODY: Final = ids("body main")
_LEVEL: Final = np.zeros(len(_KINDS), dtype=np.int64)
for _n in range(1, 7):
    _LEVEL[ID[f"h{_n}"]] = _n
_KIND: Final = np.zeros(len(_KINDS), dtype=np.int64)
for _k, _names in enumerate(("div section article main", "p", "li dt dd", "h1 h2 h3 h4 h5 h6", "td th", "br", "a"), 1):
    _KIND[ids(_names)] = _k

_STOPS: Final = frozenset(".!?…。！？؟।")
_CLOSED: Final = frozenset("\"”’'»)]】」』:;：；") | _STOPS

_COUNTED: Final = np.zeros(256, dtype=np.int64)
"""Three counts in one number, 20 bits each: digits, capitals, punctuation within sentences."""
_COUNTED[48:58] = 1
_COUNTED[65:91] = 1 << 20
_COUNTED[[33, 44, 46, 58, 59, 63]] = 1 << 40
_SIZED: Final = np.zeros(256, dtype=np.int64)
"""Two counts in one number: letters, and half blanks. A letter of three bytes from U+2E80 counts as three letters and
half a word, as it says about as much."""
_SIZED[:128] = _SIZED[192:] = 1
_SIZED[226:238] = 3
_SIZED[227:238] += 1 << 32
_SIZED[32] += 2 << 32

_ROUND: Final = 7
"""Containers looked at for each line: five upwards from its own block, two downwards from the page's main element."""
AROUND: Final = (*(f"up{n}" for n in range(5)), "part", "part2")
_CONTAINER: Final = ("chars", "share", "rows", "good", "good_share", "link", "p", "nth")
_NEAR: Final = ("chars", "link", "kind", "stop", "small", "level", "up1_good", "in_list", "own_content")
_REACHES: Final = (3, 8, 20)

FEATURES: Final[tuple[str, ...]] = (
    *("chars", "words", "word_length", "digits", "capitals", "marks", "marks_share", "small", "closed", "stop"),
    *("colon", "letter_first", "upper_first", "bars", "link"),
    *(f"in_{name}" for name in _WITHIN),
    *("level", "kind", "after_close", "depth", "tags_before", "img_before"),
    *("since_heading", "last_level", "to_heading"),
    *(f"{where}_{what}" for what in _CONTAINER for where in AROUND),
    *("main", "main_side", "main_below", "main_chars", "main_good"),
    *(f"{scope}_{name}" for scope in ("class", "below", "own") for name in CLASSES),
    *("nth", "nth_share", "place", "good_before", "page_lines", "page_chars", "page_good", "said", "titled"),
    "since_h1",
    *(f"{name}{by:+d}" for by in (-1, 1, -2, 2) for name in _NEAR),
    *(f"{what}{reach}" for reach in _REACHES for what in ("text~", "links~", "text<", "text>")),
)
"""Names of the rows that `measure` gives."""

ROW: Final = {name: row for row, name in enumerate(FEATURES)}


@dataclass(frozen=True, slots=True)
class Page:
    """A page as its lines and what was measured about them."""

    lines: Lines
    values: Floats
    """FEATURES × lines."""


def measure(html: bytes, title: str = "") -> Page:
    """The lines of a serialised page with their features. Raises Unbalanced."""
    tags = find_tags(html)
    lines = find_lines(html, tags)
    count = len(lines.text)
    if not count:
        return Page(lines, np.zeros((len(FEATURES), 0), dtype=np.float32))
    values = np.empty((len(FEATURES), count), dtype=np.float32)
    at = 0

    def add(*blocks: Rows | Sequence[Rows]) -> None:
        nonlocal at
        for block in blocks:
            values[at : at + len(block)] = block
            at += len(block)

    link = _covered(tags, lines, tags.name == ID["a"])
    add(_letters(lines), [link])
    chars = values[ROW["chars"]].astype(np.int64)
    inside = tag_table(tags, _KINDS[tags.name])[lines.tag].T
    add(np.minimum(inside, 3), _headings(tags, lines, inside[_HEADING]))
    good = np.where((chars > 50) & (link < 0.4), np.where(values[ROW["closed"]] > 0, chars, chars // 3), 0)
    good = np.where(inside[_P] > 0, good, good // 2)
    sums = np.stack((chars, good, (link * chars).astype(np.int64), chars * (inside[_P] > 0)))
    add(*_containers(html, tags, lines, sums))
    add(_place(chars, good, lines, title, values[ROW["level"]]))
    near = values[[ROW[name] for name in _NEAR]]
    add(*(_shifted(near, by) for by in (-1, 1, -2, 2)))
    text = np.minimum(values[ROW["chars"]], 400) * (1 - link) * (0.3 + 0.7 * values[ROW["stop"]])
    add(_surroundings(text.astype(np.float64), link > 0.5))
    return Page(lines, values)


def _letters(lines: Lines) -> Rows:
    text, stream, begin, ends = lines.text, lines.stream, lines.begin, lines.begin + lines.size
    count = len(text)
    counts = _between(_COUNTED[stream], begin, ends)
    sizes = _between(_SIZED[stream], begin, ends)
    chars = np.maximum(sizes & 0xFFFFFFFF, 1)
    words = (sizes >> 33) + 1
    small = np.zeros(len(stream), dtype=np.int64)
    small[1:] = (stream[:-1] == 32) & (((stream[1:] >= 97) & (stream[1:] <= 122)) | (stream[1:] >= 128))
    capitals, marks = counts >> 20 & 0xFFFFF, counts >> 40
    last, first = [row[-1] for row in text], [row[0] for row in text]
    out = np.empty((14, count), dtype=np.float64)
    out[0], out[1], out[2] = chars, words, chars / words
    out[3], out[4], out[5], out[6] = (counts & 0xFFFFF) / chars, capitals / words, marks, marks / words
    out[7] = _between(small, begin, ends) / words
    out[8], out[9], out[10] = [c in _CLOSED for c in last], [c in _STOPS for c in last], [c == ":" for c in last]
    out[11], out[12] = [c.isalpha() for c in first], [c.isupper() for c in first]
    out[13] = ["|" in row or "©" in row or "»" in row for row in text]
    return out


def _between(what: Rows, begin: Ints, ends: Ints) -> Ints:
    """Sums of ``what`` over half-open ranges."""
    total = np.empty(len(what) + 1, dtype=np.int64)
    total[0] = 0
    np.cumsum(what, out=total[1:])
    sums: Ints = total[ends] - total[begin]
    return sums


def _covered(tags: Tags, lines: Lines, of: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Share of each line that lies within elements of the given kind (which do not nest)."""
    opens = np.flatnonzero(of & (tags.match > np.arange(len(of))))
    if not len(opens):
        return np.zeros(len(lines.text))
    edges = np.stack((lines.at[opens], lines.at[tags.match[opens]]), axis=1).ravel()
    sums = np.zeros(len(edges), dtype=np.int64)
    sums[1::2] = np.cumsum(edges[1::2] - edges[::2])
    sums[2::2] = sums[1:-1:2]
    a, b = np.interp(lines.begin, edges, sums), np.interp(lines.begin + lines.size, edges, sums)
    share: npt.NDArray[np.float64] = np.minimum((b - a) / np.maximum(lines.size, 1), 1)
    return share


def _headings(tags: Tags, lines: Lines, in_heading: Rows) -> Rows:
    count = len(lines.text)
    opening = np.where(tags.closing, 0, _LEVEL[tags.name])
    last = np.maximum.accumulate(np.where(opening > 0, np.arange(len(opening)), 0))[lines.tag]
    level = np.where(in_heading > 0, opening[last], 0)
    images = np.cumsum(tags.name == ID["img"])
    nth = np.arange(count)
    head = np.maximum.accumulate(np.where(level > 0, nth, -1))
    following = np.minimum.accumulate(np.where(level > 0, nth, count)[::-1])[::-1]
    return np.stack((
        level,
        _KIND[tags.name[lines.tag]],
        tags.closing[lines.tag],
        tags.depth[lines.tag],
        np.minimum(np.diff(lines.tag, prepend=0), 60),
        np.minimum(np.diff(images[lines.tag], prepend=0), 5),
        np.minimum(nth - head, 200),
        np.where(head >= 0, level[np.maximum(head, 0)], 7),
        np.minimum(following - nth, 200),
    ))  # fmt: skip


def _containers(html: bytes, tags: Tags, lines: Lines, sums: Ints) -> tuple[Rows, Rows, Rows, Rows, Rows]:
    """Features of the elements round a line, from its own block upwards, and of the page's main element.

    ``sums`` has four rows: of each line its characters, those of good text, in links, in paragraphs.
    """
    block = block_tags(tags)
    opens = np.flatnonzero(block & (tags.match > np.arange(len(block))))
    step = np.zeros(len(block), dtype=np.int64)
    step[opens] = 1
    step[tags.match[opens]] = -1
    level = np.cumsum(step)
    big = len(block) + 1
    ranked = opens[np.argsort(level[opens], kind="stable")]
    keys = level[ranked] * big + ranked

    def ancestors(depths: Rows) -> Ints:
        """For each line the opening tag of the element at that depth in which it lies."""
        found: Ints = ranked[np.maximum(np.searchsorted(keys, depths * big + lines.tag, side="right") - 1, 0)]
        return found

    totals = np.zeros((4, sums.shape[1] + 1), dtype=np.int64)
    np.cumsum(sums, axis=1, out=totals[:, 1:])
    all_good, all_chars = max(1, int(totals[1, -1])), max(1, int(totals[0, -1]))

    held = totals[1][lines.tag_line[tags.match[opens]]] - totals[1][lines.tag_line[opens]]
    main = _main_element(opens, held, level, all_good)
    depth, here = int(level[main]), level[lines.tag]
    inside = (lines.tag >= main) & (lines.tag < tags.match[main])
    depths = np.stack((
        *(np.maximum(here - up, 1) for up in range(5)),
        *(np.where(inside, np.minimum(depth + down, here), 1) for down in (1, 2)),
    ))  # fmt: skip
    element = ancestors(depths)
    first, stop = lines.tag_line[element], lines.tag_line[tags.match[element]]
    chars, good, link, in_p = (row[stop] - row[first] for row in totals)
    rows, some = stop - first, np.maximum(chars, 1)
    nth = (np.arange(len(here)) - first) / np.maximum(rows, 1)
    around = (chars, chars / all_chars, rows, good / all_good, good / some, link / some, in_p / some, nth)
    mains = np.empty((5, len(here)))
    mains[0], mains[1] = inside, np.sign(np.where(inside, 0, lines.tag - main))
    mains[2] = np.where(inside, here - depth, -1)
    mains[3] = totals[0][lines.tag_line[tags.match[main]]] - totals[0][lines.tag_line[main]]
    mains[4] = held[np.searchsorted(opens, main)] / all_good

    masks = class_evidence(html, tags)
    spoken = (masks[:, None] >> np.arange(len(CLASSES)) & 1).astype(bool) & ~_BODY[tags.name][:, None]
    counts = tag_table(tags, spoken)
    at_line = counts[lines.tag].T
    below = np.where(inside, np.clip(at_line - counts[main][:, None], 0, 3), -1)
    own = (masks[element[0]] | masks[lines.tag]) >> np.arange(len(CLASSES))[:, None] & 1
    return np.concatenate(around), mains, np.minimum(at_line, 3), below, own


def _main_element(opens: Ints, held: Ints, level: Ints, all_good: int) -> int:
    """The deepest element that holds most of the page's good text."""
    for share in (0.6, 0.4):
        deep = np.flatnonzero(held >= share * all_good)
        if len(deep) > 1:
            return int(opens[deep[np.argmax(level[opens[deep]])]])
    return int(opens[0])


def _place(chars: Ints, good: Ints, lines: Lines, title: str, level: Floats) -> Rows:
    count, key = len(chars), title.casefold()
    nth = np.arange(count)
    seen: dict[str, int] = {}
    for row in lines.text:
        seen[row] = seen.get(row, 0) + 1
    h1 = np.flatnonzero(level == 1)
    out = np.empty((10, count))
    out[0], out[1] = nth, nth / count
    out[2] = (np.cumsum(chars) - chars) / max(1, int(chars.sum()))
    out[3] = (np.cumsum(good) - good) / max(1, int(good.sum()))
    out[4], out[5], out[6] = count, chars.sum(), good.sum()
    out[7] = [seen[row] for row in lines.text]
    out[8] = [len(key) >= len(row) > 8 and row.casefold() in key for row in lines.text]
    out[9] = np.clip(nth - (h1[0] if len(h1) else -1), -50, 300)
    return out


def _shifted(rows: Floats, by: int) -> Floats:
    """Each column with the values of the line ``by`` lines after it; -1 where there is none."""
    out = np.full_like(rows, -1)
    if by > 0:
        out[:, :-by] = rows[:, by:]
    else:
        out[:, -by:] = rows[:, :by]
    return out


def _surroundings(text: npt.NDArray[np.float64], links: npt.NDArray[np.bool_]) -> Rows:
    """How much text and how many link lines stand near each line, before it and behind it."""
    count = len(text)
    sums = np.zeros((2, count + 1))
    np.cumsum((text, links), axis=1, out=sums[:, 1:])
    place = np.arange(count)
    out = []
    for reach in _REACHES:
        a, b = np.maximum(place - reach, 0), np.minimum(place + reach + 1, count)
        out += list((sums[:, b] - sums[:, a]) / (b - a))
        out += [(sums[0, place] - sums[0, a]) / reach, (sums[0, b] - sums[0, np.minimum(place + 1, count)]) / reach]
    return np.stack(out)
