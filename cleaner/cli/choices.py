"""Options that several commands share, and what is said with them, read and checked once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cleaner.errors import UsageError
from cleaner.options import Profile

if TYPE_CHECKING:
    from cleaner.cluster.engine import Cluster

Choice = TypeVar("Choice", bound=str)

_UNITS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
"""Bytes, by what stands before the B."""

ProfileOption = Annotated[Profile, typer.Option(help="How much to remove.", show_choices=True)]
RulesOption = Annotated[
    list[str] | None,
    typer.Option("--rules", help="A rule file, or a folder of them, to add; may be repeated.", metavar="PATH"),
]
Select = Annotated[
    list[str] | None, typer.Option(help="Run only these rules: ids, packs, categories or globs.", metavar="NAME")
]
Ignore = Annotated[
    list[str] | None, typer.Option(help="Skip these rules: ids, packs, categories or globs.", metavar="NAME")
]
EngineOption = Annotated[
    str | None, typer.Option(help="Where to run: local (this machine, the default), ray or spark.", metavar="NAME")
]
Workers = Annotated[
    int | None, typer.Option(help="Number of processes; default: one per processor, for a small run one.", min=1)
]
TextField = Annotated[str, typer.Option(help="Field of a row that holds its text.")]
MaxRatio = Annotated[float, typer.Option(help="How many times its size a compressed file may unpack to.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Report only what went wrong.")]
SummaryAsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON on standard output.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
Address = Annotated[
    str | None,
    typer.Option(
        "--address", "--master", help="Address of the engine; by default from its settings, else started here."
    ),
]


def chosen(option: str, said: str, choices: tuple[Choice, ...]) -> Choice:
    """The one of the choices that was said. Raises UsageError, in one line as all errors of a run are."""
    for choice in choices:
        if choice == said:
            return choice
    raise UsageError(f"{option} is {', '.join(choices[:-1])} or {choices[-1]}, not {said!r}")


def no_stream(option: str, said: object) -> None:
    """Raises UsageError where what is written to a file alone was to go to standard output."""
    if str(said) == "-":
        raise UsageError(f"{option} is written to a file, not to standard output: name one")


def cluster(engine: str | None, address: str | None, workers: int | None) -> Cluster | None:
    """The cluster that is to do the work; None: this machine. Raises UsageError."""
    if engine not in (None, "local"):
        from cleaner.cluster.engine import Cluster

        return Cluster(engine, address, workers)
    if address is not None:
        raise UsageError("--address needs an engine: --engine ray or --engine spark")
    return None


def to_bytes(said: str) -> int:
    """A size as people write it. Raises UsageError."""
    match = re.fullmatch(r"(\d{1,12}(?:\.\d+)?) ?([kmg]?)b?", said.lower())
    size = int(float(match[1]) * _UNITS[match[2]]) if match else 0
    if not size:
        raise UsageError(f"--max-size is a number of bytes such as 500kB, 128MB or 1.5GB, not {said!r}")
    return size
