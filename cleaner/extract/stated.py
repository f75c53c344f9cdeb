"""The text that a page states for machines, for pages that show it by script alone: ``articleBody`` of schema.org."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Final

_BODY: Final = re.compile(rb'"articleBody"\s*+:\s*+("[^"\\]*+(?:\\.[^"\\]*+)*+")', re.DOTALL)
_BLOCK: Final = re.compile(r"</?(?:p|div|br|li|ul|ol|h[1-6]|blockquote)\b[^<>]*+>", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[a-z][^<>]*+>", re.IGNORECASE)
_UNSEEN: Final = re.compile(
    r"<(script|style)\b[^<]*+(?:<(?!/?\1\b)[^<]*+)*+</\1\b[^<>]*+>|<!--(?:[^<-]|<(?!!--)|-(?!->))*+-->", re.IGNORECASE
)
"""What HTML holds and does not show. It ends where another one begins, so that no text takes quadratic time."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]|\r(?!\n)")
_GAP: Final = re.compile(r"\n{3,}")


def stated_text(page: bytes) -> str:
    """The text that a page, given as UTF-8, states as its own; "" where it states none.

    A page that states several is a list of articles, of which none is its own.
    """
    found = set(_BODY.findall(page)) if b'"articleBody"' in page else set()
    if len(found) != 1:
        return ""
    try:
        text: str = json.loads(found.pop(), strict=False)
    except ValueError:  # an escape that JSON does not know
        return ""
    if not _TAG.search(text):
        text = unescape(text)
    if _BLOCK.search(text):  # it is HTML, and no text that speaks of it
        text = _UNSEEN.sub("", text)
    text = unescape(_TAG.sub("", _BLOCK.sub("\n\n", text)))
    text = _CONTROL.sub(" ", text).encode("utf-8", "replace").decode()  # JSON may have half a pair
    return _GAP.sub("\n\n", "\n".join(line.strip() for line in text.strip().split("\n")))
