"""Rule files that were learned: they load, their examples hold, and they take what they were learned from."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_learn import PAGES, packs_of, story

from benchmarks.learn_sites import made_pages
from cleaner import Cleaner, Document, load_rules
from cleaner.check.rulecheck import check_packs
from cleaner.learn.packfile import quoted, render
from cleaner.rules.load import load_packs
from cleaner.rules.model import Pack


def rule_file(path: Path, documents: Iterable[Document]) -> list[Pack]:
    """Write what is learned from the documents to a file; returns it loaded. The examples of its rules must hold."""
    path.write_text(render(packs_of(documents), f"sites/{path.stem}"), encoding="utf-8")
    packs = load_packs([path], bundled=False)
    assert [str(problem) for problem in check_packs(packs)] == []
    return packs


@pytest.mark.parametrize("name", ["plain", "discussed", "bars", "redesigned"])
def test_learned_files_keep_their_promises(name: str, tmp_path: Path) -> None:
    """They load, their examples hold in the engine, and both engines agree on what they mean."""
    documents = [page.document for page in made_pages(name, PAGES)]
    path = tmp_path / f"{name}.example.toml"
    (pack,) = rule_file(path, documents)
    assert pack.rules and all(pack.remove[rule.id] for rule in pack.rules)
    rules = load_rules(path, bundled=False)
    plain, fast = (Cleaner(rules=rules, on_guard="cut", engine=engine) for engine in ("plain", "fast"))  # type: ignore[arg-type]
    for document in documents[:10]:
        assert plain.clean_document(document) == fast.clean_document(document)


def test_a_line_that_says_n_is_no_line_with_a_number(tmp_path: Path) -> None:
    """What is a placeholder in a phrase stands on the pages of a template that went wrong."""
    story = "Report number {} on the weir says that the river rose {} times in spring."
    texts = []
    for day in range(12):
        own = [story.format(day * k, day + k) for k in range(3)]
        foot = [f"Page {day} of {{n}} in all", "Show {n} more", "Imprint"]
        texts.append("\n".join(["Insert {n} here", "Log in as {n}", *own, *foot]))
    path = tmp_path / "w.toml"
    rule_file(path, (Document(text, id=str(n), url="http://w.example") for n, text in enumerate(texts)))
    cleaner = Cleaner(rules=load_rules(path, bundled=False), on_guard="cut")
    for text in texts:
        assert cleaner.clean(text, url="http://w.example").text.count("\n") == 2
    other = "Show 20 more\n" + "A line of the article that stays as it is.\n" * 9 + "Insert 3 here"
    assert cleaner.clean(other, url="http://w.example").text == other


def test_a_line_too_long_for_any_rule_bounds_nothing(tmp_path: Path) -> None:
    """A menu on one line, as some extractors write it. Rules are not tried on lines of more than 5,000 characters."""
    menu, foot = "Sea Coast " * 600, "Terms of trade " * 400
    texts = ["\n".join([menu, "Go to text", *story(n, 4), "Imprint", foot]) for n in range(12)]
    pages = [Document(text, id=str(n), url="https://w.example/") for n, text in enumerate(texts)]
    rule_file(tmp_path / "w.toml", pages)
    cleaner = Cleaner(rules=load_rules(tmp_path / "w.toml", bundled=False), on_guard="cut")
    assert all(cleaner.clean_document(page).text == "\n".join(story(n, 4)) for n, page in enumerate(pages))


def test_an_example_stands_once_in_its_rule(tmp_path: Path) -> None:
    """Two lines that stand side by side are an example of either."""
    pages = [
        Document("\n".join(["Front page", "Our papers", "Join", *story(n, 4), "Imprint"]), url=f"https://w.example/{n}")
        for n in range(12)
    ]
    (pack,) = rule_file(tmp_path / "w.toml", pages)
    assert all(len(set(examples)) == len(examples) for examples in pack.remove.values())


def test_a_line_that_says_prose_stands_for_no_paragraph(tmp_path: Path) -> None:
    pages = []
    for n in range(12):
        text = "\n".join(["Front page", "{prose}", f"The mill of {n * 7}", *story(n, 4), "{prose 3}", "Imprint"])
        pages.append(Document(text, id=str(n), url="https://w.example/"))
    (pack,) = rule_file(tmp_path / "w.toml", pages)
    assert any("{PROSE" in example.before for side in pack.remove.values() for example in side)
    cleaner = Cleaner(rules=load_rules(tmp_path / "w.toml", bundled=False), on_guard="cut")
    assert not any("{prose" in cleaner.clean_document(page).text for page in pages)


def test_a_line_that_a_rule_takes_is_no_look_alike_of_it(tmp_path: Path) -> None:
    """Though it has more words and marks than lines are looked at for a template."""
    pages = []
    for n in range(12):
        own = story(n, 4)
        name = "A-B-C-D-E-F-G-H-I-J-K for Z" if n == 5 else f"{'ABCDEFGHIJKL'[n]} and {'MNOPQRSTUVWX'[n]}"
        text = "\n".join([*own[:3], f"No comments for “{name}”", own[3]])
        pages.append(Document(text, id=str(n), url="https://w.example/"))
    (pack,) = rule_file(tmp_path / "w.toml", pages)
    assert [rule.id for rule in pack.rules] == ["sites/w/line-no-comments-for"]


def test_careful_takes_fixed_lines_only(tmp_path: Path) -> None:
    rule_file(tmp_path / "a.toml", (page.document for page in made_pages("plain", PAGES)))
    rules = load_rules(tmp_path / "a.toml", profile="careful", bundled=False).rules
    assert [rule.kind for rule in rules] == ["line"]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_strings_survive_toml(text: str) -> None:
    assert tomllib.loads(f"x = {quoted(text)}")["x"] == text


def test_a_line_with_half_a_character_is_no_rule(tmp_path: Path) -> None:
    """No rule file can hold one, and nothing else is the same line."""
    pages = []
    for n in range(12):
        text = "\n".join(["Front page", *story(n, 4), "Tweet \ud800 it", "Imprint"])
        pages.append(Document(text, id=str(n), url="https://w.example/"))
    rule_file(tmp_path / "w.toml", pages)
    assert "tweet" not in (tmp_path / "w.toml").read_text(encoding="utf-8").lower()
    cleaner = Cleaner(rules=load_rules(tmp_path / "w.toml", bundled=False), on_guard="cut")
    for n, page in enumerate(pages):
        assert cleaner.clean_document(page).text == "\n".join([*story(n, 4), "Tweet \ud800 it"])
