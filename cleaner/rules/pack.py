"""From rule files to packs: read, validated with all problems reported at once, built.

A problem names file, line and rule, what is wrong, and how to fix it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from cleaner.errors import Problem, did_you_mean, reason_of
from cleaner.origin import can_be_named, host_of, in_ascii, is_host, language_of
from cleaner.rules import toml
from cleaner.rules.fields import FORMS, MOST, PACK, RULE, TUNE
from cleaner.rules.model import Example, Pack, Repeat, Rule, Section, Shape, Tune
from cleaner.rules.values import Faults, Shared, TableReader, Values
from cleaner.text.fold import fold, line_key
from cleaner.text.invisible import printed


def _sites(reader: TableReader, values: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Host suffixes to include, and to except."""
    sites: tuple[list[str], list[str]] = ([], [])
    for value in values:
        host = in_ascii(value.lower().removeprefix("!").lstrip("."))
        if not can_be_named(host):  # not `is_host`: URLs of dumps name odd ones too
            meant = host_of(host.lstrip("*."))
            mend = (
                f"write {value[: value.startswith('!')] + meant!r}" if is_host(meant) else "write one as news.example"
            )
            reader.wrong(f"site {value!r} is no host, so no document is from it: {mend}", "site")
        sites[value.startswith("!")].append(host)
    return tuple(sites[0]), tuple(sites[1])


def _merge(base: Values, values: Values) -> dict[str, Any]:
    """A rule's table on top of that of the rule it extends: lists are added, the rest is replaced."""
    merged = {key: value for key, value in base.items() if key not in ("id", "remove", "keep", "extends")}
    for key, value in values.items():
        old = merged.get(key)
        merged[key] = [*old, *value] if isinstance(old, list) and isinstance(value, list) else value
    return merged


_TOP: Final = ("pack", "rule", "tune")
"""Tables of a rule file."""


class PackReader:
    """Reads rule files one after the other; later files may extend packs and rules of earlier ones."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._tables: dict[str, Values] = {}  # full id -> table as written, for `extends`
        self._models: dict[str, str] = {}  # full id -> the model's content, which is found beside the rule's own file
        self._shared: dict[str, Shared] = {}  # by name of pack

    def read(self, path: Path, name: str, faults: Faults) -> Pack | None:
        """The pack in the file, or None; what is wrong with it is added to ``problems``."""
        source_and_data = toml.read(path)
        if isinstance(source_and_data, Problem):
            self.problems.append(source_and_data)
            return None
        source, data = source_and_data
        reader = TableReader(str(path), source, faults)
        pack = self._build(reader, data, path, name)
        self.problems += reader.problems
        return pack

    def _build(self, reader: TableReader, data: Values, path: Path, name: str) -> Pack:
        for key in [key for key in data if key not in _TOP]:
            reader.table, reader.index = (key, 0) if reader.at.has(key) else ("", -1)
            if key in PACK or key in RULE:
                where = "[pack]" if key in PACK else "[[rule]]"
                reader.wrong(f"{key} stands in a table: write {where} in a line above it", key)
            else:
                reader.wrong(f"unknown table {key!r}" + did_you_mean(key, _TOP), key)
        head = self._read_head(reader, data)
        name = head.get("name", name)
        self._shared[name] = reader.shared
        rules: list[Rule] = []
        lines: dict[str, int] = {}
        examples: dict[str, dict[str, tuple[Example, ...]]] = {"remove": {}, "keep": {}}
        for index, table in enumerate(_tables(reader, data, "rule")):
            reader.table, reader.index, reader.rule = "rule", index, str(table.get("id", f"rule {index + 1}"))
            table, model = self._extended(reader, _in_full(reader.spelt_out(table), name), name)
            good = reader.fields(table, RULE)
            rule = _build_rule(reader, table, good, head, name, path, model)
            if rule is None:
                continue
            if rule.shape and rule.shape.model:
                self._models[rule.id] = rule.shape.model
            if rule.id in lines:
                reader.wrong(f"the id is used at line {lines[rule.id]} too: give each rule its own", "id")
            self._tables[rule.id] = table
            lines[rule.id] = reader.at("rule", index)
            rules.append(rule)
            for side, by_rule in examples.items():
                by_rule[rule.id] = good.get(side, ())
        return Pack(
            path=str(path),
            name=name,
            version=head.get("version", ""),
            rules=tuple(rules),
            lines=lines,
            remove=examples["remove"],
            keep=examples["keep"],
            tunes=tuple(_tunes(reader, data)),
            disable=head.get("disable", ()),
            disable_at=reader.at("pack", 0, "disable"),
            learned=reader.learned,
        )

    def _read_head(self, reader: TableReader, data: Values) -> Values:
        """The good values of ``[pack]``; the reader learns what they say of the rules below."""
        reader.table, reader.index = "pack", 0
        head: Values = {}
        if isinstance(table := data.get("pack"), Mapping):
            self._inherit(reader, table)
            head = reader.fields(table, PACK)
        elif "pack" in data:
            reader.wrong("write [pack] with one bracket, once, and its keys below")
        else:
            reader.wrong("there is no table [pack]: write one, with version and description, at the beginning")
        name = head.get("name", "-")
        if not (name.isprintable() and all(name.split("/"))):
            reader.wrong(f"name {name!r} must be words with single slashes between them, e.g. sites/weir", "name")
        reader.shared.prose = head.get("prose", reader.shared.prose)
        reader.learned = head.get("learned", False)
        return head

    def _extended(self, reader: TableReader, table: Values, pack: str) -> tuple[Values, str | None]:
        """A rule's table, completed by that of the rule it extends; and the content of a model that it inherits."""
        if not isinstance(base := table.get("extends"), str):
            return table, None
        full = base if "/" in base else f"{pack}/{base}"
        if full not in self._tables:
            mend = did_you_mean(full, self._tables) or "; `cleaner rules list` names all"
            reader.wrong(f"extends {base!r}: no such rule stands above, or in a pack before{mend}", "extends")
        model = None if "model" in table else self._models.get(full)
        return _merge(self._tables.get(full, {}), table), model

    def _inherit(self, reader: TableReader, head: Values) -> None:
        """Give the pack what those that it extends share."""
        bases = head.get("extends")
        for base in bases if isinstance(bases, list) else ():
            if not isinstance(base, str):
                continue
            if base in self._shared:
                reader.shared.add(self._shared[base])
            else:
                order = ": --rules come in their order, the files of a folder in that of their names"
                mend = did_you_mean(base, self._shared) or order
                reader.wrong(f"extends {base!r}, which is no pack loaded before this one{mend}", "extends")


def _tables(reader: TableReader, data: Values, key: str) -> list[Values]:
    """The tables of an array of tables; anything else is a problem."""
    value = data.get(key, [])
    if isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
        return value
    reader.table, reader.index, reader.rule = key, 0, ""
    reader.wrong(f"write [[{key}]] with two brackets: there can be many")
    return []


def _tunes(reader: TableReader, data: Values) -> Iterator[Tune]:
    for index, table in enumerate(_tables(reader, data, "tune")):
        reader.table, reader.index, reader.rule = "tune", index, ""
        good = reader.fields(reader.spelt_out(table), TUNE)
        sites, not_sites = _sites(reader, good.pop("site", ()))
        if sites:
            reader.wrong('site can only exclude hosts here: write "!host"', "site")
        if table.keys() == {"rules"}:
            reader.wrong(f"tune says nothing: give one of {', '.join([*TUNE][1:])}")
        if good.get("disable") and (others := table.keys() - {"rules", "disable"}):
            reader.wrong(f"rules that are switched off have no {min(others)}: leave one of the two out", "disable")
        if "rules" in good:
            yield Tune(**good, not_sites=not_sites, line=reader.at("tune", index))


def _in_full(table: Values, pack: str) -> Values:
    """A rule's table with the full ids of the rules that it asks for: rules of other packs may inherit them."""
    full = dict(table)
    for key in ("above", "below", "near"):
        match table.get(key, {}):
            case {"rule": str(asked)} as near if asked.strip() and "/" not in asked:
                full[key] = {**near, "rule": f"{pack}/{asked}"}
    return full


def _build_rule(
    reader: TableReader, table: Values, good: Values, head: Values, pack: str, path: Path, model: str | None
) -> Rule | None:
    """The rule of a table's good values, or None if it cannot be built. ``table`` tells what is missing: what is there
    but faulty is a problem already. ``model``: the content of a model that the rule inherits."""
    name, kind = good.get("id", ""), good.get("kind")
    if not name or kind is None:
        return None
    for key in good:
        if RULE[key].kinds and kind not in RULE[key].kinds:
            reader.wrong(f"{key} has no meaning for kind {kind!r}, only for {', '.join(RULE[key].kinds)}", key)
    wording = reader.build_wording(good)
    sites, not_sites = _sites(reader, good.get("site", ()))
    shape = None
    if kind == "shape":
        shape = _build_shape(reader, table, good, path, model)
    elif kind != "repeat" and not any(form in table for form in FORMS):
        reader.wrong(f"no wording: a {kind} rule needs one of {', '.join(FORMS)}")
    made = {
        "id": f"{pack}/{name}",
        "version": head.get("version", ""),
        "reason": good.get("reason", ""),
        "wording": wording,
        "sites": sites,
        "not_sites": not_sites,
        "lang": tuple(sorted({language_of(tag) for tag in good.get("lang") or head.get("lang") or ()})),
        "section": Section(**_fields_of(Section, good)) if kind == "section" else None,
        "repeat": Repeat(**_fields_of(Repeat, good)) if kind == "repeat" else None,
        "shape": shape,
    }
    rule = Rule(**{**_fields_of(Rule, good), **made})
    _check_together(reader, rule, table, good)
    _check_lengths(reader, good)
    return rule


def _fields_of(made: type[Rule | Section | Repeat | Shape], good: Values) -> dict[str, Any]:
    """The good values that are fields of what is made."""
    return {field.name: good[field.name] for field in fields(made) if field.name in good}


def _check_together(reader: TableReader, rule: Rule, table: Values, good: Values) -> None:
    """Name what is wrong with values of a rule that are good each by itself, or with what is missing in its table."""
    worded = any(form in table for form in FORMS)
    if not worded and any(near.alike for near in rule.neighbours):
        reader.wrong(f"alike compares with a wording, and there is none: give one of {', '.join(FORMS)}")
    if good.get("case") and "regex" not in good:
        reader.wrong("case = true is for regex alone: all else is compared without regard to case", "case")
    if "unless" in good and not worded:
        reader.wrong(f"unless narrows a wording, and there is none: give one of {', '.join(FORMS)}", "unless")
    if rule.repeat and _MATCH_OF.get(rule.repeat.match, rule.repeat.of) != rule.repeat.of:
        needed = _MATCH_OF[rule.repeat.match]
        reader.wrong(f"match = {rule.repeat.match!r} has no meaning without of = {needed!r}", "match")
    if rule.repeat and rule.repeat.drop == "earlier" and rule.repeat.of == "title":
        reader.wrong("drop = 'earlier' has no meaning for of = 'title': where the title stands first, it stays", "drop")
    if rule.repeat and rule.repeat.within and rule.repeat.match in ("ends", "prefix"):
        reader.wrong(f"within has no meaning for match = {rule.repeat.match!r}", "within")
    if rule.section and not ("until" in table or "max_lines" in table):
        reader.wrong("a section needs an end: until, max_lines, or both")


def _check_lengths(reader: TableReader, good: Values) -> None:
    """Name bounds of a line's length that no line can meet, or not with a phrase of the rule."""
    for unit, measure in _UNITS.items():
        least, most = good.get(f"min_{unit}", 0), good.get(f"max_{unit}", MOST)
        if least > most:
            reader.wrong(f"min_{unit} is greater than max_{unit}: no line can match", f"min_{unit}")
        for phrase in good.get("phrases", ()):
            line = fold(printed(phrase.replace("{n}", "7")))
            size, bare = measure(line), measure(line_key(line))
            if bare > most:
                reader.wrong(f"phrase {phrase!r} has {bare} {unit}, more than max_{unit}: no line can match", "phrases")
            elif size < least and "{n}" not in phrase:  # a number can be longer than the one that was measured
                message = f"phrase {phrase!r} has {size} {unit}, fewer than min_{unit}: no line that says it can match"
                reader.wrong(message, "phrases")


_UNITS: Final[dict[str, Callable[[str], int]]] = {
    "words": lambda line: len(line.split()),
    "chars": lambda line: len(line.strip()),
}
"""How long a folded line is, as `clean.conditions` measures it."""


_MATCH_OF: Final = {"ends": "title", "above": "title", "prefix": "line"}
"""Ways in which only one of the two can be repeated."""


def _build_shape(reader: TableReader, table: Values, good: Values, path: Path, model: str | None) -> Shape | None:
    if "threshold" in good and "model" not in good:
        reader.wrong("threshold is a model's score: without a model give bounds in when", "threshold")
    if ("when" in table) == ("model" in table):
        reader.wrong("a shape rule needs `when` or `model`, and not both")
        return None
    if "model" in good and model is None:
        from cleaner.text.model import load_model  # NumPy is loaded where it is used

        try:
            model = (path.parent / good["model"]).read_text(encoding="utf-8")
            load_model(model)
        except OSError as error:
            reader.wrong(f"model {good['model']}: cannot be read: {reason_of(error)}", "model")
            return None
        except ValueError as error:
            reader.wrong(f"model {good['model']}: {error}: write it with benchmarks/fit_shapes.py", "model")
            return None
    return Shape(**{**_fields_of(Shape, good), "model": model})
