"""Folding: the form of a text that rules match, one code point for one code point.

Because ``len(fold(text)) == len(text)`` and every code point is folded alone, offsets in the folded text are offsets in
the original, and a literal occurs in a text only if the folded literal occurs in the folded text. ``str.lower`` has
neither property (``İ`` grows, ``Σ`` depends on its neighbours), hence the table.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import regex

from cleaner.cache import cached_function
from cleaner.text.speed import compiled_module

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

native: Any = compiled_module("cleaner.text._fold")

_SPECIAL: Final[dict[str, str]] = {
    **dict.fromkeys("İı", "i"),  # Turkish capitals: TÜM HAKLARI = Tüm hakları
    "Σ": "σ",
    "ς": "σ",
    "ſ": "s",
    "µ": "μ",
    **dict.fromkeys("‘’‚‛′ʼ", "'"),  # the last one is a letter: Ukrainian обовʼязково = обов'язково
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\t\r\f\v\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000", " "),
    **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
    **{chr(0xFF01 + i): chr(0x21 + i).lower() for i in range(94)},  # full-width ASCII
}

_CASED: Final = (range(0x80, 0x3001), range(0xA640, 0xAC00), range(0xFB00, 0x10000))
"""Blocks of the BMP that hold letters with case, or a code point of the table above."""

_ASCII: Final = bytes(ord(_SPECIAL.get(chr(i), chr(i).lower())) for i in range(128)) + bytes(range(128, 256))


@cache
def fold_map() -> dict[int, int]:
    """Code point -> folded code point, for those that change. Code points above the BMP fold to themselves."""
    changes = {i: folded for i, folded in enumerate(_ASCII[:128]) if folded != i}
    for block in _CASED:
        for i in block:
            folded = _SPECIAL.get(char := chr(i)) or char.lower()
            if len(folded) == 1 and folded != char:
                changes[i] = ord(folded)
    return changes


@cached_function("fold")
def fold_table() -> NDArray[np.uint16]:
    """Code point of the first plane -> folded code point; those above fold to themselves."""
    import numpy as np

    table = np.arange(0x10000, dtype=np.uint16)
    changes = fold_map()
    table[list(changes)] = list(changes.values())
    return table


def fold(text: str) -> str:
    """The text as rules see it: lower case, straight quotes, plain dashes and blanks; as long as it was."""
    if text.isascii():
        return text.encode("ascii").translate(_ASCII).decode("ascii")
    return _with_numpy(text) if native is None else native.fold(_units(), text)


@cache
def _units() -> bytes:
    return fold_table().tobytes()


def _with_numpy(text: str) -> str:
    import numpy as np

    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype=np.uint16)
    folded = fold_table()[units].tobytes().decode("utf-16-le", "surrogatepass")
    if len(folded) != len(text):  # two lone surrogates side by side became one code point
        return text.translate(fold_map())
    return folded


@cache
def fold_char(char: str) -> str:
    """One code point folded."""
    return fold(char)


OUTER: Final = (
    " !\"#'()*+,-./:;<=>?[\\]^_`{|}~"
    "¡¦§«¬¯°´¶·¸»¿×"
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u061c\ufeff\ufe0e\ufe0f\ufffc\ufffd\u202a\u202b\u202c\u202d\u202e"
    "‖‗†‡•‣․‥…‧‰‹›※‼⁃⁄⁎∙⋅⋆│┃┆║"
    "←↑→↓↔↗↘↩↪↵⇒⇓⇧⌃⌄⏩⏬⏭⏯⏵⏷▪▫▲△▴▶►▸▹▼▽▾▿◀◂◄◆◇◉○◎●◦■□"
    "★☆☎☑☒☛☞☰♡♥♦♪♫✅✆✉✎✏✓✔✕✖✗✘✦✨✪✱✳✶✽❌❓❗❤❯❱❶➔➕➖➙➚➜➞➠➡➢➤➥⟩⟶⟹⭐⮕"
    "、。〈〉《》「」『』【】〔〕〖〗〜〽・･｡｢｣、"
    "،؛؟۔।॥"
    "👇👉👈👆🔗🔴🔵🔔🔥📢📣📧📩📱📲📷📸📺📰📌📍🎧🎙🎥🎬▷🔽🔼🔹🔸💬👍💡🚨🗞🛒⚡⬇⬆⬅"
)
"""What may surround a phrase: punctuation, blanks, bullets, arrows, zero-width characters, pictograms."""

NUMBER: Final = regex.compile(r"\d+(?:[.,]\d+| \d{3}(?!\d))*")
"""What ``{n}`` stands for in a phrase: digits, with or without separators of thousands and decimals."""


def line_key(folded_line: str) -> str:
    """The folded line without outer punctuation and with inner blanks collapsed: what a phrase is compared with."""
    key = folded_line.strip(OUTER)
    return " ".join(key.split()) if "  " in key else key


def says_title(key: str, title: str) -> bool:
    """Whether a line is the title, by the keys of both, or begins it with three words: a title often ends in the site's
    name."""
    return bool(key) and (key == title or (key.count(" ") >= 2 and title.startswith(key)))


def number_key(key: str) -> str:
    """A line key with each number replaced by ``0``; the same object where it holds no number."""
    return NUMBER.sub("0", key)
