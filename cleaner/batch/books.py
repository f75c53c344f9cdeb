"""The books of a run: what is done, what was set aside and why, and what it all comes to.

They lie in one folder. ``manifest.jsonl`` has a head that says what the run is, then a line for each finished piece;
``rejected.jsonl`` a line for each record set aside; ``summary.json`` appears when all is done. A line of the manifest
is written only when what it tells of is safe, so a run may be killed at any instant: the next one reads the manifest,
cuts the other files back to what it says, and goes on from there.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from io import FileIO
from itertools import islice
from typing import IO, Any, Final, TypedDict, cast

from cleaner.batch.inputs import REJECTED, Source
from cleaner.batch.tally import Tally
from cleaner.errors import CleanerError, UsageError, reason_of
from cleaner.io.outputs import is_at, sync_all, write_atomically, writing
from cleaner.io.records import CODES, Reject
from cleaner.io.remote import exists, is_url
from cleaner.io.textfile import SIDE_FILE

MANIFEST: Final = "manifest.jsonl"
SUMMARY: Final = "summary.json"

CHECKPOINT: Final = 1.0
"""Seconds of work that a killed run may lose, about; zero writes the books after every piece."""

_FIRST: Final = 100
"""Rejects that are read back to be shown."""

_CHOOSING: Final = frozenset({"cleaner", "--profile", "--rules", "--select", "--ignore"})
"""Entries of a manifest's head that choose the rules. Where one of these differs, the fingerprint may differ too."""

_GIVEN_BY_NOBODY: Final = frozenset({"cleaner", "fingerprint"})
"""Entries of a manifest's head that are no options: no other ones would mend a difference in these."""

_SHOWN: Final = 5
"""Names that a message lists at most."""


@dataclass(slots=True)
class Progress:
    """How far one input is; its size and the time of its last change are those of its `Source` then."""

    size: int
    mtime: int
    done: bool
    records: int = 0
    end: int = 0
    """Byte of the content (Parquet: row group) up to which it is worked on."""
    grown: int = 0
    """Bytes of its unfinished output."""
    whole: bool = False
    """Whether its unfinished output lacks nothing but its name."""
    crc: int | None = None
    """CRC-32 of the content up to ``end``, where it came by standard input, which has no time of its last change."""


class Head(TypedDict):
    """What a run is: the first line of its manifest, and the beginning of its summary."""

    cleaner: str
    """Version."""
    fingerprint: str
    """That of its rules."""
    src: str
    format: str | None
    """As it was given; None: by suffix."""
    options: dict[str, Any]
    """As `RunOptions.as_json` gives them."""


@dataclass(slots=True)
class State:
    """What the manifest of an earlier run tells."""

    head: Head
    """Of another version, it may have other keys."""
    inputs: dict[str, Progress] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    """Inputs of which something was written."""
    bad: set[str] = field(default_factory=set)
    """Inputs of which something was set aside."""
    tally: Tally = field(default_factory=Tally)
    rejected: int = 0
    """Bytes of the file of rejects that count."""
    seconds: float = 0.0
    """Time that the work has taken."""
    size: int = 0
    """Bytes of the manifest that count."""
    finished: bool = False

    def left(self, source: Source) -> bool:
        """Whether there is work to do on an input."""
        return source.name not in self.inputs or not self.inputs[source.name].done

    @property
    def unfinished(self) -> set[str]:
        """Names of the inputs done in part: the one that the run was killed at, and any that vanished since."""
        return {name for name, known in self.inputs.items() if not known.done}

    def gone(self, source: Source) -> bool:
        """Whether an output that was put in place on this machine, or the file beside it, has disappeared."""
        if is_url(source.target) or source.name not in self.written or self.left(source):
            return False
        beside = self.head["options"]["annotate"] and not source.format.rows
        return not (exists(source.target) and (not beside or exists(source.target + SIDE_FILE)))

    def changed(self, source: Source) -> bool:
        """Whether an input is not what it was."""
        known = self.inputs.get(source.name)
        return known is not None and (known.size, known.mtime) != (source.size, source.mtime)


def read_state(folder: str) -> State | None:
    """What an earlier run left in its folder of books; None if there is none."""
    path = os.path.join(folder, MANIFEST)
    try:
        with open(path, "rb") as file:
            state = state_of(file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise CleanerError(f"{path} cannot be read: {reason_of(error)}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise CleanerError(f"{path} is damaged ({error}): start over with cleaner run --overwrite") from None
    if state:
        state.finished = os.path.exists(os.path.join(folder, SUMMARY))
    return state


def state_of(manifest: Iterable[bytes]) -> State | None:
    """What the lines of a manifest tell; None where there is not even a head."""
    state = None
    for line in manifest:
        if not line.endswith(b"\n"):
            break  # torn when the run was killed
        row = json.loads(line)
        if state is None:
            state = State(cast(Head, {**row}))  # raises TypeError for what is no head
        else:
            _enter(state, row)
        state.size += len(line)
    return state


def _enter(state: State, row: dict[str, Any]) -> None:
    state.inputs[row["source"]] = Progress(**{name: row[name] for name in Progress.__slots__})
    if row.get("written"):
        state.written.add(row["source"])
    if row.get("rejected"):
        state.bad.add(row["source"])
    state.tally.merge(Tally.from_json(row))
    state.rejected = row["rejected_at"]
    state.seconds = max(state.seconds, row.get("seconds", 0.0))


def without(folder: str, state: State, names: set[str]) -> list[bytes]:
    """The lines of a manifest without these inputs, and without any that have rejects, as the file of rejects begins
    anew."""
    with open(os.path.join(folder, MANIFEST), "rb") as file:
        entries = list(map(json.loads, file.read(state.size).splitlines()[1:]))
    left = (entry for entry in entries if entry["source"] not in names | state.bad)
    return [_line(state.head), *(_line({**entry, "rejected_at": 0}) for entry in left)]


_OPTIONS: Final = {"options": "--{}", "fields": "--{}-field", "limits": "--max-{}"}
"""How the command line spells what stands in these parts of a manifest's head."""


def _differences(before: Mapping[str, object], now: Mapping[str, object], name: str = "") -> Iterator[tuple[str, str]]:
    """What two heads of a manifest differ in: its name, and a sentence."""
    for key in sorted({*before, *now}):
        old, new = before.get(key), now.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _differences(old, new, key)
        elif old != new:
            named = _OPTIONS.get(name, "{}").format(key.replace("_", "-"))
            yield named, "the rules changed" if key == "fingerprint" else f"{named} was {old!r}, now {new!r}"


class Books:
    """Opens, keeps and closes the books of one run; at most one run at a time has them open."""

    def __init__(self, folder: str, head: Head, state: State | None) -> None:
        """``state`` is that of the run to go on with, None to begin. Raises TargetError, CleanerError."""
        self.folder = folder
        self.state = state or State(head)
        self.tally = self.state.tally
        self._began = time.monotonic() - self.state.seconds
        self._pending: list[dict[str, Any]] = []
        self._named: list[str] = []
        """Outputs that got their names since the last checkpoint."""
        self._written = time.monotonic()
        with writing(folder), contextlib.ExitStack() as opened:
            self._manifest = opened.enter_context(self._reopen(MANIFEST, self.state.size))
            self._rejected = opened.enter_context(self._reopen(REJECTED, self.state.rejected))
            if not state:
                self._manifest.write(_line(head))
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(folder, SUMMARY))
            self._manifest.flush()
            opened.pop_all()  # from here on `close` closes them

    def _reopen(self, name: str, size: int) -> IO[bytes]:
        """A file of the books, cut back to a size, to write on."""
        file = open(os.path.join(self.folder, name), "ab")  # noqa: SIM115 - the caller closes it
        if file.seek(0, os.SEEK_END) < size:
            file.close()
            raise CleanerError(f"{file.name} is shorter than the books say: start over with cleaner run --overwrite")
        file.truncate(size)
        file.seek(0, os.SEEK_END)
        return file

    def reject(self, source: str, reject: Reject, number: int) -> None:
        """Enter one record that is set aside; ``number`` counts within its input."""
        row = {
            "source": source,
            "record": number,
            "offset": reject.offset,
            "id": reject.id,
            "stage": CODES[reject.code],
            "code": reject.code,
            "reason": reject.reason,
            **({} if reject.raw is None else {"raw": reject.raw}),
        }
        with writing(self._rejected.name):
            self._rejected.write(_line(row))

    def enter(self, source: Source, progress: Progress, tally: Tally, named: Iterable[str]) -> None:
        """Enter one piece of work; ``named`` are the local files that got their names by it."""
        self.tally.merge(tally)
        row = {
            "source": source.name,
            **asdict(progress),
            "rejected_at": self._rejected.tell(),
            "seconds": self.seconds,
            **tally.as_json(),
        }
        self._pending.append(row)
        self._named += named

    @property
    def seconds(self) -> float:
        """Time that the work has taken up to now, in all the runs that it took."""
        return round(time.monotonic() - self._began, 3)

    @property
    def due(self) -> bool:
        """Whether it is time for a checkpoint."""
        return time.monotonic() - self._written >= CHECKPOINT

    def checkpoint(self) -> None:
        """Make all that was entered count, when the outputs that it tells of, and their names, are on the disk."""
        with writing(self.folder):
            self._rejected.flush()
            if self._pending:
                os.fsync(self._rejected.fileno())
                sync_all(self._named)
                sync_all({os.path.dirname(path) or "." for path in self._named})
                self._manifest.write(b"".join(map(_line, self._pending)))
                self._manifest.flush()
                os.fsync(self._manifest.fileno())
        self._pending, self._named = [], []
        self._written = time.monotonic()

    def finish(self, summary: bytes) -> None:
        """Write the summary, which says that all is done."""
        write_atomically(os.path.join(self.folder, SUMMARY), summary)

    def close(self) -> None:
        """Let go of the files, without a checkpoint."""
        for file in (self._manifest, self._rejected):
            with contextlib.suppress(OSError):
                file.close()


def _line(row: Mapping[str, object]) -> bytes:
    """A row of the books. ASCII: a file name that is not UTF-8 passes as well."""
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"


@contextlib.contextmanager
def locked(folder: str, target: str) -> Iterator[None]:
    """Hold a folder of books alone. Raises CleanerError where another live process holds it, which is named, and
    TargetError where the folder cannot be written or locked."""
    path = os.path.join(folder, "lock")
    while True:
        with writing(folder):
            os.makedirs(folder, exist_ok=True)
            file = open(path, "a+b", buffering=0)  # noqa: SIM115 - to close it gives the lock away
        with file:
            with writing(folder):
                _take(file, target)
            if not is_at(file, path):  # a run to a single file has ended meanwhile, and taken its folder away
                continue
            with writing(folder):
                file.truncate(0)
                file.write(str(os.getpid()).encode())
            yield
            return


def check_unlocked(folder: str, target: str) -> None:
    """Raises CleanerError where `locked` would because of another process; writes nothing. Where the lock cannot even
    be opened, `locked` says so if there is work to do."""
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(open(os.path.join(folder, "lock"), "r+b", buffering=0))
        except OSError:
            return
        with writing(file.name):
            _take(file, target)


def _take(file: FileIO, target: str) -> None:
    """Lock a file. Raises CleanerError where another process has, OSError where its file system has no locks."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        process = file.read().decode()  # empty, where it has only just begun
        raise CleanerError(f"another run is writing to {target}{process and f': process {process}'}") from None


def read_rejects(folder: str) -> list[dict[str, Any]]:
    """The first rejects of a run, without the records themselves."""
    with contextlib.suppress(FileNotFoundError), open(os.path.join(folder, REJECTED), "rb") as file:
        rows = map(json.loads, islice(file, _FIRST))
        return [{name: value for name, value in row.items() if name != "raw"} for row in rows]
    return []


def check_resumable(state: State, head: Head) -> None:
    """Raises UsageError that names everything in which an earlier run differs from this one."""
    found = dict(_differences(state.head, head))
    if not _CHOOSING.isdisjoint(found):
        found.pop("fingerprint", None)
    if found:
        mend = "give the same options, or " if found.keys() - _GIVEN_BY_NOBODY else ""
        differ = "; ".join([*found.values()][:_SHOWN])
        raise UsageError(f"cannot resume, {differ}: {mend}start over with cleaner run --overwrite")


def few_of(names: list[str]) -> str:
    """Names for a message: the first few, and how many more."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
