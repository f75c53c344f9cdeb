"""What surrounds each non-blank line of a batch: its neighbours, sums over windows, distances, places in its text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np

from cleaner.match.counts import Ints, Rows, Wide
from cleaner.text.features import MARKED, OWN, PLACES, SCORE, SHIFTS, WINDOWS

FAR: Final = 100
"""Distance to what is not there; distances are at most 99."""
MOST: Final = 400
"""No line counts for more than this in a sum over a window."""
_FAR_AWAY: Final = 999
_AT: Final = {name: at for at, name in enumerate(OWN)}
_STEPS: Final = np.array([8, 20, 50, 150, 400])


class Around:
    """Features of some rows; what several of them need is computed once.

    ``own`` are the features of all rows by themselves, ``score`` a model's first opinion of each row, ``picked`` the
    rows that are asked about.
    """

    def __init__(self, rows: Rows, own: Ints, score: Ints, picked: Wide) -> None:
        self.rows, self.own, self.score, self.picked = rows, own, score, picked
        self.first, self.last = rows.first[picked], rows.last[picked]

    def read(self, names: Sequence[str]) -> Ints:
        """The named features of the picked rows, a row each. Raises KeyError for an unknown name."""
        result = np.empty((len(names), len(self.picked)), np.int32)
        for kind, wanted in _planned(tuple(names)).items():
            at = [row for row, *_ in wanted]
            if kind == "shift":
                result[at] = [self._shifted(SHIFTS[tag], self._row(base)) for _, base, tag in wanted]
            elif kind == "window":
                result[at] = self._summed([base for _, base, _ in wanted], [WINDOWS[tag] for *_, tag in wanted])
            elif kind in ("since", "until"):
                result[at] = self._distances([base for _, base, _ in wanted], down=kind == "until")
            else:
                for row, base, _ in wanted:
                    result[row] = self._place(base) if base in PLACES else self._row(base).take(self.picked)
        return result

    def _row(self, name: str) -> Ints:
        return self.score if name == SCORE else self.own[_AT[name]]

    def _shifted(self, by: int, values: Ints) -> Ints:
        other = self.picked + by
        inside = other >= self.first if by < 0 else other <= self.last
        return np.where(inside, values.take(other, mode="clip"), np.int32(-1))

    def _summed(self, bases: Sequence[str], windows: Sequence[tuple[int, int]]) -> Ints:
        """For each base and window beside it: the sum of the base over the window."""
        each = sorted(set(bases))
        width = len(self.rows) + 1
        sums = np.zeros((len(each), width), np.int32)  # may wrap round: differences stay right
        for row, base in zip(sums, each, strict=True):
            np.cumsum(np.minimum(self._row(base), MOST), out=row[1:])
        low, high = (np.array([window[side] for window in windows])[:, None] for side in (0, 1))
        offset = np.array([width * each.index(base) for base in bases])[:, None]
        behind = self.last + 1
        begin = np.minimum(np.maximum(self.picked + low, self.first), behind)
        end = np.maximum(np.minimum(self.picked + (high + 1), behind), begin)
        difference: Ints = sums.take(end + offset) - sums.take(begin + offset)
        return difference

    def _distances(self, marks: Sequence[str], down: bool) -> Any:
        index = np.arange(len(self.rows), dtype=np.int32)
        at = (self.own[[_AT[mark] for mark in marks]] > 0) & (self.own[_AT["words"]] <= 8)
        if down:
            marked = np.where(at, index, np.int32(len(index) + FAR))
            near = np.minimum.accumulate(marked[:, ::-1], axis=1)[:, ::-1].take(self.picked, axis=1)
            return np.where(near > self.last, FAR, np.minimum(near - self.picked, FAR - 1))
        near = np.maximum.accumulate(np.where(at, index, np.int32(-1)), axis=1).take(self.picked, axis=1)
        return np.where(near < self.first, FAR, np.minimum(self.picked - near, FAR - 1))

    # --- places

    @cached_property
    def chars(self) -> Wide:
        """Running sum of code points."""
        return _running(self.own[0])

    @cached_property
    def prose(self) -> Wide:
        """Running sum of code points in prose lines."""
        return _running(self.own[0] * self.own[_AT["prose"]])

    @cached_property
    def _ends(self) -> tuple[Any, Any, Any, Any]:
        """Of chars and prose: the sums at the beginning of each row's text, and the text's whole."""
        found = []
        for sums in (self.chars, self.prose):
            begin = sums[self.first]
            found += [begin, np.maximum(sums[self.last + 1] - begin, 1)]
        return found[0], found[1], found[2], found[3]

    def _share(self, sums: Wide, before: bool) -> Any:
        begin, whole = self._ends[:2] if sums is self.chars else self._ends[2:]
        above = sums[self.picked if before else self.picked + 1] - begin
        return (above if before else np.maximum(whole - above, 0)) * 100.0 / whole

    def _place(self, name: str) -> Any:
        if name == "from_top":
            return np.minimum(self.picked - self.first, _FAR_AWAY)
        if name == "from_end":
            return np.minimum(self.last - self.picked, _FAR_AWAY)
        if name in ("share_before", "share_after"):
            return self._share(self.chars, name == "share_before")
        if name in ("prose_before", "prose_after"):
            return self._share(self.prose, name == "prose_before")
        return self._of_text(name)

    def _of_text(self, name: str) -> Any:
        lines = self.last - self.first + 1
        if name == "doc_lines":
            return np.searchsorted(_STEPS, lines)
        if name == "doc_mean":
            return np.minimum(self._ends[1] * 0.1 / lines, 40)
        if name == "doc_prose_chars":
            return self._ends[3] * 5.0 / self._ends[1]
        sums = _running(self.own[_AT["prose" if name == "doc_prose" else "listed"]])
        return (sums[self.last + 1] - sums[self.first]) * (5.0 if name == "doc_prose" else 4.0) / lines


@lru_cache(maxsize=64)
def _planned(names: tuple[str, ...]) -> Mapping[str, list[tuple[int, str, str]]]:
    """Kind of surrounding -> row, base and surrounding of each feature that asks for it; "" for none."""
    found: dict[str, list[tuple[int, str, str]]] = {}
    for row, name in enumerate(names):
        base, _, tag = name.rpartition("_")
        front, _, mark = name.partition("_")
        if name in _AT or name in PLACES or name == SCORE:
            found.setdefault("", []).append((row, name, ""))
        elif front in ("since", "until") and mark in MARKED:
            found.setdefault(front, []).append((row, mark, ""))
        else:
            found.setdefault("shift" if tag in SHIFTS else "window", []).append((row, base, tag))
    return found


def _running(values: Any) -> Wide:
    sums = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=sums[1:])
    return sums
