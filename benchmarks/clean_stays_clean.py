"""Does clean text stay clean? Gives the gold bodies of labelled corpora to the cleaner and lists what it takes.

    python -m benchmarks.clean_stays_clean CORPUS... [--profile balanced] [--show 20] [--wrap 72]

Without CORPUS, the labelled corpora beside the project, where present. With ``--wrap``, paragraphs are broken into
lines of so many characters, as in mail and plain-text books. Prints for each corpus the share of the gold's characters
that went, the rules that took them, and the longest pieces, to be read by eye: truly chrome that the annotators left,
or a rule to mend.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections import Counter
from dataclasses import replace
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
    parser.add_argument("--wrap", type=int, default=0, help="break paragraphs into lines of so many characters")
    arguments = parser.parse_args()
    paths = arguments.corpus or [str(path) for name in NAMES if (path := CORPORA / f"{name}.jsonl.zst").exists()]
    if not paths:
        print("no corpus given, and none beside the project", file=sys.stderr)
        return 2
    for profile in arguments.profile or PROFILES:
        cleaner = Cleaner(profile)
        for path in paths:
            _report(Path(path), cleaner, arguments.show, arguments.wrap)
    return 0


def _report(path: Path, cleaner: Cleaner, show: int, width: int) -> None:
    documents = [row.document for row in gold_as_input(read_corpus(path))]
    if width:
        documents = [replace(document, text=_wrapped(document.text, width)) for document in documents]
    size = sum(len(document.text) for document in documents)
    by_rule: Counter[str] = Counter()
    pieces = []
    for document, result in zip(documents, cleaner.clean_many(documents), strict=True):
        for removal in result.removals:
            by_rule[removal.rule] += removal.end - removal.start
            pieces.append((removal.end - removal.start, document.id, removal.rule, removal.text.strip()))
    print(f"{path.name}  {cleaner.profile}  n={len(documents)}  lost {by_rule.total() / max(1, size):.3%} of {size:,}")
    if show:
        for rule, lost in by_rule.most_common(10):
            print(f"    {lost:>7}  {rule}")
        for length, id, rule, text in sorted(pieces, key=lambda piece: -piece[0])[:show]:
            print(f"    {length:>5}  {id}  {rule}  {text[:120]!r}")


def _wrapped(text: str, width: int) -> str:
    return "\n".join(
        "\n".join(textwrap.wrap(line, width)) + "\n" if len(line) > width else line for line in text.split("\n")
    )


if __name__ == "__main__":
    sys.exit(main())
