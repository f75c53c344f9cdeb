"""Learning a site again: what was edited by hand stays, and what has changed is named."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence

import pytest
import regex
from test_learn import PAGES, sightings

from benchmarks.learn_sites import MadePage, made_pages
from cleaner import Document
from cleaner.learn import Harvest, learn_packs
from cleaner.learn.packfile import claim, render
from cleaner.learn.revise import Diff, revise


def learned_text(pages: Sequence[MadePage]) -> str:
    with Harvest() as harvest:
        harvest.add(sightings(page.document for page in pages))
        return render(list(learn_packs(harvest)), "sites/plain.example")


def test_learning_the_same_again_changes_nothing() -> None:
    text = learned_text(made_pages("plain", PAGES))
    again, diff = revise(text, text)
    assert again == text
    assert not diff


def test_hand_edits_stay() -> None:
    """An edited rule, a rule of one's own, comments and the head of the file outlive a dump that says otherwise."""
    old = learned_text(made_pages("plain", PAGES)).replace("max_share = 1.0", "max_share = 0.4", 1)
    old = old.replace("[pack]", "# mine\n[pack]", 1)
    own = (
        '# my rule\n[[rule]]\nid = "own"\nkind = "line"\nreason = "Mine."\nphrases = ["Notice"]\nremove = ["Notice"]\n'
    )
    text, diff = revise(old + "\n" + own, learned_text(made_pages("bars", PAGES)))
    assert "max_share = 0.4" in text
    assert text.startswith("# mine\n[pack]")
    assert own.strip() in text
    assert {"head-subscribe", "own"} <= set(diff.kept)
    assert "+ " in str(diff) and "= own" in str(diff)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('reason = "', 'reason = "My own words: '),
        ('remove = ["', 'remove = ["Mine", "'),
        ('remove = ["', 'keep = ["Mine is no chrome."]\nremove = ["'),
        ("[[rule]]", "# agreed with the desk\n[[rule]]"),
        ("[[rule]]", "  [[ rule ]]"),
        ("evidence = ", "# agreed with the desk\nevidence = "),
    ],
)
def test_whatever_is_edited_in_a_rule_stays(was: str, now: str) -> None:
    new = learned_text(made_pages("plain", PAGES))
    assert was in new
    old = new.replace(was, now, 1)
    text, diff = revise(old, new)
    assert text == old
    assert len(diff.kept) == 1 and not diff


def test_rules_with_the_stamp_of_an_earlier_version_are_learned_again() -> None:
    """It told what a rule takes."""
    new = learned_text(made_pages("plain", PAGES))
    stamps = [claim(rule) for rule in tomllib.loads(new)["rule"]]
    old = regex.sub(r'(?<=stamp = ")[^"]*', lambda _: stamps.pop(0), new)
    assert old != new
    assert revise(old, new) == (new, Diff())
    edited = old.replace("max_share = 1.0", "max_share = 0.4", 1)
    text, diff = revise(edited, new)
    assert "max_share = 0.4" in text and len(diff.kept) == 1


def test_a_change_raises_the_version_and_names_wordings() -> None:
    pages = made_pages("plain", PAGES)
    changed = [
        MadePage(Document(page.document.text.replace("RSS", "Podcasts"), page.document.id, page.document.url), [])
        for page in pages
    ]
    text, diff = revise(learned_text(pages), learned_text(changed))
    assert 'version = "1.0.1"' in text
    assert diff.changed == ("lines",)
    assert diff.wordings == (("lines", ("Podcasts",), ("RSS",)),)
