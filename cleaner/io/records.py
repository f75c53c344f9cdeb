"""What the formats read: records, and the ones that cannot be read.

An *item* of an input is a `Record`, a `Reject`, or plain bytes that are copied, as they are no record: a blank line, or
b"" for a record of an archive that holds no document.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from math import inf
from typing import Any, Final, NamedTuple

from cleaner.document import Document
from cleaner.errors import RecordError, UsageError
from cleaner.options import Extractor, PageForm

MEGABYTE: Final = 1_000_000

_LEAST: Final = 0.001
"""Seconds. An alarm that comes sooner than it can be turned off again stops all work."""

_CENTURY: Final = 100 * 365 * 24 * 3600
"""Seconds. No clock of an operating system takes numbers without end."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Names of the fields of a row that make up its document. Only ``text`` is required."""

    text: str = "text"
    id: str = "id"
    url: str = "url"
    lang: str = "lang"
    title: str = "title"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits beyond which a record or file is set aside, so that no single one can stop a run."""

    size: int = 128 * MEGABYTE
    """Bytes of one record, decompressed: a row, or a whole text file."""
    seconds: float = 60.0
    """Time to clean one document."""
    ratio: float = 200.0
    """Decompressed over compressed size of a file; articles reach 20. Deflate cannot pass 1,032, other codecs can."""

    def __post_init__(self) -> None:
        if not _LEAST <= self.seconds <= _CENTURY:
            raise UsageError(f"--max-seconds is a number from {_LEAST} on, such as 0.5 or 60, not {self.seconds:g}")
        if not 1 <= self.ratio < inf:  # the books, which are JSON, have no word for it
            raise UsageError(f"--max-ratio is a number from 1 on, such as 200, not {self.ratio:g}")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader is told about an input, and how to read it."""

    name: str = ""
    """Name of the file, which serves as the id of a document that has no other."""
    offset: int = 0
    """Where in the file the content begins that is read (Parquet: row group)."""
    encoding: str | None = None
    """Encoding of text files that are not UTF-8; None: it is detected."""
    utf8: bool = False
    """Write text files as UTF-8, whatever they were."""
    html_field: str | None = None
    """Field of a row with a web page, whose text goes into the text field."""
    extractor: Extractor = "trafilatura"
    """What finds the text of a web page."""
    to: PageForm = "text"
    """What the text of a web page is written as."""
    fields: Fields = field(default_factory=Fields)
    more: tuple[str, ...] = ()
    """Names of other fields of a row, whose values are wanted beside the document."""
    limits: Limits = field(default_factory=Limits)

    def at(self, name: str, offset: int) -> Reading:
        """The same for a file of this name, from a place in it on."""
        return replace(self, name=name, offset=offset)


@dataclass(frozen=True, slots=True)
class WebPage:
    """A web page as it came. Taking its text is the slow part of reading, and the dangerous one."""

    html: bytes | str
    charset: str | None = None
    """What HTTP said of its encoding."""


@dataclass(frozen=True, slots=True)
class Record:
    """One document of an input, and what it takes to write it back."""

    document: Document
    """Of a page only what is known without reading it: see `pages.extracted`."""
    number: int
    """Which record of its input, or which line for JSON lines, from 1."""
    offset: int
    """Where it begins: byte of the decompressed input (Parquet: row of the file)."""
    size: int
    """Bytes of its text as it came."""
    origin: Any = None
    """What its own format needs to write it back; nobody else looks at it."""
    page: WebPage | None = None
    """What the document is still to be taken from, where that is a web page."""
    more: tuple[str | None, ...] = ()
    """Of a row: the values of the fields that `Reading.more` names, as `metadata_text` has them."""


class Fault(NamedTuple):
    """What is wrong with a record or an input."""

    code: str
    """The kind of fault, to count by: a key of `CODES`."""
    reason: str
    """One sentence for people."""


@dataclass(frozen=True, slots=True)
class Reject:
    """One record that was set aside: where it is, counted as for a `Record`, and why."""

    number: int
    offset: int
    code: str
    reason: str
    """What is wrong with it: see `Fault`."""
    id: str | None = None
    raw: str | None = None
    """The record as it came, where there is no file to find it in: UTF-8, other bytes as `surrogateescape` has them."""
    written_id: bytes | None = None
    """The value of the field ``id`` as its row has it, where that was read no further."""


def metadata_text(value: object) -> str | None:
    """A value of a row's metadata as text: a string, a whole number, or a date, which Parquet has, too. None for
    anything else, and for an empty string."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


class RowError(RecordError):
    """A record that cannot be read or written; ``fault`` has the code and the reason, ``id`` that of the document where
    the error is all that is known of it."""

    def __init__(self, code: str, reason: str, id: str | None = None) -> None:
        super().__init__(reason)
        self.code, self.reason = self.fault = Fault(code, reason)
        self.id = id


CODES: Final = {
    "unreadable": "read",
    "truncated": "read",
    "damaged": "read",
    "bomb": "read",
    "too-large": "read",
    "bad-encoding": "parse",
    "bad-json": "parse",
    "bad-record": "parse",
    "no-text": "parse",
    "not-a-string": "parse",
    "field-taken": "parse",
    "too-deep": "extract",
    "no-content": "extract",
    "too-slow": "clean",
    "killed": "clean",
    "error": "clean",
    "guarded": "clean",
    "unwritable": "write",
}
"""Kind of fault -> the stage at which it shows."""

Item = Record | Reject | bytes
