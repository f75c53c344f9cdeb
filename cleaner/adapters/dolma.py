"""Dolma: a tagger whose spans `dolma mix` can remove.

    dolma tag --tagger_modules cleaner.adapters.dolma --taggers site_chrome --documents "documents/*.jsonl.gz"

It writes what ``cleaner run documents/ attributes/site_chrome/ --attributes dolma`` writes; see `cleaner.io.dolma`.
"""

from __future__ import annotations

import logging
from typing import Any

from dolma import add_tagger
from dolma.core.data_types import DocResult, Span
from dolma.core.taggers import BaseTaggerWithMetadata

from cleaner.adapters.stream import clean_each, default_cleaner, described
from cleaner.io.dolma import TAGGER, spans


@add_tagger(TAGGER)
class ChromeTagger(BaseTaggerWithMetadata):  # type: ignore[misc]
    """Tags what the bundled rules would remove under the balanced profile. A document that cannot be cleaned has no
    spans, and is logged: a tagger that raises would end the whole run."""

    def predict(self, doc: Any) -> DocResult:
        """The removals of one document as spans. ``doc.metadata`` may hold ``url``, ``lang`` and ``title``."""
        ((result, why),) = clean_each([described(doc.text, doc.metadata)], default_cleaner())
        if why:
            logging.getLogger(__name__).warning("%s stays as it was: %s", doc.id, why)
        found = spans(result) if result else []
        return DocResult(doc=doc, spans=[Span(start, end, kind, 1.0) for start, end, kind in found])
