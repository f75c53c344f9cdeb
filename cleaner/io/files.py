"""Files as streams of bytes, and what may be wrong with them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Final

from cleaner.errors import reason_of
from cleaner.io.records import Fault

STREAM: Final = "-"
"""The path that stands for standard input or output."""

BLOCK: Final = 1 << 18
"""Bytes asked of a file at once."""

BEGINNING: Final = 20
"""Leading bytes by which content is recognised."""


class InputError(Exception):
    """An input breaks off: what was read so far is good, the rest is lost. ``fault`` has the code and the reason."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = self.fault = Fault(code, reason)


def unreadable(error: OSError) -> InputError:
    """What an operating system's error means for an input. A folder is one where its content cannot be listed."""
    if error.filename and os.path.isdir(error.filename):
        reason = (
            f"the folder cannot be read, so nothing below it was: {reason_of(error)}; make it readable and try again"
        )
        return InputError("unreadable", reason)
    return InputError("unreadable", f"cannot be read: {reason_of(error)}")


def guarded_read(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces; an operating system's error on the way becomes an InputError."""
    try:
        yield from pieces
    except OSError as error:
        raise unreadable(error) from None


def beginning(data: bytes) -> bytes:
    """The first bytes of some content, behind blanks and a byte order mark."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n")[:BEGINNING]


def content(stream: Iterable[bytes], limit: int) -> bytes:
    """All of a stream as one string. Raises InputError where it is longer than ``limit`` bytes."""
    parts = []
    size = 0
    for block in stream:
        parts.append(block)
        size += len(block)
        if size > limit:
            raise InputError("too-large", f"longer than {limit:,} bytes: see --max-size")
    return b"".join(parts)


def lines(stream: Iterable[bytes], limit: int) -> Iterator[tuple[bytes, int]]:
    r"""The lines of a stream, each with its "\n" (the last may lack it), and their sizes in bytes.

    Of a line longer than ``limit`` bytes only the first ``limit + 1`` are kept in memory and yielded, without "\n".
    """
    carry: list[bytes] = []  # the unfinished line, as far as it is kept
    size = 0
    for block in stream:
        head, newline, rest = block.partition(b"\n")
        if size <= limit:
            carry.append(head)
        size += len(head)
        if not newline:
            continue
        yield _bounded(b"".join(carry), size, limit), size + 1
        *inner, tail = rest.split(b"\n")
        for line in inner:
            yield _bounded(line, len(line), limit), len(line) + 1
        carry, size = [tail], len(tail)
    if size:
        line = b"".join(carry)
        yield line[: limit + 1], size


def _bounded(line: bytes, size: int, limit: int) -> bytes:
    return line[: limit + 1] if size > limit else line + b"\n"
