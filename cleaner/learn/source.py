"""Files and folders as sightings: each record with its site."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cleaner.errors import UsageError
from cleaner.io.files import blocks
from cleaner.io.formats import BY_NAME, kind_of, known_suffixes
from cleaner.io.records import Fields, Limits, Record, Reject
from cleaner.learn.mine import Sighting, site_of


@dataclass(slots=True)
class Source:
    """Documents at some paths, and what was met on the way."""

    paths: Sequence[Path]
    fields: Fields = field(default_factory=Fields)
    site_field: str | None = None
    """Field that names the site; by default the host of the URL does, and where there is none the folder."""
    date_field: str | None = None
    documents: int = 0
    homeless: int = 0
    """Documents without a site; they are passed over."""
    rejects: Counter[str] = field(default_factory=Counter)

    def __iter__(self) -> Iterator[Sighting]:
        # The language is of no use here, nor is the URL where a field names the site: their places carry date and site.
        fields = Fields(
            text=self.fields.text,
            id=self.fields.id,
            url=self.site_field or self.fields.url,
            lang=self.date_field or "",
            title=self.fields.title,
        )
        limits = Limits()
        for path, folder in self._files():
            kind = kind_of(path.name)
            if kind is None:
                continue
            with path.open("rb") as file:
                stream = blocks(file, kind.codec, limits.ratio)
                for item in BY_NAME[kind.format].read(stream, path.name, fields, limits, 0):
                    if isinstance(item, Record):
                        yield from self._sighting(item, path, folder)
                    elif isinstance(item, Reject):
                        self.rejects[item.code] += 1

    def _sighting(self, record: Record, path: Path, folder: str) -> Iterator[Sighting]:
        document = record.document
        self.documents += 1
        site = ((document.url or "").strip().lower() if self.site_field else site_of(document.url)) or folder
        if not site:
            self.homeless += 1
            return
        id = document.id or document.url or f"{path.name}:{record.number}"
        yield Sighting(
            site, id, (document.lang if self.date_field else None) or id, document.title or "", document.text
        )

    def _files(self) -> Iterator[tuple[Path, str]]:
        """Every file with the name of the first folder below its source."""
        for source in self.paths:
            if source.is_dir():
                for folder, inner, names in os.walk(source):
                    inner[:] = sorted(name for name in inner if not name.startswith("."))
                    below = Path(folder).relative_to(source).parts
                    for name in sorted(names):
                        if not name.startswith("."):
                            yield Path(folder) / name, below[0].lower() if below else ""
            elif not source.exists():
                raise UsageError(f"{source}: no such file or folder")
            elif kind_of(source.name) is None:
                raise UsageError(f"{source}: unknown suffix; known are {known_suffixes()}")
            else:
                yield source, ""
