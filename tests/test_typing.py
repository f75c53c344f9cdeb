"""What a type checker says of code that uses the package: mistakes are found, and what works is let through."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

USED = """
import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import cleaner
from cleaner import Cleaned, Cleaner, Document, RuleError, RuleSet, load_rules, restore
from cleaner.adapters.stream import clean_rows

def used(texts: Iterator[str], mixed: list[str | Document], paths: list[Path], place: os.PathLike[str]) -> str:
    made = Cleaner("careful", rules=paths, select=["rights"], ignore=("time",), max_removed=1, on_guard="cut")
    rules: RuleSet = load_rules(*paths, place, "own.toml", profile=made.profile)
    said = cleaner.__version__ + rules.fingerprint + "".join(rule.id for rule in rules.rules)
    for result in (*made.clean_many(texts), *made.clean_many(mixed), *made.clean_many(["a"])):
        said += restore(result) + "".join(removal.rule for removal in result.removals)
    for row in clean_rows([{"text": "a", "id": 1}], url=None):
        said += row["text"]
    try:
        return said
    except RuleError as error:
        return error.problems[0].path

async def aside(made: Cleaner) -> Cleaned:
    return await asyncio.to_thread(made.clean, "a", url="https://news.example/a")
"""

MISTAKES = """
import cleaner
from cleaner import Clenaer  # attr-defined
cleaner.Clenaer()  # attr-defined
made = cleaner.Cleaner("bold")  # arg-type
made.profile = "careful"  # misc
made.select = ["rights"]  # attr-defined
made.clean("a").text = "b"  # misc
made.clean_many([1])  # list-item
cleaner.Cleaner(rules=[5])  # list-item
"""


@pytest.mark.slow
def test_a_type_checker_finds_mistakes_and_nothing_else(tmp_path: Path) -> None:
    for name, code in (("used.py", USED), ("mistakes.py", MISTAKES)):
        (tmp_path / name).write_text(code)
    (tmp_path / "mypy.ini").write_text("[mypy]\nstrict = true\nfollow_imports = silent\n")
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--hide-error-context", "used.py", "mistakes.py"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout
    found = {
        (line.split(":")[0], int(line.split(":")[1]), line.rpartition("[")[2].rstrip("]"))
        for line in said.splitlines()
        if " error: " in line
    }
    wanted = {
        ("mistakes.py", number, line.partition("  # ")[2])
        for number, line in enumerate(MISTAKES.split("\n"), 1)
        if "  # " in line
    }
    assert found == wanted, said
