"""The compiled loops give the numbers that the NumPy modules define, to the last one, for any text and any rules."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from conftest import EVERY_KIND, ROOT, corpus_texts, numpy_alone
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_engines_agree import DOCUMENTS, TEXTS, rulesets
from test_shapes import texts

from cleaner import Cleaner, load_rules
from cleaner.document import Cleaned, Document
from cleaner.match import table
from cleaner.rules.ruleset import RuleSet
from cleaner.text import counts, features, model, speed
from cleaner.text.fold import fold, fold_map
from cleaner.text.invisible import INVISIBLE, printed
from cleaner.text.language import not_written_in

T = TypeVar("T")

BATCHES = st.lists(texts | TEXTS, min_size=1, max_size=5)
COLUMNS = ("document", "line", "indent", "start", "end", "heads", "first", "last", "gap")
MODEL = (ROOT / "rules" / "common" / "furniture.json").read_text(encoding="utf-8")

if counts.native is None:
    pytest.skip("the package was built without its compiled loops: NumPy is all there is", allow_module_level=True)


def both(work: Callable[[], T]) -> tuple[T, T]:
    """What the work gives with the compiled loops and without."""
    compiled = work()
    with numpy_alone():
        return compiled, work()


@pytest.mark.parametrize("path", sorted((ROOT / "cleaner").rglob("*.pyx")), ids=lambda path: path.stem)
def test_where_some_loops_are_compiled_all_are(path: Path) -> None:
    assert speed.compiled_module(".".join(path.relative_to(ROOT).with_suffix("").parts)) is not None


def test_loops_that_are_there_and_do_not_load_are_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_loops.py").write_text("import _nowhere")
    monkeypatch.syspath_prepend(tmp_path)
    assert speed.compiled_module("_nowhere") is None
    with pytest.raises(ModuleNotFoundError, match="_nowhere"):
        speed.compiled_module("_loops")


@given(st.text(st.characters() | st.characters(categories=["Cs", "Lu", "Po"])))
@example("\ud83d\ude00")  # two halves, which UTF-16 would make one
def test_folds_are_the_same(text: str) -> None:
    assert {*both(lambda: fold(text))} == {text.translate(fold_map())}


@settings(max_examples=60)
@given(BATCHES)
def test_features_and_scores_are_the_same(batch: list[str]) -> None:
    def work() -> list[np.ndarray]:
        lines = counts.line_table(batch)
        numbers = features.line_features(lines, list(features.FEATURES))
        columns = [getattr(lines, name) for name in COLUMNS]
        return [*columns, *numbers, model.scores(lines, model.load_model(MODEL))]

    compiled, plain = both(work)
    named = [*COLUMNS, *features.FEATURES, "score"]
    different = [name for name, a, b in zip(named, compiled, plain, strict=True) if not np.array_equal(a, b)]
    assert not different, different


@given(BATCHES)
def test_tables_of_lines_are_the_same(batch: list[str]) -> None:
    def work() -> list[object]:
        made = table.Table(list(batch))
        columns = (made.line, made.first, made.last, made.start, made.end, made.words, made.breaks, made.key_word)
        return [made.bytes, *(column.tolist() for column in (*columns, made.spoken_word, *made.key, *made.spoken))]

    compiled, plain = both(work)
    assert compiled == plain


@given(st.text(st.characters() | st.sampled_from("a ’" + INVISIBLE), max_size=40))
@example("\U0001f600\uffff\U0001feff")
def test_all_that_prints_nothing_is_found(text: str) -> None:
    wanted = "".join(char for char in text if char not in INVISIBLE)
    assert {*both(lambda: printed(text))} == {wanted}
    assert printed(wanted) is wanted


SMALL = st.sampled_from(
    "the of and that und der nicht auf und\u2028la és и на не 的 ที่ Ist\u00a0 ist, x 在了我有 のはに 것이 a".split(" ")
)


@given(st.lists(SMALL | st.text(max_size=5), max_size=40).map(" ".join))
@example("THE of\tand\nthat\x85THAT \ud800 İst")
@example("the of and that phở")  # which holds a small word that is one letter of Latin script
@example("the of and \0that")
def test_texts_are_evidently_in_the_same_languages(text: str) -> None:
    compiled, plain = both(lambda: not_written_in(text))
    assert compiled == plain


def test_a_small_word_that_folding_changes_counts() -> None:
    for evident in both(lambda: not_written_in("και της με που")):  # its last letter is folded as one within a word
        assert "en" in evident and "el" not in evident


def removals(rules: RuleSet, documents: Sequence[Document]) -> list[Cleaned]:
    return list(Cleaner(rules=rules, on_guard="cut").clean_many(documents))


@settings(max_examples=40)
@given(rulesets(), st.lists(DOCUMENTS, max_size=8))
def test_random_rules_remove_the_same(ruleset: RuleSet, documents: list[Document]) -> None:
    compiled, plain = both(lambda: removals(ruleset, documents))
    assert compiled == plain


@settings(max_examples=40)
@given(BATCHES)
def test_every_kind_removes_the_same(batch: list[str]) -> None:
    rules = load_rules(EVERY_KIND, profile="thorough", bundled=False)
    documents = [Document(text, title="Share this comment") for text in batch]
    compiled, plain = both(lambda: removals(rules, documents))
    assert compiled == plain


@pytest.mark.parametrize("name", ["readability.wet.jsonl.zst", "traf-dev.dclm.jsonl.zst", "sites-dev.wet.jsonl.zst"])
def test_real_pages_lose_the_same(name: str) -> None:
    documents = [Document(row["text"], title=row.get("title")) for row in list(corpus_texts(name))[::24]]
    rules = load_rules(profile="thorough")
    compiled, plain = both(lambda: removals(rules, documents))
    assert compiled == plain


def test_without_the_compiled_loops_the_command_line_does_the_same() -> None:
    seed = ROOT / "seeds" / "000_067391b5fa86ada0.txt"
    command = [sys.executable, "-m", "cleaner", "run", str(seed), "-", "--quiet"]
    outputs = [
        subprocess.run(command, env={**os.environ, **more}, check=True, capture_output=True).stdout
        for more in ({}, {"CLEANER_PURE": "1"})
    ]
    assert outputs[0] == outputs[1] == seed.with_suffix(".expected.txt").read_bytes()
