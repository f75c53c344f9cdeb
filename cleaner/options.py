"""Names and numbers that both the library and the command line offer as choices."""

from __future__ import annotations

from typing import Final, Literal

Profile = Literal["careful", "balanced", "thorough"]
Guard = Literal["keep", "cut"]
EngineName = Literal["fast", "plain"]

GUARDS: Final[tuple[Guard, ...]] = ("keep", "cut")
ENGINES: Final[tuple[EngineName, ...]] = ("fast", "plain")
PROFILES: Final[tuple[Profile, ...]] = ("careful", "balanced", "thorough")
"""How much to remove, in rising order: a profile runs its own rules and those of the profiles before it."""

MAX_REMOVED: Final[dict[Profile, float]] = {"careful": 0.5, "balanced": 0.9, "thorough": 0.98}
"""Largest share of a document's code points that may be removed before the guard steps in."""

MAX_LINE: Final = 5_000
"""Longest line, in code points, on which wordings are tried. Chrome is shorter, and every pattern's cost is bounded."""
