"""The plain engine tries every rule's wording on every line: slow, short, and the definition of what a rule means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cleaner.rules.model import Rule
from cleaner.rules.wording import matcher
from cleaner.text.lines import Lines


def find_hits(lines: Lines, rules: Sequence[Rule], active: Iterable[int]) -> dict[int, list[int]]:
    """The lines that each active rule may concern: those that its wording matches or, without one, all that are not
    blank. Shape rules without a wording are left out."""
    filled = [(i, lines.raw(i), lines.folded[i]) for i in lines.filled]
    hits: dict[int, list[int]] = {}
    for index in active:
        rule = rules[index]
        if rule.wording is not None:
            matches = matcher(rule.wording).matches
            found = [i for i, raw, folded in filled if matches(raw, folded)]
        else:
            found = [] if rule.shape is not None else [*lines.filled]
        if found:
            hits[index] = found
    return hits
