"""Arrow tables and record batches with their text column cleaned: most adapters build on this.

Every other column, the schema and its metadata are kept; nulls stay null; a batch that no rule touches comes back as
the same object. One bad row never costs its batch: its text stays as it was, and a column says why, if asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa

from cleaner.adapters.stream import Columns, chosen, clean_each, document_with, removals_of
from cleaner.errors import UsageError
from cleaner.io.arrow import as_type, is_text, removals_type, values_of
from cleaner.io.removals import REMOVALS

if TYPE_CHECKING:
    from cleaner.clean.cleaner import Cleaner

Data = TypeVar("Data", pa.Table, pa.RecordBatch)
Array = TypeVar("Array", pa.Array, pa.ChunkedArray)


def clean_table(
    table_or_batch: Data,
    *,
    text: str = "text",
    url: str | None = None,
    lang: str | None = None,
    title: str | None = None,
    annotate: bool = False,
    reason: str | None = None,
    cleaner: Cleaner | None = None,
) -> Data:
    """The table or record batch with its text column cleaned.

    ``text`` names a column of any string type (string, large_string, string_view, or a dictionary of them), chunked
    or not; it keeps its type. A column of nulls alone counts as text, whatever its type. ``url``, ``lang`` and
    ``title`` name columns with metadata of each document. With ``annotate`` a column ``removals`` is added; ``reason``
    names a column to add that says why a row's text was left as it was (guarded, or broken), null for the others.
    Raises UsageError for columns that are missing or hold no text.
    """
    if not isinstance(table_or_batch, (pa.Table, pa.RecordBatch)):
        raise TypeError(f"a table or a record batch of Arrow is needed, not {type(table_or_batch).__name__}")
    columns = Columns(text, url, lang, title, annotate, reason)
    check_columns(table_or_batch, columns)
    cleaner = chosen(cleaner)
    if isinstance(table_or_batch, pa.RecordBatch):
        return _clean_batch(table_or_batch, columns, cleaner)
    batches = table_or_batch.to_batches()
    if not batches:
        return _extended(table_or_batch, columns)
    done = [_clean_batch(batch, columns, cleaner) for batch in batches]
    if all(new is old for new, old in zip(done, batches, strict=True)):
        return table_or_batch
    return pa.Table.from_batches(done)


def clean_array(array: Array, cleaner: Cleaner | None = None) -> Array:
    """An array of texts cleaned, chunked or not, in its own type; nulls stay null."""
    holder = pa.Table if isinstance(array, pa.ChunkedArray) else pa.RecordBatch
    return clean_table(holder.from_arrays([array], names=["text"]), cleaner=cleaner).column(0)


def added_fields(columns: Columns) -> list[pa.Field]:
    """The columns that are added, with their types."""
    removals = REMOVALS if columns.annotate else None
    return [pa.field(name, removals_type() if name == removals else pa.string()) for name in columns.added]


def check_columns(data: pa.Table | pa.RecordBatch, columns: Columns) -> None:
    """Raise UsageError unless the columns to be read are there and hold text, and none that is added is there."""
    columns.check(data.schema.names)
    for name in columns.read:
        column = data.column(name)
        if not is_text(column.type) and column.null_count < len(column):
            raise UsageError(f"column {name!r} holds {column.type}, not text")


def _extended(table: pa.Table, columns: Columns) -> pa.Table:
    """A table without rows, with the columns that are added."""
    for field in added_fields(columns):
        table = table.append_column(field, pa.chunked_array([], field.type))
    return table


def _clean_batch(batch: pa.RecordBatch, columns: Columns, cleaner: Cleaner) -> pa.RecordBatch:
    texts = batch.column(columns.text)
    values = values_of(texts)
    unknown = [None] * len(values)
    metadata = [unknown if name is None else values_of(batch.column(name)) for name in columns.metadata]
    documents = [
        document_with(value, *known) if isinstance(value, str) else None
        for value, *known in zip(values, *metadata, strict=True)
    ]
    results = list(clean_each(documents, cleaner))
    if any(result and result.removals for result, _ in results):
        at = batch.schema.get_field_index(columns.text)
        left = [result.text if result else value for value, (result, _) in zip(values, results, strict=True)]
        batch = batch.set_column(at, batch.schema.field(at), as_type(left, texts.type))
    if columns.annotate:
        removals = [removals_of(result) for result, _ in results]
        batch = batch.append_column(REMOVALS, pa.array(removals, removals_type()))
    if columns.reason is not None:
        broken = "the text is not UTF-8"
        reasons = [broken if isinstance(value, bytes) else why for value, (_, why) in zip(values, results, strict=True)]
        batch = batch.append_column(columns.reason, pa.array(reasons, pa.string()))
    return batch
