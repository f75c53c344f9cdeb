"""Documents that every machine with Python has, and that have no chrome: its library and what comes with packages."""

from __future__ import annotations

import ast
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from pydoc_data.topics import topics

from cleaner import Document

GRANTS = ("licen", "copying", "notice", "authors")
"""How the names of files begin that say who may use a package, and who wrote it."""

OTHERS = {"site-packages", "dist-packages", "test", "tests", "idle_test"}
"""Folders within that of the standard library that hold no module of it."""


def manual() -> Iterator[Document]:
    """The chapters of Python's language reference that ``help()`` prints."""
    for name, text in topics.items():
        yield Document(text, id=name)


def sources() -> Iterator[Document]:
    """The modules of the standard library, without their tests."""
    library = Path(sysconfig.get_paths()["stdlib"])
    for path in sorted(library.rglob("*.py")):
        parts = path.relative_to(library).parts
        if not OTHERS.intersection(parts) and (text := _read(path)):
            yield Document(text, id="/".join(parts))


def docstrings() -> Iterator[Document]:
    """What those modules say of themselves, their classes and functions."""
    for module in sources():
        with suppress(SyntaxError):  # in a template of a module
            nodes = (node for node in ast.walk(ast.parse(module.text)) if isinstance(node, _DOCUMENTED))
            if text := "\n\n".join(filter(None, map(ast.get_docstring, nodes))):
                yield Document(text, id=module.id)


def descriptions() -> Iterator[Document]:
    """The README of each installed package."""
    for package in _packages():
        if text := (package.read_text("METADATA") or "").partition("\n\n")[2]:
            yield Document(text, id=package.name)


def licences() -> Iterator[Document]:
    """The licences, notices and lists of authors of each installed package."""
    for package in _packages():
        for file in package.files or ():
            named = file.name.lower().startswith(GRANTS) and file.suffix in {"", ".txt", ".md", ".rst"}
            if named and (text := _read(Path(str(file.locate())))):
                yield Document(text, id=f"{package.name}/{file.name}")


KINDS = {kind.__name__: kind for kind in (manual, docstrings, sources, descriptions, licences)}

_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _packages() -> list[metadata.Distribution]:
    return sorted(metadata.distributions(), key=lambda package: package.name)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
