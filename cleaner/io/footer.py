"""Footers of Parquet files, so that files can be joined without their row groups being read.

A footer is a tree of numbered fields in Thrift's compact form, described in `parquet.thrift`_. Of its fields only those
are known here that change when row groups move to another place of another file; the rest is carried over.

.. _parquet.thrift: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import IO, Any, Final

MAGIC: Final = b"PAR1"
"""What a Parquet file begins and ends with."""

_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)

_NUM_ROWS, _ROW_GROUPS = 3, 4
"""Fields of a file's metadata ..."""
_COLUMNS, _GROUP_ROWS, _GROUP_OFFSET, _ORDINAL = 1, 3, 5, 7
"""... of a row group ..."""
_CHUNK_OFFSETS, _CHUNK_METADATA = (2, 4, 6), 3
"""... of a column chunk: itself, its offset index, its column index; and its metadata ..."""
_PAGE_OFFSETS: Final = (9, 10, 11, 14)
"""... and of that: data, index and dictionary pages, Bloom filter."""

_BITS: Final = 64
"""Bits of a number at most. Without a bound, a hostile file could hold one that takes hours to add up."""

_ORDINALS: Final = 1 << 15
"""Row groups that can have a number; it is left out for the rest."""

Fields = dict[int, tuple[int, Any]]
"""A struct: number of a field -> type and value, ascending. Lists are pairs of type and values."""


class _Reader:
    """Values one after the other. Raises IndexError or ValueError where the bytes make no sense."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def size(self) -> int:
        """Bytes that have been read."""
        return self._at

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
            if shift > _BITS:
                raise ValueError(f"a number of more than {_BITS} bits")
        return value | byte << shift

    def _integer(self) -> int:
        value = self._varint()
        return value >> 1 ^ -(value & 1)

    def _bytes(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at]

    def fields(self) -> Fields:
        """A struct."""
        found: Fields = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._integer()
            type = head & 15
            found[number] = type, None if type in (_TRUE, _FALSE) else self.value(type)
        return found

    def value(self, type: int) -> Any:
        """A value of a type; of a list or set, the type of its items and the items."""
        if type in (_I16, _I32, _I64):
            return self._integer()
        if type == _BINARY:
            return self._bytes(self._varint())
        if type == _STRUCT:
            return self.fields()
        if type in (_LIST, _SET):
            head = self._byte()
            size = self._varint() if head >> 4 == 15 else head >> 4
            return head & 15, [self.value(head & 15) for _ in range(size)]
        if type in (_TRUE, _FALSE, _BYTE):
            return self._byte()
        if type == _DOUBLE:
            return self._bytes(8)
        raise ValueError(f"type {type} has no place in a footer")


class _Raw(bytes):
    """Bytes of a value that is written already."""


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _integer(value: int) -> bytes:
    return _varint(value << 1 ^ value >> 63)


def _written(type: int, value: Any) -> bytes:
    """The inverse of `_Reader.value`."""
    if isinstance(value, _Raw):
        return value
    if type in (_I16, _I32, _I64):
        return _integer(value)
    if type == _BINARY:
        return _varint(len(value)) + bytes(value)
    if type == _STRUCT:
        return _written_fields(value)
    if type in (_LIST, _SET):
        of, items = value
        return _list_head(of, len(items)) + b"".join(_written(of, item) for item in items)
    return value if type == _DOUBLE else bytes([value])


def _list_head(of: int, size: int) -> bytes:
    return bytes([size << 4 | of]) if size < 15 else bytes([0xF0 | of]) + _varint(size)


def _written_fields(fields: Fields) -> bytes:
    parts = []
    before = 0
    for number, (type, value) in fields.items():
        near = 0 < number - before < 16
        parts.append(bytes([number - before << 4 | type]) if near else bytes([type]) + _integer(number))
        if type not in (_TRUE, _FALSE):
            parts.append(_written(type, value))
        before = number
    return b"".join(parts) + b"\0"


def struct(data: bytes) -> tuple[Fields, int]:
    """The struct that bytes begin with, and how many of them it takes. Raises IndexError, ValueError."""
    reader = _Reader(data)
    return reader.fields(), reader.size


def read(file: IO[bytes]) -> tuple[bytes, int]:
    """The footer of a file, and how many bytes lie before it. Raises ValueError where the file has none."""
    size = file.seek(0, os.SEEK_END)
    if size >= 3 * len(MAGIC):
        file.seek(size - 8)
        tail = file.read(8)
        start = size - 8 - int.from_bytes(tail[:4], "little")
        if tail[4:] == MAGIC and start >= len(MAGIC):
            file.seek(start)
            return file.read(size - 8 - start), start
    raise ValueError("no Parquet file")


def moved(footer: bytes, by: int, first: int) -> tuple[list[bytes], int]:
    """The row groups of a footer, written anew for a place so many bytes further on, and how many rows they hold.

    ``first`` is the number of row groups before them there.
    """
    _, groups = _Reader(footer).fields()[_ROW_GROUPS][1]
    for number, group in enumerate(groups, first):
        _shift(group, (_GROUP_OFFSET,), by)
        if _ORDINAL in group:
            group[_ORDINAL] = _I16, number
        if number >= _ORDINALS:
            group.pop(_ORDINAL, None)
        for chunk in group[_COLUMNS][1][1]:
            _shift(chunk, _CHUNK_OFFSETS, by)
            if _CHUNK_METADATA in chunk:
                _shift(chunk[_CHUNK_METADATA][1], _PAGE_OFFSETS, by)
    return [_written_fields(group) for group in groups], sum(group[_GROUP_ROWS][1] for group in groups)


def _shift(fields: Fields, numbers: Sequence[int], by: int) -> None:
    """Move offsets; zero stands for none."""
    for number in numbers:
        if number in fields and fields[number][1]:
            type, value = fields[number]
            fields[number] = type, value + by


def joined(empty: bytes, groups: Sequence[bytes], count: int, rows: int) -> bytes:
    """The end of a file: the footer of an empty one with these row groups in it, its length, and the magic.

    ``groups`` are the row groups as `moved` gives them, in pieces of any size; ``count`` is their number.
    """
    fields = _Reader(empty).fields()
    fields[_NUM_ROWS] = _I64, rows
    fields[_ROW_GROUPS] = _LIST, _Raw(_list_head(_STRUCT, count) + b"".join(groups))
    footer = _written_fields(fields)
    return footer + len(footer).to_bytes(4, "little") + MAGIC
