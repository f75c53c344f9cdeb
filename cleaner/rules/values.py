"""Values of a rule file, checked against the table of fields; every mistake becomes a problem with its line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, get_args

import regex

from cleaner.errors import Problem, did_you_mean
from cleaner.rules.fields import EXAMPLE, FORMS, LANG, MOST, NAME, NEAREST, NEIGHBOUR, TYPES, WORDING, ZONE, Field
from cleaner.rules.model import Example, Neighbour, Until, Wording, Zone
from cleaner.rules.patterns import misspelt
from cleaner.rules.positions import Positions
from cleaner.rules.wording import matcher, phrase_keys
from cleaner.text.fold import fold
from cleaner.text.invisible import printed

Values = Mapping[str, Any]
"""The keys of a table of TOML, and what they are set to."""

Faults = Mapping[tuple[str, bool, bool, bool], Sequence[str]]
"""A pattern, whether it sees folded lines, whether it may match every line, and whether it is a part of others -> what
is wrong with it."""

_LANG: Final = regex.compile(LANG)
_NAME: Final = regex.compile(NAME)

_NOT_N: Final = regex.compile(r"(?!\{n\})\{ ?\w ?\}")
"""What stands in a phrase where ``{n}`` is meant."""

PROSE: Final = (
    "The harbour froze in January and the ferries stopped for a week, the first time since the war, and the islands "
    "ran short of flour.",
    "Nobody could recall a colder night, and the old men said so with some pride to anyone who asked them on the quay.",
)
"""What ``{prose}`` stands for in the examples of a pack that has no prose of its own."""

PARAGRAPHS: Final = regex.compile(r"\{prose(?: ([1-9]\d?))?\}")
"""A line of an example that stands for paragraphs of an article."""
_LIKE_PROSE: Final = regex.compile(r"\{[^{}]*\bprose(?!\p{L})|\bprose(?!\p{L})[^{}]*\}", regex.IGNORECASE)

_ASKING: Final = ("alike", "rule", "starts_with_this", "this_starts_with", "names_this", "none")
"""Keys of a neighbour that ask for something without a wording, unless they are false."""

_PART: Final = regex.compile(r"\(\?&([^)\n]*)\)")
_PART_NAME: Final = regex.compile(r"[a-z][a-z0-9_]*")
_LONGEST: Final = 10_000
"""Most code points of a pattern with its parts spelt out: parts of parts could grow without end."""

_TOLD: Final = "x"
"""Stands for what cannot be spelt out: a pattern in which nothing more is found wrong."""


class _Unfit(Exception):
    """A value of the wrong type; the message says what it must be."""


def _is_number(value: Any) -> bool:
    """Whether it is a finite number that a float can hold, and no bool; TOML's whole numbers have no bound."""
    return type(value) in (int, float) and abs(value) <= sys.float_info.max


@dataclass(slots=True)
class Shared:
    """What rules of a pack, and of packs that extend it, can name: paragraphs of an article for ``{prose}``, and parts
    of patterns, spelt out."""

    prose: Sequence[str] = ()
    parts: dict[str, str] = field(default_factory=dict)

    def add(self, other: Shared) -> None:
        """Take over what the other pack shares."""
        self.prose = other.prose or self.prose
        self.parts |= other.parts


class TableReader:
    """Reads the tables of one rule file and gathers what is wrong with it."""

    def __init__(self, path: str, source: str, faults: Faults) -> None:
        self.path = path
        self.at = Positions(source)
        self._faults = faults
        self.problems: list[Problem] = []
        self.table, self.index, self.rule = "pack", 0, ""
        self.shared = Shared()
        self._written: dict[str, str] = {}  # pattern with its parts spelt out -> as it stands in the file
        self.learned = False
        """Whether no author wrote its phrases and examples: they are lines as they stand on pages."""

    def wrong(self, message: str, key: str = "") -> None:
        """Add a problem at a key of the table at hand, or at the table itself."""
        self.problems.append(Problem(self.path, self.at(self.table, self.index, key), self.rule, message))

    def fields(self, values: Any, fields: Mapping[str, Field], where: str = "", top: str = "") -> dict[str, Any]:
        """The entries of a table that are as they should be; the others are problems. ``where``: key of the table, if
        it stands in another; ``top``: key to point at."""
        if not isinstance(values, Mapping):
            raise _Unfit(f"{where} must be a table, with any of {', '.join(fields)}")
        good: dict[str, Any] = {}
        kind = values.get("kind")
        free = [name for name, spec in fields.items() if name not in values and (not spec.kinds or kind in spec.kinds)]
        for key, value in values.items():
            at, name = top or key, f"{where}.{key}" if where else key
            if (spec := fields.get(key)) is None:
                choice = f"; what can stand here: {', '.join(free) or 'nothing more'}"
                self.wrong(f"unknown key {name!r}" + (did_you_mean(key, free) or choice), at)
                continue
            try:
                built = self._built(spec.type, value, name, at)
            except _Unfit as error:
                self.wrong(str(error), at)
            else:
                if built is not None:
                    good[key] = built
        for key, spec in fields.items():
            if spec.required and key not in values:
                self.wrong(f"{where + '.' if where else ''}{key} is missing: {spec.doc}", top)
        return good

    def _built(self, type: str | tuple[str, ...], value: Any, name: str, at: str) -> Any:
        """What a value of this type, or one of these choices, is in a rule; None if nothing good is left of it."""
        if isinstance(type, str):
            return _TYPES[type](self, value, name, at)
        if value in type:
            return value
        raise _Unfit(f"{name} must be one of {', '.join(type)}; it is {value!r}")

    # --- one method for each type of value; each raises _Unfit, or names problems and returns what is left

    def _text(self, value: Any, name: str, at: str) -> str:
        if isinstance(value, str) and value.strip():
            return value
        raise _Unfit(f"{name} must be a non-empty text" + ("" if isinstance(value, str) else ", in quotation marks"))

    def _name(self, value: Any, name: str, at: str) -> str:
        if _NAME.fullmatch(text := self._text(value, name, at)):
            return text
        raise _Unfit(f"{name} {text!r} must be lower-case words joined by hyphens, e.g. newsletter-signup")

    def _texts(self, value: Any, name: str, at: str) -> tuple[str, ...]:
        if isinstance(value, list) and value and all(isinstance(x, str) and x.strip() for x in value):
            return tuple(value)
        raise _Unfit(f"{name} must be a list of non-empty texts: [ 'one', 'two' ]")

    def _langs(self, value: Any, name: str, at: str) -> tuple[str, ...]:
        for lang in (langs := self._texts(value, name, at)):
            if not _LANG.fullmatch(lang):
                raise _Unfit(f"{name}: {lang!r} is no code of a language: write one such as en or pt-BR")
        return langs

    def _flag(self, value: Any, name: str, at: str) -> bool:
        if isinstance(value, bool):
            return value
        raise _Unfit(f"{name} must be true or false")

    def _count(self, value: Any, name: str, at: str, most: int = MOST) -> int:
        if type(value) is int and 1 <= value <= most:
            return value
        raise _Unfit(f"{name} must be a whole number from 1 to {most:,}")

    def _reach(self, value: Any, name: str, at: str) -> int:
        return self._count(value, name, at, NEAREST)

    def _share(self, value: Any, name: str, at: str) -> float:
        if _is_number(value) and 0 < value <= 1:
            return float(value)
        raise _Unfit(f"{name} must be a share above 0 and up to 1, e.g. 0.3")

    def _number(self, value: Any, name: str, at: str) -> float:
        if _is_number(value):
            return float(value)
        raise _Unfit(f"{name} must be a number")

    def _extent(self, value: Any, name: str, at: str) -> int | float:
        if isinstance(value, float):
            return self._share(value, name, at)
        if type(value) is int and 1 <= value <= MOST:
            return value
        raise _Unfit(f"{name} must be a count of lines, e.g. 5, or a share of the text, e.g. 0.3")

    def _until(self, value: Any, name: str, at: str) -> tuple[str, ...]:
        choices = get_args(Until)
        if isinstance(value, list) and value and all(x in choices for x in value):
            return tuple(sorted(set(value)))
        raise _Unfit(f"{name} must be a list of any of {', '.join(choices)}")

    def _examples(self, value: Any, name: str, at: str) -> tuple[Example, ...]:
        if not isinstance(value, list):
            raise _Unfit(f"{name} must be a list of texts, or of tables with before and after")
        line = self.at(self.table, self.index, at)
        keep = name == "keep"
        built = []
        for item in value:
            if isinstance(item, str):
                text = self._example(item, name, at)
                built.append(Example(text, text if keep else "", line))
            elif not isinstance(item, Mapping):
                raise _Unfit(f"{name} must be a list of texts, or of tables with before and after")
            elif "before" in (good := self.fields(item, EXAMPLE, name, at)):
                if keep and good.get("after", good["before"]) != good["before"]:
                    self.wrong("keep.after differs from before: what is under keep stays whole, so leave after out", at)
                size = good["before"].count("\n") + 1
                for feature, column in good.get("markup", ()):
                    if len(column) != size:
                        message = f"{name}.markup.{feature} has {len(column)} numbers for {size} lines: one for each"
                        self.wrong(message, at)
                built.append(Example(**{"after": good["before"] if keep else "", **good}, line=line))
        return tuple(built)

    def _example(self, value: Any, name: str, at: str) -> str:
        """A text in which a line ``{prose}``, or ``{prose 8}``, stands for one paragraph of an article, or eight."""
        lines: list[str] = []
        prose, given = self.shared.prose or PROSE, 0
        for line in self._text(value, name, at).split("\n"):
            if match := PARAGRAPHS.fullmatch(line):
                lines += (prose[(given + k) % len(prose)] for k in range(int(match[1] or 1)))
                given += int(match[1] or 1)
            elif self.learned or not _LIKE_PROSE.search(line):
                lines.append(line)
            else:
                raise _Unfit(
                    f"{name}: write {{prose}}, or {{prose 8}} for eight paragraphs, alone on a line, not {line[:40]!r}"
                )
        return "\n".join(lines)

    def _left(self, value: Any, name: str, at: str) -> str:
        return "" if value == "" else self._example(value, name, at)

    def _wording(self, value: Any, name: str, at: str) -> Wording | None:
        if value == {}:
            raise _Unfit(f"{name} says nothing: give one of {', '.join(FORMS)}")
        return self.build_wording(self.fields(value, FORMS, name, at), at)

    def _zone(self, value: Any, name: str, at: str) -> Zone | None:
        if value == {}:
            raise _Unfit(f"{name} says nothing: give head, tail or body")
        good = self.fields(value, ZONE, name, at)
        if good.get("body", 0) >= 0.5:
            self.wrong(f"{name}.body leaves out half of the text or more at either end: no line can match", at)
        return Zone(**good) if good else None

    def _neighbour(self, value: Any, name: str, at: str) -> Neighbour:
        good = self.fields(value, NEIGHBOUR, name, at)
        wording = self.build_wording(good, at)
        rest = {k: v for k, v in good.items() if k not in WORDING}
        if wording is None and not any(rest.get(key) for key in _ASKING):
            raise _Unfit(f"{name} says nothing: give a wording, alike, a rule, starts_with_this or none")
        if wording is None and "unless" in good:
            raise _Unfit(f"{name}.unless narrows a wording, and there is none: give one of {', '.join(FORMS)}")
        if rest.get("none") and (wording is not None or rest.keys() - {"none", "between", "within"}):
            raise _Unfit(f"{name}: none says that the text ends there: only between and within can go with it")
        if "between" in rest and rest.get("within", 1) < 2:
            raise _Unfit(f"{name}: between speaks of the lines up to another one: give within, of 2 or more")
        return Neighbour(wording=wording, **rest)

    def _when(self, value: Any, name: str, at: str) -> tuple[tuple[str, float | None, float | None], ...]:
        if not isinstance(value, Mapping) or not value:
            raise _Unfit(f"{name} must be a table of features, e.g. {{ words = {{ max = 4 }} }}")
        from cleaner.text.features import FEATURES, MARKUP

        built = []
        for feature, bounds in value.items():
            if feature not in FEATURES and feature not in MARKUP:
                self.wrong(f"unknown feature {feature!r}" + did_you_mean(feature, [*FEATURES, *MARKUP]), at)
            limits = self.fields(
                bounds, {"min": Field("number", "least"), "max": Field("number", "greatest")}, f"{name}.{feature}", at
            )
            if bounds == {}:
                self.wrong(f"{name}.{feature} says nothing: give min, max or both", at)
            least, most = limits.get("min"), limits.get("max")
            if least is not None and most is not None and least > most:
                self.wrong(f"{name}.{feature}: min is greater than max: no line can match", at)
            built.append((feature, least, most))
        return tuple(built)

    def _markup(self, value: Any, name: str, at: str) -> tuple[tuple[str, tuple[float, ...]], ...]:
        from cleaner.text.features import MARKUP

        lists = isinstance(value, Mapping) and all(isinstance(column, list) for column in value.values())
        if not lists or not all(_is_number(each) for column in value.values() for each in column):
            raise _Unfit(f"{name} must be a table of lists of numbers, e.g. {{ in_nav = [0, 1, 1] }}")
        for feature in sorted(value.keys() - MARKUP.keys()):
            self.wrong(f"unknown feature of markup {feature!r}; there are {', '.join(MARKUP)}", at)
        return tuple((feature, tuple(map(float, column))) for feature, column in value.items())

    def _evidence(self, value: Any, name: str, at: str) -> Values:
        if isinstance(value, Mapping):
            return value
        raise _Unfit(f"{name} must be a table")

    def _patterns(self, value: Any, name: str, at: str) -> None:
        """Parts of patterns; each may use those above it."""
        if not isinstance(value, Mapping) or not all(isinstance(part, str) and part.strip() for part in value.values()):
            raise _Unfit(f"{name} must be a table of patterns by name, e.g. {{ day = '(?:mon|tues)day' }}")
        self.table = "pack.patterns"
        for part, pattern in value.items():
            if not _PART_NAME.fullmatch(part):
                self.wrong(f"{name}.{part}: name it in lower-case letters, digits and _, a letter first", part)
            spelt = self._spelt_out(pattern, part, value)
            for message in self._faults[spelt, False, True, True]:
                self.wrong(f"{name}.{part} {message}", part)
            self.shared.parts[part] = f"(?:{spelt})"
        self.table = "pack"

    # --- what is built of the values

    def spelt_out(self, values: Any, key: str = "") -> Any:
        """The values of a table, however deep, with the parts of all patterns spelt out."""
        if isinstance(values, Mapping):
            return {inner: self.spelt_out(value, inner) for inner, value in values.items()}
        if key == "regex" and isinstance(values, list):
            return [self._spelt_out(pattern, key) if isinstance(pattern, str) else pattern for pattern in values]
        return values

    def _spelt_out(self, pattern: str, at: str, among: Values = MappingProxyType({})) -> str:
        """The pattern with what its parts ``(?&name)`` stand for. ``among``: the parts beside it, if it is one."""
        if "(?&" not in pattern:
            return pattern
        for name in _PART.findall(pattern):
            if name in self.shared.parts:
                continue
            if name == at in among:
                self.wrong(f"(?&{name}) stands for the pattern that it is in: no pattern holds itself", at)
            elif name in among:
                self.wrong(f"(?&{name}) stands for a pattern below this one: move {name} up", at)
            else:
                known = did_you_mean(name, self.shared.parts) or ": say it under [pack.patterns]"
                self.wrong(f"(?&{name}) stands for no pattern of this pack or of one that it extends{known}", at)
        spelt = _PART.sub(lambda part: self.shared.parts.get(part[1], _TOLD), pattern)
        if len(spelt) > _LONGEST:
            self.wrong(f"{pattern[:60]!r} is longer than {_LONGEST:,} characters with its parts spelt out", at)
            return _TOLD
        self._written[spelt] = pattern
        return spelt

    def build_wording(self, good: Values, at: str = "") -> Wording | None:
        """The wording among the values of a table, or None if there is none. ``at``: the key of the condition that
        it belongs to; without, it is the rule's own, and must not match every line."""
        if not any(form in good for form in FORMS):
            return None
        exact: set[str] = set()
        numbered: set[str] = set()
        unless = None if self.problems else good.get("unless")  # with problems, it may not even compile
        for phrase in good.get("phrases", ()):
            key, has_number = phrase_keys(phrase)
            if fault := self._fault(phrase, key, unless):
                self.wrong(f"phrase {phrase!r} {fault}", at or "phrases")
            (numbered if has_number else exact).add(key)
        folded = {form: tuple(fold(printed(x)) for x in good.get(form, ())) for form in ("starts", "ends", "contains")}
        for form, literals in folded.items():
            for literal in literals:
                if not literal.strip():
                    self.wrong(f"{form} has a text of which nothing prints: name what a reader sees", at or form)
                if "\n" in literal:
                    self.wrong(f"{form}: {literal!r} holds a line break, and lines hold none: make it two", at or form)
                if "{n}" in literal:
                    message = "holds {n}, which stands for a number in phrases alone: write a regex"
                    self.wrong(f"{form}: {literal!r} {message}", at or form)
                if fault := misspelt(literal):
                    self.wrong(f"{form}: {literal!r} {fault}", at or form)
        case = good.get("case", False)
        for pattern in good.get("regex", ()):
            for message in self._faults[pattern, not case, bool(at), False]:
                self.wrong(f"regex '''{self._written.get(pattern, pattern)}''': {message}", at or "regex")
        return Wording(
            phrases=tuple(sorted(exact)),
            numbered=tuple(sorted(numbered)),
            **folded,
            regex=good.get("regex", ()),
            case=case,
            unless=good.get("unless"),
        )

    def _fault(self, phrase: str, key: str, unless: Wording | None) -> str:
        """What is wrong with a phrase, with its mend."""
        if not key:
            return "is nothing but punctuation: use regex for such a line"
        if "\n" in key:
            return "holds a line break, and lines hold none: make it two"
        if not self.learned and (odd := _NOT_N.search(phrase)):
            return f"holds {odd[0]}, which stands for nothing: write {{n}} for a number, or use regex for such a line"
        if not self.learned and (fault := misspelt(phrase)):
            return fault
        line = printed(phrase.replace("{n}", "7"))
        if unless and matcher(unless).excepts(line, fold(line)):
            return "is spared by unless: drop it, or let unless ask for more"
        return ""


_TYPES: Final[dict[str, Callable[[TableReader, Any, str, str], Any]]] = {
    name: getattr(TableReader, f"_{name}") for name in TYPES
}
