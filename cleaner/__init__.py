"""Strip site chrome from article text: rules declare it, an engine removes it, every removal has a name.

A `Cleaner` turns a text or a `Document` into a `Cleaned` one, and `restore` turns that back. `load_rules` makes a
`RuleSet` of other rules than the bundled ones. What is raised on purpose is a `CleanerError`, or a TypeError.

>>> from cleaner import Cleaner, restore
>>> result = Cleaner().clean("The vote was close.\\n\\nSubscribe to our newsletter")
>>> result.text
'The vote was close.'
>>> restore(result) == "The vote was close.\\n\\nSubscribe to our newsletter"
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cleaner.document import Cleaned, Document, Removal, restore
from cleaner.errors import CleanerError, RecordError, RuleError, UsageError

if TYPE_CHECKING:
    from cleaner.clean.cleaner import Cleaner
    from cleaner.rules.load import load_rules
    from cleaner.rules.ruleset import RuleSet

__version__ = "0.1.0"

__all__ = [
    "Cleaned",
    "Cleaner",
    "CleanerError",
    "Document",
    "RecordError",
    "Removal",
    "RuleError",
    "RuleSet",
    "UsageError",
    "__version__",
    "load_rules",
    "restore",
]

_LAZY: Final = {
    "Cleaner": "cleaner.clean.cleaner",
    "RuleSet": "cleaner.rules.ruleset",
    "load_rules": "cleaner.rules.load",
}
"""Public names whose modules are loaded when first asked for: `cleaner --version` needs none of them."""


if not TYPE_CHECKING:  # to a type checker, every name would be one of this module

    def __getattr__(name: str) -> Any:
        if name in _LAZY:
            from importlib import import_module

            value = getattr(import_module(_LAZY[name]), name)
            globals()[name] = value
            return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__]
