"""A text as lines: what stands between two ``\\n`` and nothing else."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import Final

import regex

from cleaner.text.fold import fold, line_key

_SENTENCE_ENDS: Final = tuple(".!?…。！？؟۔।॥։።။។:;\"')]”’»」』）")
"""What a sentence ends with in running text; quotes and brackets close one too."""

_DENSE: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
"""Scripts written without blanks between words."""

_LONG: Final = 1_000
"""A line longer than this, in code points, is running text whatever it says."""

_BOOK: Final = 50_000
"""A text longer than this, in code points, is a book or a manual, or a page with a long thread of comments: some 8,000
words, more than an article has. Its head and foot are no longer than those of a page, however long it is."""

_SHORTEST: Final = 40
_LONGEST: Final = 120
"""Lengths, in code points, of the lines of a hard-wrapped paragraph, whose last one may be shorter: mail and plain-text
books are broken at 60 to 80 columns, sources and what is written beside them at up to 120, and before the word that
would go beyond."""

_INDENT: Final = " \t>"
"""What stands in front of such lines, of a quotation as well."""


def reads_like_prose(line: str) -> bool:
    """Whether a line reads like running text.

    With blanks between words: at least 8 words and closing punctuation, or at least 25 words; in scripts without
    blanks: 20 characters and closing punctuation, or 60. A menu entry or a headline has fewer words or no full stop;
    the numbers are conventions, not measurements.
    """
    line = line.strip()
    if len(line) > _LONG:
        return True
    closed = line.endswith(_SENTENCE_ENDS)
    if not line.isascii() and (dense := len(_DENSE.findall(line))) * 2 > len(line):
        return dense >= (20 if closed else 60)
    return words_of(line) >= (8 if closed else 25)


def words_of(line: str) -> int:
    """Number of words of a folded line without outer blanks, where blanks stand between words."""
    return len(line.split()) if "  " in line else line.count(" ") + 1


class Lines:
    """The table of lines of one text.

    ``starts[i]`` is the offset of line ``i`` and ``starts[i + 1] - 1`` its end, in code points, the line break not
    included; ``starts`` has one entry more than there are lines. A text has one line more than it has ``\\n``.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded: Sequence[str] = fold(text).split("\n")
        self.starts = array("q", accumulate((len(line) + 1 for line in self.folded), initial=0))

    def __len__(self) -> int:
        return len(self.folded)

    def start(self, i: int) -> int:
        """Offset of the first code point of line ``i``."""
        return self.starts[i]

    def end(self, i: int) -> int:
        """Offset behind the last code point of line ``i``, its line break not included."""
        return self.starts[i + 1] - 1

    def raw(self, i: int) -> str:
        """Line ``i`` as written."""
        return self.text[self.starts[i] : self.starts[i + 1] - 1]

    def extent(self, share: float) -> float:
        """How many code points are this share of the text; where it is a part of a book, and less than half of it, as
        many as of a page."""
        return share * (len(self.text) if share >= 0.5 else min(len(self.text), _BOOK))

    def is_blank(self, i: int) -> bool:
        """Whether line ``i`` holds nothing but blanks."""
        line = self.folded[i]
        return not line or line.isspace()

    @cached_property
    def filled(self) -> array[int]:
        """The lines that are not blank, in order."""
        return array("q", (i for i, line in enumerate(self.folded) if line and not line.isspace()))

    def rank(self, i: int) -> int:
        """How many non-blank lines stand above line ``i``."""
        return bisect_left(self.filled, i)

    def filled_between(self, first: int, last: int) -> Sequence[int]:
        """The non-blank lines from ``first`` to ``last``, both included."""
        return self.filled[bisect_left(self.filled, first) : bisect_right(self.filled, last)]

    def neighbour(self, i: int, step: int) -> int | None:
        """The non-blank line ``step`` places below (above, if negative) the non-blank line ``i``, or None."""
        rank = self.rank(i) + step
        return self.filled[rank] if 0 <= rank < len(self.filled) else None

    def beside(self, i: int, count: int) -> Sequence[int]:
        """The next ``count`` non-blank lines below the non-blank line ``i``, or as many as there are; above it, if
        ``count`` is negative. The nearest one is first."""
        rank = self.rank(i)
        if count > 0:
            return self.filled[rank + 1 : rank + 1 + count]
        return self.filled[max(0, rank + count) : rank][::-1]

    def key(self, i: int) -> str:
        """The whole-line key of line ``i``."""
        return line_key(self.folded[i])

    def may_match(self, wording: object, i: int) -> bool:
        """Whether line ``i`` may match the wording of a condition. False is certain, True is to be tried."""
        return True

    def is_prose(self, i: int) -> bool:
        """Whether line ``i`` reads like running text."""
        return reads_like_prose(self.folded[i])

    def paragraph(self, i: int) -> range | None:
        """The lines of the hard-wrapped paragraph that holds line ``i``; None if it stands in none.

        Lines without a blank one between, each but the last as long as those of wrapped text, of which two or more, and
        at least half, run on: the next one begins with a small letter, and no sentence has ended. Where the text is
        wrapped elsewhere, one that runs on will do: the paragraph may have no more than two lines.
        """
        if not self._is_full(i) and not (i and self._is_full(i - 1)):
            return None
        if i not in self._paragraphs:
            first = last = i
            while first and self._is_full(first - 1):
                first -= 1
            while self._is_full(last):
                last += 1
            on = sum(map(self._runs_on, range(first, last)))
            wrapped = on >= max(1, (last - first) / 2) and (on > 1 or self._is_wrapped)
            lines = range(first, last + 1)
            self._paragraphs |= dict.fromkeys(lines, lines if wrapped else None)
        return self._paragraphs[i]

    @cached_property
    def _paragraphs(self) -> dict[int, range | None]:
        """What `paragraph` has said of lines."""
        return {}

    @cached_property
    def _is_wrapped(self) -> bool:
        """Whether one in ten lines of the text, and five at least, run on into the next one."""
        on = sum(self._is_full(i) and self._runs_on(i) for i in self.filled)
        return on >= max(5, len(self.filled) / 10)

    def _is_full(self, i: int) -> bool:
        """Whether line ``i`` is as long as one of wrapped text, and right below it stands what may be the next."""
        starts, below = self.starts, i + 1
        if not _SHORTEST <= starts[below] - 1 - starts[i] <= _LONGEST or below == len(self):
            return False
        return 0 < starts[below + 1] - 1 - starts[below] <= _LONGEST and not self.is_blank(below)

    def _runs_on(self, i: int) -> bool:
        return self.raw(i + 1).lstrip(_INDENT)[:1].islower() and not self.folded[i].rstrip().endswith(_SENTENCE_ENDS)

    def is_heading(self, i: int) -> bool:
        """Whether line ``i`` is a short line without closing punctuation, alone, with running text below it."""
        line = self.folded[i].strip()
        if words_of(line) > 10 or len(line) > 120 or line.endswith(_SENTENCE_ENDS):
            return False
        if (i > 0 and not self.is_blank(i - 1)) or (i + 1 < len(self) and not self.is_blank(i + 1)):
            return False
        below = self.neighbour(i, 1)
        return below is not None and self.is_prose(below)
