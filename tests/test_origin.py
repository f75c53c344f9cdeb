"""Where documents come from: hosts, sites and languages, and the rules that they bring in or leave out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_kinds import LINE, Pack

from cleaner import Cleaner, load_rules
from cleaner.origin import host_of, language_of, site_of


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.Example.com/a?b#c", "www.example.com"),
        ("https://user:word@example.com:8080/a", "example.com"),
        ("//example.com", "example.com"),
        ("http://user@x:word@example.com/a", "example.com"),
        ("example.com/a@b", "example.com"),
        ("example.com//a", "example.com"),
        ("example.com:80//a.example", "example.com"),
        ("view-source:https://example.com/", "example.com"),
        ("http://[::1]:80/x", "[::1]"),
        ("http://example.com.:80/x", "example.com"),
        ("http://../x", ""),
        ("http://[::1/x", "["),  # malformed: no host of any rule, and no error
        ("https://foo]bar[/", "foo]bar["),
        ("https://www.Zürich.example/a", "www.xn--zrich-kva.example"),
        ("https://www.xn--zrich-kva.example", "www.xn--zrich-kva.example"),
        ("https://новости.рф", "xn--b1amnebsh.xn--p1ai"),
        ("https://℀.example/x", "℀.example"),  # would hold a slash
        ("https://ü..example", "ü..example"),
        ("/a/b", ""),
        ("?http://example.com", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_hosts(url: str | None, host: str) -> None:
    assert host_of(url) == host
    assert site_of(url) == host.removeprefix("www.")


@given(st.text(st.characters(), max_size=40))
def test_any_text_is_a_url_or_none(url: str) -> None:
    assert not {*"/?#"} & {*host_of(url)}


@pytest.mark.parametrize("tag", ["de", "DE", "de-AT", "de_DE", "deu", "ger", "Deu-Latn", " de "])
def test_languages(tag: str) -> None:
    assert language_of(tag) == "de"


def test_languages_without_a_pack_have_their_shortest_code_too() -> None:
    """As data sets name them, so that a pack of one's own runs on them."""
    tags = (
        "fin_Latn",
        "dan",
        "ell_Grek",
        "gre",
        "ekk_Latn",
        "lvs",
        "zsm_Latn",
        "heb_Hebr",
        "nob",
        "cmn_Hani",
        "arb_Arab",
    )
    assert [language_of(tag) for tag in tags] == "fi da el el et lv ms he no zh ar".split()


@pytest.mark.parametrize("named", ["no", "nb", "nn"])
@pytest.mark.parametrize(
    ("lang", "goes"), [("no", True), ("nb-NO", True), ("nob_Latn", True), ("nn-NO", True), ("nno", True), ("da", False)]
)
def test_norwegian_is_tagged_in_three_ways(tmp_path: Path, named: str, lang: str, goes: bool) -> None:
    (tmp_path / "p.toml").write_text(
        f'[pack]\nversion = "1"\ndescription = "Test."\nlang = ["{named}"]\n'
        '[[rule]]\nid = "r"\nkind = "line"\nreason = "Test."\nphrases = ["Del denne saken"]\n',
        encoding="utf-8",
    )
    cleaner = Cleaner(rules=load_rules(tmp_path / "p.toml", bundled=False), max_removed=1.0)
    assert bool(cleaner.clean("Havna frøs i januar.\nDel denne saken", lang=lang).removals) == goes


def test_codes_that_were_withdrawn_name_their_languages() -> None:
    """Old software still writes them: ``in`` stands in Indonesian pages."""
    assert [language_of(tag) for tag in ("in", "in-ID", "iw", "ji", "jw", "mo")] == "id id he yi jv ro".split()


def test_unknown_languages_stay_what_they_are() -> None:
    assert [language_of(tag) for tag in ("fil-Latn", "da-DK", "", None)] == ["fil", "da", "", ""]
    assert {language_of(tag) for tag in ("und", "und-Latn", "mul", "zxx", "unknown", "*", "x-old", "1")} == {""}


@pytest.mark.parametrize(
    ("lang", "goes"), [(None, True), ("und", True), ("de-CH", True), ("deu", True), ("ger", True), ("eng", False)]
)
def test_packs_follow_the_language(engine: str, lang: str | None, goes: bool) -> None:
    text = "Der Rat stimmte ab, und der Fährmann sprach lange über den Plan.\n\nJetzt Newsletter abonnieren"
    assert bool(Cleaner(engine=engine).clean(text, lang=lang).removals) == goes


ENGLISH = "The harbour froze in January, and the ferries that go to the island stopped for a week."
GERMAN = "Der Rat stimmte ab, und der Fährmann sprach lange über den Plan, auf den sich keiner einlässt."


@pytest.mark.parametrize(
    ("article", "lang", "goes"),
    [
        (ENGLISH, None, False), (ENGLISH, "und", False), (ENGLISH, "de", True), (GERMAN, None, True),
        (f"{ENGLISH}\n{GERMAN}", None, True), ("The harbour froze", None, True),
        ("Μιλάει για το ποτάμι και τη γέφυρα, που δεν είναι από την εποχή του πολέμου.", None, False),
        ("港口在星期天夜里结了冰，渡船停了，这是战争以来的第一次，岛上的人们没有了面粉。", None, False),
    ],
)  # fmt: skip
def test_packs_leave_texts_alone_that_are_evidently_in_another_language(
    engine: str, article: str, lang: str | None, goes: bool
) -> None:
    assert bool(Cleaner(engine=engine).clean(f"{article}\n\nJetzt Newsletter abonnieren", lang=lang).removals) == goes


def test_what_a_pack_keeps_it_keeps_in_texts_of_all_languages(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(
        '[pack]\nversion = "1"\ndescription = "Test."\n'
        '[[rule]]\nid = "r"\nkind = "line"\nreason = "Test."\nphrases = ["Join the club"]\n'
        '[[rule]]\nid = "k"\nkind = "keep"\nreason = "Test."\nlang = ["de"]\nphrases = ["Join the club"]\n',
        encoding="utf-8",
    )
    cleaner = Cleaner(rules=load_rules(tmp_path / "p.toml", bundled=False), max_removed=1.0)
    text = f"{ENGLISH}\nJoin the club"
    assert cleaner.clean(text).text is text
    assert cleaner.clean(text, lang="en").text == ENGLISH


@pytest.mark.parametrize(
    ("url", "goes"),
    [
        ("https://news.example.com/a", True), ("https://other.example/a", False), ("http://[::1/x", False),
        (None, False), ("https://Zürich.example", True), ("https://www.xn--zrich-kva.example", True),
    ],
)  # fmt: skip
def test_rules_follow_the_site(tmp_path: Path, url: str | None, goes: bool) -> None:
    (tmp_path / "p.toml").write_text(
        '[pack]\nversion = "1"\ndescription = "Test."\n[[rule]]\nid = "r"\nkind = "line"\nreason = "Test."\n'
        'site = ["example.com", "zürich.example"]\nphrases = ["Join the club"]\n',
        encoding="utf-8",
    )
    cleaner = Cleaner(rules=load_rules(tmp_path / "p.toml", bundled=False), max_removed=1.0)
    assert bool(cleaner.clean("The harbour froze.\nJoin the club", url=url).removals) == goes


def test_what_is_remembered_of_a_crawl_does_not_grow_with_its_hosts(tmp_path: Path) -> None:
    """One set of foreign rules serves all hosts and languages that rules do not name, and the others do not pile up."""
    rule = '[[rule]]\nid = "r{0}"\nkind = "line"\nreason = "Test."\nlang = ["de"]\n'
    rule += 'site = ["{0}.example"]\nphrases = ["x"]\n'
    path = tmp_path / "p.toml"
    path.write_text('[pack]\nversion = "1"\ndescription = "Test."\n' + "".join(map(rule.format, range(20))))
    rules = load_rules(path, bundled=False)
    one = rules.foreign("https://a.org/", "xx")
    assert len(one) == 20
    assert all(rules.foreign(f"https://{at}.org/", f"q{chr(97 + at % 26)}") is one for at in range(100))
    assert {len(rules.foreign(f"https://{at}.example/", "de")) for at in range(20)} == {19}


@pytest.mark.parametrize(
    ("url", "hit"),
    [
        ("https://news.example.com/a", True),
        ("https://example.com:8080/", True),
        ("https://blog.example.com/a", False),
        ("https://notexample.com/", False),
        ("https://example.com.news/", False),
        ("https://com/", False),
        (f"https://{'a.' * 300}example.com/", True),
        (f"https://{'a.' * 300}blog.example.com/", False),
        ("nonsense", False),
        (None, False),
    ],
)
def test_site(pack: Pack, url: str | None, hit: bool) -> None:
    cleaner = pack(LINE + 'phrases = ["x"]\nsite = ["example.com", "!blog.example.com"]')
    assert (cleaner.clean("a\nx", url=url).text == "a") is hit


@pytest.mark.parametrize(("lang", "hit"), [("de", True), ("de-AT", True), ("DE", True), ("en", False), (None, True)])
def test_lang(pack: Pack, lang: str | None, hit: bool) -> None:
    cleaner = pack(LINE + 'phrases = ["x"]\nlang = ["de"]')
    assert (cleaner.clean("a\nx", lang=lang).text == "a") is hit
