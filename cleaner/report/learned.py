"""What was learned about each site: one HTML page without scripts or external resources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from cleaner.learn.proposal import Proposal, SitePack

_STYLE: Final = """
:root { color-scheme: light dark; } small { unicode-bidi: isolate; } td, blockquote { unicode-bidi: plaintext; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222;
  overflow-wrap: anywhere; }
h2 { margin: 2.2rem 0 .2rem; font-size: 1.15rem; } h3 { margin: 1.1rem 0 .2rem; font-size: 1rem; }
p { margin: .2rem 0; } small, .dim { color: #666; }
.bar { display: flex; height: .7rem; background: #e6efe6; border-radius: 3px; overflow: hidden; margin: .3rem 0; }
.bar i { display: block; background: #c0504d; } .bar, .bar i { print-color-adjust: exact; }
table { border-collapse: collapse; width: 100%; margin: .3rem 0; }
td { padding: .1rem .5rem .1rem 0; vertical-align: top; }
td + td { white-space: nowrap; color: #666; text-align: right; width: 4rem; }
blockquote { margin: .2rem 0; padding-left: .7rem; border-left: 3px solid #9b9; white-space: pre-wrap; }
blockquote.gone { border-color: #c0504d; text-decoration: line-through; color: #666; }
@media (prefers-color-scheme: dark) {
  body { background: #181818; color: #ddd; } .bar { background: #2b3a2b; }
  small, .dim, td + td, blockquote.gone { color: #999; }
}
"""


def page(packs: Sequence[SitePack]) -> str:
    """The page: sites by share of chrome, each with its rules, their evidence and examples."""
    body = "".join(part for pack in sorted(packs, key=lambda pack: (-pack.chrome, pack.site)) for part in _site(pack))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Learned rules</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style><main><h1>Learned rules</h1><p>"
        f"Sites: {len(packs)}; rules: {sum(len(pack.rules) for pack in packs)}</p>{body}</main></html>\n"
    )


def _site(pack: SitePack) -> Iterator[str]:
    dates = f", {escape(' to '.join(pack.dates))}" if pack.dates else ""
    yield f"<h2>{escape(pack.site)}</h2><p class=dim>{pack.pages:,} of {pack.documents:,} documents sampled{dates}"
    yield f"; {pack.chrome:.0%} of their text would be removed</p>"
    yield f'<div class=bar><i style="width:{pack.chrome:.1%}"></i></div>'
    for rule in pack.rules:
        yield from _rule(rule, pack)


def _rule(rule: Proposal, pack: SitePack) -> Iterator[str]:
    reach = (" and all above" if rule.upward else " and all below") if rule.kind == "section" else ""
    yield f"<h3>{escape(rule.id)} <small>{rule.kind}, {rule.share:.1%} of the text</small></h3>"
    yield f"<p>{escape(rule.reason)}</p><table>"
    for item in rule.evidence:
        cells = (f"{escape(item.text)}{reach}", item.region, f"{item.pages:,} of {pack.pages:,}")
        yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    lines = ", ".join(f"{escape(id)} line {number}" for id, number in rule.evidence[0].lines)
    yield f"</table><p class=dim>Seen at {lines}</p>"
    for text in rule.remove:
        yield f"<blockquote class=gone>{escape(text)}</blockquote>"
    for text in rule.keep:
        yield f"<blockquote>{escape(text)}</blockquote>"
