"""`cleaner explain`: what it reads, what it shows of each removal, and what it says of mistakes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from conftest import EVERY_KIND, SEEDS
from runs import Call, cleaner

from cleaner.text import model


def test_explain_shows_each_rule() -> None:
    done = cleaner("explain", SEEDS / "000_067391b5fa86ada0.txt")
    assert done.returncode == 0
    assert "Copyright © 2014-2025" in done.stdout
    assert "removals, " in done.stdout
    assert "\x1b[" not in done.stdout  # colours are for terminals


def test_explain_json(call: Call) -> None:
    text = "The vote was close.\n\nSubscribe to our newsletter\n"
    done = call("explain", "-", "--json", "--rules", EVERY_KIND, "--select", "every_kind", stdin=text.encode())
    said = json.loads(done.out)
    assert said["text"] == "The vote was close.\n"
    assert "".join(removal["text"] for removal in said["removals"]) == "\n\nSubscribe to our newsletter"
    assert all(removal["reason"] for removal in said["removals"])


def test_explain_names_a_rule_beside_the_last_of_its_words(call: Call) -> None:
    text = "The vote was close.\r\n\r\nSubscribe to our newsletter\r\n\r\nIt ended.\r\n"
    for options in ((), ("--removed",)):
        assert "Subscribe to our newsletter ⟵ en/" in call("explain", "-", *options, stdin=text.encode()).out.decode()


def test_explain_shows_line_breaks_as_such_where_a_removal_begins_in_one(call: Call) -> None:
    text = "The vote\r was close.\r\n\r\nShare this article\r\n"
    shown = call("explain", "-", "--select", "en/share", stdin=text.encode()).out.decode()
    assert shown.splitlines()[:3] == ["The vote\\r was close.", "", "Share this article ⟵ en/share/share-label"]


def test_explain_reads_what_run_reads(tmp_path: Path, call: Call) -> None:
    text = "Gr\u00f6\u00dfe der F\u00e4hre am Fluss, die seit Jahren nicht mehr f\u00e4hrt.\n\u00a9 2021 Hafenpost\n"
    (tmp_path / "utf16.txt").write_bytes(text.encode("utf-16"))
    (tmp_path / "latin.txt.gz").write_bytes(gzip.compress(text.encode("latin-1")))
    for name in ("utf16.txt", "latin.txt.gz"):
        done = call("explain", tmp_path / name, "--json")
        assert json.loads(done.out)["removals"][0]["text"].strip() == "\u00a9 2021 Hafenpost", done.err
    (tmp_path / "x.jsonl").write_text("{}")
    done = call("explain", tmp_path / "x.jsonl")
    assert done.code == 2 and "holds many records" in done.err
    for data in (b'{"text": "One."}\n', b"warc/1.0\r\n"):
        done = call("explain", "-", stdin=data)
        assert done.code == 2 and "standard input begins as a file of many records" in done.err
    done = call("explain", tmp_path)
    assert done.code == 2 and "is a folder, which `cleaner run` cleans" in done.err


def test_explain_reads_pages(tmp_path: Path, call: Call) -> None:
    pytest.importorskip("trafilatura")
    page = f"<html><body><article><p>{'The ferry is late. ' * 30}</p><p>Subscribe to our newsletter</p></article>"
    (tmp_path / "x.html").write_text(page)
    (tmp_path / "story").write_text(f"\ufeff\n{page}", "utf-8")  # as most addresses of pages end
    (tmp_path / "story.gz").write_bytes(gzip.compress(page.encode()))
    for file in ("-", *(tmp_path / name for name in ("x.html", "story", "story.gz"))):
        said = json.loads(call("explain", file, "--json", stdin=page.encode()).out)
        assert said["text"].startswith("The ferry is late.") and "<" not in said["text"]
    (tmp_path / "x.txt").write_text(page)
    assert json.loads(call("explain", tmp_path / "x.txt", "--json").out)["text"].startswith("<html>")
    (tmp_path / "story").write_bytes(b"\x1f\x8b no gzip")
    done = call("explain", tmp_path / "story")
    assert done.code == 1 and f"cleaner: {tmp_path / 'story'}: gz data damaged" in done.err


def test_explain_takes_the_path_that_is_named(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    trafilatura = pytest.importorskip("trafilatura")
    (tmp_path / "x.html").write_text(f"<html><body><article><h1>Late</h1><p>{'The ferry is late. ' * 30}</p></article>")
    monkeypatch.delattr(trafilatura, "bare_extraction")
    done = call("explain", tmp_path / "x.html", "--extractor", "fast", "--json")
    assert "The ferry is late." in json.loads(done.out)["text"]
    assert "--extractor is trafilatura or fast, not 'lynx'" in call("explain", "x.html", "--extractor", "lynx").err


def test_explain_says_what_the_markup_said(tmp_path: Path, call: Call) -> None:
    pytest.importorskip("trafilatura")
    told = "The ferry is late, and the bakers have sold all that they had."
    (tmp_path / "x.html").write_text(f"<html><body><article><h1>Late</h1><p>{told}</p><h2>Bakers</h2><p>{told}</p>")
    (tmp_path / "mine.toml").write_text(
        '[pack]\nversion = "1"\ndescription = "Test."\n[[rule]]\nid = "head"\nkind = "shape"\nreason = "Test."\n'
        "when = { level = { min = 1 } }\n"
    )
    options = ("--rules", tmp_path / "mine.toml", "--select", "mine", "--json")
    (removal,) = json.loads(call("explain", tmp_path / "x.html", *options).out)["removals"]
    assert removal["text"].strip() == "Bakers" and removal["features"] == {"level": 2}


def test_explain_of_bytes_that_are_no_text(tmp_path: Path, call: Call) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(b"abc\xff")
    done = call("explain", path)
    assert done.code == 1
    assert "x.txt: invalid UTF-8 at byte 3: if it is in another encoding, --encoding names it\n" in done.err
    assert "cleaner: standard input: invalid UTF-8 at byte 3" in call("explain", "-", stdin=b"abc\xff").err


def test_explain_says_where_the_selected_rules_are_for_other_documents(tmp_path: Path, call: Call) -> None:
    text, mine = tmp_path / "x.txt", tmp_path / "mine.toml"
    text.write_text("A line.\nJoin the Example Club!")
    assert call("rules", "new", mine, "--site", "news.example").code == 0
    command = ["explain", text, "--rules", mine, "--select", "mine"]
    there = call(*command, "--url", "https://news.example/a")
    assert b"1 removal" in there.out and there.err == ""
    elsewhere = call(*command)
    assert b"0 removals" in elsewhere.out and "--url and --lang say where it is from\n" in elsewhere.err


def test_explain_reads_the_encoding_that_is_named(tmp_path: Path, call: Call) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes("Паром опять не пришёл.\n".encode("koi8-r"))
    assert json.loads(call("explain", path, "--json", "--encoding", "koi8-r").out)["text"] == "Паром опять не пришёл.\n"


def test_a_text_is_measured_once_however_many_removals_are_explained(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = []
    features = model.line_features
    monkeypatch.setattr(model, "line_features", lambda *asked: measured.append(1) or features(*asked))
    prose = "The council had been warned three times since the spring that the old dam would not hold another winter."
    menus = [f"{prose}\n\nHurdle Weir\nOslen Mill\nKettering Row\nShare\nLogin\nHome\n"] * 20
    (tmp_path / "x.txt").write_text("\n".join(menus))
    said = json.loads(call("explain", tmp_path / "x.txt", "--json", "--profile", "thorough").out)
    assert len([removal for removal in said["removals"] if "features" in removal]) > 10
    assert len(measured) <= 4  # to score and to explain, for each of two rules


def test_a_shape_rule_says_which_features_spoke(call: Call) -> None:
    """Of a menu's entries that no other rule knows, between some that others do."""
    places = [f"  • {name}" for name in ("Hurdle Weir", "Oslen Mill", "Kettering Row", "Bramble Hithe", "Vardy")]
    prose = "The council had been warned three times since the spring that the old dam would not hold another winter."
    page = "\n".join(["  • Home", "  • Contact", *places, "  • Privacy policy", "", prose, "", prose]).encode()
    removals = json.loads(call("explain", "-", "--json", stdin=page).out)["removals"]
    shaped = [removal for removal in removals if removal["rule"].startswith("common/furniture/")]
    assert shaped and shaped == [removal for removal in removals if removal.get("features")]
    assert next(iter(shaped[0]["features"])) in call("explain", "-", "--removed", stdin=page).out.decode()
