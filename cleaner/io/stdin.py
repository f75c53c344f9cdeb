"""Standard input: its bytes, and what its beginning tells before it is read."""

from __future__ import annotations

import contextlib
import io
import sys
from functools import cache
from math import inf
from typing import Any

from cleaner.errors import UsageError
from cleaner.io.compression import codec_shown, decompressed
from cleaner.io.files import BEGINNING, BLOCK, InputError, beginning


def standard_input() -> io.BufferedReader:
    """The bytes of standard input. Raises UsageError where it is closed."""
    if sys.stdin is None:
        raise UsageError("standard input is closed: name a file")
    return _with_beginning(sys.stdin.buffer)


def standard_content() -> tuple[str, bytes]:
    """The compression of standard input, "" for none, and the beginning of its content; all remains to be read. The
    beginning is shorter if no more has come yet, unless it may be a web page, and empty if too little has come to be
    decompressed. Raises UsageError."""
    data = standard_input().peek(1)
    codec = codec_shown(data)
    if codec:
        packed, data = data, b""
        with contextlib.suppress(InputError):  # whoever reads it will say so
            data = next(decompressed(iter([packed]), codec, inf), b"")
    return codec, beginning(data)


@cache
def _with_beginning(stream: io.BufferedReader) -> io.BufferedReader:
    """The stream, of which `peek` shows the beginning; the same one whenever it is asked for."""
    return io.BufferedReader(_WholeBeginning(stream), BLOCK)


class _WholeBeginning(io.RawIOBase):
    """A stream whose first read gives all that tells what it holds, even if that comes in several pieces."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream, self._fresh = stream, True

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()

    def readinto(self, buffer: Any, /) -> int:
        size = more = self._stream.readinto1(buffer)
        while self._fresh and more:
            began = beginning(bytes(buffer[:size]))
            if began and (len(began) == BEGINNING or not began.startswith(b"<")):
                break
            more = self._stream.readinto1(buffer[size:])
            size += more
        self._fresh = False
        return size
