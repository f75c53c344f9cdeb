"""Running the rejects of a run again: every input that has some is taken for not done, and the run goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cleaner.batch.books import State, line, locked, read_state, state_of
from cleaner.batch.options import RunOptions
from cleaner.batch.plan import books_of, make_plan
from cleaner.batch.runner import Run
from cleaner.errors import UsageError
from cleaner.io.files import whole, writing


def retry(dst: str, *, size: int | None = None, seconds: float | None = None, workers: int | None = None) -> Run | None:
    """The run in a folder, to be carried out again where it set something aside or was stopped; None where it is done.

    The other outputs stay. ``size`` and ``seconds`` are new limits, None the old ones. Raises UsageError, CleanerError.
    """
    work = books_of(dst)
    path = os.path.join(work, "manifest.jsonl")
    if not os.path.exists(path):
        raise UsageError(f"{dst} holds no run: give the folder that a run wrote to")
    with locked(work, dst):
        before = read_state(work)
        if before is None:
            return None
        try:
            options = RunOptions.from_json(before.head["options"])
        except (KeyError, TypeError):
            raise UsageError(f"{dst} holds a run of another version: start over with cleaner run --overwrite") from None
        wanted: dict[str, Any] = {
            name: value for name, value in (("size", size), ("seconds", seconds)) if value is not None
        }
        options = replace(options, limits=replace(options.limits, **wanted))
        manifest = list(_without(path, before, options))
        state = state_of(manifest)
        assert state
        state.finished = before.finished and not before.bad
        run = Run(make_plan(before.head["src"], dst), options, workers=workers, resume=True, state=state)
        if run.finished:
            return None
        with writing(path), whole(path) as file:  # now that all that could be refused was not
            file.writelines(manifest)
    return run


def _without(path: str, before: State, options: RunOptions) -> Iterator[bytes]:
    """The lines of a manifest for these options, without the inputs that have rejects."""
    yield line({**before.head, "options": options.as_json()})
    with open(path, "rb") as file:
        for said in file.read(before.size).splitlines()[1:]:
            entry = json.loads(said)
            if entry["source"] not in before.bad:
                yield line({**entry, "rejected_at": 0})
