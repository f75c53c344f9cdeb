"""From packs to a rule set: later packs replace, disable and tune earlier ones; the profile and names choose."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final

from cleaner.errors import Problem, RuleError, UsageError, check_choice, did_you_mean
from cleaner.options import PROFILES, Profile
from cleaner.rules.model import Pack, Rule, Tune, Wording
from cleaner.rules.ruleset import RuleSet

__all__ = ["build_ruleset", "raise_if"]


def build_ruleset(
    packs: Sequence[Pack],
    *,
    profile: Profile = "balanced",
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> RuleSet:
    """The rules of the packs that run under a profile: later packs replace, disable and tune earlier ones.

    ``select`` and ``ignore`` take rule ids, packs, folders, categories and globs, as linters do; a selected rule runs
    under any profile. A rule that does not run, for whatever reason, still answers those that ask for its hits: what
    they take does not change with it.

    Raises UsageError for a profile or a name that means nothing and where none of the selected rules is left, RuleError
    for a tune or a neighbour condition that names no rule.
    """
    check_choice("profile", profile, PROFILES)
    rules: dict[str, Rule] = {rule.id: rule for pack in packs for rule in pack.rules}
    for name in (*select, *ignore):
        if not _named(rules, name):
            raise UsageError(f"no rule is named {name!r}" + _meant(name, rules.values()))
    problems: list[Problem] = []
    off = _switched_off(packs, rules, problems)
    where = {rule.id: (pack.path, pack.lines[rule.id]) for pack in packs for rule in pack.rules}
    _check_references(rules, where, problems)
    ordered = _ordered(tuple(rules.values()), where, problems)
    raise_if(problems)
    off.update(id for name in ignore for id in _named(rules, name))
    if select:
        chosen = {id for name in select for id in _named(rules, name)}
    else:
        rank = PROFILES.index(profile)
        chosen = {rule.id for rule in ordered if PROFILES.index(rule.profile) <= rank or rule.kind == "keep"}
    running = {rule.id: rule for rule in ordered if rule.id in chosen - off}
    if select and not running:  # as if nothing were chrome
        raise UsageError("all rules that select names are switched off, by ignore or by a pack that disables them")
    return RuleSet(_with_asked(ordered, running))


def _named(rules: Mapping[str, Rule], name: str) -> list[str]:
    """The ids of the rules that a name refers to."""
    return [id for id, rule in rules.items() if _is_named(rule, name)]


def _switched_off(packs: Iterable[Pack], rules: dict[str, Rule], problems: list[Problem]) -> set[str]:
    """The ids of the rules that packs disable. Those that packs tune are replaced in ``rules``."""
    off: set[str] = set()
    for pack in packs:
        for name in pack.disable:
            named = _named(rules, name)
            if not named and not pack.learned:  # learned rules go as their sites change, and their head stays
                message = f"disable names {name!r}: no such rule" + _meant(name, rules.values())
                problems.append(Problem(pack.path, pack.disable_at, "", message))
            off.update(named)
        for tune in pack.tunes:
            tuned: set[str] = set()
            for name in tune.rules:
                tuned.update(named := _named(rules, name))
                if not named:
                    message = f"tune names {name}: no such rule" + _meant(name, rules.values())
                    problems.append(Problem(pack.path, tune.line, "", message))
            if tune.disable:
                off |= tuned
                continue
            for id in (id for id in rules if id in tuned):
                if tune.unless and rules[id].wording is None:
                    message = "unless narrows a wording, and this rule has none: write a keep rule for such lines"
                    problems.append(Problem(pack.path, tune.line, id, message))
                rules[id] = _tuned(rules[id], tune)
    return off


def _check_references(rules: Mapping[str, Rule], where: Mapping[str, tuple[str, int]], problems: list[Problem]) -> None:
    """Add a problem for each neighbour condition that asks for hits which cannot be had."""
    for rule in rules.values():
        for id in rule.asks_for:
            if id not in rules:
                others = rules.keys() - {rule.id}
                mend = did_you_mean(id, others) or did_you_mean(id.rpartition("/")[2], others)
                mend = mend or ": write the full id of one that `cleaner rules list` names"
                message = f"asks for hits of {id!r} (rule = …), and no rule is called so{mend}"
                problems.append(Problem(*where[rule.id], rule.id, message))
            elif rules[id].shape is not None and rule.shape is None:
                message = f"asks for hits of {id!r}, a shape rule, and those are found last: name another rule"
                problems.append(Problem(*where[rule.id], rule.id, message))


def _with_asked(ordered: tuple[Rule, ...], running: dict[str, Rule]) -> tuple[Rule, ...]:
    """The running rules and, silent, those whose hits they ask for."""
    asked: set[str] = set()
    for rule in reversed(ordered):  # a rule stands behind those it asks for
        if rule.id in running or rule.id in asked:
            asked.update(rule.asks_for)
    return tuple(
        running.get(rule.id) or replace(rule, action="silent")
        for rule in ordered
        if rule.id in running or rule.id in asked
    )


def raise_if(problems: list[Problem]) -> None:
    """Raise every problem at once, if there is any."""
    if problems:
        raise RuleError(tuple(problems))


def _is_named(rule: Rule, name: str) -> bool:
    """Whether a name (id, pack, folder, category or glob) refers to the rule."""
    return (
        name in (rule.id, rule.pack, rule.category)
        or rule.id.startswith(name.rstrip("/") + "/")
        or fnmatchcase(rule.id, name)
    )


def _meant(name: str, rules: Iterable[Rule]) -> str:
    """What to write instead of a name that refers to none of the rules."""
    if "," in name:
        return "; give each name by itself"
    rules = tuple(rules)
    known = {part for rule in rules for part in (rule.id, rule.pack, f"{rule.pack}/*", rule.category)}
    return meant(name, [rule.id for rule in rules], known, lambda glob, count: f"{glob!r} names the {count:,}")


def meant(name: str, ids: Collection[str], known: Iterable[str], those: Callable[[str, int], str]) -> str:
    """The end of a message about a name that is none: what may be meant, of these ids and other ``known`` names.
    ``those`` tells of a glob, and how many ids it fits, how to get at them."""
    last, within = f"*/{name}", f"*{name}*"
    if (count := sum(fnmatchcase(id, last) for id in ids)) > 1:  # one in each language, none of which is likelier
        return f"; {those(last, count)} whose ids end so"
    if mend := did_you_mean(name, known):
        return mend
    if len(name) > 2 and (count := sum(fnmatchcase(id, within) for id in ids)):
        return f"; {those(within, count)} that have it in their ids"
    return "; `cleaner rules list` names all"


def _and_not(wording: Wording, unless: Wording) -> Wording:
    """The wording with one more exception."""
    old = wording.unless
    if old is None:
        return replace(wording, unless=unless)
    joined = Wording(
        phrases=tuple(sorted({*old.phrases, *unless.phrases})),
        numbered=tuple(sorted({*old.numbered, *unless.numbered})),
        starts=old.starts + unless.starts,
        ends=old.ends + unless.ends,
        contains=old.contains + unless.contains,
        regex=old.regex + unless.regex,
    )
    return replace(wording, unless=joined)


def _tuned(rule: Rule, tune: Tune) -> Rule:
    wording = rule.wording
    if tune.unless and wording:
        wording = _and_not(wording, tune.unless)
    return replace(
        rule,
        profile=tune.profile or rule.profile,
        action=tune.action or rule.action,
        wording=wording,
        not_sites=rule.not_sites + tune.not_sites,
    )


_LONGEST: Final = 100
"""Most rules in a row that ask for one another's hits."""


def _ordered(rules: Sequence[Rule], where: Mapping[str, tuple[str, int]], problems: list[Problem]) -> tuple[Rule, ...]:
    """The rules by id, but each behind those whose hits its neighbour conditions ask for. ``where``: file and line of
    each."""
    by_id = {rule.id: rule for rule in rules}
    done: dict[str, Rule] = {}
    open_ids: list[str] = []

    def visit(rule: Rule) -> None:
        if rule.id in done:
            return
        if rule.id in open_ids:
            circle = " -> ".join([*open_ids[open_ids.index(rule.id) :], rule.id])
            message = f"depends on its own hits: {circle}: let one of them ask for a wording instead"
            problems.append(Problem(*where[rule.id], rule.id, message))
            return
        if len(open_ids) >= _LONGEST:
            message = f"is asked for through more than {_LONGEST} rules in a row"
            problems.append(Problem(*where[rule.id], rule.id, message))
            return
        open_ids.append(rule.id)
        for asked in rule.asks_for:
            if asked in by_id:
                visit(by_id[asked])
        open_ids.pop()
        done[rule.id] = rule

    for name in sorted(by_id):
        visit(by_id[name])
    return tuple(done.values())
