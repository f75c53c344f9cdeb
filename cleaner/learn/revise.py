"""A rule file learned again: what is new, gone or changed, while a person's edits are kept."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import regex

from cleaner.errors import UsageError, reason_of
from cleaner.learn.packfile import stamp


@dataclass(frozen=True, slots=True)
class Diff:
    """Ids of rules by their fate."""

    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    """Written or edited by a person, or of a site that was not seen again, hence left as they are."""
    wordings: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = ()
    """For each changed rule: its id, wordings that are new, wordings that are gone."""

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.changed)

    def __str__(self) -> str:
        lines = [f"+ {id}" for id in self.new] + [f"- {id}" for id in self.gone]
        for id, more, less in self.wordings:
            lines += [f"~ {id}", *(f"    + {text}" for text in more), *(f"    - {text}" for text in less)]
        return "\n".join([*lines, *(f"= {id} (left as it is)" for id in self.kept)])


_TOLD: Final = ("evidence", "remove", "keep", "reason")
"""Keys of a rule that only tell about it."""


@dataclass(frozen=True, slots=True)
class _Block:
    """One table of a rule file, as it is written."""

    text: str
    table: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.table.get("id", ""))

    @property
    def sites(self) -> set[str]:
        """The hosts that it is for."""
        return {*self.table.get("site", ())}

    @property
    def by_hand(self) -> bool:
        """Whether a person has written or edited it."""
        evidence = self.table.get("evidence")
        return not isinstance(evidence, dict) or evidence.get("stamp") != stamp(self.text)

    @property
    def effect(self) -> str:
        """What decides which lines it takes, to be compared: the table without its evidence, reason and examples."""
        effective = {key: value for key, value in self.table.items() if key not in _TOLD}
        return json.dumps(effective, sort_keys=True)


def existing(path: Path) -> str:
    """The text of the rule file at a path, to be brought up to date; empty where there is none, or a device or pipe.

    Raises UsageError for a file that is no rule file, or not one of ours: a person's pack is no place for learned
    rules, which bring fewer examples.
    """
    if not (path.is_file() or path.is_dir()):
        return ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        head = tomllib.loads(text).get("pack")
    except OSError as error:
        raise UsageError(f"{path}: {reason_of(error)}") from None
    except ValueError as error:
        raise UsageError(f"{path}: is there already, and is no rule file: {error}") from None
    if text.strip() and not (isinstance(head, dict) and head.get("learned") is True):
        raise UsageError(
            f"{path}: was not written by `cleaner learn` (its head lacks learned = true): name another file"
        )
    return text


def revise(old: str, new: str) -> tuple[str, Diff]:
    """The old rule file brought up to the new one, and how they differ.

    Rules that a person has added or edited, even if only a comment (their stamp does not fit), stay as they are, and so
    do those of sites that the new file does not know. Of the head of the file, the description is brought up to date,
    and the version rises where a rule has changed. Raises UsageError if the old file is no TOML.
    """
    head, *olds = _blocks(old)
    new_head, *news = _blocks(new)
    before = {block.id: block for block in olds if block.id}
    sites = {site for block in news for site in block.sites}
    again = {block.id for block in news}
    kept = {
        block.id or f"#{i}": block
        for i, block in enumerate(olds)
        if not block.id or block.by_hand or (block.sites and not block.sites & sites and block.id not in again)
    }
    fresh = [block for block in news if block.id not in kept]
    ids = {block.id for block in fresh}
    changed = [block for block in fresh if block.id in before and before[block.id].effect != block.effect]
    diff = Diff(
        new=tuple(block.id for block in fresh if block.id not in before),
        gone=tuple(id for id in before if id not in ids and id not in kept),
        changed=tuple(block.id for block in changed),
        kept=tuple(id for id in kept if not id.startswith("#")),
        wordings=tuple((block.id, *_wordings(before[block.id].table, block.table)) for block in changed),
    )
    blocks = [kept.pop(block.id, block) for block in news]
    top = _raised(head.text, new_head.text, bool(diff))
    return "\n\n".join(block.strip("\n") for block in (top, *(b.text for b in (*blocks, *kept.values())))) + "\n", diff


def _blocks(text: str) -> Iterator[_Block]:
    """The head of a rule file, then its tables, each with the comments right above it."""
    lines = text.split("\n")
    starts = [0]
    for i, line in enumerate(lines):
        if regex.match(r"[ \t]*\[\[[ \t]*(rule|tune)[ \t]*\]\]", line):
            while i - 1 > starts[-1] and lines[i - 1].startswith("#"):
                i -= 1
            starts.append(i)
    for a, b in zip(starts, [*starts[1:], len(lines)], strict=True):
        source = "\n".join(lines[a:b])
        try:
            table = tomllib.loads(source)
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"the rule file that is there already is no TOML near its line {a + 1}: {error}") from None
        yield _Block(source, (table.get("rule") or [{}])[0])


def _wordings(old: dict[str, Any], new: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    was, now = ({text: 1 for form in ("phrases", "regex") for text in table.get(form, ())} for table in (old, new))
    return tuple(text for text in now if text not in was), tuple(text for text in was if text not in now)


def _raised(head: str, new_head: str, changed: bool) -> str:
    """The head with the new description and, if a rule has changed, the next version."""
    if description := regex.search(r"(?m)^description = .*$", new_head):
        head = regex.sub(r"(?m)^description = .*$", lambda _: description[0], head, count=1)
    if changed:
        head = regex.sub(r'(?m)^(version = "(?:\d+\.)*)(\d+)"', lambda m: f'{m[1]}{int(m[2]) + 1}"', head, count=1)
    return head
