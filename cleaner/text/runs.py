"""Two idioms of NumPy by name: runs of equal values, and ranges one behind the other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ranges", "run_heads", "runs"]


def run_heads(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether a run of equal values begins at each place."""
    heads = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=heads[1:])
    return heads


def runs(values: NDArray[Any]) -> Iterator[tuple[int, int]]:
    """Start and end of each run of equal values."""
    return pairwise([*np.flatnonzero(run_heads(values)).tolist(), len(values)])


def ranges(start: NDArray[np.int64], size: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers from each start on, so many as the size beside it says; one range behind the other."""
    ends = np.cumsum(size)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(start - ends + size, size)
