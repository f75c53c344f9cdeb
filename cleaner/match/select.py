"""Which rule may concern which line: every form of every wording is indexed where it is found fastest.

A *form* is one way in which a rule's wording can match: its phrases (those with numbers are another), or one literal or
pattern of it. It is selected by the first of these that it allows for:

* all of the line, from its first letter to its last: a table, for phrases;
* the line's opening or closing: tables of up to eight bytes, from its first letter or digit on or up to its last;
* a literal anywhere: one scan for all of them (Aho-Corasick, linear in the text);
* the line's first and last character and its length: one bit a form in tables of 64-bit words;

so the work is a few steps a line and one scan of the bytes, whatever the number of rules. What is found for a pattern
is then read by its automaton, in the compiled loops. A selector may name a line that its form does not match; it never
leaves one out that it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Final

import numpy as np

from cleaner.cache import without_cached
from cleaner.match.automaton import Automata
from cleaner.match.gate import Chars, Gate, Pairs
from cleaner.match.lookup import Edge, Index, Phrases, Scan
from cleaner.match.table import Flags, Ints, Table, Words
from cleaner.rules.wording import Form, finder_of
from cleaner.text.fold import line_key, number_key
from cleaner.text.runs import run_heads

__all__ = ["ENDLESS", "NUMBERED", "PHRASES", "Selector"]

PHRASES, NUMBERED = "phrases", "numbered"
"""Kinds of forms besides those of `wording.Form`: all phrases of a rule without numbers, and all with."""

ENDLESS: Final = np.iinfo(np.int64).max
"""Code points; no line is as long."""


class RuleForm:
    """One form of a rule's wording."""

    __slots__ = ("matches", "raw", "rule")

    def __init__(self, rule: int, matches: Callable[[str], bool], *, raw: bool = False) -> None:
        self.rule = rule
        self.matches = matches
        """Whether the form matches a line."""
        self.raw = raw
        """Whether it sees the line as written, not folded."""


class _Forms(dict[int, RuleForm]):
    """Forms by their numbers, each made when it is first tried."""

    def __init__(self, selector: Selector) -> None:
        self._of = selector

    def __missing__(self, number: int) -> RuleForm:
        of = self._of
        rule, kind = int(of.rules[number]), of.kinds[number]
        if kind in of.phrases:
            made = RuleForm(rule, partial(of.matches_phrase, number))
        else:
            form = Form(kind, of.texts[number])  # type: ignore[arg-type]
            made = RuleForm(rule, finder_of(form).matches, raw=kind == "raw")
        self[number] = made
        return made


@dataclass(frozen=True, eq=False)
class Selector:
    """Selects the lines that each form of each rule's wording may match. Made by `indexer.selectors_of`."""

    rules: Ints
    """Of each form the number of its rule."""
    kinds: Sequence[str]
    texts: Sequence[str]
    """Of each form, as in `wording.Form`; of phrases no text."""
    phrases: Mapping[str, Phrases]
    """Of forms of kind PHRASES and NUMBERED."""
    keys: Index
    """By `Table.key_word`, the forms that have a phrase."""
    spoken: Index
    """By `Table.spoken_word`, those that have one with a number."""
    wordless: Ints
    """Those that have one with a number and no letters."""
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
    """Of each form: the characters that its lines have. See `required.RequiredChars`."""

    @cached_property
    def forms(self) -> Mapping[int, RuleForm]:
        """The forms by their numbers."""
        return _Forms(self)

    def __getstate__(self) -> dict[str, object]:
        return without_cached(self)

    def numbered(self, numbers: Ints) -> Selector:
        """A selector of the same rules where those have these numbers, which finds nothing for one with a negative
        number."""
        rules = numbers[self.rules]
        least = np.where(rules < 0, ENDLESS, self.least)
        return replace(self, rules=np.maximum(rules, 0), least=least)

    def columns(self) -> dict[str, Any]:
        """What selects the forms, as the compiled loops take it."""
        ascii_only, beyond = self.scans
        return {
            "rules": self.rules, "keys": self.keys.columns, "spoken": self.spoken.columns, "wordless": self.wordless,
            **self.opening.columns("opening"), **self.closing.columns("closing"),
            "gate": self.gate.columns,
            "automata": self.automata.columns,
            "literals": [*ascii_only.codes, *beyond.codes], "windows": self.windows,
            "said": ascii_only.postings.joined(beyond.postings).columns,
            "first": self.first.columns, "last": self.last.columns, "least": self.least, "most": self.most,
            "all": self.all, "any": self.any,
        }  # fmt: skip

    def candidates(self, table: Table) -> Pairs:
        """Lines and numbers of forms that may match them, sorted, each pair once; see also `has_required`."""
        parts = [
            self.keys.find(table.key_word),
            self.spoken.find(table.spoken_word),
            self._find_wordless(table),
            self.opening.find(table),
            self.closing.find(table),
            *self.gate.find(table),
            *self._find_literals(table),
        ]
        lines = np.concatenate([lines for lines, _ in parts])
        forms = np.concatenate([forms for _, forms in parts])
        fit = self._fitting(table, lines, forms)
        pairs = lines[fit] * len(self.rules) + forms[fit]
        pairs.sort()
        pairs = pairs[run_heads(pairs)]
        return pairs // len(self.rules), pairs % len(self.rules)

    def _find_wordless(self, table: Table) -> Pairs:
        start, end = table.spoken
        lines = np.flatnonzero(start == end)
        return np.repeat(lines, len(self.wordless)), np.tile(self.wordless, len(lines))

    def matches_phrase(self, number: int, folded: str) -> bool:
        """Whether the folded line says a phrase of this form."""
        kind, key = self.kinds[number], line_key(folded)
        return number in self.phrases[kind].forms(key if kind == PHRASES else number_key(key))

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

    def has_required(self, table: Table, lines: Ints, forms: Ints) -> Flags:
        """Whether each line has all the characters that the form beside it requires; the lines in ascending order."""
        has = table.characters(lines)
        every = self.all[forms]
        fit: Flags = (has & every) == every
        for some in self.any:
            fit &= (has & some[forms]) != 0
        return fit
