"""The fast engine: the hits of the plain one, for a batch of texts at once.

Most rules are asked of every line. Those that only keep what others take are asked later, of the lines that others
claim: few of all lines, and there may be many such rules, as each says what an article may hold.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate, chain, repeat
from typing import Final

import numpy as np

from cleaner.cache import cached
from cleaner.match.conditions import ConditionAutomata, Conditions, condition_automata
from cleaner.match.guards import Guards, Places
from cleaner.match.search import Hits, Search
from cleaner.match.select import Selector
from cleaner.match.table import Ints, Table, run_heads
from cleaner.rules.model import Rule
from cleaner.rules.wording import make_ready, ready_made
from cleaner.text.fold import fold
from cleaner.text.lines import Lines

__all__ = ["Batch", "FastEngine", "Found"]

Found = tuple[Lines, dict[int, list[int]]]
"""A text's lines, and rule -> lines it may concern, ascending in both."""

_MANY: Final = 200
"""Number of rules from which selectors are worth caching; smaller ones are quick to make and would crowd the cache."""


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
        """``fingerprint`` of the rules: with it the selectors and the patterns are kept between runs."""
        _hold_memory()
        if fingerprint and len(rules) >= _MANY:
            selectors, automata, self.guards = cached("selector", fingerprint, lambda: _placed(rules, keep=True))
            make_ready(cached("patterns", fingerprint, lambda: ready_made(rules)))
        else:
            selectors, automata, self.guards = _placed(rules, keep=False)
        self.conditions = Conditions(rules, automata)
        self.first, self.later = (Search(selector, self.guards, self.conditions) for selector in selectors)

    def find(self, texts: Sequence[str], titles: Sequence[str | None]) -> Batch:
        """The hits of most rules in these texts, and a way to ask the others."""
        table = Table([*texts, *(title.replace("\n", " ") for title in titles if title)])
        bounds = np.array([0, *accumulate(table.lines_of[: len(texts)])])  # the first line of each text
        heads = np.full(len(texts), -1, np.int64)  # the line of each text's title
        if any(titles):
            named = [i for i, title in enumerate(titles) if title]
            heads[named] = np.arange(len(named)) + bounds[-1]
        return Batch(self, texts, Places.of(table, bounds, heads) if len(table) else None)


class Batch:
    """Some texts and what rules say of them; shape rules without a wording aside."""

    def __init__(self, engine: FastEngine, texts: Sequence[str], places: Places | None) -> None:
        """``places`` are None where no text has a line that is not blank."""
        self._engine, self._texts, self._places = engine, texts, places

    def __iter__(self) -> Iterator[Found | None]:
        """For each text, in order, its lines and its hits; None where no rule can concern it. Of rules that are asked
        later there are none."""
        places, engine = self._places, self._engine
        if places is None:
            yield from repeat(None, len(self._texts))
            return
        hits: Hits = {}
        for rule, rows in engine.guards.wordless(places):
            _add_all(hits, places, rule, rows)
        known = engine.first.add(places, self._texts, np.arange(len(places)), hits)
        for i, text in enumerate(self._texts):
            yield (_TableLines(text, places, i, known, engine.conditions), hits[i]) if i in hits else None

    def later(self, claimed: Sequence[Sequence[int]]) -> Hits:
        """The hits, in these lines of each text, of the rules that are asked later. The lines are not blank."""
        hits: Hits = {}
        if self._places is not None and any(claimed):
            places = self._places
            first = np.repeat(places.lines[:-1], [len(lines) for lines in claimed])
            rows = np.searchsorted(places.table.line, np.fromiter(chain.from_iterable(claimed), np.int64) + first)
            self._engine.later.add(places, self._texts, rows, hits)
        return hits


def _placed(rules: Sequence[Rule], *, keep: bool) -> tuple[Sequence[Selector], ConditionAutomata, Guards]:
    """What finds the rules that are asked first, and later; for all, their conditions."""
    from cleaner.match.place import selectors_of  # only where it is not kept from an earlier run

    later = _asked_later(rules)
    parts = [[i for i in range(len(rules)) if (i in later) is late] for late in (False, True)]
    return selectors_of(rules, parts, keep=keep), condition_automata(rules, keep=keep), Guards(rules)


def _asked_later(rules: Sequence[Rule]) -> frozenset[int]:
    """The rules whose hits matter only in lines that others claim: those that keep, and whose hits nobody asks for."""
    asked = {id for rule in rules for id in rule.asked}
    return frozenset(
        i
        for i, rule in enumerate(rules)
        if rule.kind == "keep" and rule.wording is not None and rule.action != "mark" and rule.id not in asked
    )


def _add_all(hits: Hits, places: Places, rule: int, rows: Ints) -> None:
    """Add rows that the rule may concern."""
    if not rows.size:
        return
    owner = places.owner[rows]
    local = places.table.line[rows] - places.lines[owner]
    heads = np.flatnonzero(run_heads(owner)).tolist()
    for low, high in zip(heads, [*heads[1:], len(rows)], strict=True):
        hits.setdefault(int(owner[low]), {})[rule] = local[low:high].tolist()
