"""One pass over a dump that keeps, for each site, a bounded sample of its documents on disk.

The sample is *bottom-k*: the ``k`` documents of a site with the smallest checksums. It does not depend on the order
of the documents, and the sample of two dumps together is made from their two samples, so shards can be learned
separately and merged. Memory holds one buffer, whatever the size of the dump; the sample lies in an SQLite file.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any, Final

from cleaner.errors import TargetError, UsageError
from cleaner.io.outputs import atomic_file, writing

SAMPLE: Final = 120
"""Documents of a site that are kept. A line on 60 % of the pages is on 51 to 69 % of these, 95 times out of 100."""

LEAST_SAMPLE: Final = 10
"""Smallest sample that may be asked for: shares of fewer pages mean little."""

LONGEST: Final = 40_000
"""Code points of a text that are kept, half of them from either end: there the site's own lines stand."""

BUFFER: Final = 16_000_000
"""Code points held in memory before they go to the file."""

BUDGET: Final = 6_000_000
"""Code points of a site's sample that are looked at."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
"""Half of a character, as broken JSON may hold it."""

_SCHEMA: Final = """
CREATE TABLE sites (site TEXT PRIMARY KEY, documents INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE pages (
    site TEXT, rank BLOB, host TEXT NOT NULL, id TEXT NOT NULL, date TEXT NOT NULL, title TEXT NOT NULL,
    text BLOB NOT NULL, PRIMARY KEY (site, rank)
) WITHOUT ROWID;
CREATE TABLE options (sample INTEGER);
"""

_COUNT: Final = """
INSERT INTO sites VALUES (?, ?) ON CONFLICT DO UPDATE SET documents = documents + excluded.documents
"""

_ADD: Final = """
INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
    (date, id, title, host) = (excluded.date, excluded.id, excluded.title, excluded.host)
    WHERE (excluded.date, excluded.id, excluded.title, excluded.host) < (date, id, title, host)
"""
"""Of documents with the same text the least is kept, so that their order does not matter."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One document of a site, as a dump has it."""

    site: str
    host: str
    """Host of its URL without ``www.``, or nothing."""
    id: str
    date: str
    """Its date, or nothing."""
    title: str
    text: str


class Harvest:
    """The sample of every site, in a file that appears when all has been taken in, or in a temporary one."""

    def __init__(self, path: Path | None = None, sample: int = SAMPLE) -> None:
        self.sample = sample
        self._path = str(path or "a temporary file")
        with writing(self._path), contextlib.ExitStack() as stack:
            # without a name SQLite takes a file that has none, and is gone with the process, however that ends
            self._db = sqlite3.connect(
                stack.enter_context(atomic_file(self._path)).name if path else "", isolation_level=None
            )
            stack.callback(self._db.close)
            self._db.execute("PRAGMA journal_mode = OFF")
            self._db.execute("PRAGMA synchronous = OFF")
            self._db.execute("PRAGMA cache_size = -16000")  # kilobytes
            with self._stored():
                self._db.executescript(_SCHEMA)
                self._db.execute("INSERT INTO options VALUES (?)", (sample,))
            self._open = stack.pop_all()
        self._pages: dict[str, dict[bytes, tuple[str, str, str, str, str]]] = {}
        self._counts: Counter[str] = Counter()
        self._held = 0
        self._full: dict[str, bytes] = {}  # site -> greatest rank in its full sample, for sites met lately

    def __enter__(self) -> Harvest:
        return self

    def __exit__(self, *error: Any) -> None:
        """Write what is held, and let go of the file: after an error there is none."""
        self._open.push(lambda kind, *_: None if kind else self.flush())
        with writing(self._path):
            self._open.__exit__(*error)

    @contextlib.contextmanager
    def _stored(self) -> Iterator[None]:
        """Turn what the file does not take into a TargetError."""
        try:
            yield
        except sqlite3.Error as error:
            raise TargetError(f"cannot write {self._path}: {error}") from None

    def add(self, sightings: Iterable[Sighting]) -> None:
        """Take documents in. A text that comes twice counts twice and is examined once."""
        for sighting in map(_encodable, sightings):
            self._counts[sighting.site] += 1
            data = sighting.text.encode()
            rank = hashlib.blake2b(data, digest_size=8).digest()
            full = self._full.get(sighting.site)
            if full is not None and rank > full:
                continue
            pages = self._pages.setdefault(sighting.site, {})
            entry = (sighting.date, sighting.id, sighting.title, sighting.host, _bounded(sighting.text))
            old = pages.get(rank)
            if old is None:
                self._held += len(entry[4]) + 500
                pages[rank] = entry
            elif entry < old:
                pages[rank] = entry
            if self._held > BUFFER:
                self.flush()

    def flush(self) -> None:
        """Write what is held to the file. Raises TargetError."""
        with self._stored(), self._db:
            self._db.execute("BEGIN")
            self._db.executemany(_COUNT, sorted(self._counts.items()))
            for site in sorted(self._pages):
                rows = (
                    (site, rank, host, id, date, title, _packed(text))
                    for rank, (date, id, title, host, text) in sorted(self._pages[site].items())[: self.sample]
                )
                self._db.executemany(_ADD, rows)
                self._trim(site)
            self._db.execute("COMMIT")
        self._pages.clear()
        self._counts.clear()
        self._held = 0

    def _trim(self, site: str) -> None:
        """Let go of what is beyond the sample's size."""
        last = self._db.execute(
            "SELECT rank FROM pages WHERE site = ? ORDER BY rank LIMIT 1 OFFSET ?", (site, self.sample - 1)
        ).fetchone()
        if last is not None:
            self._db.execute("DELETE FROM pages WHERE site = ? AND rank > ?", (site, last[0]))
            if len(self._full) >= 100_000:
                self._full.clear()
            self._full[site] = last[0]

    def partial(self) -> bytes:
        """The partial result as bytes, for engines that pass values around and not files."""
        self.flush()
        return self._db.serialize()

    def merge(self, partial: Path | bytes) -> None:
        """Take in another run's partial result: its file or its bytes. Raises UsageError if it is not one."""
        name = "the bytes given" if isinstance(partial, bytes) else str(partial)
        if not isinstance(partial, bytes) and not partial.is_file():
            raise UsageError(f"{partial}: no such partial result")
        self.flush()
        file = ":memory:" if isinstance(partial, bytes) else f"{partial.resolve().as_uri()}?mode=ro"

        def read(query: str, *values: str) -> Iterator[Any]:
            try:
                yield from other.execute(query, values)
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                raise UsageError(f"{name}: is no partial result of `cleaner learn` ({error})") from None

        with contextlib.closing(sqlite3.connect(file, uri=True)) as other:
            if isinstance(partial, bytes):
                other.deserialize(partial)
            for (sample,) in read("SELECT sample FROM options"):
                if sample != self.sample:
                    raise UsageError(f"{name}: was made with --sample {sample}, not {self.sample}")
            with self._stored(), self._db:
                self._db.execute("BEGIN")
                for site, documents in read("SELECT site, documents FROM sites ORDER BY site"):
                    self._db.execute(_COUNT, (site, documents))
                    self._db.executemany(_ADD, read("SELECT * FROM pages WHERE site = ?", site))
                    self._trim(site)
                self._db.execute("COMMIT")

    def sites(self) -> Iterator[tuple[str, int]]:
        """Every site with the number of its documents, sorted."""
        self.flush()
        cursor = self._db.cursor()
        yield from cursor.execute("SELECT site, documents FROM sites ORDER BY site")

    def pages(self, site: str) -> Iterator[Sighting]:
        """The sample of a site, smallest checksum first. Raises UsageError where a partial result was damaged."""
        if self._pages:
            self.flush()
        budget = BUDGET
        cursor = self._db.cursor()
        for host, id, date, title, packed in cursor.execute(
            "SELECT host, id, date, title, text FROM pages WHERE site = ? ORDER BY rank", (site,)
        ):
            try:
                text = zlib.decompress(packed).decode()
            except (zlib.error, UnicodeDecodeError):
                raise UsageError(f"a partial result is damaged: a page of {site} in it cannot be read") from None
            budget -= len(text)
            if budget < 0:
                break
            yield Sighting(site, host, id, date, title, text)


def _encodable(sighting: Sighting) -> Sighting:
    """The sighting without lone surrogates, which no rule file can hold: a line of the text with one is left empty, for
    no rule could match it; elsewhere a question mark stands for one."""
    fields = astuple(sighting)
    if all(map(str.isascii, fields)) or not any(map(_SURROGATE.search, fields)):
        return sighting
    lines = sighting.text.split("\n")
    text = "\n".join("" if _SURROGATE.search(line) else line for line in lines)
    return replace(Sighting(*(_SURROGATE.sub("?", field) for field in fields)), text=text)


def _packed(text: str) -> bytes:
    return zlib.compress(text.encode(), 1)


def _bounded(text: str) -> str:
    """The text; if it is very long, without its middle, cut at line breaks."""
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    head = text[:half].rpartition("\n")[0] or text[:half]
    tail = text[-half:].partition("\n")[2] or text[-half:]
    return f"{head}\n{tail}"
