"""Shape rules: line features do not depend on the batch, models are exact sums, furniture goes and prose stays."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Cleaner, Document, load_rules
from cleaner.errors import RuleError
from cleaner.match.shapes import why
from cleaner.options import EngineName
from cleaner.rules.ruleset import RuleSet
from cleaner.text.counts import line_table
from cleaner.text.features import FEATURES, line_features
from cleaner.text.lines import Lines
from cleaner.text.model import NEVER, SCALE, explain, load_model, scores

NAMES = list(FEATURES)
ENGINES: list[EngineName] = ["fast", "plain"]

PIECES = [
    "Home", " ", "  ", "\n", "\n", "\n\n", "• ", "About us", "said that the ", "storm. ", "Kontakt", "комментарии ",
    "«Да»", "12:30", "分享", "他们昨天抵达了。", "\t", "\r", "\x0b", "\u3000", "\u200b", "😀", "©", "x" * 120, "|",
    "نشر", "It was a long day and nobody wanted to talk about it at all. ",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=60)


def features_of(documents: list[str], names: list[str]) -> np.ndarray:
    return line_features(line_table(documents), names)


def one(text: str, name: str) -> list[int]:
    return list(features_of([text], [name])[0].tolist())


@given(st.lists(texts, min_size=1, max_size=5))
def test_features_do_not_depend_on_the_batch(documents: list[str]) -> None:
    together = features_of(documents, NAMES)
    alone = [features_of([document], NAMES) for document in documents]
    assert np.array_equal(together, np.concatenate(alone, axis=1))


@given(texts)
def test_the_table_holds_the_lines_that_are_not_blank(text: str) -> None:
    table = line_table([text])
    assert table.line.tolist() == list(Lines(text).filled)
    lines = text.split("\n")
    assert [text[a:b] for a, b in zip(table.start, table.end, strict=True)] == [lines[i].strip() for i in table.line]


@given(texts)
def test_all_features_or_some_are_the_same_numbers(text: str) -> None:
    whole = features_of([text], NAMES)
    for name in ("words_near5", "since_comment", "core5", "copies_above", "block_prose_above1"):
        if name in FEATURES:
            assert np.array_equal(features_of([text], [name])[0], whole[NAMES.index(name)])


FLOOD = "The flood had covered the market before anyone could shout."
TOWN = "Nobody in the town says how the flood came to the market."


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("words", "Read all about it\n这是中文\n", [4, 3]),
        ("words", "a\tb c", [3]),
        ("tabs", "\ta\t\tb", [2]),
        ("chars", "  padded  \nx", [6, 1]),
        ("indent", "  padded  \nx", [2, 0]),
        ("closing", 'End.\n"Quoted."\nhe said:\nplain\n“那天。”\nجاء؟', [1, 1, 2, 0, 1, 1]),
        ("lead", "Big\nsmall\n7 up\n• item\n“Oh\nשלום", [0, 1, 2, 3, 4, 0]),
        ("title", "Terms Of Use\nterms of use\n2024", [100, 0, 0]),
        ("digits", "2024\na1", [100, 50]),
        ("copies_above", "Share\ntext\nshare\nShare", [0, 0, 1, 2]),
        ("copies_below", "Share\ntext\nshare\nShare", [2, 0, 1, 0]),
        ("words_above1", "a b\n\nc\n", [-1, 2]),
        ("words_near2", "a\na b c\n\na b\n", [2, 2, 2]),
        ("words_up3", "a\na b c\n\na b\n", [0, 1, 2]),
        ("since_comment", "x\nLeave a comment\ny\nz", [100, 0, 1, 2]),
        ("until_comment", "x\nLeave a comment\ny\nz", [1, 0, 100, 100]),
        ("from_top", "a\n\nb", [0, 1]),
        ("blank_above", "a\n\n\nb\nc", [9, 2, 0]),
        ("blank_below", "a\n\n\nb\nc", [2, 0, 9]),
        ("block_lines", "a\nb\n\nc", [2, 2, 1]),
        ("block_lines_below", "a\nb\n\nc", [1, 1, 0]),
        ("share_before", "aaaa\nbbbb", [0, 50]),
        ("stop", "the of and\nTelegraph", [100, 0]),
        ("social", "Share: Facebook, Twitter\nFACEBOOK", [3, 1]),
        ("prose", "It rained on the town for nine long days.\nShort one.", [100, 0]),
        ("run", "a\nb\nIt rained on the town for nine long days.\nc", [2, 2, 4, 1]),
        ("cohesion", f"{FLOOD}\n{TOWN}\nMarkets flooded\nBest summer recipes\nOn us", [28, 66, 50, 0, 0]),
        ("cohesion", f"{FLOOD}\n\n{FLOOD}\nx", [100, 100, 0]),
        ("cohesion", "洪水淹没了整个小镇，三天三夜没有停，人们都很害怕。\n小镇洪水\n夏日菜谱", [0, 66, 0]),
        ("alike", "Home\nAbout us\nNews\nSport and more", [1, 1, 1, 1]),
        ("alike", "Jan 5\nx\nFeb 12\ny\nMar 30", [2, 1, 2, 1, 2]),
        ("rhythm", "Jan 5\nx\nFeb 12\n- y!\nMar 30", [100, 0, 100, 0, 100]),
        ("rhythm", "Jan 5\nFeb 12\nx\nMar 30", [0, 0, 0, 0]),
    ],
)
def test_what_a_feature_says(name: str, text: str, expected: list[int]) -> None:
    assert one(text, name) == expected


def test_every_feature_is_explained() -> None:
    assert all(feature.unit and feature.meaning for feature in FEATURES.values())
    with pytest.raises(KeyError):
        features_of(["x"], ["no_such_feature"])


def test_hostile_texts_cost_no_more_than_their_length() -> None:
    blanks = " " * 300_000
    assert one(f"{blanks}a{blanks}\n{blanks}\nb", "chars") == [1, 1]
    assert len(one("\n" * 500_000 + "x", "words")) == 1
    assert len(one("x\n" * 100_000, "copies_above")) == 100_000


# --- models


def model_of(trees: list[dict[str, object]], floors: Sequence[tuple[int, int]] = ()) -> str:
    names = sorted({split[0] for tree in trees for split in tree["splits"]})  # type: ignore[attr-defined]
    return json.dumps({"features": names, "chars": 480, "bias": 5, "floors": floors, "trees": trees})


TREES: list[dict[str, object]] = [
    {"splits": [["words", 3], ["closing", 0]], "leaves": [1500, -200, -900, -2500]},
    {"splits": [["words_near5", 6], ["title", 60]], "leaves": [100, -700, 900, 30]},
]


def by_hand(text: str, trees: list[dict[str, object]]) -> list[int]:
    names = sorted({split[0] for tree in trees for split in tree["splits"]})  # type: ignore[attr-defined]
    values = dict(zip(names, features_of([text], names).tolist(), strict=True))
    out = []
    for line, chars in enumerate(one(text, "chars")):
        if chars > 480:
            out.append(NEVER)
            continue
        total = 5
        for tree in trees:
            bits = [values[name][line] > border for name, border in tree["splits"]]  # type: ignore[attr-defined]
            total += tree["leaves"][sum(bit << k for k, bit in enumerate(bits))]  # type: ignore[index]
        out.append(total)
    return out


@given(texts)
def test_a_score_is_the_sum_of_the_leaves(text: str) -> None:
    assert scores(line_table([text]), load_model(model_of(TREES))).tolist() == by_hand(text, TREES)


def test_many_lines_score_as_few_do() -> None:
    text = "\n".join(" ".join(["Word", "other."][: 1 + i % 2] * (i % 9 + 1)) for i in range(5_000))
    assert scores(line_table([text]), load_model(model_of(TREES))).tolist() == by_hand(text, TREES)


@given(texts, st.lists(st.integers(-2000, 2000), min_size=1, max_size=3))
def test_lines_below_a_floor_are_left_alone_and_the_others_unchanged(text: str, floors: list[int]) -> None:
    table, trees = line_table([text]), [*TREES, TREES[0], TREES[1]]
    whole = scores(table, load_model(model_of(trees)))
    early = scores(table, load_model(model_of(trees, [*enumerate(floors, 1)])))
    goes_on = whole == whole
    for end, floor in enumerate(floors, 1):
        goes_on &= scores(table, load_model(model_of(trees[:end]))) >= floor
    assert early.tolist() == np.where(goes_on, whole, NEVER).tolist()


def test_a_long_line_is_never_scored() -> None:
    text = "word " * 200 + "\nHome"
    chosen = scores(line_table([text]), load_model(model_of(TREES))) >= -5 * SCALE
    assert chosen.tolist() == [False, True]


@given(texts.filter(lambda text: bool(text.strip())))
def test_shares_add_up_to_the_score(text: str) -> None:
    table, model = line_table([text]), load_model(model_of(TREES))
    mean = model.bias + sum(float(leaves.mean()) for leaves in model.leaves)
    for line, (score, shares) in enumerate(explain(table, model, range(len(table)))):
        assert score == scores(table, model)[line]
        assert abs(mean + sum(shares.values()) - score) <= len(model.features)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"features": ["words"]}', model_of([{"splits": [["nonsense", 1]], "leaves": [0, 1]}]),
     model_of([{"splits": [["words", 1]], "leaves": [0, 1, 2]}]), model_of([{"splits": [], "leaves": []}]),
     model_of(TREES, [(2, 0)]), model_of(TREES, [(1, 0), (1, 0)]), model_of(TREES, [(0, 0)]),
     model_of([{"splits": [["words", 1]], "leaves": [0, 1 << 30]}] * 2)],
)  # fmt: skip
def test_what_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        load_model(text)


def test_a_file_that_is_no_model_is_named_where_a_rule_names_it(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(model_of(TREES, [(2, 0)]), encoding="utf-8")
    (tmp_path / "x.toml").write_text(
        '[pack]\nversion = "1.0.0"\ndescription = "Mine."\n[[rule]]\nid = "r"\nkind = "shape"\nreason = "Mine."\n'
        'profile = "balanced"\nmodel = "x.json"\nthreshold = 2.0\nremove = ["a", "b"]\nkeep = ["c", "d"]\n'
    )
    with pytest.raises(
        RuleError, match=r"x.toml:9: r: model x.json: not a model of line features: the numbers of trees"
    ):
        load_rules(tmp_path / "x.toml", bundled=False)


@pytest.mark.parametrize(
    ("threshold", "left"), [("1.5", "Home\nb"), ("1.505", "Home\nb"), ("1.506", None), ("1e306", None)]
)
def test_a_threshold_is_the_lowest_score_that_counts(tmp_path: Path, threshold: str, left: str | None) -> None:
    (tmp_path / "x.json").write_text(model_of([{"splits": [["words", 1]], "leaves": [0, 1500]}]), encoding="utf-8")
    (tmp_path / "x.toml").write_text(
        '[pack]\nversion = "1.0.0"\ndescription = "Mine."\n[[rule]]\nid = "r"\nkind = "shape"\nreason = "Mine."\n'
        f'model = "x.json"\nthreshold = {threshold}\nremove = ["a", "b"]\nkeep = ["c", "d"]\n'
    )
    text = "Home\nOf the weir\nb"
    assert Cleaner(rules=load_rules(tmp_path / "x.toml", bundled=False)).clean(text).text == (left or text)


# --- rules

MENU = "\n".join(["Home", "News", "Sport", "Weather", "Contact"])
PROSE = "\n".join(["The storm came in from the sea at about nine in the evening, and nobody was ready for it."] * 3)

WHEN = """
[[rule]]
id = "menu"
kind = "shape"
reason = "Short lines without an end in a row are a menu."
when = { words = { max = 3 }, closing = { max = 0 } }
run = 4
remove = ["x"]
keep = ["x"]
"""


def test_thresholds_take_runs_of_lines(pack: Callable[..., Cleaner]) -> None:
    cleaned = pack(WHEN).clean(f"The storm\n\n{PROSE}\n\n{MENU}\n\n{PROSE}\nRain\n\n{PROSE}")
    assert cleaned.text.split() == f"The storm {PROSE} {PROSE} Rain {PROSE}".split()
    assert {removal.rule for removal in cleaned.removals} == {"test/menu"}


BESIDE = """
[[rule]]
id = "share"
kind = "line"
reason = "Share buttons."
phrases = ["Share this", "Tweet this"]
remove = ["Share this"]
keep = ["x"]

[[rule]]
id = "shout"
kind = "keep"
reason = "A shout."
phrases = ["Tweet this"]
remove = ["Tweet this"]
keep = ["x"]

[[rule]]
id = "tail"
kind = "shape"
reason = "Few words beside share buttons."
when = { words = { max = 3 } }
beside = 2
remove = ["x"]
keep = ["x"]
"""


def test_a_shape_rule_can_ask_how_much_the_others_take(pack: Callable[..., Cleaner]) -> None:
    cleaner = pack(BESIDE)
    head, below = f"Storm\n{PROSE}\n", "\nRain\nSnow"
    texts = [head + middle + below for middle in ("Share this\nShare this", "Tweet this\nShare this", "Hail\nHail")]
    left = [result.text for result in cleaner.clean_many(texts)]
    assert left == [head.rstrip(), f"{head}Tweet this{below}", texts[2]]  # what is kept is not taken
    assert [removal.rule for removal in cleaner.clean(texts[0]).removals] == ["test/share", "test/tail"]


@pytest.mark.parametrize(("paragraphs", "clean"), [(60, False), (66, True)])
def test_two_odd_lines_of_a_long_document_do_not_make_it_a_page(
    pack: Callable[..., Cleaner], paragraphs: int, clean: bool
) -> None:
    text = "\n".join(["Storm", *(paragraphs * [PROSE]), "Share this", "Share this", "Rain", "Snow"])
    left = pack(BESIDE).clean(text).text
    assert left.endswith(f"{PROSE}\nRain\nSnow" if clean else PROSE)


def test_no_rule_can_ask_for_what_is_found_last(pack: Callable[..., Cleaner]) -> None:
    asks = BESIDE.replace('phrases = ["Share', 'below = { rule = "test/tail" }\nphrases = ["Share')
    with pytest.raises(RuleError, match="'test/tail', a shape rule, and those are found last"):
        pack(asks)


def test_the_headline_stays_whatever_its_shape(pack: Callable[..., Cleaner]) -> None:
    rule = WHEN.replace("run = 4", "run = 1")
    assert pack(rule).clean(f"Storm\n{PROSE}").text == f"Storm\n{PROSE}"
    titled = pack(rule).clean(f"{PROSE}\nStorm hits town\n{PROSE}\nHome", title="Storm hits town - The Daily Example")
    assert titled.text.split() == f"{PROSE} Storm hits town {PROSE}".split()


def test_a_text_without_furniture_comes_back_as_it_is(pack: Callable[..., Cleaner]) -> None:
    assert pack(WHEN).clean(PROSE).text is PROSE
    assert pack(WHEN).clean("").text == ""


@cache
def furniture() -> tuple[Cleaner, ...]:
    """The bundled model by each engine, loaded once; alone, so it asks for nothing to be taken beside it."""
    alone = [rule for rule in load_rules(profile="thorough").rules if rule.shape is not None]
    rules = RuleSet(tuple(replace(rule, shape=replace(rule.shape, beside=0)) for rule in alone if rule.shape))
    return tuple(Cleaner(rules=rules, profile="thorough", on_guard="cut", engine=name) for name in ENGINES)


def test_the_model_alone_takes_something() -> None:
    assert all(cleaner.clean(f"The storm\n\n{PROSE}\n\n{MENU}").removals for cleaner in furniture())


@given(st.lists(texts, min_size=1, max_size=6))
def test_batches_and_engines_agree(documents: list[str]) -> None:
    fast, plain = furniture()
    expected = [plain.clean(document) for document in documents]
    assert list(fast.clean_many(documents)) == expected
    assert [fast.clean(document) for document in documents] == expected


def test_a_removal_can_be_explained() -> None:
    rule = next(rule for rule in Cleaner().ruleset.rules if rule.id == "common/furniture/likely")
    text = f"The storm\n\n{PROSE}\n\n{MENU}"
    assert rule.shape is not None
    (shares,) = why(rule.shape, Document(text), [text.split("\n").index("Sport")])
    assert shares and list(shares.values()) == sorted(shares.values(), key=abs, reverse=True)


MARKUP = """
[[rule]]
id = "menu"
kind = "shape"
reason = "A line of links in nav is a menu's."
when = { in_nav = { min = 1 }, link = { min = 0.8 }, words = { max = 4 } }
remove = [
    { before = "The river rose.\\nHome", after = "The river rose.", markup = { in_nav = [0, 1], link = [0, 1] } },
    { before = "It rose.\\n\\nNews", after = "It rose.", markup = { in_nav = [0, 0, 2], link = [0, 0, 1] } },
]
keep = ["The river rose.\\nHome", { before = "A\\nHome", markup = { in_nav = [0, 1], link = [0, 0.5] } }]
"""


def test_a_rule_can_name_what_the_markup_says(pack: Callable[..., Cleaner]) -> None:
    cleaner = pack(MARKUP)
    known = {"in_nav": [0, 0, 1, 1], "link": [0.1, 0, 1, 0.9]}
    documents = [
        Document("The river rose.\n\nHome\nWeirs", hints=known),
        Document("The river rose.\n\nHome\nWeirs"),
        Document("The river rose.\n\nHome\nWeirs", hints={"in_nav": [0, 0, 1], "link": [0, 0, 1]}),
        Document("The river rose.\n\nHome\nWeirs", hints={"link": [0, 0, 1, 1]}),
    ]
    left = [result.text for result in cleaner.clean_many(documents)]
    assert left == ["The river rose.", documents[1].text, "The river rose.\n\nWeirs", documents[3].text]


def test_a_page_says_it_by_itself(pack: Callable[..., Cleaner]) -> None:
    from cleaner.extract.page import extract

    story = "The river rose in the night, and by the morning the lower town stood under water, said the council."
    page = f"<html><body><article><h1>Flood</h1><p>{story}</p><p>{story} Again.</p></article></body></html>"
    document = extract(page, extractor="fast")
    assert document.hints and document.hints["level"][document.text.split("\n").index("Flood")] == 1
    rule = MARKUP.replace("in_nav = { min = 1 }, link = { min = 0.8 }", "in_p = { min = 1 }, level = { max = 0 }")
    assert story not in pack(rule.replace("max = 4", "max = 40")).clean_document(document).text
