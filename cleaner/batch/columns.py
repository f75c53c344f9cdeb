"""Parts of Parquet files: whole ones, and pieces that are put together row group by row group."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from cleaner.batch.part import Part, writing
from cleaner.batch.shards import Shard
from cleaner.document import Cleaned
from cleaner.io import parquet
from cleaner.io.files import InputError, sync
from cleaner.io.records import Item, Reading, Record


def items(shard: Shard, reading: Reading) -> Iterator[Item]:
    """The records of a shard of a Parquet file."""
    if shard.broken:
        return parquet.broken(shard.broken)
    return parquet.read(shard.source.path, reading, shard.end)


class ParquetPart(Part):
    """A part of a Parquet file: a Parquet file if it is the whole, else an Arrow stream with a batch a row group."""

    def __init__(self, path: str, shard: Shard, reading: Reading, annotate: bool) -> None:
        super().__init__(path, "")
        self._shard = shard
        self._reading = reading
        self._annotate = annotate
        self._groups = parquet.Groups(reading, annotate)
        self._writer: Any = None

    def put(self, record: Record, cleaned: Cleaned) -> None:
        """Write one record. Raises RowError, TargetError."""
        for table in self._groups.add(record, cleaned):
            self._write(table)

    def finish(self, whole: bool, nothing: bool) -> None:
        """All is said; see `Part.finish`."""
        for table in self._groups.rest():
            self._write(table)
        try:
            if whole and self._writer is None:
                self._begin()
        except InputError:
            pass  # the file told nothing, not even its columns
        with writing(self._path):
            if self._writer is not None:
                self._writer.close()
                if whole:
                    sync(self._path)
                self.size = os.path.getsize(self._path)
            elif not whole:
                self.size = 0
        super().finish(whole, nothing=True)

    def _write(self, table: Any) -> None:
        if self._writer is None:
            self._begin()
        with writing(self._path):
            if self._shard.alone:
                self._writer.write_table(table, row_group_size=max(table.num_rows, 1))
            else:
                self._writer.write_table(table.combine_chunks())

    def _begin(self) -> None:
        source = self._shard.source.path
        schema = parquet.written_schema(source, self._reading, self._annotate)
        with writing(self._path):
            if self._shard.alone:
                self._writer = parquet.writer(self._path, source, schema)
            else:
                self._writer = parquet.load().ipc.new_stream(self._path, schema)


def assemble(part: str, growing: Any) -> None:
    """Append the row groups of a part to a Parquet file that grows."""
    pa = parquet.load()
    with pa.memory_map(part) as file, pa.ipc.open_stream(file) as batches:
        for batch in batches:
            growing.write_table(pa.Table.from_batches([batch]), row_group_size=max(batch.num_rows, 1))


def begin(path: str, shard: Shard, reading: Reading, annotate: bool) -> Any:
    """A Parquet file that is to grow by `assemble`."""
    source = shard.source.path
    return parquet.writer(path, source, parquet.written_schema(source, reading, annotate))
