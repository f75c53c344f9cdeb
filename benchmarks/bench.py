"""Every contender on the same texts in one process: ratios, and whether they are what was promised.

    python -m benchmarks.bench            print all figures
    python -m benchmarks.bench --check    exit 1 where a figure is missed by more than the margin for noise
    python -m benchmarks.bench --write    keep the figures, with machine and versions, under benchmarks/runs/
    python -m benchmarks.bench --quick    a tenth of the texts

Times are CPU seconds of this process, the best of some rounds in which the contenders take turns: a busy machine
disturbs all alike, and only ratios are compared. Whole runs and starts are wall clock, as their lines say.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import orjson

from benchmarks import contenders
from benchmarks.children import run_cleaner, wall_of
from benchmarks.texts import articles, generated, megabytes, pack_of
from cleaner import Cleaner, load_rules

MARGIN = 1.15
"""A figure counts as missed if it is worse than promised by this factor."""
RUNS = Path(__file__).parent / "runs"


@dataclass(frozen=True)
class Figure:
    """One measured ratio or size, what was promised, and the numbers behind it."""

    what: str
    value: float
    promised: float
    at_least: bool
    unit: str = "x"
    behind: str = ""

    @property
    def met(self) -> bool:
        return self.value >= self.promised if self.at_least else self.value <= self.promised

    @property
    def met_within_margin(self) -> bool:
        return self.value * MARGIN >= self.promised if self.at_least else self.value <= self.promised * MARGIN

    def __str__(self) -> str:
        sign, verdict = ("≥" if self.at_least else "≤"), ("met" if self.met else "MISSED")
        promised = f"{sign} {self.promised:g} {self.unit}"
        return f"{self.what:58} {self.value:9.2f} {self.unit:3} {promised:>10}  {verdict:6}  {self.behind}"


def timed(work: Mapping[str, Callable[[], object]], rounds: int = 7) -> dict[str, float]:
    """CPU seconds of each piece of work: the best of some rounds in which they take turns."""
    best = dict.fromkeys(work, float("inf"))
    for _ in range(rounds):
        for name, call in work.items():
            start = time.process_time()
            call()
            best[name] = min(best[name], time.process_time() - start)
    return best


def against_contenders(texts: list[str], cleaner: Cleaner) -> Iterator[Figure]:
    size = megabytes(texts)
    work: dict[str, Callable[[], object]] = {
        "fast": lambda: contenders.engine(cleaner)(texts),
        "c4": lambda: contenders.c4(texts),
        "ad hoc": lambda: contenders.ad_hoc(texts),
        "alternation": lambda: contenders.alternation(texts),
    }
    seconds = timed(work)
    few = texts[:: max(1, len(texts) // 40)]
    slow = timed({"fast": lambda: contenders.engine(cleaner)(few), "justext": lambda: contenders.justext(few)}, 2)
    fewer = few[:3]
    plain = Cleaner(rules=cleaner.ruleset, engine="plain")
    slow["plain"] = timed({"plain": lambda: contenders.engine(plain)(fewer)}, 1)["plain"]
    rate = {name: size / took for name, took in seconds.items()}
    rate |= {"justext": megabytes(few) / slow["justext"], "plain": megabytes(fewer) / slow["plain"]}
    for name, promised in (("c4", 5.0), ("ad hoc", 12.0), ("alternation", 0.0), ("justext", 60.0), ("plain", 0.0)):
        behind = f"{rate['fast']:.1f} against {rate[name]:.2f} MB/s"
        yield Figure(f"fast engine, times as fast as {name}", rate["fast"] / rate[name], promised, True, behind=behind)


def against_copying(texts: list[str], cleaner: Cleaner) -> Iterator[Figure]:
    rows = [orjson.dumps({"id": str(i), "url": f"https://example.com/{i}", "text": t}) for i, t in enumerate(texts)]

    def clean() -> None:
        found = [orjson.loads(row) for row in rows]
        for row, result in zip(found, cleaner.clean_many(row["text"] for row in found), strict=True):
            orjson.dumps({**row, "text": result.text})

    seconds = timed({"copy": lambda: contenders.copy_floor(rows), "clean": clean})
    behind = ", ".join(f"{name} {megabytes(texts) / took:.0f} MB/s" for name, took in seconds.items())
    yield Figure(
        "JSON lines to JSON lines, times the copy floor", seconds["clean"] / seconds["copy"], 3, False, behind=behind
    )


def against_more_rules(texts: list[str]) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        cleaners = {}
        for count in (500, 5_000):
            path = Path(folder) / f"made{count}.toml"
            path.write_text(pack_of(count), encoding="utf-8")
            cleaners[count] = Cleaner(rules=load_rules(path, bundled=False))
            contenders.engine(cleaners[count])(texts)
        seconds = timed({str(count): partial(contenders.engine(each), texts) for count, each in cleaners.items()})
    ratio = seconds["5000"] / seconds["500"]
    behind = ", ".join(f"{name} rules {megabytes(texts) / took:.0f} MB/s" for name, took in seconds.items())
    yield Figure("5,000 rules instead of 500, times the time", ratio, 1.3, False, behind=behind)


def against_sizes(cleaner: Cleaner, largest: int) -> Iterator[Figure]:
    source = "\n".join(generated(2_000_000))
    rates = {}
    for size in (1_000, 10_000, 1_000_000, largest):
        whole = (source * (size // len(source) + 1))[: max(size, len(source))]
        texts = [whole[at : at + size] for at in range(0, len(whole) - size + 1, size)]  # the same text, cut otherwise
        took = timed({"": partial(contenders.engine(cleaner), texts)}, 2)[""]
        rates[size] = megabytes(texts) / took
    behind = ", ".join(f"{size:,}: {rate:.0f} MB/s" for size, rate in rates.items())
    ratio = max(rates.values()) / min(rates.values())
    yield Figure("texts of 1 KB to the largest, fastest to slowest", ratio, 2, False, behind=behind)


def single_texts(texts: list[str], cleaner: Cleaner) -> Iterator[Figure]:
    some = [text for text in texts if 4_000 <= len(text) <= 6_000][:100]
    plain = Cleaner(rules=cleaner.ruleset, engine="plain")
    times: dict[str, list[float]] = {"fast": [], "plain": []}
    for name, each, texts_of in (("fast", cleaner, some * 3), ("plain", plain, some[:10])):
        for text in texts_of:
            start = time.process_time()
            each.clean(text)
            times[name].append(time.process_time() - start)
    fast, slow = (statistics.median(times[name]) for name in ("fast", "plain"))
    yield Figure(
        "clean() of one text of 5 KB, median", fast * 1e6, 250, False, "µs", f"plain engine {slow * 1e6:.0f} µs"
    )
    yield Figure("clean() of one text, times as fast as the plain engine", slow / fast, 1, True)


def hostile(texts: list[str], cleaner: Cleaner, size: int) -> Iterator[Figure]:
    ordinary = megabytes(texts) / timed({"": partial(contenders.engine(cleaner), texts)}, 2)[""]
    near = "Follow us for {} miles up the river and you will see the old kiln, said the boy."
    hostiles = {
        "only line breaks": "\n" * size,
        "near-misses of some rules in every line": "\n".join(map(near.format, range(size // len(near)))),
        "one line": ("the river council had not met since spring " * (size // 43 + 1))[:size],
        "blanks in every line": "\n".join(["a  b   c"] * (size // 9)),
        "one line of dashes": "-" * size,
    }
    for name, text in hostiles.items():
        took = timed({"": partial(cleaner.clean, text)}, 1)[""]
        rate = megabytes([text]) / took
        yield Figure(f"hostile text: {name}, times slower", ordinary / rate, 4, False, behind=f"{rate:.1f} MB/s")


def whole_runs(texts: list[str], rows: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "dump"
        source.mkdir()
        for part in range(4):
            with (source / f"{part}.jsonl").open("wb") as file:
                for i in range(rows // 4):
                    file.write(orjson.dumps({"id": f"{part}-{i}", "text": texts[(part + i) % len(texts)]}) + b"\n")
        turns = [
            [run_cleaner(source, Path(name) / f"{turn}-{workers}", workers=workers) for workers in (1, 2)]
            for turn in range(2)
        ]
        one, two = (min(taken, key=lambda each: each.wall) for taken in zip(*turns, strict=True))
        half = Path(name) / "half"
        half.mkdir()
        (source / "0.jsonl").rename(half / "0.jsonl")
        less = run_cleaner(half, Path(name) / "less", workers=1)
        size = megabytes([texts[i % len(texts)] for i in range(rows)])
    behind = f"{size:.0f} MB in {one.wall:.1f} s and {two.wall:.1f} s"
    yield Figure("two workers, times as fast as one (wall clock)", one.wall / two.wall, 1.8, True, behind=behind)
    yield Figure(
        "peak memory of a worker", one.peak_mb, 400, False, "MB", f"a quarter of the dump: {less.peak_mb:.0f} MB"
    )


def starting(texts: list[str]) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "one.txt"
        source.write_text(texts[0], encoding="utf-8")
        one = wall_of("run", str(source), str(Path(name) / "cleaned.txt"), "--overwrite", "--quiet")
        cache = str(Path(name) / "cache")
        new = ("run", str(source), str(Path(name) / "new.txt"), "--overwrite", "--quiet")
        first = wall_of(*new, rounds=0, CLEANER_CACHE=cache)
        other = wall_of(*new, "--profile", "thorough", rounds=0, CLEANER_CACHE=cache)  # the cache holds `balanced`
    yield Figure("cleaner run on one text, the first after an install (wall clock)", first, 30, False, "s")
    yield Figure("cleaner run with other rules than before, the first time (wall clock)", other, 5, False, "s")
    yield Figure("cleaner --version, start to finish (wall clock)", wall_of("--version"), 0.15, False, "s")
    yield Figure("cleaner run on one text, warm, start to finish (wall clock)", one, 0.4, False, "s")


def measured(quick: bool) -> Iterator[Figure]:
    texts, what = articles()
    texts = texts[::10] if quick else texts[::2]
    cleaner = Cleaner()
    contenders.engine(cleaner)(texts)  # patterns are compiled when first used
    print(f"{len(texts)} texts, {megabytes(texts):.1f} MB, {what}; {len(cleaner.ruleset.rules)} rules")
    yield from against_contenders(texts, cleaner)
    yield from against_copying(texts, cleaner)
    yield from against_more_rules(texts[::4])
    yield from against_sizes(cleaner, 5_000_000 if quick else 100_000_000)
    yield from single_texts(texts if not quick else articles()[0], cleaner)
    yield from hostile(texts, cleaner, 1_000_000 if quick else 10_000_000)
    yield from starting(texts)
    yield from whole_runs(texts, 1_600 if quick else 16_000)


def machine() -> dict[str, str]:
    names = ("regex", "numpy", "ahocorasick-rs", "orjson")
    cpu = next((x.split(":")[1].strip() for x in _lines("/proc/cpuinfo") if x.startswith("model name")), "unknown")
    versions = {name: importlib.metadata.version(name) for name in names}
    busy = f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    return {"date": date.today().isoformat(), "python": platform.python_version(), "cpu": cpu, "load": busy, **versions}


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("check", "write", "quick"):
        parser.add_argument(f"--{name}", action="store_true")
    options = parser.parse_args()
    figures = []
    for figure in measured(options.quick):
        print(figure, flush=True)
        figures.append(figure)
    if options.write:
        RUNS.mkdir(exist_ok=True)
        record = {"machine": machine(), "figures": {f.what: [round(f.value, 3), f.unit, f.behind] for f in figures}}
        path = RUNS / f"{date.today().isoformat()}.json"
        path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"written to {path}")
    missed = [figure for figure in figures if not figure.met_within_margin]
    return 1 if options.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
