"""Folding keeps offsets: one code point for one code point, each on its own."""

from __future__ import annotations

import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cleaner.rules.wording import phrase_keys
from cleaner.text.fold import fold, fold_map, line_key, number_key

any_text = st.text(st.characters())


@given(any_text, any_text)
@example("\ud83d", "\ude00")
@example("Σ", "ας")
def test_fold_is_a_map_of_code_points(a: str, b: str) -> None:
    assert len(fold(a)) == len(a)
    assert fold(a + b) == fold(a) + fold(b)
    assert fold(a) == a.translate(fold_map())


def test_fold_of_every_code_point() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    folded = fold(everything)
    assert len(folded) == len(everything)
    assert fold(folded) == folded
    for char, small in zip(everything, folded, strict=True):
        if small != char and len(char.lower()) == 1 and char.isalpha() and not "！" <= char <= "～":
            assert small == char.lower() or char in "ıςſµΣİʼ"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("İSTANBUL ıI", "istanbul ii"),
        ("TÜM HAKLARI", "tüm haklari"),
        ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
        ("‘Read’ “more” — now…", "'read' \"more\" - now…"),
        ("Обовʼязково, п’ять", "обов'язково, п'ять"),
        ("a\tb\u00a0c\u3000d\r", "a b c d "),
        ("ＲＥＡＤ：ＭＯＲＥ", "read:more"),
        ("Straße ẞ", "straße ß"),
        ("a\nb", "a\nb"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("  » Read more…  ", "read more"),
        ("*** Share ***", "share"),
        ("Read   more", "read more"),
        ("【相关阅读】", "相关阅读"),
        ("\u200bShare\u200b", "share"),
        ("***", ""),
    ],
)
def test_line_key(line: str, key: str) -> None:
    assert line_key(fold(line)) == key


def test_numbers_in_phrases() -> None:
    assert phrase_keys("{n} Min Read") == ("0 min read", True)
    assert phrase_keys("Page {n} of {n}") == ("page 0 of 0", True)
    assert number_key("1,234.5 comments (12)") == "0 comments (0)"
    assert number_key("12 345 678 comments, 1 2345, 12 34") == "0 comments, 0 0, 0 0"
    assert phrase_keys("24/7") == ("24/7", False)
