"""Ways of cleaning a text that the engine is measured against, each as a function from a list of texts to a count.

All run in the same process on the same texts, and each keeps what it cleaned only as long as it must.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import orjson
import regex

from cleaner import Cleaner

Contender = Callable[[list[str]], int]

# --- the line rules of C4 (Raffel et al. 2020) with the switches and the order in which datatrove ships them; its
# --- sentence count, which needs a tokenizer with a downloaded model and costs several times the rest, is left out

CITATION = re.compile(r"\[\d*]|\[edit]|\[citation needed]")
CLOSED = (".", "?", "!", '"', "'")
POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")


def c4_text(text: str) -> str | None:
    kept = []
    for line in text.splitlines():
        line = line.strip()
        words = line.split()
        if any(len(word) > 1000 for word in words):
            continue
        line = CITATION.sub("", line)
        if not line.endswith(CLOSED) or line.endswith("..."):
            continue
        if len(words) < 3:
            continue
        lower = line.lower()
        if "lorem ipsum" in lower:
            return None
        if "javascript" in lower:
            continue
        if "{" in line:
            return None
        if any(phrase in lower for phrase in POLICY):
            continue
        kept.append(line)
    return "\n".join(kept).strip()


def c4(texts: list[str]) -> int:
    return sum(len(c4_text(text) or "") for text in texts)


# --- fifteen regular expressions, one after the other, as one-off scripts have them

AD_HOC = [
    regex.compile(pattern, regex.IGNORECASE | regex.MULTILINE)
    for pattern in (
        r"^\s*(?:copyright|©)[^\n]*$",
        r"^[^\n]*all rights reserved[^\n]*$",
        r"^\s*(?:share|tweet|pin) this[^\n]*$",
        r"^\s*subscribe (?:to|now)[^\n]*$",
        r"^\s*sign up for[^\n]*newsletter[^\n]*$",
        r"^\s*follow us on[^\n]*$",
        r"^\s*(?:read|see) (?:more|also)[^\n]*$",
        r"^\s*related (?:articles|posts|stories)[^\n]*$",
        r"^\s*advertisement\s*$",
        r"^\s*(?:photo|image)(?: credit)?:? [^\n]{1,80}$",
        r"^\s*leave a (?:comment|reply)[^\n]*$",
        r"^\s*\d+ min(?:ute)?s? read\s*$",
        r"^\s*click here[^\n]*$",
        r"^\s*by [A-Z]\w+ [A-Z]\w+\s*$",
        r"^[^\n]*(?:cookie|privacy) policy[^\n]*$",
    )
]


def ad_hoc(texts: list[str]) -> int:
    size = 0
    for text in texts:
        for pattern in AD_HOC:
            text = pattern.sub("", text)
        size += len(text)
    return size


ONE = re.compile("|".join(f"(?:{pattern.pattern})" for pattern in AD_HOC), re.IGNORECASE | re.MULTILINE)


def alternation(texts: list[str]) -> int:
    return sum(len(ONE.sub("", text)) for text in texts)


def justext(texts: list[str]) -> int:
    """jusText on lines, through its own door: each line a paragraph of a page."""
    from html import escape

    from justext import get_stoplist
    from justext import justext as paragraphs_of

    stop_words = get_stoplist("English")
    size = 0
    for text in texts:
        page = "".join(f"<p>{escape(line)}</p>" for line in text.split("\n"))
        found = paragraphs_of(f"<html><body>{page}</body></html>", stop_words)
        size += sum(len(paragraph.text) for paragraph in found if not paragraph.is_boilerplate)
    return size


def copy_floor(rows: list[bytes]) -> int:
    """JSON lines read and written, nothing else."""
    return sum(len(orjson.dumps(orjson.loads(row))) for row in rows)


def engine(cleaner: Cleaner) -> Contender:
    def run(texts: list[str]) -> int:
        return sum(len(result.text) for result in cleaner.clean_many(texts))

    return run


def one_by_one(cleaner: Cleaner) -> Contender:
    def run(texts: list[str]) -> int:
        return sum(len(cleaner.clean(text).text) for text in texts)

    return run
