"""Parquet files joined by their footers are what Arrow would have written."""

from __future__ import annotations

import io
from typing import Any

import pytest

from cleaner.io import footer

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

WAYS: list[dict[str, Any]] = [
    {},
    {"compression": "zstd", "use_dictionary": False},
    {"write_page_index": True, "write_page_checksum": True, "sorting_columns": [pq.SortingColumn(0)]},
    {"version": "1.0", "data_page_version": "2.0", "use_byte_stream_split": ["ratio"], "use_dictionary": ["text"]},
]


def rows(first: int, count: int) -> Any:
    numbers = range(first, first + count)
    return pa.table(
        {
            "number": list(numbers),
            "text": [None if number % 7 == 0 else "Größe " * (number % 90) for number in numbers],
            "ratio": [number / 3 for number in numbers],
            "nested": [[{"k": "a", "v": number % 2 == 0}] * (number % 3) for number in numbers],
        }
    )


@pytest.mark.parametrize("ways", WAYS, ids=lambda ways: ",".join(ways) or "plain")
def test_files_are_joined(ways: dict[str, Any]) -> None:
    joined, groups, count, expected = io.BytesIO(footer.MAGIC), [], 0, []
    joined.seek(0, io.SEEK_END)
    for first, size in ((0, 700), (700, 3), (703, 1)):
        part = io.BytesIO()
        pq.write_table(rows(first, size), part, row_group_size=37, **ways)
        told, end = footer.read(part)
        assert footer.joined(told, *_groups(told, 0, 0))[: len(told)] == told, "a footer is written as it was read"
        more, _ = footer.moved(told, joined.tell() - 4, count)
        joined.write(part.getvalue()[4:end])
        groups += more
        count += len(more)
        expected.append(rows(first, size))
    joined.write(footer.joined(told, groups, count, 704))
    with pq.ParquetFile(joined) as file:
        assert file.metadata.num_row_groups == 21 and file.metadata.num_rows == 704
        assert file.read().equals(pa.concat_tables(expected))
        assert file.read_row_group(19).column("number").to_pylist() == [700, 701, 702]


def _groups(told: bytes, by: int, first: int) -> tuple[list[bytes], int, int]:
    groups, count = footer.moved(told, by, first)
    return groups, len(groups), count


@pytest.mark.parametrize("data", [b"", b"PAR1PAR1", b"PAR1" * 3, b"x" * 40, b"PAR1" + b"\xff" * 8 + b"PAR1"])
def test_what_is_no_parquet_file(data: bytes) -> None:
    with pytest.raises(ValueError, match="no Parquet file"):
        footer.read(io.BytesIO(data))


@pytest.mark.parametrize("number", [0, 1, -1, 300, 2**63 - 1, -(2**63)])
def test_numbers_have_64_bits(number: int) -> None:
    written = footer._written_fields({1: (footer._I64, number)})
    assert footer.struct(written) == ({1: (footer._I64, number)}, len(written))


def test_a_number_without_end_is_none() -> None:
    """Each further byte of it would take longer than the one before."""
    with pytest.raises(ValueError, match="more than 64 bits"):
        footer.struct(b"\x16" + b"\xff" * (1 << 24) + b"\1\0")
