"""Parts of Parquet files. Each is a Parquet file itself; to make one output, their row groups are appended to one
another without being read, and a new footer describes them."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from typing import IO, Any, Final

from cleaner.batch.part import Part
from cleaner.batch.shards import Shard
from cleaner.document import Cleaned
from cleaner.errors import CleanerError
from cleaner.io import footer, parquet
from cleaner.io.files import InputError
from cleaner.io.outputs import append, writing
from cleaner.io.records import Item, Reading, Record, Reject

_ENTRY: Final = struct.Struct("<QQQQ")
"""Before each entry: bytes of the output up to here, rows and row groups of the part, and bytes of the entry, which is
these row groups as a footer describes them. The first entry is the footer of an empty file."""


def items(shard: Shard, reading: Reading) -> Iterator[Item]:
    """The records of a shard of a Parquet file."""
    if shard.broken:
        return iter([Reject(1, 0, *shard.broken)])
    return parquet.read(shard.source.path, reading, shard.end)


class ParquetPart(Part):
    """A part of a Parquet file: a Parquet file with the row groups of its shard."""

    def __init__(self, path: str, shard: Shard, reading: Reading, annotate: bool) -> None:
        super().__init__(path, "")
        self._source = shard.source.path
        self._reading = reading
        self._annotate = annotate
        self._groups = parquet.Groups(reading, annotate)
        self._writer: Any = None

    def put(self, record: Record, cleaned: Cleaned) -> None:
        """Write one record. Raises RowError, TargetError."""
        for table in self._groups.add(record, cleaned):
            self._write(table)

    def finish(self, whole: bool, nothing: bool) -> None:
        """See `Part.finish`."""
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
                self.size = os.path.getsize(self._path)
            elif not whole:
                self.size = 0
        super().finish(whole, nothing=True)

    def _write(self, table: Any) -> None:
        if self._writer is None:
            self._begin()
        with writing(self._path):
            self._writer.write_table(table, row_group_size=max(table.num_rows, 1))

    def _begin(self) -> None:
        schema = parquet.written_schema(self._source, self._reading, self._annotate)
        with writing(self._path):
            self._writer = parquet.writer(os.path.abspath(self._path), self._source, schema)  # as for reading


class RowGroups:
    """Collects the footer of a Parquet file that grows, in a file beside it, so that it can be resumed."""

    def __init__(self, path: str, growing: IO[bytes]) -> None:
        self._file: IO[bytes] = open(path, "a+b")  # noqa: SIM115 - `close` closes it
        self._growing = growing
        self._empty = b""
        self._groups: list[bytes] = []
        self._rows = self._count = 0

    @classmethod
    def begin(cls, path: str, growing: IO[bytes], source: str, reading: Reading, annotate: bool) -> RowGroups:
        """Begin an empty file that is to be like ``source``. Raises CleanerError where that cannot be read any more."""
        empty = io.BytesIO()
        try:
            parquet.writer(empty, source, parquet.written_schema(source, reading, annotate)).close()
        except InputError as error:
            raise CleanerError(f"{source}: {error.reason}") from None
        this = cls(path, growing)
        this._file.truncate(0)
        this._empty, _ = footer.read(empty)
        growing.write(footer.MAGIC)
        this._keep(0, 0, this._empty)
        return this

    @classmethod
    def resume(cls, path: str, growing: IO[bytes]) -> RowGroups:
        """Go on with a file that was cut back. Raises CleanerError where what was kept does not reach as far."""
        this = cls(path, growing)
        this._file.seek(0)
        at = 0
        while at < growing.tell() and len(head := this._file.read(_ENTRY.size)) == _ENTRY.size:
            at, rows, count, size = _ENTRY.unpack(head)
            footer_bytes = this._file.read(size)
            if this._empty:
                this._groups.append(footer_bytes)
            else:
                this._empty = footer_bytes
            this._rows += rows
            this._count += count
        if at != growing.tell():
            this.close()
            raise CleanerError(f"{path} is shorter than the books say: start over with cleaner run --overwrite")
        this._file.truncate(this._file.tell())
        return this

    def append(self, part: str) -> None:
        """Put the row groups of a part behind those that are there."""
        with open(part, "rb") as file:
            part_footer, end = footer.read(file)
        begin = len(footer.MAGIC)
        groups, rows = footer.moved(part_footer, self._growing.tell() - begin, self._count)
        append(part, self._growing, begin, end)
        self._groups.append(b"".join(groups))
        self._rows += rows
        self._count += len(groups)
        self._keep(rows, len(groups), self._groups[-1])

    def _keep(self, rows: int, groups: int, footer_bytes: bytes) -> None:
        self._file.write(_ENTRY.pack(self._growing.tell(), rows, groups, len(footer_bytes)) + footer_bytes)

    def finish(self) -> None:
        """Write the footer, so that the file is whole."""
        self._growing.write(footer.joined(self._empty, self._groups, self._count, self._rows))

    def sync(self) -> None:
        """Force what is kept out to the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let go of the file that it is kept in."""
        self._file.close()
