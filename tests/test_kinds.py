"""What each kind of rule and each condition means, in small texts, under both engines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cleaner import Cleaner, RuleSet, load_rules
from cleaner.options import EngineName
from cleaner.rules.wording import Matcher

Pack = Callable[..., Cleaner]

LINE = """
[[rule]]
id = "r"
kind = "line"
reason = "Test."
"""

PROSE = "This sentence has more than eight words and it ends with a stop."


def rule(kind: str, body: str) -> str:
    return LINE.replace('kind = "line"', f'kind = "{kind}"') + body + "\n"


@pytest.mark.parametrize(
    ("body", "gone", "stays"),
    [
        ('phrases = ["Read more"]', ["Read more", "» READ MORE…", "  read  more "], ["Read more books", "Bread more"]),
        ('phrases = ["{n} comments"]', ["1,204 Comments", "1\xa0204 comments"], ["no comments", "12 comments more"]),
        ('starts = ["read also"]', ["Read also: A", "– read also"], ["read alsoran", "We read also"]),
        ('ends = ["all rights"]', ["© A. All rights.", "All Rights"], ["all rights by A"]),
        ('contains = ["no spam"]', ["Promise: no spam, ever", "No spam"], ["no spammers"]),
        ('contains = ["版权"]', ["本站版权所有"], ["版本权利"]),
        ("regex = ['''^page [0-9]+$''']", ["Page 3"], ["page three", "on page 3"]),
        ("regex = ['''^By [A-Z][a-z]+$''']\ncase = true", ["By Anna"], ["by anna", "BY ANNA"]),
        ('phrases = ["home"]\nunless = { regex = [\'\'\'!$\'\'\'] }', ["Home"], ["Home!"]),
        (
            'starts = ["share"]\nunless = { regex = ["^share the"] }',
            ["Share this", "• Share this"],
            ["Share the bread", "• Share the bread", "  - “Share the bread”"],
        ),
        ('starts = ["tags"]\nmax_words = 3', ["Tags: a b"], ["Tags: a b c"]),
        ('starts = ["tags"]\nmin_words = 3', ["Tags: a b"], ["Tags: a"]),
        ('starts = ["tags"]\nmax_chars = 9', ["Tags: abc"], ["Tags: abcd"]),
        ('starts = ["tags"]\nmin_chars = 9', ["Tags: abc"], ["Tags: ab"]),
    ],
)  # fmt: skip
def test_wording(pack: Pack, body: str, gone: list[str], stays: list[str]) -> None:
    cleaner = pack(LINE + body)
    for line in gone:
        assert cleaner.clean(f"Above\n{line}\nBelow").text == "Above\nBelow", line
    for line in stays:
        text = f"Above\n{line}\nBelow"
        assert cleaner.clean(text).text is text, line


@pytest.mark.parametrize(
    ("zone", "left"),
    [
        ("{ head = 1 }", "a\nx\nb\nx"),
        ("{ tail = 1 }", "x\na\nx\nb"),
        ("{ head = 1, tail = 1 }", "a\nx\nb"),
        ("{ head = 0.2 }", "a\nx\nb\nx"),
        ("{ tail = 0.2 }", "x\na\nx\nb"),
        ("{ body = 0.3 }", "x\na\nb\nx"),
    ],
)
def test_zone(pack: Pack, zone: str, left: str) -> None:
    assert pack(LINE + f'phrases = ["x"]\nzone = {zone}').clean("x\na\nx\nb\nx").text == left


def test_the_outermost_line_is_in_every_share_however_long_it_is(pack: Pack) -> None:
    text = "x at the top of all\na\nx at the end of all"
    assert pack(LINE + 'starts = ["x"]\nzone = { head = 0.1 }').clean(text).text == "a\nx at the end of all"
    assert pack(LINE + 'starts = ["x"]\nzone = { tail = 0.1 }').clean(text).text == "x at the top of all\na"


@pytest.mark.parametrize(
    ("zone", "left"),
    [
        ("{ tail = 0.3 }", ["x 10000", "x 50000", "x 84000"]),  # 30 % of 50,000
        ("{ head = 0.3 }", ["x 50000", "x 84000", "x 86000"]),
        ("{ tail = 0.6 }", ["x 10000"]),  # no foot, but all that is not a head
    ],
)
def test_head_and_foot_of_a_book_are_those_of_a_page(pack: Pack, zone: str, left: list[str]) -> None:
    places = [10_000, 50_000, 84_000, 86_000]
    lines = ["-" * 9_999]
    for place, following in zip(places, [*places[1:], 100_000], strict=True):
        head = f"x {place}"
        lines += [head, "-" * (following - place - len(head) - 2)]
    text = "\n".join(lines) + "\n"
    assert len(text) == 100_000
    kept = pack(LINE + f'starts = ["x"]\nzone = {zone}').clean(text).text
    assert [line for line in kept.split("\n") if line.startswith("x")] == left


def test_zone_counts_lines_that_are_not_blank(pack: Pack) -> None:
    cleaner = pack(LINE + 'phrases = ["x"]\nzone = { head = 2 }')
    assert cleaner.clean("\n\na\n\n\nx\nb\nx").text == "\n\na\n\n\nb\nx"


def test_alone(pack: Pack) -> None:
    cleaner = pack(LINE + 'phrases = ["x"]\nalone = true')
    assert cleaner.clean("x\n\na\nx\nb\n\nx\n\nc\n\nx").text == "a\nx\nb\n\nc"


def test_title_is_the_documents_or_else_the_first_line(pack: Pack) -> None:
    cleaner = pack(LINE + 'phrases = ["x"]\ntitle = { regex = ["^log of"] }')
    assert cleaner.clean("a\nx", title=" Log of the weir").text == "a"
    assert cleaner.clean("Log of the weir\nx").text == "Log of the weir"
    for title in ("Weir", "The log of the weir"):
        assert cleaner.clean("Log of the weir\nx", title=title).text == "Log of the weir\nx"
    assert cleaner.clean("a\nLog of the weir\nx").text == "a\nLog of the weir\nx"


def test_a_title_of_several_lines_is_read_as_one(pack: Pack) -> None:
    for asked, left in (('phrases = ["log of the weir"]', "a"), ('regex = ["(?m)^of the weir"]', "a\nx")):
        cleaner = pack(LINE + f'phrases = ["x"]\ntitle = {{ {asked} }}')
        assert cleaner.clean("a\nx", title="Log\nof the weir").text == left


def test_the_headline_stays_where_it_is_first(pack: Pack) -> None:
    section = LINE.replace('"line"', '"section"') + 'until = ["end"]\nmax_share = 1\n'
    for rule in (LINE, section, f'{section}upward = true\nstop = {{ phrases = ["b"] }}\n'):
        cleaner = pack(rule + 'phrases = ["x"]')
        assert cleaner.clean("a\nX:\nb\nx", title="x").text == "a\nX:\nb"
        assert cleaner.clean("x", title="y").text == ""


@pytest.mark.parametrize(
    ("condition", "before", "after"),
    [
        ('above = { phrases = ["y"] }', "x\ny\n\nx\nz", "x\ny\n\nz"),
        ('below = { phrases = ["y"] }', "x\n\ny\nx\nz", "y\nx\nz"),
        ('below = { phrases = ["y"], within = 2 }', "x\na\ny\nx\na\nb\ny", "a\ny\nx\na\nb\ny"),
        ("above = { none = true }", "x\na\nx", "a\nx"),
        ("below = { none = true }", "x\na\nx\n", "x\na\n"),
        ("below = { none = true, within = 3 }", "x\na\nx\na\nb\n", "x\na\na\nb\n"),
        ('below = { none = true, within = 4, between = { phrases = ["a"] } }', "x\nb\nx\na\na", "x\nb\na\na"),
        ("below = { starts_with_this = true }", "x\nx men\nx\ny", "x men\nx\ny"),
        ("below = { starts_with_this = true, within = 2 }", "x\na\nx men\nx\ny", "a\nx men\nx\ny"),
        ("above = { this_starts_with = true }", "x\nX\n", "x\nX\n"),
        ('near = { phrases = ["y"] }', "x\ny\nx\na\nx", "y\na\nx"),
        ('near = { phrases = ["y"], within = 2 }', "x\na\ny\nb\nx\nc\nd\nx", "a\ny\nb\nc\nd\nx"),
        ("near = { alike = true }", "x\na\nx\n\nX.\nb\nx", "x\na\nb\nx"),
        ("below = { alike = true, within = 2 }", "x\na\nx\na\na\nx", "a\nx\na\na\nx"),
        ('below = { alike = true, phrases = ["y"] }', "x\nx\ny", "x\nx\ny"),
        (
            'below = { alike = true, within = 3, between = { phrases = ["a"] } }',
            "x\na\na\nx\na\nb\nx\nx",
            "a\na\nx\na\nb\nx\nx",
        ),
        ('near = { alike = true, within = 2, between = { phrases = ["a"] } }', "x\na\nx\nx\nb\nx", "a\nx\nb\nx"),
        ('above = { phrases = ["a"], within = 2, between = { phrases = ["a"] } }', "a\nx\na\na\nx", "a\nx\na\na"),
    ],
)
def test_neighbours(pack: Pack, condition: str, before: str, after: str) -> None:
    assert pack(LINE + f'phrases = ["x"]\n{condition}').clean(before).text == after


@pytest.mark.parametrize(
    ("below", "named"),
    [
        ("The photos that Ida Renn took show a yard.", True),
        ("Ida Renn photographed the yard.", True),  # whatever the ending
        ("Autophotos show a yard.", False),  # not the beginning of a word
        ("The yard was full of rags.", False),
    ],
)
def test_a_neighbour_that_names_this(pack: Pack, below: str, named: bool) -> None:
    cleaned = pack(LINE + 'phrases = ["Photos"]\nbelow = { names_this = true }').clean(f"Photos\n{below}")
    assert cleaned.text == (below if named else f"Photos\n{below}")


def test_neighbour_that_another_rule_hits(pack: Pack) -> None:
    cleaner = pack(
        LINE + 'phrases = ["label"]\nbelow = { rule = "z-other" }\n'
        '[[rule]]\nid = "z-other"\nkind = "line"\nreason = "Test."\nphrases = ["x"]\nzone = { tail = 1 }\n'
    )
    assert cleaner.clean("label\nx\nlabel\ny\nlabel\nx").text == "label\nx\nlabel\ny"


@pytest.mark.parametrize(
    ("body", "before", "after"),
    [
        ("regex = ['''\\(photo: [^()\\n]+\\)''']", "A dog. (Photo: B)", "A dog."),
        ("regex = ['''\\(photo: [^()\\n]+\\)''']", "A dog. (Photo: B)\r\nb", "A dog.\r\nb"),
        ("regex = ['''\\(photo: [^()\\n]+\\)''']", "A (Photo: B) dog", "A dog"),
        ("regex = ['''\\(photo: [^()\\n]+\\)''']", "(Photo: B) A dog", "A dog"),
        ("regex = ['''\\(photo: [^()\\n]+\\)''']", "a\n\n(Photo: B)\n\nb", "a\n\nb"),
        ("regex = ['''see (?P<cut>[0-9]+) now''']", "see 12 now", "see now"),
        ("regex = ['''see (?P<cut>[0-9]*)''']", "see it, see 12 now", "see it, see now"),
        ('ends = ["read more"]', "It rained. Read more", "It rained."),
        ('contains = ["[edit]"]', "History [edit] of", "History of"),
        ('phrases = ["read more"]', "a\n(Read more...)\n\u00bb Read more \u00bb\nb", "a\nb"),
    ],
)
def test_span(pack: Pack, body: str, before: str, after: str) -> None:
    assert pack(rule("span", body)).clean(before).text == after


@pytest.mark.parametrize(
    ("first", "second", "text", "gone"),
    [
        ("(a)", "(b)", "x (a)(b) y", [("r", "(a)"), ("s", "(b) ")]),
        ("(a)", "(b)", "x (a) (b) y", [("r", "(a) "), ("s", "(b) ")]),
        ("(a)", "(b)", "x (a) (b)", [("r", " (a) "), ("s", "(b)")]),
        ("(a)", "(b)", "(b)\t(a)x", [("s", "(b)\t"), ("r", "(a)")]),
        ("(a)", "(b)", "(b)(a) x", [("s", "(b)"), ("r", "(a) ")]),
        ("(a)", "(b)", "x(a) (b)y", [("r", "(a)"), ("s", "(b)")]),
        ("a b", "b c", "x a b c y", [("s", "a b c ")]),
        ("(a) ", "(b)", "x(a)  (b)(b)", [("r", "(a) "), ("s", " (b)"), ("s", "(b)")]),
        (" (a)", "(b)", "x (b)(b)  (a) y", [("s", "(b)"), ("s", "(b)  "), ("r", "(a) ")]),
    ],
    ids=[
        "beside",
        "blanks",
        "at the end",
        "at the start",
        "and a blank",
        "in words",
        "one over the other",
        "blanks of both, last",
        "blanks of both",
    ],
)
def test_spans_of_two_rules(pack: Pack, first: str, second: str, text: str, gone: list[tuple[str, str]]) -> None:
    """Each keeps its name, and no blank stays that they leave doubled, first or last; what overlaps has the name of the
    safer profile, wherever it begins."""
    rules = rule("span", f'contains = ["{first}"]\nprofile = "thorough"')
    rules += rule("span", f'contains = ["{second}"]\nprofile = "careful"').replace('"r"', '"s"')
    removals = pack(rules).clean(text).removals
    assert [(removal.rule.removeprefix("test/"), removal.text) for removal in removals] == gone


def test_a_line_that_two_rules_take_is_named_after_the_more_specific_kind(pack: Pack) -> None:
    section = rule("section", 'phrases = ["x"]\nmax_lines = 1\nmax_share = 1.0\nprofile = "careful"')
    cleaner = pack(section.replace('"r"', '"s"') + rule("line", 'phrases = ["x"]\nprofile = "thorough"'))
    assert [removal.rule for removal in cleaner.clean("a\nx\nb").removals] == ["test/r", "test/s"]


def test_a_line_is_asked_once_by_all_hits_that_it_is_near(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    matches = Matcher.matches
    monkeypatch.setattr(Matcher, "matches", lambda self, *line: asked.append(line[0]) or matches(self, *line))
    text = "related\n" * 100 + "a"
    cleaner = pack(LINE + 'phrases = ["related"]\nnear = { contains = ["more pages"], within = 50 }')
    assert cleaner.clean(text).text is text
    assert len(asked) <= 210


@pytest.mark.parametrize(
    ("body", "before", "after"),
    [
        ('of = "line"\ndrop = "later"', "alpha\nb\nAlpha!\nc", "alpha\nb\nc"),
        ('of = "line"\ndrop = "earlier"', "a\nalpha\nb\nAlpha!\nc", "a\nb\nAlpha!\nc"),
        ('of = "line"\ndrop = "earlier"', "headline\nb\nheadline\nc", "headline\nb\nheadline\nc"),
        ('of = "line"\ndrop = "later"\nwithin = 1', "alpha\nb\nalpha\nalpha", "alpha\nb\nalpha"),
        ('of = "line"\nmatch = "prefix"\ndrop = "earlier"', "A cat\nA cat on a mat", "A cat on a mat"),
        ('of = "title"\ndrop = "later"', "The Title\n\nThe title\nq\nThe Title", "The Title\n\nq"),
        ('of = "title"\nmatch = "ends"\ndrop = "later"', "The Title\nNo comments on The Title\nq", "The Title\nq"),
    ],
)
def test_repeat(pack: Pack, body: str, before: str, after: str) -> None:
    assert pack(rule("repeat", body)).clean(before).text == after


def test_repeat_of_the_documents_title(pack: Pack) -> None:
    cleaner = pack(rule("repeat", 'of = "title"'))
    assert cleaner.clean("Kicker\nThe Title\nq\nThe Title", title="The Title").text == "Kicker\nThe Title\nq"


@pytest.mark.parametrize(
    ("body", "before", "after"),
    [
        ("", "Home\nNews\nOf Mice and Men\nq", "Of Mice and Men\nq"),
        ("within = 1", "Home\nNews\nOf Mice and Men\nq", "Home\nNews\nOf Mice and Men\nq"),
        ("within = 2", "Home\nNews\nOf Mice and Men\nq", "Of Mice and Men\nq"),
        ("max_chars = 5", "A long line.\nNews\nOf Mice and Men", "A long line.\nNews\nOf Mice and Men"),
        ('phrases = ["home", "news"]', "News\nHome\nOf mice and men\nq", "Of mice and men\nq"),
        ("", "Home\nOf Mice\nq", "Home\nOf Mice\nq"),  # two words of a title are too few to be sure
        ("", "Of Mice and Men\nNews\nOf Mice and Men", "Of Mice and Men\nNews\nOf Mice and Men"),
    ],
)
def test_above_the_title(pack: Pack, body: str, before: str, after: str) -> None:
    cleaner = pack(rule("repeat", f'of = "title"\nmatch = "above"\n{body}'))
    assert cleaner.clean(before, title="Of Mice and Men - The Courier").text == after
    assert cleaner.clean(before).text == before


def test_keep_protects_from_every_rule(pack: Pack) -> None:
    cleaner = pack(
        rule("section", 'phrases = ["related"]\nuntil = ["end"]\nmax_share = 1.0')
        + '[[rule]]\nid = "k"\nkind = "keep"\nreason = "Test."\ncontains = ["recipe"]\n'
    )
    assert cleaner.clean("q\nrelated\na\nThe recipe\nb").text == "q\nThe recipe"


@pytest.mark.parametrize(
    ("condition", "before", "after"),
    [
        ("below = { contains = ['links'] }", "Good.\nMenu\nShare\nFooter links\nEnd", "Good.\nEnd"),
        ("below = { contains = ['links'] }", "Good.\nMenu\nShare\nOf links\nEnd", "Good.\nShare\nOf links\nEnd"),
        ("below = { contains = ['links'] }", "Good.\nShare\nFooter links\nEnd", "Good.\nShare\nEnd"),
        ("below = { contains = ['links'] }", "Share\nFooter links\nEnd", "Share\nEnd"),
        ("below = { none = true, within = 3 }", "Good.\nMenu\nShare\nFooter", "Good.\nShare"),
        ("", "Good.\nMenu\nShare\nFooter links\nEnd", "Good.\nShare\nEnd"),
        ("near = { alike = true }", "Good.\nMenu\nShare\n\nShare\nFooter\nEnd", "Good.\nShare\n\nShare\nEnd"),
    ],
)  # fmt: skip
def test_what_is_kept_for_what_stands_beside_it_goes_with_that(
    pack: Pack, condition: str, before: str, after: str
) -> None:
    keep = (
        f'[[rule]]\nid = "k"\nkind = "keep"\nreason = "Test."\nprofile = "careful"\nphrases = ["Share"]\n{condition}\n'
    )
    assert pack(keep + rule("line", 'starts = ["menu", "share", "footer"]')).clean(before).text == after


def test_a_keep_rule_that_only_another_rule_asks_for_keeps_nothing(tmp_path: Path, engine: EngineName) -> None:
    path = tmp_path / "p.toml"
    keep = '[[rule]]\nid = "k"\nkind = "keep"\nreason = "Test."\nstarts = ["share"]\n'
    path.write_text(
        '[pack]\nversion = "1"\ndescription = "Test."\n'
        + keep
        + rule("line", 'contains = ["share"]\n')
        + '[[rule]]\nid = "below"\nkind = "line"\nreason = "Test."\nphrases = ["x"]\nabove = { rule = "k" }\n'
    )
    text = "A line.\nShare this\nx"
    assert Cleaner(rules=load_rules(path, bundled=False), engine=engine).clean(text).text == "A line.\nShare this"
    silent = load_rules(path, bundled=False, ignore=["p/k"])
    assert Cleaner(rules=silent, engine=engine, on_guard="cut").clean(text).text == "A line."


@pytest.mark.parametrize("line_break", ["\r\n", " \n", "\t\n", "\u00a0 \n"])
@pytest.mark.parametrize("form", ['regex = ["^share this$"]', 'regex = ["^Share this$"]\ncase = true'])
def test_blanks_behind_a_line_are_no_part_of_it(pack: Pack, form: str, line_break: str) -> None:
    """For its wording, its exception, and the lines beside it."""
    text = line_break.join(["A line.", "Share this", "to all", ""])
    assert pack(LINE + form).clean(text).text == line_break.join(["A line.", "to all", ""])
    assert pack(LINE + 'starts = ["share"]\nunless = { regex = ["this$"] }').clean(text).removals == ()
    assert pack(LINE + 'phrases = ["to all"]\nabove = { regex = ["this$"] }').clean(text).text == line_break.join(
        ["A line.", "Share this", ""]
    )


def test_blanks_that_a_kept_part_begins_or_ends_with_stay(pack: Pack) -> None:
    keep = rule("keep", "regex = ['''^kept ''', ''' kept$''']\npart = true").replace('"r"', '"k"')
    cleaner = pack(keep + rule("span", 'contains = ["go"]'))
    assert [cleaner.clean(line).text for line in ("a go kept", "kept go", "go kept")] == ["a  kept", "kept ", " kept"]
    assert cleaner.clean("a go\tb kept").text == "a b kept"
    indent = rule("keep", "regex = ['''^  (?=go)''']\npart = true").replace('"r"', '"k"')
    assert pack(indent + rule("span", 'contains = ["go"]')).clean("a\n  go\nb").text == "a\n  \nb"


def test_marks_stay_in_the_text(pack: Pack) -> None:
    result = pack(LINE + 'starts = ["by"]\naction = "mark"').clean("Title\nBy Anna\nText")
    assert result.text == "Title\nBy Anna\nText"
    assert [(mark.start, mark.end, mark.rule) for mark in result.marks] == [(6, 13, "test/r")]
    (mark,) = pack(rule("span", 'contains = ["(photo)"]\naction = "mark"')).clean("A dog (Photo) ran.").marks
    assert (mark.start, mark.end, mark.text) == (6, 13, "(Photo)")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\n\nx\n\nb", "a\n\nb"),
        ("a\n\n\nx\n\nb", "a\n\n\nb"),
        ("a\n\nx\n\n\nb", "a\n\n\nb"),
        ("a\nx\nb", "a\nb"),
        ("x\n\na", "a"),
        ("\n\nx\na", "a"),
        ("a\n\nx\n", "a\n"),
        ("a\n\nx", "a"),
        ("a\r\nx\r\n", "a\r\n"),
        ("a\r\n\r\nx", "a"),
        ("a\r\nx\r\nb", "a\r\nb"),
        ("x", ""),
        ("x\nx\n\nx", ""),
        ("a\nx\n\nx\nb\n\nx", "a\nb"),
    ],
)
def test_tidy(pack: Pack, before: str, after: str) -> None:
    assert pack(LINE + 'phrases = ["x"]').clean(before).text == after


def test_neighbouring_lines_keep_their_own_names(pack: Pack) -> None:
    cleaner = pack(LINE + 'phrases = ["x"]\n[[rule]]\nid = "s"\nkind = "line"\nreason = "Test."\nphrases = ["y"]')
    removals = cleaner.clean("a\n\nx\ny\n\nx\n\nb").removals
    assert [(removal.rule, removal.text) for removal in removals] == [
        ("test/r", "x\n"),
        ("test/s", "y\n\n"),
        ("test/r", "x\n\n"),
    ]


def test_very_long_lines_are_left_alone(pack: Pack) -> None:
    cleaner = pack(LINE + 'starts = ["read also"]')
    for size, gone in ((5_000, True), (5_001, False), (30_000, False)):
        assert bool(cleaner.clean("read also ".ljust(size, "a")).removals) is gone


def test_a_mark_on_what_goes_is_not_told(pack: Pack) -> None:
    cleaner = pack(
        LINE + 'starts = ["by"]\naction = "mark"\n'
        '[[rule]]\nid = "s"\nkind = "line"\nreason = "Test."\nphrases = ["by anna"]\n'
    )
    result = cleaner.clean("Title\nBy Anna\nBy Bert")
    assert result.text == "Title\nBy Bert"
    assert [mark.text for mark in result.marks] == ["By Bert"]


def test_a_mark_on_what_two_rules_take_together_is_not_told(pack: Pack) -> None:
    cleaner = pack(
        rule("section", 'phrases = ["by anna"]\nmax_lines = 1\nmax_share = 1.0\naction = "mark"')
        + rule("line", 'phrases = ["by anna"]').replace('"r"', '"a"')
        + rule("line", 'phrases = ["by bert"]').replace('"r"', '"b"')
    )
    assert cleaner.clean("Title\nBy Anna\nBy Bert\nText").marks == ()
    assert [mark.text for mark in cleaner.clean("Title\nBy Anna\nBy Cleo\nText").marks] == ["By Anna\nBy Cleo"]


def test_no_rules_at_all(engine: str) -> None:
    text = "Subscribe to our newsletter\n"
    assert Cleaner(rules=RuleSet(()), engine=engine).clean(text).text is text
