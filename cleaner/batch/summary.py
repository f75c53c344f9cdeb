"""What a run came to, as its books say when all is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cleaner.batch.books import Head
from cleaner.batch.tally import Tally


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run was, what it found, and what became of it."""

    head: Head
    files: int
    """Inputs."""
    vanished: int
    """Inputs of the run before that were gone, and whose outputs were removed."""
    skipped: Mapping[str, int]
    """What was no input: see `Survey.skipped`."""
    seconds: float
    """Time that the work has taken."""
    tally: Tally

    @property
    def removed_share(self) -> float:
        """Share of the code points of the records written that was removed."""
        return round(self.tally.chars_removed / max(self.tally.chars_in, 1), 6)

    def as_json(self) -> dict[str, Any]:
        """The summary as plain values, the most of each kind first."""
        categories: Counter[str] = Counter()
        for rule, chars in sorted(self.tally.rule_chars.items()):
            categories[rule.split("/")[-2]] += chars
        return {
            **self.head,
            "files": self.files,
            "vanished": self.vanished,
            "skipped": dict(sorted(self.skipped.items())),
            "seconds": self.seconds,
            "removed_share": self.removed_share,
            "categories": dict(categories.most_common()),
            **self.tally.in_order(),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Summary:
        """The inverse of `as_json`. Raises KeyError, TypeError."""
        head: Any = {name: value[name] for name in Head.__annotations__}
        others = {name: value[name] for name in ("files", "vanished", "skipped", "seconds")}
        return cls(head, **others, tally=Tally.from_json(value))
