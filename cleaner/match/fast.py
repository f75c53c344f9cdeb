"""The fast engine: the hits of the plain one, for a batch of texts at once.

Most rules are asked of every line. Those that only keep what others take are asked later, of the lines that others
claim: few of all lines, and there may be many such rules, as each says what an article may hold.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, chain, repeat
from typing import Final

import numpy as np

from cleaner.match.conditions import Conditions
from cleaner.match.parts import parts_of
from cleaner.match.repeats import marks
from cleaner.match.search import Hits, Search
from cleaner.match.table import BatchTable, Ints, Table
from cleaner.rules.model import Rule
from cleaner.text.fold import fold
from cleaner.text.lines import Lines
from cleaner.text.runs import runs

__all__ = ["BatchHits", "FastEngine", "Found"]

Found = tuple[Lines, dict[int, list[int]]]
"""A text's lines, and rule -> lines it may concern, ascending in both."""


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

    def __init__(
        self, text: str, batch: BatchTable, number: int, known: dict[int, str], conditions: Conditions
    ) -> None:
        low, high = batch.lines[number : number + 2].tolist()
        rows = slice(*batch.bounds[number : number + 2].tolist())
        self.text = text
        self.starts = array("q", [0])
        self.starts.frombytes((batch.table.breaks[low:high] + (1 - batch.base[number])).tobytes())
        self.folded = _Folded(text, self.starts, low, known)
        self.filled = array("q", (batch.table.line[rows] - low).tobytes())
        self._count: int = high - low
        self._conditions = conditions

    def __len__(self) -> int:
        return self._count

    @cached_property
    def _solid(self) -> frozenset[int]:
        return frozenset(self.filled)

    def is_blank(self, i: int) -> bool:
        return i not in self._solid

    def may_match(self, wording: object, i: int) -> bool:
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
        """With the ``fingerprint`` of the rules, what is made of them is kept between runs."""
        _hold_memory()
        parts = parts_of(rules, fingerprint)
        self.repeats, self.prechecks = parts.repeats, parts.prechecks
        self.conditions = Conditions(rules, parts.automata)
        self.first, self.later = (
            [Search(selector, parts.prechecks, self.conditions) for selector in selectors]
            for selectors in zip(*parts.selectors, strict=True)
        )

    def find(self, texts: Sequence[str], titles: Sequence[str | None], others: Sequence[frozenset[str]]) -> BatchHits:
        """The hits of most rules in these texts, and a way to ask the others. ``others`` are the languages that each
        text is not in: rules for these remove nothing of it, and are not asked."""
        return BatchHits(self, texts, self.table(texts, titles, others))

    def table(
        self, texts: Sequence[str], titles: Sequence[str | None], others: Sequence[frozenset[str]]
    ) -> BatchTable | None:
        """The table of these texts and their titles, each of which is one line; None where all lines are blank."""
        table = Table([*texts, *filter(None, titles)])
        if not len(table):
            return None
        bounds = np.array([0, *accumulate(table.lines_of[: len(texts)])])  # the first line of each text
        heads = np.full(len(texts), -1, np.int64)  # the line of each text's title
        if any(titles):
            named = [i for i, title in enumerate(titles) if title]
            heads[named] = np.arange(len(named)) + bounds[-1]
        batch = BatchTable.of(table, bounds, heads)
        shown = [(title or "").strip() or batch.first_line(i, texts[i]) for i, title in enumerate(titles)]
        batch.titled = self.conditions.titled(shown)
        batch.concerned = self.prechecks.concerned(others)
        batch.repeated = marks(batch)
        batch.answers = self.prechecks.answers(len(texts))
        return batch


class BatchHits:
    """Some texts and what rules say of them; shape rules without a wording aside."""

    def __init__(self, engine: FastEngine, texts: Sequence[str], table: BatchTable | None) -> None:
        """``table`` is None where no text has a line that is not blank."""
        self._engine, self._texts, self._table = engine, texts, table

    def __iter__(self) -> Iterator[Found | None]:
        """For each text, in order, its lines and its hits; None where no rule can concern it. Of rules that are asked
        later there are none."""
        batch, engine = self._table, self._engine
        if batch is None:
            yield from repeat(None, len(self._texts))
            return
        hits: Hits = {}
        for rule, rows in engine.repeats.candidates(batch):
            _add_all(hits, batch, rule, rows)
        known = _added(engine.first, batch, self._texts, np.arange(len(batch)), hits)
        for i, text in enumerate(self._texts):
            yield (_TableLines(text, batch, i, known, engine.conditions), hits[i]) if i in hits else None

    def later(self, claimed: Sequence[Sequence[int]], by: Sequence[Mapping[str, object]]) -> Hits:
        """The hits, in these lines of each text, of the rules that are asked later. The lines are not blank. ``by`` are
        the ids of the rules that claim something of each text: one that asks for another is asked where that does."""
        hits: Hits = {}
        if self._table is not None and any(claimed):
            batch = self._table
            batch.answers = self._engine.prechecks.answers_of(by)
            first = np.repeat(batch.lines[:-1], [len(lines) for lines in claimed])
            rows = np.searchsorted(batch.table.line, np.fromiter(chain.from_iterable(claimed), np.int64) + first)
            _added(self._engine.later, batch, self._texts, rows, hits)
        return hits


def _added(
    searches: Sequence[Search], batch: BatchTable, texts: Sequence[str], asked: Ints, hits: Hits
) -> dict[int, str]:
    """Have searches of different rules add to ``hits``; gives the lines that they folded."""
    known: dict[int, str] = {}
    for search in searches:
        known |= search.add(batch, texts, asked, hits)
    return known


def _add_all(hits: Hits, batch: BatchTable, rule: int, rows: Ints) -> None:
    """Add rows that the rule may concern."""
    owner = batch.owner[rows]
    local = batch.table.line[rows] - batch.lines[owner]
    for low, high in runs(owner):
        hits.setdefault(int(owner[low]), {})[rule] = local[low:high].tolist()
