"""The adapters of packages too heavy to stand beside the others, each in an environment of its own with the real one.

An environment is made when it is first asked for, in build/peers/, and used again. Where it cannot be made, for want of
a package index, the test is skipped and says so.
"""

from __future__ import annotations

import gzip
import json
import os
import secrets
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SEEDS

from cleaner import Cleaner

TEXTS = [
    *(path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt")) if ".expected" not in path.name),
    "The vote was close.\n\nSubscribe to our newsletter",
    "İstanbul'da 😀 bir gün, ﬁrst.\n\nShare this article\n",
    "Fine.",
    "",
]

EXPECTED = [result.text for result in Cleaner().clean_many(TEXTS)]

OWN = """
[pack]
version = "1"
description = "What a paper of the island prints."

[[rule]]
id = "club"
kind = "line"
reason = "Names the paper's club."
phrases = ["Weir Club"]
remove = ["Weir Club", "Weir Club!"]
keep = ["The Weir Club met.", "He left the Weir Club."]
"""

OF_OWN = "The ice held until noon, and no ferry came.\n\nWeir Club"


def environment(name: str, *requirements: str) -> Path:
    """The folder of programs of an environment with these packages, and with those that `cleaner` itself needs."""
    own = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    wanted = "\n".join([sys.version, *requirements, *own])
    folder = ROOT / "build" / "peers" / name
    stamp = folder / "wanted"
    if not stamp.is_file() or stamp.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = folder / "bin" / "python"
        for install in (
            [python, "-m", "pip", "install", "--quiet", "uv"],  # pip itself takes many minutes over some of them
            [folder / "bin" / "uv", "pip", "install", "--quiet", "--python", python, *requirements, *own],
        ):
            done = subprocess.run(install, capture_output=True, text=True)
            if done.returncode:
                pytest.skip(f"{name} cannot be installed: {(done.stderr.strip() or '?').splitlines()[-1]}")
        stamp.write_text(wanted)
    return folder / "bin"


def run(*command: object, cwd: Path = ROOT, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def read(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "".join(json.dumps(row, ensure_ascii=bool(n % 2)) + "\n" for n, row in enumerate(rows)).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


@pytest.mark.slow
def test_dolma(tmp_path: Path) -> None:
    """Our attributes are those of our tagger in Dolma, and its mixer makes our text of them."""
    programs = environment("dolma", "dolma==1.2.1")
    documents = tmp_path / "data" / "documents"
    rows = [{"id": f"{n}", "text": text, "source": "test", "added": "", "created": ""} for n, text in enumerate(TEXTS)]
    write(documents / "a.jsonl.gz", rows[::2])
    write(documents / "b.jsonl.gz", rows[1::2])
    ours = tmp_path / "data" / "attributes" / "site_chrome"
    run(sys.executable, "-m", "cleaner", "run", documents, ours, "--attributes", "dolma", "--quiet")
    tag = [programs / "dolma", "tag", "--tagger_modules", "cleaner.adapters.dolma", "--taggers", "site_chrome"]
    run(*tag, "--documents", documents / "*.gz", "--destination", tmp_path / "theirs")
    tagged = {path.name: read(path) for path in (tmp_path / "theirs").rglob("*.gz")}
    for row in [row for rows in tagged.values() for row in rows]:
        row.pop("source")
    assert tagged == {path.name: read(path) for path in ours.rglob("*.gz")}
    stream = {
        "name": "cleaned",
        "documents": [str(documents / "*.gz")],
        "attributes": ["site_chrome"],
        "output": {"path": str(tmp_path / "mixed"), "max_size_in_bytes": 1_000_000_000},
        "span_replacement": [
            {"span": "$.attributes.site_chrome__site_chrome__chrome", "min_score": 0.5, "replacement": ""}
        ],
    }
    (tmp_path / "mix.json").write_text(json.dumps({"streams": [stream], "processes": 1}))
    run(programs / "dolma", "-c", tmp_path / "mix.json", "mix")
    mixed = [row for path in sorted((tmp_path / "mixed").glob("*.gz")) for row in read(path)]
    assert {row["id"]: row["text"] for row in mixed} == {str(n): text for n, text in enumerate(EXPECTED)}


RECIPE = """
project_name: test
dataset_path: {folder}/in.jsonl
export_path: {folder}/out.jsonl
np: 1
custom_operator_paths: [{root}/cleaner/adapters/datajuicer.py]
process:
  - site_chrome_mapper:
      url_key: url
      reason_key: why
  - site_chrome_mapper:
      reason_key: why
      rules: [{folder}/own.toml]
"""


@pytest.mark.slow
def test_data_juicer(tmp_path: Path) -> None:
    """A recipe that names the mapper, twice. Rows without a text are left out by data-juicer itself."""
    programs = environment("data-juicer", "py-data-juicer==1.6.1", "aiohttp")  # which it imports, and does not name
    texts = [*TEXTS, OF_OWN, None]
    rows = [{"id": n, "url": "https://news.example/a", "text": text} for n, text in enumerate(texts)]
    write(tmp_path / "in.jsonl", rows)
    (tmp_path / "own.toml").write_text(OWN)
    (tmp_path / "recipe.yaml").write_text(RECIPE.format(folder=tmp_path, root=ROOT))
    run(programs / "dj-process", "--config", tmp_path / "recipe.yaml", cwd=tmp_path)
    written = read(tmp_path / "out.jsonl")
    assert {row["id"]: row["text"] for row in written} == dict(enumerate([*EXPECTED, OF_OWN.split("\n")[0]]))
    assert all(row["why"] is None for row in written)


MISTAKEN = """
import sys
from data_juicer.core.data import NestedDataset
from cleaner import UsageError
from cleaner.adapters.datajuicer import SiteChromeMapper

dirty, clean = sys.argv[1:]
step = SiteChromeMapper(url_key="address", skip_op_error=True)  # as recipes have it: what fails, loses its batch
try:
    NestedDataset.from_dict({"text": [dirty]}).process(step)
except UsageError as error:
    assert "there is no column 'address'" in str(error), error
else:
    raise AssertionError("nobody was told")
assert step.process({"text": [dirty]})["text"] == [clean]  # what an engine calls that does not ask before
other = SiteChromeMapper(ignore=["subscribe"], skip_op_error=True)
assert other.process({"text": [dirty]})["text"] == [dirty]
"""


@pytest.mark.slow
def test_data_juicer_loses_no_batch_for_a_field_that_is_missing() -> None:
    programs = environment("data-juicer", "py-data-juicer==1.6.1", "aiohttp")
    run(programs / "python", "-c", MISTAKEN, TEXTS[-4], EXPECTED[-4])


HEAD = """
import sys, ray
ray.init("local", num_cpus=4, include_dashboard=False, log_to_driver=False, configure_logging=False)
print(ray.get_runtime_context().gcs_address, flush=True)
sys.stdin.read()
"""

PIPELINE = """
import sys
from nemo_curator.backends.ray_data import RayDataExecutor
from nemo_curator.pipeline import Pipeline
from nemo_curator.stages.text.io.reader import JsonlReader
from nemo_curator.stages.text.io.writer import JsonlWriter
from cleaner.adapters.nemo import ChromeCleaner

cleaner = ChromeCleaner(url_field="url", annotate=True, reason_field="why", rules=[sys.argv[3]])
stages = [JsonlReader(sys.argv[1]), cleaner, JsonlWriter(sys.argv[2])]
Pipeline(name="test", stages=stages).run(RayDataExecutor())
"""


BATCHES = """
import sys
import pandas as pd
import pyarrow as pa
from nemo_curator.tasks import DocumentBatch
from cleaner.adapters.nemo import ChromeCleaner

def cleaned(data, **options):
    step = ChromeCleaner(url_field="url", reason_field="why", **options)
    return step.process(DocumentBatch(dataset_name="test", data=data)).data

frame = pd.DataFrame({"text": [sys.argv[1], 7], "url": None, "meta": [{"a": 1}, {"b": "x"}], "mixed": [1, "x"]})
done = cleaned(frame)
assert done["text"].tolist() == [sys.argv[2], 7], done
assert done["why"].tolist() == [None, "field 'text' is missing or no text"]
assert done[["url", "meta", "mixed"]].equals(frame[["url", "meta", "mixed"]])
table = pa.table({"text": [sys.argv[1]], "url": [None]})
assert cleaned(table).column("text").to_pylist() == [sys.argv[2]]
assert cleaned(table, ignore=["subscribe"]).column("text").to_pylist() == [sys.argv[1]]
"""


@pytest.mark.slow
def test_batches_of_nemo_curator() -> None:
    """Frames as well as tables, each with all other columns as they were."""
    programs = environment("nemo-curator", "nemo-curator[text_cpu]==1.4.0", "pyarrow")
    run(programs / "python", "-c", BATCHES, TEXTS[-4], EXPECTED[-4])


@pytest.mark.slow
def test_nemo_curator(tmp_path: Path) -> None:
    """A pipeline from files to files, on the package's own Ray; a row without a text costs no other."""
    programs = environment("nemo-curator", "nemo-curator[text_cpu]==1.4.0", "pyarrow")
    texts = [*TEXTS, OF_OWN, None]
    rows = [{"id": n, "url": "https://news.example/a", "text": text} for n, text in enumerate(texts)]
    write(tmp_path / "in" / "a.jsonl", rows)
    (tmp_path / "own.toml").write_text(OWN)
    secret = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}  # nobody else is to find it open
    head = subprocess.Popen(
        [programs / "python", "-c", HEAD],
        env={**os.environ, **secret, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with head:
        assert head.stdout
        address = {"RAY_ADDRESS": head.stdout.readline().strip()}
        arguments = [tmp_path / name for name in ("in", "out", "own.toml")]
        run(programs / "python", "-c", PIPELINE, *arguments, **secret, **address)
        head.communicate()
    written = [row for path in (tmp_path / "out").glob("*.jsonl") for row in read(path)]
    assert {row["id"]: row["text"] for row in written} == dict(enumerate([*EXPECTED, OF_OWN.split("\n")[0], None]))
    assert written[0]["removals"] and all(row["why"] is None for row in written)
