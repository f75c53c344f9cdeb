"""The table of formats: which suffix means what, and which module reads and writes it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Any, Final

from cleaner.document import Cleaned
from cleaner.io import jsonlines, pages, textfile, warc
from cleaner.io.archive import BETWEEN, begins_as_archive
from cleaner.io.compression import CODECS, Begins
from cleaner.io.records import Item, Reading, Record

Read = Callable[[Iterable[bytes], Reading], Iterator[Item]]
"""(content, what is known of it) -> items, in their order."""

Render = Callable[[Record, Cleaned, Reading, bool], bytes]
"""(record, what is left of it, as for reading, whether to add the removals) -> bytes to write. Raises RowError."""


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
    between: re.Pattern[bytes] = re.compile(rb"\n")
    """What stands between two records, where there are many."""
    begins: Begins | None = None
    """Whether some content begins as a record does, where records are compressed one by one."""
    splits: bool = False
    """Whether it can be cut at line breaks and each piece read by itself."""
    native: bool = False
    """Whether it is read by a library that damage may bring down with its process."""
    columnar: bool = False
    """Whether it is read and written by columns: see `parquet`, which has no use for ``read`` and ``render``."""

    @property
    def output(self) -> Format:
        """The format that is written: a web page or an archive is only read."""
        return _BY_SUFFIX[self.written] if self.written else self


def _not_bytes(*args: object) -> Any:
    raise TypeError("a columnar format is no stream of bytes")


TEXT: Final = Format("text", ("txt", "text", "md"), textfile.read, textfile.render, rows=False)
HTML: Final = Format("html", ("html", "htm", "xhtml"), pages.read, pages.render, written="txt", rows=False)
JSON_LINES: Final = Format("jsonl", ("jsonl", "ndjson"), jsonlines.read, jsonlines.render, splits=True)
WARC: Final = Format(
    "warc", ("warc", "wet"), warc.read, warc.render, "jsonl", native=True, between=BETWEEN, begins=begins_as_archive
)
PARQUET: Final = Format("parquet", ("parquet",), _not_bytes, _not_bytes, codecs=("",), native=True, columnar=True)

FORMATS: Final = (TEXT, HTML, JSON_LINES, PARQUET, WARC)
BY_NAME: Final = {format.name: format for format in FORMATS}
_BY_SUFFIX: Final = {suffix: format for format in FORMATS for suffix in format.suffixes}

_FOREIGN: Final = frozenset("7z br bz bzip2 gzip lz lz4 lzma lzo rar sz tar tbz2 tgz txz tzst z zip zstd".split())
"""Suffixes of archives and compressions that are neither read nor written."""

_OTHERS: Final = frozenset("arrow avro csv doc docx epub feather ods odt orc pdf ppt pptx rtf tsv xls xlsx".split())
"""Suffixes of well-known kinds of tables and documents that are neither read nor written."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the name of a file says about it."""

    format: Format
    codec: str
    """Compression, "" for none."""
    target: str
    """Name of the file that holds what is left of this one."""


def kind_of(name: str) -> Kind | None:
    """What a file name says, None where its suffix is not known. Upper case counts as lower."""
    codec = codec_of(name)
    packed = name[-len(codec) - 1 :] if codec else ""
    stem, _, suffix = name.removesuffix(packed).rpartition(".")
    format = _BY_SUFFIX.get(suffix.lower())
    if not stem or format is None or codec not in format.codecs:
        return None
    return Kind(format, codec, f"{stem}.{format.written}{packed}" if format.written else name)


def codec_of(name: str) -> str:
    """The compression that a file name says, "" for none, whatever stands before its last suffix."""
    stem, _, suffix = name.lower().rpartition(".")
    return suffix if stem and suffix in CODECS else ""


def foreign_packing(name: str) -> str:
    """The suffix by which a file name says that it is packed in a way that is neither read nor written, "" for none."""
    return _suffix_among(_FOREIGN, name)


def foreign_format(name: str) -> str:
    """The suffix by which a file name says that it holds a table or document of a kind that is neither read nor
    written, "" for none."""
    codec = codec_of(name)
    return _suffix_among(_OTHERS, name[: -len(codec) - 1] if codec else name)


def _suffix_among(suffixes: Set[str], name: str) -> str:
    suffix = os.path.splitext(name)[1].lower()
    return suffix if suffix.removeprefix(".") in suffixes else ""


def known_suffixes() -> str:
    """All suffixes, for messages."""
    return " ".join(f".{suffix}" for suffix in _BY_SUFFIX)
