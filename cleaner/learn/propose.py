"""From a site's pages to proposed rules, each with its evidence and its examples."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

import regex

from cleaner.learn.layout import PLAIN_WORDS, Bound, Layout, find_layout
from cleaner.learn.pages import COMMON, ONE_HAND, SURE, Page, Unit, is_sentence, name_lines
from cleaner.learn.places import FEW
from cleaner.learn.proposal import PlaceName, Proposal, Seen, SitePack, period
from cleaner.learn.words import HEADINGS
from cleaner.origin import is_host

MAX_LOSS = 0.005
"""Share of a site's own text that a rule may take from its pages."""

OUTSIDE = 0.98
"""Least share of a line's occurrences that stand outside the article, for it to be furniture."""

TIED = 0.8
"""Least share of a line's occurrences that have the same neighbour, above or below: furniture comes in blocks."""

EDGE = 4
"""Lines of a page's own that may stand between the end of the article's slot and a byline, a date line, a list of
tags."""

CHANCE = 5
"""Fewer pages than these may have a line with moving parts by chance, as where one player scores in three matches."""

MANY = 30
"""Pages from which on the highest place of a boundary is well known."""

LOOKED_AT = 50
"""Pages, and furniture lines, for which look-alikes are searched."""

EXAMPLES = 2
"""Examples of each kind that a rule is given."""


def propose_pack(
    site: str,
    pages: Sequence[Page],
    documents: int,
    hosts: tuple[str, ...],
    *,
    min_share: float,
    max_loss: float,
) -> SitePack:
    """The rules for a site. ``min_share``: share of its pages that a line must stand on; ``max_loss``: see MAX_LOSS."""
    units = name_lines(pages, min_share)
    layout = find_layout(pages, units, max_loss)
    survey = _Survey(pages, units, layout)
    rules = [*survey.sections(), *survey.templates(), *survey.lines()]
    chrome = survey.taken(rules)
    return SitePack(
        site,
        hosts or ((site,) if "." in site and is_host(site) else ()),
        len(pages),
        documents,
        period(page.seen for page in pages),
        tuple(_with_own_ids(rules)),
        chrome,
    )


def _running(values: Iterable[int]) -> list[int]:
    """Of each line, and of the page's end, the sum of the values of the lines above."""
    return [0, *accumulate(values)]


def _with_own_ids(rules: Iterable[Proposal]) -> Iterator[Proposal]:
    taken: Counter[str] = Counter()
    for rule in rules:
        taken[rule.id] += 1
        yield replace(rule, id=f"{rule.id}-{taken[rule.id]}") if taken[rule.id] > 1 else rule


class _Survey:
    """The pages of a site once more, now that its layout is known."""

    def __init__(self, pages: Sequence[Page], units: Mapping[str, Unit], layout: Layout) -> None:
        self.pages, self.units, self.layout = pages, units, layout
        self.slots = [layout.slot(page) for page in pages]
        self.own = [_running(not name for name in page.units) for page in pages]
        """Of each page, for each line: how many lines of the page's own stand above it ..."""
        self.mass, self.strange = [_running(page.mass) for page in pages], [_running(page.strange) for page in pages]
        """... and how much of its text, and of what looks like its own."""
        self._boxes: dict[int, Sequence[bool]] = {}
        self.size = sum(len(line) for page in pages for line in page.lines) or 1
        self.spots: dict[str, list[tuple[int, int]]] = {}
        for number, page in enumerate(pages):
            for at, name in enumerate(page.units):
                if name:
                    self.spots.setdefault(name, []).append((number, at))
        self.edges = {name: spots for name in sorted(units) if (spots := self._edge_spots(name))}
        """The lines with moving parts that are to go, and where."""

    # --- what is proposed

    def sections(self) -> Iterator[Proposal]:
        """The head of the page down to a line, and its tail from a line on."""
        for bounds in (self.layout.heads, self.layout.tails):
            for name in sorted(bounds, key=lambda name: (-self.units[name].pages, name)):
                yield self._section(name, bounds[name])

    def _section(self, name: str, bound: Bound) -> Proposal:
        unit, upward = self.units[name], bound.side == "head"
        taken, highest, examples = 0, 1.0, Counter[str]()
        for number, page in enumerate(self.pages):
            ats = [at for at, unit_name in enumerate(page.units) if unit_name == name and bound.holds(page.units, at)]
            if not ats:
                continue
            lines = page.lines[: ats[-1] + 1] if upward else page.lines[ats[0] :]
            size = sum(map(len, lines))
            taken += size
            if number in bound.odd:
                continue
            highest = min(highest, 1 - size / max(1, sum(map(len, page.lines))))
            if len(lines) > 1:
                examples["\n".join(lines[-2:] if upward else lines[:2])] += 1
        best = sorted(examples, key=lambda text: (-examples[text], text))[:1] or [unit.text]
        pages = self.layout.places[name].pages
        where = "above it" if upward else "below it"
        return Proposal(
            id=f"{bound.side}-{_slug(unit)}",
            kind="section",
            reason=f"On {pages - len(bound.odd)} of {len(self.pages)} pages nothing {where} is text of the page's own.",
            seen=(self._seen(name, bound.side),),
            upward=upward,
            head=bound.lines,
            tail=None if upward or highest < 0.1 else round(1 - highest / (2 if pages >= MANY else 4), 2),
            partner=_phrase(self.units[bound.partner]) if bound.partner else "",
            remove=tuple(best),
            keep=self._look_alikes(name),
            share=taken / self.size,
        )

    def templates(self) -> Iterator[Proposal]:
        """Lines with moving parts at the ends of the article: bylines, dates, tags."""
        for name, spots in self.edges.items():
            unit = self.units[name]
            everywhere = _says_enough(unit) and len(spots) == len(self.spots[name])
            seen = self._seen(name, self._where(name))
            samples = sorted({self.pages[n].lines[at] for n, at in spots})
            yield Proposal(
                id=f"line-{_slug(unit)}",
                kind="line",
                reason=f"On {unit.pages} of {len(self.pages)} pages such a line stands at an end of the article.",
                seen=(seen,),
                head=self._head_zone(spots, EDGE if everywhere else 0),
                max_words=max(len(text.split()) for text in samples) + 3,
                remove=tuple(samples[:EXAMPLES]),
                keep=self._look_alikes(name),
                share=self._share([name]),
            )

    def lines(self) -> Iterator[Proposal]:
        """Lines that say the same on many pages, and stand outside the article or in a block of such lines.

        A word of the menu may be a heading within an article too. So a line goes only beside another of these, as in
        its block; one that stands alone must be on nearly all pages, and goes only where it was seen; and one that
        stands alone in many places, only if it says more than a heading.
        """
        chosen = {name for name in self.units if self._is_furniture(name)}
        blocks = self._blocks(chosen)
        alone = {name for name in chosen - blocks if self.units[name].share >= SURE}
        heads = {name: zone for name in alone if (zone := self._head_zone(self.spots[name]))}
        tails = {name: zone for name in alone - heads.keys() if (zone := self._tail_zone(self.spots[name]))}
        apart = {name for name in alone - heads.keys() - tails.keys() if len(name.split()) > PLAIN_WORDS}
        yield from self._lines("lines", "beside one another", blocks, alike=True)
        yield from self._lines("lines-head", "near its start", heads, head=max(heads.values(), default=None))
        yield from self._lines("lines-tail", "near its end", tails, tail=max(tails.values(), default=None))
        yield from self._lines("lines-apart", "outside the article", apart)

    def _lines(self, id: str, where: str, names: Collection[str], **bounds: Any) -> Iterator[Proposal]:
        """The rule for these lines, if there are any."""
        if not names:
            return
        seen = sorted((self._seen(name, self._where(name)) for name in names), key=lambda it: (-it.pages, it.text))
        keep = dict.fromkeys(text for name in sorted(names)[:LOOKED_AT] for text in self._look_alikes(name))
        yield Proposal(
            id=id,
            kind="line",
            reason=f"Lines that say the same on many pages of the site, {where}.",
            seen=tuple(seen),
            remove=tuple(
                self._with_neighbour(it, names) if bounds.get("alike") else it.sample for it in seen[:EXAMPLES]
            ),
            keep=tuple(keep)[:EXAMPLES],
            share=self._share(names),
            **bounds,
        )

    def _with_neighbour(self, seen: Seen, names: Collection[str]) -> str:
        """The line with another of these that stands beside it."""
        for n, at in self.spots[seen.name]:
            units, lines = self.pages[n].units, self.pages[n].lines
            for start in (at, at - 1):
                if start >= 0 and start + 1 < len(units) and units[start] in names and units[start + 1] in names:
                    return f"{lines[start]}\n{lines[start + 1]}"
        return seen.sample

    def _blocks(self, names: set[str]) -> set[str]:
        """Those of these lines that mostly stand right above or below another of them."""
        blocks = names
        while True:
            left = {name for name in blocks if self._beside(name, blocks) >= TIED * len(self.spots[name])}
            if left == blocks:
                return blocks
            blocks = left

    def _beside(self, name: str, names: set[str]) -> int:
        """At how many of its places a line has one of these above or below."""
        count = 0
        for n, at in self.spots[name]:
            units = self.pages[n].units
            count += any(unit in names for unit in (*units[max(0, at - 1) : at], *units[at + 1 : at + 2]))
        return count

    # --- judgements

    def _is_furniture(self, name: str) -> bool:
        unit = self.units[name]
        if unit.template or unit.wordless or unit.date_only or unit.title or name in HEADINGS:
            return False
        if self._bounds(name) or self._heads(name) or name in self.edges:
            return False
        return self._outside(name) or (name not in self.layout.facts and (name in self.layout.firm or self._tied(name)))

    def _bounds(self, name: str) -> bool:
        return name in self.layout.heads or name in self.layout.tails

    def _heads(self, name: str) -> bool:
        """Whether such lines are headlines at more than a tenth of their places. Where no line of a page says its
        title, one that differs from page to page and is no text may be the headline."""
        unit = self.units[name]
        may = unit.varied and not unit.dated
        count = 0
        for n, at in self.spots[name]:
            page = self.pages[n]
            count += page.headline == at or (may and not page.told and not self.mass[n][at])
        return 10 * count > len(self.spots[name])

    def _outside(self, name: str) -> bool:
        spots = self.spots[name]
        out = sum(not self.slots[n].start <= at < self.slots[n].end for n, at in spots)
        return out >= OUTSIDE * len(spots)

    def _tied(self, name: str) -> bool:
        """Whether a line that nearly all pages have stands in a block: nearly always the same line above, or below.

        Blocks within the article are table heads, code, ingredients; there the block must hold a sentence as well.
        """
        unit, spots = self.units[name], self.spots[name]
        if unit.share < SURE:
            return False
        inside = sum(self._is_inside(n, at) for n, at in spots)
        if inside > 0.2 * len(spots):
            return sum(self._in_box(n, at) for n, at in spots) >= TIED * len(spots)
        for step in (-1, 1):
            near: Counter[str] = Counter()
            for n, at in spots:
                names = self.pages[n].units
                if 0 <= at + step < len(names):
                    near[names[at + step]] += 1
            near.pop("", None)
            if near and max(near.values()) >= TIED * len(spots):
                return True
        return False

    def _is_inside(self, n: int, at: int) -> bool:
        """Whether the page has text of its own, or more than a few lines, above and below the line."""
        mass, strange = self.mass[n], self.strange[n]
        above = mass[at] or strange[at] > FEW
        return bool(above and (mass[-1] > mass[at + 1] or strange[-1] - strange[at + 1] > FEW))

    def _in_box(self, n: int, at: int) -> bool:
        """Whether the line is one of several fixed ones in a row, one of which is a sentence."""
        if n not in self._boxes:
            page = self.pages[n]
            fixed = [*map(self._is_fixed, page.units)]
            first, last = [*range(len(fixed))], [*range(len(fixed))]
            for i in range(1, len(fixed)):
                if fixed[i - 1]:
                    first[i] = first[i - 1]
                if fixed[-i]:
                    last[-1 - i] = last[-i]
            said = _running(map(is_sentence, page.lines))
            self._boxes[n] = [b > a and said[b + 1] > said[a] for a, b in zip(first, last, strict=True)]
        return self._boxes[n][at]

    def _is_fixed(self, name: str) -> bool:
        return bool(name) and not self.units[name].moving and self.units[name].share >= SURE

    def _edge_spots(self, name: str) -> list[tuple[int, int]]:
        """Places of a line with moving parts that stands once a page, near the start or the end of the article.

        One that says little must stand always the same number of lines below the head; only those places are given.
        Empty where it is no such line.
        """
        unit, place, spots = self.units[name], self.layout.places[name], self.spots[name]
        if not unit.moving or unit.share < COMMON or self._bounds(name) or self._heads(name):
            return []
        if name in self.layout.facts or unit.pages < CHANCE:
            return []
        if not _says_enough(unit):
            offsets = Counter(at - self.slots[n].start for n, at in spots)
            offset, count = min(offsets.items(), key=lambda item: (-item[1], item[0]))
            if not 0 <= offset <= EDGE or count < SURE * len(self.pages):
                return []
            return [(n, at) for n, at in spots if at - self.slots[n].start == offset]
        if place.once < ONE_HAND * place.pages:
            return self._first_spots(name) if unit.dated else []
        near = 0
        for n, at in spots:
            slot, own = self.slots[n], self.own[n]
            near += min(own[at] - own[slot.start], own[slot.end] - own[at + 1]) <= EDGE  # less than none: outside
        return spots if near >= ONE_HAND * len(spots) else []

    def _first_spots(self, name: str) -> list[tuple[int, int]]:
        """Places of a line with moving parts right below the head, if nearly all pages that have it have one there."""
        firsts: dict[int, tuple[int, int]] = {}
        for n, at in self.spots[name]:
            own, start = self.own[n], self.slots[n].start
            if start <= at and own[at] - own[start] <= 1:
                firsts.setdefault(n, (n, at))
        return [*firsts.values()] if len(firsts) >= SURE * self.units[name].pages else []

    def _head_zone(self, spots: Sequence[tuple[int, int]], room: int = EDGE) -> int | None:
        """First lines of the page that hold all of these places, if these are in its head or right below."""
        if all(at - self.slots[n].start <= 2 * EDGE for n, at in spots):
            return _zone([at + 1 for _, at in spots], room)
        return None

    def _tail_zone(self, spots: Sequence[tuple[int, int]]) -> int | None:
        """Last lines of the page that hold all of these places, if these are in its tail or right above."""
        if all(self.slots[n].end - at <= 2 * EDGE for n, at in spots):
            return _zone([len(self.pages[n].units) - at for n, at in spots], EDGE)
        return None

    # --- evidence

    def _where(self, name: str) -> PlaceName:
        sides = Counter[PlaceName]()
        for n, at in self.spots[name]:
            slot = self.slots[n]
            sides["head" if at < slot.start else "tail" if at >= slot.end else "body"] += 1
        return max(sorted(sides), key=lambda side: sides[side])

    def _seen(self, name: str, place: PlaceName) -> Seen:
        unit, spots = self.units[name], self.spots[name]
        dates = period(self.pages[n].seen for n, _ in spots)
        shown = sorted((self.pages[n].seen, self.pages[n].id, at + 1) for n, at in spots)
        few = [shown[i] for i in sorted({0, len(shown) // 2, len(shown) - 1})]
        text = unit.template.regex() if unit.template else _phrase(unit)
        places = tuple((id, at) for _, id, at in few)
        return Seen(name, text, unit.template is not None, unit.pages, dates, place, unit.text, places)

    def _look_alikes(self, name: str) -> tuple[str, ...]:
        """Lines of the articles that hold the same words and stay."""
        unit = self.units[name]
        words = " ".join(unit.template.start or unit.template.end) if unit.template else name
        if sum(map(str.isalpha, words)) < 3:
            return ()
        found = {
            page.lines[at]
            for page, slot in zip(self.pages[:LOOKED_AT], self.slots[:LOOKED_AT], strict=True)
            for at in range(slot.start, slot.end)
            if words in page.keys[at] and not page.units[at] and 20 <= len(page.lines[at]) <= 300
        }
        return tuple(sorted(found, key=lambda text: (len(text), text))[:EXAMPLES])

    def taken(self, rules: Sequence[Proposal]) -> float:
        """Share of the text that goes: all outside the slots, and the chosen lines within."""
        names = {seen.name for rule in rules if rule.kind == "line" for seen in rule.seen}
        gone = 0
        for page, slot in zip(self.pages, self.slots, strict=True):
            for at, line in enumerate(page.lines):
                if page.units[at] in names or not slot.start <= at < slot.end:
                    gone += len(line)
        return gone / self.size

    def _share(self, names: Iterable[str]) -> float:
        return sum(len(self.pages[n].lines[at]) for name in names for n, at in self.spots[name]) / self.size


def _zone(lines: Sequence[int], room: int) -> int | None:
    """Lines up to the last of these, counted from an end of the page; None if they are all over it, as what stands
    behind a thread is."""
    most = max(lines)
    return most + room if most <= 2 * (sorted(lines)[len(lines) // 2] + EDGE) else None


def _says_enough(unit: Unit) -> bool:
    template = unit.template
    return unit.dated or (template is not None and template.letters >= 4 and template.framed)


def _phrase(unit: Unit) -> str:
    """The line as a phrase of a rule file; ``{n}`` where a number moves.

    Where the line itself says ``{n}``, the phrase says ``{N}``: that folds to the same, and stands for no number.
    """
    if not unit.numbered:
        return unit.text.replace("{n}", "{N}")
    return unit.name[1:].replace("{n}", "{N}").replace("0", "{n}")


def _slug(unit: Unit) -> str:
    """A short stable name: the first words in ASCII letters, or a checksum where there are none."""
    ascii = unicodedata.normalize("NFKD", unit.name).encode("ascii", "ignore").decode()
    words = regex.findall(r"[a-z0-9]+", ascii)[:4]
    if sum(map(len, words)) >= 4:
        return "-".join(words)[:40].strip("-")
    return hashlib.blake2b(unit.name.encode(), digest_size=4).hexdigest()
