"""Polars and pandas frames, and a DuckDB function, built on the Arrow adapter."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

import pyarrow as pa

from cleaner.adapters.arrow import clean_array, clean_table
from cleaner.adapters.stream import ColumnNames, Columns, check_cleaner, clean_rows
from cleaner.errors import UsageError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl

    from cleaner.clean.cleaner import Cleaner

Frame = TypeVar("Frame", "pl.DataFrame", "pl.LazyFrame")


def clean_polars(frame: Frame, *, cleaner: Cleaner | None = None, **names: Unpack[ColumnNames]) -> Frame:
    """A Polars frame with its text column cleaned; the options are those of `clean_table`. A LazyFrame stays lazy, and
    Polars may hand it over in batches.

    Raises TypeError for what is no frame, UsageError for columns that are missing or cannot hold other texts."""
    import polars as pl

    if isinstance(frame, pl.LazyFrame):
        clean = partial(_clean_polars, cleaner=cleaner, **names)
        schema = clean(pl.DataFrame(schema=frame.collect_schema())).schema
        return frame.map_batches(
            clean,
            predicate_pushdown=False,  # which is the default of newer versions only: what is asked of the texts
            projection_pushdown=False,  # is asked of the cleaned ones, and all columns are there
            schema=schema,
            streamable=True,
        )
    _check_frame(frame, pl.DataFrame, "give a Series as series.to_frame()")
    return _clean_polars(frame, cleaner=cleaner, **names)


def _clean_polars(frame: pl.DataFrame, *, cleaner: Cleaner | None, **names: Unpack[ColumnNames]) -> pl.DataFrame:
    import polars as pl

    columns = Columns(**names)
    columns.check(frame.columns)
    kind = frame.schema[columns.text]
    if isinstance(kind, pl.Enum):
        raise UsageError(f"column {columns.text!r} is an Enum, which takes no new texts: cast it to String first")
    cleaned = pl.from_arrow(clean_table(frame[columns.read].to_arrow(), cleaner=cleaner, **names))
    assert isinstance(cleaned, pl.DataFrame)
    return frame.with_columns(cleaned[columns.text].cast(kind), *cleaned.select(columns.added))


def clean_pandas(frame: pd.DataFrame, *, cleaner: Cleaner | None = None, **names: Unpack[ColumnNames]) -> pd.DataFrame:
    """A copy of a pandas frame with its text column cleaned; the options are those of `clean_table`.

    The index, the type of the text column and all other columns are those of the frame. Values that are not text
    (None, NaN, numbers among texts) stay as they are, with a reason. Raises TypeError for what is no DataFrame,
    UsageError for columns that are missing or of a type that holds no text.
    """
    import pandas as pd

    _check_frame(frame, pd.DataFrame, "give a Series as series.to_frame()")
    columns = Columns(**names)
    columns.check(frame.columns.tolist())
    read = columns.read
    for name in read:
        _check_text(frame[name])
    rows = (dict(zip(read, row, strict=True)) for row in zip(*(frame[name].tolist() for name in read), strict=True))
    done = list(clean_rows(rows, cleaner=cleaner, **asdict(columns)))
    result = frame.copy(deep=False)
    kind = frame[columns.text].dtype
    if isinstance(kind, pd.CategoricalDtype):  # its categories in their order, cleaned
        ranks = zip(frame[columns.text].cat.codes, (row[columns.text] for row in done), strict=True)
        texts = [text for code, text in sorted(ranks, key=itemgetter(0)) if code >= 0]
        kind = pd.CategoricalDtype(list(dict.fromkeys(texts)), kind.ordered)
    kinds: dict[str, Any] = {columns.text: kind}
    for name in (columns.text, *columns.added):
        result[name] = pd.Series([row[name] for row in done], frame.index, kinds.get(name, object))
    return result


def _check_text(column: pd.Series[Any]) -> None:
    """Raise UsageError for a column of numbers, say, as Arrow has it: one of objects, or of nulls alone, may have
    texts."""
    values = () if column.dtype == object else column.dropna()
    if len(values) and not any(isinstance(value, str) for value in values):
        raise UsageError(f"column {column.name!r} holds {column.dtype}, not text")


def _check_frame(frame: object, kind: type, mend: str) -> None:
    if not isinstance(frame, kind):
        wanted, given = (f"{each.__module__.partition('.')[0]}.{each.__name__}" for each in (kind, type(frame)))
        raise TypeError(f"a {wanted} is needed, not {given}: {mend}")


def register_duckdb(
    connection: duckdb.DuckDBPyConnection, name: str = "clean_text", cleaner: Cleaner | None = None
) -> None:
    """Make a function of SQL: ``SELECT clean_text(body) FROM articles``. NULL gives NULL."""
    check_cleaner(cleaner)

    def clean_text(texts: pa.ChunkedArray) -> pa.Array:
        return clean_array(texts.combine_chunks(), cleaner)

    connection.create_function(name, clean_text, ["VARCHAR"], "VARCHAR", type="arrow", null_handling="special")
