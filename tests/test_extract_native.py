"""The compiled loops read a page as the NumPy modules define, to the last number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_extract import NAV, PARAGRAPHS, PIECES, UNSEEN

from cleaner.extract import features, scorer, source
from cleaner.extract.head import head_of
from cleaner.extract.markup import Unbalanced
from cleaner.text.speed import compiled_module

HTMLTree = pytest.importorskip("resiliparse.parse.html").HTMLTree

_features, _source, _charset = (
    compiled_module(f"cleaner.extract.{name}") for name in ("_features", "_source", "_charset")
)
if _features is None:
    pytest.skip("the package was built without its compiled loops: NumPy is all there is", allow_module_level=True)

HEAD = '<h1 class="entry-title">No ferry on Thursday</h1><div class="byline">By <a href="/jonna">Jonna Field</a></div>'


def same(here: features.MeasuredPage, there: features.MeasuredPage) -> bool:
    columns = (there.lines.size, here.lines.size), (there.lines.gap, here.lines.gap), (there.values, here.values)
    return there.lines.text == here.lines.text and all(a.tolist() == b.tolist() for a, b in columns)


def body(page: bytes) -> bytes:
    html: bytes = HTMLTree.parse_from_bytes(page).body.html.encode()
    return html


@given(
    st.lists(st.sampled_from([*PIECES, *UNSEEN, *(f"<p>{text}</p>" for text in PARAGRAPHS), NAV, HEAD]), max_size=40)
)
def test_the_compiled_loops_say_the_same(pieces: list[str]) -> None:
    page = body(source.visible("".join(pieces).encode("utf-8", "replace")))
    try:
        here = features.measure(page, "No ferry on Thursday")
    except Unbalanced:
        with pytest.raises(Unbalanced):
            _features.measure(page, "No ferry on Thursday")
        return
    there = _features.measure(page, "No ferry on Thursday")
    assert same(here, there)
    assert here.lines.listing.tolist() == there.lines.listing.tolist()
    trees = scorer.load()
    assert trees.score(here.values).tolist() == trees._score(here.values).tolist()


@given(st.lists(st.sampled_from([*UNSEEN, "<p>", "</p>", "one two three. "]), max_size=30))
def test_the_compiled_loops_leave_out_the_same(pieces: list[str]) -> None:
    page = f"<body>{''.join(pieces)}".encode()
    assert _source.visible(page) == source.visible(page)


@pytest.mark.parametrize("page", [b"<body</script>></body>", b"<span>Words in no block</span>"])
def test_text_in_no_block_is_refused(page: bytes) -> None:
    """Whatever a parser makes of a broken tag, it is no page."""
    for measure in (features.measure, _features.measure):
        with pytest.raises(Unbalanced):
            measure(page, "Words")


ATTRIBUTES = [
    *(" ", "\n", "/", " class=related", " class='a \"b'", ' CLASS="x"id="sidebar"', " id = y", " hidden", " z="),
    *(' style="color:red"', ' href="/a?b=c>d"', " data-x='<p>'", " src=/a/", ' title="it\'s"', "'", ' data-class="ad"'),
]


@given(st.lists(st.tuples(st.sampled_from(["p", "div", "a", "br", "img"]), st.lists(st.sampled_from(ATTRIBUTES)))))
def test_attributes_that_nobody_reads_are_left_out(tags: list[tuple[str, list[str]]]) -> None:
    parts = (f"<{name}{''.join(attributes)}>{PARAGRAPHS[i % 4]}" for i, (name, attributes) in enumerate(tags))
    page = f"<html lang=en><head><meta name=x></head><body class=b>{''.join(parts)}".encode()
    assert same(features.measure(body(page)), features.measure(body(_source.visible(page))))
    assert _source.attribute_pairs(page) == source.attribute_pairs(page)
    assert _source.visible(page).startswith(b"<html lang=en><head><meta name=x></head><body class=b>")


@pytest.mark.parametrize(
    "held",
    [
        "<math><![CDATA[<a href='/x>y'>]]></math>",
        *("<?php <a href='/x>y'> ?>", "</<a href='/x>y'>", "<!x <a href='/x>y'>"),
        '<p class="x<div class="sidebar" id=x hidden>Words',
    ],
)
def test_what_looks_like_an_attribute_is_left_alone(held: str) -> None:
    page = f"<html><body>{held}<p>{PARAGRAPHS[0]}".encode()
    assert body(_source.visible(page)) == body(source.visible(page))


@pytest.mark.parametrize("end", ["</head>", "</HEAD >", "<body class=story>", "<BODY>", "<template></head></template>"])
def test_the_head_of_a_page_ends_at_the_same_place(end: str) -> None:
    page = f"<html><head><meta name=author content='Jonna Field'>{end}<meta name=date content=2021-03-04>".encode()
    assert head_of(_source.visible(page)) == head_of(source.visible(page))
    assert ("date" in head_of(source.visible(page))) == ("template" in end)


@given(st.binary(max_size=40), st.text(max_size=20), st.binary(max_size=9))
def test_the_compiled_loops_know_utf8(first: bytes, text: str, last: bytes) -> None:
    data = first + text.encode("utf-8", "surrogatepass") + last
    try:
        data.decode()
    except UnicodeDecodeError:
        assert not _charset.is_utf8(data)
    else:
        assert _charset.is_utf8(data)
