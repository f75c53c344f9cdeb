"""From a web page to a document: through `extract`, on pages written for it."""

from __future__ import annotations

import json
import multiprocessing
import re
import time
import zlib
from html import escape

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.errors import RecordError, UsageError
from cleaner.extract.agree import lines_within
from cleaner.extract.charset import to_utf8
from cleaner.extract.page import PageError, PageLimits, extract
from cleaner.extract.precise import within

trafilatura = pytest.importorskip("trafilatura")
pytest.importorskip("resiliparse")

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


WORDS = re.compile(r"\w+")
LISTS = """<ol><li>Wait at the pier.</li><li>Buy a <b>ticket</b>.</li></ol>
<ul><li>Boats<ul><li>Ferry</li></ul></li></ul>
<table><tr><th>Day</th><th>Boats</th></tr><tr><td>Monday</td><td>12</td></tr></table><h3>How to wait</h3>
<pre>def wait(x):\n    return x</pre>
<p>H<sub>2</sub>O is what the <u>boat</u> needs, said the captain, and <b>w</b>ind.</p>"""


@pytest.mark.parametrize("around", ["<div>", '<div class="comments-open">'])
def test_markdown_has_the_lines_that_the_text_has(around: str) -> None:
    """What trafilatura leaves out, too: in a page that looks to it like comments that is all."""
    page = PAGE.replace("<main>", f"{around}<main>").replace("<h2>", f"{LISTS}<h2>")
    plain, markdown = extract(page).text, extract(page, to="markdown").text
    assert all(paragraph in plain for paragraph in PARAGRAPHS)
    kept = re.sub(r"^\d+\.|</?\w+>|\*\*", "", markdown, flags=re.MULTILINE)
    assert WORDS.findall(kept) == WORDS.findall(plain)
    assert "\n\n## What comes next\n\n" in markdown and "\n\n```\ndef wait(x):\n    return x\n```\n\n" in markdown
    assert re.search(r"^(-|1\.) Wait at the pier\.\n(-|2\.) Buy a ", markdown, re.MULTILINE)


def test_markdown_has_no_marks_that_the_page_has_not() -> None:
    """Trafilatura leaves out a page that looks to it like comments."""
    lines = ("# 1 was the ferry", "- said nobody", "1. FC", "---", "a_b [c] *d* <e> ~f~ `g` \\", "1.5 days", "-5 boats")
    listing = "<pre>wait:\n```\nboat\n````\nferry</pre>"
    said = "".join(f"<p>{escape(line)}</p><p>{PARAGRAPHS[0]}</p>" for line in lines)
    page = PAGE.replace("<main>", '<div class="comments-open"><main>').replace("<h2>", f"{listing}{said}<h2>")
    markdown = extract(page, to="markdown").text
    assert "\n\n`````\nwait:\n```\nboat\n````\nferry\n`````\n\n" in markdown
    assert [line for line in markdown.split("\n") if line.startswith(("\\", "1", "a", "-"))] == [
        *("\\# 1 was the ferry", "\\- said nobody", "1\\. FC", "\\---"),
        *("a\\_b \\[c\\] \\*d\\* \\<e> \\~f\\~ \\`g\\` \\\\", "1.5 days", "-5 boats"),
    ]


def test_markdown_keeps_what_trafilatura_writes() -> None:
    markdown = extract(PAGE.replace("<h2>", f"{LISTS}<h2>"), to="markdown").text
    assert "1. Wait at the pier.\n2. Buy a **ticket**" in markdown
    assert "| Day | Boats |\n|---|---|\n| Monday |" in markdown
    numbered = "<h3>1. The pier</h3><p>2. <b>Wait</b> there, said the captain of the ferry to Norrholm.</p>"
    markdown = extract(PAGE.replace("<h2>", f"{numbered}<h2>"), to="markdown").text
    assert "\n\n### 1. The pier\n\n2\\. **Wait** there, said" in markdown


def test_markdown_has_the_numbers_of_a_page_on_which_trafilatura_finds_little() -> None:
    quoted = "<blockquote>He said it <a href='/x'>here</a>.</blockquote>"
    page = f"<title>T</title><body><article><h2>What comes next</h2><p>1. First of all</p>{quoted}</article>"
    assert extract(page).text == "What comes next\n\n1. First of all"
    assert extract(page, to="markdown").text == "## What comes next\n\n1\\. First of all"


def test_a_page_says_the_same_after_any_other_page() -> None:
    alone = [extract(PAGE, extractor=name).text for name in ("trafilatura", "fast")]  # type: ignore[arg-type]
    for _ in range(5):
        assert [extract(PAGE, extractor=name).text for name in ("trafilatura", "fast")] == alone  # type: ignore[arg-type]


@given(st.binary(max_size=400))
def test_any_bytes_are_decoded_or_set_aside(data: bytes) -> None:
    to_utf8(data).decode("utf-8")
    try:
        document = extract(data, extractor="fast")
    except PageError as error:
        assert error.code and str(error)
    else:
        assert document.text.strip()


UNSEEN = [
    *("<template>", "</template>", "<svg>", "</svg>", "<xmp>", "</xmp>", "<script>", "</script>", "<!--", "-->", "<b>"),
    *(
        "<span hidden>",
        "</span>",
        "<p hidden>",
        "<video>",
        "</video>",
        "<annotation-xml encoding='text/html'>",
        "<i hidden>",
    ),
    *(
        "<listing>",
        "</listing>",
        "<title>",
        "</title>",
        "<noscript>",
        "</noscript>",
        "<br>",
        "<datalist>",
        "</datalist>",
    ),
]
PIECES = [
    *("<p>", "</p>", "<div class='x\">y'>", "</div>", '<a href="<b>">', "</a>", "<table><tr><td>", "<!--", "-->"),
    *("<pre>\n", "</pre>", "<br/>", "&lt;p&gt;", "\ud800", "one two three. ", "<", ">", '"', "<svg>", "<![CDATA["),
    *("<b style='x:y;Display :none'>", "</b>", '<div id="sidebar">', "<h1>", "</h1>", "<li class=related>", "<object>"),
    *("<script>", "</script>", "<x-y z=>", "\0", "<select>", "<textarea>", "<title>", "é" * 70, '<img "alt>'),
]


@given(st.lists(st.sampled_from([*PIECES, *UNSEEN]), max_size=40))
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
        (b"<div>" * 400_000 + b"x", "too-deep"),
        (b"<a href=x><div>" * 200_000, "too-deep"),
        (b"<ul></div>" * 200_000, "too-deep"),
        (b"<div>" * 600_000, "too-large"),
        (b"<p>a" * 600_000, "too-large"),
        (b"<pre>" + b"a\n" * 600_000, "too-large"),
        (b"<pre>" + b"a&#10;b&#010c&#xA;d&#X00A;e&NewLine;" * 120_000, "too-large"),
        (b"<p %s>a" % b" ".join(b"a%d" % i for i in range(20_000)), "too-large"),
        (b"".join(b"<body a%d b%d c%d>" % (i, i, i) for i in range(4_000)) + b"a", "too-large"),
        (b"<noscript><p %s>a" % b" ".join(b"a%d='>'" % i for i in range(20_000)), "too-large"),
    ],
)
@pytest.mark.parametrize("extractor", ["trafilatura", "fast"])
def test_pages_without_text_and_hostile_ones_are_set_aside(page: bytes, code: str, extractor: str) -> None:
    with pytest.raises(PageError) as caught:
        extract(page, extractor=extractor)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert isinstance(caught.value, RecordError)


@pytest.mark.parametrize("extractor", ["trafilatura", "fast"])
def test_a_page_of_frames_says_where_its_text_is(extractor: str) -> None:
    page = "<html><head><title>Norrholm</title></head><frameset cols='20%,80%'><frame src=a.html></frameset>"
    page += f"<noframes>{PAGE[PAGE.index('<body>') :]}</noframes></html>"
    with pytest.raises(PageError, match="the page is a frameset: its text is in the pages of its frames") as caught:
        extract(page, extractor=extractor)  # type: ignore[arg-type]
    assert caught.value.code == "no-content"


def test_pages_of_hundreds_of_megabytes_are_set_aside_unread() -> None:
    with pytest.raises(PageError) as caught:
        extract(b"<p>x" * 50_000_000)
    assert caught.value.code == "too-large"
    with pytest.raises(PageError, match="the page has 120 bytes, more than 100"):
        extract("船" * 40, limits=PageLimits(size=100))


@pytest.mark.parametrize(
    "part",
    ["<a<a", "<svg ", '<p title="', "<a href=x></a>", "<b><p></b>", "<div a=1></div>", '"', "<", "&amp;", "<p>a"],
)
def test_many_of_anything_stay_bounded(part: str) -> None:
    try:
        extract(part * 20_000 + PAGE, extractor="fast")
    except PageError as error:
        assert error.code in ("no-content", "too-deep", "too-large")


def test_many_lines_are_looked_for_in_a_long_text() -> None:
    text = "\n".join(f"{PARAGRAPHS[0]} This is the morning of day {n} of it." for n in range(30_000))
    parts = ["This is the morning of day 7 of it.", "so the bakers closed. This is the morning of day 29999 of it."]
    told = lines_within([*parts, *(f"The link to the story of the day {n}" for n in range(30_000))], text)
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
    assert "## What comes next" in extract(PAGE, to="markdown").text
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


def by_script(*bodies: str) -> str:
    """A page that shows its story by script alone, and states those."""
    told = json.dumps([{"@type": "Article", "articleBody": body} for body in bodies]).replace("</", "<\\/")
    frame = PAGE[: PAGE.index("<main>")] + PAGE[PAGE.index("</main>") :]
    return frame.replace("</head>", f'<script type="application/ld+json">{told}</script></head>')


@pytest.mark.parametrize("extractor", ["trafilatura", "fast"])
def test_a_story_that_a_script_shows_is_read_where_the_page_states_it(extractor: str) -> None:
    text = "\n\n".join(PARAGRAPHS)
    page = by_script(text)
    assert extract(page, extractor=extractor).text == text  # type: ignore[arg-type]
    caption = "<p>The pier at Norrholm on the morning of Thursday, when no ferry came. Photo: Jonna Field</p>"
    page = by_script(text * 4).replace("<footer", f"<main>{caption}</main><footer")
    assert extract(page, extractor=extractor).text == text * 4  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stated", "text"),
    [
        ("<p>The boat <b>&amp; the sea</b></p><p>2 < 3</p>", "The boat & the sea\n\n2 < 3"),
        ("&lt;p&gt;The boat&lt;/p&gt;&lt;p&gt;The sea&lt;/p&gt;", "The boat\n\nThe sea"),
        ("The boat &amp; the sea\nThe pier\n \n\nThe end", "The boat & the sea\nThe pier\n\nThe end"),
        ("<p>The boat</p><script>load('<b>');</script><!-- /wp:p --><p>The sea</p>", "The boat\n\nThe sea"),
        ("Write <script>wait()</script> for the boat", "Write wait() for the boat"),
        ("The boat\0and\rthe sea\r\nThe pier", "The boat and the sea\nThe pier"),
    ],
)
def test_a_stated_story_has_its_paragraphs(stated: str, text: str) -> None:
    document = extract(by_script(stated, stated), extractor="fast")
    assert (document.text, document.hints, document.title) == (text, None, "No ferry on Thursday")


def test_a_stated_story_has_no_marks_in_markdown() -> None:
    assert extract(by_script("# 1 of *all*\n1. FC"), to="markdown").text == "\\# 1 of \\*all\\*\n1\\. FC"


def test_a_page_that_states_many_stories_or_shows_its_own_keeps_to_what_it_shows() -> None:
    with pytest.raises(PageError, match="no line of the page reads like text"):
        extract(by_script(*PARAGRAPHS), extractor="fast")
    page = PAGE.replace("<main>", by_script("It never came. " * 20) + "<main>")
    assert PARAGRAPHS[0] in extract(page, extractor="fast").text
    assert "It never came" not in extract(page, extractor="fast").text
