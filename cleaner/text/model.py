"""Fitted models of line features: sums of small decision trees, kept as JSON, evaluated with whole numbers only.

A tree asks the same question of every line on each of its levels (``feature > border``); the answers are the bits of a
leaf's number, and the leaf is the tree's share in the line's score. Scores are log-odds in thousandths: sums of
integers, so they are the same on every machine and in any batch.

The file: ``features`` names what is asked; ``chars`` is the greatest length of a line that is scored at all;
``trees`` holds for each tree its ``splits`` ([feature, border], the first asks for the lowest bit) and ``leaves``.
``floors`` names numbers of trees, rising, and a score for each: a line whose score is below it after so many trees is
settled and not looked at again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cleaner.cache import cached, digest
from cleaner.text.counts import Ints, LineTable, Wide
from cleaner.text.features import FEATURES, line_features
from cleaner.text.speed import compiled_module

native: Any = compiled_module("cleaner.text._model")

SCALE: Final = 1_000
"""Points of score per unit of log-odds."""

NEVER: Final = -1_000_000
"""Score of a line that is not looked at."""

_CHUNK: Final = 1_024
"""Lines scored at once: their answers fit in the processor's cache."""

_BORDERS: Final = 255
"""Borders of one feature at most: a value's place among them is a byte."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A model ready to run. A question is a feature and the place of a border among all that are asked of it."""

    features: tuple[str, ...]
    chars: int
    bias: int
    borders: Ints
    """Of all features, one feature's behind the other's, rising."""
    bounds: Ints
    """Where each feature's borders begin, and one behind the last."""
    asked: Ints
    """Trees × levels: numbers of features."""
    places: Ints
    """Trees × levels: places of borders."""
    leaves: Ints
    """Trees × leaves."""
    ends: Wide
    """Rising numbers of trees, after each of which some lines are settled."""
    floors: Wide
    """For each of these the least score with which a line is asked on; for the last, any."""

    def leaves_of(self, values: Ints, begin: int, end: int) -> NDArray[np.uint8]:
        """Trees × lines: the leaf in which each of these trees puts each line with these values (features × lines)."""
        ranks = [
            np.searchsorted(self.borders[a:b], row) for row, (a, b) in zip(values, pairwise(self.bounds), strict=True)
        ]
        above = np.array(ranks)[self.asked[begin:end]] > self.places[begin:end, :, None]
        return np.packbits(above, axis=1, bitorder="little")[:, 0]


@lru_cache(maxsize=8)
def load_model(text: str) -> Model:
    """The model of a file's content. Raises ValueError, with what is wrong, for anything that is no model."""
    return cached("model", digest([text.encode()]), lambda: _model(text))


def _model(text: str) -> Model:
    try:
        data = json.loads(text)
        features = tuple(data["features"])
        trees, floors = data["trees"], [*(int(floor) for _, floor in data["floors"]), NEVER]
        ends = [*(int(end) for end, _ in data["floors"]), len(trees)]
        if ends != sorted({*ends}) or ends[0] < 1:
            raise ValueError("the numbers of trees before the floors must rise")
        questions = [[(features.index(name), int(border)) for name, border in tree["splits"]] for tree in trees]
        borders = [
            sorted({border for tree in questions for at, border in tree if at == k}) for k in range(len(features))
        ]
        if max(map(len, borders), default=0) > _BORDERS:
            raise ValueError(f"more than {_BORDERS} borders of one feature")
        levels = len(questions[0])
        asked = np.array([[at for at, _ in tree] for tree in questions], np.int32)
        places = np.array([[borders[at].index(border) for at, border in tree] for tree in questions], np.int32)
        leaves = np.array([tree["leaves"] for tree in trees], np.int32)
        if not 1 <= levels <= 8 or asked.shape != (len(trees), levels) or leaves.shape != (len(trees), 1 << levels):
            raise ValueError("every tree needs the same number of levels, 1 to 8, and 2 ** levels leaves")
        if np.abs(leaves.astype(np.int64)).max(axis=1).sum() > np.iinfo(np.int32).max:
            raise ValueError("the leaves of all trees add up to more than 32 bits hold")
        if unknown := sorted({*features} - FEATURES.keys()):
            raise ValueError(f"unknown line features: {', '.join(unknown)}")
        return Model(
            features, int(data["chars"]), int(np.int64(data["bias"])),
            np.array([border for each in borders for border in each], np.int32),
            np.cumsum([0, *map(len, borders)], dtype=np.int32),
            asked, places, leaves, np.array(ends, np.int64), np.array(floors, np.int64),
        )  # fmt: skip
    except KeyError as error:
        raise ValueError(f"not a model of line features: {error} is missing") from error
    except (IndexError, OverflowError, RecursionError, TypeError, ValueError) as error:
        raise ValueError(f"not a model of line features: {error}") from error


def scores(table: LineTable, model: Model) -> Wide:
    """Each line's score in thousandths of log-odds, NEVER for lines that are too long or fall out early."""
    result = np.full(len(table), NEVER, np.int64)
    rows = np.flatnonzero(table.end - table.start <= model.chars)
    if not rows.size:
        return result
    values = line_features(table, model.features)
    if native is not None:
        questions = (model.borders, model.bounds, model.asked, model.places, model.leaves)
        native.score(values, rows, *questions, model.ends, model.floors, model.bias, NEVER, result)
        return result
    for begin in range(0, len(rows), _CHUNK):
        part = rows[begin : begin + _CHUNK]
        result[part] = _score(values[:, part], model)
    return result


def _score(values: Ints, model: Model) -> Wide:
    total = np.full(values.shape[1], model.bias, np.int64)
    left = np.arange(values.shape[1])
    begin = 0
    for end, floor in zip(model.ends, model.floors, strict=True):
        leaf = model.leaves_of(values[:, left], begin, end)
        total[left] += model.leaves[np.arange(begin, end)[:, None], leaf].sum(axis=0, dtype=np.int64)
        settled = total[left] < floor
        total[left[settled]] = NEVER
        left = left[~settled]
        begin = end
    return total


def explain(table: LineTable, model: Model, lines: Sequence[int]) -> Iterator[tuple[int, Mapping[str, int]]]:
    """The score of these lines of the table, all trees asked, and each feature's share of it, greatest first.

    A question's share is what its answer adds to the mean of the leaves that are still possible; the shares and the
    model's mean add up to the score, up to rounding.
    """
    values = line_features(table, model.features)[:, lines]
    trees, levels = model.asked.shape
    means = [model.leaves.reshape(trees, 1 << known, -1).mean(axis=2) for known in range(levels + 1)]
    for begin in range(0, len(lines), _CHUNK):
        leaf = model.leaves_of(values[:, begin : begin + _CHUNK], 0, trees)
        # By the answers to the last questions: the first ones are the lowest bits of a leaf's number.
        known = [np.take_along_axis(mean, leaf >> (levels - n), axis=1) for n, mean in enumerate(means)]
        shares = np.zeros((len(model.features), leaf.shape[1]))
        for asked, before, after in zip(model.asked.T[::-1], known, known[1:], strict=False):
            np.add.at(shares, asked, after - before)
        scores = model.bias + known[-1].sum(axis=0).astype(np.int64)
        for score, row in zip(scores.tolist(), shares.T.tolist(), strict=True):
            ranked = sorted(zip(model.features, map(round, row), row, strict=True), key=lambda item: -abs(item[2]))
            yield score, {name: share for name, share, _ in ranked if share}
