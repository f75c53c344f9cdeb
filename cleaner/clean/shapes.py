"""Shape rules: which lines their thresholds or their fitted model take for furniture, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cleaner.rules.model import Rule, Shape
from cleaner.text.counts import Bools, Table, Wide, code_points, line_table
from cleaner.text.features import line_features
from cleaner.text.fold import fold, line_key
from cleaner.text.model import SCALE, explain, load_model, scores

if TYPE_CHECKING:
    from cleaner.clean.kinds import View


def shape_lines(shape: Shape, view: View) -> list[int]:
    """The lines that a shape rule speaks of, in order; never the first line, nor the first that says the title."""
    filled = view.lines.filled
    if not filled:
        return []
    chosen = _fulfilling(shape, _table(view)) if shape.model is None else _scores(shape.model, view) >= _points(shape)
    kept = {filled[0], _headline(view)}
    return [filled[row] for row in np.flatnonzero(chosen).tolist() if filled[row] not in kept]


def score_batch(rules: Sequence[Rule], views: Sequence[View]) -> None:
    """Scores the lines of many documents at once, for the rules that name a model: much faster than one by one, and
    with the same result, because no number depends on what else is in the batch."""
    models = {rule.shape.model for rule in rules if rule.shape is not None and rule.shape.model is not None}
    if not models or not views:
        return
    table = line_table(*code_points([view.lines.text for view in views]))
    bounds = np.cumsum([len(view.lines.filled) for view in views])[:-1]
    for text in models:
        for view, part in zip(views, np.split(scores(table, load_model(text)), bounds), strict=True):
            view.scores[text] = part


def why(shape: Shape, view: View, line: int) -> Mapping[str, float]:
    """Each feature's share of the score that a model gives a line, in log-odds, the greatest first; for thresholds
    the features they name and their values."""
    table = _table(view)
    row = int(np.searchsorted(table.line, line))
    if shape.model is None:
        names = [name for name, _, _ in shape.when]
        return dict(zip(names, line_features(table, names)[:, row].tolist(), strict=True))
    return {name: share / SCALE for name, share in explain(table, load_model(shape.model), row)[1].items()}


def _points(shape: Shape) -> int:
    return round(shape.threshold * SCALE)


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


def _table(view: View) -> Table:
    return line_table(*code_points([view.lines.text]))


def _scores(model: str, view: View) -> Wide:
    """Scores of the document's non-blank lines, from the batch where there was one."""
    if model not in view.scores:
        view.scores[model] = scores(_table(view), load_model(model))
    found: Wide = view.scores[model]
    return found


def _headline(view: View) -> int | None:
    """The first line that says the document's title, or its beginning: a title often ends in the site's name."""
    title = line_key(fold((view.document.title or "").replace("\n", " ")))
    if not title:
        return None
    for i in view.lines.filled:
        key = view.lines.key(i)
        if key == title or (key.count(" ") >= 2 and title.startswith(key)):
            return i
    return None
