"""From claims to removals: protect, settle overlaps, tidy the whitespace around what is removed.

Whole lines are removed together with the blank lines that only surrounded them: of the gaps above and below a run of
removed lines the larger one stays, and at either end of the text none does. A final line break stays if there was one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias, get_args

from cleaner.clean.view import Claim
from cleaner.document import Removal
from cleaner.options import PROFILES
from cleaner.rules.model import Kind, Rule
from cleaner.text.lines import Lines

_SPECIFIC: Final = {kind: i for i, kind in enumerate(get_args(Kind))}
"""Which of two rules that claim the same line is named for its removal: the more specific kind ..."""
_BOLD: Final = {profile: i for i, profile in enumerate(PROFILES)}
"""... and of equally specific ones that of the safer profile."""

Span: TypeAlias = tuple[int, int]
"""Start and end of a part of the text, in code points."""
Cut: TypeAlias = tuple[int, int, Rule]
"""A part that is removed, and the rule that takes it."""


class _Sorted(NamedTuple):
    """Claims, sorted out by what becomes of their lines."""

    removing: Sequence[Claim]
    """Those of removing rules, without sections whose head line is protected."""
    keeping: Sequence[Claim]
    protected: set[int]
    """The lines that those of keeping rules protect."""


class _Kept(NamedTuple):
    """The parts of a line that stay whatever is claimed: in order, and none within another."""

    starts: Sequence[int] = ()
    ends: Sequence[int] = ()

    @classmethod
    def of(cls, spans: Iterable[Span]) -> _Kept:
        return cls(*joined(sorted(spans)))

    def meets(self, a: int, b: int) -> bool:
        """Whether something of the span is among them."""
        behind = bisect_right(self.ends, a)
        return behind < len(self.ends) and self.starts[behind] < b


def joined(spans: Iterable[Span]) -> tuple[list[int], list[int]]:
    """Starts and ends of what these spans, which are sorted, cover together."""
    starts: list[int] = []
    ends: list[int] = []
    for a, b in spans:
        if ends and a <= ends[-1]:
            ends[-1] = max(ends[-1], b)
        else:
            starts.append(a)
            ends.append(b)
    return starts, ends


def _preference(rule: Rule) -> tuple[int, int, str]:
    return (_SPECIFIC[rule.kind], _BOLD[rule.profile], rule.id)


def removals_of(claims: Iterable[Claim], lines: Lines) -> tuple[Removal, ...]:
    """The removals, sorted and disjoint, that result from the claims of removing and keeping rules."""
    found = _sorted_out(claims)
    if not found.removing:
        return ()
    found = found._replace(removing=_ranked(found.removing))
    owners = _taken(found, lines)
    spans = _spans(found, owners, lines)
    cuts = [*_line_cuts(owners, lines), *spans]
    cuts.sort(key=lambda cut: cut[0])
    text = lines.text
    return tuple(Removal(a, b, rule.id, text[a:b], rule.version) for a, b, rule in cuts)


def lines_taken(claims: Iterable[Claim], lines: Lines) -> Collection[int]:
    """The non-blank lines that removing rules take whole."""
    return _taken(_sorted_out(claims), lines)


def lines_claimed(claims: Iterable[Claim], lines: Lines) -> Sequence[int]:
    """The non-blank lines of which removing rules would take something, ascending: where it matters what is kept."""
    found: set[int] = set()
    for rule, first, last, _ in claims:
        if rule.kind != "keep" and rule.action == "remove":
            found.update((first,) if first == last else lines.filled_between(first, last))
    return sorted(found)


def _sorted_out(claims: Iterable[Claim]) -> _Sorted:
    keeps: list[Claim] = []
    wanted: list[Claim] = []
    for claim in claims:
        if claim.rule.kind == "keep":
            if claim.rule.action != "silent":  # one that is asked for another rule's sake alone
                keeps.append(claim)
        elif claim.rule.action == "remove":
            wanted.append(claim)
    protected = {i for claim in keeps for i in range(claim.first, claim.last + 1)}
    opened = [claim for claim in wanted if claim.rule.section is None or claim.head not in protected]
    return _Sorted(opened, keeps, protected)


def marks_of(claims: Iterable[Claim], lines: Lines) -> tuple[Removal, ...]:
    """The spans that rules with ``action = "mark"`` point at, sorted by place and rule."""
    found = set()
    for claim in claims:
        if claim.rule.action == "mark":
            span = claim.span or (lines.start(claim.first), lines.end(claim.last))
            found.add((*span, claim.rule.id, claim.rule.version))
    return tuple(Removal(a, b, id, lines.text[a:b], version) for a, b, id, version in sorted(found))


def _ranked(claims: Sequence[Claim]) -> Sequence[Claim]:
    """The claims, those of preferred rules first."""
    rules = {id(claim.rule): claim.rule for claim in claims}
    if len(rules) == 1:
        return claims
    rank = {key: i for i, key in enumerate(sorted(rules, key=lambda key: _preference(rules[key])))}
    return sorted(claims, key=lambda claim: rank[id(claim.rule)])


def _taken(found: _Sorted, lines: Lines) -> dict[int, Rule]:
    """Non-blank line -> the rule that takes it, for the lines that go whole: the first of those that claim it.

    A short line that is kept for what stands beside it goes where nothing beside it stays: `Quick links` in a footer,
    or a name between two authors of whom the page tells.
    """
    owners = _owners(found.removing, found.protected, lines)
    beside = {i for keep in found.keeping if keep.rule.asks_beside for i in range(keep.first, keep.last + 1)}
    between = {i for i in beside if lines.neighbour(i, -1) in owners and lines.neighbour(i, 1) in owners}
    if between:
        own = {i for keep in found.keeping if not keep.rule.asks_beside for i in range(keep.first, keep.last + 1)}
        if void := {i for i in between - own if not lines.is_prose(i)}:
            return _owners(found.removing, found.protected - void, lines)
    return owners


def _owners(claims: Iterable[Claim], protected: set[int], lines: Lines) -> dict[int, Rule]:
    """As `_taken`, if exactly the protected lines stay."""
    owners: dict[int, Rule] = {}
    for rule, first, last, span in claims:
        if span is not None:
            continue
        for i in (first,) if first == last else lines.filled_between(first, last):
            if i not in protected:
                owners.setdefault(i, rule)
    return owners


def _spans(found: _Sorted, owners: dict[int, Rule], lines: Lines) -> list[Cut]:
    """The spans removed within lines that stay. A line of which only blanks would be left is added to ``owners``."""
    wanted = [
        (first, span, rule) for rule, first, _, span in found.removing if span is not None and first not in owners
    ]
    if not wanted:
        return []
    by_line: dict[int, list[Cut]] = {}
    shields: dict[int, list[Span]] = {}
    for keep in found.keeping:
        for i in range(keep.first, keep.last + 1):
            shields.setdefault(i, []).append(keep.span or (lines.start(i), lines.end(i)))
    kept = {i: _Kept.of(shields[i]) for i in {i for i, _, _ in wanted} & shields.keys()}
    for i, (a, b), rule in wanted:
        if i not in kept or not kept[i].meets(a, b):
            by_line.setdefault(i, []).append((a, b, rule))
    spans: list[Cut] = []
    for i, cuts in by_line.items():
        tidy = _tidied(_merged(cuts), lines, i, kept.get(i, _Kept()))
        edges = [lines.start(i), *(edge for a, b, _ in tidy for edge in (a, b)), lines.end(i)]
        left = any(lines.text[a:b].strip() for a, b in zip(edges[::2], edges[1::2], strict=True))
        if left or i in kept or not tidy:
            spans += tidy
        else:
            owners[i] = tidy[0][2]
    return spans


def _merged(spans: Iterable[Cut]) -> list[Cut]:
    """The spans sorted, overlapping ones merged; a merged span is named after the preferred one of its rules."""
    merged: list[Cut] = []
    for a, b, rule in sorted(spans, key=lambda span: span[0]):
        if merged and a < merged[-1][1]:
            start, end, owner = merged[-1]
            merged[-1] = (start, max(end, b), min(owner, rule, key=_preference))
        else:
            merged.append((a, b, rule))
    return merged


def _tidied(spans: Iterable[Cut], lines: Lines, i: int, kept: _Kept) -> list[Cut]:
    """The spans of a line, disjoint, each widened by the blanks that it would leave doubled. Those that then touch are
    widened once more, as one."""
    runs: list[list[Cut]] = []
    for a, b, rule in spans:
        a, b = _with_blanks(a, b, lines, i, kept)
        before = runs[-1][-1][1] if runs else -1
        if a <= before:
            runs[-1].append((before, max(before, b), rule))
        else:
            runs.append([(a, b, rule)])
    tidy: list[Cut] = []
    at = lines.start(i)
    for run in runs:
        a, b = _with_blanks(run[0][0], run[-1][1], lines, i, kept)
        run[0] = (a, *run[0][1:])
        run[-1] = (run[-1][0], b, run[-1][2])
        for a, b, rule in run:
            if max(a, at) < b:  # the blanks between two runs may widen both
                tidy.append((max(a, at), b, rule))
                at = b
    return tidy


def _with_blanks(a: int, b: int, lines: Lines, i: int, kept: _Kept) -> tuple[int, int]:
    """The span, widened by blanks that would be left doubled, or at either end of the line. Kept blanks stay; half
    a line break (the CR of CRLF) is no part of a line, and stays too."""
    text, start, end = lines.text, lines.start(i), lines.end(i)
    end -= text[start:end].endswith("\r")
    a, b = min(a, end), min(b, end)
    before, behind = bisect_right(kept.ends, a), bisect_left(kept.starts, b)
    least = kept.ends[before - 1] if before else start
    most = kept.starts[behind] if behind < len(kept.starts) else end
    while b < most and text[b] in " \t\xa0" and (a == start or text[a - 1] in " \t\xa0"):
        b += 1
    if b == end:
        while a > least and text[a - 1] in " \t\xa0":
            a -= 1
    return a, b


def _line_cuts(owners: dict[int, Rule], lines: Lines) -> list[Cut]:
    """Offsets of what goes with each run of lines: one cut for each stretch of lines that one rule takes."""
    cuts: list[Cut] = []
    filled = lines.filled
    taken = sorted(owners)
    ranks = [bisect_left(filled, i) for i in taken]
    at = 0
    while at < len(taken):
        to = at
        while to + 1 < len(taken) and ranks[to + 1] == ranks[to] + 1:
            to += 1
        above = filled[ranks[at] - 1] if ranks[at] else None
        below = filled[ranks[to] + 1] if ranks[to] + 1 < len(filled) else None
        start, end = _extent(taken[at], taken[to], above, below, lines)
        heads = [at] + [k for k in range(at + 1, to + 1) if owners[taken[k]] is not owners[taken[k - 1]]]
        starts = [start] + [lines.start(taken[k]) for k in heads[1:]]
        for k, a, b in zip(heads, starts, [*starts[1:], end], strict=True):
            cuts.append((a, b, owners[taken[k]]))
        at = to + 1
    return cuts


def _extent(first: int, last: int, above: int | None, below: int | None, lines: Lines) -> tuple[int, int]:
    """What goes with the lines ``first`` to ``last``, given the nearest lines that stay."""
    text = lines.text
    if above is None and below is None:
        return 0, len(text)
    if above is None:
        assert below is not None
        return 0, lines.start(below)
    if below is None:
        start, end = lines.end(above), len(text)
        if text.endswith("\n"):
            end -= 1
        if text[start - 1 : start] == "\r" and text[end - 1 : end] != "\r":
            start -= 1  # CRLF text: what is left must not end in half a line break
        return start, end
    if first - above >= below - last:
        return lines.start(first), lines.start(below)
    return lines.start(above + 1), lines.start(last + 1)
