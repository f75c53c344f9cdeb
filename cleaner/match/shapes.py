"""Which lines a shape rule speaks of: those within its thresholds, or that its fitted model takes for chrome.

Asked last, whatever the engine, for one text or for many: no number of a line depends on what else is in the batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cleaner.document import Document
from cleaner.rules.model import Rule, Shape
from cleaner.text.counts import Bools, LineTable, Wide, line_table
from cleaner.text.features import MARKUP, line_features
from cleaner.text.model import SCALE, explain, load_model, scores
from cleaner.text.runs import runs

MAX_LINES: Final = 50_000
"""A text of more lines is a list or a log and no article: shape rules leave it alone, and memory stays bounded."""


Hints = Mapping[str, Sequence[float]]
"""What the markup said about each line of a text, blank ones too, by feature name."""


def shape_hits(
    rules: Mapping[int, Rule], texts: Sequence[str], hints: Sequence[Hints | None]
) -> list[dict[int, list[int]]]:
    """For each text: number of a shape rule -> lines it speaks of, ascending; wording and conditions not asked."""
    found: list[dict[int, list[int]]] = [{} for _ in texts]
    which = [i for i, text in enumerate(texts) if len(text) < MAX_LINES or text.count("\n") < MAX_LINES]
    if not rules or not which:
        return found
    table = line_table([texts[i] for i in which])
    markup = _Markup(table, [hints[i] for i in which])
    for index, chosen in _chosen(rules, table, markup):
        rows = np.flatnonzero(chosen)
        owners, lines = table.document[rows], table.line[rows].tolist()
        for low, high in runs(owners):
            found[which[int(owners[low])]][index] = lines[low:high]
    return found


def _chosen(rules: Mapping[int, Rule], table: LineTable, markup: _Markup) -> Iterable[tuple[int, Bools]]:
    scored: dict[str, Wide] = {}
    for index, rule in rules.items():
        shape = rule.shape
        assert shape is not None
        if shape.model is None:
            yield index, _fulfilling(shape, table, markup)
            continue
        if shape.model not in scored:
            scored[shape.model] = scores(table, load_model(shape.model))
        yield index, scored[shape.model] / SCALE >= shape.threshold


def _fulfilling(shape: Shape, table: LineTable, markup: _Markup) -> Bools:
    """The lines within all thresholds; where nothing is known of a line's markup, it is within none."""
    chosen = np.ones(len(table), bool)
    for row, (_, least, most) in zip(_values(shape, table, markup), shape.when, strict=True):
        if least is not None:
            chosen &= row >= least
        if most is not None:
            chosen &= row <= most
    return chosen


def _values(shape: Shape, table: LineTable, markup: _Markup) -> list[NDArray[Any]]:
    """What the lines have of each feature that the shape names."""
    names = [name for name, _, _ in shape.when]
    own = [name for name in names if name not in MARKUP]
    values = dict(zip(own, line_features(table, own), strict=True))
    return [values[name] if name in values else markup.column(name) for name in names]


@dataclass(frozen=True, slots=True)
class _Markup:
    """The hints of all texts of a batch, for the non-blank lines."""

    table: LineTable
    hints: Sequence[Hints | None]
    """Of each text."""

    def column(self, name: str) -> NDArray[np.float64]:
        """What the markup says of each line; not a number where nothing is known."""
        column = np.full(len(self.table), np.nan)
        for number, hints in enumerate(self.hints):
            if hints is not None and (known := np.asarray(hints.get(name, ()), np.float64)).size:
                rows = slice(*np.searchsorted(self.table.document, (number, number + 1)))
                line = self.table.line[rows]
                column[rows] = np.where(line < len(known), known.take(line, mode="clip"), np.nan)
        return column


def why(shape: Shape, document: Document, lines: Sequence[int]) -> Iterator[Mapping[str, float]]:
    """What speaks for each of these non-blank lines of a text: each feature's share of the model's score, in log-odds,
    the greatest first; for thresholds, the features they name and their values."""
    table = line_table([document.text])
    rows = np.searchsorted(table.line, lines)
    if shape.model is not None:
        for _, shares in explain(table, load_model(shape.model), rows.tolist()):
            yield {name: share / SCALE for name, share in shares.items()}
        return
    values = np.array(_values(shape, table, _Markup(table, [document.hints])), np.float64)[:, rows]
    for row in values.T.tolist():
        yield dict(zip((name for name, _, _ in shape.when), row, strict=True))
