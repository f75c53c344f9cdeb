"""A dump as sightings: each record of its files with its site."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from cleaner.document import Document
from cleaner.errors import CleanerError, UsageError, reason_of
from cleaner.io.compression import blocks
from cleaner.io.files import STREAM, unreadable
from cleaner.io.formats import Kind, kind_of, known_suffixes
from cleaner.io.pages import extracted
from cleaner.io.records import Item, Reading, Record, RowError
from cleaner.io.remote import Listed, address, exists, is_folder, is_url, listing, open_read
from cleaner.learn.mine import Sighting
from cleaner.origin import site_of

File = tuple[str, str]
"""A file, or its URL, and the folder below the path given that may name its site."""

_DATE: Final = re.compile(r"\d{4}(?:-\d\d){0,2}(?![\d/.-])")
"""The start of a date that sorts by time: a day, a month or a year. Others, such as 31/05/2024, do not."""

SHOWN: Final = 20
"""Most unreadable records and files whose place and reason are kept; the others are only counted."""


@dataclass(slots=True)
class Counts:
    """What was met on the way through a dump; the counts of its parts add up."""

    documents: int = 0
    unnamed: int = 0
    """Documents that lack the field for the site; their URL or folder names it."""
    undated: int = 0
    """Documents that lack a date in the field for it."""
    siteless: int = 0
    """Documents without a site; they are passed over."""
    rejects: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    """Place and reason of the first rejects."""

    def reject(self, place: str, code: str, reason: str) -> None:
        """Count what cannot be read."""
        self.rejects[code] += 1
        if len(self.faults) < SHOWN:
            self.faults.append(f"{place}: {reason}")

    def add(self, other: Counts) -> None:
        """Add the counts of another part."""
        self.documents += other.documents
        self.unnamed += other.unnamed
        self.undated += other.undated
        self.siteless += other.siteless
        self.rejects.update(other.rejects)
        self.faults += other.faults[: SHOWN - len(self.faults)]


@dataclass(frozen=True, slots=True)
class Dump:
    """Documents at some paths. Iterate over it to read them all."""

    paths: Sequence[str]
    """Files, folders, and URLs of them."""
    reading: Reading = field(default_factory=Reading)
    """How they are read."""
    site_field: str | None = None
    """Field that names the site; by default the host of the URL does, and where there is none the folder."""
    date_field: str | None = None
    """Field with the date, for first and last seen; documents are then named by their URL and not by their id."""
    counts: Counts = field(default_factory=Counts)

    def __iter__(self) -> Iterator[Sighting]:
        return self.read(self.files())

    def read(self, files: Iterable[File]) -> Iterator[Sighting]:
        """The documents of some files."""
        reading = replace(self.reading, more=(self.site_field or "", self.date_field or ""))
        for path, folder in files:
            name = os.path.basename(path)
            if kind := kind_of(name):
                try:
                    yield from self._sightings(path, folder, kind, reading.at(name, 0))
                except OSError as error:
                    self.counts.reject(path, *unreadable(error).fault)

    def _sightings(self, path: str, folder: str, kind: Kind, reading: Reading) -> Iterator[Sighting]:
        for item in self._items(path, kind, reading):
            if isinstance(item, bytes):
                continue
            where = f"{path}:{item.number}" if kind.format.rows else path
            try:
                if isinstance(item, Record):
                    place = f"{reading.name}:{item.number}"
                    yield from self._sighting(extracted(item, reading).document, place, item.more, folder)
                else:
                    self.counts.reject(where, item.code, item.reason)
            except RowError as error:
                self.counts.reject(where, *error.fault)

    def _items(self, path: str, kind: Kind, reading: Reading) -> Iterator[Item]:
        if kind.format.columnar:
            from cleaner.io import parquet

            yield from parquet.read(path, reading, None)
            return
        with open_read(path) as file:
            yield from kind.format.read(blocks(file, kind.codec, reading.limits.ratio, kind.format.begins), reading)

    def _sighting(
        self, document: Document, place: str, said: tuple[str | None, ...], folder: str
    ) -> Iterator[Sighting]:
        """The document, if it has a site: the one that its row names, else its host, else its folder. ``said``: what
        its row has in the fields of site and date; nothing where it comes from no row."""
        self.counts.documents += 1
        host = site_of(document.url)
        site, date = said or (None, None)
        site = (site or "").strip().lower().removeprefix("www.")
        self.counts.unnamed += bool(self.site_field and not site)
        site = site or host or folder
        if not site:
            self.counts.siteless += 1
            return
        place = document.url or place
        if self.date_field and said:
            found = _DATE.match(date or "")
            self.counts.undated += not found
            id, date = place, found.group() if found else ""
        else:
            id, date = document.id or place, document.date or ""
        yield Sighting(site, host, id, date, document.title or "", document.text)

    def files(self) -> Iterator[File]:
        """Every file with the name of the first folder below the path given. Raises UsageError for a path that is not
        there, CleanerError for one that cannot be reached."""
        for path in _once(self.paths):
            try:
                folder, there = is_folder(path), exists(path)
                below = listing(path) if folder and is_url(path) else []
            except OSError as error:
                raise CleanerError(f"{path} cannot be read: {reason_of(error)}") from None
            if folder:
                yield from _visible(below) if is_url(path) else self._walk(path)
            elif not there:
                fault = "no such file or folder" if path != STREAM else "standard input is not read: name a file"
                raise UsageError(f"{path}: {fault}")
            elif kind_of(os.path.basename(path)) is None:
                raise UsageError(f"{path}: unknown suffix; known are {known_suffixes()}")
            else:
                yield path, ""

    def _walk(self, top: str) -> Iterator[File]:
        """The files below a folder of this machine, without pipes and devices. Links are followed, except to a folder
        that the link lies in."""
        for folder, inner, names in os.walk(top, onerror=self._unread, followlinks=True):
            below = Path(folder).relative_to(top).parts
            above = [Path(top, *below[:depth]) for depth in range(len(below) + 1)]
            inner[:] = sorted(name for name in inner if not (name.startswith(".") or _loops(folder, name, above)))
            for name in sorted(names):
                path = os.path.join(folder, name)
                if not name.startswith(".") and (os.path.isfile(path) or not os.path.exists(path)):
                    yield path, below[0].lower() if below else ""

    def _unread(self, error: OSError) -> None:
        """Count a folder that cannot be listed as a file that cannot be read."""
        self.counts.reject(error.filename or "a folder", *unreadable(error).fault)


def _once(paths: Iterable[str]) -> Iterator[str]:
    """The paths, each once, without those of files and folders that another one shows."""
    known: dict[str, str] = {}
    for path in paths:
        known.setdefault(address(path) if is_url(path) else os.path.realpath(path), path)
    return (path for real, path in known.items() if not any(above in known for above in _shown_in(real)))


def _shown_in(path: str) -> Iterator[str]:
    """The folders that show what is at a path: those above it, up to where it is hidden."""
    while not os.path.basename(path).startswith(".") and (above := os.path.dirname(path)) != path:
        yield above
        path = above


def _visible(below: Iterable[Listed]) -> Iterator[File]:
    """The files below a URL that are not hidden."""
    for file in below:
        folder, slash, _ = file.name.partition("/")
        if not any(part.startswith(".") for part in file.name.split("/")):
            yield file.url, folder.lower() if slash else ""


def _loops(folder: str, name: str, above: Iterable[Path]) -> bool:
    """Whether this is a link to a folder that it lies in."""
    path = os.path.join(folder, name)
    return os.path.islink(path) and any(os.path.samefile(path, each) for each in above)
