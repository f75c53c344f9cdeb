"""A rule set: rules ready to run, and which documents each concerns."""

from __future__ import annotations

import hashlib
import pickle
import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

from cleaner.origin import host_of, language_of
from cleaner.rules.model import Rule
from cleaner.rules.packed import PackedRules, packed_of, pickled

__all__ = ["RuleSet"]

Parts: TypeAlias = tuple[tuple[bytes, ...], tuple[tuple[tuple[str, ...], ...], ...], tuple[int, ...], str]
"""A rule set as it is kept: each rule as a pickle, and what is asked of all of them: scopes, shapes, fingerprint."""

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

    def __post_init__(self) -> None:
        if not (isinstance(self.rules, PackedRules) or all(isinstance(rule, Rule) for rule in self.rules)):
            raise TypeError("a RuleSet is made of Rules: load_rules('rules.toml') reads those of a file")

    def __repr__(self) -> str:
        return f"<RuleSet of {len(self.rules):,} rules>"

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

    def foreign(self, url: str | None, lang: str | None) -> frozenset[int]:
        """Indexes of the rules that do not concern a document with this URL and language."""
        sites = self._named(host_of(url)) if self._sites else ()
        code = language_of(lang)
        if code and code not in self.languages:
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
    def languages(self) -> frozenset[str]:
        """Codes of the languages that rules are for."""
        return frozenset(lang for scope in self.scopes for lang in scope.lang)

    @cached_property
    def _cache(self) -> dict[tuple[tuple[str, ...], str], frozenset[int]]:
        return {}

    @property
    def parts(self) -> Parts:
        """What it is kept as."""
        return packed_of(self.rules), tuple(map(tuple, self.scopes)), self.shapes, self.fingerprint

    @classmethod
    def of(cls, parts: Parts) -> RuleSet:
        """The rule set that was kept so."""
        packed, scopes, shapes, fingerprint = parts
        made = cls(PackedRules(packed))
        made.__dict__.update(scopes=tuple(map(Scope._make, scopes)), shapes=shapes, fingerprint=fingerprint)
        return made

    def __reduce__(self) -> tuple[Callable[[bytes, str], RuleSet], tuple[bytes, str]]:
        from cleaner import __version__

        return _unpacked, (zlib.compress(pickled(self.parts), 1), __version__)


def _unpacked(data: bytes, version: str) -> RuleSet:
    """Raises UnpicklingError for rules of another version, whose fields may stand in another order."""
    from cleaner import __version__

    if version != __version__:
        message = (
            f"rules that cleaner {version} pickled cannot be read by {__version__}: install one of them everywhere"
        )
        raise pickle.UnpicklingError(message)
    return RuleSet.of(pickle.loads(zlib.decompress(data)))
