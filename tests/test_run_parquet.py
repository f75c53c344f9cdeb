"""Parquet: what comes back, what is set aside, and where files are cut."""

from __future__ import annotations

import json
import os
import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from runs import PAGE, Call, Snipper, article, finish, rejects, row, start, tree, without_cuts

from cleaner.batch.inputs import Source
from cleaner.batch.intake import items_of
from cleaner.batch.job import Job
from cleaner.batch.options import RunOptions
from cleaner.batch.plan import make_plan
from cleaner.batch.shards import Shard, cut
from cleaner.batch.work import work
from cleaner.io import arrow, parquet
from cleaner.io.formats import PARQUET
from cleaner.io.records import Fault, Limits, Reading, Reject

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def table(texts: list[str | None], type: Any = None) -> Any:
    """A table with metadata of all kinds, nested columns and a text column."""
    count = len(texts)
    nested = pa.list_(pa.struct([("k", pa.string()), ("v", pa.decimal128(9, 2))]))
    columns = {
        "id": pa.array([f"d{at}" for at in range(count)]),
        "nested": pa.array([[{"k": "a", "v": None}] * (at % 3) for at in range(count)], nested),
        "text": pa.array(texts, type or pa.string()),
        "when": pa.array([at * 1000 for at in range(count)], pa.timestamp("us", "Europe/Berlin")),
        "kind": pa.array(["x", "y"] * (count // 2) + ["x"] * (count % 2)).dictionary_encode(),
    }
    fields = [pa.field(name, column.type, metadata={"about": name}) for name, column in columns.items()]
    return pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields, {"made": "for a test"}))


@pytest.mark.parametrize("type", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())], ids=str)
def test_parquet_keeps_all_but_the_text(tmp_path: Path, call: Call, type: Any) -> None:
    texts = [f"cut\n{at}" if at % 3 else f"{at}" for at in range(1200)]
    came = table(texts, type)
    packing = dict.fromkeys(("text", "id", "when", "kind"), "zstd") | {
        f"nested.list.element.{name}": "gzip" for name in "kv"
    }
    pq.write_table(came, tmp_path / "x.parquet", row_group_size=500, compression=packing)
    assert call("run", tmp_path / "x.parquet", tmp_path / "o.parquet").code == 0
    came, got = pq.read_table(tmp_path / "x.parquet"), pq.read_table(tmp_path / "o.parquet")
    assert got.schema.equals(came.schema, check_metadata=True)
    assert got.column("text").to_pylist() == [text.replace("cut\n", "") for text in texts]
    assert got.drop_columns("text").equals(came.drop_columns("text"))
    before, after = pq.ParquetFile(tmp_path / "x.parquet"), pq.ParquetFile(tmp_path / "o.parquet")
    sizes = [[file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)] for file in (before, after)]
    assert sizes[0] == sizes[1] == [500, 500, 200]
    for at in range(before.metadata.num_columns):
        assert after.metadata.row_group(0).column(at).compression == before.metadata.row_group(0).column(at).compression


def test_rows_of_parquet_that_are_no_documents(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    pq.write_table(table(["cut\na", None, "b", "!RAISE"]), src / "x.parquet")
    pq.write_table(table([]), src / "empty.parquet")
    pq.write_table(table(["a"]).rename_columns(["id", "nested", "body", "when", "kind"]), src / "other.parquet")
    pq.write_table(pa.table({"text": [1, 2]}), src / "numbers.parquet")
    pq.write_table(pa.table({"text": pa.nulls(2)}), src / "nulls.parquet")
    (src / "no.parquet").write_bytes(b"PAR1 not at all PAR1")
    done = call("run", src, out)
    assert done.code == 3 and "Traceback" not in done.err
    assert pq.read_table(out / "x.parquet").column("text").to_pylist() == ["a", "b"]
    empty = [pq.read_schema(folder / "empty.parquet") for folder in (src, out)]
    assert empty[0].equals(empty[1], check_metadata=True)
    assert [(reject["source"], reject["record"], reject["code"]) for reject in rejects(out)] == [
        ("no.parquet", 1, "damaged"),
        ("nulls.parquet", 1, "not-a-string"), ("nulls.parquet", 2, "not-a-string"),
        ("numbers.parquet", 1, "not-a-string"), ("other.parquet", 1, "no-text"),
        ("x.parquet", 2, "not-a-string"), ("x.parquet", 4, "error"),
    ]  # fmt: skip
    assert rejects(out)[1]["reason"] == "column 'text' is null"
    assert rejects(out)[5]["id"] == "d1" and not (out / "no.parquet").exists()


def test_parquet_has_no_compression_around_it(tmp_path: Path, call: Call) -> None:
    pq.write_table(table(["a"]), tmp_path / "x.parquet")
    for name in ("o.parquet.gz", "o.zst"):
        done = call("run", tmp_path / "x.parquet", tmp_path / name)
        assert done.code == 2 and f"{name}: parquet is not written as .{name[2:].split('.')[-1]}: name a" in done.err
    assert os.listdir(tmp_path) == ["x.parquet"]


@pytest.mark.parametrize("view", ["text", "x"])
def test_a_row_that_is_set_aside_takes_no_other_along(tmp_path: Path, call: Call, view: str) -> None:
    """Arrow cannot pick rows of columns of every type, nor of those that hold one."""
    types = {"text": pa.string(), "x": pa.string(), view: pa.string_view()}
    x = pa.array([["a"], ["b"], None, ["d"]], pa.list_(types["x"]))
    pq.write_table(
        pa.table({"text": pa.array(["cut\na", None, "b", None], types["text"]), "x": x}), tmp_path / "x.parquet"
    )
    assert call("run", tmp_path / "x.parquet", tmp_path / "o.parquet").code == 3
    got = pq.read_table(tmp_path / "o.parquet")
    assert got.schema.equals(pq.read_schema(tmp_path / "x.parquet"))
    assert got.to_pydict() == {"text": ["a", "b"], "x": [["a"], None]}


def test_columns_of_maps_are_kept(tmp_path: Path, call: Call) -> None:
    """Also where they lie within others, and where rows beside them are set aside."""
    path, out, back = (tmp_path / name for name in ("x.parquet", "o.parquet", "back.parquet"))
    inner = pa.map_(pa.string(), pa.list_(pa.float32()))
    columns = {
        "text": pa.array(["cut\na", None, "b"]),
        "tags": pa.array([[("k", [1.5])], [], None], inner),
        "deep": pa.array([[[("k", None)]], None, [None, []]], pa.list_(inner)),
        "of": pa.array([{"m": [(1, [("k", [])])]}, None, {"m": None}], pa.struct([("m", pa.map_(pa.int8(), inner))])),
    }
    pq.write_table(pa.table(columns), path)
    assert call("run", path, out, "--annotate").code == 3
    assert call("restore", out, back).code == 0
    assert pq.read_table(back).to_pylist() == [row for row in pa.table(columns).to_pylist() if row["text"]]


@pytest.mark.parametrize("shard", [1, 8_000_000])
def test_a_damaged_row_group_costs_no_other(
    shard: int, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cleaner.batch.shards.SHARD", shard)
    path, out = tmp_path / "x.parquet", tmp_path / "o.parquet"
    texts = [f"cut\n{at} {'.' * 50}" for at in range(30)]
    pq.write_table(pa.table({"text": [*texts, None]}), path, row_group_size=10, compression="zstd")
    data = bytearray(path.read_bytes())
    page = pq.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    data[page : page + 20] = b"\xff" * 20
    path.write_bytes(data)
    assert call("run", path, out).code == 3
    assert pq.read_table(out).column("text").to_pylist() == [text[4:] for text in texts[:10] + texts[20:]]
    found = [json.loads(line) for line in (tmp_path / "o.parquet.rejected.jsonl").read_text().splitlines()]
    assert [(reject["record"], reject["offset"], reject["code"]) for reject in found] == [
        (11, 10, "damaged"), (31, 30, "not-a-string"),
    ]  # fmt: skip


def test_where_nothing_of_a_piece_can_be_read_its_first_row_is_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["a"] * 30}), tmp_path / "x.parquet", row_group_size=10)
    (source,) = make_plan(str(tmp_path / "x.parquet"), str(tmp_path / "o.parquet")).sources()
    (shard,) = cut(source, 2, Limits(), "")
    job = Job(shard, "", until=(0, Fault("killed", "")))
    (reject,) = items_of(job, RunOptions(), lambda news: None)
    assert isinstance(reject, Reject) and (reject.number, reject.offset) == (1, 20)


def test_a_folder_whose_name_looks_like_the_scheme_of_a_url(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that is named after a time: Arrow takes a path for a URL where it can."""
    monkeypatch.chdir(tmp_path)
    for src in (Path("in"), Path("in-10:30")):
        src.mkdir()
        with open(src / "x.parquet", "wb") as file:
            pq.write_table(pa.table({"text": ["cut\na"]}), file)
        out = f"out-{src}:00"
        assert call("run", src, out, "--annotate").code == 0
        assert call("restore", out, f"again-{src}:00").code == 0
        assert pq.read_table(Path(f"again-{src}:00", "x.parquet").absolute())["text"].to_pylist() == ["cut\na"]


def test_texts_are_measured_in_bytes(tmp_path: Path, call: Call) -> None:
    pq.write_table(pa.table({"text": ["Größe", "ascii", "é" * 501]}), tmp_path / "x.parquet")
    done = call("run", tmp_path / "x.parquet", tmp_path / "o.parquet", "--max-size", "1kB", "--json")
    assert done.code == 3 and "x.parquet:3: text longer than 1,000 bytes" in done.err
    assert json.loads(done.out)["bytes_in"] == 7 + 5


def test_large_parquet_is_cut_at_row_groups(tmp_path: Path) -> None:
    noise = random.Random(4)
    texts = [article(noise) for _ in range(1200)]
    texts[700] = "!KILL"
    src = tmp_path / "in"
    src.mkdir()
    pq.write_table(table(texts), src / "x.parquet", row_group_size=120)
    (src / "y.txt").write_text("cut\nlast")
    outs = [tmp_path / "1", tmp_path / "2"]
    for workers, out in zip((1, 2), outs, strict=True):
        assert finish(start("run", src, out, "--workers", workers, "--annotate", shard=6_000)).code == 3
        (killed,) = rejects(out)
        assert (killed["record"], killed["offset"], killed["id"]) == (701, 700, "d700")
    assert tree(outs[0]) == tree(outs[1])
    got = pq.read_table(outs[0] / "x.parquet")
    del texts[700]
    assert got.column("text").to_pylist() == [without_cuts(text) for text in texts]
    assert got.column_names[-1] == "removals"
    assert pq.ParquetFile(outs[0] / "x.parquet").num_row_groups == 10
    again = finish(start("restore", outs[0], tmp_path / "again"))
    assert again.code == 0, again.err
    back = pq.read_table(tmp_path / "again" / "x.parquet")
    assert back.column("text").to_pylist() == texts
    assert back.schema.equals(pq.read_schema(src / "x.parquet"), check_metadata=True)


def test_what_was_changed_after_a_run_is_not_restored_wrongly(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    text = "Kept.\ncut\n"
    (src / "x.txt").write_text(text)
    (src / "y.jsonl").write_bytes(row(text=text) * 2)
    pq.write_table(pa.table({"text": [text]}), src / "z.parquet")
    assert call("run", src, out, "--annotate").code == 0
    (out / "x.txt").write_text("Kept")
    rows = (out / "y.jsonl").read_bytes()
    (out / "y.jsonl").write_bytes(rows.replace(b"Kept.", b"Kept", 1))
    changed = pq.read_table(out / "z.parquet")
    pq.write_table(changed.set_column(0, "text", pa.array(["Kept"])), out / "z.parquet")
    done = call("restore", out, tmp_path / "again")
    assert done.code == 3 and "Traceback" not in done.err
    assert "x.txt: it or the list of removals beside it was changed after the run, or is damaged" in done.err
    assert "y.jsonl:1: its removals do not fit its text: one of them was changed after the run" in done.err
    assert "z.parquet:1: column 'removals' does not fit column 'text'" in done.err
    assert tree(tmp_path / "again") == {"y.jsonl": row(text=text)}


def test_removals_are_restored_as_other_programs_write_them(tmp_path: Path, call: Call) -> None:
    """Polars has large lists and large texts, and adapters say nothing of a row that has no text."""
    texts = ["Kept.\ncut\n", "Kept.", None]
    pq.write_table(pa.table({"text": texts[:2]}), tmp_path / "x.parquet")
    assert call("run", tmp_path / "x.parquet", tmp_path / "o.parquet", "--annotate").code == 0
    rows = [*pq.read_table(tmp_path / "o.parquet").to_pylist(), {"text": None, "removals": None}]
    said = [("rule", pa.large_string()), ("text", pa.large_string()), ("start", pa.int64()), ("end", pa.int64())]
    schema = pa.schema([("text", pa.large_string()), ("removals", pa.large_list(pa.struct(said)))])
    pq.write_table(pa.Table.from_pylist(rows, schema), tmp_path / "p.parquet")
    done = call("restore", tmp_path / "p.parquet", tmp_path / "r.parquet")
    assert done.code == 0, done.err
    back = pq.read_table(tmp_path / "r.parquet")
    assert back.to_pydict() == {"text": texts} and back.schema.types == [pa.large_string()]


def test_a_restore_is_told_which_field_the_run_was(tmp_path: Path, call: Call) -> None:
    src, out, again = tmp_path / "in", tmp_path / "out", tmp_path / "again"
    src.mkdir()
    (src / "y.jsonl").write_bytes(row(body="Kept.\ncut\n"))
    pq.write_table(pa.table({"body": ["Kept.\ncut\n"]}), src / "z.parquet")
    assert call("run", src, out, "--annotate", "--text-field", "body").code == 0
    done = call("restore", out, again)
    assert done.code == 3
    assert "y.jsonl:1: has no text in a field 'text': name another --text-field" in done.err
    assert "z.parquet:1: has no column 'text': name another --text-field" in done.err
    assert call("restore", out, again, "--overwrite", "--text-field", "body").code == 0
    assert tree(again)["y.jsonl"] == (src / "y.jsonl").read_bytes()


def test_an_enormous_row_group_becomes_several(tmp_path: Path) -> None:
    texts = [f"cut\n{at}" + 100_000 * "x" for at in range(1100)]
    pq.write_table(pa.table({"text": texts}), tmp_path / "x.parquet", compression="zstd")
    assert finish(start("run", tmp_path / "x.parquet", tmp_path / "o.parquet", "--max-ratio", 1e6)).code == 0
    with pq.ParquetFile(tmp_path / "o.parquet") as file:
        sizes = [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)]
        assert len(sizes) == 2 and sum(sizes) == 1100
        assert file.read().column("text").to_pylist() == [text[4:] for text in texts]


def test_long_documents_are_read_few_at_once(tmp_path: Path) -> None:
    """What is read at once is bounded in bytes: 512 novels are half a gigabyte."""
    texts = [f"{at}" + 1_000_000 * "x" for at in range(100)]
    pq.write_table(pa.table({"text": texts}), tmp_path / "x.parquet", use_dictionary=False)
    records = list(parquet.read(str(tmp_path / "x.parquet"), Reading("x"), None))
    assert [record.document.text for record in records] == texts  # type: ignore[union-attr]
    assert {record.origin[0].batch.num_rows for record in records} <= {31, 7}  # type: ignore[union-attr]


LONG = "A long value. " * 70_000
BOMBS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "dictionary": ({"text": [LONG] * 300}, {}),
    "of a list": ({"text": ["cut"], "tags": [[LONG] * 300]}, {}),
    "of a column of its own": ({"text": ["a"] * 300, "html": [LONG] * 300}, {}),
    "prefixes": ({"text": [LONG] * 300}, {"use_dictionary": False, "column_encoding": {"text": "DELTA_BYTE_ARRAY"}}),
    "numbers": ({"text": ["cut"], "list": [[7] * 5_000_000]}, {}),
    "compression": ({"text": [LONG * 40]}, {"use_dictionary": False}),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_file_that_unpacks_to_too_much_is_not_read_on(tmp_path: Path, name: str, call: Call) -> None:
    """Be it by its compression, its encoding, or the length of a list; and little of it is in memory before."""
    columns, how = BOMBS[name]
    path, rows = tmp_path / "x.parquet", len(columns["text"])
    pq.write_table(pa.table(columns), path, compression="zstd", store_schema=False, **how)
    assert path.stat().st_size < 50_000
    *records, reject = parquet.read(str(path), Reading(), None)
    assert isinstance(reject, Reject) and reject.code == "bomb", reject
    assert "decompresses to more than 200 times its size" in reject.reason and "--max-ratio" in reject.reason
    assert reject.number == len(records) + 1 <= rows
    read = {id(record.origin[0]): record.origin[0].batch.nbytes for record in records}  # type: ignore[union-attr]
    assert sum(read.values()) <= 16_000_000
    annotated = pa.table({**columns, "removals": pa.array([[]] * rows, arrow.removals_type())})
    pq.write_table(annotated, path, compression="zstd", **how)
    done = call("restore", path, tmp_path / "r.parquet")
    assert done.code == 3 and "see --max-ratio" in done.err and not (tmp_path / "r.parquet").exists()
    assert len([*parquet.read(str(path), Reading(limits=Limits(ratio=1e6)), None)]) == rows


def test_values_that_many_rows_share_are_read_few_at_once(tmp_path: Path) -> None:
    texts = [*map(str, range(1000)), *[LONG] * 600]
    pq.write_table(pa.table({"text": texts}), tmp_path / "x.parquet", store_schema=False)
    records = [*parquet.read(str(tmp_path / "x.parquet"), Reading(limits=Limits(ratio=1e6)), None)]
    assert [record.document.text for record in records] == texts  # type: ignore[union-attr]
    assert max(record.origin[0].batch.nbytes for record in records) <= 32_000_000  # type: ignore[union-attr]


@pytest.mark.parametrize("packing", ["none", "snappy", "gzip", "brotli", "zstd", "lz4"])
def test_a_short_dictionary_costs_no_batches(tmp_path: Path, packing: str) -> None:
    texts = [f"A text of some words, {at}." for at in range(3000)]
    columns = {"text": texts, "tags": [[text, None] for text in texts], "all": [[]] * 3000}
    pq.write_table(pa.table(columns), tmp_path / "x.parquet", compression=packing)
    records = [*parquet.read(str(tmp_path / "x.parquet"), Reading(), None)]
    assert [record.document.text for record in records] == texts  # type: ignore[union-attr]
    assert len({id(record.origin[0]) for record in records}) == 6  # type: ignore[union-attr]


def test_batches_share_a_dictionary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is neither read nor counted with each of them: that would take the square of the time, and cut the group."""
    texts = [f"a text {at}" for at in range(2_000)]
    came, part = tmp_path / "x.parquet", tmp_path / "part"
    pq.write_table(pa.table({"text": pa.array(texts).dictionary_encode()}), came)
    read: list[int] = []  # of the dictionary
    values = arrow.values_of
    monkeypatch.setattr(arrow, "values_of", lambda array: read.append(len(array)) or values(array))
    monkeypatch.setattr(parquet, "_GROUP", 50_000)
    shard = Shard(Source(str(came), came.name, PARQUET, "", "", ""))
    assert work(Job(shard, str(part)), Snipper(), RunOptions()).tally.written == 2_000  # type: ignore[arg-type]
    assert pq.read_table(part).column("text").to_pylist() == texts
    assert pq.ParquetFile(part).num_row_groups == 1
    assert sum(read) == 2_000


def test_times_as_spark_writes_them(tmp_path: Path, call: Call) -> None:
    days = pa.array([datetime(1, 1, 1), datetime(2024, 2, 29, 1, 2, 3, 4), datetime(9999, 12, 31)], pa.timestamp("us"))
    src, out = tmp_path / "x.parquet", tmp_path / "o.parquet"
    pq.write_table(
        pa.table({"text": ["cut\na", "b", "c"], "day": days}),
        src,
        use_deprecated_int96_timestamps=True,
        store_schema=False,
    )
    assert call("run", src, out, "--annotate").code == call("restore", out, tmp_path / "r.parquet").code == 0
    for path in (out, tmp_path / "r.parquet"):
        assert pq.read_table(path, coerce_int96_timestamp_unit="us").column("day").to_pylist() == days.to_pylist()
        assert pq.ParquetFile(path).schema.column(1).physical_type == "INT96"


def test_columns_that_cannot_take_the_text_of_pages(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    page = pa.array([PAGE.decode()])
    files = {
        "nulls": {"html": page, "text": pa.nulls(1)},
        "number": {"html": page, "text": pa.array([7])},
        "twice": {"html": page, "text": pa.array(["a"]), "TEXT": pa.array(["b"])},
        "urls": {"html": page, "url": pa.array(["a"]), "URL": pa.array(["b"])},
    }
    for name, columns in files.items():
        pq.write_table(pa.table([*columns.values()], [*map(str.lower, columns)]), src / f"{name}.parquet")
    done = call("run", src, out, "--extractor", "fast", "--html-field", "html")
    assert done.code == 3 and "Traceback" not in done.err
    assert {reject["source"]: (reject["code"], reject["reason"]) for reject in rejects(out)} == {
        "number.parquet": ("not-a-string", "column 'text' is int64, not a string"),
        "twice.parquet": ("bad-record", "has 2 columns 'text': name another, or rename one"),
        "urls.parquet": ("bad-record", "has 2 columns 'url': name another, or rename one"),
    }
    got = pq.read_table(out / "nulls.parquet")
    assert got.schema.field("text").type == pa.string()
    assert got.column("text")[0].as_py().startswith("A sentence of a page")


def test_of_two_columns_of_texts_none_is_restored(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "x.parquet", tmp_path / "o.parquet"
    pq.write_table(pa.table([["cut\na"], ["b"]], ["text", "other"]), src)
    assert call("run", src, out, "--annotate").code == 0
    annotated = pq.read_table(out)
    pq.write_table(annotated.rename_columns(["text", "text", "removals"]), out)
    done = call("restore", out, tmp_path / "again.parquet")
    assert (done.code, done.err) == (3, f"cleaner: {out}:1: has 2 columns 'text': name another, or rename one\n")
    assert not (tmp_path / "again.parquet").exists()


def test_a_table_without_columns_is_told(tmp_path: Path, call: Call) -> None:
    pq.write_table(pa.table({}), tmp_path / "x.parquet")
    done = call("run", tmp_path / "x.parquet", tmp_path / "o.parquet")
    assert done.code == 3 and ": has no column 'text' (it has none)\n" in done.err
