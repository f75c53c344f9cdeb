"""Bytes of a page to UTF-8: by byte order mark, HTTP header, ``meta`` element, then detection."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterator
from typing import Any, Final

from cleaner.extract.head import attributes
from cleaner.extract.source import visible
from cleaner.text.marks import MARKS
from cleaner.text.speed import compiled_module

native: Any = compiled_module("cleaner.extract._charset")

_UNMARKED: Final = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
"""How a page begins that is in UTF-16 and has no byte order mark."""
_META: Final = re.compile(rb"<meta(?=[\s/])(?=[^>]{0,400}?charset)", re.IGNORECASE)
_FAR: Final = 1000
"""Bytes that are read from the word on: no more of the head is looked through."""
_CONTENT: Final = re.compile(rb"charset\s*=\s*(.*)", re.IGNORECASE | re.DOTALL)
_TYPE: Final = re.compile(rb"\s*text/", re.IGNORECASE)
_LABEL: Final = re.compile(rb"\s*[\"']?\s*([A-Za-z0-9_:.\-]{2,40})")
_XML: Final = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE)
_HEAD: Final = 4096
"""Bytes searched for a declaration; browsers take 1024, and pages with long comments before it exist."""
_WIDER: Final = {
    "shift_jis": "cp932", "euc_kr": "cp949", "gbk": "gb18030", "big5": "big5hkscs", "iso8859-11": "cp874"
}  # fmt: skip
"""Under these names browsers read more than Python's codecs know: ①, 髙, 똠, €, 碁, curly quotes on Thai pages."""
_LEFT_OUT: Final = {"x-mac-cyrillic": "mac_cyrillic", "x-mac-ukrainian": "mac_cyrillic", "x-user-defined": "cp1252"}
"""Labels that browsers know in a ``meta`` element and Resiliparse does not."""
_HANDLER: Final = "cleaner.shift_jis"
"""Name of the handler `_in_shift_jis`, for EUC-JP."""
_LEADS: Final = tuple(bytes([lead]) for lead in range(0xC2, 0xF5))
_SAMPLE: Final = 1 << 17
_SNIFFED: Final = 1 << 14
_CONTROL: Final = bytes([*range(9), *range(14, 27)])
_BINARY: Final = 0.01
"""Share of control characters beyond which bytes are no text. Of 1,400 real pages none has a hundredth of that."""
_TOLERATED: Final = 0.001
"""Share of bytes that a declared UTF-8 may have wrong before the declaration is taken for a mistake."""


def to_utf8(page: bytes, http_charset: str | None = None) -> bytes:
    """``page`` as valid UTF-8 without a byte order mark.

    Bytes that make no sense in the page's charset become U+FFFD. An HTTP header counts, as in browsers, even where it
    is wrong; a ``meta`` element gives way to bytes that plainly are, or are not, UTF-8.
    """
    for mark, marked in MARKS:
        if page.startswith(mark):
            page = page[len(mark) :]
            return page if marked == "utf-8" and _is_utf8(page) else _recode(page, marked)
    for start, unmarked in _UNMARKED:
        if page.startswith(start):
            return _recode(page, unmarked)
    name = _known(http_charset)
    if name is None:
        name = _declared(page[:_HEAD])
        if name not in (None, "utf-8") and _is_recoded(page):
            return page
    if name in (None, "utf-8"):
        if _is_utf8(page):
            return page
        text = page.decode("utf-8", "replace")
        if name and text.count("�") <= max(3, _TOLERATED * len(page)):
            return text.encode()
        name = _detected(page)
    assert name is not None
    return _recode(page, name)


def is_binary(page: bytes) -> bool:
    """Whether what should be a page is an image, an archive or the like."""
    sample = page[:_SNIFFED]
    return len(sample) - len(sample.translate(None, _CONTROL)) > _BINARY * len(sample)


def _is_utf8(page: bytes) -> bool:
    if native is not None:
        return bool(native.is_utf8(page))
    try:
        page.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_recoded(page: bytes) -> bool:
    """Whether a page that calls itself something else is UTF-8, as where an archive has recoded it.

    Text in another charset that is valid UTF-8 by chance is ASCII except for a few letters.
    """
    return not page.isascii() and _is_utf8(page) and sum(map(page.count, _LEADS)) >= 3


def _recode(page: bytes, name: str) -> bytes:
    try:
        return page.decode(name, _HANDLER if name == "euc_jp" else "replace").encode("utf-8", "replace")
    except (LookupError, UnicodeError):
        return page.decode("utf-8", "replace").encode()


def _in_shift_jis(error: UnicodeError) -> tuple[str, int]:
    """What Python's EUC-JP leaves out and browsers know, as ①, ㈱ and 髙: cp932 has it in the same rows and cells."""
    assert isinstance(error, UnicodeDecodeError)
    pair = error.object[error.start : error.start + 2]
    if len(pair) == 2 and min(pair) > 0xA0:
        row, cell = pair[0] - 0xA1, pair[1] - 0xA1
        lead = row // 2 + (0x81 if row < 62 else 0xC1)
        trail = cell + (0x9F if row % 2 else 0x40 + (cell >= 63))
        with contextlib.suppress(UnicodeDecodeError, ValueError):
            return bytes((lead, trail)).decode("cp932"), error.start + 2
    return "�", error.end


codecs.register_error(_HANDLER, _in_shift_jis)


def _declared(head: bytes) -> str | None:
    """The codec that the page declares, or None: as browsers have it, not in a comment, a script or a description."""
    xml = _XML.search(head)
    for label in (*_labels(head), *([xml.group(1)] if xml else [])):
        found = _LABEL.match(label)
        if found and (name := _known(found.group(1).decode("ascii"))):
            # A page that could be read so far is not in UTF-16, whatever it says.
            return "utf-8" if name.startswith("utf-16") else name
    return None


def _labels(head: bytes) -> Iterator[bytes]:
    """What the ``meta`` elements call the page's charset."""
    seen = visible(head[: head.lower().rfind(b"charset") + _FAR])
    for meta in _META.finditer(seen):
        pairs, _ = attributes(seen, meta.end())
        content = pairs.get(b"content", b"")
        if b"charset" in pairs:
            yield pairs[b"charset"]
        elif (b"http-equiv" in pairs or _TYPE.match(content)) and (charset := _CONTENT.search(content)):
            yield charset.group(1)


def _known(label: str | None) -> str | None:
    """The Python codec for a charset label of the web, or None if there is none."""
    if not label:
        return None
    from resiliparse.parse.encoding import map_encoding_to_html5

    label = label.strip(" \"'").lower()
    name = _LEFT_OUT.get(label) or map_encoding_to_html5(label, fallback_utf8=False)
    try:
        codec = codecs.lookup(name).name if name else None
    except LookupError:
        return None
    return _WIDER.get(codec, codec) if codec else None


def _detected(page: bytes) -> str:
    """What the bytes look like; cp1252, the web's old default, if that is unclear."""
    from resiliparse.parse.encoding import detect_encoding

    return _known(detect_encoding(page[:_SAMPLE])) or "cp1252"
