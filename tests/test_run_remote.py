"""URLs for SRC and DST, on the file system that fsspec keeps in memory."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from runs import Call, rejects, row

from cleaner.io.remote import put

fsspec = pytest.importorskip("fsspec")
MemoryFile = pytest.importorskip("fsspec.implementations.memory").MemoryFile


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An empty store in memory; the books of runs go below the test's folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    system = fsspec.filesystem("memory")
    system.store.clear()
    yield system
    system.store.clear()


def test_from_url_to_url(store: Any, call: Call) -> None:
    store.pipe({
        "/in/a/x.jsonl": row(text="cut\nx") + b"{",
        "/in/y.txt": b"cut\ny",
        "/in/.hidden.txt": b"",
        "/in/z.pdf": b"",
    })  # fmt: skip
    done = call("run", "memory://in", "memory://out")
    assert done.code == 3, done
    assert store.cat("/out/a/x.jsonl") == row(text="x") and store.cat("/out/y.txt") == b"y"
    assert json.loads(store.cat("/out/.cleaner/summary.json"))["skipped"] == {".pdf": 1, "hidden": 1}
    assert json.loads(store.cat("/out/.cleaner/rejected.jsonl"))["source"] == "a/x.jsonl"
    assert call("run", "memory://in", "memory://out").code == 2
    assert "already finished" in call("run", "memory://in", "memory://out", "--resume").err
    store.pipe("/in/a/x.jsonl", row(text="cut\nlonger"))
    assert "inputs changed: a/x.jsonl" in call("run", "memory://in", "memory://out", "--resume").err
    assert call("run", "memory://in", "memory://out", "--overwrite").code == 0
    assert store.cat("/out/a/x.jsonl") == row(text="longer")


def test_books_are_published_however_late_a_run_is_killed(
    store: Any, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before each of the books goes out; and while a run is not done, no summary of the one before says that it is."""
    for number in range(3):
        store.pipe({"/in/x.jsonl": row(text=f"cut\n{number}") + b"{"})
        sent: list[str] = []

        def killed(path: str, target: str, sent: list[str] = sent, last: int = number) -> None:
            if len(sent) == last:
                raise KeyboardInterrupt
            sent.append(target)
            put(path, target)

        with monkeypatch.context() as patch:
            patch.setattr("cleaner.batch.runner.put", killed)
            assert call("run", "memory://in", "memory://out", "--overwrite").code == 130
        assert store.cat("/out/x.jsonl") == row(text=str(number)) and not store.exists("/out/.cleaner/summary.json")
        done = call("run", "memory://in", "memory://out", "--resume", "--json")
        assert done.code == 3 and json.loads(done.out) == json.loads(store.cat("/out/.cleaner/summary.json"))
        assert json.loads(store.cat("/out/.cleaner/rejected.jsonl"))["record"] == 2
        assert "already finished" in call("run", "memory://in", "memory://out", "--resume").err


def test_between_here_and_there(store: Any, call: Call, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("cut\nx")
    assert call("run", tmp_path / "x.txt", "memory://there/x.txt").code == 0
    assert store.cat("/there/x.txt") == b"x"
    assert call("run", tmp_path / "x.txt", "memory://there/x.txt").code == 2
    store.pipe("/there/y.jsonl", row(text="cut\ny") * 3 + b"{\n")
    assert call("run", "memory://there/y.jsonl", tmp_path / "y.jsonl").code == 3
    assert (tmp_path / "y.jsonl").read_bytes() == row(text="y") * 3
    assert call("run", "memory://there", tmp_path / "out").code == 3
    assert sorted(os.listdir(tmp_path / "out")) == [".cleaner", "x.txt", "y.jsonl"]
    assert call("run", "memory://there/x.txt", "-").out == b"x"


def test_rejects_beside_an_output_are_no_input(store: Any, call: Call) -> None:
    """There as here; a file that is only called so is one."""
    store.pipe("/in/a.jsonl", row(text="a") + b"{bad\n")
    assert call("run", "memory://in/a.jsonl", "memory://one/b.jsonl").code == 3
    store.pipe("/one/c.rejected.jsonl", row(text="c"))
    assert call("run", "memory://one", "memory://two").code == 0
    assert store.exists("/two/c.rejected.jsonl") and not store.exists("/two/b.jsonl.rejected.jsonl")
    assert json.loads(store.cat("/two/.cleaner/summary.json"))["skipped"] == {"rejects of a run": 1}


def test_two_colons_are_letters_of_a_path(store: Any, call: Call, tmp_path: Path) -> None:
    """Unless the file system is one within another, whose place stands behind them."""
    store.pipe({"/in/a::b.txt": b"cut\na", "/in/x::y/c.txt": b"cut\nc"})
    assert call("run", "memory://in", "memory://out").code == 0
    assert store.cat("/out/a::b.txt") == b"a" and store.cat("/out/x::y/c.txt") == b"c"
    assert call("run", "memory://in/a::b.txt", tmp_path / "b.txt").code == 0
    assert (tmp_path / "b.txt").read_bytes() == b"a"
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as packed:
        packed.writestr("d.txt", b"cut\nd")
    assert call("run", f"zip://d.txt::{tmp_path / 'p.zip'}", tmp_path / "d.txt", "--format", "text").code == 0
    assert (tmp_path / "d.txt").read_bytes() == b"d"


def test_a_new_target_is_not_asked_for_each_output(store: Any, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    store.pipe({f"/in/{at}.jsonl": row(text="a") for at in range(20)})
    asked: list[str] = []
    exists = type(store).exists

    def counted(self: Any, path: str, **options: Any) -> bool:
        asked.append(path)
        return bool(exists(self, path, **options))

    monkeypatch.setattr(type(store), "exists", counted)
    assert call("run", "memory://in", "memory://new").code == 0
    assert len(asked) < 5


def test_a_finished_run_to_a_url_says_again_what_it_came_to(store: Any, call: Call) -> None:
    store.pipe("/in/x.jsonl", row(text="a") + b"{bad\n")
    for options in ((), ("--resume",)):
        assert call("run", "memory://in/x.jsonl", "memory://y.jsonl", *options).code == 3


def test_books_of_a_user_without_a_home(
    store: Any, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(user: int) -> None:
        raise KeyError(user)

    store.pipe("/in/x.txt", b"cut\nx")
    for name in ("XDG_STATE_HOME", "HOME"):
        monkeypatch.delenv(name)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.chdir(tmp_path)
    done = call("run", "memory://in", "memory://out")
    assert done.code == 2 and done.err.endswith("you have none: set XDG_STATE_HOME\n"), done
    assert call("run", "memory://in", tmp_path / "out").code == 0
    assert os.listdir(tmp_path) == ["out"]


def test_urls_that_make_no_sense(store: Any, call: Call, tmp_path: Path) -> None:
    store.pipe("/in/x.txt", b"")
    for src, dst, said in [
        ("memory://no", "memory://out", "no such file"),
        ("memory://in", "memory://in", "the same folder"),
        ("memory://in", "memory:///in/", "the same folder"),
        ("memory://in/x.txt", "memory:///in/x.txt", "the same file"),
        ("memory://in", "memory://in/out", "DST lies inside SRC"),
        ("memory://in", "memory:///in/out", "DST lies inside SRC"),
        ("nosuch://in", str(tmp_path / "o"), "nosuch"),
    ]:
        done = call("run", src, dst, "--overwrite")
        assert done.code == 2 and said in done.err and "Traceback" not in done.err
    assert store.find("/") == ["/in/x.txt"]


@pytest.mark.parametrize(
    "names", [("a//b/x.jsonl", "a/b/x.jsonl"), ("x.jsonl/y.txt", "x.jsonl"), ("x.jsonl/y/z.txt", "x.jsonl")]
)
def test_what_a_store_tells_apart_and_a_disk_does_not_is_told_before_the_work(
    store: Any, call: Call, tmp_path: Path, names: tuple[str, str]
) -> None:
    """One output would replace the other, or be in its way."""
    store.pipe({f"/in/{name}": row(text=name) for name in names})
    done = call("run", "memory://in", tmp_path / "out")
    assert done.code == 2 and "would both be written as" in done.err
    assert not (tmp_path / "out").exists()


def test_other_commands_read_what_a_run_reads(store: Any, call: Call, tmp_path: Path) -> None:
    story = "The ferry had been late all week, and on day {} it did not come at all, so the bakers closed at {}."
    rows = [
        row(
            text=f"Home\nLog in\n{story.format(i, i * i)}\nImprint",
            url=f"https://weir.example/{i}",
            gold=story.format(i, i * i),
        )
        for i in range(12)
    ]
    store.pipe({"/in/a/x.jsonl": b"".join(rows), "/in/.b/y.jsonl": b"{", "/in/z.txt": b"Share this article"})
    (tmp_path / "x.jsonl").write_bytes(b"".join(rows))
    for source in ("memory://in", f"file://{tmp_path}/x.jsonl"):
        assert call("learn", source, "-o", tmp_path / "far" / "r.toml").code == 0
        assert call("learn", tmp_path / "x.jsonl", "-o", tmp_path / "near" / "r.toml").code == 0
        assert (tmp_path / "far" / "r.toml").read_bytes() == (tmp_path / "near" / "r.toml").read_bytes()
    assert call("eval", "memory://in/a/x.jsonl").out == call("eval", tmp_path / "x.jsonl").out
    assert b"1 removal" in call("explain", "memory://in/z.txt", "--removed").out
    for command in (["learn", "memory://none", "-o", tmp_path / "r.toml"], ["eval", "memory://none"]):
        done = call(*command)
        assert done.code == 2 and "memory://none: no such file" in done.err.lower()
    for command in (
        ["learn", "memory://in", "-o", "memory://rules/"],
        ["learn", "memory://in", "--partial", "memory://a.part"],
        ["learn", "memory://in", "--report", "memory://a.html"],
        ["learn", "--merge", "memory://in/a.part", "-o", tmp_path / "r.toml"],
        ["rules", "new", "memory://a.toml"],
    ):
        done = call(*command)
        assert done.code == 2 and "this machine" in done.err, done


class Gone(Exception):
    """As a client library raises it, which knows nothing of OSError."""


@pytest.mark.parametrize(
    ("error", "reason"),
    [(Gone("connection lost"), "Gone: connection lost"), (TimeoutError(), "TimeoutError"), (OSError("lost"), "lost")],
)
def test_a_connection_that_breaks_costs_the_rest_of_one_file(
    store: Any, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    store.pipe({"/in/a.jsonl": row(text="a"), "/in/broken.jsonl": row(text="b") * 3, "/in/c.txt": b"c"})
    read = MemoryFile.read

    def broken(self: Any, size: int = -1) -> bytes:
        if "broken" in self.path and self.tell() > 0:
            raise error
        return bytes(read(self, len(row(text="b")) if "broken" in self.path else size))

    monkeypatch.setattr(MemoryFile, "read", broken)
    done = call("run", "memory://in", tmp_path / "out")
    assert done.code == 3 and f"/in/broken.jsonl:2: cannot be read: {reason}\n" in done.err, done
    assert (tmp_path / "out" / "broken.jsonl").read_bytes() == row(text="b")
    assert (tmp_path / "out" / "c.txt").read_bytes() == b"c"


@pytest.mark.usefixtures("small_steps")
def test_a_connection_that_breaks_while_a_large_file_is_cut(
    store: Any, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record from which on it is lost is named by its place in the file."""
    data = row(text="left" * 10) * 200
    store.pipe({"/in/large.jsonl": data})
    read = MemoryFile.read

    def broken(self: Any, size: int = -1) -> bytes:
        if self.tell() > 4_500:
            raise OSError("lost")
        return bytes(read(self, size))

    monkeypatch.setattr(MemoryFile, "read", broken)
    assert call("run", "memory://in", tmp_path / "out").code == 3
    kept = (tmp_path / "out" / "large.jsonl").read_bytes()
    ((place, code),) = [((each["record"], each["offset"]), each["code"]) for each in rejects(tmp_path / "out")]
    assert kept and data.startswith(kept) and code == "unreadable"
    assert place == (len(kept.splitlines()) + 1, len(kept))
