"""`cleaner learn` on the command line: dumps in, rule files out, nothing of others overwritten, mistakes told."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from benchmarks.learn_sites import made_page, made_pages
from cleaner import Cleaner, CleanerError, UsageError, load_rules
from cleaner.cli.app import build
from cleaner.learn import Harvest, Sighting


def command(*args: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(build(), ["learn", *map(str, args)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def write(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """Documents of two sites."""
    path = tmp_path / "dump.jsonl"
    rows = [
        {
            "id": page.document.id,
            "url": page.document.url,
            "text": page.document.text,
            "paper": name,
            "day": f"2020-01-{n + 1:02}",
        }
        for name in ("plain", "bars")
        for n, page in enumerate(made_pages(name, 20))
    ]
    return write(path, rows)


def test_why_nothing_was_learned_is_said(dump: Path, tmp_path: Path) -> None:
    code, _, err = command(dump, "-o", tmp_path / "x.toml", "--min-pages", "30")
    assert code == 0 and "no site of 30 documents or more (--min-pages) has lines" in err
    assert not (tmp_path / "x.toml").exists()
    with pytest.raises(CleanerError, match="no file was changed: --text-field names another field"):
        command(dump, "-o", tmp_path / "x.toml", "--text-field", "body")
    with pytest.raises(CleanerError, match="no file was changed: --html-field names another field"):
        command(dump, "-o", tmp_path / "x.toml", "--html-field", "page")


def test_a_file_for_each_site(dump: Path, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    code, _, err = command(dump, "-o", f"{folder}/")
    assert code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["bars.example.toml", "plain.example.toml"]
    assert "40 documents read" in err and "take from every text" not in err
    page = made_page("plain", 99).document
    assert "Subscribe" not in Cleaner(rules=load_rules(folder, bundled=False)).clean(page.text, url=page.url).text
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert command(dump, "-o", f"{folder}/")[0] == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_one_file_for_all(dump: Path, tmp_path: Path) -> None:
    assert command(dump, "-o", tmp_path / "all.toml", "-q") == (0, "", "")
    ids = {rule.id for rule in load_rules(tmp_path / "all.toml", bundled=False).rules}
    assert {"sites/all/plain-example-lines", "sites/all/bars-example-lines"} <= ids


def test_sites_of_like_names_lose_nothing(tmp_path: Path) -> None:
    """Hosts that are one id, or one name of a file; names that are too long for one."""
    hosts = ["my-site.example", "my.site.example", "my.site.example.", "a/b", "a-b", f"{'x' * 300}.example"]
    pages = made_pages("plain", 12)
    rows = [{"url": f"http://{host}/{n}", "site": host} for host in hosts for n in range(len(pages))]
    texts = [page.document.text for page in pages] * len(hosts)
    write(tmp_path / "in.jsonl", ({**row, "text": text} for row, text in zip(rows, texts, strict=True)))
    for output, options in ((tmp_path / "all.toml", ()), (f"{tmp_path}/out/", ("--site-field", "site"))):
        assert command(tmp_path / "in.jsonl", "-o", output, *options)[0] == 0
        cleaner = Cleaner(rules=load_rules(output, bundled=False))
        assert all(cleaner.clean(text, url=row["url"]).removals for row, text in zip(rows, texts, strict=True))


@pytest.mark.parametrize("paper", ["The N.Y. Times", "..."])
def test_a_site_that_is_no_host_has_rules_for_every_text(tmp_path: Path, paper: str) -> None:
    texts = [page.document.text for page in made_pages("plain", 12)]
    write(tmp_path / "in.jsonl", ({"paper": paper, "text": text} for text in texts))
    code, _, err = command(tmp_path / "in.jsonl", "-o", f"{tmp_path}/out/", "--site-field", "paper")
    assert (code, "take from every text" in err) == (0, True), err
    cleaner = Cleaner(rules=load_rules(tmp_path / "out", bundled=False))
    assert all(cleaner.clean(text).removals for text in texts)


def test_a_field_names_the_site_and_the_date(dump: Path, tmp_path: Path) -> None:
    assert command(dump, "-o", f"{tmp_path}/out/", "--site-field", "paper", "--date-field", "day")[0] == 0
    text = (tmp_path / "out" / "plain.toml").read_text(encoding="utf-8")
    assert 'site = ["plain.example"]' in text
    assert 'first = "2020-01-0' in text


def test_days_are_in_their_order_and_what_is_none_is_told(dump: Path, tmp_path: Path) -> None:
    """A date as 31/05/2024 would be the last one of its year, and a second has no place in the evidence."""
    rows = [{**row, "day": f"{n + 1:02}/02/2021"} for n, row in enumerate(rows_of(dump))]
    days = ("2019-07", "2019-07-02T08:00:00Z", "")
    rows[3:6] = [{**row, "day": day} for row, day in zip(rows[3:6], days, strict=True)]
    write(dump, rows)
    code, out, err = command(dump, "-o", tmp_path / "x.toml", "--date-field", "day", "--explain")
    assert (code, "of 20 documents sampled, 2019-07 to 2019-07-02\n" in out) == (0, True), out
    assert "38 documents without a date such as 2024-05-31 in the field 'day'" in err


@pytest.mark.parametrize("kind", ["timestamp[us, UTC]", "timestamp[ns]", "date32"])
def test_columns_of_dates_are_dates(dump: Path, tmp_path: Path, kind: str) -> None:
    """As those of Parquet files mostly are."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rows = rows_of(dump)
    types = {"date32": pa.date32(), "timestamp[ns]": pa.timestamp("ns")}
    days = pa.array([date.fromisoformat(row["day"]) for row in rows], pa.date32())
    table = pa.Table.from_pylist(rows).drop_columns(["day"])
    pq.write_table(
        table.append_column("day", days.cast(types.get(kind, pa.timestamp("us", "UTC")))), tmp_path / "x.parquet"
    )
    code, out, _ = command(tmp_path / "x.parquet", "-o", tmp_path / "x.toml", "--date-field", "day", "--explain")
    assert (code, "2020-01-01 to 2020-01-20\n" in out) == (0, True), out


def test_only_fields_name_sites(dump: Path, tmp_path: Path) -> None:
    """Not the language that an archive says; and a file that cannot be read is counted."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "gone.jsonl").symlink_to(tmp_path / "nowhere.jsonl")
    said = b"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <urn:uuid:%d>\r\nWARC-Target-URI: %s\r\n"
    said += b"WARC-Identified-Content-Language: eng\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n"
    texts = [(row["url"].encode(), row["text"].encode()) for row in rows_of(dump)]
    records = [said % (n, url, len(text), text) for n, (url, text) in enumerate(texts)]
    bad = said % (99, b"https://bars.example/99", 1, b"\xff")
    (folder / "pages.warc").write_bytes(b"".join([*records, bad]))
    code, _, err = command(folder, "-o", f"{tmp_path}/out/", "--site-field", "paper")
    assert (code, "unreadable" in err) == (3, True), err
    assert f"pages.warc:{len(records) + 1}: invalid UTF-8" in err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["bars.example.toml", "plain.example.toml"]


def test_what_is_learned_stays_when_nothing_comes_in(dump: Path, tmp_path: Path) -> None:
    learned = tmp_path / "all.toml"
    assert command(dump, "-o", learned, "-q") == (0, "", "")
    before = learned.read_bytes()
    with pytest.raises(CleanerError, match="no document was read"):
        command(dump, "-o", learned, "--text-field", "nosuch")
    few = write(tmp_path / "few.jsonl", rows_of(dump)[:1])
    assert command(few, "-o", learned)[0] == 0
    assert learned.read_bytes() == before
    one = write(tmp_path / "one.jsonl", (row for row in rows_of(dump) if row["paper"] == "bars"))
    assert command(one, "-o", learned)[0] == 0
    ids = {rule.id for rule in load_rules(learned, bundled=False).rules}
    assert {"sites/all/plain-example-lines", "sites/all/lines"} <= ids
    with pytest.raises(UsageError, match="name another file"):
        command(dump, "-o", tmp_path / "x.toml", "--report", dump)


def test_rules_are_written_where_a_link_or_a_device_leads(dump: Path, tmp_path: Path) -> None:
    learned, link = tmp_path / "all.toml", tmp_path / "link.toml"
    link.symlink_to(learned)
    assert command(dump, "-o", link, "-q") == (0, "", "")
    assert link.is_symlink() and "[pack]" in learned.read_text()
    line = [sys.executable, "-m", "cleaner", "learn", dump, "-o", "/dev/stdout", "-q"]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.returncode == 0 and "[pack]" in done.stdout


def test_files_of_others_are_left_alone(dump: Path, tmp_path: Path) -> None:
    """A pack that was written by hand, and what is no rule file; said before the dump is read, or any file written."""
    hand = '[pack]\nversion = "1"\ndescription = "Mine."\n'
    for name, text in (("hand", hand.encode()), ("noise", b"\xff\xfe"), ("broken", b"[pack")):
        path = tmp_path / "out" / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text)
        with pytest.raises(UsageError, match=f"{name}.toml: "):
            command(tmp_path / "nothing.jsonl", "-o", path)
        assert path.read_bytes() == text
    (tmp_path / "out" / "plain.example.toml").write_text(hand, encoding="utf-8")
    with pytest.raises(UsageError, match="learned = true"):
        command(dump, "-o", f"{tmp_path}/out/")
    assert not (tmp_path / "out" / "bars.example.toml").exists()


def test_a_field_that_is_missing_is_said_and_only_dates_are_dates(dump: Path, tmp_path: Path) -> None:
    code, _, err = command(dump, "-o", f"{tmp_path}/out/", "--site-field", "nosuch")
    assert (code, "40 documents without the field 'nosuch': the URL or folder names the site" in err) == (0, True)
    text = (tmp_path / "out" / "plain.example.toml").read_text(encoding="utf-8")
    assert 'first = "' not in text and 'last = "' not in text


def test_pages_in_rows_are_learned_as_a_run_reads_them(dump: Path, tmp_path: Path) -> None:
    """And no language that a page states is the site that its row does not name."""
    pages, texts = tmp_path / "pages.jsonl", tmp_path / "texts.jsonl"
    rows = rows_of(dump)
    for row in rows:
        body = "".join(f"<p>{said}</p>" for said in row.pop("text").split("\n"))
        row["page"] = f"<html lang=en><title>T</title><body>{body}</body></html>"
    write(pages, rows)
    options = ["--html-field", "page", "--extractor", "fast"]
    run = ["run", pages, texts, "--ignore", "*", "--quiet", *options]
    assert CliRunner().invoke(build(), [*map(str, run)]).exit_code == 0
    assert command(texts, "-o", tmp_path / "wanted.toml")[0] == 0
    code, _, err = command(pages, "-o", tmp_path / "found.toml", "--site-field", "nobody", *options)
    assert code == 0, err
    wanted, found = ((tmp_path / f"{name}.toml").read_text().split("\n\n", 1)[1] for name in ("wanted", "found"))
    assert found == wanted


def test_folders_are_sites_where_there_is_no_url(tmp_path: Path) -> None:
    for n, page in enumerate(made_pages("plain", 20)):
        path = tmp_path / "in" / "ledger" / "2020" / f"{n}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page.document.text, encoding="utf-8")
    code, _, err = command(tmp_path / "in", "-o", f"{tmp_path}/out/")
    assert (code, "ledger.toml: " in err, "take from every text" in err) == (0, True, True)
    cleaner = Cleaner(rules=load_rules(tmp_path / "out" / "ledger.toml", bundled=False))
    assert "Subscribe" not in cleaner.clean(made_page("plain", 50).document.text).text


def test_a_folder_named_like_a_host_has_rules_that_ask_for_its_urls(tmp_path: Path) -> None:
    """Files of text have no URL, so it is told what to do to use the rules on them."""
    (tmp_path / "in" / "ledger.example").mkdir(parents=True)
    for n, page in enumerate(made_pages("plain", 20)):
        (tmp_path / "in" / "ledger.example" / f"{n}.txt").write_text(page.document.text, encoding="utf-8")
    code, _, err = command(tmp_path / "in", "-o", f"{tmp_path}/out/")
    assert (code, "without their key site they take from every text" in err) == (0, True), err
    path = tmp_path / "out" / "ledger.example.toml"
    text = made_page("plain", 50).document.text
    cleaner = Cleaner(rules=load_rules(path, bundled=False))
    assert cleaner.clean(text).text == text
    assert "Subscribe" not in cleaner.clean(text, url="https://ledger.example/50").text
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("site =")), encoding="utf-8")
    assert "Subscribe" not in Cleaner(rules=load_rules(path, bundled=False)).clean(text).text


def test_links_are_followed_but_not_in_circles(dump: Path, tmp_path: Path) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "far").mkdir()
    dump.rename(tmp_path / "far" / dump.name)
    (tmp_path / "in" / "sub" / "link").symlink_to(tmp_path / "far")
    (tmp_path / "in" / "sub" / "circle").symlink_to(tmp_path / "in")
    (tmp_path / "far" / "circle").symlink_to(tmp_path / "in" / "sub")
    code, _, err = command(tmp_path / "in", "-o", tmp_path / "all.toml")
    assert (code, "40 documents read" in err) == (0, True), err


def test_what_is_named_twice_is_read_once(dump: Path, tmp_path: Path) -> None:
    """A folder does not show what is hidden in it."""
    (tmp_path / "in" / ".hidden").mkdir(parents=True)
    hidden = write(tmp_path / "in" / ".hidden" / "x.jsonl", rows_of(dump)[:1])
    dump = dump.rename(tmp_path / "in" / dump.name)
    for paths, count in (((dump, dump), 40), ((dump, tmp_path / "in", f"{tmp_path}/in/"), 40), ((dump, hidden), 41)):
        code, _, err = command(*paths, "-o", tmp_path / "all.toml")
        assert (code, f"{count} documents read" in err) == (0, True), err


def test_files_that_cannot_be_read_are_counted_and_named(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in" / "closed").mkdir(parents=True)
    (tmp_path / "in" / "nowhere.jsonl").symlink_to("nothing")
    dump.rename(tmp_path / "in" / dump.name)
    os.mkfifo(tmp_path / "in" / "pipe.jsonl")
    scandir = os.scandir

    def listed(path: object) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr("os.scandir", listed)
    code, _, err = command(tmp_path / "in", "-o", tmp_path / "all.toml")
    assert (code, "40 documents read" in err, "2 records cannot be read: unreadable" in err) == (3, True, True), err
    assert f"{tmp_path / 'in' / 'nowhere.jsonl'}: cannot be read: No such file or directory" in err
    assert f"{tmp_path / 'in' / 'closed'}: " in err


def test_what_cannot_be_read_is_named(dump: Path, tmp_path: Path) -> None:
    """Each with its place and the reason; of many the first."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "rows.jsonl").write_text(dump.read_text(encoding="utf-8") + "{no\n" * 30, encoding="utf-8")
    (folder / "broken.parquet").write_bytes(b"no")
    code, _, err = command(folder, "-o", tmp_path / "all.toml")
    assert code == 3 and f"{folder / 'broken.parquet'}:1: Parquet cannot be read: " in err
    assert f"{folder / 'rows.jsonl'}:41: broken JSON" in err
    assert err.count("broken JSON") == 19 and "30 records cannot be read: bad-json" in err


def test_an_encoding_is_asked_for_and_read(tmp_path: Path) -> None:
    (tmp_path / "in" / "paper").mkdir(parents=True)
    (tmp_path / "in" / "paper" / "a.txt").write_bytes(b"abc\xff")
    (tmp_path / "in" / "paper" / "b.txt").write_bytes(b"abc")
    code, _, err = command(tmp_path / "in", "-o", tmp_path / "all.toml")
    assert code == 3 and "a.txt: invalid UTF-8 at byte 3: if it is in another encoding, --encoding names it" in err
    code, _, err = command(tmp_path / "in", "-o", tmp_path / "all.toml", "--encoding", "cp1252")
    assert code == 0 and "2 documents read" in err


@pytest.mark.parametrize("host", ["a b.example", "a..b", "%41.example", "[::1]", "it's.example"])
def test_hosts_that_no_server_has_are_learned_and_served(host: str, tmp_path: Path) -> None:
    rows = [{"url": f"http://{host}/{n}", "text": page.document.text} for n, page in enumerate(made_pages("plain", 20))]
    assert command(write(tmp_path / "odd.jsonl", rows), "-o", tmp_path / "odd.toml")[0] == 0
    cleaner = Cleaner(rules=load_rules(tmp_path / "odd.toml", bundled=False))
    assert "Subscribe" not in cleaner.clean(made_page("plain", 50).document.text, url=f"http://{host}/x").text


def test_parts_merge_to_the_same_file(dump: Path, tmp_path: Path) -> None:
    rows, parts = rows_of(dump), tmp_path / "parts"  # is made
    for name, part in (("a", rows[::2]), ("b", rows[1::2])):
        assert command(write(tmp_path / f"{name}.jsonl", part), "--partial", parts / name)[0] == 0
    again = tmp_path / "parts" / ".." / "parts" / "b"  # counts once
    assert command(parts / "b", parts / "a", again, "--merge", "-o", tmp_path / "parts.toml")[0] == 0
    assert command(dump, "-o", tmp_path / "whole.toml")[0] == 0
    whole = (tmp_path / "whole.toml").read_text(encoding="utf-8")
    assert (tmp_path / "parts.toml").read_text(encoding="utf-8") == whole.replace("sites/whole", "sites/parts")


def test_a_partial_result_that_was_damaged_is_told(dump: Path, tmp_path: Path) -> None:
    assert command(dump, "--partial", tmp_path / "part")[0] == 0
    with contextlib.closing(sqlite3.connect(tmp_path / "part")) as part, part:
        part.execute("UPDATE pages SET text = x'00'")
    with pytest.raises(UsageError, match="a partial result is damaged"):
        command(tmp_path / "part", "--merge", "-o", tmp_path / "x.toml")
    with contextlib.closing(sqlite3.connect(tmp_path / "part")) as part, part:
        part.execute("UPDATE pages SET title = CAST(x'df00' AS TEXT)")
    with pytest.raises(UsageError, match="part: is no partial result"):
        command(tmp_path / "part", "--merge", "-o", tmp_path / "x.toml")


def test_records_that_cannot_be_read_are_told_in_any_case(dump: Path, tmp_path: Path) -> None:
    with dump.open("a", encoding="utf-8") as file:
        file.write('{"text"\n')
    for target in (("--partial", tmp_path / "part"), ("-o", tmp_path / "x.toml")):
        code, _, err = command(dump, *target, "--quiet")
        assert code == 3 and [line.partition("dump.jsonl:")[2][:16] for line in err.splitlines()] == [
            "41: broken JSON:", "",
        ]  # fmt: skip
        assert err.endswith("1 record cannot be read: bad-json\n")
    assert command(tmp_path / "part", "--merge", "-o", tmp_path / "y.toml")[0] == 0


def test_a_partial_result_is_whole_or_not_there(dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not where it was interrupted, nor where the disk is full, nor where nothing was read: a merge would not tell."""
    before = sorted(os.listdir(tmp_path))

    def killed(harvest: Harvest, sightings: Iterable[Sighting]) -> None:
        add(harvest, islice(sightings, 9))
        harvest.flush()
        raise KeyboardInterrupt

    add = Harvest.add
    with monkeypatch.context() as patch:
        patch.setattr(Harvest, "add", killed)
        assert command(dump, "--partial", tmp_path / "part")[0] == 130
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(CleanerError, match="cannot write "):
            command(dump, "--partial", tmp_path / "part")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    with pytest.raises(CleanerError, match="no document was read"):
        command(dump, "--partial", tmp_path / "part", "--text-field", "nosuch")
    assert sorted(os.listdir(tmp_path)) == before


def test_a_place_that_takes_no_rules_is_told_before_the_work(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Harvest, "add", lambda *_: pytest.fail("the dump was read"))
    (tmp_path / "file").touch()
    for output in (tmp_path / "file" / "rules.toml", f"{tmp_path}/file/rules/", "/proc/self/", "/proc/self/rules/"):
        with pytest.raises(CleanerError, match=f"cannot write {output}: "):
            command(dump, "-o", output)


def test_explain_report_and_diff(dump: Path, tmp_path: Path) -> None:
    code, out, _ = command(dump, "--explain", "--report", tmp_path / "page.html")
    assert code == 0
    assert "removes Share this story and all below it" in out
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<h2>plain.example</h2>" in page
    where = [line.removeprefix("    seen at ") for line in out.splitlines() if line.startswith("    seen at ")]
    assert where and all(f"Seen at {places}</p>" in page for places in where)
    code, out, _ = command(dump, "--diff", "-o", tmp_path / "new.toml")
    assert code == 0
    assert "the file is new" in out
    assert not (tmp_path / "new.toml").exists()
    for _ in range(2):  # the report is new and the rules are not
        (tmp_path / "page.html").unlink()
        code, _, _ = command(dump, "-o", tmp_path / "new.toml", "--report", tmp_path / "page.html")
        assert code == 0 and (tmp_path / "page.html").exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["{dump}"], "say where the rules go"),
        (["{dump}", "--explain", "--diff"], "say where the rules go"),
        (["{dump}x", "-o", "{dump}.toml"], "no such file"),
        (["-", "-o", "{dump}.toml"], "-: standard input is not read: name a file"),
        (["{dump}.odd", "-o", "{dump}.toml"], "unknown suffix"),
        (["{dump}", "--partial", "{dump}"], "exists already"),
        *(
            (["{dump}", "--partial", "{dump}.part", *rest], "--partial writes no rules")
            for rest in (["-o", "{dump}.toml"], ["--explain"], ["--report", "{dump}.html"], ["--diff"])
        ),
        (["{dump}", "--merge", "-o", "{dump}.toml"], "no partial result"),
        (["{dump}", "-o", "-"], "--output is written to a file, not to standard output"),
        (["{dump}", "--partial", "-"], "--partial is written to a file"),
        (["{dump}", "--explain", "--report", "-"], "--report is written to a file"),
    ],
)
def test_options_that_make_no_sense_together_are_refused(dump: Path, args: list[str], said: str) -> None:
    Path(f"{dump}.odd").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        command(*(arg.format(dump=dump) for arg in args))
