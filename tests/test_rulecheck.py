"""What `rules check` asks of a pack: its examples hold, alone and together, and prove something."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from conftest import EVERY_KIND, ROOT
from test_rule_files import HEAD, RULE

from cleaner import Cleaner, Document
from cleaner.check.rulecheck import check_packs, document_of, unproven
from cleaner.clean.visible import as_seen
from cleaner.rules.load import bundled_packs, load_packs
from cleaner.rules.values import PROSE

Found = Callable[[str], list[str]]


@pytest.fixture
def found(tmp_path: Path) -> Found:
    """A function that says what is wrong with a pack of these rules, checked by itself."""

    def check(rules: str) -> list[str]:
        path = tmp_path / "p.toml"
        path.write_text(HEAD + rules, encoding="utf-8")
        packs = load_packs([path], bundled=False)
        return [str(problem) for problem in check_packs(packs, engine="plain")]

    return check


def test_prose_in_examples(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    body = """phrases = ["x"]
remove = ["X", { before = "{prose}\\nx\\n{prose 2}", after = "{prose 3}" }, { before = "x!", after = "" }]
keep = ["x{pros}", "{prose 2}"]"""
    for prose, told in (('prose = ["One.", "Two."]\n', ["One.", "Two.", "One."]), ("", [*PROSE, PROSE[0]])):
        path.write_text(HEAD + prose + RULE + body, encoding="utf-8")
        (pack,) = load_packs([path], bundled=False)
        plain, placed, empty = pack.remove["p/r"]
        assert (plain.before, plain.after) == ("X", "") and (empty.before, empty.after) == ("x!", "")
        assert placed.before.split("\n") == [told[0], "x", *told[1:]]
        assert placed.after.split("\n") == told
        assert [example.before for example in pack.keep["p/r"]] == ["x{pros}", "\n".join(told[:2])]


@cache
def questions() -> list[tuple[str, str]]:
    """All among the phrases of all packs, each with the folder of its pack."""
    found = [
        (text, pack.parent.name)
        for pack in sorted(ROOT.joinpath("rules").glob("*/*.toml"))
        for rule in tomllib.loads(pack.read_text(encoding="utf-8")).get("rule", [])
        for text in rule.get("phrases", [])
        if text.endswith(("?", "？", "؟")) and "{n}" not in text
    ]
    assert len(found) > 800
    return found


@pytest.mark.parametrize("form", ["“{}”", "«{}»", "— {}", "「{}」"])
def test_questions_that_labels_ask_stay_where_people_ask_them(form: str) -> None:
    """As somebody's speech alone on a line."""
    pages = [("\n".join([PROSE[0], form.format(text), PROSE[1]]), lang) for text, lang in questions()]
    results = Cleaner().clean_many(Document(text, lang=lang) for text, lang in pages)
    assert [result.removals for result in results if result.removals] == []


def test_every_kind_holds() -> None:
    assert check_packs(load_packs([EVERY_KIND], bundled=False)) == []


def test_bundled_packs_hold() -> None:
    """Each example does what its rule says, and no look-alike falls to any other rule."""
    assert [str(problem) for problem in check_packs(bundled_packs())] == []


def test_each_bundled_pattern_has_an_example() -> None:
    assert [str(note) for note in unproven(bundled_packs())] == []


def test_the_fast_engine_finds_every_example() -> None:
    """With all rules at once, each rule still claims something of each text that it must take from; what a shape rule
    must take is gone, as it leaves alone what others take."""
    cleaner = Cleaner("thorough", on_guard="cut")
    found = [
        (rule, example)
        for pack in bundled_packs()
        for rule in pack.rules
        for example in (pack.keep if rule.kind == "keep" else pack.remove)[rule.id]
    ]
    silent = []
    for at in range(0, len(found), 500):
        some = found[at : at + 500]
        documents = [document_of(rule, example) for rule, example in some]
        views = cleaner._evaluator.views([*map(as_seen, documents)], every=True)
        for (rule, example), document, view in zip(some, documents, views, strict=True):
            if rule.shape is not None:
                left = {*cleaner.clean_document(document).text.split("\n")}
                told = not left & ({*example.before.split("\n")} - {*example.after.split("\n")})
            else:
                told = any(claim.rule.id == rule.id for claim in view.claims)
            if not told:
                silent.append((rule.id, example.before))
    assert silent == []


def test_a_pack_is_checked_together_with_the_bundled_ones(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    body = 'phrases = ["x"]\nremove = ["x", "X"]\nkeep = ["Subscribe to our newsletter", "y"]'
    for head, lost in ((HEAD, 1), (HEAD + 'disable = ["en/subscribe/*"]\n', 0), (HEAD + "learned = true\n", 0)):
        path.write_text(head + RULE + body)
        packs = load_packs([path])
        found = [str(problem) for problem in check_packs(packs[-1:], packs)]
        assert len(found) == lost and all("to en/subscribe/" in problem for problem in found), found


def test_a_pack_is_checked_without_the_rules_that_it_replaces(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    chronicle = RULE.replace('"r"', '"chronicle"').replace("line", "keep")
    chronicle += "phrases = ['nothing']\nremove = ['a', 'b']\nkeep = ['nothing', 'Nothing']\n"
    told = r"The weir\nMarch 4, 2019\nA boy saw the first crack.\nMarch 9, 2019\nThe path was closed.\n{prose 4}"
    body = f'phrases = ["print it"]\nremove = ["print it", "Print it!"]\nkeep = ["y", "{told}"]'
    path.write_text(HEAD + 'name = "common/time"\n' + chronicle + RULE + body)
    packs = load_packs([path])
    (found,) = check_packs(packs[-1:], packs)
    assert "look-alike" in found.message and "loses 'March 4, 2019" in found.message


@pytest.mark.parametrize("kind", ["line", "keep"])
def test_examples_are_of_the_rules_own_site_and_language(found: Found, kind: str) -> None:
    texts = (["x", "X"], ["y", "z"])
    remove, keep = texts if kind == "line" else texts[::-1]
    rule = RULE.replace("line", kind) + f'site = ["news.example"]\nlang = ["de"]\nphrases = ["x"]\nremove = {remove}\n'
    assert found(rule + f"keep = {keep}") == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('phrases = ["x"]\nremove = ["x"]\nkeep = ["y"]', "1 remove example(s)"),
        ('phrases = ["x"]\nremove = ["x", "X"]\nkeep = ["y"]', "give a look-alike for each"),
        (
            'action = "mark"\nphrases = ["x"]\nremove = ["x", "x\\ny"]\nkeep = ["y", "z"]',
            "example 'x\\ny' must become ''",
        ),
        ('action = "mark"\nphrases = ["x"]\nremove = ["x", "X"]\nkeep = ["y", "x"]', "look-alike 'x' loses 'x'"),
        ('phrases = ["x"]\nremove = ["x", "x"]\nkeep = ["y", "z"]', "example 'x' is there twice: give another one"),
        ('phrases = ["x"]\nremove = ["x", "X"]\nkeep = ["y", "y"]', "example 'y' is there twice: give another one"),
        ('phrases = ["x"]\nremove = ["x", "z"]\nkeep = ["y", "w"]', "example 'z' must become ''"),
        ('phrases = ["x"]\nremove = ["x", "X"]\nkeep = ["y", "x!"]', "look-alike 'x!' loses 'x!'"),
        ('contains = ["ab"]\nremove = ["ab", "a ab"]\nkeep = ["y", "w"]', "too short"),
        ("regex = ['''^[0-9]+$''']\nremove = ['1', '2']\nkeep = ['y', 'w']", "unfiltered = true"),
        ("regex = ['''^[0-9]+$''']\nunfiltered = true\nremove = ['1', '2']\nkeep = ['y', 'w']", "needs a limit"),
        ("phrases = ['x']\nuntil = ['end']\nremove = ['x', 'X']\nkeep = ['y', 'w']", "the text needs a zone"),
        ("phrases = ['x']\nunless = { regex = ['share.*this.*page'] }", "regex '''share.*this.*page''' is too slow"),
        ("phrases = ['x']\nabove = { regex = ['share.*this.*page'] }", "regex '''share.*this.*page''' is too slow"),
        ("phrases = ['x']\nbelow = { ends = ['xyz'], unless = { regex = ['share.*this.*page'] } }", "is too slow"),
    ],
)
def test_what_is_wrong_with_a_rule_is_told(found: Found, body: str, said: str) -> None:
    problems = found((RULE.replace("line", "section") if "until" in body else RULE) + body)
    assert any(said in problem for problem in problems), problems


def test_a_pattern_is_tried_against_the_clock_once(
    found: Found, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was slow is tried again: the machine may have been busy."""
    monkeypatch.setenv("CLEANER_CACHE", str(tmp_path / "cache"))
    rules = RULE + "regex = ['^weir (?:toll|due)s? of [a-z]+$', 'share.*this.*page']\n"
    (slow,) = (problem for problem in found(rules) if "is too slow" in problem)
    tried: list[str] = []
    monkeypatch.setattr("cleaner.check.rulecheck.blows_up", tried.append)
    assert not any("is too slow" in problem for problem in found(rules))
    assert tried == ["share.*this.*page"] and tried[0] in slow


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('profile = "careful"', True),
        ("alone = true", False),
        ("min_words = 2", False),
        ("max_chars = 20", False),
        ('near = { phrases = ["share this"] }', False),
        ('site = ["!news.example"]', False),
        ('action = "mark"', False),
    ],
)
def test_a_phrase_that_two_rules_take_everywhere_is_told(found: Found, more: str, told: bool) -> None:
    """As it was written."""
    for phrase in ("print edition", "{n} more"):
        said = f'phrases = ["{phrase}"]\n'
        problems = found(RULE + said + RULE.replace('"r"', '"s"') + said + more)
        assert any(f"phrase '{phrase}' is in p/r too" in problem for problem in problems) == told
