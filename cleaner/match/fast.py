"""The fast engine: the hits of the plain one, for a batch of texts at once.

Candidates come from the selector, conditions that can be checked on the table of lines thin them out, and what is left is
confirmed by the same patterns, line by line, that the plain engine runs. Python works per candidate, not per line.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from cleaner.match.guards import Guards
from cleaner.match.select import Selector
from cleaner.match.table import Ints, Table
from cleaner.options import MAX_LINE
from cleaner.rules.model import Rule
from cleaner.rules.wording import Matcher, compiled, matcher
from cleaner.text.fold import fold, line_key, number_key
from cleaner.text.lines import Lines

__all__ = ["FastEngine", "Found"]

Found = tuple[Lines, dict[int, list[int]]]
"""A text's lines, and rule -> lines it may concern, ascending in both."""


class _Folded(Sequence[str]):
    """The folded lines of a text, each folded when it is first asked for."""

    __slots__ = ("_known", "_starts", "_text")

    def __init__(self, text: str, starts: array[int]) -> None:
        self._text, self._starts = text, starts
        self._known: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, i: int) -> str:  # type: ignore[override]
        line = self._known.get(i)
        if line is None:
            line = self._known[i] = fold(self._text[self._starts[i] : self._starts[i + 1] - 1])
        return line


class _TableLines(Lines):
    """The lines of one text, cut out of the table of its batch."""

    def __init__(self, text: str, starts: array[int], filled: array[int]) -> None:
        self.text = text
        self.starts = starts
        self.folded = _Folded(text, starts)  # type: ignore[assignment]
        self.__dict__["filled"] = filled


def _array(numbers: Ints) -> array[int]:
    made = array("q")
    made.frombytes(numbers.astype(np.int64).tobytes())
    return made


class FastEngine:
    """Finds, in batches of texts, the lines that rules concern."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._selector = Selector(rules)
        self._guards = Guards(rules)
        self._rule_of = np.array([0, *(form.rule for form in self._selector.forms if form)], np.int64)
        self._unless = [matcher(rule.wording.unless) if rule.wording and rule.wording.unless else None for rule in rules]

    def find(self, texts: Sequence[str], titles: Sequence[str | None]) -> Iterator[Found | None]:
        """For each text its lines and hits, in order; None where no rule can concern it."""
        table = Table([*texts, *(title.replace("\n", " ") for title in titles if title)])
        bounds = np.zeros(len(texts) + 1, np.int64)  # the first line of each text
        np.cumsum([text.count("\n") + 1 for text in texts], out=bounds[1:])
        heads = np.full(len(texts), -1, np.int64)  # the line of each text's title
        named = [i for i, title in enumerate(titles) if title]
        heads[named] = np.arange(bounds[-1], len(table))
        lines, forms = self._selector.candidates(table)
        inside = lines < bounds[-1]
        lines, forms = lines[inside], forms[inside]
        places = self._guards.places(table, bounds, heads)
        kept = (table.end[lines] - table.start[lines] <= MAX_LINE) & (
            (forms == 0) | self._guards.allow(places, lines, self._rule_of[forms])
        )
        lines, forms = lines[kept], forms[kept]
        extra = self._guards.wordless(places)
        cuts = np.searchsorted(lines, bounds).tolist()
        for i, text in enumerate(texts):
            low, high = cuts[i], cuts[i + 1]
            more = extra.get(i)
            if low == high and more is None:
                yield None
                continue
            first, end = int(bounds[i]), int(bounds[i + 1])
            base = int(table.start[first])
            starts = _array(np.append(table.start[first:end], table.end[end - 1] + 1) - base)
            own = _TableLines(text, starts, _array(np.flatnonzero(table.filled[first:end])))
            hits = self._confirm(own, (lines[low:high] - first).tolist(), forms[low:high].tolist())
            if more is not None:
                hits.update(more)
            yield (own, hits) if hits else None

    def _confirm(self, lines: Lines, candidates: list[int], numbers: list[int]) -> dict[int, list[int]]:
        """The hits among the candidates: pairs of line and form, sorted."""
        hits: dict[int, list[int]] = {}
        forms, unless = self._selector.forms, self._unless
        at, folded, raw = -1, "", ""
        for i, number in zip(candidates, numbers, strict=True):
            if i != at:
                at, folded, raw = i, lines.folded[i], lines.raw(i)
            form = forms[number]
            if form is None:
                rules = self._with_phrase(folded)
            else:
                held = hits.get(form.rule)
                if (held and held[-1] == i) or not _matches(form.pattern, raw if form.raw else folded):
                    continue
                rules = (form.rule,)
            for rule in rules:
                held = hits.get(rule)
                if held and held[-1] == i:
                    continue
                but = unless[rule]
                if but is None or not but.matches(raw, folded):
                    if held is None:
                        hits[rule] = [i]
                    else:
                        held.append(i)
        return hits

    def _with_phrase(self, folded: str) -> Sequence[int]:
        selector = self._selector
        key = line_key(folded)
        rules = selector.phrases.get(key, ())
        if selector.numbered and (more := selector.numbered.get(number_key(key))):
            return [*rules, *more]
        return rules


def _matches(pattern: str, subject: str) -> bool:
    """As ``Matcher`` has it: whether the pattern, or its group ``cut``, matches something that is not empty."""
    found = compiled(pattern)
    group: str | int = "cut" if "cut" in found.groupindex else 0
    return any(match.start(group) < match.end(group) for match in found.finditer(subject))
