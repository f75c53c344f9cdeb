"""`cleaner eval`: how well the rules do on a labelled corpus, and which rule does harm."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cleaner.cli.choices import (
    AsJson,
    Ignore,
    MaxRatio,
    MaxSize,
    ProfileOption,
    RulesOption,
    Select,
    named_profile,
    nonempty,
    to_bytes,
)
from cleaner.cli.quick import QuickCommand
from cleaner.cli.say import escaped_text, say
from cleaner.errors import CleanerError

if TYPE_CHECKING:
    from cleaner.check.evaluate import Report

_SHOWN: Final = 20
"""Most lines without labels that are reported one by one; the rest are only counted."""


def register(app: typer.Typer) -> None:
    """Add the command `eval`."""
    app.command("eval", cls=QuickCommand, epilog="Example: cleaner eval labelled.jsonl.zst --lost 20 --missed 20")(
        evaluate
    )


def evaluate(
    corpus: Annotated[
        str,
        typer.Argument(
            help="JSON lines with text, and gold or with/without; - for standard input.",
            metavar="CORPUS",
            callback=nonempty,
        ),
    ],
    profile: ProfileOption = "balanced",
    rules: RulesOption = None,
    select: Select = None,
    ignore: Ignore = None,
    gold: Annotated[
        bool, typer.Option("--gold", help="Clean the gold texts themselves, which should not change.")
    ] = False,
    lost: Annotated[
        int, typer.Option(help="Show this many of the longest content lines that were removed.", min=0)
    ] = 0,
    missed: Annotated[int, typer.Option(help="Show this many of the most common chrome lines that stayed.", min=0)] = 0,
    per_rule: Annotated[int, typer.Option(help="Show this many rules, the most harmful first.", min=0)] = 20,
    per_document: Annotated[
        int, typer.Option(help="Show this many documents, those with most chrome left or content lost first.", min=0)
    ] = 0,
    max_size: MaxSize = "128MB",
    max_ratio: MaxRatio = 200.0,
    as_json: AsJson = False,
) -> None:
    """Measure the rules against gold texts: precision, recall and loss, overall and per rule.

    Lines that are no such rows are reported and skipped, and the exit code is then 3; rows without labels are counted.
    An empty gold is none, as corpora have it whose texts nobody marked: name what must go in without.
    """
    from cleaner.check.corpus import gold_as_input, read_corpus
    from cleaner.check.evaluate import evaluate as run
    from cleaner.clean.cleaner import Cleaner
    from cleaner.io.records import Limits

    within = named_profile(profile)
    cleaner = Cleaner(within, rules=rules or (), select=select or (), ignore=ignore or ())
    faults = 0

    def tell(fault: str) -> None:
        nonlocal faults
        faults += 1
        if faults <= _SHOWN:
            say(fault)

    read = read_corpus(corpus, tell, Limits(size=to_bytes(max_size), ratio=max_ratio))
    rows = gold_as_input(read) if gold else [row for row in read if row.labelled]
    if faults or len(rows) < len(read):
        labels = "gold (an empty one is none)" if gold else "labels (an empty gold is none)"
        unlabelled = f"{len(read) - len(rows):,} without {labels}, " if len(rows) < len(read) else ""
        say(f"{faults:,} skipped, {unlabelled}{len(rows):,} measured")
    if not rows:
        raise CleanerError(f"{corpus}: no row has gold: there is nothing that --gold could clean")
    report = run(rows, cleaner)
    if as_json:
        print(json.dumps(_as_json(report, lost, missed, per_document)))
    else:
        _show(report, lost, missed, per_rule, per_document)
    if faults:
        raise typer.Exit(3)


def _as_json(report: Report, lost: int, missed: int, per_document: int) -> dict[str, object]:
    measures = ("documents", "word", "shingle", "chrome_share", "chrome_removed", "content_lost", "segment")
    found = {name: getattr(report, name) for name in measures if getattr(report, name) is not None}
    found["rules"] = {id: asdict(score) for id, score in sorted(report.rules.items())}
    if per_document:
        found["worst"] = [asdict(score) for score in report.worst[:per_document]]
    if lost:
        found["lost"] = [{"chars": size, "id": id, "line": line} for size, id, line in report.lost[:lost]]
    if missed:
        found["missed"] = [{"times": times, "line": line} for line, times in report.missed.most_common(missed)]
    return found


def summary(report: Report) -> str:
    """The measures in one line."""
    parts = []
    if report.word and report.shingle:
        parts.append(f"n={report.documents}")
        parts.append("word P/R/F1 {:.3f}/{:.3f}/{:.4f}".format(*report.word))
        parts.append("shingle P/R/F1 {:.3f}/{:.3f}/{:.4f}".format(*report.shingle))
        parts.append(f"chrome removed {report.chrome_removed:.1%} of {report.chrome_share:.1%}")
        parts.append(f"content lost {report.content_lost:.3%}")
    if report.segment:
        parts.append("segment P/R/F1 {:.3f}/{:.3f}/{:.4f}".format(*report.segment))
    return "  ".join(parts)


def _show(report: Report, lost: int, missed: int, per_rule: int, per_document: int) -> None:
    print(summary(report))
    ranked = sorted(report.rules.items(), key=lambda item: (-item[1].wrongly, -item[1].rightly, item[0]))
    if ranked and per_rule:
        print(f"{'wrongly':>9} {'rightly':>9} {'other':>7} {'hits':>6}  rule (characters of content, chrome, neither)")
    for id, score in ranked[:per_rule]:
        print(f"{score.wrongly:>9} {score.rightly:>9} {score.other:>7} {score.hits:>6}  {id}")
    if report.worst and per_document:
        print(f"{'lost':>9} {'missed':>9}  document (characters of content, chrome)")
    for worst in report.worst[:per_document]:
        print(escaped_text(f"{worst.lost:>9.0f} {worst.missed:>9.0f}  {worst.id}"))
    for size, id, line in report.lost[:lost]:
        print(escaped_text(f"  lost    {size:5d}  {id}  {line[:160]}"))
    for line, times in report.missed.most_common(missed):
        print(escaped_text(f"  missed  {times:5d}  {line[:160]}"))
