"""What commands tell a person: lines on standard error, which may have no reader any more."""

from __future__ import annotations

import os
import sys


def say(text: str) -> None:
    """One line, with the command's name before it. Where nobody reads on, this and all further lines go nowhere."""
    try:
        print(f"cleaner: {text}", file=sys.stderr, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def counted(count: int, noun: str) -> str:
    """So many of something."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def printable(text: str) -> str:
    """A file's name, or what was found in it, on one line of a terminal, which it sends no commands."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
