"""What is wrong with a pattern of a rule file, before it is ever run on a text.

`check_pattern` runs whenever a pack is loaded, and what it finds is kept. Its messages say how to fix the pattern.
"""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Iterator
from typing import Final

import regex

from cleaner.rules.ambiguity import TooLarge, ambiguous_repeat
from cleaner.rules.syntax import Alt, Char, Empty, Loose, Node, Repeat, Seq, Unreadable, chars_of, parse, walk
from cleaner.rules.trial import blows_up
from cleaner.rules.wording import pattern_of
from cleaner.text.fold import fold, fold_char

__all__ = ["check_pattern", "misspelt"]

LINE_LOCAL: Final = {
    r"\s": "[ ]",
    r"\W": r"[^\w\n]",
    r"\D": r"[^\d\n]",
    r"\S": r"[^ ]",
}
"""Forms that can match a line break -> what to write instead (folding has turned all other blanks into spaces)."""

ORDINARY: Final = (
    "She opened the door and found nobody there.",
    "It was late; the market had closed",
    "Home",
    "World News Today",
    "How the mill came back to life",
    "Der Zug hält heute nicht in Neustadt.",
    "Le musée rouvre ses portes",
    "Открытие выставки в музее",
    "本馆将于下月重新开放。",
    "افتتح المعرض أمس",
)
"""Lines that have nothing in common: a pattern that matches all of them matches everything."""

DAMAGED: Final = regex.compile("[\ufffd\u0080-\u009f]|â€|Ã[\u0080-\u00bf]|Â[\u00a0-\u00bf]")
MIXED: Final = regex.compile(r"\p{Latin}\p{Cyrillic}|\p{Cyrillic}\p{Latin}")
FORMAT_CHARACTER: Final = regex.compile(r"\p{Cf}")
BARE_PROPERTY: Final = regex.compile(r"(?<!\\)(?:\\\\)*[pP]\{\^?[A-Za-z_]+(?:=\w+)?\}")
SET_OPERATION: Final = regex.compile(r"\[[^\]]*(?:&&|\|\||~~|\w--)")
FLAGS: Final = regex.compile(r"\(\?([a-zA-Z01]+)[:)-]")

MOST_UNROLLED: Final = 50_000
"""Copies of one part of a pattern, as repeats within repeats make them: so many take `regex` a tenth of a second."""

SECONDS: Final = 1
"""For one line, when a pattern is loaded. A sound one takes some microseconds, a quadratic one some milliseconds for a
hostile line; of what takes longer than this, a text of such lines takes hours."""


def check_pattern(pattern: str, *, folded: bool, broad: bool = False, part: bool = False) -> list[str]:
    """What is wrong with a pattern, each with its fix; empty if it is fit for use.

    ``folded``: it is matched against folded lines (no ``case = true``), which hold no capitals, curly quotes or tabs.
    ``broad``: it only narrows another wording or speaks of a neighbour, and may match every line.
    ``part``: it stands in others and is never searched alone, so that its time is theirs.
    """
    tree: Node | str
    try:
        tree = parse(pattern)
        if _unrolled(tree) > MOST_UNROLLED:
            return [f"has repeats within repeats that make more than {MOST_UNROLLED:,} rounds: lower their counts"]
    except (Unreadable, ValueError, IndexError, OverflowError) as reason:  # not all of this is known to be a pattern
        tree = str(reason)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compiled = pattern_of(pattern)
    except (regex.error, Warning, OverflowError, RecursionError, ValueError) as error:
        return [f"does not compile: {error}"]
    faults = [*_written(pattern, folded)]
    if isinstance(tree, str):  # and is not tried: one that calls itself takes all memory
        return [*faults, f"uses {tree}, which rule patterns do not support: use plain classes and groups"]
    try:
        if ambiguous_repeat(tree):
            faults.append(
                "has a repeat whose body can match one text in several ways, as (a+)+ or (a|ab)* do, and would never "
                "end on some lines: let each round begin with a character that the body holds nowhere else"
            )
            return faults
    except TooLarge:
        return [*faults, "repeats more than can be judged (2,000 characters and classes): make it several patterns"]
    if not broad:
        faults += _all_or_nothing(compiled)
    elif not _consumes(tree):
        faults.append("takes no character, and such a match does not count: write [^\\n] behind what looks ahead")
    faults += _branches(tree)
    faults += _chars(tree, folded, "" if broad else ", or set case = true")
    if not (faults or part) and (slow := blows_up(pattern, SECONDS)):
        faults.append(slow)
    return list(dict.fromkeys(faults))


def misspelt(literal: str) -> str:
    """What is wrong with the letters of a phrase or another literal, which look like those of other code points, with
    its mend; "" for nothing. Where a language's letters have no composed form, the separate ones are right."""
    if len(unicodedata.normalize("NFC", literal)) < len(literal):
        return "holds letters with separate accents (NFD): write them composed (NFC)"
    if mixed := MIXED.search(literal):
        return f"holds letters of two alphabets in one word ({mixed[0]!r}): write it in one"
    return ""


def _written(pattern: str, folded: bool) -> Iterator[str]:
    """Mistakes seen in the bare source of the pattern."""
    if damage := DAMAGED.search(pattern):
        yield f"holds damaged text ({damage[0]!r}): write the characters that were meant"
    if hidden := FORMAT_CHARACTER.search(pattern):
        yield f"holds an invisible character (U+{ord(hidden[0]):04X}): remove it or write it as an escape"
    if unicodedata.normalize("NFC", pattern) != pattern:
        yield "holds letters with separate accents (NFD): write them composed (NFC)"
    if bare := BARE_PROPERTY.search(pattern):
        yield f"{bare[0]} without a backslash is plain text: write \\{bare[0]}"
    if operation := SET_OPERATION.search(pattern):
        yield f"{operation[0]}…] has a set operation, which rule patterns do not support: list the characters"
    for flags in FLAGS.findall(pattern):
        if "V1" in flags or "f" in flags:
            yield f"the flag ({flags}) changes what patterns mean in ways that folding cannot follow: drop it"
        elif "s" in flags:
            yield "the flag (?s) lets . match a line break: drop it"
        elif "i" in flags and folded:
            yield "the flag (?i) is needless, lines are in lower case already: drop it"


def _all_or_nothing(compiled: regex.Pattern[str]) -> Iterator[str]:
    """Patterns that match nothing at all, or everything, or take too long to find out."""
    try:
        if compiled.search("", timeout=SECONDS) is not None:
            yield "can match an empty text: demand at least one character"
        elif all(compiled.search(fold(line), timeout=SECONDS) for line in ORDINARY):
            yield "matches every line: name a word that it must hold, or use the length and zone conditions"
    except TimeoutError:
        yield "takes more than a second on a line of a few words: let no repeat stand within another"


def _unrolled(node: Node) -> int:
    """How often the innermost part of the pattern is written out when it is compiled, which `regex` does for the rounds
    that a repeat must make."""
    match node:
        case Repeat(item, least, most):
            return _unrolled(item) * max(1, least + (most != least))
        case Seq(items) | Alt(items):
            return max(map(_unrolled, items), default=1)
        case Empty(_, item) | Loose(item) if item is not None:
            return _unrolled(item)
        case _:
            return 1


def _consumes(node: Node) -> bool:
    """Whether the pattern can match a character, and not only a place."""
    match node:
        case Seq(items) | Alt(items):
            return any(map(_consumes, items))
        case Repeat(item, _, most):
            return most != 0 and _consumes(item)
        case _:
            return not isinstance(node, Empty)


def _branches(tree: Node) -> Iterator[str]:
    """``^a|b|c$``, where ``^`` binds the first branch only and ``$`` the last; and branches that are empty."""
    for node in walk(tree):
        if isinstance(node, Alt):
            at_start = [_edge(branch, 0, "^") for branch in node.branches]
            at_end = [_edge(branch, -1, "$") for branch in node.branches]
            if (at_start[0] and not any(at_start[1:])) or (at_end[-1] and not any(at_end[:-1])):
                yield "^ and $ bind only the branch they stand in: write ^(?:a|b|c)$ for ^a|b|c$"
            if Seq(()) in node.branches:
                yield "has a branch that is empty: write (?:a|b)? for (?:a|b|), or drop one | of a||b"


def _edge(node: Node, end: int, anchor: str) -> bool:
    """Whether the branch has the anchor at that end, and more than it (``(?:,|$)`` is no mistake)."""
    if not isinstance(node, Seq) or len(node.items) < 2:
        return False
    edge = node.items[end]
    return isinstance(edge, Empty) and edge.source == anchor


def _chars(tree: Node, folded: bool, or_case: str) -> Iterator[str]:
    """Characters and classes that can match a line break, or that a folded line never holds. ``or_case``: what else to
    do about the latter, where there is a key for it."""
    plain: dict[str, str] = {}
    for node in chars_of(tree):
        if node.matches("\n"):
            yield f"{_named(node)} can match a line break, and lines hold none: {_line_local(node)}"
        elif folded and node.chars and len(node.chars) == 1:
            (char,) = node.chars
            plain[char] = fold_char(char)
        elif folded:
            yield from _unfolded(node, or_case)
    if changed := {char: mend for char, mend in plain.items() if mend != char}:
        more = "…" * (len(changed) > _SHOWN)
        shown, mend = ("".join(chars)[:_SHOWN] + more for chars in (changed, changed.values()))
        yield f"{shown!r} never {'occur' if len(changed) > 1 else 'occurs'} in a folded line: write {mend!r}{or_case}"


def _named(node: Char) -> str:
    return r"\n" if node.chars == frozenset("\n") else node.source


def _line_local(node: Char) -> str:
    if node.chars == frozenset("\n"):
        return "for what depends on another line use a section rule, above or below"
    if node.source.startswith("[^"):
        return f"write {node.source[:-1]}\\n]"
    return f"write {LINE_LOCAL.get(node.source, 'a class without it, in which a blank is a plain space')}"


_SHOWN: Final = 8
"""Characters that a message shows at most."""


def _unfolded(node: Char, or_case: str) -> Iterator[str]:
    if node.source in (r"\p{Lu}", r"\p{Lt}", r"\p{Uppercase}", "[[:upper:]]", r"\pLu"):
        yield f"{node.source} never matches, lines are in lower case: drop it{or_case}"
    named = node.spelt if node.chars is None else node.chars
    changed = {char: fold_char(char) for char in sorted(named) if fold_char(char) != char}
    if not changed:
        return
    if not set(changed.values()) <= named:
        mend = "".join(dict.fromkeys(changed.values()))[:_SHOWN]
        yield f"{''.join(changed)[:_SHOWN]!r} in {node.source} never occurs in a folded line: write {mend!r}"
    else:
        yield f"{''.join(changed)[:_SHOWN]!r} in {node.source} never occurs in a folded line: drop it"
