"""Labelled web pages and their measure, for the scripts that fit and measure extraction."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import zstandard

from cleaner.check.corpus import Row, read_corpus
from cleaner.check.measures import segment_prf, shingle_prf

SETS = ("readability", "wcxb-dev", "traf-dev")
"""The labelled sets."""


def labelled_pages(corpora: Path, name: str) -> Iterator[tuple[Row, bytes]]:
    """Each row of a set with its page; rows without one are an error."""
    pages: dict[str, bytes] = {}
    packed = (corpora / f"{name}.html.tar.zst").read_bytes()
    unpacked = zstandard.ZstdDecompressor().stream_reader(packed).read()
    with tarfile.open(fileobj=io.BytesIO(unpacked)) as archive:
        for member in archive.getmembers():
            stream = archive.extractfile(member)
            if stream is not None:
                pages[member.name.removeprefix(f"{name}/").removesuffix(".html")] = stream.read()
    for row in read_corpus(corpora / f"{name}.wet.jsonl.zst"):
        yield row, pages[(row.document.id or "").removesuffix(".html")]


def figures(rows: Sequence[Row], texts: Sequence[str]) -> str:
    """Precision / recall / F1 by the measure that the set's labels allow."""
    both = list(zip(rows, texts, strict=True))
    if pairs := [(text, row.gold) for row, text in both if row.gold.strip()]:
        return "shingle {:.3f}/{:.3f}/{:.4f}".format(*shingle_prf(pairs))
    return "segment {:.3f}/{:.3f}/{:.4f}".format(*segment_prf((text, row.wanted, row.unwanted) for row, text in both))
