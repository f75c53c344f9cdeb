"""Finished parts are put in place: one process does it, piece after piece in the order of the inputs."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from dataclasses import dataclass, replace
from typing import IO, Any, Final

from cleaner.batch.books import Books, Progress
from cleaner.batch.options import RunOptions
from cleaner.batch.part import SIDE, TargetError, rejects_of, writing
from cleaner.batch.plan import Plan, Source
from cleaner.batch.shards import Shard
from cleaner.batch.tally import Tally
from cleaner.batch.work import Job, Outcome
from cleaner.errors import CleanerError
from cleaner.io.files import append, compress, sync
from cleaner.io.formats import BY_NAME
from cleaner.io.records import Reject
from cleaner.io.remote import is_url, put, remove
from cleaner.io.textfile import SIDE_FILE

_COPY: Final = 1 << 20
"""Bytes copied at once."""


@dataclass(frozen=True, slots=True)
class Committed:
    """One piece of work that is in its place."""

    source: Source
    tally: Tally
    rejects: tuple[Reject, ...]
    """The first of its rejects, with their numbers in the input."""
    size: int
    """Bytes of the input file that it took up."""


class Placer:
    """Puts parts in place and enters them in the books. What was placed counts even if the run is left early."""

    def __init__(self, plan: Plan, options: RunOptions, folder: str, books: Books) -> None:
        self._plan = plan
        self._options = options
        self._books = books
        self._path = os.path.join(folder, "growing")
        self._growing: IO[bytes] | None = None
        self._columns: Any = None
        """A Parquet file that grows. It cannot be resumed, so the books do not tell of it before it is whole."""
        self._records = 0
        """Records of the present input in the pieces before."""
        self._used = 0

    def __enter__(self) -> Placer:
        return self

    def __exit__(self, *error: object) -> None:
        try:
            if self._columns:
                self._columns.close()
                self._books.forget()
            with contextlib.suppress(OSError, TargetError) if error[0] else contextlib.nullcontext():
                self._checkpoint()
        finally:
            if self._growing:
                self._growing.close()

    def place(self, job: Job, outcome: Outcome) -> Committed:
        """Put one part in place. Raises TargetError."""
        shard, source = job.shard, job.shard.source
        columnar = BY_NAME[source.format].columnar
        if shard.start == 0:
            self._records = self._used = 0
            if columnar and not shard.alone:
                self._checkpoint()  # what is entered from here on may have to be forgotten
        elif self._growing is None and not self._plan.streams and not columnar:
            self._resume(source)
        base, self._records = self._records, self._records + outcome.records
        for reject in rejects_of(job.part):
            self._books.reject(source.name, reject, base + reject.number)
        with writing(source.target):
            if self._plan.streams:
                self._emit(job.part, outcome)
            elif shard.alone:
                self._replace(job.part, outcome, source)
            elif columnar:
                self._assemble(job.part, outcome, shard)
            else:
                self._grow(job.part, outcome, shard)
        self._enter(shard, outcome)
        rejects = tuple(replace(reject, number=base + reject.number) for reject in outcome.rejects)
        used, self._used = self._used, source.size if shard.last else shard.used
        return Committed(source, outcome.tally, rejects, self._used - used)

    def _resume(self, source: Source) -> None:
        """Cut the unfinished output of an earlier run back to what its books say."""
        progress = self._books.state.inputs[source.name]
        with writing(self._path):
            self._growing = open(self._path, "r+b")  # noqa: SIM115 - it stays open from piece to piece
            if self._growing.seek(0, os.SEEK_END) < progress.grown:
                raise CleanerError(f"{self._path} is shorter than the books say: start over with --overwrite")
            self._growing.truncate(progress.grown)
            self._growing.seek(progress.grown)
        self._records = progress.records

    def _emit(self, part: str, outcome: Outcome) -> None:
        if outcome.size > 0:
            with open(part, "rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer, _COPY)
            sys.stdout.buffer.flush()

    def _replace(self, part: str, outcome: Outcome, source: Source) -> None:
        """A part that is a whole output gets its name, or its name is freed where there is nothing to write."""
        beside = source.target + SIDE_FILE
        if outcome.side:
            put(part + SIDE, beside)
        elif not BY_NAME[source.format].rows:
            remove(beside)
        if outcome.size >= 0:
            put(part, source.target)
        else:
            remove(source.target)

    def _grow(self, part: str, outcome: Outcome, shard: Shard) -> None:
        """Append a part to the output, which gets its name with the last one."""
        if self._growing is None:
            self._growing = open(self._path, "wb")  # noqa: SIM115 - it stays open from piece to piece
        if outcome.size > 0:
            append(part, self._growing)
            os.unlink(part)
        if shard.last:
            if not self._growing.tell():
                self._growing.write(compress(b"", shard.source.packing))
            self._growing.flush()
            os.fsync(self._growing.fileno())
            self._growing.close()
            self._growing = None
            put(self._path, shard.source.target)

    def _assemble(self, part: str, outcome: Outcome, shard: Shard) -> None:
        """The same as `_grow` for a part of a Parquet file."""
        from cleaner.batch import columns

        if self._columns is None:
            reading = self._options.reading(shard.source.name, 0)
            self._columns = columns.begin(self._path, shard, reading, self._options.annotate)
        if outcome.size > 0:
            columns.assemble(part, self._columns)
            os.unlink(part)
        if shard.last:
            self._columns.close()
            self._columns = None
            sync(self._path)
            put(self._path, shard.source.target)

    def _enter(self, shard: Shard, outcome: Outcome) -> None:
        source = shard.source
        grown = self._growing.tell() if self._growing else 0
        progress = Progress(source.size, source.mtime, shard.last, shard.end or 0, grown, self._records)
        placed = self._growing is None and self._columns is None and not self._plan.streams and outcome.size >= 0
        folder = os.path.dirname(source.target) or "."
        self._books.enter(source, progress, outcome.tally, folder if placed and not is_url(folder) else None)
        if self._books.due and self._columns is None:
            self._checkpoint()

    def _checkpoint(self) -> None:
        if self._growing:
            with writing(self._path):
                self._growing.flush()
                os.fsync(self._growing.fileno())
        self._books.checkpoint()
