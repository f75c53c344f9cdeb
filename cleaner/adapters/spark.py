"""Spark: a DataFrame with its text column cleaned, on ``mapInArrow``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from cleaner.adapters.stream import Columns, check_cleaner, chosen
from cleaner.errors import UsageError
from cleaner.io.removals import REMOVALS

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

    from cleaner.clean.cleaner import Cleaner


def clean_dataframe(
    df: DataFrame,
    text: str = "text",
    *,
    url: str | None = None,
    lang: str | None = None,
    title: str | None = None,
    annotate: bool = False,
    reason: str | None = None,
    cleaner: Cleaner | None = None,
) -> DataFrame:
    """The DataFrame with its text column cleaned, lazily, partition by partition; other columns are kept.

    ``annotate`` adds a column ``removals``, ``reason`` names a column for why a row's text stayed as it was. Workers
    need `cleaner` and pyarrow installed. Raises UsageError for columns that are missing or hold no text.
    """
    from pyspark.sql import types as T

    check_cleaner(cleaner)
    columns = Columns(text, url, lang, title, annotate, reason)
    kinds = {field.name: field.dataType for field in df.schema.fields}
    for name in columns.read:
        if not isinstance(kinds.get(name), (T.StringType, T.NullType)):
            raise UsageError(f"there is no text column {name!r}; there are {', '.join(kinds)}")
    columns.check(df.schema.names)
    for name in kinds:  # which Spark does not tell apart by capitals: it could give neither of the two
        if name.lower() in map(str.lower, columns.added):
            raise UsageError(f"there is a column {name!r} already: rename it first")
    schema = T.StructType([*df.schema.fields])
    if annotate:
        removal = T.StructType().add("start", "long").add("end", "long").add("rule", "string").add("text", "string")
        schema.add(REMOVALS, T.ArrayType(removal))
    if reason is not None:
        schema.add(reason, "string")

    def clean(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from cleaner.adapters.arrow import clean_table

        use = chosen(cleaner)
        for batch in batches:
            yield clean_table(batch.rename_columns(names), cleaner=use, **asdict(columns))

    names = df.schema.names
    # `mapInArrow` takes a column's name for an expression, in which a dot leads into the column: numbers have none.
    return df.toDF(*map(str, range(len(names)))).mapInArrow(clean, schema)
