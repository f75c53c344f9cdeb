"""Compiles the inner loops (``*.pyx``) when the package is built. Where that cannot be done, the package is built
without them, works the same, and says so: the modules beside them do the same with NumPy, several times slower."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FLAGS = ["/O2"] if sys.platform == "win32" else ["-O3", "-g0", "-ffp-contract=off", "-Wno-unused-function"]


class CompileHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts each module beside its source, where an editable install finds it too."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or os.environ.get("CLEANER_PURE"):
            return
        try:
            compile_all(Path(self.root))
        except (Exception, SystemExit) as error:  # setuptools raises either, by what is missing
            self.app.display_warning(f"cleaner: the inner loops were not compiled, NumPy does their work: {error}")
            return
        build_data |= {"pure_python": False, "infer_tag": True, "artifacts": ["cleaner/**/*.so", "cleaner/**/*.pyd"]}


def compile_all(root: Path) -> None:
    """Compile every ``*.pyx`` of the package in place. Raises whatever setuptools does for want of a compiler."""
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension
    from setuptools.command.build_ext import build_ext

    here = Path.cwd()
    os.chdir(root)
    try:
        sources = sorted(Path("cleaner").rglob("*.pyx"))
        modules = [Extension(".".join(x.with_suffix("").parts), [str(x)], extra_compile_args=FLAGS) for x in sources]
        built = cythonize(modules, build_dir="build/cython", language_level=3, quiet=True)
        command = build_ext(Distribution({"ext_modules": built}))
        command.inplace, command.force, command.build_temp = True, True, "build/compiled"
        command.ensure_finalized()
        command.run()
    finally:
        os.chdir(here)


if __name__ == "__main__":
    compile_all(Path(__file__).parent)
