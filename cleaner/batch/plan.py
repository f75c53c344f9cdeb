"""What a run would read and write, checked before anything is written."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Final

from cleaner.errors import CleanerError, UsageError
from cleaner.io.files import CODECS, STREAM, standard_content, standard_input
from cleaner.io.formats import (
    BY_NAME,
    JSON_LINES,
    TEXT,
    Format,
    Kind,
    codec_of,
    foreign_packing,
    kind_of,
    known_suffixes,
)
from cleaner.io.remote import exists, is_folder, is_url, listing, look, plain
from cleaner.io.textfile import LONGEST, SIDE_FILE

BOOKS: Final = ".cleaner"
"""Folder of a run's books in its target."""

REJECTED: Final = "rejected.jsonl"
"""The file of records set aside, among the books ..."""

BESIDE: Final = f".{REJECTED}"
"""... and what its name has behind that of a single output, beside which it lies."""


@dataclass(frozen=True, slots=True)
class Source:
    """One input file and where its output goes."""

    path: str
    name: str
    """Path below SRC, with slashes; the file's own name where SRC is a file."""
    format: Format
    codec: str
    """Compression it comes in, "" for none."""
    target: str
    """Path to write."""
    packing: str
    """Compression of what is written."""
    size: int = 0
    mtime: int = 0
    """Time of the last change, in nanoseconds."""

    def place(self, number: int) -> str:
        """Where one of its records is, for messages; one that is the whole of its file has no number."""
        path = "standard input" if self.path == STREAM else self.path
        return f"{path}:{number}" if self.format.rows else path


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something below SRC that is no input."""

    why: str
    """The kind of thing it is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """From where to where."""

    src: str
    dst: str
    work: str
    """Folder for books and unfinished outputs; empty for a stream, which has none."""
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
        return os.path.basename(self.work) == BOOKS

    def beside(self, source: Source) -> tuple[str, ...]:
        """Files beside the output of an input that a run writes, or removes as those of an earlier one."""
        side = () if source.format.rows else (source.target + SIDE_FILE,)
        return side if self.keeps_books else (*side, source.target + BESIDE)

    def entries(self) -> Iterator[Source | Skipped]:
        """The inputs in their order, which depends on their names alone. Looks at the disk each time."""
        if self.single:
            return iter([self.single])
        return _list(self.src, self.dst) if is_url(self.src) else _walk(self.src, self.dst)

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
        raise CleanerError(f"{src} cannot be read: {error.strerror or error}") from None
    if not folder:
        return _plan_file(src, dst, BY_NAME[format] if format else None)
    if format is not None:
        raise UsageError("a format can be named for a single file only, a folder's files have their suffixes")
    if dst == STREAM:
        raise UsageError(f"{src} is a folder: name a folder to write to")
    if not is_url(dst) and os.path.exists(dst) and not os.path.isdir(dst):
        raise UsageError(f"{src} is a folder, but {dst} is a file: name a folder to write to")
    named = os.path.basename(dst)  # behind a slash there is no name
    if (kind_of(named) or foreign_packing(named)) and not is_folder(dst):
        raise UsageError(
            f"{src} is a folder, whose files are written one by one, and {dst} looks like one file: "
            f"name a folder to write to ({dst}/ if it is to be one)"
        )
    real_src, real_dst = _real(src), _real(dst)
    if real_src == real_dst:
        raise UsageError("SRC and DST are the same folder: a run never changes its inputs")
    if _inside(real_dst, real_src):
        raise UsageError(f"DST lies inside SRC, so outputs would become inputs: write {dst} outside {src}")
    if _inside(real_src, real_dst):
        raise UsageError(f"SRC lies inside DST, so outputs could replace inputs: write outside {dst}")
    return Plan(src, dst, books_of(dst))


def _plan_file(src: str, dst: str, format: Format | None) -> Plan:
    """The plan for a single file or standard input."""
    name = os.path.basename(src)
    kind = kind_of(name)
    into_folder = dst != STREAM and (dst.endswith("/") or is_folder(dst))
    if is_local(src) and not os.path.isfile(src):
        if not os.path.exists(src):
            raise UsageError(f"{src} links to {os.path.realpath(src)}, which is not there")
        raise UsageError(f"{src} is no regular file, and can be read only once: read it from standard input, as -")
    if src == STREAM:
        if into_folder:
            raise UsageError(f"standard input has no name to use in {dst}: name a file")
        kind = Kind(format or _sniffed(kind_of(os.path.basename(dst))), "", "")
        if kind.format.columnar:
            raise UsageError(f"{kind.format.name} cannot be read from standard input: name a file")
    elif format is not None and (kind is None or kind.format != format):
        kind = Kind(format, codec_of(name), name)
        if kind.codec not in format.codecs:
            raise UsageError(f"{src}: {format.name} is not read from .{kind.codec}: decompress it first")
    if kind is None:
        if packing := foreign_packing(name):
            raise UsageError(f"{src}: {packing} is not read: unpack it first")
        raise UsageError(f"{src}: unknown kind of file; known are {known_suffixes()}, or name a --format")
    if into_folder:
        target, work, packing = os.path.join(dst, kind.target), books_of(dst), kind.codec
    else:
        packing = _packing(kind, dst)
        dst = target = _file(dst)
        work = _work_of(dst)
    if _same(src, target):
        raise UsageError(f"{src} and {target} are the same file: a run never changes its inputs")
    if any(_same(src, target + suffix) for suffix in (BESIDE, SIDE_FILE)) or _inside(_real(src), _real(work)):
        raise UsageError(f"{src} is where a run to {dst} keeps its own records: name another DST")
    size, mtime = look(src) if src != STREAM else (0, 0)
    source = Source(src, name, kind.format, kind.codec, target, packing, size, mtime)
    return Plan(src, dst, "" if dst == STREAM else work, source, format.name if format else None)


def _file(dst: str) -> str:
    """The file that DST names, where the links lead that it may be: its books must lie beside it.

    Raises UsageError for a device or a pipe, whose place a file would take.
    """
    if is_local(dst) and os.path.exists(dst) and not os.path.isfile(dst):
        raise UsageError(f"{dst} is no regular file: name one, or write to - and redirect it there")
    return os.path.realpath(dst) if is_local(dst) and os.path.islink(dst) else dst


def _packing(kind: Kind, dst: str) -> str:
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
    if wanted is None:
        return "" if kind.format.columnar else codec_of(os.path.basename(dst))
    written = BY_NAME[kind.format.output]
    if wanted.format.output != written.name or wanted.format.written:  # a web page or an archive is only read
        said = f"{kind.format.name} is written as {written.name}, not as {wanted.format.name}"
        raise UsageError(f"{dst}: {said}: name a .{written.suffixes[0]} file")
    return wanted.codec


def _sniffed(target: Kind | None) -> Format:
    """The format of standard input: that of DST, else by how it begins, for only rows begin with a brace. A stream
    of nothing is taken for one of no rows.

    Raises UsageError for an archive, which is written as rows are, for what begins as a web page does, whose text is a
    text file too, for rows that were to go to such a file, and for what is compressed and does not go to a file whose
    name says what it is.
    """
    packing, began = standard_content()
    if began.startswith(b"WARC/"):
        raise UsageError("standard input begins as a web archive: say --format warc")
    if target and target.format != TEXT:
        return target.format
    if begins_as_page(began):
        raise UsageError("standard input begins as a web page: say --format html, or --format text to clean its source")
    if target and began.startswith(b'{"'):
        raise UsageError("standard input begins as JSON lines: name a .jsonl file, or say --format text if it is none")
    if target is None and packing:
        raise UsageError(f"standard input is compressed (.{packing}): say --format jsonl, text, html or warc")
    return TEXT if target or (standard_input().peek(1) and not began.startswith(b"{")) else JSON_LINES


def begins_as_page(began: bytes) -> bool:
    """Whether what begins so is a web page, whatever its name or for want of one."""
    return began.lower().startswith((b"<!doctype html", b"<html"))


def is_local(path: str) -> bool:
    """Whether a path is that of a file on this machine: no URL, and no stream."""
    return path != STREAM and not is_url(path)


def _same(src: str, target: str) -> bool:
    if is_url(src) or is_url(target):
        return src == target
    return STREAM not in (src, target) and all(map(os.path.exists, (src, target))) and os.path.samefile(src, target)


def keep_apart(path: str, others: Iterable[str]) -> None:
    """Raises UsageError where a file beside the outputs cannot be one: it is one of the others, or lies below one."""
    if is_url(path) or os.path.isdir(path):
        raise UsageError(f"{path}: name a file on this machine")
    for other in others:
        if _same(other, path) or _real(path) == _real(other) or _inside(_real(path), _real(other)):
            raise UsageError(f"{path} would be written over, or among, {other}: name another file")


def _inside(inner: str, outer: str) -> bool:
    return inner.startswith(outer.rstrip("/") + "/")


def _real(path: str) -> str:
    return path.rstrip("/") if is_url(path) else os.path.realpath(path)


def _work_of(file: str) -> str:
    """Where a run to a single file has its books for as long as it lasts."""
    if is_url(file):
        return books_of(file).removesuffix(BOOKS) + "file" + BOOKS
    return os.path.join(os.path.dirname(file), f".{os.path.basename(file)}{BOOKS}")


def books_of(folder: str) -> str:
    """Where the books of a run into a folder lie. A target elsewhere has them here, where a run can be resumed."""
    if not is_url(folder):
        return os.path.join(folder, BOOKS)
    from platformdirs import user_state_dir

    name = blake2b(_real(folder).encode(), digest_size=10).hexdigest()
    state = ""
    with contextlib.suppress(RuntimeError):  # a user without a home
        state = user_state_dir("cleaner")
    if not os.path.isabs(state):
        raise UsageError(
            f"a run to {folder} keeps its books in your home folder, and you have none: set XDG_STATE_HOME"
        )
    return os.path.join(state, "runs", name, BOOKS)


def target_of(name: str, dst: str) -> str | None:
    """Where the output of an input lies, by its path below SRC; None where its name tells of no known kind."""
    found = _named("", name, dst)
    return found.target if isinstance(found, Source) else None


def _named(path: str, name: str, dst: str, size: int = 0, mtime: int = 0) -> Source | Skipped:
    """What lies at a path, by its name alone."""
    base = os.path.basename(name)
    kind = kind_of(base)
    if kind is None:
        return Skipped(os.path.splitext(base)[1].lower() or "no suffix")
    target = os.path.join(dst, os.path.dirname(name), kind.target)
    return Source(path, name, kind.format, kind.codec, target, kind.codec, size, mtime)


def _claim(targets: dict[str, str], target: str, path: str) -> None:
    """Enter who writes to a target. Raises UsageError where another one does so too, or no file can have its name."""
    if not is_url(target) and len(os.fsencode(os.path.basename(target))) > LONGEST:
        raise UsageError(f"{path} would be written as {target}, a name too long for a file: rename it")
    if (first := targets.setdefault(target, path)) != path:
        raise UsageError(f"{first} and {path} would both be written as {target}: rename one of them")


def _list(src: str, dst: str) -> Iterator[Source | Skipped]:
    """All below a URL. Raises UsageError where two files would be written to one."""
    targets: dict[str, str] = {}
    below = listing(src)
    names = {name for name, *_ in below}
    for name, url, size, stamp in below:
        if any(part.startswith(".") for part in name.split("/")):
            yield Skipped("hidden")
            continue
        if name.endswith(BESIDE) and name.removesuffix(BESIDE) in names:
            yield Skipped("rejects of a run")
            continue
        found = _named(url, name, dst, size, stamp)
        if isinstance(found, Source):
            _claim(targets, found.target, url)
        yield found


def _walk(src: str, dst: str) -> Iterator[Source | Skipped]:
    """All below a folder, folders and files together in the order of their names as bytes.

    Links are followed; a link to a folder that it lies in is skipped. Raises UsageError where one leads into DST, or
    one in DST into SRC, and where two files, or a file and a folder, would be written to one place.
    """
    real_src, real_dst = _real(src), _real(dst)
    try:
        forbidden = None if is_url(dst) else _identity(dst)
    except OSError:
        forbidden = None
    stack = [_Folder(src)]
    while stack:
        entry = next(stack[-1].entries, None)
        if entry is None:
            stack.pop()
            continue
        name = os.path.relpath(entry.path, src).replace(os.sep, "/")
        leads = entry.is_symlink() and _inside(_real(entry.path), real_dst)
        if entry.name.startswith("."):
            yield Skipped("hidden")
        elif _is_folder(entry):
            target = os.path.join(dst, name)
            if os.path.islink(target) and _inside(_real(target) + "/", real_src):
                raise UsageError(f"{target} leads into SRC, so outputs could replace inputs")
            try:
                folder = _Folder(entry.path)
            except OSError:  # reading it as a text file will fail in the same way, and say so in the books
                _claim(stack[-1].targets, target, entry.path)
                yield Source(entry.path, name, TEXT, "", target, "")
                continue
            if leads or folder.identity == forbidden:
                raise UsageError(f"{entry.path} leads into DST, so outputs would become inputs")
            if any(folder.identity == above.identity for above in stack):
                yield Skipped("loop of links")
                continue
            _claim(stack[-1].targets, target, entry.path)
            stack.append(folder)
        else:
            found = _entry(entry, name, dst)
            if isinstance(found, Source):
                if leads:
                    raise UsageError(f"{entry.path} leads into DST, so an output could replace it")
                _claim(stack[-1].targets, found.target, entry.path)
            yield found


class _Folder:
    """A folder on the way down: what is left of it, and who writes what of its outputs. Raises OSError."""

    def __init__(self, path: str) -> None:
        with os.scandir(path) as entries:
            self.entries = iter(sorted(entries, key=lambda entry: os.fsencode(entry.name)))
        self.identity = _identity(path)
        self.targets: dict[str, str] = {}


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _identity(path: str) -> tuple[int, int]:
    status = os.stat(path)
    return status.st_dev, status.st_ino


def _entry(entry: os.DirEntry[str], name: str, dst: str) -> Source | Skipped:
    found = _named(entry.path, name, dst)
    if isinstance(found, Skipped):
        return found
    try:
        status = entry.stat()
    except OSError:
        return found  # a link into nothing: reading it will say why
    if not stat.S_ISREG(status.st_mode):
        return Skipped("no regular file")
    if name.endswith(BESIDE) and os.path.exists(entry.path.removesuffix(BESIDE)):
        return Skipped("rejects of a run")
    return replace(found, size=status.st_size, mtime=status.st_mtime_ns)


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
