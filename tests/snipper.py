"""A small cleaner for the tests of runs, in a module of its own: each process that they start imports it, and soon."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cleaner.document import Cleaned, Document, Removal


@dataclass(frozen=True)
class Snipper:
    """Stands in for the real cleaner: removes lines that begin with "cut", and can be told to go wrong.

    A text with KILL kills its process, with RAISE raises, with SPIN never ends, with ALL is one for the guard. With
    ONCE=path it kills its process the first time only; with COUNT=path it leaves a byte there.
    """

    fingerprint: str = "snipper"
    on_guard: str = "keep"

    @property
    def ruleset(self) -> Snipper:
        """What has the fingerprint of its rules."""
        return self

    def clean_many(self, documents: Iterable[Document]) -> Iterator[Cleaned]:
        return map(self.clean, documents)

    def clean(self, document: Document) -> Cleaned:
        text = document.text
        if text.startswith("!"):
            misbehave(text[1:])
        at = 0
        removals = []
        for line in text.split("\n"):
            end = min(at + len(line) + 1, len(text))
            if line.startswith("cut") and end > at:
                removals.append(Removal(at, end, "en/test/cut", text[at:end], "1"))
            at += len(line) + 1
        left = "".join(text[a:b] for a, b in kept(removals, len(text)))
        if text.startswith("ALL"):
            return Cleaned(text, guarded=True)
        return Cleaned(left, tuple(removals)) if removals else Cleaned(text)


def kept(removals: list[Removal], size: int) -> Iterator[tuple[int, int]]:
    at = 0
    for removal in removals:
        yield at, removal.start
        at = removal.end
    yield at, size


def misbehave(how: str) -> None:
    name, _, argument = how.partition("=")
    if name == "ONCE":
        argument = argument.strip()
        if os.path.exists(argument):
            return
        Path(argument).touch()
        name = "KILL"
    if name == "COUNT":
        with open(argument, "ab") as file:
            file.write(b".")
    elif name == "KILL":
        os.kill(os.getpid(), signal.SIGKILL)
    elif name == "RAISE":
        raise RuntimeError("no such luck")
    elif name == "SPIN":
        while True:
            pass
    elif name == "STUCK":  # deaf to the alarm, as a loop in C would be
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        while True:
            time.sleep(1)
