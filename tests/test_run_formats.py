"""Web pages, the encodings of text files, and attributes for dolma."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from runs import PAGE, Call, rejects, row, tree

from cleaner.io.compression import compress
from cleaner.io.textfile import decode


def test_web_pages_become_texts(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    (src / "x.html").write_bytes(PAGE)
    (src / "y.HTM.gz").write_bytes(compress(PAGE, "gz"))
    (src / "none.xhtml").write_bytes(b"<html></html>")
    (src / "rows.jsonl").write_bytes(row(html=PAGE.decode(), n=1) + row(html="", text="old"))
    done = call("run", src, out, "--extractor", "fast", "--html-field", "html")
    assert done.code == 3
    assert sorted(tree(out)) == ["rows.jsonl", "x.txt", "y.txt.gz"]
    assert (out / "x.txt").read_text().startswith("A sentence of a page")
    (one,) = (json.loads(line) for line in (out / "rows.jsonl").read_text().splitlines())
    assert list(one) == ["html", "n", "text"] and one["text"].startswith("A sentence of a page")
    assert {reject["code"] for reject in rejects(out)} == {"no-content"}


FRENCH = "L'été dernier, à Besançon, les élèves ont planté des chênes près de l'école, où ils étudient.\ncut\n" * 5


def test_texts_are_written_back_as_they_came(tmp_path: Path, call: Call) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    for name in ("latin-1", "utf-16", "utf-8-sig", "utf-32"):
        (src / f"{name}.txt").write_bytes(FRENCH.encode(name))
    (src / "damaged.txt").write_bytes(FRENCH.encode().replace("ê".encode(), b"\xc3", 1))
    (src / "noise.txt").write_bytes(random.Random(1).randbytes(300))
    assert call("run", src, out).code == 3
    left = FRENCH.replace("cut\n", "")
    for name in ("latin-1", "utf-16", "utf-8-sig", "utf-32"):
        assert (out / f"{name}.txt").read_bytes() == left.encode(name)
    assert {reject["source"]: reject["code"] for reject in rejects(out)} == {
        "damaged.txt": "bad-encoding", "noise.txt": "bad-encoding"
    }  # fmt: skip
    assert call("run", src / "latin-1.txt", tmp_path / "o.txt", "--utf8").code == 0
    assert (tmp_path / "o.txt").read_bytes() == left.encode()
    (src / "short.txt").write_bytes("été".encode("cp1252"))
    assert call("run", src / "short.txt", tmp_path / "s.txt").code == 3
    assert call("run", src / "short.txt", tmp_path / "s.txt", "--encoding", "cp1252", "--overwrite").code == 0
    assert call("run", src / "short.txt", tmp_path / "s.txt", "--encoding", "none-such").code == 2


@pytest.mark.parametrize(
    ("encoding", "line"),
    [
        ("gb18030", "这是一个关于城市的故事，人们在市场上谈论天气和价格。昨天下午，市长宣布新的计划。"),
        ("big5", "這是一個關於城市的故事，人們在市場上談論天氣和價格。昨天下午，市長宣布新的計劃。"),
        ("shift_jis", "これは町についての物語です。人々は市場で天気や値段について話していました。"),
        ("euc_kr", "이것은 도시에 관한 이야기입니다. 사람들은 시장에서 날씨와 가격에 대해 이야기했습니다."),
    ],
)
def test_a_large_text_is_read_wherever_its_sample_ends(encoding: str, line: str) -> None:
    """Behind a character or within one of two bytes."""
    for before in ("", "x"):
        text = before + (line + "\n") * 2000
        assert decode(text.encode(encoding))[0] == text


def test_attributes_for_dolma(tmp_path: Path, call: Call) -> None:
    """A row for each row, with its id as it is written; one that is set aside keeps its place and loses nothing."""
    rows = [
        b'{"id": "\\u0061", "text": "A\\ncut \xf0\x9f\x98\x80\\nB\\ncut\\n"}\n',
        b'{"text": "fine", "id": 7}\n',
        b'{"text": "cut"}\n',
        b'{"id": "x", "text": "!RAISE"}\n',
        b'{"id": "ALL", "text": "ALL"}\n',
        b"{bad\n",
        b'{"id": "l\\u006fng", "text": "%s"}\n' % (b"long " * 100),
        b'{"more": {"id": 1, "x": ["]", {}]}, "id" : 7.0 , "text": "\\\\\\" {\\"id\\": 2, %s", "id": 3}\n'
        % (b"long " * 100),
        b'{"text": ", \\"id\\": 4, %s", "id": 5}\n' % (b"long " * 100),
        b'{"id": nothing, "text": "%s"}\n' % (b"long " * 100),
        b'{"id": %s}\n' % (b"1" * 500),
    ]
    (tmp_path / "x.jsonl").write_bytes(b"".join(rows))
    options = ("--attributes", "dolma", "--on-guard", "set-aside", "--max-size", "400")
    assert call("run", tmp_path / "x.jsonl", tmp_path / "y.jsonl", *options).code == 3
    chrome, rule = "site_chrome__site_chrome__chrome", "site_chrome__site_chrome__en_test_cut"
    assert (tmp_path / "y.jsonl").read_bytes().splitlines() == [
        b'{"id":"\\u0061","attributes":{"%s":[[2,8,1.0],[10,14,1.0]],"%s":[[2,8,1.0],[10,14,1.0]]}}'
        % (chrome.encode(), rule.encode()),
        b'{"id":7,"attributes":{}}',
        b'{"id":null,"attributes":{"%s":[[0,3,1.0]],"%s":[[0,3,1.0]]}}' % (chrome.encode(), rule.encode()),
        b'{"id":"x","attributes":{}}',
        b'{"id":"ALL","attributes":{}}',
        b'{"id":null,"attributes":{}}',
        b'{"id":"l\\u006fng","attributes":{}}',
        b'{"id":7.0,"attributes":{}}',
        *[b'{"id":null,"attributes":{}}'] * 3,  # what stands behind so long a text has not been read
    ]
    kept = [json.loads(line) for line in (tmp_path / "y.jsonl.rejected.jsonl").read_text().splitlines()]
    assert [reject["id"] for reject in kept if reject["code"] == "too-large"] == ["long", None, None, None, None]
    before = (tmp_path / "y.jsonl").read_bytes()
    call("run", tmp_path / "x.jsonl", tmp_path / "y.jsonl", *options, "--id-field", "text", "--overwrite")
    assert (tmp_path / "y.jsonl").read_bytes() == before, "the mixer compares the field id, and no other"
    for wrong, said in [
        (("--attributes", "pickle"), "written for dolma"),
        (("--attributes", "dolma", "--annotate"), "leave out --annotate"),
    ]:
        done = call("run", tmp_path / "x.jsonl", tmp_path / "z.jsonl", *wrong)
        assert done.code == 2 and said in done.err
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.txt").write_text("x")
    done = call("run", tmp_path / "in", tmp_path / "out", "--attributes", "dolma")
    assert done.code == 2 and "SRC holds text" in done.err and not (tmp_path / "out").exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "mac-roman"])
@pytest.mark.parametrize("utf8", [(), ("--utf8",)])
def test_lines_may_end_as_on_old_macintoshes(tmp_path: Path, call: Call, encoding: str, utf8: tuple[str, ...]) -> None:
    src, out, again = (tmp_path / name for name in ("in", "out", "again"))
    src.mkdir()
    data = "Größe\rcut this\rStays.\r".encode(encoding)
    (src / "x.txt").write_bytes(data)
    (src / "y.txt").write_bytes(b"Kept.\rcut\r\nStays.")  # it has lines
    assert call("run", src, out, "--annotate", "--encoding", encoding, *utf8).code == 0
    left = "Größe\rStays.\r"
    utf = utf8 and encoding in ("utf-16", "mac-roman")
    assert (out / "x.txt").read_bytes() == left.encode("utf-8" if utf else encoding)
    assert (out / "y.txt").read_bytes() == (src / "y.txt").read_bytes()
    assert call("restore", out, again).code == 0
    assert (again / "x.txt").read_bytes() == data


@pytest.mark.parametrize("workers", [1, 2])
def test_missing_packages_are_no_fault_of_the_pages(tmp_path: Path, workers: int) -> None:
    pytest.importorskip("trafilatura")
    shadow = tmp_path / "shadow" / "trafilatura"
    shadow.mkdir(parents=True)
    (shadow / "__init__.py").write_text("raise ModuleNotFoundError('No module named trafilatura', name='trafilatura')")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.html").write_bytes(PAGE)
    (tmp_path / "in" / "y.html").write_bytes(PAGE)
    command = [sys.executable, "-m", "cleaner", "run", tmp_path / "in", tmp_path / "out", "--workers", str(workers)]
    path = os.pathsep.join([str(shadow.parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("cleaner: web pages need more packages: pip install 'cleaner[html]'")
