"""Learning a site's chrome: made-up sites with traps, the same bytes from any order, and hand edits that stay."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from conftest import CORPORA
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from benchmarks.learn_sites import SITES, MadePage, made_page, made_pages
from cleaner import Cleaner, CleanerError, Document, UsageError, load_rules
from cleaner.check.rulecheck import check_packs
from cleaner.cli.app import build
from cleaner.learn import Harvest, Sighting, learn, learn_packs
from cleaner.learn.packfile import quoted, render
from cleaner.learn.revise import revise
from cleaner.learn.templates import find_templates
from cleaner.origin import site_of
from cleaner.rules.ruleset import load_packs

PAGES = 40
PROSE = "The {} near the mill was opened again in {}, and {} people came to see what had been made of it."


def taken(pages: Iterable[MadePage], cleaner: Cleaner) -> tuple[float, list[str]]:
    """Share of the chrome that goes, and the lines of content that do."""
    size = gone = 0
    lost = []
    for page in pages:
        left = cleaner.clean_document(page.document).text.split("\n")
        for line, is_content in sorted(page.lines, key=lambda item: not item[1]):
            stays = line in left
            if stays:
                left.remove(line)
            if is_content and not stays:
                lost.append(line)
            if not is_content:
                size += len(line)
                gone += len(line) * (not stays)
    return gone / size, lost


def cleaner_of(documents: Iterable[Document], **options: float) -> Cleaner:
    return Cleaner(rules=learn(documents, **options), on_guard="cut")  # type: ignore[arg-type]


def sightings(documents: Iterable[Document]) -> list[Sighting]:
    return [Sighting(site_of(d.url), site_of(d.url), d.id or "", "", d.title or "", d.text) for d in documents]


def text_of(parts: Sequence[Sequence[Sighting]]) -> str:
    """The rule file learned from documents that came in several parts, each mined apart."""
    with Harvest(sample=12) as whole:
        for part in parts:
            with Harvest(sample=12) as harvest:
                harvest.add(part)
                whole.merge(harvest.dump())
        return render(list(learn_packs(whole)), "sites/x")


@pytest.mark.parametrize("name", SITES)
def test_traps(name: str) -> None:
    """Most chrome goes; no line of the article does, whatever repeats there."""
    pages = made_pages(name, PAGES)
    removed, lost = taken(pages, cleaner_of(page.document for page in pages))
    assert lost == []
    assert removed > (0.5 if name == "redesigned" else 0.8)


@pytest.mark.parametrize("name", ["plain", "recipe", "discussed", "timeline", "bars"])
def test_ten_pages_teach_the_next(name: str) -> None:
    pages = made_pages(name, 30)
    removed, lost = taken(pages[10:], cleaner_of(page.document for page in pages[:10]))
    assert lost == []
    assert removed > 0.7


def test_sections_take_what_varies_beyond_a_boundary() -> None:
    rules = learn(page.document for page in made_pages("plain", PAGES)).rules
    sections = {rule.section.upward: rule for rule in rules if rule.section}
    assert set(sections) == {True, False}
    assert sections[True].wording and "subscribe" in sections[True].wording.phrases
    assert sections[False].wording and "share this story" in sections[False].wording.phrases
    assert all(rule.sites == ("plain.example",) for rule in rules)


def test_other_sites_are_left_alone() -> None:
    page = made_page("plain", 1).document
    cleaner = cleaner_of(page.document for page in made_pages("plain", PAGES))
    assert cleaner.clean(page.text, url="https://elsewhere.example/1").text is page.text
    assert cleaner.clean(page.text, url="https://www.plain.example/1").text != page.text


def test_few_pages_and_one_site_say_nothing() -> None:
    assert learn(page.document for page in made_pages("plain", 2)).rules == ()
    assert learn([]).rules == ()
    assert learn([Document("Home\ntext")] * 20).rules == ()  # no URL, hence no site


def test_pages_without_chrome_teach_nothing() -> None:
    texts = ["\n".join(PROSE.format(f"tower {n}{k}", n, k) for k in range(9)) for n in range(1900, 1920)]
    assert learn(Document(text, url="https://a.example/x") for text in texts).rules == ()


def test_lines_of_different_hands_stay() -> None:
    """A refrain that people type each time differs in its capitals; a template does not."""
    last = ["We shall not forget.", "We shall NOT forget", "we shall not forget!", "WE SHALL NOT FORGET."]
    pages = [
        Document(f"{PROSE.format('gate', n, n + 3)}\n{last[n % 4]}\nLegal notice", url=f"https://a.example/{n}")
        for n in range(40)
    ]
    rules = learn(pages)
    text = Cleaner(rules=rules, on_guard="cut").clean(pages[0].text, url=pages[0].url).text
    assert text == f"{PROSE.format('gate', 0, 3)}\n{last[0]}"


@settings(max_examples=15)
@given(st.permutations(range(30)), st.integers(0, 30), st.integers(0, 30))
def test_order_and_parts_make_no_difference(order: list[int], a: int, b: int) -> None:
    """The sample has room for 12 of the 30 documents, so which ones are taken matters."""
    pages = sightings(made_page("plain", number).document for number in order)
    a, b = sorted((a, b))
    everything = sightings(made_page("plain", number).document for number in range(30))
    assert text_of([pages[:a], pages[a:b], pages[b:]]) == text_of([everything])


def test_the_same_text_twice_is_one_page() -> None:
    page = made_page("plain", 1).document
    documents = [Document(page.text, str(n), page.url) for n in range(50)]
    assert learn(documents).rules == ()


def test_partial_results_of_other_sizes_and_other_files_are_refused(tmp_path: Path) -> None:
    with Harvest(tmp_path / "part", sample=20) as harvest:
        harvest.add(sightings([made_page("plain", 1).document]))
    (tmp_path / "noise").write_bytes(b"no database" * 100)
    with Harvest() as whole:
        for path, said in (("part", "--sample 20"), ("noise", "no partial result"), ("none", "no such")):
            with pytest.raises(UsageError, match=said):
                whole.merge(tmp_path / path)
        with pytest.raises(UsageError, match="no partial result"):
            whole.merge(b"no database")


@pytest.mark.parametrize("name", ["plain", "discussed", "bars", "redesigned"])
def test_learned_files_keep_their_promises(name: str, tmp_path: Path) -> None:
    """They load, their examples hold in the engine, and both engines agree on what they mean."""
    documents = [page.document for page in made_pages(name, PAGES)]
    with Harvest() as harvest:
        harvest.add(sightings(documents))
        path = tmp_path / f"{name}.example.toml"
        path.write_text(render(list(learn_packs(harvest)), f"sites/{name}.example"), encoding="utf-8")
    packs = load_packs([path], bundled=False)
    assert [str(problem) for problem in check_packs(packs)] == []
    assert all(packs[0].remove[rule.id] for rule in packs[0].rules)
    rules = load_rules(path, bundled=False)
    plain, fast = (Cleaner(rules=rules, on_guard="cut", engine=engine) for engine in ("plain", "fast"))  # type: ignore[arg-type]
    for document in documents[:10]:
        assert plain.clean_document(document) == fast.clean_document(document)


def test_careful_takes_fixed_lines_only(tmp_path: Path) -> None:
    with Harvest() as harvest:
        harvest.add(sightings(page.document for page in made_pages("plain", PAGES)))
        (tmp_path / "a.toml").write_text(render(list(learn_packs(harvest)), "sites/a"), encoding="utf-8")
    rules = load_rules(tmp_path / "a.toml", profile="careful", bundled=False).rules
    assert [rule.kind for rule in rules] == ["line"]


LINES = [f"Posted by {name} on May {n}, 2019" for n, name in enumerate(["Ada", "Tom", "Lena", "Ivo", "Sue", "Max"], 2)]


def test_templates() -> None:
    pages = [[line.lower(), f"the {n} was {n * 7} red", "…" * n] for n, line in enumerate(LINES)]
    found = {template.start: (template.end, places) for template, places in find_templates(pages, 5, 3, 5)}
    assert found["posted", "by"] == (("on", "may", "0", ",", "0"), [(n, 0) for n in range(6)])


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_strings_survive_toml(text: str) -> None:
    import tomllib

    assert tomllib.loads(f"x = {quoted(text)}")["x"] == text


# --- learning again


def learned_text(pages: Sequence[MadePage]) -> str:
    with Harvest() as harvest:
        harvest.add(sightings(page.document for page in pages))
        return render(list(learn_packs(harvest)), "sites/plain.example")


def test_learning_the_same_again_changes_nothing() -> None:
    text = learned_text(made_pages("plain", PAGES))
    again, diff = revise(text, text)
    assert again == text
    assert not diff


def test_hand_edits_stay() -> None:
    """An edited rule, a rule of one's own, comments and the head of the file outlive a dump that says otherwise."""
    old = learned_text(made_pages("plain", PAGES)).replace("max_share = 1.0", "max_share = 0.4", 1)
    old = old.replace("[pack]", "# mine\n[pack]", 1)
    own = (
        '# my rule\n[[rule]]\nid = "own"\nkind = "line"\nreason = "Mine."\nphrases = ["Notice"]\nremove = ["Notice"]\n'
    )
    text, diff = revise(old + "\n" + own, learned_text(made_pages("bars", PAGES)))
    assert "max_share = 0.4" in text
    assert text.startswith("# mine\n[pack]")
    assert own.strip() in text
    assert {"head-subscribe", "own"} <= set(diff.kept)
    assert "+ " in str(diff) and "= own" in str(diff)


def test_a_change_raises_the_version_and_names_wordings() -> None:
    pages = made_pages("plain", PAGES)
    changed = [
        MadePage(Document(page.document.text.replace("RSS", "Podcasts"), page.document.id, page.document.url), [])
        for page in pages
    ]
    text, diff = revise(learned_text(pages), learned_text(changed))
    assert 'version = "1.0.1"' in text
    assert diff.changed == ("lines",)
    assert diff.said == (("lines", ("Podcasts",), ("RSS",)),)


# --- the command


def command(*args: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(build(), ["learn", *map(str, args)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "dump.jsonl"
    rows = [
        {
            "id": page.document.id,
            "url": page.document.url,
            "text": page.document.text,
            "paper": name,
            "day": f"2020-{n}",
        }
        for name in ("plain", "bars")
        for n, page in enumerate(made_pages(name, 20))
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


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
    lines = [json.dumps({**row, "text": text}) for row, text in zip(rows, texts, strict=True)]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    for output, options in ((tmp_path / "all.toml", ()), (f"{tmp_path}/out/", ("--site-field", "site"))):
        assert command(tmp_path / "in.jsonl", "-o", output, *options)[0] == 0
        cleaner = Cleaner(rules=load_rules(output, bundled=False))
        assert all(cleaner.clean(text, url=row["url"]).removals for row, text in zip(rows, texts, strict=True))


@pytest.mark.parametrize("paper", ["The N.Y. Times", "..."])
def test_a_site_that_is_no_host_has_rules_for_every_text(tmp_path: Path, paper: str) -> None:
    texts = [page.document.text for page in made_pages("plain", 12)]
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps({"paper": paper, "text": text}) for text in texts))
    code, _, err = command(tmp_path / "in.jsonl", "-o", f"{tmp_path}/out/", "--site-field", "paper")
    assert (code, "take from every text" in err) == (0, True), err
    cleaner = Cleaner(rules=load_rules(tmp_path / "out", bundled=False))
    assert all(cleaner.clean(text).removals for text in texts)


def test_a_field_names_the_site_and_the_date(dump: Path, tmp_path: Path) -> None:
    assert command(dump, "-o", f"{tmp_path}/out/", "--site-field", "paper", "--date-field", "day")[0] == 0
    text = (tmp_path / "out" / "plain.toml").read_text(encoding="utf-8")
    assert 'site = ["plain.example"]' in text
    assert 'first = "2020-0"' in text


def test_only_fields_name_sites(dump: Path, tmp_path: Path) -> None:
    """Not the language that an archive says; and a file that cannot be read is counted."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "gone.jsonl").symlink_to(tmp_path / "nowhere.jsonl")
    said = b"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <urn:uuid:%d>\r\nWARC-Target-URI: %s\r\n"
    said += b"WARC-Identified-Content-Language: eng\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n"
    rows = map(json.loads, dump.read_text(encoding="utf-8").splitlines())
    texts = [(row["url"].encode(), row["text"].encode()) for row in rows]
    records = [said % (n, url, len(text), text) for n, (url, text) in enumerate(texts)]
    (folder / "pages.warc").write_bytes(b"".join(records))
    code, _, err = command(folder, "-o", f"{tmp_path}/out/", "--site-field", "paper")
    assert (code, "unreadable" in err) == (3, True), err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["bars.example.toml", "plain.example.toml"]


def test_what_is_learned_stays_when_nothing_comes_in(dump: Path, tmp_path: Path) -> None:
    learned = tmp_path / "all.toml"
    assert command(dump, "-o", learned, "-q") == (0, "", "")
    before = learned.read_bytes()
    with pytest.raises(CleanerError, match="no document was read"):
        command(dump, "-o", learned, "--text-field", "nosuch")
    few = tmp_path / "few.jsonl"
    few.write_text(dump.read_text(encoding="utf-8").split("\n")[0] + "\n", encoding="utf-8")
    assert command(few, "-o", learned)[0] == 0
    assert learned.read_bytes() == before
    one = tmp_path / "one.jsonl"
    rows = dump.read_text(encoding="utf-8").splitlines(keepends=True)
    one.write_text("".join(row for row in rows if "bars.example" in row), encoding="utf-8")
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
    assert (code, "40 have no field 'nosuch': their URL or folder names the site" in err) == (0, True)
    text = (tmp_path / "out" / "plain.example.toml").read_text(encoding="utf-8")
    assert 'first = "' not in text and 'last = "' not in text


def test_folders_are_sites_where_there_is_no_url(tmp_path: Path) -> None:
    for n, page in enumerate(made_pages("plain", 20)):
        path = tmp_path / "in" / "ledger" / "2020" / f"{n}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page.document.text, encoding="utf-8")
    code, _, err = command(tmp_path / "in", "-o", f"{tmp_path}/out/")
    assert (code, "ledger.toml: " in err, "take from every text" in err) == (0, True, True)
    cleaner = Cleaner(rules=load_rules(tmp_path / "out" / "ledger.toml", bundled=False))
    assert "Subscribe" not in cleaner.clean(made_page("plain", 50).document.text).text


def test_what_cannot_be_read_is_counted(dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in" / "closed").mkdir(parents=True)
    (tmp_path / "in" / "nowhere.jsonl").symlink_to("nothing")
    dump.rename(tmp_path / "in" / dump.name)
    os.mkfifo(tmp_path / "in" / "pipe.jsonl")
    scandir = os.scandir

    def listed(path: object) -> object:
        if str(path).endswith("closed"):
            raise PermissionError
        return scandir(path)

    monkeypatch.setattr("os.scandir", listed)
    code, _, err = command(tmp_path / "in", "-o", tmp_path / "all.toml")
    assert (code, "40 documents read" in err, "2 records cannot be read: unreadable" in err) == (3, True, True), err


@pytest.mark.parametrize("host", ["a b.example", "a..b", "%41.example", "[::1]", "it's.example"])
def test_hosts_that_no_server_has_are_learned_and_served(host: str, tmp_path: Path) -> None:
    rows = [{"url": f"http://{host}/{n}", "text": page.document.text} for n, page in enumerate(made_pages("plain", 20))]
    (tmp_path / "odd.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert command(tmp_path / "odd.jsonl", "-o", tmp_path / "odd.toml")[0] == 0
    cleaner = Cleaner(rules=load_rules(tmp_path / "odd.toml", bundled=False))
    assert "Subscribe" not in cleaner.clean(made_page("plain", 50).document.text, url=f"http://{host}/x").text


def test_parts_merge_to_the_same_file(dump: Path, tmp_path: Path) -> None:
    rows = dump.read_text(encoding="utf-8").splitlines(keepends=True)
    parts = tmp_path / "parts"  # is made
    for name, part in (("a", rows[::2]), ("b", rows[1::2])):
        (tmp_path / f"{name}.jsonl").write_text("".join(part), encoding="utf-8")
        assert command(tmp_path / f"{name}.jsonl", "--partial", parts / name)[0] == 0
    assert command(parts / "b", parts / "a", "--merge", "-o", tmp_path / "parts.toml")[0] == 0
    assert command(dump, "-o", tmp_path / "whole.toml")[0] == 0
    whole = (tmp_path / "whole.toml").read_text(encoding="utf-8")
    assert (tmp_path / "parts.toml").read_text(encoding="utf-8") == whole.replace("sites/whole", "sites/parts")


def test_explain_report_and_diff(dump: Path, tmp_path: Path) -> None:
    code, out, _ = command(dump, "--explain", "--report", tmp_path / "page.html")
    assert code == 0
    assert "removes Share this story and all below it" in out
    assert "<h2>plain.example</h2>" in (tmp_path / "page.html").read_text(encoding="utf-8")
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
        (["{dump}x", "-o", "{dump}.toml"], "no such file"),
        (["{dump}.odd", "-o", "{dump}.toml"], "unknown suffix"),
        (["{dump}", "--partial", "{dump}"], "exists already"),
        *(
            (["{dump}", "--partial", "{dump}.part", *rest], "--partial writes no rules")
            for rest in (["-o", "{dump}.toml"], ["--explain"], ["--report", "{dump}.html"], ["--diff"])
        ),
        (["{dump}", "--merge", "-o", "{dump}.toml"], "no partial result"),
    ],
)
def test_wrong_usage(dump: Path, args: list[str], said: str) -> None:
    Path(f"{dump}.odd").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        command(*(arg.format(dump=dump) for arg in args))


# --- the labelled sites


@pytest.mark.slow
@pytest.mark.parametrize(("every", "least"), [(1, 0.92), (15, 0.85)])
def test_labelled_sites(every: int, least: float) -> None:
    """Learned from all pages, and from ten of each site; the gold bodies are for measuring only."""
    path = CORPORA / "sites-dev.wet.jsonl.zst"
    if not path.is_file():
        pytest.skip("the labelled sites are not beside the project")
    from cleaner.check.evaluate import measure, read_corpus

    rows = read_corpus(path)
    cleaner = cleaner_of([row.document for row in rows][::every])
    report = measure(rows, list(cleaner.clean_many(row.document for row in rows)))
    assert report.chrome_removed is not None and report.content_lost is not None and report.shingle is not None
    assert report.chrome_removed >= least
    assert report.content_lost <= 0.003
    assert report.shingle[2] >= 0.95
