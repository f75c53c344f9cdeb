"""Ray Data: a callable class for ``Dataset.map_batches``.

    dataset.map_batches(RayCleaner, fn_constructor_kwargs={"url": "url"}, batch_format="pyarrow", concurrency=8)

Each actor makes one instance; an instance made by hand, ``RayCleaner(url="url")``, can be passed as it is.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pyarrow as pa

from cleaner.adapters.arrow import clean_table
from cleaner.adapters.stream import Columns, check_cleaner

if TYPE_CHECKING:
    from cleaner.clean.cleaner import Cleaner


class RayCleaner:
    """Cleans the text column of Arrow batches; the arguments are those of `clean_table`."""

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
        check_cleaner(cleaner)
        self._columns = Columns(text, url, lang, title, annotate, reason)
        self._cleaner = cleaner

    def __call__(self, batch: pa.Table) -> pa.Table:
        """The batch with its text column cleaned. Raises TypeError for one in another format, such as Ray's default."""
        if not isinstance(batch, pa.Table):
            kind = type(batch).__name__
            raise TypeError(f"batches of Arrow are needed, not {kind}: map_batches(..., batch_format='pyarrow')")
        return clean_table(batch, cleaner=self._cleaner, **asdict(self._columns))
