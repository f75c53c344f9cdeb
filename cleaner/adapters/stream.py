"""For everything else: a plain generator of dictionaries, and what row-wise adapters share."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypedDict, TypeVar

from cleaner.document import KNOWN, Cleaned, Document
from cleaner.errors import UsageError
from cleaner.io.removals import REMOVALS, as_rows

if TYPE_CHECKING:
    from cleaner.clean.cleaner import Cleaner

_ROWS: Final = 1_000
_CHARS: Final = 1_000_000
"""Rows that are cleaned together at most, and code points of their texts."""

Row = TypeVar("Row")


@cache
def default_cleaner() -> Cleaner:
    """The bundled rules under the balanced profile; made once per process."""
    from cleaner.clean.cleaner import Cleaner

    return Cleaner()


def check_cleaner(cleaner: object) -> None:
    """Raise TypeError unless this is a Cleaner, or None for the default one: with anything else each document by itself
    would be left as it was, and nobody would know."""
    from cleaner.clean.cleaner import Cleaner

    if not (cleaner is None or isinstance(cleaner, Cleaner)):
        raise TypeError(f"a Cleaner is needed, not {type(cleaner).__name__}: cleaner=Cleaner(...)")


def chosen(cleaner: Cleaner | None) -> Cleaner:
    """The cleaner that was given, if any, else the default one. Raises TypeError for what is none."""
    check_cleaner(cleaner)
    return default_cleaner() if cleaner is None else cleaner


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the fields or columns that make a document, and what is added to them: the removals, and in a column of
    its own why a text stayed as it was. Raises UsageError for what names no column, and where the reason would
    go to the place of another."""

    text: str = "text"
    url: str | None = None
    lang: str | None = None
    title: str | None = None
    annotate: bool = False
    reason: str | None = None

    def __post_init__(self) -> None:
        for part in ("text", "url", "lang", "title", "reason"):
            name = getattr(self, part)
            if isinstance(name, bool) or not isinstance(name, Hashable) or (name is None and part == "text"):
                raise UsageError(f"{part} names one column or field, not {name!r}")
        if self.annotate and self.reason == REMOVALS:
            raise UsageError(f"{REMOVALS!r} is where the removals go: name another place for the reason")
        if self.reason in self.read:
            raise UsageError(f"{self.reason!r} is a part of the document: name another place for the reason")

    @property
    def metadata(self) -> tuple[str | None, str | None, str | None]:
        """Those of the URL, the language and the title."""
        return self.url, self.lang, self.title

    @property
    def read(self) -> list[str]:
        """Those that make a document, each once."""
        return list(dict.fromkeys(name for name in (self.text, *self.metadata) if name is not None))

    @property
    def added(self) -> list[str]:
        """Those that are added."""
        return [name for name in (REMOVALS if self.annotate else None, self.reason) if name is not None]

    def check(self, names: Sequence[object]) -> None:
        """Raise UsageError unless each column to be read is there, once, and none that is added."""
        for name in self.read:
            if not (times := names.count(name)):
                raise UsageError(f"there is no column {name!r}; there are {', '.join(map(str, names))}")
            if times > 1:
                raise UsageError(f"there are {times} columns {name!r}: rename all but one")
        for name in self.added:
            if name in names:
                raise UsageError(f"there is a column {name!r} already: rename it first")


class ColumnNames(TypedDict, total=False):
    """`Columns` as keyword arguments."""

    text: str
    url: str | None
    lang: str | None
    title: str | None
    annotate: bool
    reason: str | None


def removals_of(result: Cleaned | None) -> list[dict[str, Any]] | None:
    """The removals as plain values; None where there is no result."""
    return None if result is None else as_rows(result)


def noted(metadata: Mapping[str, Any], result: Cleaned | None, why: str | None, annotate: bool) -> dict[str, Any]:
    """The metadata of a document with why its text stayed as it was, if there is a reason, and its removals.

    Raises UsageError where there are removals already, which would be lost.
    """
    if annotate and REMOVALS in metadata:
        raise UsageError(f"there is metadata {REMOVALS!r} already: rename it first")
    reason = {"cleaner_reason": why} if why else {}
    return {**metadata, **reason, **({REMOVALS: removals_of(result)} if annotate else {})}


def clean_rows(
    rows: Iterable[Mapping[str, Any]],
    *,
    text: str = "text",
    url: str | None = "url",
    lang: str | None = "lang",
    title: str | None = "title",
    annotate: bool = False,
    reason: str | None = None,
    cleaner: Cleaner | None = None,
) -> Iterator[dict[str, Any]]:
    """The rows with their text cleaned, one out for each one in, in their order, in constant memory.

    A row whose text is missing, is no string, or cannot be cleaned comes out as it was; ``reason`` names a field to
    add that says why (None for the others). The fields of ``url``, ``lang`` and ``title`` need not be there.
    Raises UsageError for a row that has a field which is to be added, TypeError for what is no row. Where ``rows``
    raises, what came before is cleaned first.
    """
    cleaner = chosen(cleaner)
    columns = Columns(text, url, lang, title, annotate, reason)
    for batch in batches(_copies(rows), lambda row: row.get(text)):
        yield from _clean_batch(batch, columns, cleaner)


def _copies(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(rows):
        if not hasattr(row, "keys"):  # one row where many belong gives its names, for example
            raise TypeError(f"clean_rows takes rows with names; item {number} is {type(row).__name__}")
        yield dict(row)


def batches(rows: Iterable[Row], text_of: Callable[[Row], object]) -> Iterator[list[Row]]:
    """The rows, so many together as are cleaned well at once. Where ``rows`` raises, those before come first."""
    source = iter(rows)
    batch: list[Row] = []
    chars = 0
    while True:
        try:
            row = next(source)
        except StopIteration:
            break
        except Exception:
            yield batch
            raise
        batch.append(row)
        chars += len(text) if isinstance(text := text_of(row), str) else 0
        if len(batch) >= _ROWS or chars >= _CHARS:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


def _clean_batch(batch: list[dict[str, Any]], columns: Columns, cleaner: Cleaner) -> Iterator[dict[str, Any]]:
    for name in columns.added:
        if any(name in row for row in batch):
            raise UsageError(f"there is a field {name!r} already: rename it first")
    documents = [document_of(row, columns) for row in batch]
    for row, document, (result, why) in zip(batch, documents, clean_each(documents, cleaner), strict=True):
        if result is not None:
            row[columns.text] = result.text
        if columns.annotate:
            row[REMOVALS] = removals_of(result)
        if columns.reason is not None:
            row[columns.reason] = why if document else f"field {columns.text!r} is missing or no text"
        yield row


def document_of(row: Mapping[str, Any], columns: Columns) -> Document | None:
    """The document that a row holds, None where its text is no string; what else is no string is left out."""
    value = row.get(columns.text)
    if not isinstance(value, str):
        return None
    return document_with(value, *(None if name is None else row.get(name) for name in columns.metadata))


def described(text: str, metadata: Mapping[str, Any]) -> Document:
    """The document of a text whose metadata may hold ``url``, ``lang`` and ``title``; what is no string is left out."""
    return document_with(text, *map(metadata.get, KNOWN))


def first_text(*values: object) -> str | None:
    """The first of them that is a string and not empty; None if there is none."""
    return next((value for value in values if isinstance(value, str) and value), None)


def document_with(text: str, url: object, lang: object, title: object) -> Document:
    """A document with what is known of it; what is no string is left out."""
    known = [value if isinstance(value, str) else None for value in (url, lang, title)]
    return Document(text, url=known[0], lang=known[1], title=known[2])


def documents_of(given: Iterable[Row], kind: type[Row]) -> list[Row]:
    """What was given as many documents, as a list. Raises TypeError for one alone, and for what is none."""
    if isinstance(given, (kind, str)) or not isinstance(given, Iterable):
        raise TypeError(f"a list of documents is needed, not one {type(given).__name__}")
    documents = [*given]
    for number, document in enumerate(documents):
        if not isinstance(document, kind):
            raise TypeError(f"a list of documents is needed; item {number} is {type(document).__name__}")
    return documents


def clean_each(documents: Sequence[Document | None], cleaner: Cleaner) -> Iterator[tuple[Cleaned | None, str | None]]:
    """For each document its result and, where the text stays as it was for a reason, the reason; None has neither.

    A document that breaks the cleaner has no result; it costs the others nothing.
    """
    done = _clean_all([document for document in documents if document], cleaner)
    for document in documents:
        yield next(done) if document else (None, None)


def _clean_all(documents: list[Document], cleaner: Cleaner) -> Iterator[tuple[Cleaned | None, str | None]]:
    try:
        done: list[tuple[Cleaned | None, str | None]] = [(result, None) for result in cleaner.clean_many(documents)]
    except Exception:  # one of them: find out which, and let the others through
        done = [_alone(document, cleaner) for document in documents]
    for result, fault in done:
        if result is not None and result.guarded and not result.removals:
            fault = "guarded: the rules would take more than the profile allows"
        yield result, fault


def _alone(document: Document, cleaner: Cleaner) -> tuple[Cleaned | None, str | None]:
    try:
        return cleaner.clean_document(document), None
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"
