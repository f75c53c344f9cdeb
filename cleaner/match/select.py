"""Which rule may concern which line: every form of every wording is indexed where it is found fastest.

A *form* is one way in which a rule's wording can match: its phrases, or one literal or pattern of it. It is selected by
the first of these that it allows for:

* all of the line, from its first letter to its last: a table, for phrases;
* the line's opening or closing: tables of up to eight bytes, from its first letter or digit on or up to its last;
* a literal anywhere: one scan for all of them (Aho-Corasick, linear in the text);
* the line's first and last character and its length: one bit a form in tables of 64-bit words;

so the work is a few steps a line and one scan of the bytes, whatever the number of rules. What is found for a pattern
is then read by its automaton, in the compiled loops. A selector may name a line that its form does not match; it never
leaves one out that it does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from cleaner.match.automaton import Automata, kind_table
from cleaner.match.gate import Chars, Gate, Pairs
from cleaner.match.lookup import Edge, Phrases, Scan, WordSet
from cleaner.match.table import Flags, Ints, Table, Words, run_heads
from cleaner.rules.wording import Form, compiled
from cleaner.text.fold import line_key, number_key

__all__ = ["ENDLESS", "NUMBERED", "PHRASES", "PLAIN", "Selector"]

PHRASES: Final = (0, 1)
"""Numbers of the forms that stand for phrases of all rules: those without numbers, and those with."""
PLAIN, NUMBERED = PHRASES

ENDLESS: Final = np.iinfo(np.int64).max
"""Code points; no line is as long."""


class RuleForm:
    """One literal or pattern of a rule's wording."""

    __slots__ = ("found", "raw", "rule")

    def __init__(self, rule: int, form: Form) -> None:
        self.rule = rule
        self.raw = form.kind == "raw"
        """Whether it sees the line as written."""
        self.found = compiled(form).found
        """Whether a line, folded or as written, holds what the form says."""


class _Forms(dict[int, RuleForm]):
    """Forms by their numbers, each made when it is first tried."""

    def __init__(self, selector: Selector) -> None:
        self._of = selector

    def __missing__(self, number: int) -> RuleForm:
        of = self._of
        form = Form(of.kinds[number], of.texts[number])  # type: ignore[arg-type]
        made = self[number] = RuleForm(int(of.rules[number]), form)
        return made


@dataclass(frozen=True, eq=False)
class Selector:
    """Selects the lines that each form of each rule's wording may match. Made by `place.selectors_of`."""

    rules: Ints
    """Of each form the number of its rule."""
    kinds: Sequence[str]
    texts: Sequence[str]
    """Of each form, as in `wording.Form`; empty for those that stand for phrases."""
    phrases: tuple[Phrases, Phrases]
    """Without numbers, and with."""
    keys: WordSet
    """Of the lines that say a phrase."""
    spoken: WordSet
    """Of those that say one with a number."""
    wordless: bool
    """Whether a phrase has numbers and no letters."""
    opening: Edge
    closing: Edge
    gate: Gate
    automata: Automata
    """Of the patterns: each reads what was found for its form, in the compiled loops."""
    scans: tuple[Scan, Scan]
    """Of literals that are ASCII, and of others."""
    windows: Ints
    """Of each of those literals: where the bytes begin by which the compiled loops look for it."""
    first: Chars
    last: Chars
    """Of each form: the characters that its lines can begin and end with."""
    least: Ints
    most: Ints
    """Of each form: the lengths that its lines can have, in code points."""
    all: Words
    any: Words
    """Of each form: the characters that its lines have. See `needs.Needs`."""

    @cached_property
    def forms(self) -> Mapping[int, RuleForm]:
        """The forms that do not stand for phrases, by their numbers."""
        return _Forms(self)

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name != "forms"}

    def numbered(self, numbers: Ints) -> Selector:
        """A selector of the same rules where those have these numbers, which finds nothing for one with a negative
        number."""
        rules = numbers[self.rules]
        least = np.where(rules < 0, ENDLESS, self.least)
        least[list(PHRASES)] = self.least[list(PHRASES)]
        plain, spoken = (phrases.numbered(numbers) for phrases in self.phrases)
        return replace(self, rules=np.maximum(rules, 0), least=least, phrases=(plain, spoken))

    def columns(self) -> dict[str, Any]:
        """What selects the forms, as the compiled loops take it."""
        ascii_only, beyond = self.scans
        return {
            "phrases": self.keys.known, "spoken": self.spoken.known, "wordless": self.wordless,
            **self.opening.columns("opening", "opened"), **self.closing.columns("closing", "closed"),
            "gate": (self.gate.first, self.gate.last, self.gate.length),
            "gate_forms": np.array(self.gate.forms, np.int64),
            "automata": self.automata.columns,
            "kinds": kind_table(raw=False), "kinds_raw": kind_table(raw=True),
            "literals": [*ascii_only.codes, *beyond.codes], "windows": self.windows,
            "said": ascii_only.postings.joined(beyond.postings).columns,
            "first": self.first.columns, "last": self.last.columns, "least": self.least, "most": self.most,
            "all": self.all, "any": self.any,
        }  # fmt: skip

    def candidates(self, table: Table) -> Pairs:
        """Lines and numbers of forms that may match them, sorted, each pair once; see also ``needed``."""
        places = [
            *self._find_phrases(table),
            self.opening.find(table),
            self.closing.find(table),
            *self.gate.find(table),
            *self._find_literals(table),
        ]
        lines = np.concatenate([lines for lines, _ in places])
        forms = np.concatenate([forms for _, forms in places])
        fit = self._fitting(table, lines, forms)
        pairs = lines[fit] * len(self.rules) + forms[fit]
        pairs.sort()
        pairs = pairs[run_heads(pairs)]
        return pairs // len(self.rules), pairs % len(self.rules)

    def _find_phrases(self, table: Table) -> Iterator[Pairs]:
        lines, _ = self.keys.find(table.key_word)
        yield lines, np.full(len(lines), PLAIN)
        lines, _ = self.spoken.find(table.spoken_word)
        yield lines, np.full(len(lines), NUMBERED)
        if self.wordless:
            start, end = table.spoken
            lines = np.flatnonzero(start == end)
            yield lines, np.full(len(lines), NUMBERED)

    def saying(self, number: int, folded: str) -> Sequence[int]:
        """The rules with a phrase of this sort that the folded line says."""
        key = line_key(folded)
        return self.phrases[number].rules(key if number == PLAIN else number_key(key))

    def _find_literals(self, table: Table) -> Iterator[Pairs]:
        ascii_only, beyond = self.scans
        yield from ascii_only.find(table.bytes, table.first, None)
        lines = table.beyond_ascii
        if lines.size and beyond.codes:
            first, last = table.first[lines], table.last[lines]
            part = b"\n".join(table.bytes[a:b] for a, b in zip(first.tolist(), last.tolist(), strict=True))
            size = last - first + 1
            yield from beyond.find(part, np.cumsum(size) - size, lines)

    def _fitting(self, table: Table, lines: Ints, forms: Ints) -> Flags:
        """Whether each line is as long, begins and ends as the form beside it demands."""
        size = table.end[lines] - table.start[lines]
        fit: Flags = (size >= self.least[forms]) & (size <= self.most[forms])
        fit &= self.first.allow(forms, table.byte_at(table.first[lines]))
        fit &= self.last.allow(forms, table.byte_at(table.last[lines] - 1))
        return fit

    def needed(self, table: Table, lines: Ints, forms: Ints) -> Flags:
        """Whether each line has all the characters that the form beside it needs; the lines in ascending order."""
        has = table.characters(lines)
        every = self.all[forms]
        fit: Flags = (has & every) == every
        for some in self.any:
            fit &= (has & some[forms]) != 0
        return fit
