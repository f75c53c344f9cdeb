"""Options that several commands share, said once."""

from __future__ import annotations

from typing import Annotated

import typer

from cleaner.options import Profile

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
