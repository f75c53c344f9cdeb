"""The simulation behind the page on scale adds up."""

from __future__ import annotations

import pytest

from benchmarks.scale import simulate


def test_without_losses_the_work_is_the_work() -> None:
    outcome = simulate(terabytes=1, speed=10, cores=10, shard_mb=100, lost_per_hour=0)
    assert outcome.redone == 0
    assert outcome.core_hours == pytest.approx(1e6 / 10 / 3600, rel=0.05)
    assert outcome.hours == pytest.approx(outcome.core_hours / 10)


def test_losses_cost_and_larger_shards_lose_more() -> None:
    small, large = (simulate(1, 10, 10, shard_mb, lost_per_hour=1.0) for shard_mb in (50, 2000))
    assert 0 < small.redone < large.redone
    assert simulate(1, 10, 10, 50, 1.0) == small
