"""A pattern of the `regex` package as a small tree, from which checks and required literals are derived.

Only what rule files need is understood. Anything else raises `Unreadable`, and the caller must do without a tree. What
a pattern *matches* is decided by `regex` alone, and so is what a character class contains (`Char.matches` asks it). A
tree may allow more than the pattern does, never less.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

import regex

__all__ = ["Alt", "Char", "Empty", "Loose", "Node", "Repeat", "Seq", "Unreadable", "chars_of", "parse", "walk"]

_MOST_CHARS: Final = 64
"""Members of a class that are spelt out at most."""


class Unreadable(ValueError):
    """The pattern uses something that this reader does not know; the message names it."""


@dataclass(frozen=True, slots=True)
class Char:
    """One character of a class, or a literal one: `chars` are its members where they are few and listed, else None."""

    source: str
    chars: frozenset[str] | None
    caseless: bool = False
    spelt: frozenset[str] = frozenset()
    """The characters that the source of a class names one by one, even if it is to leave them out."""

    def matches(self, char: str) -> bool:
        """Whether the character is one of its own."""
        if self.chars is not None and not self.caseless:
            return char in self.chars
        return _single(self.source, self.caseless).fullmatch(char) is not None


@dataclass(frozen=True, slots=True)
class Seq:
    """A concatenation of items; of none, the empty pattern."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Alt:
    """An alternation: one of several branches."""

    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A quantified item, from ``least`` to ``most`` times."""

    item: Node
    least: int
    most: int | None
    """None: without end."""
    possessive: bool = False
    """Whether it gives nothing back once it has matched."""


@dataclass(frozen=True, slots=True)
class Empty:
    """A zero-width assertion: an anchor (`item` None) or a look-around."""

    source: str
    item: Node | None = None


@dataclass(frozen=True, slots=True)
class Loose:
    """A back-reference (`item` None, matches anything) or an atomic group (matches at most what `item` does)."""

    item: Node | None = None


Node: TypeAlias = Char | Seq | Alt | Repeat | Empty | Loose

_ANCHORS: Final = frozenset("bBmMAZzG")
_CLASSES: Final = frozenset("dDwWsSh")
"""Letters of escapes that match a character."""
_CONTROLS: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_HEX: Final = {"x": 2, "u": 4, "U": 8}
"""Letter of an escape -> hexadecimal digits behind it."""
_POSIX: Final = regex.compile(r"\[:\^?[a-z]+:\]")
_PROPERTY: Final = regex.compile(r"\\[pP](?:\{[^{}]+\}|[A-Za-z])")
_REPEATS: Final = frozenset("*+?{")
"""How repeats begin."""
_QUANTIFIER: Final = regex.compile(r"[*+?]|\{([0-9]*)(,)?([0-9]*)\}")
_NAMED_GROUP: Final = regex.compile(r"\(\?P?<(\w+)>")
_FLAGS: Final = regex.compile(r"\(\?([a-zA-Z01]*)(-[a-zA-Z]+)?([:)])")
_BACK_REFERENCE: Final = regex.compile(r"\\(?:[1-9]\d*|g<\w+>)|\(\?P=\w+\)")
_LOOKS: Final = ("(?=", "(?!", "(?<=", "(?<!")
"""How look-arounds begin."""
_DEEPEST: Final = 50
"""Groups inside one another that are read."""


@lru_cache(maxsize=16_384)
def _literal(char: str, caseless: bool) -> Char:
    """A character that stands for itself: most nodes of most trees, which share them."""
    return Char(regex.escape(char, literal_spaces=True), frozenset(char), caseless)


@lru_cache(maxsize=16_384)
def _single(source: str, caseless: bool) -> regex.Pattern[str]:
    return regex.compile(source, regex.IGNORECASE if caseless else 0)


@lru_cache(maxsize=16_384)  # more than the bundled packs have
def parse(pattern: str) -> Node:
    """The tree of a pattern that compiles. Raises `Unreadable` where it uses what this module does not know."""
    flags = _FLAGS.findall(pattern)
    caseless = any("i" in on and end == ")" for on, _, end in flags)
    reader = _Reader(pattern, caseless)
    node = reader.alternatives()
    if reader.at < len(pattern):
        raise Unreadable(f"an unmatched {pattern[reader.at]!r} at {reader.at}")
    return node


def walk(node: Node) -> list[Node]:
    """The node and all below it, in the order of the pattern."""
    found: list[Node] = []
    todo = [node]
    while todo:
        node = todo.pop()
        found.append(node)
        match node:
            case Seq(items) | Alt(items):
                todo.extend(reversed(items))
            case Repeat(item) | Empty(_, item) | Loose(item) if item is not None:
                todo.append(item)
            case _:
                pass
    return found


def chars_of(node: Node) -> list[Char]:
    """All single-character nodes, those inside look-arounds too."""
    return [each for each in walk(node) if isinstance(each, Char)]


@dataclass(slots=True)
class _Reader:
    """A recursive descent parser; each method reads what it is named for, from ``at`` on. Raises Unreadable."""

    pattern: str
    caseless: bool
    at: int = 0
    depth: int = 0

    def alternatives(self) -> Node:
        branches = [self.sequence()]
        while self.pattern.startswith("|", self.at):
            self.at += 1
            branches.append(self.sequence())
        return branches[0] if len(branches) == 1 else Alt(tuple(branches))

    def sequence(self) -> Node:
        items: list[Node] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            node = self.atom()
            if node is not None:
                items.append(self.quantified(node))
            elif self.repeats():
                raise Unreadable(f"a repeat behind a comment or a flag at {self.at}")  # it is of what stands before
        return items[0] if len(items) == 1 else Seq(tuple(items))

    def atom(self) -> Node | None:
        """The next item; None for a comment or a flag, which are nothing to match."""
        char = self.pattern[self.at]
        if char == "(":
            return self.group()
        if char == "[":
            return self.char_class()
        if char == "\\":
            return self.escape()
        self.at += 1
        if char in "^$":
            return Empty(char)
        if char == ".":
            return Char("[^\n]", None)
        if char in "*+?":
            raise Unreadable(f"a repeat of nothing at {self.at - 1}")
        if char == "{":
            raise Unreadable(rf"a {{ that begins no repeat at {self.at - 1} (write \{{ for the character itself)")
        return _literal(char, self.caseless)

    def repeats(self) -> regex.Match[str] | None:
        """The repeat that stands next, if one does; to `regex`, `{}`, `{,}` and one with blanks are plain text."""
        if self.pattern[self.at : self.at + 1] not in _REPEATS:
            return None
        match = _QUANTIFIER.match(self.pattern, self.at)
        return match if match and (match[0][0] != "{" or match[1] or match[3]) else None

    def quantified(self, node: Node) -> Node:
        while match := self.repeats():
            text = match[0]
            if text[0] != "{":
                least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[text]
            else:
                least = int(match[1] or 0)
                most = (int(match[3]) if match[3] else None) if match[2] else least
            self.at = match.end()
            mode = self.pattern[self.at : self.at + 1]
            self.at += mode in ("?", "+")
            node = Repeat(node, least, most, possessive=mode == "+")
        return node

    def group(self) -> Node | None:
        text, start = self.pattern, self.at
        if not text.startswith("(?", start):
            return self.inside(start + 1)
        if text.startswith("(?#", start):
            self.at = text.index(")", start) + 1
            return None
        for look in _LOOKS:
            if text.startswith(look, start):
                node = self.inside(start + len(look))
                return Empty(text[start : self.at], node)
        if text.startswith("(?>", start):
            return Loose(self.inside(start + 3))
        if match := _NAMED_GROUP.match(text, start):
            return self.inside(match.end())
        if match := _BACK_REFERENCE.match(text, start):
            self.at = match.end()
            return Loose()
        return self.flags(start)

    def flags(self, start: int) -> Node | None:
        match = _FLAGS.match(self.pattern, start)
        if not match or set(match[1]) - set("ism") or set(match[2] or "-") - set("-ism"):
            raise Unreadable(f"the group {self.pattern[start : start + 6]}… at {start}")
        if match[3] == ")":  # in effect for the whole pattern, as `parse` has seen
            self.at = match.end()
            return None
        outer = self.caseless
        self.caseless = (outer or "i" in match[1]) and "i" not in (match[2] or "")
        node = self.inside(match.end())
        self.caseless = outer
        return node

    def inside(self, start: int) -> Node:
        self.at = start
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Unreadable(f"more than {_DEEPEST} groups inside one another")
        node = self.alternatives()
        if not self.pattern.startswith(")", self.at):
            raise Unreadable(f"a group without end at {start}")
        self.at += 1
        self.depth -= 1
        return node

    def escape(self) -> Node:
        text, start = self.pattern, self.at
        kind = text[start + 1 : start + 2]
        if kind in _ANCHORS:
            self.at = start + 2
            return Empty(text[start : self.at])
        if kind in _CLASSES:
            self.at = start + 2
            return Char(text[start : self.at], None, self.caseless)
        if match := _PROPERTY.match(text, start):
            self.at = match.end()
            return Char(match[0], None, self.caseless)
        if match := _BACK_REFERENCE.match(text, start):
            self.at = match.end()
            return Loose()
        return _literal(self.escaped(), self.caseless)

    def escaped(self) -> str:
        """The one character that the escape at hand stands for."""
        text, start = self.pattern, self.at
        kind = text[start + 1 : start + 2]
        if kind in _CONTROLS:
            self.at = start + 2
            return _CONTROLS[kind]
        if kind in _HEX:
            self.at = start + 2 + _HEX[kind]
            return chr(int(text[start + 2 : self.at], 16))
        if not kind or (kind.isascii() and kind.isalnum()):
            raise Unreadable(f"the escape \\{kind} at {start}")
        self.at = start + 2
        return kind

    def char_class(self) -> Char:
        text, start = self.pattern, self.at
        self.at += 1
        negated = text.startswith("^", self.at)
        self.at += negated
        members: set[str] | None = None if negated else set()
        spelt: set[str] = set()
        first = self.at
        while self.at == first or not text.startswith("]", self.at):
            if self.at >= len(text):
                raise Unreadable(f"a class without end at {start}")
            low = self.member()
            if text.startswith("-", self.at) and not text.startswith("-]", self.at):
                self.at += 1
                high = self.member()
            else:
                high = low
                spelt.update(low or "")
            if members is None or low is None or high is None or ord(high) - ord(low) > _MOST_CHARS:
                members = None
            else:
                members.update(map(chr, range(ord(low), ord(high) + 1)))
        self.at += 1
        if members is not None and len(members) > _MOST_CHARS:
            members = None
        chars = None if members is None else frozenset(members)
        return Char(text[start : self.at], chars, self.caseless, frozenset(spelt))

    def member(self) -> str | None:
        """The next member of a class: its character, or None for a class within the class."""
        text, start = self.pattern, self.at
        if match := _POSIX.match(text, start) or _PROPERTY.match(text, start):
            self.at = match.end()
            return None
        if not text.startswith("\\", start):
            self.at += 1
            return text[start]
        if text[start + 1 : start + 2] in _CLASSES:
            self.at += 2
            return None
        if text[start + 1 : start + 2] == "b":
            self.at += 2
            return "\b"
        return self.escaped()
