"""Options of a run, except for its paths and its number of workers, which must not change a byte."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

from cleaner.io.records import Fields, Limits, Reading
from cleaner.options import OnGuard, Profile

if TYPE_CHECKING:
    from cleaner.clean.cleaner import Cleaner


@dataclass(frozen=True, slots=True)
class RunOptions:
    """All that decides the bytes of a run's outputs, together with its inputs, the rules and the version."""

    profile: Profile = "balanced"
    rules: tuple[str, ...] = ()
    """Files or folders with more packs."""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    max_removed: float | None = None
    on_guard: OnGuard = "keep"
    """Keep the document as it was, keep the cut, or set it aside."""
    annotate: bool = False
    """Write the removals beside the text."""
    attributes: str | None = None
    """Write spans for ``dolma`` in place of the text: a row for each row of JSON lines."""
    reading: Reading = field(default_factory=Reading)
    """How the inputs are read."""

    def cleaner(self) -> Cleaner:
        """The cleaner that does it. Raises RuleError, UsageError."""
        from cleaner.clean.cleaner import Cleaner

        return Cleaner(
            self.profile,
            rules=self.rules,
            select=self.select,
            ignore=self.ignore,
            max_removed=self.max_removed,
            on_guard="cut" if self.on_guard == "cut" else "keep",
        )

    def as_json(self) -> dict[str, Any]:
        """The options as plain values, for the books; those of reading stand among the others."""
        value = asdict(self)
        reading = value.pop("reading")
        return value | {name: reading[name] for name in _READING}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> RunOptions:
        """The inverse of `as_json`, of the same version. Raises KeyError, TypeError."""
        reading = {name: value[name] for name in _READING}
        reading |= {"fields": Fields(**value["fields"]), "limits": Limits(**value["limits"])}
        others = {name: item for name, item in value.items() if name not in _READING}
        lists = {name: tuple(item) for name, item in others.items() if isinstance(item, list)}
        return cls(**{**others, **lists}, reading=Reading(**reading))


_READING: Final = tuple(each.name for each in fields(Reading) if each.name not in ("name", "offset", "more"))
"""What a reading says of all inputs of a run."""
