"""From a web page to a document: through `extract`, on pages written for it."""

from __future__ import annotations

import multiprocessing
import time
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.errors import RecordError, UsageError
from cleaner.extract import features, scorer, source
from cleaner.extract.agree import lines_told
from cleaner.extract.charset import to_utf8
from cleaner.extract.fast import judge, lines_of, settled, visible
from cleaner.extract.head import head_of
from cleaner.extract.markup import Unbalanced
from cleaner.extract.page import PageError, PageLimits, extract
from cleaner.extract.precise import within
from cleaner.extract.source import nesting
from cleaner.extract.speed import native

trafilatura = pytest.importorskip("trafilatura")
HTMLTree = pytest.importorskip("resiliparse.parse.html").HTMLTree

PARAGRAPHS = [
    "The ferry to Norrholm had been late all week, and on Thursday it did not come at all, so the bakers closed.",
    "Mayor Ilse Brandt said that the town would hire a second boat, although nobody could say at what cost.",
    "By the evening the queue reached the fish market; children had begun to play cards on the suitcases of strangers.",
    "“We have waited before,” said Tomas Werle, who has run the kiosk since 1988, “and we always got across.”",
]
NAV = "".join(f'<li><a href="/{word}">{word.title()}</a></li>' for word in ("politics", "harbour", "weather", "sports"))
PAGE = f"""<!DOCTYPE html>
<html lang="en-GB"><head><title>No ferry on Thursday - The Norrholm Post</title>
<meta property="og:title" content="No ferry on Thursday"><meta name="author" content="Jonna Field">
<meta property="article:published_time" content="2021-03-04T10:00:00Z">
<link rel="canonical" href="https://post.example/ferry">
<script>var text = "This is a script and no sentence of the story.";</script></head>
<body><header><nav class="main-menu"><ul>{NAV}</ul></nav></header>
<main><article class="story"><h1>No ferry on Thursday</h1><div class="article-body">
{"".join(f"<p>{text}</p>" for text in PARAGRAPHS)}
<h2>What comes next</h2><p>The council meets on Monday &amp; will hear the captain, the bakers and the fire brigade.</p>
</div></article>
<aside class="related-posts"><h3>Related</h3><ul><li><a href="/1">Boats of the coast in pictures</a></li>
<li><a href="/2">Bakers ask for help</a></li></ul></aside></main>
<footer class="site-footer"><p>Copyright 2021 The Norrholm Post</p><a href="/imprint">Imprint</a></footer>
</body></html>"""


HEAD = '<h1 class="entry-title">No ferry on Thursday</h1><div class="byline">By <a href="/jonna">Jonna Field</a></div>'


@pytest.mark.parametrize("extractor", ["trafilatura", "fast"])
def test_the_story_stays_and_the_frame_goes(extractor: str) -> None:
    document = extract(PAGE, extractor=extractor)  # type: ignore[arg-type]
    for text in PARAGRAPHS:
        assert text in document.text
    assert "The council meets on Monday & will hear" in document.text
    for chrome in ("Weather", "Imprint", "Bakers ask for help", "This is a script"):
        assert chrome not in document.text


@pytest.mark.parametrize("extractor", ["trafilatura", "fast"])
def test_what_the_page_says_about_itself_travels_with_the_document(extractor: str) -> None:
    document = extract(PAGE, extractor=extractor)  # type: ignore[arg-type]
    assert document.title == "No ferry on Thursday"
    assert document.author == "Jonna Field"
    assert document.date == "2021-03-04"
    assert (document.lang or "en-GB") == "en-GB"
    assert document.url == "https://post.example/ferry"
    assert extract(PAGE, url="https://mirror.example/x", extractor=extractor).url == "https://mirror.example/x"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        (
            "<meta property=og:title content=Ferry><META NAME=author CONTENT='Jo Field'/><link rel=canonical href=https://a.example/b/>",
            {"title": "Ferry", "author": "Jo Field", "url": "https://a.example/b/"},
        ),
        (
            '<meta property="og:title" content="5 > 4"><meta name=date content=2021-03-04>',
            {"title": "5 > 4", "date": "2021-03-04"},
        ),
        ('<meta name="author" data-name="x" content="Jo" data-content="Bo" content="Al">', {"author": "Jo"}),
        ('<metadata name="author" content="Jo"><meta name="author" content="Bo', {}),
    ],
)
def test_attributes_are_read_as_browsers_do(tags: str, said: dict[str, str]) -> None:
    assert head_of(f"<html><head>{tags}</head><body><p>Words".encode()) == said


def test_hints_speak_of_each_line_of_the_text() -> None:
    document = extract(PAGE, extractor="fast")
    assert document.hints is not None
    lines = document.text.split("\n")
    assert {len(column) for column in document.hints.values()} == {len(lines)}
    assert document.hints["level"][lines.index("What comes next")] == 2
    assert document.hints["in_p"][lines.index(PARAGRAPHS[0])] == 1
    assert document.hints["link"][lines.index(PARAGRAPHS[0])] == 0


def test_markdown_keeps_headings_and_is_trafilaturas_alone() -> None:
    assert "## What comes next" in extract(PAGE, to="markdown").text
    with pytest.raises(UsageError):
        extract(PAGE, extractor="fast", to="markdown")
    with pytest.raises(UsageError):
        extract(PAGE, extractor="lynx")  # type: ignore[arg-type]


def test_a_page_says_the_same_after_any_other_page() -> None:
    alone = [extract(PAGE, extractor=name).text for name in ("trafilatura", "fast")]  # type: ignore[arg-type]
    for _ in range(5):
        assert [extract(PAGE, extractor=name).text for name in ("trafilatura", "fast")] == alone  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "declared", "header"),
    [
        ("utf-8", "", None),
        ("utf-8", '<meta charset="utf-8">', None),
        ("windows-1251", "", "windows-1251"),
        ("windows-1251", '<meta charset="utf-8">', "Windows-1251"),
        ("windows-1251", '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', None),
        ("shift_jis", '<meta charset="Shift_JIS">', None),
        ("utf-8-sig", '<meta charset="iso-8859-1">', None),
        ("utf-16", '<meta charset="utf-16">', None),
        ("utf-16-le", "", None),
        ("utf-16-be", "", "utf-8"),
        ("utf-32", "", None),
        ("utf-8", '<meta charset="iso-8859-1">', None),  # recoded by an archive, the old word left in place
    ],
)
def test_charset_by_mark_header_and_meta(name: str, declared: str, header: str | None) -> None:
    words = "これは日本語の文章です。" if name == "shift_jis" else "Паром опять не пришёл в четверг"
    page = f"<html><head>{declared}</head><body><p>{words}</p></body></html>"
    assert words in to_utf8(page.encode(name), header).decode()


@pytest.mark.parametrize(
    ("label", "codec", "words"),
    [
        ("Shift_JIS", "cp932", "①髙島屋㈱～"),
        ("EUC-KR", "cp949", "똠방각하"),
        ("GB2312", "gb18030", "朱镕基 €"),
        ("Big5", "big5hkscs", "碁銹裏"),
        ("TIS-620", "cp874", "“ก”"),
    ],
)
def test_charsets_hold_what_browsers_read_under_their_names(label: str, codec: str, words: str) -> None:
    assert words in to_utf8(f'<meta charset="{label}"><p>{words}'.encode(codec)).decode()


def test_charset_by_detection_and_the_webs_old_default() -> None:
    story = "Паром опять не пришёл в четверг, и булочники распродали всё ещё до полудня. " * 5
    assert story in to_utf8(f"<p>{story}</p>".encode("windows-1251")).decode()
    assert "café – déjà vu" in to_utf8("<p>café – déjà vu</p>".encode("cp1252")).decode()


def test_charsets_that_nobody_knows_are_passed_over() -> None:
    assert to_utf8(b'<meta charset="x-klingon"><p>caf\xc3\xa9', "none/such").decode().endswith("café")


@given(st.binary(max_size=400))
def test_any_bytes_are_decoded_or_set_aside(data: bytes) -> None:
    to_utf8(data).decode("utf-8")
    try:
        document = extract(data, extractor="fast")
    except PageError as error:
        assert error.code and str(error)
    else:
        assert document.text.strip()


PIECES = [
    *("<p>", "</p>", "<div class='x\">y'>", "</div>", '<a href="<b>">', "</a>", "<table><tr><td>", "<!--", "-->"),
    *("<pre>\n", "</pre>", "<br/>", "&lt;p&gt;", "\ud800", "one two three. ", "<", ">", '"', "<svg>", "<![CDATA["),
    *("<b style='x:y display:none'>", "</b>", '<div id="sidebar">', "<h1>", "</h1>", "<li class=related>", "<object>"),
    *("<script>", "</script>", "<x-y z=>", "\0", "<select>", "<textarea>", "<title>", "é" * 70, '<img "alt>'),
]


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_any_markup_is_read_or_set_aside(pieces: list[str]) -> None:
    try:
        extract("".join(pieces), extractor="fast")
    except PageError as error:
        assert error.code == "no-content"


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (b"", "no-content"),
        (b"<html><body></body></html>", "no-content"),
        (b"<script>" + b"x" * 1000, "no-content"),
        (zlib.compress(PAGE.encode()), "no-content"),
        (b"<div>" * 1_000_000 + b"x", "too-deep"),
        (b"<a href=x><div>" * 300_000, "too-deep"),
        (b"<ul></div>" * 200_000, "too-deep"),
        (b"<p>a" * 600_000, "too-large"),
    ],
)
@pytest.mark.parametrize("extractor", ["trafilatura", "fast"])
def test_pages_without_text_and_hostile_ones_are_set_aside(page: bytes, code: str, extractor: str) -> None:
    with pytest.raises(PageError) as caught:
        extract(page, extractor=extractor)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert isinstance(caught.value, RecordError)


def test_pages_of_hundreds_of_megabytes_are_set_aside_unread() -> None:
    with pytest.raises(PageError) as caught:
        extract(b"<p>x" * 50_000_000)
    assert caught.value.code == "too-large"


@pytest.mark.parametrize(
    "part",
    ["<a<a", "<svg ", '<p title="', "<a href=x></a>", "<b><p></b>", "<div a=1></div>", '"', "<", "&amp;", "<p>a"],
)
def test_many_of_anything_stay_bounded(part: str) -> None:
    try:
        extract(part * 20_000 + PAGE, extractor="fast")
    except PageError as error:
        assert error.code in ("no-content", "too-deep")


def test_many_lines_are_looked_for_in_a_long_text() -> None:
    text = "\n".join(f"{PARAGRAPHS[0]} This is the morning of day {n} of it." for n in range(30_000))
    parts = ["This is the morning of day 7 of it.", "so the bakers closed. This is the morning of day 29999 of it."]
    told = lines_told([*parts, *(f"The link to the story of the day {n}" for n in range(30_000))], text)
    assert np.flatnonzero(told).tolist() == [0, 1]


def test_text_without_any_tag_is_text() -> None:
    text = " ".join(PARAGRAPHS)
    assert extract(text, extractor="fast").text.strip() == text


def test_a_page_that_takes_trafilatura_too_long_goes_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def forever(*_: object, **__: object) -> None:
        while True:
            time.monotonic()

    monkeypatch.setattr(trafilatura, "bare_extraction", forever)
    document = extract(PAGE, limits=PageLimits(seconds=0.05))
    assert PARAGRAPHS[0] in document.text
    with pytest.raises(PageError, match=r"0\.05 seconds.*no text"):
        extract("<p></p>", limits=PageLimits(seconds=0.05))


def test_a_page_on_which_trafilatura_fails_goes_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RecursionError("too deep for me")

    monkeypatch.setattr(trafilatura, "bare_extraction", fail)
    assert PARAGRAPHS[0] in extract(PAGE).text
    with pytest.raises(PageError, match="RecursionError: too deep for me"):
        extract("<p></p>")


def test_the_time_limit_leaves_nothing_behind() -> None:
    for _ in range(50):
        assert within(10, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(10, lambda: 1 // 0)
    with pytest.raises(TimeoutError):
        within(0.01, lambda: all(iter(lambda: 1, 0)))


def _in_worker(extractor: str) -> str:
    return extract(PAGE, extractor=extractor).text  # type: ignore[arg-type]


def test_workers_extract_as_the_parent_does() -> None:
    names = ["trafilatura", "fast"]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(_in_worker, names) == [_in_worker(name) for name in names]


def test_what_is_taken_out_of_the_source() -> None:
    page = b"<P>a<!-- <script> -->b<SCRIPT>if (a < b)</SCRIPT >c<style>d</style>e<svg><text>f</text></svg>g<script>h"
    assert visible(page) == b"<P>abce g"
    assert visible(b"<p>a<svg>b") == b"<p>a<svg>b"
    assert visible(b"<p>a<scripture>b<svg-x>") == b"<p>a<scripture>b<svg-x>"
    assert visible(b"a<ANNOTATION>b</Annotation>c<NoScript>d</noscript>e<iframe>f") == b"a c e<iframe>f"


@pytest.mark.parametrize("visible", [source.visible, visible], ids=["python", "chosen"])
@pytest.mark.parametrize(
    ("page", "seen"),
    [
        (b"<title>a <script> b <!-- c</title><p>d<!-- e -->f", b"<title>a <script> b <!-- c</title><p>df"),
        (b"<p>a<textarea><style></textarea>b<script>c</script>d", b"<p>a<textarea><style></textarea>bd"),
        (b"<p>a<!-- b --!>c<!-- --> d<!--!> e --!>f<!-->g<!--->h", b"<p>ac dfgh"),
        (b"<p>a<svg width='1' />b<svg>c</svg>d<iframe />e</iframe>f", b"<p>a b d f"),
        (b'<?xml version="1.0"?><p>a<title/>b<script src="x"/>c<iframe />d', b'<?xml version="1.0"?><p>abc d'),
    ],
)
def test_what_only_looks_like_a_tag_or_ends_at_once_hides_nothing(
    page: bytes, seen: bytes, visible: Callable[[bytes], bytes]
) -> None:
    assert visible(page) == seen


def test_a_sites_name_above_the_headline_is_no_title() -> None:
    page = PAGE.replace("<header><nav", "<header><h1>The Norrholm Post</h1><nav")
    assert extract(page, extractor="fast").title == "No ferry on Thursday"


@pytest.mark.parametrize(
    "old",
    [
        "<basefont size=2>",
        "<bgsound src=a.wav>",
        "<keygen>",
        "<noembed><p>No sound</noembed>",
        "<noframes><b></noframes>",
    ],
)
def test_elements_that_nobody_writes_any_more_cost_no_page(old: str) -> None:
    assert (
        extract(PAGE.replace("<header>", f"{old}<header>"), extractor="fast").text
        == extract(PAGE, extractor="fast").text
    )


@pytest.mark.parametrize("title", ["What does <script> do?", "What does <!-- do?"])
def test_a_title_holds_text_alone(title: str) -> None:
    document = extract(f"<title>{title}</title>" + "".join(f"<p>{text}</p>" for text in PARAGRAPHS), extractor="fast")
    assert document.title == title
    assert all(text in document.text for text in PARAGRAPHS)


@pytest.mark.parametrize("extractor", ["trafilatura", "fast"])
def test_what_a_parser_takes_for_a_comment_is_no_text(extractor: str) -> None:
    for odd in ("<![if !IE]>", "<![CDATA[x]]>", '<?xml encoding="utf-8" ?>', "<?php echo 1; ?>", "<!x>", "</ x>"):
        page = PAGE.replace(PARAGRAPHS[0], PARAGRAPHS[0].replace(" ", f"{odd} ", 1)).replace("<p>", f"{odd}<p>")
        assert extract(page, extractor=extractor).text == extract(PAGE, extractor=extractor).text  # type: ignore[arg-type]
    code = PAGE.replace("What comes next", "What &lt;!-- and &lt;?xml ?&gt; say")
    assert "What <!-- and <?xml ?> say" in extract(code, extractor=extractor).text  # type: ignore[arg-type]


@pytest.mark.parametrize("extractor", ["trafilatura", "fast"])
@pytest.mark.parametrize("gone", ["<!-- -->", "<script>x()</script>", "<style>p {}</style>"])
def test_what_leaves_no_trace_within_a_word_parts_it_not(gone: str, extractor: str) -> None:
    page = PAGE.replace("1988", f"19{gone}88").replace("closed.", f"closed{gone}.")
    assert extract(page, extractor=extractor).text == extract(PAGE, extractor=extractor).text  # type: ignore[arg-type]


def test_what_is_not_displayed_within_a_line_is_no_text() -> None:
    told = PARAGRAPHS[0].replace("late", 'late <span style="display: none;">(show <b>more</b> of it)</span>')
    formula = "will hear <math><mi>x</mi><annotation>{\\mathbf x}</annotation></math>"
    text = extract(PAGE.replace(PARAGRAPHS[0], told).replace("will hear", formula), extractor="fast").text
    assert PARAGRAPHS[0] in text
    assert "will hear x" in text
    assert "mathbf" not in text


def test_a_block_that_is_not_displayed_is_judged_like_any_other() -> None:
    hidden = PAGE.replace('<div class="article-body">', '<div class="article-body" style="display:none">')
    assert PARAGRAPHS[0] in "\n".join(lines_of(hidden.encode()).page.lines.text)


def test_a_listing_stays_or_goes_as_one() -> None:
    listing = "\n".join(["boats = 2", "}", "", "for boat in boats:", "    sail(boat)  # &amp; wait", "x"] * 3)
    page = PAGE.replace("<h2>", f"<p>This is how they count:</p><pre><code>{listing}</code></pre><h2>")
    text = extract(page, extractor="fast").text
    kept = [line in text.split("\n") for line in ("boats = 2", "}", "for boat in boats:", "    sail(boat)  # & wait")]
    assert all(kept)  # as it stands between paragraphs that stay
    read = lines_of(page.encode())
    scores = settled(read, judge(read))[read.page.lines.listing > 0]
    assert len(scores) == 15
    assert len(set(scores.tolist())) == 1


def test_nesting_counts_what_stays_open() -> None:
    assert nesting(b"<div></div>" * 30_000, 100) == 0
    assert nesting(b"<p><li>" * 30_000, 100) == 0
    assert nesting(b"<DIV>" * 30_000, 100) == 101
    assert nesting(b"<ul></div>" * 30_000, 100) == 101
    assert nesting(b"<svg>" + b'<path d="M0"/>' * 30_000 + b"</svg>", 100) == 0


compiled = pytest.mark.skipif(native is None, reason="the package was built without its compiled loops")


def same(here: features.MeasuredPage, there: features.MeasuredPage) -> bool:
    columns = (there.lines.size, here.lines.size), (there.lines.gap, here.lines.gap), (there.values, here.values)
    return there.lines.text == here.lines.text and all(a.tolist() == b.tolist() for a, b in columns)


def body(page: bytes) -> bytes:
    html: bytes = HTMLTree.parse_from_bytes(page).body.html.encode()
    return html


@compiled
@given(st.lists(st.sampled_from([*PIECES, *(f"<p>{text}</p>" for text in PARAGRAPHS), NAV, HEAD]), max_size=40))
def test_the_compiled_loops_say_the_same(pieces: list[str]) -> None:
    assert native is not None
    page = body(source.visible("".join(pieces).encode("utf-8", "replace")))
    try:
        here = features.measure(page, "No ferry on Thursday")
    except Unbalanced:
        with pytest.raises(Unbalanced):
            native.measure(page, "No ferry on Thursday")
        return
    there = native.measure(page, "No ferry on Thursday")
    assert same(here, there)
    assert here.lines.listing.tolist() == there.lines.listing.tolist()
    trees = scorer.load()
    assert trees.score(here.values).tolist() == trees._score(here.values).tolist()


@compiled
@pytest.mark.parametrize("page", [b"<body</script>></body>", b"<span>Words in no block</span>"])
def test_text_in_no_block_is_refused(page: bytes) -> None:
    """Whatever a parser makes of a broken tag, it is no page."""
    assert native is not None
    for measure in (features.measure, native.measure):
        with pytest.raises(Unbalanced):
            measure(page, "Words")


ATTRIBUTES = [
    *(" ", "\n", "/", " class=related", " class='a \"b'", ' CLASS="x"id="sidebar"', " id = y", " hidden", " z="),
    *(' style="color:red"', ' href="/a?b=c>d"', " data-x='<p>'", " src=/a/", ' title="it\'s"', "'", ' data-class="ad"'),
]


@compiled
@given(st.lists(st.tuples(st.sampled_from(["p", "div", "a", "br", "img"]), st.lists(st.sampled_from(ATTRIBUTES)))))
def test_attributes_that_nobody_reads_are_left_out(tags: list[tuple[str, list[str]]]) -> None:
    assert native is not None
    parts = (f"<{name}{''.join(attributes)}>{PARAGRAPHS[i % 4]}" for i, (name, attributes) in enumerate(tags))
    page = f"<html lang=en><head><meta name=x></head><body class=b>{''.join(parts)}".encode()
    assert same(features.measure(body(page)), features.measure(body(native.visible(page))))
    assert native.visible(page).startswith(b"<html lang=en><head><meta name=x></head><body class=b>")


@compiled
@given(st.binary(max_size=40), st.text(max_size=20), st.binary(max_size=9))
def test_the_compiled_loops_know_utf8(first: bytes, text: str, last: bytes) -> None:
    assert native is not None
    data = first + text.encode("utf-8", "surrogatepass") + last
    try:
        data.decode()
    except UnicodeDecodeError:
        assert not native.is_utf8(data)
    else:
        assert native.is_utf8(data)
