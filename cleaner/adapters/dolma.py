"""Dolma: a tagger whose spans `dolma mix` can replace by nothing.

    dolma tag --tagger_modules cleaner.adapters.dolma --taggers site_chrome --documents "documents/*.jsonl.gz"

The spans are sorted and disjoint (the mixer loses text of spans that overlap), in code points of the document's text,
each with the rule's id as its type and a score of 1; type ``chrome`` repeats them all, for the mixer.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from dolma import add_tagger
from dolma.core.data_types import DocResult, Span
from dolma.core.taggers import BaseTaggerWithMetadata

from cleaner.document import Document

if TYPE_CHECKING:
    from cleaner.clean.cleaner import Cleaner


@add_tagger("site_chrome")
class ChromeTagger(BaseTaggerWithMetadata):  # type: ignore[misc]
    """Tags what the bundled rules would remove under the balanced profile."""

    @cached_property
    def _cleaner(self) -> Cleaner:
        from cleaner.clean.cleaner import Cleaner

        return Cleaner()

    def predict(self, doc: Any) -> DocResult:
        """The removals of one document as spans. ``doc.metadata`` may hold ``url``, ``lang`` and ``title``."""
        metadata = getattr(doc, "metadata", None) or {}
        url, lang, title = (
            value if isinstance(value := metadata.get(name), str) else None for name in ("url", "lang", "title")
        )
        result = self._cleaner.clean_document(Document(doc.text, url=url, lang=lang, title=title))
        spans = []
        for removal in result.removals:
            name = removal.rule.replace("/", "_")
            spans += [Span(removal.start, removal.end, kind, 1.0) for kind in ("chrome", name)]
        return DocResult(doc=doc, spans=spans)
