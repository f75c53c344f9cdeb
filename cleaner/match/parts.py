"""What the fast engine is made of, and how it is kept between runs.

To index some thousand rules takes seconds. So the bundled ones are indexed once, when the package is built or at the
first run. A rule set that has most of them, under whatever profile, uses their selectors; only the rules that it has
besides are indexed for it, so that trying a rule file takes no longer than its own rules do.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from cleaner.cache import cached
from cleaner.match.conditions import ConditionAutomata, condition_automata
from cleaner.match.prechecks import Prechecks
from cleaner.match.repeats import Repeats
from cleaner.match.select import Selector
from cleaner.match.table import Ints
from cleaner.rules.model import Rule
from cleaner.rules.packed import packed_of
from cleaner.rules.wording import pickled_patterns, use_pickled

__all__ = ["EngineParts", "parts_of"]

_MANY: Final = 200
"""Fewest rules for which this is worth keeping; fewer are quick to index and would crowd the cache."""

_FROM_BUNDLED: Final = 0.5
"""Least share of the bundled rules that a rule set must have to use their selectors. Where it has fewer, to index those
anew is quicker than to search each text for all of them."""

Selectors: TypeAlias = tuple[Selector, Selector]
"""Selectors of the rules that are asked first, and of those that are asked later."""

Others: TypeAlias = tuple[ConditionAutomata, Prechecks, Repeats]
"""What is made of all rules together."""


@dataclass(frozen=True, slots=True, eq=False)
class EngineParts:
    """What the engine of a rule set is made of: selectors, each for some of its rules, and what is made of all."""

    selectors: Sequence[Selectors]
    automata: ConditionAutomata
    prechecks: Prechecks
    repeats: Repeats


def parts_of(rules: Sequence[Rule], fingerprint: str = "") -> EngineParts:
    """The parts for these rules. With their ``fingerprint`` they are kept, and so are the patterns, ready for use."""
    if not fingerprint or len(rules) < _MANY:
        return EngineParts([_selectors(rules, keep=False)], *_others(rules, keep=False))
    bundled, numbers, own, others = cached("selector", fingerprint, lambda: _made(rules))
    use_pickled(cached("patterns", fingerprint, lambda: pickled_patterns(rules)))
    pairs: list[Selectors] = [own] if own else []
    if bundled:
        name, *shared = cached("bundled", bundled, _bundled)
        if name != bundled:  # the rules of the package are others by now, and the old ones are no longer kept
            return EngineParts([_selectors(rules, keep=True)], *others)
        first, later = (selector.numbered(numbers) for selector in shared)
        pairs.insert(0, (first, later))
    return EngineParts(pairs, *others)


def _made(rules: Sequence[Rule]) -> tuple[str, Ints, Selectors | None, Others]:
    """What is kept for a rule set: the fingerprint of the bundled rules, or nothing where their selectors are not used;
    of each bundled rule its number in this set, -1 for none; the selectors of the other rules; the other parts."""
    from cleaner.rules.load import load_rules

    bundled = load_rules(profile="thorough")
    number = {packed: i for i, packed in enumerate(packed_of(rules))}
    late, late_bundled = _asked_later(rules), _asked_later(bundled.rules)
    # A rule that is asked first among the bundled ones may be asked later here, but not the other way round.
    numbers = [
        -1 if (i in late_bundled and number.get(packed) not in late) else number.get(packed, -1)
        for i, packed in enumerate(packed_of(bundled.rules))
    ]
    used = {*numbers} - {-1}
    name = bundled.fingerprint
    if len(used) < _FROM_BUNDLED * len(bundled.rules):
        name, used = "", set()
    own = _selectors(rules, keep=True, without=used) if len(used) < len(rules) else None
    return name, np.array(numbers, np.int64), own, _others(rules, keep=True)


def _others(rules: Sequence[Rule], *, keep: bool) -> Others:
    return condition_automata(rules, keep=keep), Prechecks(rules), Repeats(rules)


def _bundled() -> tuple[str, Selector, Selector]:
    """The fingerprint and the selectors of all bundled rules."""
    from cleaner.rules.load import load_rules

    bundled = load_rules(profile="thorough")
    return bundled.fingerprint, *_selectors(bundled.rules, keep=True)


def _selectors(rules: Sequence[Rule], *, keep: bool, without: Set[int] = frozenset()) -> Selectors:
    """Selectors of the rules, but ``without`` those of these numbers; ``keep`` as for `indexer.selectors_of`."""
    from cleaner.match.indexer import selectors_of  # only where it is not kept from an earlier run

    late = _asked_later(rules)
    parts = [[i for i in range(len(rules)) if i not in without and (i in late) is later] for later in (False, True)]
    first, later = selectors_of(rules, parts, keep=keep)
    return first, later


def _asked_later(rules: Sequence[Rule]) -> frozenset[int]:
    """The numbers of the rules whose hits matter only in lines that others claim: keep rules whose hits no other rule
    asks for."""
    asked = {id for rule in rules for id in rule.asks_for}
    return frozenset(
        i
        for i, rule in enumerate(rules)
        if rule.kind == "keep" and rule.wording is not None and rule.action != "mark" and rule.id not in asked
    )
