"""A required literal stands, folded, in every line that its pattern matches."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

import pytest
import regex
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from cleaner.match.alphabet import BITS, TAB
from cleaner.match.edges import edges_of, outermost
from cleaner.match.literals import required_literals
from cleaner.match.rarity import commonness
from cleaner.match.required import required_chars
from cleaner.match.signature import signature
from cleaner.text.fold import fold

TABLE = [
    (r"^photo by [^\n]{1,60}$", {"photo by "}),
    (r"(?:foo|bar)?bazaar", {"bazaar"}),
    (r"colou?rful", {"colorful", "colourful"}),
    (r"\d+ min(?:ute)?s? read", {" min read", " mins read", " minute read", " minutes read"}),
    (r"(?:the|and) \w+ newsletter", {" newsletter"}),
    (r"(?i)Über uns", {"ber uns"}),
    (r"Über UNS", {"über uns"}),
    (r"foo(?=bar)", {"foo"}),
    (r"(?<!foo)barn", {"barn"}),
    (r"版权所有", {"版权所有"}),
    (r"(?:abc|abcd)", {"abc"}),
    (r"[a-z]+", None),
    (r"(?:foo|.)x", None),
    (r"ab", None),
    (r"(?|foo|bar)", None),
    (r"(?:foobar)*", None),
]


@pytest.mark.parametrize(("pattern", "expected"), TABLE)
def test_known_patterns(pattern: str, expected: set[str] | None) -> None:
    assert required_literals(pattern) == (None if expected is None else frozenset(expected))


def test_common_words_are_avoided() -> None:
    assert commonness("which") > commonness("quilt")
    assert required_literals(r"about \w+ syndication") == {" syndication"}


CHARS = "abcßſKıİΣςµé’“—– \t版权か"
LITERAL = st.text(CHARS, min_size=1, max_size=6).map(lambda text: regex.escape(text, literal_spaces=True))
SETS = st.text("abcéΣ’版", min_size=1, max_size=4).map(lambda text: f"[{text}]")
LEAVES = st.one_of(LITERAL, LITERAL, SETS, st.sampled_from([r"\w", r"\d", ".", "[^a]", r"\b", "^", "(?=a)", "(?<!x)"]))


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeats = st.sampled_from(["?", "*", "+", "{2}", "{0,2}", "{1,3}", "{3,}", "??", "+?", "++"])
    return st.one_of(
        st.lists(inner, min_size=2, max_size=4).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, repeats).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        inner.map(lambda one: f"({one})"),
        inner.map(lambda one: f"(?>{one})"),
        inner.map(lambda one: f"(?i:{one})"),
    )


PATTERNS = st.recursive(LEAVES, larger, max_leaves=8)


WORD = st.text("abcßK", min_size=3, max_size=5)
"""Stands in every generated pattern, so that most have a literal."""


@st.composite
def samples(draw: st.DrawFn, pattern: str) -> str:
    """A text that the pattern might match: its own literal parts, shuffled and varied in case."""
    parts = regex.findall(r"\w+|[ \t’“—–]+", regex.sub(r"\\[wdb]|\(\?[>:=i<!]*", " ", pattern)) or ["a"]
    text = "".join(draw(st.lists(st.sampled_from([*parts, *"abcké’ 版7"]), max_size=12)))
    return draw(st.sampled_from([text, text.upper(), text.lower(), fold(text)]))


def search(pattern: str, text: str) -> Any:
    """The match, if any; patterns made at random may take exponential time, and such a one is passed over."""
    try:
        return regex.search(pattern, text, timeout=0.2)
    except TimeoutError:
        reject()


@given(st.data(), PATTERNS, WORD, PATTERNS)
def test_no_match_without_a_literal(data: st.DataObject, head: str, word: str, tail: str) -> None:
    pattern = f"(?:{head}){word}(?:{tail})"
    literals = required_literals(pattern)
    assume(literals is not None)
    assert literals is not None and 1 <= len(literals) <= 64
    assert all(literal == fold(literal) and len(literal) >= 2 for literal in literals)
    text = data.draw(samples(pattern))
    for match in [search(pattern, text), *(search(pattern, text[i:]) for i in range(len(text)))]:
        if match:
            assert any(literal in fold(match[0]) for literal in literals), (pattern, match[0], literals)


SHARED = st.recursive(
    st.one_of(LITERAL, SETS, st.sampled_from([r"\w", r"\d", "."])),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{1,3}"])).map(lambda p: f"(?:{p[0]}){p[1]}"),
    ),
    max_leaves=6,
)


@given(st.data(), SHARED, WORD, SHARED)
def test_texts_made_from_the_pattern_hold_a_literal(data: st.DataObject, head: str, word: str, tail: str) -> None:
    """The same with texts that hypothesis makes from the pattern, for the part of the syntax that `re` shares."""
    pattern = data.draw(st.sampled_from([f"(?:{head}){word}(?:{tail})", f"(?:{word}{head}|{tail}{word})"]))
    literals = required_literals(pattern)
    assume(literals is not None)
    assert literals is not None
    text = data.draw(st.from_regex(pattern, fullmatch=True))
    assert any(literal in fold(text) for literal in literals)


# --- characters

REQUIRED_CHARS = [
    (r"^\d+ ?/ ?\d+$", {"/"}, ["0é•£"]),
    (r"abc|abd", {"a", "b"}, []),
    (r"abk|abz", {"a", "b"}, ["kz"]),
    (r"(?:a|b)?[>›]\w", set(), [">›"]),
    (r"[q€]é", {"é"}, ["q€"]),
    (r"[•q]€", {"€"}, ["•q"]),
    (r"x*y+", {"y"}, []),
    (r"(?=[^\n]*@)\w", {"@"}, []),
    (r"(?i)abc", set(), []),
    (r"\w+", set(), []),
    (r"(?|a|b)", set(), []),
]


@pytest.mark.parametrize(("pattern", "every", "some"), REQUIRED_CHARS)
def test_known_required_characters(pattern: str, every: set[str], some: list[str]) -> None:
    found = required_chars(pattern, folded=True)
    assert found.all == has("".join(every))
    assert list(found.any) == [has(chars) for chars in some]


def has(line: str) -> int:
    """The kinds of characters of a line, from its signature and its tabs, as the table of lines has them."""
    return reduce(or_, (int(BITS[byte]) for byte in signature([line])), ("\t" in line) << TAB)


@given(st.data(), SHARED, SHARED, st.booleans())
def test_no_match_without_the_required_characters(data: st.DataObject, head: str, tail: str, folded: bool) -> None:
    pattern = data.draw(st.sampled_from([f"(?:{head})(?:{tail})", f"(?:{head}|{tail})"]))
    line = data.draw(st.from_regex(pattern, fullmatch=True).filter(lambda line: "\n" not in line))
    assume(not folded or line == fold(line))
    there = has(line)
    found = required_chars(pattern, folded=folded)
    assert there & found.all == found.all
    assert all(there & some for some in found.any)


# --- edges


@given(st.data(), st.lists(SHARED, min_size=1, max_size=3))
def test_a_line_that_one_pattern_of_some_matches_is_as_their_edges_say(data: st.DataObject, bodies: list[str]) -> None:
    patterns = [f"^(?:{body})$" for body in bodies]
    whole = st.sampled_from(patterns).flatmap(lambda pattern: st.from_regex(pattern, fullmatch=True))
    line = data.draw(whole.filter(lambda line: line == fold(line) and line and "\n" not in line))
    edges = outermost([edges_of(pattern, folded=True) for pattern in patterns])
    signed = signature([line])
    assert {min(signed[0], 128)} <= edges.first and {min(signed[-1], 128)} <= edges.last
    assert edges.least <= len(line) <= (len(line) if edges.most is None else edges.most)
