"""What adapters are given by mistake is told where it is given, and what is seldom given is understood."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleaner import Cleaner, UsageError
from cleaner.adapters.huggingface import HuggingFaceCleaner
from cleaner.adapters.stream import clean_rows

DIRTY = "The vote was close.\n\nSubscribe to our newsletter"
CLEAN = "The vote was close."

ITALIAN = "La seduta è finita.\n\nIscriviti alla nostra newsletter"

SITE = """
[pack]
version = "1"
description = "What a paper of the island prints."

[[rule]]
id = "club"
kind = "line"
reason = "Names the paper's club."
site = ["news.example"]
phrases = ["Weir Club"]
remove = ["Weir Club", "Weir Club!"]
keep = ["The Weir Club met.", "He left the Weir Club."]
"""

pytestmark = pytest.mark.filterwarnings("default")  # other people's packages warn of what they like


def _rows(cleaner: Any) -> None:
    list(clean_rows([{"text": DIRTY}], cleaner=cleaner))


def _arrow(cleaner: Any) -> None:
    pa = pytest.importorskip("pyarrow")
    from cleaner.adapters.arrow import clean_table

    clean_table(pa.table({"text": [DIRTY]}), cleaner=cleaner)


def _duckdb(cleaner: Any) -> None:
    duckdb = pytest.importorskip("duckdb")
    from cleaner.adapters.frames import register_duckdb

    with duckdb.connect() as connection:
        register_duckdb(connection, cleaner=cleaner)


def _hugging_face(cleaner: Any) -> None:
    HuggingFaceCleaner(cleaner=cleaner)


def _datatrove(cleaner: Any) -> None:
    pytest.importorskip("datatrove")
    from cleaner.adapters.datatrove import ChromeCleaner

    ChromeCleaner(cleaner)


def _langchain(cleaner: Any) -> None:
    pytest.importorskip("langchain_core")
    from cleaner.adapters.langchain import ChromeTransformer

    ChromeTransformer(cleaner)


def _ray(cleaner: Any) -> None:
    pytest.importorskip("pyarrow")
    from cleaner.adapters.ray import RayCleaner

    RayCleaner(cleaner=cleaner)


def _spark(cleaner: Any) -> None:
    pytest.importorskip("pyspark")
    from cleaner.adapters.spark import clean_dataframe

    frame: Any = None  # nothing is asked of it before the mistake is told
    clean_dataframe(frame, cleaner=cleaner)


@pytest.mark.parametrize("wrong", ["careful", Cleaner], ids=["str", "class"])
@pytest.mark.parametrize("give", [_rows, _arrow, _duckdb, _hugging_face, _datatrove, _langchain, _ray, _spark])
def test_what_is_no_cleaner(give: Callable[[Any], None], wrong: Any) -> None:
    """Else each document by itself would be left as it was, as those are that break the cleaner."""
    with pytest.raises(TypeError, match=r"a Cleaner is needed, not \w+: cleaner=Cleaner\(\.\.\.\)"):
        give(wrong)


def test_an_empty_name_is_a_name() -> None:
    """With rows and without."""
    pa = pytest.importorskip("pyarrow")
    from cleaner.adapters.arrow import clean_table

    assert list(clean_rows([{"text": None}], reason="")) == [{"text": None, "": "field 'text' is missing or no text"}]
    assert HuggingFaceCleaner(reason="")({"text": ["Fine."]}) == {"text": ["Fine."], "": [None]}
    for table in (pa.table({"": ["Fine."]}), pa.table({"": pa.chunked_array([], pa.string())})):
        assert clean_table(table, text="", url="").column_names == [""]
        assert clean_table(table.rename_columns(["text"]), reason="").column_names == ["text", ""]


@pytest.mark.parametrize("wrong", [{"text": None}, {"text": ["text"]}, {"url": True}, {"reason": {"why"}}], ids=str)
def test_what_names_no_column(wrong: dict[str, Any]) -> None:
    pa = pytest.importorskip("pyarrow")
    from cleaner.adapters.arrow import clean_table

    gives: list[Callable[[], Any]] = [
        lambda: clean_table(pa.table({"text": [DIRTY]}), **wrong),
        lambda: HuggingFaceCleaner(**wrong),
        lambda: list(clean_rows([{"text": DIRTY}], **wrong)),
    ]
    for give in gives:
        with pytest.raises(UsageError, match=f"{next(iter(wrong))} names one column or field, not "):
            give()


def test_a_column_of_hugging_face_that_holds_no_text() -> None:
    datasets = pytest.importorskip("datasets")
    step = HuggingFaceCleaner("n", url="url")
    for column in ("n", "url"):
        columns = {"n": ["a", None], "url": ["b", None], column: [1, None]}
        with pytest.raises(UsageError, match=f"column '{column}' holds int64, not text"):
            datasets.Dataset.from_dict(columns).map(step, batched=True)
    nothing = datasets.Dataset.from_dict({"n": [None], "url": [None]})
    assert nothing.map(step, batched=True)["n"] == [None]


def _langchain_documents(given: Any) -> None:
    pytest.importorskip("langchain_core")
    from cleaner.adapters.langchain import ChromeTransformer

    ChromeTransformer().transform_documents(given)


def _haystack_documents(given: Any) -> None:
    pytest.importorskip("haystack")
    from cleaner.adapters.haystack import ChromeCleaner

    ChromeCleaner().run(given)


@pytest.mark.parametrize("give", [_langchain_documents, _haystack_documents])
def test_what_is_no_list_of_documents(give: Callable[[Any], None]) -> None:
    for given, told in ((None, ", not one NoneType"), (DIRTY, ", not one str"), ([DIRTY], "; item 0 is str")):
        with pytest.raises(TypeError, match=f"a list of documents is needed{told}"):
            give(given)


def test_one_document_alone_is_no_list() -> None:
    pytest.importorskip("langchain_core")
    from langchain_core.documents import Document as Item

    with pytest.raises(TypeError, match="a list of documents is needed, not one Document"):
        _langchain_documents(Item(page_content=DIRTY))


def test_scikit_learn_takes_columns_of_any_library() -> None:
    pytest.importorskip("sklearn")
    from cleaner.adapters.sklearn import ChromeTransformer

    pa, pl = pytest.importorskip("pyarrow"), pytest.importorskip("polars")
    for texts in (pa.array([DIRTY, None]), pa.chunked_array([[DIRTY], [None]]), pl.Series([DIRTY, None])):
        assert ChromeTransformer().fit(texts).transform(texts) == [CLEAN, None]
    for wrong in (pa.table({"text": [DIRTY]}), pl.DataFrame({"text": [DIRTY]}), DIRTY.encode(), {"text": [DIRTY]}):
        with pytest.raises(ValueError, match="a list of texts is needed, or one column"):
            ChromeTransformer().transform(wrong)


def test_haystack_takes_and_stores_all_options_of_a_cleaner_that_change_texts() -> None:
    pytest.importorskip("haystack")
    from haystack import Document as Item

    from cleaner.adapters.haystack import ChromeCleaner

    def cleaned(text: str, **options: Any) -> str | None:
        step = ChromeCleaner.from_dict(ChromeCleaner(**options).to_dict())
        content: str | None = step.run([Item(content=text)])["documents"][0].content
        return content

    assert cleaned(DIRTY) == CLEAN
    assert cleaned(DIRTY, ignore=["subscribe"]) == cleaned(DIRTY, select=["rights"]) == DIRTY
    assert cleaned(DIRTY, max_removed=0.1) == DIRTY
    assert cleaned(DIRTY, max_removed=0.1, on_guard="cut") == CLEAN


def test_scikit_learn_names_the_features_behind_a_cleaner() -> None:
    pytest.importorskip("sklearn")
    pd = pytest.importorskip("pandas")
    import sklearn
    from sklearn.compose import make_column_transformer
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.pipeline import make_pipeline

    from cleaner.adapters.sklearn import ChromeTransformer

    words = make_pipeline(ChromeTransformer(), CountVectorizer())
    columns = make_column_transformer((words, "text"), ("passthrough", ["n"]), verbose_feature_names_out=False)
    columns.fit(pd.DataFrame({"text": [DIRTY], "n": [1]}))
    assert columns.get_feature_names_out().tolist() == ["close", "the", "vote", "was", "n"]
    with sklearn.config_context(transform_output="pandas"):  # a frame would give its names to what comes behind
        assert ChromeTransformer().fit_transform([DIRTY]) == [CLEAN]


def test_scikit_learn_takes_all_options_of_a_cleaner_that_change_texts() -> None:
    pytest.importorskip("sklearn")
    from cleaner.adapters.sklearn import ChromeTransformer

    alone = "Subscribe to our newsletter"
    assert ChromeTransformer().fit_transform([alone]) == [alone]
    assert ChromeTransformer(on_guard="cut").fit_transform([alone]) == [""]


def test_a_frame_is_not_many_texts() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"text": [DIRTY]})
    with pytest.raises(TypeError, match="not one DataFrame"):
        Cleaner().clean_many(frame)
    assert [result.text for result in Cleaner().clean_many(frame["text"])] == [CLEAN]


def test_frames_of_another_library() -> None:
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    from cleaner.adapters.frames import clean_pandas, clean_polars

    with pytest.raises(TypeError, match=r"a pandas\.DataFrame is needed, not polars\.DataFrame"):
        clean_pandas(pl.DataFrame({"text": [DIRTY]}))
    with pytest.raises(TypeError, match=r"a polars\.DataFrame is needed, not pandas\.DataFrame"):
        clean_polars(pd.DataFrame({"text": [DIRTY]}))


def test_lazy_frames_of_polars() -> None:
    """They know their columns before a text is cleaned, and what is asked of the texts is asked of the cleaned ones."""
    pl = pytest.importorskip("polars")
    from cleaner.adapters.frames import clean_polars

    lazy = clean_polars(pl.LazyFrame({"n": [1, 2], "text": [DIRTY, None]}), annotate=True, reason="why")
    assert lazy.collect_schema().names() == ["n", "text", "removals", "why"]
    done = lazy.collect()
    assert done.schema == lazy.collect_schema()
    assert done["text"].to_list() == [CLEAN, None]
    assert lazy.select("removals").collect().equals(done.select("removals"))
    assert lazy.select("n").collect()["n"].to_list() == [1, 2]
    assert lazy.filter(pl.col("text").str.contains("Subscribe")).collect().is_empty()
    assert lazy.collect(engine="streaming").equals(done)
    with pytest.raises(UsageError, match="no column 'body'"):  # before anything is collected
        clean_polars(pl.LazyFrame({"text": [DIRTY]}), text="body")


def test_ray_batches_of_another_format() -> None:
    pytest.importorskip("pyarrow")
    from cleaner.adapters.ray import RayCleaner

    batch: Any = {"text": [DIRTY]}  # what Ray hands over unless it is told otherwise
    with pytest.raises(TypeError, match=r"not dict: map_batches\(\.\.\., batch_format='pyarrow'\)"):
        RayCleaner()(batch)


def test_spark_does_not_tell_names_apart_by_capitals() -> None:
    pytest.importorskip("pyspark")
    from pyspark.sql import types as T

    from cleaner.adapters.spark import clean_dataframe

    class Frame:
        schema = T.StructType([T.StructField(name, T.StringType()) for name in ("text", "Removals", "Why")])

    frame: Any = Frame()
    added: list[tuple[dict[str, Any], str]] = [({"annotate": True}, "Removals"), ({"reason": "wHY"}, "Why")]
    for options, name in added:
        with pytest.raises(UsageError, match=f"there is a column '{name}' already"):
            clean_dataframe(frame, **options)


def test_datatrove_takes_the_language_that_is_known() -> None:
    pytest.importorskip("datatrove")
    from datatrove.data import Document as Item

    from cleaner.adapters.datatrove import ChromeCleaner

    known = [{"lang": "", "language": "de"}, {"lang": "de", "language": 7}, {"lang": b"de", "title": 7}, {}]
    items = [Item(text=ITALIAN, id="", metadata=each) for each in known]
    left = Cleaner().clean(ITALIAN).text
    assert [item.text for item in ChromeCleaner().run(items)] == [ITALIAN, ITALIAN, left, left]
    assert left != ITALIAN


def test_langchain_takes_the_url_that_is_known(tmp_path: Path) -> None:
    pytest.importorskip("langchain_core")
    from langchain_core.documents import Document as Item

    from cleaner.adapters.langchain import ChromeTransformer

    (tmp_path / "site.toml").write_text(SITE)
    transformer = ChromeTransformer(Cleaner(rules=[tmp_path / "site.toml"]))
    text, source = f"{CLEAN}\n\nWeir Club", "https://news.example/a"
    known: list[dict[str, Any]] = [
        {"url": float("nan"), "source": source},
        {"url": "", "source": source},
        {"source": source},
    ]
    items = [Item(page_content=text, metadata=each) for each in [*known, {"url": "https://b.example", **known[2]}]]
    cleaned = [item.page_content for item in transformer.transform_documents(items)]
    assert cleaned == [CLEAN, CLEAN, CLEAN, text]


@pytest.mark.parametrize("kind", ["int64", "float64", "bool", "datetime64[ns]", "category"])
def test_a_column_of_pandas_that_holds_no_text(kind: str) -> None:
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    from cleaner.adapters.frames import clean_pandas

    frame = pd.DataFrame({"text": [DIRTY, "Fine."], "number": pd.Series([1, 0]).astype(kind)})
    for names in ({"text": "number"}, {"url": "number"}):
        with pytest.raises(UsageError, match=f"column 'number' holds {re.escape(kind)}, not text"):
            clean_pandas(frame, **names)
    nulls = pd.DataFrame({"text": pd.Series([None, None], dtype="float64")})
    assert clean_pandas(nulls)["text"].isna().all()
