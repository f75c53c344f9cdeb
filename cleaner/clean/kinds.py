"""What each kind of rule claims, given the lines that its wording matches.

A rule's claims depend on the text alone, not on the order of rules. A rule that asks about others is asked after them:
after those whose hits a neighbour condition names, as the rule set orders them; shape rules after all others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

import regex

from cleaner.document import Document
from cleaner.origin import language_of
from cleaner.rules.model import Neighbour, Repeat, Rule, Section, Wording, Zone
from cleaner.rules.wording import matcher
from cleaner.text.fold import fold, line_key
from cleaner.text.language import not_written_in
from cleaner.text.lines import Lines


class Claim(NamedTuple):
    """What one hit of a rule would take: whole lines ``first`` to ``last``, or the span [start, end) within one."""

    rule: Rule
    first: int
    last: int
    span: tuple[int, int] | None = None
    """Code points of the text; None: the whole lines."""

    @property
    def head(self) -> int:
        """The line that the rule matches, of a section its head line."""
        section = self.rule.section
        return self.last if section is not None and section.upward else self.first


_REMEMBERED: Final = 10_000
"""Answers about lines that are kept; hits that ask the same are near one another, and a text may have a million."""


@dataclass
class View:
    """One document as its rules see it."""

    document: Document
    hits: dict[int, list[int]] = field(default_factory=dict)
    """Index of a rule in its rule set -> the lines that its wording matches, ascending; of a rule without one, those
    that it may concern, and of a shape rule those that its shape fits."""
    claims: list[Claim] = field(default_factory=list)
    """What the rules that have been asked so far claim."""
    claimed: dict[str, list[Claim]] = field(default_factory=dict)
    """Rule id -> its claims."""
    heads: dict[str, set[int]] = field(default_factory=dict)
    """Rule id -> the lines that it matches, for the rules whose neighbours want to know."""
    taken: Collection[int] = ()
    """Lines that rules of other kinds take, for the shape rules, which are asked last."""
    said: dict[tuple[int, int], bool] = field(default_factory=dict)
    """Identity of a wording and line -> whether it matches. The wordings are those of the rules, which stay."""

    @cached_property
    def lines(self) -> Lines:
        """The text's lines; an engine that has them already sets them."""
        return Lines(self.document.text)

    @cached_property
    def prose(self) -> int:
        """The first line that reads like running text; -1 if none does."""
        return next(filter(self.lines.is_prose, self.lines.filled), -1)

    def is_foreign(self, languages: Collection[str]) -> bool:
        """Whether nobody has told the language of the text, and evidently it is none of these."""
        return bool(languages) and self._other_languages.issuperset(languages)

    @cached_property
    def _other_languages(self) -> frozenset[str]:
        return frozenset() if language_of(self.document.lang) else not_written_in(self.document.text)

    def claims_at(self, id: str, i: int) -> bool:
        """Whether this rule, which has been asked before, matches line ``i`` and claims it."""
        if id not in self.heads:
            self.heads[id] = {claim.head for claim in self.claimed.get(id, ())}
        return i in self.heads[id]

    def says(self, wording: Wording, i: int) -> bool:
        """Whether line ``i`` matches the wording, which hits near one another ask of the same lines."""
        said = self.said.get((id(wording), i))
        if said is None:
            lines = self.lines
            said = lines.may_say(wording, i) and matcher(wording).matches(lines.raw(i), lines.folded[i])
            if len(self.said) >= _REMEMBERED:
                self.said.clear()
            self.said[id(wording), i] = said
        return said

    def is_titled(self, wording: Wording) -> bool:
        """Whether the document's title matches the wording or, if none is known, the first line of its text."""
        if not (title := (self.document.title or "").strip()):
            return bool(self.lines.filled) and self.says(wording, self.lines.filled[0])
        said = self.said.get((id(wording), -1))
        if said is None:
            said = self.said[id(wording), -1] = matcher(wording).matches(title, fold(title))
        return said

    def is_headline(self, i: int) -> bool:
        """Whether line ``i`` is the headline; all lines are gone through only for one that says the title."""
        key = self.lines.key(i) if self._title else ""
        return bool(key) and (key == self._title or self._begins_title(key)) and i == self.headline

    @cached_property
    def titles(self) -> frozenset[str]:
        """Keys of what may be the title: the document's own and its first line."""
        lines = self.lines
        return frozenset({lines.key(lines.filled[0]) if lines.filled else "", self._title}) - {""}

    @cached_property
    def headline(self) -> int | None:
        """The first line that equals the document's title or its beginning: a title often ends in the site's name."""
        title = self._title
        for i in self.lines.filled if title else ():
            key = self.lines.key(i)
            if key == title or self._begins_title(key):
                return i
        return None

    def above_headline(self, reach: int | None) -> Sequence[int]:
        """The lines above the headline, if that has at least three words and at most ``reach`` lines are above it."""
        filled = self.lines.filled if self._title else []
        for rank, i in enumerate(filled if reach is None else filled[: reach + 1]):
            if self._begins_title(self.lines.key(i)):
                return filled[:rank]
        return []

    def _begins_title(self, key: str) -> bool:
        return key.count(" ") >= 2 and self._title.startswith(key)

    @cached_property
    def _title(self) -> str:
        return line_key(fold((self.document.title or "").replace("\n", " ")))


def ask(rules: Sequence[Rule], asked: Iterable[int], view: View) -> Sequence[Claim]:
    """Have these rules, which have hits in the document, make their claims; gives the new ones."""
    known = len(view.claims)
    for index in asked:
        rule = rules[index]
        found = list(_KINDS[rule.kind](rule, view, view.hits[index]))
        if found and (rule.kind == "keep" or not view.is_foreign(rule.lang)):
            view.claimed[rule.id] = found
            view.claims += found
    return view.claims[known:]


# --- conditions


def _in_zone(zone: Zone, lines: Lines, i: int) -> bool:
    """Whether the line is in one of the zone's places; the first line is in every head, the last in every tail."""
    size, rank, count = len(lines.text), lines.rank(i), len(lines.filled)
    start, end = lines.start(i), lines.end(i)
    if isinstance(zone.head, int) and rank < zone.head:
        return True
    if isinstance(zone.head, float) and (end <= size * zone.head or rank == 0):
        return True
    if isinstance(zone.tail, int) and count - rank <= zone.tail:
        return True
    if isinstance(zone.tail, float) and (start >= size * (1 - zone.tail) or rank == count - 1):
        return True
    return zone.body is not None and start >= size * zone.body and end <= size * (1 - zone.body)


def _near(near: Neighbour, rule: Rule, view: View, i: int, step: int) -> bool:
    """Whether one of the nearest non-blank lines in this direction is as the condition of the rule says."""
    lines, between = view.lines, near.between
    for distance in range(1, near.within + 1):
        j = lines.neighbour(i, step * distance)
        if j is None:
            return near.none
        if (
            not near.none
            and (near.rule is None or view.claims_at(near.rule, j))
            and (not near.starts_with_this or _goes_on(lines, i, j))
            and (not near.this_starts_with or _goes_on(lines, j, i))
            and (not near.names_this or _names(lines, i, j))
            and (between is None or distance > 1)
            and (near.wording is None or view.says(near.wording, j))
            and (not near.alike or (rule.wording is not None and view.says(rule.wording, j)))
        ):
            return True
        if between is not None and not view.says(between, j):
            return False
    return False


def _goes_on(lines: Lines, i: int, j: int) -> bool:
    """Whether line ``j`` says what line ``i`` does, and more."""
    brief, whole = lines.folded[i].strip(), lines.folded[j].strip()
    return whole.startswith(brief) and len(whole) > len(brief)


_WORD: Final = regex.compile(r"[\p{L}\p{M}]+")
_NAME: Final = regex.compile(r"[\p{L}\p{M}]{3,}|[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]{2}")


def _names(lines: Lines, i: int, j: int) -> bool:
    """Whether line ``j`` has each longer word of line ``i``, with whatever ending. A script without capitals may set
    articles and particles before a word, or no blank."""
    names, whole = _NAME.findall(lines.folded[i]), lines.folded[j]
    words = _WORD.findall(whole) if names else ()
    return bool(names) and all(
        any(word.startswith(stem) for word in words) if name != name.upper() else stem in whole
        for name in names
        for stem in [name[: len(name) - len(name) // 3] if len(name) > 3 else name]
    )


def _holds(rule: Rule, view: View, i: int) -> bool:
    """Whether line ``i`` fulfils the rule's conditions."""
    lines = view.lines
    if rule.min_words or rule.max_words:
        words = len(lines.folded[i].split())
        if words < (rule.min_words or 0) or words > (rule.max_words or words):
            return False
    if rule.min_chars or rule.max_chars:
        chars = len(lines.folded[i].strip())
        if chars < (rule.min_chars or 0) or chars > (rule.max_chars or chars):
            return False
    if rule.zone and not _in_zone(rule.zone, lines, i):
        return False
    if rule.title and not view.is_titled(rule.title):
        return False
    if rule.alone and not ((i == 0 or lines.is_blank(i - 1)) and (i + 1 == len(lines) or lines.is_blank(i + 1))):
        return False
    return (
        (rule.above is None or _near(rule.above, rule, view, i, -1))
        and (rule.below is None or _near(rule.below, rule, view, i, 1))
        and (rule.near is None or any(_near(rule.near, rule, view, i, step) for step in (-1, 1)))
    )


# --- kinds: (rule, view, candidate lines) -> claims


def _line(rule: Rule, view: View, candidates: Sequence[int]) -> Iterator[Claim]:
    for i in candidates:
        if _holds(rule, view, i) and not view.is_headline(i):
            yield Claim(rule, i, i)


def _span(rule: Rule, view: View, candidates: Sequence[int]) -> Iterator[Claim]:
    lines = view.lines
    for i in candidates:
        if rule.wording and _holds(rule, view, i):
            start = lines.start(i)
            for a, b in matcher(rule.wording).spans(lines.raw(i), lines.folded[i]):
                yield Claim(rule, i, i, (start + a, start + b))


def _keep(rule: Rule, view: View, candidates: Sequence[int]) -> Iterator[Claim]:
    if rule.part:
        return _span(rule, view, candidates)
    return (Claim(rule, i, i) for i in candidates if _holds(rule, view, i))


_TITLED: Final = 3
"""Lines above the first prose of a text that no section takes which opens above them: what stands there is the title
with a byline and a date, and a page's menu names lists of articles (`Latest news`) right above it."""


def _section(rule: Rule, view: View, candidates: Sequence[int]) -> Iterator[Claim]:
    section, lines = rule.section, view.lines
    assert section is not None
    if section.upward:
        yield from _section_above(rule, section, view, candidates)
        return
    reached = -1
    asked = 0
    for head in candidates:
        if head <= reached or not _holds(rule, view, head) or view.is_headline(head):
            continue
        stop, asked = _stop(section, view, lines.rank(head) + 1, asked)
        last = lines.filled[lines.rank(stop) - 1]
        if head < view.prose == stop:
            last = max(head, lines.filled[max(0, lines.rank(stop) - 1 - _TITLED)])
        if section.max_lines is not None:
            last = min(last, lines.filled[min(lines.rank(head) + section.max_lines, len(lines.filled) - 1)])
        if lines.end(last) - lines.start(head) > section.max_share * len(lines.text):
            last = head
        reached = last
        yield Claim(rule, head, last)


def _section_above(rule: Rule, section: Section, view: View, candidates: Sequence[int]) -> Iterator[Claim]:
    """From the lowest head line up to a line that ends the section; head lines in between are part of it."""
    lines = view.lines
    stop = reached = len(lines)
    for head in reversed(candidates):
        if head >= reached or not _holds(rule, view, head):
            continue
        if lines.rank(head) <= lines.rank(stop + 1):  # else the answer for the head below holds here too, as in `_stop`
            stop = _stop_above(section, view, head)
        top = lines.filled[lines.rank(stop + 1)]
        if section.max_lines is not None:
            top = max(top, lines.filled[max(0, lines.rank(head) - section.max_lines)])
        if lines.end(head) - lines.start(top) > section.max_share * len(lines.text):
            top = head
        reached = top
        yield Claim(rule, top, head)


def _stop(section: Section, view: View, first: int, asked: int) -> tuple[int, int]:
    """The line that ends a section with the ``first`` non-blank line, by its rank, below its head, or the number of
    lines where none does within `max_lines`; and the rank up to which no line ended it.

    That is ``asked`` for the next head: a line that does not end one section does not end the next one either, so that
    the scans of all heads together ask each line once or twice.
    """
    last = len(view.lines.filled) if section.max_lines is None else first + section.max_lines + 1
    asked = max(first, asked)
    for rank in range(asked, min(last, len(view.lines.filled))):
        if (stop := _end(section, view, rank, rank - first, -1)) is not None:
            return stop, rank
        asked = rank + 1
    return len(view.lines), asked


def _stop_above(section: Section, view: View, head: int) -> int:
    """The nearest line above the head that is no longer part of its section; -1: all are."""
    last = view.lines.rank(head) - 1
    for rank in range(last, -1, -1):
        if (stop := _end(section, view, rank, last - rank, 1)) is not None:
            return stop
    return -1


def _end(section: Section, view: View, rank: int, filled: int, back: int) -> int | None:
    """The line that is no longer part of a section which has so many non-blank lines already, its head aside: the next
    non-blank one, by its rank, or the blank one in between; ``back`` is the step from the one to the other."""
    lines, until, stop = view.lines, section.until, section.stop
    i = lines.filled[rank]
    if filled and "blank" in until and lines.filled[rank + back] != i + back:
        return lines.filled[rank + back] - back
    if (
        ("prose" in until and lines.is_prose(i))
        or ("heading" in until and filled and lines.is_heading(i))
        or (stop is not None and view.says(stop, i))
    ):
        return i
    return None


def _repeat(rule: Rule, view: View, candidates: Sequence[int]) -> Iterator[Claim]:
    repeat = rule.repeat
    assert repeat is not None
    match repeat.of, repeat.match:
        case _, "above":
            found = _above_title(rule, repeat, view, candidates)
        case "title", "ends":
            found = _ends_in_title(view, candidates)
        case "title", _:
            found = _title_again(rule, repeat, view, candidates)
        case _, "prefix":
            found = _prefix_of_next(repeat, view, candidates)
        case _:
            found = _line_again(repeat, view, candidates)
    for i in found:
        if _holds(rule, view, i):
            yield Claim(rule, i, i)


def _ends_in_title(view: View, candidates: Sequence[int]) -> Iterator[int]:
    """Lines that say more than the title, and end in it."""
    for i in candidates:
        key = view.lines.key(i)
        if any(key.endswith(title) and key != title for title in view.titles):
            yield i


def _title_again(rule: Rule, repeat: Repeat, view: View, candidates: Sequence[int]) -> Iterator[int]:
    """Lines that repeat the title; its first occurrence stays."""
    lines, titles = view.lines, view.titles
    first: dict[str, int] = {}  # rank of the line where each stands first, be it what the rule's wording says or not
    wanted = None if rule.wording is None else {*candidates}
    for i in candidates if wanted is None else lines.filled:
        key = lines.key(i)
        if key not in titles:
            continue
        rank = lines.rank(i)
        since = first.setdefault(key, rank)
        if repeat.within is not None and rank - since > repeat.within:
            if len(first) == len(titles) and rank - max(first.values()) > repeat.within:
                return  # and so would be all further ones
        elif rank > since and (wanted is None or i in wanted):
            yield i


def _above_title(rule: Rule, repeat: Repeat, view: View, candidates: Sequence[int]) -> Iterator[int]:
    """All lines above the headline, if each of them fulfils the rule."""
    wanted = None if rule.wording is None else {*candidates}
    above = view.above_headline(repeat.within)
    return iter(above if all((wanted is None or i in wanted) and _holds(rule, view, i) for i in above) else ())


def _prefix_of_next(repeat: Repeat, view: View, candidates: Sequence[int]) -> Iterator[int]:
    """Lines that are the beginning of the next one, or those next ones.

    The headline may be one that goes: the next line says it too.
    """
    lines = view.lines
    for i in candidates:
        below = lines.neighbour(i, 1)
        key = lines.key(i)
        if below is not None and key and lines.key(below).startswith(key):
            yield i if repeat.drop == "earlier" else below


def _line_again(repeat: Repeat, view: View, candidates: Sequence[int]) -> Iterator[int]:
    """Lines that repeat an earlier line, or those earlier ones.

    The headline is never the one that goes: rules that drop earlier lines and rules that drop later ones would together
    leave none.
    """
    lines = view.lines
    kept = {lines.filled[0], view.headline} if repeat.drop == "earlier" and candidates else set()
    wanted = set(candidates)
    seen: dict[str, int] = {}
    for rank, i in enumerate(lines.filled):
        if i not in wanted or not (key := lines.key(i)):
            continue
        before = seen.get(key)
        if before is not None and (repeat.within is None or rank - lines.rank(before) <= repeat.within):
            if repeat.drop == "later":
                yield i
            elif before not in kept:
                yield before
        seen[key] = i


def _shape(rule: Rule, view: View, candidates: Sequence[int]) -> Iterator[Claim]:
    assert rule.shape is not None
    if len(view.taken) < rule.shape.beside:
        return
    if rule.wording is not None:  # what the wording found; without one, the shape has been asked for already
        from cleaner.match.shapes import shape_hits

        shaped = shape_hits({0: rule}, [view.lines.text], [view.document.hints])[0].get(0, [])
        candidates = sorted({*candidates} & {*shaped})
    kept = {view.lines.filled[0], view.headline} if candidates else set()
    ranks = [view.lines.rank(i) for i in candidates if i not in kept and _holds(rule, view, i)]
    run: list[int] = []
    for rank in [*ranks, -1]:
        if run and rank != run[-1] + 1:
            if len(run) >= rule.shape.run:
                for line in (view.lines.filled[member] for member in run):
                    if line not in view.taken or rule.action != "remove":
                        yield Claim(rule, line, line)
            run = []
        run.append(rank)


_KINDS: Final[dict[str, Callable[[Rule, View, Sequence[int]], Iterator[Claim]]]] = {
    "line": _line,
    "span": _span,
    "section": _section,
    "repeat": _repeat,
    "shape": _shape,
    "keep": _keep,
}
