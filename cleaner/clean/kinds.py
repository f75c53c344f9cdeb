"""What each kind of rule claims, given the lines that its wording matches.

A rule's claims depend on the text alone. Rules are asked in the order of the rule set, where each stands behind those
whose hits its neighbour conditions ask for; shape rules are asked when all others have made their claims. No rule of
lines or shapes takes a line of a hard-wrapped paragraph, which is a part of a sentence, and none opens a section.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from cleaner.clean.conditions import holds
from cleaner.clean.view import Claim, View
from cleaner.rules.model import Repeat, Rule, Section, Wording
from cleaner.rules.wording import matcher


def evaluate(rules: Sequence[Rule], indexes: Iterable[int], view: View) -> Sequence[Claim]:
    """Have these rules, which have hits in the document, make their claims; gives the new ones."""
    before = len(view.claims)
    for index in indexes:
        rule = rules[index]
        found = list(_KINDS[rule.kind](rule, view, view.hits[index]))
        if found and (rule.kind == "keep" or not view.is_foreign(rule.lang)):
            view.claimed[rule.id] = found
            view.claims += found
    return view.claims[before:]


# --- kinds: (rule, view, candidate lines) -> claims


def _line(rule: Rule, view: View, candidates: Sequence[int]) -> Iterator[Claim]:
    for i in candidates:
        if _stands_free(rule, view, i):
            yield Claim(rule, i, i)


def _stands_free(rule: Rule, view: View, i: int) -> bool:
    """Whether line ``i`` fulfils the rule's conditions, and is neither the headline nor in a hard-wrapped paragraph."""
    return holds(rule, view, i) and not view.is_headline(i) and not view.lines.paragraph(i)


def _span(rule: Rule, view: View, candidates: Sequence[int]) -> Iterator[Claim]:
    lines = view.lines
    for i in candidates:
        if rule.wording and holds(rule, view, i):
            start = lines.start(i)
            for a, b in matcher(rule.wording).spans(lines.raw(i), lines.folded[i]):
                yield Claim(rule, i, i, (start + a, start + b))


def _keep(rule: Rule, view: View, candidates: Sequence[int]) -> Iterator[Claim]:
    if rule.part:
        return _span(rule, view, candidates)
    return (Claim(rule, i, i) for i in candidates if holds(rule, view, i))


_TITLED: Final = 3
"""Lines right above the first prose of a text that a section which opens further up leaves alone: they are the title
with a byline and a date, and the menu of the page, with a heading such as `Latest news`, may end right above them."""


def _section(rule: Rule, view: View, candidates: Sequence[int]) -> Iterator[Claim]:
    section, lines = rule.section, view.lines
    assert section is not None
    if section.upward:
        yield from _section_above(rule, section, view, candidates)
        return
    reached = -1
    searched = 0
    for head in candidates:
        if head <= reached or not _stands_free(rule, view, head):
            continue
        stop, searched = _stop(section, view, lines.rank(head) + 1, searched)
        last = lines.filled[lines.rank(stop) - 1]
        if head < view.prose == stop:
            last = max(head, lines.filled[max(0, lines.rank(stop) - 1 - _TITLED)])
        elif last > head and lines.is_heading(last):  # of the prose that ends the section
            last = lines.filled[lines.rank(last) - 1]
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
        if head >= reached or not _stands_free(rule, view, head):
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


def _stop(section: Section, view: View, first: int, searched: int) -> tuple[int, int]:
    """The line that ends a section, and the rank up to which no line does. Where none ends it within `max_lines`, the
    former is the number of lines. ``first`` is the rank of the first non-blank line below the head.

    The latter is ``searched`` for the next head: a line that does not end one section does not end the next one either.
    So the searches of all heads together ask each line once or twice.
    """
    last = len(view.lines.filled) if section.max_lines is None else first + section.max_lines + 1
    searched = max(first, searched)
    for rank in range(searched, min(last, len(view.lines.filled))):
        if (stop := _end(section, view, rank, rank - first, -1)) is not None:
            return stop, rank
        searched = rank + 1
    return len(view.lines), searched


def _stop_above(section: Section, view: View, head: int) -> int:
    """The nearest line above the head that is no longer part of its section; -1: all are."""
    last = view.lines.rank(head) - 1
    for rank in range(last, -1, -1):
        if (stop := _end(section, view, rank, last - rank, 1)) is not None:
            return stop
    return -1


def _end(section: Section, view: View, rank: int, filled: int, back: int) -> int | None:
    """The line at which a section ends, if it ends at the non-blank line of this rank: that line, or the blank one in
    front. The section has ``filled`` non-blank lines so far, its head aside; ``back`` is the step back towards them.

    Any section ends at the headline above the first prose: it may have begun in the menu of the page. A hard-wrapped
    paragraph is one line here: what ends at prose or at a long line ends at it, too.
    """
    lines, until, stop = view.lines, section.until, section.stop
    i = lines.filled[rank]
    if filled and "blank" in until and lines.filled[rank + back] != i + back:
        return lines.filled[rank + back] - back
    if (
        (i == view.headline and i < view.prose)
        or ("prose" in until and lines.is_prose(i))
        or ("heading" in until and filled and lines.is_heading(i))
        or (stop is not None and view.matches(stop, i))
        or ((paragraph := lines.paragraph(i)) and ("prose" in until or _ends_whole(stop, view, paragraph, i, back)))
    ):
        return i
    return None


def _ends_whole(stop: Wording | None, view: View, paragraph: range, i: int, back: int) -> bool:
    """Whether a hard-wrapped paragraph ends a section that comes to it at line ``i``: it is asked once, as one line."""
    return stop is not None and i == paragraph[0 if back < 0 else -1] and view.matches_as_one(stop, paragraph)


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
        if holds(rule, view, i) and not view.lines.paragraph(i):
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
    first: dict[str, int] = {}  # rank of the line where each stands first, whether the rule's wording matches it or not
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
    return iter(above if all((wanted is None or i in wanted) and holds(rule, view, i) for i in above) else ())


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
    if view.is_clean(rule.shape.beside):
        return
    if rule.wording is not None:  # what the wording found; without one, the shape has been asked for already
        from cleaner.match.shapes import shape_hits

        fits = shape_hits({0: rule}, [view.lines.text], [view.document.hints])[0].get(0, [])
        candidates = sorted({*candidates} & {*fits})
    kept = {view.lines.filled[0], view.headline} if candidates else set()
    shaped = [i for i in candidates if i not in kept and holds(rule, view, i) and not view.lines.paragraph(i)]
    for i in shaped if rule.shape.run == 1 else _in_runs(shaped, rule.shape.run, view):
        if i not in view.taken or rule.action != "remove":
            yield Claim(rule, i, i)


def _in_runs(found: Sequence[int], least: int, view: View) -> Iterator[int]:
    """Those of the lines that have as many of them side by side, blank lines not counted."""
    run: list[int] = []
    for i in found:
        if run and view.lines.neighbour(run[-1], 1) != i:
            if len(run) >= least:
                yield from run
            run = []
        run.append(i)
    if len(run) >= least:
        yield from run


_KINDS: Final[dict[str, Callable[[Rule, View, Sequence[int]], Iterator[Claim]]]] = {
    "line": _line,
    "span": _span,
    "section": _section,
    "repeat": _repeat,
    "shape": _shape,
    "keep": _keep,
}
