"""What is counted on the way. Counts of parts of a run add up to those of the whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from cleaner.document import Cleaned
from cleaner.io.records import Record
from cleaner.origin import site_of

_SITES: Final = 20
"""Sites that each part of a run reports, those with most chrome; it bounds the size of the books."""

_REMEMBERED: Final = 2_000
"""Sites that a run remembers of its parts, for it may meet millions; beyond twice as many it forgets the others."""


@dataclass(slots=True)
class Tally:
    """Counts of records, their bytes as they came, and the code points of their texts."""

    read: int = 0
    written: int = 0
    rejected: int = 0
    passed: int = 0
    """Records of archives that are no documents; not among those read."""
    changed: int = 0
    """Records written with something removed."""
    guarded: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    chars_in: int = 0
    """Of the records written, before."""
    chars_removed: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    """Rule id -> removals."""
    rule_chars: Counter[str] = field(default_factory=Counter)
    """Rule id -> code points removed."""
    rejects: Counter[str] = field(default_factory=Counter)
    """Code -> records set aside."""
    sites: dict[str, list[int]] = field(default_factory=dict)
    """Host -> [records, code points before, code points removed]; lower bounds once parts are merged, as each part
    reports its worst sites only."""

    def add(self, record: Record, cleaned: Cleaned) -> None:
        """Count one record that is written."""
        self.written += 1
        self.bytes_in += record.size
        chars = len(record.document.text)
        self.chars_in += chars
        self.guarded += cleaned.guarded
        gone = 0
        for removal in cleaned.removals:
            size = removal.end - removal.start
            gone += size
            self.rules[removal.rule] += 1
            self.rule_chars[removal.rule] += size
        self.changed += bool(cleaned.removals)
        self.chars_removed += gone
        if record.document.url:
            site = self.sites.setdefault(site_of(record.document.url), [0, 0, 0])
            site[0] += 1
            site[1] += chars
            site[2] += gone

    def reject(self, code: str) -> None:
        """Count one record that is set aside."""
        self.rejected += 1
        self.rejects[code] += 1

    def merge(self, other: Tally) -> None:
        """Add the counts of another part."""
        for name in _PLAIN:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _COUNTERS:
            getattr(self, name).update(getattr(other, name))
        for host, counts in other.sites.items():
            mine = self.sites.setdefault(host, [0, 0, 0])
            mine[:] = map(sum, zip(mine, counts, strict=True))
        if len(self.sites) > 2 * _REMEMBERED:
            self.trim(_REMEMBERED)

    def trim(self, most: int = _SITES) -> None:
        """Forget all but so many sites, those with most chrome."""
        worst = sorted(self.sites.items(), key=lambda item: (-item[1][2], item[0]))
        self.sites = dict(worst[:most])

    def as_json(self) -> dict[str, Any]:
        """The counts that are not zero, as plain values in a fixed order."""
        return {name: item for name, item in self.in_order().items() if item}

    def in_order(self) -> dict[str, Any]:
        """All counts as plain values in a fixed order, whichever part of a run came first."""
        value = {name: getattr(self, name) for name in self.__slots__}
        for name in _COUNTERS:
            value[name] = dict(sorted(value[name].items()))
        return value

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Tally:
        """The inverse of `as_json`; other keys are passed over."""
        tally = cls()
        for name in cls.__slots__:
            if name in value:
                setattr(tally, name, Counter(value[name]) if name in _COUNTERS else value[name])
        return tally


_COUNTERS: Final = ("rules", "rule_chars", "rejects")
_PLAIN: Final = tuple(name for name in Tally.__slots__ if name not in (*_COUNTERS, "sites"))
