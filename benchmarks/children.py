"""The command line in a process of its own, with what it took."""

from __future__ import annotations

import multiprocessing
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Taken:
    """Wall-clock seconds of a run, and the greatest resident memory of any of its processes, in 10⁶ bytes."""

    wall: float
    peak_mb: float


def run_cleaner(source: Path, target: Path, *, workers: int) -> Taken:
    """`cleaner run` over a folder. Measured in a process between, whose only children are the run's."""
    command = [sys.executable, "-m", "cleaner", "run", str(source), str(target), "--workers", str(workers), "--quiet"]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure, (command,))


def wall_of(*arguments: str, rounds: int = 7, **env: str) -> float:
    """Wall-clock seconds from start to finish of `cleaner` with these arguments, and with ``env`` in its environment:
    the best of some rounds after one, or that one if there are none. Modules are read as they are in an installed
    package, that is compiled: without that, a fifth of a start is Python's compiler."""
    command = [sys.executable, "-m", "cleaner", *arguments]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | env
    times = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=env)
        times.append(time.perf_counter() - start)
    return min(times[1:] or times)


def _measure(command: list[str]) -> Taken:
    start = time.perf_counter()
    subprocess.run(command, check=True)
    wall = time.perf_counter() - start
    return Taken(wall, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6)
