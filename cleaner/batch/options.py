"""Options of a run, except for its paths and its number of workers, which must not change a byte."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from cleaner.io.records import Fields, Limits, Reading
from cleaner.options import Profile

if TYPE_CHECKING:
    from cleaner.clean.cleaner import Cleaner

OnGuard = Literal["keep", "cut", "set-aside"]
"""What happens to a document from which the rules would remove too much: see `RunOptions.on_guard`."""


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
    encoding: str | None = None
    """Encoding of text files that are not UTF-8."""
    utf8: bool = False
    """Write text files as UTF-8."""
    html_field: str | None = None
    extractor: str = "trafilatura"
    form: str = "text"
    fields: Fields = field(default_factory=Fields)
    limits: Limits = field(default_factory=Limits)

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

    def reading(self, name: str, offset: int) -> Reading:
        """What a reader of a file is told, from a place in it on."""
        return Reading(
            name=name,
            offset=offset,
            fields=self.fields,
            limits=self.limits,
            encoding=self.encoding,
            utf8=self.utf8,
            html_field=self.html_field,
            extractor=self.extractor,
            form=self.form,
        )

    def as_json(self) -> dict[str, Any]:
        """The options as plain values, for the books."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> RunOptions:
        """The inverse of `as_json`, of the same version."""
        lists = {key: tuple(item) for key, item in value.items() if isinstance(item, list)}
        nested = {"fields": Fields(**value["fields"]), "limits": Limits(**value["limits"])}
        return cls(**{**value, **lists, **nested})
