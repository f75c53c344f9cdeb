"""Which units of a site are facts: rows of tables and lists that belong to its articles, and no furniture."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from cleaner.learn.pages import COMMON, ONE_HAND, SURE
from cleaner.learn.units import NamedPage, Unit
from cleaner.learn.words import LABELS

TWO_NUMBERS: Final = re.compile(r"\d\D+\d")

LEAST_LABELS: Final = 3
"""Fewest labels on lines of their own, in a fixed order, that are those of a table."""

Pairs = dict[str, list[tuple[str, str]]]
"""Unit -> at each of its occurrences the units right above and below it."""


def find_facts(pages: Sequence[NamedPage], units: Mapping[str, Unit]) -> set[str]:
    """Units that are rows of tables and lists in the articles.

    Such a row states a fact, as `Material: oak` does. `Material - oak` must stand once a page, as titles have dashes
    too. What a page says of itself (`Author: Ada Mill`) is a fact only where it mostly stands beside another.
    """
    counts = Counter(name for page in pages for name in page.units)
    labels = {
        name: label
        for name, unit in units.items()
        if (label := unit.label) and (":" in name or unit.pages >= ONE_HAND * counts[name])
    }
    facts = {name for name, label in labels.items() if not label.startswith(LABELS)}
    beside: Pairs = {}
    unsure: dict[str, set[str]] = defaultdict(set)  # unit -> the labels beside it of which nobody knows yet
    for page in pages:
        if labels.keys().isdisjoint(page.units):
            continue
        names = ["", *page.units, ""]
        for at, name in enumerate(names):
            if name in labels and name not in facts:
                beside.setdefault(name, []).append((names[at - 1], names[at + 1]))
                unsure[names[at - 1]].add(name)
                unsure[names[at + 1]].add(name)
    facts |= _labels_above(pages, units, counts) | _listed(pages, units)
    more = facts
    while more:
        near = {name: beside[name] for fact in more & unsure.keys() for name in unsure[fact] - facts}
        more = {name for name, pairs in near.items() if 2 * sum(not facts.isdisjoint(p) for p in pairs) > len(pairs)}
        facts |= more
    return facts


def is_row(key: str) -> bool:
    """Whether a third of a line's words and more are numbers, two at least."""
    if len(key) > 200 or not TWO_NUMBERS.search(key):
        return False
    words = key.split()
    numbers = sum(word[0].isdigit() for word in words)
    return numbers > 1 and numbers * 3 >= len(words)


def _listed(pages: Sequence[NamedPage], units: Mapping[str, Unit]) -> set[str]:
    """Units that are entries of lists or rows of tables in the articles.

    They begin with a number, as `200 g flour` does, or hold several. Mostly they stand beside another such line. Not
    nearly all pages have them, or not always between the same lines.
    """
    counts = Counter[str]()
    beside: Pairs = {}
    for page in pages:
        names = ["", *page.units, ""]
        entry = [_may_be_listed(units.get(name), key) for name, key in zip(names, ["", *page.keys, ""], strict=True)]
        for at, name in enumerate(names):
            if name and entry[at]:
                counts[name] += 1
                if entry[at - 1] or entry[at + 1]:
                    beside.setdefault(name, []).append((names[at - 1], names[at + 1]))
    return {
        name
        for name, near in beside.items()
        if 2 * len(near) > counts[name]
        and (units[name].share < SURE or max(Counter(near).values()) < ONE_HAND * len(near))
    }


def _may_be_listed(unit: Unit | None, key: str) -> bool:
    if unit and (unit.wordless or unit.dated or not unit.numbered):
        return False
    return key[:1].isdigit() or is_row(key)


def _labels_above(pages: Sequence[NamedPage], units: Mapping[str, Unit], counts: Counter[str]) -> set[str]:
    """Labels on lines of their own, and the facts below them.

    There are three labels or more in a fixed order, with a line between each and the next that differs from page to
    page. At most half of the labels are what a page says of itself.
    """
    fixed = {name for name, unit in units.items() if unit.share >= COMMON and not (unit.moving or unit.wordless)}
    values: dict[str, Counter[str]] = defaultdict(Counter)
    nexts: dict[str, Counter[str]] = defaultdict(Counter)
    for page in pages:
        for name, value, after in zip(page.units, page.units[1:], [*page.units[2:], ""], strict=False):
            if name in fixed and value not in fixed:
                values[name][value] += 1
                nexts[name][after] += 1
    candidates = {name for name in values if values[name].total() >= ONE_HAND * counts[name]}
    then = {
        name: after
        for name in candidates
        for after, count in nexts[name].items()
        if after in candidates and count >= ONE_HAND * counts[name]
    }
    labels = in_order(then)
    below = Counter(value for label in labels for value in values[label].elements() if value)
    return labels | {value for value, count in below.items() if 2 * count > counts[value]}


def in_order(then: Mapping[str, str]) -> set[str]:
    """The labels of runs of three and more, of which at most half are what a page says of itself. ``then``: the label
    that follows another one. Each is looked at once, as a page may hold thousands."""
    runs: dict[str, tuple[int, int]] = {}  # label -> of the run from it on: its labels, and those of the page itself
    for label in then:
        path: dict[str, bool] = {}  # label -> whether it is what a page says of itself
        while label not in runs and label not in path:
            path[label] = f"{label} ".startswith(LABELS)
            label = then.get(label, label)
        passed = [*path]
        if label in path:  # the end of a run, or a ring, which is a run from each of its labels on
            ring = passed[passed.index(label) :]
            runs |= dict.fromkeys(ring, (len(ring), sum(map(path.__getitem__, ring))))
            del passed[-len(ring) :]
        for before in reversed(passed):
            runs[before] = runs[label][0] + 1, runs[label][1] + path[before]
            label = before
    labels: set[str] = set()
    for label, (size, own) in runs.items():
        while size >= LEAST_LABELS and 2 * own <= size and label not in labels:
            labels.add(label)
            label = then.get(label, label)
    return labels
