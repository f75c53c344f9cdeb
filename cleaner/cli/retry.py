"""`cleaner retry`: run the rejected records of a run again."""

from __future__ import annotations

from typing import Annotated

import typer

from cleaner.cli.choices import Quiet, SummaryAsJson, Workers, chosen, nonempty, to_bytes
from cleaner.cli.quick import QuickCommand
from cleaner.cli.run import carry_out
from cleaner.options import ON_GUARD


def register(app: typer.Typer) -> None:
    """Add the command `retry`."""
    app.command(cls=QuickCommand, epilog="Example: cleaner retry cleaned/ --max-seconds 300")(retry)


def retry(
    dst: Annotated[str, typer.Argument(help="The folder that a run wrote to.", metavar="DST", callback=nonempty)],
    max_size: Annotated[
        str | None, typer.Option(help="Largest record, such as 500kB or 2GB; default: as in the run.")
    ] = None,
    max_seconds: Annotated[
        float | None, typer.Option(help="Seconds that one record may take; default: as in the run.")
    ] = None,
    max_ratio: Annotated[
        float | None,
        typer.Option(
            help="How many times its size a compressed file may unpack to, beyond 16 MB; default: as in the run."
        ),
    ] = None,
    on_guard: Annotated[
        str | None,
        typer.Option(
            help="What becomes of documents that the guard has set aside: keep or cut; default: as in the run.",
            metavar="CHOICE",
            autocompletion=lambda: ON_GUARD,
        ),
    ] = None,
    workers: Workers = None,
    quiet: Quiet = False,
    as_json: SummaryAsJson = False,
) -> None:
    """Try the rejected records of a run again with its options, once the cause is fixed or with wider limits.

    Every file with rejects is cleaned again as a whole and its output replaced; all others stay as they are.

    This needs the books of a run to a folder: if DST was a file or standard output, run the input again.
    """
    from cleaner.batch.retry import retry as again

    run = again(
        dst,
        size=to_bytes(max_size) if max_size is not None else None,
        seconds=max_seconds,
        ratio=max_ratio,
        on_guard=chosen("--on-guard", on_guard, ON_GUARD) if on_guard is not None else None,
        workers=workers,
    )
    raise typer.Exit(carry_out(run, quiet, as_json, further="cleaner retry"))
