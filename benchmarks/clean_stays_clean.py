"""Does clean text stay clean? Gives the cleaner texts without chrome and lists what it takes.

    python -m benchmarks.clean_stays_clean [CORPUS...] [--profile balanced] [--show 20] [--wrap 72]

The texts are the gold bodies of labelled corpora (without CORPUS, of those beside the project, where present) and the
documents that come with Python and its packages (`benchmarks/installed`). With ``--wrap``, paragraphs are broken into
lines of so many characters, as in mail and plain-text books. Prints for each set the share of the characters that went;
with ``--show``, the rules that took them and the longest pieces, to be read by eye: truly chrome, or a rule to mend.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.installed import KINDS
from benchmarks.texts import CORPORA
from cleaner import Cleaner, Document
from cleaner.check.corpus import gold_as_input, read_corpus
from cleaner.options import PROFILES

NAMES = ("wcxb-dev.dclm", "readability.dclm", "sites-dev.wet")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="*", type=Path)
    parser.add_argument("--profile", choices=PROFILES, action="append")
    parser.add_argument("--show", type=int, default=0, help="so many of the longest pieces that went")
    parser.add_argument("--wrap", type=int, default=0, help="break paragraphs into lines of so many characters")
    arguments = parser.parse_args()
    sets = {name: list(documents) for name, documents in _sets(arguments.corpus)}
    if arguments.wrap:
        sets = {name: [_wrapped(document, arguments.wrap) for document in sets[name]] for name in sets}
    for profile in arguments.profile or PROFILES:
        cleaner = Cleaner(profile)
        for name, documents in sets.items():
            _report(name, documents, cleaner, arguments.show)
    return 0


def _sets(corpora: Sequence[Path]) -> Iterator[tuple[str, Iterator[Document]]]:
    for path in corpora or [path for name in NAMES if (path := CORPORA / f"{name}.jsonl.zst").exists()]:
        yield path.name, (row.document for row in gold_as_input(read_corpus(path)))
    if not corpora:
        yield from ((f"python {name}", documents()) for name, documents in KINDS.items())


def _report(name: str, documents: Sequence[Document], cleaner: Cleaner, show: int) -> None:
    size = sum(len(document.text) for document in documents)
    by_rule: Counter[str] = Counter()
    pieces = []
    for document, result in zip(documents, cleaner.clean_many(documents), strict=True):
        for removal in result.removals:
            by_rule[removal.rule] += removal.end - removal.start
            pieces.append((removal.end - removal.start, document.id, removal.rule, removal.text.strip()))
    print(f"{name}  {cleaner.profile}  n={len(documents)}  lost {by_rule.total() / max(1, size):.3%} of {size:,}")
    if show:
        for rule, lost in by_rule.most_common(10):
            print(f"    {lost:>7}  {rule}")
        for length, id, rule, text in sorted(pieces, key=lambda piece: -piece[0])[:show]:
            print(f"    {length:>5}  {id}  {rule}  {text[:120]!r}")


def _wrapped(document: Document, width: int) -> Document:
    lines = document.text.split("\n")
    broken = ("\n".join(textwrap.wrap(line, width)) + "\n" if len(line) > width else line for line in lines)
    return replace(document, text="\n".join(broken))


if __name__ == "__main__":
    sys.exit(main())
