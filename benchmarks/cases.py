"""How much chrome of pages that no rule was written for do the packs take, by language, and how much of the article?

    python -m benchmarks.cases [FOLDER] [--profile balanced] [--unknown]

Cleans the labelled pages of a folder, by default those of ``tests/cases/unseen``, and prints by language how many lines
of chrome there are and what share of their code points went, and the same for the lines of the article. ``--unknown``:
as if nobody had told the language of a page.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cleaner import Cleaner
from cleaner.document import Document
from cleaner.options import PROFILES, Profile

CASES = Path(__file__).parent.parent / "tests" / "cases"

Span = tuple[int, int]
"""Code points of a page, half-open."""


@dataclass(frozen=True, slots=True)
class Case:
    """A page, what is to be left of it, and how to clean it."""

    document: Document
    after: str
    chrome: tuple[Span, ...]
    """What is to go, a span a line."""
    content: tuple[Span, ...]
    """What is to stay, a span a line that is not blank."""
    profile: Profile


def read_case(path: Path) -> Case:
    """The case in the file; ``tests/cases/README.md`` tells how it is written. Raises ValueError for a line that is
    written otherwise."""
    lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    options: dict[str, str] = {}
    if re.match(r"[a-z]+: ", lines[0]):
        head = lines.index("")
        options = dict(line.split(": ", 1) for line in lines[:head])
        lines = lines[head + 1 :]
    before, after = [], []
    chrome, content = [], []
    start = 0
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        mark, text = line[:2], line[2:]
        if mark not in ("", "  ", "- ", "~ ", "= "):
            raise ValueError(f"{path.name}: {line!r} begins with no mark")
        if mark in ("", "  ", "= "):
            after.append(text)
        if mark == "= ":
            continue
        end = start + len(text)
        left = {"- ": "", "~ ": below[2:]}.get(mark, text)
        alike = next((i for i, (a, b) in enumerate(zip(text, left, strict=False)) if a != b), len(left))
        first = start + alike
        last = end - (len(left) - alike)
        before.append(text)
        chrome += [(first, last)] if first < last else []
        content += [span for span in ((start, first), (last, end)) if span[0] < span[1]]
        start = end + 1
    if (profile := options.get("profile", "balanced")) not in PROFILES:
        raise ValueError(f"{path.name}: there is no profile {profile!r}")
    lang, title, url = (options.get(name) for name in ("lang", "title", "url"))
    document = Document("\n".join(before), path.stem, url, lang, title)
    return Case(document, "\n".join(after), tuple(chrome), tuple(content), profile)


@dataclass(slots=True)
class Side:
    """Lines of chrome, or of articles: how many, and how many code points of them there are and went."""

    lines: int = 0
    size: int = 0
    gone: int = 0

    def add(self, spans: Sequence[Span], removals: Sequence[Span]) -> None:
        """Count these of one page; ``removals`` are disjoint."""
        self.lines += len(spans)
        self.size += sum(end - start for start, end in spans)
        self.gone += sum(max(0, min(end, b) - max(start, a)) for start, end in spans for a, b in removals)


@dataclass(slots=True)
class Tally:
    """What became of some pages."""

    pages: int = 0
    chrome: Side = field(default_factory=Side)
    content: Side = field(default_factory=Side)


def tally(cases: Iterable[Case], cleaner: Cleaner, *, unknown: bool = False) -> dict[str, Tally]:
    """What becomes of the pages of each language, and of ``all``; ``unknown``: the cleaner is not told the language."""
    found: defaultdict[str, Tally] = defaultdict(Tally)
    for case in cases:
        document = replace(case.document, lang=None) if unknown else case.document
        removals = [(removal.start, removal.end) for removal in cleaner.clean_document(document).removals]
        for key in (case.document.lang or "?", "all"):
            of = found[key]
            of.pages += 1
            of.chrome.add(case.chrome, removals)
            of.content.add(case.content, removals)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=CASES / "unseen")
    parser.add_argument("--profile", choices=PROFILES, default="balanced")
    parser.add_argument("--unknown", action="store_true", help="as if nobody had told the language of a page")
    arguments = parser.parse_args()
    cases = [read_case(path) for path in sorted(arguments.folder.glob("*.txt"))]
    if not cases:
        print(f"{arguments.folder}: holds no labelled page", file=sys.stderr)
        return 2
    print("language  pages   chrome: lines  removed   content: lines    lost")
    found = tally(cases, Cleaner(arguments.profile), unknown=arguments.unknown)
    for lang, of in sorted(found.items(), key=lambda item: (item[0] == "all", item[0])):
        chrome = f"{of.chrome.lines:>16}{of.chrome.gone / max(1, of.chrome.size):>9.1%}"
        content = f"{of.content.lines:>17}{of.content.gone / max(1, of.content.size):>8.2%}"
        print(f"{lang:8}{of.pages:>7}{chrome}{content}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
