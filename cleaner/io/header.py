r"""Headers of records in archives and of HTTP responses, as lenient readers have them.

Names count in any case, lines may end in "\n" alone, and one that begins with a blank goes on with the one before it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

END: Final = re.compile(rb"\n\r?\n")
"""What ends a header. All patterns here begin with a character, so that they are searched for quickly."""
LONGEST: Final = 1 << 16
"""Bytes of a header that are read."""
_FOLD: Final = re.compile(r"\n[ \t]+(?=\S)")
"""Where a line goes on on the next one."""


class Header:
    """A header, whose first line is its version or status. Of doubled names the first counts."""

    def __init__(self, written: bytes = b"") -> None:
        self._lines = _FOLD.sub(" ", written.decode("utf-8", "replace").replace("\r\n", "\n"))

    def get(self, name: str) -> str | None:
        """The value of a name, in whatever case; None where there is none."""
        found = _field(name).search(self._lines)
        return found[1].strip() if found else None


@cache
def _field(name: str) -> re.Pattern[str]:
    return re.compile(rf"\n{re.escape(name)}[ \t]*:(.*)", re.IGNORECASE | re.ASCII)
