"""What a pattern that is anchored at a line's start or end says about that end, and how long its lines can be.

Read off the pattern's tree like the literals, and just as careful: what is not understood allows everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cleaner.match.literals import MOST_LITERALS, spelt
from cleaner.match.signature import is_word
from cleaner.rules.syntax import Alt, Char, Empty, Loose, Node, Repeat, Seq, Unreadable, parse

__all__ = ["ANY", "Edges", "edges_of"]

ANY: Final = frozenset(range(129))
"""All ASCII codes, and 128 for whatever is beyond."""

_ASCII: Final = "".join(map(chr, range(128)))


@dataclass(frozen=True, slots=True)
class Edges:
    """Facts about every folded line that a pattern matches."""

    opening: frozenset[str] | None = None
    """The line starts with one of these, not counting what is neither letter nor digit before and in front of them."""
    closing: frozenset[str] | None = None
    """The line ends with one of these, likewise."""
    first: frozenset[int] = ANY
    """Its first character: ASCII code, or 128 for any other."""
    last: frozenset[int] = ANY
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
    starts = [_behind(branch, 0, ("^", r"\A")) for branch in branches]
    ends = [_behind(branch, -1, ("$", r"\Z", r"\z")) for branch in branches]
    opening = closing = None
    first = last = ANY
    if all(each is not None for each in starts):
        bodies = [each for each in starts if each is not None]
        opening = _edge_literals(bodies, backwards=False)
        first = _edge_chars(bodies, backwards=False) if folded else ANY
    if all(each is not None for each in ends):
        bodies = [each for each in ends if each is not None]
        closing = _edge_literals(bodies, backwards=True)
        last = _edge_chars(bodies, backwards=True) if folded else ANY
    least, most = _width(tree)
    whole = all(each is not None for each in (*starts, *ends))
    return Edges(opening, closing, first, last, least, most if whole else None)


def _behind(node: Node, end: int, anchors: tuple[str, ...]) -> Sequence[Node] | None:
    """The items of a branch without its anchor at that end; None if it has none."""
    items = list(node.items) if isinstance(node, Seq) else [node]
    if items and isinstance(items[end], Empty) and items[end].source in anchors:  # type: ignore[union-attr]
        return items[1:] if end == 0 else items[:-1]
    return None


def _edge_literals(bodies: list[Sequence[Node]], *, backwards: bool) -> frozenset[str] | None:
    """Texts one of which stands at that edge, once what is neither letter nor digit is left out there."""
    found: set[str] = set()
    for body in bodies:
        run = {""}
        for item in reversed(body) if backwards else body:
            if run == {""} and _wordless(item):
                continue
            exact = spelt(item)
            if exact is None or len(exact) * len(run) > MOST_LITERALS:
                break
            run = {text + old if backwards else old + text for old in run for text in exact}
        found |= run
    return frozenset(found) if len(found) <= MOST_LITERALS else None


def _wordless(node: Node) -> bool:
    """Whether the node matches nothing but characters that are neither letters nor digits."""
    match node:
        case Char(source, chars):
            if chars is not None:
                return not any(is_word(char) for char in chars)
            return source.startswith("[^") and (
                r"\w" in source or (r"\p{L}" in source and r"\p{N}" in source)
            )
        case Seq(items) | Alt(items):
            return all(map(_wordless, items))
        case Repeat(item):
            return _wordless(item)
        case Empty():
            return True
        case Loose(item):
            return item is not None and _wordless(item)


def _edge_chars(bodies: list[Sequence[Node]], *, backwards: bool) -> frozenset[int]:
    found: frozenset[int] = frozenset()
    for body in bodies:
        chars, nothing = _edge_of_items(body, backwards)
        found |= ANY if nothing else chars
    return found


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
            return (ANY, True) if item is None else (_edge_of(item, backwards)[0], True)


def _codes(node: Char) -> frozenset[int]:
    if node.caseless:
        return ANY
    if node.chars is not None:
        return frozenset(min(ord(char), 128) for char in node.chars)
    return frozenset([*(i for i, char in enumerate(_ASCII) if node.matches(char)), 128])


def _width(node: Node) -> tuple[int, int | None]:
    """Least and greatest number of code points of a match; None for no limit."""
    match node:
        case Char(source):
            return 1, None if source == r"\X" else 1
        case Seq(items):
            parts = list(map(_width, items))
            return sum(low for low, _ in parts), _total([high for _, high in parts])
        case Alt(branches):
            parts = list(map(_width, branches))
            highs = [high for _, high in parts if high is not None]
            return min(low for low, _ in parts), max(highs) if len(highs) == len(parts) else None
        case Repeat(item, least, most):
            low, high = _width(item)
            return low * least, None if high is None or most is None else high * most
        case Empty():
            return 0, 0
        case Loose(item):
            return 0, None if item is None else _width(item)[1]


def _total(sizes: list[int | None]) -> int | None:
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None
