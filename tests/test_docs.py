"""The examples of the documents run: commands with what they print, Python with its doctest answers.

A block marked ``console`` holds commands behind ``$``; what follows is what they print, where ``…`` stands for
anything. A block marked ``python`` is run as it is, with its ``>>>`` answers checked if it has any; rules in ``toml``
blocks must hold. A block marked ``file=NAME`` is written to that file, one marked ``slow`` starts a whole engine and
runs with the long tests. The blocks of a document share one folder, in which `seeds/` lies, and their names. What is
not installed is skipped, and said so.
"""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, SEEDS

from cleaner.check.rulecheck import check_packs
from cleaner.rules.fields import reference
from cleaner.rules.load import load_packs, load_rules

BLOCK = re.compile(r"^( *)```(console|python|toml|html)( [^\n]*)?\n(.*?)^ *```", re.MULTILINE | re.DOTALL)

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.joinpath("docs").glob("*.md"))]


def blocks(path: Path) -> list[tuple[str, str, str]]:
    found = []
    for match in BLOCK.finditer(path.read_text(encoding="utf-8")):
        indent, language, mark, body = match.groups()
        found.append((language, (mark or "").strip(), re.sub(f"^{indent}", "", body, flags=re.MULTILINE)))
    return found


def run_console(body: str, folder: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "200"}
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,  # in the order in which a terminal shows them
            text=True,
            timeout=120,
        )
        shown = done.stdout
        pattern = "".join(
            ".*" if line.strip() == "…" else re.escape(line).replace("…", ".*") + r"\s*"
            for line in expected.rstrip().split("\n")
        )
        assert "Traceback" not in shown
        assert re.fullmatch(pattern, shown, re.DOTALL), f"$ {command}\n{shown}"


def run_python(body: str, name: str, names: dict[str, object]) -> None:
    if ">>>" in body:
        test = doctest.DocTestParser().get_doctest(body, names, name, None, 0)
        assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test).failed == 0
    else:
        exec(compile(body, name, "exec"), names)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_examples_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_blocks(path, tmp_path, monkeypatch, slow=False)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", [path for path in DOCUMENTS if "python slow" in path.read_text(encoding="utf-8")])
def test_long_examples_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)  # Spark looks for python3 otherwise
    run_blocks(path, tmp_path, monkeypatch, slow=True)


def run_blocks(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, slow: bool) -> None:
    shutil.copytree(SEEDS, tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    missing: list[str] = []
    for language, mark, body in blocks(path):
        if mark == "not-run" or "make " in body or (mark == "slow" and not slow):
            continue
        if mark.startswith("file="):
            target = tmp_path / mark.removeprefix("file=")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(body, encoding="utf-8")
        elif language == "console":
            run_console(body, tmp_path)
        elif language == "python":
            try:
                run_python(body, path.name, names)
            except ModuleNotFoundError as error:
                missing.append(str(error.name))
    if missing:
        pytest.skip(f"the rest ran; not installed: {', '.join(missing)}")


def test_the_reference_of_keys_is_up_to_date() -> None:
    written = ROOT.joinpath("docs", "rules.md").read_text(encoding="utf-8")
    assert written.endswith(reference()), "put what cleaner.rules.fields.reference() gives behind its own text"


def test_the_number_of_rules_is_about_what_it_says() -> None:
    readme = ROOT.joinpath("README.md").read_text(encoding="utf-8")
    (said,) = re.findall(r"all balanced rules \(some ([\d,]+)\)", readme)
    assert int(said.replace(",", "")) == pytest.approx(len(load_rules().rules), rel=0.03)


def test_rules_hold(tmp_path: Path) -> None:
    """The rules that documents show, each in a pack of its own, together with all bundled packs."""
    head = '[pack]\nversion = "1"\ndescription = "From a document."\n'
    for document in DOCUMENTS:
        for n, (language, mark, body) in enumerate(blocks(document)):
            if language == "toml" and mark != "not-run":
                path = tmp_path / f"{document.stem.lower()}-{n}.toml"
                path.write_text(body if "[pack]" in body else head + body, encoding="utf-8")
    packs = load_packs([tmp_path])
    own = [pack for pack in packs if Path(pack.path).parent == tmp_path]
    assert len(own) >= 3
    assert [str(problem) for problem in check_packs(own, packs)] == []
