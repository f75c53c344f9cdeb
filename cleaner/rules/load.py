"""From rule files to packs, and to a rule set: read once, and then kept in the cache."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from cleaner.cache import CachedItems, cached, digest
from cleaner.errors import Problem, UsageError
from cleaner.options import Profile
from cleaner.prebuilt import bundled_folder
from cleaner.rules.build import build_ruleset, raise_if
from cleaner.rules.model import Pack
from cleaner.rules.ruleset import RuleSet

if TYPE_CHECKING:
    from cleaner.rules.pack import PackReader

__all__ = ["PATHS", "PathLike", "bundled_packs", "listed", "load_packs", "load_rules", "pack_files"]

PathLike = str | os.PathLike[str]

T = TypeVar("T")


class ListOf(NamedTuple, Generic[T]):
    """What the values of a list are: in words, and as types."""

    words: str
    types: tuple[type, ...]


NAMES: Final = ListOf[str]("names of rules", (str,))
PATHS: Final = ListOf[PathLike]("paths of rule files", (str, os.PathLike))


def listed(option: str, values: object, of: ListOf[T]) -> tuple[T, ...]:
    """The values of an option that takes a list. Raises TypeError where it is no list, or one of something else."""
    if isinstance(values, of.types):  # a text is iterable too, by letters
        raise TypeError(f"{option} takes a list: write {option}=[{values!r}]")
    if values is None:
        raise TypeError(f"{option} takes a list: leave it out, or write {option}=[]")
    if isinstance(values, bytes) or not isinstance(values, Iterable):
        raise TypeError(f"{option} takes a list of {of.words}, not {type(values).__name__}")
    items = tuple(values)
    for value in items:
        if not isinstance(value, of.types):
            raise TypeError(f"{option} takes {of.words}, not {type(value).__name__}")
    return items


def pack_files(path: Path) -> list[tuple[Path, str]]:
    """The rule files at a path (a file, or a folder searched recursively) with the names of their packs, sorted. A
    bundled pack has the same name whichever part of its folder is given. Hidden files and folders are passed over.

    Raises UsageError where there is none, OSError for a folder that cannot be read: rules would be missing.
    """

    def fail(error: OSError) -> None:
        raise error

    if not path.exists():
        raise UsageError(f"{path}: no such rule file or folder")
    files = sorted(file for file in _below(path, fail) if file.suffix == ".toml") if path.is_dir() else [path]
    if not files:
        raise UsageError(f"{path}: contains no rule file; their names end in .toml")
    bundled, place = bundled_folder(), path.resolve()
    outside = Path() if path.is_dir() else Path(path.name)
    name = place.relative_to(bundled) if place.is_relative_to(bundled) else outside
    return [(file, (name / file.relative_to(path)).with_suffix("").as_posix()) for file in files]


def _below(path: Path, fail: Callable[[OSError], None]) -> Iterator[Path]:
    """Files and folders below a folder, but for those that are hidden: editors and systems leave some beside others."""
    for folder, inner, names in os.walk(path, onerror=fail):
        inner[:] = [name for name in inner if not name.startswith(".")]
        yield from (Path(folder, name) for name in chain(inner, names) if not name.startswith("."))


def load_packs(paths: Iterable[PathLike] = (), *, bundled: bool = True) -> tuple[Pack, ...]:
    """The bundled packs and those at the paths (files or folders), in that order.

    Raises RuleError with every problem of every file, UsageError for a path that is not there.
    """
    from cleaner.rules.pack import PackReader  # not needed where the cache holds the rules

    reader, packs = _bundled() if bundled else (PackReader(), [])
    bundled_count = len(packs)
    files: dict[Path, tuple[Path, str]] = {}  # a file that is in a folder and named as well is one
    for path in paths:
        for file, name in pack_files(Path(path)):
            files.setdefault(file.resolve(), (file, name))
    packs += _read(reader, files.values())
    paths_of: dict[tuple[bool, str], str] = {}  # bundled?, id -> file; own rules may replace bundled ones
    for i, pack in enumerate(packs):
        for rule in pack.rules:
            other = paths_of.get((i < bundled_count, rule.id), pack.path)
            if other != pack.path:
                message = f"is in {other} too: give the pack another name"
                reader.problems.append(Problem(pack.path, pack.lines[rule.id], rule.id, message))
            paths_of[i < bundled_count, rule.id] = pack.path
    raise_if(reader.problems)
    return tuple(packs)


def _read(reader: PackReader, files: Iterable[tuple[Path, str]]) -> list[Pack]:
    """The packs in the files; what is found of their patterns, which is slow, is kept."""
    from cleaner.rules.patterns import check_pattern

    faults: CachedItems[tuple[str, bool, bool, bool], list[str]] = CachedItems(
        "checked", lambda key: check_pattern(key[0], folded=key[1], broad=key[2], part=key[3])
    )
    packs = [pack for file, name in files if (pack := reader.read(file, name, faults)) is not None]
    faults.save()
    return packs


def _bundled() -> tuple[PackReader, list[Pack]]:
    """The bundled packs, and the reader that has read them; parsed once and then kept in the cache, without the place
    of their folder: what came with the package was made where it was built."""
    folder = bundled_folder()

    def build() -> tuple[PackReader, list[Pack]]:
        from cleaner.rules.pack import PackReader

        reader = PackReader()
        packs = _read(reader, pack_files(folder))
        raise_if(reader.problems)
        return reader, [replace(pack, path=os.path.relpath(pack.path, folder)) for pack in packs]

    reader, packs = _kept("packs", digest(_contents([folder])), build, lambda: digest(_contents([folder])))
    return reader, [replace(pack, path=str(folder / pack.path)) for pack in packs]


def bundled_packs() -> tuple[Pack, ...]:
    """The packs that come with the project."""
    return _packs_in(digest(_states(bundled_folder())))


@lru_cache(maxsize=1)
def _packs_in(state: str) -> tuple[Pack, ...]:
    """The same while the files are in this state. What is made of them is kept for the state that they are in now: made
    of what this process has read before an edit, it would hide the edit from all others."""
    return load_packs()


def load_rules(
    *paths: PathLike,
    profile: Profile = "balanced",
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    bundled: bool = True,
) -> RuleSet:
    """The bundled rules (unless ``bundled`` is False) and those of the files or folders at the paths, as one rule set.

    ``profile``, ``select`` and ``ignore`` choose among them as in `Cleaner`. Raises RuleError with every problem at
    once, each with file, line and rule; UsageError for a path, profile or name that does not exist; TypeError for
    arguments of a wrong type.
    """
    paths = listed("load_rules", paths, PATHS)
    if "" in paths:  # would be the folder of this process
        raise UsageError("a path of rules is empty: name a file or folder, or leave it out")
    select, ignore = listed("select", select, NAMES), listed("ignore", ignore, NAMES)

    def build() -> RuleSet:
        packs = load_packs(paths, bundled=bundled) if paths or not bundled else bundled_packs()
        return build_ruleset(packs, profile=profile, select=select, ignore=ignore)

    sources = list(_sources(paths, bundled))
    if not bundled and sum(map(len, sources)) < _FEW:
        return build()
    asked = json.dumps([profile, list(select), list(ignore), bundled]).encode()
    key = digest([asked, *sources])
    return RuleSet.of(_kept("rules", key, lambda: build().parts, lambda: digest([asked, *_sources(paths, bundled)])))


class _Edited(Exception):
    """Carries what was made of files while they were edited."""


def _kept(kind: str, key: str, build: Callable[[], T], state: Callable[[], str]) -> T:
    """``build()``, `cached`. The key is the ``state`` of the files that it reads: where that has changed meanwhile,
    what is made is not kept, as it would be taken for what the files said before."""

    def made() -> T:
        value = build()
        if state() != key:
            raise _Edited(value)
        return value

    try:
        return cached(kind, key, made)
    except _Edited as edited:
        value: T = edited.args[0]
        return value


_FEW: Final = 50_000
"""Bytes of rule files; fewer are read in a moment, and would crowd the cache."""

_MODEL: Final = re.compile(rb"""(?:model["']?|\\[uU][^"\n]*")[ \t]*=""")
"""In the source of every file that names a model, however its key is written; few other files have to be parsed."""


def _sources(paths: Iterable[PathLike], bundled: bool) -> Iterator[bytes]:
    """All that the rules are made of. Of the bundled files name, size and time are enough, as of the package's modules:
    to read them all takes as long as to read back the rules."""
    if bundled:
        if not (folder := bundled_folder()).is_dir():
            raise UsageError(f"{folder}: no rules are there; if cleaner was imported from an archive, unpack that")
        yield from _states(folder)
    yield from _contents(paths)


def _contents(paths: Iterable[PathLike]) -> Iterator[bytes]:
    """Names and contents of the rule files at the paths, and contents of the models that they name."""
    for file, name in (each for path in paths for each in pack_files(Path(path))):
        yield f"{file}\n{name}".encode("utf-8", "surrogateescape")
        try:
            source = file.read_bytes()
            yield source
            for model in _models(source):
                yield (file.parent / model).read_bytes()
        except (OSError, ValueError, RecursionError) as error:  # the reader will name it as a problem
            yield repr(error).encode("utf-8", "surrogateescape")


def _models(source: bytes) -> list[str]:
    """Names of the models in a rule file. Raises ValueError or RecursionError where it is none."""
    if not _MODEL.search(source):
        return []
    tables = tomllib.loads(source.decode("utf-8-sig")).get("rule")
    named = [table.get("model") for table in tables if isinstance(table, dict)] if isinstance(tables, list) else []
    return [name for name in named if isinstance(name, str)]


def _states(folder: str | Path) -> Iterator[bytes]:
    """Name, size and time of all files in a folder and those below, in a fixed order; hidden ones are passed over."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _states(entry.path)
        else:
            state = entry.stat()
            yield f"{entry.path} {state.st_size} {state.st_mtime_ns}".encode("utf-8", "surrogateescape")
