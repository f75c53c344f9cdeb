"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cleaner.errors import UsageError
from cleaner.options import Profile

if TYPE_CHECKING:
    from cleaner.cluster.engine import Cluster

ProfileOption = Annotated[Profile, typer.Option(help="How much to remove.", show_choices=True)]
RulesOption = Annotated[
    list[str] | None, typer.Option("--rules", help="A rule file or folder to add; may be repeated.", metavar="PATH")
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
Address = Annotated[
    str | None,
    typer.Option(
        "--address", "--master", help="Address of the engine; by default from its settings, else started here."
    ),
]


def cluster(engine: str | None, address: str | None, workers: int | None) -> Cluster | None:
    """The cluster that is to do the work; None: this machine. Raises UsageError."""
    if engine not in (None, "local"):
        from cleaner.cluster.engine import Cluster

        return Cluster(engine, address, workers)
    if address is not None:
        raise UsageError("--address needs an engine: --engine ray or --engine spark")
    return None
