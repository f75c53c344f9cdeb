"""The cache between runs: it saves work, and nothing that is wrong with it shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Cleaner
from cleaner.cache import Hooks, cached, cached_items, digest
from cleaner.match.parts import EngineParts, parts_of
from cleaner.prebuilt import _built_from, write
from cleaner.rules.load import load_rules
from cleaner.rules.model import Rule, Wording
from cleaner.rules.ruleset import RuleSet


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a package that brings nothing."""
    monkeypatch.setenv("CLEANER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("cleaner.prebuilt._FOLDER", tmp_path / "made")
    return tmp_path / "cache"


def never() -> list[int]:
    raise AssertionError("made anew")


def test_a_value_is_made_once_for_each_kind_and_key(folder: Path) -> None:
    assert cached("numbers", "a", lambda: [1, 2]) == [1, 2]
    assert cached("numbers", "a", never) == [1, 2]
    assert cached("numbers", "b", lambda: [3]) == [3]
    assert cached("others", "a", lambda: [4]) == [4]
    assert len(list(folder.iterdir())) == 3


def test_what_is_remembered_grows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def square(number: int) -> int:
        made.append(number)
        return number * number

    assert cached_items("squares", [2, 3], square) == {2: 4, 3: 9}
    assert cached_items("squares", [3, 4], square) == {3: 9, 4: 16}
    assert cached_items("squares", [2, 4], square) == {2: 4, 4: 16}
    assert made == [2, 3, 4] and len(list(folder.iterdir())) == 1
    monkeypatch.setattr("cleaner.cache._REMEMBERED", 3)
    assert cached_items("squares", [5], square) == {5: 25}  # more than are kept: only these stay
    assert cached_items("squares", [2, 5], square) == {2: 4, 5: 25}
    assert made == [2, 3, 4, 5, 2]
    (entry,) = folder.iterdir()
    entry.write_bytes(b"damaged")
    assert cached_items("squares", [5], square) == {5: 25}
    monkeypatch.setenv("CLEANER_CACHE", "")
    assert cached_items("squares", [5], square) == {5: 25}
    assert made == [2, 3, 4, 5, 2, 5, 5]


def test_who_wants_to_know_is_told_before_a_value_is_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(Hooks, "making", told.append)
    assert cached("numbers", "a", lambda: [*told]) == ["numbers"]
    assert cached("numbers", "a", never) == ["numbers"]
    assert told == ["numbers"]


@pytest.mark.parametrize("damage", [b"", b"\0" * 32, b"short", b"\0" * 500])
def test_a_damaged_entry_is_made_anew(folder: Path, damage: bytes) -> None:
    cached("numbers", "a", lambda: [1])
    (entry,) = folder.iterdir()
    entry.write_bytes(damage)
    assert cached("numbers", "a", lambda: [2]) == [2]
    assert cached("numbers", "a", never) == [2]


def test_a_truncated_entry_is_made_anew(folder: Path) -> None:
    cached("numbers", "a", lambda: list(range(1000)))
    (entry,) = folder.iterdir()
    entry.write_bytes(entry.read_bytes()[:-7])
    assert cached("numbers", "a", lambda: [2]) == [2]


@given(st.lists(st.binary(max_size=40), max_size=5), st.text(max_size=5))
def test_arrays_come_back_as_they_were(arrays: list[bytes], text: str) -> None:
    value = (
        text,
        *(np.frombuffer(array, np.uint8).repeat(3) for array in arrays),
        np.arange(len(text), dtype=np.int64),
    )
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLEANER_CACHE", name)
        cached("arrays", "", lambda: value)
        text, *found = cached("arrays", "", never)
        assert text == value[0] and all(map(np.array_equal, found, value[1:])) and len(found) == len(value) - 1
        assert all(array.flags.aligned for array in found)
        (entry,) = Path(name).iterdir()
        entry.write_bytes(entry.read_bytes()[:-1] + bytes([entry.read_bytes()[-1] ^ 1]))
        assert cached("arrays", "", lambda: "anew") == "anew"


def test_no_place_to_write_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CLEANER_CACHE", str(tmp_path / "file" / "below"))
    assert cached("numbers", "a", lambda: [1]) == [1]
    assert cached("numbers", "a", lambda: [2]) == [2]


@pytest.mark.parametrize("named", ["below", ""])
def test_that_nothing_can_be_kept_is_told_once(tmp_path: Path, named: str) -> None:
    """Each start is slow then, and nobody would know why; an empty name says that somebody does."""
    (tmp_path / "file").write_text("in the way")
    place = named and str(tmp_path / "file" / named)
    code = (
        "from cleaner.cache import cached; from cleaner.cli import app;"
        "app.build = lambda *asked: lambda **how: [cached('numbers', key, list) for key in 'ab'] and 0; app.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "CLEANER_CACHE": place}, capture_output=True)
    said = f"cleaner: {tmp_path}/file/below cannot be written (Not a directory), so each start reads all rules anew: "
    mend = "point CLEANER_CACHE to a folder that can be; empty, it says that none is wanted\n"
    assert (done.returncode, done.stderr.decode()) == (0, said + mend if named else "")


def test_an_empty_name_switches_it_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLEANER_CACHE", "")
    assert cached("numbers", "a", lambda: [1]) == [1]
    assert cached("numbers", "a", lambda: [2]) == [2]
    assert not list(tmp_path.iterdir())


def test_a_user_without_a_home_has_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(user: int) -> None:
        raise KeyError(user)

    for name in ("CLEANER_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.chdir(tmp_path)
    assert cached("numbers", "a", lambda: [1]) == [1]
    assert cached("numbers", "a", lambda: [2]) == [2]
    assert list(tmp_path.iterdir()) == []


def _exhausted() -> None:
    raise MemoryError


class Large:
    """What can be made, and not be read back for want of memory."""

    def __reduce__(self) -> tuple[object, ...]:
        return _exhausted, ()


class Larger:
    """What cannot even be written."""

    def __reduce__(self) -> tuple[object, ...]:
        raise MemoryError


def test_want_of_memory(folder: Path) -> None:
    """What there is no memory to read is not made anew, which would take more; what there is none to write is there."""
    assert isinstance(cached("large", "", Large), Large)
    with pytest.raises(MemoryError):
        cached("large", "", never)
    assert isinstance(cached("larger", "", Larger), Larger)


def test_what_cannot_be_built_is_not_kept(folder: Path) -> None:
    with pytest.raises(AssertionError):
        cached("numbers", "a", never)
    assert not folder.exists()


def test_old_entries_make_way(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those not used for longest, whenever they were made; and no file of anybody else. Small ones make none go."""
    others = [folder / "my-notes.txt", folder / "numbers-7", folder / ".new-thing"]
    folder.mkdir(exist_ok=True)
    for other in others:
        other.write_text("mine" * 10_000)
        os.utime(other, (0, 0))
    (folder / ".cleaner-cut_short").write_bytes(b"x" * 9_000)
    cached("used", "", lambda: "u" * 20_000)
    monkeypatch.setattr("cleaner.cache._ROOM", 40_000)
    for i in range(30):
        cached("numbers", str(i), lambda i=i: [i])  # type: ignore[misc]
    assert len(list(folder.iterdir())) == 30 + 2 + len(others)
    for i in range(30):
        cached("texts", str(i), lambda i=i: str(i) * 1_000)  # type: ignore[misc]
        for age, entry in enumerate(sorted(folder.iterdir(), key=lambda entry: -entry.stat().st_mtime_ns), 1):
            os.utime(entry, (time.time() - age, time.time() - age))  # a clock may be coarse
        cached("used", "", never)
    left = {entry.name for entry in folder.iterdir()}
    assert {other.name for other in others} <= left and not any(name.startswith("numbers-0") for name in left)
    assert ".cleaner-cut_short" not in left
    sizes = [entry.stat().st_size for entry in folder.iterdir() if entry not in others]
    assert 37_000 < sum(sizes) <= 40_000
    for i in range(22, 30):
        cached("texts", str(i), never)
    monkeypatch.setattr("cleaner.cache._MOST", 3)
    cached("numbers", "", list)
    assert len(list(folder.iterdir())) == 3 + len(others)


def test_what_other_processes_do_with_old_entries_is_no_matter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They remove them, or they are theirs: the new entry is kept all the same, and nobody is told that it is not."""
    told: list[object] = []
    monkeypatch.setattr(Hooks, "unwritable", lambda *why: told.append(why))
    monkeypatch.setattr("cleaner.cache._ROOM", 1)
    cached("numbers", "a", lambda: [1])
    cached("numbers", "b", lambda: [2])
    (old,) = folder.iterdir()
    scandir, unlink = os.scandir, os.unlink

    def scanned(place: Path) -> list[os.DirEntry[str]]:
        found = [*scandir(place)]
        if place == folder and old.exists():
            unlink(old)
        return found

    def refused(path: object, **how: object) -> None:
        raise PermissionError(13, "Operation not permitted")

    monkeypatch.setattr("os.scandir", scanned)
    assert cached("numbers", "c", lambda: [3]) == cached("numbers", "c", never) == [3]
    monkeypatch.setattr("os.unlink", refused)
    assert cached("numbers", "d", lambda: [4]) == cached("numbers", "d", never) == [4]
    assert not told


def test_a_folder_that_can_only_be_read_serves(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached("numbers", "a", lambda: [1])

    def refuse(*args: object) -> None:
        raise PermissionError

    monkeypatch.setattr("os.utime", refuse)  # root may write everywhere
    assert cached("numbers", "a", never) == [1]


def test_digests_see_the_borders() -> None:
    assert digest([b"ab", b"c"]) != digest([b"a", b"bc"])
    assert digest([b"ab", b"c"]) == digest(iter([b"ab", b"c"]))


def test_edited_rule_files_are_read_again(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bundled ones by size and time, a user's by what they hold; by a process that has read them before as well."""
    source = '[pack]\nversion = "1.0.0"\ndescription = "A pack."\n'
    source += f"#{60_000 * 'x'}\n"  # smaller files are not kept
    source += '[[rule]]\nid = "one"\nkind = "line"\nreason = "One."\n'
    rules, below = tmp_path / "rules", tmp_path / "rules" / "en"
    below.mkdir(parents=True)
    pack = below / "pack.toml"
    monkeypatch.setattr("cleaner.rules.load.bundled_folder", lambda: rules)
    for paths, bundled in (((), True), ((pack,), False)):
        pack.write_text(source + 'phrases = ["follow us"]\nremove = ["Follow us"]\nkeep = ["Follow"]\n')
        assert load_rules(*paths, bundled=bundled).rules[0].wording.phrases == ("follow us",)  # type: ignore[union-attr]
        pack.write_text(source + 'phrases = ["follow"]\nremove = ["Follow"]\nkeep = ["Follow us"]\n')
        assert load_rules(*paths, bundled=bundled).rules[0].wording.phrases == ("follow",)  # type: ignore[union-attr]
    assert list(folder.glob("rules-*"))


def test_rules_that_are_edited_while_they_are_read_are_read_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = tmp_path / "pack.toml"
    source = f'[pack]\nversion = "1.0.0"\ndescription = "A pack."\n#{60_000 * "x"}\n'  # smaller files are not kept
    source += '[[rule]]\nid = "one"\nkind = "line"\nreason = "One."\n'
    before, after = (f'{source}phrases = ["{said}"]\n' for said in ("follow us", "follow"))

    def said() -> tuple[str, ...]:
        return load_rules(pack, bundled=False).rules[0].wording.phrases  # type: ignore[union-attr]

    pack.write_text(before)
    monkeypatch.setattr(Hooks, "making", lambda kind: pack.write_text(after))
    assert said() == ("follow",)
    monkeypatch.setattr(Hooks, "making", None)
    pack.write_text(before)
    assert said() == ("follow us",)


@pytest.mark.parametrize(
    "line",
    [
        'model = "m.json"',
        "'model' = '''m.json'''",
        'model = "m\\u002Ejson"',
        '"mod\\u0065l" = "m.json"',
        """model = "it's.json\"""",
        'extends = "base/s"',
    ],
)
def test_edited_models_are_read_again(folder: Path, tmp_path: Path, line: str) -> None:
    """However the rule file names them, or another one whose rule it extends, beside which the model then stands."""
    base, pack = tmp_path / "base.toml", tmp_path / "sites" / "pack.toml"
    pack.parent.mkdir()
    head = f'[pack]\nversion = "1.0.0"\ndescription = "A pack."\n#{60_000 * "x"}\n'  # smaller files are not kept
    shape = '[[rule]]\nid = "s"\nkind = "shape"\nreason = "One."\nthreshold = 0.5\n'
    base.write_text(head + shape + 'model = "m.json"\n')
    pack.write_text(head + shape + line + "\n")
    tree = {"splits": [["words", 3]], "leaves": [0, 1]}
    fitted = {"features": ["words"], "chars": 200, "floors": [], "trees": [tree]}
    inherited = line.startswith("extends")
    for bias in (1, 2):
        for name in ("m.json", "it's.json"):
            (pack.parent / name).write_text(json.dumps({**fitted, "bias": 0 if inherited else bias}))
        (tmp_path / "m.json").write_text(json.dumps({**fitted, "bias": bias if inherited else 0}))
        (shown,) = (rule.shape for rule in load_rules(base, pack, bundled=False).rules if rule.pack == "pack")
        assert shown and shown.model and json.loads(shown.model)["bias"] == bias
    assert len(list(folder.glob("rules-*"))) == 2


def test_what_the_package_brings_is_not_made_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as it was made from what is there, and is sound."""
    for kind in ("packs", "bundled", "checked", "forms", "conditions", "compiled"):
        cached_items(kind, ["a"], len)
    write(folder)
    assert len(list((tmp_path / "made").iterdir())) == 6
    for entry in folder.iterdir():
        entry.unlink()
    write(folder)  # a build of the same again makes nothing, and leaves what is there
    with monkeypatch.context() as patch, pytest.raises(ValueError):
        patch.setattr("cleaner.prebuilt.prebuilt_entry", lambda kind: None)
        write(folder)
    assert cached_items("forms", ["a"], lambda key: never()) == {"a": 1}
    assert cached("packs", "", never) == {"a": 1}
    assert cached_items("forms", ["a", "b"], len) == {"a": 1, "b": 1}
    assert cached("others", "", lambda: [7]) == [7]
    monkeypatch.setenv("CLEANER_CACHE", "")
    assert cached_items("forms", ["a"], lambda key: never()) == {"a": 1}
    with monkeypatch.context() as patch:
        patch.setattr("cleaner.prebuilt.bundled_folder", lambda: tmp_path)  # other rules
        _built_from.cache_clear()
        assert cached_items("forms", ["a"], lambda key: never()) == {"a": 1}
        assert cached("packs", "", lambda: [8]) == [8]
    _built_from.cache_clear()
    brought = tmp_path / "made" / "forms.zst"
    sound = brought.read_bytes()
    for damaged in (b"0" * 64 + sound[64:], sound[:-9], b""):
        brought.write_bytes(damaged)
        assert cached_items("forms", ["a"], lambda key: [key]) == {"a": ["a"]}


def test_what_is_kept_is_the_same_in_every_process() -> None:
    """A package built twice brings the same bytes."""
    code = (
        "import hashlib, pickle; from cleaner.match.parts import parts_of; from cleaner.rules.load import load_rules;"
        "made = parts_of(load_rules(profile='thorough', select=['nl']).rules);"
        "parts = (*made.selectors[0], made.automata, made.prechecks, made.repeats);"
        "print([hashlib.sha256(pickle.dumps(part)).hexdigest() for part in parts])"
    )
    said = [
        subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, stdout=subprocess.PIPE)
        for seed in ("1", "2")
    ]
    assert said[0].stdout == said[1].stdout != b""


def test_own_rules_do_not_have_the_bundled_ones_indexed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def told_of(cleaner: Cleaner) -> list[str]:
        told: list[str] = []
        monkeypatch.setattr(Hooks, "making", told.append)
        assert cleaner.clean("The ice bore.\n\nShare this\n\nzephyr\n").text == "The ice bore.\n\nzephyr\n"
        return [kind for kind in told if kind in ("bundled", "forms", "selector")]

    told_of(Cleaner())
    own = tmp_path / "own.toml"
    own.write_text(
        '[pack]\nversion = "1.0.0"\ndescription = "One rule."\n[[rule]]\nid = "note"\nkind = "line"\n'
        'reason = "A test."\nprofile = "careful"\nremove = ["Note"]\nkeep = ["Notes"]\n'
        f'phrases = ["Note {os.urandom(8).hex()}"]\n'
    )
    assert told_of(Cleaner(rules=[own])) == ["selector"]
    assert told_of(Cleaner("careful", rules=[own])) == ["selector"]
    assert told_of(Cleaner("careful", rules=[own])) == []


def test_rules_that_were_kept_beside_other_bundled_ones(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the package was upgraded, and a rule set of the old one comes back as a pickle."""

    def saying(*words: str) -> RuleSet:
        return RuleSet(tuple(Rule(f"t/p/{x}", "1", "line", "", wording=Wording(contains=(x,))) for x in words))

    def found(made: EngineParts) -> list[list[int]]:
        return [sorted({*first.rules.tolist()}) for first, _ in made.selectors]

    monkeypatch.setattr("cleaner.match.parts._MANY", 1)
    rules = saying("flour", "bread", "salt").rules
    monkeypatch.setattr("cleaner.rules.load.load_rules", lambda profile: saying("bread", "salt", "oil"))
    assert found(parts_of(rules, "old")) == [[0, 1, 2], [0]]  # 0 stands for the oil, too, but is never found by it
    for entry in folder.glob("bundled-*"):
        entry.unlink()
    monkeypatch.setattr("cleaner.rules.load.load_rules", lambda profile: saying("bread", "yeast", "oil"))
    assert found(parts_of(rules, "old")) == [[0, 1, 2]]
