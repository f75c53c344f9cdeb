"""Multi-literal scanners on the signatures of real texts, with the literals of the bundled rules.

    python -m benchmarks.scanners

`hyperscan` and `google-re2` are compared where they are installed; neither is needed by the project. The last line is
the whole selection by the compiled loops: the literals, the tables for phrases and edges, the conditions of the rules.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from ahocorasick_rs import BytesAhoCorasick, Implementation

from benchmarks.texts import articles
from cleaner import load_rules
from cleaner.match.fast import FastEngine
from cleaner.match.indexer import selectors_of
from cleaner.match.search import native
from cleaner.match.table import Table

Scan = Callable[[bytes], int]


def aho_corasick(literals: list[bytes]) -> Iterator[tuple[str, Callable[[], Scan]]]:
    for name in ("DFA", "ContiguousNFA", "NoncontiguousNFA"):

        def build(name: str = name) -> Scan:
            scanner = BytesAhoCorasick(literals, implementation=getattr(Implementation, name))
            return lambda data: len(scanner.find_matches_as_indexes(data, overlapping=True))

        yield f"ahocorasick_rs, {name}", build


def others(literals: list[bytes]) -> Iterator[tuple[str, Callable[[], Scan]]]:
    try:
        import hyperscan

        def build_hyperscan() -> Scan:
            database = hyperscan.Database()
            database.compile(expressions=literals, ids=list(range(len(literals))), literal=True)
            found: list[int] = []

            def scan(data: bytes) -> int:
                found.clear()
                database.scan(data, match_event_handler=lambda id, start, end, flags, context: found.append(id))
                return len(found)

            return scan

        yield "hyperscan, literals", build_hyperscan
    except ImportError:
        print("hyperscan is not installed")
    try:
        import re2

        def build_re2() -> Scan:
            options = re2.Options()
            options.encoding = re2.Options.Encoding.LATIN1
            chosen = re2.Set.SearchSet(options)
            for literal in literals:
                chosen.Add(re2.escape(literal.decode("latin-1")).encode("latin-1"))
            chosen.Compile()
            return lambda data: sum(len(chosen.Match(line) or ()) for line in data.split(b"\n"))

        yield "re2.Set, line by line", build_re2
    except ImportError:
        print("google-re2 is not installed")


def selection(texts: list[str]) -> Callable[[], int]:
    """Finds the candidates of all rules in all lines of the texts, in batches."""
    engine = FastEngine(load_rules().rules)
    batches = []
    for i in range(0, len(texts), 64):
        part = texts[i : i + 64]
        if table := engine.table(part, [None] * len(part), [frozenset()] * len(part)):
            batches.append((part, table))
    return lambda: sum(
        len(forms)
        for part, table in batches
        for search in (*engine.first, *engine.later)
        for _, _, _, forms in search.candidates(table, part, np.arange(len(table)))
    )


def main() -> None:
    texts = articles()[0][::4]
    batches = [Table(texts[i : i + 64]).bytes for i in range(0, len(texts), 64)]
    size = sum(map(len, batches))
    rules = load_rules().rules
    for part in selectors_of(rules, [range(len(rules))])[0].scans:
        print(f"{len(part.codes)} literals, {size / 1e6:.1f} million code points")
        for name, build in (*aho_corasick(part.codes), *others(part.codes)):
            start = time.process_time()
            scan = build()
            built = time.process_time() - start
            seconds, hits = fastest(partial(_total, scan, batches))
            rate = f"{size / seconds / 1e6:7.0f} million a second, {hits:6} hits"
            print(f"  {name:32} {rate}, built in {built * 1e3:5.0f} ms")
    if native is not None:
        seconds, hits = fastest(selection(texts))
        print(
            f"  {'compiled selection, all of it':32} {size / seconds / 1e6:7.0f} million a second, {hits:6} candidates"
        )


def _total(scan: Scan, batches: list[bytes]) -> int:
    return sum(map(scan, batches))


def fastest(work: Callable[[], int]) -> tuple[float, int]:
    """CPU seconds of the best of three rounds, and what the work counts."""
    best, count = float("inf"), 0
    for _ in range(3):
        start = time.process_time()
        count = work()
        best = min(best, time.process_time() - start)
    return best, count


if __name__ == "__main__":
    main()
