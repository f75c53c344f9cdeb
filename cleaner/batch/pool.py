"""Worker processes: jobs go out, outcomes come back in order, and a crash costs only the record that caused it.

When a worker dies, or is killed because it was silent for too long, another continues its job from the last place up to
which the part was written, record by record, each announced before it is cleaned. If a worker dies of the same record
again, that record is set aside.
"""

from __future__ import annotations

import contextlib
import errno
import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from typing import TYPE_CHECKING, Any, Final

from cleaner.batch.job import Job, Jobs, Outcome
from cleaner.batch.options import RunOptions
from cleaner.batch.part import Reached
from cleaner.batch.work import warm_up, work
from cleaner.errors import CleanerError, EngineError
from cleaner.io.records import Fault

if TYPE_CHECKING:
    from cleaner.clean.cleaner import Cleaner

_AHEAD: Final = 4
"""Groups of jobs, for each worker, that may be under way or wait for their turn to be committed."""

_LIVES: Final = 2
"""Workers that may die of one record before it is set aside."""

_READY: Final = -1
"""What a worker says, in place of the number of a record, when it has loaded what it needs."""

_STILLBORN: Final = 3
"""Workers in a row that die before they are ready, after which none is expected to be."""

PATIENCE: Final = 10.0
"""Seconds of silence beyond the bound for a document, after which a worker is taken for stuck."""


@dataclass(slots=True)
class _Task:
    """A group of jobs and what has come of it so far."""

    jobs: list[Job]
    outcomes: list[Outcome] = field(default_factory=list)
    taken: int = 0
    """Outcomes that have been handed on."""
    deaths: Counter[int] = field(default_factory=Counter)
    """Number of the record of the present job -> workers that died of it; 0: of none in particular."""

    @property
    def done(self) -> bool:
        return len(self.outcomes) == len(self.jobs)


@dataclass(slots=True)
class _Worker:
    """One worker process."""

    process: Any
    pipe: Connection
    task: _Task | None = None
    record: int = 0
    """The record that it announced last."""
    last: int = 0
    """The last record of the present job that it announced."""
    heard: float = 0.0
    """When it last said something."""
    ready: bool = False
    """Whether it has loaded what it needs, which may take longer than any document."""
    stuck: bool = False
    """Whether it was killed for its silence."""


def run_jobs(
    groups: Iterator[Jobs], cleaner: Cleaner, options: RunOptions, size: int, stream: tuple[int, ...]
) -> Iterator[tuple[Job, Outcome]]:
    """Do all jobs with so many processes at most; yields the outcomes in the order of the jobs. Raises TargetError.

    ``stream`` holds the file descriptor that the groups are read from, if reading it may block.
    """
    with contextlib.closing(Pool(cleaner, options, size)) as pool:
        yield from pool.run(groups, stream)


class Pool:
    """Up to ``size`` worker processes, started as there is work for them, and the task of each."""

    def __init__(self, cleaner: Cleaner, options: RunOptions, size: int) -> None:
        self._context = _context()
        self._pickled, self._options = pickle.dumps((cleaner, options)), options  # once for all
        self._bound = 2 * options.reading.limits.seconds + PATIENCE
        self._todo: deque[_Task] = deque()
        self._size = size
        self._workers: list[_Worker] = []
        self._stillborn = 0
        """Workers that have died before they were ready, since one was."""

    def run(self, groups: Iterator[Jobs], stream: tuple[int, ...] = ()) -> Iterator[tuple[Job, Outcome]]:
        """Do all jobs; yields their outcomes in the order of the jobs. While work is under way, a ``stream`` without
        new input is not waited for. Raises TargetError, and EngineError where no worker can be started."""
        under_way: deque[_Task] = deque()
        most = _AHEAD * self._size
        while True:
            while len(under_way) < most and (not (under_way and stream) or wait(stream, timeout=0)):
                group = next(groups, None)
                if group is None:
                    stream = ()
                    break
                task = _Task(list(group))
                under_way.append(task)
                self._todo.append(task)
                self._hand_out()
            self._hand_out()
            if not under_way:
                return
            self._listen(stream if len(under_way) < most else ())
            while under_way:
                task = under_way[0]
                while task.taken < len(task.outcomes):
                    yield task.jobs[task.taken], task.outcomes[task.taken]
                    task.taken += 1
                if not task.done:
                    break
                under_way.popleft()

    def close(self) -> None:
        """Stop all workers at once."""
        for worker in self._workers:
            worker.process.kill()
            worker.pipe.close()
        for worker in self._workers:
            worker.process.join()
            worker.process.close()

    def _start(self) -> _Worker:
        """Start a worker. What it works with comes by its pipe: if Ctrl-C cut short what comes as arguments, the worker
        would answer with a traceback."""
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs,), daemon=True)  # type: ignore[attr-defined]
        process.start()
        theirs.close()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # dead: `_listen` will see it
            ours.send_bytes(self._pickled)
        return _Worker(process, ours)

    def _hand_out(self) -> None:
        free = sum(worker.task is None for worker in self._workers)
        for _ in range(min(len(self._todo) - free, self._size - len(self._workers))):
            self._workers.append(self._start())
        for worker in self._workers:
            if worker.task is None and self._todo:
                worker.task = self._todo.popleft()
                worker.record, worker.last, worker.heard, worker.stuck = 0, 0, time.monotonic(), False
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # dead: `_listen` will see it
                    worker.pipe.send(worker.task.jobs[len(worker.task.outcomes) :])

    def _listen(self, stream: tuple[int, ...]) -> None:
        """Wait for news from the workers, or from a stream, and take in those of the workers."""
        ready = set(wait([*(worker.pipe for worker in self._workers), *stream], timeout=1.0))
        for at, worker in enumerate(self._workers):
            if worker.pipe in ready:
                try:
                    self._receive(worker, worker.pipe.recv())
                except (EOFError, OSError):  # OSError: it died in the middle of a message
                    self._workers[at] = self._replace(worker)
            elif worker.task and worker.ready and not worker.stuck and time.monotonic() - worker.heard > self._bound:
                worker.stuck = True
                worker.process.kill()  # `_listen` will find its pipe broken

    def _receive(self, worker: _Worker, news: int | Reached | Outcome | CleanerError) -> None:
        worker.heard = time.monotonic()
        if isinstance(news, CleanerError):
            raise news
        if news == _READY:
            worker.ready, self._stillborn = True, 0
            return
        if isinstance(news, int):
            worker.record, worker.last = news, news or worker.last
            return
        assert worker.task
        if isinstance(news, Reached):
            at = len(worker.task.outcomes)
            worker.task.jobs[at] = replace(worker.task.jobs[at], reached=news)
            return
        worker.task.outcomes.append(news)
        worker.task.deaths.clear()
        worker.record = worker.last = 0
        if worker.task.done:
            worker.task = None

    def _replace(self, worker: _Worker) -> _Worker:
        """Note what a dead worker was doing, so that it is done again with more care, and start another."""
        worker.pipe.close()
        worker.process.join()
        how = _how_it_ended(worker.process.exitcode or 0)
        if not worker.ready:
            self._stillborn += 1
            if self._stillborn == _STILLBORN:
                raise EngineError(
                    f"worker processes die as they start ({how}): there may be no memory for {self._size}"
                )
        if worker.task:
            if worker.ready:  # else it is no fault of the task
                _redo(worker.task, worker, _cause(worker, how, self._options))
            self._todo.appendleft(worker.task)
        return self._start()


def _how_it_ended(code: int) -> str:
    """How a process has ended."""
    if code == errno.ENOMEM:
        return "no memory was left"
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"exit code {code}"


def _cause(worker: _Worker, how: str, options: RunOptions) -> Fault:
    """Why a worker died, as the fault of what it was doing."""
    if worker.stuck:
        return Fault("too-slow", f"took more than {options.reading.limits.seconds:g} s and could not be interrupted")
    return Fault("killed", f"the process that cleaned it died twice ({how})")


def _redo(task: _Task, worker: _Worker, fault: Fault) -> None:
    """Decide how to redo the job during which a worker died. Raises EngineError where nothing is left to be tried."""
    at, record = len(task.outcomes), worker.record
    job = task.jobs[at]
    if not job.careful:
        task.jobs[at] = replace(job, careful=True)
        return
    task.deaths[record] += 1
    if task.deaths[record] < _LIVES:
        return
    if record:
        task.jobs[at] = replace(job, skip={**job.skip, record: fault})
    elif job.until and not job.until[0]:
        raise EngineError(f"{job.shard.source.path}: its output cannot be written: {fault.reason}")
    else:  # it dies of reading on; where it does so once more, of what it has read already
        last = max(worker.last, job.reached.number if job.reached else 0, *job.skip) if job.until is None else 0
        task.jobs[at] = replace(
            job, until=(last, fault._replace(reason=f"it could not be read from here on: {fault.reason}"))
        )


def prepare() -> None:
    """Start the fork server, so that it loads the workers' modules while the caller goes on. It ignores Ctrl-C, which
    it would answer with a traceback."""
    if _context().get_start_method() == "forkserver":
        from multiprocessing import forkserver, resource_tracker

        resource_tracker.ensure_running()  # started from the fork server's start, it would let the signal through again
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _context() -> BaseContext:
    """How workers are started: forked from a server without threads, as a fork of a process with threads may hang."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "cleaner.match.fast"])
    return context


def _serve(pipe: Connection) -> None:
    """The main loop of a worker: do jobs until the pipe breaks, by which the cleaner and the options come first, too.
    Ctrl-C is left to the parent process."""
    for how in (signal.SIGINT, signal.SIGHUP):  # of a terminal, which sends them to all: the caller decides
        signal.signal(how, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("500")  # where memory ends, a worker is to go and not the run
    try:
        pickled = pipe.recv_bytes()
    except (EOFError, OSError):  # OSError: it breaks in the middle
        return
    cleaner, options = pickle.loads(pickled)
    warm_up(cleaner)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        pipe.send(_READY)
        while True:
            for job in pipe.recv():
                try:
                    pipe.send(work(job, cleaner, options, pipe.send))
                except CleanerError as error:
                    pipe.send(error)
                except MemoryError:  # as if the system had killed it
                    os._exit(errno.ENOMEM)


def _exit_with_parent() -> None:
    """Exit when the parent process does, even in the middle of a long document."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
