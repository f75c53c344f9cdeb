r"""A pattern rewritten to be quick, which matches the same: of many alternatives at a place, few are tried.

`regex` tries the branches of an alternation one after another at every place. Rule files list words, some sixty in
``\b(?:writer|writes|editor|…)\b``, and few of them begin with the letter at hand. Branches that begin with the same
literal character are therefore put behind that one, so that a place costs as many trials as there are first letters:
``\b(?:w(?:riter|rites)|editor|…)\b``. What matches is the same, with the same groups, and so is which branch comes
first where several match: only branches that no line can match at one place change places.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import regex

__all__ = ["factored"]

_TOKEN: Final = regex.compile(
    r"(?P<class>\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\])"
    r"|(?P<escape>\\(?:[pP]\{[^{}]+\}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.))"
    r"|(?P<open>\((?:\?(?:P?<\w+>|:|=|!|>))?)"
    r"|(?P<close>\))|(?P<bar>\|)|(?P<char>.)",
    regex.DOTALL,
)
_REPEAT: Final = regex.compile(r"(?:[*+?]|\{\d+(?:,\d*)?\}|\{,\d+\})[+?]?")
_OTHER: Final = regex.compile(r"\(\?(?!P?<\w|[:=!>])|\\(?:[1-9]|[gkNL][<{])|(?<!\\[pP])\{(?![\d,])")
"""What makes the order or the place of a branch matter: flags, look-behinds, conditions, references, fuzzy matches, and
the like."""
_SPECIAL: Final = frozenset("^$.*+?{}")


class _Item(NamedTuple):
    """An atom of a branch with its repeat, as written."""

    text: str
    literal: bool
    """Whether it is one character that stands for itself."""


_Branch = list[_Item]


def factored(pattern: str) -> str:
    """The pattern with the branches of its alternations put together by their first characters; the pattern itself
    where it uses more than literals, classes, groups, look-aheads and repeats, or is none."""
    if _OTHER.search(pattern):
        return pattern
    branches, end = _read(pattern, 0)
    return pattern if end < len(pattern) else _written(branches)


def _read(pattern: str, at: int) -> tuple[list[_Branch], int]:
    """The branches from an offset on, their groups factored, and the offset of the bracket that closes them, or the
    pattern's length."""
    branches: list[_Branch] = [[]]
    while token := _TOKEN.match(pattern, at):
        kind, text = token.lastgroup, token[0]
        if kind == "close":
            break
        at = token.end()
        if kind == "bar":
            branches.append([])
            continue
        if kind == "open":
            inner, at = _read(pattern, at)
            text += _written(inner) + pattern[at : at + 1]
            at += 1
        repeat = _REPEAT.match(pattern, at)
        at = repeat.end() if repeat else at
        literal = kind == "char" and text not in _SPECIAL and not repeat
        branches[-1].append(_Item(text + (repeat[0] if repeat else ""), literal))
    return branches, at


def _written(branches: list[_Branch]) -> str:
    """An alternation, with those of its branches put together that begin with the same literal. A branch that begins
    otherwise keeps its place between those before it and those behind it."""
    written: list[str] = []
    by_head: dict[str, list[_Branch]] = {}
    for branch in [*branches, None]:
        if branch and branch[0].literal:
            by_head.setdefault(branch[0].text, []).append(branch[1:])
            continue
        written += [_shared(head, tails) for head, tails in by_head.items()]
        by_head.clear()
        if branch is not None:
            written.append("".join(item.text for item in branch))
    return "|".join(written)


def _shared(head: str, tails: list[_Branch]) -> str:
    """Branches that share a beginning: that, and what stands behind it in each."""
    while tails[0] and tails[0][0].literal and all(tail[:1] == tails[0][:1] for tail in tails):
        head += tails[0][0].text
        tails = [tail[1:] for tail in tails]
    return head + (f"(?:{_written(tails)})" if len(tails) > 1 else "".join(item.text for item in tails[0]))
