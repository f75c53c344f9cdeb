"""The same contenders under pytest-benchmark, to compare two states of the code: `pytest benchmarks/test_speed.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from benchmarks import contenders
from benchmarks.texts import generated
from cleaner import Cleaner

TEXTS = generated(1_000_000)


@pytest.fixture(scope="module")
def cleaner() -> Cleaner:
    made = Cleaner()
    contenders.engine(made)(TEXTS)
    return made


@pytest.mark.parametrize("contender", [contenders.c4, contenders.ad_hoc, contenders.alternation])
def test_contender(benchmark: Callable[..., Any], contender: contenders.Contender) -> None:
    assert benchmark(contender, TEXTS) > 0


def test_batches(benchmark: Callable[..., Any], cleaner: Cleaner) -> None:
    assert benchmark(contenders.engine(cleaner), TEXTS) > 0


def test_one_by_one(benchmark: Callable[..., Any], cleaner: Cleaner) -> None:
    assert benchmark(contenders.one_by_one(cleaner), TEXTS[:20]) > 0
