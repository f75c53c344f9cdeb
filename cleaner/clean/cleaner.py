"""The public door: rules and options in, a function from texts to cleaned texts out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from cleaner.clean.kinds import Claim, View, claims_of
from cleaner.clean.resolve import marks_of, removals_of
from cleaner.document import Cleaned, Document, Removal
from cleaner.errors import UsageError
from cleaner.match.plain import find_hits
from cleaner.options import MAX_REMOVED, EngineName, Guard, Profile
from cleaner.rules.ruleset import PathLike, RuleSet, load_rules
from cleaner.text.lines import Lines

_BATCH: Final = 256
"""Documents that ``clean_many`` hands to the engine at once."""


class Cleaner:
    """Removes site chrome from texts: a pure function of text, metadata, rules and profile.

    ``profile`` says how bold to be; ``rules`` names more packs (files or folders), or is a finished ``RuleSet`` which
    is taken as it is; ``select`` and ``ignore`` take rule ids, categories and globs. ``max_removed`` is the largest
    share of a document's code points that may go (default: the profile's); beyond it ``on_guard`` decides: ``keep``
    gives the text as it was, ``cut`` the cut one, and ``guarded`` says so either way. ``engine`` is ``fast``, or
    ``plain`` for the slow definition of what rules mean; both give the same removals.

    Raises RuleError for rule files that do not load, UsageError for options that make no sense.
    """

    def __init__(
        self,
        profile: Profile = "balanced",
        rules: RuleSet | Sequence[PathLike] = (),
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
        max_removed: float | None = None,
        on_guard: Guard = "keep",
        engine: EngineName = "fast",
    ) -> None:
        if isinstance(rules, RuleSet):
            self.ruleset = rules
        else:
            self.ruleset = load_rules(*rules, profile=profile, select=select, ignore=ignore)
        if max_removed is not None and not 0 <= max_removed <= 1:
            raise UsageError(f"max_removed is a share from 0 to 1, not {max_removed!r}")
        self.profile = profile
        self.max_removed = MAX_REMOVED[profile] if max_removed is None else max_removed
        self.on_guard = on_guard
        self.engine = engine

    @property
    def fingerprint(self) -> str:
        """SHA-256, in hex, of all that decides what this cleaner does to a text."""
        from cleaner import __version__

        said = (__version__, self.ruleset.fingerprint, repr(self.max_removed), self.on_guard)
        return hashlib.sha256("\n".join(said).encode()).hexdigest()

    def clean(self, text: str, *, url: str | None = None, lang: str | None = None, title: str | None = None) -> Cleaned:
        """The text without its chrome. ``url`` brings in the rules of its site, ``lang`` (BCP 47) leaves out the
        packs of other languages, ``title`` helps to find the title said twice."""
        return self.clean_document(Document(text, url=url, lang=lang, title=title))

    def clean_document(self, document: Document) -> Cleaned:
        """The document's text without its chrome."""
        lines, claims = self.claims(document)
        return self._cleaned(lines, claims)

    def clean_many(self, documents: Iterable[str | Document]) -> Iterator[Cleaned]:
        """The documents cleaned, in their order; read in batches, several times faster than a loop over ``clean``."""
        source = iter(documents)
        while batch := list(islice(source, _BATCH)):
            for item in batch:
                yield self.clean_document(Document(item) if isinstance(item, str) else item)

    def claims(self, document: Document) -> tuple[Lines, list[Claim]]:
        """The document's lines, and all that the rules would take or point at, before protection and overlaps."""
        lines = Lines(document.text)
        active = self.ruleset.active(document.url, document.lang)
        hits = find_hits(lines, self.ruleset.rules, active)
        return lines, claims_of(self.ruleset.rules, active, View(document, lines, hits))

    def _cleaned(self, lines: Lines, claims: list[Claim]) -> Cleaned:
        text = lines.text
        if not claims:
            return Cleaned(text)
        removals = removals_of(claims, lines)
        marks = marks_of(claims, lines)
        gone = sum(removal.end - removal.start for removal in removals)
        guarded = gone > self.max_removed * len(text)
        if not removals or (guarded and self.on_guard == "keep"):
            return Cleaned(text, guarded=guarded, marks=marks)
        return Cleaned(_without(text, removals), removals, guarded, marks)


def _without(text: str, removals: Sequence[Removal]) -> str:
    """The text minus the removals."""
    parts = []
    at = 0
    for removal in removals:
        parts.append(text[at : removal.start])
        at = removal.end
    parts.append(text[at:])
    return "".join(parts)
