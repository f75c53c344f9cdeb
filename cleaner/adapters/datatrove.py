"""datatrove: a pipeline step that strips chrome from each document's text.

Counts go into datatrove's statistics, and with ``annotate`` the removals into ``doc.metadata["removals"]``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from datatrove.pipeline.base import PipelineStep

from cleaner.adapters.stream import batches, check_cleaner, chosen, clean_each, described, first_text, noted
from cleaner.document import Document

if TYPE_CHECKING:
    from datatrove.data import Document as Item

    from cleaner.clean.cleaner import Cleaner


class ChromeCleaner(PipelineStep):  # type: ignore[misc]
    """Cleans ``doc.text``; ``doc.metadata`` may hold ``url``, ``lang`` (or ``language``) and ``title``.

    No document is dropped. One whose text stays as it was for a reason has it in ``doc.metadata["cleaner_reason"]``.
    """

    name = "🧹 Chrome cleaner"
    type = "✂️ - FORMAT"

    def __init__(self, cleaner: Cleaner | None = None, *, annotate: bool = False) -> None:
        super().__init__()
        check_cleaner(cleaner)
        self._cleaner = cleaner
        self._annotate = annotate

    def run(self, data: Iterable[Item] | None, rank: int = 0, world_size: int = 1) -> Iterator[Item]:
        """The documents, cleaned, in their order."""
        cleaner = chosen(self._cleaner)
        for batch in batches(data or (), lambda item: item.text):
            documents = [_document(item) for item in batch]
            with self.track_time("batch"):
                results = list(clean_each(documents, cleaner))
            for item, document, (result, why) in zip(batch, documents, results, strict=True):
                self.stat_update("documents")
                why = why if document else "no text"
                item.metadata = noted(item.metadata, result, why, self._annotate)
                if why:
                    self.stat_update("kept-as-it-was")
                if result is not None and result.removals:
                    item.text = result.text
                    self.stat_update("removals", value=len(result.removals))
                    self.stat_update("removed", value=sum(r.end - r.start for r in result.removals), unit="characters")
                    for removal in result.removals:
                        self.stat_update(f"rule-{removal.rule}")
                if document:
                    self.update_doc_stats(item)
                yield item


def _document(item: Item) -> Document | None:
    if not isinstance(item.text, str):
        return None
    lang = first_text(item.metadata.get("lang"), item.metadata.get("language"))
    return described(item.text, {**item.metadata, "lang": lang})
