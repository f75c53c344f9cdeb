"""WARC and WET archives: the documents among their records.

Documents are converted texts (WET), what servers sent as plain text or as web pages (where they did not say, what the
crawler took it for), and pages that no server sent (resources; a text among these is mostly what the crawler made of a
page that is there too). Errors and redirects (any status but 2xx) are none. Documents become rows with the fields id,
url, date (of the archive's record), author, published, lang, title and text, as far as they are known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import astuple, replace
from typing import Final

from cleaner.document import Cleaned, Document
from cleaner.errors import UsageError
from cleaner.io import jsonrow
from cleaner.io.archive import Archive, Head
from cleaner.io.files import InputError
from cleaner.io.http import body, charset_of, response
from cleaner.io.records import Fault, Fields, Item, Reading, Record, Reject, RowError, WebPage
from cleaner.io.removals import REMOVALS, as_json
from cleaner.io.textfile import codec, decode

_PAGES: Final = ("text/html", "application/xhtml+xml")
_TYPE_END: Final = re.compile(r"[\s,;]")
"""What ends the type in a header, which may say it in any case, or twice."""
_BRACKETS: Final = re.compile(r"^<(.*)>$")
"""What the first versions of the format had around an address, and old Wgets still write."""
_TYPES: Final = ("conversion", "response", "resource")
"""The records that may be documents."""


class _Incomplete(RowError):
    """A record that is not all there: the archive breaks off in it, or is damaged."""


def read(stream: Iterable[bytes], reading: Reading) -> Iterator[Item]:
    """The documents of an archive, or of what is left of it; their numbers count its records, other than whole requests
    and metadata, from 1.

    A record that is no document is passed over, and counted: nothing stands for it. What cannot be read up to the next
    record is one reject; where the archive breaks off, so is the rest, in whatever record that is, and where one of its
    gzip members is damaged, all up to the next sound one.
    """
    archive = Archive(stream, reading.offset)
    number = 0
    begun = False  # a record has come, be it one that counts or not
    broken = False  # what comes next may belong to a record that has been told of
    while True:
        if not archive.more():
            if archive.error and not broken:
                number += 1
                yield Reject(number, archive.tell(), *archive.error.fault)
            if not archive.resume():
                return
            broken = False
            continue
        offset, id = archive.tell(), None
        item: Item | None = None
        fault: Fault | None = None
        if head := archive.head():
            begun = True
            try:
                item, broken = _whole(archive, head, number + 1, reading), False
            except RowError as error:
                fault, id = error.fault, head.fields.get("WARC-Record-ID")
                broken = isinstance(error, _Incomplete)
        else:
            more = archive.find()
            if not broken:
                fault = Fault("damaged", _unreadable(number if begun else None, more))
            broken = not more
        if fault:
            item = Reject(number + 1, offset, *(archive.error.fault if broken and archive.error else fault), id)
        if item is not None:
            number += 1
            yield item


def _unreadable(number: int | None, more: bool) -> str:
    """What is wrong where no record comes next, behind this one or, with None, at the very beginning. ``more``: there
    is another one further on."""
    if number is None and not more:
        return "this is no WARC archive, whatever its name says: rename it"
    damage = (
        "the archive begins with no record" if number is None else f"the archive cannot be read behind record {number}"
    )
    return f"{damage}; it goes on at the next" if more else damage


def _whole(archive: Archive, head: Head, number: int, reading: Reading) -> Item | None:
    """What becomes of a record, all of whose content is read here or passed over. Raises RowError."""
    if head.length is None:
        reason = "the record does not say how long it is: the archive breaks off in its header, or is damaged"
        raise _Incomplete("damaged", reason)
    item, fault = None, None
    try:
        item = _item(archive, head, number, reading)
    except RowError as error:
        fault = error
    if missing := archive.leave():
        reason = f"the record ends after {head.length - missing:,} of {head.length:,} bytes"
        raise _Incomplete("truncated", reason)
    if fault:
        raise fault
    return item


def _item(archive: Archive, head: Head, number: int, reading: Reading) -> Item | None:
    """A document, b"" for what might have been one, None for what never is. Raises RowError."""
    fields, http = head.fields, None
    type, content_type = (fields.get("WARC-Type") or "").lower(), fields.get("Content-Type") or ""
    if type not in _TYPES:
        if not type:
            raise RowError("damaged", "the record does not say what it is: it has no WARC-Type")
        return None
    if content_type.lower().startswith("application/http"):
        http = response(archive.header())
        while http.status and http.status // 100 == 1:  # others follow, as behind early hints
            http = response(archive.header())
        content_type = http.header.get("Content-Type") or fields.get("WARC-Identified-Payload-Type") or ""
    converted = type == "conversion"
    kind = "text/plain" if converted else _TYPE_END.split(content_type, 1)[0].lower()
    if kind not in _PAGES and (kind != "text/plain" or not (converted or http)):
        return b""
    if http and (http.status or 200) // 100 != 2:
        return b""
    if fields.get("WARC-Segment-Number"):
        raise RowError("truncated", "the record is in segments, of which this is the first: the others stand elsewhere")
    size = archive.left
    if size > reading.limits.size:
        raise RowError("too-large", f"record longer than {reading.limits.size:,} bytes: see --max-size")
    data = archive.read()
    languages = fields.get("WARC-Identified-Content-Language") or ""  # one or more, the most spoken first
    url = _BRACKETS.sub(r"\1", fields.get("WARC-Target-URI") or "") or None
    id, date, charset = fields.get("WARC-Record-ID"), fields.get("WARC-Date"), charset_of(content_type)
    known = Document("", id=id, url=url, lang=languages.split(",")[0] or None)
    if http:
        data = body(data, http.header, reading.limits)
    if kind in _PAGES:
        return Record(known, number, head.offset, size, date, WebPage(data, charset))
    try:
        text, _ = decode(data, codec(charset) or reading.encoding)
    except InputError as error:
        raise RowError(*error.fault) from None
    return Record(replace(known, text=text), number, head.offset, size, date)


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
