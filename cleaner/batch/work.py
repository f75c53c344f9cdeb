"""The work on one shard: read its records, clean them in batches, write the part of the output that it makes.

A worker touches no file of the target: it writes parts into a folder of its own, and the main process places them.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from cleaner.batch.deadline import Deadline, TooSlow
from cleaner.batch.intake import batches, items_of, with_raw
from cleaner.batch.job import Announce, Job, Outcome
from cleaner.batch.options import RunOptions
from cleaner.batch.part import Part, Reached
from cleaner.batch.samples import take
from cleaner.batch.shards import Shard
from cleaner.document import Cleaned, Document
from cleaner.errors import UsageError
from cleaner.io import dolma
from cleaner.io.pages import extracted
from cleaner.io.records import Fault, Record, Reject, RowError, WebPage
from cleaner.io.textfile import side_file

if TYPE_CHECKING:
    from cleaner.clean.cleaner import Cleaner

_BATCH: Final = 256
"""Most records cleaned at once."""


def warm_up(cleaner: Cleaner) -> None:
    """Load what the first document would load, and hide it from the garbage collector of this process, which would
    otherwise visit all rules again and again."""
    for _ in cleaner.clean_many([Document("")]):
        pass
    gc.freeze()


def work(job: Job, cleaner: Cleaner, options: RunOptions, announce: Announce = lambda number: None) -> Outcome:
    """Do a job, and announce how it goes on. Raises TargetError.

    If anything goes wrong within a batch, the shard is continued record by record, to find out which one it was.
    """

    def announce_on(news: int | Reached) -> None:
        nonlocal job
        if isinstance(news, Reached):
            job = replace(job, reached=news)
        announce(news)

    if not job.careful:
        with contextlib.suppress(Exception, TooSlow):
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
                found.append(_reject(record, error.fault))
        announce(0)
        with Deadline(options.reading.limits.seconds):
            cleaned = iter([*cleaner.clean_many([item.document for item in found if isinstance(item, Record)])])
        return [(item, next(cleaned)) if isinstance(item, Record) else item for item in found]

    return clean


def _one_by_one(job: Job, cleaner: Cleaner, options: RunOptions, announce: Announce) -> Clean:
    read = _reader(job, options)

    def clean(records: list[Record]) -> Iterable[Done]:
        for record in records:
            if record.number in job.skip:
                yield _reject(record, job.skip[record.number])
                continue
            announce(record.number)
            try:
                found = read(record)
                with Deadline(options.reading.limits.seconds):
                    (cleaned,) = cleaner.clean_many([found.document])
                yield found, cleaned
            except TooSlow:
                yield _reject(
                    record, Fault("too-slow", f"took more than {options.reading.limits.seconds:g} s to clean")
                )
            except RowError as error:
                yield _reject(record, error.fault)
            except (ImportError, UsageError):  # no fault of the record
                raise
            except Exception as error:
                yield _reject(record, Fault("error", f"cleaning failed: {type(error).__name__}: {error}"))

    return clean


def _reader(job: Job, options: RunOptions) -> Callable[[Record], Record]:
    """What takes the text of records that are pages, in the time that a document has. It raises RowError."""
    reading = options.reading.at(job.shard.source.name, job.shard.start)

    def read(record: Record) -> Record:
        if record.page is None:
            return record
        _warm_up_for_pages(options)
        with Deadline(options.reading.limits.seconds):
            return extracted(record, reading)

    return read


@cache
def _warm_up_for_pages(options: RunOptions) -> None:
    """Load what the first page would load, which may take longer than a document has."""
    with contextlib.suppress(RowError):
        extracted(Record(Document(""), 1, 0, 0, page=WebPage("<p>A page.</p>")), options.reading)


def _reject(record: Record, fault: Fault) -> Reject:
    return Reject(record.number, record.offset, *fault, record.document.id)


def _pass(job: Job, clean: Clean, options: RunOptions, announce: Announce) -> Outcome:
    """Read, clean and write the shard once."""
    shard, format = job.shard, job.shard.source.format
    items = items_of(job, options, announce)
    with _part_of(job, options) as part:
        records = job.reached.number if job.reached else 0
        for batch in batches(items, 1 if job.careful else _BATCH):
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
                    part.reject(with_raw(reject, job, options.reading.limits.size))
                    if options.attributes:
                        part.write(dolma.blank(item))
            announce(0)  # what goes wrong in reading on is no fault of the last record
        part.finish(whole=shard.alone, nothing=not format.rows and part.tally.rejected > 0)
    part.tally.trim()
    return Outcome(records, part.size, part.tally, tuple(part.first), part.side, tuple(part.samples))


def _part_of(job: Job, options: RunOptions) -> Part:
    """Where the output of a job goes."""
    shard, format = job.shard, job.shard.source.format
    reading = options.reading.at(shard.source.name, job.start)
    if format.columnar:
        from cleaner.batch.columns import ParquetPart

        return ParquetPart(job.part, shard, reading, options.annotate)

    def render(record: Record, cleaned: Cleaned) -> bytes:
        if options.attributes:
            return dolma.render(record, cleaned)
        return format.render(record, cleaned, reading, options.annotate)

    return Part(job.part, shard.source.target_codec, render, job.reached)


def _finished(record: Record, cleaned: Cleaned, part: Part, shard: Shard, options: RunOptions) -> Reject | None:
    """Write a record, or say why not."""
    if cleaned.guarded and options.on_guard == "set-aside":
        return _reject(record, Fault("guarded", "the rules would take more of it than the guard lets them"))
    try:
        annotated = options.annotate and not shard.source.format.rows
        beside = side_file(record, cleaned, shard.source.target, utf8=options.reading.utf8) if annotated else b""
        part.put(record, cleaned)
    except RowError as error:
        return _reject(record, error.fault)
    if beside:
        part.beside(beside)
    part.tally.add(record, cleaned)
    take(part.samples, shard.source.name, record, cleaned)
    return None
