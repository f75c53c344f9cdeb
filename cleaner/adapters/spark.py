"""Spark: a DataFrame with its text column cleaned, on ``mapInArrow``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from cleaner.adapters.stream import added
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

    kinds = {field.name: field.dataType for field in df.schema.fields}
    for name in (text, url, lang, title):
        if name is not None and not isinstance(kinds.get(name), (T.StringType, T.NullType)):
            raise UsageError(f"there is no text column {name!r}; there are {', '.join(kinds)}")
    for name in added(annotate, reason):
        if name in kinds:
            raise UsageError(f"there is a column {name!r} already: rename it first")
    columns = []
    if annotate:
        removal = T.StructType(
            [
                T.StructField("start", T.LongType()),
                T.StructField("end", T.LongType()),
                T.StructField("rule", T.StringType()),
                T.StructField("text", T.StringType()),
            ]
        )
        columns.append(T.StructField(REMOVALS, T.ArrayType(removal)))
    if reason:
        columns.append(T.StructField(reason, T.StringType()))

    def clean(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from cleaner.adapters.arrow import clean_table
        from cleaner.adapters.stream import default_cleaner

        use = cleaner or default_cleaner()
        for batch in batches:
            yield clean_table(
                batch, text=text, url=url, lang=lang, title=title, annotate=annotate, reason=reason, cleaner=use
            )

    return df.mapInArrow(clean, T.StructType([*df.schema.fields, *columns]))
