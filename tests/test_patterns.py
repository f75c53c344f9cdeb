"""Patterns are judged before they run: each mistake is named with its mend, and what is sound passes."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from cleaner.rules import patterns
from cleaner.rules.patterns import check_pattern
from cleaner.rules.trial import blows_up

SOUND = [
    r"^photo by [^\n]{1,60}$",
    r"^(?:photo|image|picture)(?: credit)?s?: .{1,80}$",
    r"\d{1,3} min(?:ute)?s? read",
    r"^(?:share|tweet) (?:this|that)$",
    r"(?P<cut>\[ ?read more ?\])$",
    r"(?<![\w'])all rights reserved(?= by|$)",
    r"^(?:[a-z0-9 ]{1,40} \| )+home$",
    r"^(?:\d{1,2}/)+\d{4} archive",
    r"\p{L}{3,20} contributed to this report",
    r"版权所有",
    r"\{foo\} bar",
    r"^[\"'] ?foo",
    r"^(?:[a-z]{2,9}+|\d| )+!",
    r"^(?:(?>foo|bar) ?)+!",
    r"^(?:\w++[ ,]*)+!",
    r"^(?:a?b?c)+!",
]

WRONG = [
    (r"(", "does not compile"),
    (r"a{2,1}", "does not compile"),
    (r"x*", "empty"),
    (r"^$", "empty"),
    (r"(?:foo)?", "empty"),
    (r".", "every line"),
    (r"\w+", "every line"),
    (r"^[^\n]{1,500}", "every line"),
    (r"foo\s+bar", r"\s can match a line break, and lines hold none: write [ ]"),
    (r"foo\Wbar", r"write [^\w\n]"),
    (r"foo\Dbar", r"write [^\d\n]"),
    (r"foo[^x]bar", r"write [^x\n]"),
    (r"foo[a\s]bar", "can match a line break"),
    (r"foo\nbar", "section"),
    (r"(?s)foo.", "(?s)"),
    (r"^foo|bar|baz$", "^(?:a|b|c)$"),
    (r"(?:^foo|bar)", "bind only"),
    (r"foo (?:bar||baz)", "a branch that is empty"),
    (r"foo (?:bar|)baz", "write (?:a|b)?"),
    (r"Foo bar", "write 'f'"),
    (r"don’t miss", 'write "\'"'),
    (r"foo—bar", "write '-'"),
    ("foo\tbar", "write ' '"),
    ("foo\u00a0bar", "write ' '"),
    (r"[A-Z]oo", "write 'abcdefgh'"),
    (r"[a-zA-Z]oo", "drop it"),
    (r"foo \p{Lu}", "case = true"),
    (r"p{L}+ foo", r"\p{L}"),
    (r"foo {n} bar", r"\{"),
    (r"\[(?:foobar){e<=1}]", r"\{"),
    (r"share{ 2 } this", r"\{"),
    (r"share{٢} this", r"\{"),
    (r"(?i)foo", "(?i)"),
    (r"(?V1)foo", "(V1)"),
    (r"(?fi)foo", "(fi)"),
    (r"[a-z&&[^e]]oo", "set operation"),
    (r"fo(?#one o or two){1,2} bar", "a repeat behind a comment"),
    (r"foo(?|a|b)", "which rule patterns do not support"),
    (r"(?R)", "which rule patterns do not support"),  # it calls itself without end
    ("cafe\u0301 foo", "NFC"),
    ("foo\u200bbar", "U+200B"),
    ("donâ€™t", "damaged"),
    (r"(a+)+b", "several ways"),
    (r"^(?:(?:(?:x|xx){3}){3}){3}\d", "several ways"),
    (r"(?:a*)*b", "several ways"),
    (r"(?:a|aa)+$", "several ways"),
    (r"(?:a?b?)*c", "several ways"),
    (r"(?:\w+ ?)+x", "several ways"),
    (r"^(?:[^\n]{1,40} \| )+home$", "several ways"),
    (r"(?:(?:foo|fo|o)+ ?)*x", "several ways"),
    (r"share (?:(?:a|a)+(?=x))*+ok", "several ways"),
    (r"foo(?=(?:a|a)*b)", "several ways"),
    (r"(?:(?>(?:a|a)+c)b)+!", "several ways"),
    (r"(?:(?>b?)a|a)+!", "several ways"),
    (r"(?:(?>ab)c|abc)+!", "several ways"),
    (r"(?:(?:a?|b?)c)+!", "several ways"),
    (r"(?:(?:(?=a)|(?=\w))a)+!", "several ways"),
    (r"(b?)x(?:\1a|a)+!", "several ways"),
    (r"(?:[cdefghijy]|[klmnopqry])+!", "several ways"),
    ("foo (?:(?:" + "|".join(f"[a-z]b{n}c" for n in range(100)) + "|[a-z])+)+!", "several ways"),
    ("foo (?:" + "|".join(f"word{n}" for n in range(500)) + ")+", "make it several patterns"),
    ("(?:" * 20 + "foo" + "){9}" * 20, "lower their counts"),
    ("(?:" * 40 + "foo" + ")+" * 40, "lower their counts"),
    ("(?:" * 9 + "a?" + "){3}" * 9 + "b", "more than can be judged"),
    ("(?|" + "(?:" * 9 + "a?" + "){3}" * 9 + "b)", "do not support"),
    ("foo[a-", "does not compile"),
]


@pytest.mark.parametrize("pattern", SOUND)
def test_sound_patterns_pass(pattern: str) -> None:
    assert check_pattern(pattern, folded=True) == []
    assert blows_up(pattern) is None


@pytest.mark.parametrize(("pattern", "part"), WRONG)
def test_mistakes_are_named(pattern: str, part: str) -> None:
    assert part in " / ".join(check_pattern(pattern, folded=True))


def test_a_pattern_in_capitals_is_one_mistake() -> None:
    wanted = ["'JOINTHEC…' never occur in a folded line: write 'jointhec…', or set case = true"]
    assert check_pattern("^JOIN THE CLUB", folded=True) == wanted


@pytest.mark.parametrize("pattern", [r"Foo [A-Z]\w+", r"don’t \p{Lu}", r"(?i:photo) By", "foo\tbar"])
def test_lines_as_written_may_hold_capitals(pattern: str) -> None:
    assert check_pattern(pattern, folded=False) == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"share.*this.*page", r"(?:\w+ )+x", r"(?:a|aa)+$", r"(?>a|b)*.*a.*a.*a.*ax", r"(x+x+)+y",
        r"^(?:by|von) (?:\w+ ?){1,3}(?:\w+ ?){1,3} editor$", "^" + "(?:x|xx)" * 30 + r"\d",
    ],
)  # fmt: skip
def test_the_trial_finds_slow_patterns(pattern: str) -> None:
    assert "too slow" in (blows_up(pattern) or "")


@pytest.mark.parametrize("pattern", [r"foo \w+ ?\w+ ?\w+ ?\w+ ?[bc]\d", "(?:x|xx)" * 30 + r"\d"])
def test_a_slow_pattern_does_not_load(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.1)  # to wait for less
    assert ["too slow" in fault for fault in check_pattern(pattern, folded=True)] == [True]


PIECES = st.sampled_from(["a", "b", "ab", "[ab]", r"\w", "c", " "])
BODIES = st.recursive(
    PIECES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        inner.map(lambda one: f"(?:{one})?"),
        inner.map(lambda one: f"(?:{one})+"),
        inner.map(lambda one: f"(?:{one})*+"),
        inner.map(lambda one: f"(?>{one})"),
        inner.map(lambda one: f"(?={one})"),
    ),
    max_leaves=5,
)


@given(BODIES, st.sampled_from(["", "", "+"]))
def test_what_passes_never_runs_away(body: str, mode: str) -> None:
    """A repeat that is not refused goes through hostile lines in time that no exponential could keep."""
    pattern = f"^(?:{body})+{mode}!"
    if not check_pattern(pattern, folded=True):
        compiled = regex.compile(pattern)
        for unit in ("a", "b", "ab", "a ", "c", "ba", "aab"):
            compiled.search(unit * 40 + "?!", timeout=5)


@given(st.text(max_size=30))
def test_any_text_is_judged_without_an_error(pattern: str) -> None:
    assert all(isinstance(message, str) for message in check_pattern(pattern, folded=True))
