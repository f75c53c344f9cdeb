"""What a pattern anchored at a line's start or end implies about that end, and how long its lines can be.

Derived from the pattern's tree like the literals, and as cautiously: what is not understood allows everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Final, TypeAlias

import regex

from cleaner.match.literals import spelt
from cleaner.match.signature import is_letter
from cleaner.rules.syntax import Alt, Char, Empty, Loose, Node, Repeat, Seq, Unreadable, parse

__all__ = ["BEGIN", "END", "Edges", "edges_of", "outermost", "width"]

BEGIN: Final = frozenset({"^", r"\A"})
END: Final = frozenset({"$", r"\Z", r"\z"})
"""Anchors of a line."""

_ANY: Final = frozenset(range(129))
"""All ASCII codes, and 128 for whatever is beyond."""

_LONG_HEAD: Final = 24
"""Most code points of a text at an edge: only its first eight letters and what is between them are compared."""
_MOST_HEADS: Final = 400
"""Most texts at an edge; where there are more, what comes next in the pattern is left out."""

_NO_LETTERS: Final = regex.compile(r"\[\^(?:\\.|[^\\])*?\\(?:w|p\{L\})")
r"""The beginning of a class that leaves out all letters; the `\\w` of another is a backslash and a letter."""

_ASCII: Final = "".join(map(chr, range(128)))


@dataclass(frozen=True, slots=True)
class Edges:
    """Facts about every folded line that a pattern matches."""

    opening: frozenset[str] | None = None
    """The line starts with one of these, not counting what is no letter before them and at their own start."""
    closing: frozenset[str] | None = None
    """The line ends with one of these, likewise."""
    first: frozenset[int] = _ANY
    """Its first character: ASCII code, or 128 for any other."""
    last: frozenset[int] = _ANY
    least: int = 0
    """Its length in code points."""
    most: int | None = None


def edges_of(pattern: str, *, folded: bool) -> Edges:
    """The facts about a pattern. With ``folded`` false it is matched on lines as written: less can be said then."""
    try:
        tree = parse(pattern)
    except (Unreadable, ValueError, RecursionError):
        return Edges()
    branches = tree.branches if isinstance(tree, Alt) else (tree,)
    starts, ends = _anchored(branches, BEGIN, 0), _anchored(branches, END, -1)
    least, most = width(tree)
    return Edges(
        opening=_edge_literals(starts, backwards=False) if starts else None,
        closing=_edge_literals(ends, backwards=True) if ends else None,
        first=_edge_chars(starts, backwards=False) if starts and folded else _ANY,
        last=_edge_chars(ends, backwards=True) if ends and folded else _ANY,
        least=least,
        most=most if starts and ends else None,
    )


def outermost(edges: Sequence[Edges]) -> Edges:
    """What holds of every line that one of some patterns matches, of its first and last character and its length."""
    sizes = [each.most for each in edges]
    return Edges(
        first=frozenset[int]().union(*(each.first for each in edges)),
        last=frozenset[int]().union(*(each.last for each in edges)),
        least=min(each.least for each in edges),
        most=None if None in sizes else max(filter(None, sizes), default=0),
    )


def _anchored(branches: Iterable[Node], anchors: Set[str], end: int) -> list[Sequence[Node]]:
    """The items of each branch without its anchor at that end; an empty list if one of them has none there."""
    bodies: list[Sequence[Node]] = []
    for branch in branches:
        items = list(branch.items) if isinstance(branch, Seq) else [branch]
        anchor = items[end] if items else None
        if not (isinstance(anchor, Empty) and anchor.source in anchors):
            return []
        bodies.append(items[1:] if end == 0 else items[:-1])
    return bodies


def _edge_literals(bodies: list[Sequence[Node]], *, backwards: bool) -> frozenset[str] | None:
    """Texts one of which stands at that edge, from the first letter there on."""
    finder = _Heads(backwards)
    heads = frozenset(head for body in bodies for head in finder.of_items(body, edge=True))
    return heads if "" not in heads else None


Heads: TypeAlias = dict[str, bool]
"""Texts that can stand at one edge -> whether what comes next in the pattern comes right behind; else anything may."""


@dataclass(frozen=True, slots=True)
class _Heads:
    """Finds the texts that can stand at one edge of a match. ``edge``: no letter stands before them."""

    backwards: bool

    def of_items(self, items: Sequence[Node], *, edge: bool) -> Heads:
        heads: Heads = {"": True}
        for item in reversed(items) if self.backwards else items:
            if not any(heads.values()):
                break
            heads = self.behind(item, heads, edge)
        return heads

    def behind(self, item: Node, heads: Heads, edge: bool) -> Heads:
        """The heads, each continued by the item's own unless something else may come in between."""
        inner: Heads | None = None
        outer: Heads | None = {"": True} if edge and _letterless(item) else None
        joined: Heads = {}
        for head, goes_on in heads.items():
            if not goes_on:
                behind: Heads = {"": False}
            elif edge and not head:
                behind = outer = self.of(item, edge=True) if outer is None else outer
            else:
                behind = inner = self.of(item, edge=False) if inner is None else inner
            for text, more in behind.items():
                whole = text + head if self.backwards else head + text
                if edge and not head:  # a head has a letter at its edge already
                    whole = _from_letter(whole, self.backwards)
                cut = whole[-_LONG_HEAD:] if self.backwards else whole[:_LONG_HEAD]
                joined[cut] = joined.get(cut, True) and more and len(whole) < _LONG_HEAD
        return joined if len(joined) <= _MOST_HEADS else dict.fromkeys(heads, False)

    def of(self, node: Node, *, edge: bool) -> Heads:
        match node:
            case Char():
                spelling = spelt(node)
                return {"": False} if spelling is None else dict.fromkeys(spelling, True)
            case Seq(items):
                return self.of_items(items, edge=edge)
            case Alt(branches):
                joined: Heads = {}
                for branch in branches:
                    for text, more in self.of(branch, edge=edge).items():
                        joined[text] = joined.get(text, True) and more
                return joined
            case Repeat(item, least, most):
                if most == 0:
                    return {"": True}
                once = self.of(item, edge=edge)
                heads = once if most == 1 else dict.fromkeys(once, False)
                return {"": True, **heads} if least == 0 else heads
            case Empty():
                return {"": True}
            case Loose(item):
                return {"": False} if item is None else dict.fromkeys(self.of(item, edge=edge), False)


def _from_letter(text: str, backwards: bool) -> str:
    """The text from its first letter on (or up to its last)."""
    if backwards:
        return text[: next((i + 1 for i in range(len(text) - 1, -1, -1) if is_letter(text[i])), 0)]
    return text[next((i for i, char in enumerate(text) if is_letter(char)), len(text)) :]


def _letterless(node: Node) -> bool:
    """Whether the node matches nothing but characters that are no letters."""
    match node:
        case Char(source, chars):
            if chars is not None:  # (?i) finds letters by marks that are none: iota by its subscript
                return all(not is_letter(char) and (char.isascii() or not node.caseless) for char in chars)
            return source == r"\d" or _NO_LETTERS.match(source) is not None
        case Seq(items) | Alt(items):
            return all(map(_letterless, items))
        case Repeat(item):
            return _letterless(item)
        case Empty():
            return True
        case Loose(item):
            return item is not None and _letterless(item)


def _edge_chars(bodies: list[Sequence[Node]], *, backwards: bool) -> frozenset[int]:
    """The characters that can stand at that edge; any, if a body can match nothing."""
    edges = [_edge_of_items(body, backwards) for body in bodies]
    return frozenset[int]().union(*(_ANY if nothing else chars for chars, nothing in edges))


def _edge_of_items(items: Sequence[Node], backwards: bool) -> tuple[frozenset[int], bool]:
    found: frozenset[int] = frozenset()
    for item in reversed(items) if backwards else items:
        chars, nothing = _edge_of(item, backwards)
        found |= chars
        if not nothing:
            return found, False
    return found, True


def _edge_of(node: Node, backwards: bool) -> tuple[frozenset[int], bool]:
    """The characters that a match of the node can have at that edge, and whether it can be empty."""
    match node:
        case Char():
            return _codes(node), False
        case Seq(items):
            return _edge_of_items(items, backwards)
        case Alt(branches):
            parts = [_edge_of(branch, backwards) for branch in branches]
            return frozenset[int]().union(*(chars for chars, _ in parts)), any(nothing for _, nothing in parts)
        case Repeat(item, least, most):
            if most == 0:
                return frozenset(), True
            chars, nothing = _edge_of(item, backwards)
            return chars, nothing or least == 0
        case Empty():
            return frozenset(), True
        case Loose(item):
            return (_ANY, True) if item is None else (_edge_of(item, backwards)[0], True)


def _codes(node: Char) -> frozenset[int]:
    if node.caseless:
        return _ANY
    if node.chars is not None:
        return frozenset(min(ord(char), 128) for char in node.chars)
    return frozenset([*(i for i, char in enumerate(_ASCII) if node.matches(char)), 128])


def width(node: Node) -> tuple[int, int | None]:
    """Least and greatest number of code points of a match; None for no limit."""
    match node:
        case Char():
            return 1, 1
        case Seq(items):
            parts = list(map(width, items))
            return sum(low for low, _ in parts), _total([high for _, high in parts])
        case Alt(branches):
            parts = list(map(width, branches))
            highs = [high for _, high in parts if high is not None]
            return min(low for low, _ in parts), max(highs) if len(highs) == len(parts) else None
        case Repeat(item, least, most):
            low, high = width(item)
            return low * least, None if high is None or most is None else high * most
        case Empty():
            return 0, 0
        case Loose(item):
            return 0, None if item is None else width(item)[1]


def _total(sizes: list[int | None]) -> int | None:
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None
