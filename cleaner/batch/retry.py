"""Running the rejects of a run again: every input that has some counts as not done, and the run is resumed."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from cleaner.batch.books import read_state
from cleaner.batch.inputs import BESIDE
from cleaner.batch.options import RunOptions
from cleaner.batch.plan import books_of, make_plan
from cleaner.batch.runner import Run
from cleaner.errors import UsageError
from cleaner.io.remote import plain
from cleaner.options import OnGuard


def retry(
    dst: str,
    *,
    size: int | None = None,
    seconds: float | None = None,
    ratio: float | None = None,
    on_guard: OnGuard | None = None,
    workers: int | None = None,
) -> Run:
    """The run in a folder, to be carried out again where it set something aside or was stopped; else it is finished.

    The other outputs stay. ``size``, ``seconds`` and ``ratio`` are limits, as in `Limits`, and None those of the run;
    ``on_guard`` says what becomes of documents that the guard has set aside. Raises UsageError, CleanerError.
    """
    dst = plain(dst)
    before = read_state(books_of(dst))
    if before is None:
        if os.path.exists(dst + BESIDE) or os.path.isfile(dst):
            raise UsageError(f"{dst} is a file: only runs to a folder keep what a retry needs, so run its input again")
        raise UsageError(f"{dst} holds no run: give the folder that a run wrote to")
    try:
        options = RunOptions.from_json(before.head["options"])
        src, format = before.head["src"], before.head["format"]
    except (KeyError, TypeError):
        raise UsageError(f"{dst} holds a run of another version: start over with cleaner run --overwrite") from None
    if on_guard not in (None, options.on_guard) and options.on_guard != "set-aside":
        raise UsageError(
            f"the run in {dst} was --on-guard {options.on_guard}, so its guard has set nothing aside: "
            "start over with cleaner run --overwrite"
        )
    options = replace(options, on_guard=on_guard or options.on_guard)
    wanted: dict[str, Any] = {"size": size, "seconds": seconds, "ratio": ratio}
    limits = {name: limit for name, limit in wanted.items() if limit is not None}
    reading = replace(options.reading, limits=replace(options.reading.limits, **limits))
    return Run(make_plan(src, dst, format), replace(options, reading=reading), workers=workers, mode="retry")
