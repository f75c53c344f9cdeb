"""Tasks on Spark: a job of one partition each, which Spark runs again elsewhere if a machine is lost."""

from __future__ import annotations

import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from pyspark.sql import SparkSession

from cleaner import __version__
from cleaner.cluster.engine import answer


class SparkEngine:
    """A connection to a Spark cluster."""

    def __init__(self, session: SparkSession, workers: int | None) -> None:
        self._session = session
        self._context = session.sparkContext
        self.size = workers or max(1, self._context.defaultParallelism)
        self._threads = ThreadPoolExecutor(self.size)  # a job blocks the one who asks for it

    def share(self, task: bytes) -> Any:
        """Broadcast the task."""
        return self._context.broadcast(task)

    def submit(self, shared: Any, item: Any) -> Future[Any]:
        """The answer of a worker, to come."""
        return self._threads.submit(self._call, shared, item)

    def _call(self, shared: Any, item: Any) -> Any:
        version = __version__
        (result,) = self._context.parallelize([item], 1).map(lambda item: answer(version, shared.value, item)).collect()
        return result

    def close(self) -> None:
        """Stop Spark, and with it the jobs under way."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._session.stop()


def connect(address: str | None, workers: int | None) -> SparkEngine:
    """Connect to a master, else to the one that Spark's own settings name, else start Spark in this process.

    Workers use the Python of this program's path, unless PYSPARK_PYTHON says otherwise.
    """
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("cleaner").config("spark.ui.showConsoleProgress", "false")
    return SparkEngine((builder.master(address) if address else builder).getOrCreate(), workers)
