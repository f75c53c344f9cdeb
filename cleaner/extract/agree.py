"""Two opinions on one page: the lines that trafilatura takes for text, and how each line of the page looks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner.extract.fast import THRESHOLD, ParsedPage, adjusted
from cleaner.extract.markup import Ints

TAKEN: Final = 1500
LEFT: Final = -900
"""What trafilatura's word on a line adds to its score, in thousandths of log-odds. That it takes a line says more than
that it leaves one, as it is quicker to leave lists and quotations than to take furniture. By a third more or less the
figures of cross-validation by host change by 0.001."""

_SHORT: Final = 25
"""Letters up to which a line must be one of trafilatura's own; longer ones may be a part of one."""

_NO_WORD: Final = re.compile(r"[\W_]+")


def key(text: str) -> str:
    """The words alone, in lower case, separated by single blanks."""
    return _NO_WORD.sub(" ", text).strip().lower()


def _threes(words: list[str]) -> Iterator[tuple[str, str, str]]:
    return zip(words, words[1:], words[2:], strict=False)


def lines_within(lines: list[str], text: str) -> npt.NDArray[np.bool_]:
    """Which lines of a page an extractor's text contains."""
    keys = [key(line) for line in text.split("\n")]
    own, whole = set(keys), f" {' '.join(keys)} "
    threes = set(_threes(whole.split()))

    def is_within(k: str) -> bool:
        # The whole text is searched only for what may be there: else many lines in a long text took minutes.
        return k in own or (len(k) > _SHORT and threes.issuperset(_threes(k.split())) and f" {k} " in whole)

    return np.fromiter((bool(k) and is_within(k) for k in map(key, lines)), np.bool_, len(lines))


def agreed(parsed: ParsedPage, score: Ints, text: str) -> npt.NDArray[np.bool_]:
    """Which lines of a page to keep, by their score and by trafilatura's text."""
    taken = lines_within(parsed.lines.text, text)
    kept: npt.NDArray[np.bool_] = adjusted(parsed, score + np.where(taken, TAKEN, LEFT)) >= THRESHOLD
    return kept
