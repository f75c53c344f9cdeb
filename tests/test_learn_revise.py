"""Learning a site again: what was edited by hand stays, and what has changed is named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import pytest
from test_learn import PAGES, packs_of

from benchmarks.learn_sites import made_pages
from cleaner import Document
from cleaner.learn.packfile import render
from cleaner.learn.revise import revise


def rules_of(documents: Iterable[Document]) -> str:
    return render(packs_of(documents), "sites/plain.example")


@cache
def learned(name: str) -> str:
    """The rule file of a made-up site."""
    return rules_of(page.document for page in made_pages(name, PAGES))


def test_learning_the_same_again_changes_nothing() -> None:
    text = learned("plain")
    again, diff = revise(text, text)
    assert again == text
    assert not diff


def test_hand_edits_stay() -> None:
    """An edited rule, a rule of one's own, comments and the head of the file outlive a dump that says otherwise."""
    old = learned("plain").replace("max_share = 1.0", "max_share = 0.4", 1)
    old = old.replace("[pack]", "# mine\n[pack]", 1)
    own = (
        '# my rule\n[[rule]]\nid = "own"\nkind = "line"\nreason = "Mine."\nphrases = ["Notice"]\nremove = ["Notice"]\n'
    )
    text, diff = revise(old + "\n" + own, learned("bars"))
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
    new = learned("plain")
    assert was in new
    old = new.replace(was, now, 1)
    text, diff = revise(old, new)
    assert text == old
    assert len(diff.kept) == 1 and not diff


def test_a_change_raises_the_version_and_names_wordings() -> None:
    changed = [
        replace(page.document, text=page.document.text.replace("RSS", "Podcasts"))
        for page in made_pages("plain", PAGES)
    ]
    text, diff = revise(learned("plain"), rules_of(changed))
    assert 'version = "1.0.1"' in text
    assert diff.changed == ("lines",)
    assert diff.wordings == (("lines", ("Podcasts",), ("RSS",)),)
