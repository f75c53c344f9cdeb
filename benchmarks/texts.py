"""Texts to measure on: real ones from the labelled corpora beside the project where present, else generated ones."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora"

WORDS = """
    the river council had not met since spring and its members found a hall full of people who wanted to hear what
    would become of the old mill when the new road came through their valley she said that nobody in the office knew
    how long it might take or which of three plans they preferred most houses along this bank were built after war
    with brick from one kiln but some older barns remain under trees where children play every summer until school
""".split()
CHROME = [
    "Share this story",
    "Tweet",
    "Subscribe to our newsletter",
    "© {year} {name} Media. All rights reserved.",
    "Photo by {name}",
    "{n} min read",
    "Read more: {title}",
    "Leave a comment",
    "Related Articles",
    "Home | News | Sport | Contact",
    "Posted in {name}",
    "Advertisement",
]
NAMES = ["Orla Finch", "Bram Castell", "Ilse Dovrak", "Tomas Aldery", "Wen Halloway", "Noor Petrie"]


def generated(size: int) -> list[str]:
    """About ``size`` code points of article-like English, some 13,000 a text, one line in eight chrome."""
    draw = random.Random(1)
    texts: list[str] = []
    total = 0
    while total < size:
        lines = [_line(draw) for _ in range(draw.randint(60, 280))]
        texts.append("\n".join(lines))
        total += len(texts[-1])
    return texts


def _line(draw: random.Random) -> str:
    if draw.random() < 0.12:
        title = " ".join(draw.choices(WORDS, k=5)).capitalize()
        chrome = draw.choice(CHROME)
        return chrome.format(year=draw.randint(2001, 2026), name=draw.choice(NAMES), n=draw.randint(1, 30), title=title)
    if draw.random() < 0.2:
        return ""
    words = draw.choices(WORDS, k=draw.choice([4, 9, 16, 30]))
    if draw.random() < 0.1:
        words[0] = "“" + words[0] + "”"
    return " ".join(words).capitalize() + draw.choice([".", ".", ".", "?", ""])


def articles() -> tuple[list[str], str]:
    """The texts to measure on, and what they are in words."""
    names = [f"{each}.dclm.jsonl.zst" for each in ("wcxb-dev", "readability", "traf-dev")]
    if not all((CORPORA / name).is_file() for name in names):
        return generated(12_000_000), "generated texts (the labelled corpora are not beside the project)"
    import zstandard

    texts = []
    for name in names:
        with (CORPORA / name).open("rb") as file:
            rows = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8", newline="\n")
            texts += [json.loads(row)["text"] for row in rows]
    return texts, "labelled corpora, kind dclm"


def megabytes(texts: list[str]) -> float:
    """Size of the texts in UTF-8, in 10⁶ bytes."""
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) / 1e6


def pack_of(count: int) -> str:
    """A rule file with so many realistic line rules, each with four forms of wording of its own."""
    draw = random.Random(1)
    lines = ['[pack]\nversion = "1.0.0"\ndescription = "Generated rules."\n']
    for i in range(count):
        word = [_coined(draw) for _ in range(8)]
        lines.append(
            f"""[[rule]]
id = "made-{i}"
kind = "line"
reason = "Generated: lines that speak of {word[0]}."
phrases = ["Subscribe to {word[0]} {word[1]}", "{word[2]} {word[3]}", "{{n}} {word[4]} read"]
starts = ["more from {word[5]}"]
contains = ["{word[6]} newsletter"]
regex = ['''^(?:photo|image) by {word[7]} [^\\n]{{1,60}}$''']
max_words = 20
"""
        )
    return "\n".join(lines)


def _coined(draw: random.Random) -> str:
    syllables = "ba cor den fil gra hol jun kel lim mor nes pra quil ros tav".split()
    return "".join(draw.choices(syllables, k=draw.randint(2, 4)))
