"""Names and numbers that both the library and the command line offer as choices."""

from __future__ import annotations

from typing import Final, Literal, get_args

Profile = Literal["careful", "balanced", "thorough"]
Guard = Literal["keep", "cut"]
OnGuard = Literal["keep", "cut", "set-aside"]
EngineName = Literal["fast", "plain"]
Extractor = Literal["trafilatura", "fast"]
PageForm = Literal["text", "markdown"]

GUARDS: Final[tuple[Guard, ...]] = get_args(Guard)
"""What becomes of a document of which the rules would take too much: it stays as it was, or is cut all the same."""

ON_GUARD: Final[tuple[OnGuard, ...]] = get_args(OnGuard)
"""The same for a run, which may set it aside as well."""

EXTRACTORS: Final[tuple[Extractor, ...]] = get_args(Extractor)
"""What finds the text of a web page."""

PAGE_FORMS: Final[tuple[PageForm, ...]] = get_args(PageForm)
"""What the text of a web page is written as."""

ENGINES: Final[tuple[EngineName, ...]] = get_args(EngineName)
"""What finds the lines that rules match: the engine for every day, and the slow one that defines what rules mean."""

PROFILES: Final[tuple[Profile, ...]] = get_args(Profile)
"""How much to remove, in rising order: a profile runs its own rules and those of the profiles before it."""

MAX_REMOVED: Final[dict[Profile, float]] = {"careful": 0.5, "balanced": 0.9, "thorough": 0.98}
"""Largest share of a document's code points that may be removed before the guard steps in."""

MAX_LINE: Final = 5_000
"""Longest line, in code points, on which wordings are tried. Chrome is shorter, and every pattern's cost is bounded."""
