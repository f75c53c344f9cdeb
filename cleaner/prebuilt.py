"""What comes with the package: its rule files and, once it is built, values of the cache that are slow to make.

These were made at the build, so that the first run need not, and count only for the very modules and rules they were
made from. Where those are edited, as an editable install allows, the next run makes them and keeps them in the cache.
"""

from __future__ import annotations

import hashlib
import os
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

__all__ = ["bundled_folder", "prebuilt_entry", "version_of", "write"]

_KINDS: Final = {
    "packs": True,
    "bundled": True,
    "checked": False,
    "forms": False,
    "conditions": False,
    "compiled": False,
}
"""The kinds of entries that take long to make and depend on nothing but the package; whether on its rules, too: what is
read off a pattern holds for it in whatever rule."""

_LEVEL: Final = 9
"""Of zstandard: higher ones save little, and take most of the build's time."""

_FOLDER: Final = Path(__file__).with_name("_prebuilt")
_MODULES: Final = (".", "match", "rules", "text")
"""Folders of the modules that make them."""


def bundled_folder() -> Path:
    """The folder of the packs that come with the project: in the package (``_rules``, in a wheel) or, in a checkout or
    an editable install, beside it (``rules``)."""
    package = Path(__file__).resolve().parent
    inside = package / "_rules"
    return inside if inside.is_dir() else package.parent / "rules"


def prebuilt_entry(kind: str) -> bytes | None:
    """The entry of this kind that came with the package; None if there is none, or it was made from something else.
    Raises whatever a damaged file does."""
    path = _FOLDER / f"{kind}.zst"
    if kind not in _KINDS or not path.is_file():
        return None
    import zstandard

    known, _, data = path.read_bytes().partition(b"\n")
    return zstandard.decompress(data) if known == _built_from(rules=_KINDS[kind]) else None


def write(entries: Path) -> None:
    """Put the entries of a cache into the package, after a run that has asked all rules. An entry of the package that
    still holds was read by that run, not made, and stays. Raises ValueError where one is missing, OSError."""
    import zstandard

    _FOLDER.mkdir(exist_ok=True)
    for kind, of_rules in _KINDS.items():
        found = [*entries.glob(f"{kind}-*")]
        if not found and prebuilt_entry(kind):
            continue
        (entry,) = found
        (_FOLDER / f"{kind}.zst").write_bytes(
            _built_from(rules=of_rules) + b"\n" + zstandard.compress(entry.read_bytes(), _LEVEL)
        )


@cache
def _built_from(*, rules: bool) -> bytes:
    """Digest of modules, of the bundled rules if they count, and the versions of what reads patterns and pickles."""
    total = hashlib.sha256(f"{sys.version_info[:2]} {unicodedata.unidata_version} {version_of('regex')}".encode())
    for part in _sources(rules):
        total.update(b"\n%d\n" % len(part) + part)
    return total.hexdigest().encode()


def _sources(rules: bool) -> Iterator[bytes]:
    """Names and contents of the modules and, if they count, of all files in the folder of bundled rules."""
    package, bundled = Path(__file__).parent, bundled_folder()
    modules = (path for name in _MODULES for path in (package / name).glob("*.py"))
    beside = bundled.rglob("*.*") if rules else ()
    packs = (path for path in beside if not path.name.startswith("."))  # editors leave hidden ones
    for folder, files in ((package, modules), (bundled, packs)):
        for path in sorted(files):
            yield path.relative_to(folder).as_posix().encode()
            yield path.read_bytes()


def version_of(package: str) -> str:
    """Version of an installed package: from the name of the .dist-info folder beside it, else from importlib.metadata,
    which takes longer to import than the cache takes to read."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return ""
    for name in os.listdir(Path(spec.origin).parent.parent):
        if name.startswith(f"{package}-") and name.endswith(".dist-info"):
            return name[len(package) + 1 : -len(".dist-info")]
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return ""
