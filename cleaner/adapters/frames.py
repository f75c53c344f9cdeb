"""Polars and pandas frames, and a DuckDB function, built on the Arrow adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from cleaner.adapters.arrow import clean_array, clean_table

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl

    from cleaner.clean.cleaner import Cleaner


def clean_polars(frame: pl.DataFrame, **options: Any) -> pl.DataFrame:
    """A Polars frame with its text column cleaned; the options are those of `clean_table`."""
    import polars as pl

    cleaned = pl.from_arrow(clean_table(frame.to_arrow(), **options))
    assert isinstance(cleaned, pl.DataFrame)
    return cleaned


def clean_pandas(frame: pd.DataFrame, **options: Any) -> pd.DataFrame:
    """A copy of a pandas frame with its text column cleaned; the options are those of `clean_table`.

    The index and all other columns are those of the frame. Values that are not text (None, NaN) stay as they are.
    """
    text = options.get("text", "text")
    used = [text, *(options[name] for name in ("url", "lang", "title") if options.get(name))]
    missing = [name for name in used if name not in frame.columns]
    columns = {name: _texts(frame[name]) for name in used if name not in missing}
    cleaned = clean_table(pa.table(columns), **options)
    result = frame.copy(deep=False)
    values = cleaned.column(text).to_pylist()
    result[text] = [new if isinstance(new, str) else old for new, old in zip(values, frame[text].tolist(), strict=True)]
    for name in cleaned.column_names:
        if name not in columns:
            result[name] = cleaned.column(name).to_pylist()
    return result


def _texts(series: pd.Series[Any]) -> pa.Array:
    return pa.array([value if isinstance(value, str) else None for value in series.tolist()], pa.large_string())


def register_duckdb(
    connection: duckdb.DuckDBPyConnection, name: str = "clean_text", cleaner: Cleaner | None = None
) -> None:
    """Make a function of SQL: ``SELECT clean_text(body) FROM articles``. NULL gives NULL."""

    def clean_text(texts: pa.ChunkedArray) -> pa.Array:
        return clean_array(texts.combine_chunks(), cleaner)

    connection.create_function(name, clean_text, ["VARCHAR"], "VARCHAR", type="arrow", null_handling="special")
