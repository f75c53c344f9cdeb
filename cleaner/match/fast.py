"""The fast engine: the hits of the plain one, for a batch of texts at once.

Candidates come from the selector, conditions that can be checked on the table of lines thin them out, and what is left
is confirmed by the same patterns, line by line, that the plain engine runs. Python works per candidate, not per line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np

from cleaner.io.cache import cached
from cleaner.match.guards import Guards, Places
from cleaner.match.select import Selector
from cleaner.match.shapes import shape_hits
from cleaner.match.table import Table
from cleaner.options import MAX_LINE
from cleaner.rules.model import Rule
from cleaner.rules.wording import matcher
from cleaner.text.fold import fold, line_key, number_key
from cleaner.text.lines import Lines

__all__ = ["FastEngine", "Found"]

Found = tuple[Lines, dict[int, list[int]]]
"""A text's lines, and rule -> lines it may concern, ascending in both."""

Candidate = tuple[int, int, str, str, bytes]
"""Text, line in it, the line folded and as written, the numbers (unsigned, four bytes each) of forms to try."""


_MANY: Final = 200
"""Rules from which on a selector is worth a place in the cache; small ones are quick to make and would crowd it."""


class _Folded(Sequence[str]):
    """The folded lines of a text: each folded when it is first asked for, or all at once where many are."""

    __slots__ = ("_all", "_known", "_lines")

    def __init__(self, lines: _TableLines, known: dict[int, str]) -> None:
        self._lines, self._known = lines, known
        self._all: list[str] | None = None

    def __len__(self) -> int:
        return len(self._lines.starts) - 1

    def __getitem__(self, i: int) -> str:  # type: ignore[override]
        if self._all is not None:
            return self._all[i]
        line = self._known.get(i)
        if line is None:
            if len(self._known) > _FEW + len(self) // 4:
                self._all = fold(self._lines.text).split("\n")
                return self._all[i]
            line = self._known[i] = fold(self._lines.raw(i))
        return line


_FEW: Final = 16


class _TableLines(Lines):
    """The lines of one text, cut out of the table of its batch."""

    def __init__(self, text: str, starts: list[int], blank: bytes, known: dict[int, str]) -> None:
        self.text = text
        self.starts = starts  # type: ignore[assignment]  # a list is the quicker one to make and to ask
        self.folded = _Folded(self, known)  # type: ignore[assignment]
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
        self._rule_of = np.array([0, *(form.rule for form in self._selector.forms if form)], np.int64)
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
        candidates = list(self._candidates(places, texts))
        self._confirm(candidates, hits)
        known: dict[int, dict[int, str]] = {}
        for owner, line, folded, *_ in candidates:
            if owner in hits:
                known.setdefault(owner, {})[line] = folded
        blank = (~table.filled).tobytes()
        for i, text in enumerate(texts):
            if found := hits.get(i):
                first, end = int(bounds[i]), int(bounds[i + 1])
                starts: list[int] = places.offset[first:end].tolist()
                starts.append(len(text) + 1)
                yield _TableLines(text, starts, blank[first:end], known.get(i, {})), found
            else:
                yield None

    def _candidates(self, places: Places, texts: Sequence[str]) -> Iterator[Candidate]:
        """The lines to look at, and what may match them."""
        table = places.table
        lines, forms = self._selector.candidates(table)
        allowed = (lines < places.bounds[-1]) & (table.end[lines] - table.start[lines] <= MAX_LINE)
        lines, forms = lines[allowed], forms[allowed]
        allowed = (forms == 0) | self._guards.allow(places, lines, self._rule_of[forms])
        lines, forms = lines[allowed], forms[allowed].astype(np.uint32)
        heads = np.flatnonzero(np.diff(lines, prepend=-1))
        lines = lines[heads]
        owner = places.owner[lines]
        start = places.offset[lines]
        end = start + table.end[lines] - table.start[lines]
        owners = owner.tolist()
        raw = [texts[i][a:b] for i, a, b in zip(owners, start.tolist(), end.tolist(), strict=True)]
        numbers = forms.tobytes()
        cuts = [4 * cut for cut in (*heads.tolist(), len(forms))]
        return zip(
            owners,
            (lines - places.bounds[owner]).tolist(),
            fold("\n".join(raw)).split("\n"),
            raw,
            (numbers[a:b] for a, b in pairwise(cuts)),
            strict=bool(raw),
        )

    def _confirm(self, candidates: Sequence[Candidate], hits: dict[int, dict[int, list[int]]]) -> None:
        """Add to ``hits`` (text -> rule -> lines) what the candidates match."""
        known: dict[tuple[str, bytes], list[int]] = {}  # a batch says the same thing many times
        for owner, line, folded, raw, numbers in candidates:
            rules = known.get((raw, numbers))
            if rules is None:
                rules = known[raw, numbers] = self._matching(folded, raw, numbers)
            if rules:
                own = hits.setdefault(owner, {})
                for rule in rules:
                    own.setdefault(rule, []).append(line)

    def _matching(self, folded: str, raw: str, numbers: bytes) -> list[int]:
        """The rules of which one of these forms matches the line, and no exception does."""
        forms, unless = self._selector.forms, self._unless
        matched: set[int] = set()
        for number in memoryview(numbers).cast("I"):
            form = forms[number]
            if form is None:
                matched.update(self._with_phrase(folded))
            elif form.rule not in matched and form.matches(raw if form.raw else folded):
                matched.add(form.rule)
        return [rule for rule in matched if (but := unless[rule]) is None or not matcher(but).matches(raw, folded)]

    def _with_phrase(self, folded: str) -> Sequence[int]:
        selector = self._selector
        key = line_key(folded)
        rules = selector.phrases.get(key, ())
        if selector.numbered and (more := selector.numbered.get(number_key(key))):
            return [*rules, *more]
        return rules
