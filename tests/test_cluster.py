"""Runs on Ray and Spark, the real ones: the same outputs, books, messages and exit codes as on one machine."""

from __future__ import annotations

import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from runs import ROOT, Call, Done, finish, rejects, row, start, summary, tree
from test_run_workers import fill

pytestmark = pytest.mark.filterwarnings("default")  # other people's packages warn of what they like

ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),  # the workers import what the tests clean with
    "PYSPARK_PYTHON": sys.executable,
    "SPARK_LOCAL_IP": "127.0.0.1",
    "RAY_AUTH_MODE": "token",  # nobody else is to find the cluster of the tests open
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
}


HEAD = """
import sys, ray
ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False)
print(ray.get_runtime_context().gcs_address, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module", params=["ray", pytest.param("spark", marks=pytest.mark.slow)])
def where(request: pytest.FixtureRequest) -> Iterator[tuple[str, ...]]:
    """The arguments that name an engine: a Ray cluster that runs already, and a Spark that the command starts."""
    if request.param == "spark":
        pytest.importorskip("pyspark")
        if not shutil.which("java"):
            pytest.skip("Spark needs Java, and there is none")
        yield ("--engine", "spark", "--master", "local[2]")
        return
    pytest.importorskip("ray")
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-c", HEAD], env=ENVIRONMENT, text=True, **streams) as head:
        yield ("--engine", "ray", "--address", head.stdout.readline().strip())
        head.communicate()


def run(*args: object, **options: Any) -> Done:
    return finish(start(*args, env=ENVIRONMENT, **options))


def said(done: Done, out: Path) -> list[str]:
    """What a run said itself, but for how far it is; engines have a lot to say as well."""
    lines = [line.replace(str(out), "OUT") for line in done.err.splitlines() if line.startswith("cleaner:")]
    return [line for line in lines if "MB/s" not in line]


def books(out: Path) -> tuple[object, ...]:
    """The books of a run, but for the times that it took."""
    rows = [summary(out), *map(json.loads, (out / ".cleaner" / "manifest.jsonl").read_text().splitlines())]
    return [{**row, "seconds": 0} for row in rows], (out / ".cleaner" / "rejected.jsonl").read_bytes()


def test_a_run_there_is_a_run_here(tmp_path: Path, where: tuple[str, ...]) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    src = fill(tmp_path / "in", random.Random(11))
    parquet.write_table(pa.table({"text": ["cut me\nkept", None, "kept"], "n": [1, 2, 3]}), src / "table.parquet")
    (src / "deadly.jsonl").write_bytes(row(text="cut\n1", id="a") + row(text="!KILL", id="b") + row(text="c", id="c"))
    here, there = tmp_path / "here", tmp_path / "there"
    options = ("--on-guard", "set-aside", "--annotate")
    local = run("run", src, here, *options, "--workers", 2)
    far = run("run", src, there, *options, *where)
    assert (far.code, said(far, there)) == (local.code, said(local, here)) == (3, said(local, here)), far.err
    assert tree(there) == tree(here)
    assert books(there) == books(here)
    assert [reject["id"] for reject in rejects(there) if reject["code"] == "killed"] == ["b"]


@pytest.mark.slow
def test_stopped_and_resumed(tmp_path: Path, where: tuple[str, ...]) -> None:
    src, out = fill(tmp_path / "in", random.Random(12)), tmp_path / "out"
    (src / "zz.txt").write_text("!SPIN")
    process = start("run", src, out, "--max-seconds", 1000, *where, env=ENVIRONMENT)
    while not (out / "sub" / "20.txt").exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    done = finish(process)
    assert done.code == 130 and said(done, out)[-1:] == [
        "cleaner: stopped; what is done is kept, continue with --resume"
    ]
    assert not [name for name in os.listdir(out / ".cleaner") if name.startswith("parts")]
    (src / "zz.txt").unlink()
    done = run("run", src, out, "--max-seconds", 1000, "--resume", *where)
    assert done.code == 3, done.err
    assert run("run", src, tmp_path / "whole").code == 3
    assert tree(out) == tree(tmp_path / "whole")
    assert rejects(out) == rejects(tmp_path / "whole")


@pytest.mark.slow
@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs a path that means something in one process only")
def test_storage_that_is_not_shared(tmp_path: Path, where: tuple[str, ...]) -> None:
    fill(tmp_path / "in", random.Random(13))
    folder = os.open(tmp_path / "in", os.O_RDONLY)
    private = f"/proc/self/fd/{os.dup2(folder, 250)}"
    try:
        done = run("run", private, tmp_path / "out", *where, pass_fds=(250,))
    finally:
        os.close(folder)
        os.close(250)
    (line,) = said(done, tmp_path / "out")
    assert done.code == 1 and f"does not see {private}: " in line and "must lie on storage" in line


def test_learning_there_is_learning_here(tmp_path: Path, where: tuple[str, ...]) -> None:
    noise = random.Random(14)
    for site in ("one.example", "two.example"):
        for part in range(3):
            rows = [
                row(text=f"Home of {site}\n{noise.random()} is what it says\nAbout us", url=f"https://{site}/{part}{n}")
                for n in range(5)
            ]
            (tmp_path / f"in{part}").mkdir(exist_ok=True)
            (tmp_path / f"in{part}" / f"{site}.jsonl").write_bytes(b"".join([*rows, b"{bad\n", row(text="homeless")]))
    sources = [tmp_path / f"in{part}" for part in range(3)]
    local = run("learn", *sources, "-o", tmp_path / "here" / "sites.toml")
    far = run("learn", *sources, "-o", tmp_path / "there" / "sites.toml", *where)
    assert (local.code, far.code) == (3, 3), far.err
    assert (tmp_path / "there" / "sites.toml").read_bytes() == (tmp_path / "here" / "sites.toml").read_bytes()
    account = [
        line for line in far.err.splitlines() if "documents read" in line or "no site" in line or "cannot" in line
    ]
    assert len(account) == 3 and set(account) <= set(local.err.splitlines())


def test_engines_and_options_that_do_not_go_together_are_refused(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.txt").write_text("x")
    command = ("run", tmp_path / "x.txt", tmp_path / "y.txt")
    done = call(*command, "--engine", "dask")
    assert (done.code, done.err) == (2, "cleaner: no engine 'dask': choose one of local, ray, spark\n")
    assert "--address needs an engine: --engine ray" in call(*command, "--address", "auto").err
    monkeypatch.setitem(sys.modules, "ray", None)
    assert call(*command, "--engine", "ray").err == "cleaner: ray is not installed: pip install 'cleaner[ray]'\n"
    assert "leave out --engine" in call("learn", tmp_path, "-o", "x.toml", "--merge", "--engine", "spark").err
    assert "one process" in call("learn", tmp_path, "-o", "x.toml", "--workers", 2).err
    assert not (tmp_path / "y.txt").exists()
