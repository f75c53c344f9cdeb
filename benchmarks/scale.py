"""How a run over a very large dump is laid out: a simulation of shards, workers and lost machines.

    python -m benchmarks.scale [--terabytes 100] [--speed 60] [--cores 2000] [--shard-mb 512] [--lost-per-hour 0.02]

Each core takes the next shard when it is free. A core is lost (a spot machine is taken back) at random, at the given
rate an hour; it comes back after ten minutes, and the shard it was at is begun again. Shard sizes vary as those of
crawls do (log-normal, sigma 0.5). Prints hours, core-hours, the share of work done twice, and the last shards' tail.
Each run has the same luck. Speed is MB/s a core of uncompressed JSON lines, as `make bench` measures it, reading and
writing included.
"""

from __future__ import annotations

import argparse
import heapq
import random
from dataclasses import dataclass

SIGMA = 0.5
BACK_AFTER = 600.0
"""Seconds until a lost core is replaced."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to."""

    shards: int
    hours: float
    core_hours: float
    redone: float
    """Share of the work that was lost and done again."""
    tail: float
    """Share of the wall time in which some cores had nothing left to do."""


def simulate(terabytes: float, speed: float, cores: int, shard_mb: float, lost_per_hour: float) -> Outcome:
    """Hours and core-hours of a run over so many terabytes (10^12 bytes) on so many cores at so many MB/s each."""
    chance = random.Random(1)
    shards = max(1, round(terabytes * 1e6 / shard_mb))
    scale = terabytes * 1e6 / shards / speed  # mean seconds a shard
    mean = 2.718281828459045 ** (SIGMA * SIGMA / 2)
    work = [chance.lognormvariate(0, SIGMA) / mean * scale for _ in range(shards)]
    free = [(0.0, core) for core in range(cores)]
    heapq.heapify(free)
    lost = done = ended = 0.0
    first_idle = None
    while work or free:
        now, core = heapq.heappop(free)
        if not work:
            first_idle = now if first_idle is None else first_idle
            if not free:
                break
            continue
        need = work.pop()
        dies = chance.expovariate(lost_per_hour / 3600) if lost_per_hour else float("inf")
        if dies < need:
            lost += dies
            work.append(need)
            heapq.heappush(free, (now + dies + BACK_AFTER, core))
        else:
            done += need
            ended = max(ended, now + need)
            heapq.heappush(free, (now + need, core))
    total = ended * cores
    return Outcome(shards, ended / 3600, total / 3600, lost / (done + lost), 1 - (first_idle or ended) / ended)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--terabytes", type=float, default=100)
    parser.add_argument("--speed", type=float, default=60, help="MB/s a core, reading and writing included")
    parser.add_argument("--cores", type=int, default=2000)
    parser.add_argument("--shard-mb", type=float, nargs="*", default=[64, 512, 4096])
    parser.add_argument("--lost-per-hour", type=float, default=0.02, help="chance that a core is lost, an hour")
    parser.add_argument("--price", type=float, default=0.02, help="of a core-hour")
    a = parser.parse_args()
    print(
        f"{a.terabytes:g} TB on {a.cores} cores at {a.speed:g} MB/s each; {a.lost_per_hour:.1%} of cores lost an hour"
    )
    print("shard MB    shards    hours  core-hours    cost  done twice   tail")
    for size in a.shard_mb:
        o = simulate(a.terabytes, a.speed, a.cores, size, a.lost_per_hour)
        print(
            f"{size:8g} {o.shards:9d} {o.hours:8.2f} {o.core_hours:11.0f} {o.core_hours * a.price:7.0f}"
            f" {o.redone:11.3%} {o.tail:6.1%}"
        )


if __name__ == "__main__":
    main()
