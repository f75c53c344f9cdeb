"""Fitted models of line features: sums of small decision trees, kept as JSON, evaluated with whole numbers only.

A tree asks the same question of every line on each of its levels (``feature > border``); the answers are the bits of a
leaf's number, and the leaf is the tree's share in the line's score. Scores are log-odds in thousandths: sums of
integers, so they are the same on every machine and in any batch.

The file: ``features`` names what is asked; ``chars`` is the greatest length of a line that is scored at all;
``trees`` holds for each tree its ``splits`` ([feature, border], the first asks for the lowest bit) and ``leaves``.
``first`` of the trees decide alone about lines whose score is still below ``floor`` then: they are not looked at again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cleaner.text.counts import Bools, Ints, Table, Wide
from cleaner.text.features import FEATURES, line_features

SCALE: Final = 1_000
"""Points of the score to one of log-odds."""

NEVER: Final = -1_000_000
"""Score of a line that is not looked at."""

_CHUNK: Final = 4_096
"""Lines scored at once: their bits fit in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A model ready to run."""

    features: tuple[str, ...]
    chars: int
    bias: int
    asked: NDArray[np.int64]
    """Number of the feature of each distinct question."""
    borders: Ints
    splits: NDArray[np.int64]
    """Trees × levels: numbers of questions."""
    leaves: Ints
    """Trees × leaves."""
    first: int
    floor: int


@lru_cache(maxsize=8)
def load_model(text: str) -> Model:
    """The model of a file's content. Raises ValueError, with what is wrong, for anything that is no model."""
    try:
        data = json.loads(text)
        features = tuple(data["features"])
        place = {name: i for i, name in enumerate(features)}
        asked = [[(place[name], int(border)) for name, border in tree["splits"]] for tree in data["trees"]]
        questions = sorted({question for tree in asked for question in tree})
        number = {question: i for i, question in enumerate(questions)}
        splits = [[number[question] for question in tree] for tree in asked]
        leaves = np.array([tree["leaves"] for tree in data["trees"]], np.int32)
        model = Model(
            features=features,
            chars=int(data["chars"]),
            bias=int(data["bias"]),
            asked=np.array([feature for feature, _ in questions], np.int64),
            borders=np.array([border for _, border in questions], np.int32),
            splits=np.array(splits, np.int64),
            leaves=leaves,
            first=int(data["first"]),
            floor=int(data["floor"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a model of line features: {error!r}") from error
    if unknown := sorted(set(features) - FEATURES.keys()):
        raise ValueError(f"unknown line features: {', '.join(unknown)}")
    if model.splits.ndim != 2 or leaves.shape != (len(splits), 1 << model.splits.shape[1]):
        raise ValueError("every tree needs the same number of levels, and 2 ** levels leaves")
    return model


def scores(table: Table, model: Model) -> Wide:
    """Each line's score in thousandths of log-odds, NEVER for lines that are too long or fall out early."""
    result = np.full(len(table), NEVER, np.int64)
    rows = np.flatnonzero(table.end - table.start <= model.chars)
    if not rows.size:
        return result
    values = line_features(table, model.features)
    for begin in range(0, len(rows), _CHUNK):
        part = rows[begin : begin + _CHUNK]
        result[part] = _score(values[:, part], model)
    return result


def _score(values: Ints, model: Model) -> Wide:
    bits = values[model.asked] > model.borders[:, None]
    total = _sum(bits, model, 0, model.first) + model.bias
    left = np.flatnonzero(total >= model.floor)
    total[total < model.floor] = NEVER
    if left.size and model.first < len(model.splits):
        total[left] += _sum(bits[:, left], model, model.first, len(model.splits))
    return total


def _leaf_numbers(bits: Bools, splits: NDArray[np.int64]) -> NDArray[np.uint8]:
    """For each tree the leaf that each line ends in: trees × lines."""
    return np.packbits(bits[splits], axis=1, bitorder="little")[:, 0]


def _sum(bits: Bools, model: Model, low: int, high: int) -> Wide:
    total = np.zeros(bits.shape[1], np.int64)
    view = bits.view(np.uint8)
    for splits, leaves in zip(model.splits[low:high].tolist(), model.leaves[low:high], strict=True):
        leaf = view[splits[-1]].copy()
        for split in reversed(splits[:-1]):
            leaf += leaf
            leaf |= view[split]
        total += leaves.take(leaf)
    return total


def explain(table: Table, model: Model, line: int) -> tuple[int, Mapping[str, int]]:
    """The score of one line of the table, all trees asked, and each feature's share of it, greatest first.

    A question's share is what its answer adds to the mean of the leaves that are still possible; the shares and the
    model's mean add up to the score, up to rounding.
    """
    values = line_features(table, model.features)[:, line]
    answers = values[model.asked] > model.borders
    shares = dict.fromkeys(model.features, 0.0)
    score = model.bias
    for splits, leaves in zip(model.splits, model.leaves, strict=True):
        possible: NDArray[Any] = leaves.reshape([2] * len(splits))  # the last split is the first axis
        for split in reversed(splits):
            before = possible.mean()
            possible = possible[int(answers[split])]
            shares[model.features[model.asked[split]]] += possible.mean() - before
        score += int(possible)
    ranked = sorted(shares.items(), key=lambda item: -abs(item[1]))
    return score, {name: round(share) for name, share in ranked if round(share)}


def shape_lines(table: Table, model: Model, threshold: float) -> Bools:
    """Which lines the model takes for chrome: those whose score, in log-odds, is at least ``threshold``."""
    chosen: Bools = scores(table, model) >= round(threshold * SCALE)
    return chosen
