"""WARC and WET archives: the documents among their records, by FastWARC.

Documents are converted texts (WET), what servers sent as plain text or as web pages, and pages that no server sent
(resources; a text among these is mostly what the crawler made of a page that is there too). Errors and redirects (any
status but 2xx) are none. Documents become rows with the fields id, url, date (of the archive's record), author,
published, lang, title and text, as far as they are known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import astuple, replace
from typing import Any, Final

from cleaner.document import Cleaned, Document
from cleaner.errors import UsageError
from cleaner.io import jsonrow
from cleaner.io.files import InputError
from cleaner.io.http import body
from cleaner.io.records import Fields, Item, Reading, Record, Reject, RowError, WebPage
from cleaner.io.removals import REMOVALS, as_json
from cleaner.io.textfile import codec, decode

_PAGES: Final = ("text/html", "application/xhtml+xml")
_BEHIND: Final = re.compile(r"[\s,;]")
"""What ends the type in a header, which may say it in any case, or twice."""
_BRACKETS: Final = re.compile(r"^<(.*)>$")
"""What the first versions of the format had around an address, and old Wgets still write."""
_LENGTH: Final = re.compile("[0-9]{1,18}")
"""What the length of a record looks like. FastWARC takes what does not for 0."""
_HEAD: Final = b"\r\n\r\n"
"""What ends the header of a record, and stands behind its content."""
BETWEEN: Final = _HEAD + b"WARC/1."
"""What stands between two records."""
_REMEMBERED: Final = 1 << 17
"""Bytes that can be read again: FastWARC has read on by less when it gives a record, or gives one up."""


class _Incomplete(RowError):
    """A record that is not all there: the archive breaks off in it, or is damaged."""


class _Stream:
    """Blocks of a file, from one of its bytes on, as a file to read; an error of theirs is kept, and ends it."""

    def __init__(self, blocks: Iterable[bytes], start: int) -> None:
        self._blocks = iter(blocks)
        self._ahead: list[tuple[bytes, int]] = [(b"", 0)]
        """Blocks that are to be read before others, the last first, and how many bytes of each have been read: a block
        can have 100 MB, whose rest is not to be copied each time."""
        self._last = b""
        """The last bytes that were read."""
        self._at = start
        self.error: InputError | None = None

    def read(self, size: int = -1) -> bytes:
        """Some bytes, at most ``size``; none at the end."""
        block, used = self._ahead.pop()
        while used == len(block) and self.error is None:
            try:
                block, used = self._ahead.pop() if self._ahead else (next(self._blocks), 0)
            except StopIteration:
                break
            except InputError as error:
                self.error = error
        data = block[used : used + size if size >= 0 else None]
        self._ahead.append((block, used + len(data)))
        self._last = (self._last + data)[-_REMEMBERED:]
        self._at += len(data)
        return data

    def find(self, what: bytes, start: int) -> int:
        """Where something stands among the last bytes from a place on; -1: nowhere."""
        before = self._at - len(self._last)
        found = self._last.find(what, max(0, start - before))
        return found + before if found >= 0 else -1

    def skip(self, start: int) -> bool:
        """Go to the next record behind a place among the last bytes, if there is one."""
        while (found := self.find(BETWEEN, start)) < 0:
            start = max(start, self._at - len(BETWEEN) + 1)
            if not self.read(_REMEMBERED // 2):
                return False
        found += len(_HEAD)
        self._ahead.append((self._last[found - self._at :], 0))
        self._last = self._last[: found - self._at]
        self._at = found
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """It cannot; part of what a file is."""
        raise OSError("a stream cannot be read again")

    def close(self) -> None:
        """Nothing to close."""

    def tell(self) -> int:
        """Which byte of the archive is the next."""
        return self._at


def read(stream: Iterable[bytes], reading: Reading) -> Iterator[Item]:
    """The documents of an archive, or of what is left of it; their numbers count its records, other than whole requests
    and metadata, from 1.

    A record that is no document is passed over, and counted: nothing stands for it. What cannot be read up to the next
    record is one reject; where the archive breaks off, so is the rest, in whatever record that is.
    """
    try:
        from fastwarc.warc import ArchiveIterator, WarcRecordType
    except ModuleNotFoundError:
        raise UsageError("WARC files need FastWARC: pip install 'cleaner[warc]'") from None
    kinds = (WarcRecordType.conversion, WarcRecordType.response, WarcRecordType.resource)
    file = _Stream(stream, reading.offset)
    number, end, broken = 0, 0, False  # ``end``: where the last record ends
    more = True
    while more:
        begin, why = file.tell(), ""
        try:
            for record in ArchiveIterator(file, parse_http=False):
                offset = record.stream_pos
                end = max(file.find(_HEAD, offset), offset) + record.content_length + 2 * len(_HEAD)
                item: Item | None = None
                broken = False
                try:
                    _check_length(record)
                    if record.record_type in kinds:
                        item = _item(record, offset, record.record_type == kinds[0], number + 1, reading)
                    if not item:
                        _check_end(record, record.reader.consume())
                except RowError as error:
                    broken = isinstance(error, _Incomplete)
                    fault = file.error.fault if broken and file.error else (error.code, error.reason)
                    item = Reject(number + 1, offset, *fault, error.id)
                if item is not None:
                    number += 1
                    yield item
        except BaseException as error:
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            why = f": {error}"
        else:
            if not file.error and not file.read(1):
                return
        end = max(begin, end)
        more = file.skip(end - len(_HEAD) + 1)  # not to the one that begins there
        if not broken:  # else this is the content of a record that has been told of
            damage = f"the archive cannot be read behind record {number}{why}"
            fault = ("damaged", f"{damage}; it goes on at the next") if more else ("damaged", damage)
            number += 1
            yield Reject(number, end, *(file.error.fault if file.error and not more else fault))
        broken = False


def _check_length(record: Any) -> None:
    """Raises _Incomplete where a record, whose content has not been touched, does not say how long that is."""
    headers = record.headers
    if not _LENGTH.fullmatch(headers.get("Content-Length") or ""):
        reason = "the record does not say how long it is: the archive breaks off in its header, or is damaged"
        raise _Incomplete("damaged", reason, headers.get("WARC-Record-ID"))


def _check_end(record: Any, size: int) -> None:
    """Raises _Incomplete if a record has fewer bytes, of which ``size`` were read, than it says."""
    if size < record.content_length:
        reason = f"the record ends after {size:,} of {record.content_length:,} bytes"
        raise _Incomplete("truncated", reason, record.headers.get("WARC-Record-ID"))


def _item(record: Any, offset: int, converted: bool, number: int, reading: Reading) -> Item:
    headers = record.headers
    id = headers.get("WARC-Record-ID")
    if record.is_http:
        try:
            record.parse_http()
        except OSError as error:  # some servers send longer headers than FastWARC reads; the next record is sound
            raise RowError("damaged", f"the header of the response cannot be read: {error}", id) from None
    size = record.content_length
    if size > reading.limits.size:
        _check_end(record, record.reader.consume())  # a wrong length may have swallowed the rest of the archive
        raise RowError("too-large", f"record longer than {reading.limits.size:,} bytes: see --max-size", id)
    said = "text/plain" if converted else record.http_content_type if record.is_http else headers.get("Content-Type")
    kind = _BEHIND.split((said or "").lower(), 1)[0]
    if kind not in _PAGES and (kind != "text/plain" or not (converted or record.is_http)):
        return b""
    if record.is_http and record.http_headers is not None and (record.http_headers.status_code or 200) // 100 != 2:
        return b""
    data = record.reader.read()
    _check_end(record, len(data))
    languages = headers.get("WARC-Identified-Content-Language") or ""  # one or more, the most spoken first
    url = _BRACKETS.sub(r"\1", headers.get("WARC-Target-URI") or "") or None
    known = Document("", id=id, url=url, lang=languages.split(",")[0] or None)
    if record.is_http and record.http_headers is not None:
        data = body(data, record.http_headers, reading.limits, id)
    page = None
    if kind in _PAGES:
        page = WebPage(data, record.http_charset)
    else:
        try:
            text, _ = decode(data, codec(record.http_charset) or reading.encoding)
        except InputError as error:
            raise RowError("bad-encoding", str(error), id) from None
        known = replace(known, text=text)
    return Record(known, number, offset, size, headers.get("WARC-Date"), page)


def check_names(fields: Fields, annotate: bool) -> None:
    """Raises UsageError where two fields of the rows that `render` writes would have one name."""
    names = Counter((*astuple(fields), "date", "author", "published", *[REMOVALS] * annotate))
    if twice := [name for name, count in names.items() if count > 1]:
        raise UsageError(
            f"WARC records would become rows with two fields {twice[0]!r}: choose another --text-field (--id-field, …)"
        )


def render(record: Record, cleaned: Cleaned, reading: Reading, annotate: bool) -> bytes:
    """A row with what is left of the record."""
    document, fields = record.document, reading.fields
    members = {
        fields.id: document.id,
        fields.url: document.url,
        "date": record.origin,
        "author": document.author,
        "published": document.date,
        fields.lang: document.lang,
        fields.title: document.title,
    }
    row = {name: value for name, value in members.items() if value is not None}
    written = jsonrow.dump({**row, fields.text: cleaned.text}) + b"\n"
    return jsonrow.append(written, REMOVALS, as_json(cleaned)) if annotate else written
