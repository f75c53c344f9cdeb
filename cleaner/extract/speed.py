"""The compiled inner loops of this room, where the package was built with them: ``native``, else None.

``CLEANER_PURE`` in the environment, with any value, leaves them out; a test holds both ways together.
"""

from __future__ import annotations

import os
from importlib import import_module
from types import ModuleType


def _native() -> ModuleType | None:
    if os.environ.get("CLEANER_PURE"):
        return None
    try:
        return import_module("cleaner.extract.native")
    except ImportError:
        return None


native = _native()
