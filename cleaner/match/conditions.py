"""Automata of the wordings that rules ask of a hit and of the lines around it: most lines do not say them, and an
automaton tells so where the line stands, before it is cut out, folded and searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import regex
from numpy.typing import NDArray

from cleaner.cache import remembered
from cleaner.match.alphabet import EVERY
from cleaner.match.automaton import Automata, Automaton, kind_table
from cleaner.match.edges import edges_of
from cleaner.match.needs import Needs, needs_of
from cleaner.match.table import Ints, native
from cleaner.options import MAX_LINE
from cleaner.rules.model import Rule, Wording
from cleaner.rules.wording import conditions, forms
from cleaner.text.fold import NUMBER, OUTER

__all__ = ["ConditionAutomata", "Conditions", "condition_automata"]

Words: TypeAlias = NDArray[np.uint64]

_LONG: Final = 40
"""Code points: half a line of prose. Automata count to eight (`construct`): one for a pattern of long lines and others
would let all short lines through."""

Patterns: TypeAlias = tuple[tuple[str, ...], bool]
"""Patterns of a wording, and whether they see lines as written."""


@dataclass(frozen=True, slots=True, eq=False)
class ConditionAutomata:
    """The automata of all conditions of some rules."""

    automata: Automata
    numbers: tuple[tuple[tuple[int, ...], ...], ...]
    """Of each rule, for each of its conditions: the automata one of which lets a line through that it matches; none
    where nothing is known."""
    wordless: tuple[int, ...]
    """Rules without a wording of their own."""
    near: tuple[Ints, Ints, Words]
    """What rules ask of the lines around a hit, for the compiled loops. See `_beside`."""
    titles: tuple[tuple[int, ...], ...]
    """Of each wording that rules ask of a title: the automata one of which lets a title through that it matches."""
    titled: Ints
    """Rule -> number of its wording in ``titles``, counted from 1; 0: none."""


def condition_automata(rules: Sequence[Rule], *, keep: bool = False) -> ConditionAutomata:
    """What `Conditions` is made of; with ``keep``, what is read off each wording is kept in the cache."""
    said = [[_patterns(wording) for wording in conditions(rule)] for rule in rules]
    wanted = dict.fromkeys(patterns for own in said for each in own for patterns in each)
    found = remembered("conditions", wanted, _read) if keep else {key: _read(key) for key in wanted}
    made: list[tuple[int, bool, Automaton]] = []
    needs: list[Needs] = []
    of: dict[Patterns, range] = {}
    for patterns, (automata, needed) in found.items():
        if automata:
            of[patterns] = range(len(made), len(made) + len(automata))
            made += [(len(made) + i, patterns[1], automaton) for i, automaton in enumerate(automata)]
            needs += [needed] * len(automata)
    numbers = tuple(
        tuple(tuple(n for key in each for n in of[key]) if all(key in of for key in each) else () for each in own)
        for own in said
    )
    wordless = tuple(i for i, rule in enumerate(rules) if rule.wording is None)
    beside = _beside(rules, numbers, needs)
    return ConditionAutomata(Automata.joined(len(made), made), numbers, wordless, beside, *_titles(rules, numbers))


def _read(patterns: Patterns) -> tuple[tuple[Automaton, ...], Needs]:
    """What is read off patterns: their automata, and what each line has that one of them matches."""
    texts, raw = patterns
    return _automata(patterns), needs_of("|".join(f"(?:{text})" for text in texts), folded=not raw)


def _beside(
    rules: Sequence[Rule], numbers: Sequence[Sequence[Sequence[int]]], needs: Sequence[Needs]
) -> tuple[Ints, Ints, Words]:
    """Of each rule how many lines above a hit are asked, 0 where nothing is known of what, and where the automata that
    ask them begin and end in a list; the same for below, and for either side; the list; and the characters that a line
    has which the automaton lets through, as `needs.Needs`. Rules of kind repeat look at other lines before they ask for
    conditions."""
    asked = np.zeros((len(rules), 9), np.int64)
    listed: list[int] = []
    for i, (rule, own) in enumerate(zip(rules, numbers, strict=True)):
        known = {id(wording): each for wording, each in zip(conditions(rule), own, strict=True)}
        for at, side in ((0, rule.above), (3, rule.below), (6, rule.near)):
            if not side or side.none or rule.kind == "repeat":
                continue
            if beside := known.get(id(side.wording or (rule.wording if side.alike else None))):
                asked[i, at : at + 3] = side.within, len(listed), len(listed) + len(beside)
                listed += beside
    chars = [(needs[number].all, *(*needs[number].any, EVERY, EVERY)[:2]) for number in listed]
    return asked, np.array(listed, np.int64), np.array(chars, np.uint64).reshape(-1, 3)


def _titles(
    rules: Sequence[Rule], numbers: Sequence[Sequence[Sequence[int]]]
) -> tuple[tuple[tuple[int, ...], ...], Ints]:
    """The columns ``titles`` and ``titled``. Of rules of kind repeat no title is known, for the same reason."""
    found: dict[tuple[int, ...], int] = {}
    titled = np.zeros(len(rules), np.int64)
    for i, (rule, own) in enumerate(zip(rules, numbers, strict=True)):
        if rule.title and rule.kind != "repeat":
            (known,) = [each for wording, each in zip(conditions(rule), own, strict=True) if wording is rule.title]
            titled[i] = found.setdefault(tuple(known), len(found) + 1) if known else 0
    return tuple(found), titled


def _patterns(wording: Wording) -> list[Patterns]:
    """The wording's forms as patterns: those that see folded lines, and those that see them as written."""
    said = forms(wording)
    folded = [form.text if form.kind == "regex" else regex.escape(form.text) for form in said if form.kind != "raw"]
    folded += [_phrase(phrase, numbered=False) for phrase in wording.phrases]
    folded += [_phrase(phrase, numbered=True) for phrase in wording.numbered]
    raw = [form.text for form in said if form.kind == "raw"]
    return [(tuple(texts), seen_raw) for texts, seen_raw in ((folded, False), (raw, True)) if texts]


_AROUND: Final = rf"[{regex.escape(OUTER, literal_spaces=True)}]*"
_BLANKS: Final = r"\s+"
_NUMBER: Final = NUMBER.pattern.replace(" ", _BLANKS)


def _phrase(phrase: str, *, numbered: bool) -> str:
    """A pattern of the lines whose key is the phrase, and of few others. For one blank a line may have several."""
    text = _BLANKS.join(regex.escape(word) for word in phrase.split(" "))
    return f"^{_AROUND}{text.replace('0', _NUMBER) if numbered else text}{_AROUND}$"


def _automata(patterns: Patterns) -> tuple[Automaton, ...]:
    """Automata one of which lets a line through that one of the patterns matches: one for all; or for either part of
    them, if some match long lines alone, or if it has no room for all their states. None where nothing is known of
    one."""
    from cleaner.match.construct import automaton_of  # only where it is not kept from an earlier run

    texts, raw = patterns
    automaton = automaton_of(*texts, raw=raw)
    if automaton is None:
        return ()
    long = [text for text in texts if edges_of(text, folded=not raw).least >= _LONG]
    if 0 < len(long) < len(texts):
        part = tuple(long)
    elif automaton.is_full and len(texts) > 1:
        part = texts[: len(texts) // 2]
    else:
        return (automaton,)
    return _automata((part, raw)) + _automata((tuple(text for text in texts if text not in part), raw))


class Conditions:
    """Which lines may match the conditions of rules."""

    def __init__(self, rules: Sequence[Rule], known: ConditionAutomata) -> None:
        self._numbers: dict[int, Sequence[int]] = {}  # by the wording's identity, as in `wording.matcher`
        self.exceptions: Mapping[int, Wording | None] = _Exceptions(rules, known.numbers, self._numbers)
        """Of each rule: what its wording must not say besides. Once it is asked for, all conditions of the rule are
        known, and none of a rule that has matched nothing."""
        for index in known.wordless:  # nothing is matched before their conditions are asked
            self.exceptions[index]
        self.near, self.asks_title, self._titles = known.near, known.titled, known.titles
        self.automata: Any = None
        """In the compiled loops, if there are any."""
        if native is not None:
            tables = kind_table(raw=False), kind_table(raw=True)
            self.automata = native.Automata(*known.automata.columns, *tables)

    def may_match(self, wording: object, text: str, start: int, end: int) -> bool:
        """Whether the wording of a condition may match this stretch of a text, which is a line."""
        while end > start and text[end - 1].isspace():
            end -= 1
        if end - start > MAX_LINE:
            return False
        numbers = self._numbers.get(id(wording))
        return numbers is None or self.automata is None or self.automata.may(numbers, text, start, end)

    def titled(self, titles: Sequence[str]) -> NDArray[np.uint8]:
        """For each title and each wording that rules ask of one, whether it may match."""
        found = np.ones((len(titles), max(1, len(self._titles))), np.uint8)
        if self.automata is not None and self._titles:
            for i, title in enumerate(titles):
                found[i] = [self.automata.may(numbers, title, 0, len(title)) for numbers in self._titles]
        return found


class _Exceptions(dict[int, Wording | None]):
    """Exceptions by rule, each with the other conditions of the rule when it is first asked for: to read all rules back
    takes longer than to clean a text."""

    def __init__(
        self, rules: Sequence[Rule], known: Sequence[Sequence[Sequence[int]]], numbers: dict[int, Sequence[int]]
    ) -> None:
        self._rules, self._known, self._numbers = rules, known, numbers
        self._kept: list[Wording] = []  # a number stands for a wording as long as that is there

    def __missing__(self, index: int) -> Wording | None:
        rule = self._rules[index]
        for wording, numbers in zip(conditions(rule), self._known[index], strict=True):
            if numbers:
                self._kept.append(wording)
                self._numbers[id(wording)] = numbers
        unless = self[index] = rule.wording.unless if rule.wording else None
        return unless
