"""Texts made to hurt: bounded in memory, no crash, and always restored. Speed itself is the benchmarks' subject."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import EVERY_KIND

from cleaner import Cleaner, Document, load_rules, restore
from cleaner.clean.resolve import removals_of
from cleaner.clean.view import Claim
from cleaner.clean.visible import as_seen, in_original
from cleaner.document import Removal
from cleaner.rules.model import Rule
from cleaner.text.lines import Lines

RULES = load_rules(EVERY_KIND, profile="thorough", bundled=False)

MILLION = 1_000_000

HOSTILE: dict[str, Callable[[], str]] = {
    "one line of 50 MB": lambda: "a word and " * (50 * MILLION // 11),
    "10 million empty lines": lambda: "\n" * (10 * MILLION),
    "a million heads of a section": lambda: "Related Articles\n" * MILLION,
    "a million heads of a section to the end": lambda: "© 2020 A\n" * MILLION,
    "a million near-misses": lambda: "Subscribe to our newsletters\n" * MILLION,
    "a million lines of prose and heads": lambda: "Related Articles\nx\n" * (MILLION // 2),
    "a line of a million open brackets": lambda: "(photo credit: " * MILLION,
    "lines of one literal": lambda: ("\u00a9 " * 2_400 + "\n") * 2_000,
    "no text at all": lambda: "",
    "nothing but a NUL": lambda: "\x00",
    "lone surrogates": lambda: "\ud800\n\udfff" * 100_000,
    "carriage returns": lambda: "\r" * MILLION,
    "right to left": lambda: "اشترك في النشرة\u200f\n" * 100_000,
    "no blanks": lambda: "相关阅读" * 200_000,
}

SMALL = ["no text at all", "nothing but a NUL", "lone surrogates", "carriage returns", "right to left", "no blanks"]


CHILD = """
import resource, sys
from test_hostile import HOSTILE, RULES
from cleaner import Cleaner, restore
text = HOSTILE[sys.argv[2]]()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
result = Cleaner(rules=RULES, engine=sys.argv[1], on_guard="cut").clean(text)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, len(text))
assert restore(result) == text
"""


@pytest.mark.parametrize("name", SMALL)
def test_hostile_texts_are_restored(engine: str, name: str) -> None:
    text = HOSTILE[name]()
    assert restore(Cleaner(rules=RULES, engine=engine, on_guard="cut").clean(text)) == text


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in SMALL])
def test_large_hostile_texts_take_memory_by_their_size(engine: str, name: str) -> None:
    here = Path(__file__).parent
    command = [sys.executable, "-c", CHILD, engine, name]
    out = subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=300, check=True)
    kilobytes, size = map(int, out.stdout.split())
    # the text, its folded copy, the table of lines and the hits: a multiple of the text, never its square
    assert kilobytes * 1024 < 100 * size + 50 * MILLION


@pytest.mark.parametrize("visible", ["a", "\u0430"])
def test_a_text_of_what_prints_nothing_takes_memory_by_its_size(visible: str) -> None:
    text = f"{visible}\u200b" * 200_000
    tracemalloc.start()
    try:
        shown = as_seen(Document(text)).text
        (removal,) = in_original([Removal(0, 1, "a/b/c", shown[0], "1")], text)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert shown == visible * 200_000 and removal.text == text[:1]
    assert most < 20 * len(text)


class Counted(int):
    """An offset that counts how often it is compared."""

    compared = 0

    def _counting(name: str) -> Callable[[int, int], bool]:  # type: ignore[misc]
        def compare(self: int, other: int) -> bool:
            Counted.compared += 1
            return bool(getattr(int, name)(self, other))

        return compare

    __lt__, __le__, __gt__, __ge__ = map(_counting, ("__lt__", "__le__", "__gt__", "__ge__"))  # type: ignore[assignment]


def test_a_line_of_spans_and_of_what_is_kept_takes_steps_by_its_length() -> None:
    cut, keep = Rule("t/p/cut", "1", "span", ""), Rule("t/p/keep", "1", "keep", "", part=True)

    def steps(times: int) -> int:
        """Comparisons of offsets for a line of so many spans and kept parts."""
        Counted.compared = 0
        spans = [(Counted(at), Counted(at + 4)) for at in range(0, 9 * times, 9)]
        claims = [Claim(cut, 0, 0, span) for span in spans]
        claims += [Claim(keep, 0, 0, (Counted(a + 4), Counted(a + 8))) for a, _ in spans]
        assert len(removals_of(claims, Lines("cut keep " * times))) == times
        return Counted.compared

    assert 0 < steps(200) < steps(400) < 3 * steps(200)
