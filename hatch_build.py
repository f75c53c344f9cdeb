"""Compiles the inner loops (``*.pyx``) when the package is built, and makes what a first run would have to.

Where that cannot be done, the package is built without them, works the same, and says so: the modules beside the loops
do the same with NumPy, several times slower, and the first run takes its time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FLAGS = ["/O2"] if sys.platform == "win32" else ["-O3", "-g0", "-ffp-contract=off", "-Wno-unused-function"]
UNCHECKED = {
    "language_level": 3, "boundscheck": False, "wraparound": False, "cdivision": True, "initializedcheck": False,
}  # fmt: skip


class CompileHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts all that it makes beside the sources, where an editable install finds it too."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it builds a target. What cannot be made is told as a warning, and left out."""
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        build_data["artifacts"] = ["cleaner/_prebuilt/*.zst"]
        if not os.environ.get("CLEANER_PURE"):
            try:
                compile_all(root)
                build_data |= {"pure_python": False, "infer_tag": True}
                build_data["artifacts"] += ["cleaner/**/*.so", "cleaner/**/*.pyd"]
            except (Exception, SystemExit) as error:  # setuptools raises either, by what is missing
                self._warn(f"the inner loops were not compiled, NumPy does their work: {error}")
        if not os.environ.get("CLEANER_NO_PREBUILT"):
            try:
                make_all(root)
            except (OSError, subprocess.CalledProcessError) as error:
                self._warn(f"the first run will take its time, as nothing was made for it: {error}")

    def _warn(self, message: str) -> None:
        self.app.display_warning(f"cleaner: {message}")


def make_all(root: Path) -> None:
    """Put what is slow to make into the package, as `cleaner.prebuilt` says. Raises OSError, CalledProcessError."""
    fill_cache = "from cleaner import Cleaner; Cleaner('thorough').clean('Under this profile every rule is asked.')"
    copy_cache = "from pathlib import Path; from cleaner.prebuilt import write; import sys; write(Path(sys.argv[1]))"
    with tempfile.TemporaryDirectory() as cache:
        paths = os.pathsep.join([str(root), *sys.path])  # what builds the package brings what it is built with
        environment = {**os.environ, "PYTHONPATH": paths, "CLEANER_CACHE": cache}
        subprocess.run([sys.executable, "-c", f"{fill_cache}; {copy_cache}", cache], env=environment, check=True)


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
        built = cythonize(modules, build_dir="build/cython", compiler_directives=UNCHECKED, force=True, quiet=True)
        command = build_ext(Distribution({"ext_modules": built}))
        command.inplace, command.force, command.build_temp, command.parallel = True, True, "build/compiled", True
        command.ensure_finalized()
        command.run()
    finally:
        os.chdir(here)


if __name__ == "__main__":
    compile_all(Path(__file__).parent)
