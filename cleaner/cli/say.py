"""Messages for people: lines on standard error, which may no longer have a reader."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from typing import Final, TypeAlias

Tell: TypeAlias = Callable[[str], None]
"""`say`, or what stands for it where a command is to be quiet."""

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)")
"""All control characters but tabs and the ends of lines; a lone CR would let a line be written over."""


def say(text: str) -> None:
    """Print one line after the command's name. If nobody reads it any more, or its file has no room, this and all later
    lines are dropped: the work goes on.

    Names of files and what is quoted of them may hold what steers a terminal: it is spelt out.
    """
    try:
        print(f"cleaner: {escaped_text(text)}", file=sys.stderr, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def say_unless(quiet: bool) -> Tell:
    """`say`, or where it is to be ``quiet`` a function that says nothing."""
    return (lambda text: None) if quiet else say


def counted(count: int, noun: str) -> str:
    """A count with its noun: "1 record", "2 records"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def escaped_line(text: str) -> str:
    """A text from outside made safe to print within a message: what cannot be seen is spelt out, line breaks too."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def escaped_text(text: str) -> str:
    """A text from outside made safe to print with its lines: only what would steer the terminal is spelt out."""
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)
