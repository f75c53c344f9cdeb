"""What a run would read and write, checked before anything is written."""

from __future__ import annotations

import contextlib
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

from cleaner.batch.inputs import BESIDE, BOOKS, Skipped, Source, entries_below, inside, real
from cleaner.errors import CleanerError, UsageError, reason_of
from cleaner.io.archive import begins_as_archive
from cleaner.io.compression import CODECS
from cleaner.io.files import STREAM
from cleaner.io.formats import (
    BY_NAME,
    JSON_LINES,
    TEXT,
    Format,
    Kind,
    codec_of,
    foreign_format,
    foreign_packing,
    kind_of,
    known_suffixes,
)
from cleaner.io.pages import begins_as_page
from cleaner.io.remote import exists, is_folder, is_local, is_url, look, plain
from cleaner.io.stdin import standard_content, standard_input
from cleaner.io.textfile import SIDE_FILE


@dataclass(frozen=True, slots=True)
class Plan:
    """From where to where."""

    src: str
    dst: str
    folder: str
    """The folder for books and unfinished outputs; empty for a stream, which has none."""
    single: Source | None = None
    """The one input, where SRC is no folder."""
    format: str | None = None
    """Name of its format, where the user gave one."""

    @property
    def streams(self) -> bool:
        """Whether the output is standard output."""
        return self.dst == STREAM

    @property
    def keeps_books(self) -> bool:
        """Whether the target is a folder, where the books of a run stay."""
        return os.path.basename(self.folder) == BOOKS

    def beside(self, source: Source) -> tuple[str, ...]:
        """Files beside the output of an input that a run writes, or removes as those of an earlier one."""
        side = () if source.format.rows else (source.target + SIDE_FILE,)
        return side if self.keeps_books else (*side, source.target + BESIDE)

    def entries(self) -> Iterator[Source | Skipped]:
        """The inputs in their order, which depends on their names alone. Looks at the disk each time."""
        if self.single:
            return iter([self.single])
        return entries_below(self.src, self.dst)

    def sources(self) -> Iterator[Source]:
        """The inputs alone."""
        return (entry for entry in self.entries() if isinstance(entry, Source))


def make_plan(src: str, dst: str, format: str | None = None) -> Plan:
    """The plan for SRC and DST as a user names them. ``format`` overrides what a single file's name says.

    Raises UsageError where they make no sense, each or together, and where SRC does not exist.
    """
    if format is not None and format not in BY_NAME:
        raise UsageError(f"no format {format!r}: choose one of {', '.join(BY_NAME)}")
    src, dst = plain(src), plain(dst)
    if not (src and dst):
        raise UsageError(f"{'DST' if src else 'SRC'} is empty: name a file, a folder, or -")
    try:
        folder = src != STREAM and is_folder(src)
        if src != STREAM and not folder and not exists(src):
            raise UsageError(f"{src}: no such file or folder")
    except OSError as error:
        raise CleanerError(f"{src} cannot be read: {reason_of(error)}") from None
    if not folder:
        return _plan_file(src, dst, BY_NAME[format] if format else None)
    if format is not None:
        raise UsageError("a format can be named for a single file only, a folder's files have their suffixes")
    return _plan_folder(src, dst)


def _plan_folder(src: str, dst: str) -> Plan:
    """The plan for a folder, which must lie apart from the one that is written to."""
    if dst == STREAM:
        raise UsageError(f"{src} is a folder: name a folder to write to")
    if not is_url(dst) and os.path.exists(dst) and not os.path.isdir(dst):
        raise UsageError(f"{src} is a folder, but {dst} is a file: name a folder to write to")
    named = os.path.basename(dst)  # behind a slash there is no name
    if (kind_of(named) or foreign_packing(named) or foreign_format(named)) and not is_folder(dst):
        raise UsageError(
            f"{src} is a folder, whose files are written one by one, and {dst} looks like one file: "
            f"name a folder to write to ({dst}/ if it is to be one)"
        )
    real_src, real_dst = real(src), real(dst)
    if real_src == real_dst:
        raise UsageError("SRC and DST are the same folder: a run never changes its inputs")
    if inside(real_dst, real_src):
        raise UsageError(f"DST lies inside SRC, so outputs would become inputs: write {dst} outside {src}")
    if inside(real_src, real_dst):
        raise UsageError(f"SRC lies inside DST, so outputs could replace inputs: write outside {dst}")
    return Plan(src, dst, books_of(dst))


def _plan_file(src: str, dst: str, format: Format | None) -> Plan:
    """The plan for a single file or standard input."""
    name = os.path.basename(src)
    into_folder = dst != STREAM and (dst.endswith("/") or is_folder(dst))
    if src == STREAM and into_folder:
        raise UsageError(f"standard input has no name to use in {dst}: name a file")
    kind = _stream_kind(dst, format) if src == STREAM else _file_kind(src, format)
    if into_folder:
        target, folder, codec = os.path.join(dst, kind.target), books_of(dst), kind.codec
    else:
        codec = _target_codec(kind, dst)
        dst = target = _file(dst)
        folder = _folder_of(dst)
    if _same(src, target):
        raise UsageError(f"{src} and {target} are the same file: a run never changes its inputs")
    if any(_same(src, target + suffix) for suffix in (BESIDE, SIDE_FILE)) or inside(real(src), real(folder)):
        raise UsageError(f"{src} is where a run to {dst} keeps its own records: name another DST")
    size, mtime = look(src) if src != STREAM else (0, 0)
    source = Source(src, name, kind.format, kind.codec, target, codec, size, mtime)
    return Plan(src, dst, "" if dst == STREAM else folder, source, format.name if format else None)


def _stream_kind(dst: str, format: Format | None) -> Kind:
    """What standard input is. Raises UsageError for what cannot be read from it, and as `_sniffed` does."""
    kind = Kind(format or _sniffed(kind_of(os.path.basename(dst))), "", "")
    if kind.format.columnar:
        raise UsageError(f"{kind.format.name} cannot be read from standard input: name a file")
    return kind


def _file_kind(src: str, format: Format | None) -> Kind:
    """What a single file is, by its name and the format that the user gave. Raises UsageError where that is not known,
    or where it is no file to be read more than once."""
    if is_local(src) and not os.path.isfile(src):
        if not os.path.exists(src):
            raise UsageError(f"{src} links to {os.path.realpath(src)}, which is not there")
        raise UsageError(f"{src} is no regular file, and can be read only once: read it from standard input, as -")
    name = os.path.basename(src)
    kind = kind_of(name)
    if format is not None and (kind is None or kind.format != format):
        kind = Kind(format, codec_of(name), name)
        if kind.codec not in format.codecs:
            raise UsageError(f"{src}: {format.name} is not read from .{kind.codec}: decompress it first")
    if kind is None:
        if packing := foreign_packing(name):
            raise UsageError(f"{src}: {packing} is not read: unpack it first")
        raise UsageError(f"{src}: unknown kind of file; known are {known_suffixes()}, or name a --format")
    return kind


def _file(dst: str) -> str:
    """The file that DST names, where the links lead that it may be: its books must lie beside it.

    Raises UsageError for a device or a pipe, whose place a file would take.
    """
    if is_local(dst) and os.path.exists(dst) and not os.path.isfile(dst):
        raise UsageError(f"{dst} is no regular file: name one, or write to - and redirect it there")
    return os.path.realpath(dst) if is_local(dst) and os.path.islink(dst) else dst


def _target_codec(kind: Kind, dst: str) -> str:
    """Compression of the file that the user named."""
    if dst == STREAM:
        if sys.stdout is None:
            raise UsageError("standard output is closed: name a file")
        if kind.format.columnar:
            raise UsageError(f"{kind.format.name} cannot be written to standard output: name a file")
        return ""
    wanted = kind_of(os.path.basename(dst))
    if packing := foreign_packing(dst):
        raise UsageError(f"{dst}: {packing} is not written: name a .{' .'.join(CODECS)} file, or leave the suffix out")
    written, codec = kind.format.output, codec_of(os.path.basename(dst))
    if codec not in written.codecs:
        raise UsageError(f"{dst}: {written.name} is not written as .{codec}: name a .{written.suffixes[0]} file")
    if wanted is None:
        suffix = foreign_format(dst)
        if suffix and suffix != foreign_format(kind.target):  # with --format a name says nothing, and may stay
            raise UsageError(f"{dst}: {suffix} is not written: name a .{written.suffixes[0]} file")
        return codec
    if wanted.format != written:
        fault = f"{kind.format.name} is written as {written.name}, not as {wanted.format.name}"
        raise UsageError(f"{dst}: {fault}: name a .{written.suffixes[0]} file")
    return wanted.codec


def _sniffed(target: Kind | None) -> Format:
    """The format of standard input: that of DST, else by how it begins, for only rows begin with a brace. A stream
    of nothing is taken for one of no rows.

    Raises UsageError for an archive, which is written as rows are, for what begins as a web page does, whose text is a
    text file too, for rows that were to go to such a file, for rows in UTF-16 or UTF-32, and for what is compressed and
    does not go to a file whose name says what it is.
    """
    codec, began = standard_content()
    if begins_as_archive(began):
        raise UsageError("standard input begins as a web archive: say --format warc")
    if target and target.format != TEXT:
        return target.format
    if begins_as_page(began):
        raise UsageError("standard input begins as a web page: say --format html, or --format text to clean its source")
    row = b'{"' if target else b"{"
    if b"\0" in began and began.translate(None, b"\0\xfe\xff").lstrip().startswith(row):
        fault = "standard input begins as JSON lines do, and is in UTF-16 or UTF-32"
        raise UsageError(f"{fault}: convert it to UTF-8 first, or say --format text if it is none")
    if target and began.startswith(row):
        raise UsageError("standard input begins as JSON lines: name a .jsonl file, or say --format text if it is none")
    if target is None and codec:
        raise UsageError(f"standard input is compressed (.{codec}): say --format jsonl, text, html or warc")
    return TEXT if target or (standard_input().peek(1) and not began.startswith(b"{")) else JSON_LINES


def _same(src: str, target: str) -> bool:
    if is_url(src) or is_url(target):
        return is_url(src) and is_url(target) and real(src) == real(target)
    return STREAM not in (src, target) and all(map(os.path.exists, (src, target))) and os.path.samefile(src, target)


def keep_apart(path: str, others: Iterable[str]) -> None:
    """Raises UsageError where a file beside the outputs cannot be one: it is one of the others, or lies below one."""
    if is_url(path) or os.path.isdir(path):
        raise UsageError(f"{path}: name a file on this machine")
    for other in others:
        if _same(other, path) or real(path) == real(other) or inside(real(path), real(other)):
            raise UsageError(f"{path} would be written over, or among, {other}: name another file")


def _folder_of(file: str) -> str:
    """Where a run to a single file has its books for as long as it lasts."""
    if is_url(file):
        return books_of(file).removesuffix(BOOKS) + "file" + BOOKS
    return os.path.join(os.path.dirname(file), f".{os.path.basename(file)}{BOOKS}")


def books_of(folder: str) -> str:
    """Where the books of a run into a folder lie. A target elsewhere has them here, where a run can be resumed."""
    if not is_url(folder):
        return os.path.join(folder, BOOKS)
    from platformdirs import user_state_dir

    name = blake2b(os.fsencode(folder.rstrip("/")), digest_size=10).hexdigest()
    state = ""
    with contextlib.suppress(RuntimeError):  # a user without a home
        state = user_state_dir("cleaner")
    if not os.path.isabs(state):
        raise UsageError(
            f"a run to {folder} keeps its books in your home folder, and you have none: set XDG_STATE_HOME"
        )
    return os.path.join(state, "runs", name, BOOKS)


@dataclass(slots=True)
class Survey:
    """What a plan amounts to."""

    files: int = 0
    bytes: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    """Kind of thing -> how many; the kinds are suffixes and the words of `Skipped.why`."""
    formats: set[Format] = field(default_factory=set)
    existing: str | None = None
    """An output that stands there already, or a file beside one."""

    @property
    def native(self) -> bool:
        """Whether any input is read by a library that damage may bring down with its process."""
        return any(format.native for format in self.formats)


def survey(plan: Plan, beside: bool = False) -> Survey:
    """Count a plan's inputs. ``beside``: look for files beside outputs, too.

    Raises UsageError where two would be written to one, or outputs be inputs.
    """
    found = Survey()
    fresh = plan.streams or (plan.keeps_books and not exists(plan.dst))  # to ask for each takes long where DST is a URL
    for entry in plan.entries():
        if isinstance(entry, Skipped):
            found.skipped[entry.why] += 1
            continue
        found.files += 1
        found.bytes += entry.size
        found.formats.add(entry.format)
        if found.existing is None and not fresh:
            paths = (entry.target, *(plan.beside(entry) if beside else ()))
            found.existing = next(filter(exists, paths), None)
    return found
