"""The plain engine tries every rule's wording on every line: slow, short, and the definition of what a rule means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cleaner.rules.model import Rule
from cleaner.rules.wording import matcher
from cleaner.text.lines import Lines

Hits = Mapping[int, Sequence[int]]
"""Index of a rule in its rule set -> the lines its wording or its shape matches, ascending."""


def find_hits(
    lines: Lines, rules: Sequence[Rule], active: Iterable[int], hints: Mapping[str, Sequence[float]] | None = None
) -> Hits:
    """The lines that each active rule's wording matches, or its shape. Rules with neither are left out. ``hints``: what
    a page's markup said about each line."""
    filled = [(i, lines.raw(i), lines.folded[i]) for i in lines.filled]
    hits: dict[int, list[int]] = {}
    active = list(active)
    if shaped := {i: rules[i] for i in active if rules[i].shape is not None and rules[i].wording is None}:
        from cleaner.match.shapes import shape_hits  # NumPy is loaded where a shape rule runs

        hits |= shape_hits(shaped, [lines.text], [hints])[0]
    for index in active:
        if (wording := rules[index].wording) is not None:
            matches = matcher(wording).matches
            found = [i for i, raw, folded in filled if matches(raw, folded)]
            if found:
                hits[index] = found
    return hits
