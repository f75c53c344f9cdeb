"""Paths that may be URLs: the few file operations that a run needs, done by fsspec for URLs.

An object store shows a file only when it is complete, so no temporary name is needed there.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
from collections.abc import Iterator
from hashlib import blake2b
from inspect import signature
from typing import IO, Any, Final, NamedTuple, cast

from cleaner.errors import UsageError
from cleaner.io.files import STREAM
from cleaner.io.outputs import append, atomic_file, inherit
from cleaner.io.stdin import standard_input

_URL: Final = re.compile(r"[a-z][a-z0-9+.-]+://")
_HERE: Final = re.compile(r"^(?:file|local)://")
_COLONS: Final = "\0\0"
"""What stands for ``::`` in a path that is shown to fsspec, and in no path."""
_LONGEST: Final = 255
"""Bytes that a file's name can have."""
_STAMPS: Final = ("ETag", "etag", "mtime", "LastModified", "last_modified", "updated", "created")
"""What file systems call the sign of a change, the best first."""


def is_url(path: str) -> bool:
    """Whether a path is the URL of a file elsewhere."""
    return _URL.match(path) is not None


def is_local(path: str) -> bool:
    """Whether a path is that of a file on this machine: no URL, and no stream."""
    return path != STREAM and not is_url(path)


def address(url: str) -> str:
    """What is the same for all spellings of a URL in this process, with the path behind a slash. Raises UsageError."""
    try:
        with _elsewhere(url) as (system, there):
            return f"{hash(system)}/{there.strip('/')}".rstrip("/")
    except OSError:  # it is out of reach, as will be said where it is read or written
        return url.rstrip("/")


def too_long(path: str) -> bool:
    """Whether the name at the end of a path is longer than a file's can be on this machine."""
    return is_local(path) and len(os.fsencode(os.path.basename(path))) > _LONGEST


def plain(path: str) -> str:
    """The path that a URL of this machine stands for; others stay as they are."""
    return _HERE.sub("", path)


def _system(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path there. Raises UsageError, OSError."""
    try:
        from fsspec import get_filesystem_class
        from fsspec.core import url_to_fs
    except ModuleNotFoundError:
        raise UsageError(f"{url}: URLs need fsspec: pip install 'cleaner[remote]'") from None
    try:
        scheme, _, path = url.partition("://")
        if "::" in path and "://" not in path and not _wraps(get_filesystem_class(scheme)):
            system, path = url_to_fs(url.replace("::", _COLONS))  # it takes what stands behind for another URL
        else:
            system, path = url_to_fs(url)
    except (ValueError, ImportError) as error:
        raise UsageError(f"{url}: {error}") from None
    return system, path.replace(_COLONS, "::")


def _wraps(system: Any) -> bool:
    """Whether a kind of file system lies within another, which its URLs name behind ``::``; for others these are
    letters of a path."""
    return not {"fo", "target_protocol"}.isdisjoint(signature(system.__init__).parameters)


@contextlib.contextmanager
def _os_errors(url: str) -> Iterator[None]:
    """Turn whatever a client library raises into an OSError."""
    try:
        yield
    except FileNotFoundError:  # its words differ from library to library
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), url) from None
    except (OSError, UsageError):
        raise
    except Exception as error:
        raise OSError(0, f"{type(error).__name__}: {error}", url) from None


@contextlib.contextmanager
def _elsewhere(url: str) -> Iterator[tuple[Any, str]]:
    """The file system of a URL and the path there. All that goes wrong meanwhile is an OSError or a UsageError."""
    with _os_errors(url):
        yield _system(url)


class _RemoteFile(io.RawIOBase):
    """A file of fsspec, open for reading, with OSErrors in place of those of the client library."""

    def __init__(self, system: Any, path: str, url: str) -> None:
        self._file, self._url = system.open(path, "rb"), url
        self._system = system  # one within an archive closes that when nobody has it any more

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._file.seekable())

    def read(self, size: int = -1, /) -> bytes:
        with _os_errors(self._url):
            return bytes(self._file.read(size))

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        with _os_errors(self._url):
            return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def close(self) -> None:
        with contextlib.suppress(Exception):  # it was only read
            self._file.close()
        super().close()


def open_read(path: str) -> IO[bytes]:
    """A file to read, here or elsewhere, or standard input. Raises OSError, also from its methods, and UsageError."""
    if path == STREAM:
        return standard_input()
    if not is_url(path):
        return open(path, "rb")
    with _elsewhere(path) as (system, there):
        return cast(IO[bytes], _RemoteFile(system, there, path))  # which buffers by itself


def exists(path: str) -> bool:
    """Whether there is something at a path; a dangling link is something. Raises OSError where access is denied."""
    if not is_url(path):
        try:
            os.lstat(path)
        except PermissionError:
            raise
        except (OSError, ValueError):
            return False
        return True
    with _elsewhere(path) as (system, there):
        return bool(system.exists(there))


def is_folder(path: str) -> bool:
    """Whether a path is a folder."""
    if not is_url(path):
        return os.path.isdir(path)
    with _elsewhere(path) as (system, there):
        return bool(system.isdir(there))


def look(path: str) -> tuple[int, int]:
    """Size of a file, and a number that changes with it; zeros where it cannot be seen."""
    try:
        if not is_url(path):
            status = os.stat(path)
            return status.st_size, status.st_mtime_ns
        with _elsewhere(path) as (system, there):
            return _stamp(system.info(there))
    except OSError:
        return 0, 0


def _stamp(info: dict[str, Any]) -> tuple[int, int]:
    stamp = next((repr(info[key]) for key in _STAMPS if info.get(key)), "")
    return int(info.get("size") or 0), int.from_bytes(blake2b(stamp.encode(), digest_size=6).digest())


class Listed(NamedTuple):
    """A file below a URL."""

    name: str
    """Path below the URL."""
    url: str
    size: int
    """Bytes."""
    stamp: int
    """A number that changes with the file."""


def listing(url: str) -> list[Listed]:
    """All files below a URL in the order of their names."""
    with _elsewhere(url) as (system, there):
        found = system.find(there, detail=True)
        base = there.rstrip("/") + "/"
        return sorted(
            Listed(name.removeprefix(base), system.unstrip_protocol(name), *_stamp(info))
            for name, info in found.items()
        )


def put(path: str, target: str) -> None:
    """Move a local file to where it belongs, whole."""
    if not is_url(target):
        os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
        inherit(path, target)
        try:
            os.replace(path, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            with atomic_file(target) as out:  # its folder is a link to another disk, or one is mounted there
                append(path, out)
            os.unlink(path)
        return
    with _elsewhere(target) as (system, there):
        with contextlib.suppress(NotImplementedError):
            system.makedirs(os.path.dirname(there), exist_ok=True)
        system.put_file(path, there)
    os.unlink(path)


def remove(target: str) -> None:
    """Remove a file that may not be there, or may be a folder."""
    try:
        if not is_url(target):
            os.unlink(target)
            return
        with _elsewhere(target) as (system, there):
            system.rm_file(there)
    except (FileNotFoundError, IsADirectoryError):
        pass
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:  # under such a name nothing can be there
            raise
