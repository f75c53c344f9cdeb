"""Multi-literal scanners on the signatures of real texts, with the literals of the bundled rules.

    python -m benchmarks.scanners

`hyperscan` and `google-re2` are compared where they are installed; neither is needed by the project.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from ahocorasick_rs import BytesAhoCorasick, Implementation

from benchmarks.texts import articles
from cleaner import load_rules
from cleaner.match.select import Selector
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


def main() -> None:
    texts = articles()[0][::4]
    batches = [Table(texts[i : i + 64]).bytes for i in range(0, len(texts), 64)]
    size = sum(map(len, batches))
    for part in Selector(load_rules().rules).scans:
        print(f"{len(part.codes)} literals, {size / 1e6:.1f} million code points")
        for name, build in (*aho_corasick(part.codes), *others(part.codes)):
            start = time.process_time()
            scan = build()
            built = time.process_time() - start
            best = float("inf")
            for _ in range(3):
                start = time.process_time()
                hits = sum(map(scan, batches))
                best = min(best, time.process_time() - start)
            print(
                f"  {name:32} {size / best / 1e6:7.0f} million a second, {hits:6} hits, built in {built * 1e3:5.0f} ms"
            )


if __name__ == "__main__":
    main()
