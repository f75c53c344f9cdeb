"""Rule files to values: read, validated with every problem at once, built.

A problem names file, line, rule, what is wrong and the mend. `tomllib` gives no positions, so a small scan of the
source finds the line of each table and key.
"""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import regex

from cleaner.errors import Problem, RuleError
from cleaner.rules.fields import EXAMPLE, NEIGHBOUR, PACK, RULE, TUNE, WORDING, ZONE, Field
from cleaner.rules.model import (
    MAX_SHARE,
    Example,
    Neighbour,
    Pack,
    Repeat,
    Rule,
    Section,
    Shape,
    Tune,
    Wording,
    Zone,
)
from cleaner.rules.patterns import check_pattern
from cleaner.rules.wording import phrase_keys
from cleaner.text.fold import fold

Table = Mapping[str, Any]

_ID: Final = regex.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FORMS: Final = ("phrases", "starts", "ends", "contains", "regex")


class Positions:
    """Lines (from 1) of the tables of a rule file, and of the keys in them, by a scan of its source."""

    def __init__(self, source: str) -> None:
        self._tables: dict[str, list[int]] = {}
        self._keys: dict[tuple[str, int, str], int] = {}
        table, quote = "", ""
        for number, line in enumerate(source.split("\n"), 1):
            if not quote:
                if head := regex.match(r"\s*\[\[?\s*([\w.-]+)\s*\]\]?", line):
                    table = head[1]
                    self._tables.setdefault(table, []).append(number)
                elif key := regex.match(r"""\s*["']?([\w-]+)["']?\s*=""", line):
                    self._keys.setdefault((table, len(self._tables.get(table, ())) - 1, key[1]), number)
            for mark in regex.findall(r"'''|\"\"\"", line):
                quote = "" if quote == mark else quote or mark

    def __call__(self, table: str, index: int, key: str = "") -> int:
        """Line of a key in the table with that name and number (from 0), or of the table itself."""
        heads = self._tables.get(table, [])
        head = heads[index] if index < len(heads) else 1
        return self._keys.get((table, index, key), head)


class _Reader:
    """Reads one rule file and gathers what is wrong with it."""

    def __init__(self, path: str, source: str) -> None:
        self.path = path
        self.at = Positions(source)
        self.problems: list[Problem] = []
        self.table, self.index, self.rule = "pack", 0, ""

    def wrong(self, message: str, key: str = "") -> None:
        self.problems.append(Problem(self.path, self.at(self.table, self.index, key), self.rule, message))

    def fields(self, values: Any, fields: Mapping[str, Field], where: str = "", top: str = "") -> dict[str, Any]:
        """The entries of a table that are as they should be; the others are problems. ``top``: key to point at."""
        if not isinstance(values, Mapping):
            self.wrong(f"{where or 'this'} must be a table", top)
            return {}
        good: dict[str, Any] = {}
        for key, value in values.items():
            at, name = top or key, f"{where}.{key}" if where else key
            if (spec := fields.get(key)) is None:
                close = difflib.get_close_matches(key, fields, 1)
                mend = f"did you mean {close[0]!r}?" if close else f"known here: {', '.join(fields)}"
                self.wrong(f"unknown key {name!r}; {mend}", at)
            elif isinstance(spec.type, tuple):
                if value in spec.type:
                    good[key] = value
                else:
                    self.wrong(f"{name} must be one of {', '.join(spec.type)}; it is {value!r}", at)
            elif (built := _TYPES[spec.type](self, value, name, at)) is not None:
                good[key] = built
        for key, spec in fields.items():
            if spec.required and key not in values:
                self.wrong(f"{where + '.' if where else ''}{key} is missing: {spec.doc}", top)
        return good

    # --- one method for each type of value; each returns None after naming a problem

    def text(self, value: Any, name: str, at: str) -> str | None:
        if isinstance(value, str) and value.strip():
            return value
        return self.wrong(f"{name} must be a text that is not empty", at)

    def texts(self, value: Any, name: str, at: str) -> tuple[str, ...] | None:
        if isinstance(value, list) and value and all(isinstance(x, str) and x.strip() for x in value):
            return tuple(value)
        return self.wrong(f"{name} must be a list of texts, none of them empty: [ 'one', 'two' ]", at)

    def flag(self, value: Any, name: str, at: str) -> bool | None:
        return value if isinstance(value, bool) else self.wrong(f"{name} must be true or false", at)

    def count(self, value: Any, name: str, at: str) -> int | None:
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return value
        return self.wrong(f"{name} must be a whole number of at least 1", at)

    def share(self, value: Any, name: str, at: str) -> float | None:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= 1:
            return float(value)
        return self.wrong(f"{name} must be a share above 0 and up to 1, e.g. 0.3", at)

    def number(self, value: Any, name: str, at: str) -> float | None:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        return self.wrong(f"{name} must be a number", at)

    def extent(self, value: Any, name: str, at: str) -> int | float | None:
        return self.share(value, name, at) if isinstance(value, float) else self.count(value, name, at)

    def until(self, value: Any, name: str, at: str) -> frozenset[str] | None:
        choices = ("prose", "blank", "heading", "end")
        if isinstance(value, list) and value and all(x in choices for x in value):
            return frozenset(value)
        return self.wrong(f"{name} must be a list of any of {', '.join(choices)}", at)

    def examples(self, value: Any, name: str, at: str) -> tuple[Example, ...] | None:
        if not isinstance(value, list):
            return self.wrong(f"{name} must be a list of texts, or of tables with before and after", at)
        line = self.at(self.table, self.index, at)
        keep = name == "keep"
        built = []
        for item in value:
            if isinstance(item, str) and item.strip():
                built.append(Example(item, item if keep else "", line))
            elif good := self.fields(item, EXAMPLE, name, at):
                if "before" in good:
                    built.append(Example(**{"after": good["before"] if keep else "", **good}, line=line))
        return tuple(built)

    def wording(self, value: Any, name: str, at: str) -> Wording | None:
        good = self.fields(value, {k: v for k, v in WORDING.items() if k not in ("case", "unless")}, name, at)
        return self.build_wording(good, at)

    def zone(self, value: Any, name: str, at: str) -> Zone | None:
        good = self.fields(value, ZONE, name, at)
        return Zone(**good) if good else None

    def neighbour(self, value: Any, name: str, at: str) -> Neighbour | None:
        good = self.fields(value, NEIGHBOUR, name, at)
        wording = self.build_wording(good, at)
        rest = {k: v for k, v in good.items() if k not in WORDING}
        if wording is None and not rest.keys() & {"rule", "starts_with_this", "this_starts_with", "none"}:
            return self.wrong(f"{name} says nothing: give a wording, a rule, starts_with_this or none", at)
        return Neighbour(wording=wording, **rest)

    def when(self, value: Any, name: str, at: str) -> tuple[tuple[str, float | None, float | None], ...] | None:
        if not isinstance(value, Mapping) or not value:
            return self.wrong(f"{name} must be a table of features, e.g. {{ words = {{ max = 4 }} }}", at)
        from cleaner.text.features import FEATURES

        built = []
        for feature, bounds in value.items():
            if feature not in FEATURES:
                close = difflib.get_close_matches(feature, FEATURES, 1)
                self.wrong(f"unknown feature {feature!r}" + (f"; did you mean {close[0]!r}?" if close else ""), at)
            limits = self.fields(
                bounds, {"min": Field("number", "least"), "max": Field("number", "greatest")}, f"{name}.{feature}", at
            )
            built.append((feature, limits.get("min"), limits.get("max")))
        return tuple(built)

    def evidence(self, value: Any, name: str, at: str) -> Table | None:
        return value if isinstance(value, Mapping) else self.wrong(f"{name} must be a table", at)

    # --- what is built of the values

    def build_wording(self, good: Table, at: str = "") -> Wording | None:
        """The wording among the values of a table, or None if there is none."""
        if not any(form in good for form in _FORMS):
            return None
        exact, numbered = set(), set()
        for phrase in good.get("phrases", ()):
            key, has_number = phrase_keys(phrase)
            if not key:
                self.wrong(f"phrase {phrase!r} is nothing but punctuation: use regex for such a line", at or "phrases")
            (numbered if has_number else exact).add(key)
        folded = {form: tuple(fold(x) for x in good.get(form, ())) for form in ("starts", "ends", "contains")}
        case = good.get("case", False)
        for pattern in good.get("regex", ()):
            for message in check_pattern(pattern, folded=not case):
                self.wrong(f"regex '''{pattern}''': {message}", at or "regex")
        return Wording(
            phrases=frozenset(exact),
            numbered=frozenset(numbered),
            **folded,
            regex=good.get("regex", ()),
            case=case,
            unless=good.get("unless"),
        )


_TYPES: Final[dict[str, Callable[[_Reader, Any, str, str], Any]]] = {
    name: getattr(_Reader, name)
    for name in (
        "text texts flag count share number extent until examples wording zone neighbour when evidence".split()
    )
}


def _sites(values: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Host suffixes to include, and to except."""
    lower = [value.lower().lstrip(".") for value in values]
    return (
        tuple(host for host in lower if not host.startswith("!")),
        tuple(host[1:].lstrip(".") for host in lower if host.startswith("!")),
    )


def _merge(base: Table, values: Table) -> dict[str, Any]:
    """A rule's table on top of that of the rule it extends: lists are added, the rest is replaced."""
    merged = {key: value for key, value in base.items() if key not in ("id", "remove", "keep", "extends")}
    for key, value in values.items():
        old = merged.get(key)
        merged[key] = [*old, *value] if isinstance(old, list) and isinstance(value, list) else value
    return merged


class PackReader:
    """Reads rule files one after the other; later files may extend rules of earlier ones."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._tables: dict[str, Table] = {}  # full id -> table as written, for `extends`

    def read(self, path: Path, name: str) -> Pack | None:
        """The pack in the file, or None; what is wrong with it is added to ``problems``."""
        shown = str(path)
        try:
            source = path.read_bytes().decode("utf-8")
            data = tomllib.loads(source)
        except OSError as error:
            self.problems.append(Problem(shown, 0, "", f"cannot be read: {error.strerror}"))
            return None
        except UnicodeDecodeError as error:
            self.problems.append(Problem(shown, 1, "", f"is no UTF-8 at byte {error.start}: save it as UTF-8"))
            return None
        except tomllib.TOMLDecodeError as error:
            line = regex.search(r"line (\d+)", str(error))
            self.problems.append(Problem(shown, int(line[1]) if line else 1, "", f"is no TOML: {error}"))
            return None
        reader = _Reader(shown, source)
        pack = self._build(reader, data, path, name)
        self.problems += reader.problems
        return pack

    def _build(self, reader: _Reader, data: Table, path: Path, name: str) -> Pack:
        for key in data:
            if key not in ("pack", "rule", "tune"):
                close = difflib.get_close_matches(key, ("pack", "rule", "tune"), 1)
                reader.wrong(f"unknown table {key!r}" + (f"; did you mean {close[0]!r}?" if close else ""))
        head = reader.fields(data.get("pack", {}), PACK)
        name = head.get("name", name)
        rules: list[Rule] = []
        lines: dict[str, int] = {}
        examples: dict[str, dict[str, tuple[Example, ...]]] = {"remove": {}, "keep": {}}
        for index, table in enumerate(_tables(reader, data, "rule")):
            reader.table, reader.index, reader.rule = "rule", index, str(table.get("id", f"rule {index + 1}"))
            if base := table.get("extends"):
                full = base if "/" in str(base) else f"{name}/{base}"
                if full not in self._tables:
                    reader.wrong(f"extends {base!r}, which no pack read before this one has", "extends")
                table = _merge(self._tables.get(full, {}), table)
            good = reader.fields(table, RULE)
            rule = _build_rule(reader, good, head, name, path)
            if rule is None:
                continue
            if rule.id in lines:
                reader.wrong(f"the id stands at line {lines[rule.id]} too: give each rule its own", "id")
            self._tables[rule.id] = table
            lines[rule.id] = reader.at("rule", index)
            rules.append(rule)
            for side, by_rule in examples.items():
                by_rule[rule.id] = good.get(side, ())
        tunes = []
        for index, table in enumerate(_tables(reader, data, "tune")):
            reader.table, reader.index, reader.rule = "tune", index, ""
            good = reader.fields(table, TUNE)
            sites, not_sites = _sites(good.pop("site", ()))
            if sites:
                reader.wrong('site can only except hosts here: write "!host"', "site")
            if "rules" in good:
                tunes.append(Tune(**good, not_sites=not_sites, line=reader.at("tune", index)))
        return Pack(
            path=str(path),
            name=name,
            version=head.get("version", ""),
            description=head.get("description", ""),
            rules=tuple(rules),
            lines=lines,
            remove=examples["remove"],
            keep=examples["keep"],
            tunes=tuple(tunes),
            extends=head.get("extends", ()),
            disable=head.get("disable", ()),
            learned=head.get("learned", False),
        )


def _tables(reader: _Reader, data: Table, key: str) -> list[Table]:
    """The tables of an array of tables; anything else is a problem."""
    value = data.get(key, [])
    if isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
        return value
    reader.wrong(f"write [[{key}]] with two brackets: there can be many")
    return []


def _build_rule(reader: _Reader, good: dict[str, Any], head: Table, pack: str, path: Path) -> Rule | None:
    """The rule of a table's good values, or None if it cannot be built."""
    name, kind = good.get("id", ""), good.get("kind")
    if name and not _ID.fullmatch(name):
        reader.wrong(f"id {name!r} must be lower-case words joined by hyphens, e.g. newsletter-signup", "id")
        return None
    if not name or kind is None:
        return None
    for key in good:
        if RULE[key].kinds and kind not in RULE[key].kinds:
            reader.wrong(f"{key} has no meaning for kind {kind!r}, only for {', '.join(RULE[key].kinds)}", key)
    wording = reader.build_wording(good)
    sites, not_sites = _sites(good.get("site", ()))
    shape = None
    if kind == "shape":
        shape = _build_shape(reader, good, path)
    elif wording is None and kind != "repeat":
        reader.wrong(f"no wording: a {kind} rule needs one of {', '.join(_FORMS)}")
    rule = Rule(
        id=f"{pack}/{name}",
        version=head.get("version", ""),
        kind=kind,
        reason=good.get("reason", ""),
        wording=wording,
        sites=sites,
        not_sites=not_sites,
        lang=frozenset(tag.lower().split("-")[0] for tag in good.get("lang", head.get("lang", ()))),
        section=Section(
            until=good.get("until", frozenset()),
            stop=good.get("stop"),
            max_lines=good.get("max_lines"),
            max_share=good.get("max_share", MAX_SHARE),
        )
        if kind == "section"
        else None,
        repeat=Repeat(**{key: good[key] for key in ("of", "match", "drop", "within") if key in good})
        if kind == "repeat"
        else None,
        shape=shape,
        **{key: _local(good[key], pack) for key in _PLAIN if key in good},
    )
    if rule.section and not (rule.section.until or rule.section.max_lines):
        reader.wrong("a section needs an end: until, max_lines, or both")
    for least, greatest in (("min_words", "max_words"), ("min_chars", "max_chars")):
        if good.get(least, 0) > good.get(greatest, math.inf):
            reader.wrong(f"{least} is greater than {greatest}: no line can match", least)
    return rule


_PLAIN: Final = (
    "profile action zone min_words max_words min_chars max_chars alone above below unfiltered part".split()
)
"""Fields that a rule takes as they are."""


def _local(value: Any, pack: str) -> Any:
    """A neighbour with its rule's id made full."""
    if isinstance(value, Neighbour) and value.rule and "/" not in value.rule:
        return Neighbour(
            value.wording, f"{pack}/{value.rule}", value.starts_with_this, value.this_starts_with, value.within, value.none
        )
    return value


def _build_shape(reader: _Reader, good: Table, path: Path) -> Shape | None:
    if ("when" in good) == ("model" in good):
        reader.wrong("a shape rule needs `when` or `model`, and not both")
        return None
    model = None
    if "model" in good:
        try:
            model = (path.parent / good["model"]).read_text(encoding="utf-8")
        except OSError as error:
            reader.wrong(f"model {good['model']}: cannot be read: {error.strerror}", "model")
            return None
    return Shape(when=good.get("when", ()), run=good.get("run", 1), model=model, threshold=good.get("threshold", 0.0))


def raise_if(problems: list[Problem]) -> None:
    """Raise every problem at once, if there is any."""
    if problems:
        raise RuleError(tuple(problems))
