"""The fields of a rule file: one table from which validation, the JSON Schema and the reference are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, get_args

from cleaner.options import PROFILES
from cleaner.rules.model import Kind, Until

KINDS: Final = get_args(Kind)

MOST: Final = 1_000_000_000
"""The greatest count that a rule can name; engines hold counts as 64-bit integers."""

NEAREST: Final = 50
"""The most lines that a condition on neighbours looks at: it is asked for each hit, so its cost is hits times lines."""


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a table: its type (a name of ``TYPES``, or a tuple of choices), what it means, and which kinds of
    rules have it (empty: all)."""

    type: str | tuple[str, ...]
    doc: str
    kinds: tuple[str, ...] = ()
    required: bool = False


LANG: Final = "^[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*$"
"""What a language is named by (BCP 47): no language has a code of four letters or more."""

NAME: Final = "^[a-z0-9]+(-[a-z0-9]+)*$"
"""What a rule is called within its pack."""

_TEXT: Final[dict[str, Any]] = {"type": "string", "minLength": 1}
_TEXTS: Final[dict[str, Any]] = {"type": "array", "items": _TEXT, "minItems": 1}
_COUNT: Final[dict[str, Any]] = {"type": "integer", "minimum": 1, "maximum": MOST}
_SHARE: Final[dict[str, Any]] = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}

TYPES: Final[dict[str, dict[str, Any]]] = {
    "text": _TEXT,
    "name": {"type": "string", "pattern": NAME},
    "texts": _TEXTS,
    "langs": {**_TEXTS, "items": {"type": "string", "pattern": LANG}},
    "flag": {"type": "boolean"},
    "count": _COUNT,
    "reach": {**_COUNT, "maximum": NEAREST},
    "share": _SHARE,
    "number": {"type": "number"},
    "extent": {"anyOf": [_COUNT, _SHARE]},
    "example": _TEXT,
    "left": {"type": "string"},
    "examples": {"type": "array", "items": {"anyOf": [_TEXT, {"$ref": "#/$defs/example"}]}},
    "until": {"type": "array", "items": {"enum": [*get_args(Until)]}, "minItems": 1},
    "wording": {"$ref": "#/$defs/wording"},
    "neighbour": {"$ref": "#/$defs/neighbour"},
    "zone": {"$ref": "#/$defs/zone"},
    "when": {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {
            "type": "object",
            "properties": {"min": {"type": "number"}, "max": {"type": "number"}},
            "additionalProperties": False,
            "minProperties": 1,
        },
    },
    "markup": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "number"}}},
    "evidence": {"type": "object"},
    "patterns": {"type": "object", "propertyNames": {"pattern": r"^[a-z][a-z0-9_]*$"}, "additionalProperties": _TEXT},
}

FORMS: Final[dict[str, Field]] = {
    "phrases": Field("texts", "the whole line, folded, without outer punctuation; {n} and numbers beside it are any"),
    "starts": Field("texts", "the line starts with it, behind bullets and quotes, at a word boundary"),
    "ends": Field("texts", "the line ends with it, before closing punctuation, at a word boundary"),
    "contains": Field("texts", "anywhere in the line, at word boundaries"),
    "regex": Field("texts", "patterns of the `regex` package, searched in the folded line"),
}
"""The keys that make a wording."""

WORDING: Final[dict[str, Field]] = {
    **FORMS,
    "case": Field("flag", "the patterns see the line as written, not folded"),
    "unless": Field("wording", "a wording; a line that matches it is left alone"),
}

PACK: Final[dict[str, Field]] = {
    "version": Field("text", "version of the pack, e.g. 1.0.0", required=True),
    "description": Field("text", "one sentence on what the pack removes", required=True),
    "name": Field("text", "name of the pack; by default its path below the rules folder, without .toml"),
    "lang": Field(
        "langs", "languages of the documents it is for; where none is told, of all texts not evidently in another"
    ),
    "extends": Field("texts", "names of packs loaded before, whose patterns and prose count here too"),
    "disable": Field("texts", "ids or globs of rules to switch off"),
    "prose": Field("texts", "paragraphs of an article, used in turn for each {prose} in an example"),
    "patterns": Field("patterns", "parts of patterns by name; (?&name) in a regex of the pack stands for one"),
    "learned": Field("flag", "the pack was written by `cleaner learn`: one remove example is enough"),
}

RULE: Final[dict[str, Field]] = {
    "id": Field("name", "stable name in lower case with hyphens; the full id is <pack name>/<id>", required=True),
    "kind": Field(KINDS, "what the rule takes out", required=True),
    "reason": Field("text", "one sentence: what it removes, and why that is chrome", required=True),
    "profile": Field(PROFILES, "the lowest profile that runs it; default balanced"),
    "action": Field(("remove", "mark"), "remove (the default), or only report"),
    "extends": Field("text", "id of a rule whose keys this one inherits; lists are appended to"),
    **WORDING,
    "zone": Field("zone", "where in the text the line must stand"),
    "min_words": Field("count", "fewest words (separated by blanks) in the line"),
    "max_words": Field("count", "most words (separated by blanks) in the line"),
    "min_chars": Field("count", "fewest code points in the line, outer blanks not counted"),
    "max_chars": Field("count", "most code points in the line, outer blanks not counted"),
    "alone": Field("flag", "above and below the line is a blank line or the end of the text"),
    "above": Field("neighbour", "what the nearest non-blank line above must be"),
    "below": Field("neighbour", "what the nearest non-blank line below must be"),
    "near": Field("neighbour", "what the nearest non-blank line above must be, or that below"),
    "title": Field(
        "wording", "a wording; the document's title matches it or, if none is known, the first line of its text"
    ),
    "site": Field("texts", "host suffixes of the document's URL; a leading ! excludes"),
    "lang": Field("langs", "languages of the documents, instead of the pack's"),
    "unfiltered": Field("flag", "allows a regex without a literal; needs zone, max_chars, max_words or site"),
    "until": Field("until", "kinds of line that end the section and stay", ("section",)),
    "stop": Field("wording", "a line that matches this also ends the section", ("section",)),
    "max_lines": Field("count", "most non-blank lines beside the head line", ("section",)),
    "max_share": Field("share", "a section that would take more of the text shrinks to its head line", ("section",)),
    "upward": Field("flag", "it reaches up from its head line; `end` is the start of the text", ("section",)),
    "of": Field(("title", "line"), "what is repeated: the title, or any earlier line", ("repeat",)),
    "match": Field(
        ("same", "ends", "prefix", "above"), "how; ends and above: of a title, prefix: of a line", ("repeat",)
    ),
    "drop": Field(("later", "earlier"), "which of two equal lines goes; a title stays where it is first", ("repeat",)),
    "within": Field("count", "greatest distance of the two, in non-blank lines; not for ends and prefix", ("repeat",)),
    "when": Field("when", "thresholds on named line features", ("shape",)),
    "run": Field("count", "fewest consecutive non-blank lines that fulfil it", ("shape",)),
    "model": Field("text", "file of a fitted model, beside the rule file that names it", ("shape",)),
    "threshold": Field("number", "lowest score of the model that counts", ("shape",)),
    "beside": Field("count", "fewest lines that rules of other kinds take, and one in a hundred of all", ("shape",)),
    "part": Field("flag", "protect only the part of the line that matches", ("keep",)),
    "remove": Field("examples", "texts that must go, or tables with before and after"),
    "keep": Field("examples", "look-alikes that must stay; a line {prose 8} stands for eight paragraphs"),
    "evidence": Field("evidence", "where a learned rule was seen"),
}

EXAMPLE: Final[dict[str, Field]] = {
    "before": Field("example", "the text as it comes in", required=True),
    "after": Field("left", "under `remove`: the text that is left; default: nothing"),
    "url": Field("text", "URL of the document"),
    "lang": Field("text", "language of the document"),
    "title": Field("text", "title of the document"),
    "markup": Field("markup", "what a page's markup says: for each feature, one number per line of the text"),
}

ZONE: Final[dict[str, Field]] = {
    "head": Field("extent", "first non-blank lines (integer), or share of the text (float)"),
    "tail": Field("extent", "last non-blank lines (integer), or share of the text (float)"),
    "body": Field("share", "not within this share of the text at either end"),
}

NEIGHBOUR: Final[dict[str, Field]] = {
    **{name: spec for name, spec in WORDING.items() if name != "case"},
    "alike": Field("flag", "the wording of this rule matches it too"),
    "rule": Field("text", "id of a rule that matches it"),
    "starts_with_this": Field("flag", "it starts with the text of this line"),
    "this_starts_with": Field("flag", "this line starts with its text"),
    "names_this": Field("flag", "it has each word of this line, of three letters or more, with whatever ending"),
    "between": Field("wording", "a wording; each line between the two matches it, and there is one at least"),
    "within": Field("reach", "how many non-blank lines are looked at; default 1"),
    "none": Field("flag", "there is no such line: the text ends here; with within = 5, at most four lines on"),
}

TUNE: Final[dict[str, Field]] = {
    "rules": Field("texts", "ids or globs of the rules to tune", required=True),
    "disable": Field("flag", "switch them off"),
    "profile": Field(PROFILES, "the lowest profile that runs them"),
    "action": Field(("remove", "mark"), "remove, or only report"),
    "unless": Field("wording", "a line that matches this is left alone"),
    "site": Field("texts", 'hosts to exclude, e.g. "!example.com"'),
}


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a rule file, for editors."""

    def table(fields: dict[str, Field]) -> dict[str, Any]:
        properties = {}
        for name, spec in fields.items():
            kind = {"enum": list(spec.type)} if isinstance(spec.type, tuple) else TYPES[spec.type]
            properties[name] = {**kind, "description": spec.doc}
        required = [name for name, spec in fields.items() if spec.required]
        schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
        return {**schema, "required": required} if required else schema

    kinds = [
        {"if": {"required": [name]}, "then": {"properties": {"kind": {"enum": [*spec.kinds]}}}}
        for name, spec in RULE.items()
        if spec.kinds
    ]  # not dependentSchemas, which validators of editors pass over
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cleaner rule file",
        "type": "object",
        "properties": {
            "pack": table(PACK),
            "rule": {"type": "array", "items": {**table(RULE), "allOf": kinds}},
            "tune": {"type": "array", "items": table(TUNE)},
        },
        "required": ["pack"],
        "additionalProperties": False,
        "$defs": {
            "wording": {**table(FORMS), "minProperties": 1},
            "neighbour": table(NEIGHBOUR),
            "zone": {**table(ZONE), "minProperties": 1},
            "example": table(EXAMPLE),
        },
    }


def reference() -> str:
    """All keys of a rule file as Markdown, one table for each place they can appear: the end of docs/rules.md."""
    places = {
        "`[pack]`": PACK, "`[[rule]]`": RULE, "`above`, `below` and `near`": NEIGHBOUR, "`zone`": ZONE,
        "An example as a table": EXAMPLE, "`[[tune]]`": TUNE,
    }  # fmt: skip
    lines = []
    for place, fields in places.items():
        lines += [f"### {place}", "", "| key | value | kinds | meaning |", "|---|---|---|---|"]
        for name, spec in fields.items():
            value = " ".join(f"`{each}`" for each in spec.type) if isinstance(spec.type, tuple) else spec.type
            wanted = " (required)" if spec.required else ""
            lines.append(f"| `{name}` | {value} | {', '.join(spec.kinds)} | {spec.doc}{wanted} |")
        lines.append("")
    return "\n".join(lines)
