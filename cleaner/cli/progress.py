"""Progress of a run: a live line on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from cleaner.batch.tally import Tally
from cleaner.cli.say import counted, say

if TYPE_CHECKING:
    from cleaner.batch.commit import Committed

_EVERY: Final = 30.0
"""Seconds between plain lines."""

Report = Callable[["Committed"], None]


@contextlib.contextmanager
def progress(total: int, quiet: bool) -> Iterator[Report]:
    """A function to be called with each piece of work. ``total`` is the size of all inputs in bytes."""
    if quiet:
        yield lambda piece: None
    elif sys.stderr.isatty():
        with _live(total) as report:
            yield report
    else:
        yield _plain(total)


@contextlib.contextmanager
def _live(total: int) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    columns = (  # on a narrow terminal what is on the left stays whole
        TextColumn("{task.percentage:>3.0f}%", table_column=Column(min_width=4, no_wrap=True)),
        TimeRemainingColumn(table_column=Column(min_width=7, no_wrap=True)),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[state]}", table_column=Column(no_wrap=True, ratio=1)),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("cleaning", total=total or None, state="")
        meter = _Meter(total)

        def report(piece: Committed) -> None:
            bar.update(task, advance=piece.size, state=meter.add(piece))

        yield report


def _plain(total: int) -> Report:
    meter = _Meter(total)
    printed = time.monotonic()

    def report(piece: Committed) -> None:
        nonlocal printed
        state = meter.add(piece)
        if time.monotonic() - printed >= _EVERY:
            printed = time.monotonic()
            say(f"{meter.share:.0%}, {state}")

    return report


class _Meter:
    """Counts what is done and describes it."""

    def __init__(self, total: int) -> None:
        self._tally = Tally()
        self._began = time.monotonic()
        self._total = total
        self._size = 0

    @property
    def share(self) -> float:
        """How much of the inputs is done."""
        return self._size / self._total if self._total else 0.0

    def add(self, piece: Committed) -> str:
        """Count a piece; returns where the run is."""
        tally = self._tally
        tally.merge(piece.tally)
        self._size += piece.size
        speed = self._size / 1e6 / max(time.monotonic() - self._began, 1e-3)
        removed = tally.chars_removed / max(tally.chars_in, 1)
        state = f"{counted(tally.read, 'record')}, {speed:.1f} MB/s, {removed:.1%} removed"
        return state + (f", {tally.rejected:,} set aside" if tally.rejected else "")
