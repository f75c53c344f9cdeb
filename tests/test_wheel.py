"""The built wheel, installed alone into an empty folder, brings its rules along and cleans with them.

Without compiled loops some of the rules will do, as reading all takes long; the long tests clean a seed document, for
which nothing has to be made that the wheel brings.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, SEEDS

CODE = """
import sys
from pathlib import Path
import cleaner
from cleaner.prebuilt import bundled_folder
from cleaner.rules.load import bundled_packs, load_rules
assert Path(cleaner.__file__).is_relative_to(sys.argv[1]), cleaner.__file__
assert bundled_folder() == Path(sys.argv[1]) / "cleaner" / "_rules", bundled_folder()
if sys.argv[4]:
    import cleaner.match.construct
    cleaner.match.construct._Nfa = None  # whoever makes an automaton that the wheel brings fails
    assert load_rules().fingerprint == sys.argv[4]
    assert all(Path(pack.path).is_relative_to(sys.argv[1]) for pack in bundled_packs())
    text = Path(sys.argv[2]).read_text(encoding="utf-8")
    assert cleaner.Cleaner().clean(text).text == Path(sys.argv[3]).read_text(encoding="utf-8")
else:
    some = load_rules(bundled_folder() / "common", bundled=False)
    assert cleaner.Cleaner(rules=some).clean("Rain.\\n\\n© 2014-2025 The Norrholm Post").text == "Rain."
"""


@pytest.mark.parametrize("pure", ["1", pytest.param("", marks=pytest.mark.slow)], ids=["pure", "compiled"])
def test_wheel_brings_its_rules(tmp_path: Path, pure: str) -> None:
    pytest.importorskip("hatchling")
    source = tmp_path / "source"  # a copy: building writes the compiled modules, which other tests are using
    without = shutil.ignore_patterns(".*", "build", "dist", "*.so", "__pycache__", "runs")
    shutil.copytree(ROOT, source, ignore=without)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(
        build,
        cwd=source,
        env={**os.environ, "CLEANER_PURE": pure, "CLEANER_NO_PREBUILT": pure},
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    target = tmp_path / "site"
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(target)], check=True)
    assert {path.name.split("-")[0] for path in target.iterdir()} == {"cleaner"}, "itself and its dist-info"

    bundled = target / "cleaner" / "_rules"
    assert {path.relative_to(bundled): path.read_bytes() for path in bundled.rglob("*.*")} == {
        path.relative_to(ROOT / "rules"): path.read_bytes() for path in (ROOT / "rules").rglob("*.*")
    }

    from cleaner import load_rules

    fingerprint = "" if pure else load_rules().fingerprint
    seed = SEEDS / "000_067391b5fa86ada0.txt"
    expected = SEEDS / "000_067391b5fa86ada0.expected.txt"
    command = [sys.executable, "-c", CODE, str(target), str(seed), str(expected), fingerprint]
    environment = {**os.environ, "PYTHONPATH": str(target), "CLEANER_CACHE": str(tmp_path / "cache")}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)


def test_an_editable_install_finds_the_rules_beside_it() -> None:
    from cleaner.prebuilt import bundled_folder

    assert bundled_folder() == ROOT / "rules"


def test_what_make_clean_removes_is_built_again(tmp_path: Path) -> None:
    """The inner loops lie beside their sources, whatever environment was told that they are there."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("pyproject.toml", "hatch_build.py", "cleaner/a/_b.pyx", "cleaner/a/_b.so", ".venv/.base"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    def make(*what: str) -> str:
        return subprocess.run(["make", *what], cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    assert "pip install" not in make("-n", ".venv/.base")
    make("clean")
    assert not (tmp_path / "cleaner" / "a" / "_b.so").exists()
    assert "pip install" in make("-n", ".venv/.base")
