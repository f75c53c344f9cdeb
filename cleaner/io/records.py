"""What the formats read: records, and the ones that cannot be read.

An *item* of an input is a `Record`, a `Reject`, or plain bytes that are no record and are copied (a blank line).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from cleaner.document import Document

MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Fields:
    """Names of the fields of a row that make its document. A row need not have any but ``text``."""

    text: str = "text"
    id: str = "id"
    url: str = "url"
    lang: str = "lang"
    title: str = "title"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds past which an input is set aside, so that no single one can stop a run."""

    size: int = 128 * MEGABYTE
    """Bytes of one record, decompressed: a row, or a whole text file."""
    seconds: float = 60.0
    """Time to clean one document."""
    ratio: float = 200.0
    """Decompressed over compressed size of a file; articles reach 20. Deflate cannot pass 1,032, other codecs can."""


@dataclass(frozen=True, slots=True)
class Record:
    """One document of an input, and what it takes to write it back."""

    document: Document
    number: int
    """Which record of its input, or which line for JSON lines, from 1."""
    offset: int
    """Where it begins: byte of the decompressed input (Parquet: row of the file)."""
    size: int
    """Bytes of its text as it came."""
    origin: Any = None
    """What its own format needs to write it back; nobody else looks at it."""


@dataclass(frozen=True, slots=True)
class Reject:
    """One record that was set aside: where it stands, and why."""

    number: int
    offset: int
    code: str
    """The kind of fault, to count by: a key of `CODES`."""
    reason: str
    """One sentence for people."""
    id: str | None = None


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
    "no-content": "extract",
    "too-slow": "clean",
    "killed": "clean",
    "error": "clean",
    "guarded": "clean",
    "unwritable": "write",
}
"""Kind of fault -> the stage at which it shows."""

Item = Record | Reject | bytes
