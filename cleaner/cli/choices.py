"""Options that several commands share, said once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cleaner.errors import UsageError
from cleaner.options import Profile

if TYPE_CHECKING:
    from cleaner.cluster.engine import Cluster

Choice = TypeVar("Choice", bound=str)

ProfileOption = Annotated[Profile, typer.Option(help="How bold to be.", show_choices=True)]
RulesOption = Annotated[
    list[str] | None, typer.Option("--rules", help="A rule file or folder to add; may be given again.", metavar="PATH")
]
Select = Annotated[
    list[str] | None, typer.Option(help="Only these rules: ids, packs, categories or globs.", metavar="NAME")
]
Ignore = Annotated[
    list[str] | None, typer.Option(help="Not these rules: ids, packs, categories or globs.", metavar="NAME")
]
EngineOption = Annotated[
    str | None, typer.Option(help="Where to work: local (this machine, the default), ray or spark.", metavar="NAME")
]
Address = Annotated[
    str | None,
    typer.Option("--address", "--master", help="Where the engine is; by default as its settings say, or here."),
]


def chosen(option: str, said: str, choices: tuple[Choice, ...]) -> Choice:
    """The one of the choices that was said. Raises UsageError, in one line as all errors of a run are."""
    for choice in choices:
        if choice == said:
            return choice
    raise UsageError(f"{option} is {', '.join(choices[:-1])} or {choices[-1]}, not {said!r}")


def cluster(engine: str | None, address: str | None, workers: int | None) -> Cluster | None:
    """The cluster that is to do the work; None: this machine. Raises UsageError."""
    if engine not in (None, "local"):
        from cleaner.cluster.engine import Cluster

        return Cluster(engine, address, workers)
    if address is not None:
        raise UsageError("--address says where an engine is: name it, --engine ray or --engine spark")
    return None
