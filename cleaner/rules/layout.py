"""One layout for all rule files: short lists on a line, long ones filled, so that a change shows in the lines it is in.

What the file says stays as it is, comments and the order of keys included; only blanks and line breaks change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import regex

__all__ = ["WIDTH", "laid_out"]

WIDTH: Final = 120
"""Code points of a line, unless one text alone is longer: a pattern or an example is never broken."""

_INDENT: Final = 4

_EACH: Final = frozenset({"regex", "remove", "keep"})
"""Lists that have a line for each value, unless one line holds all: patterns and examples are read one by one."""

_TOKEN: Final = regex.compile(
    r"""
      (?P<comment>\#[^\n]*)
    | (?P<text>\"{3}(?:\\.|[^\\])*?\"{3,5}(?!\") | '{3}.*?'{3,5}(?!') | "(?:\\.|[^"\\\n])*" | '[^'\n]*')
    | (?P<mark>[\[\]{},=])
    | (?P<blank>[ \t]+)
    | (?P<line>\n)
    | (?P<word>[^\s\[\]{},=\#"']+)
    """,
    regex.VERBOSE | regex.DOTALL,
)


@dataclass(slots=True)
class _List:
    """A list of values, each with the comments above it and the one behind it."""

    items: list[tuple[list[str], _Value, str]] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    """Comments behind the last value."""


@dataclass(slots=True)
class _Table:
    """A table within braces."""

    pairs: list[tuple[str, _Value]] = field(default_factory=list)


_Value: TypeAlias = str | _List | _Table


def laid_out(source: str) -> str:
    """The same rule file in the common layout, which is its own layout. The source is TOML that `tomllib` reads."""
    tokens = _Tokens(source.replace("\r\n", "\n"))
    lines: list[str] = []
    while not tokens.done:
        if tokens.at("line"):
            tokens.take()
            if lines and lines[-1]:
                lines.append("")
        elif tokens.at("comment"):
            lines.append(tokens.take())
            tokens.break_line()
        else:
            if tokens.is_next("["):
                _set_apart(lines)
                text = tokens.header()
            else:
                key = tokens.key()
                text = f"{key} = {_render(key, tokens.value(), len(key) + 3, 0)}"
            lines.append(text + (f"  {tokens.take()}" if tokens.at("comment") else ""))
            tokens.break_line()
    return "\n".join(lines).rstrip("\n") + "\n"


def _set_apart(lines: list[str]) -> None:
    """Have a blank line above the next line and the comments that stand right above it."""
    at = len(lines)
    while at and lines[at - 1].startswith("#"):
        at -= 1
    if at and lines[at - 1]:
        lines.insert(at, "")


class _Tokens:
    """What a source is made of, from one token to the next; blanks are passed over."""

    def __init__(self, source: str) -> None:
        self._tokens = [(str(m.lastgroup), m[0]) for m in _TOKEN.finditer(source) if m.lastgroup != "blank"]
        self._tokens.append(("end", ""))
        self._number = 0

    @property
    def done(self) -> bool:
        return self.at("end")

    def at(self, sort: str) -> bool:
        """Whether the next token is of this sort."""
        return self._tokens[self._number][0] == sort

    def is_next(self, mark: str) -> bool:
        return self._tokens[self._number] == ("mark", mark)

    def take(self) -> str:
        self._number += 1
        return self._tokens[self._number - 1][1].rstrip()

    def break_line(self) -> None:
        if self.at("line"):
            self.take()

    def header(self) -> str:
        """The name of a table, within its brackets."""
        text = ""
        while not (self.at("line") or self.at("comment") or self.done):
            text += self.take()
        return text

    def key(self) -> str:
        text = ""
        while not self.is_next("="):
            text += self.take()
        self.take()
        return text

    def value(self) -> _Value:
        if self.is_next("["):
            return self._list()
        if self.is_next("{"):
            return self._table()
        text = self.take()
        while self.at("word"):  # a date and the time of it
            text += f" {self.take()}"
        return text

    def _list(self) -> _List:
        self.take()
        made = _List()
        above: list[str] = []
        fresh = False  # whether a line has begun since the last value
        while not self.is_next("]"):
            if self.at("line"):
                self.take()
                fresh = True
            elif self.at("comment") and (fresh or not made.items):
                above.append(self.take())
            elif self.at("comment"):
                before, value, behind = made.items[-1]
                made.items[-1] = before, value, f"{behind} {self.take()}".strip()
            elif self.is_next(","):
                self.take()
            else:
                made.items.append((above, self.value(), ""))
                above, fresh = [], False
        self.take()
        made.last = above
        return made

    def _table(self) -> _Table:
        self.take()
        made = _Table()
        while not self.is_next("}"):
            if self.is_next(","):
                self.take()
            key = self.key()
            made.pairs.append((key, self.value()))
        self.take()
        return made


def _flat(value: _Value) -> str:
    """The value without line breaks of its own; comments must be none."""
    match value:
        case str():
            return value
        case _List(items):
            return f"[{', '.join(_flat(each) for _, each, _ in items)}]"
        case _Table(pairs):
            return f"{{ {', '.join(f'{key} = {_flat(each)}' for key, each in pairs)} }}" if pairs else "{}"


def _has_comments(value: _Value) -> bool:
    """Whether there are comments within the value."""
    match value:
        case _List(items, last):
            return bool(last) or any(above or behind or _has_comments(each) for above, each, behind in items)
        case _Table(pairs):
            return any(_has_comments(each) for _, each in pairs)
    return False


def _fits(text: str, used: int) -> bool:
    return "\n" not in text and used + len(text) <= WIDTH


def _render(key: str, value: _Value, used: int, indent: int) -> str:
    """The value of a key, on one line if it fits or cannot be broken: a list of several values has lines of its own,
    also as the last value in a table. ``used``: code points that precede it on its first line; ``indent``: blanks
    before its last one."""
    if isinstance(value, str) or value == _Table() or (not _has_comments(value) and _fits(_flat(value), used)):
        return _flat(value)
    if isinstance(value, _List):
        if len(value.items) == 1 and not _has_comments(value):
            return f"[{_render(key, value.items[0][1], used + 2, indent)}]"
        rows = _rows(key, value, indent + _INDENT)
        return "\n".join(["[", *(" " * (indent + _INDENT) + row for row in rows), " " * indent + "]"])
    text = "{ "
    for left, (name, each) in zip(range(len(value.pairs))[::-1], value.pairs, strict=True):
        text += f"{name} = "
        if left and not _has_comments(each):
            text += _flat(each)
        else:
            line = len(text) - text.rfind("\n") - 1 if "\n" in text else used + len(text)
            text += _render(name, each, line + 2, indent)
        text += ", " if left else " }"
    return text


def _rows(key: str, value: _List, indent: int) -> Iterator[str]:
    """The lines of a list: as many values on each as fit, but one where they are read one by one, and where a value is
    longer or has a comment."""
    row = ""
    for above, each, behind in value.items:
        text = "" if _has_comments(each) else _flat(each)
        small = text and key not in _EACH and not behind and _fits(text, indent + 1)
        if row and not (small and not above and _fits(f"{row} {text},", indent)):
            yield row
            row = ""
        yield from above
        if small:
            row = f"{row} {text},".lstrip()
        else:
            yield f"{_render(key, each, indent + 1, indent)}," + (f"  {behind}" if behind else "")
    if row:
        yield row
    yield from value.last
