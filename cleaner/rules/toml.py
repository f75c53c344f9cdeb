"""Reads rule files. Of one that is no TOML `tomllib` says what it met, and here stands what the author meant."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

import regex

from cleaner.errors import Problem, reason_of

__all__ = ["read"]

_MENDS: Final = (
    ("Unescaped '\\'", r"write a pattern between single quotes, as '\d'"),
    ("Illegal character '\\n'", "a text ends with its line: close it"),
    ("Illegal character '\\r'", "end lines with line feeds"),
    ("Found invalid character '\\r'", "end lines with line feeds"),
    ("Escaped character", "write the character itself"),
    ("Expected \"'''\"", "a text that begins with ''' is not closed"),
    ("Unterminated string", 'a text that begins with """ is not closed'),
    ("Unclosed array", "a list is not closed with ], a comma is missing in it, or a text holds its own quotation mark"),
    ("Invalid initial character for a key part", "write key = value; a table between { and } stands on one line"),
    ("Cannot declare ('rule',)", "each rule begins with [[rule]], in double brackets"),
    ("Cannot declare", "a table of this name is there already: write its keys together"),
    ("Cannot overwrite a value", "the key is there already"),
    ("Duplicate inline table key", "the key is there already"),
    ("Cannot mutate immutable namespace", "write all keys of a table between { and } there"),
    ("Unclosed inline table", "a table between { and } stands on one line, with commas between its keys"),
    ("Expected ']", "close the name of a table with as many brackets as open it"),
    ("Expected newline", "write one key = value a line, a text between quotation marks that it does not hold itself"),
    ("Invalid value", "a text stands between quotation marks, straight ones, and flags are true and false"),
    ("Expected '='", "write key = value"),
    ("Invalid statement", "write key = value, or the name of a table, as [[rule]]"),
)
"""What the message begins with -> what is to be done."""

_MARKS: Final = {"Expected \"'''\"": "'''", "Unterminated string": '"""'}
"""A text that is not closed ends with the file; it begins where its mark does not stand twice."""


def read(path: Path) -> tuple[str, dict[str, Any]] | Problem:
    """The source of a rule file and what it says, or what is wrong with it."""
    shown = str(path)
    try:
        source = path.read_bytes().decode("utf-8-sig")
        return source, tomllib.loads(source)
    except OSError as error:
        return Problem(shown, 0, "", f"cannot be read: {reason_of(error)}")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return Problem(shown, line, "", f"is not UTF-8 at byte {error.start}: save it as UTF-8")
    except (ValueError, RecursionError) as error:  # not only TOMLDecodeError: numbers and nesting have bounds too
        line, why = _fault(error, source)
        return Problem(shown, line, "", f"is not valid TOML: {why}")


def _fault(error: ValueError | RecursionError, source: str) -> tuple[int, str]:
    """The line of a source that `tomllib` does not read, from 1, and what is wrong there."""
    if isinstance(error, RecursionError):
        return 1, "it is nested too deeply"
    message = str(error).partition(";")[0]
    why, _, place = message.partition(" (at ")
    lines = source.rstrip().split("\n")
    number = int(at[1]) if (at := regex.match(r"line (\d+)", place)) else len(lines) if place else 1
    for beginning, mark in _MARKS.items():
        if why.startswith(beginning):
            number = next((n for n, line in enumerate(lines, 1) if line.count(mark) % 2), number)
    mend = next((f": {mend}" for beginning, mend in _MENDS if why.startswith(beginning)), "")
    return number, message + mend
