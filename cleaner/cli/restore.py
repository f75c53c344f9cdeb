"""`cleaner restore`: undo a run made with --annotate."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from cleaner.cli.choices import MaxRatio, Quiet, TextField, to_bytes
from cleaner.cli.quick import QuickCommand
from cleaner.cli.say import escaped_line, say

_SHOWN: Final = 20
"""Failures of which each is named, before they are only counted."""


def register(app: typer.Typer) -> None:
    """Add the command `restore`."""
    app.command(cls=QuickCommand, epilog="Example: cleaner restore cleaned/ articles-again/")(restore)


def restore(
    src: Annotated[str, typer.Argument(help="Output of a run with --annotate: a file or a folder.", metavar="SRC")],
    dst: Annotated[str, typer.Argument(help="Where to write the originals.", metavar="DST")],
    text_field: TextField = "text",
    max_size: Annotated[
        str, typer.Option(help="Largest text file, such as 500kB or 2GB; larger ones are not read. Rows have no limit.")
    ] = "128MB",
    max_ratio: MaxRatio = 200.0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")] = False,
    quiet: Quiet = False,
) -> None:
    """Undo a run made with --annotate: every file gets its original bytes back.

    Rows are restored from their field "removals", which is dropped; text files from the .removals.json beside them.
    Parquet and compressed files are written anew, with what the originals held.

    Records that the run set aside cannot be restored, nor can web pages, of which it kept only the text.

    Restore before you edit: that a text file was changed since the run is always told, by a checksum; that a row was,
    only where its removals no longer fit its text.
    """
    from cleaner.batch.plan import make_plan
    from cleaner.batch.undo import missing, undo
    from cleaner.io.formats import known_suffixes
    from cleaner.io.records import Limits

    plan = make_plan(src, dst)
    limits = Limits(size=to_bytes(max_size), ratio=max_ratio)
    failed = 0
    for place, reason in undo(plan, text_field, overwrite, limits):
        failed += 1
        if failed <= _SHOWN:
            say(escaped_line(f"{place}: {reason}"))
    if failed > _SHOWN:
        say(f"and {failed - _SHOWN:,} more that could not be restored")
    if not quiet and not failed:
        found = next(plan.sources(), None)
        lost = f", but {escaped_line(lack)}" if (lack := missing(plan)) else ""
        say(
            f"all restored{lost}" if found else f"{src}: no file to read; those are read that end in {known_suffixes()}"
        )
    raise typer.Exit(3 if failed else 0)
