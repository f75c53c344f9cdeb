"""Arrow tables and record batches with their text column cleaned: most adapters build on this.

Every other column, the schema and its metadata are kept; nulls stay null; a batch that no rule touches comes back as
the same object. One bad row never costs its batch: its text stays as it was, and a column says why, if asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa

from cleaner.adapters.stream import added, clean_each, default_cleaner, document_with, removals_of
from cleaner.errors import UsageError
from cleaner.io.arrow import as_type, is_text, removals_type, values_of
from cleaner.io.removals import REMOVALS

if TYPE_CHECKING:
    from cleaner.clean.cleaner import Cleaner

Data = TypeVar("Data", pa.Table, pa.RecordBatch)
Array = TypeVar("Array", pa.Array, pa.ChunkedArray)


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns that make a document, and of those that are added."""

    text: str = "text"
    url: str | None = None
    lang: str | None = None
    title: str | None = None
    removals: str | None = None
    reason: str | None = None


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
    or not; it keeps its type. A column of nulls alone, which has no type, counts as text. ``url``, ``lang`` and
    ``title`` name columns with metadata of each document. With ``annotate`` a column ``removals`` is added; ``reason``
    names a column to add that says why a row's text was left as it was (guarded, or broken), null for the others.
    Raises UsageError for columns that are missing or hold no text.
    """
    if not isinstance(table_or_batch, (pa.Table, pa.RecordBatch)):
        raise TypeError(f"a table or a record batch of Arrow is needed, not {type(table_or_batch).__name__}")
    columns = Columns(text, url, lang, title, REMOVALS if annotate else None, reason)
    _check(table_or_batch.schema, columns)
    cleaner = cleaner or default_cleaner()
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


def check_names(names: Sequence[object], columns: Columns) -> None:
    """Raise UsageError unless each column to be read is there, once, and none that is added."""
    for name in (columns.text, columns.url, columns.lang, columns.title):
        if name is not None and (times := names.count(name)) != 1:
            if times:
                raise UsageError(f"there are {times} columns {name!r}: rename all but one")
            raise UsageError(f"there is no column {name!r}; there are {', '.join(map(str, names))}")
    for name in added(columns.removals is not None, columns.reason):
        if name in names:
            raise UsageError(f"there is a column {name!r} already: rename it first")


def _check(schema: pa.Schema, columns: Columns) -> None:
    check_names(schema.names, columns)
    for name in (columns.text, columns.url, columns.lang, columns.title):
        if name is not None and not (is_text(type := schema.field(name).type) or pa.types.is_null(type)):
            raise UsageError(f"column {name!r} holds {type}, not text")


def _extended(table: pa.Table, columns: Columns) -> pa.Table:
    """A table without rows, with the columns that are added."""
    for name, type in ((columns.removals, removals_type()), (columns.reason, pa.string())):
        if name:
            table = table.append_column(name, pa.chunked_array([], type))
    return table


def _clean_batch(batch: pa.RecordBatch, columns: Columns, cleaner: Cleaner) -> pa.RecordBatch:
    texts = batch.column(columns.text)
    values = values_of(texts)
    fields = [values_of(batch.column(name)) if name else None for name in (columns.url, columns.lang, columns.title)]
    documents = [
        document_with(value, *(field[i] if field else None for field in fields)) if isinstance(value, str) else None
        for i, value in enumerate(values)
    ]
    results = list(clean_each(documents, cleaner))
    if any(result and result.removals for result, _ in results):
        at = batch.schema.get_field_index(columns.text)
        left = [result.text if result else value for value, (result, _) in zip(values, results, strict=True)]
        batch = batch.set_column(at, batch.schema.field(at), as_type(left, texts.type))
    if columns.removals:
        removals = [removals_of(result) for result, _ in results]
        batch = batch.append_column(columns.removals, pa.array(removals, removals_type()))
    if columns.reason:
        broken = "the text is not UTF-8"
        reasons = [broken if isinstance(value, bytes) else why for value, (_, why) in zip(values, results, strict=True)]
        batch = batch.append_column(columns.reason, pa.array(reasons, pa.string()))
    return batch
