"""The measures that the numbers of a line are taken by: what the NumPy modules and the compiled one share."""

from __future__ import annotations

from typing import Final

SAMPLE: Final = 96
"""Code points of a line that are looked at. Its length and its end are exact."""

TOO_LONG: Final = 480
GLANCE: Final = 32
"""What is longer than the one is running text for its neighbours, and so much of it is looked at."""

LONG: Final = 30_000
"""Longer lines are not told apart."""

FAR: Final = 100
"""Distance to what is not there; distances are at most 99."""

PROSE_LINE: Final = 25
PROSE_SENTENCE: Final = 8
"""Words from which on a line is prose: any line, and one that ends like a sentence."""

MARKED_WORDS: Final = 8
"""Words that a line has at most if one word of a vocabulary group tells what it is."""

LONG_WORD: Final = 5
STEM: Final = 6
"""Letters of a word that tells what a text is about, and those of it that are compared: in most languages endings come
behind them. Scripts that show no words are compared by pairs of letters."""

ALIKE: Final = 10
RHYTHM: Final = 8
"""Lines up and down that are compared with a line, and the greatest distance of three that make a rhythm."""

HEARD: Final = 2_000
REACH: Final = 1_000_000
"""Code points of a line, and of a text, whose words are compared; what stands behind them is left out."""
