"""The records of a WARC archive, whoever wrote it: their headers and their content, by the stream.

Why not by FastWARC: of names in lower case, which the standard allows, it knows neither type nor length; it takes a
record without a length for an empty one; and where it reads lines that end in LF alone (its ``quirks_mode``), it passes
over what it cannot read without a word. warcio says nothing of an archive whose last gzip member breaks off. No record
may go missing, so one would have to find out behind their backs what they left out: that took more code than to read
the records, which are a header and a length, and no less time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cleaner.io.compression import Gap
from cleaner.io.files import InputError
from cleaner.io.header import END, LONGEST, Header

_VERSION: Final = re.compile(rb"WARC/[0-9]+\.[0-9]+[ \t]*\r?\n", re.IGNORECASE)
"""The first line of a record."""
_WRITTEN: Final = re.compile(rb"[^\r\n]")
"""Where a blank line has ended."""
BETWEEN: Final = re.compile(rb"(?:\r?\n){2}(?=WARC/[0-9])", re.IGNORECASE)
"""What stands between two records ..."""
_SPAN: Final = len(b"\r\n\r\nWARC/1")
"""... and the bytes by which it is told."""
_LENGTH: Final = re.compile("[0-9]{1,18}")
"""What the length of a record looks like."""


def begins_as_archive(began: bytes) -> bool:
    """Whether what begins so is a web archive, whatever its name or for want of one."""
    return began[:5].upper() == b"WARC/"


@dataclass(frozen=True, slots=True)
class Head:
    """The header of a record."""

    offset: int
    """Byte of the archive at which the record begins."""
    fields: Header

    @property
    def length(self) -> int | None:
        """Bytes of the content; None where the header does not say."""
        length = self.fields.get("Content-Length")
        return int(length) if length and _LENGTH.fullmatch(length) else None


class Archive:
    """Blocks of an archive, from one of its bytes on, to be read record by record; an error of theirs is kept, and
    ends it, as does a gap, behind which it may be resumed."""

    def __init__(self, blocks: Iterable[bytes], start: int) -> None:
        self._blocks = iter(blocks)
        self._ahead = b""
        """The last block, and what was left of those before it: a block can have 100 MB, which is not to be copied each
        time."""
        self._used = 0
        """Bytes of it that have been read."""
        self._start = start
        self.left = 0
        """Bytes of the present record's content that are to come, unless the archive breaks off."""
        self.error: InputError | None = None
        self._gap = False
        """Whether more comes behind the error."""

    def tell(self) -> int:
        """Which byte of the archive is the next."""
        return self._start + self._used

    def more(self) -> bool:
        """Go over blank lines; whether anything comes behind them."""
        while (written := _WRITTEN.search(self._ahead, self._used)) is None:
            self._used = len(self._ahead)
            if not self._fetch():
                return False
        self._used = written.start()
        return True

    def resume(self) -> bool:
        """Go on behind an error, if more comes there."""
        resumed, self._gap = self._gap, False
        if resumed:
            self._start, self._ahead, self._used = self._start + len(self._ahead), b"", 0
            self.left, self.error = 0, None
        return resumed

    def head(self) -> Head | None:
        """The header that comes next, be it whole or not; None, and nothing is read, where none comes, or one that is
        longer than headers are."""
        offset, size = self.tell(), self._header(LONGEST)
        if not size and len(self._ahead) - self._used >= LONGEST:
            return None
        begins = _VERSION.match(self._ahead, self._used)
        if begins is None and (size or not b"WARC/".startswith(self._ahead[self._used : self._used + 5].upper())):
            return None
        head = Head(offset, Header(self._ahead[self._used : self._used + size]))
        self._used = self._used + size if size else len(self._ahead)
        self.left = head.length or 0
        return head

    def header(self) -> bytes:
        """The header with which the record's content begins, up to its content; at most `LONGEST` bytes, or all, where
        it has no end."""
        most = min(self.left, LONGEST)
        return self.read(self._header(most) or most)

    def _header(self, most: int) -> int:
        """Have the header that comes next ahead; returns how many bytes it has, 0 where it does not end within so many
        bytes, or the archive does before."""
        while (end := END.search(self._ahead, self._used, self._used + most)) is None:
            if len(self._ahead) - self._used >= most or not self._fetch():
                return 0
        return end.end() - self._used

    def read(self, size: int | None = None) -> bytes:
        """The next bytes of the record's content, by default all; fewer where that ends, or the archive breaks off."""
        wanted = self.left if size is None else min(size, self.left)
        parts = []
        while wanted and (self._used < len(self._ahead) or self._fetch()):
            part = self._ahead[self._used : self._used + wanted]
            parts.append(part)
            self._used += len(part)
            self.left -= len(part)
            wanted -= len(part)
        return b"".join(parts)

    def leave(self) -> int:
        """Pass over what is left of the record's content; returns how many bytes of it are missing."""
        while self.left and (self._used < len(self._ahead) or self._fetch()):
            here = min(self.left, len(self._ahead) - self._used)
            self._used += here
            self.left -= here
        missing, self.left = self.left, 0
        return missing

    def find(self) -> bool:
        """Go to the next record that has a blank line before it, if there is one."""
        while (found := BETWEEN.search(self._ahead, self._used)) is None:
            self._used = max(self._used, len(self._ahead) - _SPAN)
            if not self._fetch():
                self._used = len(self._ahead)
                return False
        self._used = found.end()
        return True

    def _fetch(self) -> bool:
        """Have another block ahead, if there is one."""
        if self.error:
            return False
        try:
            block = next(self._blocks, None)
        except InputError as error:
            self.error = error
            return False
        if isinstance(block, Gap):
            self.error, self._gap = block.error, True
            return False
        if block is None:
            return False
        left = self._ahead[self._used :]
        self._start += self._used
        self._ahead, self._used = left + block if left else block, 0
        return True
