"""Proposed rules as a rule file, written so that a person can read it, and so that equal rules give equal bytes."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from cleaner.learn.proposal import Proposal, Seen, SitePack, period

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
    body = [
        f"id = {quoted(id)}",
        f"kind = {quoted(rule.kind)}",
        f"reason = {quoted(rule.reason)}",
    ]
    if pack.hosts:
        body.append(f"site = [{', '.join(map(quoted, pack.hosts))}]")
    patterns = [seen for seen in rule.seen if seen.pattern]
    body += _wording("phrases", [seen for seen in rule.seen if not seen.pattern], pack)
    body += _wording("regex", patterns, pack)
    if patterns:
        body.append("unfiltered = true")
    if rule.kind == "line" and not patterns:
        body.insert(3, 'profile = "careful"')
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
    body.append(
        _examples("remove", rule.remove) if rule.kind == "line" or not rule.tail else _in_place("remove", rule.remove)
    )
    if rule.keep:
        body.append(_examples("keep", rule.keep))
    evidence: dict[str, str | int] = {
        "pages": max(seen.pages for seen in rule.seen),
        "of": pack.pages,
        "place": ", ".join(sorted({seen.place for seen in rule.seen})),
        **dict(zip(("first", "last"), period(date for seen in rule.seen for date in seen.dates), strict=False)),
        "takes": f"{rule.share:.1%}",
    }
    shown = [f"{key} = {value if isinstance(value, int) else quoted(value)}" for key, value in evidence.items()]
    block = "\n".join(["[[rule]]", *body, f'evidence = {{ {", ".join(shown)}, stamp = "" }}'])
    return _STAMP.sub(lambda found: found[1] + stamp(block), block).split("\n")


_STAMP: Final = re.compile(r'(?m)^(evidence = .*\bstamp = ")[^"]*')


def stamp(block: str) -> str:
    """A checksum of a rule as it is written, without the stamp in it: if it no longer fits, a person has edited the
    rule, or a comment in it."""
    return _checksum(_STAMP.sub(r"\1", block.strip("\n")))


def claim(table: dict[str, Any]) -> str:
    """A checksum of what a rule takes, whatever its evidence and examples. It was the stamp of files that earlier
    versions wrote."""
    said = {key: value for key, value in table.items() if key not in ("evidence", "remove", "keep", "reason")}
    return _checksum(json.dumps(said, sort_keys=True))


def _checksum(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def quoted(text: str) -> str:
    """A TOML string: literal where the text allows it, so that patterns stay readable."""
    plain = all(char >= " " and char != "\x7f" for char in text)
    if plain and "'" not in text and ("\\" in text or '"' in text):
        return f"'{text}'"
    if plain and "'''" not in text and not text.endswith("'") and ("\\" in text or '"' in text):
        return f"'''{text}'''"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _wording(form: str, seen: Sequence[Seen], pack: SitePack) -> list[str]:
    if not seen:
        return []
    if len(seen) == 1:
        return [f"{form} = [{quoted(seen[0].text)}]"]
    width = min(60, max(len(quoted(item.text)) + 1 for item in seen))
    return [
        f"{form} = [",
        *(f"  {quoted(item.text) + ',':<{width}}  # {item.place}, {item.pages} of {pack.pages}" for item in seen),
        "]",
    ]


def _in_place(key: str, texts: Sequence[str]) -> str:
    """Examples that must stand below some text to be in their zone, which is half of the text at the least."""
    shown = (_table("\n".join([OWN] * (len(text) // len(OWN) + 1)), text) for text in texts)
    return f"{key} = [{', '.join(shown)}]"


def _table(own: str, text: str) -> str:
    before = quoted(f"{own}\n{text}")
    return f"{{ before = {before}, after = {quoted(own)} }}"


def _examples(key: str, texts: Sequence[str]) -> str:
    return f"{key} = [{', '.join(map(quoted, texts))}]"


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
