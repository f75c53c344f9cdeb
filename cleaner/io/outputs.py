"""Outputs that appear only when they are complete, and that are on the disk when the books of a run say so."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Collection, Iterator
from tempfile import TemporaryFile
from typing import IO, Final

from cleaner.errors import TargetError, reason_of

_AT_ONCE: Final = 16
"""Files that are forced out to the disk at the same time."""

_START: Final = 241
"""Bytes of a file's name that go into the name of its unfinished version, between a dot and ``.cleaner.part``."""


def sync(path: str) -> None:
    """Force a file's content, or a folder's names, out to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_all(paths: Collection[str]) -> None:
    """The same for many files at once: a dozen concurrent requests take a disk hardly longer than one. Files that have
    been removed meanwhile are passed over."""
    if len(paths) >= _AT_ONCE:
        from concurrent.futures import ThreadPoolExecutor

        with contextlib.suppress(RuntimeError), ThreadPoolExecutor(_AT_ONCE) as pool:  # there may be no more threads
            for _ in pool.map(_sync_there, paths):
                pass
            return
    for path in paths:
        _sync_there(path)


def _sync_there(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        sync(path)


def append(path: str, out: IO[bytes], start: int = 0, end: int | None = None) -> None:
    """Append a file, or a range of its bytes, to another; the operating system copies them if it can."""
    with open(path, "rb", buffering=0) as file:
        left = (os.fstat(file.fileno()).st_size if end is None else end) - start
        file.seek(start)
        try:
            out.flush()
            while left and (copied := os.copy_file_range(file.fileno(), out.fileno(), min(left, 1 << 30))):
                left -= copied
        except (OSError, AttributeError) as error:
            if getattr(error, "errno", None) == errno.ENOSPC:
                raise
        out.seek(0, os.SEEK_END)
        while left and (block := file.read(min(left, 1 << 20))):  # goes on from where the system came to
            out.write(block)
            left -= len(block)


@contextlib.contextmanager
def writing(path: str) -> Iterator[None]:
    """Turn an OSError while writing into a TargetError that names the path."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise TargetError(f"cannot write {path}: {reason_of(error)}") from None


def make_parents(path: str) -> None:
    """Make the folder of a file. Raises TargetError."""
    with writing(path):
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)


def check_writable(path: str) -> None:
    """Make the folder of a file, and check that `write_atomically` can write it. A path that ends in a
    slash is that of a folder. Raises TargetError."""
    make_parents(path)
    if not os.path.exists(path) or os.path.isfile(path) or os.path.isdir(path):
        real = os.path.realpath(path)
        folder = real if os.path.isdir(real) else os.path.dirname(real)
        with writing(path), TemporaryFile(dir=folder), contextlib.suppress(FileNotFoundError):
            os.lstat(real)  # its name may be too long


def write_atomically(path: str, data: bytes) -> None:
    """Write a file atomically: it has the new content or, after an error, the old. Devices are written to directly.

    Raises TargetError."""
    device = os.path.exists(path) and not os.path.isfile(path)
    with writing(path), open(path, "wb") if device else atomic_file(os.path.realpath(path)) as file:
        file.write(data)


def inherit(file: str, path: str) -> None:
    """Give a file the permissions of the one whose place it is to take, if there is one: others may not read that."""
    with contextlib.suppress(OSError):  # of file systems some have none
        os.chmod(file, os.stat(path).st_mode & 0o777)


@contextlib.contextmanager
def atomic_file(path: str) -> Iterator[IO[bytes]]:
    """A file to write that gets its name only when complete. After an error nothing of it remains; what a killed
    process left is removed by the next one that writes to the path. Of two that write at once, the later one has it."""
    folder, name = os.path.split(path)
    start = os.fsencode(name)[:_START].decode("utf-8", "ignore")
    temporary = os.path.join(folder, f".{start}.cleaner.part")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)
    with open(temporary, "xb") as file:
        inherit(temporary, path)
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if not is_at(file, temporary):
                raise OSError(errno.EBUSY, "another process is writing to it")
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                if is_at(file, temporary):
                    os.unlink(temporary)
            raise
    sync(folder or ".")


def is_at(file: IO[bytes], path: str) -> bool:
    """Whether an open file is the one that lies at a path."""
    return os.path.exists(path) and os.path.samestat(os.fstat(file.fileno()), os.stat(path))
