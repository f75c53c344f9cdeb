"""`cleaner eval`: its measures, what it charges each rule with, and what it says about bad corpora."""

from __future__ import annotations

import gzip
import importlib.util
import json
import random
import subprocess
import sys
from difflib import SequenceMatcher
from pathlib import Path
from types import ModuleType

import pytest
from conftest import CORPORA, ROOT
from hypothesis import given
from hypothesis import strategies as st
from runs import Call

from cleaner import Cleaner
from cleaner.check.align import aligned, between
from cleaner.check.corpus import Row, gold_as_input, read_corpus
from cleaner.check.evaluate import measure
from cleaner.check.measures import kept_shares, shares_in_gold, word_prf
from cleaner.document import Cleaned, Document, Removal
from cleaner.errors import CleanerError, UsageError

GOLD = "The harbour froze on Sunday night.\nNobody could recall a colder one, the old men said."
TEXT = f"Share this story\n{GOLD}\nNobody could be seen on the quay today\nSubscribe now"


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    """The program that measures for everybody, beside the project."""
    path = ROOT.parent / "shared" / "tools" / "score.py"
    if not path.exists():
        pytest.skip("the reference measure beside the project is missing")
    spec = importlib.util.spec_from_file_location("score", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cut(text: str, *pieces: str, rule: str = "x/y/z") -> Cleaned:
    """The text without the pieces, each with its line break."""
    removals = []
    for piece in pieces:
        start = text.index(piece)
        end = min(len(text), start + len(piece) + 1)
        removals.append(Removal(start, end, rule, text[start:end], "1"))
    left, at = "", 0
    for removal in sorted(removals, key=lambda removal: removal.start):
        left, at = left + text[at : removal.start], removal.end
    return Cleaned(left + text[at:], tuple(sorted(removals, key=lambda removal: removal.start)))


def test_what_went_and_what_stayed_is_measured() -> None:
    right = measure([Row(Document(TEXT, "a"), GOLD)], [cut(TEXT, "Share this story", "Subscribe now")])
    assert (right.documents, right.content_lost) == (1, 0.0)
    assert right.chrome_removed is not None and 0 < right.chrome_removed < 1
    assert right.missed == {"Nobody could be seen on the quay today": 1}
    wrong = measure([Row(Document(TEXT, "a"), GOLD)], [cut(TEXT, "The harbour froze on Sunday night.")])
    assert wrong.lost == [(34, "a", "The harbour froze on Sunday night.")]
    assert wrong.content_lost is not None and wrong.content_lost > 0.3


def test_documents_by_what_is_wrong_with_them() -> None:
    rows = [Row(Document(TEXT, id), GOLD) for id in ("clean", "cut", "left")]
    first = "The harbour froze on Sunday night."
    chrome = ("Share this story", "Nobody could be seen on the quay today", "Subscribe now")
    report = measure(rows, [cut(TEXT, *chrome), cut(TEXT, *chrome, first), cut(TEXT)])
    assert [(score.id, score.missed, score.lost) for score in report.worst] == [
        ("left", sum(map(len, chrome)), 0.0),
        ("cut", 0.0, len(first)),
        ("clean", 0.0, 0.0),
    ]


def test_rules_are_charged_by_character() -> None:
    text = f"Share this story\n\n* * *\n{GOLD}"
    gone = "Share this story\n\n* * *\nThe harbour froze on Sunday night."
    report = measure([Row(Document(text), GOLD)], [cut(text, gone)])
    score = report.rules["x/y/z"]
    assert (score.hits, score.rightly, score.wrongly, score.other) == (1, 16, 34, 5)


def test_each_rule_is_charged_for_its_part_of_a_line() -> None:
    text = f"Share this story now\n{GOLD}"
    first, second = cut(text, "Share", rule="x/y/a").removals + cut(text, "story", rule="x/y/b").removals
    report = measure([Row(Document(text), GOLD)], [Cleaned(f"this now\n{GOLD}", (first, second))])
    assert {name: score.rightly for name, score in report.rules.items()} == {"x/y/a": 5, "x/y/b": 5}


def test_snippets_are_measured_by_whether_they_stayed() -> None:
    rows = [Row(Document("a b\nc"), wanted=("a b", "z"), unwanted=("c",))]
    assert measure(rows, [Cleaned("a b")]).segment == (1.0, 0.5, 2 / 3)
    assert measure(rows, [Cleaned("a b\nc")]).segment == (0.5, 0.5, 0.5)


def test_gold_as_input_loses_nothing_under_no_rules() -> None:
    rows = gold_as_input(
        [Row(Document(TEXT, "a", title="Share this story"), GOLD), Row(Document("b", "b"), wanted=("b",))]
    )
    assert [(row.document.text, row.document.title) for row in rows] == [(GOLD, None)]
    report = measure(rows, [Cleaned(GOLD)])
    assert (report.content_lost, report.chrome_share) == (0.0, 0.0)


WORDS = st.lists(
    st.sampled_from(["ice", "quay", "Share", "the", "eel", "\n", "\n\n", "été", "İz", "1911", "—"]), max_size=40
)


@given(WORDS, WORDS, st.randoms(use_true_random=False))
def test_equals_the_reference_on_any_text(
    reference: ModuleType, a: list[str], b: list[str], rng: random.Random
) -> None:
    text, gold = " ".join(a), " ".join(b)
    after = "\n".join(line for line in text.split("\n") if rng.random() < 0.7)
    assert shares_in_gold(text, gold) == [
        (number, share)
        for (number, _), (_, share) in zip(shares_in_gold(text, gold), reference.label(text, gold), strict=True)
    ]
    assert kept_shares(text, after) == reference.kept_shares(text, after)
    assert word_prf(after, gold) == reference.word_prf(after, gold)


def test_a_part_cut_from_each_of_many_lines_is_found_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are compared letter by letter only where that can tell more: each with each takes minutes."""
    compared: list[str] = []
    blocks = SequenceMatcher.get_matching_blocks
    monkeypatch.setattr(SequenceMatcher, "get_matching_blocks", lambda self: compared.append(self.a) or blocks(self))
    lines = [f"Paragraph {i} tells of the ferry and of {i * 7919 % 1000} things that came to pass." for i in range(40)]
    text, after = "\n".join(f"{line} [more]" for line in lines), "\n".join(lines)
    assert kept_shares(text, after) == [len(line) / (len(line) + 7) for line in lines]
    assert len(compared) < 100


@given(st.text("ab", max_size=24), st.text("abc", max_size=24), st.lists(st.booleans(), max_size=24))
def test_lines_are_aligned_as_difflib_aligns_them(old: str, new: str, kept: list[bool]) -> None:
    for after in (new, "".join(line for line, stays in zip(old, kept, strict=False) if stays)):
        wanted = SequenceMatcher(None, old, after, autojunk=False)
        blocks = aligned(old, after)
        replaced = [(i, i_end, j, j_end) for tag, i, i_end, j, j_end in wanted.get_opcodes() if tag == "replace"]
        assert [*between(blocks, len(old), len(after))] == replaced
        same = [(i + k, j + k) for i, j, size in wanted.get_matching_blocks() for k in range(size)]
        assert [(i + k, j + k) for i, j, size in blocks for k in range(size)] == same


def test_a_thread_that_says_the_same_below_each_answer_is_measured_at_once() -> None:
    """By `difflib`, which pairs each line with all its likes again and again, this takes hours."""
    answers = [f"Answer {i} says that the ferry is late." for i in range(8_000)]
    text = "\n".join(f"{answer}\nReply\nShare" for answer in answers)
    assert kept_shares(text, text.replace("\nShare", "")) == [1.0, 1.0, 0.0] * len(answers)
    assert kept_shares("Go home. [more]\n" * 8_000, "Go home.\n" * 8_000) == [8 / 15] * 8_000


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the reference leaves files open
@pytest.mark.parametrize("name", ["readability.trafilatura", "traf-dev.trafilatura"])
def test_equals_the_reference_on_a_corpus(reference: ModuleType, name: str) -> None:
    path = CORPORA / f"{name}.jsonl.zst"
    if not path.exists():
        pytest.skip("the labelled corpora beside the project are missing")
    rows = read_corpus(path)[:25]
    raw = reference.load(str(path))[:25]
    cleaned = list(Cleaner().clean_many(row.document for row in rows))
    report = measure(rows, cleaned)
    wanted, lost, missed = reference.score(raw, {row["id"]: each.text for row, each in zip(raw, cleaned, strict=True)})
    if "word" in wanted:
        assert report.documents == wanted["documents"]
        assert (report.word, report.shingle) == (wanted["word"], wanted["shingle"])
        assert report.chrome_share == wanted["chrome_share"]
        assert report.chrome_removed == wanted["chrome_removed"]
        assert report.content_lost == wanted["content_lost"]
        assert (report.lost, report.missed) == (lost, missed)
    assert report.segment == wanted.get("segment")


def write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["{"], "c.jsonl:1: broken JSON: .* at column 2"),
        ([{"text": "a", "gold": "a"}, {"text": 3}], "c.jsonl:2: field 'text' is a number, not a string"),
        ([{"text": "a", "with": "abc"}], "c.jsonl:1: field 'with' is not a list of strings"),
        ([{"text": "a", "gold": []}], "c.jsonl:1: field 'gold' is not a string"),
        ([{"text": "a", "gold": "a", "without": False}], "c.jsonl:1: field 'without' is not a list of strings"),
        ([{"text": "a", "gold": None, "with": None, "without": [""]}], "nothing to measure"),
        ([{"text": "a"}], "nothing to measure"),
        ([{"text": "a", "gold": ""}], r"no row has gold \(an empty one is none\), with or without"),
        ([""], "no row could be read: there is nothing to measure"),
    ],
)
def test_a_corpus_that_is_none_is_told_with_line_and_fault(tmp_path: Path, rows: list[object], said: str) -> None:
    with pytest.raises(CleanerError, match=said):
        read_corpus(write(tmp_path / "c.jsonl", *rows))


def test_a_corpus_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_corpus(tmp_path / "none.jsonl")


def test_the_command_prints_the_measures(tmp_path: Path, call: Call) -> None:
    path = write(tmp_path / "c.jsonl", {"id": "a", "text": TEXT, "gold": GOLD})
    shown = call("eval", path, "--missed", "3")
    assert shown.code == 0, shown.err
    assert b"content lost 0.000%" in shown.out and b"word P/R/F1 " in shown.out
    assert b"en/share/share-label" in shown.out
    assert b"missed" in shown.out
    assert call("eval", path, "--per-document", "9").out.splitlines()[-1].split() == [b"0", b"38", b"a"]
    found = json.loads(call("eval", path, "--json", "--per-document", "1").out)
    assert found["worst"] == [{"id": "a", "missed": 38.0, "lost": 0.0}]
    found = json.loads(call("eval", path, "--json", "--lost", "1", "--missed", "1", "--profile", "thorough").out)
    assert found["documents"] == 1
    assert (found["lost"], found["missed"]) == ([], [{"times": 1, "line": "Nobody could be seen on the quay today"}])
    assert found["rules"]["en/share/share-label"]["rightly"] == len("Share this story")
    assert call("eval", tmp_path / "none").code == 2


def test_a_compressed_corpus_in_capitals(tmp_path: Path, call: Call) -> None:
    path = write(tmp_path / "c.jsonl", {"id": "a", "text": TEXT, "gold": GOLD})
    (tmp_path / "C.JSONL.GZ").write_bytes(gzip.compress(path.read_bytes()))
    assert call("eval", tmp_path / "C.JSONL.GZ").out == call("eval", path).out


def test_gold_that_is_not_there_is_said(tmp_path: Path, call: Call) -> None:
    path = write(tmp_path / "c.jsonl", {"text": TEXT, "with": ["a"]})
    assert call("eval", path).out.startswith(b"segment P/R/F1 1.000/1.000/1.0000\n")
    done = call("eval", path, "--gold")
    assert (done.code, done.out) == (1, b"") and "no row has gold: there is nothing that --gold could" in done.err
    path = write(tmp_path / "d.jsonl", {"text": TEXT, "with": ["a"]}, {"text": TEXT, "gold": GOLD})
    done = call("eval", path, "--gold")
    assert done.out.startswith(b"n=1 ") and "1 without gold (an empty one is none), 1 measured" in done.err


def test_bad_rows_are_named_and_passed_over(tmp_path: Path, call: Call) -> None:
    good = {"id": "a", "text": TEXT, "gold": GOLD}
    path = write(tmp_path / "c.jsonl", "{", good, {"text": 3}, {**good, "gold": 7})
    done = call("eval", path, "--json")
    assert (done.code, json.loads(done.out)["documents"]) == (3, 1)
    assert [line.split(": ")[1].rpartition(":")[2] for line in done.err.splitlines()[:3]] == ["1", "3", "4"]
    assert "3 skipped, 1 measured" in done.err
    path = write(tmp_path / "d.jsonl", good, {"text": TEXT}, {"text": TEXT, "gold": "\n"})
    done = call("eval", path)
    assert done.code == 0 and b"n=1" in done.out
    assert "0 skipped, 2 without labels (an empty gold is none), 1 measured" in done.err
    path = tmp_path / "c.jsonl"
    command = [sys.executable, "-m", "cleaner", "eval", "-"]
    piped = subprocess.run(command, input=path.read_bytes(), capture_output=True)
    assert piped.returncode == 3 and b"n=1" in piped.stdout
    assert piped.stderr.startswith(b"cleaner: standard input:1: broken JSON")
