"""What is wrong with rule files: every problem at once, with its place and mend."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cleaner import RuleError, load_rules

HEAD = '[pack]\nversion = "1.0.0"\ndescription = "Test."\n'
RULE = '[[rule]]\nid = "r"\nkind = "line"\nreason = "Test."\n'
SHAPE = RULE.replace("line", "shape")


def problems(tmp_path: Path, source: str | bytes) -> list[str]:
    path = tmp_path / "p.toml"
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    with pytest.raises(RuleError) as caught:
        load_rules(path, bundled=False)
    assert caught.value.exit_code == 2
    return [str(problem).replace(str(tmp_path) + "/", "") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (HEAD + RULE + 'phrase = ["x"]', "p.toml:8: r: unknown key 'phrase'; did you mean 'phrases'?"),
        ("# no ''' here\n" + HEAD + RULE + 'phrase = ["x"]', "p.toml:9: r: unknown key 'phrase'"),
        (HEAD + RULE.replace("Test", "No ''' here") + 'phrase = ["x"]', "p.toml:8: r: unknown key 'phrase'"),
        (HEAD + RULE + "phrases = [  # one ] of\n'zone = 1',\n'''\n[a'''\n]\nzone = 1", "p.toml:13: r: zone must be"),
        (HEAD + RULE, "p.toml:4: r: no wording: a line rule needs one of"),
        (HEAD + RULE.replace('"line"', '"lines"') + 'phrases = ["x"]', "p.toml:6: r: kind must be one of line, span"),
        (HEAD + RULE + "phrases = 'x'", "p.toml:8: r: phrases must be a list of non-empty texts"),
        (HEAD + RULE + 'phrases = ["***"]', "p.toml:8: r: phrase '***' is nothing but punctuation"),
        (HEAD + RULE + 'ends = ["x", "\\u200b"]', "p.toml:8: r: ends has a text of which nothing prints"),
        (HEAD + RULE + 'contains = ["x"]\nunless = { ends = ["\\u00ad"] }', "p.toml:9: r: ends has a text of"),
        (
            HEAD + RULE + 'phrases = ["x"]\nkeep = ["{prose ten}\\nx"]',
            "p.toml:9: r: keep: write {prose}, or {prose 8} for",
        ),
        (HEAD + RULE + 'phrases = ["x"]\nremove = ["x", " "]', "p.toml:9: r: remove must be a non-empty text"),
        (
            HEAD + RULE + 'phrases = ["x"]\nkeep = [{ before = "" }]',
            "p.toml:9: r: keep.before must be a non-empty text",
        ),
        (HEAD + RULE + 'phrases = ["x"]\nkeep = ["x {prose 8}"]', "p.toml:9: r: keep: write {prose}, or {prose 8} for"),
        (HEAD + RULE + 'phrases = ["x"]\nkeep = ["{ Prose 8 }"]', "p.toml:9: r: keep: write {prose}, or {prose 8} for"),
        (HEAD + RULE + 'phrases = ["x"]\nkeep = ["{prose8}"]', "p.toml:9: r: keep: write {prose}, or {prose 8} for"),
        (HEAD + RULE + 'phrases = ["x"]\nkeep = ["{prose 100}"]', "p.toml:9: r: keep: write {prose}, or {prose 8} for"),
        (HEAD + RULE + 'phrases = ["x"]\nkeep = ["{8 prose"]', "p.toml:9: r: keep: write {prose}, or {prose 8} for"),
        (HEAD + RULE + 'phrases = ["{m} comments"]', "p.toml:8: r: phrase '{m} comments' holds {m}, which stands for"),
        (
            HEAD + RULE + 'phrases = ["{ n } comments"]',
            "p.toml:8: r: phrase '{ n } comments' holds { n }, which stands",
        ),
        (
            HEAD + RULE + "phrases = ['Sold out.', 'x']\nunless = { regex = ['[a-z]{3}\\.$'] }",
            "p.toml:8: r: phrase 'Sold out.' is spared by unless: drop it",
        ),
        (
            HEAD + RULE + "phrases = ['{n} left']\nunless = { regex = ['^7 '] }",
            "p.toml:8: r: phrase '{n} left' is spared by unless: drop it",
        ),
        (
            HEAD + RULE + "phrases = ['one', '{n} more to read']\nmax_words = 3",
            "p.toml:8: r: phrase '{n} more to read' has 4 words, more than max_words",
        ),
        (
            HEAD + RULE + "phrases = ['{n} more', '{n} to read']\nmax_chars = 6",
            "p.toml:8: r: phrase '{n} to read' has 9 chars, more than max_chars",
        ),
        (
            HEAD + RULE + "phrases = ['Phone *', 'Read more …']\nmax_words = 1",
            "p.toml:8: r: phrase 'Read more …' has 2 words, more than max_words",
        ),
        (
            HEAD + RULE + "phrases = ['follow us', '{n} more']\nmin_words = 3",
            "p.toml:8: r: phrase 'follow us' has 2 words, fewer than min_words",
        ),
        (HEAD + RULE + 'phrases = ["x"]\nzone = { body = 0.5 }', "p.toml:9: r: zone.body leaves out half of the text"),
        (HEAD + RULE + 'phrases = ["x"]\nlang = ["english"]', "p.toml:9: r: lang: 'english' is no code of a language"),
        (HEAD + "lang = ['de', 'de_AT', 'GER', '']", "p.toml:4: lang must be a list of non-empty texts"),
        (HEAD + "lang = ['de-AT', 'de AT']", "p.toml:4: lang: 'de AT' is no code of a language"),
        (HEAD + RULE + 'phrases = ["x"]\nmax_words = 0', "p.toml:9: r: max_words must be a whole number"),
        (HEAD + RULE + 'phrases = ["x"]\nmax_words = 2\nmin_words = 3', "p.toml:10: r: min_words is greater"),
        (HEAD + RULE + 'phrases = ["x"]\nzone = { heed = 3 }', "p.toml:9: r: unknown key 'zone.heed'; did you mean"),
        (HEAD + RULE + 'phrases = ["x"]\nzone = { tail = 1.5 }', "p.toml:9: r: zone.tail must be a share"),
        (HEAD + RULE + 'phrases = ["x"]\nzone.heed = 3', "p.toml:9: r: unknown key 'zone.heed'; did you mean"),
        (HEAD + RULE + 'phrases = ["x"]\n[rule.zone]\nheed = 3', "p.toml:9: r: unknown key 'zone.heed'; did you mean"),
        (HEAD + RULE.replace("[rule]", "['rule']") + 'phrase = ["x"]', "p.toml:8: r: unknown key 'phrase'; did you"),
        (HEAD + RULE + 'phrases = ["x"]\nuntil = ["end"]', "p.toml:9: r: until has no meaning for kind 'line'"),
        (HEAD + RULE + 'phrases = ["x"]\nbelow = {}', "p.toml:9: r: below says nothing"),
        (HEAD + RULE + 'phrases = ["x"]\nbelow = { none = false }', "p.toml:9: r: below says nothing"),
        (
            HEAD + RULE + 'phrases = ["x"]\nabove = { phrases = ["y"], within = 51 }',
            "p.toml:9: r: above.within must be a whole number from 1 to 50",
        ),
        (
            HEAD + RULE + 'phrases = ["x"]\nnear = { alike = true, between = { phrases = ["y"] } }',
            "p.toml:9: r: near: between speaks of the lines up to another one: give within, of 2 or more",
        ),
        (
            HEAD + SHAPE + "when = { words = { max = 2 } }\nnear = { alike = true }",
            "p.toml:4: r: alike compares with a wording, and there is none",
        ),
        (
            HEAD + RULE + 'phrases = ["x"]\nbelow = { rule = "s" }',
            "p.toml:4: p/r: asks for hits of 'p/s' (rule = …), and no rule is called so: write the full id of one",
        ),
        (
            HEAD
            + RULE
            + 'phrases = ["x"]\nnear = { rule = "up" }\n'
            + RULE.replace('"r"', '"ups"')
            + 'phrases = ["y"]',
            "p.toml:4: p/r: asks for hits of 'p/up' (rule = …), and no rule is called so; did you mean 'p/ups'?",
        ),
        (
            HEAD + RULE + 'phrases = ["x"]\ntitle = "y"',
            "p.toml:9: r: title must be a table, with any of phrases, starts",
        ),
        (
            HEAD + RULE + 'phrases = ["x"]\nzone = { tail = "0.5" }',
            "p.toml:9: r: zone.tail must be a count of lines, e.g.",
        ),
        (
            HEAD + RULE + 'phrases = ["x"]\nzone = { tail = true }',
            "p.toml:9: r: zone.tail must be a count of lines, e.g.",
        ),
        (
            HEAD + RULE + 'phrases = ["x"]\nremove = [1]',
            "p.toml:9: r: remove must be a list of texts, or of tables with",
        ),
        (HEAD + 'name = "a\\nb"', "p.toml:4: name 'a\\nb' must be words with single slashes between them"),
        (HEAD + 'name = "mine/"', "p.toml:4: name 'mine/' must be words with single slashes between them"),
        (HEAD.replace('"1.0.0"', "1.0"), "p.toml:2: version must be a non-empty text, in quotation marks"),
        (
            HEAD + RULE + 'phrases = ["x"]\nkeep = [{ before = "x y", after = "x" }]',
            "p.toml:9: r: keep.after differs from before: what is under keep stays whole, so leave after out",
        ),
        (
            HEAD + SHAPE + 'when = { words = { max = 2 } }\nkeep = [{ before = "x\\ny", markup = { in_nav = [1] } }]',
            "p.toml:9: r: keep.markup.in_nav has 1 numbers for 2 lines",
        ),
        (
            HEAD + RULE + 'phrases = ["cafe\u0301"]',
            "p.toml:8: r: phrase 'cafe\u0301' holds letters with separate accents",
        ),
        (
            HEAD + RULE + 'starts = ["cafe\u0301"]',
            "p.toml:8: r: starts: 'cafe\u0301' holds letters with separate accents",
        ),
        (
            HEAD + RULE + 'phrases = ["j\u043ein"]',
            "p.toml:8: r: phrase 'j\u043ein' holds letters of two alphabets in one",
        ),
        (
            HEAD + RULE + "phrases = ['x']\nnear = {\n  alike = true\n}",
            "p.toml:9: is not valid TOML: Invalid initial character for a key part (at line 9, column 9): write key",
        ),
        (
            HEAD + RULE + 'phrases = ["x"]\nextends = "t"\n' + RULE.replace('"r"', '"t"'),
            "p.toml:9: r: extends 't': no such rule stands above, or in a pack before",
        ),
        (
            HEAD + RULE + 'phrases = ["x"]\n' + RULE.replace('"r"', '"t"') + 'extends = "R"',
            "p.toml:13: t: extends 'R': no such rule stands above, or in a pack before; did you mean 'p/r'?",
        ),
        (HEAD + RULE + 'phrases = ["x"]\n' + RULE + 'phrases = ["y"]', "p.toml:10: r: the id is used at line 4 too"),
        (HEAD + RULE.replace('"r"', '"R x"') + 'phrases = ["x"]', "p.toml:5: R x: id 'R x' must be lower-case words"),
        (HEAD.replace("version", "verson"), "p.toml:2: unknown key 'verson'; did you mean 'version'?"),
        (HEAD + "[[rules]]\n", "p.toml:4: unknown table 'rules'; did you mean 'rule'?"),
        ("# ours\nversion = '1.0.0'\n", "p.toml:2: version stands in a table: write [pack] in a line above it"),
        (
            HEAD + RULE + "phrases = ['a']\nunless = { regex = ['^(?!b)'] }",
            "p.toml:9: r: regex '''^(?!b)''': takes no character",
        ),
        ("\nphrases = ['a']\n", "p.toml:2: phrases stands in a table: write [[rule]] in a line above it"),
        (HEAD + "[rule]\n", "p.toml:4: write [[rule]] with two brackets"),
        ("[[pack]]\nversion = '1'", "p.toml:1: write [pack] with one bracket, once, and its keys below"),
        ("pack = 'p'\n" + RULE, "p.toml:1: write [pack] with one bracket, once, and its keys below"),
        (HEAD + RULE + 'phrases = ["x"]\n[tune]\ndisable = true', "p.toml:9: write [[tune]] with two brackets"),
        (
            HEAD.replace('"1.0.0"', "1.0.0"),
            "p.toml:2: is not valid TOML: Expected newline or end of document after a statement (at line 2, column 14)"
            ": write one key = value a line, a text between quotation marks that it does not hold itself",
        ),
        (RULE + 'phrases = ["x"]', "p.toml:1: there is no table [pack]: write one, with version and description"),
        (HEAD + RULE + 'phrases = ["x"]\nunless = {}', "p.toml:9: r: unless says nothing: give one of phrases"),
        (
            HEAD + RULE + 'phrases = ["x"]\nbelow = { alike = true, within = 2, between = {} }',
            "p.toml:9: r: below.between says nothing: give one of phrases",
        ),
        (
            HEAD + RULE + 'phrases = ["x"]\nbelow = { alike = true, unless = { phrases = ["y"] } }',
            "p.toml:9: r: below.unless narrows a wording, and there is none",
        ),
        (
            HEAD + RULE + 'phrases = ["x"]\nbelow = { none = true, phrases = ["y"] }',
            "p.toml:9: r: below: none says that the text ends there: only between and within can go with it",
        ),
        (HEAD + RULE + 'phrases = ["x"]\ncase = true', "p.toml:9: r: case = true is for regex alone"),
        (
            HEAD + RULE.replace("line", "repeat") + 'of = "title"\ndrop = "earlier"',
            "p.toml:9: r: drop = 'earlier' has no meaning for of = 'title'",
        ),
        (
            HEAD + RULE.replace("line", "repeat") + 'match = "prefix"\nwithin = 2',
            "p.toml:9: r: within has no meaning for match = 'prefix'",
        ),
        (
            HEAD + SHAPE + "when = { words = { max = 2 } }\nthreshold = 2.0",
            "p.toml:9: r: threshold is a model's score",
        ),
        (HEAD + "[[tune]]\nrules = ['p/r']", "p.toml:4: tune says nothing: give one of disable"),
        (
            HEAD + "[[tune]]\nrules = ['p/r']\nprofile = 'thorough'\ndisable = true",
            "p.toml:7: rules that are switched off have no profile: leave one of the two out",
        ),
        (HEAD + RULE + r"regex = ['\UFFFFFFFF x']", r"p.toml:8: r: regex '''\UFFFFFFFF x''': does not compile"),
        (HEAD + "[[tune]]\nrules = ['nothing']\ndisable = true", "p.toml:4: tune names nothing: no such rule"),
        (
            HEAD + RULE + 'phrases = ["x"]\n[[tune]]\nrules = ["p/r", "nothing"]\ndisable = true',
            "p.toml:9: tune names nothing: no such rule",
        ),
        (
            HEAD + "disable = ['p/rr']\n" + RULE + 'phrases = ["x"]',
            "p.toml:4: disable names 'p/rr': no such rule; did you mean 'p/r'?",
        ),
        (
            HEAD + RULE + 'phrases = ["x"]\n[[tune]]\nrules = ["p/s"]\ndisable = true',
            "p.toml:9: tune names p/s: no such rule; did you mean 'p/r'?",
        ),
        (HEAD + "extends = ['nothing']", "p.toml:4: extends 'nothing', which is no pack loaded before"),
        (HEAD + "x = = 1", "p.toml:4: is not valid TOML: "),
        (HEAD + RULE + 'phrases = ["x"]\nextends = ["a/b"]', "p.toml:9: r: extends must be a non-empty text"),
        (HEAD + RULE + f'phrases = ["x"]\nmax_words = {10**30}', "p.toml:9: r: max_words must be a whole number from"),
        (HEAD + RULE + 'phrases = ["x"]\nzone = {}', "p.toml:9: r: zone says nothing"),
        (HEAD + SHAPE + "when = { words = {} }", "p.toml:8: r: when.words says nothing"),
        (HEAD + SHAPE + "when = { words = { min = 3, max = 2 } }", "p.toml:8: r: when.words: min is greater than max"),
        (
            HEAD + SHAPE + 'when = { words = { max = 2 } }\nkeep = [{ before = "x", markup = { in_nav = ["x"] } }]',
            "p.toml:9: r: keep.markup must be a table of lists of numbers",
        ),
        (
            HEAD
            + SHAPE
            + 'when = { words = { max = 2 } }\n[[tune]]\nrules = ["p/r"]\nunless = { contains = ["word"] }',
            "p.toml:9: p/r: unless narrows a wording, and this rule has none",
        ),
        (HEAD + SHAPE + f"when = {{ words = {{ max = {10**400} }} }}", "p.toml:8: r: when.words.max must be a number"),
        (
            HEAD
            + SHAPE
            + f'when = {{ words = {{ max = 2 }} }}\nkeep = [{{ before = "x", markup = {{ link = [{10**400}] }} }}]',
            "p.toml:9: r: keep.markup must be a table of lists of numbers",
        ),
        (b"\xff", "p.toml:1: is not UTF-8 at byte 0"),
        (f"{HEAD}# caf\xe9".encode("latin-1"), "p.toml:4: is not UTF-8 at byte"),
        (HEAD + RULE + "regex = ['''^a'''\n", "p.toml:8: is not valid TOML: Unclosed array"),
        (HEAD + RULE + "regex = ['''^a]\nmax_words = 3\n", "p.toml:8: is not valid TOML: Expected \"'''\""),
        (
            HEAD + RULE + 'regex = ["a\\d"]\n',
            "p.toml:8: is not valid TOML: Unescaped '\\' in a string (at line 8, column 14): write a",
        ),
        (
            HEAD + RULE + RULE.replace("[[rule]]", "[rule]"),
            "p.toml:8: is not valid TOML: Cannot declare ('rule',) twice (at line 8, column 6): each rule begins with",
        ),
        (HEAD + "x = " + "[" * 3_000, "p.toml:1: is not valid TOML: it is nested too deeply"),
        (HEAD + "x = " + "1" * 5_000, "p.toml:1: is not valid TOML: Exceeds the limit"),
        (HEAD + RULE + "regex = ['''(''']", "p.toml:8: r: regex '''(''': does not compile"),
        (HEAD + RULE + "regex = ['''a*''']", "p.toml:8: r: regex '''a*''': "),
        (HEAD + RULE + "regex = ['''(a+)+b''']", "p.toml:8: r: regex '''(a+)+b''': "),
        (HEAD + RULE + "regex = ['''Photo by''']", "p.toml:8: r: regex '''Photo by''': "),
        (HEAD + RULE + "regex = ['''a\\s+word''']", "p.toml:8: r: regex '''a\\s+word''': "),
        (HEAD + RULE + "regex = ['''.*''']", "p.toml:8: r: regex '''.*''': "),
        (
            HEAD + "[pack.patterns]\nday = '(?:mon|tues)day'\n" + RULE + "regex = ['(?&dya) news']",
            "p.toml:10: r: (?&dya) stands for no pattern of this pack or of one that it extends; did you mean 'day'?",
        ),
        (HEAD + "[pack.patterns]\nday = '(mon'", "p.toml:5: patterns.day does not compile: missing )"),
        (HEAD + "[pack.patterns]\nDay = 'x'", "p.toml:5: patterns.Day: name it in lower-case letters"),
        (HEAD + "patterns = { day = '(?&night)' }", "p.toml:4: (?&night) stands for no pattern of this pack"),
        (HEAD + "[pack.patterns]\nday = 'x(?&day)?'", "p.toml:5: (?&day) stands for the pattern that it is in"),
        (
            HEAD + "[pack.patterns]\nday = '(?&d)x'\nd = 'y'",
            "p.toml:5: (?&d) stands for a pattern below this one: move",
        ),
        (HEAD + "patterns = { day = 1 }", "p.toml:4: patterns must be a table of patterns by name"),
        (
            HEAD + "[pack.patterns]\na0 = 'xy'\n" + "".join(f"a{i + 1} = '{8 * f'(?&a{i})'}'\n" for i in range(30)),
            "p.toml:9: '(?&a3)(?&a3)(?&a3)(?&a3)(?&a3)(?&a3)(?&a3)(?&a3)' is longer than 10,000 characters",
        ),
        (HEAD + RULE.replace("line", "section") + 'phrases = ["x"]', "p.toml:4: r: a section needs an end"),
        (HEAD + RULE.replace("line", "repeat") + 'unless = { ends = ["xyz"] }', "p.toml:8: r: unless narrows a"),
        (
            HEAD + RULE.replace("line", "repeat") + 'of = "line"\nmatch = "ends"',
            "p.toml:9: r: match = 'ends' has no meaning without of = 'title'",
        ),
        (HEAD + RULE.replace("line", "repeat") + 'of = "title"\nmatch = "prefix"', "p.toml:9: r: match = 'prefix'"),
        (HEAD + RULE.replace("line", "shape"), "p.toml:4: r: a shape rule needs `when` or `model`"),
        (
            HEAD + RULE + 'phrases = ["x"]\nsite = ["https://W.example/a"]',
            "p.toml:9: r: site 'https://W.example/a' is no host, so no document is from it: write 'w.example'",
        ),
        (
            HEAD + RULE + 'phrases = ["x"]\nsite = ["!*.w.example"]',
            "p.toml:9: r: site '!*.w.example' is no host, so no document is from it: write '!w.example'",
        ),
        (
            HEAD + RULE + 'phrases = ["x"]\nsite = ["!"]',
            "p.toml:9: r: site '!' is no host, so no document is from it: write one",
        ),
        (HEAD + "[[tune]]\nrules = ['p/r']\nsite = ['!w.example:80']", "p.toml:6: site '!w.example:80' is no host"),
        (HEAD + RULE + 'phrases = ["x\\ny"]', "p.toml:8: r: phrase 'x\\ny' holds a line break"),
        (HEAD + RULE + 'regex = ["x\\ny"]', r"p.toml:8: r: regex '''x\ny''': \n can match a line break"),
        (HEAD + RULE + 'starts = ["x", "x\\n"]', "p.toml:8: r: starts: 'x\\n' holds a line break"),
        (
            HEAD + RULE + 'starts = ["{n} x"]',
            "p.toml:8: r: starts: '{n} x' holds {n}, which stands for a number in phrases alone",
        ),
        (HEAD + RULE + 'phrases = ["x"]\nbelow = { ends = ["x\\n"] }', "p.toml:9: r: ends: 'x\\n' holds a line break"),
    ],
)
def test_a_problem_names_place_and_mend(tmp_path: Path, source: str | bytes, said: str) -> None:
    found = problems(tmp_path, source)
    assert any(problem.startswith(said) for problem in found), found


@pytest.mark.parametrize(
    "source",
    [
        RULE + "regex = ['(?&day)']",
        "[pack.patterns]\nday = '(?&night)'\n",
        "[pack.patterns]\nday = '(?&day)'\n",
        f"[pack.patterns]\na = '{'xy' * 2_000}'\n" + RULE + "regex = ['(?&a)(?&a)(?&a)']",
    ],
)
def test_a_pattern_that_cannot_be_spelt_out_is_one_problem(tmp_path: Path, source: str) -> None:
    """Nothing is said of what would be left of it."""
    assert len(problems(tmp_path, HEAD + source)) == 1


@pytest.mark.parametrize(
    ("source", "mend"),
    [
        ("[[rule]", "brackets as open it"),
        (HEAD + "[pack]", "write its keys together"),
        ("x = { a = 1 b = 2 }", "commas between its keys"),
        ("x = { a = 1, a = 2 }", "the key is there already"),
        ("# a\rb", "end lines with line feeds"),
    ],
)
def test_what_is_no_toml_has_its_mend(tmp_path: Path, source: str, mend: str) -> None:
    (found,) = problems(tmp_path, source)
    assert found.startswith("p.toml:") and found.endswith(mend)


def test_case_is_no_mend_where_there_is_no_such_key(tmp_path: Path) -> None:
    for condition in ("unless = { regex = ['Xyz'] }", "below = { regex = ['Xyz'] }"):
        found = problems(tmp_path, HEAD + RULE + f'phrases = ["x"]\n{condition}')
        assert found == ["p.toml:9: r: regex '''Xyz''': 'X' never occurs in a folded line: write 'x'"]


@pytest.mark.parametrize(
    ("named", "char", "mend"),
    [(r"[^，\n]", "，", "write ','"), (r"[^,，\n]", "，", "drop it"), (r"[\p{L}’]", "’", 'write "\'"')],
)
def test_a_class_names_no_character_that_folding_takes_away(tmp_path: Path, named: str, char: str, mend: str) -> None:
    found = problems(tmp_path, HEAD + RULE + f"regex = ['''weir{named}''']")
    pattern = f"regex '''weir{named}'''"
    assert found == [f"p.toml:8: r: {pattern}: {char!r} in {named} never occurs in a folded line: {mend}"]


@pytest.mark.parametrize(
    "change",
    [{"trees": [{"splits": [["words", 10**12]], "leaves": [1, 2]}]}, {"bias": 10**30}, {"features": [["words"]]}],
)
def test_a_model_that_is_none_is_told(tmp_path: Path, change: dict[str, object]) -> None:
    model = {"features": ["words"], "chars": 9, "bias": 0, "floors": []}
    model["trees"] = [{"splits": [["words", 1]], "leaves": [1, 2]}]
    (tmp_path / "m.json").write_text(json.dumps(model | change))
    said = problems(tmp_path, HEAD + SHAPE + 'model = "m.json"')
    assert said[0].startswith("p.toml:8: r: model m.json: not a model of line features: "), said


def test_what_prints_nothing_makes_no_phrase_longer(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(HEAD + RULE + 'phrases = ["Sub\\u00adscribe"]\nmax_chars = 9')
    assert len(load_rules(tmp_path / "p.toml", bundled=False).rules) == 1
    (said,) = problems(tmp_path, HEAD + RULE + 'phrases = ["Sub\\u00adscribe"]\nmin_chars = 10')
    assert "9 chars, fewer than min_chars" in said


def test_every_problem_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, HEAD + RULE + 'phrase = ["x"]\nmax_words = "a"\n' + RULE.replace('"r"', '"s"'))
    assert len(found) == 4


def test_a_cause_stands_before_what_comes_of_it(tmp_path: Path) -> None:
    found = problems(tmp_path, HEAD + RULE + 'phrase = ["x"]')
    assert found[0].startswith("p.toml:8: r: unknown key 'phrase'") and len(found) == 2


@pytest.mark.parametrize(
    "rule",
    [
        RULE + "phrases = 'x'\nunless = { phrases = ['y'] }\nnear = { alike = true }",
        RULE.replace("line", "section") + "phrases = ['x']\nuntil = 'prose'",
        SHAPE + "when = 3",
        RULE + "phrases = ['x']\nnear = 'y'",
    ],
)
def test_what_is_wrong_is_not_called_missing_too(tmp_path: Path, rule: str) -> None:
    (found,) = problems(tmp_path, HEAD + rule)
    assert "must be a" in found


def test_a_wrong_key_is_told_what_its_kind_has(tmp_path: Path) -> None:
    source = HEAD + RULE.replace("line", "section") + 'heads = ["x"]\nuntil = ["prose"]'
    said = problems(tmp_path, source)[0]
    assert "phrases, starts, ends, contains, regex" in said and "max_lines" in said
    assert "within" not in said and "model" not in said


def test_a_file_that_cannot_be_read_has_no_line(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(RuleError) as caught:
        load_rules(tmp_path, bundled=False)
    assert str(caught.value) == f"{tmp_path}/folder.toml: cannot be read: Is a directory"
