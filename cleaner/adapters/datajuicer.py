"""data-juicer: a mapper, loaded with ``--custom-operator-paths`` or by importing this module.

process:
  - site_chrome_mapper:
      url_key: url
"""

from __future__ import annotations

from typing import Any

from data_juicer.ops.base_op import OPERATORS, Mapper

from cleaner.adapters.huggingface import HuggingFaceCleaner
from cleaner.options import Profile


@OPERATORS.register_module("site_chrome_mapper")
class SiteChromeMapper(Mapper):  # type: ignore[misc]
    """Cleans the text of each sample of a batch. A sample that cannot be cleaned keeps its text, and
    ``reason_key`` names a field to add that says why: an operator that raises would lose its whole batch."""

    _batched_op = True

    def __init__(
        self,
        profile: Profile = "balanced",
        url_key: str | None = None,
        lang_key: str | None = None,
        title_key: str | None = None,
        reason_key: str | None = None,
        rules: list[str] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        from cleaner.clean.cleaner import Cleaner

        cleaner = Cleaner(profile, rules or ())
        self._reason = reason_key or ""
        self._clean = HuggingFaceCleaner(
            self.text_key, url=url_key, lang=lang_key, title=title_key, reason=reason_key or None, cleaner=cleaner
        )

    def process_batched(self, samples: dict[str, list[Any]]) -> dict[str, list[Any]]:
        """The batch of columns with its text column cleaned."""
        if self._reason in samples:  # of a mapper before this one; to refuse it would lose the batch
            del samples[self._reason]
        samples.update(self._clean(samples))
        return samples
