"""The shape of the house: what importing loads, which names are public, and that imports point downwards only."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from runs import Call

import cleaner

PACKAGE = Path(cleaner.__file__).parent

ROOMS = {
    name: height
    for height, names in enumerate(
        reversed(
            [
                ["cli"],
                ["batch", "adapters"],
                ["report"],
                ["check", "learn"],
                ["clean"],
                ["match"],
                ["rules"],
                ["io"],
                ["cluster"],
                ["extract"],
                ["text"],
                ["cache", "document", "options", "errors", "origin"],
                ["prebuilt"],
                ["__init__"],
            ]
        )
    )
    for name in names
}
"""Room -> height; a module may import its own room and lower ones."""

HEAVY = [
    "trafilatura",
    "pyarrow",
    "typer",
    "rich",
    "ray",
    "pyspark",
    "resiliparse",
    "brotli",
    "zstandard",
    "fsspec",
    "numpy",
]


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module)
    return {name for name in found if name.split(".")[0] == "cleaner"}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downwards(path: Path) -> None:
    if path.parent == PACKAGE and path.stem.startswith("__"):
        return  # the public doors lead upwards
    relative = path.relative_to(PACKAGE).with_suffix("")
    room = relative.parts[0]
    for name in imports_of(path):
        other = room_of(name)
        assert other == room or ROOMS[other] < ROOMS[room], f"{relative} imports {name}, which stands above it"


def test_public_names() -> None:
    assert set(cleaner.__all__) == {
        "Cleaned", "Cleaner", "CleanerError", "Document", "RecordError", "Removal", "RuleError", "RuleSet",
        "UsageError", "__version__", "load_rules", "restore",
    }  # fmt: skip
    for name in cleaner.__all__:
        assert getattr(cleaner, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        cleaner.nothing  # noqa: B018


def test_importing_is_light() -> None:
    code = f"import sys, cleaner; print([name for name in {HEAVY!r} if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_an_archive_has_no_rules_and_says_so(tmp_path: Path) -> None:
    """Rules are files; own ones serve an archive too."""
    (tmp_path / "own.toml").write_text(_OWN)
    archive = shutil.make_archive(str(tmp_path / "app"), "zip", PACKAGE.parent, "cleaner")
    code = (
        "import sys; from cleaner import Cleaner, UsageError, __file__, load_rules; assert '.zip' in __file__\n"
        "print(Cleaner(rules=load_rules(sys.argv[1], bundled=False), on_guard='cut').clean('A.\\nJoin us').text)\n"
        "try: Cleaner()\n"
        "except UsageError as error: print(error)"
    )
    command = [sys.executable, "-P", "-c", code, str(tmp_path / "own.toml")]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": archive})
    said = f"A.\n{archive}/rules: no rules are there; if cleaner was imported from an archive, unpack that\n"
    assert (done.stdout, done.stderr) == (said, "")


_OWN = """
[pack]
version = "1"
description = "Own."
[[rule]]
id = "join"
kind = "line"
reason = "Own."
phrases = ["join us"]
regex = ["^become a (?:friend|member)$"]
remove = ["Join us", "Become a friend"]
keep = ["Join us there.", "They join us."]
"""


def test_the_text_engine_loads_no_extra() -> None:
    heavy = [name for name in HEAVY if name != "numpy"]
    code = (
        "import sys; from cleaner import Cleaner; Cleaner().clean('A text. Größe');"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    for _ in range(2):  # the first start of a version unpacks what came with the package
        out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_cleaning_one_text_starts_quickly(tmp_path: Path) -> None:
    """What takes long to load and one text does not need is not loaded."""
    (tmp_path / "x.txt").write_text("A text. Größe\n\nShare this article", encoding="utf-8")
    heavy = [
        *(name for name in HEAVY if name not in ("numpy", "typer")),
        "pydantic",
        "multiprocessing",
        "importlib.metadata",
    ]
    code = (
        "import sys; from cleaner.cli.app import main\n"
        "try: main()\n"
        f"finally: print([name for name in {heavy!r} if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, "run", str(tmp_path / "x.txt"), str(tmp_path / "y.txt"), "--quiet"]
    command += ["--profile", "thorough", "--workers", "1"]
    subprocess.run([*command, "--overwrite"], check=True, capture_output=True)  # the first run unpacks what was made
    out = subprocess.run([*command, "--overwrite"], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
    assert (tmp_path / "y.txt").read_text(encoding="utf-8") == "A text. Größe"


def test_values_of_options_are_checked(tmp_path: Path, call: Call) -> None:
    (tmp_path / "x.txt").write_text("A text.")
    command = ["run", tmp_path / "x.txt", tmp_path / "y.txt"]
    for option, value in (("--workers", "0"), ("--max-removed", "half"), ("--profile", "reckless"), ("--none", "1")):
        done = call(*command, option, value)
        assert done.code == 2 and option in done.err
    done = call(*command[:-1])
    assert done.code == 2 and "DST" in done.err
