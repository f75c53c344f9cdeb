"""`cleaner learn`: mine a dump for what repeats on each site, and write it as rule files to review."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleaner.cli.choices import (
    Address,
    Encoding,
    EngineOption,
    ExtractorOption,
    MaxRatio,
    MaxSize,
    TextField,
    check_encoding,
    check_local_file,
    chosen,
    cluster,
    nonempty,
    to_bytes,
)
from cleaner.cli.quick import QuickCommand
from cleaner.cli.say import Tell, counted, escaped_text, say, say_unless
from cleaner.errors import CleanerError, UsageError
from cleaner.options import EXTRACTORS

if TYPE_CHECKING:
    from cleaner.cluster.engine import Cluster
    from cleaner.learn.dump import Dump
    from cleaner.learn.mine import Harvest
    from cleaner.learn.proposal import SitePack


def register(app: typer.Typer) -> None:
    """Add the command `learn`."""
    app.command(cls=QuickCommand, epilog="Example: cleaner learn dump/ -o rules/sites/ --explain")(learn)


def learn(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders or URLs of them; with --merge, partial results.", metavar="SRC", callback=nonempty
        ),
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", help="Rule file, or a folder (ending in /) for one file per site.", callback=nonempty
        ),
    ] = None,
    partial: Annotated[
        str | None,
        typer.Option(help="Write a partial result, to be merged, instead of rules.", metavar="FILE", callback=nonempty),
    ] = None,
    merge: Annotated[bool, typer.Option("--merge", help="SRC are partial results of other runs.")] = False,
    site_field: Annotated[
        str | None, typer.Option(help="Field that names the site (default: host of the URL).", callback=nonempty)
    ] = None,
    date_field: Annotated[
        str | None, typer.Option(help="Field with a date, for first and last seen.", callback=nonempty)
    ] = None,
    text_field: TextField = "text",
    id_field: Annotated[str, typer.Option(help="Field with the id.")] = "id",
    url_field: Annotated[str, typer.Option(help="Field with the URL.")] = "url",
    title_field: Annotated[str, typer.Option(help="Field with the title.")] = "title",
    html_field: Annotated[
        str | None, typer.Option(help="Field with a web page, to learn from its text.", callback=nonempty)
    ] = None,
    extractor: ExtractorOption = "trafilatura",
    encoding: Encoding = None,
    max_size: MaxSize = "128MB",
    max_ratio: MaxRatio = 200.0,
    min_support: Annotated[
        float, typer.Option(help="Smallest share of a site's pages that a line must be on.", min=0.01, max=1.0)
    ] = 0.3,
    max_loss: Annotated[
        float, typer.Option(help="Largest share of the site's own text that a rule may take.", min=0, max=1)
    ] = 0.005,
    min_pages: Annotated[int, typer.Option(help="Fewest documents of a site to learn from.", min=3)] = 5,
    sample: Annotated[int, typer.Option(help="Most documents of a site that are sampled.", min=10)] = 120,
    explain: Annotated[bool, typer.Option("--explain", help="Print each rule with what it removes and where.")] = False,
    report: Annotated[
        str | None,
        typer.Option(help="Write an HTML page with the sites and their templates.", metavar="FILE", callback=nonempty),
    ] = None,
    diff: Annotated[bool, typer.Option("--diff", help="Show what would change, but write no rules.")] = False,
    workers: Annotated[
        int | None, typer.Option(help="With --engine: tasks at a time; default: one per core that it has.", min=1)
    ] = None,
    engine: EngineOption = None,
    address: Address = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Report only errors.")] = False,
) -> None:
    """Learn what repeats on the pages of each site, and write it as a rule file to review.

    A rule file that is there already is brought up to date if `learn` wrote it;
    rules that you have edited stay as they are.

    Exit code 3: done, but some records could not be read.
    """
    from cleaner.io.outputs import check_writable, write_atomically
    from cleaner.io.records import Fields, Limits, Reading
    from cleaner.io.remote import plain
    from cleaner.learn import Harvest, learn_packs
    from cleaner.learn.dump import Dump

    if output is None and partial is None and (diff or not (explain or report)):
        raise UsageError("say where the rules go: -o FILE, or -o FOLDER/ for one file a site")
    if partial and (output is not None or explain or report or diff):
        raise UsageError("--partial writes no rules: give -o, --explain, --report and --diff to learn --merge")
    _check_targets(sources, output, partial, report)
    where = cluster(engine, address, workers)
    if where and merge:
        raise UsageError("--merge is done on this machine: leave out --engine")
    fields = Fields(text=text_field, id=id_field, url=url_field, title=title_field)
    check_encoding(encoding)
    reading = Reading(
        encoding=encoding,
        html_field=html_field,
        extractor=chosen("--extractor", extractor, EXTRACTORS),
        fields=fields,
        limits=Limits(size=to_bytes(max_size), ratio=max_ratio),
    )
    if merge and (site_field or date_field or reading != Reading()):
        raise UsageError("--merge reads no documents: name their fields, and how they are read, to learn --partial")
    if workers and not where:
        raise UsageError("--workers is for an --engine; this machine learns in one process")
    file = None if output is None or diff else os.path.join(output, "") if _is_folder(output) else output
    for path in filter(None, (partial, report, file)):
        check_writable(path)  # now, as there may be no room for it

    tell = say_unless(quiet)
    code = 0
    with Harvest(Path(partial) if partial else None, sample=sample) as harvest:
        if merge:
            _merge(harvest, sources)
        else:
            dump = Dump([*map(plain, sources)], reading, site_field, date_field)
            _read(harvest, dump, where, tell)
            code = 3 if dump.counts.rejects else 0
        packs = [] if partial else [*learn_packs(harvest, min_support=min_support, max_loss=max_loss, fewest=min_pages)]
    if partial:
        raise typer.Exit(code)
    rules = counted(sum(len(pack.rules) for pack in packs), "rule")
    tell(f"{counted(len(packs), 'site')} with rules to learn, {rules}")
    if not packs:
        wanted = f"of {min_pages} documents or more (--min-pages) has lines that are on {min_support:.0%} of them"
        tell(f"no site {wanted} (--min-support) and are safe to take: no rule file was changed")
    if explain:
        from cleaner.learn.explain import explained

        for line in explained(packs):
            print(escaped_text(line))
    if report:
        from cleaner.report.learned import page

        write_atomically(report, page(packs).encode())
    if output is not None and packs:
        _write(packs, output, diff, tell)
    raise typer.Exit(code)


def _check_targets(sources: Sequence[str], output: str | None, partial: str | None, report: str | None) -> None:
    """Raises UsageError, before the work, for a file that could not be written in the end."""
    from cleaner.batch.plan import keep_apart
    from cleaner.learn.revise import existing

    for option, target in (("--output", output), ("--partial", partial), ("--report", report)):
        check_local_file(option, target)
    if partial and os.path.exists(partial):
        raise UsageError(f"{partial}: exists already, and nothing is added to a partial result: name another file")
    if report:
        keep_apart(report, sources)
    if output and not _is_folder(output):
        others = [source for source in sources if os.path.isfile(source)]
        keep_apart(output, [*others, report] if report else others)
        existing(Path(output))


def _merge(harvest: Harvest, partials: Sequence[str]) -> None:
    """Take in partial results."""
    from cleaner.io.remote import is_url, plain

    for path in {os.path.realpath(path): path for path in map(plain, partials)}.values():  # each once
        if is_url(path):
            raise UsageError(f"{path}: partial results are merged from files of this machine: copy it here")
        harvest.merge(Path(path))


def _read(harvest: Harvest, dump: Dump, where: Cluster | None, tell: Tell) -> None:
    """Take in all documents of a dump. Raises CleanerError where there is none."""
    if where:
        from cleaner.learn.cluster import gather

        gather(harvest, dump, where)
    else:
        harvest.add(dump)
    _account(dump, tell)
    if not dump.counts.documents:
        field = "--html-field" if dump.reading.html_field else "--text-field"
        mend = f": {field} names another field" if [*dump.counts.rejects] == ["no-text"] else ""
        raise CleanerError(f"no document was read, so nothing was learned, and no file was changed{mend}")


def _account(dump: Dump, tell: Tell) -> None:
    """Tell what was read, and in any case say what could not be."""
    counts = dump.counts
    tell(f"{counted(counts.documents, 'document')} read")
    if counts.unnamed:
        which = f"{counted(counts.unnamed, 'document')} without the field {dump.site_field!r}"
        tell(f"{which}: the URL or folder names the site")
    if counts.undated:
        which = f"{counted(counts.undated, 'document')} without a date such as 2024-05-31"
        tell(f"{which} in the field {dump.date_field!r}: not counted in first and last")
    if counts.siteless:
        tell(f"{counted(counts.siteless, 'document')} of no site (no URL, field or folder names one) passed over")
    for fault in counts.faults:
        say(fault)
    for code, count in sorted(counts.rejects.items()):
        say(f"{counted(count, 'record')} cannot be read: {code}")


def _is_folder(output: str) -> bool:
    return os.path.isdir(output) or output.endswith(("/", "\\"))


def _write(packs: Sequence[SitePack], target: str, diff: bool, tell: Tell) -> None:
    """Write one rule file, or one a site; where there is one already, bring it up to date."""
    from cleaner.io.outputs import write_atomically
    from cleaner.learn.packfile import file_name, render
    from cleaner.learn.revise import existing, revise

    output = Path(target)
    folder = _is_folder(target)
    if not folder and len(packs) > 1 and not all(pack.hosts for pack in packs):
        raise UsageError(f"{output}: sites without a host need a rule file each: end the name with / for a folder")
    files: dict[Path, list[SitePack]] = {}
    for pack in packs:
        files.setdefault(output / file_name(pack.site) if folder else output, []).append(pack)
    olds = [existing(path) for path in files]
    for (path, learned), old in zip(files.items(), olds, strict=True):
        text = render(learned, f"sites/{path.stem}")
        rules = counted(sum(len(pack.rules) for pack in learned), "rule")
        if old.strip():
            text, changes = revise(old, text)
            if diff or changes:
                (print if diff else tell)(f"{path}\n{changes}" if changes else f"{path}: no change")
        elif diff:
            print(f"{path}\n+ {rules}, the file is new")
        if not diff:
            write_atomically(str(path), text.encode())
            tell(f"{path}: {rules}{_reach(learned)}")


def _reach(packs: Sequence[SitePack]) -> str:
    """What is to be known of the texts that the rules of a file take from, to follow its name."""
    if not all(pack.hosts for pack in packs):
        return " that name no host and take from every text: use them on texts of this site alone"
    if not all(pack.addressed for pack in packs):
        return (
            " that ask for a URL of the host that their site is named after, and the texts here had none: "
            "without their key site they take from every text"
        )
    return ""
