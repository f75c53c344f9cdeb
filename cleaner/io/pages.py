"""The seam to web pages: a record that holds one becomes the document of its text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cleaner.document import Cleaned, Document
from cleaner.io.files import InputError, content
from cleaner.io.records import Item, Reading, Record, Reject, RowError


def from_page(html: bytes | str, reading: Reading, known: Document, charset: str | None = None) -> Document:
    """The document of a page. What is ``known`` of it goes before what the page says. Raises RowError."""
    from cleaner.extract.page import PageError, extract

    try:
        found = extract(
            html,
            url=known.url,
            http_charset=charset,
            extractor=reading.extractor,  # type: ignore[arg-type] # checked when the options are made
            to=reading.form,  # type: ignore[arg-type]
        )
    except PageError as error:
        raise RowError(error.code, str(error), known.id) from None
    except Exception as error:  # libraries that parse hostile pages
        raise RowError("no-content", f"the page cannot be read: {type(error).__name__}: {error}", known.id) from None
    return replace(
        found, id=known.id, url=known.url or found.url, lang=known.lang or found.lang, title=known.title or found.title
    )


def read(stream: Iterable[bytes], reading: Reading) -> Iterator[Item]:
    """The document of a file that is one page."""
    try:
        html = content(stream, reading.limits.size)
        document = from_page(html, reading, Document("", id=reading.name))
    except (InputError, RowError) as error:
        yield Reject(1, 0, error.code, error.reason, reading.name)
        return
    yield Record(document, 1, 0, len(html))


def render(record: Record, cleaned: Cleaned, reading: Reading, annotate: bool) -> bytes:
    """The text of a page, as UTF-8."""
    return cleaned.text.encode("utf-8", "replace")
