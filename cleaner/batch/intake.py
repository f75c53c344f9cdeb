"""What a job reads: the bytes of its shard, and the records in them."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from mmap import ACCESS_READ, mmap
from typing import IO, Final

from cleaner.batch.job import Announce, Job
from cleaner.batch.options import RunOptions
from cleaner.batch.shards import after
from cleaner.io.compression import blocks
from cleaner.io.files import STREAM, InputError, guarded_read, unreadable
from cleaner.io.records import Item, Record, Reject
from cleaner.io.remote import open_read

_BATCH_BYTES: Final = 2_000_000
"""Bytes of records after which a batch is full."""

_BETWEEN: Final = 100
"""Most bytes of what stands between two records."""

_HEARTBEAT: Final = 1.0
"""Seconds of reading after which a worker tells that it is alive."""


def items_of(job: Job, options: RunOptions, announce: Announce) -> Iterator[Item]:
    """What a job is to read, in its order; one reject for where the input breaks off."""
    source = job.shard.source
    reading = options.reading.at(source.name, job.start)
    if source.format.columnar:
        from cleaner.batch.columns import items

        return _until(job, items(job.shard, reading))
    found = source.format.read(_content(job, options, announce), reading)
    return _until(job, _renumbered(job.reached.number, found) if job.reached else found)


def batches(stream: Iterator[Item], most: int) -> Iterator[list[Item]]:
    """The items in lists that are bounded in number and in bytes."""
    batch: list[Item] = []
    size = 0
    for item in stream:
        batch.append(item)
        size += _weight(item)
        if len(batch) >= most or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _weight(item: Item) -> int:
    """Bytes that an item takes, about."""
    if isinstance(item, Record):
        return item.size + len(item.page.html) if item.page else item.size
    return len(item) if isinstance(item, bytes) else 100


def with_raw(reject: Reject, job: Job, most: int) -> Reject:
    """The reject, and with it the record itself where that came by standard input, which cannot be read again. A record
    that cannot be found, or is longer than one may be, as the rest of an archive is, is left out."""
    shard = job.shard
    if shard.source.path != STREAM or (job.until and reject.number > job.until[0]):
        return reject
    format = shard.source.format
    data = b""
    if shard.data:
        data = _first(shard.data, reject.offset - shard.start, format.between, most) if format.rows else shard.data
    elif shard.kept and reject.offset < os.path.getsize(shard.kept):
        with open(shard.kept, "rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            data = _first(content, reject.offset, format.between, most)
    return replace(reject, raw=data.decode("utf-8", "surrogateescape")) if data else reject


def _first(data: bytes | mmap, at: int, between: re.Pattern[bytes], most: int) -> bytes:
    """The record that begins at a place; nothing of one that is longer than ``most``."""
    found = between.search(data, at, at + most + _BETWEEN)
    end = found.start() if found else len(data)
    return data[at:end] if end - at <= most else b""


def _until(job: Job, items: Iterator[Item]) -> Iterator[Item]:
    """The items up to the last that is to be read, and one reject for all that follow."""
    if job.until is None:
        yield from items
        return
    last, fault = job.until
    source = job.shard.source
    number, offset = (job.reached.number if job.reached else 0), job.shard.row if source.format.columnar else job.start
    while number < last and (item := next(items, None)) is not None:
        yield item
        if not isinstance(item, bytes):
            number, offset = item.number, item.offset
    yield Reject(number + 1, offset, *fault, None if source.format.rows else source.name)


def _renumbered(number: int, items: Iterator[Item]) -> Iterator[Item]:
    """The same items, numbered on from a record."""
    return (item if isinstance(item, bytes) else replace(item, number=number + item.number) for item in items)


def _with_heartbeat(pieces: Iterator[bytes], announce: Announce) -> Iterator[bytes]:
    """The same pieces; announces now and then that reading goes on, as an input without documents may be long, or its
    source slow."""
    announced = time.monotonic()
    for piece in pieces:
        if time.monotonic() - announced >= _HEARTBEAT:
            announce(0)
            announced = time.monotonic()
        yield piece


def _content(job: Job, options: RunOptions, announce: Announce) -> Iterator[bytes]:
    """The bytes of a shard, decompressed. Raises InputError where they break off."""
    shard = job.shard
    if shard.data is None:
        yield from _read(job, options, announce)
    else:
        yield shard.data[job.start - shard.start :]
    if shard.broken:
        raise InputError(*shard.broken)


def _read(job: Job, options: RunOptions, announce: Announce) -> Iterator[bytes]:
    shard, source = job.shard, job.shard.source
    try:
        file = open_read(shard.kept or source.path)
    except OSError as error:
        raise unreadable(error) from None
    with file:
        if shard.end is None:
            stream = blocks(file, source.codec, options.reading.limits.ratio, source.format.begins)
            yield from after(_with_heartbeat(stream, announce), job.start)
        else:
            file.seek(job.start)
            yield from _with_heartbeat(guarded_read(_range(file, shard.end - job.start)), announce)


def _range(file: IO[bytes], size: int) -> Iterator[bytes]:
    while size > 0 and (block := file.read(min(size, 1 << 20))):
        size -= len(block)
        yield block
    if size:
        raise InputError("truncated", f"the file became {size:,} bytes shorter while it was read")
