"""The compiled inner loops of this folder, where the package was built with them."""

from __future__ import annotations

from typing import Any, Final

from cleaner.text.speed import compiled

native: Final[Any] = compiled("cleaner.extract.native")
"""None where there are none: `source`, `markup`, `classes`, `features` and `scorer` do the same."""
