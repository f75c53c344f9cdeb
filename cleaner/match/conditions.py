"""Automata of the wordings that rules ask of a hit and of the lines around it: most lines do not say them, and an
automaton tells so where the line stands, before it is cut out, folded and searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import regex

from cleaner.cache import remembered
from cleaner.match.automaton import Automata, Automaton, kind_table
from cleaner.match.table import Ints, native
from cleaner.options import MAX_LINE
from cleaner.rules.model import Rule, Wording
from cleaner.rules.wording import conditions, forms

__all__ = ["ConditionAutomata", "Conditions", "condition_automata"]

Patterns: TypeAlias = tuple[tuple[str, ...], bool]
"""Patterns of a wording, and whether they see lines as written."""


@dataclass(frozen=True, slots=True, eq=False)
class ConditionAutomata:
    """The automata of all conditions of some rules."""

    automata: Automata
    numbers: tuple[tuple[int, ...], ...]
    """Of each condition, in the order of rules: its automata, one of which lets a line through that it matches; none
    where nothing is known."""


def condition_automata(rules: Sequence[Rule], *, keep: bool = False) -> ConditionAutomata:
    """What `Conditions` is made of; with ``keep``, what is read off each wording is kept in the cache."""
    said = [_patterns(wording) for rule in rules for wording in conditions(rule)]
    wanted = dict.fromkeys(patterns for each in said for patterns in each)
    found = remembered("conditions", wanted, _automata) if keep else {key: _automata(key) for key in wanted}
    made: list[tuple[int, bool, Automaton]] = []
    of: dict[Patterns, range] = {}
    for patterns, automata in found.items():
        if automata:
            of[patterns] = range(len(made), len(made) + len(automata))
            made += [(len(made) + i, patterns[1], automaton) for i, automaton in enumerate(automata)]
    numbers = tuple(
        tuple(number for key in each for number in of[key]) if all(key in of for key in each) else () for each in said
    )
    return ConditionAutomata(Automata.joined(len(made), made), numbers)


def _patterns(wording: Wording) -> list[Patterns]:
    """The wording's forms as patterns: those that see folded lines, and those that see them as written. None for
    wordings with phrases, which are looked up at once."""
    if wording.phrases or wording.numbered:
        return []
    said = forms(wording)
    folded = [form.text if form.kind == "regex" else regex.escape(form.text) for form in said if form.kind != "raw"]
    raw = [form.text for form in said if form.kind == "raw"]
    return [(tuple(texts), seen_raw) for texts, seen_raw in ((folded, False), (raw, True)) if texts]


def _automata(patterns: Patterns) -> tuple[Automaton, ...]:
    """Automata one of which lets a line through that one of the patterns matches: one for all, or for either half of
    them where it has no room for all their states. None where nothing is known of one."""
    from cleaner.match.construct import automaton_of  # only where it is not kept from an earlier run

    texts, raw = patterns
    automaton = automaton_of(*texts, raw=raw)
    if automaton is None or not automaton.is_full or len(texts) == 1:
        return (automaton,) if automaton else ()
    half = len(texts) // 2
    return _automata((texts[:half], raw)) + _automata((texts[half:], raw))


class Conditions:
    """Which lines may match the conditions of rules."""

    def __init__(self, rules: Sequence[Rule], known: ConditionAutomata) -> None:
        said = [wording for rule in rules for wording in conditions(rule)]
        self._numbers = {id(wording): numbers for wording, numbers in zip(said, known.numbers, strict=True) if numbers}
        self.near = self._asked_beside(rules)
        self.automata: Any = None
        """In the compiled loops, if there are any."""
        if native is not None:
            tables = kind_table(raw=False), kind_table(raw=True)
            self.automata = native.Automata(*known.automata.columns, *tables)

    def may_match(self, wording: object, text: str, start: int, end: int) -> bool:
        """Whether the wording of a condition may match this stretch of a text, which is a line."""
        if end - start > MAX_LINE:
            return False
        numbers = self._numbers.get(id(wording))
        return numbers is None or self.automata is None or self.automata.may(numbers, text, start, end)

    def _asked_beside(self, rules: Sequence[Rule]) -> tuple[Ints, Ints]:
        """What rules ask of the lines around a hit, for the compiled loops: of each rule how many lines above,
        0 where nothing is known of what, and where their automata begin and end in a list; the same for below; and the
        list. Rules of kind repeat look at other lines before they ask for conditions."""
        asked = np.zeros((len(rules), 6), np.int64)
        listed: list[int] = []
        for i, rule in enumerate(rules):
            for at, side in ((0, rule.above), (3, rule.below)):
                numbers = self._numbers.get(id(side.wording)) if side and not side.none else None
                if numbers and side and rule.kind != "repeat":
                    asked[i, at : at + 3] = side.within, len(listed), len(listed) + len(numbers)
                    listed += numbers
        return asked, np.array(listed, np.int64)
