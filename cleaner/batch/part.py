"""The piece of an output that a shard makes, with its rejects and, if asked for, its removals in files beside it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import IO, Final

from cleaner.batch.samples import Sample
from cleaner.batch.tally import Tally
from cleaner.document import Cleaned
from cleaner.io.compression import MEMBER, compress
from cleaner.io.outputs import writing
from cleaner.io.records import Record, Reject

_SHOWN: Final = 20
"""Rejects that are kept in memory, for messages; all of them are in the file."""

_REJECTS: Final = ".rejected"
"""Suffix of the file of a part's rejects."""

SIDE: Final = ".side"
"""Suffix of what is to lie beside an annotated text."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far the part of a shard has been written, so that another process can go on from there."""

    number: int
    """Records before it."""
    offset: int
    """Where the next one begins."""
    size: int
    """Bytes of the part."""
    rejected: int
    """Bytes of its file of rejects."""
    tally: Tally
    first: tuple[Reject, ...]
    samples: tuple[Sample, ...]


class Part:
    """Takes what is to be written of one shard, and what is set aside. Raises TargetError.

    ``codec`` is the compression. ``render`` turns a cleaned record into bytes, in formats whose records are bytes. A
    part that another process left unfinished is continued from what it had ``reached``.
    """

    def __init__(
        self,
        path: str,
        codec: str,
        render: Callable[[Record, Cleaned], bytes] | None = None,
        reached: Reached | None = None,
    ) -> None:
        begin = reached or Reached(0, 0, -1, 0, Tally(), (), ())  # which has no file yet
        self.tally = deepcopy(begin.tally) if reached else begin.tally  # it may be continued more than once
        self.first = [*begin.first]
        """The first of the rejects."""
        self.size = begin.size
        """Bytes of the file; -1: there is none."""
        self.side = False
        self.samples = [*begin.samples]
        self._path = path
        self._codec = codec
        self._render = render
        self._buffer: list[bytes] = []
        self._held = 0
        self._files = contextlib.ExitStack()
        self._file: IO[bytes] | None = None
        self._rejects: IO[bytes] | None = None
        for suffix, size in (("", begin.size), (_REJECTS, begin.rejected), (SIDE, 0)):  # of a pass that went wrong
            with writing(path), contextlib.suppress(FileNotFoundError):
                if size > 0:
                    os.truncate(path + suffix, size)
                else:
                    os.unlink(path + suffix)
        if reached:
            with writing(path):
                self._file, self._rejects = self._open(""), self._open(_REJECTS)

    def __enter__(self) -> Part:
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(OSError):  # of a part that is not finished, which nobody will read
            self._files.close()

    def put(self, record: Record, cleaned: Cleaned) -> None:
        """Write one record. Raises RowError, and nothing is written then."""
        assert self._render
        self.write(self._render(record, cleaned))

    def write(self, data: bytes) -> None:
        """Append bytes to the output."""
        self._buffer.append(data)
        self._held += len(data)
        if self._held >= MEMBER:
            self._flush()

    def reached(self, number: int, offset: int) -> Reached | None:
        """How far the part has got before a record; None while some of what came before is held in memory."""
        if self._held or self._file is None:
            return None
        with writing(self._path):
            self._file.flush()
            rejected = 0
            if self._rejects is not None:
                self._rejects.flush()
                rejected = self._rejects.tell()
        samples = tuple(self.samples)
        return Reached(number - 1, offset, self.size, rejected, deepcopy(self.tally), tuple(self.first), samples)

    def beside(self, data: bytes) -> None:
        """Write a file beside the output."""
        with writing(self._path), open(self._path + SIDE, "wb") as file:
            file.write(data)
        self.side = True

    def reject(self, reject: Reject) -> None:
        """Set one record aside."""
        self.tally.reject(reject.code)
        if len(self.first) < _SHOWN:
            self.first.append(replace(reject, raw=None))
        row = [reject.number, reject.offset, reject.code, reject.reason, reject.id, reject.raw]
        with writing(self._path):
            if self._rejects is None:
                self._rejects = self._open(_REJECTS)
            self._rejects.write(json.dumps(row).encode() + b"\n")

    def finish(self, whole: bool, nothing: bool) -> None:
        """Write what is held and close the files.

        ``whole``: the part is the whole output, and so a file even if it is empty. ``nothing``: no file at all is to be
        made, as where the one document of an input was set aside.
        """
        if not nothing:
            self.size = max(self.size, 0)
            if self._held or (whole and self._file is None):
                self._flush()
        self.tally.bytes_out = max(self.size, 0)
        with writing(self._path):
            self._files.close()

    def _open(self, suffix: str) -> IO[bytes]:
        return self._files.enter_context(open(self._path + suffix, "ab"))

    def _flush(self) -> None:
        data = compress(b"".join(self._buffer), self._codec)
        self._buffer, self._held = [], 0
        with writing(self._path):
            if self._file is None:
                self._file = self._open("")
            self._file.write(data)
        self.size = max(self.size, 0) + len(data)


def rejects_of(path: str) -> Iterator[Reject]:
    """The rejects of a finished part, in their order; their file is gone when all have been given."""
    with contextlib.suppress(FileNotFoundError), open(path + _REJECTS, encoding="utf-8") as file:
        for line in file:
            yield Reject(*json.loads(line))
        os.unlink(file.name)
