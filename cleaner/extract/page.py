"""From a web page to its main text, as a document."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from cleaner.document import Document
from cleaner.errors import RecordError, UsageError, check_choice
from cleaner.extract import fast, precise
from cleaner.extract.agree import agreed
from cleaner.extract.charset import is_binary, to_utf8
from cleaner.extract.fast import Extraction, attribute_pairs
from cleaner.extract.markdown import in_markdown, literal, unmarked
from cleaner.extract.markup import Frameset, Unbalanced
from cleaner.extract.source import nesting
from cleaner.extract.stated import stated_text
from cleaner.options import EXTRACTORS, PAGE_FORMS, Extractor, PageForm

_LINE_END: Final = re.compile(rb"&(?:#0*10(?![0-9])|#[xX]0*[aA](?![0-9a-fA-F])|NewLine;)")
"""A line end written as a reference, as it may stand in a listing."""

_LITTLE: Final = 0.2
"""Share of the text that a page states as its own: where less of it is shown, a script shows the rest."""


@dataclass(frozen=True, slots=True)
class PageLimits:
    """Bounds past which a page is set aside."""

    size: int = 20_000_000
    """Bytes. The largest article pages have two million; trafilatura itself refuses more than this."""
    tags: int = 500_000
    """Tags and line ends, as each may begin a line. Real pages have some thousand; what is measured of each line takes
    memory."""
    nesting: int = 5_000
    """Elements within one another. Browsers stop at 512; real pages stay below 100."""
    pairs: int = 50_000_000
    """Pairs that two attributes of one element make, of which one of 10,000 attributes has as many: parsers compare
    them, which for one of 100,000 takes half a minute. Real pages have some thousand, the most 21,000."""
    seconds: float = 20.0
    """Time for trafilatura before the fast path is tried."""


class PageError(RecordError):
    """A page that gives no text; ``code`` names the kind of fault."""

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        super().__init__(reason)

    def __reduce__(self) -> tuple[type[PageError], tuple[str, str]]:
        return (type(self), (self.code, str(self)))


def extract(
    html: bytes | str,
    *,
    url: str | None = None,
    http_charset: str | None = None,
    extractor: Extractor = "trafilatura",
    to: PageForm = "text",
    limits: PageLimits | None = None,
) -> Document:
    """The document of a web page: its text, and the title, author, date, language and address that were found.

    - ``html``: the page. Bytes are decoded by byte order mark, ``http_charset``, what the page itself declares, or
      detection.
    - ``url``: its address; by default the one that the page declares.
    - ``extractor``: ``trafilatura``, with the fast path for pages on which it fails or takes too long; or ``fast``.
    - ``to``: ``text``, or ``markdown``, which trafilatura alone gives.

    Raises PageError, with the reason, for a page that is beyond the limits or holds no text, and UsageError for choices
    that do not exist or packages that are missing.
    """
    check_choice("extractor", extractor, EXTRACTORS)
    check_choice("to", to, PAGE_FORMS)
    if extractor == "fast" and to == "markdown":
        raise UsageError('Markdown is given by the extractor "trafilatura" only')
    if not isinstance(html, (bytes, str)):
        raise TypeError(f"extract takes a page as bytes or str, not {type(html).__name__}")
    limits = limits or PageLimits()
    page = html.removeprefix("\ufeff").encode("utf-8", "replace") if isinstance(html, str) else html
    if len(page) > limits.size:
        raise PageError("too-large", f"the page has {len(page):,} bytes, more than {limits.size:,}")
    if not isinstance(html, str):
        page = to_utf8(page, http_charset)
    _check_limits(page, limits)
    try:
        found, faults = _extracted(page, url, extractor, to, limits.seconds)
    except ImportError as error:
        raise UsageError(f"web pages need more packages: pip install 'cleaner[html]' ({error})") from error
    if found is None:
        raise PageError("no-content", "; ".join(faults))
    return Document(
        found.text,
        url=url or found.url,
        lang=found.lang,
        title=found.title,
        hints=found.hints or None,
        author=found.author,
        date=found.date,
    )


def _check_limits(page: bytes, limits: PageLimits) -> None:
    """Raise PageError for a page, in UTF-8, that would take a parser too long, or is none."""
    if is_binary(page):
        raise PageError("no-content", "this is no page: it is full of control characters")
    if len(page) > limits.tags and (tags := _breaks(page)) > limits.tags:
        raise PageError("too-large", f"the page has {tags:,} tags and line ends, more than {limits.tags:,}")
    depth = nesting(page, limits.nesting)
    if depth > limits.nesting:
        raise PageError("too-deep", f"elements of the page lie {depth:,} deep within one another")
    if (pairs := attribute_pairs(page)) > limits.pairs:
        raise PageError(
            "too-large",
            f"elements of the page have so many attributes that they make {pairs:,} pairs, more than {limits.pairs:,}",
        )


def _breaks(page: bytes) -> int:
    """Number of tags and line ends of a page, including line ends that are written as references."""
    data = np.frombuffer(page, dtype=np.uint8)
    return sum(int(np.count_nonzero(data == byte)) for byte in b"<\n\r") + len(_LINE_END.findall(page))


def _extracted(
    page: bytes, url: str | None, extractor: str, to: str, seconds: float
) -> tuple[Extraction | None, list[str]]:
    """What was found on a page, or None; and what went wrong."""
    faults: list[str] = []
    try:
        parsed = fast.parse_page(page)
    except Frameset as error:
        return None, [str(error)]
    except Unbalanced as error:
        faults.append(str(error))
        parsed = None
    theirs = None
    if extractor == "trafilatura":
        theirs, fault = _by_trafilatura(page, url, to, seconds)
        faults += fault
    if parsed is None:
        return theirs, faults
    score = fast.score_lines(parsed)
    if theirs:
        # where it finds little, trafilatura gives no Markdown: a number there is none of a list
        kept = agreed(parsed, score, f"{theirs.text}\n{unmarked(theirs.text)}" if to == "markdown" else theirs.text)
    else:
        kept = fast.adjusted(parsed, score) >= fast.THRESHOLD
    found = fast.assemble(parsed, kept, theirs)
    if to == "markdown":
        found = replace(found, text=in_markdown(parsed, kept, theirs.text if theirs else ""), hints={})
    stated = stated_text(page)
    if len(found.text) < _LITTLE * len(stated):
        found = replace(found, text=literal(stated) if to == "markdown" else stated, hints={})
    elif theirs and not found.text:
        found = theirs
    if found.text:
        return replace(found, lang=found.lang or parsed.head.get("lang")), faults
    faults.append("no line of the page reads like text" if parsed.lines.text else "the page has no text")
    return None, faults


def _by_trafilatura(page: bytes, url: str | None, to: str, seconds: float) -> tuple[Extraction | None, list[str]]:
    """What trafilatura finds on a page, or None; and what went wrong."""
    try:
        found = precise.find(page.decode("utf-8", "replace"), url, to == "markdown", seconds)
    except ImportError:
        raise
    except TimeoutError as error:
        return None, [f"trafilatura: {error}"]
    except Exception as error:  # a page must not stop a run, whatever it does to a library
        return None, [f"trafilatura: {type(error).__name__}: {error}"]
    return found, [] if found else ["trafilatura finds no text"]
