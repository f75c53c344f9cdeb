"""`cleaner restore`: undo a run made with --annotate."""

from __future__ import annotations

from typing import Annotated

import typer

from cleaner.cli.choices import to_bytes
from cleaner.cli.say import printable, say

_SHOWN = 20
"""Failures of which each is named, before they are only counted."""


def register(app: typer.Typer) -> None:
    """Add the command `restore`."""
    app.command(epilog="Example: cleaner restore cleaned/ articles-again/")(restore)


def restore(
    src: Annotated[str, typer.Argument(help="What a run with --annotate wrote: a file or a folder.", metavar="SRC")],
    dst: Annotated[str, typer.Argument(help="Where to write what it was made of.", metavar="DST")],
    text_field: Annotated[str, typer.Option(help="Field of a row that holds its text.")] = "text",
    max_size: Annotated[str, typer.Option(help="Largest text.")] = "128MB",
    max_ratio: Annotated[
        float, typer.Option(help="Decompressed over compressed size past which a file is left.")
    ] = 200.0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but what went wrong.")] = False,
) -> None:
    """Undo a run made with --annotate: every file gets its bytes back.

    Rows get the removed parts back by their field "removals", which goes; text files by the .removals.json beside them.
    What the run set aside is not there to be restored, nor are web pages, of which the run kept the texts alone.
    """
    from cleaner.batch.plan import make_plan
    from cleaner.batch.undo import undo
    from cleaner.io.records import Limits

    limits = Limits(size=to_bytes(max_size), ratio=max_ratio)
    failed = 0
    for name, number, reason in undo(make_plan(src, dst), text_field, overwrite, limits):
        failed += 1
        if failed <= _SHOWN:
            say(printable(f"{name}:{number}: {reason}"))
    if failed > _SHOWN:
        say(f"and {failed - _SHOWN:,} more that could not be restored")
    if not quiet and not failed:
        say("all restored")
    raise typer.Exit(3 if failed else 0)
