"""What a literal of a wording matches: the same as the regex that its documentation spells out, span by span."""

from __future__ import annotations

import pickle

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner import load_rules
from cleaner.rules import wording
from cleaner.rules.factoring import factored
from cleaner.rules.load import load_packs
from cleaner.rules.model import Wording
from cleaner.rules.wording import Form, PatternFinder, finder_of, forms, pickled_patterns, use_pickled
from cleaner.text.fold import fold

SPACED = r"[\p{L}\p{M}\p{N}--[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]]"
BESIDE = r"[^\p{L}\p{N}]{0,16}"
PIECES = st.lists(
    st.sampled_from([*"ab0é́中한ก .-»•©\u200b\r\ud800", "ab", "share", "aa", " " * 15, "—" * 17]), max_size=8
).map("".join)
LITERALS = st.one_of(
    PIECES.filter(bool), st.sampled_from(["a", "aa", "share", "©", "- -", "中", "a中", "中a", "a.", ".a", "é", "́"])
)


def pattern_of(kind: str, text: str) -> str:
    """The literal as a pattern: a word character at a side of it must not go on there, at an edge of the line apart."""
    word = regex.compile(SPACED, regex.V1)
    before = f"(?<!{SPACED})" if kind != "starts" and word.match(text[0]) else ""
    behind = f"(?!{SPACED})" if kind != "ends" and word.match(text[-1]) else ""
    middle = f"(?P<cut>{before}{regex.escape(text, special_only=True, literal_spaces=True)}{behind})"
    return {"starts": f"(?V1)^{BESIDE}{middle}", "ends": f"(?V1){middle}{BESIDE}$", "contains": f"(?V1){middle}"}[kind]


@settings(max_examples=600)
@given(st.sampled_from(["starts", "ends", "contains"]), LITERALS, PIECES, PIECES, st.booleans())
@example("starts", "-a", "--", "b", True)
@example("starts", ". .", ". ", " .", True)
@example("ends", "a", "aa a", "." * 16, True)
@example("contains", "aa", "a aa", "a aaa aa", True)
@example("contains", "a-a", "xa-", "", True)
def test_a_literal_matches_what_its_pattern_does(kind: str, text: str, left: str, right: str, said: bool) -> None:
    line = f"{left}{text if said else ''}{right}"
    form = finder_of(Form(kind, text))  # type: ignore[arg-type]
    expected = [match.span("cut") for match in regex.finditer(pattern_of(kind, text), line)]
    assert list(form.spans(line)) == expected
    assert form.matches(line) == bool(expected)


@pytest.mark.parametrize(
    ("kind", "text", "line", "found"),
    [
        ("starts", "share", " • »share this", True),
        ("starts", "share", "shared by all", False),
        ("starts", "share", "we share this", False),
        ("ends", "share", "tell us and share …", True),
        ("ends", "share", "a timeshare", False),
        ("ends", "share", "share and tell", False),
        ("contains", "share", "we share this", True),
        ("contains", "share", "we shared this", False),
        ("contains", "分享", "请分享到微信", True),
    ],
)
def test_words_end_where_the_line_s_words_do(kind: str, text: str, line: str, found: bool) -> None:
    assert finder_of(Form(kind, text)).matches(line) == found  # type: ignore[arg-type]


def test_patterns_come_back_as_they_were_compiled() -> None:
    rules = [rule for rule in load_rules().rules if rule.wording and rule.wording.regex][::9]
    examples = {id: said for pack in load_packs() for id, said in pack.remove.items()}
    pickled = pickled_patterns(rules)
    assert all(pickle.loads(data).pattern == factored(text) for text, data in pickled.items())
    tried = 0
    fresh = {text: regex.compile(text) for text in pickled}
    use_pickled(pickled)
    for rule in rules:
        assert rule.wording is not None
        for form in forms(rule.wording):
            for line in (line for said in examples[rule.id] for line in said.before.split("\n") if form.text in fresh):
                subject = line if form.kind == "raw" else fold(line)
                match = fresh[form.text].search(subject)
                assert PatternFinder(form.text).matches(subject) == (match is not None and match.end() > match.start())
                tried += match is not None
    assert tried > 50


def test_a_process_that_sees_the_rules_of_many_sites_does_not_keep_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wording, "_MATCHERS", {})
    monkeypatch.setattr(wording, "_REMEMBERED", 10)
    for site in range(35):
        said = Wording(phrases=(f"posted by {site}",))
        assert wording.matcher(said) is wording.matcher(said)
        assert wording.matcher(said).matches(f"Posted by {site}", f"posted by {site}")
        assert len(wording._MATCHERS) <= 10
    assert finder_of.cache_info().maxsize
