"""Undoing a run with ``--annotate``: its outputs become its inputs again."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import IO

from cleaner.batch.books import read_state
from cleaner.batch.inputs import BESIDE, REJECTED, Source
from cleaner.batch.plan import Plan, books_of, survey
from cleaner.errors import CleanerError, TargetError, UsageError
from cleaner.io import jsonlines, textfile
from cleaner.io.compression import MEMBER, blocks, compress
from cleaner.io.files import InputError, content, lines, unreadable
from cleaner.io.outputs import atomic_file, make_parents, writing
from cleaner.io.records import Limits, RowError
from cleaner.io.remote import exists, is_url, open_read

Failure = tuple[str, str]
"""Where the record is, and why it cannot be restored."""


def undo(plan: Plan, text_field: str, overwrite: bool, limits: Limits) -> Iterator[Failure]:
    """Restore all that a plan names; yields what cannot be. Raises UsageError, TargetError."""
    if is_url(plan.dst):
        raise UsageError(f"{plan.dst}: restore writes to local folders only")
    found = survey(plan)
    if found.existing and not overwrite:
        raise UsageError(f"{found.existing} exists: replace it with --overwrite")
    for source in plan.sources():
        try:
            with open_read(source.path) as file:
                if plan.streams:
                    with writing("standard output"):
                        yield from _undo(source, file, text_field, limits, sys.stdout.buffer)
                        sys.stdout.buffer.flush()
                else:
                    make_parents(source.target)
                    with writing(source.target), atomic_file(source.target) as out:
                        yield from _undo(source, file, text_field, limits, out)
        except (TargetError, BrokenPipeError):
            raise
        except InputError as error:
            yield source.location(1), error.reason
        except OSError as error:
            yield source.location(1), unreadable(error).reason


def missing(plan: Plan) -> str:
    """What a run has not written of its inputs, as it says itself; for a message, empty if that is nothing."""
    state, rejects = None, plan.src + BESIDE
    if plan.single is None:
        books = books_of(plan.src)
        rejects = os.path.join(books, REJECTED)
        with contextlib.suppress(CleanerError):  # damaged books tell nothing
            state = read_state(books)
    if state and not state.finished:
        return "what the run has not come to, which is unfinished"
    if state.tally.rejected if state else plan.single and exists(rejects):
        return f"what the run set aside: see {rejects}"
    return ""


def _undo(source: Source, file: IO[bytes], field: str, limits: Limits, out: IO[bytes]) -> Iterator[Failure]:
    """Restore one file. JSON lines that cannot be restored are left out; other files are restored whole or not at all.

    Raises InputError.
    """
    if source.format.columnar:
        from cleaner.io import parquet

        parquet.restore(source.path, field, out, limits.ratio)
        return
    stream = blocks(file, source.codec, limits.ratio)
    if not source.format.rows:
        side = _side_of(source)
        out.write(compress(textfile.restored(content(stream, limits.size), side), source.target_codec))
        return
    held: list[bytes] = []
    size = 0
    for number, (line, _) in enumerate(lines(stream, sys.maxsize), 1):
        try:
            held.append(jsonlines.restored(line, field))
        except RowError as error:
            yield source.location(number), error.reason
            continue
        size += len(held[-1])
        if size >= MEMBER:
            out.write(compress(b"".join(held), source.target_codec))
            held, size = [], 0
    out.write(compress(b"".join(held), source.target_codec))


def _side_of(source: Source) -> bytes:
    """The file beside an annotated text. Raises InputError."""
    try:
        with open_read(source.path + textfile.SIDE_FILE) as file:
            return file.read()
    except OSError:
        reason = f"has no {textfile.SIDE_FILE} beside it that a run with --annotate wrote"
        raise InputError("unreadable", reason) from None
