"""Inputs cut into shards of similar size, which are processed separately and joined in order.

Where the cuts lie depends on the inputs alone, never on the number of workers, and so do the bytes of the outputs.
"""

from __future__ import annotations

import os
import select
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import IO, Final
from zlib import crc32

from cleaner.batch.inputs import Source
from cleaner.errors import CleanerError
from cleaner.io.compression import blocks, codec_shown, unpacked
from cleaner.io.files import BEGINNING, BLOCK, STREAM, InputError, content, unreadable
from cleaner.io.outputs import writing
from cleaner.io.records import Fault, Limits
from cleaner.io.remote import open_read
from cleaner.io.stdin import standard_input

SHARD: Final = 8_000_000
"""Bytes of a shard, about."""

_UNPACKED_WHOLE: Final = 8_000_000
"""Bytes of a compressed file up to which it is one shard, unpacked where it is worked on. Larger ones are unpacked here
and cut."""

FILES: Final = 200
"""Most files in one group."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A piece of one input that can be worked on by itself."""

    source: Source
    start: int = 0
    """Its first byte, decompressed (Parquet: row group)."""
    end: int | None = None
    """Behind its last byte; None: all that follows."""
    last: bool = True
    """Whether nothing of the input comes after it."""
    data: bytes | None = None
    """Its content, where it has been read already."""
    broken: Fault | None = None
    """Why the input broke off after this content, if it did."""
    kept: str | None = None
    """File with its content, where that came by standard input and is not to be held in memory."""
    used: int = 0
    """Bytes of the file that have been read when it is done, for progress; of the last shard, all."""
    crc: int | None = None
    """CRC-32 of all content up to its end, where that comes by standard input and is not the last."""
    row: int = 0
    """Parquet: rows of the file before it."""

    @property
    def alone(self) -> bool:
        """Whether it is the whole input."""
        return self.start == 0 and self.last


def groups(
    sources: Iterable[tuple[Source, int, int | None]], limits: Limits, folder: str
) -> Iterator[tuple[Shard, ...]]:
    """The shards of all inputs in their order, small inputs together. With each input comes where to begin in it, and
    the CRC-32 of what stands before, if it is known.

    ``folder`` is for what must be kept meanwhile. Raises CleanerError where standard input is not what it was.
    """
    group: list[Shard] = []
    size = 0
    for source, start, crc in sources:
        large = start > 0 or _is_large(source)
        if group and (large or size + source.size > SHARD or len(group) >= FILES):
            yield tuple(group)
            group, size = [], 0
        if large:
            for shard in cut(source, start, limits, folder, crc):
                yield (shard,)
        else:
            group.append(Shard(source))
            size += source.size
    if group:
        yield tuple(group)


def _is_large(source: Source) -> bool:
    if source.path == STREAM:
        return True
    if source.format.columnar:
        return source.size > SHARD
    return source.format.splits and source.size > (_UNPACKED_WHOLE if source.codec else SHARD)


def cut(source: Source, start: int, limits: Limits, folder: str, crc: int | None = None) -> Iterator[Shard]:
    """The shards of one large input from a byte of its content on. See `groups`."""
    if source.path == STREAM:
        archive = source.format.rows and not source.format.splits
        stream = unpacked(_standard_input(), limits.ratio)
        yield from [_keep(source, stream, folder)] if archive else _cut_stream(source, stream, limits, start, crc)
        return
    if source.format.columnar:
        yield from _cut_groups(source, start)
        return
    try:
        with open_read(source.path) as file:
            codec = source.codec or codec_shown(file.read(BEGINNING))
            file.seek(0)
            pieces = (
                _cut_stream(source, blocks(file, codec, limits.ratio), limits, start)
                if codec
                else _cut_file(source, file, start)
            )
            for shard in pieces:
                yield replace(shard, used=file.tell())
                start = shard.end or start
    except OSError as error:
        yield Shard(source, start, data=b"", broken=unreadable(error).fault)


def _cut_groups(source: Source, start: int) -> Iterator[Shard]:
    """The runs of row groups of a Parquet file, from one of them on."""
    from cleaner.io.parquet import group_sizes

    try:
        sizes = group_sizes(source.path)
    except InputError as error:
        yield Shard(source, start, broken=error.fault)
        return
    held, row = 0, sum(rows for _, rows in sizes[:start])
    behind = row
    for at, (size, rows) in enumerate(sizes[start:], start + 1):
        held, behind = held + size, behind + rows
        if held >= SHARD and at < len(sizes):
            yield Shard(source, start, at, last=False, used=source.size * at // len(sizes), row=row)
            start, held, row = at, 0, behind
    yield Shard(source, start, len(sizes), row=row)


def _cut_file(source: Source, file: IO[bytes], start: int) -> Iterator[Shard]:
    """The ranges of an uncompressed file, up to the size that it had when the run was planned."""
    while True:
        end = start + SHARD
        file.seek(end)
        while end < source.size and (block := file.read(BLOCK)):
            newline = block.find(b"\n")
            if newline >= 0:
                end += newline + 1
                break
            end += len(block)
        if end >= source.size:
            yield Shard(source, start, source.size)
            return
        yield Shard(source, start, end, last=False)
        start = end


def _keep(source: Source, stream: Iterator[bytes], folder: str) -> Shard:
    """An archive that comes by standard input: it is as large as it likes, so it is read from a file like others."""
    path = os.path.join(folder, "standard-input")
    with writing(path), open(path, "wb") as file:
        try:
            file.writelines(stream)
        except InputError as error:
            return Shard(source, broken=error.fault, kept=path)
    return Shard(source, kept=path)


def _cut_stream(
    source: Source, stream: Iterator[bytes], limits: Limits, start: int, crc: int | None = None
) -> Iterator[Shard]:
    """The shards of a content that can only be read from its beginning. What lies before ``start`` is passed over."""
    begin = start
    data = b""
    broken = None
    try:
        if source.format.splits:
            least = 1 if source.path == STREAM else SHARD
            left = _Summed(after(stream, start, crc), start, crc)
            for data, size in _pieces(left, least, limits.size):
                end = begin + size
                yield Shard(
                    source, begin, end, last=False, data=data, crc=left.crc(end) if source.path == STREAM else None
                )
                begin = end
                data = b""
        else:
            data = content(stream, limits.size)
    except _Broken as error:
        data, broken = error.rest, error.fault
    except InputError as error:
        broken = error.fault
    yield Shard(source, begin, data=data, broken=broken)


class _Broken(InputError):
    """An input broke off behind some bytes that belong to no piece yet."""

    def __init__(self, error: InputError, rest: bytes) -> None:
        super().__init__(*error.fault)
        self.rest = rest


def _pieces(stream: Iterator[bytes], least: int, limit: int) -> Iterator[tuple[bytes, int]]:
    """A content cut at line breaks into pieces of ``least`` bytes or more, each with the bytes that it covers.

    Of a line longer than ``limit`` only the first ``limit + 1`` bytes are kept, as a piece of their own.
    """
    parts: list[bytes] = []
    size = 0
    try:
        for block in stream:
            parts.append(block)
            size += len(block)
            if size < least or (b"\n" not in block and size <= SHARD + limit):
                continue
            head, newline, tail = b"".join(parts).rpartition(b"\n")
            if newline:
                yield head + newline, size - len(tail)
            else:
                dropped, tail = _drop_line(stream)
                yield b"".join(parts)[: limit + 1], size + dropped
                head, newline, tail = tail.rpartition(b"\n")
                if newline:  # each piece ends in the block that was read last, unless it is to be a large one
                    yield head + newline, len(head) + 1
            parts, size = [tail], len(tail)
    except InputError as error:
        raise _Broken(error, b"".join(parts)) from None
    if size:
        yield b"".join(parts), size


def _drop_line(stream: Iterator[bytes]) -> tuple[int, bytes]:
    """Read on to the end of the line: the bytes passed over, and what was read behind it."""
    dropped = 0
    for block in stream:
        head, newline, tail = block.partition(b"\n")
        dropped += len(head) + len(newline)
        if newline:
            return dropped, tail
    return dropped, b""


class _Summed:
    """A content from ``start`` on, with the CRC-32 of all of it as far as it has been taken; ``crc`` is that of what
    stands before."""

    def __init__(self, stream: Iterator[bytes], start: int, crc: int | None) -> None:
        self._stream = stream
        self._before, self._crc = start, crc or 0  # bytes before the block that was taken last, and their CRC-32
        self._block = b""

    def __iter__(self) -> _Summed:
        return self

    def __next__(self) -> bytes:
        self._before, self._crc = self._before + len(self._block), crc32(self._block, self._crc)
        self._block = b""  # it is counted, also where none follows
        self._block = next(self._stream)
        return self._block

    def crc(self, end: int) -> int:
        """CRC-32 of the content up to a place in the block that was taken last."""
        return crc32(memoryview(self._block)[: end - self._before], self._crc)


def after(stream: Iterator[bytes], start: int, crc: int | None = None) -> Iterator[bytes]:
    """A content without its first ``start`` bytes. Raises CleanerError where it is shorter, or where these have another
    CRC-32 than the one given."""
    passed = 0
    for block in stream:
        if start and crc is not None:
            passed = crc32(memoryview(block)[:start], passed)
            if start <= len(block) and passed != crc:
                raise CleanerError(
                    "the input is not the one that the run was stopped in: give the same again, "
                    "or start over with --overwrite"
                )
        if start < len(block) or not (start or block):  # an empty one may stand for a gap
            yield block[start:] if start else block
        start = max(0, start - len(block))
    if start:
        raise CleanerError("the input ends before the place where the run stopped: give all of it again")


def _standard_input() -> Iterator[bytes]:
    """Standard input as it comes: a block is what is there, so that slow input is not held back for long."""
    file = standard_input()
    while block := file.read1(BLOCK):
        parts = [block]
        size = len(block)
        while size < SHARD and select.select([file], [], [], 0.02)[0] and (block := file.read1(BLOCK)):
            parts.append(block)
            size += len(block)
        yield b"".join(parts)
