"""A sample of the documents that a run changed: chosen by their names alone, whatever the workers or the order."""

from __future__ import annotations

import json
import os
from collections.abc import Container, Iterable
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any, Final

from cleaner.document import Cleaned
from cleaner.io.outputs import write_atomically
from cleaner.io.records import Record

_FILE: Final = "samples.jsonl"
"""Where a run's sample lies among its books."""

_SIZE: Final = 12
"""Documents in the sample."""

_LONGEST: Final = 20_000
"""Code points of a document, beyond which it is not shown."""


@dataclass(frozen=True, slots=True, order=True)
class Sample:
    """One document before the run, and what went of it. The source is the name of the input, the offset as of a
    `Record`."""

    key: str
    """The smallest keys make the sample."""
    source: str
    offset: int
    id: str | None
    url: str | None
    text: str
    removals: tuple[tuple[int, int, str], ...]
    """Start and end, in code points of the text and half-open; rule."""


def take(samples: list[Sample], source: str, record: Record, cleaned: Cleaned) -> None:
    """Take a document that was changed into a sample, if its key is among the smallest."""
    document = record.document
    if not cleaned.removals or len(document.text) > _LONGEST:
        return
    key = blake2b(f"{source}:{record.offset}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    if len(samples) == _SIZE and key >= samples[-1].key:
        return
    removals = tuple((gone.start, gone.end, gone.rule) for gone in cleaned.removals)
    samples.append(Sample(key, source, record.offset, document.id, document.url, document.text, removals))
    samples.sort()
    del samples[_SIZE:]


class Samples:
    """The sample of a run, kept in a file of its books so that it outlives an interruption."""

    def __init__(self, folder: str, known: Container[str] | None) -> None:
        """``folder`` is that of the books, ``known`` are the inputs that they tell of; all others are still to be
        done, or done again. None: a run begins. Raises OSError."""
        self._path = os.path.join(folder, _FILE)
        self._best: dict[str, Sample] = {}
        if known is None:
            open(self._path, "wb").close()
            return
        found = _read(self._path)
        self._add(sample for sample in found if sample.source in known)
        if any(sample.source not in known for sample in found):
            write_atomically(self._path, b"".join(map(_line, self.best)))

    def offer(self, samples: Iterable[Sample]) -> None:
        """Take documents into the sample that belong there."""
        new = [sample for sample in samples if sample.key not in self._best]
        self._add(new)
        if kept := [sample for sample in new if sample.key in self._best]:
            with open(self._path, "ab") as file:  # a line break first: the line before may be torn by a kill
                file.writelines(map(_line, kept))

    def _add(self, samples: Iterable[Sample]) -> None:
        found = sorted([*self._best.values(), *samples])
        self._best = {sample.key: sample for sample in found[:_SIZE]}

    @property
    def best(self) -> list[Sample]:
        """The sample, in the order of its keys."""
        return sorted(self._best.values())


def _line(sample: Sample) -> bytes:
    return b"\n" + json.dumps(asdict(sample)).encode()


def _read(path: str) -> list[Sample]:
    """All that was ever taken into the sample, of which the smallest keys count; damaged lines are left out."""
    found = []
    try:
        with open(path, "rb") as file:
            for line in file:
                try:
                    row: dict[str, Any] = json.loads(line)
                    found.append(Sample(**{**row, "removals": tuple(map(tuple, row["removals"]))}))
                except (ValueError, TypeError, KeyError):
                    continue
    except OSError:
        return []
    return found
