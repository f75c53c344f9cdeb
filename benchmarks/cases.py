"""How much chrome of pages that no rule was written for do the packs take, by language?

    python -m benchmarks.cases [FOLDER] [--profile balanced] [--unknown]

Cleans the labelled pages of a folder, by default those of ``tests/cases/unseen``, and prints by language the shares of
the chrome that went and of the content that was lost, in code points, and shingle F1, as ``cleaner eval`` measures them.
``--unknown``: as if nobody had told the language of a page.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from cleaner import Cleaner
from cleaner.check.evaluate import Report, Row, evaluate
from cleaner.document import Document
from cleaner.options import PROFILES, Profile

CASES = Path(__file__).parent.parent / "tests" / "cases"


@dataclass(frozen=True, slots=True)
class Case:
    """A page, what is to be left of it, and how to clean it."""

    name: str
    before: str
    after: str
    profile: Profile
    lang: str | None
    title: str | None
    url: str | None

    def row(self, *, unknown: bool = False) -> Row:
        """The page as a row of a labelled corpus; ``unknown`` leaves out its language."""
        lang = None if unknown else self.lang
        return Row(Document(self.before, self.name, url=self.url, lang=lang, title=self.title), self.after)


def read_case(path: Path) -> Case:
    """The case in the file; ``tests/cases/README.md`` tells how it is written. Raises ValueError with the line that is
    written otherwise."""
    lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    options: dict[str, str] = {}
    if re.match(r"[a-z]+: ", lines[0]):
        head = lines.index("")
        options = dict(line.split(": ", 1) for line in lines[:head])
        lines = lines[head + 1 :]
    before, after = [], []
    for line in lines:
        mark, text = line[:2], line[2:]
        if mark not in ("", "  ", "- ", "~ ", "= "):
            raise ValueError(f"{path.name}: {line!r} begins with no mark")
        before += [text] if mark != "= " else []
        after += [text] if mark in ("", "  ", "= ") else []
    if (profile := options.get("profile", "balanced")) not in PROFILES:
        raise ValueError(f"{path.name}: there is no profile {profile!r}")
    known = (options.get(name) for name in ("lang", "title", "url"))
    return Case(path.stem, "\n".join(before), "\n".join(after), profile, *known)


def by_language(cases: Sequence[Case], cleaner: Cleaner, *, unknown: bool = False) -> dict[str, Report]:
    """What becomes of the pages of each language, and of all."""
    ranked = sorted(cases, key=lambda case: case.lang or "")
    groups = {lang: [*found] for lang, found in groupby(ranked, key=lambda case: case.lang or "?")}
    groups["all"] = ranked
    return {lang: evaluate([case.row(unknown=unknown) for case in found], cleaner) for lang, found in groups.items()}


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
    print(f"{'':5}{'pages':>6}{'chrome removed':>16}{'content lost':>14}{'shingle F1':>12}")
    for lang, report in by_language(cases, Cleaner(arguments.profile), unknown=arguments.unknown).items():
        assert report.shingle is not None and report.chrome_removed is not None and report.content_lost is not None
        shares = f"{report.chrome_removed:>16.1%}{report.content_lost:>14.2%}{report.shingle[2]:>12.3f}"
        print(f"{lang:5}{report.documents:>6}{shares}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
