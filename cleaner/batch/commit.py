"""Commits finished parts: one process makes outputs of them, in the order of the inputs, and keeps the books."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Final

from cleaner.batch.books import Books, Progress
from cleaner.batch.inputs import Source
from cleaner.batch.job import Job, Outcome
from cleaner.batch.options import RunOptions
from cleaner.batch.part import SIDE, rejects_of
from cleaner.batch.plan import Plan
from cleaner.batch.shards import Shard
from cleaner.batch.tally import Tally
from cleaner.errors import CleanerError, TargetError
from cleaner.io.compression import compress
from cleaner.io.outputs import append, writing
from cleaner.io.records import Reject
from cleaner.io.remote import exists, is_url, put, remove
from cleaner.io.textfile import SIDE_FILE

if TYPE_CHECKING:
    from cleaner.batch.columns import RowGroups

_ROW_GROUPS: Final = ".row-groups"
"""Suffix of the file that records the row groups of a growing Parquet output."""

_COPY: Final = 1 << 20
"""Bytes copied at once."""


@dataclass(frozen=True, slots=True)
class Committed:
    """One piece of work whose part is in its output."""

    source: Source
    tally: Tally
    rejects: tuple[Reject, ...]
    """The first of its rejects, with their numbers in the input."""
    size: int
    """Bytes of the input file that it took up."""


class Committer:
    """Puts parts in their outputs and enters them in the books. What was committed counts, even if the run is left
    early."""

    def __init__(self, plan: Plan, options: RunOptions, folder: str, books: Books) -> None:
        self._plan = plan
        self._options = options
        self._books = books
        self._path = os.path.join(folder, "growing")
        self._growing: IO[bytes] | None = None
        self._row_groups: RowGroups | None = None
        """Those of a Parquet file that grows."""
        self._records = self._used = 0
        """Records of the present input in the pieces before, and bytes of it that they took up."""

    def __enter__(self) -> Committer:
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(OSError, TargetError) if error[0] else contextlib.nullcontext():
            try:
                self._checkpoint()
            finally:
                self._close()

    def commit(self, job: Job, outcome: Outcome) -> Committed:
        """Put one part in its output. Raises TargetError."""
        shard, source = job.shard, job.shard.source
        if shard.start == 0:
            self._records = self._used = 0
        elif self._growing is None and not self._plan.streams:
            self._resume(source)
        if source.format.columnar:
            self._records = shard.row  # of a damaged row group, those that were not read count too
        base, self._records = self._records, self._records + outcome.records
        for reject in rejects_of(job.part):
            self._books.reject(source.name, reject, base + reject.number)
        with writing("standard output" if self._plan.streams else source.target):
            if self._plan.streams:
                self._emit(job.part, outcome)
            elif shard.alone:
                self._replace(job.part, outcome, source)
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
                raise CleanerError(f"{self._path} is cut short: start over with cleaner run --overwrite")
            self._growing.truncate(progress.grown)
            self._growing.seek(progress.grown)
            if source.format.columnar:
                from cleaner.batch.columns import RowGroups

                self._row_groups = RowGroups.resume(self._path + _ROW_GROUPS, self._growing)
        self._records = progress.records

    def _emit(self, part: str, outcome: Outcome) -> None:
        if outcome.size > 0:
            with open(part, "rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer, _COPY)
            sys.stdout.buffer.flush()
            os.unlink(part)

    def _replace(self, part: str, outcome: Outcome, source: Source) -> None:
        """A part that is a whole output gets its name, or its name is freed where there is nothing to write."""
        beside = source.target + SIDE_FILE
        with writing(beside):
            if outcome.side:
                put(part + SIDE, beside)
            elif not source.format.rows:
                remove(beside)
        if outcome.size >= 0:
            put(part, source.target)
        else:
            remove(source.target)

    def _grow(self, part: str, outcome: Outcome, shard: Shard) -> None:
        """Append a part to the output, which gets its name with the last one."""
        if self._growing is None:
            self._growing = self._begin(shard)
        if outcome.size > 0:
            if self._row_groups:
                self._row_groups.append(part)
            else:
                append(part, self._growing)
            os.unlink(part)
        if shard.last:
            if self._row_groups:
                self._row_groups.finish()
            elif not self._growing.tell():
                self._growing.write(compress(b"", shard.source.target_codec))

    def _begin(self, shard: Shard) -> IO[bytes]:
        """An empty output that is to grow."""
        growing = open(self._path, "wb")  # noqa: SIM115 - it stays open from piece to piece
        if shard.source.format.columnar:
            from cleaner.batch.columns import RowGroups

            reading, path = self._options.reading.at(shard.source.name, 0), self._path + _ROW_GROUPS
            self._row_groups = RowGroups.begin(path, growing, shard.source.path, reading, self._options.annotate)
        return growing

    def _enter(self, shard: Shard, outcome: Outcome) -> None:
        source = shard.source
        grown = self._growing.tell() if self._growing else 0
        whole = shard.last and self._growing is not None
        done = shard.last and not whole
        progress = Progress(
            size=source.size,
            mtime=source.mtime,
            done=done,
            records=self._records,
            end=shard.end or 0,
            grown=grown,
            whole=whole,
            crc=shard.crc,
        )
        named = []
        if done and outcome.size >= 0 and not self._plan.streams and not is_url(source.target):
            named = [source.target, source.target + SIDE_FILE] if outcome.side else [source.target]
        self._books.enter(source, progress, outcome.tally, named)
        if whole:
            self._name(source, progress)
        elif self._books.due:
            self._checkpoint()

    def _name(self, source: Source, progress: Progress) -> None:
        """Give an output that has grown its name. The books tell before that it is whole and after that it is done, so
        wherever the run is killed, the next one knows what to do."""
        self._checkpoint()
        self._close()
        self._growing = self._row_groups = None
        self._put(source, progress)

    def _close(self) -> None:
        with writing(self._path), contextlib.ExitStack() as files:
            for file in (self._growing, self._row_groups):
                if file:
                    files.callback(file.close)

    def _put(self, source: Source, progress: Progress) -> None:
        if os.path.exists(self._path):
            with writing(source.target):
                put(self._path, source.target)
        progress.done = True
        self._books.enter(source, progress, Tally(), [] if is_url(source.target) else [source.target])
        self._checkpoint()
        remove(self._path + _ROW_GROUPS)

    def recover(self) -> None:
        """Finish what an earlier run may have been killed at: an output that is complete gets its name, what is left of
        any other is removed.

        Raises CleanerError where the output is gone, and TargetError.
        """
        state = self._books.state
        unfinished = state.unfinished
        sources = self._plan.sources() if unfinished else iter(())
        source = next((source for source in sources if source.name in unfinished), None)
        if source is None:
            for path in (self._path, self._path + _ROW_GROUPS):
                remove(path)
        elif state.inputs[source.name].whole:
            if not os.path.exists(self._path) and not exists(source.target):
                raise CleanerError(f"{source.target} is gone: start over with cleaner run --overwrite")
            self._put(source, state.inputs[source.name])

    def _checkpoint(self) -> None:
        if self._growing:
            with writing(self._path):
                self._growing.flush()
                os.fsync(self._growing.fileno())
                if self._row_groups:
                    self._row_groups.sync()
        self._books.checkpoint()
