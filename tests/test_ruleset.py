"""Packs become a rule set: what is chosen, replaced and tuned, and what stays the same when it is read back."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest
from conftest import EVERY_KIND, ROOT
from runs import Call
from test_rule_files import HEAD, RULE, problems

from cleaner import Cleaner, UsageError, load_rules
from cleaner.rules import load
from cleaner.rules.load import load_packs
from cleaner.rules.ruleset import RuleSet


def test_rules_that_ask_for_each_other(tmp_path: Path) -> None:
    one = RULE + 'phrases = ["x"]\nbelow = { rule = "s" }\n'
    two = RULE.replace('"r"', '"s"') + 'phrases = ["y"]\nbelow = { rule = "r" }\n'
    circle = "p.toml:10: p/r: depends on its own hits: p/r -> p/s -> p/r: let one of them ask for a wording instead"
    assert problems(tmp_path, HEAD + two + one) == [circle]
    row = [
        RULE.replace('"r"', f'"r-{n}"') + f'phrases = ["x"]\nabove = {{ rule = "r-{n + 1}" }}\n' for n in range(2_000)
    ]
    last = RULE.replace('"r"', '"r-2000"') + 'phrases = ["x"]\n'
    said = problems(tmp_path, HEAD + "".join(row) + last)[0]
    assert said == "p.toml:604: p/r-100: is asked for through more than 100 rules in a row"


def test_missing_paths_and_names(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such rule file"):
        load_rules(tmp_path / "nothing")
    for empty in (lambda: load_rules(EVERY_KIND, "", bundled=False), lambda: Cleaner(rules=[""])):
        with pytest.raises(UsageError, match="a path of rules is empty"):  # it would be the current folder
            empty()
    with pytest.raises(UsageError, match="no rule is named 'newsletters'; did you mean 'every_kind/newsletter'"):
        load_rules(EVERY_KIND, bundled=False, select=["newsletters"])
    with pytest.raises(UsageError, match="no rule is named 'xyzzy'; `cleaner rules list` names all"):
        load_rules(EVERY_KIND, bundled=False, ignore=["xyzzy"])
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
    assert ids(EVERY_KIND, ignore=["*"]) == set()


def test_a_selection_of_which_nothing_is_left_is_told(tmp_path: Path) -> None:
    """It would pass for a dump without chrome."""
    off = tmp_path / "off.toml"
    off.write_text(HEAD + 'disable = ["every_kind/newsletter"]\n', encoding="utf-8")
    with pytest.raises(UsageError, match="all rules that select names are switched off"):
        load_rules(EVERY_KIND, bundled=False, select=["every_kind/newsletter"], ignore=["every_kind"])
    with pytest.raises(UsageError, match="all rules that select names are switched off"):
        load_rules(EVERY_KIND, off, bundled=False, select=["every_kind/newsletter"])


def test_profiles_stand_on_one_another(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    careful = RULE.replace('"r"', '"c"') + 'profile = "careful"\nphrases = ["c"]\n'
    balanced = RULE.replace('"r"', '"b"') + 'phrases = ["b"]\n'
    thorough = RULE.replace('"r"', '"t"') + 'profile = "thorough"\nphrases = ["t"]\n'
    path.write_text(HEAD + careful + balanced + thorough)
    assert ids(path, profile="careful") == {"p/c"}
    assert ids(path, profile="balanced") == {"p/c", "p/b"}
    assert ids(path, profile="thorough") == {"p/c", "p/b", "p/t"}


OFF = {"disable": 'disable = ["p/r"]\n'} | {
    key: f'[[tune]]\nrules = ["p/r"]\n{key}\n' for key in ("disable = true", 'profile = "thorough"')
}


@pytest.mark.parametrize("how", ["ignore", *OFF])
def test_a_rule_that_is_off_answers_those_that_ask_for_it(tmp_path: Path, how: str) -> None:
    """Or a rule that keeps what stands beside its hits would keep it no more, and others would take it."""
    asking = [
        RULE.replace('"r"', f'"{id}"').replace("line", kind) + f'phrases = ["to all"]\n{condition}\n'
        for id, kind, condition in (
            ("b", "line", 'above = { rule = "r" }'),
            ("c", "line", 'below = { regex = ["rain"] }'),
            ("k", "keep", 'near = { rule = "r", within = 3, between = { regex = ["^on"] } }'),
        )
    ]
    (tmp_path / "p.toml").write_text(HEAD + RULE + 'phrases = ["share this"]\n' + "".join(asking))
    (tmp_path / "off.toml").write_text(HEAD.rstrip() + "\n" + OFF.get(how, ""))
    rules = load_rules(
        *map(tmp_path.joinpath, ("p.toml", "off.toml")), bundled=False, ignore=["p/r"] * (how == "ignore")
    )
    text = "It rained.\nShare this\nTo all\nIt snowed.\nShare this\nOn foot\nTo all\nIt rained."
    left = "It rained.\nShare this\nIt snowed.\nShare this\nOn foot\nTo all\nIt rained."
    assert Cleaner(rules=rules, on_guard="cut").clean(text).text == left
    assert {rule.id for rule in rules.rules if rule.action == "silent"} == {"p/r"}


def test_rules_that_only_answer_others_are_not_listed(tmp_path: Path, call: Call) -> None:
    below = RULE.replace('"r"', '"b"') + 'phrases = ["to all"]\nabove = { rule = "r" }\n'
    (tmp_path / "p.toml").write_text(HEAD + RULE + 'phrases = ["share this"]\n' + below)
    for options in (["--select", "p/b"], ["--select", "p", "--ignore", "p/r"]):
        done = call("rules", "list", "--rules", tmp_path / "p.toml", *options)
        assert done.out.split()[0] == b"p/b" and "1 rule" in done.err


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


def test_what_a_rule_inherits_is_of_the_pack_that_says_it(tmp_path: Path) -> None:
    """The rules that it asks for, and the model, which stands beside that pack's file."""
    (tmp_path / "a").mkdir()
    shutil.copy(ROOT / "rules" / "common" / "furniture.json", tmp_path / "a")
    shape = '[[rule]]\nid = "s"\nkind = "shape"\nreason = "r"\nmodel = "furniture.json"\nthreshold = 2.0\n'
    below = '[[rule]]\nid = "q"\nkind = "line"\nreason = "r"\nphrases = ["q"]\nabove = { rule = "r" }\n'
    (tmp_path / "a" / "one.toml").write_text(HEAD + RULE + 'phrases = ["r"]\n' + below + shape)
    more = '[[rule]]\nid = "more"\nextends = "one/q"\n[[rule]]\nid = "bold"\nextends = "one/s"\nthreshold = 1.0\n'
    (tmp_path / "two.toml").write_text(HEAD + more)
    rules = load_rules(tmp_path / "a", tmp_path / "two.toml", bundled=False).rules
    rule = {rule.id: rule for rule in rules}
    assert rule["two/more"].asks_for == rule["one/q"].asks_for == ("one/r",)
    bold, usual = rule["two/bold"].shape, rule["one/s"].shape
    assert bold and usual and bold.model == usual.model and (bold.threshold, usual.threshold) == (1.0, 2.0)


def test_packs_that_were_made_elsewhere_have_their_files_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the package was built, which is no place of the machine that it is installed on."""
    made: dict[str, object] = {}
    monkeypatch.setattr(load, "cached", lambda kind, key, build: made.get(kind) or made.setdefault(kind, build()))
    for where in (tmp_path / "built", tmp_path / "installed"):
        shutil.copytree(EVERY_KIND.parent, where)
        monkeypatch.setattr(load, "bundled_folder", lambda where=where: where)
        assert {Path(pack.path).parent for pack in load_packs()} == {where}


def test_bundled_packs_have_their_names_wherever_they_are_read_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("de/access", "nl/access"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / f"{name}.toml").write_text(HEAD + RULE + 'phrases = ["x"]\n')
    monkeypatch.setattr(load, "bundled_folder", lambda: tmp_path)
    for paths in ((tmp_path,), (tmp_path / "de", tmp_path / "nl"), (tmp_path / "de" / "access.toml", tmp_path / "nl")):
        assert ids(*paths) == {"de/access/r", "nl/access/r"}


def test_hidden_files_in_a_folder_are_no_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Editors lock a file with a link to nowhere beside it, and keep older versions in hidden folders."""
    text = HEAD + RULE + 'phrases = ["x"]\n'
    for name in ("p.toml", ".old/p.toml", "in/.old/q/r.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / ".#p.toml").symlink_to("somebody@somewhere.1")
    (tmp_path / "._p.toml").write_bytes(b"\0\xff")
    assert [rule.id for rule in load_rules(tmp_path, bundled=False).rules] == ["p/r"]
    monkeypatch.setattr(load, "cached", lambda kind, key, build: build())
    monkeypatch.setattr(load, "bundled_folder", lambda: tmp_path)
    assert [pack.name for pack in load_packs()] == ["p"]


def test_packs_share_patterns_and_prose(tmp_path: Path) -> None:
    """With those that extend them, and with those that extend these; a pack's own come first."""
    use = '[[rule]]\nid = "r"\nkind = "line"\nreason = "r"\nregex = [\'^the (?&day) letter$\']\nkeep = ["{prose}"]\n'
    day, prose = "[pack.patterns]\nday = '(?:mon|tues)day'\n", 'prose = ["Snow fell on the pass."]\n'
    texts = {
        "a": HEAD + prose + day,
        "b": HEAD + 'extends = ["a"]\n' + use,
        "c": HEAD + 'extends = ["b"]\nprose = ["Rain fell."]\n' + day.replace("tues", "fri") + use,
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(text)
    packs = {pack.name: pack for pack in load_packs([tmp_path], bundled=False)}
    said = {name: pack.rules[0].wording for name, pack in packs.items() if pack.rules}
    assert [wording and wording.regex for wording in said.values()] == [
        ("^the (?:(?:mon|tues)day) letter$",),
        ("^the (?:(?:mon|fri)day) letter$",),
    ]
    assert packs["b"].keep["b/r"][0].before == "Snow fell on the pass."
    assert packs["c"].keep["c/r"][0].before == "Rain fell."


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


def test_rules_of_another_version_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster's workers may have another one than who sends them a cleaner."""
    sent = pickle.dumps(RuleSet(()))
    monkeypatch.setattr("cleaner.__version__", "99.1")
    with pytest.raises(pickle.UnpicklingError, match=r"by 99\.1: install one of them"):
        pickle.loads(sent)


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


def test_parts_of_patterns_stand_for_themselves_everywhere(tmp_path: Path) -> None:
    """In a wording, its exception, a neighbour and the end of a section; in a rule that another file extends, too."""
    parts = "[pack.patterns]\nday = 'mon|tues'\nstamp = '(?&day)day \\d{1,2}'\n"
    rule = RULE.replace("line", "section") + (
        "regex = ['^(?&stamp)$']\nunless = { regex = ['(?&stamp)th'] }\nbelow = { regex = ['(?&stamp)'] }\n"
        "until = ['prose']\nstop = { regex = ['(?&stamp)!'] }\n"
    )
    (tmp_path / "a.toml").write_text(HEAD + parts + rule)
    (tmp_path / "b.toml").write_text(HEAD + RULE.replace("line", "section") + "extends = 'a/r'\nregex = ['x y z']\n")
    for built in load_rules(tmp_path / "a.toml", tmp_path / "b.toml", profile="thorough", bundled=False).rules:
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
    path.write_text(HEAD + "learned = true\n" + RULE + 'phrases = ["{m} comments"]\nremove = ["{m} prose}"]')
    assert Cleaner(rules=load_rules(path, bundled=False)).clean("It rained.\n{m} comments").text == "It rained."


def test_a_learned_pack_may_refuse_a_rule_that_its_site_has_lost(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(HEAD + 'learned = true\ndisable = ["p/r", "p/gone"]\n' + RULE + 'phrases = ["x"]')
    assert not load_rules(path, bundled=False).rules


def test_punctuation_round_a_phrase_is_no_word_too_many(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(HEAD + RULE + 'phrases = ["Phone *"]\nmax_words = 1')
    assert Cleaner(rules=load_rules(path, bundled=False)).clean("It rained.\nPhone").text == "It rained."


def test_files_that_editors_mark_as_utf8_load(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text("\ufeff" + HEAD + RULE + 'phrases = ["x"]', encoding="utf-8")
    assert [rule.id for rule in load_rules(path, bundled=False).rules] == ["p/r"]
