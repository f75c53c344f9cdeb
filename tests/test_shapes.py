"""Shape rules: line features do not depend on the batch, models are exact sums, furniture goes and prose stays."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Cleaner
from cleaner.match.around import Around
from cleaner.match.counts import Rows, count, rows_of
from cleaner.match.model import NEVER, explain, load_model, scores
from cleaner.match.shapes import why
from cleaner.match.table import Table
from cleaner.match.words import classes
from cleaner.options import EngineName
from cleaner.text.features import FEATURES, SCORE
from cleaner.text.lines import Lines

NAMES = [name for name in FEATURES if not name.startswith(SCORE)]
Trees = list[tuple[list[tuple[str, int]], list[int]]]

ENGINES: list[EngineName] = ["fast", "plain"]

PIECES = [
    "Home", " ", "  ", "\n", "\n", "\n\n", "• ", "About us", "said that the ", "storm. ", "Kontakt", "комментарии ",
    "«Да»", "12:30", "分享", "他们昨天抵达了。", "\t", "\r", "\x0b", "\u3000", "\u200b", "😀", "©", "x" * 120, "|",
    "نشر", "It was a long day and nobody wanted to talk about it at all. ",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=60)


def rows_in(documents: list[str]) -> Rows:
    bounds = np.cumsum([0] + [document.count("\n") + 1 for document in documents])
    return rows_of(Table(documents), bounds)


def features_of(documents: list[str], names: list[str]) -> np.ndarray:
    rows = rows_in(documents)
    own = count(rows)
    return Around(rows, own, np.zeros(len(rows), np.int32), np.arange(len(rows))).read(names)


def one(text: str, name: str) -> list[int]:
    return list(features_of([text], [name])[0].tolist())


def all_scores(text: str, model: str) -> list[int]:
    rows = rows_in([text])
    picked, score = scores(rows, load_model(model))
    result = np.full(len(rows), NEVER)
    result[picked] = score
    return list(result.tolist())


@given(st.lists(texts, min_size=1, max_size=5))
def test_features_do_not_depend_on_the_batch(documents: list[str]) -> None:
    together = features_of(documents, NAMES)
    alone = [features_of([document], NAMES) for document in documents]
    assert np.array_equal(together, np.concatenate(alone, axis=1))


@given(texts)
def test_rows_are_the_lines_that_are_not_blank(text: str) -> None:
    assert rows_in([text]).line.tolist() == list(Lines(text).filled)


@given(texts)
def test_all_features_or_some_are_the_same_numbers(text: str) -> None:
    whole = features_of([text], NAMES)
    for name in ("words_near5", "since_comment", "prose_before", "chars_above1", "doc_prose"):
        assert np.array_equal(features_of([text], [name])[0], whole[NAMES.index(name)])


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("words", "Read all about it\n这是中文\n", [4, 3]),
        ("words", "a\tb c", [3]),
        ("chars", "  padded  \nx", [6, 1]),
        ("chars", "a    b", [3]),
        ("padded", "  padded  \nx", [1, 0]),
        ("closing", 'End.\n"Quoted."\nhe said:\nplain\n“那天。”\nجاء؟', [1, 1, 2, 0, 1, 1]),
        ("closed", "End. \nEnd", [1, 0]),
        ("lead", "Big\nsmall\n7 up\n• item\n“Oh\nשלום", [0, 0, 2, 3, 4, 0]),
        ("begins_small", "Big\nsmall\n7 up\n- item", [0, 1, 0, 1]),
        ("listed", "• a\nb", [1, 0]),
        ("title", "Terms Of Use\nterms of use\n2024", [100, 0, 0]),
        ("numbers", "2024\na1 2 b", [100, 33]),
        ("signs", "plain words\n12. ^ a, b.", [0, 5]),
        ("furniture_share", "Share comments\nthe river rose", [100, 0]),
        ("comment", "Comments: 3 comments\nCOMMENT\nRiver", [2, 1, 0]),
        ("related", "相关 文章\nпохожие", [1, 1]),
        ("chars_above1", "a b\n\nc\n", [-1, 3]),
        ("words_near2", "a\na b c\n\na b\n", [6, 6, 6]),
        ("words_up5", "a\na b c\n\na b\n", [0, 1, 4]),
        ("words_down5", "a\na b c\n\na b\n", [5, 2, 0]),
        ("since_comment", "x\nLeave a comment\ny\nz", [100, 0, 1, 2]),
        ("until_comment", "x\nLeave a comment\ny\nz", [1, 0, 100, 100]),
        ("from_top", "a\n\nb", [0, 1]),
        ("from_end", "a\n\nb", [1, 0]),
        ("gap_above", "a\n\n\nb\nc", [9, 2, 0]),
        ("gap_below", "a\n\n\nb\nc", [2, 0, 9]),
        ("share_before", "aaaa\nbbbb", [0, 50]),
        ("share_after", "aaaa\nbbbb", [50, 0]),
        ("prose", "It rained on the town for nine long and windy days.\nShort one.", [1, 0]),
        ("doc_listed", "• a\nb", [2, 2]),
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
    assert len(one("x\n" * 100_000, "since_comment")) == 100_000
    assert one("," * 100_000, "words") == [12]


def test_classes_are_frozen() -> None:
    """The same under every Python: they hang on no version of Unicode."""
    assert hashlib.sha256(classes().tobytes()).hexdigest()[:16] == "1065ba7299900be6"


# --- models


def part_of(trees: Trees, bias: int = 0) -> dict[str, object]:
    return {"features": sorted({name for splits, _ in trees for name, _ in splits}), "bias": bias,
            "trees": [{"splits": splits, "leaves": leaves} for splits, leaves in trees]}  # fmt: skip


def model_of(alone: Trees, around: Trees, chars: int = 160, floor: int = NEVER) -> str:
    return json.dumps({"chars": chars, "floor": floor, "alone": part_of(alone), "around": part_of(around, 5)})


ALONE: Trees = [([("words", 3), ("closing", 0)], [700, -200, -900, -300])]
AROUND: Trees = [
    ([("words", 3), ("score_near2", 600)], [1500, -200, -900, -2500]),
    ([("chars_near5", 30), ("title", 60)], [100, -700, 900, 30]),
]


def leaf(trees: Trees, values: dict[str, int]) -> int:
    return sum(
        leaves[sum((values[name] > border) << k for k, (name, border) in enumerate(splits))] for splits, leaves in trees
    )


def by_hand(text: str) -> list[int]:
    names = ["words", "closing", "chars_near5", "title"]
    values = [dict(zip(names, column, strict=True)) for column in features_of([text], names).T.tolist()]
    first = [leaf(ALONE, each) for each in values]
    for i, each in enumerate(values):
        each["score_near2"] = sum(min(score, 400) for score in first[max(0, i - 2) : i + 3])
    return [5 + leaf(AROUND, each) for each in values]


@given(texts)
def test_a_score_is_the_sum_of_the_leaves(text: str) -> None:
    assert all_scores(text, model_of(ALONE, AROUND)) == by_hand(text)


def test_many_lines_score_as_few_do() -> None:
    text = "\n".join(" ".join(["Word", "other."][: 1 + i % 2] * (i % 9 + 1)) for i in range(20_000))
    assert all_scores(text, model_of(ALONE, AROUND)) == by_hand(text)


@given(texts, st.integers(-2000, 2000))
def test_lines_below_the_floor_are_left_alone_and_the_others_unchanged(text: str, floor: int) -> None:
    values = features_of([text], ["words", "closing"]).T.tolist()
    first = [leaf(ALONE, {"words": words, "closing": closing}) for words, closing in values]
    expected = [score if begun >= floor else NEVER for score, begun in zip(by_hand(text), first, strict=True)]
    assert all_scores(text, model_of(ALONE, AROUND, floor=floor)) == expected


def test_a_long_line_is_never_scored() -> None:
    long, short = all_scores("word " * 200 + "\nHome", model_of(ALONE, AROUND))
    assert long == NEVER < short


@given(texts.filter(lambda text: bool(text.strip())))
def test_shares_add_up_to_the_score(text: str) -> None:
    rows, model = rows_in([text]), load_model(model_of(ALONE, AROUND))
    mean = model.around.bias + sum(float(leaves.mean()) for leaves in model.around.leaves)
    for row, expected in enumerate(by_hand(text)):
        score, shares = explain(rows, model, row)
        assert score == expected
        assert abs(mean + sum(shares.values()) - score) <= len(model.around.features)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"chars": 10, "floor": 0}', model_of([([("nonsense", 1)], [0, 1])], AROUND),
     model_of(AROUND, AROUND), model_of(ALONE, [([("words", 1)], [0, 1, 2])]), model_of(ALONE, [([], [])])],
)  # fmt: skip
def test_what_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        load_model(text)


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


def test_the_headline_stays_whatever_its_shape(pack: Callable[..., Cleaner]) -> None:
    rule = WHEN.replace("run = 4", "run = 1")
    assert pack(rule).clean(f"Storm\n{PROSE}").text == f"Storm\n{PROSE}"
    titled = pack(rule).clean(f"{PROSE}\nStorm hits town\n{PROSE}\nHome", title="Storm hits town - The Daily Example")
    assert titled.text.split() == f"{PROSE} Storm hits town {PROSE}".split()


def test_a_text_without_furniture_comes_back_as_it_is(pack: Callable[..., Cleaner]) -> None:
    assert pack(WHEN).clean(PROSE).text is PROSE
    assert pack(WHEN).clean("").text == ""


@given(st.lists(texts, min_size=1, max_size=6))
def test_batches_and_engines_agree(documents: list[str]) -> None:
    fast, plain = (Cleaner(select=["furniture"], profile="thorough", on_guard="cut", engine=name) for name in ENGINES)
    expected = [plain.clean(document) for document in documents]
    assert list(fast.clean_many(documents)) == expected
    assert [fast.clean(document) for document in documents] == expected


def test_a_removal_can_be_explained() -> None:
    rule = next(rule for rule in Cleaner().ruleset.rules if rule.id == "common/furniture/likely")
    text = f"The storm\n\n{PROSE}\n\n{MENU}"
    assert rule.shape is not None
    shares = why(rule.shape, text, text.split("\n").index("Sport"))
    assert shares and list(shares.values()) == sorted(shares.values(), key=abs, reverse=True)
