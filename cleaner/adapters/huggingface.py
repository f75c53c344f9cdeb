"""Hugging Face datasets: a function for ``Dataset.map(batched=True)`` and ``IterableDataset.map(batched=True)``.

    step = HuggingFaceCleaner(url="url", annotate=True)
    dataset.map(step, batched=True, num_proc=8, features=step.features(dataset.features))

``features`` is needed if columns are added: their type cannot be inferred from a first batch without removals.

Its state is small and its pickle is stable, so the cache of `datasets` is hit when nothing changed and missed when a
rule, an option or the version did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    def __call__(self, batch: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
        """The columns that change: the text, and those that were asked for. Raises UsageError, also for columns that
        are missing."""
        from cleaner.adapters.arrow import Columns, check_names

        text = self._names[0]
        check_names(_names(batch), Columns(*self._names, REMOVALS if self._annotate else None, self._reason))
        if isinstance(batch[text], str):
            raise UsageError("one row came where a batch belongs: map(step, batched=True)")
        columns = {name: _values(batch[name]) for name in self._names if name}
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


def _names(batch: Any) -> list[object]:
    """The names of a batch's columns, be it a table of Arrow, a data frame or a mapping."""
    return list(getattr(batch, "column_names", None) or getattr(batch, "columns", batch))


def _values(column: Any) -> list[Any]:
    """A column's values; those of Arrow, which `with_format("arrow")` gives, are no texts by themselves."""
    return list(column.to_pylist() if hasattr(column, "to_pylist") else column)
