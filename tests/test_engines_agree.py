"""The fast engine gives what the plain one gives: removal by removal, whatever the texts, the rules and the batches."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from conftest import CORPORA, corpus_texts
from hypothesis import event, given, settings
from hypothesis import strategies as st

from cleaner import Cleaner
from cleaner.clean.view import Claim
from cleaner.document import Cleaned, Document, restore
from cleaner.match.table import native
from cleaner.options import PROFILES, EngineName
from cleaner.rules.load import bundled_packs
from cleaner.rules.model import Neighbour, Repeat, Rule, Section, Shape, Wording, Zone
from cleaner.rules.patterns import check_pattern
from cleaner.rules.ruleset import RuleSet
from cleaner.rules.wording import conditions, matcher, phrase_keys
from cleaner.text.fold import fold
from cleaner.text.lines import Lines

WORDS = [
    "share", "Share", "this", "comment", "©", "2024", "3", "(c)", "Über", "ÜBER", "İstanbul", "ı", "don’t", "don't",
    "—", "-", "|", "•", "»", "版权", "所有", "\u00a0", "  ", "\t", "\u1680", "😀", "𝐀bc", "\ud800", "ﬁn", "ß", "٣",
    "x", "photo", "by", "read", "more", ":", ".", "…", "@", "#tag", "ſhare", "µm", "μm", "Σας", "\x00", "\r", "❶",
    "\x0b",
]  # fmt: skip

PARTS = st.sampled_from(WORDS)
LINES = st.lists(PARTS, max_size=7).map(" ".join) | st.lists(PARTS, max_size=4).map("".join)
LINED = st.lists(LINES, max_size=12).map("\n".join)
TEXTS = st.one_of(LINED, LINED, LINED, st.text(max_size=80))
LITERALS = st.one_of(PARTS, PARTS, st.lists(PARTS, min_size=2, max_size=3).map(" ".join)).map(fold).filter(str.strip)
SAYING = {
    r"^share (?:this|comment)": "Share this x",
    r"(?:share|read) more[ ]?$": "x read more",
    r"^[^\p{L}\n]{0,3}(?:©|\(c\))[ ]*\d{4}": "• (c) 2024 x",
    r"\d+ comments?": "3 comments",
    r"^(?:photo )?by [^\n]{1,20}$": "Photo by ÜBER",
    r"^[|•»\-]+$": "•|",
    r"(?<=x )this": "x this",
    r"(?:版权|所有)": "版权",
    r"(?i:SHARE) this": "x share this",
    r"^(?:share|this|x| )+$": "this x",
    r"[^.…\n]$": "x",
    r"(?P<cut>: ?more)|x:": "read: more",
    r"\bfin\b": "x fin",
    r"(\w)\1": "xx",
    r"@|#": "#tag",
    r"^\d{1,4}$": "2024",
}
SAYING_RAW = {
    r"Share [A-Z]\w*": "x Share This",
    r"^Ü\w+": "ÜBER",
    r"don’t": "x don’t",
    r"İ": "İstanbul",
    r"\tby": "x\tby",
    r"[Ss]hare$": "this share",
    r"^[^a-z\n]+$": "ÜBER 3",
}
"""Patterns, and a line that says each."""
PATTERNS, RAW = st.sampled_from([*SAYING]), st.sampled_from([*SAYING_RAW])


def phrases(texts: list[str]) -> Wording:
    keys = [phrase_keys(text) for text in texts]
    exact = frozenset(key for key, numbered in keys if key and not numbered)
    return Wording(phrases=exact, numbered=frozenset(key for key, numbered in keys if key and numbered))


PHRASES = st.lists(st.lists(st.sampled_from([*WORDS, "{n}"]), min_size=1, max_size=3).map(" ".join), max_size=6)


@st.composite
def wordings(draw: st.DrawFn, *, depth: int = 1) -> Wording:
    base = phrases(draw(PHRASES))
    case = draw(st.booleans())
    return Wording(
        phrases=base.phrases,
        numbered=base.numbered,
        starts=tuple(draw(st.lists(LITERALS, max_size=5))),
        ends=tuple(draw(st.lists(LITERALS, max_size=4))),
        contains=tuple(draw(st.lists(LITERALS, max_size=4))),
        regex=tuple(draw(st.lists(RAW if case else PATTERNS, max_size=2))),
        case=case,
        unless=draw(seldom(wordings(depth=0))) if depth else None,
    )


def seldom(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """None, or now and then a condition: with all of them at once nothing would ever match."""
    return st.sampled_from(range(8)).flatmap(lambda n: strategy if n == 7 else st.none())


SHARES = st.sampled_from([0.1, 0.3, 0.5, 0.9])
EXTENTS = st.none() | st.integers(1, 4) | SHARES
ZONES = st.builds(Zone, head=EXTENTS, tail=EXTENTS, body=st.none() | SHARES)
NEIGHBOURS = st.builds(
    Neighbour,
    wording=st.none() | wordings(depth=0),
    alike=st.booleans(),
    starts_with_this=st.booleans(),
    this_starts_with=st.booleans(),
    names_this=st.booleans(),
    between=seldom(wordings(depth=0)),
    within=st.integers(1, 3),
    none=st.booleans(),
)
REPEATS = st.builds(
    Repeat,
    of=st.sampled_from(["title", "line"]),
    match=st.sampled_from(["same", "ends", "prefix", "above"]),
    drop=st.sampled_from(["later", "earlier"]),
    within=st.none() | st.integers(1, 5),
)
SECTIONS = st.builds(
    Section,
    until=st.sets(st.sampled_from(["prose", "blank", "heading", "end"]), min_size=1).map(frozenset),
    stop=st.none() | wordings(depth=0),
    max_lines=st.none() | st.integers(1, 4),
    max_share=SHARES,
    upward=st.booleans(),
)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    kind = draw(st.sampled_from(["line", "line", "span", "span", "section", "repeat", "keep"]))
    return Rule(
        id="",
        version="1",
        kind=kind,
        reason="",
        wording=draw(wordings() if kind != "repeat" else st.none() | wordings()),
        zone=draw(seldom(ZONES)),
        min_words=draw(seldom(st.integers(1, 3))),
        max_words=draw(seldom(st.integers(3, 8))),
        min_chars=draw(seldom(st.integers(1, 8))),
        max_chars=draw(seldom(st.integers(8, 40))),
        alone=bool(draw(seldom(st.just(True)))),
        above=draw(seldom(NEIGHBOURS)),
        below=draw(seldom(NEIGHBOURS)),
        near=draw(seldom(NEIGHBOURS)),
        title=draw(seldom(wordings())),
        part=draw(st.booleans()),
        action=draw(st.sampled_from(["remove"] * 5 + ["mark", "silent"])),
        lang=draw(seldom(st.just(frozenset({"de"})))) or frozenset(),
        section=draw(SECTIONS) if kind == "section" else None,
        repeat=draw(REPEATS) if kind == "repeat" else None,
    )


@st.composite
def rulesets(draw: st.DrawFn) -> RuleSet:
    named = [replace(rule, id=f"t/p/r{i}") for i, rule in enumerate(draw(st.lists(rules(), min_size=1, max_size=4)))]
    for i in range(1, len(named)):
        if (asked := draw(seldom(st.sampled_from(named[:i])))) is not None:
            named[i] = replace(named[i], near=Neighbour(rule=asked.id, within=2))
    return RuleSet(tuple(named))


LANGS = st.sampled_from([None, "de", "en-GB"])
DOCUMENTS = st.builds(Document, text=TEXTS, title=st.none() | LINES, lang=LANGS, url=st.none())


def said(rule: Rule) -> set[str]:
    """What the rule's wording and its conditions say, or nearly."""
    wordings = [wording for wording in (rule.wording, *conditions(rule)) if wording]
    literals = [text for each in wordings for text in (*each.phrases, *each.starts, *each.ends, *each.contains)]
    numbered = [text.replace("0", "31") for each in wordings for text in each.numbered]
    patterns = [(SAYING_RAW if each.case else SAYING)[text] for each in wordings for text in each.regex]
    return {text.replace("\n", " ") for text in (*literals, *numbered, *patterns)}


def documents(ruleset: RuleSet) -> st.SearchStrategy[list[Document]]:
    """Documents of which many a line is what a rule asks for."""
    saying = st.sampled_from(sorted({text for rule in ruleset.rules for text in said(rule)}) or ["share"])
    lines = st.one_of(
        saying, saying, LINES, st.tuples(saying, PARTS).map(" ".join), st.tuples(saying, PARTS).map("".join)
    )
    sentence = st.sampled_from(
        [*3 * [""], "That is the end of it, and they have it from you.\n", "Das ist nicht von mir.\n"]
    )
    made = st.builds(
        Document,
        text=st.tuples(sentence, st.lists(lines, min_size=1, max_size=12).map("\n".join)).map("".join),
        title=st.none() | lines,
        lang=LANGS,
        url=st.none(),
    )
    return st.lists(st.one_of(made, made, made, DOCUMENTS), min_size=1, max_size=8)


def cleaned(cleaner: Cleaner, documents: list[Document], size: int) -> list[Cleaned]:
    batches = (documents[i : i + size] for i in range(0, len(documents), size))
    return [result for batch in batches for result in cleaner.clean_many(batch)]


def claim_the_same(plain: Cleaner, fast: Cleaner, documents: list[Document]) -> None:
    """The fast engine asks what is kept only where it matters, unless all claims are wanted."""
    for document in documents:
        assert sorted(fast.claims(document), key=_place) == sorted(plain.claims(document), key=_place)


def _place(claim: Claim) -> tuple[str, int, int, tuple[int, int]]:
    return claim.rule.id, claim.first, claim.last, claim.span or (0, 0)


@settings(max_examples=150)
@given(rulesets(), st.data())
def test_random_rules_on_random_texts(ruleset: RuleSet, data: st.DataObject) -> None:
    some = data.draw(documents(ruleset))
    plain, fast = (Cleaner(rules=ruleset, on_guard="cut", engine=engine) for engine in ("plain", "fast"))
    expected = [plain.clean_document(document) for document in some]
    assert [restore(result) for result in expected] == [document.text for document in some]
    assert cleaned(fast, some, 1) == expected
    assert cleaned(fast, some, 7) == expected
    claim_the_same(plain, fast, some)
    event("removes" if any(result.removals for result in expected) else "removes nothing")


@st.composite
def beside_bundled(draw: st.DrawFn) -> tuple[RuleSet, RuleSet]:
    """Rules that are taken for the bundled ones, and a set of most of them, some tuned, and of others."""
    bundled = draw(rulesets())
    found = {
        rule.id: draw(st.sampled_from([rule, rule, rule, replace(rule, min_words=2), None])) for rule in bundled.rules
    }
    own = [replace(rule, id=f"t/own/r{i}") for i, rule in enumerate(draw(st.lists(rules(), max_size=2)))]
    if own and (asked := draw(st.none() | st.sampled_from(bundled.rules))) is not None:
        own[0] = replace(own[0], near=Neighbour(rule=asked.id, within=2))
    wanted = {id for rule in (*own, *found.values()) if rule for id in rule.asks_for}
    for rule in bundled.rules:
        if found[rule.id] is None and rule.id in wanted:
            found[rule.id] = replace(rule, action="silent")
    return bundled, RuleSet((*(rule for rule in found.values() if rule), *own))


@settings(max_examples=100)
@given(beside_bundled(), st.data())
def test_random_rules_beside_those_of_the_package(sets: tuple[RuleSet, RuleSet], data: st.DataObject) -> None:
    """Those are indexed once, whatever becomes of them in a set of rules."""
    bundled, ruleset = sets
    some = data.draw(documents(ruleset))
    plain, fast = (Cleaner(rules=ruleset, on_guard="cut", engine=engine) for engine in ("plain", "fast"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLEANER_CACHE", "")
        patch.setattr("cleaner.cache.prebuilt_entry", lambda kind: None)  # what comes with it is of other rules
        patch.setattr("cleaner.match.parts._MANY", 1)
        patch.setattr("cleaner.rules.load.load_rules", lambda profile: bundled)
        assert cleaned(fast, some, 7) == [plain.clean_document(document) for document in some]
        claim_the_same(plain, fast, some)
    event("both shared and own" if len(fast._evaluator._fast.first) > 1 else "all shared, or none")


def test_an_engine_that_is_asked_while_it_answers_answers_both() -> None:
    """Where objects of Python are made, garbage may be collected, which may run anything, another thread as well."""
    said = (Rule(f"t/p/{word}", "1", "line", "", wording=Wording(phrases=(word,))) for word in ("here", "there"))
    cleaner = Cleaner(rules=RuleSet(tuple(said)), on_guard="cut")
    one, other = "here\nx\n" * 6_000, "x\n" + "there\n" * 9_000
    expected = cleaner.clean(one)
    answers: list[Cleaned] = []

    def ask(phase: str, _: object) -> None:
        frame = sys._getframe().f_back
        if phase == "start" and not answers and frame and frame.f_code.co_name == "candidates":
            answers.append(cleaner.clean(other))

    before = gc.get_threshold()
    gc.callbacks.append(ask)
    try:
        for threshold in (300, 400, 500):
            gc.set_threshold(threshold)
            answers.clear()
            assert cleaner.clean(one) == expected
            assert (answers or not native) and all(answer.text == "x\n" for answer in answers)
    finally:
        gc.callbacks.remove(ask)
        gc.set_threshold(*before)


@pytest.mark.parametrize(("size", "left"), [(5_000, ""), (5_001, "share this")])
def test_a_line_too_long_for_wordings_is_no_neighbour_that_says_one(size: int, left: str, engine: EngineName) -> None:
    long = "x" * size
    said = Wording(regex=(r"^share this$",))
    rule = Rule("t/p/r", "1", "line", "", wording=said, below=Neighbour(Wording(regex=(r"^x+$",))))
    cleaner = Cleaner(rules=RuleSet((rule,)), on_guard="cut", engine=engine)
    assert cleaner.clean(f"share this\n{long}").text == f"{left}\n{long}".lstrip()


@pytest.mark.parametrize("within", [1, 9, 63, 64, 65, 130])
def test_what_a_line_says_to_its_neighbours_is_heard_as_far_as_asked(within: int, engine: EngineName) -> None:
    near = Neighbour(Wording(contains=("end",)), within=within)
    rule = Rule("t/p/r", "1", "line", "", wording=phrases(["share"]), near=near)
    cleaner = Cleaner(rules=RuleSet((rule,)), on_guard="cut", engine=engine)
    for rows in (70, 8, 130):
        lines = [*["x"] * rows, "share", "share", *["x"] * 199]
        assert cleaner.clean("\n".join(lines)).text == "\n".join(lines)
        end = lines[rows + 1 + within] = "the end"  # too far from the first of the two
        assert cleaner.clean("\n".join(lines)).text.split("\n") == [*["x"] * rows, "share", *lines[rows + 2 :]]
        if rows >= within:
            lines[rows + 1 + within], lines[rows - within] = "x", end  # and here from the second
            assert cleaner.clean("\n".join(lines)).text == "\n".join([*lines[:rows], *lines[rows + 1 :]])


def test_what_a_line_says_to_its_neighbours_is_forgotten_with_its_text(engine: EngineName) -> None:
    near = Neighbour(Wording(contains=("end",)), within=30)
    rule = Rule("t/p/r", "1", "line", "", wording=phrases(["share"]), near=near)
    cleaner = Cleaner(rules=RuleSet((rule,)), on_guard="cut", engine=engine)
    for rows in range(1, 60):
        for at in range(0, rows, 3):
            lines = ["share", *["x"] * rows]
            lines[1 + at] = "the end"
            assert cleaner.clean("\n".join(lines)).text == "\n".join(lines[1:] if at < 30 else lines)


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (r"^[^\\w\n]*share this", "abc share this"),  # without backslash and w, but with other letters
        (r"^[^\\\w\n]*share this", "- share this"),
        (r"^share al(?#one l or two){1,2} this", "share all this"),  # the repeat is of what stands before the comment
        (r"^(?i:\u0345)*share this", "ιshare this"),  # a mark that stands for a letter
        (r"^share \X this", "share x\u0301\u0303 this"),  # one grapheme, which may be of many code points
    ],
)
def test_forms_that_are_easily_misread(pattern: str, line: str, engine: EngineName) -> None:
    rule = Rule("t/p/r", "1", "line", "", wording=Wording(regex=(pattern,)))
    assert Cleaner(rules=RuleSet((rule,)), on_guard="cut", engine=engine).clean(f"One.\n{line}").text == "One."


def test_a_keep_rule_that_another_asks_for_is_asked_everywhere(engine: EngineName) -> None:
    keep = Rule("t/p/note", "1", "keep", "", wording=phrases(["note"]))
    line = Rule("t/p/share", "1", "line", "", wording=phrases(["share"]), above=Neighbour(rule=keep.id))
    assert Cleaner(rules=RuleSet((keep, line)), engine=engine).clean("note\nshare\nshare").text == "note\nshare"


def test_what_is_kept_of_a_shape_is_claimed_once(engine: EngineName) -> None:
    keep = Rule("t/p/flour", "1", "keep", "", wording=phrases(["flour"]))
    line = Rule("t/p/share", "1", "line", "", wording=phrases(["share"]))
    shape = Rule("t/p/short", "1", "shape", "", shape=Shape(when=(("words", None, 2),), beside=1))
    document = Document("A loaf for two days\nshare\nflour\nmenu")
    cleaner = Cleaner(rules=RuleSet((keep, line, shape)), engine=engine)
    claims = [(claim.rule.id, claim.first) for claim in cleaner.claims(document)]
    assert sorted(claims) == [(keep.id, 2), (line.id, 1), (shape.id, 2), (shape.id, 3)]
    assert cleaner.clean_document(document).text == "A loaf for two days\nflour"


def test_the_patterns_here_are_fit_for_rules() -> None:
    """Else the properties above would prove less than they say."""
    for pattern, line in SAYING.items():
        assert matcher(Wording(regex=(pattern,))).matches(line, fold(line)), pattern
    for pattern, line in SAYING_RAW.items():
        assert matcher(Wording(regex=(pattern,), case=True)).matches(line, fold(line)), pattern
    for pattern in (r"^[^\p{L}\n]{0,3}(?:©|\(c\))[ ]*\d{4}", r"(?:share|read) more[ ]?$", r"@|#"):
        assert check_pattern(pattern, folded=True) == []


@pytest.fixture(scope="module")
def plain() -> Cleaner:
    return Cleaner("thorough", on_guard="cut", engine="plain")


@pytest.fixture(scope="module")
def fast() -> Cleaner:
    return Cleaner("thorough", on_guard="cut")


def test_bundled_rules_on_their_own_examples(plain: Cleaner, fast: Cleaner) -> None:
    sides = (side for pack in bundled_packs() for side in (pack.remove, pack.keep))
    examples = [example for side in sides for of in side.values() for example in of]
    some = examples[::300]  # the plain one takes its time
    documents = [Document(each.before, url=each.url, lang=each.lang, title=each.title) for each in some]
    assert list(fast.clean_many(documents)) == [plain.clean_document(document) for document in documents]


@settings(max_examples=15)
@given(documents=st.lists(DOCUMENTS, max_size=3))
def test_bundled_rules_on_random_texts(plain: Cleaner, fast: Cleaner, documents: list[Document]) -> None:
    assert list(fast.clean_many(documents)) == [plain.clean_document(document) for document in documents]


def real_documents(name: str) -> list[Document]:
    rows = corpus_texts(name)
    return [Document(row["text"], url=row["url"], title=row["title"], lang=row.get("lang")) for row in rows]


def test_batches_of_any_size_give_the_same_on_real_texts(fast: Cleaner) -> None:
    documents = real_documents("traf-dev.wet.jsonl.zst")[::16]
    whole = list(fast.clean_many(documents))
    assert [fast.clean_document(document) for document in documents] == whole
    sevens = (documents[i : i + 7] for i in range(0, len(documents), 7))
    assert [result for batch in sevens for result in fast.clean_many(batch)] == whole


@pytest.mark.slow
@pytest.mark.skipif(not CORPORA.is_dir(), reason="the labelled corpora are not beside the project")
def test_real_texts_of_all_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the definition every pattern of every rule is tried on every line, here on each distinct one once. That takes
    hours for all texts, so one in forty is taken, or one in ``CLEANER_EVERY``."""
    every_nth = int(os.environ.get("CLEANER_EVERY", "40"))
    engines = {
        profile: [Cleaner(profile, on_guard="cut", engine=name) for name in ("plain", "fast")] for profile in PROFILES
    }
    every = engines["thorough"][0].ruleset.rules
    numbers = {rule.id: number for number, rule in enumerate(every)}
    known: dict[str, list[int]] = {}

    def asked_once(lines: Lines, rules: Sequence[Rule], active: Iterable[int]) -> dict[int, list[int]]:
        """`find_hits`, which asks a line anew each time it comes."""
        hits: dict[int, list[int]] = {}
        index = {numbers[rules[i].id]: i for i in active}
        for i in lines.filled:
            raw = lines.raw(i)
            if raw not in known:
                pairs = ((n, rule.wording) for n, rule in enumerate(every))
                known[raw] = [n for n, wording in pairs if wording and matcher(wording).matches(raw, lines.folded[i])]
            for number in known[raw]:
                if number in index:
                    hits.setdefault(index[number], []).append(i)
        wordless = [i for i in active if rules[i].wording is None and rules[i].shape is None]
        return hits | {i: [*lines.filled] for i in wordless if lines.filled}

    monkeypatch.setattr("cleaner.clean.evaluator.find_hits", asked_once)
    for path in sorted(CORPORA.glob("*.jsonl.zst")):
        documents = real_documents(path.name)[::every_nth]
        for profile, (plain, fast) in engines.items():
            for document, result in zip(documents, fast.clean_many(documents), strict=True):
                assert result == plain.clean_document(document), (profile, path.name, document.url)
