"""Proposed rules in words: what each would remove, with what evidence, and where to look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cleaner.learn.proposal import Proposal, SitePack

_SHOWN: Final = 12
"""Wordings of a rule that are printed."""


def explained(packs: Sequence[SitePack]) -> Iterator[str]:
    """Lines of text for people, site after site."""
    for pack in packs:
        dates = f", {' to '.join(pack.dates)}" if pack.dates else ""
        yield f"{pack.site}: {pack.pages} of {pack.documents} documents sampled{dates}"
        for rule in pack.rules:
            yield from _explained(rule, pack)
        yield ""


def _explained(rule: Proposal, pack: SitePack) -> Iterator[str]:
    reach = (" and all above it" if rule.upward else " and all below it") if rule.kind == "section" else ""
    yield f"  {rule.id}: {rule.share:.1%} of the text"
    yield f"    {rule.reason}"
    for item in rule.evidence[:_SHOWN]:
        yield f"    removes {_short(item.text)}{reach}  [{item.region}, {item.pages} of {pack.pages}]"
    if len(rule.evidence) > _SHOWN:
        yield f"    … and {len(rule.evidence) - _SHOWN} more"
    lines = ", ".join(f"{id} line {number}" for id, number in rule.evidence[0].lines)
    yield f"    seen at {lines}"
    for text in rule.keep:
        yield f"    keeps {_short(text)}"


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:99] + "…"
