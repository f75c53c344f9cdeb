"""`cleaner rules`, and what all commands have in common, through the real command line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import EVERY_KIND, ROOT, SEEDS
from runs import Call, cleaner, obedient


def test_version() -> None:
    from cleaner import __version__

    assert cleaner("--version").stdout == f"cleaner {__version__}\n"


COMMANDS = ["run", "explain", "restore", "retry", "learn", "eval", "rules"]
RULES = [f"rules {name}" for name in ["list", "show", "check", "format", "new", "schema"]]


@pytest.mark.parametrize("command", COMMANDS + RULES)
def test_help_has_an_example(call: Call, command: str) -> None:
    done = call(*command.split(), "--help")
    assert done.code == 0
    assert b"Example" in done.out or command == "rules"
    assert b"<bool>" not in done.out, "a flag takes no value"


@pytest.mark.parametrize("command", COMMANDS + RULES)
def test_help_fills_the_lines_of_any_terminal(call: Call, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    described = call(*command.split(), "--help").out.decode().partition("╭")[0]
    lines = [line.strip() for line in described.splitlines()]
    for line, below in pairwise(lines):
        assert not line or not below or len(f"{line} {below.split()[0]}") > 68


@pytest.mark.parametrize("command", [[], ["rules"]])
def test_a_command_that_is_missing_is_answered_with_the_help_alone(call: Call, command: list[str]) -> None:
    done = call(*command)
    assert done.code == 2 and b"Commands" in done.out and done.err == ""


@pytest.mark.parametrize("command", ["run", "explain"])
def test_help_names_the_extra_that_detects_encodings(call: Call, command: str) -> None:
    """In brackets its name would be taken for markup, and vanish."""
    assert b"`encodings`" in call(command, "--help").out


def test_the_examples_of_rules_name_what_there_is(call: Call) -> None:
    for command in ("list", "show"):
        (example,) = re.findall(
            rf"Example: cleaner (rules {command} .*)", call("rules", command, "--help").out.decode()
        )
        done = call(*example.split())
        assert done.code == 0 and done.out, done.err


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("cleaner re", "restore retry"),
        ("cleaner rules s", "show schema"),
        ("cleaner explain x --profile ", "careful balanced thorough"),
        ("cleaner run a b --extractor ", "trafilatura fast"),
        ("cleaner run a b --to m", "markdown"),
        ("cleaner run a b --on-guard ", "keep cut set-aside"),
    ],
)
def test_a_shell_completes_commands_and_choices(line: str, offered: str) -> None:
    asked = {"_CLEANER_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    code = "import sys; sys.argv = ['cleaner']; from cleaner.cli.app import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **asked})
    assert done.stdout.split() == offered.split(), done.stderr


def test_completion_is_for_the_command_however_it_was_started() -> None:
    """What `--install-completion` appends to a shell's start file must not complete `python`. Typer is not to look for
    the shell that runs the tests: there may be none."""
    shown = [sys.executable, "-m", "cleaner", "--show-completion", "bash"]
    named = {**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run(shown, capture_output=True, text=True, env=named)
    assert "_CLEANER_COMPLETE=complete_bash" in done.stdout, done.stderr
    assert "python" not in done.stdout


def test_texts_do_not_steer_the_terminal(tmp_path: Path, call: Call) -> None:
    own = "Cafe\u00a0\x1b[2Jis open,\rshut.\x1b]0;owned\x07\tStill so."
    shown = own.replace("\x1b", "\\x1b").replace("\r", "\\r").replace("\x07", "")
    text = f"\x9bHome\n{own}\nShare this article\x1b[8m\n"
    done = call("explain", "-", stdin=text.encode())
    assert shown.partition("\t")[0] in done.out.decode() and "\\x9bHome" in done.out.decode()
    labelled = json.dumps({"id": "1", "text": text, "gold": "Share this article"}).encode()
    measured = call("eval", "-", "--missed", "9", "--lost", "9", stdin=labelled)
    assert "missed      1  \\x9bHome" in measured.out.decode()
    story = "\x1b[2JHome\nStory {0} tells of {0} days at the weir, and of a night.\nImprint"
    rows = (json.dumps({"id": "\x1b", "url": "http://w.example", "text": story.format(n)}) for n in range(9))
    (tmp_path / "x.jsonl").write_text("\n".join(rows))
    learned = call("learn", tmp_path / "x.jsonl", "--explain")
    assert "removes \\x1b[2JHome" in learned.out.decode()
    for each in (done, measured, learned):
        assert each.code == 0 and not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", each.out.decode())


def test_rules_do_not_steer_the_terminal(tmp_path: Path, call: Call) -> None:
    (tmp_path / "x.txt").write_text("It rained.\n\nWeir tolls\n")
    (tmp_path / "mine.toml").write_text(
        '[pack]\nversion = "1"\ndescription = "Test."\n[[rule]]\nid = "tolls"\nkind = "line"\n'
        'reason = "Bad \\u001b[2J\x9b31m."\nphrases = ["Weir tolls"]\n',
        encoding="utf-8",
    )
    own = ("--rules", tmp_path / "mine.toml")
    listed, shown = call("rules", "list", *own, "--select", "mine"), call("rules", "show", "mine/tolls", *own)
    for done in (listed, shown, call("explain", tmp_path / "x.txt", *own, "--select", "mine")):
        assert b"Bad \\" in done.out and not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", done.out.decode())


def test_comments_are_shown_with_the_rule_below_them(tmp_path: Path, call: Call) -> None:
    rules = [
        f'# Why {id}.\n[[rule]]\nid = "{id}"\nkind = "line"\nreason = "Test."\nphrases = ["Weir {id}"]\n# Last.'
        for id in ("tolls", "dues")
    ]
    tune = '# An exception.\n[[tune]]\nrules = ["tolls"]\ndisable = true'
    source = ['[pack]\nversion = "1"\ndescription = "Test."', *rules, tune, "# The end."]
    (tmp_path / "mine.toml").write_text("\n\n".join(source))
    for id, text in zip(("tolls", "dues"), rules, strict=True):
        shown = call("rules", "show", f"mine/{id}", "--rules", tmp_path / "mine.toml").out.decode()
        first, _, rest = shown.partition("\n")
        assert first.endswith(", version 1") and rest == text + "\n"


@pytest.mark.parametrize("as_json", [(), ("--json",)])
@pytest.mark.parametrize("command", ["explain -", "rules list"])
def test_terminals_without_unicode(command: str, as_json: tuple[str, ...]) -> None:
    text = "Der Fährmann schwieg.\n\n© 2021 Hafenpost\n"
    done = cleaner(*command.split(), *as_json, stdin=text.encode(), PYTHONIOENCODING="ascii")
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert done.stdout.isascii()
    if as_json:
        assert [json.loads(each) for each in ([done.stdout] if command == "explain -" else done.stdout.splitlines())]


def test_a_rule_file_that_cannot_be_written_is_not_begun(tmp_path: Path) -> None:
    """So that it can be written once there is room."""
    path = tmp_path / "a.toml"
    full = ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", sys.executable, "-m", "cleaner", "rules", "new", path]
    done = subprocess.run(full, capture_output=True, text=True)
    assert done.returncode == 1 and f"cannot write {path}" in done.stderr
    assert not [*tmp_path.iterdir()]
    assert cleaner("rules", "new", path).returncode == 0


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["run", "x", "y", "--encoding", "undefined"], 2, "cleaner: --encoding: there is no text encoding 'undefined'"),
        (["run", "x", "y", "--encoding", "idna"], 2, "cleaner: --encoding: there is no text encoding 'idna'\n"),
        (["run", "x", "y", "--encoding", "rot13"], 2, "cleaner: --encoding: there is no text encoding 'rot13'\n"),
        (["run", SEEDS, "y", "--address", "z", "--engine", "local"], 2, "cleaner: --address needs an engine"),
        (["run", SEEDS, "y", "--to", "pdf"], 2, "cleaner: --to is text or markdown, not 'pdf'\n"),
        (["run", SEEDS, "y", "--max-size", "1TB"], 2, "cleaner: --max-size is a number of bytes such as 500kB"),
        (["run", SEEDS, "y", "--max-size", "9" * 400], 2, "cleaner: --max-size is a number of bytes such as 500kB"),
        (["run", SEEDS, "y", "--workers", "9" * 5000], 2, "cleaner: invalid value for '--workers': "),
        (["rules", "new", "y/"], 2, "cleaner: y/ is a folder: name a file in it, such as y/mine.toml\n"),
        (["rules", "new", ROOT / "Makefile" / "y.toml"], 2, "Makefile exists already: name another file\n"),
        (
            ["rules", "list", "--lang", "english"],
            2,
            "cleaner: --lang: 'english' is no code of a language, such as de\n",
        ),
        (["explain", "x", "--lang", "english"], 2, "cleaner: --lang: 'english' is no code of a language, such as de\n"),
        (["explain", "x", "--encoding", ""], 2, "cleaner: --encoding: there is no text encoding ''\n"),
        (["explain", "x", "--rules", ""], 2, "cleaner: --rules is empty: name one\n"),
        (["run", "x", "y", "--report", ""], 2, "cleaner: --report is empty: name one\n"),
        (["run", "x", "y", "--html-field", ""], 2, "cleaner: --html-field is empty: name one\n"),
        (["run", "x", "y", "--text-field", ""], 2, "cleaner: --text-field is empty: name one\n"),
        (["rules", "check", ""], 2, "cleaner: PATH is empty: name one\n"),
        (["learn", "", "-o", "x/"], 2, "cleaner: SRC is empty: name one\n"),
        (["learn", "x", "-o", ""], 2, "is empty: name one\n"),
        (["learn", "x", "-o", "y", "--text-field", ""], 2, "cleaner: --text-field is empty: name one\n"),
        (["learn", "x", "-o", "y", "--site-field", ""], 2, "cleaner: --site-field is empty: name one\n"),
        (["learn", "x", "-o", "y", "--date-field", ""], 2, "cleaner: --date-field is empty: name one\n"),
        (["retry", "x", "--max-size", ""], 2, "cleaner: --max-size is a number of bytes such as 500kB"),
        (["retry", "x", "--on-guard", ""], 2, "cleaner: --on-guard is keep, cut or set-aside, not ''\n"),
        (["explain", "x", "--encoding", "rot13"], 2, "cleaner: --encoding: there is no text encoding 'rot13'\n"),
        (["rules", "new", "-"], 2, "cleaner: FILE is written to a file, not to standard output: name one\n"),
        (["learn", "x", "--merge", "--id-field", "y", "-o", "z/"], 2, "cleaner: --merge reads no documents: name"),
        (["rules", "new", "y.toml", "--site", 'a"b.example'], 2, "names no host, such as news.example\n"),
        (["rules", "check", SEEDS], 2, "contains no rule file; their names end in .toml\n"),
        (["explain", "nothing.txt"], 2, "cleaner: nothing.txt: No such file or directory\n"),
        (["rules", "check", "nothing.toml"], 2, "cleaner: nothing.toml: no such rule file or folder\n"),
        (["rules", "show", "en/nothing"], 2, "no rule is called 'en/nothing'; `cleaner rules list` names all\n"),
        (
            ["rules", "show", "en/share/*"],
            2,
            "; `cleaner rules list --select 'en/share/*'` lists those that it holds\n",
        ),
        (["rules", "show", "share"], 2, "; `cleaner rules list --select share` lists those that it holds\n"),
        (["rules", "show", "en/share"], 2, "; `cleaner rules list --select en/share` lists those that it holds\n"),
        (
            ["rules", "show", "reading-time"],
            2,
            "; `cleaner rules list --select '*/reading-time'` lists those whose ids end so\n",
        ),
        (["rules", "list", "--select", "reading-time"], 2, " whose ids end so\n"),
        (["explain", ""], 2, "cleaner: FILE is empty: name one\n"),
        (["eval", ""], 2, "cleaner: CORPUS is empty: name one\n"),
        (["eval", SEEDS], 2, "is a folder: name a file of JSON lines\n"),
        (["eval", "x.parquet"], 2, "cleaner: x.parquet is parquet: name a file of JSON lines\n"),
        (
            ["run", "x", "y", "--report"],
            2,
            "cleaner: option '--report' requires an argument (see cleaner run --help)\n",
        ),
        (["rules", "show", "disable"], 2, "cleaner: no rule is called 'disable'; `cleaner rules list` names all\n"),
        (["explain", str(SEEDS / "001_147d9dd4ef2a19b9.txt"), "--select", "subscrib"], 2, "did you mean 'subscribe'?"),
        (
            ["explain", SEEDS / "001_147d9dd4ef2a19b9.txt", "--ignore", "rights,share"],
            2,
            "; give each name by itself\n",
        ),
        (["explain", "--profile", "bold", "x"], 2, "--profile is careful, balanced or thorough, not 'bold'"),
        (["nothing"], 2, "cleaner: no such command 'nothing'"),
        (["rules", "lst"], 2, "cleaner: no such command 'lst'"),
        (["run", "x", "y", "--profil", "careful"], 2, "cleaner: no such option: --profil"),
        (["run", "x"], 2, "cleaner: missing argument 'DST' (see "),
        (
            ["run", *SEEDS.glob("*.txt"), "y"],
            2,
            "too many arguments: it takes SRC and DST alone, and a folder stands for all files in it (see ",
        ),
        (["explain", "x", "y", "z"], 2, "cleaner: too many arguments: it takes FILE alone (see "),
        (["rules", "list", "x"], 2, "cleaner: too many arguments: it takes options alone (see "),
        (["rules", "show", "tests"], 2, "cleaner: no rule is called 'tests'; `cleaner rules list` names all\n"),
        (["rules", "show", "newsleter-label"], 2, "/newsletter-label'?\n"),
        (
            ["rules", "show", "newsletter"],
            2,
            "; `cleaner rules list --select '*newsletter*'` lists those that have it in their ids\n",
        ),
        (["rules", "list", "--select", "newsletter"], 2, "no rule is named 'newsletter'; '*newsletter*' names the "),
        (["rules", "list", "--select", "x"], 2, "no rule is named 'x'; `cleaner rules list` names all\n"),
        (["run", "x", "y", "--workers", "0"], 2, "cleaner: invalid value for '--workers': "),
    ],
)
def test_a_mistake_is_told_in_one_line(call: Call, args: list[object], code: int, said: str) -> None:
    done = call(*args)
    assert done.code == code
    assert said in done.err
    assert done.err.count("\n") == 1, "one line"


def test_nothing_is_made_for_a_command_that_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("learn", "x", "--merge", "--id-field", "y", "-o", "z/").code == 2 and not [*tmp_path.iterdir()]
    assert call("rules", "new", "z/").code == 2 and not [*tmp_path.iterdir()]


def test_a_name_that_begins_like_an_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    monkeypatch.chdir(tmp_path)
    Path("-ferry.txt").write_text("cut\na")
    said = "cleaner: no such option: -f: write ./ before the name of a file that begins with a hyphen (see "
    assert call("run", "-ferry.txt", "o.txt").err.startswith(said)
    assert call("run", "./-ferry.txt", "o.txt").code == 0 and Path("o.txt").read_text() == "a"


def test_a_folder_of_rules_that_cannot_be_read_is_not_passed_over(tmp_path: Path, call: Call) -> None:
    """Some of the rules would be missing."""
    assert call("rules", "new", tmp_path / "mine" / "a.toml").code == 0
    closed = tmp_path / "mine" / "closed"
    closed.mkdir(mode=0)
    done = obedient("rules", "check", tmp_path / "mine")
    assert (done.code, done.err) == (1, f"cleaner: {closed}: Permission denied\n")


def test_a_misspelt_key_is_named_with_its_mend(tmp_path: Path, call: Call) -> None:
    path = tmp_path / "mine.toml"
    assert call("rules", "new", path, "--site", 'https://www.News.example:80/a"b').code == 0
    assert 'site = ["news.example"]' in path.read_text()
    done = call("rules", "check", path)
    assert done.code == 0, done.err
    assert call("rules", "new", path).code == 2
    line = path.read_text().split("\n").index('phrases = ["Join the Example Club", "Members read more"]') + 1
    path.write_text(path.read_text().replace("phrases", "phrase"))
    done = call("rules", "check", path)
    assert done.code == 2
    assert f"{path}:{line}: club-invitation: unknown key 'phrase'; did you mean 'phrases'?" in done.err


def test_a_rule_file_that_is_named_twice_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("rules", "new", "packs/sub/a.toml").code == 0
    again = ("packs/sub/a.toml", tmp_path / "packs", "packs/sub/../sub")
    assert call("rules", "check", "packs", *again).out == b"all holds: 1 rule in 1 pack, 4 examples\n"
    bundled = ROOT / "rules" / "common" / "repeat.toml"
    assert b"in 1 pack," in call("rules", "check", bundled).out


def test_a_check_finds_names_that_mean_nothing(tmp_path: Path, call: Call) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        '[pack]\nversion = "1"\ndescription = "Test."\n[[tune]]\nrules = ["en/subscrib/*"]\ndisable = true\n'
    )
    done = call("rules", "check", path)
    said = f"cleaner: {path}:4: tune names en/subscrib/*: no such rule; did you mean 'en/subscribe/*'?\n"
    assert (done.code, done.err) == (2, said)


def test_a_pattern_without_an_example_is_noted(tmp_path: Path, call: Call) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        '[pack]\nversion = "1"\ndescription = "Test."\n'
        '[[rule]]\nid = "r"\nkind = "line"\nreason = "Test."\nmax_chars = 20\n'
        "regex = ['^ferry [0-9]+$', '^boat [0-9]+$', '^ship [0-9]+ late$']\nunless = { ends = ['late'] }\n"
        'remove = ["Ferry 7", "Ferry 9"]\nkeep = ["Boat 7 came", "Ship 7 late"]\n'
    )
    done = call("rules", "check", path)
    assert [line.split("'''")[1] for line in done.err.splitlines()] == ["^boat [0-9]+$", "^ship [0-9]+ late$"]
    assert done.code == 0 and done.err.startswith(f"cleaner: note: {path}:4: mine/r: no example has a line for regex")
    path.write_text(path.read_text().replace("Ferry 9", "Boat 9").replace("^ship [0-9]+ late$", "^ferry 7$"))
    done = call("rules", "check", path)
    assert (done.code, done.err) == (0, "")


def test_a_pattern_of_two_rules_needs_one_example(tmp_path: Path, call: Call) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        '[pack]\nversion = "1"\ndescription = "Test."\n'
        '[[rule]]\nid = "r"\nkind = "line"\nreason = "Test."\nmax_chars = 20\n'
        "regex = ['^ferry [0-9]+$', '^boat [0-9]+$', '^ship [0-9]+$']\n"
        'remove = ["Ferry 7", "Ferry 9"]\nkeep = ["A ferry came", "A boat came"]\n'
        '[[rule]]\nid = "s"\nextends = "r"\nkind = "line"\nreason = "Test."\nzone = { head = 1 }\n'
        'remove = ["Boat 7", "Boat 9"]\nkeep = ["A ferry came", "A boat came"]\n'
    )
    done = call("rules", "check", path)
    assert [line.split("'''")[1] for line in done.err.splitlines()] == ["^ship [0-9]+$"]


def test_list_show_and_schema(call: Call) -> None:
    out = call("rules", "list", "--json", "--rules", EVERY_KIND).out.decode()
    listed = [json.loads(line) for line in out.splitlines()]
    assert {"id", "kind", "profile", "action", "version", "reason"} == set(listed[0])
    assert "every_kind/credit" in {rule["id"] for rule in listed}
    shown = call("rules", "show", "every_kind/credit", "--rules", EVERY_KIND).out.decode()
    assert tomllib.loads(shown)["rule"][0]["kind"] == "span"
    assert json.loads(call("rules", "schema").out.decode())["title"] == "cleaner rule file"


def test_a_closed_pipe_ends_quietly() -> None:
    command = f"{sys.executable} -m cleaner rules list | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
