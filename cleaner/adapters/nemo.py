"""NeMo Curator: a stage that cleans the text column of document batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
from nemo_curator.stages.base import ProcessingStage
from nemo_curator.tasks import DocumentBatch

from cleaner.adapters.arrow import clean_table
from cleaner.adapters.frames import clean_pandas
from cleaner.adapters.stream import Columns
from cleaner.options import Guard, Profile


@dataclass
class ChromeCleaner(ProcessingStage[DocumentBatch, DocumentBatch]):  # type: ignore[misc]
    """Cleans a batch; no document is dropped. The fields are those of `clean_table`, and from ``profile`` on those of
    `Cleaner`."""

    text_field: str = "text"
    url_field: str | None = None
    lang_field: str | None = None
    title_field: str | None = None
    annotate: bool = False
    reason_field: str | None = None
    profile: Profile = "balanced"
    rules: Sequence[str] = ()
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    max_removed: float | None = None
    on_guard: Guard = "keep"
    name: str = "chrome_cleaner"
    _cleaner: Any = None

    def _columns(self) -> Columns:
        names = (self.text_field, self.url_field, self.lang_field, self.title_field)
        return Columns(*names, self.annotate, self.reason_field)

    def inputs(self) -> tuple[list[str], list[str]]:
        """Attributes and columns that a batch must have."""
        return ["data"], self._columns().read

    def outputs(self) -> tuple[list[str], list[str]]:
        """Attributes and columns that a batch then has."""
        return ["data"], [self.text_field, *self._columns().added]

    def setup(self, worker_metadata: Any = None) -> None:
        """Load the rules, once in each worker."""
        from cleaner.clean.cleaner import Cleaner

        self._cleaner = Cleaner(self.profile, self.rules, self.select, self.ignore, self.max_removed, self.on_guard)

    def process(self, task: DocumentBatch) -> DocumentBatch:
        """The batch with its text column cleaned."""
        if self._cleaner is None:
            self.setup()
        data, names = task.data, asdict(self._columns())
        if isinstance(data, pa.Table):
            cleaned = clean_table(data, cleaner=self._cleaner, **names)
        else:  # which Arrow may be unable to hold, or only by changing other columns
            cleaned = clean_pandas(data, cleaner=self._cleaner, **names)
        return DocumentBatch(
            dataset_name=task.dataset_name,
            data=cleaned,
            _metadata=task._metadata,
            _stage_perf=task._stage_perf,
        )
