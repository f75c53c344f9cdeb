"""How rule files are laid out: `cleaner rules format`."""

from __future__ import annotations

import tomllib
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st
from runs import Call

from cleaner.rules.layout import WIDTH, laid_out

SCALARS = st.sampled_from(
    [
        *('"a#b"', "'x]'", '"\\""', '""', "''", '"é中"', f'"{"word " * 30}"', f"'{'x' * 118}'"),
        *('"""m\n]"""', "'''r'''''", '"""\\"""""', "'''\n# no comment\n'''"),
        *("1", "-2.5", "true", "1979-05-27 07:32:00"),
    ]
)
GAPS = st.sampled_from(["", " ", "\n", "\t\n\n", '  # why, [not] "this"\n', "\n# because = {\n"])


def lists(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def said(items: list[tuple[str, str]], last: str) -> str:
        return f"[{''.join(f'{gap}{item}{gap},' for item, gap in items)}{last}]"

    return st.builds(said, st.lists(st.tuples(values, GAPS), max_size=6), GAPS)


def tables(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.dictionaries(st.sampled_from(["before", "regex", '"a b"', "max_words"]), values, max_size=3)
    return pairs.map(lambda said: f"{{{','.join(f'{key}={value}' for key, value in said.items())}}}")


VALUES = st.recursive(SCALARS, lambda values: lists(values) | tables(values), max_leaves=12)
STATEMENTS = st.builds(lambda i, key, value: f"{key}{i} = {value}", st.integers(0, 99), st.sampled_from("ab"), VALUES)


@st.composite
def sources(draw: st.DrawFn) -> str:
    said = {line.partition(" =")[0]: line for line in draw(st.lists(STATEMENTS, max_size=4))}
    parts = ["[pack]", *said.values(), "[[rule]]  # the first", 'id = "x"', "# of the second", "[[rule]]"]
    return "".join(part + draw(st.sampled_from(["\n", "  # behind\n", "\n\n\n", "\r\n"])) for part in parts)


@given(sources())
@example("a = [1 # one\n# two\n, 2]")
@example("a.b = {}\n")
@example("")
def test_what_is_said_stays(source: str) -> None:
    new = laid_out(source)
    assert tomllib.loads(new) == tomllib.loads(source)
    assert laid_out(new) == new
    comments = ["why", "because", "the first", "of the second", "behind", "no comment"]
    assert [new.count(comment) for comment in comments] == [source.count(comment) for comment in comments]


def test_what_it_looks_like() -> None:
    phrases = ", ".join(f'"Read the paper of day {i}"' for i in range(9))
    pattern = f"'''{'a' * 70}'''"
    source = f"""
[pack]
version="1.0.0" # of the pack
description = 'x'
# What it takes.
[[rule]]
  id = "one"


  phrases = [{phrases},
     # those of clubs
     "Join", "Leave"]
  regex = [{pattern}, '''b''']
  near = {{within=2, regex=[{pattern}, {pattern}]}}
  above = {{ regex = [
     '''c'''
  ] }}
  remove = ["One.",
     "Two."]
"""
    assert (
        laid_out(source)
        == f"""\
[pack]
version = "1.0.0"  # of the pack
description = 'x'

# What it takes.
[[rule]]
id = "one"

phrases = [
    "Read the paper of day 0", "Read the paper of day 1", "Read the paper of day 2", "Read the paper of day 3",
    "Read the paper of day 4", "Read the paper of day 5", "Read the paper of day 6", "Read the paper of day 7",
    "Read the paper of day 8",
    # those of clubs
    "Join", "Leave",
]
regex = [{pattern}, '''b''']
near = {{ within = 2, regex = [
    {pattern},
    {pattern},
] }}
above = {{ regex = ['''c'''] }}
remove = ["One.", "Two."]
"""
    )


def test_lines_are_as_long_as_a_text_of_them_at_most() -> None:
    phrases = ", ".join(f'"Issue {i} of the paper"' for i in range(200))
    source = f"phrases = [{phrases}]"
    assert max(map(len, laid_out(source).split("\n"))) <= WIDTH


RULE = '[pack]\nversion = "1.0.0"\ndescription = "x"\n[[rule]]\nid = "x"\nremove = ["a",\n"b"]\n'


def test_files_are_laid_out_in_place(call: Call, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    own, done, learned = tmp_path / "deep/own.toml", tmp_path / "done.toml", tmp_path / "learned.toml"
    own.write_text(RULE)
    own.chmod(0o600)
    done.write_text(laid_out(RULE))
    learned.write_text(RULE.replace("[pack]", "[pack]\nlearned = true"))
    before = learned.read_bytes()
    checked = call("rules", "format", "--check", tmp_path)
    assert checked.code == 2 and own.read_text() == RULE
    assert checked.err == f"cleaner: {own}: is laid out otherwise: cleaner rules format {own}\n"
    assert call("rules", "format", tmp_path, own).out == b"1 file changed, 2 left as they are\n"
    assert own.read_text() == done.read_text() == laid_out(RULE)
    assert own.stat().st_mode & 0o777 == 0o600
    assert learned.read_bytes() == before
    assert call("rules", "format", "--check", tmp_path).code == 0


def test_a_file_that_cannot_be_read_leaves_all_as_they_are(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(RULE)
    (tmp_path / "b.toml").write_text("[pack\n")
    done = call("rules", "format", tmp_path)
    assert done.code == 2 and f"{tmp_path}/b.toml:1: is not valid TOML" in done.err
    assert (tmp_path / "a.toml").read_text() == RULE


def test_a_new_file_is_laid_out(call: Call, tmp_path: Path) -> None:
    call("rules", "new", tmp_path / "own.toml", "--site", "news.example")
    assert call("rules", "format", "--check", tmp_path).code == 0
