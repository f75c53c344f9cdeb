"""Fitted models of line features: sums of small decision trees, kept as JSON, evaluated with whole numbers only.

A tree asks the same question of every line on each of its levels (``feature > border``); the answers are the bits of a
leaf's number, and the leaf is the tree's share in the line's score. Scores are log-odds in thousandths: sums of
integers, so they are the same on every machine and in any batch.

A model has two parts. ``alone`` knows a line by itself; its score is a feature, of the line and of its neighbours, for
the part ``around``, which gives the score that counts. Lines longer than ``chars``, or whose first score is below
``floor``, are no furniture, and the second part is not asked about them. Each part: ``features`` names what is asked,
``bias`` is where the sum begins, ``trees`` holds for each tree its ``splits`` ([feature, border], the first asks for
the lowest bit) and ``leaves``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cleaner.match.around import Around
from cleaner.match.counts import Ints, Rows, Wide, count
from cleaner.text.features import FEATURES, OWN

SCALE: Final = 1_000
"""Points of the score to one of log-odds."""
NEVER: Final = -1_000_000
"""Score of a line that is not looked at."""
_LEAST: Final = -4_000
"""First score of a line that is running text; no first score is below it."""
_CHUNK: Final = 8_192
"""Lines scored at once: their answers fit in the processor's cache."""
_FEW: Final = 256


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some trees, and the questions they ask, each once."""

    features: tuple[str, ...]
    bias: int
    asked: NDArray[np.int64]
    """Of each question: the number of its feature."""
    borders: Ints
    splits: NDArray[np.int64]
    """Trees × levels: numbers of questions."""
    leaves: Ints
    """Trees × leaves."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A model ready to run."""

    chars: int
    floor: int
    alone: Part
    around: Part


@lru_cache(maxsize=8)
def load_model(text: str) -> Model:
    """The model of a file's content. Raises ValueError, with what is wrong, for anything that is no model."""
    try:
        data = json.loads(text)
        model = Model(int(data["chars"]), int(data["floor"]), _part(data["alone"], OWN), _part(data["around"]))
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ValueError(f"not a model of line features: {error!r}") from error
    if unknown := sorted({*model.around.features} - FEATURES.keys()):
        raise ValueError(f"unknown line features: {', '.join(unknown)}")
    return model


def _part(data: Mapping[str, Any], features: Sequence[str] = ()) -> Part:
    """``features``: what the columns hold that it will be asked about, where that is more than it needs."""
    trees = data["trees"]
    features = features or tuple(data["features"])
    levels = len(trees[0]["splits"])
    asked = [[(features.index(name), int(border)) for name, border in tree["splits"]] for tree in trees]
    questions = sorted({question for tree in asked for question in tree})
    number = {question: i for i, question in enumerate(questions)}
    splits = np.array([[number[question] for question in tree] for tree in asked], np.int64).reshape(-1, levels)
    leaves = np.array([tree["leaves"] for tree in trees], np.int32).reshape(-1, 1 << levels)
    if not 1 <= levels <= 8 or not len(splits) == len(leaves) == len(trees):
        raise ValueError("every tree needs the same number of levels, 1 to 8, and 2 ** levels leaves")
    borders = np.array([border for _, border in questions], np.int32)
    return Part(tuple(features), int(data["bias"]), np.array([at for at, _ in questions]), borders, splits, leaves)


def scores(rows: Rows, model: Model, own: Ints | None = None) -> tuple[Wide, Ints]:
    """The rows that the model scores, and the score of each in thousandths of log-odds. ``own``: features of the rows,
    where they are already known."""
    own = count(rows) if own is None else own
    picked, score = first_scores(own, model)
    picked = picked[score.take(picked) >= model.floor]
    if not picked.size:
        return picked, np.zeros(0, np.int32)
    return picked, sum_of(Around(rows, own, score, picked).read(model.around.features), model.around)


def first_scores(own: Ints, model: Model) -> tuple[Wide, Ints]:
    """The rows that are short enough, and what the first part says of each of all rows."""
    short = own[0] <= model.chars
    score = np.maximum(sum_of(own, model.alone), _LEAST)
    score[~short] = _LEAST
    return np.flatnonzero(short), score


def sum_of(values: Ints, part: Part) -> Ints:
    """The sum of the leaves that each column of ``values`` (features × lines) ends in."""
    if values.shape[1] <= _FEW:  # all trees at once: fewer calls, more memory
        yes = values.take(part.asked, axis=0) > part.borders[:, None]
        leaf = np.packbits(yes.take(part.splits, axis=0), axis=1, bitorder="little")[:, 0]
        few: Ints = part.leaves[np.arange(len(leaf))[:, None], leaf].sum(axis=0, dtype=np.int32)
        return few + np.int32(part.bias)
    total = np.full(values.shape[1], part.bias, np.int32)
    for begin in range(0, len(total), _CHUNK):
        piece = slice(begin, begin + _CHUNK)
        answers = _answers(values[:, piece], part)
        for splits, leaves in zip(part.splits.tolist(), part.leaves, strict=True):
            leaf = answers[splits[-1]].copy()
            for split in reversed(splits[:-1]):
                leaf += leaf
                leaf |= answers[split]
            total[piece] += leaves.take(leaf)
    return total


def _answers(values: Ints, part: Part) -> NDArray[np.uint8]:
    """Questions × lines: 1 for yes."""
    answers = np.empty((len(part.asked), values.shape[1]), bool)
    for at, border, row in zip(part.asked.tolist(), part.borders.tolist(), answers, strict=True):
        np.greater(values[at], border, out=row)
    return answers.view(np.uint8)


def explain(rows: Rows, model: Model, row: int) -> tuple[int, Mapping[str, int]]:
    """The score of one row, whatever its length and its first score, and each feature's share of it, greatest first.

    A question's share is what its answer adds to the mean of the leaves that are still possible; the shares and the
    model's mean add up to the score, up to rounding.
    """
    own, part = count(rows), model.around
    values = Around(rows, own, first_scores(own, model)[1], np.array([row])).read(part.features)[:, 0]
    shares = dict.fromkeys(part.features, 0.0)
    answers = values[part.asked] > part.borders
    score = part.bias
    for splits, leaves in zip(part.splits, part.leaves, strict=True):
        possible: NDArray[Any] = leaves.reshape([2] * len(splits))  # the last split is the first axis
        for split in reversed(splits):
            before = possible.mean()
            possible = possible[int(answers[split])]
            shares[part.features[part.asked[split]]] += possible.mean() - before
        score += int(possible)
    ranked = sorted(shares.items(), key=lambda item: -abs(item[1]))
    return score, {name: round(share) for name, share in ranked if round(share)}
