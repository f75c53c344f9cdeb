"""A run, from its beginning or from where an earlier one stopped: work is handed out, results committed in order."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Literal

from cleaner import __version__
from cleaner.batch.books import (
    MANIFEST,
    SUMMARY,
    Books,
    Head,
    Progress,
    State,
    check_resumable,
    check_unlocked,
    few_of,
    locked,
    read_rejects,
    read_state,
    state_of,
    without,
)
from cleaner.batch.commit import Committed, Committer
from cleaner.batch.inputs import BESIDE, BOOKS, REJECTED, target_of
from cleaner.batch.job import Job, Jobs, Outcome
from cleaner.batch.options import RunOptions
from cleaner.batch.plan import Plan, Survey, survey
from cleaner.batch.samples import Sample, Samples
from cleaner.batch.shards import groups
from cleaner.batch.summary import Summary
from cleaner.batch.tally import Tally
from cleaner.batch.work import warm_up, work
from cleaner.errors import CleanerError, UsageError
from cleaner.io import warc
from cleaner.io.files import STREAM
from cleaner.io.formats import JSON_LINES, WARC, Format
from cleaner.io.outputs import write_atomically, writing
from cleaner.io.remote import exists, is_local, is_url, look, put, remove, too_long
from cleaner.io.stdin import standard_input
from cleaner.io.textfile import SIDE_FILE

if TYPE_CHECKING:
    from cleaner.cluster.engine import Cluster

RunMode = Literal["new", "resume", "overwrite", "retry"]
"""What becomes of a run that DST holds already. ``new``: it stays, and this one is refused; ``resume``: it goes on;
``overwrite``: it is replaced; ``retry``: it goes on with these options instead of its own, and inputs that have rejects
are done once more."""

_SMALL: Final = 16_000_000
"""Bytes of input below which starting processes costs more than it brings ..."""

_FEW: Final = 500
"""... and files."""


class Run:
    """One run of a plan. Iterate over `pieces`; the result is then in `summary`.

    The work is done by ``workers`` processes on this machine, or by a ``cluster``.
    Raises UsageError before anything is written if the plan makes no sense or the target already holds something.
    """

    def __init__(
        self,
        plan: Plan,
        options: RunOptions,
        *,
        workers: int | None = None,
        cluster: Cluster | None = None,
        mode: RunMode = "new",
    ) -> None:
        self.plan = plan
        self.mode = mode
        self.cluster = cluster
        self.options = options
        self._target_before = self._target_state()  # before anything is decided by it
        self.survey: Survey = survey(plan, beside=True)
        _check_options(plan, options, self.survey.formats)
        self.workers = workers or self._default_workers()
        self._alone = self.workers == 1 and not self.survey.native
        if not self._alone and cluster is None:
            from cleaner.batch.pool import prepare

            prepare()
        self.cleaner = options.cleaner()
        self.summary: Summary | None = None
        self.samples: list[Sample] = []
        """Some documents that the run changed."""
        self.rejected: list[dict[str, Any]] = []
        """The first records that it set aside, as in its books."""
        self.head: Head = {
            "cleaner": __version__,
            "fingerprint": self.cleaner.ruleset.fingerprint,
            "src": os.path.abspath(plan.src) if is_local(plan.src) else plan.src,
            "format": plan.format,
            "options": options.as_json(),
        }
        self.finished = False
        self.vanished: list[str] = []
        """Inputs of the overwritten run that no longer exist, and whose outputs were removed."""
        self.left_over: list[str] = []
        """Inputs of an overwritten run from another SRC, whose outputs stay."""
        self.gone: list[str] = []
        """Inputs whose outputs have disappeared, and are made again."""
        self._manifest: list[bytes] = []
        """The lines that the books are to begin with, where some of theirs count no more."""
        self.state = self._find_state()

    def _find_state(self) -> State | None:
        """What there is to go on with. Raises UsageError where going on, or beginning, would harm something."""
        plan = self.plan
        if plan.streams:
            return None
        if not plan.keeps_books and too_long(plan.dst + BESIDE):
            raise UsageError(f"{plan.dst}: its name is too long for a file with {BESIDE} behind it: name a shorter one")
        check_unlocked(plan.folder, plan.dst)
        state = None if self.mode == "overwrite" else read_state(plan.folder)
        if state and self.mode in ("resume", "retry"):
            return self._going_on(state)
        if state and plan.keeps_books:
            kind = "a finished run" if state.finished else "an unfinished run"
            raise UsageError(f"{plan.dst} holds {kind}: continue with --resume, or start over with --overwrite")
        if self.survey.existing and self.mode != "overwrite":
            if self.mode != "resume" or plan.keeps_books or not exists(plan.dst):
                raise UsageError(f"{self.survey.existing} exists: replace it with --overwrite")
            self._take_as_finished()
        return None

    def _going_on(self, state: State) -> State:
        """What counts of an earlier run that this one is to continue. Raises UsageError where it was another one."""
        head: Head = json.loads(json.dumps(self.head))
        if self.mode == "retry":
            state.head["options"] = head["options"]
        check_resumable(state, head)
        state = self._without_redone(state)
        changed = [source.name for source in self.plan.sources() if state.changed(source)]
        if changed:
            mend = "start over with cleaner run --overwrite"
            raise UsageError(f"cannot resume, inputs changed: {few_of(changed)}: {mend}")
        self.finished = state.finished and not any(map(state.left, self.plan.sources()))
        return state

    def _without_redone(self, state: State) -> State:
        """The state without what is to be done once more: outputs that have disappeared, those that have grown where
        they cannot go on, and where it retries all that have rejects."""
        retries = self.mode == "retry"
        first = None  # of the inputs that are left
        for source in self.plan.sources():
            if state.gone(source):
                self.gone.append(source.name)
            elif first is None and state.left(source):
                first = source.name
        # An unfinished output can grow on only if no input is left before it: that one's would grow in its place.
        redone = bool(self.gone or state.unfinished - {first} or (retries and state.bad))
        if not redone and (state.finished or not retries):
            return state
        self._manifest = without(self.plan.folder, state, {*self.gone, *state.unfinished} if redone else set())
        left = state_of(self._manifest)
        assert left
        return left

    def _take_as_finished(self) -> None:
        """Take a run to a single file as done, since its output is there. Books that are left, as it was killed at its
        very end, are removed."""
        self.finished = True
        if os.path.isdir(self.plan.folder):
            with locked(self.plan.folder, self.plan.dst):
                shutil.rmtree(self.plan.folder)

    def _target_state(self) -> list[tuple[int, int]]:
        """Size and time of what another run to DST would change: its books, and its one output."""
        plan = self.plan
        return [look(os.path.join(plan.folder, MANIFEST)), *([] if plan.keeps_books else [look(plan.dst)])]

    def _default_workers(self) -> int:
        """How many processes to use where nobody says: one for a small run."""
        if self.plan.src == STREAM or (self.survey.bytes < _SMALL and self.survey.files < _FEW):
            return 1
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

    @property
    def rejects(self) -> str:
        """Path of the file of rejects; empty for a stream, which keeps none."""
        if self.plan.streams:
            return ""
        return os.path.join(self.plan.folder, REJECTED) if self.plan.keeps_books else self.plan.dst + BESIDE

    def pieces(self) -> Iterator[Committed]:
        """Do the work; yields each piece of it once it is committed. May be left at any time, and resumed.

        Raises CleanerError where another run has come before or the books lack something, and TargetError.
        """
        plan = self.plan
        with contextlib.ExitStack() as stack:
            folder = plan.folder or stack.enter_context(tempfile.TemporaryDirectory(prefix="cleaner-"))
            stack.enter_context(locked(folder, plan.dst))
            if not (plan.streams or self.mode == "overwrite" or self._target_before == self._target_state()):
                if not (plan.keeps_books or os.path.exists(os.path.join(folder, MANIFEST))):
                    shutil.rmtree(folder)  # it is done, and kept none
                raise CleanerError(f"another run has written to {plan.dst} meanwhile: see what it did, and start again")
            if self._manifest:
                write_atomically(os.path.join(folder, MANIFEST), b"".join(self._manifest))
            if self.mode == "overwrite":
                self._remove_vanished()
            books = Books(folder, self.head, self.state)
            stack.callback(books.close)
            if plan.keeps_books and is_url(plan.dst):
                with writing(plan.dst):
                    remove(_published(plan.dst, SUMMARY))  # of the run before: it says that all is done
            parts = stack.enter_context(_parts(folder))
            with writing(folder):
                samples = Samples(folder, self.state.inputs if self.state else None)
            with Committer(plan, self.options, folder, books) as committer:
                committer.recover()
                for job, outcome in self._results(parts):
                    with writing(folder):
                        samples.offer(outcome.samples)  # before the books say that the piece is done
                    yield committer.commit(job, outcome)
            self.samples = samples.best
            self.rejected = read_rejects(folder)
            self.summary = self._summarised(books.tally, books.seconds)
            if plan.keeps_books:
                summary = json.dumps(self.summary.as_json(), indent=2).encode() + b"\n"
                if is_url(plan.dst):
                    _publish(folder, summary, plan.dst)
                books.finish(summary)
            elif not plan.streams:
                _keep_rejects(folder, plan.dst)

    def _remove_vanished(self) -> None:
        """Remove the outputs of inputs that the books of an earlier run from the same SRC name, and that are gone. Of a
        run from another SRC they stay."""
        plan, state = self.plan, None
        with contextlib.suppress(CleanerError):  # damaged books name nothing
            state = read_state(plan.folder) if plan.keeps_books else None
        if state is None:
            return
        targets = {source.target for source in plan.sources()}
        for name in sorted(name for name in state.written if state.inputs[name].done):
            target = target_of(name, plan.dst)
            if not target or target in targets or not exists(target):
                continue
            if state.head.get("src") != self.head["src"]:
                self.left_over.append(name)
                continue
            with writing(target):
                remove(target)
                remove(target + SIDE_FILE)
            self.vanished.append(name)

    def load_results(self) -> Summary | None:
        """Read the results of a finished run back from its books; None where they are not there."""
        if self.state is None:
            return None  # a run to one file keeps none
        try:
            with open(os.path.join(self.plan.folder, SUMMARY), "rb") as file:
                self.summary = Summary.from_json(json.load(file))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        self.samples = Samples(self.plan.folder, self.state.inputs).best
        self.rejected = read_rejects(self.plan.folder)
        return self.summary

    def _results(self, parts: str) -> Iterator[tuple[Job, Outcome]]:
        """Every job with its outcome, in order."""
        jobs = self._jobs(parts)
        if self.cluster:
            from cleaner.batch.cluster import run_jobs as run_on_cluster

            return run_on_cluster(jobs, self.cleaner, self.options, self.cluster, (self.plan.src, parts))
        if self._alone:
            warm_up(self.cleaner)
            return ((job, work(job, self.cleaner, self.options)) for group in jobs for job in group)
        from cleaner.batch.pool import run_jobs

        stream = (standard_input().fileno(),) if self.plan.src == STREAM else ()
        return run_jobs(jobs, self.cleaner, self.options, self.workers, stream)

    def _jobs(self, parts: str) -> Iterator[Jobs]:
        """What is left to do, in order, small pieces together."""
        state = self.state or State(self.head)
        fresh = Progress(size=0, mtime=0, done=False)
        known = ((source, state.inputs.get(source.name, fresh)) for source in self.plan.sources() if state.left(source))
        left = ((source, progress.end, progress.crc) for source, progress in known)
        names = map(str, count())
        for group in groups(left, self.options.reading.limits, parts):
            yield tuple(Job(shard, os.path.join(parts, next(names))) for shard in group)

    def _summarised(self, tally: Tally, seconds: float) -> Summary:
        """What the run came to. Raises CleanerError where the records do not add up, which must never be."""
        if tally.read != tally.written + tally.rejected:
            counts = f"{tally.read} records read, {tally.written} written, {tally.rejected} set aside"
            raise CleanerError(f"the books do not add up: {counts}")
        tally.trim()
        return Summary(self.head, self.survey.files, len(self.vanished), self.survey.skipped, seconds, tally)


def _check_options(plan: Plan, options: RunOptions, formats: set[Format]) -> None:
    """Raises UsageError where the options do not fit the plan, or the formats of its inputs."""
    _check_attributes(options, formats)
    if options.annotate and plan.streams and plan.single and not plan.single.format.rows:
        raise UsageError("--annotate writes the removals of a text to a file beside it: name a file for DST")
    if WARC in formats:
        warc.check_names(options.reading.fields, options.annotate)


def _check_attributes(options: RunOptions, formats: set[Format]) -> None:
    """Raises UsageError where attributes cannot be written of inputs in these formats."""
    if options.attributes is None:
        return
    if options.attributes != "dolma":
        raise UsageError(f"no attributes for {options.attributes!r}: they are written for dolma")
    if options.annotate or options.reading.html_field:
        raise UsageError("--attributes are spans of texts that stay: leave out --annotate and --html-field")
    if others := sorted(format.name for format in formats if format != JSON_LINES):
        raise UsageError(f"--attributes dolma is for documents as JSON lines, and SRC holds {', '.join(others)}")


def _parts(folder: str) -> tempfile.TemporaryDirectory[str]:
    """A fresh folder for unfinished parts; what dead runs left is removed, and this one in the end."""
    for name in os.listdir(folder):
        if name.startswith("parts-"):
            shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
    with writing(folder):
        return tempfile.TemporaryDirectory(prefix="parts-", dir=folder, ignore_cleanup_errors=True)


def _publish(folder: str, summary: bytes, dst: str) -> None:
    """Put a copy of the books beside outputs that lie elsewhere."""
    with writing(dst), tempfile.TemporaryDirectory() as copies:
        for name in (MANIFEST, REJECTED):
            shutil.copy(os.path.join(folder, name), copies)
        write_atomically(os.path.join(copies, SUMMARY), summary)
        for name in (MANIFEST, REJECTED, SUMMARY):
            put(os.path.join(copies, name), _published(dst, name))


def _published(dst: str, name: str) -> str:
    """Where a copy of the books has one of them."""
    return f"{dst.rstrip('/')}/{BOOKS}/{name}"


def _keep_rejects(folder: str, dst: str) -> None:
    """Keep the rejects of a run to a single file beside it, and nothing else of its books.

    They are copied, and the manifest goes first: wherever this is killed, the books are whole or tell of no run.
    """
    rejected, kept = os.path.join(folder, REJECTED), dst + BESIDE
    with writing(kept):
        if os.path.getsize(rejected):
            put(shutil.copy(rejected, os.path.join(folder, "kept")), kept)
        else:
            remove(kept)  # of an earlier run, whose output has been replaced
        os.unlink(os.path.join(folder, MANIFEST))
        shutil.rmtree(folder)
