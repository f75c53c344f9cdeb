"""The labelled cases in ``tests/cases``: what goes from a page, and what never does. See the README there."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from benchmarks.cases import CASES, Case, read_case, tally
from cleaner import Cleaner, restore
from cleaner.check.corpus import Row
from cleaner.check.evaluate import Report, evaluate
from cleaner.document import Document
from cleaner.options import Profile

RULES = Path(__file__).parent.parent / "rules"
ARTICLE = (
    "Harbour freezes over for the first time since the war",
    "The harbour froze on Sunday night and the ferries stopped, the first time since the war that the islands were cut "
    "off, and by noon the bakers had run out of flour and were turning people away.",
    "Nobody could recall a colder night. The old men said so with some pride to anyone who asked them on the quay, and "
    "the young ones went out to see how far the ice would bear them.",
    "The board expects the thaw by Friday. Until then the mail goes by sledge, as it did in 1941, and the schoolmaster "
    "has asked that the letters be few and short.",
)


@cache
def cleaner_of(profile: Profile) -> Cleaner:
    return Cleaner(profile)


def cleaned(case: Case) -> list[str]:
    result = cleaner_of(case.profile).clean_document(case.document)
    assert restore(result) == case.document.text
    return [line for line in result.text.split("\n") if line.strip()]


def wanted(case: Case) -> list[str]:
    return [line for line in case.after.split("\n") if line.strip()]


def files(folder: str) -> list[Path]:
    found = sorted((CASES / folder).glob("*.txt"))
    assert found
    return found


@pytest.mark.parametrize("path", files("wild"), ids=lambda path: path.stem)
def test_pages_from_the_wild_are_cleaned(path: Path) -> None:
    case = read_case(path)
    assert cleaned(case) == wanted(case)


@pytest.mark.parametrize("path", files("known_failures"), ids=lambda path: path.stem)
@pytest.mark.xfail(reason="not done yet: see the README of the cases", raises=AssertionError)
def test_known_failures(path: Path) -> None:
    case = read_case(path)
    assert cleaned(case) == wanted(case)


@pytest.mark.parametrize("path", files("negative"), ids=lambda path: path.stem)
@pytest.mark.parametrize("profile", ["careful", "balanced"])
def test_articles_without_chrome_stay(path: Path, profile: Profile) -> None:
    text = path.read_bytes().decode("utf-8")
    for lang in (None, path.stem.split("_")[0]):
        result = cleaner_of(profile).clean(text, lang=lang)
        assert [(removal.rule, removal.text) for removal in result.removals] == []
        assert result.text is text


def inserts() -> list[tuple[str, str, str, tuple[str, ...], Profile]]:
    found = []
    for path in sorted((CASES / "synthetic").glob("*.toml")):
        for each in tomllib.loads(path.read_text(encoding="utf-8"))["insert"]:
            profile = each.get("profile", "balanced")
            found.append((path.stem, each["kind"], each["place"], tuple(each["lines"]), profile))
    return found


@pytest.mark.parametrize(("lang", "kind", "place", "lines", "profile"), inserts(), ids=lambda value: str(value)[:24])
@pytest.mark.parametrize("gap", ["\n", "\n\n"], ids=["close", "loose"])
def test_chrome_goes_wherever_it_stands_in_an_article(
    lang: str, kind: str, place: str, lines: tuple[str, ...], profile: Profile, gap: str
) -> None:
    at = {"head": 1, "body": 3, "tail": len(ARTICLE)}[place]
    result = cleaner_of(profile).clean(gap.join([*ARTICLE[:at], *lines, *ARTICLE[at:]]), lang=lang)
    assert [line for line in result.text.split("\n") if line] == list(ARTICLE), kind


def test_pages_from_the_wild_reach_the_floors() -> None:
    """The least that the bundled rules must reach on the wild pages: raise it when they do better."""
    report: Report = evaluate(
        [
            Row(replace(case.document, lang=None), case.after)
            for path in files("wild")
            if (case := read_case(path)).profile == "balanced"
        ],
        cleaner_of("balanced"),
    )
    assert report.content_lost is not None and report.content_lost <= 0.005
    assert report.chrome_removed is not None and report.chrome_removed >= 0.95
    assert report.shingle is not None and report.shingle[2] >= 0.98


@pytest.mark.parametrize(
    ("profile", "removed", "lost"), [("careful", 0.25, 0.0), ("balanced", 0.65, 0.001), ("thorough", 0.7, 0.002)]
)
def test_floors_of_unseen_pages(profile: Profile, removed: float, lost: float) -> None:
    """The least that goes of the chrome, and the most that goes of the articles, in each language and in all."""
    found = tally(map(read_case, files("unseen")), cleaner_of(profile))
    shares = {lang: of.chrome.gone / of.chrome.size for lang, of in found.items()}
    assert shares["all"] >= removed, shares
    assert min(shares.values()) >= removed - 0.15, shares
    assert found["all"].content.gone <= lost * found["all"].content.size


def threads() -> list[tuple[str, str, list[str]]]:
    """Each section of readers' comments: its pack's folder, its id, and what opens one, by its examples and phrases."""
    found = []
    for path in sorted(RULES.glob("*/comments.toml")):
        for rule in tomllib.loads(path.read_text(encoding="utf-8"))["rule"]:
            if rule["kind"] == "section" and rule.get("until") == ["end"]:
                threads = [each["before"].partition("}\n")[2].strip() for each in rule["remove"]]
                opened = ["\n".join(thread.split("\n")[:2]) for thread in threads if thread]
                heads = [phrase.replace("{n}", "3") for phrase in rule.get("phrases", [])]
                found.append((path.parent.name, rule["id"], opened + heads))
    assert len(found) > 50
    return found


@pytest.mark.parametrize(
    ("folder", "id", "heads"), threads(), ids=lambda value: value if isinstance(value, str) else ""
)
@pytest.mark.parametrize("menus", [12, 28, 44])
def test_the_head_of_a_thread_takes_no_article_below_it(folder: str, id: str, heads: list[str], menus: int) -> None:
    """What opens a thread takes no article that it stands above, however long the menus above the headline are."""
    above = [f"Notes from pier {number} and quay" for number in range(menus)]
    lang = None if folder == "common" else folder
    pages = ["\n".join([*above, "Harbour freezes over", head, *ARTICLE[1:], "Back to the quay"]) for head in heads]
    cleaned = cleaner_of("balanced").clean_many(Document(page, lang=lang) for page in pages)
    for head, result in zip(heads, cleaned, strict=True):
        assert [line for line in ARTICLE[1:] if line not in result.text] == [], head


@pytest.mark.parametrize(
    ("folder", "heads"),
    [(folder, heads) for folder, id, heads in threads() if id in ("comment-form", "comment-section")],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_words_of_a_comment_button_take_no_paragraph_as_a_heading(folder: str, heads: list[str]) -> None:
    """The words of a button as a heading in the article, with a heading of its own below, take no paragraph."""
    words = [head for head in heads if "\n" not in head]
    pages = ["\n\n".join([*ARTICLE[:3], head, "How to put it", ARTICLE[3]]) for head in words]
    cleaned = cleaner_of("balanced").clean_many(Document(page, lang=folder) for page in pages)
    assert [head for head, result in zip(words, cleaned, strict=True) if ARTICLE[3] not in result.text] == []
