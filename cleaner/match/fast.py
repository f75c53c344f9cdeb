"""The fast engine: the hits of the plain one, for a batch of texts at once.

The selector proposes candidates, conditions that can be checked on the table of lines reduce them, and what is left is
confirmed line by line by the same wordings that the plain engine uses. Python works per candidate, not per line.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate, repeat
from typing import Any, Final

import numpy as np

from cleaner.cache import cached
from cleaner.match.conditions import ConditionAutomata, Conditions, condition_automata
from cleaner.match.guards import Guards, Places
from cleaner.match.select import PHRASES, Selector
from cleaner.match.table import Ints, Table, native, run_heads
from cleaner.options import MAX_LINE
from cleaner.rules.model import Rule
from cleaner.rules.wording import make_ready, matcher, ready_made
from cleaner.text.fold import fold
from cleaner.text.lines import Lines

__all__ = ["FastEngine", "Found"]

Found = tuple[Lines, dict[int, list[int]]]
"""A text's lines, and rule -> lines it may concern, ascending in both."""

Hits = dict[int, dict[int, list[int]]]
"""Text -> rule -> lines."""

_MANY: Final = 200
"""Number of rules from which a selector is worth caching; smaller ones are quick to make and would crowd the cache."""


class _Folded(Sequence[str]):
    """The folded lines of a text: folded one by one when first asked for, or all at once as soon as many are."""

    __slots__ = ("_all", "_first", "_known", "_left", "_starts", "_text")

    def __init__(self, text: str, starts: array[int], first: int, known: dict[int, str]) -> None:
        """``known`` are lines of the batch, in which the text's own begin at ``first``."""
        self._text, self._starts, self._first, self._known = text, starts, first, known
        self._left = 4 + len(starts) // 16  # to fold one alone takes about as long as sixteen at once
        self._all: list[str] | None = None

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, i: int) -> str:  # type: ignore[override]
        if self._all is not None:
            return self._all[i]
        line = self._known.get(self._first + i)
        if line is None:
            self._left -= 1
            if self._left < 0:
                self._all = fold(self._text).split("\n")
                return self._all[i]
            line = self._known[self._first + i] = fold(self._text[self._starts[i] : self._starts[i + 1] - 1])
        return line


class _TableLines(Lines):
    """The lines of one text, cut out of the table of its batch."""

    def __init__(self, text: str, places: Places, number: int, known: dict[int, str], conditions: Conditions) -> None:
        low, high = places.lines[number : number + 2].tolist()
        rows = slice(*places.bounds[number : number + 2].tolist())
        self.text = text
        self.starts = array("q", [0])
        self.starts.frombytes((places.table.breaks[low:high] + (1 - places.base[number])).tobytes())
        self.folded = _Folded(text, self.starts, low, known)  # type: ignore[assignment]
        self.filled = array("q", (places.table.line[rows] - low).tobytes())
        self._count: int = high - low
        self._conditions = conditions

    def __len__(self) -> int:
        return self._count

    @cached_property
    def _solid(self) -> frozenset[int]:
        return frozenset(self.filled)

    def is_blank(self, i: int) -> bool:
        return i not in self._solid

    def may_say(self, wording: object, i: int) -> bool:
        return self._conditions.may_match(wording, self.text, self.starts[i], self.starts[i + 1] - 1)


_HELD: Final = 24 << 20
"""Bytes; glibc looks at no block of more than 32 MiB for this."""


def _hold_memory() -> None:
    """Have the C library hold memory back for the next batch, whose arrays are as large as the last one's. For glibc it
    is enough to see a large block freed (mallopt(3), "dynamic mmap threshold"); it is never touched. Otherwise each
    batch gives its pages back and faults them in again, a tenth of the time."""
    np.empty(_HELD, np.uint8)


class FastEngine:
    """Finds the lines that rules concern, in batches of texts."""

    def __init__(self, rules: Sequence[Rule], fingerprint: str = "") -> None:
        """``fingerprint`` of the rules: with it the selector and the patterns are kept between runs."""
        _hold_memory()
        if fingerprint and len(rules) >= _MANY:
            self._selector, automata, self._guards = cached("selector", fingerprint, lambda: _placed(rules, keep=True))
            make_ready(cached("patterns", fingerprint, lambda: ready_made(rules)))
        else:
            self._selector, automata, self._guards = _placed(rules, keep=False)
        self._conditions = Conditions(rules, automata)

    @cached_property
    def _compiled(self) -> Any:
        """The selector and the guards in the compiled loops, if there are any."""
        if native is None:
            return None
        limits = {"limits": self._guards.limits, "shares": self._guards.shares, "rule_of": self._selector.rules}
        near = {"near": self._conditions.near, "conditions": self._conditions.automata}
        return native.Selection(**self._selector.columns(), **limits, **near, max_line=MAX_LINE)

    def find(self, texts: Sequence[str], titles: Sequence[str | None]) -> Iterator[Found | None]:
        """For each text its lines and hits, in order, shape rules without a wording aside; None where no rule can
        concern it."""
        table = Table([*texts, *(title.replace("\n", " ") for title in titles if title)])
        if not len(table):
            yield from repeat(None, len(texts))
            return
        bounds = np.array([0, *accumulate(table.lines_of[: len(texts)])])  # the first line of each text
        heads = np.full(len(texts), -1, np.int64)  # the line of each text's title
        if any(titles):
            named = [i for i, title in enumerate(titles) if title]
            heads[named] = np.arange(len(named)) + bounds[-1]
        places = Places.of(table, bounds, heads)
        hits: Hits = {}
        for rule, rows in self._guards.wordless(places):
            _add_all(hits, places, rule, rows)
        known = self._confirm(places, texts, *self._candidates(places, texts), hits)
        for i, text in enumerate(texts):
            yield (_TableLines(text, places, i, known, self._conditions), hits[i]) if i in hits else None

    def _candidates(self, places: Places, texts: Sequence[str]) -> tuple[Ints, Ints]:
        """The rows to look at and the forms that may match them, ascending."""
        if self._compiled is not None:
            batch = (places.owner, places.bounds, places.base, places.size)
            found = self._compiled.candidates([*texts], places.table.padded, places.table.columns, *batch)
            return np.frombuffer(found[0], np.int64), np.frombuffer(found[1], np.int64)
        table, selector = places.table, self._selector
        rows, forms = selector.candidates(table)
        allowed = (rows < len(places)) & (table.end[rows] - table.start[rows] <= MAX_LINE)
        rows, forms = rows[allowed], forms[allowed]
        allowed = (forms < len(PHRASES)) | self._guards.allow(places, rows, self._selector.rules[forms])
        rows, forms = rows[allowed], forms[allowed]
        allowed = selector.needed(table, rows, forms)
        return rows[allowed], forms[allowed]

    def _confirm(self, places: Places, texts: Sequence[str], rows: Ints, forms: Ints, hits: Hits) -> dict[int, str]:
        """Add to ``hits`` the candidates that match; returns the lines it folded, by their number in the batch."""
        if not rows.size:
            return {}
        fresh = run_heads(rows)
        once = rows[fresh]
        owner, base = places.owner[once], places.base[places.owner[once]]
        start, end = places.table.start[once] - base, places.table.end[once] - base
        lines = places.table.line[once]
        owners = owner.tolist()
        raw = [texts[i][a:b] for i, a, b in zip(owners, start.tolist(), end.tolist(), strict=True)]
        folded = fold("\n".join(raw)).split("\n")
        local = (lines - places.lines[owner]).tolist()
        cuts = [*np.flatnonzero(fresh).tolist(), len(rows)]
        numbers = forms.tolist()
        known: dict[tuple[str | int, ...], Sequence[int]] = {}  # a batch says the same thing many times
        for k, low in enumerate(cuts[:-1]):
            tried = numbers[low : cuts[k + 1]]
            key = (raw[k], *tried)
            rules = known.get(key)
            if rules is None:
                rules = known[key] = self._matching(raw[k], folded[k], tried)
            if rules:
                own = hits.setdefault(owners[k], {})
                for rule in rules:
                    own.setdefault(rule, []).append(local[k])
        return dict(zip(lines.tolist(), folded, strict=True))

    def _matching(self, raw: str, folded: str, numbers: Sequence[int]) -> Sequence[int]:
        """The rules of which one of these forms matches the line, and no exception does."""
        matched: list[int] = []
        forms = self._selector.forms
        for number in numbers:
            if number in PHRASES:
                matched += self._selector.saying(number, folded)
                continue
            form = forms[number]
            if form.rule not in matched and form.found(raw if form.raw else folded):
                matched.append(form.rule)
        if not matched:
            return ()
        return [rule for rule in {*matched} if not self._excepted(rule, raw, folded)]

    def _excepted(self, rule: int, raw: str, folded: str) -> bool:
        but = self._conditions.exceptions[rule]
        if but is None or not self._conditions.may_match(but, raw, 0, len(raw)):
            return False
        return matcher(but).matches(raw, folded)


def _placed(rules: Sequence[Rule], *, keep: bool) -> tuple[Selector, ConditionAutomata, Guards]:
    from cleaner.match.place import selector_of  # only where it is not kept from an earlier run

    return selector_of(rules, keep=keep), condition_automata(rules, keep=keep), Guards(rules)


def _add_all(hits: Hits, places: Places, rule: int, rows: Ints) -> None:
    """Add rows that the rule may concern."""
    if not rows.size:
        return
    owner = places.owner[rows]
    local = places.table.line[rows] - places.lines[owner]
    heads = np.flatnonzero(run_heads(owner)).tolist()
    for low, high in zip(heads, [*heads[1:], len(rows)], strict=True):
        hits.setdefault(int(owner[low]), {})[rule] = local[low:high].tolist()
