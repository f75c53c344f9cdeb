"""data-juicer: a mapper, loaded with ``--custom-operator-paths`` or by importing this module.

process:
  - site_chrome_mapper:
      url_key: url
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from data_juicer.ops.base_op import OPERATORS, Mapper

from cleaner.adapters.huggingface import HuggingFaceCleaner
from cleaner.adapters.stream import Columns
from cleaner.options import Guard, Profile


@OPERATORS.register_module("site_chrome_mapper")
class SiteChromeMapper(Mapper):  # type: ignore[misc]
    """Cleans the text of each sample of a batch. A sample that cannot be cleaned keeps its text, and ``reason_key``
    names a field to add that says why: an operator that raises would lose its whole batch. What does not name a field
    is a parameter of `Cleaner`."""

    _batched_op = True

    def __init__(
        self,
        profile: Profile = "balanced",
        url_key: str | None = None,
        lang_key: str | None = None,
        title_key: str | None = None,
        reason_key: str | None = None,
        rules: list[str] | None = None,
        select: list[str] | None = None,
        ignore: list[str] | None = None,
        max_removed: float | None = None,
        on_guard: Guard = "keep",
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        from cleaner.clean.cleaner import Cleaner

        cleaner = Cleaner(profile, rules or (), select or (), ignore or (), max_removed, on_guard)
        self._columns = Columns(self.text_key, url_key, lang_key, title_key, reason=reason_key or None)
        self._clean = HuggingFaceCleaner(**asdict(self._columns), cleaner=cleaner)

    def run(self, dataset: Any, **kwargs: Any) -> Any:
        """The dataset with its text column cleaned. Raises UsageError for fields that are missing, which a batch is not
        asked for: to refuse it would lose it."""
        replace(self._columns, reason=None).check(dataset.column_names)
        return super().run(dataset, **kwargs)

    def process_batched(self, samples: dict[str, list[Any]]) -> dict[str, list[Any]]:
        """The batch of columns with its text column cleaned."""
        texts = samples[self.text_key]
        read = {name: samples[name] if name in samples else [None] * len(texts) for name in self._columns.read}
        samples.update(self._clean(read))
        return samples
