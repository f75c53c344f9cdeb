"""The promises that hold for every input, as properties of random texts under both engines and all profiles."""

from __future__ import annotations

import copy
import itertools
import pickle
import sys
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from conftest import EVERY_KIND, corpus_texts
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Cleaned, Cleaner, Document, RuleSet, load_rules, restore
from cleaner.adapters.stream import clean_rows
from cleaner.errors import UsageError
from cleaner.extract.page import extract
from cleaner.learn import learn
from cleaner.options import PROFILES
from cleaner.rules.load import load_packs
from cleaner.text.composed import composed
from cleaner.text.invisible import INVISIBLE, printed

PIECES = [
    "Subscribe to our newsletter", "SUBSCRIBE TO OUR NEWSLETTER!", "5 min read", "İ min read", "ß", "ẞ", "Copyright",
    "© 2024 Example", "Related Articles", "相关阅读", "One", "Headline one", "Again", "Advertisement", "Follow us on X",
    "Follow us on a walk, keep me company", "A dog. (Photo credit: A. Smith)", "(image credit: b) tail", "ВЕРСИЯ",
    "This is a sentence that reads like prose, because it has words and a full stop.", "", "", " ", "\t", "\r", "\x00",
    "A dog (Reuters)", "\ud800", "\U0001f600", "e\u0301", "\u200f", "\f", "a\x85b", "\u2028", "ﬁ ſ µ ς Σ ı I",
]  # fmt: skip

texts = st.one_of(
    st.text(st.characters(), max_size=60),  # surrogates included
    st.lists(st.sampled_from(PIECES) | st.text(st.characters(), max_size=12), max_size=14).map("\n".join),
    st.lists(st.sampled_from(PIECES), max_size=14).map("\r\n".join),
)

RULES = load_rules(EVERY_KIND, profile="thorough", bundled=False)


def check(text: str, result: Cleaned) -> None:
    """What holds for every cleaned text, whatever the rules."""
    assert restore(result) == text
    at = 0
    left = []
    for removal in result.removals:
        assert at <= removal.start < removal.end <= len(text)
        assert text[removal.start : removal.end] == removal.text
        assert removal.rule
        assert removal.version
        left.append(text[at : removal.start])
        at = removal.end
    left.append(text[at:])
    assert result.text == "".join(left)
    if not result.removals:
        assert result.text is text


@given(text=texts)
def test_nothing_is_lost_and_every_removal_has_a_name(engine: str, text: str) -> None:
    check(text, Cleaner(rules=RULES, engine=engine, on_guard="cut").clean(text))


def test_line_breaks_stay_whole_and_blanks_behind_a_line_hide_nothing() -> None:
    """Every other example with CR and LF, and with blanks before each break; what follows them goes too, and the line
    break in between. Where the middle of a text is may shift a little, and a few examples depend on it."""
    examples = [example for pack in load_packs() for found in pack.remove.values() for example in found][::2]
    texts = [f"{each.before}\n\nAll rights reserved." for each in examples]
    cleaner = Cleaner("thorough", on_guard="cut")

    def cleaned(line_break: str) -> list[Cleaned]:
        broken = [text.replace("\n", line_break) for text in texts]
        documents = [Document(text, url=each.url, lang=each.lang) for text, each in zip(broken, examples, strict=True)]
        results = [*cleaner.clean_many(documents)]
        for text, result in zip(broken, results, strict=True):
            check(text, result)
            assert result.text.count(line_break.lstrip(" ")) == result.text.count("\n")
        return results

    left = [result.text.split("\n") for result in cleaned("\n")]
    for line_break in ("\r\n", " \n"):
        others = [[line.rstrip() for line in result.text.split("\n")] for result in cleaned(line_break)]
        assert sum(x != y for x, y in zip(left, others, strict=True)) <= len(texts) // 500


def test_a_look_alike_stays_as_an_entry_of_a_list() -> None:
    """Every fourth one that is a line which begins with a letter, between paragraphs; one in five hundred may be told
    from chrome by what its line begins with."""
    packs = load_packs()
    examples = [example for pack in packs for found in pack.keep.values() for example in found]
    lines = [each for each in examples if each.before[:1].isalpha() and "\n" not in each.before][::4]
    prose = "The mill stood empty for a year, and nobody in the town could say why the owner had left it."
    cleaner = Cleaner("balanced", on_guard="cut")

    def taken(front: str) -> set[int]:
        texts = [f"{prose}\n\n{front}{each.before}\n\n{prose.replace('mill', 'barn')}" for each in lines]
        documents = [Document(text, url=each.url, lang=each.lang) for text, each in zip(texts, lines, strict=True)]
        return {i for i, result in enumerate(cleaner.clean_many(documents)) if lines[i].before not in result.text}

    plain = taken("")
    for front in ("• ", "  - "):
        assert len(taken(front) - plain) <= len(lines) // 500


@given(text=texts)
def test_engines_agree(text: str) -> None:
    plain = Cleaner(rules=RULES, engine="plain", on_guard="cut").clean(text)
    assert Cleaner(rules=RULES, engine="fast", on_guard="cut").clean(text) == plain


@given(text=texts, hidden=st.lists(st.tuples(st.integers(0, 400), st.sampled_from(INVISIBLE)), max_size=8))
def test_what_prints_nothing_hides_nothing(engine: str, text: str, hidden: list[tuple[int, str]]) -> None:
    spelled = text
    for place, char in hidden:
        spelled = spelled[:place] + char + spelled[place:]
    cleaner = Cleaner(rules=RULES, engine=engine, on_guard="cut")
    result = cleaner.clean(spelled)
    check(spelled, result)
    plain = cleaner.clean(printed(text))
    assert printed(result.text) == plain.text
    assert [printed(removal.text) for removal in result.removals] == [removal.text for removal in plain.removals]


@given(text=texts)
def test_letters_are_letters_however_they_are_spelled(engine: str, text: str) -> None:
    cleaner = Cleaner(rules=RULES, engine=engine, on_guard="cut")
    text = composed(f"{text}\nНовая версия в Å, é und が (Photo credit: Ä. Smith)\nВерсия йод\nFive\nВЕРСИЯ")
    spelled = "".join(unicodedata.normalize("NFD", char) if char in "Åéが한йё\u00c4" else char for char in text)
    result, plain = cleaner.clean(spelled), cleaner.clean(text)
    check(spelled, result)
    assert composed(result.text) == plain.text
    assert [composed(removal.text) for removal in result.removals] == [removal.text for removal in plain.removals]


def test_a_letter_goes_with_its_marks(engine: str) -> None:
    text = unicodedata.normalize("NFD", "Das Café (Photo credit: É. André)\nVersión 2é\nВерсия й\u200b\nEs wärmt.")
    left = Cleaner(rules=RULES, engine=engine, on_guard="cut").clean(text).text
    assert left == unicodedata.normalize("NFD", "Das Café\nVersión 2é\nEs wärmt.")


def test_rules_find_words_however_they_are_spelled(pack: Callable[..., Cleaner]) -> None:
    rule = """[[rule]]
id = "back"
kind = "line"
reason = "Leads back."
phrases = ["Zurück nach oben", "공유하기"]
regex = ['^m[éè]nü$']
max_words = 3
remove = ["Zurück nach oben", "Ménü"]
keep = ["Er ging zurück nach oben.", "Das Ménü war gut."]
"""
    text = "Es wärmt.\nZurück nach oben\nMènü\n공유하기\nEr schläft 한 번."
    for form in ("NFC", "NFD"):
        left = pack(rule).clean(unicodedata.normalize(form, text)).text
        assert left == unicodedata.normalize(form, "Es wärmt.\nEr schläft 한 번.")


def test_what_prints_nothing_goes_with_its_line(engine: str) -> None:
    text = "In Rot\u00adter\u00addam.\n\u200bSub\u00adscribe to our news\u00adletter\ufeff\nTwo\n\ufeff5 min read\u200b"
    cleaner = Cleaner(rules=RULES, engine=engine)
    assert cleaner.clean(text).text == "In Rot\u00adter\u00addam.\nTwo"
    broken = "A dog (Photo credit: A. Smith)\ufe0e\r\nsleeps.\r\n5 min read\u200b\r\nTwo"
    assert cleaner.clean(broken).text == "A dog\r\nsleeps.\r\nTwo"


def test_what_sets_a_direction_hides_nothing(engine: str) -> None:
    """Nor does what follows change its direction: what ends a stretch that begins before what goes, stays."""
    cleaner = Cleaner(rules=RULES, engine=engine)
    for text, left in (
        ("One.\n\u202bSubscribe to \u2068our\u2069 newsletter\u202c", "One."),
        ("One.\n5\u061c min\u202d read\u202c", "One."),
        ("\u2067A dog\u2069 (Photo credit: A. Smith) sleeps.", "\u2067A dog\u2069 sleeps."),
        ("\u2067A dog\u200f\u2069\u200e(Photo credit: A. Smith) sleeps.", "\u2067A dog\u200f\u2069 sleeps."),
        ("\u2069(Photo credit: A. Smith) A dog.", "A dog."),
    ):
        result = cleaner.clean(text)
        check(text, result)
        assert result.text == left


@given(batch=st.lists(texts, max_size=6), size=st.integers(1, 6))
def test_no_memory_between_documents(engine: str, batch: list[str], size: int) -> None:
    cleaner = Cleaner(rules=RULES, engine=engine)
    alone = [cleaner.clean(text) for text in batch]
    assert list(cleaner.clean_many(batch)) == alone
    backwards = list(cleaner.clean_many(reversed(batch)))
    assert backwards[::-1] == alone
    parts = [batch[i : i + size] for i in range(0, len(batch), size)]
    assert list(itertools.chain.from_iterable(cleaner.clean_many(part) for part in parts)) == alone


class Said(str):
    """A kind of str, as NumPy, lxml and Beautiful Soup have one, that is odd about itself."""

    def __len__(self) -> int:
        return 3


def test_kinds_of_str_are_texts_like_any_other(engine: str) -> None:
    cleaner = Cleaner(rules=RULES, engine=engine)
    for text in ("One\nAdvertisement\nTwo", "5 min read", "A dog."):
        plain = cleaner.clean(text, url="https://a.example/", title="One", lang="en")
        for kind in (Said, np.str_):
            found = cleaner.clean(kind(text), url=kind("https://a.example/"), title=kind("One"), lang=kind("en"))
            assert found == plain and restore(found) == text
            assert [*cleaner.clean_many([kind(text)])] == [cleaner.clean(text)]
    text = np.str_("A dog.")
    assert cleaner.clean(text).text is text


def test_what_came_before_a_fault_is_cleaned(engine: str) -> None:
    def pages() -> Iterator[str]:
        yield "A dog of this size needs a long walk.\n5 min read"
        raise OSError("the disk is gone")

    results = Cleaner(rules=RULES, engine=engine).clean_many(pages())
    assert next(results).text == "A dog of this size needs a long walk."
    with pytest.raises(OSError, match="the disk is gone"):
        next(results)


def test_threads_may_share_a_cleaner(engine: str) -> None:
    """Whatever it makes when it is first asked, and keeps, is the same whoever comes first."""
    ours = ["\n".join(PIECES[at:] + PIECES[:at]) for at in range(0, len(PIECES), 4)]
    wanted = list(Cleaner(rules=RULES, engine=engine).clean_many(ours))
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(2):
            shared = Cleaner(rules=pickle.loads(pickle.dumps(RULES)), engine=engine)  # with nothing made as yet
            with ThreadPoolExecutor(8) as pool:
                assert list(pool.map(shared.clean, ours)) == wanted
    finally:
        sys.setswitchinterval(interval)


@given(text=texts, share=st.floats(0, 1))
def test_guard_keeps_the_text_or_says_so(engine: str, text: str, share: float) -> None:
    cut = Cleaner(rules=RULES, engine=engine, on_guard="cut", max_removed=share).clean(text)
    kept = Cleaner(rules=RULES, engine=engine, on_guard="keep", max_removed=share).clean(text)
    gone = sum(removal.end - removal.start for removal in cut.removals)
    assert cut.guarded == kept.guarded == (gone > share * len(text))
    assert kept == cut if not cut.guarded else kept.text is text


@given(text=texts)
def test_bundled_rules_restore(text: str) -> None:
    check(text, BUNDLED.clean(text))


BUNDLED = Cleaner("thorough", on_guard="cut")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: BUNDLED.clean(None), "clean takes a str, not NoneType"),
        (lambda: BUNDLED.clean(b"x"), "clean takes a str, not bytes"),
        (lambda: restore("x"), "restore takes a Cleaned, as a cleaner gives it, not str"),
        (lambda: [*clean_rows({"text": "x"})], "clean_rows takes rows with names; item 0 is str"),
        (lambda: BUNDLED.clean_document("x"), "clean_document takes a Document, not str"),
        (lambda: BUNDLED.clean_many("x"), "clean_many takes many texts or Documents, not one str"),
        (lambda: [*BUNDLED.clean_many(["x", None])], "item 1 is NoneType"),
        (lambda: BUNDLED.clean_many({"text": "x"}), "not one dict"),  # its keys would be taken for texts
        (lambda: BUNDLED.clean_many(None), "'NoneType' object is not iterable"),
        (lambda: Cleaner(select="rights"), r"select takes a list: write select=\['rights'\]"),
        (lambda: Cleaner(rules=Path("x.toml")), "rules takes a list"),
        (lambda: Cleaner(rules=5), "rules takes a list of paths of rule files, not int"),
        (lambda: Cleaner(rules=b"x.toml"), "rules takes a list of paths of rule files, not bytes"),
        (lambda: Cleaner(rules=BUNDLED), "rules takes a list of paths of rule files, not Cleaner"),
        (lambda: RuleSet(["x.toml"]), r"a RuleSet is made of Rules: load_rules\('rules.toml'\)"),
        (lambda: Cleaner(rules=[5]), "rules takes paths of rule files, not int"),
        (lambda: Cleaner(select=[5]), "select takes names of rules, not int"),
        (lambda: Cleaner(ignore=5), "ignore takes a list"),
        (lambda: Cleaner(rules=None), r"rules takes a list: leave it out, or write rules=\[\]"),
        (lambda: extract(None), "extract takes a page as bytes or str, not NoneType"),
        (lambda: extract(bytearray(b"<p>x")), "extract takes a page as bytes or str, not bytearray"),
        (lambda: learn([Document(None)]), "the text of a document is a str, not NoneType"),
        (lambda: learn([Document("x", url=5)]), "the url of a document is a str or None, not int"),
        (lambda: load_rules(["x.toml"]), "load_rules takes paths of rule files, not list"),
        (lambda: load_rules(select="en"), r"select takes a list: write select=\['en'\]"),
        (lambda: BUNDLED.clean("x", url=5), "the url of a document is a str or None, not int"),
        (lambda: BUNDLED.clean("x", lang=5), "the lang of a document is a str or None, not int"),
        (lambda: BUNDLED.clean_document(Document("x", title=5)), "the title of a document is a str or None, not int"),
        (
            lambda: BUNDLED.clean_document(Document("x", hints=[1])),
            "the hints of a document are a mapping or None, not list",
        ),
        (
            lambda: BUNDLED.clean_document(Document("x", hints={"link": None})),
            "the hint 'link' of a document is a list of numbers, one for each line, not None",
        ),
        (lambda: BUNDLED.clean_document(Document("x", hints={"link": "1"})), "for each line, not '1'"),
        (lambda: BUNDLED.clean_document(Document("x", hints={"link": ["x"]})), r"for each line, not \['x'\]"),
        (lambda: BUNDLED.clean_document(Document("x", hints={"link": [[0, 1], [0]]})), "for each line, not"),
        (lambda: BUNDLED.clean_document(Document("x", hints={"link": [[0, 1]]})), "for each line, not"),
        (lambda: BUNDLED.clean_document(Document("x", hints={"link": [10**400]})), "for each line, not"),
        (lambda: BUNDLED.clean_document(Document(None)), "the text of a document is a str, not NoneType"),
        (lambda: list(BUNDLED.clean_many(["x", Document(b"x")])), "the text of a document is a str, not bytes"),
    ],
)
def test_wrong_types_are_named(call: Callable[[], object], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        call()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: Cleaner(rules=RULES, profile="bold"), "profile 'bold' is none of careful, balanced, thorough"),
        (lambda: Cleaner(rules=RULES, on_guard="bold"), "on_guard 'bold' is none of keep, cut"),
        (lambda: Cleaner(rules=RULES, engine="bold"), "engine 'bold' is none of fast, plain"),
        (lambda: Cleaner(rules=RULES, ignore=["*"]), "give select and ignore to load_rules"),
        (lambda: Cleaner(max_removed="0.5"), "a share from 0 to 1, not '0.5'"),
        (lambda: Cleaner(max_removed=float("nan")), "a share from 0 to 1, not nan"),
    ],
)
def test_options_that_make_no_sense_are_refused(call: Callable[[], object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        call()


@pytest.mark.parametrize("name", ["profile", "ruleset", "max_removed", "on_guard", "engine", "select"])
def test_a_cleaner_stays_as_it_was_made(name: str) -> None:
    cleaner = Cleaner(rules=RULES)
    with pytest.raises(AttributeError, match=f"cannot assign to field '{name}'"):
        setattr(cleaner, name, "thorough")
    with pytest.raises(AttributeError, match=f"cannot delete field '{name}'"):
        delattr(cleaner, name)
    assert getattr(cleaner, name, None) == getattr(Cleaner(rules=RULES), name, None)


def test_a_cleaner_says_what_it_was_made_of() -> None:
    said = "profile='careful', max_removed=0.5, on_guard='keep', engine='fast')"
    assert repr(Cleaner("careful", rules=RULES)) == f"Cleaner(ruleset=<RuleSet of {len(RULES.rules)} rules>, {said}"


def test_a_cleaner_survives_pickle_and_deepcopy(engine: str) -> None:
    cleaner = Cleaner(rules=RULES, engine=engine, on_guard="cut")
    text = "\n".join(PIECES)
    for twin in (pickle.loads(pickle.dumps(cleaner)), copy.deepcopy(cleaner)):
        assert twin.clean(text) == cleaner.clean(text)
        assert twin.fingerprint == cleaner.fingerprint
        assert twin == cleaner != Cleaner(rules=RULES, engine=engine)
        assert hash(twin) == hash(cleaner)


def test_a_share_is_the_same_however_it_is_written() -> None:
    whole, number = (Cleaner(rules=RULES, max_removed=share) for share in (1, 1.0))
    assert whole.fingerprint == number.fingerprint != Cleaner(rules=RULES, max_removed=0.9).fingerprint


@pytest.mark.parametrize("profile", PROFILES)
def test_real_texts_are_restored(profile: str) -> None:
    cleaner = Cleaner(profile, on_guard="cut")
    names = ("wcxb-dev.wet", "readability.dclm", "traf-dev.wet", "sites-dev.wet", "traf-dev.trafilatura")
    rows = itertools.chain.from_iterable(
        itertools.islice(corpus_texts(f"{name}.jsonl.zst"), count)
        for name, count in zip(names, (250, 93, 250, 200, 207), strict=True)
    )
    documents = [Document(row["text"], url=row["url"], lang=row.get("lang"), title=row["title"]) for row in rows]
    assert len(documents) == 1000
    for document, result in zip(documents, cleaner.clean_many(documents), strict=True):
        check(document.text, result)
