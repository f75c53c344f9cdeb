r"""Headers of records in archives and of HTTP responses, as lenient readers have them.

Names count in any case, lines may end in "\n" alone, and one that begins with a blank goes on with the one before it.
"""

from __future__ import annotations

import re
from typing import Final

END: Final = re.compile(rb"\r?\n\r?\n")
"""What ends a header."""
LONGEST: Final = 1 << 16
"""Bytes of a header that are read."""
_FOLDED: Final = re.compile(r"\r?\n[ \t]+(?=\S)")
"""Where a line goes on on the next one."""


class Header:
    """The lines of a header, other than its first. Of doubled names the first counts."""

    def __init__(self, written: bytes = b"") -> None:
        self._fields: dict[str, str] = {}
        for line in _FOLDED.sub(" ", written.decode("utf-8", "replace")).split("\n"):
            name, colon, value = line.partition(":")
            if colon:
                self._fields.setdefault(name.strip().lower(), value.strip())

    def get(self, name: str) -> str | None:
        """The value of a name, in whatever case; None where there is none."""
        return self._fields.get(name.lower())
