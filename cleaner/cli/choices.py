"""Options that several commands share, and what is said with them, read and checked once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from cleaner.errors import UsageError
from cleaner.options import EXTRACTORS, PROFILES, Profile
from cleaner.origin import language_of

if TYPE_CHECKING:
    from cleaner.cluster.engine import Cluster

Choice = TypeVar("Choice", bound=str)


_UNITS: Final = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
"""Bytes, by what stands before the B."""


def nonempty(param: typer.CallbackParam, value: Any) -> Any:
    """A callback that returns the value of an option or argument. Raises UsageError for an empty name, as shells make
    of a variable that is not set: it would stand for the current folder, or for no choice at all."""
    if "" in (value if isinstance(value, (list, tuple)) else [value]):
        raise UsageError(f"{param.opts[0] if param.param_type_name == 'option' else param.metavar} is empty: name one")
    return value


ProfileOption = Annotated[
    str,
    typer.Option(
        help="How much to remove: careful, balanced or thorough.", metavar="NAME", autocompletion=lambda: PROFILES
    ),
]
RulesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--rules", help="A rule file, or a folder of them, to add; may be repeated.", metavar="PATH", callback=nonempty
    ),
]
Select = Annotated[
    list[str] | None,
    typer.Option(help="Run only these rules: an id, pack, category or glob; may be repeated.", metavar="NAME"),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(help="Skip these rules: an id, pack, category or glob; may be repeated.", metavar="NAME"),
]
EngineOption = Annotated[
    str | None, typer.Option(help="Where to run: local (this machine, the default), ray or spark.", metavar="NAME")
]
Workers = Annotated[
    int | None, typer.Option(help="Number of processes; default: one per processor, for a small run one.", min=1)
]
TextField = Annotated[str, typer.Option(help="Field of a row that holds its text.", callback=nonempty)]
ExtractorOption = Annotated[
    str,
    typer.Option(
        help="How to extract the text of web pages: trafilatura or fast.",
        metavar="NAME",
        autocompletion=lambda: EXTRACTORS,
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(help="Encoding of text files that are not UTF-8; detected if not given, with the extra `encodings`."),
]
MaxSize = Annotated[str, typer.Option(help="Largest text or row, such as 500kB or 2GB; larger ones are not read.")]
MaxRatio = Annotated[float, typer.Option(help="How many times its size a compressed file may unpack to, beyond 16 MB.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Report only what went wrong.")]
SummaryAsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON on standard output.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
Address = Annotated[
    str | None,
    typer.Option(
        "--address", "--master", help="Address of the engine; by default from its settings, else started here."
    ),
]


def chosen(option: str, value: str, choices: tuple[Choice, ...]) -> Choice:
    """The one of the choices that the value names. Raises UsageError, in one line as all errors of a run are."""
    for choice in choices:
        if choice == value:
            return choice
    raise UsageError(f"{option} is {', '.join(choices[:-1])} or {choices[-1]}, not {value!r}")


def named_profile(value: str) -> Profile:
    """The profile of this name. Raises UsageError."""
    return chosen("--profile", value, PROFILES)


def check_encoding(value: str | None) -> None:
    """Raises UsageError for what is no encoding of text."""
    from cleaner.io.textfile import codec

    if value is not None and codec(value) is None:
        raise UsageError(f"--encoding: there is no text encoding {value!r}")


def check_language(value: str | None) -> None:
    """Raises UsageError for what is no code of a language: a document of it would be taken for one in any."""
    if value and not language_of(value):
        raise UsageError(f"--lang: {value!r} is no code of a language, such as de")


def check_local_file(option: str, value: str | None) -> None:
    """Raises UsageError for standard output and URLs, where only a file of this machine can be written."""
    from cleaner.io.remote import is_url

    if value == "-":
        raise UsageError(f"{option} is written to a file, not to standard output: name one")
    if value is not None and is_url(value):
        raise UsageError(f"{option} is written on this machine, not to {value}: name a file")


def cluster(engine: str | None, address: str | None, workers: int | None) -> Cluster | None:
    """The cluster that is to do the work; None: this machine. Raises UsageError."""
    if engine not in (None, "local"):
        from cleaner.cluster.engine import Cluster

        return Cluster(engine, address, workers)
    if address is not None:
        raise UsageError("--address needs an engine: --engine ray or --engine spark")
    return None


def to_bytes(value: str) -> int:
    """A size as people write it. Raises UsageError."""
    match = re.fullmatch(r"(\d{1,12}(?:\.\d+)?) ?([kmg]?)b?", value.lower())
    size = int(float(match[1]) * _UNITS[match[2]]) if match else 0
    if not size:
        raise UsageError(f"--max-size is a number of bytes such as 500kB, 128MB or 1.5GB, not {value!r}")
    return size
