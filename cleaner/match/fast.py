"""The fast engine: the hits of the plain one, for a batch of texts at once.

Candidates come from the selector, conditions that can be checked on the table of lines thin them out, and what is left
is confirmed by the same patterns, line by line, that the plain engine runs. Python works per candidate, not per line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

import numpy as np

from cleaner.io.cache import cached
from cleaner.match.guards import Guards, Places
from cleaner.match.select import PHRASES, Selector
from cleaner.match.shapes import shape_hits
from cleaner.match.table import Ints, Table
from cleaner.options import MAX_LINE
from cleaner.rules.model import Rule
from cleaner.rules.wording import matcher
from cleaner.text.fold import fold
from cleaner.text.lines import Lines

__all__ = ["FastEngine", "Found"]

Found = tuple[Lines, dict[int, list[int]]]
"""A text's lines, and rule -> lines it may concern, ascending in both."""

_MANY: Final = 200
"""Rules from which on a selector is worth a place in the cache; small ones are quick to make and would crowd it."""


class _Folded(Sequence[str]):
    """The folded lines of a text: each folded when it is first asked for, or all at once where many are."""

    __slots__ = ("_all", "_first", "_known", "_left", "_starts", "_text")

    def __init__(self, text: str, starts: list[int], first: int, known: dict[int, str]) -> None:
        """``known`` are lines of the batch, in which the text's own begin at ``first``."""
        self._text, self._starts, self._first, self._known = text, starts, first, known
        self._all: list[str] | None = None
        self._left = _FEW + len(starts) // 4

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


_FEW: Final = 16


class _TableLines(Lines):
    """The lines of one text, cut out of the table of its batch."""

    def __init__(self, text: str, starts: list[int], blank: bytes, folded: _Folded) -> None:
        self.text = text
        self.starts = starts  # type: ignore[assignment]  # a list is the quicker one to make and to ask
        self.folded = folded  # type: ignore[assignment]
        self._blank = blank

    def __len__(self) -> int:
        return len(self._blank)

    def is_blank(self, i: int) -> bool:
        return self._blank[i] != 0

    @cached_property
    def filled(self) -> list[int]:  # type: ignore[override]
        return np.flatnonzero(np.frombuffer(self._blank, np.uint8) == 0).tolist()


class FastEngine:
    """Finds, in batches of texts, the lines that rules concern."""

    def __init__(self, rules: Sequence[Rule], fingerprint: str = "") -> None:
        """``fingerprint`` of the rules: with it the selector is kept between runs."""
        kept = bool(fingerprint) and len(rules) >= _MANY
        self._selector = cached("selector", fingerprint, lambda: Selector(rules)) if kept else Selector(rules)
        self._guards = Guards(rules)
        self._shapes = {i: rule for i, rule in enumerate(rules) if rule.shape is not None and rule.wording is None}
        self._rule_of = np.array([form.rule if form else 0 for form in self._selector.forms], np.int64)
        self._unless = [rule.wording.unless if rule.wording else None for rule in rules]

    def find(self, texts: Sequence[str], titles: Sequence[str | None]) -> Iterator[Found | None]:
        """For each text its lines and hits, in order; None where no rule can concern it."""
        table = Table([*texts, *(title.replace("\n", " ") for title in titles if title)])
        bounds = np.zeros(len(texts) + 1, np.int64)  # the first line of each text
        np.cumsum([text.count("\n") + 1 for text in texts], out=bounds[1:])
        heads = np.full(len(texts), -1, np.int64)  # the line of each text's title
        named = [i for i, title in enumerate(titles) if title]
        heads[named] = np.arange(bounds[-1], len(table))
        places = Places.of(table, bounds, heads)
        hits = self._guards.wordless(places)
        for i, shaped in enumerate(shape_hits(self._shapes, texts)):
            if shaped:
                hits.setdefault(i, {}).update(shaped)
        known = self._confirm(places, texts, *self._candidates(places), hits)
        blank = (~table.filled).tobytes()
        for i, text in enumerate(texts):
            if found := hits.get(i):
                first, end = int(bounds[i]), int(bounds[i + 1])
                starts: list[int] = places.offset[first:end].tolist()
                starts.append(len(text) + 1)
                yield _TableLines(text, starts, blank[first:end], _Folded(text, starts, first, known)), found
            else:
                yield None

    def _candidates(self, places: Places) -> tuple[Ints, Ints]:
        """The lines to look at and the forms that may match them, ascending."""
        table, selector = places.table, self._selector
        lines, forms = selector.candidates(table)
        allowed = (lines < places.bounds[-1]) & (table.end[lines] - table.start[lines] <= MAX_LINE)
        lines, forms = lines[allowed], forms[allowed]
        allowed = (forms < len(PHRASES)) | self._guards.allow(places, lines, self._rule_of[forms])
        lines, forms = lines[allowed], forms[allowed]
        allowed = selector.needed(table, lines, forms)
        return lines[allowed], forms[allowed]

    def _confirm(
        self, places: Places, texts: Sequence[str], lines: Ints, forms: Ints, hits: dict[int, dict[int, list[int]]]
    ) -> dict[int, str]:
        """Add to ``hits`` (text -> rule -> lines) what the candidates match; gives the lines looked at, folded."""
        if not lines.size:
            return {}
        fresh = np.diff(lines, prepend=-1) > 0
        once = lines[fresh]
        owner, start = places.owner[once], places.offset[once]
        end = start + places.table.end[once] - places.table.start[once]
        owners = owner.tolist()
        raw = [texts[i][a:b] for i, a, b in zip(owners, start.tolist(), end.tolist(), strict=True)]
        folded = fold("\n".join(raw)).split("\n")
        local = (once - places.bounds[owner]).tolist()
        cuts = [*np.flatnonzero(fresh).tolist(), len(lines)]
        numbers = forms.tolist()
        known: dict[tuple[str, ...], Sequence[int]] = {}  # a batch says the same thing many times
        for k, low in enumerate(cuts[:-1]):
            key = (raw[k], *numbers[low : cuts[k + 1]])
            rules = known.get(key)
            if rules is None:
                rules = known[key] = self._matching(folded[k], *key)
            if rules:
                own = hits.setdefault(owners[k], {})
                for rule in rules:
                    own.setdefault(rule, []).append(local[k])
        return dict(zip(once.tolist(), folded, strict=True))

    def _matching(self, folded: str, raw: str, *numbers: int) -> Sequence[int]:
        """The rules of which one of these forms matches the line, and no exception does."""
        matched: list[int] = []
        for number in numbers:
            form = self._selector.forms[number]
            if form is None:
                matched += self._selector.saying(number, folded)
            elif form.rule not in matched and form.matches(raw if form.raw else folded):
                matched.append(form.rule)
        if not matched:
            return ()
        unless = self._unless
        return [rule for rule in {*matched} if (but := unless[rule]) is None or not matcher(but).matches(raw, folded)]
