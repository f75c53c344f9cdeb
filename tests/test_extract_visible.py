"""Which parts of a page are text that a reader sees: through `extract`, on pages written for it."""

from __future__ import annotations

import pytest
from test_extract import PAGE, PARAGRAPHS

from cleaner.extract.fast import adjusted, parse_page, score_lines
from cleaner.extract.page import extract

pytest.importorskip("resiliparse")
pytest.importorskip("trafilatura")


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


@pytest.mark.parametrize(
    "empty", ['<a id="page-9"/>', "<A name='x'  />", "<div/>", "<title/>", "<i\nclass='>'/>", "<nav/>"]
)
def test_an_empty_element_holds_nothing_where_the_page_is_xml(empty: str) -> None:
    xml = '<?xml version="1.0" encoding="utf-8"?>' + PAGE.replace("<!DOCTYPE html>", "").replace("<br>", "<br/>")
    told = xml.replace(PARAGRAPHS[0], empty + PARAGRAPHS[0])
    assert extract("\ufeff" + told, extractor="fast").text == extract(xml, extractor="fast").text
    assert extract(told, extractor="fast").text == extract(xml, extractor="fast").text


def test_a_section_of_character_data_is_text_where_the_page_is_xml() -> None:
    xml = '<?xml version="1.0" encoding="utf-8"?>' + PAGE.replace("<!DOCTYPE html>", "")
    told = xml.replace("&amp;", "<![CDATA[&]]>").replace("so the bakers", "<![CDATA[5 > 4 & <b> ]]]]>so the bakers")
    text = extract(told, extractor="fast").text
    assert "The council meets on Monday & will hear" in text
    assert "5 > 4 & <b> ]]so the bakers" in text
    assert PARAGRAPHS[0] in extract(xml.replace("<main>", "<![CDATA[<main>"), extractor="fast").text
    script = xml.replace("<h2>", "<script>//<![CDATA[\nif (a > b && a < c) d()\n//]]></script><h2>")
    assert extract(script, extractor="fast").text == extract(xml, extractor="fast").text


@pytest.mark.parametrize("extractor", ["trafilatura", "fast"])
@pytest.mark.parametrize("gone", ["<!-- -->", "<script>x()</script>", "<style>p {}</style>"])
def test_what_leaves_no_trace_within_a_word_parts_it_not(gone: str, extractor: str) -> None:
    page = PAGE.replace("1988", f"19{gone}88").replace("closed.", f"closed{gone}.")
    assert extract(page, extractor=extractor).text == extract(PAGE, extractor=extractor).text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "style",
    [
        "display: none;",
        "color:red;DISPLAY:None",
        "display : none",
        "color: red ; display\n:\tnone !important",
        "/* ; */ display /* a */ : /* b * c */none/* d",
        "display:block;display:none",
        "display:none!important;display:block",
    ],
)
def test_what_is_not_displayed_within_a_line_is_no_text(style: str) -> None:
    told = PARAGRAPHS[0].replace("late", f'late <span style="{style}">(show <b>more</b> of it)</span>')
    formula = "will hear <math><mi>x</mi><annotation>{\\mathbf x}</annotation></math>"
    text = extract(PAGE.replace(PARAGRAPHS[0], told).replace("will hear", formula), extractor="fast").text
    assert PARAGRAPHS[0] in text
    assert "will hear x" in text
    assert "mathbf" not in text


@pytest.mark.parametrize(
    "style", ["display:none-such", "x-display:none", "display:none;display:inline", "/* display:none */", "color:none"]
)
def test_what_another_style_displays_is_text(style: str) -> None:
    page = PAGE.replace("late", f'<span style="{style}">late</span>')
    assert extract(page, extractor="fast").text == extract(PAGE, extractor="fast").text


@pytest.mark.parametrize(
    "unseen",
    [
        "<span hidden>(show <b>more</b> of it)</span>",
        "<x-note hidden='until-found'>more</x-note>",
        "<canvas>A chart</canvas><meter>3 of 5</meter>",
        "<datalist><option>Norrholm</datalist>",
    ],
)
def test_what_no_browser_shows_is_no_text(unseen: str) -> None:
    page = PAGE.replace("children had", f"{unseen}children had").replace("<p>The council", f"{unseen}<p>The council")
    assert extract(page, extractor="fast").text == extract(PAGE, extractor="fast").text


@pytest.mark.parametrize("extractor", ["trafilatura", "fast"])
def test_readings_above_a_line_are_no_part_of_it(extractor: str) -> None:
    ruby = "<ruby>chil<rt>tʃɪl</ruby><ruby>dren<rp>(</rp><rt>drən</rt><rp>)</rp></ruby>"
    text = extract(PAGE.replace("children", ruby), extractor=extractor).text  # type: ignore[arg-type]
    assert text == extract(PAGE, extractor=extractor).text  # type: ignore[arg-type]


def test_what_stands_in_for_a_film_is_no_text() -> None:
    page = PAGE.replace("<h2>", "<video src=a><p>Your browser plays no <a href=a>films</a>.</p></video><h2>")
    assert extract(page, extractor="fast").text == extract(PAGE, extractor="fast").text


def test_a_part_of_a_line_that_holds_a_block_is_one() -> None:
    """As in an application that shows its element when it is ready."""
    for hiding in ("hidden", 'style="display:none"'):
        page = PAGE.replace('<div class="article-body">', f'<x-app {hiding}><div class="article-body">')
        lines = parse_page(page.replace("</div></article>", "</div></x-app></article>").encode()).lines.text
        assert all(paragraph in lines for paragraph in PARAGRAPHS)


def test_text_that_stands_word_for_word_is_a_listing() -> None:
    page = PAGE.replace("<h2>", "<xmp>if (boats < 2 && <b>)\n    wait()</xmp><listing>a = 1\nb</listing><h2>")
    parsed = parse_page(page.replace("</article>", "<plaintext></article>&amp;").encode()).lines
    listings = [text for text, listing in zip(parsed.text, parsed.listing.tolist(), strict=True) if listing]
    assert listings[:4] == ["if (boats < 2 && <b>)", "    wait()", "a = 1", "b"]
    assert listings[4] == "</article>&amp;"
    assert all(paragraph in parsed.text for paragraph in PARAGRAPHS)


def test_a_template_is_no_text_unless_it_is_the_shadow_of_an_element() -> None:
    shadow = PAGE.replace('<div class="article-body">', '<x-body><template shadowrootmode="open"><div>')
    shadow = shadow.replace("</div></article>", "</div></template></x-body></article>")
    text = extract(shadow, extractor="fast").text
    assert all(paragraph in text for paragraph in PARAGRAPHS)
    unseen = PAGE.replace("<p>", "<template><p>It never came.</p></template><p>")
    assert extract(unseen, extractor="fast").text == extract(PAGE, extractor="fast").text


def test_a_block_that_is_not_displayed_is_judged_like_any_other() -> None:
    hidden = PAGE.replace('<div class="article-body">', '<div class="article-body" style="display:none">')
    assert PARAGRAPHS[0] in "\n".join(parse_page(hidden.encode()).lines.text)


def test_a_listing_stays_or_goes_as_one() -> None:
    listing = "\n".join(["boats = 2", "}", "", "for boat in boats:", "    sail(boat)  # &amp; wait", "x"] * 3)
    page = PAGE.replace("<h2>", f"<p>This is how they count:</p><pre><code>{listing}</code></pre><h2>")
    text = extract(page, extractor="fast").text
    kept = [line in text.split("\n") for line in ("boats = 2", "}", "for boat in boats:", "    sail(boat)  # & wait")]
    assert all(kept)  # as it stands between paragraphs that stay
    parsed = parse_page(page.encode())
    scores = adjusted(parsed, score_lines(parsed))[parsed.lines.listing > 0]
    assert len(scores) == 15
    assert len(set(scores.tolist())) == 1


def test_a_list_stays_or_goes_as_one() -> None:
    entries = [
        "500 g rye flour",
        "2 tsp salt",
        "300 ml warm water from the spring behind the church",
        "1 tbsp molasses",
    ]
    recipe = "<h2>Ingredients</h2><ul>" + "".join(f"<li>{entry}</li>" for entry in entries) + "</ul>"
    page = PAGE[: PAGE.index("<article")] + f"<h1>Rye bread</h1><p>{PARAGRAPHS[0]}</p>{recipe}</main></body></html>"
    parsed = parse_page(page.encode())
    alone, together = score_lines(parsed), adjusted(parsed, score_lines(parsed))
    places = [parsed.lines.text.index(entry) for entry in entries]
    assert len(set(alone[places].tolist())) == 4
    assert len(set(together[places].tolist())) == 1
    assert min(alone[places]) < together[places[0]] < max(alone[places])
    menu = [parsed.lines.text.index(word) for word in ("Politics", "Harbour")]
    assert together[menu[0]] != together[places[0]]  # each list for itself


def test_a_heading_stays_with_what_it_heads() -> None:
    parsed = parse_page(PAGE.replace("<h3>Related", "<h2>The Norrholm Post</h2><h3>Related").encode())
    gained = adjusted(parsed, score_lines(parsed)) - score_lines(parsed)
    place = parsed.lines.text.index
    assert gained[place("What comes next")] > 0
    assert gained[place("Related")] < 0
    assert gained[place("The Norrholm Post")] < 0  # which heads a heading of nothing
    assert gained[place("No ferry on Thursday")] > 0
    assert gained[place(PARAGRAPHS[0])] == 0
    story = f"<main><h1>No ferry</h1><div>{'<br><br>'.join(PARAGRAPHS)}</div></main>"
    bare = PAGE[: PAGE.index("<main>")] + story + PAGE[PAGE.index("<footer") :]
    assert extract(bare, extractor="fast").text.startswith("No ferry\n")
