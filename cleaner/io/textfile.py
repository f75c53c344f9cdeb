"""Text files: the whole file is one document, written back in the encoding it came in."""

from __future__ import annotations

import codecs
import contextlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from cleaner.document import Cleaned, Document, restore
from cleaner.io import jsonrow
from cleaner.io.files import InputError, content
from cleaner.io.records import Item, Reading, Record, Reject, RowError
from cleaner.io.remote import too_long
from cleaner.io.removals import REMOVALS, as_json, from_rows
from cleaner.text.marks import MARKS

SIDE_FILE: Final = ".removals.json"
"""What annotating appends to the name of a text file, for a file beside it."""

_TELLING: Final = 64
"""Bytes below which a text tells nothing of its encoding."""

_SAMPLE: Final = 100_000
"""Bytes by which an encoding is detected."""

_WHOLE: Final = re.compile(rb"[\0-/]")
"""Bytes that are whole characters in all encodings that are detected; half of another one may look like a letter."""

_COMMON: Final = "cp1252"
"""The commonest encoding that is not UTF-8."""

_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1a]")
"""What no text holds. Some hold an escape (1B), by which terminals colour what they show."""

_MISREAD: Final = re.compile("[\x00-\x08\x0e-\x1b]")
"""What a text is full of that is in another encoding than it was read in: zeros of UTF-16, shifts and escapes of ISO
2022."""

_ORDERED: Final = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}
"""What names mean that leave the order of bytes to a mark, where there is none; as browsers take them."""

_NO_TEXT: Final = ("idna", "punycode", "raw-unicode-escape", "unicode-escape")
"""Codecs for names of hosts and for sources of Python. Punycode takes the square of a text's time."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a text was written: its encoding, the byte order mark before it, and whether its lines end in CR alone, as
    on old Macintoshes. A text has LF for them, so that it has lines."""

    name: str = "utf-8"
    mark: bytes = b""
    cr: bool = False

    def encode(self, text: str) -> bytes:
        """The text as it would have come. Raises UnicodeEncodeError."""
        return self.mark + (text.replace("\n", "\r") if self.cr else text).encode(self.name)

    def decode(self, data: bytes) -> str:
        """The inverse. Raises UnicodeDecodeError."""
        text = data[len(self.mark) :].decode(self.name)
        return text.replace("\r", "\n") if self.cr else text


def codec(label: str | None) -> str | None:
    """The codec that an encoding's label means; None for one that no text is in."""
    try:
        name = codecs.lookup(label or "").name
        " ".encode(name)  # some are no encodings of texts
    except (LookupError, ValueError):
        return None
    return None if name in _NO_TEXT else _ORDERED.get(name, name)


def decode(data: bytes, label: str | None = None) -> tuple[str, Encoding]:
    """The text of a file and how it was written: by its byte order mark, as UTF-8, as declared, or as detected.

    Bytes that pass for UTF-8 are read as declared if fewer of them then are control characters. A ``label`` that means
    nothing declares nothing. Encoding the text again gives the same bytes, always. Raises InputError.
    """
    declared = codec(label)
    mark, name = next(((mark, name) for mark, name in MARKS if data.startswith(mark)), (b"", "utf-8"))
    try:
        read = _decode(data, Encoding(name, mark))
    except UnicodeDecodeError as error:
        broken = InputError("bad-encoding", f"invalid {name.upper()} at byte {len(mark) + error.start}")
    else:
        return read if mark or declared is None else _less_odd(read, data, declared)
    if mark or declared == name:
        raise broken
    if declared is None:
        declared = _detect(data)
        if declared is None:
            raise InputError(broken.code, f"{broken.reason}: if it is in another encoding, --encoding names it")
    try:
        return _decode(data, Encoding(declared))
    except UnicodeError:
        raise InputError("bad-encoding", f"{broken.reason}, and not {declared} either") from None


def _less_odd(read: tuple[str, Encoding], data: bytes, declared: str) -> tuple[str, Encoding]:
    """What was read of the data as UTF-8; or as declared, where that can be read and holds fewer odd characters."""
    if odd := len(_MISREAD.findall(read[0])):
        with contextlib.suppress(UnicodeError, InputError):
            other = _decode(data, Encoding(declared))
            return other if len(_MISREAD.findall(other[0])) < odd else read
    return read


def _encoding(row: dict[str, Any]) -> Encoding:
    """An encoding, by its entry in a side file."""
    name = row["encoding"]
    return Encoding(name, {name: mark for mark, name in MARKS}[name] if row["mark"] else b"", "cr" in row)


def _decode(data: bytes, encoding: Encoding) -> tuple[str, Encoding]:
    text = encoding.decode(data)
    with contextlib.suppress(UnicodeError):  # some encodings read what they cannot write
        if encoding.name == "utf-8" or encoding.encode(text) == data:
            return text, encoding
    raise InputError("bad-encoding", f"the text cannot be written back as {encoding.name}")


def _detect(data: bytes) -> str | None:
    """The encoding of a text that is not UTF-8; None if it is unclear, or if it is damaged UTF-8."""
    sound = data.decode("utf-8", "ignore")
    damaged = len(data) - len(sound.encode())
    if len(data) < _TELLING or sum(char > "\x7f" for char in sound[:_SAMPLE]) > damaged:
        return None
    try:
        from charset_normalizer import from_bytes
    except ModuleNotFoundError:
        return None
    found = list(from_bytes(_sample(data)))
    if not found or _CONTROL.search(str(found[0])):
        return None
    best = [match for match in found if (match.chaos, match.coherence) == (found[0].chaos, found[0].coherence)]
    names = [name for match in best for name in match.could_be_from_charset]
    return _COMMON if _COMMON in names else found[0].encoding  # a tie goes to the commonest


def _sample(data: bytes) -> bytes:
    """The beginning of a text, cut between two characters where that can be told: half of one at its end would rule out
    the encoding that it is in."""
    start = data[:_SAMPLE]
    ends = [found.end() for found in _WHOLE.finditer(start, _SAMPLE // 2)] if len(start) < len(data) else []
    return start[: ends[-1]] if ends else start


def read(stream: Iterable[bytes], reading: Reading) -> Iterator[Item]:
    """The one document of a file, whose name serves as its id."""
    try:
        data = content(stream, reading.limits.size)
        text, encoding = decode(data, reading.encoding)
        if "\r" in text and "\n" not in text:
            encoding = replace(encoding, cr=True)
            text = encoding.decode(data)
    except InputError as error:
        yield Reject(1, 0, *error.fault, reading.name)
        return
    yield Record(Document(text, id=reading.name), 1, 0, len(data), (data, encoding))


def render(record: Record, cleaned: Cleaned, reading: Reading, annotate: bool) -> bytes:
    """The cleaned text in its original encoding; the original bytes if nothing was removed."""
    data, encoding = record.origin
    assert isinstance(data, bytes) and isinstance(encoding, Encoding)
    if reading.utf8 and encoding.name != "utf-8":
        return Encoding(cr=encoding.cr).encode(cleaned.text)
    return encoding.encode(cleaned.text) if cleaned.removals else data


def side_file(record: Record, cleaned: Cleaned, target: str, *, utf8: bool) -> bytes:
    """What goes beside an annotated text file: the encoding of the original, that of the cleaned file (UTF-8, if all
    are to be), the CRC-32 of the original, by which restoring it is verified, and the removals as a row has them.
    Raises RowError where no file can be beside it."""
    if too_long(target + SIDE_FILE):
        raise RowError("unwritable", f"its name is too long for a file with {SIDE_FILE} behind it")
    data, came = record.origin or (record.document.text.encode(), Encoding())  # the text of a page was no file
    written = Encoding(cr=came.cr) if utf8 and came.name != "utf-8" else came
    head: dict[str, Any] = {
        name: {"encoding": how.name, "mark": bool(how.mark), **({"cr": True} if how.cr else {})}
        for name, how in (("came", came), ("written", written))
    }
    head["crc32"] = zlib.crc32(data)
    return b'%s,"removals":%s}\n' % (json.dumps(head)[:-1].encode(), as_json(cleaned))


def restored(data: bytes, side: bytes) -> bytes:
    """A cleaned file as it was, by the file beside it. Raises InputError."""
    try:
        row = jsonrow.load(side)
        came, written = (_encoding(row[name]) for name in ("came", "written"))
        text = written.decode(data)
        original = came.encode(restore(Cleaned(text, from_rows(row[REMOVALS], text))))
        if zlib.crc32(original) != row["crc32"]:
            raise ValueError
    except (LookupError, ValueError, TypeError):
        reason = "it or the list of removals beside it was changed after the run, or is damaged"
        raise InputError("damaged", reason) from None
    return original
