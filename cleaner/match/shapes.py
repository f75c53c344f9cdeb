"""Which lines a shape rule speaks of: those within its thresholds, or that its fitted model takes for chrome.

Both engines ask here, for one text or for many: no number of a line depends on what else is in the batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from cleaner.rules.model import Rule, Shape
from cleaner.text.counts import Bools, Table, Wide, code_points, line_table
from cleaner.text.features import line_features
from cleaner.text.model import SCALE, explain, load_model, scores

MAX_LINES: Final = 50_000
"""A text of more lines is a list or a log and no article: shape rules leave it alone, and memory stays bounded."""


def shape_hits(rules: Mapping[int, Rule], texts: Sequence[str]) -> list[dict[int, list[int]]]:
    """For each text: number of a shape rule -> lines it speaks of, ascending; wording and conditions not asked."""
    found: list[dict[int, list[int]]] = [{} for _ in texts]
    which = [i for i, text in enumerate(texts) if text.count("\n") < MAX_LINES]
    if not rules or not which:
        return found
    codes, start, end, document = code_points([texts[i] for i in which])
    table = line_table(codes, start, end, document)
    heads = np.searchsorted(document, np.arange(len(which)))
    for index, chosen in _chosen(rules, table):
        lines = table.line[chosen]
        if not lines.size:
            continue
        owners = document[lines]
        local = lines - heads[owners]
        cuts = np.flatnonzero(np.diff(owners, prepend=-1)).tolist()
        for low, high in zip(cuts, [*cuts[1:], len(lines)], strict=True):
            found[which[int(owners[low])]][index] = local[low:high].tolist()
    return found


def _chosen(rules: Mapping[int, Rule], table: Table) -> Iterable[tuple[int, Bools]]:
    scored: dict[str, Wide] = {}
    for index, rule in rules.items():
        shape = rule.shape
        assert shape is not None
        if shape.model is None:
            yield index, _fulfilling(shape, table)
            continue
        if shape.model not in scored:
            scored[shape.model] = scores(table, load_model(shape.model))
        yield index, scored[shape.model] >= round(shape.threshold * SCALE)


def _fulfilling(shape: Shape, table: Table) -> Bools:
    """The lines within all thresholds."""
    values = line_features(table, [name for name, _, _ in shape.when])
    chosen = np.ones(len(table), bool)
    for row, (_, least, most) in zip(values, shape.when, strict=True):
        if least is not None:
            chosen &= row >= least
        if most is not None:
            chosen &= row <= most
    return chosen


def why(shape: Shape, text: str, line: int) -> Mapping[str, float]:
    """What speaks for a non-blank line of the text: each feature's share of the model's score, in log-odds, the
    greatest first; for thresholds, the features they name and their values."""
    table = line_table(*code_points([text]))
    row = int(np.searchsorted(table.line, line))
    if shape.model is None:
        names = [name for name, _, _ in shape.when]
        return dict(zip(names, line_features(table, names)[:, row].tolist(), strict=True))
    return {name: share / SCALE for name, share in explain(table, load_model(shape.model), row)[1].items()}
