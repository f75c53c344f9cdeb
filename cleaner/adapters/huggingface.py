"""Hugging Face datasets: a function for ``Dataset.map(batched=True)`` and ``IterableDataset.map(batched=True)``.

    step = HuggingFaceCleaner(url="url", annotate=True)
    dataset.map(step, batched=True, num_proc=8, features=step.features(dataset.features))

``features`` is needed if columns are added: their type cannot be inferred from a first batch without removals.

Its state is small and its pickle is stable, so the cache of `datasets` is hit when nothing changed and missed when a
rule, an option or the version did.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cleaner.adapters.stream import added, clean_each, default_cleaner, document_of, removals_of
from cleaner.errors import UsageError
from cleaner.io.removals import REMOVALS

if TYPE_CHECKING:
    from cleaner.clean.cleaner import Cleaner


class HuggingFaceCleaner:
    """Cleans the text column of a batch of columns. ``annotate`` adds ``removals``; ``reason`` names a column for why
    a text stayed as it was. ``url``, ``lang`` and ``title`` name columns with metadata of each document."""

    def __init__(
        self,
        text: str = "text",
        *,
        url: str | None = None,
        lang: str | None = None,
        title: str | None = None,
        annotate: bool = False,
        reason: str | None = None,
        cleaner: Cleaner | None = None,
    ) -> None:
        cleaner = cleaner or default_cleaner()
        self._names = (text, url, lang, title)
        added(annotate, reason)  # two columns of one name are told before there is a dataset
        self._annotate = annotate
        self._reason = reason
        self._cleaner = cleaner
        self.fingerprint = cleaner.fingerprint
        """SHA-256, in hex, of all that decides what happens to a text; for ``map(new_fingerprint=…)``."""

    def __call__(self, batch: Any) -> Any:
        """The columns that change: the text, and those that were asked for. Of a table or frame, as ``with_format``
        makes them, all columns, as a table of Arrow: `datasets` would drop the others.

        Raises UsageError, also for columns that are missing."""
        import pyarrow as pa

        from cleaner.adapters.arrow import Columns, check_names, clean_table

        text, url, lang, title = self._names
        if not isinstance(batch, Mapping):
            table = batch.to_arrow() if hasattr(batch, "to_arrow") else pa.table(batch)
            return clean_table(
                table,
                text=text,
                url=url,
                lang=lang,
                title=title,
                annotate=self._annotate,
                reason=self._reason,
                cleaner=self._cleaner,
            )
        check_names(list(batch), Columns(*self._names, REMOVALS if self._annotate else None, self._reason))
        if isinstance(batch[text], str):
            raise UsageError("one row came where a batch belongs: map(step, batched=True)")
        columns = {name: list(batch[name]) for name in self._names if name}
        values = columns[text]
        rows = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
        results = list(clean_each([document_of(row, *self._names) for row in rows], self._cleaner))
        changed: dict[str, list[Any]] = {
            text: [result.text if result else value for value, (result, _) in zip(values, results, strict=True)]
        }
        if self._annotate:
            changed[REMOVALS] = [removals_of(result) for result, _ in results]
        if self._reason:
            changed[self._reason] = [
                why if value is None or isinstance(value, str) else "no text"
                for value, (_, why) in zip(values, results, strict=True)
            ]
        return changed

    def features(self, before: Any) -> Any:
        """The features of a dataset, with those of the columns that are added."""
        from datasets import Features, Value

        after = Features(before)
        if self._annotate:
            removal = {"start": Value("int64"), "end": Value("int64"), "rule": Value("string"), "text": Value("string")}
            after[REMOVALS] = [removal]
        if self._reason:
            after[self._reason] = Value("string")
        return after
