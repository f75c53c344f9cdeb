"""How much the column chunks of Parquet files unpack to at most, found out before they are unpacked.

A few bytes can stand for gigabytes: by compression, by one long value of a dictionary that every row names, by values
that repeat the one before (DELTA_BYTE_ARRAY), by the length of a list. The sizes and encodings in a footer are
believed; what is not there is read from the headers of the pages, and from the dictionaries.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import IO, Any, Final, NamedTuple

from cleaner.io import footer
from cleaner.io.compression import check_ratio

_HEADERS: Final = (1 << 8, 1 << 12, 1 << 16, 1 << 24)
"""Bytes that the header of a page may take: mostly few, but it may hold two long values."""

_FIELDS: Final = (1, 2, 3)
"""Of the fields of a page's header: its type, the bytes of its content, and those of that in the file."""
_DICTIONARY: Final = 2
"""The type of a page that holds a dictionary."""

_NUMBER: Final = 8
"""Bytes of a number at most."""

_PREFIXED: Final = "DELTA_BYTE_ARRAY"
"""The encoding that stores of each value only what differs from the one before."""

_CODECS: Final = {"LZ4": "lz4_raw"}
"""What Arrow calls a codec that has another name in a footer."""


def packed_size(group: Any) -> int:
    """Bytes of a row group in its file."""
    return sum(group.column(at).total_compressed_size for at in range(group.num_columns))


def largest_row(stream: IO[bytes], group: Any, schema: Any, *, unpacked: int, packed: int, ratio: float) -> int:
    """Bytes that a row takes at most, of values that the file holds once for many rows.

    ``unpacked``: bytes that the row groups before it unpacked to; ``packed``: bytes of these and of its own in the
    file. Raises InputError where the row group cannot be unpacked within the ratio.
    """
    unpacked += group.total_byte_size
    check_ratio(unpacked, packed, ratio)
    row = 0
    for at in range(group.num_columns):
        chunk, column = group.column(at), schema.column(at)
        value = column.length or _NUMBER
        if chunk.physical_type == "BYTE_ARRAY":
            value = _longest(stream, chunk, packed, ratio)
        if not column.max_repetition_level:
            row += value
        elif _PREFIXED not in chunk.encodings:  # of those one cannot tell without unpacking them
            unpacked += chunk.num_values * value  # all may be one row's
            check_ratio(unpacked, packed, ratio)
    return row


def _longest(stream: IO[bytes], chunk: Any, packed: int, ratio: float) -> int:
    """Bytes of the longest value that a chunk of strings may hold once for many rows; where that cannot be told, those
    of all."""
    try:
        pages = _pages(stream, chunk)
        if _PREFIXED in chunk.encodings:
            return max(page.unpacked for page in pages)
        first = next(pages)
        if first.type != _DICTIONARY:
            return 0
        check_ratio(first.unpacked, packed, ratio)
        return _longest_of(_content(stream, first, chunk.compression))
    except (IndexError, KeyError, ValueError, TypeError, RecursionError, StopIteration):
        return int(chunk.total_uncompressed_size)


class _Page(NamedTuple):
    """A page of a chunk."""

    at: int
    """Where its content begins."""
    type: int
    unpacked: int
    """Bytes of its content."""
    packed: int
    """Bytes of that in the file."""


def _pages(stream: IO[bytes], chunk: Any) -> Iterator[_Page]:
    """The pages of a chunk. Raises IndexError, KeyError, ValueError, TypeError or RecursionError where one is none."""
    at = chunk.data_page_offset
    if chunk.dictionary_page_offset:
        at = min(at, chunk.dictionary_page_offset)
    end = at + chunk.total_compressed_size
    while at < end:
        header, size = _header(stream, at)
        page = _Page(at + size, *(header[number][1] for number in _FIELDS))
        yield page
        at = page.at + max(0, page.packed)


def _header(stream: IO[bytes], at: int) -> tuple[footer.Fields, int]:
    """The header of a page, and how many bytes it takes."""
    for size in _HEADERS:
        stream.seek(at)
        with contextlib.suppress(IndexError):
            return footer.struct(stream.read(size))
    raise IndexError


def _content(stream: IO[bytes], page: _Page, codec: str) -> bytes:
    """A page unpacked. Raises ValueError where that cannot be done."""
    import pyarrow as pa

    stream.seek(page.at)
    data = stream.read(page.packed)
    if codec == "UNCOMPRESSED":
        return data
    try:
        return bytes(pa.Codec(_CODECS.get(codec, codec.lower())).decompress(data, page.unpacked))
    except (OSError, pa.ArrowException) as error:
        raise ValueError(str(error)) from None


def _longest_of(values: bytes) -> int:
    """Bytes of the longest of some strings, each of which has its length before it."""
    longest = at = 0
    while at < len(values):
        size = int.from_bytes(values[at : at + 4], "little")
        longest = max(longest, size)
        at += 4 + size
    return longest
