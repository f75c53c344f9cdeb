"""The automaton of a pattern lets every line through that the pattern matches, and stops most others."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner import load_rules
from cleaner.match.automaton import kind_table
from cleaner.match.conditions import Conditions, condition_automata
from cleaner.match.construct import automaton_of
from cleaner.match.table import native
from cleaner.rules.load import load_packs
from cleaner.rules.model import Neighbour, Rule, Wording
from cleaner.rules.wording import Form, conditions, finder_of, forms, matcher
from cleaner.text.fold import OUTER, fold

BUNDLED = [
    (rule.id, form)
    for rule in load_rules(profile="thorough").rules
    if rule.wording is not None
    for form in forms(rule.wording)
    if form.kind in ("regex", "raw")
]
REMOVED = {
    id: [line for example in examples for line in example.before.split("\n")]
    for pack in load_packs()
    for id, examples in pack.remove.items()
}
LINES = sorted({line for lines in REMOVED.values() for line in lines})
RULES = load_rules(profile="thorough").rules
CONDITIONS = [wording for rule in RULES for wording in conditions(rule)]
ASKED = Conditions(RULES, condition_automata(RULES))
for number in range(len(RULES)):
    assert ASKED.exceptions[number] is getattr(RULES[number].wording, "unless", None)  # its conditions are known, too
PIECES = st.sampled_from("aZ9 .,-–:|'’\t\xa0éßİΣ中あ한ا😀\ud800")
SMALL = [
    "^a", "a$", "^ab?c*$", "a|^b|c$", "(?:ab){2,5}", "a{3,20}b", "[^a]9", "(?i)aZ", "(?i:z)9", r"\ba\b", "(?=a)a9",
    r"(a)\1", "(?>a+)b", "é", "[é中]a", r"\p{Lu}\p{L}{2,30}", r"^\s*\d{1,2}$", "a.{0,9}z", "^$|a", "(?:)a", r"\Aa\Z",
    ".{9}b", r"(?<=a.{9})b|9", r"^\X{9}$",
]  # fmt: skip


def allows(pattern: str, raw: bool, line: str) -> bool:
    automaton = automaton_of(pattern, raw=raw)
    return automaton is None or automaton.allows(line if raw else fold(line), raw=raw)


@settings(max_examples=300)
@given(st.sampled_from(SMALL), st.text(PIECES, max_size=14), st.booleans())
@example("^$|a", "", True)
@example(r"^\p{Pf}$", "’", True)
@example("^[’]$", "’", True)
@example(r"^\S", "\xa0", True)
def test_what_matches_is_let_through(pattern: str, line: str, raw: bool) -> None:
    if regex.search(pattern, line if raw else fold(line)):
        assert allows(pattern, raw, line)


@settings(max_examples=200)
@given(st.lists(st.sampled_from(SMALL), min_size=1, max_size=4), st.text(PIECES, max_size=12), st.booleans())
def test_what_one_of_several_matches_is_let_through(patterns: list[str], line: str, raw: bool) -> None:
    automaton = automaton_of(*patterns, raw=raw)
    seen = line if raw else fold(line)
    if automaton is not None and any(regex.search(pattern, seen) for pattern in patterns):
        assert automaton.allows(seen, raw=raw)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CONDITIONS), st.data())
def test_bundled_conditions_lose_none_of_their_lines(wording: Wording, data: st.DataObject) -> None:
    words = wording.starts + wording.ends + wording.contains
    line = data.draw(st.sampled_from(words or tuple(LINES)))
    line = data.draw(st.text(PIECES, max_size=3)) + line + data.draw(st.text(PIECES, max_size=3))
    if matcher(wording).matches(line, fold(line)):
        assert ASKED.may_match(wording, f"x\n{line}\ny", 2, 2 + len(line))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([wording for wording in CONDITIONS if wording.phrases or wording.numbered]),
    st.data(),
    st.tuples(*[st.text(st.sampled_from(OUTER), max_size=3)] * 2),
    st.sampled_from([" ", "\xa0", "  ", " \t "]),
)
def test_phrases_of_conditions_lose_none_of_their_lines(
    wording: Wording, data: st.DataObject, around: tuple[str, str], blank: str
) -> None:
    phrase = data.draw(st.sampled_from([*wording.phrases, *wording.numbered]))
    if phrase in wording.numbered:
        phrase = phrase.replace("0", data.draw(st.sampled_from(["7", "1,200.5", "12 000"])))
    line = f"{around[0]}{phrase.title().replace(' ', blank)}{around[1]}"
    if matcher(wording).matches(line, fold(line)):
        assert ASKED.may_match(wording, line, 0, len(line))


def test_a_number_in_a_phrase_of_a_condition_may_have_several_blanks() -> None:
    wording = next(wording for wording in CONDITIONS if "0 comments" in wording.numbered)
    line = "12  000  Comments"
    assert matcher(wording).matches(line, fold(line)) and ASKED.may_match(wording, line, 0, len(line))


def test_most_lines_need_not_be_asked() -> None:
    line = "The ferry was late again, and nobody on the quay was surprised."
    silent = [wording for wording in CONDITIONS if not matcher(wording).matches(line, fold(line))]
    asked = [wording for wording in silent if ASKED.may_match(wording, line, 0, len(line))]
    assert len(asked) < len(silent) * (0.2 if native else 1.1)


def test_patterns_that_have_no_room_in_one_automaton_have_several() -> None:
    patterns = tuple(f"^{char}(?:a|b)*a" + "(?:a|b)" * 5 + "$" for char in "pqrst")
    lines = [char + "".join(rest) for char in "pqrst" for rest in product("ab", repeat=8)]
    others = [line for line in lines if not any(regex.search(pattern, line) for pattern in patterns)]
    whole = automaton_of(*patterns)
    assert whole is not None and any(map(whole.allows, others))
    wording = Wording(regex=patterns)
    rule = Rule("en/x/one", "1.0.0", "line", "One.", wording=Wording(phrases=("one",)), below=Neighbour(wording))
    asked = Conditions([rule], condition_automata([rule]))
    assert asked.exceptions[0] is None
    passed = {line for line in lines if asked.may_match(wording, line, 0, len(line))}
    assert passed == ({*lines} - {*others} if native else {*lines})


def test_patterns_of_long_lines_let_no_short_ones_through() -> None:
    wording = Wording(regex=(r"^.{480}", r"^sources?\b", r"[.!?]$"))
    rule = Rule("en/x/one", "1.0.0", "line", "One.", wording=Wording(phrases=("one",)), below=Neighbour(wording))
    asked = Conditions([rule], condition_automata([rule]))
    assert asked.exceptions[0] is None
    passed = [
        line for line in ("Source: x", "A menu", "Go on!", "x" * 480) if asked.may_match(wording, line, 0, len(line))
    ]
    assert passed == ["Source: x", *([] if native else ["A menu"]), "Go on!", "x" * 480]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(BUNDLED), st.data())
def test_bundled_patterns_lose_none_of_their_lines(bundled: tuple[str, Form], data: st.DataObject) -> None:
    id, form = bundled
    line = data.draw(st.sampled_from(REMOVED.get(id) or LINES))
    cut = data.draw(st.integers(0, len(line)))
    line = line[:cut] + data.draw(st.text(PIECES, max_size=2)) + line[cut:]
    raw = form.kind == "raw"
    if finder_of(form).matches(line if raw else fold(line)):
        assert allows(form.text, raw, line)


def test_examples_of_the_rules_are_let_through() -> None:
    lost = []
    for id, form in BUNDLED[::5]:
        raw = form.kind == "raw"
        automaton = automaton_of(form.text, raw=raw)
        for line in REMOVED.get(id, ()) if automaton else ():
            subject = line if raw else fold(line)
            if finder_of(form).matches(subject) and not automaton.allows(subject, raw=raw):
                lost.append((id, line))
    assert not lost


@pytest.mark.parametrize(
    ("pattern", "stopped"),
    [
        (r"^\p{Lu}\p{Ll}{1,20}(?: \p{Lu}\p{Ll}{1,20}){1,2}$", ["River floods the town", "Mara quill", "Mara Quill."]),
        (r"^[^\t\n]+(?:\t\d+){2}$", ["a line without tabs 12 13", "one tab\t12", "two tabs\t12\tmore"]),
        (r"^(?:jan|feb) \d{1,2}$", ["january", "feb x", "feb 123"]),
        (r"^.{480}|^[^.]{90,}\.$", ["A line of prose.", "x" * 90]),
    ],
)
def test_lines_that_do_not_match_are_stopped(pattern: str, stopped: list[str]) -> None:
    automaton = automaton_of(pattern, raw=True)
    assert automaton is not None
    assert not [line for line in stopped if automaton.allows(line, raw=True)]


def test_where_states_run_out_all_that_goes_on_passes() -> None:
    automaton = automaton_of("^x(?:a|b)*a" + "(?:a|b)" * 12 + "$")
    assert automaton is not None and len(automaton.moves) == 255
    assert not automaton.allows("ya" + "a" * 12)
    assert not automaton.allows("xb")
    assert automaton.allows("xa" + "b" * 12)


def test_a_pattern_that_asks_for_nothing_has_none() -> None:
    assert automaton_of(r"a|\b") is None
    assert automaton_of("(") is None


def test_kinds_are_those_of_folded_characters() -> None:
    points = [point for point in range(0x40000) if not 0xD800 <= point < 0xE000]
    folded, written = kind_table(raw=False), kind_table(raw=True)
    both = "".join(map(chr, points))
    assert np.array_equal(folded[points], folded[[*map(ord, fold(both))]])
    assert np.array_equal(written[:128], np.arange(128)) and written[128:].min() >= 128
