"""Hugging Face datasets: a function for ``Dataset.map(batched=True)`` and ``IterableDataset.map(batched=True)``.

    step = HuggingFaceCleaner(url="url", annotate=True)
    dataset.map(step, batched=True, num_proc=8, features=step.features(dataset.features))

``features`` is needed if columns are added: their type cannot be inferred from a first batch without removals.

Its pickle is stable, so the cache of `datasets` is hit when nothing changed and missed when a rule, an option or the
version did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cleaner.adapters.stream import Columns, chosen, clean_each, document_of, removals_of
from cleaner.cache import digest
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
        cleaner = chosen(cleaner)
        self._columns = Columns(text, url, lang, title, annotate, reason)
        self._cleaner = cleaner
        self.fingerprint = digest([cleaner.fingerprint.encode(), repr(self._columns).encode()])
        """SHA-256, in hex, of all that this step does to a dataset. It does not name the dataset, as each
        ``map(new_fingerprint=…)`` must: two splits with the same one would share a cached result."""

    def __call__(self, batch: Any) -> Any:
        """The columns that change: the text, and those that were asked for. Of a table or frame, as ``with_format``
        makes them, all columns, as a table of Arrow: `datasets` would drop the others.

        Raises UsageError, also for columns that are missing, or of another type in a dataset that has types."""
        import pyarrow as pa

        from cleaner.adapters.arrow import check_columns, clean_table

        wanted = self._columns
        if not isinstance(batch, Mapping):
            try:
                table = batch.to_arrow() if hasattr(batch, "to_arrow") else pa.table(batch)
            except (TypeError, ValueError):
                kind = type(batch).__name__
                raise UsageError(f"columns with names are needed, not {kind}: leave out input_columns") from None
            return clean_table(table, cleaner=self._cleaner, **asdict(wanted))
        table = getattr(batch, "pa_table", None)  # what `datasets` made the batch of, where it is not formatted
        if table is None:
            wanted.check(list(batch))
        else:
            check_columns(table, wanted)
        if isinstance(batch[wanted.text], str):
            raise UsageError("one row came where a batch belongs: map(step, batched=True)")
        columns = {name: list(batch[name]) for name in wanted.read}
        values = columns[wanted.text]
        rows = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
        results = list(clean_each([document_of(row, wanted) for row in rows], self._cleaner))
        changed: dict[str, list[Any]] = {
            wanted.text: [result.text if result else value for value, (result, _) in zip(values, results, strict=True)]
        }
        if wanted.annotate:
            changed[REMOVALS] = [removals_of(result) for result, _ in results]
        if wanted.reason is not None:
            changed[wanted.reason] = [
                why if value is None or isinstance(value, str) else "no text"
                for value, (_, why) in zip(values, results, strict=True)
            ]
        return changed

    def features(self, before: Any) -> Any:
        """The features of a dataset, with those of the columns that are added."""
        import pyarrow as pa
        from datasets import Features

        from cleaner.adapters.arrow import added_fields

        return Features({**before, **Features.from_arrow_schema(pa.schema(added_fields(self._columns)))})
