"""The plain engine tries every rule's wording on every line: slow, short, and the definition of what a rule means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cleaner.rules.model import Rule
from cleaner.rules.wording import matcher
from cleaner.text.lines import Lines


def find_hits(lines: Lines, rules: Sequence[Rule], active: Iterable[int]) -> dict[int, list[int]]:
    """The lines that each active rule's wording matches. Rules without one are left out."""
    filled = [(i, lines.raw(i), lines.folded[i]) for i in lines.filled]
    hits: dict[int, list[int]] = {}
    for index in active:
        if (wording := rules[index].wording) is not None:
            matches = matcher(wording).matches
            found = [i for i, raw, folded in filled if matches(raw, folded)]
            if found:
                hits[index] = found
    return hits
