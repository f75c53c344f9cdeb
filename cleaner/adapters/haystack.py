"""Haystack: a component that strips chrome from documents."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from haystack import Document as Item
from haystack import component, default_from_dict, default_to_dict

from cleaner.adapters.stream import clean_each, described, documents_of, noted
from cleaner.document import Cleaned
from cleaner.options import Guard, Profile

if TYPE_CHECKING:
    from cleaner.clean.cleaner import Cleaner


@component
class ChromeCleaner:
    """Cleans the content of documents; ``meta`` may hold ``url``, ``lang`` and ``title``.

    With ``annotate`` the removals are in ``meta["removals"]``; a document whose text stays as it was for a reason
    has it in ``meta["cleaner_reason"]``. The other parameters are those of `Cleaner`.
    """

    def __init__(
        self,
        profile: Profile = "balanced",
        rules: list[str] | None = None,
        annotate: bool = False,
        select: list[str] | None = None,
        ignore: list[str] | None = None,
        max_removed: float | None = None,
        on_guard: Guard = "keep",
    ) -> None:
        names = {"rules": rules or [], "select": select or [], "ignore": ignore or []}
        self._options: dict[str, Any] = {"profile": profile, **names, "max_removed": max_removed, "on_guard": on_guard}
        self._annotate = annotate
        self._cleaner: Cleaner | None = None

    def warm_up(self) -> None:
        """Load the rules."""
        self._loaded()

    def _loaded(self) -> Cleaner:
        if self._cleaner is None:
            from cleaner.clean.cleaner import Cleaner

            self._cleaner = Cleaner(**self._options)
        return self._cleaner

    @component.output_types(documents=list[Item])  # type: ignore[untyped-decorator]
    def run(self, documents: list[Item]) -> dict[str, list[Item]]:
        """The documents, cleaned, in their order; those without a text as they are. Raises TypeError for what is no
        list of documents."""
        documents = documents_of(documents, Item)
        sources = [None if item.content is None else described(item.content, item.meta) for item in documents]
        results = zip(documents, clean_each(sources, self._loaded()), strict=True)
        return {"documents": [item if item.content is None else self._cleaned(item, *done) for item, done in results]}

    def _cleaned(self, item: Item, result: Cleaned | None, why: str | None) -> Item:
        meta = noted(item.meta, result, why, self._annotate)
        content = item.content if result is None else result.text
        return item if (content, meta) == (item.content, item.meta) else replace(item, content=content, meta=meta)

    def to_dict(self) -> dict[str, Any]:
        """The component as Haystack stores it."""
        return dict(default_to_dict(self, annotate=self._annotate, **self._options))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ChromeCleaner:
        """The component that was stored."""
        return default_from_dict(cls, data)  # type: ignore[no-any-return]
