"""`cleaner restore`: what a run with --annotate wrote, as it was; what was changed since is told."""

from __future__ import annotations

import json
import random
import zlib
from pathlib import Path

import pytest
from runs import Call, article, row, tree

from cleaner.io.compression import compress

TEXT = "Keep.\r\ncut this\r\nKeep too.\n"


def test_annotation_can_be_undone(tmp_path: Path, call: Call) -> None:
    src, dst, again = tmp_path / "in", tmp_path / "out", tmp_path / "again"
    (src / "sub").mkdir(parents=True)
    noise = random.Random(3)
    (src / "x.jsonl").write_bytes(b"".join(row(text=article(noise), n=n) for n in range(50)) + b"\n")
    (src / "sub" / "a.txt").write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    (src / "sub" / "b.txt.gz").write_bytes(compress(TEXT.encode(), "gz"))
    (src / "sub" / "c.txt").write_bytes(b"nothing to do")
    (src / "marked.jsonl").write_bytes(b"\xef\xbb\xbf" + 2 * row(text=article(noise)))
    assert call("run", src, dst, "--annotate").code == 0
    rows = (dst / "x.jsonl").read_text().splitlines()
    assert all("removals" in json.loads(line) for line in rows if line)
    how = {"encoding": "utf-8", "mark": True}
    assert json.loads((dst / "sub" / "a.txt.removals.json").read_text()) == {
        "came": how,
        "written": how,
        "crc32": zlib.crc32((src / "sub" / "a.txt").read_bytes()),
        "removals": [{"start": 7, "end": 17, "rule": "en/test/cut", "text": "cut this\r\n"}],
    }
    assert call("restore", dst, again).code == 0
    assert tree(again) == tree(src)
    assert call("restore", dst, again).code == 2
    assert call("restore", dst / "x.jsonl", "-").out == (src / "x.jsonl").read_bytes()


def test_files_that_begin_with_a_byte_order_mark_may_have_been_joined(tmp_path: Path, call: Call) -> None:
    data = b"".join(b"\xef\xbb\xbf" + row(text=f"cut\n{at}") for at in range(3))
    (tmp_path / "in.jsonl").write_bytes(data)
    assert call("run", tmp_path / "in.jsonl", tmp_path / "out.jsonl", "--annotate").code == 0
    assert (tmp_path / "out.jsonl").read_bytes().count(b'\xef\xbb\xbf{"text"') == 3
    assert call("restore", tmp_path / "out.jsonl", tmp_path / "back.jsonl").code == 0
    assert (tmp_path / "back.jsonl").read_bytes() == data


def test_a_row_behind_thousands_of_byte_order_marks_is_none(tmp_path: Path, call: Call) -> None:
    (tmp_path / "x.jsonl").write_bytes(b"\xef\xbb\xbf" * 3000 + row(text="a", removals=[]) + row(text="b", removals=[]))
    done = call("restore", tmp_path / "x.jsonl", tmp_path / "back.jsonl")
    assert done.code == 3 and "x.jsonl:1: broken JSON" in done.err
    assert (tmp_path / "back.jsonl").read_bytes() == row(text="b")


@pytest.mark.parametrize("data", [b"", b"\n", b" \r\n" + row(text="a\ncut")], ids=["alone", "blank", "rows"])
def test_a_byte_order_mark_before_a_blank_line_is_no_row(tmp_path: Path, call: Call, data: bytes) -> None:
    src, out = tmp_path / "x.jsonl", tmp_path / "o.jsonl"
    src.write_bytes(b"\xef\xbb\xbf" + data)
    assert call("run", src, out, "--annotate").code == 0
    assert out.read_bytes().startswith(b"\xef\xbb\xbf" + data[:3])
    assert call("restore", out, "-").out == src.read_bytes()


def test_a_folder_without_anything_to_restore_is_told(tmp_path: Path, call: Call) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.pdf").touch()
    done = call("restore", tmp_path / "in", tmp_path / "out")
    assert done.code == 0 and "no file to read; those are read that end in .txt" in done.err


def test_what_the_run_set_aside_or_did_not_come_to_is_not_said_to_be_restored(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    (src / "x.jsonl").write_bytes(row(text="cut\na") + b"broken\n")
    for target in (out, tmp_path / "o.jsonl"):
        assert call("run", src if target == out else src / "x.jsonl", target, "--annotate").code == 3
    aside = "cleaner: all restored, but what the run set aside: see"
    assert call("restore", out, tmp_path / "a").err == f"{aside} {out}/.cleaner/rejected.jsonl\n"
    assert (
        call("restore", tmp_path / "o.jsonl", tmp_path / "b.jsonl").err
        == f"{aside} {tmp_path}/o.jsonl.rejected.jsonl\n"
    )
    (out / ".cleaner" / "summary.json").unlink()
    unfinished = "cleaner: all restored, but what the run has not come to, which is unfinished\n"
    assert call("restore", out, tmp_path / "c").err == unfinished
    (out / ".cleaner" / "manifest.jsonl").write_bytes(b"damaged\n")
    assert call("restore", out, tmp_path / "d").err == "cleaner: all restored\n"


@pytest.mark.parametrize("changed", ["x.txt", "x.txt.removals.json"])
def test_what_was_changed_since_is_not_taken_for_restored(tmp_path: Path, call: Call, changed: str) -> None:
    """A word of the same length, or one removal less, would give another original."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.txt").write_text("Kept.\ncut this\nStays.")
    out = tmp_path / "out"
    assert call("run", tmp_path / "in", out, "--annotate").code == 0
    text = (out / changed).read_text()
    other = text.replace("Stays", "Stood") if changed == "x.txt" else json.dumps(json.loads(text) | {"removals": []})
    (out / changed).write_text(other)
    done = call("restore", out, tmp_path / "again")
    assert done.code == 3 and not (tmp_path / "again" / "x.txt").exists()
    assert "x.txt: it or the list of removals beside it was changed after the run, or is damaged" in done.err


def test_what_was_not_annotated_cannot_be_undone(tmp_path: Path, call: Call) -> None:
    src = tmp_path / "in"
    src.mkdir()
    (src / "x.jsonl").write_bytes(row(text="a"))
    (src / "y.txt").write_text("a")
    (src / "z.txt").write_text("a")
    (src / "z.txt.removals.json").write_bytes(b"[" * 100_000)
    done = call("restore", src, tmp_path / "out")
    assert done.code == 3 and "Traceback" not in done.err
    assert "x.jsonl:1: has no field 'removals'" in done.err
    assert "z.txt: it or the list of removals beside it was changed after the run, or is damaged" in done.err
    assert (
        "y.txt: has no .removals.json beside it that a run with --annotate wrote" in done.err
        and not (tmp_path / "out" / "y.txt").exists()
    )
    assert (tmp_path / "out" / "x.jsonl").read_bytes() == b"", "a row that cannot be restored is left out"


@pytest.mark.parametrize("value", [0, "", {}, False, 5, "x"])
def test_a_field_of_the_same_name_that_is_no_list_is_not_dropped(tmp_path: Path, call: Call, value: object) -> None:
    (tmp_path / "x.jsonl").write_bytes(row(text="a", removals=None) + row(text="b", removals=value))
    done = call("restore", tmp_path / "x.jsonl", tmp_path / "o.jsonl")
    assert done.code == 3 and "x.jsonl:2: has no field 'removals' that a run with --annotate wrote" in done.err
    assert json.loads((tmp_path / "o.jsonl").read_bytes()) == {"text": "a"}
