"""Automata of the wordings that rules ask for beside a hit: exceptions, neighbours, titles, ends of sections.

Most lines do not match them. An automaton tells so by reading the line in the text, before it is cut out, folded and
searched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import regex
from numpy.typing import NDArray

from cleaner.cache import cached_items
from cleaner.match.alphabet import EVERY
from cleaner.match.automaton import Automata, Automaton
from cleaner.match.edges import Edges, edges_of, outermost
from cleaner.match.gate import Chars
from cleaner.match.required import RequiredChars, required_chars
from cleaner.match.select import ENDLESS
from cleaner.match.table import Ints, Words
from cleaner.options import MAX_LINE
from cleaner.rules.model import Rule, Wording
from cleaner.rules.wording import conditions, forms
from cleaner.text.fold import NUMBER, OUTER

__all__ = ["ConditionAutomata", "Conditions", "condition_automata"]

_LONG: Final = 40
"""Code points of a long line, half a line of prose. Automata count to eight (`construct`): one that stood for a pattern
of long lines and for others would let all short lines through."""

Patterns: TypeAlias = tuple[tuple[str, ...], bool]
"""Patterns of a wording, and whether they see lines as written."""


class Near(NamedTuple):
    """What rules ask of the lines around a hit."""

    asks: Ints
    """A row a rule, of three numbers for each of six questions: about the lines above, and those between them and the
    hit (one at least); the same for the lines below; the same for either side. The numbers are how far away the lines
    are at most (0: nothing is asked, or nothing is known of the wording), and where the question's automata begin and
    end below. Rules of kind repeat ask nothing, as they look at other lines before their conditions count."""
    automata: Ints
    chars: Words
    """Of each of these automata, the characters of the lines that it passes, as in `required.RequiredChars`."""
    first: tuple[Ints, NDArray[np.uint8]]
    last: tuple[Ints, NDArray[np.uint8]]
    """What these lines begin and end with, as in `gate.Chars`."""
    most: Ints
    """Their greatest length, in code points."""


@dataclass(frozen=True, slots=True, eq=False)
class ConditionAutomata:
    """The automata of all conditions of some rules."""

    automata: Automata
    numbers: tuple[tuple[tuple[int, ...], ...], ...]
    """Of each rule, for each of its conditions: the automata one of which passes every line that it matches; none where
    nothing is known."""
    wordless: tuple[int, ...]
    """Rules without a wording of their own."""
    near: Near
    """What rules ask of the lines around a hit, for the compiled loops."""
    titles: tuple[tuple[int, ...], ...]
    """Of each wording that rules ask of a title: the automata one of which passes every title that it matches."""
    asks_title: Ints
    """Rule -> number of its wording in ``titles``, counted from 1; 0: none."""


def condition_automata(rules: Sequence[Rule], *, keep: bool = False) -> ConditionAutomata:
    """What `Conditions` is made of; with ``keep``, what is read off each wording is kept in the cache."""
    patterns = [[_patterns(wording) for wording in conditions(rule)] for rule in rules]
    keys = dict.fromkeys(key for own in patterns for each in own for key in each)
    facts = cached_items("conditions", keys, _facts) if keep else {key: _facts(key) for key in keys}
    made: list[tuple[bool, _Part]] = []
    numbers_of: dict[Patterns, range] = {}
    for key, parts in facts.items():
        if parts:
            numbers_of[key] = range(len(made), len(made) + len(parts))
            made += [(key[1], part) for part in parts]
    numbers = tuple(
        tuple(
            tuple(n for key in each for n in numbers_of[key]) if all(key in numbers_of for key in each) else ()
            for each in own
        )
        for own in patterns
    )
    automata = Automata.joined(len(made), [(number, raw, part.automaton) for number, (raw, part) in enumerate(made)])
    wordless = tuple(i for i, rule in enumerate(rules) if rule.wording is None)
    near = _near(rules, numbers, [part for _, part in made])
    return ConditionAutomata(automata, numbers, wordless, near, *_titles(rules, numbers))


class _Part(NamedTuple):
    """Some patterns of a wording: the automaton that passes every line that one of them matches, and what is read off
    the patterns of these lines."""

    automaton: Automaton
    required: RequiredChars
    edges: Edges


def _near(rules: Sequence[Rule], numbers: Sequence[Sequence[Sequence[int]]], parts: Sequence[_Part]) -> Near:
    """What the rules ask of the lines around a hit; ``parts`` by the numbers of their automata."""
    asks = np.zeros((len(rules), 18), np.int64)
    automata: list[int] = []
    for i, (rule, own) in enumerate(zip(rules, numbers, strict=True)):
        numbers_of = {id(wording): each for wording, each in zip(conditions(rule), own, strict=True)}
        for at, side in ((0, rule.above), (6, rule.below), (12, rule.near)):
            if not side or side.none or rule.kind == "repeat":
                continue
            there = side.wording or (rule.wording if side.alike else None)
            for column, wording, within in ((at, there, side.within), (at + 3, side.between, 1)):
                if asked := numbers_of.get(id(wording)):
                    asks[i, column : column + 3] = within, len(automata), len(automata) + len(asked)
                    automata += asked
    used = [parts[number] for number in automata]
    chars = [(part.required.all, *(*part.required.any, EVERY, EVERY)[:2]) for part in used]
    return Near(
        asks,
        np.array(automata, np.int64),
        np.array(chars, np.uint64).reshape(-1, 3),
        Chars(part.edges.first for part in used).columns,
        Chars(part.edges.last for part in used).columns,
        np.array([ENDLESS if part.edges.most is None else part.edges.most for part in used], np.int64),
    )


def _titles(
    rules: Sequence[Rule], numbers: Sequence[Sequence[Sequence[int]]]
) -> tuple[tuple[tuple[int, ...], ...], Ints]:
    """`ConditionAutomata.titles` and ``asks_title``; rules of kind repeat ask nothing, for the reason of `_near`."""
    titles: dict[tuple[int, ...], int] = {}
    asks = np.zeros(len(rules), np.int64)
    for i, (rule, own) in enumerate(zip(rules, numbers, strict=True)):
        if rule.title and rule.kind != "repeat":
            (known,) = [each for wording, each in zip(conditions(rule), own, strict=True) if wording is rule.title]
            asks[i] = titles.setdefault(tuple(known), len(titles) + 1) if known else 0
    return tuple(titles), asks


def _patterns(wording: Wording) -> list[Patterns]:
    """The wording's forms as patterns: those that see folded lines, and those that see them as written."""
    own = forms(wording)
    folded = [form.text if form.kind == "regex" else regex.escape(form.text) for form in own if form.kind != "raw"]
    folded += [_phrase(phrase, numbered=False) for phrase in wording.phrases]
    folded += [_phrase(phrase, numbered=True) for phrase in wording.numbered]
    as_written = [form.text for form in own if form.kind == "raw"]
    return [(tuple(texts), raw) for texts, raw in ((folded, False), (as_written, True)) if texts]


_AROUND: Final = rf"[{regex.escape(OUTER, literal_spaces=True)}]*"
_BLANKS: Final = r"\s+"
_NUMBER: Final = NUMBER.pattern.replace(" ", _BLANKS)


def _phrase(phrase: str, *, numbered: bool) -> str:
    """A pattern of the lines whose key is the phrase, and of few others. For one blank a line may have several."""
    text = _BLANKS.join(regex.escape(word) for word in phrase.split(" "))
    return f"^{_AROUND}{text.replace('0', _NUMBER) if numbered else text}{_AROUND}$"


def _facts(patterns: Patterns) -> tuple[_Part, ...]:
    """What is read off patterns alone; nothing where nothing is known of one.

    One automaton is enough, unless some patterns match long lines alone, or it has no room for all states: then the
    patterns are divided, and each part has its own.
    """
    from cleaner.match.construct import automaton_of  # only where it is not kept from an earlier run

    texts, raw = patterns
    automaton = automaton_of(*texts, raw=raw)
    if automaton is None:
        return ()
    edges = [edges_of(text, folded=not raw) for text in texts]
    long = tuple(text for text, own in zip(texts, edges, strict=True) if own.least >= _LONG)
    if 0 < len(long) < len(texts):
        part = long
    elif automaton.is_full and len(texts) > 1:
        part = texts[: len(texts) // 2]
    else:
        required = required_chars("|".join(f"(?:{text})" for text in texts), folded=not raw)
        return (_Part(automaton, required, outermost(edges)),)
    return _facts((part, raw)) + _facts((tuple(text for text in texts if text not in part), raw))


class Conditions:
    """Which lines may match the conditions of rules."""

    def __init__(self, rules: Sequence[Rule], known: ConditionAutomata) -> None:
        self._numbers: dict[int, Sequence[int]] = {}  # by the wording's identity, as in `wording.matcher`
        self.exceptions: Mapping[int, Wording | None] = _Exceptions(rules, known.numbers, self._numbers)
        """Of each rule its exception. To ask for it makes all conditions of the rule known to `may_match`."""
        for index in known.wordless:  # nothing is matched before their conditions are asked
            self.exceptions[index]
        self.near, self.asks_title, self._titles = known.near, known.asks_title, known.titles
        self.automata = known.automata.compiled()

    def may_match(self, wording: object, text: str, start: int, end: int) -> bool:
        """Whether the wording of a condition may match this stretch of a text, which is a line."""
        if self.automata is None:
            return end - start <= MAX_LINE or len(text[start:end].rstrip()) <= MAX_LINE
        may_match: bool = self.automata.may(self._numbers.get(id(wording)), text, start, end, MAX_LINE)
        return may_match

    def titled(self, titles: Sequence[str]) -> NDArray[np.uint8]:
        """For each title and each wording that rules ask of one, whether it may match."""
        may_match = np.ones((len(titles), max(1, len(self._titles))), np.uint8)
        if self.automata is not None and self._titles:
            for i, title in enumerate(titles):
                may_match[i] = [self.automata.may(numbers, title, 0, len(title), MAX_LINE) for numbers in self._titles]
        return may_match


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
