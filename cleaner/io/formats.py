"""The table of formats: which suffix means what, and who reads and writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from cleaner.document import Cleaned
from cleaner.io import jsonlines, textfile
from cleaner.io.files import CODECS
from cleaner.io.records import Fields, Item, Limits, Record

Read = Callable[[Iterable[bytes], str, Fields, Limits, int], Iterator[Item]]
"""(content, name of the file, fields, limits, offset of the content in the file) -> items, in their order."""

Render = Callable[[Record, Cleaned, Fields, bool], bytes]
"""(record, what is left of it, fields, whether to add the removals) -> the bytes to write. Raises RowError."""


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file."""

    name: str
    suffixes: tuple[str, ...]
    read: Read
    render: Render
    written: str | None = None
    """Suffix of what is written; None: the one that was read."""
    codecs: tuple[str, ...] = ("", *CODECS)
    """Compressions it may come in."""
    rows: bool = True
    """Whether it holds many records that follow one another, and not a single one."""
    splits: bool = False
    """Whether it can be cut at line breaks and each piece read by itself."""
    output: str = "text"
    """Name of the format that is written."""


def _read_text(stream: Iterable[bytes], name: str, fields: Fields, limits: Limits, offset: int) -> Iterator[Item]:
    return textfile.read(stream, name, limits)


def _render_text(record: Record, cleaned: Cleaned, fields: Fields, annotate: bool) -> bytes:
    return textfile.render(record, cleaned)


def _read_rows(stream: Iterable[bytes], name: str, fields: Fields, limits: Limits, offset: int) -> Iterator[Item]:
    return jsonlines.read(stream, fields, limits, offset)


TEXT: Final = Format("text", ("txt", "text", "md"), _read_text, _render_text, rows=False)
JSON_LINES: Final = Format("jsonl", ("jsonl", "ndjson"), _read_rows, jsonlines.render, splits=True, output="jsonl")

FORMATS: Final = (TEXT, JSON_LINES)
BY_NAME: Final = {format.name: format for format in FORMATS}
_BY_SUFFIX: Final = {suffix: format for format in FORMATS for suffix in format.suffixes}


@dataclass(frozen=True, slots=True)
class Kind:
    """What the name of a file says about it."""

    format: str
    """Name of the format."""
    codec: str
    """Compression, "" for none."""
    target: str
    """Name of the file that holds what is left of this one."""


def kind_of(name: str) -> Kind | None:
    """What a file name says, None where its suffix is not known. Upper case counts as lower."""
    stem, _, suffix = name.rpartition(".")
    packed = ""
    if suffix.lower() in CODECS:
        packed = "." + suffix
        stem, _, suffix = stem.rpartition(".")
    codec = packed[1:].lower()
    format = _BY_SUFFIX.get(suffix.lower())
    if not stem or format is None or codec not in format.codecs:
        return None
    return Kind(format.name, codec, f"{stem}.{format.written}{packed}" if format.written else name)


def known_suffixes() -> str:
    """All suffixes, for messages."""
    return " ".join(f".{suffix}" for suffix in _BY_SUFFIX)
