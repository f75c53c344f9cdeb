"""LangChain: a document transformer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.documents import BaseDocumentTransformer
from langchain_core.documents import Document as Item

from cleaner.adapters.stream import chosen, clean_each, described, documents_of, first_text, noted
from cleaner.document import Document

if TYPE_CHECKING:
    from cleaner.clean.cleaner import Cleaner


class ChromeTransformer(BaseDocumentTransformer):  # type: ignore[misc]
    """Cleans ``page_content``; ``metadata`` may hold ``url`` (or a URL as ``source``), ``lang`` and ``title``.

    With ``annotate`` the removals are in ``metadata["removals"]``; a document whose text stays as it was for a
    reason has it in ``metadata["cleaner_reason"]``.
    """

    def __init__(self, cleaner: Cleaner | None = None, *, annotate: bool = False) -> None:
        self._cleaner = chosen(cleaner)
        self._annotate = annotate

    def transform_documents(self, documents: Sequence[Item], **kwargs: Any) -> Sequence[Item]:
        """New documents, cleaned, in their order; the ones given are not changed. Raises TypeError for what is no list
        of documents."""
        done = []
        items = documents_of(documents, Item)
        results = clean_each([_document(item) for item in items], self._cleaner)
        for item, (result, why) in zip(items, results, strict=True):
            metadata = noted(item.metadata, result, why, self._annotate)
            content = item.page_content if result is None else result.text
            done.append(item.model_copy(update={"page_content": content, "metadata": metadata}))
        return done


def _document(item: Item) -> Document:
    source = item.metadata.get("source")
    url = first_text(item.metadata.get("url"), source if isinstance(source, str) and "://" in source else None)
    return described(item.page_content, {**item.metadata, "url": url})
