"""Learning on a cluster: each worker mines some files, and their partial results are merged here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from cleaner.cluster.engine import Cluster, check_seen
from cleaner.io.remote import is_url, look
from cleaner.learn.dump import Counts, Dump, File
from cleaner.learn.mine import Harvest

_BYTES: Final = 64_000_000
"""Bytes of files that go to a worker together, about; one file is never split."""

_FILES: Final = 1_000
"""Most files that do."""


def gather(harvest: Harvest, dump: Dump, cluster: Cluster) -> None:
    """Take a dump in, as ``harvest.add(dump)`` does. Raises CleanerError, also where a worker does not see it."""
    miner = Miner(dump, tuple(map(_absolute, dump.paths)), harvest.sample)
    for partial, counts in cluster.spread(miner, _groups(dump)):
        harvest.merge(partial)
        dump.counts.add(counts)


@dataclass(frozen=True, slots=True)
class Miner:
    """Mines files, on a worker."""

    dump: Dump
    shared: tuple[str, ...]
    """What the worker must see."""
    sample: int

    def __call__(self, files: list[File]) -> tuple[bytes, Counts]:
        """The partial result of some files, and the counts of what was read."""
        check_seen(self.shared)
        dump = replace(self.dump, counts=Counts())
        with Harvest(sample=self.sample) as harvest:
            harvest.add(dump.read(files))
            return harvest.partial(), dump.counts


def _absolute(path: str) -> str:
    """The path as a worker finds it, whatever folder it works in."""
    return path if is_url(path) else os.path.abspath(path)


def _groups(dump: Dump) -> Iterator[list[File]]:
    """All files, small ones together."""
    group: list[File] = []
    size = 0
    for path, folder in dump.files():
        group.append((_absolute(path), folder))
        size += look(path)[0]
        if size >= _BYTES or len(group) >= _FILES:
            yield group
            group, size = [], 0
    if group:
        yield group
