"""From web pages to clean text: how good, and how fast.

    python benchmarks/extraction.py [--corpora ../shared/corpora] [--sets readability wcxb-dev traf-dev] [--only fast]
                              [--profile balanced] [--limit N]

For each set of labelled pages (`<set>.html.tar.zst` and the gold in `<set>.wet.jsonl.zst`) and each path: shingle or
segment precision / recall / F1 of what the extractor alone gives, and with the rules on top, and pages a second of one
core for the extractor and for both together, also as multiples of `standard`: trafilatura as it comes, in the same run.
The model of the fast path has seen these pages; honest figures come from `fit_html.py --cv`. The measure is `score.py`
in the folder named by --tools. Times are CPU times of this process and its threads.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from html_pages import Row, figures, labelled_pages

from cleaner import Cleaner
from cleaner.document import Document
from cleaner.errors import RecordError
from cleaner.extract.page import extract


def standard(page: bytes, row: Row) -> Document:
    """trafilatura as it comes, but for comments."""
    import trafilatura

    return Document(trafilatura.extract(page, url=row["url"], include_comments=False) or "", url=row["url"])


def by(extractor: Any) -> Callable[[bytes, Row], Document]:
    """One of our paths; an empty text for a page that is set aside."""

    def run(page: bytes, row: Row) -> Document:
        try:
            return extract(page, url=row["url"], extractor=extractor)
        except RecordError:
            return Document("", url=row["url"])

    return run


PATHS: dict[str, Callable[[bytes, Row], Document]] = {
    "standard": standard,
    "trafilatura": by("trafilatura"),
    "fast": by("fast"),
}


def main() -> None:
    """Print one line for each set and path."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--tools", type=Path, default=Path("../shared/tools"))
    parser.add_argument("--sets", nargs="+", default=["readability", "wcxb-dev", "traf-dev"])
    parser.add_argument("--only", nargs="+", choices=sorted(PATHS), default=list(PATHS))
    parser.add_argument("--profile", default="balanced")
    parser.add_argument("--limit", type=int, default=None)
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.tools))
    import logging

    import score

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    cleaner = Cleaner(profile=arguments.profile)
    cleaner.clean("warm up")
    for name in arguments.sets:
        pairs = list(labelled_pages(arguments.corpora, name))[: arguments.limit]
        rows = [row for row, _ in pairs]
        pace: dict[str, float] = {}
        for path in arguments.only:
            PATHS[path](pairs[0][1], pairs[0][0])
            start = time.process_time()
            documents = [PATHS[path](page, row) for row, page in pairs]
            middle = time.process_time()
            cleaned = [result.text for result in cleaner.clean_many(documents)]
            end = time.process_time()
            pace[path] = len(pairs) / (middle - start)
            both = len(pairs) / (end - start)
            base = pace.get("standard", pace[path])
            times = f"{pace[path] / base:.2f} x, {both / base:.2f} x"
            alone = figures(score, rows, [document.text for document in documents])
            print(f"{name:12s} {path:12s} alone {alone}  cleaned {figures(score, rows, cleaned)}  "
                  f"pages/s {pace[path]:.1f}, with the rules {both:.1f}  {times}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
