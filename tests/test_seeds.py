"""The two seed documents come out as they should, byte for byte."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SEEDS

from cleaner import Cleaner, restore

NAMES = sorted(path.name for path in SEEDS.glob("*.txt") if not path.name.endswith(".expected.txt"))


@pytest.mark.parametrize("name", NAMES)
def test_seed(engine: str, name: str) -> None:
    text = (SEEDS / name).read_bytes().decode("utf-8")
    expected = (SEEDS / name.replace(".txt", ".expected.txt")).read_bytes().decode("utf-8")
    result = Cleaner(engine=engine).clean(text)
    assert result.text == expected
    assert restore(result) == text
    if text == expected:
        assert result.text is text


def test_run_over_the_folder(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "cleaner", "run", str(SEEDS), str(tmp_path / "out"), "--quiet"], check=True)
    for name in NAMES:
        expected = (SEEDS / name.replace(".txt", ".expected.txt")).read_bytes()
        assert (tmp_path / "out" / name).read_bytes() == expected
