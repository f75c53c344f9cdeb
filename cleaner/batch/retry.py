"""Running the rejects of a run again: every input that has some is taken for not done, and the run goes on."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

from cleaner.batch.books import line, locked
from cleaner.batch.options import RunOptions
from cleaner.batch.part import writing
from cleaner.batch.plan import books_of, make_plan
from cleaner.batch.runner import Run
from cleaner.errors import CleanerError, UsageError
from cleaner.io.files import whole
from cleaner.io.records import Limits


def retry(dst: str, *, size: int | None = None, seconds: float | None = None, workers: int | None = None) -> Run | None:
    """The run in a folder, to be carried out again where it set something aside; None where it did not.

    The other outputs stay. ``size`` and ``seconds`` are new limits, None the old ones. Raises UsageError, CleanerError.
    """
    work = books_of(dst)
    path = os.path.join(work, "manifest.jsonl")
    if not os.path.exists(path):
        raise UsageError(f"{dst} holds no run: give the folder that a run wrote to")
    with locked(work, dst):
        head, entries = _read(path)
        try:
            options = RunOptions.from_json(head["options"])
        except (KeyError, TypeError):
            raise UsageError(f"{dst} holds a run of another version: start over with cleaner run --overwrite") from None
        limits = Limits(size or options.limits.size, seconds or options.limits.seconds, options.limits.ratio)
        options = replace(options, limits=limits)
        bad = {entry["source"] for entry in entries if entry.get("rejected")}
        if not bad:
            return None
        head["options"] = options.as_json()
        kept = [{**entry, "rejected_at": 0} for entry in entries if entry["source"] not in bad]
        with writing(path), whole(path) as file:
            file.writelines(line(row) for row in [head, *kept])
    return Run(make_plan(head["src"], dst), options, workers=workers, resume=True)


def _read(path: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The head and the entries of a manifest."""
    try:
        with open(path, "rb") as file:
            head, *entries = [json.loads(row) for row in file if row.endswith(b"\n")]
    except (OSError, ValueError) as error:
        raise CleanerError(f"{path} is damaged ({error}): start over with cleaner run --overwrite") from None
    return head, entries
