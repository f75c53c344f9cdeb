"""Jobs done on the workers of a cluster, with the outcomes that they have here.

Each worker of the cluster keeps a worker process of its own, by the same `Pool` as a run on one machine: so a document
that is too slow, or kills its process, costs there what it costs here, and the cluster never hears of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import uuid4

from cleaner.batch.job import Job, Jobs, Outcome
from cleaner.batch.options import RunOptions
from cleaner.batch.pool import Pool
from cleaner.cluster.engine import Cluster, check_seen
from cleaner.io.remote import is_local

if TYPE_CHECKING:
    from cleaner.clean.cleaner import Cleaner


def run_jobs(
    groups: Iterator[Jobs], cleaner: Cleaner, options: RunOptions, cluster: Cluster, shared: tuple[str, ...]
) -> Iterator[tuple[Job, Outcome]]:
    """Do all jobs on a cluster; yields their outcomes in the order of the jobs.

    ``shared`` are the paths that every worker must see. Raises CleanerError where one does not, TargetError.
    """
    worker = Worker(cleaner, options, os.getcwd(), tuple(path for path in shared if is_local(path)))
    for done in cluster.spread(worker, groups):
        yield from done


@dataclass(frozen=True)
class Worker:
    """The task that a worker of the cluster is sent once; there it keeps a process of its own, which does the work."""

    cleaner: Cleaner
    options: RunOptions
    folder: str
    """Where paths begin that are not absolute."""
    shared: tuple[str, ...]

    def __call__(self, jobs: Jobs) -> list[tuple[Job, Outcome]]:
        """Do a group of jobs; returns them without their data, and with the part that each has written.

        Each part has a name that is used once: the cluster may have given the same jobs to somebody else as well.
        """
        check_seen(os.path.join(self.folder, path) for path in self.shared)
        here = tuple(map(self._here, jobs))
        outcomes = [outcome for _, outcome in self._pool.run(iter([here]))]
        return [
            (replace(job, part=done.part, shard=replace(job.shard, data=None)), outcome)
            for job, done, outcome in zip(jobs, here, outcomes, strict=True)
        ]

    def _here(self, job: Job) -> Job:
        """A job with paths that mean here what they mean where it comes from."""
        source = job.shard.source
        if is_local(source.path):
            source = replace(source, path=os.path.join(self.folder, source.path))
        part = os.path.join(self.folder, f"{job.part}-{uuid4().hex}")
        kept = job.shard.kept and os.path.join(self.folder, job.shard.kept)
        return replace(job, part=part, shard=replace(job.shard, source=source, kept=kept))

    @cached_property
    def _pool(self) -> Pool:
        return Pool(self.cleaner, self.options, 1)
