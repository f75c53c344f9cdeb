"""The report of a run: one HTML page without scripts or external resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

_TOP: Final = 40
"""Most rules, sites and rejects that are listed."""

_CONTEXT: Final = 160
"""Code points shown at each end of a long kept part of a sample."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One document of the sample: its original text, and its removals as (start, end, rule)."""

    name: str
    text: str
    removals: Sequence[tuple[int, int, str]]


_STYLE: Final = """
:root { color-scheme: light dark; --text: #1d2330; --dim: #626b7a; --back: #fff; --card: #f5f6f8; --line: #dfe3e8;
  --bar: #3d6fb6; --gone: #b3261e; --gone-back: #fde7e5; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e7ec; --dim: #98a2b3; --back: #14171c; --card: #1e232a;
  --line: #343b45; --bar: #6d9be0; --gone: #ff9b93; --gone-back: #43201e; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); max-width: 62rem;
  margin: 0 auto; padding: 1rem clamp(.8rem, 3vw, 2rem) 3rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: .6rem 0 .2rem; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .5rem; }
p { margin: .3rem 0; } .dim { color: var(--dim); }
.dim, small { unicode-bidi: isolate; } pre, del { unicode-bidi: plaintext; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .6rem; margin: 1rem 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; }
.card b { display: block; font-size: 1.35rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.row { display: grid; grid-template-columns: minmax(0, 17rem) minmax(3rem, 1fr) 11rem; gap: .2rem .8rem;
  align-items: center; padding: .18rem 0; }
.row span:last-child { text-align: right; color: var(--dim); font-variant-numeric: tabular-nums; }
.bar { background: var(--card); border-radius: .25rem; height: .8rem; overflow: hidden; }
.bar i { display: block; height: 100%; min-width: 2px; background: var(--bar); }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .6rem 0; }
summary { cursor: pointer; padding: .5rem .8rem; background: var(--card); border-radius: .5rem; }
pre { font: inherit; white-space: pre-wrap; margin: 0; padding: .6rem .8rem; }
del { color: var(--gone); background: var(--gone-back); text-decoration: none; border-radius: .2rem; }
del small { font-size: .72rem; border: 1px solid currentColor; border-radius: .2rem; padding: 0 .25rem; margin: 0 .2rem;
  white-space: normal; }
.bar, .bar i, del { print-color-adjust: exact; }
@media (max-width: 34rem) { .row { grid-template-columns: 1fr auto; } .row .bar { grid-column: 1 / -1; grid-row: 2; } }
"""


def page(summary: Mapping[str, Any], samples: Sequence[Shown], rejects: Sequence[Mapping[str, Any]]) -> str:
    """The page of a run, from the summary in its books, a sample of its documents and the first of its rejects."""
    parts = [*_totals(summary), *_shares(summary), *_sites(summary), *_samples(samples), *_rejects(summary, rejects)]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>What cleaner removed</title><style>{_STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def _totals(summary: Mapping[str, Any]) -> Iterator[str]:
    profile = summary["options"]["profile"]
    yield f"<h1>What cleaner removed</h1><p class=dim>{_named(summary['src'])}, profile {escape(profile)}, "
    yield f"cleaner {escape(summary['cleaner'])}, rules {escape(summary['fingerprint'][:12])}</p><div class=cards>"
    yield _card(f"{summary['removed_share']:.1%}", "of the text removed")
    for key, what in (
        ("written", "written"),
        ("changed", "changed"),
        ("rejected", "set aside"),
        ("guarded", "guarded"),
    ):
        yield _card(f"{summary[key]:,}", f"record{_plural(summary[key])} {what}")
    yield _card(f"{summary['files']:,}", f"file{_plural(summary['files'])}")
    yield _card(_bytes(summary["bytes_in"]), "of input")
    yield _card(f"{summary['seconds']:,.1f} s", "run time") + "</div>"


def _card(value: str, name: str) -> str:
    return f"<div class=card><b>{value}</b>{name}</div>"


def _plural(count: int) -> str:
    return "" if count == 1 else "s"


def _shares(summary: Mapping[str, Any]) -> Iterator[str]:
    total = max(summary["chars_in"], 1)
    for title, counts in (("By category", summary["categories"]), ("By rule", summary["rule_chars"])):
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if not ranked:
            continue
        yield f"<h2>{title} <span class=dim>share of the text</span></h2>"
        for name, chars in ranked[:_TOP]:
            times = f" · {summary['rules'][name]:,}×" if name in summary["rules"] else ""
            yield _row(name, chars / ranked[0][1], f"{chars / total:.2%}{times}")
        yield _more(ranked)


def _sites(summary: Mapping[str, Any]) -> Iterator[str]:
    sites = {host: counts for host, counts in summary["sites"].items() if host and counts[2]}
    if not sites:
        return
    ranked = sorted(sites.items(), key=lambda item: (-item[1][2], item[0]))
    yield "<h2>Sites with the most chrome <span class=dim>share of their text, number of records, at least</span></h2>"
    for host, (records, chars, gone) in ranked[:_TOP]:
        yield _row(host, gone / max(chars, 1), f"{gone / max(chars, 1):.1%} · {records:,}")
    yield _more(ranked)


def _row(name: str, share: float, value: str) -> str:
    bar = f"<div class=bar><i style='width:{share:.2%}'></i></div>"
    return f"<div class=row><span>{escape(name)}</span>{bar}<span>{value}</span></div>"


def _more(ranked: Sequence[object]) -> str:
    return f"<p class=dim>and {len(ranked) - _TOP:,} more</p>" if len(ranked) > _TOP else ""


def _samples(samples: Sequence[Shown]) -> Iterator[str]:
    if samples:
        yield "<h2>A sample of changed documents</h2>"
    for at, sample in enumerate(samples):
        gone = sum(end - start for start, end, _ in sample.removals) / max(len(sample.text), 1)
        yield f"<details{' open' if at < 3 else ''}><summary>{_named(sample.name)} "
        yield f"<span class=dim>{gone:.1%} removed</span></summary><pre>{''.join(_marked(sample))}</pre></details>"


def _marked(sample: Shown) -> Iterator[str]:
    """The text with the removed parts marked and named; long kept parts are shortened."""
    at = 0
    for start, end, rule in sample.removals:
        yield _kept(sample.text[at:start])
        gone = sample.text[start:end]
        inner = gone.strip("\r\n")
        before, _, after = gone.partition(inner) if inner else (gone, "", "")
        yield f"{before}<del>{escape(inner)}<small>{escape(rule)}</small></del>{after}"
        at = end
    yield _kept(sample.text[at:])


def _kept(text: str) -> str:
    if len(text) <= 3 * _CONTEXT:
        return escape(text)
    left = len(text) - 2 * _CONTEXT
    return f"{escape(text[:_CONTEXT])} <span class=dim>… {left:,} characters …</span> {escape(text[-_CONTEXT:])}"


def _rejects(summary: Mapping[str, Any], rejects: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not summary["rejected"]:
        return
    yield "<h2>Set aside <span class=dim>records by reason</span></h2>"
    ranked = sorted(summary["rejects"].items(), key=lambda item: (-item[1], item[0]))
    for code, count in ranked:
        yield _row(code, count / ranked[0][1], f"{count:,}")
    yield "<details><summary>The first records set aside</summary><pre>"
    for reject in rejects[:_TOP]:
        yield f"{_named(reject['source'])}:{reject['record']}: {_named(reject['reason'])}\n"
    yield "</pre></details>"


def _named(text: str) -> str:
    """A text within a line, shortened where long: what turns the direction of writing in it turns nothing round it."""
    return f"<bdi>{_kept(text)}</bdi>"


def _bytes(size: int) -> str:
    value = float(size)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:,.0f} {unit}" if unit == "B" else f"{value:,.1f} {unit}"
        value /= 1000
    return f"{value:,.1f} GB"
