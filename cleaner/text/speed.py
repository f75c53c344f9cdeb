"""The compiled inner loops, where the package was built with them."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any


def compiled(name: str) -> Any:
    """The compiled module of this name, or None where there is none: the modules that ask do the same with NumPy.

    ``CLEANER_PURE`` in the environment, with any value, leaves it out.
    """
    if os.environ.get("CLEANER_PURE"):
        return None
    try:
        return import_module(name)
    except ModuleNotFoundError:  # one that is there and does not load is a fault to be seen
        return None


native: Any = compiled("cleaner.text.native")
"""The loops of this folder."""
