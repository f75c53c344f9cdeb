"""Parquet: one document a row; all other columns, the schema with its metadata, and the compression are kept.

Rows are read batch after batch, and each row group that was read becomes one that is written (an enormous one several).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from itertools import pairwise
from typing import IO, Any, Final

from cleaner.document import Cleaned, Document
from cleaner.document import restore as restored
from cleaner.errors import UsageError, reason_of
from cleaner.io import chunks
from cleaner.io.arrow import as_type, is_removals, is_text, removals_type, values_of
from cleaner.io.compression import check_ratio
from cleaner.io.files import InputError
from cleaner.io.records import Item, Reading, Record, Reject, RowError, WebPage, metadata_text
from cleaner.io.remote import is_url, open_read
from cleaner.io.removals import REMOVALS, as_rows, from_rows

_ROWS: Final = 512
"""Most rows that are read at once, ..."""
_READ: Final = 32_000_000
"""... and most bytes of them, by the average of their row group."""

_GROUP: Final = 64_000_000
"""Bytes of rows in memory that are written as a row group, at most."""


def load() -> Any:
    """The pyarrow package. Raises UsageError where it is missing."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise UsageError("Parquet files need pyarrow: pip install 'cleaner[arrow]'") from None
    return pyarrow


@contextlib.contextmanager
def _damage() -> Iterator[None]:
    """Turn what Arrow says of a file that it cannot read into an InputError."""
    pa = load()
    try:
        yield
    except FileNotFoundError as error:
        raise InputError("unreadable", f"cannot be read: {reason_of(error)}") from None
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError("damaged", f"Parquet cannot be read: {reason_of(error)}") from None


_READING: Final = {"pre_buffer": False, "buffer_size": 1 << 20, "coerce_int96_timestamp_unit": "us"}
"""Read a column piece by piece: a row group may be as large as the file. INT96, a time as Spark may write it, reaches
beyond the years 1677 to 2262, which are all that nanoseconds have."""


@contextlib.contextmanager
def _opened(path: str) -> Iterator[tuple[Any, IO[bytes]]]:
    """A ParquetFile, here or elsewhere, and its bytes."""
    with open_read(path) as stream:
        file = stream if is_url(path) else os.path.abspath(path)  # another path Arrow might take for a URL
        with load().parquet.ParquetFile(file, **_READING) as opened:
            yield opened, stream


def group_sizes(path: str) -> list[tuple[int, int]]:
    """Bytes and rows of each row group of a file. Raises InputError."""
    with _damage(), _opened(path) as (file, _):
        groups = map(file.metadata.row_group, range(file.num_row_groups))
        return [(group.total_byte_size, group.num_rows) for group in groups]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Some rows of a row group, as they were read."""

    batch: Any
    group: int


def read(path: str, reading: Reading, end: int | None) -> Iterator[Item]:
    """The documents of the row groups from ``reading.offset`` to ``end``; numbers count their rows from 1.

    What cannot be read on of a row group, or of the file, is one reject. A record's ``offset`` is its row in the file.
    """
    first = row = 0
    try:
        with _damage(), _opened(path) as (file, stream):
            metadata = file.metadata
            unpacking = _Unpacking(file, stream, reading.limits.ratio)
            first = row = sum(metadata.row_group(at).num_rows for at in range(reading.offset))
            _check(file.schema_arrow, reading)
            for group in range(reading.offset, metadata.num_row_groups if end is None else end):
                behind = row + metadata.row_group(group).num_rows
                try:
                    with _damage():
                        for batch in unpacking.batches(group):
                            yield from _items(_Rows(batch, group), row - first, row, reading)
                            row += batch.num_rows
                except InputError as error:
                    if error.code == "bomb":
                        raise
                    yield Reject(row - first + 1, row, *error.fault)
                row = behind
    except InputError as error:
        yield Reject(row - first + 1, row, *error.fault)


class _Unpacking:
    """Reads row groups in batches of few bytes, and no more of them than a file of that size may unpack to."""

    def __init__(self, file: Any, stream: IO[bytes], ratio: float) -> None:
        self._file, self._stream, self._ratio = file, stream, ratio
        self._packed = self._unpacked = 0

    def batches(self, group: int) -> Iterator[Any]:
        """The rows of a row group. Raises InputError where they unpack to too much."""
        file, metadata = self._file, self._file.metadata.row_group(group)
        self._packed += chunks.packed_size(metadata)
        shared = chunks.largest_row(
            self._stream,
            metadata,
            file.schema,
            unpacked=self._unpacked,
            packed=self._packed,
            ratio=self._ratio,
        )
        average = metadata.total_byte_size // max(1, metadata.num_rows)
        rows = _READ // max(1, average + shared)
        for batch in file.iter_batches(max(1, min(_ROWS, rows)), [group], use_threads=False):
            self._unpacked += sum(map(_unpacked, batch.columns))
            check_ratio(self._unpacked, self._packed, self._ratio)
            yield batch


def _unpacked(array: Any) -> int:
    """Bytes of an array with the values that a dictionary holds for it."""
    pa = load()
    types = pa.types
    if types.is_map(array.type):  # which has no `flatten` of its own
        array = array.cast(pa.list_(pa.struct([array.type.key_field, array.type.item_field])))
    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    elif types.is_nested(array.type) and not types.is_union(array.type):
        parts = array.flatten()
        return sum(map(_unpacked, parts if isinstance(parts, list) else [parts]))
    size: int = array.nbytes
    return size


def _check(schema: Any, reading: Reading) -> None:
    """Raises InputError where no row of such a schema could be a document."""
    fields = reading.fields
    name = reading.html_field or fields.text
    if name not in schema.names:
        raise InputError("no-text", f"has no column {name!r} (it has {', '.join(schema.names[:6]) or 'none'})")
    _check_single(schema, (name, *astuple(fields), *reading.more))
    for field in (_text_field(schema, name), _text_field(schema, fields.text)):
        if not is_text(field.type):
            raise InputError("not-a-string", f"column {field.name!r} is {field.type}, not a string")


def _check_single(schema: Any, names: Iterable[str]) -> None:
    """Raises InputError where several columns have one of these names."""
    for name in names:
        if (count := schema.names.count(name)) > 1:
            raise InputError("bad-record", f"has {count} columns {name!r}: name another, or rename one")


def _items(rows: _Rows, number: int, row: int, reading: Reading) -> Iterator[Item]:
    """The documents of some rows. ``number`` and ``row``: rows before them in the piece, and in the file."""
    fields = reading.fields
    name = reading.html_field or fields.text
    texts = _column(rows.batch, name)
    others = [_column(rows.batch, name) for name in (fields.id, fields.url, fields.lang, fields.title)]
    more = [_column(rows.batch, name) for name in reading.more]
    for at, text in enumerate(texts):
        place = number + at + 1, row + at
        id, url, lang, title = (metadata_text(column[at]) for column in others)
        if not isinstance(text, str):
            code, fault = ("bad-encoding", "not UTF-8") if text else ("not-a-string", "null")
            yield Reject(*place, code, f"column {name!r} is {fault}", id)
        elif (size := len(text) if text.isascii() else len(text.encode())) > reading.limits.size:
            yield Reject(*place, "too-large", f"text longer than {reading.limits.size:,} bytes: see --max-size", id)
        else:
            document = Document(text, id=id, url=url, lang=lang, title=title)
            page = WebPage(text) if reading.html_field else None
            yield Record(document, *place, size, (rows, at), page, tuple(metadata_text(column[at]) for column in more))


def _column(batch: Any, name: str) -> Sequence[object]:
    """The values of a column; None for all where there is no such column."""
    at = batch.schema.get_field_index(name)
    return [None] * batch.num_rows if at < 0 else values_of(batch.column(at))


class Groups:
    """Takes the cleaned records of a file and gives the row groups to write."""

    def __init__(self, reading: Reading, annotate: bool) -> None:
        self._reading = reading
        self._annotate = annotate
        self._rows: _Rows | None = None
        self._kept: list[tuple[int, Record, Cleaned]] = []
        self._group: list[Any] = []
        self._size = 0
        """Bytes of the group."""

    def add(self, record: Record, cleaned: Cleaned) -> Iterator[Any]:
        """Take one record; yields the row groups, as tables, that are complete now. Raises RowError."""
        rows, at = record.origin
        if self._annotate and REMOVALS in rows.batch.schema.names:
            fault = f"has a column {REMOVALS!r} already, which --annotate would write: rename it"
            raise RowError("field-taken", fault)
        if rows is not self._rows:
            self._seal()
            if self._rows and (rows.group != self._rows.group or self._size > _GROUP):
                yield from self.rest()
            self._rows = rows
        self._kept.append((at, record, cleaned))

    def rest(self) -> Iterator[Any]:
        """The row group that is not complete, if any."""
        self._seal()
        if self._group:
            yield load().Table.from_batches(self._group)
        self._group, self._size = [], 0

    def _seal(self) -> None:
        """Make a batch of the rows that were kept of the last one."""
        if self._rows is None or not self._kept:
            return
        pa = load()
        batch = self._rows.batch
        if len(self._kept) < batch.num_rows:
            rows = [at for at, _, _ in self._kept]
            heads = [i for i, at in enumerate(rows) if i == 0 or at != rows[i - 1] + 1]
            runs = [batch.slice(rows[a], b - a) for a, b in pairwise([*heads, len(rows)])]
            (batch,) = pa.Table.from_batches(runs).combine_chunks().to_batches()  # `take` knows not every type
        results = [cleaned for _, _, cleaned in self._kept]
        if self._reading.html_field or any(cleaned.removals for cleaned in results):
            field = _text_field(batch.schema, self._reading.fields.text)
            batch = _with_texts(batch, field, [cleaned.text for cleaned in results])
        if self._annotate:
            batch = batch.append_column(REMOVALS, pa.array([as_rows(cleaned) for cleaned in results], removals_type()))
        self._group.append(batch)
        self._size += sum(map(_bytes, batch.columns))
        self._kept = []


def _bytes(column: Any) -> int:
    """Bytes of a column of a batch, without a dictionary that it shares with all batches of its row group."""
    if load().types.is_dictionary(column.type) and len(column.dictionary) > len(column):
        column = column.indices
    size: int = column.nbytes
    return size


def _text_field(schema: Any, name: str) -> Any:
    """The column that texts are written to: one of strings where there is none yet, or one of nulls alone."""
    pa = load()
    at = schema.get_field_index(name)
    field = schema.field(at) if at >= 0 else pa.field(name, pa.string())
    return field.with_type(pa.string()) if pa.types.is_null(field.type) else field


def _with_texts(batch: Any, field: Any, texts: list[str]) -> Any:
    column = as_type(texts, field.type)
    at = batch.schema.get_field_index(field.name)
    return batch.append_column(field, column) if at < 0 else batch.set_column(at, field, column)


def written_schema(path: str, reading: Reading, annotate: bool) -> Any:
    """Schema of what is written for a file. Raises InputError."""
    pa = load()
    with _damage(), _opened(path) as (file, _):
        schema = file.schema_arrow
    if reading.html_field:
        field = _text_field(schema, reading.fields.text)
        at = schema.get_field_index(field.name)
        schema = schema.append(field) if at < 0 else schema.set(at, field)
    return schema.append(pa.field(REMOVALS, removals_type())) if annotate else schema


def writer(target: str | IO[bytes], source: str, schema: Any) -> Any:
    """A ParquetWriter in the ways of the file that was read: its compression and dictionaries, column by column."""
    pq = load().parquet
    with _opened(source) as (file, _):
        metadata = file.metadata
        first = metadata.row_group(0) if metadata.num_row_groups else None
        columns = [first.column(at) for at in range(metadata.num_columns)] if first else []
        packing: Any = {column.path_in_schema: _packing(column.compression) for column in columns}
        if len(set(packing.values())) < 2:
            packing = next(iter(packing.values()), "snappy")
        coded = [column.path_in_schema for column in columns if any("DICT" in name for name in column.encodings)]
        return pq.ParquetWriter(
            target,
            schema,
            compression=packing,
            use_dictionary=coded or not columns,
            use_deprecated_int96_timestamps=any(column.physical_type == "INT96" for column in metadata.schema),
        )


def _packing(name: str) -> str:
    return {"UNCOMPRESSED": "none", "LZ4_RAW": "lz4"}.get(name, name.lower())


def restore(path: str, field: str, out: IO[bytes], ratio: float) -> None:
    """Write a file that was annotated as it was before. Raises InputError."""
    with _damage(), _opened(path) as (file, stream):
        schema = file.schema_arrow
        _check_single(schema, (field, REMOVALS))
        unpacking = _Unpacking(file, stream, ratio)
        at, gone = schema.get_field_index(field), schema.get_field_index(REMOVALS)
        if at < 0:
            raise InputError("no-text", f"has no column {field!r}: name another --text-field")
        if gone < 0 or not is_removals(schema.field(gone).type):
            raise InputError("damaged", f"has no column {REMOVALS!r} that a run with --annotate wrote")
        with writer(out, path, schema.remove(gone)) as growing:
            for group in range(file.num_row_groups):
                table = load().Table.from_batches(unpacking.batches(group), schema)
                rows = zip(table.column(at).to_pylist(), table.column(gone).to_pylist(), strict=True)
                try:
                    # null is what adapters write of a row without a text
                    texts = [restored(Cleaned(text, from_rows(found, text))) if found else text for text, found in rows]
                except (TypeError, ValueError):
                    reason = f"column {REMOVALS!r} does not fit column {field!r}: one of them was changed after the run"
                    raise InputError("damaged", reason) from None
                table = table.set_column(at, schema.field(at), as_type(texts, schema.field(at).type))
                growing.write_table(table.remove_column(gone), row_group_size=max(table.num_rows, 1))
