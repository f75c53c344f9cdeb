"""The measures that the numbers of a line are taken by: what the NumPy modules and the compiled ones share."""

from __future__ import annotations

from typing import Final

SAMPLE: Final = 96
"""Code points at the beginning of a line that are counted. Its length and its end are looked at whatever its length."""

TOO_LONG: Final = 480
"""A line of more code points than this is running text to its neighbours ..."""
GLANCE: Final = 32
"""... and only so many of them are counted."""

LONG: Final = 30_000
"""Greatest length of a line as a feature, in code points; longer ones count as this long."""

FAR: Final = 100
"""Distance to what is not there; distances are at most 99."""

PROSE_LINE: Final = 25
"""Words from which on any line is prose."""
PROSE_SENTENCE: Final = 8
"""Words from which on a line is prose that ends like a sentence."""

MARKED_WORDS: Final = 8
"""Most words of a line for which one word of a vocabulary group tells what it is."""

LONG_WORD: Final = 5
"""Least letters of a word that tells what a text is about. Scripts that show no words are compared by pairs of
letters."""
STEM: Final = 6
"""Letters of such a word that are compared: in most languages endings come behind them."""

ALIKE: Final = 10
"""Lines up and down that a line is compared with."""
RHYTHM: Final = 8
"""Greatest distance, in lines, of three lines that make a rhythm."""

HEARD: Final = 2_000
"""Code points of a line whose words are compared; what stands behind them is left out ..."""
REACH: Final = 1_000_000
"""... and the same of a text."""
