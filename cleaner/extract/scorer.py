"""A sum of small decision trees scores how likely each line of a page is part of its text.

A tree asks the same questions of every line (``feature > border``); the answers are the bits of a leaf's number, the
first the lowest. Leaves are whole numbers, thousandths of log-odds, so a score is the same on every machine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cleaner.extract.features import ROW, Floats
from cleaner.extract.markup import Ints
from cleaner.text.speed import compiled_module

native: Any = compiled_module("cleaner.extract._scorer")

_CHUNK: Final = 4096
"""Lines scored at a time, which bounds the memory for pages of very many."""


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """A sum of trees, ready to run."""

    asked: Ints
    """Levels × trees: the row of the feature that each tree asks for."""
    borders: Floats
    """Levels × trees × 1."""
    leaves: npt.NDArray[np.int32]
    """All trees' leaves, one after the other."""
    first: npt.NDArray[np.int32]
    """For each tree the place of its first leaf."""
    bias: int
    flat: tuple[Ints, Floats, npt.NDArray[np.int32]]
    """For the compiled loops: rows and borders, trees × levels; leaves, a row each tree."""

    def score(self, values: Floats) -> Ints:
        """Thousandths of log-odds for each line (column of ``values``)."""
        scores = np.empty(values.shape[1], dtype=np.int64)
        if native is not None:
            native.score(values, *self.flat, self.bias, scores)
            return scores
        for begin in range(0, len(scores), _CHUNK):
            scores[begin : begin + _CHUNK] = self._score(values[:, begin : begin + _CHUNK])
        return scores

    def _score(self, values: Floats) -> Ints:
        leaf = np.zeros((self.asked.shape[1], values.shape[1]), dtype=np.uint8)
        for asked, borders in zip(self.asked[::-1], self.borders[::-1], strict=True):
            leaf += leaf
            leaf |= (values[asked] > borders).view(np.uint8)
        total: Ints = self.leaves.take(leaf + self.first).sum(axis=0, dtype=np.int64) + self.bias
        return total


def trees_of(data: dict[str, Any]) -> Trees:
    """Trees from what their file holds."""
    rows = [ROW[name] for name in data["features"]]
    leaves = np.array(data["leaves"], dtype=np.int32)
    asked = np.array([[rows[feature] for feature, _ in tree] for tree in data["splits"]], dtype=np.int64)
    borders = np.array([[border for _, border in tree] for tree in data["splits"]], dtype=np.float32)
    return Trees(
        asked.T,
        borders.T[:, :, None],
        leaves.ravel(),
        np.arange(len(leaves), dtype=np.int32)[:, None] * np.int32(leaves.shape[1]),
        int(data["bias"]),
        (asked, borders, leaves),
    )


@cache
def load() -> Trees:
    """The trees that ship with the package; ``benchmarks/fit_html.py`` writes them."""
    return trees_of(json.loads((files("cleaner.extract") / "lines.json").read_text("utf-8")))
