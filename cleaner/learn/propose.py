"""From a site's pages to proposed rules, each with its evidence and its examples."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import regex

from cleaner.learn.judge import EDGE, Judge
from cleaner.learn.layout import PLAIN_WORDS, Bound, find_layout
from cleaner.learn.pages import SURE, Page
from cleaner.learn.proposal import Evidence, Proposal, Region, SitePack, period
from cleaner.learn.units import Unit, name_lines
from cleaner.origin import is_host

MAX_LOSS: Final = 0.005
"""Share of a site's own text that a rule may take from its pages."""

MANY: Final = 30
"""Pages from which on the highest place of a boundary is well known."""

LOOKED_AT: Final = 50
"""Pages, and furniture lines, for which look-alikes are searched."""

EXAMPLES: Final = 2
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
    named, units = name_lines(pages, min_share)
    proposer = _Proposer(Judge(named, units, find_layout(named, units, max_loss)))
    rules = [*proposer.sections(), *proposer.edge_lines(), *proposer.fixed_lines()]
    return SitePack(
        site=site,
        hosts=hosts or ((site,) if "." in site and is_host(site) else ()),
        pages=len(pages),
        documents=documents,
        dates=period(page.date for page in pages),
        rules=tuple(_with_own_ids(rules)),
        chrome=proposer.chrome_share(rules),
        addressed=bool(hosts),
    )


def _with_own_ids(rules: Iterable[Proposal]) -> Iterator[Proposal]:
    taken: Counter[str] = Counter()
    for rule in rules:
        taken[rule.id] += 1
        yield replace(rule, id=f"{rule.id}-{taken[rule.id]}") if taken[rule.id] > 1 else rule


class _Proposer:
    """Makes the rules of a site, as its judge says which lines are to go."""

    def __init__(self, judge: Judge) -> None:
        self._judge, self._pages, self._units = judge, judge.pages, judge.units
        self._layout, self._spots = judge.layout, judge.spots
        self._size = sum(len(line) for page in self._pages for line in page.lines) or 1
        self._patterns = [regex.compile(unit.template.regex()) for unit in self._units.values() if unit.template]

    def sections(self) -> Iterator[Proposal]:
        """The head of the page down to a line, and its tail from a line on."""
        for bounds in (self._layout.heads, self._layout.tails):
            for name in sorted(bounds, key=lambda name: (-self._units[name].pages, name)):
                yield self._section(name, bounds[name])

    def _section(self, name: str, bound: Bound) -> Proposal:
        unit, upward = self._units[name], bound.side == "head"
        taken, highest, examples = 0, 1.0, Counter[str]()
        for number, page in enumerate(self._pages):
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
        pages = self._layout.places[name].pages
        good, where = pages - len(bound.odd), "above it" if upward else "below it"
        return Proposal(
            id=f"{bound.side}-{_slug(unit)}",
            kind="section",
            reason=f"On {good} of {len(self._pages)} pages nothing {where} is text of the page's own.",
            evidence=(self._evidence(name, bound.side),),
            upward=upward,
            head=bound.lines,
            tail=None if upward or highest < 0.1 else round(1 - highest / (2 if pages >= MANY else 4), 2),
            partner=_phrase(self._units[bound.partner]) if bound.partner else "",
            remove=tuple(best),
            keep=self._look_alikes(name),
            share=taken / self._size,
        )

    def edge_lines(self) -> Iterator[Proposal]:
        """A rule for each edge line: bylines, dates, tags."""
        for name, spots in self._judge.edges.items():
            unit = self._units[name]
            everywhere = unit.says_enough and len(spots) == len(self._spots[name])
            samples = sorted({self._pages[n].lines[at] for n, at in spots})
            yield Proposal(
                id=f"line-{_slug(unit)}",
                kind="line",
                reason=f"On {unit.pages} of {len(self._pages)} pages such a line stands at an end of the article.",
                evidence=(self._evidence(name),),
                head=self._judge.head_zone(spots, EDGE if everywhere else 0),
                max_words=max(len(text.split()) for text in samples) + 3,
                remove=tuple(samples[:EXAMPLES]),
                keep=self._look_alikes(name),
                share=self._share([name]),
            )

    def fixed_lines(self) -> Iterator[Proposal]:
        """Lines that say the same on many pages, and stand outside the article or in a block of such lines.

        A word of the menu may be a heading within an article too. So a line goes only beside another of these, as in
        its block; one that stands alone must be on nearly all pages, and goes only where it was seen; and one that
        stands alone in many places, only if it says more than a heading.
        """
        chosen = {name for name in self._units if self._judge.is_furniture(name)}
        blocks = self._judge.blocks(chosen)
        alone = {name for name in chosen - blocks if self._units[name].share >= SURE}
        heads, tails = self._zones(alone)
        apart = {name for name in alone - heads.keys() - tails.keys() if len(name.split()) > PLAIN_WORDS}
        yield from self._line_rule("lines", "beside one another", blocks, alike=True)
        yield from self._line_rule("lines-head", "near its start", heads, head=max(heads.values(), default=None))
        yield from self._line_rule("lines-tail", "near its end", tails, tail=max(tails.values(), default=None))
        yield from self._line_rule("lines-apart", "outside the article", apart)

    def _zones(self, names: Iterable[str]) -> tuple[dict[str, int], dict[str, int]]:
        """In how many of the first lines, or of the last, each of these lines was seen, with room to spare. On a short
        page all is near both ends, so the end comes first at which a line stands."""
        heads: dict[str, int] = {}
        tails: dict[str, int] = {}
        for name in names:
            ends = [(heads, self._judge.head_zone), (tails, self._judge.tail_zone)]
            for zones, zone_of in reversed(ends) if self._judge.region(name) == "tail" else ends:
                if zone := zone_of(self._spots[name]):
                    zones[name] = zone
                    break
        return heads, tails

    def _line_rule(self, id: str, where: str, names: Collection[str], **bounds: Any) -> Iterator[Proposal]:
        """The rule for these lines, if there are any."""
        if not names:
            return
        evidence = [self._evidence(name) for name in names]
        evidence.sort(key=lambda item: (-item.pages, item.text))
        keep = dict.fromkeys(text for name in sorted(names)[:LOOKED_AT] for text in self._look_alikes(name))
        yield Proposal(
            id=id,
            kind="line",
            reason=f"Lines that say the same on many pages of the site, {where}.",
            evidence=tuple(evidence),
            remove=tuple(
                dict.fromkeys(
                    self._with_neighbour(item, names) if bounds.get("alike") else item.sample
                    for item in evidence[:EXAMPLES]
                )
            ),
            keep=tuple(keep)[:EXAMPLES],
            share=self._share(names),
            **bounds,
        )

    def _with_neighbour(self, item: Evidence, names: Collection[str]) -> str:
        """The line with another of these that stands beside it."""
        for n, at in self._spots[item.name]:
            units, lines = self._pages[n].units, self._pages[n].lines
            for start in (at, at - 1):
                if start >= 0 and start + 1 < len(units) and units[start] in names and units[start + 1] in names:
                    return f"{lines[start]}\n{lines[start + 1]}"
        return item.sample

    def _evidence(self, name: str, region: Region | None = None) -> Evidence:
        """Where a unit was seen: on the first page by date, one in the middle, and the last."""
        unit, spots = self._units[name], self._spots[name]
        dates = period(self._pages[n].date for n, _ in spots)
        lines = sorted((self._pages[n].date, self._pages[n].id, at + 1) for n, at in spots)
        few = tuple(lines[i][1:] for i in sorted({0, len(lines) // 2, len(lines) - 1}))
        text = unit.template.regex() if unit.template else _phrase(unit)
        return Evidence(
            name=name,
            text=text,
            pattern=unit.template is not None,
            pages=unit.pages,
            dates=dates,
            region=region or self._judge.region(name),
            sample=unit.text,
            lines=few,
        )

    def _look_alikes(self, name: str) -> tuple[str, ...]:
        """Lines of the articles that hold the same words and stay. One that is longer than lines are looked at for a
        template may fit one all the same."""
        unit = self._units[name]
        words = " ".join(unit.template.start or unit.template.end) if unit.template else name
        if sum(map(str.isalpha, words)) < 3:
            return ()
        found = {
            page.lines[at]
            for page, slot in zip(self._pages[:LOOKED_AT], self._judge.slots[:LOOKED_AT], strict=True)
            for at in range(slot.start, slot.end)
            if words in page.keys[at] and not page.units[at] and 20 <= len(page.lines[at]) <= 300
            if not any(pattern.match(page.folded[at]) for pattern in self._patterns)
        }
        return tuple(sorted(found, key=lambda text: (len(text), text))[:EXAMPLES])

    def chrome_share(self, rules: Sequence[Proposal]) -> float:
        """Share of the text that the rules take together: all outside the slots, and their lines within."""
        names = {item.name for rule in rules if rule.kind == "line" for item in rule.evidence}
        gone = 0
        for page, slot in zip(self._pages, self._judge.slots, strict=True):
            for at, line in enumerate(page.lines):
                if page.units[at] in names or not slot.start <= at < slot.end:
                    gone += len(line)
        return gone / self._size

    def _share(self, names: Iterable[str]) -> float:
        return sum(len(self._pages[n].lines[at]) for name in names for n, at in self._spots[name]) / self._size


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
