"""Rule sets: packs loaded, extended, tuned and selected, ready for an engine."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from cleaner.cache import cached, digest
from cleaner.errors import Problem, RuleError, UsageError, check_choice, did_you_mean
from cleaner.made import bundled_folder
from cleaner.options import PROFILES, Profile
from cleaner.origin import host_of, language_of
from cleaner.rules.model import Pack, Rule, Tune, Wording
from cleaner.rules.packed import PackedRules, pickled

if TYPE_CHECKING:
    from cleaner.rules.pack import PackReader

PathLike = str | Path

NAMES: Final = ("names of rules", str)
PATHS: Final = ("paths of rule files", (str, os.PathLike))
"""What lists are of, for `listed`: in words, and as types."""


def listed(option: str, values: Any, of: tuple[str, Any]) -> tuple[Any, ...]:
    """The values of an option that takes a list. Raises TypeError where it is no list, or one of something else."""
    if isinstance(values, of[1]) or not isinstance(values, Iterable):  # a text is iterable too, by letters
        raise TypeError(f"{option} takes a list: write {option}=[{values!r}]")
    found = tuple(values)
    for value in found:
        if not isinstance(value, of[1]):
            raise TypeError(f"{option} takes {of[0]}, not {type(value).__name__}")
    return found


def pack_files(path: Path) -> list[tuple[Path, str]]:
    """The rule files at a path (a file, or a folder searched recursively) with the names of their packs, sorted.

    Raises UsageError where there is none.
    """
    if not path.exists():
        raise UsageError(f"{path}: no such rule file or folder")
    if path.is_dir():
        found = sorted((file, file.relative_to(path).with_suffix("").as_posix()) for file in path.rglob("*.toml"))
        if not found:
            raise UsageError(f"{path}: contains no rule file; their names end in .toml")
        return found
    bundled = bundled_folder()
    inside = path.resolve().is_relative_to(bundled)
    return [(path, path.resolve().relative_to(bundled).with_suffix("").as_posix() if inside else path.stem)]


def load_packs(paths: Iterable[PathLike] = (), *, bundled: bool = True) -> tuple[Pack, ...]:
    """The bundled packs and those at the paths (files or folders), in that order.

    Raises RuleError with every problem of every file, UsageError for a path that is not there.
    """
    from cleaner.rules.pack import PackReader  # not needed where the cache holds the rules

    reader, packs = _bundled() if bundled else (PackReader(), [])
    own = len(packs)
    found: dict[Path, tuple[Path, str]] = {}  # a file that is in a folder and named as well is one
    for path in paths:
        for file, name in pack_files(Path(path)):
            found.setdefault(file.resolve(), (file, name))
    packs += _read(reader, found.values())
    names = {pack.name for pack in packs}
    seen: dict[str, tuple[bool, str]] = {}
    for i, pack in enumerate(packs):
        for missing in sorted(set(pack.extends) - names):
            message = f"extends {missing!r}, which is not loaded: name its file with --rules as well"
            reader.problems.append(Problem(pack.path, pack.lines["extends"], "", message))
        for rule in pack.rules:
            origin = (i < own, pack.path)
            if rule.id in seen and seen[rule.id][0] == origin[0] and seen[rule.id][1] != pack.path:
                message = f"is in {seen[rule.id][1]} too: give the pack another name"
                reader.problems.append(Problem(pack.path, pack.lines[rule.id], rule.id, message))
            seen[rule.id] = origin
    _raise_if(reader.problems)
    return tuple(packs)


def _raise_if(problems: list[Problem]) -> None:
    """Raise every problem at once, if there is any."""
    if problems:
        raise RuleError(tuple(problems))


def _read(reader: PackReader, files: Iterable[tuple[Path, str]]) -> list[Pack]:
    return [pack for file, name in files if (pack := reader.read(file, name)) is not None]


def _bundled() -> tuple[PackReader, list[Pack]]:
    """The bundled packs, and the reader that has read them; parsed once and then kept in the cache."""

    def build() -> tuple[PackReader, list[Pack]]:
        from cleaner.rules.pack import PackReader

        reader = PackReader()
        packs = _read(reader, pack_files(bundled_folder()))
        _raise_if(reader.problems)
        return reader, packs

    return cached("packs", digest(_contents([bundled_folder()])), build)


def _is_named(rule: Rule, name: str) -> bool:
    """Whether a name (id, pack, folder, category or glob) refers to the rule."""
    return (
        name in (rule.id, rule.pack, rule.category)
        or rule.id.startswith(name.rstrip("/") + "/")
        or fnmatchcase(rule.id, name)
    )


def _and_not(wording: Wording, unless: Wording) -> Wording:
    """The wording with one more exception."""
    old = wording.unless
    if old is None:
        return replace(wording, unless=unless)
    joined = Wording(
        phrases=tuple(sorted({*old.phrases, *unless.phrases})),
        numbered=tuple(sorted({*old.numbered, *unless.numbered})),
        starts=old.starts + unless.starts,
        ends=old.ends + unless.ends,
        contains=old.contains + unless.contains,
        regex=old.regex + unless.regex,
    )
    return replace(wording, unless=joined)


def _tuned(rule: Rule, tune: Tune) -> Rule:
    wording = rule.wording
    if tune.unless and wording:
        wording = _and_not(wording, tune.unless)
    return replace(
        rule,
        profile=tune.profile or rule.profile,
        action=tune.action or rule.action,
        wording=wording,
        not_sites=rule.not_sites + tune.not_sites,
    )


_LONGEST: Final = 100
"""Most rules in a row that ask for one another's hits."""


def _ordered(rules: Sequence[Rule], problems: list[Problem]) -> tuple[Rule, ...]:
    """The rules by id, but each behind those whose hits its neighbour conditions ask for."""
    by_id = {rule.id: rule for rule in rules}
    done: dict[str, Rule] = {}
    open_ids: list[str] = []

    def visit(rule: Rule) -> None:
        if rule.id in done:
            return
        if rule.id in open_ids:
            circle = " -> ".join([*open_ids[open_ids.index(rule.id) :], rule.id])
            problems.append(Problem("rules", 1, rule.id, f"depends on its own hits: {circle}"))
            return
        if len(open_ids) >= _LONGEST:
            problems.append(Problem("rules", 1, rule.id, f"is asked for through more than {_LONGEST} rules in a row"))
            return
        open_ids.append(rule.id)
        for asked in rule.asked:
            if asked in by_id:
                visit(by_id[asked])
        open_ids.pop()
        done[rule.id] = rule

    for name in sorted(by_id):
        visit(by_id[name])
    return tuple(done.values())


_REMEMBERED: Final = 1_000_000
"""Indexes of rules that are kept as foreign to some documents, for the next ones; they take some 50 bytes each."""


_OTHER: Final = "-"
"""Stands for all languages that no rule names; no code of a language has a hyphen."""


class Scope(NamedTuple):
    """Which documents a rule concerns, as in `Rule`."""

    sites: tuple[str, ...]
    not_sites: tuple[str, ...]
    lang: tuple[str, ...]

    def concerns(self, sites: Collection[str], lang: str) -> bool:
        """Whether a document in a language, from a host that is one of these sites or below them, is one."""
        if self.lang and lang and lang not in self.lang:
            return False
        if self.sites and not any(site in sites for site in self.sites):
            return False
        return not any(site in sites for site in self.not_sites)


@dataclass(frozen=True, eq=False)
class RuleSet:
    """Rules ready to run: immutable, picklable, each after those whose hits it asks for."""

    rules: Sequence[Rule]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RuleSet) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256, in hex, of the content of the rules; equal for equal rules, on any machine."""
        return hashlib.sha256("\n".join(map(repr, self.rules)).encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def shapes(self) -> tuple[int, ...]:
        """Indexes of the shape rules, which are asked when all others have made their claims."""
        return tuple(i for i, rule in enumerate(self.rules) if rule.shape is not None)

    @cached_property
    def scopes(self) -> tuple[Scope, ...]:
        """Which documents each rule concerns."""
        return tuple(Scope(rule.sites, rule.not_sites, rule.lang) for rule in self.rules)

    def active(self, url: str | None = None, lang: str | None = None) -> tuple[int, ...]:
        """Indexes of the rules that concern a document with this URL and language."""
        foreign = self.foreign(url, lang)
        return tuple(i for i in range(len(self.rules)) if i not in foreign)

    def foreign(self, url: str | None = None, lang: str | None = None) -> frozenset[int]:
        """Indexes of the rules that do not concern a document with this URL and language."""
        sites = self._named(host_of(url)) if self._sites else ()
        code = language_of(lang)
        if code and code not in self._langs:
            code = _OTHER
        known = self._cache.get((sites, code))
        if known is None:
            known = frozenset(i for i, scope in enumerate(self.scopes) if not scope.concerns(sites, code))
            if len(known) + sum(map(len, self._cache.values())) > _REMEMBERED:
                self._cache.clear()
            self._cache[sites, code] = known
        return known

    def _named(self, host: str) -> tuple[str, ...]:
        """Those of the hosts that rules name which the host is, or lies below: all that rules can know of it. A crawl
        has millions of hosts, and to nearly all of them the same rules are foreign."""
        labels = host.rsplit(".", self._depth)
        suffixes = (".".join(labels[at:]) for at in range(max(0, len(labels) - self._depth), len(labels)))
        return tuple(suffix for suffix in suffixes if suffix in self._sites)

    @cached_property
    def _sites(self) -> frozenset[str]:
        return frozenset(site for scope in self.scopes for site in (*scope.sites, *scope.not_sites))

    @cached_property
    def _depth(self) -> int:
        """Most labels of a host that rules name."""
        return max(site.count(".") + 1 for site in self._sites)

    @cached_property
    def _langs(self) -> frozenset[str]:
        return frozenset(lang for scope in self.scopes for lang in scope.lang)

    @cached_property
    def _cache(self) -> dict[tuple[tuple[str, ...], str], frozenset[int]]:
        return {}

    def __reduce__(self) -> tuple[Callable[[bytes], RuleSet], tuple[bytes]]:
        return _unpacked, (zlib.compress(pickled(_parts(self)), 1),)


_Parts: TypeAlias = tuple[tuple[bytes, ...], tuple[tuple[tuple[str, ...], ...], ...], tuple[int, ...], str]
"""A rule set as it is kept: each rule as a pickle, and what is asked of all of them."""


def _parts(ruleset: RuleSet) -> _Parts:
    rules = ruleset.rules
    packed = rules.packed if isinstance(rules, PackedRules) else tuple(map(pickled, rules))
    return packed, tuple(map(tuple, ruleset.scopes)), ruleset.shapes, ruleset.fingerprint


def _of_parts(parts: _Parts) -> RuleSet:
    packed, scopes, shapes, fingerprint = parts
    ruleset = RuleSet(PackedRules(packed))
    ruleset.__dict__.update(scopes=tuple(map(Scope._make, scopes)), shapes=shapes, fingerprint=fingerprint)
    return ruleset


def _unpacked(data: bytes) -> RuleSet:
    return _of_parts(pickle.loads(zlib.decompress(data)))


def build_ruleset(
    packs: Sequence[Pack],
    *,
    profile: Profile = "balanced",
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> RuleSet:
    """The rules of the packs that run under a profile: later packs replace, disable and tune earlier ones.

    ``select`` and ``ignore`` take rule ids, packs, folders, categories and globs, as linters do; a selected rule runs
    under any profile. Raises UsageError for a profile or a name that means nothing, RuleError for a tune or a
    neighbour condition that names no rule.
    """
    check_choice("profile", profile, PROFILES)
    rules: dict[str, Rule] = {rule.id: rule for pack in packs for rule in pack.rules}
    for name in (*select, *ignore):
        if not any(_is_named(rule, name) for rule in rules.values()):
            known = {part for rule in rules.values() for part in (rule.id, rule.pack, rule.category)}
            raise UsageError(f"no rule is named {name!r}" + did_you_mean(name, known))
    problems: list[Problem] = []
    everything = dict(rules)
    for pack in packs:
        for name in pack.disable:
            named = [id for id, rule in everything.items() if _is_named(rule, name)]
            if not named:
                problems.append(Problem(pack.path, pack.lines["disable"], "", f"disable names {name!r}: no such rule"))
            for id in named:
                rules.pop(id, None)
        for tune in pack.tunes:
            named = [id for id, rule in everything.items() if any(_is_named(rule, name) for name in tune.rules)]
            if not named:
                problems.append(Problem(pack.path, tune.line, "", f"tune names {', '.join(tune.rules)}: no such rule"))
            for id in named:
                if tune.disable:
                    rules.pop(id, None)
                elif id in rules:
                    if tune.unless and rules[id].wording is None:
                        message = "unless narrows a wording, and this rule has none: write a keep rule for such lines"
                        problems.append(Problem(pack.path, tune.line, id, message))
                    rules[id] = _tuned(rules[id], tune)
    where = {rule.id: (pack.path, pack.lines[rule.id]) for pack in packs for rule in pack.rules}
    for rule in rules.values():
        for asked in rule.asked:
            if asked not in everything:
                message = f"asks for hits of {asked!r}, and no rule is called so"
                problems.append(Problem(*where[rule.id], rule.id, message))
            elif everything[asked].shape is not None and rule.shape is None:
                message = f"asks for hits of {asked!r}, a shape rule, and those are found last: name another rule"
                problems.append(Problem(*where[rule.id], rule.id, message))
    ordered = _ordered(tuple(rules.values()), problems)
    _raise_if(problems)
    rank = PROFILES.index(profile)
    running: dict[str, Rule] = {}
    for rule in ordered:
        chosen = any(_is_named(rule, name) for name in select)
        runs = chosen if select else PROFILES.index(rule.profile) <= rank or rule.kind == "keep"
        if runs and not any(_is_named(rule, name) for name in ignore):
            running[rule.id] = rule
    return RuleSet(_with_asked(ordered, running))


def _with_asked(ordered: tuple[Rule, ...], running: dict[str, Rule]) -> tuple[Rule, ...]:
    """The running rules and, silent, those whose hits they ask for."""
    asked: set[str] = set()
    for rule in reversed(ordered):  # a rule stands behind those it asks for
        if rule.id in running or rule.id in asked:
            asked.update(rule.asked)
    return tuple(
        running.get(rule.id) or replace(rule, action="silent")
        for rule in ordered
        if rule.id in running or rule.id in asked
    )


@cache
def bundled_packs() -> tuple[Pack, ...]:
    """The packs that come with the project."""
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
    select, ignore = listed("select", select, NAMES), listed("ignore", ignore, NAMES)

    def build() -> RuleSet:
        packs = load_packs(paths, bundled=bundled) if paths or not bundled else bundled_packs()
        return build_ruleset(packs, profile=profile, select=select, ignore=ignore)

    sources = list(_sources(paths, bundled))
    if not bundled and sum(map(len, sources)) < _FEW:
        return build()
    asked = json.dumps([profile, list(select), list(ignore), bundled])
    return _of_parts(cached("rules", digest([asked.encode(), *sources]), lambda: _parts(build())))


_FEW: Final = 50_000
"""Bytes of rule files; fewer are read in a moment, and would crowd the cache."""

_MODEL: Final = re.compile(rb"""^\s*model\s*=\s*["']([^"'\n]+)["']""", re.MULTILINE)


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
            for model in _MODEL.findall(source):
                yield (file.parent / model.decode("utf-8", "surrogateescape")).read_bytes()
        except (OSError, ValueError) as error:  # the reader will name it as a problem
            yield repr(error).encode("utf-8", "surrogateescape")


def _states(folder: str | Path) -> Iterator[bytes]:
    """Name, size and time of all files in a folder and those below, in a fixed order."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _states(entry.path)
        else:
            state = entry.stat()
            yield f"{entry.path} {state.st_size} {state.st_mtime_ns}".encode("utf-8", "surrogateescape")
