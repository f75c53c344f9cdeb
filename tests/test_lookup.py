"""Phrases are found by halving as in a dictionary, and of all literals those are looked for that a line can need."""

from __future__ import annotations

import pickle
from contextlib import nullcontext

import pytest
from conftest import numpy_alone
from hypothesis import example, given
from hypothesis import strategies as st

from cleaner import Cleaner
from cleaner.document import Document
from cleaner.match.fast import FastEngine
from cleaner.match.lookup import Phrases
from cleaner.options import EngineName
from cleaner.rules.model import Repeat, Rule, Wording
from cleaner.rules.ruleset import RuleSet

TEXTS = st.text(st.sampled_from("ab \n0é中😀\ud800\uffff"), max_size=3)


@given(st.dictionaries(TEXTS, st.lists(st.integers(0, 3_000), max_size=3)), st.lists(TEXTS))
@example({}, [""])
@example({"\uffff": [1], "😀": [2], "\ud800": [3]}, [])
def test_each_phrase_has_its_forms_and_nothing_else_has_any(said: dict[str, list[int]], others: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cleaner.match.lookup._REMEMBERED", 2)  # answers are forgotten in between
        agree(said, others)
    agree(said, others)


def agree(said: dict[str, list[int]], others: list[str]) -> None:
    phrases = Phrases(said)
    for known in (phrases, pickle.loads(pickle.dumps(phrases))):
        for text in (*said, *others, *said):
            assert [*known.forms(text)] == said.get(text, [])


@pytest.mark.parametrize("most", [159, 160, 161, None])
@pytest.mark.parametrize("size", [158, 159, 160, 161, 162])
def test_a_literal_is_found_in_a_line_of_any_length(size: int, most: int | None, engine: EngineName) -> None:
    """The compiled loops look for fewer literals in long lines."""
    rule = Rule("t/p/r", "1", "line", "", wording=Wording(contains=("newsletter",)), max_chars=most)
    line = f"{'x' * (size - 13)} newsletter y"
    left = Cleaner(rules=RuleSet((rule,)), on_guard="cut", engine=engine).clean(f"One.\n{line}").text
    assert left == ("One." if most is None or size <= most else f"One.\n{line}")


def test_texts_of_more_languages_than_are_told_apart_lose_their_own_rules_alone(engine: EngineName) -> None:
    codes = [a + b for a in "abcdefgh" for b in "qrstuvwxyz"]
    said = {code: Wording(contains=(f"word {code}",)) for code in codes}
    rules = (Rule(f"t/p/{code}", "1", "line", "", wording=said[code], lang=frozenset({code})) for code in codes)
    text = "\n".join(f"A word {code} here." for code in codes)
    cleaner = Cleaner(rules=RuleSet(tuple(rules)), on_guard="cut", engine=engine)
    for code, result in zip(codes, cleaner.clean_many(Document(text, lang=code) for code in codes), strict=True):
        assert [removal.rule for removal in result.removals] == [f"t/p/{code}"]


@pytest.mark.parametrize("compiled", [True, False])
def test_a_rule_of_repeats_is_asked_of_lines_alone_that_may_be_some(compiled: bool) -> None:
    """A wording that nearly every line matches costs nothing where nothing is said twice."""
    rule = Rule("t/p/r", "1", "repeat", "", wording=Wording(regex=(r"^\w+",)), repeat=Repeat())
    engine = FastEngine((rule,))
    with nullcontext() if compiled else numpy_alone():
        said, other = engine.find(["One\ntwo\nthree\nTwo.", "One\ntwo\nthree"], 2 * [None], 2 * [frozenset()])
    assert said is not None and said[1] == {0: [1, 3]}
    assert other is None
