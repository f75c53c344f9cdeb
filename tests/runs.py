"""What the tests of runs share: a small cleaner that starts at once, and the command line, here or as a process."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from snipper import Snipper

from cleaner.batch.options import RunOptions
from cleaner.batch.plan import make_plan
from cleaner.batch.runner import Run, RunMode
from cleaner.document import Document

ROOT = Path(__file__).resolve().parent.parent

SENTENCE = b"A sentence of a page, which is long. "
HEAD = b"""<title>T</title><meta name="author" content="Ada Example">
<meta property="article:published_time" content="2024-05-06">"""
PAGE = b"<html><head>" + HEAD + b"</head><body><article><p>" + SENTENCE * 20 + b"</p>"


@dataclass(frozen=True)
class Done:
    """What a command left behind: exit code, standard output, standard error."""

    code: int
    out: bytes
    err: str


Call = Callable[..., Done]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Call:
    """A function that runs `cleaner` with arguments in this process, with the snipper for a cleaner; ``stdin`` is what
    standard input holds."""
    from cleaner.cli.app import build, guarded

    monkeypatch.setattr(RunOptions, "cleaner", lambda self: Snipper())

    def run(*args: object, stdin: bytes = b"") -> Done:
        out, err = io.TextIOWrapper(io.BytesIO(), write_through=True), io.StringIO()
        with monkeypatch.context() as patch, tempfile.TemporaryFile() as file:
            file.write(stdin)
            file.seek(0)
            patch.setattr(sys, "stdin", SimpleNamespace(buffer=file))
            patch.setattr(sys, "argv", ["cleaner", *map(str, args)])
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            code = guarded(build())
        return Done(code, out.buffer.getvalue(), err.getvalue())  # type: ignore[attr-defined]

    return run


def cleaner(*args: object, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[str]:
    """What `cleaner` with these arguments does as a process of its own, with the real rules."""
    command = [sys.executable, "-m", "cleaner", *map(str, args)]
    done = subprocess.run(command, input=stdin, capture_output=True, env={**os.environ, **env})
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


DRIVER = """
import sys
sys.path.insert(0, {tests!r})
from snipper import Snipper
from cleaner.batch import books, pool, shards
from cleaner.batch.options import RunOptions
from cleaner.batch.plan import make_plan
from cleaner.batch.runner import Run
from cleaner.cli.app import main
RunOptions.cleaner = lambda self: Snipper()
books.CHECKPOINT, shards.SHARD, shards.FILES, pool.PATIENCE = {checkpoint}, {shard}, {files}, {patience}
if __name__ == "__main__":
    main()
"""


_OBEDIENT = """
import ctypes, os, sys
for override in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH; PR_CAPBSET_DROP is 24
    ctypes.CDLL(None).prctl(24, override)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Becomes another program, to which the modes of files apply even if root runs it."""


def start(
    *args: object,
    shard: int = 20_000,
    files: int = 5,
    patience: float = 10.0,
    through: Sequence[str] = (),
    **options: Any,
) -> Any:
    """A process of its own that runs `cleaner` in small steps, with the snipper for a cleaner; ``through`` a command
    that becomes the one behind it."""
    tests = str(Path(__file__).parent)
    code = DRIVER.format(tests=tests, checkpoint=0.0, shard=shard, files=files, patience=patience)
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen([*through, sys.executable, "-c", code, *map(str, args)], cwd=ROOT, **streams)


def finish(process: Any) -> Done:
    out, err = process.communicate()
    return Done(process.returncode, out, err.decode())


def obedient(*args: object) -> Done:
    """What `cleaner` does as a process to which the modes of files apply, even if root runs it."""
    if sys.platform != "linux":
        pytest.skip("elsewhere root cannot do without its rights")
    return finish(start(*args, through=[sys.executable, "-c", _OBEDIENT]))


DATE = "2026-01-02T03:04:05Z"
"""Of the records of a WARC."""


def archive(records: list[tuple[str, dict[str, str], bytes]]) -> bytes:
    """A WARC of records: (type, headers, content)."""
    out = []
    for at, (kind, headers, content) in enumerate(records):
        lines = {"WARC-Type": kind, "WARC-Record-ID": f"<urn:uuid:{at}>", "WARC-Date": DATE, **headers}
        lines["Content-Length"] = str(len(content))
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        out.append(b"WARC/1.0\r\n" + head.encode() + b"\r\n" + content + b"\r\n\r\n")
    return b"".join(out)


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder with their bytes, but for the books of a run."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".cleaner" not in path.parts
    }


def rejects(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / ".cleaner" / "rejected.jsonl").read_text().splitlines()]


def summary(folder: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((folder / ".cleaner" / "summary.json").read_text())
    return value


def article(random: random.Random) -> str:
    """A text with some lines to cut."""
    kinds = ["cut me", "A line to keep.", "", "Größe and İstanbul"]
    lines = [random.choice(kinds) for _ in range(random.randint(0, 9))]
    return "\n".join(lines)


def row(**members: object) -> bytes:
    return json.dumps(members).encode() + b"\n"


def without_cuts(text: str) -> str:
    return Snipper().clean(Document(text)).text


def run_of(src: Path, out: Path, options: RunOptions | None = None, mode: RunMode = "new") -> Run:
    """A run in this process."""
    return Run(make_plan(str(src), str(out)), options or RunOptions(), workers=1, mode=mode)


def pieces(run: Run, most: int) -> None:
    """Carry out so many pieces of a run, and leave it."""
    with contextlib.closing(run.pieces()) as steps:
        for _ in range(most):
            next(steps)


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs in this process cut inputs small, enter each piece at once, and have the snipper for a cleaner."""
    monkeypatch.setattr("cleaner.batch.books.CHECKPOINT", 0.0)
    monkeypatch.setattr("cleaner.batch.shards.SHARD", 2_000)
    monkeypatch.setattr(RunOptions, "cleaner", lambda self: Snipper())
