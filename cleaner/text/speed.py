"""The compiled inner loops, where the package was built with them."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any


def compiled_module(name: str) -> Any:
    """The compiled module of this name, or None where there is none: the module that asks, ``x`` for ``_x``, does the
    same without.

    ``CLEANER_PURE`` in the environment, with any value, leaves it out.
    """
    if os.environ.get("CLEANER_PURE"):
        return None
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name:
            return None
        raise  # it is there and does not load: a fault to be seen
