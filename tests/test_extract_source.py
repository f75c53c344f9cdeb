"""A page before it is parsed: its charset, what its head says, what is taken out of its source, how deep it nests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cleaner.extract import source
from cleaner.extract.charset import to_utf8
from cleaner.extract.fast import attribute_pairs, visible
from cleaner.extract.head import head_of
from cleaner.extract.source import nesting

pytest.importorskip("resiliparse")


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
        (
            "<meta name=date content=0000-00-00><meta name=author content=Jo <meta name=date content=2021-03-04>"
            "<meta name=date content=2021-03-05>",
            {"author": "Jo", "date": "2021-03-05"},  # a tag that is not closed holds what only looks like the next one
        ),
        ('<metadata name="author" content="Jo"><meta name="author" content="Bo', {}),
    ],
)
def test_attributes_are_read_as_browsers_do(tags: str, said: dict[str, str]) -> None:
    assert head_of(f"<html><head>{tags}</head><body><p>Words".encode()) == said


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
        ("EUC-JP", "euc_jis_2004", "①㈱№高い"),
        ("x-mac-cyrillic", "mac_cyrillic", "Паром, € «»"),
        ("x-user-defined", "cp1252", "café – déjà vu"),
    ],
)
def test_charsets_hold_what_browsers_read_under_their_names(label: str, codec: str, words: str) -> None:
    assert words in to_utf8(f'<meta charset="{label}"><p>{words}'.encode(codec)).decode()


@pytest.mark.parametrize(
    "head",
    [
        '<!-- <meta charset="koi8-r"> --><meta charset="windows-1251">',
        '<script>"<meta charset=koi8-r>"</script><META CHARSET=windows-1251>',
        '<meta name="description" content="charset=koi8-r"><meta charset="windows-1251">',
        '<meta charset="klingon"><meta http-equiv="x" content="text/html; charset=windows-1251">',
        '<meta name="content-type" content="text/html; charset = \'windows-1251\'"><meta charset="koi8-r">',
        f"<!-- {'x' * 3900} --><meta charset=windows-1251>",
    ],
)
def test_a_charset_is_declared_as_browsers_read_it(head: str) -> None:
    words = "Паром опять не пришёл в четверг"
    assert words in to_utf8(f"<html><head>{head}<p>{words}".encode("cp1251")).decode()


def test_a_charset_gives_what_can_be_read_and_marks_the_rest() -> None:
    page = b'<meta charset="EUC-JP">\xb9\xe2 \xfc\xe2 \xa9\xa1 \xad'
    assert to_utf8(page).decode().endswith("高 髙 �� �")


def test_charset_by_detection_and_the_webs_old_default() -> None:
    story = "Паром опять не пришёл в четверг, и булочники распродали всё ещё до полудня. " * 5
    assert story in to_utf8(f"<p>{story}</p>".encode("windows-1251")).decode()
    assert "café – déjà vu" in to_utf8("<p>café – déjà vu</p>".encode("cp1252")).decode()


def test_charsets_that_nobody_knows_are_passed_over() -> None:
    assert to_utf8(b'<meta charset="x-klingon"><p>caf\xc3\xa9', "none/such").decode().endswith("café")


def test_what_is_taken_out_of_the_source() -> None:
    page = b"<P>a<!-- <script> -->b<SCRIPT>if (a < b)</SCRIPT >c<style>d</style>e<svg><text>f</text></svg>g<script>h"
    assert visible(page) == b"<P>abce g"
    assert visible(b"<p>a<svg>b") == b"<p>a b"
    assert visible(b"<p>a<scripture>b<svg-x>") == b"<p>a<scripture>b<svg-x>"
    assert visible(b"a<IFrame>b</iFrame>c<NoScript>d</noscript>e<iframe>f") == b"a c e f"


@pytest.mark.parametrize("visible", [source.visible, visible], ids=["python", "chosen"])
@pytest.mark.parametrize(
    ("page", "seen"),
    [
        (b"<title>a <script> b <!-- c</title><p>d<!-- e -->f", b"<title>a <script> b <!-- c</title><p>df"),
        (b"<p>a<textarea><style></textarea>b<script>c</script>d", b"<p>a<textarea><style></textarea>bd"),
        (b"<p>a<!-- b --!>c<!-- --> d<!--!> e --!>f<!-->g<!--->h", b"<p>ac dfgh"),
        (b"<p>a<svg width='1' />b<svg>c</svg>d<iframe />e</iframe>f", b"<p>a b d f"),
        (
            b"<p>a<template>b</template>c<TEMPLATE ShadowRootMode=open>d</TEMPLATE>",
            b"<p>a c <TEMPLATE ShadowRootMode=open>d</TEMPLATE>",
        ),
        (b"<p>a<template>b<template>c</template>d</template>e<template>f", b"<p>a e f"),
        (b"<p>a<svg>b<svg/><svg>c</svg><title/>d</svg>e</svg>f</template>g", b"<p>a e</svg>f</template>g"),
        (b"<p>a<template>b<!-- </template> --><svg>c</template>d</svg>e", b"<p>a d</svg>e"),
        (
            b"<p>a<template shadowrootmode=open>b<template>c</template></template>d",
            b"<p>a <template shadowrootmode=open>b </template>d",
        ),
        (
            b"<p>a<xmp id=x><b>&amp;<!--</XMP>b<plaintext>&<i>",
            b"<p>a<pre>&lt;b>&amp;amp;&lt;!--</pre>b<pre>&amp;&lt;i></pre>",
        ),
        (b"<p>a<script><!-- x('<script></script>') --></script>b", b"<p>ab"),
        (b"<p>a<script><!-- x('<script>')</script>b<script><!-- y</script>c", b"<p>abc"),
        (b"<p>a<script><!--> <script></script>b", b"<p>ab"),
        (b"<head><meta content='<!--'></head><body><p id='a <script> b'>c</p><p id='-->'>d", None),
        (b'<?xml version="1.0"?><p>a<title/>b<script src="x"/>c<iframe />d', b'<?xml version="1.0"?><p>abc d'),
        (b"<p id='<b>a</b><script>b'>c<p id='<i><plaintext>'>d", None),
        (b"<p>a<svg id='</svg><b>'><text id='</svg>'>b</text></svg>c<svg><p id='</svg>'>d</svg>e", b"<p>a c e"),
        (b"<p>a<style:page>b</style:page><svg:g>c<script_x/>d", None),
    ],
)
def test_what_only_looks_like_a_tag_or_ends_at_once_hides_nothing(
    page: bytes, seen: bytes | None, visible: Callable[[bytes], bytes]
) -> None:
    assert visible(page) == (page if seen is None else seen)


def test_nesting_counts_what_stays_open() -> None:
    assert nesting(b"<div></div>" * 30_000, 100) == 0
    assert nesting(b"<p><li>" * 30_000, 100) == 0
    assert nesting(b"<DIV>" * 30_000, 100) == 101
    assert nesting(b"<ul></div>" * 30_000, 100) == 101
    assert nesting(b'<?xml version="1.0"?>' + b'<A id="x"/><br/>' * 30_000, 100) == 0
    assert nesting(b'<A id="x"/><br/>' * 30_000, 100) == 101
    assert nesting(b"<svg>" + b'<path d="M0"/>' * 30_000 + b"</svg>", 100) == 0


@pytest.mark.parametrize("pairs", [source.attribute_pairs, attribute_pairs], ids=["python", "chosen"])
@pytest.mark.parametrize(
    ("page", "count"),
    [
        (b"<p a b=1 c='> x' d=\">\"e/f>g h i<p j>", 15),
        (b"<p a =1 b = '2' c=><br/><br / d/ ==e>", 3 + 1),
        (b"<SCRIPT a b>if (a <b c d) '</SCRIPT><style a b>x <b c d e</style><p a b>", 1 + 1 + 1),
        (b"<!-- <p a b c> --><p a b><!--><p a b>-->", 1 + 1),
        (b"<noscript><p a b c></noscript>", 3),
        (b"<script:x><p a b c>", 3),
        (b"<html a><BODY b c><body/d>e<html-x f><p g>", 1 + 2 + 3),
        (b"<p a b='c d e>", 1),
        (b"<p a b c", 3),
    ],
)
def test_attributes_of_a_tag_are_counted_in_pairs(page: bytes, count: int, pairs: Callable[[bytes], int]) -> None:
    assert pairs(page) == count
