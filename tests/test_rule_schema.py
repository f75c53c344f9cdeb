"""The JSON Schema of rule files, and the bundled packs as files."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import jsonschema
import pytest
from conftest import EVERY_KIND, ROOT

from cleaner.rules.fields import FORMS, json_schema
from cleaner.rules.wording import phrase_keys

RULE = """
[pack]
version = "1.0.0"
description = "Test."
[[rule]]
id = "r"
kind = "line"
reason = "Test."
"""


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    """What rule files are held to; made once, as it takes longer than to hold a file to it."""
    jsonschema.Draft202012Validator.check_schema(json_schema())
    return jsonschema.Draft202012Validator(json_schema())


def pack_paths() -> list[Path]:
    return sorted(ROOT.joinpath("rules").rglob("*.toml"))


@pytest.mark.parametrize("path", pack_paths(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_bundled_packs_fit_the_schema(path: Path, schema: jsonschema.Draft202012Validator) -> None:
    """And no rule says the same twice: case, kinds of quotes, and outer punctuation make no other phrase."""
    pack = tomllib.loads(path.read_text(encoding="utf-8"))
    schema.validate(pack)
    for rule in pack.get("rule", ()):
        for form in FORMS:
            said = Counter(phrase_keys(text) if form == "phrases" else text for text in rule.get(form, ()))
            assert [text for text, times in said.items() if times > 1] == [], f"{rule['id']}: {form}"


def test_every_part_of_patterns_is_used() -> None:
    """In its own pack, or in one that extends it."""
    folder = ROOT / "rules"
    sources = {path.relative_to(folder).with_suffix("").as_posix(): path.read_text("utf-8") for path in pack_paths()}
    heads = {name: tomllib.loads(source)["pack"] for name, source in sources.items()}
    for name, head in heads.items():
        users = [name, *(other for other, of in heads.items() if name in of.get("extends", ()))]
        unused = [part for part in head.get("patterns", ()) if not any(f"(?&{part})" in sources[u] for u in users)]
        assert unused == [], name


def test_schema_refuses_what_the_loader_refuses(schema: jsonschema.Draft202012Validator) -> None:
    schema.validate(tomllib.loads(EVERY_KIND.read_text(encoding="utf-8")))
    for source in ('phrase = ["x"]', 'phrases = ["x"]\nunless = {}', 'phrases = ["x"]\nuntil = ["prose"]'):
        with pytest.raises(jsonschema.ValidationError):
            schema.validate(tomllib.loads(RULE + source))
    with pytest.raises(jsonschema.ValidationError):
        schema.validate(tomllib.loads(RULE.replace('"r"', '"R x"') + 'phrases = ["x"]'))
