"""What Ray and Spark have in common: a task and an item go out, a result comes back.

An engine decides where a task runs, and runs it again elsewhere when a machine is lost. So tasks must be pure, or at
least safe to run twice.
"""

from __future__ import annotations

import os
import pickle
import re
import signal
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, Protocol, TypeVar

from cleaner import __version__
from cleaner.errors import CleanerError, EngineError, UsageError, reason_of

Item = TypeVar("Item")
Result = TypeVar("Result")

ENGINES: Final = {"ray": "ray", "spark": "pyspark"}
"""Engine -> the package that it needs. The engine's own name is its module's in this room, and its extra's."""

_AHEAD: Final = 4
"""Items, for each worker, that may be under way or wait for their turn to be handed on."""

_ERROR: Final = re.compile(r"(?:Caused by)?[: ]*(?:[\w.]+\.)?(\w+(?:Error|Exception|Exit|Died|Failure)\b.*)")
"""A line that names a cause, in Python's words or in Java's."""


class Engine(Protocol):
    """A connection to an engine."""

    size: int
    """Tasks that it is to do at a time."""

    def share(self, task: bytes) -> Any:
        """Bring bytes to all workers, once; returns a handle for them."""

    def submit(self, shared: Any, item: Any) -> Future[Any]:
        """The `answer` of some worker, to come."""

    def close(self) -> None:
        """Stop what is under way, and let go."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Which engine does the work, and its address. Raises UsageError for an engine that does not exist."""

    engine: str
    """A key of `ENGINES`."""
    address: str | None = None
    """A Ray address or a Spark master; None: what the engine's own settings say, in the end this machine."""
    workers: int | None = None
    """Tasks at a time; None: one for each core that the engine has."""

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise UsageError(f"no engine {self.engine!r}: choose one of local, {', '.join(ENGINES)}")
        if find_spec(ENGINES[self.engine]) is None:
            raise UsageError(f"{self.engine} is not installed: pip install 'cleaner[{self.engine}]'")

    def connect(self) -> Engine:
        """Find the engine, or start it. Raises EngineError."""
        module = import_module(f"cleaner.cluster.{self.engine}")
        try:
            with _same_signals():
                engine: Engine = module.connect(self.address, self.workers)
        except Exception as error:
            where = f"{self.engine.title()} at {self.address or 'this machine'}"
            raise EngineError(f"no {where}: {_gist(error)}") from error
        return engine

    def spread(self, task: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Call the task for each item on the workers; yields the results in the order of the items.

        The task travels as a pickle, and stays with a worker process from one item to the next. Raises CleanerError as
        the task does, and EngineError if the engine fails.
        """
        with closing(self.connect()) as engine:
            shared = engine.share(pickle.dumps(task, pickle.HIGHEST_PROTOCOL))
            for future in _in_order((engine.submit(shared, item) for item in items), engine.size):
                yield self._result(future)

    def _result(self, future: Future[Any]) -> Any:
        try:
            result = future.result()
        except Exception as error:
            raise EngineError(f"{self.engine} gave up: {_gist(error)}") from error
        if isinstance(result, CleanerError):
            raise result
        return result


@contextmanager
def _same_signals() -> Iterator[None]:
    """Leave what answers Ctrl-C and SIGTERM as it is: Ray ends the program in its own way, and Spark asks its server
    something in the middle of a question."""
    before = {how: signal.getsignal(how) for how in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():  # no other may, nor has Ray or Spark
            for how, answer in before.items():
                if answer is not None:  # else it was no Python that had set it
                    signal.signal(how, answer)


def _in_order(calls: Iterable[Future[Any]], size: int) -> Iterator[Future[Any]]:
    """The results of the calls in order. A further call is made while fewer than a given number are under way."""
    waiting: deque[Future[Any]] = deque()
    running: set[Future[Any]] = set()
    for call in calls:
        waiting.append(call)
        running.add(call)
        while True:
            while waiting and waiting[0].done():
                yield waiting.popleft()
            if len(running) < size and len(waiting) < _AHEAD * size:
                break
            running = wait(running, return_when=FIRST_COMPLETED).not_done
    yield from waiting


def _gist(error: Exception) -> str:
    """The last line that names a cause in an engine's error, which holds the stacks of the worker and of the engine."""
    said = str(error)
    found = [match[1] for line in said.splitlines() if (match := _ERROR.match(line.strip()))]
    return found[-1] if found else reason_of(error)


def check_seen(paths: Iterable[str]) -> None:
    """Called on a worker; raises EngineError if it does not see what the machine of the run sees."""
    for path in paths:
        if not os.path.exists(path):
            raise EngineError(
                f"a worker on {socket.gethostname()} does not see {path}: inputs, and the books of a run, must lie on "
                "storage that this machine and all workers share, under the same path"
            )


def answer(version: str, task: bytes, item: Any) -> Any:
    """What a worker does for one item: the task's result, or the CleanerError that it raised."""
    if version != __version__:
        return EngineError(
            f"a worker on {socket.gethostname()} has cleaner {__version__}, this run is {version}: install the same"
        )
    try:
        return _task(task)(item)
    except CleanerError as error:
        return error


@lru_cache(maxsize=1)
def _task(task: bytes) -> Callable[[Any], Any]:
    loaded: Callable[[Any], Any] = pickle.loads(task)
    return loaded
