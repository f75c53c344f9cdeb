"""Which lines a shape rule speaks of: those within its thresholds, or that its fitted model takes for chrome.

Both engines ask here, for one text or for many: no number of a line depends on what else is in the batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from cleaner.match.around import Around
from cleaner.match.counts import Ints, Rows, Wide, count, rows_of
from cleaner.match.model import SCALE, explain, load_model, scores
from cleaner.match.table import Table
from cleaner.rules.model import Rule, Shape
from cleaner.text.lines import Lines

MAX_LINES: Final = 50_000
"""A text of more lines is a list or a log and no article: shape rules leave it alone, and memory stays bounded."""

Found = dict[int, dict[int, list[int]]]


def shape_hits(rules: Mapping[int, Rule], table: Table, bounds: Wide) -> Found:
    """Text -> number of a shape rule -> lines it speaks of, ascending; wording and conditions are not asked.

    ``bounds``: numbers of the table's lines that texts begin with, and one behind the last.
    """
    found: Found = {}
    if not rules:
        return found
    rows = rows_of(table, bounds, MAX_LINES)
    for index, chosen in _chosen(rules, rows) if len(rows) else ():
        lines = rows.line[chosen]
        if not lines.size:
            continue
        owners = np.searchsorted(bounds, lines, "right") - 1
        local = lines - bounds[owners]
        cuts = np.flatnonzero(np.diff(owners, prepend=-1)).tolist()
        for low, high in zip(cuts, [*cuts[1:], len(lines)], strict=True):
            found.setdefault(int(owners[low]), {})[index] = local[low:high].tolist()
    return found


def shape_hits_of(rules: Mapping[int, Rule], text: str) -> Mapping[int, list[int]]:
    """The same for one text."""
    return shape_hits(rules, *_alone(text)).get(0, {})


def _alone(text: str) -> tuple[Table, Wide]:
    return Table([text]), np.array([0, text.count("\n") + 1])


def _chosen(rules: Mapping[int, Rule], rows: Rows) -> Iterable[tuple[int, Wide]]:
    own = count(rows)
    scored: dict[str, tuple[Wide, Ints]] = {}
    for index, rule in rules.items():
        shape = rule.shape
        assert shape is not None
        if shape.model is None:
            yield index, _fulfilling(shape, rows, own)
            continue
        if shape.model not in scored:
            scored[shape.model] = scores(rows, load_model(shape.model), own)
        picked, score = scored[shape.model]
        yield index, picked[score >= round(shape.threshold * SCALE)]


def _fulfilling(shape: Shape, rows: Rows, own: Ints) -> Wide:
    """The lines within all thresholds."""
    values = _values(shape, rows, own, np.arange(len(rows)))
    chosen = np.ones(len(rows), bool)
    for row, (_, least, most) in zip(values, shape.when, strict=True):
        if least is not None:
            chosen &= row >= least
        if most is not None:
            chosen &= row <= most
    return np.flatnonzero(chosen)


def _values(shape: Shape, rows: Rows, own: Ints, picked: Wide) -> Ints:
    unscored = np.zeros(len(rows), np.int32)
    return Around(rows, own, unscored, picked).read([name for name, _, _ in shape.when])


def why(shape: Shape, text: str, line: int) -> Mapping[str, float]:
    """What speaks for a non-blank line of the text: each feature's share of the model's score, in log-odds, the
    greatest first; for thresholds, the features they name and their values."""
    rows = rows_of(*_alone(text))
    row = Lines(text).rank(line)
    if shape.model is None:
        names = [name for name, _, _ in shape.when]
        return dict(zip(names, _values(shape, rows, count(rows), np.array([row]))[:, 0].tolist(), strict=True))
    return {name: share / SCALE for name, share in explain(rows, load_model(shape.model), row)[1].items()}
