"""Tasks on Ray: one remote function, which Ray runs again elsewhere if a machine is lost."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import ray

from cleaner import __version__
from cleaner.cluster.engine import answer


class RayEngine:
    """A connection to a Ray cluster."""

    def __init__(self, workers: int | None) -> None:
        self._answer = ray.remote(answer)
        self.size = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))

    def share(self, task: bytes) -> Any:
        """Put the task into the object store."""
        return ray.put(task)

    def submit(self, shared: Any, item: Any) -> Future[Any]:
        """The answer of a worker, to come."""
        future: Future[Any] = self._answer.remote(__version__, shared, item).future()
        return future

    def close(self) -> None:
        """Disconnect; Ray stops the tasks of this program, and itself if it was started here."""
        ray.shutdown()


def connect(address: str | None, workers: int | None) -> RayEngine:
    """Connect to an address, else to what RAY_ADDRESS names or what runs on this machine, else start a cluster here."""
    ray.init(address, log_to_driver=False, logging_level="ERROR", configure_logging=False)
    return RayEngine(workers)
