"""What class names, ids and roles say about an element: groups of the words that sites choose for them."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cleaner.extract.markup import Ints, Tags

CLASSES: Final[dict[str, str]] = {
    "comment": "comment disqus respond discussion kommentar replies reply",
    "related": "relat recommend similar more-from more-stor more-news more-on more-post more-art read-more read-next "
    "read-also also-like also-read outbrain taboola recirc popular trending most-read mostread latest "
    "teaser you-may further prev-next nav-post nav-single post-nav suggest upsell verwandt weiter mehr- "
    "topstor",
    "share": "share sharing social facebook twitter addthis addtoany whatsapp pinterest -follow teilen",
    "signup": "newsletter subscri sign-up signup signin sign-in login register paywall -abo- mailchimp optin opt-in "
    "call-to-action -cta",
    "author": "author byline -bio- biography writer contributor autor gravatar avatar profile",
    "meta": "meta- -meta -info- dateline timestamp publish posted -date- -date breadcrumb kicker eyebrow entry- "
    "time entry-foot reading-time readtime -tags- -tag- categor topic -label keyword subtitle views",
    "caption": "caption credit figure photo image media gallery slide carousel lightbox thumb legend video player",
    "side": "sidebar side-bar aside widget -rail column-right column-left secondary complement sticky float",
    "foot": "foot copyright legal disclaimer colophon bottom",
    "popup": "cookie consent gdpr modal popup overlay dialog alert notice notif banner privacy toast",
    "hidden": "-hidden display:none display:-none display-:none display-:-none visually screen-reader sr-only "
    "offscreen print-only",
    "content": "content articlebody article-body article-text entry- story body- -main- -text prose richtext wysiwyg "
    "markdown paragraph -single- field-name-body blog-post post-body postbody",
    "article": "article hentry -post-",
    "list": "list grid -card- -cards- -item- -items- -loop feed archive -tile- -tiles- row- -col",
}
"""Literals of each group; a "-" stands for the edge of a word. What they are worth is for the model to say."""

_LONGEST: Final = 200
_TAILS: Final = tuple(np.uint32(int.from_bytes(end, "little")) for end in (b"lass", b"role", b"tyle"))
"""Last four letters of the attributes that are read, besides ``id``."""
_ID: Final = np.uint32(int.from_bytes(b" id=", "little"))
_WORDS: Final = bytes(
    c + 32 if 65 <= c <= 90 else 45 if c in b"_ \t\n\r\f" else c if c < 128 else 63 for c in range(256)
)
"""Byte table: small letters, "-" for all that parts words, "?" for what is not ASCII."""


@cache
def _automaton() -> tuple[Any, Ints]:
    import ahocorasick_rs

    bits: dict[str, int] = {}
    for i, words in enumerate(CLASSES.values()):
        for word in words.split():
            bits[word] = bits.get(word, 0) | 1 << i
    literals = [word.encode("ascii") for word in bits]
    automaton = ahocorasick_rs.BytesAhoCorasick(literals, implementation=ahocorasick_rs.Implementation.DFA)
    return automaton, np.array(list(bits.values()), dtype=np.int64)


def class_evidence(page: bytes, tags: Tags, worth: npt.NDArray[np.bool_]) -> Ints:
    """For each tag of a serialised page a mask of the groups that its attributes speak of, in the order of CLASSES.

    worth: the tags whose attributes are read.
    """
    mask = np.zeros(len(tags.start), dtype=np.int64)
    data = np.frombuffer(page, dtype=np.uint8)
    quotes = np.flatnonzero(data == 34)
    opening = np.flatnonzero(data[quotes[:-1] - 1] == 61)
    words: Any = np.ndarray((len(page) - 3,), dtype="<u4", buffer=data.data, strides=(1,))
    begin = quotes[opening]
    ends = words[begin - 5]
    wanted = words[begin - 4] == _ID
    for tail in _TAILS:
        wanted |= ends == tail
    opening = opening[wanted]
    begin = begin[wanted]
    if not len(begin):
        return mask
    tag = np.searchsorted(tags.start, begin, side="right") - 1
    inside = np.flatnonzero((begin < tags.end[tag]) & worth[tag])
    tag, begin = tag[inside], begin[inside] + 1
    end = np.minimum(quotes[opening[inside] + 1], begin + _LONGEST)
    values = [page[a:b] for a, b in zip(begin.tolist(), end.tolist(), strict=True)]
    place = dict.fromkeys(values)
    joined = (b"-" + b"-\0-".join(place) + b"-").translate(_WORDS)
    automaton, bits = _automaton()
    hits = automaton.find_matches_as_indexes(joined, overlapping=True)
    if not hits:
        return mask
    found = np.array(hits, dtype=np.int64)
    value = np.searchsorted(np.flatnonzero(np.frombuffer(joined, dtype=np.uint8) == 0), found[:, 1])
    masks = np.zeros(len(place), dtype=np.int64)
    np.bitwise_or.at(masks, value, bits[found[:, 0]])
    mask_of = dict(zip(place, masks.tolist(), strict=True))
    np.bitwise_or.at(mask, tag, [mask_of[each] for each in values])
    return mask
