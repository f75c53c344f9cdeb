"""The same bytes everywhere: one corpus through every engine that is installed, equal to the cleaner alone.

Each adapter runs inside the real package; one that is not installed is skipped and says so.
"""

from __future__ import annotations

import copy
import inspect
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SEEDS

from cleaner import Cleaner, Document, UsageError
from cleaner.adapters.huggingface import HuggingFaceCleaner
from cleaner.adapters.stream import clean_rows

TEXTS = [
    (SEEDS / "000_067391b5fa86ada0.txt").read_text(encoding="utf-8"),
    (SEEDS / "001_147d9dd4ef2a19b9.txt").read_text(encoding="utf-8"),
    "The vote was close.\n\nSubscribe to our newsletter",
    "Fine.",
    "",
    "İstanbul'da bir gün.\n\nShare this article\n",
]

ROWS: list[dict[str, Any]] = [
    {"id": i, "text": text, "url": f"https://news{i}.example/a", "lang": None, "title": None}
    for i, text in enumerate(TEXTS)
]

CLEANER = Cleaner()
EXPECTED = [CLEANER.clean_document(Document(row["text"], url=row["url"])).text for row in ROWS]

pytestmark = pytest.mark.filterwarnings("default")  # other people's packages warn of what they like


def test_something_goes() -> None:
    assert EXPECTED != TEXTS


def test_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    command = [sys.executable, "-m", "cleaner", "run", "x.jsonl", "y.jsonl", "--quiet"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    assert [json.loads(line)["text"] for line in (tmp_path / "y.jsonl").read_text().splitlines()] == EXPECTED


def test_plain_generator() -> None:
    assert [row["text"] for row in clean_rows(ROWS)] == EXPECTED
    odd: list[dict[str, Any]] = [{"n": 1}, {"text": 7}, {"text": None, "url": 3}]
    cleaned = list(clean_rows(odd, reason="why", annotate=True))
    assert [{key: row[key] for key in row if key not in ("why", "removals")} for row in cleaned] == odd
    assert all(row["why"] == "field 'text' is missing or no text" for row in cleaned)


def test_what_came_before_a_fault_is_delivered() -> None:
    def rows() -> Iterator[dict[str, Any]]:
        yield from ROWS
        raise OSError("the source broke")

    cleaned = clean_rows(rows())
    assert [next(cleaned)["text"] for _ in ROWS] == EXPECTED
    with pytest.raises(OSError, match="the source broke"):
        next(cleaned)


def test_no_field_is_written_over() -> None:
    with pytest.raises(UsageError, match="there is a field 'removals' already"):
        next(clean_rows([{"text": "Fine.", "removals": 1}], annotate=True))
    with pytest.raises(UsageError, match="'removals' is where the removals go"):
        next(clean_rows(ROWS, annotate=True, reason="removals"))
    with pytest.raises(UsageError, match="'removals' is where the removals go"):
        HuggingFaceCleaner(annotate=True, reason="removals")


@pytest.mark.parametrize(("on_guard", "left"), [("keep", "Subscribe to our newsletter"), ("cut", "")])
def test_what_the_guard_lets_be_cut_has_no_reason_to_stay(on_guard: Any, left: str) -> None:
    cleaner = Cleaner(max_removed=0.5, on_guard=on_guard)
    (row,) = clean_rows([{"text": "Subscribe to our newsletter"}], cleaner=cleaner, reason="why")
    assert (row["text"], row["why"] is None) == (left, not left)


def test_a_document_that_breaks_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    cleaner = Cleaner()
    whole = type(cleaner).clean_document

    def breaks(self: Cleaner, document: Document) -> Any:
        if document.text == "Fine.":
            raise MemoryError("too much")
        return whole(self, document)

    def many(self: Cleaner, documents: Any) -> Any:
        return (breaks(self, document) for document in documents)

    monkeypatch.setattr(Cleaner, "clean_document", breaks)
    monkeypatch.setattr(Cleaner, "clean_many", many)
    rows = list(clean_rows(ROWS, cleaner=cleaner, reason="why"))
    assert [row["text"] for row in rows] == EXPECTED
    assert [row["why"] for row in rows if row["why"]] == ["MemoryError: too much"]


def test_polars() -> None:
    pl = pytest.importorskip("polars")
    from cleaner.adapters.frames import clean_polars

    with pytest.raises(TypeError, match=r"a polars\.DataFrame is needed, not polars\.Series: give a Series as"):
        clean_polars(pl.Series("text", TEXTS))
    frame = pl.DataFrame(ROWS, schema_overrides={"lang": pl.String, "title": pl.String})
    cleaned = clean_polars(frame, url="url")
    assert cleaned["text"].to_list() == EXPECTED
    assert cleaned.drop("text").equals(frame.drop("text"))


def test_polars_types_that_arrow_has_not() -> None:
    pl = pytest.importorskip("polars")
    from cleaner.adapters.frames import clean_polars

    things = pl.DataFrame({"text": [TEXTS[2]], "url": [None]}).with_columns(
        pl.Series("thing", [object()], dtype=pl.Object), big=pl.lit(1, pl.Int128), kind=pl.lit("a", pl.Enum(["a"]))
    )
    cleaned = clean_polars(things, url="url", annotate=True)
    assert cleaned["text"].to_list() == [EXPECTED[2]]
    assert cleaned.drop("removals").schema == things.schema
    assert cleaned["thing"][0] is things["thing"][0]
    odd = pl.DataFrame({"^t.*$": [TEXTS[2]], "text": ["Fine."]})  # to Polars, an expression for names
    assert clean_polars(odd, text="^t.*$").row(0) == (EXPECTED[2], "Fine.")
    names = things.select(text=pl.col("text").cast(pl.Categorical))
    assert clean_polars(names)["text"].to_list() == [EXPECTED[2]]
    with pytest.raises(UsageError, match="'text' is an Enum, which takes no new texts"):
        clean_polars(names.cast(pl.Enum([TEXTS[2]])))
    with pytest.raises(UsageError, match="there is a column 'thing' already"):
        clean_polars(things, reason="thing")


def test_pandas() -> None:
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    from cleaner.adapters.frames import clean_pandas

    frame = pd.DataFrame(ROWS, index=[f"row{i}" for i in range(len(ROWS))])
    frame.loc["bad"] = [99, float("nan"), None, None, None]
    cleaned = clean_pandas(frame, url="url", annotate=True)
    assert cleaned["text"].tolist()[:-1] == EXPECTED
    assert pd.isna(cleaned.loc["bad", "text"])
    assert cleaned.index.equals(frame.index)
    assert len(cleaned.loc["row0", "removals"]) == len(CLEANER.clean(TEXTS[0]).removals)


@pytest.mark.parametrize("kind", ["object", "string", "category"])
def test_pandas_columns_keep_their_type(kind: str) -> None:
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    from cleaner.adapters.frames import clean_pandas

    frame = pd.DataFrame({"text": pd.Series([TEXTS[2], None, "Fine."], dtype=kind)}).set_index([[5, 5, 6]])
    for texts in (frame, frame[:0]):
        cleaned = clean_pandas(texts, annotate=True, reason="why")
        assert str(cleaned["text"].dtype) == kind
        assert cleaned["text"].dropna().tolist() == [EXPECTED[2], "Fine."][: len(texts)]
        assert cleaned["why"].dtype == cleaned["removals"].dtype == object


def test_an_order_of_categories_stays() -> None:
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    from cleaner.adapters.frames import clean_pandas

    texts = pd.Categorical(
        [TEXTS[2], None, "Fine.", EXPECTED[2]], ["Zero.", *TEXTS[2:4][::-1], EXPECTED[2]], ordered=True
    )
    cleaned = clean_pandas(pd.DataFrame({"text": texts}))["text"]
    assert cleaned.dropna().tolist() == [EXPECTED[2], "Fine.", EXPECTED[2]]
    assert cleaned.dtype == pd.CategoricalDtype(["Fine.", EXPECTED[2]], ordered=True)


def test_pandas_columns_as_they_come() -> None:
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    from cleaner.adapters.frames import clean_pandas

    frame = pd.DataFrame({0: pd.Series(["half \ud800", TEXTS[2], None, 7], dtype=object)})
    assert clean_pandas(frame, text=0)[0].tolist() == ["half \ud800", EXPECTED[2], None, 7]
    frame = pd.DataFrame([["a", "b", "c", "d"]], columns=["text", "twice", "twice", "removals"])
    with pytest.raises(UsageError, match="no column 'body'; there are text, twice"):
        clean_pandas(frame, text="body")
    with pytest.raises(UsageError, match="2 columns 'twice'"):
        clean_pandas(frame, url="twice")
    with pytest.raises(UsageError, match="a column 'removals' already"):
        clean_pandas(frame, annotate=True)
    with pytest.raises(UsageError, match="'removals' is where the removals go"):
        clean_pandas(frame[["text"]], annotate=True, reason="removals")
    with pytest.raises(TypeError, match=r"not pandas\.Series: give a Series as series.to_frame\(\)"):
        clean_pandas(frame["text"])


def test_duckdb() -> None:
    duckdb = pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")
    from cleaner.adapters.frames import register_duckdb

    with duckdb.connect() as connection:
        register_duckdb(connection)
        connection.execute("CREATE TABLE t (i INTEGER, text VARCHAR)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [*enumerate(TEXTS), (len(TEXTS), None)])
        rows = connection.execute("SELECT clean_text(text) FROM t ORDER BY i").fetchall()
    assert [text for (text,) in rows] == [CLEANER.clean(text).text for text in TEXTS] + [None]


def test_hugging_face(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    dataset = datasets.Dataset.from_list(ROWS)
    step = HuggingFaceCleaner(url="url", reason="why", annotate=True)
    others = [HuggingFaceCleaner(), HuggingFaceCleaner("url"), HuggingFaceCleaner(cleaner=Cleaner("careful"))]
    assert len({each.fingerprint for each in (step, *others)}) == 4
    assert pickle.loads(pickle.dumps(step)).fingerprint == step.fingerprint
    assert pickle.dumps(step) == pickle.dumps(pickle.loads(pickle.dumps(step)))

    def run(step: HuggingFaceCleaner, dataset: Any = dataset) -> Any:
        return dataset.map(step, batched=True, batch_size=2, features=step.features(dataset.features))

    cleaned = run(step)
    assert list(cleaned["text"]) == EXPECTED
    assert any(cleaned["removals"])
    assert run(HuggingFaceCleaner(url="url", reason="why", annotate=True))._fingerprint == cleaned._fingerprint
    careful = HuggingFaceCleaner(url="url", reason="why", annotate=True, cleaner=Cleaner("careful"))
    assert run(careful)._fingerprint != cleaned._fingerprint
    stream = dataset.to_iterable_dataset().map(HuggingFaceCleaner(url="url"), batched=True, batch_size=2)
    assert [row["text"] for row in stream] == EXPECTED
    for format in (None, "arrow", "pandas", "polars"):
        batches = dataset.with_format(format)
        assert run(step, batches).with_format(None).to_list() == cleaned.to_list()
        for column, missing in (("text", "body"), ("url", "link")):
            with pytest.raises(UsageError, match=f"there is no column '{missing}'; there are .*text"):
                batches.map(HuggingFaceCleaner(**{column: missing}), batched=True)
    with pytest.raises(UsageError, match=r"map\(step, batched=True\)"):
        dataset.map(HuggingFaceCleaner())
    with pytest.raises(UsageError, match="there is a column 'url' already"):
        dataset.map(HuggingFaceCleaner(reason="url"), batched=True)
    with pytest.raises(UsageError, match="leave out input_columns"):
        dataset.map(HuggingFaceCleaner(), batched=True, input_columns=["text"])


def test_datatrove(tmp_path: Path) -> None:
    pytest.importorskip("datatrove")
    from datatrove.data import Document as Item
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    from cleaner.adapters.datatrove import ChromeCleaner

    (tmp_path / "in").mkdir()
    rows = [{"id": str(row["id"]), "text": row["text"] or " ", "url": row["url"]} for row in ROWS]
    (tmp_path / "in" / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    executor = LocalPipelineExecutor(
        pipeline=[
            JsonlReader(str(tmp_path / "in")),
            ChromeCleaner(annotate=True),
            JsonlWriter(str(tmp_path / "out"), output_filename="${rank}.jsonl", compression=None),
        ],
        tasks=1,
        logging_dir=str(tmp_path / "logs"),
    )
    executor.run()
    written = [json.loads(line) for line in (tmp_path / "out" / "00000.jsonl").read_text().splitlines()]
    assert [row["text"] for row in written] == [text or " " for text in EXPECTED]
    assert written[0]["metadata"]["removals"]
    stats = json.loads((tmp_path / "logs" / "stats.json").read_text())
    counts = next(step["stats"] for step in stats if "Chrome cleaner" in step["name"])
    assert "removals" in counts
    (bad, good) = ChromeCleaner().run([Item(text=None, id="1"), Item(text=TEXTS[2], id="2")])
    assert (bad.text, bad.metadata) == (None, {"cleaner_reason": "no text"})
    assert good.text == EXPECTED[2]
    (once,) = ChromeCleaner(annotate=True).run([Item(text=TEXTS[0], id="1")])
    with pytest.raises(UsageError, match="there is metadata 'removals' already: rename it first"):
        next(ChromeCleaner(annotate=True).run([once]))  # else the text before could not be restored
    step = ChromeCleaner()
    assert copy.deepcopy(pickle.loads(pickle.dumps(step))).name == step.name


def test_scikit_learn() -> None:
    pytest.importorskip("sklearn")
    import numpy
    from sklearn.base import clone
    from sklearn.pipeline import make_pipeline

    from cleaner.adapters.sklearn import ChromeTransformer

    pipeline = clone(make_pipeline(ChromeTransformer(profile="balanced")))
    assert pipeline.fit_transform(TEXTS) == [CLEANER.clean(text).text for text in TEXTS]
    assert ChromeTransformer().transform([None, TEXTS[2], 7]) == [None, EXPECTED[2], 7]
    assert ChromeTransformer().transform(TEXTS) == [CLEANER.clean(text).text for text in TEXTS]
    for wrong in (TEXTS[2], numpy.array([TEXTS])):
        with pytest.raises(ValueError, match="a list of texts is needed"):
            ChromeTransformer().transform(wrong)
    step, text = ChromeTransformer(select=["rights"]), "The vote was close.\n\nSubscribe to our newsletter"
    assert step.transform([text]) == [text]
    assert step.set_params(select=()).transform([text]) == ["The vote was close."]


def test_haystack() -> None:
    pytest.importorskip("haystack")
    from haystack import Document as Item
    from haystack import Pipeline

    from cleaner.adapters.haystack import ChromeCleaner

    items = [Item(content=row["text"], meta={"url": row["url"]}) for row in ROWS]
    items += [Item(content=None), Item(content=TEXTS[2], meta={"url": 7, "lang": []})]
    pipeline = Pipeline()
    pipeline.add_component("clean", ChromeCleaner(annotate=True))
    asks = "allowed_modules" in inspect.signature(Pipeline.loads).parameters  # as newer versions do of strangers
    trusted = {"allowed_modules": ["cleaner.adapters.haystack"]} if asks else {}
    pipeline = Pipeline.loads(pipeline.dumps(), **trusted)
    documents = pipeline.run({"clean": {"documents": items}})["clean"]["documents"]
    assert [item.content for item in documents] == [*EXPECTED, None, EXPECTED[2]]
    assert documents[0].meta["removals"]
    with pytest.raises(UsageError, match="'removals' already"):
        ChromeCleaner(annotate=True).run(documents)


def test_langchain() -> None:
    pytest.importorskip("langchain_core")
    from langchain_core.documents import Document as Item

    from cleaner.adapters.langchain import ChromeTransformer

    items = [Item(page_content=row["text"], metadata={"source": row["url"]}) for row in ROWS]
    items.append(Item(page_content=TEXTS[2], metadata={"url": 7, "lang": []}))
    cleaned = ChromeTransformer(annotate=True).transform_documents(items)
    assert [item.page_content for item in cleaned] == [*EXPECTED, EXPECTED[2]]
    assert cleaned[0].metadata["removals"]
    assert items[0].page_content == TEXTS[0]
    assert ChromeTransformer(annotate=True).transform_documents(item for item in items) == cleaned
    with pytest.raises(UsageError, match="'removals' already"):
        ChromeTransformer(annotate=True).transform_documents(cleaned)


def test_a_batch_of_ray() -> None:
    """What an actor of Ray calls, without Ray."""
    pa = pytest.importorskip("pyarrow")
    from cleaner.adapters.ray import RayCleaner

    rows = [{"id": row["id"], "text": row["text"], "url": row["url"]} for row in ROWS]
    assert RayCleaner(url="url")(pa.Table.from_pylist(rows)).column("text").to_pylist() == EXPECTED


@pytest.mark.slow
def test_ray() -> None:
    pytest.importorskip("ray")
    pytest.importorskip("pyarrow")
    import ray
    import ray.data

    from cleaner.adapters.ray import RayCleaner

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False)
    try:
        dataset = ray.data.from_items([{"id": row["id"], "text": row["text"], "url": row["url"]} for row in ROWS])
        nulls = ray.data.from_items([{"id": len(ROWS), "text": None, "url": None}])  # a block without types
        cleaned = dataset.union(nulls).map_batches(
            RayCleaner, fn_constructor_kwargs={"url": "url"}, batch_format="pyarrow", concurrency=1
        )
        rows = sorted(cleaned.take_all(), key=lambda row: row["id"])
        assert [row["text"] for row in rows] == [*EXPECTED, None]
    finally:
        ray.shutdown()


def test_batches_of_spark() -> None:
    """What a worker of Spark calls, and the schema that it is told, without a Spark that takes long to start. Its names
    of columns are expressions, in which a dot leads into a column."""
    pytest.importorskip("pyspark")
    pa = pytest.importorskip("pyarrow")
    from pyspark.sql import types as T

    from cleaner import UsageError
    from cleaner.adapters.spark import clean_dataframe

    class Frame:
        def __init__(self, *names: str) -> None:
            self.schema = T.StructType([T.StructField(name, T.StringType()) for name in names])

        def toDF(self, *names: str) -> Frame:
            return Frame(*names)

        def mapInArrow(self, clean: Any, schema: Any) -> Any:
            assert not any("." in name for name in self.schema.names)
            rows = [dict(zip(self.schema.names, (row["text"], row["url"]), strict=True)) for row in ROWS]
            return schema, pa.Table.from_batches(clean(pa.Table.from_pylist(rows).to_batches(max_chunksize=2)))

    frame: Any = Frame("page.text", "page.url")
    schema, table = clean_dataframe(frame, text="page.text", url="page.url", annotate=True, reason="why")
    assert schema.names == table.column_names == ["page.text", "page.url", "removals", "why"]
    assert table.column("page.text").to_pylist() == EXPECTED
    assert table.column("removals")[0].as_py()
    with pytest.raises(UsageError, match="no text column 'body'"):
        clean_dataframe(frame, text="body")


@pytest.mark.slow
def test_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark")
    pytest.importorskip("pyarrow")
    import shutil

    if not shutil.which("java"):
        pytest.skip("Spark needs Java, and there is none")
    from pyspark.sql import SparkSession

    from cleaner.adapters.spark import clean_dataframe

    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = (
        builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1").getOrCreate()
    )
    try:
        frame = spark.createDataFrame(
            [(row["id"], row["text"], row["url"]) for row in ROWS], "id int, text string, url string"
        )
        rows = sorted(
            clean_dataframe(frame, url="url", annotate=True, reason="why").collect(), key=lambda row: row["id"]
        )
        assert [row["text"] for row in rows] == EXPECTED
        assert rows[0]["removals"]
        nulls = frame.limit(1).selectExpr("text", "null as url")
        assert [row["text"] for row in clean_dataframe(nulls, url="url").collect()] == EXPECTED[:1]
        dotted = frame.limit(1).toDF("a.id", "a.text", "a`url")
        (cleaned,) = clean_dataframe(dotted, "a.text", url="a`url").collect()
        assert cleaned.asDict() == {"a.id": ROWS[0]["id"], "a.text": EXPECTED[0], "a`url": ROWS[0]["url"]}
        with pytest.raises(UsageError, match="no text column 'body'"):
            clean_dataframe(frame, text="body")
        with pytest.raises(UsageError, match="a column 'id' already"):
            clean_dataframe(frame, reason="id")
    finally:
        spark.stop()
