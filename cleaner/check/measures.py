"""Measures of a cleaned text against its gold text: bag of words, shingles, lines kept and lost.

Three public definitions: the bag of words of the web content extraction benchmark (WCXB), the 4-token shingles of the
article-extraction-benchmark, the segments of trafilatura's evaluation. Chrome and content are told apart by line.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from cleaner.check.align import aligned, between


class Prf(NamedTuple):
    """Precision, recall, and their harmonic mean; each from 0 to 1."""

    precision: float
    recall: float
    f1: float

    @classmethod
    def of(cls, precision: float, recall: float) -> Prf:
        """With the F1 of these two: 0 where both are."""
        both = precision + recall
        return cls(precision, recall, 2 * precision * recall / both if both else 0.0)


CHROME: Final = 0.25
"""A line is chrome if the gold holds at most this share of its tokens."""

CONTENT: Final = 0.75
"""A line is content if the gold holds at least this share of its tokens."""

_SHINGLE: Final = 4
_TOKEN: Final = re.compile(r"\w+")  # `re`, as the benchmarks have it: `regex` counts combining marks as well


def tokens(text: str) -> list[str]:
    """The words of a text, as written."""
    return _TOKEN.findall(text)


def word_prf(text: str, gold: str) -> Prf:
    """Precision, recall and F1 of the bag of lower-cased words."""
    found, wanted = Counter(tokens(text.lower())), Counter(tokens(gold.lower()))
    if not wanted:
        return Prf(0.0, 0.0, 0.0) if found else Prf(1.0, 1.0, 1.0)
    if not found:
        return Prf(0.0, 0.0, 0.0)
    both = (found & wanted).total()
    return Prf.of(both / found.total(), both / wanted.total())


def _shingles(text: str) -> Counter[str]:
    words = tokens(text)
    count = max(1, len(words) - _SHINGLE + 1)
    return Counter(" ".join(words[i : i + _SHINGLE]) for i in range(count)) if words else Counter()


def shingle_prf(pairs: Iterable[tuple[str, str]]) -> Prf:
    """Mean precision and recall of 4-token shingles over (text, gold) pairs, and their F1.

    A text without shingles has no precision, a gold without any no recall: they are left out of that mean.
    """
    precisions: list[float] = []
    recalls: list[float] = []
    for text, gold in pairs:
        found, wanted = _shingles(text), _shingles(gold)
        both = (found & wanted).total()
        if found:
            precisions.append(both / found.total())
        if wanted:
            recalls.append(both / wanted.total())
    return Prf.of(sum(precisions) / max(1, len(precisions)), sum(recalls) / max(1, len(recalls)))


def segment_prf(judged: Iterable[tuple[str, Sequence[str], Sequence[str]]]) -> Prf:
    """Precision, recall and F1 over snippets of (text, snippets that must stay, snippets that must go).

    Right is what must stay and did. What must go and stayed lowers precision, what must stay and went lowers recall.
    """
    right = missing = wrong = 0
    for text, wanted, unwanted in judged:
        stayed = sum(snippet in text for snippet in wanted)
        right += stayed
        missing += len(wanted) - stayed
        wrong += sum(snippet in text for snippet in unwanted)
    return Prf.of(right / max(1, right + wrong), right / max(1, right + missing))


def shares_in_gold(text: str, gold: str) -> list[tuple[int, float | None]]:
    """For each non-blank line: its number, and the share of its tokens that stand in a 4-gram of the gold.

    4-grams run across line ends, as in the gold; a line that the gold has word for word counts in full. None: the
    line has no token.
    """
    per_line = [tokens(line.lower()) for line in text.split("\n")]
    flat = [token for line in per_line for token in line]
    words = tokens(gold.lower())
    grams = {tuple(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1)}
    in_gold = bytearray(len(flat))
    for i in range(len(flat) - _SHINGLE + 1):
        if tuple(flat[i : i + _SHINGLE]) in grams:
            in_gold[i : i + _SHINGLE] = b"\1" * _SHINGLE
    whole = {tuple(tokens(line.lower())) for line in gold.split("\n")}
    shares: list[tuple[int, float | None]] = []
    at = 0
    for number, (line, found) in enumerate(zip(text.split("\n"), per_line, strict=True)):
        if line.strip():
            if not found:
                share = None
            elif tuple(found) in whole:
                share = 1.0
            else:
                share = sum(in_gold[at : at + len(found)]) / len(found)
            shares.append((number, share))
        at += len(found)
    return shares


def kept_shares(before: str, after: str) -> list[float]:
    """For each non-blank line of ``before``, in order: the share of its characters that ``after`` still holds."""
    old = [line.strip() for line in before.split("\n") if line.strip()]
    new = [line.strip() for line in after.split("\n") if line.strip()]
    if old == new:
        return [1.0] * len(old)
    kept = [0.0] * len(old)
    blocks = aligned(old, new)
    for i, _, size in blocks:
        kept[i : i + size] = [1.0] * size
    for i, i_end, j, j_end in between(blocks, len(old), len(new)):
        candidates = [*dict.fromkeys(new[j:j_end])]
        shares = {line: _best(line, candidates) for line in {*old[i:i_end]}}
        kept[i:i_end] = [shares[line] for line in old[i:i_end]]
    return kept


def _best(line: str, candidates: Sequence[str]) -> float:
    """The largest share of a line that one of the candidates, which may be a cut of it, still holds."""
    held = max((len(other) for other in candidates if other in line), default=0)
    for other in candidates:
        if min(len(line), len(other)) <= held:
            continue  # it cannot hold more, and to compare two lines takes long
        matcher = difflib.SequenceMatcher(None, line, other, autojunk=False)
        alike = matcher.quick_ratio()
        if alike > 0.5 and alike * (len(line) + len(other)) / 2 > held:
            held = max(held, sum(block.size for block in matcher.get_matching_blocks()))
    return held / len(line)
