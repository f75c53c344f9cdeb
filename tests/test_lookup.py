"""Phrases are found by halving as in a dictionary."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cleaner.match.lookup import Phrases

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
