"""Every error that leaves the package on purpose, in one small tree; a TypeError aside, for arguments of a wrong type.

Each class has its exit code of the command line: 1 the work failed, 2 the caller asked for something that cannot be
done (wrong usage, a rule file that does not load), 130 it was interrupted. Exit code 3, "done, with records set aside",
is not an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class CleanerError(Exception):
    """The work could not be done. The message is one line, for people."""

    exit_code = 1


class Stopped(CleanerError):
    """Ctrl-C was pressed, and the message says what has been kept."""

    exit_code = 130
    """As shells and Typer have it."""


class UsageError(CleanerError):
    """The caller asked for something that makes no sense; the message says what to do instead."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a rule file: where it is, what is wrong, and how to fix it."""

    path: str
    line: int
    """Line of the file, from 1; 0 for the file as a whole."""
    rule: str
    """Id of the rule, or an empty string for the pack itself."""
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        told = ": ".join(part for part in (place, self.rule, self.message) if part)
        return told.replace("\n", "\\n")  # one line, whatever of the file it quotes


class RuleError(UsageError):
    """Rule files that do not load."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        """All that were found, file by file and rule by rule. Within a rule, wrong keys come before missing ones, which
        may only follow from them."""
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[RuleError], tuple[tuple[Problem, ...]]]:
        return (type(self), (self.problems,))


class RecordError(CleanerError):
    """One record cannot be read or cleaned; it is set aside with this reason, and the run goes on."""


class TargetError(CleanerError):
    """An output cannot be written. Finished work is kept."""


class EngineError(CleanerError):
    """What is to do the work cannot: a cluster, or processes of this machine. Finished work is kept."""


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Raise UsageError where the value of an option is none of its choices."""
    if value not in choices:
        raise UsageError(f"{name} {value!r} is none of {', '.join(choices)}")


def reason_of(error: BaseException) -> str:
    """What went wrong, in one line: in the system's words, else in those of the error, else by its name; there are
    errors without any, such as a time-out."""
    said = str(getattr(error, "strerror", None) or error).strip()
    return said.partition("\n")[0] or type(error).__name__


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the known one that is most like it, or nothing if none is close.

    Close means that at most two letters are added or missing, or a third of the letters of a long name. A name without
    a slash is compared with the last parts of those that have one.
    """
    from difflib import SequenceMatcher  # seldom needed, and everybody imports this module

    most = max(2, len(name) // 3)
    matcher = SequenceMatcher(None, "", name.lower(), autojunk=False)
    near = []
    for other in known:
        end = other.lower() if "/" in name else other.lower().rpartition("/")[2]
        if abs(len(end) - len(name)) <= most:
            matcher.set_seq1(end)
            alike = sum(block.size for block in matcher.get_matching_blocks())
            apart = len(end) + len(name) - 2 * alike
            near += [(-apart, alike, -len(other), other)] if alike and apart <= most else []
    return f"; did you mean {max(near)[-1]!r}?" if near else ""
