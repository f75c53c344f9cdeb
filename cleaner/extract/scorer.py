"""A sum of small decision trees: how much each line of a page speaks for being part of its text.

A tree asks the same questions of every line (``feature > border``); the answers are the bits of a leaf's number, the
first the lowest. Leaves are whole numbers, thousandths of log-odds, so a score is the same on every machine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from cleaner.extract.features import ROW, Floats
from cleaner.extract.markup import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """A sum of trees, ready to run."""

    asked: Ints
    """For each question, tree after tree, the row of its feature."""
    borders: Floats
    leaves: Ints
    first: Ints
    """For each tree the place of its first leaf."""
    bias: int

    def score(self, values: Floats) -> Ints:
        """Thousandths of log-odds for each line (column of ``values``)."""
        bits = values[self.asked] > self.borders
        levels = len(self.asked) // len(self.first)
        answers = bits.reshape(len(self.first), levels, bits.shape[1])
        leaf = np.packbits(answers, axis=1, bitorder="little")[:, 0]
        total: Ints = self.leaves.take(leaf + self.first).sum(axis=0) + self.bias
        return total


def trees_of(data: dict[str, Any]) -> Trees:
    """Trees from what their file holds."""
    rows = [ROW[name] for name in data["features"]]
    leaves = np.array(data["leaves"], dtype=np.int64)
    return Trees(
        np.array([rows[feature] for tree in data["splits"] for feature, _ in tree], dtype=np.int64),
        np.array([[border] for tree in data["splits"] for _, border in tree], dtype=np.float32),
        leaves.ravel(),
        np.arange(len(leaves), dtype=np.int64)[:, None] * leaves.shape[1],
        int(data["bias"]),
    )


@cache
def load() -> Trees:
    """The trees that ship with the package; ``benchmarks/fit_html.py`` writes them."""
    return trees_of(json.loads((files("cleaner.extract") / "lines.json").read_text("utf-8")))
