"""Which lines of one text are which of another: what `difflib.SequenceMatcher` finds (``autojunk=False``), but quickly
where a line repeats a thousand times, too.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final

Block = tuple[int, int, int]
"""Where a run of equal lines starts in the old text, where in the new one, and how many lines it has."""

_KEPT: Final = 40
"""Most lengths of runs whose names are kept at a time. Each takes a hundred bytes or more for each line."""


def aligned(old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """The blocks, in the order of the texts: the longest run that both have, or the leftmost of several, and the same
    again on its left and on its right."""
    runs = _Runs(old, new)
    blocks: list[Block] = []
    todo = [(0, len(old), 0, len(new), min(len(old), len(new)))]
    while todo:
        a, a_end, b, b_end, most = todo.pop()
        if found := runs.longest(a, a_end, b, b_end, most):
            i, j, size = found
            blocks.append(found)
            todo.append((i + size, a_end, j + size, b_end, size))
            todo.append((a, i, b, j, size - 1))  # one as long would have been found first
    return sorted(blocks)


class _Runs:
    """The runs of lines of two texts, by name: two runs of one length have the same name if they say the same.

    The name of a run is made of the names of its two halves, as R. Karp, R. Miller and A. Rosenberg do it (1972).
    """

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        self._start = len(old)  # of the new text, behind the old one
        ids: dict[str, int] = {}
        self._halves = [[ids.setdefault(line, len(ids)) for line in (*old, *new)]]
        """Names of the runs of 1, 2, 4, 8 … lines, by their first line."""
        self._known: dict[int, tuple[list[tuple[int, int]], dict[tuple[int, int], list[int]]]] = {}

    def longest(self, a: int, a_end: int, b: int, b_end: int, most: int) -> Block | None:
        """The longest run, of up to ``most`` lines, of two stretches; of several the leftmost in the old text, and
        there in the new."""
        most = min(most, a_end - a, b_end - b)
        best, least = None, 1
        size = most  # often as long as the last one was
        while least <= most:
            if found := self._first(a, a_end, b, b_end, size):
                best, least = found, size + 1
            else:
                most = size - 1
            size = (least + most + 1) // 2
        return best

    def _first(self, a: int, a_end: int, b: int, b_end: int, size: int) -> Block | None:
        """The leftmost run of this size."""
        names, places = self._of(size)
        for i in range(a, a_end - size + 1):
            if on := places.get(names[i]):
                at = bisect_left(on, b)
                if at < len(on) and on[at] + size <= b_end:
                    return i, on[at], size
        return None

    def _of(self, size: int) -> tuple[list[tuple[int, int]], dict[tuple[int, int], list[int]]]:
        """The names of all runs of a size, and where in the new text those that it has are."""
        if size not in self._known:
            if len(self._known) == _KEPT:
                self._known.clear()
            level = size.bit_length() - 1
            for step in range(len(self._halves) - 1, level):
                ids: dict[tuple[int, int], int] = {}
                half = self._halves[step]
                pairs = zip(half, half[1 << step :], strict=False)
                self._halves.append([ids.setdefault(pair, len(ids)) for pair in pairs])
            half = self._halves[level]
            names = [*zip(half, half[size - (1 << level) :], strict=False)]
            places: dict[tuple[int, int], list[int]] = {}
            for at in range(self._start, len(names)):
                places.setdefault(names[at], []).append(at - self._start)
            self._known[size] = names, places
        return self._known[size]


def between(blocks: Sequence[Block], old: int, new: int) -> Iterator[tuple[int, int, int, int]]:
    """The stretches between the blocks that are empty in neither text: start and end in either. ``old`` and ``new``:
    numbers of lines of the texts."""
    a = b = 0
    for i, j, size in (*blocks, (old, new, 0)):
        if a < i and b < j:
            yield a, i, b, j
        a, b = i + size, j + size
