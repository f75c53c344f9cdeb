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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cleaner.cache import cached, digest
from cleaner.text.counts import Bools, Ints, Table, Wide
from cleaner.text.features import FEATURES, line_features
from cleaner.text.speed import native

SCALE: Final = 1_000
"""Points of the score to one of log-odds."""

NEVER: Final = -1_000_000
"""Score of a line that is not looked at."""

_CHUNK: Final = 4_096
"""Lines scored at once: their answers fit in the processor's cache."""

_FEW: Final = 256

_BORDERS: Final = 255
"""Borders of one feature at most: a value's place among them is a byte."""


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """Some trees of a model, and the questions they ask, each once."""

    borders: tuple[Ints, ...]
    """Of each feature: what is asked about it; the questions are numbered in this order."""
    asked: tuple[int, ...]
    """Of each question: the number of its feature."""
    splits: NDArray[np.int64]
    """Trees × levels: numbers of questions."""
    leaves: Ints
    """Trees × leaves."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A model ready to run."""

    features: tuple[str, ...]
    chars: int
    bias: int
    parts: tuple[Trees, ...]
    """The trees up to each floor, and those behind the last."""
    floors: tuple[int, ...]
    """The least score with which a line goes on from each part to the next."""
    flat: tuple[Any, ...]
    """The same for the compiled loops: borders of all features, where each feature's begin, each question's feature and
    its border's place among them (trees × levels), leaves, the number of trees up to the end of each part, and the
    least score with which a line goes on from each (any, from the last)."""


@lru_cache(maxsize=8)
def load_model(text: str) -> Model:
    """The model of a file's content. Raises ValueError, with what is wrong, for anything that is no model."""
    return cached("model", digest([text.encode()]), lambda: _model(text))


def _model(text: str) -> Model:
    try:
        data = json.loads(text)
        features = tuple(data["features"])
        trees, floors = data["trees"], tuple(int(floor) for _, floor in data["floors"])
        levels = len(trees[0]["splits"])
        ends = [*(int(end) for end, _ in data["floors"]), len(trees)]
        if ends != sorted({*ends}) or ends[0] < 1:
            raise ValueError("the numbers of trees before the floors must rise")
        parts = tuple(_trees(trees[a:b], features, levels) for a, b in pairwise([0, *ends]))
        flat = (*_flat(trees, features, levels), np.array(ends, np.int64), np.array([*floors, NEVER], np.int64))
        model = Model(features, int(data["chars"]), int(data["bias"]), parts, floors, flat)
    except KeyError as error:
        raise ValueError(f"not a model of line features: {error} is missing") from error
    except (IndexError, TypeError, ValueError) as error:
        raise ValueError(f"not a model of line features: {error}") from error
    if unknown := sorted(set(features) - FEATURES.keys()):
        raise ValueError(f"unknown line features: {', '.join(unknown)}")
    return model


def _trees(trees: Sequence[Mapping[str, Any]], features: Sequence[str], levels: int) -> Trees:
    asked = [[(features.index(name), int(border)) for name, border in tree["splits"]] for tree in trees]
    questions = sorted({question for tree in asked for question in tree})
    number = {question: i for i, question in enumerate(questions)}
    borders = [np.array([border for at, border in questions if at == k], np.int32) for k in range(len(features))]
    splits = np.array([[number[question] for question in tree] for tree in asked], np.int64).reshape(-1, levels)
    leaves = np.array([tree["leaves"] for tree in trees], np.int32).reshape(-1, 1 << levels)
    if not 1 <= levels <= 8 or not len(splits) == len(leaves) == len(trees):
        raise ValueError("every tree needs the same number of levels, 1 to 8, and 2 ** levels leaves")
    return Trees(tuple(borders), tuple(at for at, _ in questions), splits, leaves)


def _flat(trees: Sequence[Mapping[str, Any]], features: Sequence[str], levels: int) -> tuple[Any, ...]:
    asked = [[(features.index(name), int(border)) for name, border in tree["splits"]] for tree in trees]
    borders = [sorted({border for tree in asked for at, border in tree if at == k}) for k in range(len(features))]
    if max(map(len, borders), default=0) > _BORDERS:
        raise ValueError(f"more than {_BORDERS} borders of one feature")
    bounds = np.cumsum([0, *map(len, borders)], dtype=np.int32)
    of = np.array([[at for at, _ in tree] for tree in asked], np.int32).reshape(-1, levels)
    place = np.array([[borders[at].index(border) for at, border in tree] for tree in asked], np.int32)
    leaves = np.array([tree["leaves"] for tree in trees], np.int32).reshape(-1, 1 << levels)
    flat = np.array([border for each in borders for border in each], np.int32)
    return flat, bounds, of, place.reshape(-1, levels), leaves


def scores(table: Table, model: Model) -> Wide:
    """Each line's score in thousandths of log-odds, NEVER for lines that are too long or fall out early."""
    result = np.full(len(table), NEVER, np.int64)
    rows = np.flatnonzero(table.end - table.start <= model.chars)
    if not rows.size:
        return result
    values = line_features(table, model.features)
    if native is not None:
        native.score(values, rows, *model.flat, model.bias, NEVER, result)
        return result
    for begin in range(0, len(rows), _CHUNK):
        part = rows[begin : begin + _CHUNK]
        result[part] = _score(values[:, part], model)
    return result


def _score(values: Ints, model: Model) -> Wide:
    total = np.full(values.shape[1], model.bias, np.int64)
    left = np.arange(values.shape[1])
    for trees, floor in zip(model.parts, [*model.floors, NEVER], strict=True):
        total[left] += _sum(values.take(left, axis=1), trees)
        settled = total[left] < floor
        total[left[settled]] = NEVER
        left = left[~settled]
    return total


def _answers(values: Ints, trees: Trees) -> NDArray[np.uint8]:
    """Questions × lines: 1 for yes."""
    if values.shape[1] <= _FEW:  # all questions at once: fewer calls, more memory
        return (values.take(trees.asked, axis=0) > np.concatenate(trees.borders)[:, None]).view(np.uint8)
    answers = np.empty((len(trees.asked), values.shape[1]), np.uint8)
    done = 0
    for row, borders in zip(values, trees.borders, strict=True):
        np.greater(row, borders[:, None], out=answers[done : done + len(borders)].view(bool))
        done += len(borders)
    return answers


def _sum(values: Ints, trees: Trees) -> Wide:
    """The sum of the leaves that each line ends in."""
    answers = _answers(values, trees)
    if answers.shape[1] <= _FEW:  # all trees at once: fewer calls, more memory
        leaf = np.packbits(answers[trees.splits], axis=1, bitorder="little")[:, 0]
        few: Wide = trees.leaves[np.arange(len(leaf))[:, None], leaf].sum(axis=0, dtype=np.int64)
        return few
    total = np.zeros(answers.shape[1], np.int32)
    for splits, leaves in zip(trees.splits.tolist(), trees.leaves, strict=True):
        leaf = answers[splits[-1]].copy()
        for split in reversed(splits[:-1]):
            leaf += leaf
            leaf |= answers[split]
        total += leaves.take(leaf)
    return total.astype(np.int64)


def explain(table: Table, model: Model, line: int) -> tuple[int, Mapping[str, int]]:
    """The score of one line of the table, all trees asked, and each feature's share of it, greatest first.

    A question's share is what its answer adds to the mean of the leaves that are still possible; the shares and the
    model's mean add up to the score, up to rounding.
    """
    values = line_features(table, model.features)[:, line]
    shares = dict.fromkeys(model.features, 0.0)
    score = model.bias
    for part in model.parts:
        answers = _answers(values[:, None], part)[:, 0]
        for splits, leaves in zip(part.splits, part.leaves, strict=True):
            possible: NDArray[Any] = leaves.reshape([2] * len(splits))  # the last split is the first axis
            for split in reversed(splits):
                before = possible.mean()
                possible = possible[int(answers[split])]
                shares[model.features[part.asked[split]]] += possible.mean() - before
            score += int(possible)
    ranked = sorted(shares.items(), key=lambda item: -abs(item[1]))
    return score, {name: round(share) for name, share in ranked if round(share)}


def shape_lines(table: Table, model: Model, threshold: float) -> Bools:
    """Which lines the model takes for chrome: those whose score, in log-odds, is at least ``threshold``."""
    chosen: Bools = scores(table, model) >= round(threshold * SCALE)
    return chosen
