"""Names of the numbers that describe each line of a text, for shape rules: thresholds in rule files, and fitted models.

A feature is a count of the line itself (``words``), the same of its surroundings (``chars_above1``, ``closed_near5``),
a distance (``since_comment``), or a place in the text (``share_before``). Only lines that are not blank are counted,
before and behind; of a line, the first 64 code points are looked at, and of one longer than 160 only its ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Feature:
    """Unit and meaning of one number."""

    unit: str
    meaning: str


COUNTED: Final = ("comment", "related", "legal", "author", "subscribe")
"""The vocabulary groups that are told apart; the others count as furniture."""

_OWN: Final = {
    "chars": ("code points", "length without the blanks around it, runs of blanks counted as one"),
    "closing": ("code", "how it ends: 1 full stop (a quote or bracket behind it aside), 2 comma or colon, 3 quote or "
                "bracket, 4 digit or link character, 0 otherwise"),
    "closed": ("flag", "1 if it ends like a sentence, else 0"),
    "lead": ("code", "how it begins: 0 letter, 2 digit, 3 bullet or dash, 4 quote or bracket, 5 otherwise"),
    "listed": ("flag", "1 if it begins with a bullet or dash, else 0"),
    "padded": ("flag", "1 if it begins with a blank, else 0"),
    "prose": ("flag", "1 if it has 150 code points, or 45 and ends like a sentence (a letter of a script without "
              "blanks counts three times, but in lines of more than 160), else 0"),
    "gap_above": ("lines", "blank lines above it, at most 8; 9 at the beginning"),
    "gap_below": ("lines", "blank lines below it, at most 8; 9 at the end"),
    "words": ("words", "runs of letters and digits, and one more for each two letters of a script without blanks"),
    "begins_small": ("flag", "1 if its first word begins with a small letter, else 0"),
    "signs": ("count", "code points that are no part of a word, but for one between each two words"),
    "dense": ("count", "letters of scripts without blanks"),
    "capitals": ("count", "words that begin with a capital"),
    "title": ("percent", "capitalised words among those that begin with a cased letter"),
    "smalls": ("percent", "words that begin with a small letter"),
    "numbers": ("percent", "words that begin with a digit"),
    "furniture_share": ("percent", "words of all vocabulary groups among the words"),
    "furniture": ("count", "words of all vocabulary groups"),
    **{name: ("count", f"words of the vocabulary group `{name}`") for name in COUNTED},
}  # fmt: skip

OWN: Final = tuple(_OWN)

SHIFTS: Final[Mapping[str, int]] = {
    f"{side}{k}": k * sign for sign, side in ((-1, "above"), (1, "below")) for k in (1, 2)
}
WINDOWS: Final[Mapping[str, tuple[int, int]]] = {
    "near2": (-2, 2), "near5": (-5, 5), "near15": (-15, 15), "up5": (-5, -1), "down5": (1, 5),
}  # fmt: skip
MARKED: Final = COUNTED

_PLACES: Final = {
    "from_top": ("lines", "non-blank lines above it, at most 999"),
    "from_end": ("lines", "non-blank lines below it, at most 999"),
    "share_before": ("percent", "of the text's code points that stand above it"),
    "share_after": ("percent", "of the text's code points that stand below it"),
    "prose_before": ("percent", "of the code points of prose lines that stand above it"),
    "prose_after": ("percent", "of the code points of prose lines that stand below it"),
    "doc_lines": ("step", "lines of the text, in steps: 8, 20, 50, 150, 400"),
    "doc_mean": ("tens", "mean length of its lines in tens of code points"),
    "doc_prose": ("fifths", "prose lines among its lines"),
    "doc_listed": ("quarters", "lines that begin with a bullet or dash"),
    "doc_prose_chars": ("fifths", "code points in prose lines"),
}  # fmt: skip

SCORE: Final = "score"
"""What a model says of each line by itself; a feature of the line and of its surroundings for the rest of the model."""


def _named() -> dict[str, Feature]:
    found = {name: Feature(*said) for name, said in (_OWN | _PLACES).items()}
    near = {name: Feature(*said) for name, said in _OWN.items()}
    near[SCORE] = found[SCORE] = Feature("thousandths", "log-odds of being chrome by the line alone; models only")
    for name, (unit, meaning) in ((name, (each.unit, each.meaning)) for name, each in near.items()):
        for tag, k in SHIFTS.items():
            where = f"{abs(k)} {'above' if k < 0 else 'below'}"
            found[f"{name}_{tag}"] = Feature(unit, f"{meaning}; of the non-blank line {where}, -1 if there is none")
        for tag, (low, high) in WINDOWS.items():
            found[f"{name}_{tag}"] = Feature(
                unit, f"{meaning}; sum over the non-blank lines {low:+} to {high:+}, no line for more than 400"
            )
    for name in MARKED:
        what = f"line of at most 8 words, one of the group `{name}`"
        found[f"since_{name}"] = Feature("lines", f"up to the nearest {what}, itself included; 100: none")
        found[f"until_{name}"] = Feature("lines", f"down to the nearest {what}, itself included; 100: none")
    return found


FEATURES: Final[Mapping[str, Feature]] = MappingProxyType(_named())
"""All features by name."""

PLACES: Final = tuple(_PLACES)
