"""What can be measured about each line of a page: its letters, its tags, its containers and its neighbours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cleaner.extract.classes import CLASSES, class_evidence
from cleaner.extract.markup import (
    ID,
    TAGS,
    Ints,
    PageLines,
    PlacedLines,
    Tags,
    Unbalanced,
    block_tags,
    count_inside,
    find_lines,
    find_tags,
    ids,
)
from cleaner.text.counts import running_sums

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

_WHICH: Final = np.full(len(TAGS) + 1, -1, dtype=np.int64)
for _k, _names in enumerate(_WITHIN.values()):
    _WHICH[ids(_names)] = _k
_P: Final = list(_WITHIN).index("p")
_LIST: Final = list(_WITHIN).index("list")
_HEADING: Final = list(_WITHIN).index("heading")
_DOUBTFUL: Final = [
    list(CLASSES).index(name) for name in ("comment", "related", "signup", "side", "foot", "popup", "hidden")
]
"""Groups of class names that seldom stand round the text of a page."""
_BODY: Final = ids("body main")
_LEVEL: Final = np.zeros(len(_WHICH), dtype=np.int64)
for _n in range(1, 7):
    _LEVEL[ID[f"h{_n}"]] = _n
_KIND: Final = np.zeros(len(_WHICH), dtype=np.int64)
for _k, _names in enumerate(("div section article main", "p", "li dt dd", "h1 h2 h3 h4 h5 h6", "td th", "br", "a"), 1):
    _KIND[ids(_names)] = _k

_STOPS: Final = ".!?…。！？؟।"
_CLOSERS: Final = "\"”’'»)]】」』:;：；"
_ENDS: Final = np.zeros(1 << 16, dtype=np.uint8)
"""By code unit: 2 for what ends a sentence, 1 for what else may stand at the end of one."""
_ENDS[[ord(letter) for letter in _CLOSERS]] = 1
_ENDS[[ord(letter) for letter in _STOPS]] = 2

_MORE: Final = np.zeros(256, dtype=np.int64)
"""Letters that a byte counts for beyond one. A letter of three bytes from U+2E80 counts as three, and as half a word,
as it says about as much."""
_MORE[128:192] = -1
_MORE[226:238] = 2
_HALVES: Final = np.zeros(256, dtype=np.int64)
_HALVES[227:238] = 1

_MOST: Final = 0.6
_NEARLY_ALL: Final = 0.85
"""Shares of a page's text in its main element: in what holds most of it, and where sections part it, in what holds
nearly all."""

_HEADLINE_LETTERS: Final = 10
"""Letters from which a heading that stands in the title is the headline; shorter ones are the site's name."""

AROUND: Final = (*(f"up{n}" for n in range(5)), "part", "part2")
"""Containers looked at for each line: five upwards from its own block, two downwards from the page's main element."""
_CONTAINER: Final = ("chars", "share", "rows", "good", "good_share", "link", "p")
STOPPED: Final = (0.3, 1.0)
"""Worth of a line for its neighbours that does not, and that does, end a sentence."""
_REACHES: Final = (3, 8, 20)
_REACH: Final = np.array(_REACHES)[:, None]

FEATURES: Final[tuple[str, ...]] = (
    *("chars", "words", "small", "closed", "stop", "link"),
    *(f"in_{name}" for name in _WITHIN),
    *("level", "kind", "since_heading", "last_level", "to_heading"),
    *(f"{where}_{what}" for what in _CONTAINER for where in AROUND),
    *("main_side", "main_below", "main_chars", "main_good"),
    *("wide_side", "wide_below", "own", "own_below", "own_chars", "own_good", "since_headline"),
    *(f"{scope}_{name}" for scope in ("class", "below") for name in CLASSES),
    *("nth", "nth_share", "place", "good_before", "page_lines", "page_chars", "page_good", "said", "since_h1"),
    *(f"{what}{reach}" for reach in _REACHES for what in ("text~", "links~", "text>")),
)
"""Names of the rows that `measure` gives."""

ROW: Final = {name: row for row, name in enumerate(FEATURES)}


@dataclass(frozen=True, slots=True)
class MeasuredPage:
    """A page as its lines and what was measured about them."""

    lines: PageLines
    values: Floats
    """FEATURES × lines."""


def measure(html: bytes, title: str = "") -> MeasuredPage:
    """The lines of a serialised page of that title with their features. Raises Unbalanced."""
    tags = find_tags(html)
    lines = find_lines(html, tags)
    count = len(lines.text)
    if not count:
        return MeasuredPage(lines, np.zeros((len(FEATURES), 0), dtype=np.float32))
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
    which = np.where(tags.closing, -1, _WHICH[tags.name])
    known = np.flatnonzero(which >= 0)
    inside = count_inside(tags, known, which[known], len(_WITHIN))[:, lines.tag]
    add(np.minimum(inside, 3), _headings(tags, lines, inside[_HEADING]))
    good = np.where((chars > 50) & (link < 0.4), np.where(values[ROW["closed"]] > 0, chars, chars // 3), 0)
    good = np.where(inside[_P] > 0, good, good // 2)
    sums = np.stack((chars, good, (link * chars).astype(np.int64), chars * (inside[_P] > 0)))
    add(*_containers(html, tags, lines, sums, inside[_LIST], _headline(lines.text, values[ROW["level"]], title)))
    add(_place(chars, good, lines, values[ROW["level"]]))
    text = (
        np.minimum(values[ROW["chars"]], 400) * (1 - link) * np.where(values[ROW["stop"]] > 0, STOPPED[1], STOPPED[0])
    )
    add(_surroundings(text, link > 0.5))
    return MeasuredPage(lines, values)


def _letters(lines: PlacedLines) -> Rows:
    stream, edges = lines.stream, np.stack((lines.begin, lines.begin + lines.size))
    blanks = np.flatnonzero(stream[:-1] == 32)
    after = stream[blanks + 1]
    small = blanks[((after >= 97) & (after <= 122)) | (after >= 128)]
    wide = np.flatnonzero(stream >= 128)
    chars = lines.size + _between(wide, edges, _MORE[stream[wide]])
    words = 1 + _between(blanks, edges) + _between(wide, edges, _HALVES[stream[wide]]) // 2
    last = np.frombuffer("".join([row[-1] for row in lines.text]).encode("utf-16-le", "replace"), dtype="<u2")
    end = _ENDS[last] if len(last) == len(words) else np.array([_ENDS[ord(row[-1]) & 0xFFFF] for row in lines.text])
    return np.stack((np.maximum(chars, 1), words, _between(small, edges) / words, end > 0, end > 1))


def _between(places: Ints, edges: Ints, worth: Ints | None = None) -> Ints:
    """How many of the sorted places, or how much of their worth, lies in each range (two rows: begins, ends)."""
    upto = np.searchsorted(places, edges)
    if worth is not None:
        upto = running_sums(worth)[upto]
    found: Ints = upto[1] - upto[0]
    return found


def _covered(tags: Tags, lines: PlacedLines, of: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Share of each line that lies within elements of the given kind."""
    opens = np.flatnonzero(of & (tags.match > np.arange(len(of))))
    if not len(opens):
        return np.zeros(len(lines.text))
    opens = opens[tags.match[opens] >= np.maximum.accumulate(tags.match[opens])]  # not those within others
    edges = np.stack((lines.at[opens], lines.at[tags.match[opens]]), axis=1).ravel()
    sums = np.zeros(len(edges), dtype=np.int64)
    sums[1::2] = np.cumsum(edges[1::2] - edges[::2])
    sums[2::2] = sums[1:-1:2]
    a, b = np.interp(lines.begin, edges, sums), np.interp(lines.begin + lines.size, edges, sums)
    share: npt.NDArray[np.float64] = np.minimum((b - a) / np.maximum(lines.size, 1), 1)
    return share


def _headings(tags: Tags, lines: PlacedLines, in_heading: Rows) -> Rows:
    count = len(lines.text)
    opening = np.where(tags.closing, 0, _LEVEL[tags.name])
    last = np.maximum.accumulate(np.where(opening > 0, np.arange(len(opening)), 0))[lines.tag]
    level = np.where(in_heading > 0, opening[last], 0)
    nth = np.arange(count)
    head = np.maximum.accumulate(np.where(level > 0, nth, -1))
    following = np.minimum.accumulate(np.where(level > 0, nth, count)[::-1])[::-1]
    return np.stack((
        level,
        _KIND[tags.name[lines.tag]],
        np.minimum(nth - head, 200),
        np.where(head >= 0, level[np.maximum(head, 0)], 7),
        np.minimum(following - nth, 200),
    ))  # fmt: skip


def _headline(lines: list[str], level: Floats, title: str) -> int:
    """The headline's line, or -1: the first heading that the page's title knows, else the first of level 1."""
    key = title.casefold()
    heads = np.flatnonzero(level).tolist()
    for i in heads if key else ():
        text = lines[i].casefold()
        if len(text) >= _HEADLINE_LETTERS and (text in key or key in text):
            return i
    return next((i for i in heads if level[i] == 1), -1)


class _Elements:
    """The elements of a page that can hold lines, by the places of their opening tags. Raises Unbalanced."""

    def __init__(self, tags: Tags, lines: PlacedLines, sums: Ints) -> None:
        self._tags, self._lines = tags, lines
        self.block = block_tags(tags)
        count = len(self.block)
        self.opens = np.flatnonzero(self.block & (tags.match > np.arange(count)))
        if not len(self.opens):
            raise Unbalanced  # a serialiser writes a body at least
        step = np.zeros(count, dtype=np.int64)
        step[self.opens] = 1
        step[tags.match[self.opens]] = -1
        self.level = np.cumsum(step)
        self.line_level = self.level[lines.tag]
        """Of each line that of the innermost element in which it lies."""
        self._big = count + 1
        self._ranked = self.opens[np.argsort(self.level[self.opens], kind="stable")]
        self._keys = self.level[self._ranked] * self._big + self._ranked
        self._totals = running_sums(sums)

    def around(self, levels: Rows) -> Ints:
        """For each line the element at that level in which it lies."""
        place = np.searchsorted(self._keys, levels * self._big + self._lines.tag, side="right") - 1
        found: Ints = self._ranked[np.maximum(place, 0)]
        return found

    def lines_of(self, elements: Any) -> tuple[Any, Any]:
        """The first line within an element, or within each of some, and the one behind the last."""
        return self._lines.tag_line[elements], self._lines.tag_line[self._tags.match[elements]]

    def text_in(self, elements: Any) -> Ints:
        """The sums of the lines within an element, or within each of some."""
        first, stop = self.lines_of(elements)
        within: Ints = self._totals[:, stop] - self._totals[:, first]
        return within

    def lie_in(self, element: int) -> tuple[npt.NDArray[np.bool_], Ints]:
        """Which lines lie in an element; and how deep, -1 for those outside of it."""
        inside = (self._lines.tag >= element) & (self._lines.tag < self._tags.match[element])
        return inside, np.where(inside, self.line_level - int(self.level[element]), -1)


def _containers(
    html: bytes, tags: Tags, lines: PlacedLines, sums: Ints, in_list: Ints, headline: int
) -> tuple[Rows, ...]:
    """Features of the elements round a line, from its own block upwards; of the page's main element, which holds most
    of its good text; and of the headline's own, as a gallery or other stories may hold more.

    ``sums`` has four rows: of each line its characters, those of good text, in links, in paragraphs.
    """
    elements = _Elements(tags, lines, sums)
    opens, level, here = elements.opens, elements.level, elements.line_level
    all_chars, all_good = (max(1, int(total)) for total in sums[:2].sum(axis=1))
    counts = _classes(html, tags, elements.block & (lines.at[tags.match] > lines.at))
    at_line = counts[:, lines.tag]

    doubt = (at_line[_DOUBTFUL].sum(axis=0) > 0) * 3 + (in_list > 0) * 2 + 1
    fine = running_sums(sums[1] // doubt)
    first, stop = elements.lines_of(opens)
    held, all_fine = fine[stop] - fine[first], max(1, int(fine[-1]))
    main, wide = (_deepest(opens, held, level, share * all_fine) for share in (_MOST, _NEARLY_ALL))
    own = _own_element(opens, tags, lines, elements.text_in(opens)[1], max(400, all_good // 7), headline)
    (in_main, below_main), (in_wide, below_wide), (in_own, below_own) = map(elements.lie_in, (main, wide, own))
    levels = np.stack((
        *(np.maximum(here - up, 1) for up in range(5)),
        *(np.where(in_main, np.minimum(level[main] + down, here), 1) for down in (1, 2)),
    ))  # fmt: skip
    round_line = elements.around(levels)
    first, stop = elements.lines_of(round_line)
    chars, good, link, in_p = elements.text_in(round_line)
    rows, some = stop - first, np.maximum(chars, 1)
    around = (chars, chars / all_chars, rows, good / all_good, good / some, link / some, in_p / some)
    own_chars, own_good, *_ = elements.text_in(own)
    mains = np.stack(np.broadcast_arrays(
        np.sign(np.where(in_main, 0, lines.tag - main)),
        below_main,
        elements.text_in(main)[0],
        held[np.searchsorted(opens, main)] / all_fine,
        np.sign(np.where(in_wide, 0, lines.tag - wide)),
        below_wide,
        in_own,
        below_own,
        own_chars,
        own_good / all_good,
        np.clip(np.arange(len(here)) - headline, -50, 300) if headline >= 0 else 301,
    ))  # fmt: skip
    below = np.where(in_main, np.clip(at_line - counts[:, main, None], 0, 3), -1)
    return np.concatenate(around), mains, np.minimum(at_line, 3), below


def _classes(html: bytes, tags: Tags, worth: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """For each group of class names and each tag: within how many elements lies it that speak of the group."""
    masks = class_evidence(html, tags, worth & ~_BODY[tags.name])
    named = np.flatnonzero(masks)
    row, group = np.nonzero(masks[named, None] >> np.arange(len(CLASSES)) & 1)
    return count_inside(tags, named[row], group, len(CLASSES))


def _own_element(opens: Ints, tags: Tags, lines: PlacedLines, held: Ints, enough: int, headline: int) -> int:
    """The smallest element that holds the headline and enough good text."""
    if headline < 0:
        return int(opens[0])
    tag = lines.tag[headline]
    around = np.flatnonzero((opens <= tag) & (tags.match[opens] > tag) & (held >= enough))
    return int(opens[around[-1]]) if len(around) else int(opens[0])


def _deepest(opens: Ints, held: Ints, level: Ints, enough: float) -> int:
    """The deepest element that holds so much text."""
    deep = opens[held >= enough]
    return int(deep[np.argmax(level[deep])]) if len(deep) else int(opens[0])


def _place(chars: Ints, good: Ints, lines: PlacedLines, level: Floats) -> Rows:
    count = len(chars)
    nth = np.arange(count)
    times = Counter(lines.text)
    h1 = np.flatnonzero(level == 1)
    out = np.empty((9, count))
    out[0], out[1] = nth, nth / count
    out[2] = (np.cumsum(chars) - chars) / max(1, int(chars.sum()))
    out[3] = (np.cumsum(good) - good) / max(1, int(good.sum()))
    out[4], out[5], out[6] = count, chars.sum(), good.sum()
    out[7] = [times[text] for text in lines.text]
    out[8] = np.clip(nth - (h1[0] if len(h1) else -1), -50, 300)
    return out


def _surroundings(text: npt.NDArray[np.float64], links: npt.NDArray[np.bool_]) -> Rows:
    """How much text and how many link lines stand near each line, before it and behind it."""
    count = len(text)
    sums = running_sums(np.stack((text, links)))
    place = np.arange(count)
    a, b = np.maximum(place - _REACH, 0), np.minimum(place + _REACH + 1, count)
    near = (sums[:, b] - sums[:, a]) / (b - a)
    out = np.empty((len(_REACHES), 3, count))
    out[:, 0], out[:, 1] = near
    out[:, 2] = (sums[0, b] - sums[0, 1:]) / _REACH
    return out.reshape(-1, count)
