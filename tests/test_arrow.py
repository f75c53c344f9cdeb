"""The Arrow function: any string type, everything else untouched, and no row that costs its batch."""

from __future__ import annotations

import pytest

pa = pytest.importorskip("pyarrow")

from cleaner import Cleaner, UsageError  # noqa: E402
from cleaner.adapters.arrow import clean_array, clean_table  # noqa: E402

DIRTY = "The vote was close.\n\nSubscribe to our newsletter"
CLEAN = "The vote was close."

TYPES = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]


@pytest.mark.parametrize("type", TYPES, ids=str)
def test_every_string_type(type: pa.DataType) -> None:
    table = pa.table(
        {"id": [1, 2, 3], "text": pa.array([DIRTY, None, "Fine."], pa.string()).cast(type), "tags": [["a"], [], None]}
    ).replace_schema_metadata({"made": "here"})
    cleaned = clean_table(table)
    assert cleaned.schema.equals(table.schema, check_metadata=True)
    assert cleaned.column("text").to_pylist() == [CLEAN, None, "Fine."]
    assert cleaned.drop_columns("text").equals(table.drop_columns("text"))


def test_a_dictionary_of_views() -> None:
    words = pa.array([DIRTY, "Fine."], pa.string_view())
    array = pa.DictionaryArray.from_arrays(pa.array([0, None, 1, 0], pa.int8()), words).slice(1)
    cleaned = clean_array(array)
    assert (cleaned.type, cleaned.to_pylist()) == (array.type, [None, "Fine.", CLEAN])


def test_columns_of_nulls_alone() -> None:
    """As pandas makes floats of them, and integers of what has no rows."""
    for type in (pa.null(), pa.float64(), pa.list_(pa.int8())):
        none = pa.array([None], type)
        table = pa.table({"text": [DIRTY], "url": none, "none": none})
        assert clean_table(table, url="url").column("text").to_pylist() == [CLEAN]
        assert clean_table(table, text="none") is table
        assert clean_table(table.slice(0, 0), text="none", reason="why").schema.field("none").type == type


def test_chunks_stay_chunks() -> None:
    table = pa.table({"text": pa.chunked_array([[DIRTY, DIRTY], ["Fine."], []], pa.string())})
    assert clean_table(table).column("text").to_pylist() == [CLEAN, CLEAN, "Fine."]


def test_untouched_data_is_the_same_object() -> None:
    table = pa.table({"text": ["Fine.", None]})
    assert clean_table(table) is table
    batch = table.to_batches()[0]
    assert clean_table(batch) is batch
    empty = table.slice(0, 0)
    assert clean_table(empty).schema == empty.schema


def test_tables_without_rows() -> None:
    """Whatever their other columns are: of unions Arrow cannot make one."""
    union = pa.dense_union([pa.field("number", pa.int32()), pa.field("word", pa.string())])
    table = pa.table({"text": pa.chunked_array([], pa.string()), "either": pa.chunked_array([], union)})
    assert clean_table(table) is table
    cleaned = clean_table(table, annotate=True, reason="why")
    assert cleaned.schema.names == ["text", "either", "removals", "why"] and cleaned.num_rows == 0
    filled = pa.table({"text": ["a"], "either": pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])])})
    assert clean_table(filled, annotate=True).schema.field("removals").type == cleaned.schema.field("removals").type


def test_annotate_and_site_rules() -> None:
    batch = pa.RecordBatch.from_pydict({"text": [DIRTY, None], "url": ["https://a.example/", None]})
    cleaned = clean_table(batch, url="url", annotate=True, reason="why")
    (removal,) = cleaned.column("removals")[0].as_py()
    assert DIRTY[removal["start"] : removal["end"]] == removal["text"]
    assert removal["rule"].startswith("en/subscribe/")
    assert cleaned.column("removals")[1].as_py() is None
    assert cleaned.column("why").to_pylist() == [None, None]


def test_a_bad_row_costs_nothing_but_itself() -> None:
    raw = pa.array([DIRTY.encode(), b"\xff\xfe", None], pa.large_binary()).view(pa.large_string())
    batch = pa.RecordBatch.from_arrays([raw], names=["text"])
    cleaned = clean_table(batch, reason="why")
    assert cleaned.column("text").view(pa.large_binary()).to_pylist() == [CLEAN.encode(), b"\xff\xfe", None]
    assert cleaned.column("why").to_pylist() == [None, "the text is not UTF-8", None]


def test_a_guarded_row_says_so() -> None:
    batch = pa.RecordBatch.from_pydict({"text": ["Subscribe to our newsletter"]})
    cleaned = clean_table(batch, reason="why", cleaner=Cleaner(max_removed=0.5))
    assert cleaned.column("text").to_pylist() == ["Subscribe to our newsletter"]
    assert cleaned.column("why")[0].as_py().startswith("guarded")


def test_clean_array() -> None:
    assert clean_array(pa.array([DIRTY, None])).to_pylist() == [CLEAN, None]
    chunked = clean_array(pa.chunked_array([[DIRTY], [None, "Fine."]], pa.large_string()))
    assert chunked.equals(pa.chunked_array([[CLEAN], [None, "Fine."]], pa.large_string()))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"text": "body"}, "there is no column 'body'; there are text, removals, n, twice, twice"),
        ({"text": "n"}, "column 'n' holds int64, not text"),
        ({"annotate": True}, "there is a column 'removals' already"),
        ({"annotate": True, "reason": "removals"}, "'removals' is where the removals go"),
        ({"text": "twice"}, "there are 2 columns 'twice': rename all but one"),
        ({"reason": "text"}, "'text' is a part of the document: name another place for the reason"),
    ],
)
def test_wrong_columns(options: dict[str, object], said: str) -> None:
    arrays = [pa.array(["a"]), pa.array(["b"]), pa.array([1]), pa.array(["c"]), pa.array(["d"])]
    table = pa.Table.from_arrays(arrays, ["text", "removals", "n", "twice", "twice"])
    with pytest.raises(UsageError, match=said):
        clean_table(table, **options)


def test_what_is_no_table() -> None:
    with pytest.raises(TypeError, match="a record batch of Arrow is needed, not dict"):
        clean_table({"text": ["a"]})
