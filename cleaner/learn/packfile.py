"""Proposed rules as a rule file, written so that a person can read it, and so that equal rules give equal bytes."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from cleaner.learn.proposal import Evidence, Proposal, SitePack, period
from cleaner.rules.values import PARAGRAPHS

if TYPE_CHECKING:
    from cleaner.rules.ruleset import RuleSet


_LONGEST: Final = 200
"""Bytes of a site that are taken for the name of a file, which can have 255."""

OWN: Final = "Here stands the text of the article, and it stays."


def render(packs: Sequence[SitePack], name: str) -> str:
    """The rule file of one or more sites. ``name``: name of the pack, the first part of its rules' ids."""
    documents = sum(pack.documents for pack in packs)
    sites = ", ".join(pack.site for pack in packs)
    lines = [
        "[pack]",
        f"name = {quoted(name)}",
        'version = "1.0.0"',
        f"description = {quoted(f'What repeats on the pages of {sites}, learned from {documents} documents.')}",
        "learned = true",
    ]
    slugs = Counter(_slug_site(pack.site) for pack in packs)
    for pack in packs:
        slug = _slug_site(pack.site)
        if slugs[slug] > 1:  # my.site.example and my-site.example
            slug += "-" + hashlib.blake2b(pack.site.encode(), digest_size=4).hexdigest()
        for rule in pack.rules:
            lines += ["", *_rule_lines(rule, pack, f"{slug}-{rule.id}" if len(packs) > 1 else rule.id)]
    return "\n".join(lines) + "\n"


def _rule_lines(rule: Proposal, pack: SitePack, id: str) -> list[str]:
    """The lines of one rule's table."""
    body = [f"id = {quoted(id)}", f"kind = {quoted(rule.kind)}", f"reason = {quoted(rule.reason)}"]
    patterns = [item for item in rule.evidence if item.pattern]
    if rule.kind == "line" and not patterns:
        body.append('profile = "careful"')
    if pack.hosts:
        body.append(f"site = [{', '.join(map(quoted, pack.hosts))}]")
    body += _wording("phrases", [item for item in rule.evidence if not item.pattern], pack)
    body += _wording("regex", patterns, pack)
    if patterns:
        body.append("unfiltered = true")
    if rule.alike:
        body.append("near = { alike = true }")
    if rule.partner:
        body.append(f"{'above' if rule.upward else 'below'} = {{ phrases = [{quoted(rule.partner)}] }}")
    if rule.kind == "section":
        body += ['until = ["end"]', "max_share = 1.0"]
    if rule.upward:
        body.append("upward = true")
    if rule.head:
        body.append(f"zone = {{ head = {rule.head} }}")
    if rule.tail:
        body.append(f"zone = {{ tail = {rule.tail} }}")
    if rule.max_words:
        body.append(f"max_words = {rule.max_words}")
    if patterns and not (rule.head or rule.tail or rule.max_words):
        body.append("max_chars = 400")
    in_tail = rule.kind == "section" and rule.tail
    body.append(_examples("remove", [(_in_tail if in_tail else quoted)(_plain(text)) for text in rule.remove]))
    if rule.keep:
        body.append(_examples("keep", map(quoted, map(_plain, rule.keep))))
    block = "\n".join(["[[rule]]", *body, f'evidence = {{ {_evidence(rule, pack)}, stamp = "" }}'])
    return _STAMP.sub(lambda found: found[1] + stamp(block), block).split("\n")


def _evidence(rule: Proposal, pack: SitePack) -> str:
    """The entries of the rule's evidence, the stamp aside."""
    entries: dict[str, str | int] = {
        "pages": max(item.pages for item in rule.evidence),
        "of": pack.pages,
        "place": ", ".join(sorted({item.region for item in rule.evidence})),
        **dict(zip(("first", "last"), period(date for item in rule.evidence for date in item.dates), strict=False)),
        "takes": f"{rule.share:.1%}",
    }
    return ", ".join(f"{key} = {value if isinstance(value, int) else quoted(value)}" for key, value in entries.items())


_STAMP: Final = re.compile(r'(?m)^(evidence = .*\bstamp = ")[^"]*')


def stamp(block: str) -> str:
    """A checksum of a rule as it is written, the stamp left out. Where it differs from the stamp in the file, a person
    has edited the rule or a comment in it."""
    unstamped = _STAMP.sub(r"\1", block.strip("\n"))
    return hashlib.blake2b(unstamped.encode(), digest_size=6).hexdigest()


def quoted(text: str) -> str:
    """A TOML string: literal where the text allows it, so that patterns stay readable."""
    plain = all(char >= " " and char != "\x7f" for char in text)
    if plain and "'" not in text and ("\\" in text or '"' in text):
        return f"'{text}'"
    if plain and "'''" not in text and not text.endswith("'") and ("\\" in text or '"' in text):
        return f"'''{text}'''"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _wording(form: str, items: Sequence[Evidence], pack: SitePack) -> list[str]:
    """The lines of a key of wordings, with the evidence of each as a comment where there are several."""
    if not items:
        return []
    if len(items) == 1:
        return [f"{form} = [{quoted(items[0].text)}]"]
    width = min(60, max(len(quoted(item.text)) + 1 for item in items))
    return [
        f"{form} = [",
        *(f"  {quoted(item.text) + ',':<{width}}  # {item.region}, {item.pages} of {pack.pages}" for item in items),
        "]",
    ]


def _plain(text: str) -> str:
    """An example in which no line stands for paragraphs: one that says ``{prose}`` says ``{PROSE}``, which folds to the
    same."""
    return "\n".join(line.upper() if PARAGRAPHS.fullmatch(line) else line for line in text.split("\n"))


def _in_tail(text: str) -> str:
    """An example that is in the tail of its page: below as much text of an article as it has itself, or more."""
    own = "\n".join([OWN] * (len(text) // len(OWN) + 1))
    before = quoted(f"{own}\n{text}")
    return f"{{ before = {before}, after = {quoted(own)} }}"


def _examples(key: str, values: Iterable[str]) -> str:
    return f"{key} = [{', '.join(values)}]"


def file_name(site: str) -> str:
    """Name of the rule file of a site. Sites that differ in what no name of a file can hold have the same one."""
    plain = "".join(char if char.isalnum() or char in ".-" else "-" for char in site).encode()[:_LONGEST]
    return (plain.decode("utf-8", "ignore").strip(".-") or "site") + ".toml"


def _slug_site(site: str) -> str:
    plain = "".join(char if char.isascii() and char.isalnum() else " " for char in site.lower())
    return "-".join(plain.split()) or "site"


def as_ruleset(packs: Sequence[SitePack]) -> RuleSet:
    """The rule set of learned packs, made as any other: written as a rule file and read again."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from cleaner.rules.load import load_rules

    with TemporaryDirectory() as folder:
        path = Path(folder) / "learned.toml"
        path.write_text(render(packs, "learned"), encoding="utf-8", newline="\n")
        return load_rules(path, bundled=False)
