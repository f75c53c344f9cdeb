"""From web pages to clean text: how good, and how fast.

    python -m benchmarks.extraction [--corpora FOLDER] [--sets readability wcxb-dev traf-dev] [--only fast]
                                    [--profile balanced] [--limit N]

For each set of labelled pages (`<set>.html.tar.zst` and the gold in `<set>.wet.jsonl.zst`) and each path: shingle or
segment precision / recall / F1 of what the extractor alone gives, and with the rules on top, and pages a second of one
core for the extractor and for both together, also as multiples of `standard`: trafilatura as it comes, in the same run.
The paths take turns, a batch of pages at a time, so that what else the machine does weighs on all of them alike.
The model of the fast path has seen these pages; honest figures come from `benchmarks.fit_html --cv`. Times are CPU
times of this process and its threads.
"""

from __future__ import annotations

import argparse
import gc
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.html_pages import SETS, figures, labelled_pages
from benchmarks.texts import CORPORA
from cleaner import Cleaner
from cleaner.check.corpus import Row
from cleaner.document import Document
from cleaner.errors import RecordError
from cleaner.extract.page import extract


def standard(page: bytes, row: Row) -> Document:
    """trafilatura as it comes, but for comments."""
    import trafilatura

    return Document(trafilatura.extract(page, url=row.document.url, include_comments=False) or "", url=row.document.url)


def by(extractor: Any) -> Callable[[bytes, Row], Document]:
    """One of our paths; an empty text for a page that is set aside."""

    def run(page: bytes, row: Row) -> Document:
        try:
            return extract(page, url=row.document.url, extractor=extractor)
        except RecordError:
            return Document("", url=row.document.url)

    return run


BATCH = 50

PATHS: dict[str, Callable[[bytes, Row], Document]] = {
    "standard": standard,
    "trafilatura": by("trafilatura"),
    "fast": by("fast"),
}


def main() -> None:
    """Print one line for each set and path."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, default=CORPORA)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--only", nargs="+", choices=sorted(PATHS), default=list(PATHS))
    parser.add_argument("--profile", default="balanced")
    parser.add_argument("--limit", type=int, default=None)
    arguments = parser.parse_args()
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    cleaner = Cleaner(profile=arguments.profile)
    cleaner.clean("warm up")
    for name in arguments.sets:
        pairs = list(labelled_pages(arguments.corpora, name))[: arguments.limit]
        rows = [row for row, _ in pairs]
        texts, seconds = run(cleaner, pairs, arguments.only)
        base = seconds[arguments.only[0]][0]
        for path in arguments.only:
            alone, both = seconds[path][0], sum(seconds[path])
            before, after = (figures(rows, found) for found in texts[path])
            pace = f"pages/s {len(pairs) / alone:.1f}, with the rules {len(pairs) / both:.1f}"
            times = f"{base / alone:.2f} x, {base / both:.2f} x"
            print(f"{name:12s} {path:12s} alone {before}  cleaned {after}  {pace}  {times}", flush=True)


def run(cleaner: Cleaner, pairs: list[tuple[Row, bytes]], paths: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """By path: the texts of all pages as extracted and as cleaned, and the seconds that each of both took."""
    texts: dict[str, Any] = {path: ([], []) for path in paths}
    seconds: dict[str, Any] = {path: [0.0, 0.0] for path in paths}
    for path in paths:
        PATHS[path](pairs[0][1], pairs[0][0])
    gc.freeze()  # as the workers of a batch do
    for begin in range(0, len(pairs), BATCH):
        for path in paths:
            start = time.process_time()
            documents = [PATHS[path](page, row) for row, page in pairs[begin : begin + BATCH]]
            middle = time.process_time()
            cleaned = [result.text for result in cleaner.clean_many(documents)]
            end = time.process_time()
            texts[path][0].extend(document.text for document in documents)
            texts[path][1].extend(cleaned)
            seconds[path][0] += middle - start
            seconds[path][1] += end - middle
    return texts, seconds


if __name__ == "__main__":
    main()
