"""Does clean text stay clean? Gives the gold bodies of labelled corpora to the cleaner and lists what it takes.

    python -m benchmarks.clean_stays_clean CORPUS... [--profile balanced] [--show 20]

Without CORPUS, the labelled corpora beside the project, where present. Prints for each corpus the share of the gold's
characters that went, the rules that took them, and the longest pieces, to be read by eye: truly chrome that the
annotators left, or a rule to mend.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from benchmarks.texts import CORPORA
from cleaner import Cleaner
from cleaner.check.corpus import gold_as_input, read_corpus
from cleaner.options import PROFILES

NAMES = ("wcxb-dev.dclm", "readability.dclm", "sites-dev.wet")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="*")
    parser.add_argument("--profile", choices=PROFILES, action="append")
    parser.add_argument("--show", type=int, default=0, help="so many of the longest pieces that went")
    arguments = parser.parse_args()
    paths = arguments.corpus or [str(path) for name in NAMES if (path := CORPORA / f"{name}.jsonl.zst").exists()]
    if not paths:
        print("no corpus given, and none beside the project", file=sys.stderr)
        return 2
    for profile in arguments.profile or PROFILES:
        cleaner = Cleaner(profile)
        for path in paths:
            _report(Path(path), cleaner, arguments.show)
    return 0


def _report(path: Path, cleaner: Cleaner, show: int) -> None:
    rows = gold_as_input(read_corpus(path))
    size = sum(len(row.document.text) for row in rows)
    by_rule: Counter[str] = Counter()
    pieces = []
    for row, result in zip(rows, cleaner.clean_many(row.document for row in rows), strict=True):
        for removal in result.removals:
            by_rule[removal.rule] += removal.end - removal.start
            pieces.append((removal.end - removal.start, row.document.id, removal.rule, removal.text.strip()))
    print(f"{path.name}  {cleaner.profile}  n={len(rows)}  lost {by_rule.total() / max(1, size):.3%} of {size:,}")
    if show:
        for rule, lost in by_rule.most_common(10):
            print(f"    {lost:>7}  {rule}")
        for length, id, rule, text in sorted(pieces, key=lambda piece: -piece[0])[:show]:
            print(f"    {length:>5}  {id}  {rule}  {text[:120]!r}")


if __name__ == "__main__":
    sys.exit(main())
