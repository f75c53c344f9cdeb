"""`cleaner rules`: list, show, check and write rules."""

from __future__ import annotations

import errno
import json
import os
import shlex
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Final

import typer

from cleaner.cli.choices import (
    Ignore,
    ProfileOption,
    RulesOption,
    Select,
    check_language,
    check_local_file,
    named_profile,
    nonempty,
)
from cleaner.cli.quick import QuickCommand, QuickGroup
from cleaner.cli.say import counted, escaped_text, say
from cleaner.errors import Problem, RuleError, TargetError, UsageError, reason_of
from cleaner.origin import is_host, site_of

_LISTED: Final = ("id", "kind", "profile", "action", "version", "reason")
"""What ``rules list --json`` says of a rule."""


def register(app: typer.Typer) -> None:
    """Add the commands `rules list`, `show`, `check`, `format`, `new` and `schema`."""
    group = typer.Typer(cls=QuickGroup, no_args_is_help=True, help="List, show, check and write rules.")
    group.command("list", cls=QuickCommand, epilog="Example: cleaner rules list --select en/share")(list_rules)
    group.command(cls=QuickCommand, epilog="Example: cleaner rules show en/share/share-label")(show)
    group.command(cls=QuickCommand, epilog="Example: cleaner rules check my-rules/")(check)
    group.command("format", cls=QuickCommand, epilog="Example: cleaner rules format my-rules/")(lay_out)
    group.command(cls=QuickCommand, epilog="Example: cleaner rules new my-rules/example.toml")(new)
    group.command(cls=QuickCommand, epilog="Example: cleaner rules schema > rules.schema.json")(schema)
    app.add_typer(group, name="rules")


def list_rules(
    profile: ProfileOption = "thorough",
    rules: RulesOption = None,
    select: Select = None,
    ignore: Ignore = None,
    lang: Annotated[str | None, typer.Option(help="Only rules for documents in this language.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
) -> None:
    """List the rules that would run."""
    from cleaner.rules.load import load_rules

    check_language(lang)
    within = named_profile(profile)
    ruleset = load_rules(*rules or (), profile=within, select=select or (), ignore=ignore or ())
    active = [ruleset.rules[i] for i in ruleset.active(lang=lang)] if lang else ruleset.rules
    chosen = [rule for rule in active if rule.action != "silent"]
    for rule in sorted(chosen, key=lambda rule: rule.id):
        if as_json:
            print(json.dumps({name: getattr(rule, name) for name in _LISTED}))
        else:
            mark = ", mark" if rule.action == "mark" else ""
            print(escaped_text(f"{rule.id}  [{rule.kind}, {rule.profile}{mark}]  {rule.reason}"))
    if not as_json:
        say(counted(len(chosen), "rule"))


def show(
    name: Annotated[str, typer.Argument(help="Full id of a rule.", metavar="ID")],
    rules: RulesOption = None,
) -> None:
    """Show one rule as it is in its file: reason, wording, conditions, examples, and the comments right above it."""
    from cleaner.rules.build import meant
    from cleaner.rules.load import load_packs

    packs = load_packs(rules or ())
    for pack in reversed(packs):  # the last one is the one that runs
        if name in pack.lines:
            source = Path(pack.path).read_text(encoding="utf-8").split("\n")
            first = pack.lines[name]
            tables = sorted([*pack.lines.values(), *(tune.line for tune in pack.tunes), len(source) + 1])
            begin, end = (_above(source, line) for line in (first, tables[tables.index(first) + 1]))
            print(f"# {pack.path}:{first}, version {pack.version}")
            print(escaped_text("\n".join(source[begin - 1 : end - 1]).strip()))
            return
    ids = {id for pack in packs for id in pack.lines}

    def those(names: str, count: int = 0) -> str:
        return f"`cleaner rules list --select {shlex.quote(names)}` lists those"

    holds = any(f"/{name}/" in f"/{id}" or fnmatchcase(id, name) for id in ids)
    mend = f"; {those(name)} that it holds" if holds else meant(name, ids, ids, those)
    raise UsageError(f"no rule is called {name!r}{mend}")


def _above(source: Sequence[str], line: int) -> int:
    """The line, from 1, at which the comments begin that stand right above a table; its own where none do."""
    while line > 1 and source[line - 2].startswith("#"):
        line -= 1
    return line


def check(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Rule files or folders; by default the bundled packs.", metavar="PATH", callback=nonempty),
    ] = None,
) -> None:
    """Check rule files: do they load, do their examples hold, are the rules safe and fast?"""
    from cleaner.check.rulecheck import check_packs, unproven
    from cleaner.rules.load import load_packs, pack_files

    packs = load_packs(paths or ())
    wanted = {str(file) for path in paths or () for file, _ in pack_files(Path(path))}
    chosen = list({pack.path: pack for pack in packs if not paths or pack.path in wanted}.values())
    problems = check_packs(chosen, packs)
    if problems:
        raise RuleError(tuple(problems))
    notes = [*unproven(chosen)]
    if len(chosen) == 1:
        for note in notes:
            say(f"note: {note}")
    elif notes:
        patterns = counted(len(notes), "pattern")
        say(f"note: no example has a line for {patterns}: `cleaner rules check FILE` names those of a file")
    examples = sum(len(x) for pack in chosen for side in (pack.remove, pack.keep) for x in side.values())
    rules = counted(sum(len(pack.rules) for pack in chosen), "rule")
    print(f"all holds: {rules} in {counted(len(chosen), 'pack')}, {counted(examples, 'example')}")


def lay_out(
    paths: Annotated[list[str], typer.Argument(help="Rule files or folders.", metavar="PATH", callback=nonempty)],
    only_check: Annotated[bool, typer.Option("--check", help="Change nothing; fail if a file would change.")] = False,
) -> None:
    """Lay rule files out alike, in place. What they say stays as it is, comments too. Files that `learn` wrote are left
    alone, so that it can tell what a person changed."""
    from cleaner.io.outputs import write_atomically
    from cleaner.rules import toml
    from cleaner.rules.layout import laid_out
    from cleaner.rules.load import pack_files

    problems: list[Problem] = []
    changed: dict[Path, str] = {}
    files = {file for path in paths for file, _ in pack_files(Path(path))}
    for file in sorted(files):
        found = toml.read(file)
        if isinstance(found, Problem):
            problems.append(found)
            continue
        source, data = found
        pack = data.get("pack")
        if not (isinstance(pack, dict) and pack.get("learned")) and (new := laid_out(source)) != source:
            changed[file] = new
    if only_check:
        mend = "is laid out otherwise: cleaner rules format"
        problems += (Problem(str(file), 0, "", f"{mend} {shlex.quote(str(file))}") for file in changed)
    if problems:
        raise RuleError(tuple(problems))
    for file, new in changed.items():
        write_atomically(str(file), new.encode())
    print(f"{counted(len(changed), 'file')} changed, {len(files) - len(changed)} left as they are")


def new(
    path: Annotated[
        str, typer.Argument(help="The file to write; it must not exist.", metavar="FILE", callback=nonempty)
    ],
    site: Annotated[
        str | None, typer.Option(help="Host that the rules are for, or a URL on it.", metavar="HOST")
    ] = None,
) -> None:
    """Write a small rule file to start from."""
    from cleaner.io.outputs import write_atomically

    check_local_file("FILE", path)
    if not os.path.basename(path):
        raise UsageError(f"{path} is a folder: name a file in it, such as {path}mine.toml")
    host = ""
    if site is not None:
        if not is_host(name := site_of(site)):
            raise UsageError(f"--site: {site!r} names no host, such as news.example")
        host = f'site = ["{name}"]\n'
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
    except FileExistsError as error:  # it, or a file where it needs a folder
        raise UsageError(f"{error.filename} exists already: name another file") from None
    except OSError as error:
        raise TargetError(f"cannot write {path}: {reason_of(error)}") from None
    write_atomically(path, _TEMPLATE.replace("@SITE@", host).encode())
    print(f"wrote {path}; change it, then: cleaner rules check {shlex.quote(path)}")


_TEMPLATE: Final = '''\
[pack]
version = "0.1.0"
description = "What these rules remove, in one sentence."

[[rule]]
id = "club-invitation"
kind = "line"
reason = "Invites the reader to the site's club; it says nothing about the story."
@SITE@phrases = ["Join the Example Club", "Members read more"]
starts = ["become a member of the example club"]
max_words = 20
remove = [
    "Join the Example Club!",
    { before = """The vote was close.

Become a member of the Example Club today""", after = "The vote was close." },
]
keep = [
    "She told friends to join the Example Club before the season began.",
    "To become a member of the Example Club, her father had waited eleven years.",
]
'''


def schema() -> None:
    """Print the JSON Schema of rule files, for editors."""
    from cleaner.rules.fields import json_schema

    print(json.dumps(json_schema(), indent=2))
