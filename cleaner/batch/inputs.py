"""What lies below SRC, in its order, and where the output of each input goes."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from cleaner.errors import UsageError
from cleaner.io.files import STREAM
from cleaner.io.formats import TEXT, Format, kind_of
from cleaner.io.remote import address, is_local, is_url, listing, too_long

BOOKS: Final = ".cleaner"
"""Folder of a run's books in its target."""

REJECTED: Final = "rejected.jsonl"
"""The file of records set aside, among the books ..."""

BESIDE: Final = f".{REJECTED}"
"""... and its suffix beside the output of a run to a single file."""


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
    target_codec: str
    """Compression of what is written."""
    size: int = 0
    mtime: int = 0
    """Time of the last change, in nanoseconds."""

    def location(self, number: int) -> str:
        """Where one of its records is, for messages; one that is the whole of its file has no number."""
        path = "standard input" if self.path == STREAM else self.path
        return f"{path}:{number}" if self.format.rows else path


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something below SRC that is no input."""

    why: str
    """The kind of thing it is."""


def entries_below(src: str, dst: str) -> Iterator[Source | Skipped]:
    """All that lies below a folder or a URL. Raises UsageError where a target could not be written, or would be written
    twice."""
    return _below_url(src, dst) if is_url(src) else _below_folder(src, dst)


def target_of(name: str, dst: str) -> str | None:
    """Where the output of an input lies, by its path below SRC; None where its name tells of no known kind."""
    found = _by_name("", name, dst)
    return found.target if isinstance(found, Source) else None


def _by_name(path: str, name: str, dst: str, size: int = 0, mtime: int = 0) -> Source | Skipped:
    """The input at a path, as far as its name tells."""
    base = os.path.basename(name)
    kind = kind_of(base)
    if kind is None:
        return Skipped(os.path.splitext(base)[1].lower() or "no suffix")
    target = os.path.join(dst, os.path.dirname(name), kind.target)
    return Source(path, name, kind.format, kind.codec, target, kind.codec, size, mtime)


def _claim(targets: dict[str, str], target: str, path: str) -> None:
    """Note which input is written to a target. Raises UsageError where another one is too, or no file can have that
    name."""
    if too_long(target):
        raise UsageError(f"{path} would be written as {target}, a name too long for a file: rename it")
    if (first := targets.setdefault(target, path)) != path:
        raise UsageError(f"{first} and {path} would both be written as {target}: rename one of them")


def _below_url(src: str, dst: str) -> Iterator[Source | Skipped]:
    """All below a URL. Raises UsageError where two files, or a file and a folder, would be written to one place."""
    targets: dict[str, str] = {}
    files = listing(src)
    names = {file.name for file in files}
    for name, url, size, stamp in files:
        if any(part.startswith(".") for part in name.split("/")):
            yield Skipped("hidden")
            continue
        if name.endswith(BESIDE) and name.removesuffix(BESIDE) in names:
            yield Skipped("rejects of a run")
            continue
        found = _by_name(url, name, dst, size, stamp)
        if isinstance(found, Source):
            _claim(targets, _as_file(found.target), url)
            for folder in _folders(name) if is_local(dst) else ():  # a store has files where it has folders, too
                target = _as_file(os.path.join(dst, folder))
                _claim(targets, target, f"{target}/")
        yield found


def _as_file(target: str) -> str:
    """A target in the form in which equal ones are equal. In a store, a doubled slash makes another name."""
    return os.path.normpath(target) if is_local(target) else target


def _folders(name: str) -> Iterator[str]:
    """The folders that a path leads through."""
    while name := os.path.dirname(name):
        yield name


def _below_folder(src: str, dst: str) -> Iterator[Source | Skipped]:
    """All below a folder, folders and files together in the order of their names as bytes.

    Links are followed; a link to a folder that it lies in is skipped. Raises UsageError where one leads into DST, or
    one in DST into SRC, and where two files, or a file and a folder, would be written to one place.
    """
    real_src, real_dst = real(src), real(dst)
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
        leads = entry.is_symlink() and inside(real(entry.path), real_dst)
        if entry.name.startswith("."):
            yield Skipped("hidden")
        elif _is_folder(entry):
            target = os.path.join(dst, name)
            if os.path.islink(target) and inside(real(target) + "/", real_src):
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
            found = _by_entry(entry, name, dst)
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


def _by_entry(entry: os.DirEntry[str], name: str, dst: str) -> Source | Skipped:
    """The input that an entry of a folder is."""
    found = _by_name(entry.path, name, dst)
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


def inside(inner: str, outer: str) -> bool:
    """Whether one path lies below another."""
    return inner.startswith(outer.rstrip("/") + "/")


def real(path: str) -> str:
    """A path without links, by which two can be compared; for a URL, which has several spellings, what they share."""
    return address(path) if is_url(path) else os.path.realpath(path)
