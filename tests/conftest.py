"""What tests share: both engines, a small pack that says every kind once, and the labelled corpora where present."""

from __future__ import annotations

import io
import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from runs import call, small_steps  # noqa: F401 - fixtures for the tests of runs

from cleaner import Cleaner, load_rules
from cleaner.options import EngineName

# the commands that tests start are to find what they find on a user's machine, whatever started the tests
os.environ.pop("PYTHONUNBUFFERED", None)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job has it ignored

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
CORPORA = ROOT.parent / "shared" / "corpora"

settings.register_profile(
    "random",  # for the long tests: other examples each time
    deadline=None,  # the machine may be busy; time is the benchmarks' subject
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile("project", settings.get_profile("random"), derandomize=True)
settings.load_profile("project")

EVERY_KIND = Path(__file__).parent / "packs" / "every_kind.toml"


COMPILED = """
    match.automaton match.repeats match.search match.table
    text.counts text.features text.fold text.invisible text.language text.model
""".split()
"""Modules that use the compiled loops where these are built, and NumPy where not."""


@contextmanager
def numpy_alone() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in COMPILED:
            patch.setattr(f"cleaner.{name}.native", None)
        yield


@pytest.fixture(autouse=True)
def same_signals() -> Iterator[None]:
    """The command line, where a test calls it in this process, leaves signals as a process that ends does; what the
    next test starts would inherit that."""
    before = {how: signal.getsignal(how) for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for how, answer in before.items():
        signal.signal(how, answer)


@pytest.fixture(params=["plain", "fast"])
def engine(request: pytest.FixtureRequest) -> str:
    """The name of an engine: what it is asked for holds for both."""
    return str(request.param)


@pytest.fixture(params=["plain", "fast", "numpy"])
def pack(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Cleaner]]:
    """A function from the rules of a pack (TOML, without its head) to a cleaner that runs them alone, never guarded:
    under both engines, and under the fast one without its compiled loops."""

    def build(rules: str, **options: Any) -> Cleaner:
        path = tmp_path / "test.toml"
        path.write_text('[pack]\nversion = "1.0.0"\ndescription = "Test."\n' + rules, encoding="utf-8")
        ruleset = load_rules(path, profile="thorough", bundled=False)
        return Cleaner(rules=ruleset, engine=engine, **{"on_guard": "cut", **options})

    engine: EngineName = "plain" if request.param == "plain" else "fast"
    with numpy_alone() if request.param == "numpy" else nullcontext():
        yield build


def corpus_texts(name: str) -> Iterator[dict[str, Any]]:
    """Rows of a labelled corpus beside the project; skips the test, and says so, where it is missing."""
    path = CORPORA / name
    if not path.is_file():
        pytest.skip(f"the labelled corpus {name} is not beside the project")
    import zstandard

    with path.open("rb") as file:
        for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8", newline="\n"):
            yield json.loads(line)
