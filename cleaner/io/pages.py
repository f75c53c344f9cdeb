"""The link to `cleaner.extract`: a record that holds a web page becomes the document of its text.

Readers pass pages on unchanged; the worker extracts the text, so that it knows which record it is at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cleaner.document import Cleaned, Document
from cleaner.errors import UsageError
from cleaner.io.files import InputError, content
from cleaner.io.records import Item, Reading, Record, Reject, RowError, WebPage


def begins_as_page(began: bytes) -> bool:
    """Whether what begins so is a web page, whatever its name or for want of one."""
    return began.lower().startswith((b"<!doctype html", b"<html"))


def extracted(record: Record, reading: Reading) -> Record:
    """The record with the document of its page, if it is one. What is already known takes precedence.

    Raises RowError.
    """
    if record.page is None:
        return record
    from cleaner.extract.page import PageError, extract

    known = record.document
    try:
        found = extract(
            record.page.html,
            url=known.url,
            http_charset=record.page.charset,
            extractor=reading.extractor,
            to=reading.to,
        )
    except PageError as error:
        raise RowError(error.code, str(error)) from None
    except UsageError:  # the packages that read pages are missing: so they are for all of them
        raise
    except Exception as error:  # libraries that parse hostile pages
        raise RowError("no-content", f"the page cannot be read: {type(error).__name__}: {error}") from None
    document = replace(
        found, id=known.id, url=known.url or found.url, lang=known.lang or found.lang, title=known.title or found.title
    )
    return replace(record, document=document, page=None)


def read(stream: Iterable[bytes], reading: Reading) -> Iterator[Item]:
    """The one page that a file is."""
    try:
        html = content(stream, reading.limits.size)
    except InputError as error:
        yield Reject(1, 0, *error.fault, reading.name)
        return
    yield Record(Document("", id=reading.name), 1, 0, len(html), page=WebPage(html))


def render(record: Record, cleaned: Cleaned, reading: Reading, annotate: bool) -> bytes:
    """The text of a page, as UTF-8."""
    return cleaned.text.encode("utf-8", "replace")
