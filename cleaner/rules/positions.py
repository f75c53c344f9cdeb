"""Where the tables and keys of a rule file stand: `tomllib` gives no positions, so a small scan finds them."""

from __future__ import annotations

from typing import Final

import regex

__all__ = ["Positions"]

_TABLE: Final = regex.compile(r"""\s*\[\[?\s*["']?([\w.-]+)["']?\s*\]\]?""")
_KEY: Final = regex.compile(r"""\s*["']?([\w-]+)["']?\s*[.=]""")
_TOKEN: Final = regex.compile(
    r"""(?s)\#[^\n]*|'{3}.*?'{3}(?!')|"{3}(?:\\.|[^\\])*?"{3}(?!")|'[^'\n]*'|"(?:\\.|[^"\\\n])*"|[\[\]{}\n]"""
)
"""Comments, texts, brackets and line breaks."""


class Positions:
    """Lines (from 1) of the tables of a rule file, and of the keys in them, by a scan of its source."""

    def __init__(self, source: str) -> None:
        self._tables: dict[str, list[int]] = {}
        self._keys: dict[tuple[str, int, str], int] = {}
        table, inside = "", _continued(source)
        for number, line in enumerate(source.split("\n"), 1):  # what stands above all tables is of number -1
            if number in inside:
                continue
            if head := _TABLE.match(line):
                table = head[1]
                self._tables.setdefault(table, []).append(number)
                outer, _, inner = table.rpartition(".")
                self._keys.setdefault((outer, len(self._tables.get(outer, ())) - 1, inner), number)
            elif key := _KEY.match(line):
                self._keys.setdefault((table, len(self._tables.get(table, ())) - 1, key[1]), number)

    def has(self, table: str) -> bool:
        """Whether there is a table of that name."""
        return table in self._tables

    def __call__(self, table: str, index: int, key: str = "") -> int:
        """Line of a key in the table with that name and number (from 0), or of the table itself."""
        heads = self._tables.get(table, [])
        if not heads and "." in table:  # a table within a line of another
            outer, _, key = table.rpartition(".")
            return self(outer, 0, key)
        head = heads[index] if 0 <= index < len(heads) else 1
        return self._keys.get((table, index, key), head)


def _continued(source: str) -> set[int]:
    """The lines that begin within a value: in a text of several lines, or between brackets."""
    found: set[int] = set()
    line, depth = 1, 0
    for token in _TOKEN.findall(source):
        depth += (token in "[{") - (token in "]}")
        breaks = token.count("\n")
        if depth or token != "\n":
            found.update(range(line + 1, line + breaks + 1))
        line += breaks
    return found
