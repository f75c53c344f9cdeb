"""What the fast engine is made of, and how it is kept between runs.

To place some thousand rules in selectors takes seconds. The bundled ones are placed once and for all, with the package
or at the first run; a rule set that has most of them, under whatever profile, takes them from there, and only what it
has besides is placed for it: an own rule file is tried in the time that its rules take.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from cleaner.cache import cached
from cleaner.match.conditions import ConditionAutomata, condition_automata
from cleaner.match.guards import Guards
from cleaner.match.select import Selector
from cleaner.match.table import Ints
from cleaner.rules.model import Rule
from cleaner.rules.packed import packed_of
from cleaner.rules.wording import make_ready, ready_made

__all__ = ["EngineParts", "parts_of"]

_MANY: Final = 200
"""Fewest rules for which this is worth keeping; fewer are quick to place and would crowd the cache."""

_FROM_BUNDLED: Final = 0.5
"""Least share of the bundled rules that a rule set must have to use their selectors. With fewer, placing those few anew
is quicker than searching for what all of them say."""

Pair: TypeAlias = tuple[Selector, Selector]
"""Selectors of the rules that are asked first, and of those that are asked later."""


@dataclass(frozen=True, slots=True, eq=False)
class EngineParts:
    """What the engine of a rule set is made of: selectors, each for some of its rules, and the conditions of all."""

    selectors: Sequence[Pair]
    automata: ConditionAutomata
    guards: Guards


def parts_of(rules: Sequence[Rule], fingerprint: str = "") -> EngineParts:
    """The parts for these rules. With their ``fingerprint`` they are kept, and so are the patterns, ready for use."""
    if not fingerprint or len(rules) < _MANY:
        return EngineParts([_placed(rules, _asked_later(rules), keep=False)], condition_automata(rules), Guards(rules))
    bundled, numbers, own, automata, guards = cached("selector", fingerprint, lambda: _kept(rules))
    make_ready(cached("patterns", fingerprint, lambda: ready_made(rules)))
    pairs: list[Pair] = [own] if own else []
    if bundled:
        name, *shared = cached("bundled", bundled, _bundled)
        if name != bundled:  # the rules of the package are others by now, and the old ones are no longer kept
            return EngineParts([_placed(rules, _asked_later(rules), keep=True)], automata, guards)
        first, later = (selector.numbered(numbers) for selector in shared)
        pairs.insert(0, (first, later))
    return EngineParts(pairs, automata, guards)


def _kept(rules: Sequence[Rule]) -> tuple[str, Ints, Pair | None, ConditionAutomata, Guards]:
    """The fingerprint of the bundled rules if their selectors are used, and the number here of each of those rules, -1
    for none; then what is made for these rules alone."""
    from cleaner.rules.load import load_rules

    bundled = load_rules(profile="thorough")
    number = {packed: i for i, packed in enumerate(packed_of(rules))}
    late, late_there = _asked_later(rules), _asked_later(bundled.rules)
    found = [number.get(packed, -1) for packed in packed_of(bundled.rules)]
    # what is found with the first may be asked later, but not the other way round
    numbers = [-1 if there in late_there and here not in late else here for there, here in enumerate(found)]
    used = {*numbers} - {-1}
    name = bundled.fingerprint
    if len(used) < _FROM_BUNDLED * len(bundled.rules):
        name, used = "", set()
    pair = _placed(rules, late, keep=True, but=used) if len(used) < len(rules) else None
    return name, np.array(numbers, np.int64), pair, condition_automata(rules, keep=True), Guards(rules)


def _bundled() -> tuple[str, Selector, Selector]:
    """The fingerprint and the selectors of all bundled rules."""
    from cleaner.rules.load import load_rules

    bundled = load_rules(profile="thorough")
    return bundled.fingerprint, *_placed(bundled.rules, _asked_later(bundled.rules), keep=True)


def _placed(rules: Sequence[Rule], late: Set[int], *, keep: bool, but: Set[int] = frozenset()) -> Pair:
    """Selectors of the rules, of which those of some numbers are asked later, and some left out; with ``keep``, what
    they are made of is kept."""
    from cleaner.match.place import selectors_of  # only where it is not kept from an earlier run

    parts = [[i for i in range(len(rules)) if i not in but and (i in late) is asked] for asked in (False, True)]
    first, later = selectors_of(rules, parts, keep=keep)
    return first, later


def _asked_later(rules: Sequence[Rule]) -> frozenset[int]:
    """The rules whose hits matter only in lines that others claim: keep rules whose hits no other rule asks for."""
    asked = {id for rule in rules for id in rule.asked}
    return frozenset(
        i
        for i, rule in enumerate(rules)
        if rule.kind == "keep" and rule.wording is not None and rule.action != "mark" and rule.id not in asked
    )
