"""Text files: the whole file is one document, written back in the encoding it came in."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from cleaner.document import Cleaned, Document, Removal, restore
from cleaner.io.files import InputError, content
from cleaner.io.records import Item, Limits, Record, Reject

SIDE_FILE: Final = ".removals.json"
"""What annotating appends to the name of a text file, for a file beside it."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks and what they announce."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a text was written: its encoding, and the byte order mark before it."""

    name: str = "utf-8"
    mark: bytes = b""

    def encode(self, text: str) -> bytes:
        """The text as it would have come. Raises UnicodeEncodeError."""
        return self.mark + text.encode(self.name)


def decode(data: bytes) -> tuple[str, Encoding]:
    """The text of a file and how it was written. Raises InputError.

    Encoding the text again gives the same bytes, always.
    """
    mark, name = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", "utf-8"))
    encoding = Encoding(name, mark)
    try:
        text = data[len(mark) :].decode(name)
    except UnicodeDecodeError as error:
        raise InputError("bad-encoding", f"invalid {name.upper()} at byte {len(mark) + error.start}") from None
    if encoding.encode(text) != data:
        raise InputError("bad-encoding", f"the text cannot be written back as {name}")
    return text, encoding


def read(stream: Iterable[bytes], name: str, limits: Limits) -> Iterator[Item]:
    """The one document of a file, whose name serves as its id."""
    try:
        data = content(stream, limits.size)
        text, encoding = decode(data)
    except InputError as error:
        yield Reject(1, 0, error.code, error.reason, name)
        return
    yield Record(Document(text, id=name), 1, 0, len(data), (data, encoding))


def render(record: Record, cleaned: Cleaned) -> bytes:
    """The cleaned text in the encoding of the record; the record's own bytes where nothing went."""
    data, encoding = record.origin
    assert isinstance(data, bytes) and isinstance(encoding, Encoding)
    return encoding.encode(cleaned.text) if cleaned.removals else data


def side_file(cleaned: Cleaned) -> bytes:
    """What goes beside an annotated text file, one removal a line."""
    rows = [
        json.dumps({"start": gone.start, "end": gone.end, "rule": gone.rule, "text": gone.text})
        for gone in cleaned.removals
    ]
    return ("[" + ",\n ".join(rows) + "]\n").encode()


def restored(data: bytes, side: bytes) -> bytes:
    """A cleaned file as it was, by the file beside it. Raises InputError."""
    text, encoding = decode(data)
    try:
        rows: list[dict[str, Any]] = json.loads(side)
        removals = tuple(Removal(row["start"], row["end"], row["rule"], row["text"], "") for row in rows)
        return encoding.encode(restore(Cleaned(text, removals)))
    except (ValueError, KeyError, TypeError):
        raise InputError("damaged", "the list of removals beside it is damaged") from None
