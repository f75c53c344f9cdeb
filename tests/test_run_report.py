"""The page of a run: what it says, that it needs nothing else, and that hostile texts cannot break out of it."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from itertools import count
from pathlib import Path

import pytest
from runs import ROOT, Call, Snipper, pieces, row, run_of
from typer.testing import CliRunner

from cleaner import load_rules
from cleaner.batch.commit import Committed
from cleaner.batch.inputs import Source
from cleaner.batch.tally import Tally
from cleaner.cli.app import build
from cleaner.cli.progress import progress
from cleaner.io.formats import TEXT

HOSTILE = '<script>alert("x")</script></pre></details> & \ud800 \u202e'


class Tags(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.links: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture
def page(tmp_path: Path, call: Call) -> Path:
    src = tmp_path / "in"
    src.mkdir()
    texts = [f"cut {HOSTILE}\n{HOSTILE} {at} " + "long " * 300 for at in range(9)]
    rows = [row(text=text, url=f"http://s{at % 3}.org/{at}") for at, text in enumerate(texts)]
    (src / "x.jsonl").write_bytes(b"".join(rows) + row(text="!RAISE", url="<b>") + b"<i>\n")
    path = tmp_path / "report.html"
    assert call("run", src, tmp_path / "out", "--report", path).code == 3
    return path


def test_the_page_says_what_was_done(page: Path) -> None:
    tags = Tags()
    tags.feed(page.read_text(encoding="utf-8"))
    text = " ".join(tags.text)
    for said in ("en/test/cut", "s0.org", "broken JSON", "no such luck", "characters …", "x.jsonl :10"):
        assert said in text, said
    assert text.count("http://s") == 9 and '<script>alert("x")</script>' in text
    assert not tags.open and not tags.links
    for counted in ("<b>9</b>records written<", "<b>2</b>records set aside<", "<b>1</b>file<"):
        assert counted in page.read_text(encoding="utf-8")
    apart = page.read_text(encoding="utf-8").count("<bdi>")
    assert apart == 1 + 9 + 2 * 2  # the input, the samples, place and reason of each reject: none turns what follows
    assert not tags.names & {"script", "link", "img", "iframe"}
    assert "http" not in re.sub(r"http://s\d\.org", "", page.read_text(encoding="utf-8"))


def test_the_sample_tells_equal_ids_of_two_files_apart(tmp_path: Path, call: Call) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.jsonl", "b.jsonl", "c.txt"):
        (tmp_path / "in" / name).write_bytes(row(id=7, text="cut\na") if name != "c.txt" else b"cut\na")
    assert call("run", tmp_path / "in", tmp_path / "out", "--report", tmp_path / "r.html").code == 0
    named = set(re.findall(r"<bdi>(.*?)</bdi>", (tmp_path / "r.html").read_text()))
    assert {"a.jsonl: 7", "b.jsonl: 7", "c.txt"} <= named


class Terminal(io.StringIO):
    """Standard error as people see it."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [40, 80])
def test_a_narrow_terminal_shows_how_far_a_run_is(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    for name, value in (("COLUMNS", str(columns)), ("TERM", "xterm")):
        monkeypatch.setenv(name, value)
    with progress(100, quiet=False) as report:
        report(Committed(Source("x.txt", "x.txt", TEXT, "", "y.txt", ""), Tally(read=1), (), 57))
    drawn = re.sub(r"\x1b\[[^A-Za-z]*[A-Za-z]", "", terminal.getvalue())
    assert re.search(r"\r 57% [-\d]+:[-\d]{2}(:[-\d]{2})? .*1 record, ", drawn), drawn


def test_a_rule_is_named_beside_the_last_of_its_words(tmp_path: Path, call: Call) -> None:
    (tmp_path / "x.txt").write_bytes(b"It rained.\r\n\r\ncut this\r\n\r\nIt ended.\r\n")
    assert call("run", tmp_path / "x.txt", tmp_path / "y.txt", "--report", tmp_path / "x.html").code == 0
    assert "<del>cut this<small>" in (tmp_path / "x.html").read_text()


def test_a_url_that_fills_screens_is_shortened(tmp_path: Path, call: Call) -> None:
    """As those do that hold what they stand for."""
    (tmp_path / "a.jsonl").write_bytes(row(url="data:,1" + "0" * 9_000 + "2", text="cut\na"))
    assert call("run", tmp_path / "a.jsonl", tmp_path / "b.jsonl", "--report", tmp_path / "r.html").code == 0
    page = (tmp_path / "r.html").read_text()
    assert "data:,10" in page and "02</bdi>" in page and "0" * 1_000 not in page


def test_a_finished_run_can_still_be_reported(page: Path, tmp_path: Path, call: Call) -> None:
    assert call("run", tmp_path / "in", tmp_path / "out", "--resume", "--report", tmp_path / "later.html").code == 3
    assert (tmp_path / "later.html").read_bytes() == page.read_bytes()


@pytest.mark.parametrize("report", ["mine.toml", "y.txt.removals.json", "y.txt.rejected.jsonl", "link.toml"])
def test_a_report_replaces_nothing_that_the_run_reads_or_writes(tmp_path: Path, call: Call, report: str) -> None:
    """A rule file, for one, and what `restore` needs."""
    (tmp_path / "x.txt").write_bytes(b"It rained.\n\ncut this\n")
    (tmp_path / "mine.toml").write_bytes(rules := (ROOT / "tests/packs/every_kind.toml").read_bytes())
    (tmp_path / "link.toml").symlink_to("mine.toml")
    said = ["run", tmp_path / "x.txt", tmp_path / "y.txt", "--annotate", "--rules", tmp_path / "mine.toml"]
    done = call(*said, "--report", tmp_path / report)
    assert done.code == 2 and f"{report} would be written over" in done.err
    assert (tmp_path / "mine.toml").read_bytes() == rules and not (tmp_path / "y.txt").exists()


@pytest.fixture
def learned(tmp_path: Path) -> Path:
    """The other page, of a site whose lines are hostile."""
    story = "Report number {} on the weir says that the river rose {} times in spring."
    hostile = HOSTILE.replace("\ud800", "")  # half a character gives no rule
    head, foot = ["Home", "\u0627\u0628\u062c\u062f" * 80, hostile], ["Imprint", "Donau" * 80]
    texts = ["\n".join([*head, *(story.format(n * k, n + k) for k in range(3)), *foot]) for n in range(8)]
    rows = [row(text=text, id="\ud800", url=f"http://{'long-' * 12}s.org/{n}") for n, text in enumerate(texts)]
    (tmp_path / "dump.jsonl").write_bytes(b"".join(rows))
    path, rules = tmp_path / "learned.html", tmp_path / "rules.toml"
    said = CliRunner().invoke(build(), ["learn", *map(str, (tmp_path / "dump.jsonl", "-o", rules, "--report", path))])
    assert said.exit_code == 0, said.output
    assert load_rules(rules, bundled=False).rules
    return path


def test_hostile_lines_cannot_break_out_of_what_is_learned(learned: Path) -> None:
    tags = Tags()
    tags.feed(learned.read_text(encoding="utf-8"))
    assert not tags.names & {"script", "link", "img", "iframe"} and '<script>alert("x")</script>' in "".join(tags.text)


def measured(page: Path, script: str, *options: str) -> int:
    """What a script says of a page in a real browser."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium to lay the page out")
    probed = page.with_name("probed.html")
    probe = f"<script>document.title = {script}</script></html>"
    probed.write_text(page.read_text(encoding="utf-8").replace("</html>", probe), encoding="utf-8")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", *options, f"file://{probed}"]
    done = subprocess.run(command, capture_output=True, timeout=60)
    title = re.search(rb"<title>(-?\d+)</title>", done.stdout)
    assert title, done.stderr[-500:]
    return int(title[1])


@pytest.mark.parametrize("name", ["page", "learned"])
def test_the_page_fits_phone_and_desktop(name: str, request: pytest.FixtureRequest) -> None:
    """Laid out by a real browser, nothing is wider than the window, in light and in dark."""
    page: Path = request.getfixturevalue(name)
    assert 'name="viewport"' in page.read_text(encoding="utf-8")
    for width in (500, 1280):
        for scheme in (0, 1):
            options = f"--blink-settings=preferredColorScheme={scheme}", f"--window-size={width},900"
            assert measured(page, "document.documentElement.scrollWidth - innerWidth", *options) <= 0


def test_lines_run_from_right_to_left_where_they_are_so_written(tmp_path: Path, call: Call) -> None:
    """The full stop of a line in Arabic stands at its left."""
    (tmp_path / "x.txt").write_text("cut \u0645.\nThe river rose.\n\u0627\u0644\u062c\u0633\u0631.\n", encoding="utf-8")
    report = tmp_path / "report.html"
    assert call("run", tmp_path / "x.txt", tmp_path / "y.txt", "--report", report).code == 0
    places = """(() => { const walk = document.createTreeWalker(document.querySelector("pre"), 4);
        let node; while (walk.nextNode()) node = walk.currentNode;
        const at = (i) => { const r = document.createRange(); r.setStart(node, i); r.setEnd(node, i + 1);
            return r.getBoundingClientRect().left };
        const stop = node.data.lastIndexOf("."); return Math.round(at(stop - 1) - at(stop)) })()"""
    assert measured(report, places) > 0


def test_the_sample_outlives_an_interruption(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever piece the run was left behind, and with a sample half written, the page shows the same documents."""
    src = tmp_path / "in"
    src.mkdir()
    for number in range(4):
        (src / f"{number}.txt").write_text(f"cut\nNumber {number} stays.")
    monkeypatch.setattr("cleaner.batch.shards.FILES", 1)
    for done in range(1, 4):
        out = tmp_path / f"out{done}"
        pieces(run_of(src, out), done)
        with (out / ".cleaner" / "samples.jsonl").open("ab") as file:
            file.write(b'\n{"key": "torn')
        assert call("run", src, out, "--resume", "--report", tmp_path / "report.html").code == 0
        page = (tmp_path / "report.html").read_text()
        assert [f"Number {number} stays." in page for number in range(4)] == [True] * 4


def test_the_time_is_that_of_all_runs_that_it_took(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    src, out = tmp_path / "in", tmp_path / "out"
    src.mkdir()
    for number in range(4):
        (src / f"{number}.txt").write_text("cut\nstays")
    monkeypatch.setattr("cleaner.batch.shards.FILES", 1)
    for _ in range(3):
        ticks = count(step=1000)
        monkeypatch.setattr("cleaner.batch.books.time.monotonic", lambda ticks=ticks: next(ticks))
        pieces(run_of(src, out, mode="resume"), 1)
    before = json.loads((out / ".cleaner" / "manifest.jsonl").read_text().splitlines()[-1])["seconds"]
    monkeypatch.undo()
    assert before > 3000
    monkeypatch.setattr("cleaner.batch.options.RunOptions.cleaner", lambda self: Snipper())
    done = call("run", src, out, "--resume", "--json", "--report", tmp_path / "report.html")
    seconds = json.loads(done.out)["seconds"]
    assert before < seconds < before + 1000
    assert f"<b>{seconds:,.1f} s</b>" in (tmp_path / "report.html").read_text()


def test_the_sites_of_a_long_run_are_bounded() -> None:
    """And those with most chrome are among them, whenever they come."""
    whole = Tally()
    for part in range(300):
        whole.merge(Tally(sites={f"site{part}-{at}.example": [1, 100, at] for at in range(20)}))
        whole.merge(Tally(sites={"worst.example": [2, 1_000, 500]}))
    assert len(whole.sites) <= 4_000
    whole.trim()
    assert next(iter(whole.sites.items())) == ("worst.example", [600, 300_000, 150_000])
    assert len(whole.sites) == 20


@pytest.mark.parametrize("name", ["page", "learned"])
def test_the_page_can_be_printed_and_listened_to(name: str, request: pytest.FixtureRequest) -> None:
    """Its bars are printed too, which are nothing but background, and a screen reader finds where it begins."""
    page: Path = request.getfixturevalue(name)
    outside = "document.querySelectorAll(':is(h1, h2):not(main *)')"
    bars = "[...document.querySelectorAll('.bar, .bar i, del')]"
    unprinted = f"{bars}.filter(bar => getComputedStyle(bar).printColorAdjust != 'exact')"
    assert measured(page, f"{outside}.length + {unprinted}.length") == 0
