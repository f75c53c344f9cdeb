"""The work on one shard: read its records, clean them in batches, write the part of the output that it makes.

A worker touches no file of the target: it writes parts into a folder of its own, and the main process places them.
"""

from __future__ import annotations

import contextlib
import gc
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from mmap import ACCESS_READ, mmap
from types import FrameType
from typing import IO, TYPE_CHECKING, Final

from cleaner.batch.options import RunOptions
from cleaner.batch.part import Part, Reached
from cleaner.batch.samples import Sample, take
from cleaner.batch.shards import Shard, after
from cleaner.batch.tally import Tally
from cleaner.document import Cleaned, Document
from cleaner.errors import UsageError
from cleaner.io import dolma
from cleaner.io.files import STREAM, InputError, blocks, guarded_read, unreadable
from cleaner.io.pages import extracted
from cleaner.io.records import Item, Record, Reject, RowError, WebPage
from cleaner.io.remote import open_read
from cleaner.io.textfile import side_file

if TYPE_CHECKING:
    from cleaner.clean.cleaner import Cleaner

_BATCH: Final = 256
"""Most records cleaned at once."""

_BATCH_BYTES: Final = 2_000_000
"""Bytes of records after which a batch is full."""

_BETWEEN: Final = 100
"""Most bytes by which the end of a record is told."""

_PULSE: Final = 1.0
"""Seconds of reading after which a worker says that it lives."""


class _TooSlow(BaseException):
    """The time for some documents is over. Not an Exception, so that no handler on the way swallows it."""


@dataclass(frozen=True, slots=True)
class Job:
    """One shard to work on."""

    shard: Shard
    part: str
    """Path of the part to write."""
    careful: bool = False
    """Clean one document after the other, and say which before each."""
    skip: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    """Records, by number, that are not to be tried again: code and reason."""
    until: tuple[int, str, str] | None = None
    """Number of the last record to read (0: read none), and code and reason of the reject for all that follows."""
    reached: Reached | None = None
    """Where to go on with a part that another process has left."""

    @property
    def start(self) -> int:
        """Where to begin in the input."""
        return self.reached.offset if self.reached else self.shard.start


Jobs = tuple[Job, ...]
"""Small ones together, as they are handed out."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one shard."""

    records: int
    """Records, or lines for JSON lines, that the shard holds."""
    size: int
    """Bytes of its part; -1: there is no part, since nothing of the input can be written."""
    tally: Tally
    rejects: tuple[Reject, ...]
    """The first of them, with numbers counted within the shard."""
    side: bool = False
    """Whether a side file stands beside the part."""
    samples: tuple[Sample, ...] = ()
    """Some documents that it changed, to be shown."""


Announce = Callable[[int | Reached], None]


def settle(cleaner: Cleaner) -> None:
    """Load what the first document would load, and hide it from the garbage collector of this process, which would
    otherwise visit all rules again and again."""
    for _ in cleaner.clean_many([Document("")]):
        pass
    gc.freeze()


def work(job: Job, cleaner: Cleaner, options: RunOptions, announce: Announce = lambda number: None) -> Outcome:
    """Do a job. ``announce`` is called with the number of each record before it is worked on, 0 for none in particular,
    and with each place from which another process could continue.

    If anything goes wrong within a batch, the shard is continued record by record, to find out which one it was.
    Raises TargetError.
    """

    def announce_on(news: int | Reached) -> None:
        nonlocal job
        if isinstance(news, Reached):
            job = replace(job, reached=news)
        announce(news)

    if not job.careful:
        with contextlib.suppress(Exception, _TooSlow):
            return _pass(job, _all_at_once(job, cleaner, options, announce_on), options, announce_on)
    return _pass(job, _one_by_one(job, cleaner, options, announce_on), options, announce_on)


Done = tuple[Record, Cleaned] | Reject
Clean = Callable[[list[Record]], Iterable[Done]]
"""What becomes of records, in their order."""


def _all_at_once(job: Job, cleaner: Cleaner, options: RunOptions, announce: Announce) -> Clean:
    read = _reader(job, options)

    def clean(records: list[Record]) -> Iterable[Done]:
        found: list[Record | Reject] = []
        for record in records:
            if record.page:
                announce(0)
            try:
                found.append(read(record))
            except RowError as error:
                found.append(_reject(record, error.code, error.reason))
        announce(0)
        with _TimeBound(options.reading.limits.seconds):
            cleaned = iter([*cleaner.clean_many([item.document for item in found if isinstance(item, Record)])])
        return [(item, next(cleaned)) if isinstance(item, Record) else item for item in found]

    return clean


def _one_by_one(job: Job, cleaner: Cleaner, options: RunOptions, announce: Announce) -> Clean:
    read = _reader(job, options)

    def clean(records: list[Record]) -> Iterable[Done]:
        for record in records:
            if record.number in job.skip:
                yield _reject(record, *job.skip[record.number])
                continue
            announce(record.number)
            try:
                found = read(record)
                with _TimeBound(options.reading.limits.seconds):
                    (cleaned,) = cleaner.clean_many([found.document])
                yield found, cleaned
            except _TooSlow:
                yield _reject(record, "too-slow", f"took more than {options.reading.limits.seconds:g} s to clean")
            except RowError as error:
                yield _reject(record, error.code, error.reason)
            except (ImportError, UsageError):  # no fault of the record
                raise
            except Exception as error:
                yield _reject(record, "error", f"cleaning failed: {type(error).__name__}: {error}")

    return clean


def _reader(job: Job, options: RunOptions) -> Callable[[Record], Record]:
    """What takes the text of records that are pages, in the time that a document has. It raises RowError."""
    reading = options.reading.at(job.shard.source.name, job.shard.start)

    def read(record: Record) -> Record:
        if record.page is None:
            return record
        _settle_for_pages(options)
        with _TimeBound(options.reading.limits.seconds):
            return extracted(record, reading)

    return read


@cache
def _settle_for_pages(options: RunOptions) -> None:
    """Load what the first page would load, which may take longer than a document has."""
    with contextlib.suppress(RowError):
        extracted(Record(Document(""), 1, 0, 0, page=WebPage("<p>A page.</p>")), options.reading)


def _reject(record: Record, code: str, reason: str) -> Reject:
    return Reject(record.number, record.offset, code, reason, record.document.id)


class _TimeBound:
    """Raises _TooSlow within its block when the time is over, where the system can (main thread, POSIX)."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._able = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()

    def __enter__(self) -> None:
        if self._able:
            self._before = signal.signal(signal.SIGALRM, _over)
            # Again and again, for what is raised within a callback of the garbage collector goes no further.
            signal.setitimer(signal.ITIMER_REAL, self._seconds, self._seconds)

    def __exit__(self, *error: object) -> None:
        if self._able:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before)


def _over(signum: int, frame: FrameType | None) -> None:
    if frame is None or frame.f_code not in _BEYOND:
        raise _TooSlow


_BEYOND: Final = tuple(each.__code__ for each in (_TimeBound.__enter__, _TimeBound.__exit__, _over))
"""Code that an alarm must not interrupt: the timer would stay on, and nothing would catch what it raises next."""


def _pass(job: Job, clean: Clean, options: RunOptions, announce: Announce) -> Outcome:
    """Read, clean and write the shard once."""
    shard, format = job.shard, job.shard.source.format
    stream, part = _ends(job, options, announce)
    with part:
        records = job.reached.number if job.reached else 0
        for batch in _batches(stream, 1 if job.careful else _BATCH):
            results = iter(clean([item for item in batch if isinstance(item, Record)]))
            for item in batch:
                if isinstance(item, bytes):
                    part.write(item)
                    part.tally.passed += not item
                    records += 1
                    continue
                if reached := part.reached(item.number, item.offset):
                    announce(reached)
                records = item.number
                if job.careful and isinstance(item, Reject):
                    announce(records)
                part.tally.read += 1
                done = item if isinstance(item, Reject) else next(results)
                reject = done if isinstance(done, Reject) else _finished(*done, part, shard, options)
                if reject:
                    part.reject(_with_raw(reject, job, options.reading.limits.size))
                    if options.attributes:
                        part.write(dolma.blank(item))
            announce(0)  # what goes wrong in reading on is no fault of the last record
        part.finish(whole=shard.alone, nothing=not format.rows and part.tally.rejected > 0)
    part.tally.trim()
    return Outcome(records, part.size, part.tally, tuple(part.first), part.side, tuple(part.samples))


def _ends(job: Job, options: RunOptions, announce: Announce) -> tuple[Iterator[Item], Part]:
    """Where the records of a job come from, and where they go."""
    shard, format = job.shard, job.shard.source.format
    reading = options.reading.at(shard.source.name, job.start)
    if format.columnar:
        from cleaner.batch.columns import ParquetPart, items

        return _until(job, items(shard, reading)), ParquetPart(job.part, shard, reading, options.annotate)

    def render(record: Record, cleaned: Cleaned) -> bytes:
        if options.attributes:
            return dolma.render(record, cleaned)
        return format.render(record, cleaned, reading, options.annotate)

    stream = format.read(_content(job, options, announce), reading)
    if job.reached:
        stream = _behind(job.reached.number, stream)
    return _until(job, stream), Part(job.part, shard.source.target_codec, render, job.reached)


def _until(job: Job, items: Iterator[Item]) -> Iterator[Item]:
    """The items that are to be read, and one reject for what is not."""
    if job.until is None:
        yield from items
        return
    last, code, reason = job.until
    number, offset = (job.reached.number if job.reached else 0), job.start
    while number < last and (item := next(items, None)) is not None:
        yield item
        if not isinstance(item, bytes):
            number, offset = item.number, item.offset
    source = job.shard.source
    yield Reject(number + 1, offset, code, reason, None if source.format.rows else source.name)


def _behind(number: int, items: Iterator[Item]) -> Iterator[Item]:
    """The same items, with the numbers that they have behind so many records."""
    return (item if isinstance(item, bytes) else replace(item, number=number + item.number) for item in items)


def _finished(record: Record, cleaned: Cleaned, part: Part, shard: Shard, options: RunOptions) -> Reject | None:
    """Write a record, or say why not."""
    if cleaned.guarded and options.on_guard == "set-aside":
        return _reject(record, "guarded", "the rules would take more of it than the guard lets them")
    try:
        annotated = options.annotate and not shard.source.format.rows
        beside = side_file(record, cleaned, shard.source.target, utf8=options.reading.utf8) if annotated else b""
        part.put(record, cleaned)
    except RowError as error:
        return _reject(record, error.code, error.reason)
    if beside:
        part.beside(beside)
    part.tally.add(record, cleaned)
    take(part.samples, shard.source.name, record, cleaned)
    return None


def _with_raw(reject: Reject, job: Job, most: int) -> Reject:
    """A reject of standard input, which cannot be read again, with its record; but not if that is longer than a record
    may be, as the rest of an archive is, or cannot be found."""
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


def _batches(stream: Iterator[Item], most: int) -> Iterator[list[Item]]:
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
    if not isinstance(item, Record):
        return 100
    return item.size + len(item.page.html) if item.page else item.size


def _audible(pieces: Iterator[bytes], announce: Announce) -> Iterator[bytes]:
    """The same pieces, with a sign of life now and then: an input without documents may be long, or its source slow."""
    announced = time.monotonic()
    for piece in pieces:
        if time.monotonic() - announced >= _PULSE:
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
            stream = _audible(blocks(file, source.codec, options.reading.limits.ratio), announce)
            yield from after(stream, job.start)
        else:
            file.seek(job.start)
            yield from _audible(guarded_read(_range(file, shard.end - job.start)), announce)


def _range(file: IO[bytes], size: int) -> Iterator[bytes]:
    while size > 0 and (block := file.read(min(size, 1 << 20))):
        size -= len(block)
        yield block
    if size:
        raise InputError("truncated", f"the file became {size:,} bytes shorter while it was read")
