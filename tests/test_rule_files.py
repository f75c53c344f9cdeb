"""Rule files: every problem at once with its place and mend; selection, extension and tuning; the schema."""

from __future__ import annotations

import pickle
import tomllib
from collections import Counter
from pathlib import Path

import jsonschema
import pytest
from conftest import EVERY_KIND, ROOT

from cleaner import Cleaner, Document, RuleError, UsageError, load_rules
from cleaner.check.rulecheck import check_packs, document_of
from cleaner.rules.fields import json_schema
from cleaner.rules.load import bundled_packs, load_packs
from cleaner.rules.ruleset import RuleSet
from cleaner.rules.values import PROSE
from cleaner.rules.wording import phrase_keys

HEAD = '[pack]\nversion = "1.0.0"\ndescription = "Test."\n'
RULE = '[[rule]]\nid = "r"\nkind = "line"\nreason = "Test."\n'
SHAPE = RULE.replace("line", "shape")


def problems(tmp_path: Path, source: str | bytes) -> list[str]:
    path = tmp_path / "p.toml"
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    with pytest.raises(RuleError) as caught:
        load_rules(path, bundled=False)
    assert caught.value.exit_code == 2
    return [str(problem).replace(str(tmp_path) + "/", "") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (HEAD + RULE + 'phrase = ["x"]', "p.toml:8: r: unknown key 'phrase'; did you mean 'phrases'?"),
        (HEAD + RULE, "p.toml:4: r: no wording: a line rule needs one of"),
        (HEAD + RULE.replace('"line"', '"lines"') + 'phrases = ["x"]', "p.toml:6: r: kind must be one of line, span"),
        (HEAD + RULE + "phrases = 'x'", "p.toml:8: r: phrases must be a list of non-empty texts"),
        (HEAD + RULE + 'phrases = ["***"]', "p.toml:8: r: phrase '***' is nothing but punctuation"),
        (
            HEAD + RULE + 'phrases = ["x"]\nkeep = ["{prose ten}\\nx"]',
            "p.toml:9: r: keep: write {prose}, or {prose 8} for",
        ),
        (HEAD + RULE + 'phrases = ["x"]\nkeep = ["x {prose 8}"]', "p.toml:9: r: keep: write {prose}, or {prose 8} for"),
        (HEAD + RULE + 'phrases = ["x"]\nkeep = ["{ Prose 8 }"]', "p.toml:9: r: keep: write {prose}, or {prose 8} for"),
        (HEAD + RULE + 'phrases = ["x"]\nkeep = ["{prose8}"]', "p.toml:9: r: keep: write {prose}, or {prose 8} for"),
        (HEAD + RULE + 'phrases = ["x"]\nkeep = ["{prose 100}"]', "p.toml:9: r: keep: write {prose}, or {prose 8} for"),
        (HEAD + RULE + 'phrases = ["x"]\nkeep = ["{8 prose"]', "p.toml:9: r: keep: write {prose}, or {prose 8} for"),
        (HEAD + RULE + 'phrases = ["{m} comments"]', "p.toml:8: r: phrase '{m} comments' holds {m}, which stands for"),
        (
            HEAD + RULE + 'phrases = ["{ n } comments"]',
            "p.toml:8: r: phrase '{ n } comments' holds { n }, which stands",
        ),
        (
            HEAD + RULE + "phrases = ['Sold out.', 'x']\nunless = { regex = ['[a-z]{3}\\.$'] }",
            "p.toml:8: r: phrase 'Sold out.' is spared by unless: drop it",
        ),
        (
            HEAD + RULE + "phrases = ['{n} left']\nunless = { regex = ['^7 '] }",
            "p.toml:8: r: phrase '{n} left' is spared by unless: drop it",
        ),
        (
            HEAD + RULE + "phrases = ['one', '{n} more to read']\nmax_words = 3",
            "p.toml:8: r: phrase '{n} more to read' has 4 words, more than max_words",
        ),
        (
            HEAD + RULE + "phrases = ['{n} more', '{n} to read']\nmax_chars = 6",
            "p.toml:8: r: phrase '{n} to read' has 9 chars, more than max_chars",
        ),
        (HEAD + RULE + 'phrases = ["x"]\nlang = ["english"]', "p.toml:9: r: lang: 'english' is no code of a language"),
        (HEAD + "lang = ['de', 'de_AT', 'GER', '']", "p.toml:4: lang must be a list of non-empty texts"),
        (HEAD + "lang = ['de-AT', 'de AT']", "p.toml:4: lang: 'de AT' is no code of a language"),
        (HEAD + RULE + 'phrases = ["x"]\nmax_words = 0', "p.toml:9: r: max_words must be a whole number"),
        (HEAD + RULE + 'phrases = ["x"]\nmax_words = 2\nmin_words = 3', "p.toml:10: r: min_words is greater"),
        (HEAD + RULE + 'phrases = ["x"]\nzone = { heed = 3 }', "p.toml:9: r: unknown key 'zone.heed'; did you mean"),
        (HEAD + RULE + 'phrases = ["x"]\nzone = { tail = 1.5 }', "p.toml:9: r: zone.tail must be a share"),
        (HEAD + RULE + 'phrases = ["x"]\nuntil = ["end"]', "p.toml:9: r: until has no meaning for kind 'line'"),
        (HEAD + RULE + 'phrases = ["x"]\nbelow = {}', "p.toml:9: r: below says nothing"),
        (
            HEAD + RULE + 'phrases = ["x"]\nabove = { phrases = ["y"], within = 51 }',
            "p.toml:9: r: above.within must be a whole number from 1 to 50",
        ),
        (
            HEAD + RULE + 'phrases = ["x"]\nnear = { alike = true, between = { phrases = ["y"] } }',
            "p.toml:9: r: near: between speaks of the lines up to another one: give within, of 2 or more",
        ),
        (
            HEAD + SHAPE + "when = { words = { max = 2 } }\nnear = { alike = true }",
            "p.toml:4: r: alike compares with a wording, and there is none",
        ),
        (HEAD + RULE + 'phrases = ["x"]\nbelow = { rule = "s" }', "p.toml:4: p/r: asks for hits of 'p/s'"),
        (HEAD + RULE + 'phrases = ["x"]\n' + RULE + 'phrases = ["y"]', "p.toml:10: r: the id is used at line 4 too"),
        (HEAD + RULE.replace('"r"', '"R x"') + 'phrases = ["x"]', "p.toml:5: R x: id 'R x' must be lower-case words"),
        (HEAD.replace("version", "verson"), "p.toml:2: unknown key 'verson'; did you mean 'version'?"),
        (HEAD + "[[rules]]\n", "p.toml:1: unknown table 'rules'; did you mean 'rule'?"),
        (HEAD + "[rule]\n", "p.toml:1: write [[rule]] with two brackets"),
        (HEAD + "[[tune]]\nrules = ['nothing']\ndisable = true", "p.toml:4: tune names nothing: no such rule"),
        (HEAD + "disable = ['nothing']", "p.toml:4: disable names 'nothing'"),
        (HEAD + "extends = ['nothing']", "p.toml:4: extends 'nothing', which is not loaded"),
        (HEAD + "x = = 1", "p.toml:4: is not valid TOML: "),
        (HEAD + RULE + 'phrases = ["x"]\nextends = ["a/b"]', "p.toml:9: r: extends must be a non-empty text"),
        (HEAD + RULE + f'phrases = ["x"]\nmax_words = {10**30}', "p.toml:9: r: max_words must be a whole number from"),
        (HEAD + RULE + 'phrases = ["x"]\nzone = {}', "p.toml:9: r: zone says nothing"),
        (HEAD + SHAPE + "when = { words = {} }", "p.toml:8: r: when.words says nothing"),
        (HEAD + SHAPE + "when = { words = { min = 3, max = 2 } }", "p.toml:8: r: when.words: min is greater than max"),
        (
            HEAD + SHAPE + 'when = { words = { max = 2 } }\nkeep = [{ before = "x", markup = { in_nav = ["x"] } }]',
            "p.toml:9: r: keep.markup must be a table of lists of numbers",
        ),
        (
            HEAD
            + SHAPE
            + 'when = { words = { max = 2 } }\n[[tune]]\nrules = ["p/r"]\nunless = { contains = ["word"] }',
            "p.toml:9: p/r: unless narrows a wording, and this rule has none",
        ),
        (HEAD + SHAPE + f"when = {{ words = {{ max = {10**400} }} }}", "p.toml:8: r: when.words.max must be a number"),
        (
            HEAD
            + SHAPE
            + f'when = {{ words = {{ max = 2 }} }}\nkeep = [{{ before = "x", markup = {{ link = [{10**400}] }} }}]',
            "p.toml:9: r: keep.markup must be a table of lists of numbers",
        ),
        (b"\xff", "p.toml:1: is not UTF-8 at byte 0"),
        (HEAD + "x = " + "[" * 3_000, "p.toml:1: is not valid TOML: it is nested too deeply"),
        (HEAD + "x = " + "1" * 5_000, "p.toml:1: is not valid TOML: Exceeds the limit"),
        (HEAD + RULE + "regex = ['''(''']", "p.toml:8: r: regex '''(''': does not compile"),
        (HEAD + RULE + "regex = ['''a*''']", "p.toml:8: r: regex '''a*''': "),
        (HEAD + RULE + "regex = ['''(a+)+b''']", "p.toml:8: r: regex '''(a+)+b''': "),
        (HEAD + RULE + "regex = ['''Photo by''']", "p.toml:8: r: regex '''Photo by''': "),
        (HEAD + RULE + "regex = ['''a\\s+word''']", "p.toml:8: r: regex '''a\\s+word''': "),
        (HEAD + RULE + "regex = ['''.*''']", "p.toml:8: r: regex '''.*''': "),
        (
            HEAD + "[pack.patterns]\nday = '(?:mon|tues)day'\n" + RULE + "regex = ['(?&dya) news']",
            "p.toml:10: r: (?&dya) stands for no pattern of this file; did you mean 'day'?",
        ),
        (HEAD + "[pack.patterns]\nday = '(mon'", "p.toml:5: patterns.day does not compile: missing )"),
        (HEAD + "[pack.patterns]\nDay = 'x'", "p.toml:5: patterns.Day: name it in lower-case letters"),
        (HEAD + "patterns = { day = '(?&night)' }", "p.toml:4: (?&night) stands for no pattern of this file"),
        (HEAD + "patterns = { day = 1 }", "p.toml:4: patterns must be a table of patterns by name"),
        (
            HEAD + "[pack.patterns]\na0 = 'xy'\n" + "".join(f"a{i + 1} = '{8 * f'(?&a{i})'}'\n" for i in range(30)),
            "p.toml:9: '(?&a3)(?&a3)(?&a3)(?&a3)(?&a3)(?&a3)(?&a3)(?&a3)' is longer than 10,000 characters",
        ),
        (HEAD + RULE.replace("line", "section") + 'phrases = ["x"]', "p.toml:4: r: a section needs an end"),
        (HEAD + RULE.replace("line", "repeat") + 'unless = { ends = ["xyz"] }', "p.toml:8: r: unless narrows a"),
        (
            HEAD + RULE.replace("line", "repeat") + 'of = "line"\nmatch = "ends"',
            "p.toml:9: r: match = 'ends' has no meaning without of = 'title'",
        ),
        (HEAD + RULE.replace("line", "repeat") + 'of = "title"\nmatch = "prefix"', "p.toml:9: r: match = 'prefix'"),
        (HEAD + RULE.replace("line", "shape"), "p.toml:4: r: a shape rule needs `when` or `model`"),
        (
            HEAD + RULE + 'phrases = ["x"]\nsite = ["https://W.example/a"]',
            "p.toml:9: r: site 'https://W.example/a' is no host, so no document is from it: write 'w.example'",
        ),
        (
            HEAD + RULE + 'phrases = ["x"]\nsite = ["!*.w.example"]',
            "p.toml:9: r: site '!*.w.example' is no host, so no document is from it: write '!w.example'",
        ),
        (
            HEAD + RULE + 'phrases = ["x"]\nsite = ["!"]',
            "p.toml:9: r: site '!' is no host, so no document is from it: write one",
        ),
        (HEAD + "[[tune]]\nrules = ['p/r']\nsite = ['!w.example:80']", "p.toml:6: site '!w.example:80' is no host"),
        (HEAD + RULE + 'phrases = ["x\\ny"]', "p.toml:8: r: phrase 'x\\ny' holds a line break"),
        (HEAD + RULE + 'starts = ["x", "x\\n"]', "p.toml:8: r: starts: 'x\\n' holds a line break"),
        (
            HEAD + RULE + 'starts = ["{n} x"]',
            "p.toml:8: r: starts: '{n} x' holds {n}, which stands for a number in phrases alone",
        ),
        (HEAD + RULE + 'phrases = ["x"]\nbelow = { ends = ["x\\n"] }', "p.toml:9: r: ends: 'x\\n' holds a line break"),
    ],
)
def test_a_problem_names_place_and_mend(tmp_path: Path, source: str | bytes, said: str) -> None:
    found = problems(tmp_path, source)
    assert any(problem.startswith(said) for problem in found), found


def test_parts_of_patterns_stand_for_themselves_everywhere(tmp_path: Path) -> None:
    """In a wording, its exception, a neighbour and the end of a section; in a rule that another file extends, too."""
    parts = "[pack.patterns]\nday = 'mon|tues'\nstamp = '(?&day)day \\d{1,2}'\n"
    rule = RULE.replace("line", "section") + (
        "regex = ['^(?&stamp)$']\nunless = { regex = ['(?&stamp)th'] }\nbelow = { regex = ['(?&stamp)'] }\n"
        "until = ['prose']\nstop = { regex = ['(?&stamp)!'] }\n"
    )
    (tmp_path / "a.toml").write_text(HEAD + parts + rule)
    (tmp_path / "b.toml").write_text(HEAD + RULE.replace("line", "section") + "extends = 'a/r'\nregex = ['x y z']\n")
    for built in load_rules(tmp_path / "a.toml", tmp_path / "b.toml", profile="thorough", select=["a", "b"]).rules:
        wording, below, section = built.wording, built.below, built.section
        assert wording and wording.unless and below and below.wording and section and section.stop
        stamp = r"(?:(?:mon|tues)day \d{1,2})"
        assert wording.regex[0] == f"^{stamp}$"
        assert (wording.unless.regex, below.wording.regex, section.stop.regex) == (
            (f"{stamp}th",),
            (stamp,),
            (f"{stamp}!",),
        )


def test_a_phrase_that_was_learned_may_hold_any_braces(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(HEAD + "learned = true\n" + RULE + 'phrases = ["{m} comments"]')
    assert Cleaner(rules=load_rules(path, bundled=False)).clean("It rained.\n{m} comments").text == "It rained."


def test_every_problem_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, HEAD + RULE + 'phrase = ["x"]\nmax_words = "a"\n' + RULE.replace('"r"', '"s"'))
    assert len(found) == 4


def test_a_cause_stands_before_what_comes_of_it(tmp_path: Path) -> None:
    found = problems(tmp_path, HEAD + RULE + 'phrase = ["x"]')
    assert found[0].startswith("p.toml:8: r: unknown key 'phrase'") and len(found) == 2


def test_a_wrong_key_is_told_what_its_kind_has(tmp_path: Path) -> None:
    source = HEAD + RULE.replace("line", "section") + 'heads = ["x"]\nuntil = ["prose"]'
    said = problems(tmp_path, source)[0]
    assert "phrases, starts, ends, contains, regex" in said and "max_lines" in said
    assert "within" not in said and "model" not in said


def test_files_that_editors_mark_as_utf8_load(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text("\ufeff" + HEAD + RULE + 'phrases = ["x"]', encoding="utf-8")
    assert ids(path) == {"p/r"}


def test_a_file_that_cannot_be_read_has_no_line(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(RuleError) as caught:
        load_rules(tmp_path, bundled=False)
    assert str(caught.value) == f"{tmp_path}/folder.toml: cannot be read: Is a directory"


def test_rules_that_ask_for_each_other(tmp_path: Path) -> None:
    one = RULE + 'phrases = ["x"]\nbelow = { rule = "s" }\n'
    two = RULE.replace('"r"', '"s"') + 'phrases = ["y"]\nbelow = { rule = "r" }\n'
    assert "depends on its own hits" in problems(tmp_path, HEAD + one + two)[0]
    row = [
        RULE.replace('"r"', f'"r-{n}"') + f'phrases = ["x"]\nabove = {{ rule = "r-{n + 1}" }}\n' for n in range(2_000)
    ]
    last = RULE.replace('"r"', '"r-2000"') + 'phrases = ["x"]\n'
    assert "more than 100 rules in a row" in problems(tmp_path, HEAD + "".join(row) + last)[0]


def test_missing_paths_and_names(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such rule file"):
        load_rules(tmp_path / "nothing")
    with pytest.raises(UsageError, match="no rule is named 'newsletters'; did you mean 'every_kind/newsletter'"):
        load_rules(EVERY_KIND, bundled=False, select=["newsletters"])
    with pytest.raises(UsageError, match="profile 'bold' is none of careful, balanced, thorough"):
        load_rules(EVERY_KIND, bundled=False, profile="bold")  # type: ignore[arg-type]


def ids(*paths: Path, **options: object) -> set[str]:
    return {rule.id for rule in load_rules(*paths, bundled=False, **options).rules if rule.action != "silent"}  # type: ignore[arg-type]


def test_selection() -> None:
    everything = ids(EVERY_KIND)
    assert len(everything) == 7
    assert ids(EVERY_KIND, select=["every_kind/newsletter"]) == {"every_kind/newsletter"}
    assert ids(EVERY_KIND, select=["every_kind"]) == everything
    assert ids(EVERY_KIND, ignore=["*/newsletter"]) == everything - {"every_kind/newsletter"}


def test_profiles_stand_on_one_another(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    careful = RULE.replace('"r"', '"c"') + 'profile = "careful"\nphrases = ["c"]\n'
    balanced = RULE.replace('"r"', '"b"') + 'phrases = ["b"]\n'
    thorough = RULE.replace('"r"', '"t"') + 'profile = "thorough"\nphrases = ["t"]\n'
    path.write_text(HEAD + careful + balanced + thorough)
    assert ids(path, profile="careful") == {"p/c"}
    assert ids(path, profile="balanced") == {"p/c", "p/b"}
    assert ids(path, profile="thorough") == {"p/c", "p/b", "p/t"}


def test_packs_extend_tune_and_replace(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(
        HEAD.rstrip() + '\nextends = ["every_kind"]\ndisable = ["every_kind/twice"]\n'
        '[[rule]]\nid = "more"\nextends = "every_kind/newsletter"\nphrases = ["Join the club"]\n'
        '[[tune]]\nrules = ["every_kind/newsletter"]\nunless = { contains = ["copy"] }\nsite = ["!example.com"]\n'
    )
    rules = {rule.id: rule for rule in load_rules(EVERY_KIND, mine, bundled=False).rules}
    assert "every_kind/twice" not in rules
    more = rules["mine/more"].wording
    assert more is not None
    assert {"join the club", "subscribe to our newsletter"} <= set(more.phrases)
    tuned = rules["every_kind/newsletter"]
    assert tuned.wording is not None
    assert tuned.wording.unless is not None
    assert tuned.wording.unless.contains == ("copy",)
    assert tuned.not_sites == ("example.com",)


def test_a_users_rule_replaces_a_bundled_one(tmp_path: Path) -> None:
    pack = next(pack for pack in load_packs() if any(rule.kind == "line" for rule in pack.rules))
    rule = next(rule for rule in pack.rules if rule.kind == "line")
    mine = tmp_path / "mine.toml"
    name = rule.id.rpartition("/")[2]
    mine.write_text(
        HEAD + f'name = "{pack.name}"\n' + RULE.replace('"r"', f'"{name}"') + 'profile = "careful"\nphrases = ["zzz"]\n'
    )
    replaced = {rule.id: rule for rule in load_rules(mine).rules}[rule.id]
    assert replaced.wording is not None
    assert replaced.wording.phrases == ("zzz",)


def test_rules_are_the_same_whether_made_or_read_back() -> None:
    rules = tuple(rule for pack in load_packs() for rule in pack.rules)[::40]
    made = RuleSet(rules)
    read = pickle.loads(pickle.dumps(made))
    assert read == made and hash(read) == hash(made) and pickle.dumps(read) == pickle.dumps(made)
    assert read != RuleSet(rules[1:]) and read != rules
    assert tuple(read.rules) == rules and read.rules[1:3] == rules[1:3] and len(read.rules) == len(rules)
    assert read.rules[-1] is read.rules[len(rules) - 1] is read.rules[-1]
    with pytest.raises(IndexError):
        read.rules[len(rules)]
    for url, lang in ((None, None), ("https://www.nytimes.com/a", "en"), ("https://example.com", "de")):
        assert read.foreign(url, lang) == made.foreign(url, lang)


def test_fingerprint_follows_what_rules_say(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(HEAD + RULE + 'phrases = ["x", "y", "z"]')
    one = load_rules(path, bundled=False).fingerprint
    path.write_text(HEAD + RULE + 'phrases = ["z", "y", "x"] # the same')
    assert load_rules(path, bundled=False).fingerprint == one
    path.write_text(HEAD + RULE + 'phrases = ["z", "y"]')
    assert load_rules(path, bundled=False).fingerprint != one


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    """What rule files are held to; made once, as it takes longer than to hold a file to it."""
    jsonschema.Draft202012Validator.check_schema(json_schema())
    return jsonschema.Draft202012Validator(json_schema())


@pytest.mark.parametrize("path", sorted(ROOT.joinpath("rules").rglob("*.toml")), ids=lambda path: path.stem)
def test_bundled_packs_fit_the_schema(path: Path, schema: jsonschema.Draft202012Validator) -> None:
    """And no rule says a phrase twice: case, kinds of quotes, and outer punctuation make no other one."""
    pack = tomllib.loads(path.read_text(encoding="utf-8"))
    schema.validate(pack)
    for rule in pack.get("rule", ()):
        said = Counter(phrase_keys(phrase) for phrase in rule.get("phrases", ()))
        assert [key for key, times in said.items() if times > 1] == [], rule["id"]


def test_schema_refuses_what_the_loader_refuses(schema: jsonschema.Draft202012Validator) -> None:
    schema.validate(tomllib.loads(EVERY_KIND.read_text(encoding="utf-8")))
    with pytest.raises(jsonschema.ValidationError):
        schema.validate(tomllib.loads(HEAD + RULE + 'phrase = ["x"]'))


def test_prose_in_examples(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    body = """phrases = ["x"]
remove = ["X", { before = "{prose}\\nx\\n{prose 2}", after = "{prose 3}" }]
keep = ["x{pros}", "{prose 2}"]"""
    for prose, told in (('prose = ["One.", "Two."]\n', ["One.", "Two.", "One."]), ("", [*PROSE, PROSE[0]])):
        path.write_text(HEAD + prose + RULE + body, encoding="utf-8")
        (pack,) = load_packs([path], bundled=False)
        plain, placed = pack.remove["p/r"]
        assert (plain.before, plain.after) == ("X", "")
        assert placed.before.split("\n") == [told[0], "x", *told[1:]]
        assert placed.after.split("\n") == told
        assert [example.before for example in pack.keep["p/r"]] == ["x{pros}", "\n".join(told[:2])]


@pytest.mark.parametrize("form", ["“{}”", "«{}»", "— {}", "「{}」"])
def test_questions_that_labels_ask_stay_where_people_ask_them(form: str) -> None:
    """All questions among the phrases of all packs, as somebody's speech alone on a line."""
    asked = [
        (text, pack)
        for pack in sorted(ROOT.joinpath("rules").glob("*/*.toml"))
        for rule in tomllib.loads(pack.read_text(encoding="utf-8")).get("rule", [])
        for text in rule.get("phrases", [])
        if text.endswith(("?", "？", "؟")) and "{n}" not in text
    ]
    assert len(asked) > 800
    documents = [
        Document("\n".join([PROSE[0], form.format(text), PROSE[1]]), lang=pack.parent.name) for text, pack in asked
    ]
    gone = [result.removals for result in Cleaner().clean_many(documents) if result.removals]
    assert gone == []


def test_every_kind_holds() -> None:
    assert check_packs(load_packs([EVERY_KIND], bundled=False)) == []


def test_bundled_packs_hold() -> None:
    """Each example does what its rule says, and no look-alike falls to any other rule."""
    assert [str(problem) for problem in check_packs(bundled_packs())] == []


def test_the_fast_engine_finds_every_example() -> None:
    """With all rules at once, each rule still claims something of each text that it must take from; what a shape rule
    must take is gone, as it leaves alone what others take."""
    cleaner = Cleaner("thorough", on_guard="cut")
    silent = []
    for pack in bundled_packs():
        for rule in pack.rules:
            for example in pack.keep[rule.id] if rule.kind == "keep" else pack.remove[rule.id]:
                document = document_of(rule, example)
                if rule.shape is not None:
                    left = {*cleaner.clean_document(document).text.split("\n")}
                    if left & ({*example.before.split("\n")} - {*example.after.split("\n")}):
                        silent.append((rule.id, example.before))
                elif all(claim.rule.id != rule.id for claim in cleaner.claims(document)):
                    silent.append((rule.id, example.before))
    assert silent == []


def test_a_pack_is_checked_together_with_the_bundled_ones(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    body = 'phrases = ["x"]\nremove = ["x", "X"]\nkeep = ["Subscribe to our newsletter", "y"]'
    for head, lost in ((HEAD, 1), (HEAD + 'disable = ["en/subscribe/*"]\n', 0)):
        path.write_text(head + RULE + body)
        packs = load_packs([path])
        found = [str(problem) for problem in check_packs(packs[-1:], packs, engine="plain")]
        assert len(found) == lost and all("to en/subscribe/" in problem for problem in found), found


@pytest.mark.parametrize("kind", ["line", "keep"])
def test_examples_are_of_the_rules_own_site_and_language(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "p.toml"
    texts = (["x", "X"], ["y", "z"])
    remove, keep = texts if kind == "line" else texts[::-1]
    rule = RULE.replace("line", kind) + f'site = ["news.example"]\nlang = ["de"]\nphrases = ["x"]\nremove = {remove}\n'
    path.write_text(HEAD + rule + f"keep = {keep}")
    assert check_packs(load_packs([path], bundled=False)) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('phrases = ["x"]\nremove = ["x"]\nkeep = ["y"]', "1 remove example(s)"),
        ('phrases = ["x"]\nremove = ["x", "X"]\nkeep = ["y"]', "give a look-alike for each"),
        ('phrases = ["x"]\nremove = ["x", "z"]\nkeep = ["y", "w"]', "example 'z' must become ''"),
        ('phrases = ["x"]\nremove = ["x", "X"]\nkeep = ["y", "x!"]', "look-alike 'x!' loses 'x!'"),
        ('contains = ["ab"]\nremove = ["ab", "a ab"]\nkeep = ["y", "w"]', "too short"),
        ("regex = ['''^[0-9]+$''']\nremove = ['1', '2']\nkeep = ['y', 'w']", "unfiltered = true"),
        ("phrases = ['x']\nunless = { regex = ['share.*this.*page'] }", "regex '''share.*this.*page''' is too slow"),
        ("phrases = ['x']\nabove = { regex = ['share.*this.*page'] }", "regex '''share.*this.*page''' is too slow"),
        ("phrases = ['x']\nbelow = { ends = ['xyz'], unless = { regex = ['share.*this.*page'] } }", "is too slow"),
    ],
)
def test_rulecheck_finds(tmp_path: Path, body: str, said: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(HEAD + RULE + body)
    found = [str(problem) for problem in check_packs(load_packs([path], bundled=False))]
    assert any(said in problem for problem in found), found
