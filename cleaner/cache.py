"""Values that are slow to make and quick to read, kept in files between runs.

An entry is a pickle, and the arrays it refers to, behind their CRC-32, in the user's cache folder (``CLEANER_CACHE``
names another; an empty value disables the cache). What takes longest may have come with the package (`prebuilt`). If an
entry is missing, damaged or from another version, or cannot be written, the value is made again: the cache never fails
and never changes a result.
"""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
import platform
import re
import sys
import tempfile
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache, cached_property, wraps
from pathlib import Path
from typing import Any, Final, TypeVar

from cleaner.prebuilt import prebuilt_entry, version_of

__all__ = ["CachedItems", "Hooks", "cached", "cached_function", "cached_items", "digest", "without_cached"]

K = TypeVar("K")
T = TypeVar("T")

_SUM: Final = 4
"""Bytes of the checksum before a pickle: it tells damage, not malice, in half the time of a cryptographic one."""

_WORD: Final = 8
"""Bytes of each number before the parts of an entry: how many parts there are, and the size of each."""

_ALIGNED: Final = 16
"""Bytes that each part is aligned to, so that arrays can be used where they lie."""

_LIBRARIES: Final = ("numpy", "regex", "ahocorasick_rs")
_ROOM: Final = 500_000_000
"""Bytes of entries that are kept: three or four versions of the package find room. Those unused for longest are removed
when a new one is written."""

_MOST: Final = 1_000
"""Entries that are kept at most, however small."""

_NEW: Final = ".cleaner-"
"""Prefix of the name of an entry that is still being written."""

_OURS: Final = re.compile(rf"[a-z]+-[0-9a-f]{{40}}|{re.escape(_NEW)}\w+")
"""Names of entries, and of unfinished ones that a killed process left behind."""

_REMEMBERED: Final = 20_000
"""Most keys of an entry that grows: several times the patterns of all bundled packs."""


class Hooks:
    """Who wants to know when something slow is made, and when it cannot be kept; the command line sets both."""

    making: Callable[[str], object] | None = None
    """Called with the kind of the entry before it is made."""

    unwritable: Callable[[Path, OSError], object] | None = None
    """Called once in a process, with the folder that cannot be written and why: each start makes the value again."""


def digest(parts: Iterable[bytes]) -> str:
    """SHA-256, in hex, of the parts, each with its length, so that their boundaries count."""
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "little"))
        total.update(part)
    return total.hexdigest()


def cached(kind: str, key: str, build: Callable[[], T]) -> T:
    """The value of ``build()``, from the cache if it has a sound entry of this kind, key and environment."""
    path = _path(kind, key)
    found: T | None = _recalled(path) if path else None
    if found is not None:
        return found
    value: T | None = _brought(kind)
    if value is None:
        if path and Hooks.making is not None:
            Hooks.making(kind)
        value = build()
    if path:
        _keep(path, value)
    return value


def cached_function(kind: str) -> Callable[[Callable[[], T]], Callable[[], T]]:
    """A decorator: the value of a function that depends on the environment alone is `cached`, and once in a process."""

    def decorate(build: Callable[[], T]) -> Callable[[], T]:
        return cache(wraps(build)(lambda: cached(kind, "", build)))

    return decorate


class CachedItems(dict[K, T]):
    """``make(key)`` for each key that is asked for, remembered in one entry of the cache; ``save`` adds to it what was
    made, up to a bound."""

    def __init__(self, kind: str, make: Callable[[K], T]) -> None:
        super().__init__()
        self._kind, self._make, self._path = kind, make, _path(kind, "")

    @cached_property
    def _known(self) -> dict[K, T]:
        return (self._path and _recalled(self._path)) or _brought(self._kind) or {}

    def __missing__(self, key: K) -> T:
        value = self[key] = self._known[key] if key in self._known else self._make(key)
        return value

    def save(self) -> None:
        """Keep what has been asked for."""
        if self._path and not self.keys() <= self._known.keys():
            both = self._known | self
            _keep(self._path, both if len(both) <= _REMEMBERED else dict(self))


def cached_items(kind: str, keys: Iterable[K], make: Callable[[K], T]) -> dict[K, T]:
    """``make(key)`` for each of the keys, as `CachedItems` has it."""
    known = CachedItems(kind, make)
    wanted = {key: known[key] for key in keys}
    known.save()
    return wanted


def without_cached(instance: object) -> dict[str, object]:
    """The state of an instance to pickle: without the values of its `cached_property`, which are made again."""
    made_again = {name for name, value in vars(type(instance)).items() if isinstance(value, cached_property)}
    return {name: value for name, value in vars(instance).items() if name not in made_again}


def _path(kind: str, key: str) -> Path | None:
    folder = _folder()
    return folder and folder / f"{kind}-{digest([key.encode(), _environment().encode()])[:40]}"


def _brought(kind: str) -> Any:
    """What came with the package; None if nothing did, or it is damaged. Raises MemoryError."""
    return _sound(lambda: prebuilt_entry(kind))


def _recalled(path: Path) -> Any:
    """What is kept there; None if there is nothing, or it is damaged. Raises MemoryError."""
    found = _sound(path.read_bytes)
    if found is not None:
        with suppress(OSError):  # a folder that can only be read
            os.utime(path)  # the time of its last use
    return found


def _sound(read: Callable[[], bytes | None]) -> Any:
    """What the entry that is read holds; None if there is none, or it is damaged. Raises MemoryError: to make the value
    would take more than to read it."""
    try:
        entry = read()
        return None if entry is None else _value(memoryview(entry))
    except MemoryError:
        raise
    except Exception:  # whatever a damaged file, or a damaged pickle, raises
        return None


def _value(entry: memoryview) -> Any:
    """What an entry holds; None if its checksum is wrong. Its arrays are those bytes, not copies of them.

    Read without the collector: it would search what is read so far, none of it garbage, again and again, which takes a
    third of the time.
    """
    if zlib.crc32(entry[_SUM:]) != int.from_bytes(entry[:_SUM], "little"):
        return None
    pickled, *arrays = _parts(entry)
    collecting = gc.isenabled()
    gc.disable()
    try:
        return pickle.loads(pickled, buffers=arrays)
    finally:
        if collecting:
            gc.enable()


def _parts(entry: memoryview) -> list[memoryview]:
    """The pickle and the arrays of an entry, as `_joined` has put them together."""
    at = _ALIGNED + _WORD
    ends = at + _WORD * int.from_bytes(entry[_ALIGNED:at], "little")
    sizes = [int.from_bytes(entry[k : k + _WORD], "little") for k in range(at, ends, _WORD)]
    parts = []
    at = ends
    for size in sizes:
        at += -at % _ALIGNED
        parts.append(entry[at : at + size])
        at += size
    return parts


def _joined(parts: Sequence[bytes | memoryview]) -> bytes:
    """An entry of these parts: checksum, number of parts, their sizes, and the parts, each on its boundary."""
    entry = bytearray(_ALIGNED)
    for number in (len(parts), *map(len, parts)):
        entry += number.to_bytes(_WORD, "little")
    for part in parts:
        entry += bytes(-len(entry) % _ALIGNED)
        entry += part
    entry[:_SUM] = zlib.crc32(memoryview(entry)[_SUM:]).to_bytes(_SUM, "little")
    return bytes(entry)


def _keep(path: Path, value: object) -> None:
    arrays: list[pickle.PickleBuffer] = []
    with suppress(pickle.PicklingError, MemoryError):  # the value is there, and an entry takes as much again
        pickled = pickle.dumps(value, pickle.HIGHEST_PROTOCOL, buffer_callback=arrays.append)
        try:
            _write(path, _joined([pickled, *(array.raw() for array in arrays)]))
        except OSError as error:
            hook, Hooks.unwritable = Hooks.unwritable, None
            if hook:
                hook(path.parent, error)


def _folder() -> Path | None:
    if not Path(__file__).parent.is_dir():
        return None  # imported from an archive, of whose modules nobody knows whether they have changed
    named = os.environ.get("CLEANER_CACHE")
    if named is not None:
        return Path(named) if named else None
    import platformdirs

    with suppress(RuntimeError):  # a user without a home, as containers have them
        folder = Path(platformdirs.user_cache_dir("cleaner"))
        return folder if folder.is_absolute() else None  # older versions name a folder "~" here
    return None


@cache
def _environment() -> str:
    """What a pickled value depends on besides its key."""
    from cleaner import __version__

    versions = [__version__, sys.version, unicodedata.unidata_version, platform.machine(), sys.byteorder, *_sources()]
    versions += [f"{name} {version_of(name)}" for name in _LIBRARIES]
    return "\n".join(versions)


def _sources() -> list[str]:
    """Name, size and time of the modules that make or read what is cached: an edited checkout is another version."""
    package = Path(__file__).parent
    found = []
    for folder in (package, *(package / name for name in ("io", "match", "rules", "text"))):
        for entry in os.scandir(folder):
            if entry.name.endswith((".py", ".so", ".pyd")):
                state = entry.stat()
                found.append(f"{folder.name}/{entry.name} {state.st_size} {state.st_mtime_ns}")
    return sorted(found)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=_NEW)
    try:
        with open(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    _make_way(path.parent)


def _make_way(folder: Path) -> None:
    """Remove the entries that were unused for longest, but never the newest one, if they take too much room. It is no
    failure if another process has removed one meanwhile, or one cannot be removed: the new entry is written."""
    found: list[tuple[float, int, str]] = []
    for entry in os.scandir(folder):
        if _OURS.fullmatch(entry.name):  # the folder may be anybody's
            with suppress(FileNotFoundError):
                found.append(((state := entry.stat()).st_mtime, state.st_size, entry.path))
    room = 0
    for place, (_, size, old) in enumerate(sorted(found, reverse=True)):
        room += size
        if place and (room > _ROOM or place >= _MOST):
            with suppress(OSError):
                os.unlink(old)
