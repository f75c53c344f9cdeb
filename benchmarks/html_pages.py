"""Labelled web pages and their measure, for the scripts that fit and measure extraction."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import zstandard

Row = dict[str, Any]


def unpacked(path: Path) -> bytes:
    """The content of a file under zstd."""
    return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(path.read_bytes())).read()


def labelled_pages(corpora: Path, name: str) -> Iterator[tuple[Row, bytes]]:
    """Each row of a set with its page; rows without one are an error."""
    pages: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(unpacked(corpora / f"{name}.html.tar.zst"))) as archive:
        for member in archive.getmembers():
            stream = archive.extractfile(member)
            if stream is not None:
                pages[member.name.removeprefix(f"{name}/").removesuffix(".html")] = stream.read()
    for line in unpacked(corpora / f"{name}.wet.jsonl.zst").decode().split("\n"):
        if line.strip():
            row = json.loads(line)
            yield row, pages[row["id"].removesuffix(".html")]


def figures(score: Any, rows: list[Row], texts: list[str]) -> str:
    """Precision / recall / F1 by the measure that the set's gold allows."""
    cleaned = {row["id"]: text for row, text in zip(rows, texts, strict=True)}
    gold = [row for row in rows if (row.get("gold") or "").strip()]
    if gold:
        return "shingle {:.3f}/{:.3f}/{:.4f}".format(*score.shingle_prf([(cleaned[r["id"]], r["gold"]) for r in gold]))
    kept = sum(s in cleaned[r["id"]] for r in rows for s in r["with"] or ())
    lost = sum(s not in cleaned[r["id"]] for r in rows for s in r["with"] or ())
    wrong = sum(s in cleaned[r["id"]] for r in rows for s in r["without"] or ())
    p, q = kept / max(1, kept + wrong), kept / max(1, kept + lost)
    return f"segment {p:.3f}/{q:.3f}/{2 * p * q / max(p + q, 1e-9):.4f}"
