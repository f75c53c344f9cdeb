"""Where sections begin and end, in small texts, under both engines."""

from __future__ import annotations

import textwrap

import pytest
from test_kinds import PROSE, Pack, rule

from cleaner.clean import kinds


@pytest.mark.parametrize(
    ("body", "before", "after"),
    [
        ('until = ["prose"]\nmax_share = 0.9', f"{PROSE}\nrelated\n\na\n\nb\n{PROSE}", f"{PROSE}\n{PROSE}"),
        ('until = ["prose"]', f"{PROSE}\nrelated\na\n\nHead\n\n{PROSE}", f"{PROSE}\n\nHead\n\n{PROSE}"),
        ('until = ["prose"]', f"{PROSE}\nrelated\n\na\nb\n\n{PROSE}", f"{PROSE}\n\n{PROSE}"),
        ('until = ["blank"]\nmax_share = 1.0', "q\nrelated\n\na\nb\n\nc", "q\n\nc"),
        ('until = ["heading"]', f"q\nrelated\na\n\nHead\n\n{PROSE}", f"q\n\nHead\n\n{PROSE}"),
        ('until = ["end"]\nmax_share = 1.0', "q\nrelated\na\n\nb\n", "q\n"),
        ("max_lines = 1\nmax_share = 1.0", "q\nrelated\na\nb", "q\nb"),
        ('until = ["end"]\nstop = { phrases = ["s"] }\nmax_share = 1.0', "q\nrelated\na\ns\nb", "q\ns\nb"),
        ('until = ["end"]\nmax_share = 0.3', "q\nrelated\na very long line of words", "q\na very long line of words"),
    ],
)  # fmt: skip
def test_section(pack: Pack, body: str, before: str, after: str) -> None:
    cleaner = pack(rule("section", 'phrases = ["related"]\n' + body))
    assert cleaner.clean(before).text == after


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_section_above_all_prose_that_its_lines_end_takes_them_all(pack: Pack, gap: str) -> None:
    """It is not the prose that ends it, be that right below or after a blank line."""
    cleaner = pack(rule("section", 'phrases = ["related"]\nuntil = ["end"]\nmax_lines = 4\nmax_share = 1.0'))
    assert cleaner.clean(f"related\na\nb\nc\nd\ne{gap}{PROSE}").text == f"e{gap}{PROSE}"


WRAPPED = (
    "The mill on the upper river had stood still for forty winters, as\nnobody in the valley could say who had to mend "
    "the weir. Then the\nferryman's daughter came back, and the council, which had never been\nasked before, gave her "
    "the keys."
)
"""A paragraph as mail and plain-text books have it; none of its lines reads like running text."""


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("until", ['until = ["prose"]', "until = [\"end\"]\nstop = { regex = ['^[^\\n]{180}'] }"])
def test_a_section_ends_at_a_hard_wrapped_paragraph_as_at_one_of_one_line(pack: Pack, until: str, ends: str) -> None:
    section = f'phrases = ["related"]\n{until}\nmax_share = 0.9'
    links = "related\nHow the quay was built\nThe weir in winter\n\n"
    for text, left in (
        (f"{WRAPPED}\n\n{links}{WRAPPED}\n", f"{WRAPPED}\n\n{WRAPPED}\n"),
        (f"{WRAPPED}\n\n{links}a b\n{WRAPPED}\n", f"{WRAPPED}\n\n{WRAPPED}\n"),
    ):
        assert pack(rule("section", section)).clean(text.replace("\n", ends)).text == left.replace("\n", ends)
    upward = f"upward = true\n{section}"
    before = f"{WRAPPED}\n\nHow the quay was built\nThe weir in winter\nrelated\n"
    assert pack(rule("section", upward)).clean(before).text == f"{WRAPPED}\n"


@pytest.mark.parametrize("front", ["", "    ", "> "])
@pytest.mark.parametrize("kind", ["line", "shape"])
def test_no_line_is_taken_out_of_a_hard_wrapped_paragraph(pack: Pack, kind: str, front: str) -> None:
    asked = 'contains = ["had never been"]' if kind == "line" else "when = { chars = { max = 80 } }"
    cleaner = pack(rule(kind, asked))
    lines = [front + line for line in WRAPPED.splitlines()]
    assert cleaner.clean("\n".join([*lines, "", lines[2], ""])).text == "\n".join([*lines, ""])


def test_a_hard_wrapped_paragraph_may_be_as_wide_as_sources_are(pack: Pack) -> None:
    cleaner = pack(rule("line", 'contains = ["had never been"]'))
    sources, lines = (textwrap.fill(f"{WRAPPED} {WRAPPED}", width) for width in (118, 140))
    assert cleaner.clean(sources).text == sources
    assert cleaner.clean(lines).text != lines


def test_a_hard_wrapped_paragraph_that_comes_again_keeps_its_lines(pack: Pack) -> None:
    cleaner = pack(rule("repeat", 'of = "line"\nmatch = "same"\ndrop = "later"\nmin_chars = 4'))
    assert cleaner.clean(f"{WRAPPED}\n\nHome\n{WRAPPED}\n\nHome\n").text == f"{WRAPPED}\n\nHome\n{WRAPPED}\n"


@pytest.mark.parametrize("upward", ["true", "false"])
def test_no_section_opens_in_a_hard_wrapped_paragraph(pack: Pack, upward: str) -> None:
    section = f'contains = ["had never been"]\nuntil = ["end"]\nmax_share = 1.0\nupward = {upward}'
    text = f"a\n\n{WRAPPED}\n\nb\n"
    assert pack(rule("section", section)).clean(text).text is text


def test_a_paragraph_of_two_lines_is_one_in_a_text_that_is_wrapped(pack: Pack) -> None:
    two = "How the keeper of the weir came by his name is told in a letter, as\nfollows"
    cleaner = pack(rule("line", 'phrases = ["follows"]'))
    wrapped = f"{WRAPPED}\n\n" * 4
    assert cleaner.clean(f"{wrapped}{two}").text == f"{wrapped}{two}"
    assert cleaner.clean(f"{PROSE}\n{two}").text == f"{PROSE}\n{two.removesuffix('follows').rstrip()}"


def test_no_section_opens_within_a_hard_wrapped_paragraph(pack: Pack) -> None:
    cleaner = pack(rule("section", 'ends = ["had never been"]\nuntil = ["blank"]\nmax_share = 0.9'))
    assert cleaner.clean(f"{WRAPPED}\n").text == f"{WRAPPED}\n"


def test_titles_one_below_another_are_no_hard_wrapped_paragraph(pack: Pack) -> None:
    titles = "How the quay was built in four winters by two men\nThe ferryman's daughter comes back to the mill\n" * 3
    cleaner = pack(rule("section", 'phrases = ["related"]\nuntil = ["prose"]\nmax_share = 0.9'))
    assert cleaner.clean(f"{WRAPPED}\nrelated\n{titles}").text == f"{WRAPPED}\n"


def test_a_line_is_asked_once_by_all_heads_whose_sections_it_does_not_end(
    pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    end = kinds._end
    monkeypatch.setattr(
        kinds, "_end", lambda section, view, rank, *rest: asked.append(rank) or end(section, view, rank, *rest)
    )
    cleaner = pack(rule("section", 'phrases = ["related"]\nuntil = ["prose"]\nmax_lines = 60\nmax_share = 0.3'))
    gone = cleaner.clean("related\n" * 100 + "a").removals
    assert sum(removal.text.count("related") for removal in gone) == 100
    assert len(asked) <= 200


@pytest.mark.parametrize("upward", [False, True])
def test_a_heading_beside_a_head_is_part_of_its_section_whatever_head_stands_before(pack: Pack, upward: bool) -> None:
    head = (
        "These are the related pages, which are more than eight words."  # running text, as must stand below a heading
    )
    section = f'contains = ["related pages"]\nuntil = ["heading"]\nmax_share = 0.3\nupward = {str(upward).lower()}'
    for first in (head, "a link"):
        far, beside = [first, *(60 * ["a link here"])], ["", "A heading", "", PROSE]
        lines = [*beside[::-1], head, *far[::-1]] if upward else [*far, head, *beside]
        gone = pack(rule("section", section)).clean("\n".join(lines)).removals
        assert "A heading" in gone[0 if upward else -1].text


@pytest.mark.parametrize("stop", [".", "?", "…", "؟", "۔", "।", "։", "።"])
def test_prose_ends_as_its_script_has_it(pack: Pack, stop: str) -> None:
    told = " ".join(8 * ["слово"]) + stop
    cleaner = pack(rule("section", 'phrases = ["related"]\nuntil = ["prose"]\nmax_share = 1.0'))
    assert cleaner.clean(f"q {told}\nrelated\na\n{told}").text == f"q {told}\n{told}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"home\nrelated\nThe title\n{PROSE}", f"home\nThe title\n{PROSE}"),
        (f"related\n\na\nThe title\nBy Mara Quill\n3 May\n\n{PROSE}", f"The title\nBy Mara Quill\n3 May\n\n{PROSE}"),
        (f"related\na\nb\nc\nd\n{PROSE}\nrelated\ne\n{PROSE}", f"b\nc\nd\n{PROSE}\n{PROSE}"),
        ("related\na\nb\nc\nd", ""),
    ],
)
def test_a_section_above_all_prose_leaves_the_title_with_byline_and_date(pack: Pack, before: str, after: str) -> None:
    cleaner = pack(rule("section", 'phrases = ["related"]\nuntil = ["prose"]\nmax_share = 1.0'), max_removed=1.0)
    assert cleaner.clean(before).text == after


@pytest.mark.parametrize("until", ['["prose"]', '["end"]'])
def test_a_section_above_all_prose_ends_at_the_headline(pack: Pack, until: str) -> None:
    """However much stands between it and the prose; the same words below the article end nothing."""
    cleaner = pack(rule("section", f'phrases = ["related"]\nuntil = {until}\nmax_share = 1.0'))
    article = f"No ferry today\nBy Mara Quill\nStaff\n3 May\nNews\n{PROSE}"
    text = f"home\nrelated\nHelp for the mill\n{article}\nrelated\nNo ferry today\nA new kiln"
    assert cleaner.clean(text, title="No ferry today | The Post").text == f"home\n{article}"


def test_a_section_above_all_prose_leaves_the_title_within_its_most_lines_too(pack: Pack) -> None:
    cleaner = pack(rule("section", 'phrases = ["related"]\nuntil = ["prose"]\nmax_lines = 4\nmax_share = 1.0'))
    text = f"related\na\nThe title\nBy Mara Quill\n3 May\n{PROSE}"
    assert cleaner.clean(text).text == f"The title\nBy Mara Quill\n3 May\n{PROSE}"


@pytest.mark.parametrize(
    ("body", "before", "after"),
    [
        ('until = ["end"]', "a\n\nb\nrelated\nq", "q"),
        ('until = ["end"]', "a\nrelated\nb\nrelated\nq", "q"),
        ('until = ["prose"]', f"a\n{PROSE}\nb\nrelated\nq", f"a\n{PROSE}\nq"),
        ('until = ["blank"]', "a\n\nb\n\nrelated\nq", "a\n\nq"),
        ("max_lines = 1", "a\nb\nrelated\nq", "a\nq"),
        ("max_lines = 1", "a\nrelated\nb\nc\nrelated\nq", "b\nq"),
        ('until = ["end"]\nstop = { phrases = ["s"] }', "a\ns\nb\nrelated\nq", "a\ns\nq"),
        ('until = ["end"]\nstop = { phrases = ["s"] }', "a\nrelated\ns\nb\nrelated\nrelated\nq", "s\nq"),
        ('until = ["end"]\nstop = { phrases = ["s"] }', "related\ns\nrelated\nq", "s\nq"),
    ],
)
def test_section_upward(pack: Pack, body: str, before: str, after: str) -> None:
    cleaner = pack(rule("section", f'phrases = ["related"]\nupward = true\nmax_share = 1.0\n{body}'))
    assert cleaner.clean(before).text == after


def test_a_section_upward_that_is_too_large_shrinks_to_its_head(pack: Pack) -> None:
    cleaner = pack(rule("section", 'phrases = ["related"]\nupward = true\nuntil = ["end"]\nmax_share = 0.4'))
    assert cleaner.clean("ab\nrelated\na very long line of words\nrelated\nq").text == "a very long line of words\nq"


@pytest.mark.parametrize("gap", [" ", "      "])
def test_columns_of_a_menu_are_no_prose(pack: Pack, gap: str) -> None:
    page = f"{PROSE}\nRelated\nHome{gap * 8}About us.\nA mill{gap * 5}May 2.\n{PROSE}"
    left = pack(rule("section", 'phrases = ["related"]\nuntil = ["prose"]\nmax_share = 1.0')).clean(page).text
    assert left == f"{PROSE}\n{PROSE}"


@pytest.mark.parametrize(
    ("direction", "before"),
    [("", "q\n“Related?”\na\nb"), ("upward = true\n", "a\nb\n“Related?”\nq")],
)
def test_a_section_whose_head_is_kept_does_not_open(pack: Pack, direction: str, before: str) -> None:
    section = rule("section", f'phrases = ["related"]\nuntil = ["end"]\nmax_share = 1.0\n{direction}')
    keep = '[[rule]]\nid = "k"\nkind = "keep"\nreason = "Test."\nstarts = ["related?"]\n'
    assert pack(section).clean(before).text == "q"
    assert pack(section + keep).clean(before).text == before


def test_a_section_that_reaches_up_is_where_its_head_line_stands_for_other_rules(pack: Pack) -> None:
    section = rule("section", 'phrases = ["related"]\nupward = true\nuntil = ["end"]\nmax_share = 1.0')
    line = rule("line", 'phrases = ["more"]\nabove = { rule = "r" }').replace('id = "r"', 'id = "l"')
    cleaner = pack(section + line)
    assert cleaner.clean("a\nrelated\nmore\nq").text == "q"
    assert cleaner.clean("a\nmore\nq").text == "a\nmore\nq"
