"""Arrow tables and record batches with their text column cleaned: most adapters build on this.

Every other column, the schema and its metadata are kept; nulls stay null; a batch that no rule touches comes back as
the same object. One bad row never costs its batch: its text stays as it was, and a column says why, if asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa

from cleaner.adapters.stream import clean_each, default_cleaner, removals_of
from cleaner.document import Cleaned, Document
from cleaner.errors import UsageError

if TYPE_CHECKING:
    from cleaner.clean.cleaner import Cleaner

Data = TypeVar("Data", pa.Table, pa.RecordBatch)

REMOVALS = pa.list_(
    pa.struct([("start", pa.int64()), ("end", pa.int64()), ("rule", pa.string()), ("text", pa.string())])
)
"""Type of the column that ``annotate`` adds: offsets in code points of the original, half-open."""


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
    or not; it keeps its type. ``url``, ``lang`` and ``title`` name columns with metadata of each document. With
    ``annotate`` a column ``removals`` is added; ``reason`` names a column to add that says why a row's text was left
    as it was (guarded, or broken), null for the others. Raises UsageError for columns that are missing or hold no text.
    """
    columns = Columns(text, url, lang, title, "removals" if annotate else None, reason)
    _check(table_or_batch.schema, columns)
    cleaner = cleaner or default_cleaner()
    if isinstance(table_or_batch, pa.RecordBatch):
        return _clean_batch(table_or_batch, columns, cleaner)
    batches = table_or_batch.to_batches() or [pa.RecordBatch.from_pylist([], table_or_batch.schema)]
    done = [_clean_batch(batch, columns, cleaner) for batch in batches]
    if all(new is old for new, old in zip(done, batches, strict=True)):
        return table_or_batch
    return pa.Table.from_batches(done)


def clean_array(array: pa.Array, cleaner: Cleaner | None = None) -> pa.Array:
    """An array of texts cleaned, in its own type; nulls stay null."""
    batch = pa.RecordBatch.from_arrays([array], names=["text"])
    return clean_table(batch, cleaner=cleaner).column(0)


def _check(schema: pa.Schema, columns: Columns) -> None:
    for name in (columns.text, columns.url, columns.lang, columns.title):
        if name is None:
            continue
        if name not in schema.names:
            raise UsageError(f"there is no column {name!r}; there are {', '.join(schema.names)}")
        if not _is_text(schema.field(name).type):
            raise UsageError(f"column {name!r} holds {schema.field(name).type}, not text")
    for name in (columns.removals, columns.reason):
        if name in schema.names:
            raise UsageError(f"there is a column {name!r} already: rename it first")


def _is_text(type: pa.DataType) -> bool:
    kinds = pa.types
    if kinds.is_dictionary(type):
        return _is_text(type.value_type)
    return bool(kinds.is_string(type) or kinds.is_large_string(type) or kinds.is_string_view(type))


def _clean_batch(batch: pa.RecordBatch, columns: Columns, cleaner: Cleaner) -> pa.RecordBatch:
    texts = batch.column(columns.text)
    values = _values(texts)
    fields = [_values(batch.column(name)) if name else None for name in (columns.url, columns.lang, columns.title)]
    rows = [i for i, value in enumerate(values) if isinstance(value, str)]
    documents = [_document(values[i], *(field[i] if field else None for field in fields)) for i in rows]
    results: list[Cleaned | None] = [None] * len(values)
    reasons: list[str | None] = ["the text is not UTF-8" if isinstance(value, bytes) else None for value in values]
    changed = False
    for i, (result, why) in zip(rows, clean_each(documents, cleaner), strict=True):
        results[i], reasons[i] = result, why
        if result and result.removals:
            values[i] = result.text
            changed = True
    if changed:
        batch = batch.set_column(
            batch.schema.get_field_index(columns.text), batch.schema.field(columns.text), _as_type(values, texts.type)
        )
    if columns.removals:
        batch = batch.append_column(columns.removals, pa.array([_rows(result) for result in results], REMOVALS))
    if columns.reason:
        batch = batch.append_column(columns.reason, pa.array(reasons, pa.string()))
    return batch


def _document(text: object, url: object, lang: object, title: object) -> Document:
    known = [value if isinstance(value, str) else None for value in (url, lang, title)]
    return Document(str(text), url=known[0], lang=known[1], title=known[2])


def _rows(result: Cleaned | None) -> list[dict[str, object]] | None:
    return None if result is None else removals_of(result)


def _values(array: pa.Array) -> list[object]:
    """The texts of an array; None for nulls, and bytes for those that are not UTF-8."""
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    try:
        return list(array.to_pylist())
    except UnicodeDecodeError:
        raw = array.cast(pa.large_string()).view(pa.large_binary()).to_pylist()
        return [_text(value) for value in raw]


def _text(value: bytes | None) -> object:
    try:
        return None if value is None else value.decode("utf-8")
    except UnicodeDecodeError:
        return value


def _as_type(values: Sequence[object], type: pa.DataType) -> pa.Array:
    """Texts (and bytes that are none) as an array of a string type."""
    if pa.types.is_dictionary(type):
        return _as_type(values, type.value_type).dictionary_encode().cast(type)
    if not any(isinstance(value, bytes) for value in values):
        return pa.array(values, type)
    raw = [value.encode("utf-8") if isinstance(value, str) else value for value in values]
    large = pa.array(raw, pa.large_binary()).view(pa.large_string())  # as it came: not checked
    return large if type == pa.large_string() else large.cast(type)
