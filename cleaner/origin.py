"""Where a document comes from: the host of its URL, its site, and the code of its language."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_HOST: Final = re.compile(r"(?:(?:[^/?#]*:)?//)?(?:[^/?#]*@)?(\[[^\]/?#]*\]|[^/?#:]*)")

_NAME: Final = re.compile(r"[\w-]+(\.[\w-]+)*|\[[0-9a-f:.]+\]")

_LONG_CODES: Final = {
    "ara": "ar", "arb": "ar", "ces": "cs", "cze": "cs", "deu": "de", "ger": "de", "eng": "en", "spa": "es",
    "fas": "fa", "per": "fa", "pes": "fa", "fra": "fr", "fre": "fr", "hin": "hi", "ind": "id", "ita": "it",
    "jpn": "ja", "kor": "ko", "nld": "nl", "dut": "nl", "pol": "pl", "por": "pt", "rus": "ru", "swe": "sv",
    "tur": "tr", "ukr": "uk", "vie": "vi", "zho": "zh", "chi": "zh", "cmn": "zh",
}  # fmt: skip
"""ISO 639-2 and 639-3 -> ISO 639-1, for the languages of the bundled packs, as web archives name them."""


def host_of(url: str | None) -> str:
    """The host of a URL in lower case and ASCII (``xn--…``), without a trailing dot; empty if it has none. The scheme
    may be missing."""
    found = _HOST.match(url or "")
    return in_ascii(found[1].lower().rstrip(".")) if found else ""


@lru_cache(maxsize=1_000)
def in_ascii(host: str) -> str:
    """The host as name servers know it (IDNA, RFC 3490); as it is, if it cannot be a host's name."""
    if host.isascii():
        return host
    try:
        name = host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
    return name if is_host(name) else host


def is_host(name: str) -> bool:
    """Whether a name can be that of a host, in lower case."""
    return _NAME.fullmatch(name) is not None


def site_of(url: str | None) -> str:
    """The site of a URL: its host without ``www.``; empty if it has none, or one that a rule file cannot name, where
    ``!`` excludes a host and a dot or asterisk before one means nothing."""
    site = host_of(url).removeprefix("www.")
    return "" if site.startswith(("!", ".", "*")) else site


_CODE: Final = re.compile(r"[a-z]{2,3}")
_NO_LANGUAGE: Final = {"und", "mul", "zxx", "mis"}
"""Codes of ISO 639 for texts of an unknown language, of several, of none, and of one without a code."""


@lru_cache(maxsize=1_000)
def language_of(tag: str | None) -> str:
    """The language that a tag names, without script and region, by its shortest code: ``de`` for ``de-AT``, ``de_DE``,
    ``deu`` and ``ger``; empty if it names no single one, as ``und`` and what is no code."""
    code = (tag or "").strip().lower().replace("_", "-").split("-")[0]
    return _LONG_CODES.get(code, code) if _CODE.fullmatch(code) and code not in _NO_LANGUAGE else ""
