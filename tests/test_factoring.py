"""Patterns with their alternatives put together match what they matched."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from cleaner.rules.factoring import factored
from cleaner.rules.wording import pattern_of

WORDS = st.text("ab", min_size=1, max_size=3)
ATOMS = (
    WORDS | WORDS | st.sampled_from(["", "c", "[ab]", ".", r"\w", r"\b", "^", "$", r"\|", r"\p{L}", "(?=a)", "[]a|]"])
)
REPEATS = st.sampled_from(["", "", "", "", "?", "*", "+", "{1,2}", "??", "*+"])
GROUPS = st.sampled_from(["(?:{})", "(?:{})", "({})", "(?>{})", "(?={})", "(?!{})"])


def _sequences(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    items = st.tuples(inner, REPEATS).map("".join)
    branch = st.lists(items, max_size=3).map("".join)
    branches = st.lists(branch, min_size=1, max_size=6).map("|".join)
    return st.tuples(GROUPS, branches).map(lambda made: made[0].format(made[1]))


PARTS = st.recursive(ATOMS, _sequences, max_leaves=12)
PATTERNS = st.lists(st.tuples(WORDS, PARTS).map("".join) | PARTS, min_size=2, max_size=6).map("|".join)


@given(PATTERNS, st.text("abc|]", max_size=12))
def test_it_matches_the_same_with_the_same_groups(pattern: str, text: str) -> None:
    try:
        written = regex.compile(pattern)
    except regex.error:  # such as a repeat of an anchor
        return
    quick = regex.compile(factored(pattern))
    assert [match.regs for match in quick.finditer(text)] == [match.regs for match in written.finditer(text)]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"\b(?:writer|writes|editor|writing)\b", r"\b(?:writ(?:e(?:r|s)|ing)|editor)\b"),
        ("blogger|blog", "blog(?:ger|)"),
        ("ab|[xa]c|ad", "ab|[xa]c|ad"),  # the class may match what "ad" does, and comes before it
        ("a?b|ab|ac", "a?b|a(?:b|c)"),
        ("(?i)ab|AC|ad", "(?i)ab|AC|ad"),
        ("(?<=ab|ac)d", "(?<=ab|ac)d"),
        (r"(a|b)(?:ca|cb)\1", r"(a|b)(?:ca|cb)\1"),
        ("a{e<=1}|ab", "a{e<=1}|ab"),
        (r"\p{L}a|ba{2}|bc", r"\p{L}a|b(?:a{2}|c)"),
    ],
)
def test_only_what_no_line_can_confuse_changes_places(pattern: str, expected: str) -> None:
    assert factored(pattern) == expected


def test_branches_that_share_a_long_beginning_do_not_nest() -> None:
    same = "w" * 3_000
    assert factored(f"{same}a|{same}b") == f"{same}(?:a|b)"


def test_an_error_names_the_place_in_what_was_written() -> None:
    with pytest.raises(regex.error, match="position 7"):
        pattern_of("ab|ac|(")
