"""A job, which is one shard to work on, and its outcome: what goes out to workers and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cleaner.batch.part import Reached
from cleaner.batch.samples import Sample
from cleaner.batch.shards import Shard
from cleaner.batch.tally import Tally
from cleaner.io.records import Fault, Reject


@dataclass(frozen=True, slots=True)
class Job:
    """One shard to work on."""

    shard: Shard
    part: str
    """Path of the part to write."""
    careful: bool = False
    """Clean one document after the other, and say which before each."""
    skip: Mapping[int, Fault] = field(default_factory=dict)
    """Records, by number, that are not to be tried again, and why."""
    until: tuple[int, Fault] | None = None
    """Number of the last record to read (0: read none), and why all that follows is one reject."""
    reached: Reached | None = None
    """Where to go on with a part that another process has left."""

    @property
    def start(self) -> int:
        """Where to begin in the input."""
        return self.reached.offset if self.reached else self.shard.start


Jobs = tuple[Job, ...]
"""Small ones together, as they are handed out."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one shard."""

    records: int
    """Records, or lines for JSON lines, that the shard holds."""
    size: int
    """Bytes of its part; -1: there is no part, since nothing of the input can be written."""
    tally: Tally
    rejects: tuple[Reject, ...]
    """The first of them, with numbers counted within the shard."""
    side: bool = False
    """Whether a side file stands beside the part."""
    samples: tuple[Sample, ...] = ()
    """Some documents that it changed, to be shown."""


Announce = Callable[[int | Reached], None]
"""Hears how a job goes on: the number of the record that is worked on now (0: none in particular), and each place from
which another process could continue."""
