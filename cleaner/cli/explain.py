"""`cleaner explain`: what would be removed from one text, and by which rule."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cleaner.clean.visible import as_seen
from cleaner.cli.choices import (
    AsJson,
    Encoding,
    ExtractorOption,
    Ignore,
    MaxRatio,
    MaxSize,
    ProfileOption,
    RulesOption,
    Select,
    check_encoding,
    check_language,
    chosen,
    named_profile,
    nonempty,
    to_bytes,
)
from cleaner.cli.quick import QuickCommand
from cleaner.cli.say import counted, escaped_text, say
from cleaner.document import Cleaned, Document, Removal
from cleaner.errors import CleanerError, UsageError, reason_of
from cleaner.options import EXTRACTORS
from cleaner.text.invisible import printed

if TYPE_CHECKING:
    from cleaner.io.records import Reading
    from cleaner.rules.model import Shape
    from cleaner.rules.ruleset import RuleSet

_FEATURES: Final = 5
"""Features that are shown for each removal by a shape rule."""

_PALETTE: Final = ("red", "magenta", "yellow", "cyan", "green", "blue")


def register(app: typer.Typer) -> None:
    """Add the command `explain`."""
    app.command(cls=QuickCommand, epilog="Example: cleaner explain article.txt --profile thorough")(explain)


def explain(
    file: Annotated[
        str,
        typer.Argument(
            help="A text file or a web page, its URL, or - for standard input.", metavar="FILE", callback=nonempty
        ),
    ],
    profile: ProfileOption = "balanced",
    rules: RulesOption = None,
    select: Select = None,
    ignore: Ignore = None,
    url: Annotated[str | None, typer.Option(help="URL of the document; enables the rules of its site.")] = None,
    lang: Annotated[
        str | None, typer.Option(help="Language of the document, e.g. de; leaves out the rules of other languages.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Title of the document, which tells its headline.")] = None,
    extractor: ExtractorOption = "trafilatura",
    encoding: Encoding = None,
    max_size: MaxSize = "128MB",
    max_ratio: MaxRatio = 200.0,
    removed: Annotated[
        bool, typer.Option("--removed", help="Show only what would be removed, not the whole text.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what would be removed from a text, coloured and named by rule."""
    check_encoding(encoding)
    check_language(lang)
    from cleaner.io.records import Limits, Reading
    from cleaner.io.remote import plain

    within = named_profile(profile)
    reading = Reading(
        plain(file),
        encoding=encoding,
        extractor=chosen("--extractor", extractor, EXTRACTORS),
        limits=Limits(size=to_bytes(max_size), ratio=max_ratio),
    )
    document = _read(reading, Document("", url=url, lang=lang, title=title))
    from cleaner.clean.cleaner import Cleaner

    cleaner = Cleaner(within, rules=rules or (), select=select or (), ignore=ignore or (), on_guard="cut")
    result = cleaner.clean_document(document)
    reasons = {rule.id: rule.reason for rule in cleaner.ruleset.rules}
    evidence = _evidence(document, result, cleaner.ruleset)
    if as_json:
        print(json.dumps(_as_json(result, reasons, evidence), indent=2))
    else:
        _show(document.text, result, reasons, evidence, whole=not removed)
    active = (cleaner.ruleset.rules[i] for i in cleaner.ruleset.active(document.url, document.lang))
    if select and all(rule.action == "silent" for rule in active):
        say("none of the rules that --select names is for such a document: --url and --lang say where it is from")


def _evidence(document: Document, result: Cleaned, ruleset: RuleSet) -> dict[int, dict[str, float]]:
    """Start of a removal by a shape rule -> the features of its first line that spoke for it most, with their share
    of the score in log-odds (for thresholds, their values)."""
    shapes = {rule.id: rule.shape for rule in ruleset.rules if rule.shape}
    first_lines: dict[Shape, dict[int, int]] = {}  # of each shape: where its removals start -> their first lines
    line = at = 0
    for removal in result.removals:
        if shape := shapes.get(removal.rule):
            line, at = line + document.text.count("\n", at, removal.start), removal.start
            text = printed(removal.text)
            blank = text.count("\n", 0, len(text) - len(text.lstrip()))
            first_lines.setdefault(shape, {})[removal.start] = line + blank
    found = {}
    for shape, lines in first_lines.items():
        from cleaner.match.shapes import why

        for start, shares in zip(lines, why(shape, as_seen(document), list(lines.values())), strict=True):
            found[start] = {name: round(share, 2) for name, share in list(shares.items())[:_FEATURES]}
    return found


def _read(reading: Reading, known: Document) -> Document:
    """The one document of a file, text or page, with what is ``known`` of it. Where its name does not say which, how it
    begins does. Raises CleanerError."""
    from cleaner.io.archive import begins_as_archive
    from cleaner.io.compression import blocks
    from cleaner.io.files import STREAM, InputError, beginning
    from cleaner.io.formats import HTML, TEXT, kind_of
    from cleaner.io.pages import begins_as_page, extracted
    from cleaner.io.records import Record, Reject, RowError
    from cleaner.io.remote import open_read

    file = reading.name
    kind = kind_of(os.path.basename(file))
    if kind and kind.format.rows:
        raise UsageError(f"{file} holds many records, which `cleaner run` cleans: name a text or a page")
    place = "standard input" if file == STREAM else file
    began = b""
    try:
        with open_read(file) as stream:
            content = blocks(stream, kind.codec if kind else "", reading.limits.ratio)
            if kind is None:
                first = next(content, b"")
                content = chain([first], content)
                began = beginning(first)
                if began.startswith(b'{"') or begins_as_archive(began):
                    raise UsageError(
                        f"{place} begins as a file of many records, which `cleaner run` cleans: give a text or a page, "
                        "in a .txt file if it begins so"
                    )
            format = kind.format if kind else HTML if begins_as_page(began) else TEXT
            (item,) = format.read(content, reading)
            if isinstance(item, Reject):
                raise CleanerError(f"{place}: {item.reason}")
            assert isinstance(item, Record)  # a file of one document has nothing else
            return extracted(replace(item, document=replace(known, text=item.document.text)), reading).document
    except IsADirectoryError:
        raise UsageError(f"{file} is a folder, which `cleaner run` cleans: name a text or a page in it") from None
    except OSError as error:
        raise UsageError(f"{place}: {reason_of(error)}") from None
    except (InputError, RowError) as error:
        raise CleanerError(f"{place}: {error.reason}") from None


def _as_json(result: Cleaned, reasons: dict[str, str], evidence: dict[int, dict[str, float]]) -> dict[str, Any]:
    def spans(removals: Iterable[Removal]) -> list[dict[str, Any]]:
        return [
            {
                "start": removal.start,
                "end": removal.end,
                "rule": removal.rule,
                "version": removal.version,
                "reason": reasons.get(removal.rule, ""),
                "text": removal.text,
                **({"features": evidence[removal.start]} if removal.start in evidence else {}),
            }
            for removal in removals
        ]

    return {
        "text": result.text,
        "removals": spans(result.removals),
        "marks": spans(result.marks),
        "guarded": result.guarded,
    }


def _show(
    text: str, result: Cleaned, reasons: dict[str, str], evidence: dict[int, dict[str, float]], *, whole: bool
) -> None:
    """What goes, struck through in the colour of its rule (in the whole text, if asked), then a legend of the rules."""
    from rich.console import Console
    from rich.style import Style
    from rich.text import Text

    console = Console(soft_wrap=True, highlight=False)
    order = list(dict.fromkeys(removal.rule for removal in result.removals))
    colour = {rule: _PALETTE[i % len(_PALETTE)] for i, rule in enumerate(order)}
    shown = Text()
    at = 0
    for removal in result.removals:
        if whole:
            shown.append(_kept(text, at, removal.start))
        body = removal.text.strip("\r\n")
        before, _, behind = removal.text.partition(body) if body else ("", "", removal.text)
        shown.append(before if whole else "")
        shown.append(escaped_text(body), Style(color=colour[removal.rule], strike=True))
        shown.append(f" ⟵ {removal.rule}", Style(color=colour[removal.rule], bold=True))
        if shares := evidence.get(removal.start):
            shown.append(f" ({', '.join(f'{name} {share:+}' for name, share in shares.items())})", Style(dim=True))
        shown.append(behind if whole else "\n")
        at = removal.end
    shown.append(_kept(text, at, len(text)) if whole else "")
    console.print(shown)
    for rule in order:
        reason = escaped_text(reasons[rule])
        console.print(Text(f"{rule}  ", Style(color=colour[rule], bold=True)).append(reason, Style(bold=False)))
    gone = sum(removal.end - removal.start for removal in result.removals)
    share = gone / max(1, len(text))
    count = counted(len(result.removals), "removal")
    console.print(f"{count}, {gone:,} of {counted(len(text), 'character')} ({share:.1%})")
    for mark in result.marks:
        console.print(Text(f"marked, not removed: {mark.rule}: ").append(escaped_text(mark.text.strip()[:100])))
    if result.guarded:
        console.print("[bold]guarded[/]: this is more than the profile allows; `run` would leave the text as it is")


def _kept(text: str, start: int, end: int) -> str:
    """A part of the text that stays, safe to print; the CR of a line break whose LF goes belongs to that line break."""
    cut = end - 1 if start < end and text[end - 1 : end + 1] == "\r\n" else end
    return escaped_text(text[start:cut]) + text[cut:end]
