"""`cleaner run`: clean a file, a folder or a stream."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cleaner.cli.choices import (
    Address,
    Encoding,
    EngineOption,
    ExtractorOption,
    Ignore,
    MaxRatio,
    MaxSize,
    ProfileOption,
    Quiet,
    RulesOption,
    Select,
    SummaryAsJson,
    TextField,
    Workers,
    check_encoding,
    check_local_file,
    chosen,
    cluster,
    named_profile,
    nonempty,
    to_bytes,
)
from cleaner.cli.quick import QuickCommand
from cleaner.cli.say import Tell, counted, escaped_line, say, say_unless
from cleaner.errors import EngineError, Stopped, TargetError, UsageError
from cleaner.options import EXTRACTORS, ON_GUARD, PAGE_FORMS

if TYPE_CHECKING:
    from cleaner.batch.commit import Committed
    from cleaner.batch.runner import Run
    from cleaner.batch.samples import Sample
    from cleaner.batch.summary import Summary

_SHOWN: Final = 20
"""Records set aside that a run reports one by one, with place and reason; the rest are only counted."""

_KINDS: Final = 6
"""Most kinds of skipped inputs that are named."""


def register(app: typer.Typer) -> None:
    """Add the command `run`."""
    app.command(cls=QuickCommand, epilog="Example: cleaner run articles/ cleaned/ --annotate --workers 4")(run)


def run(
    src: Annotated[str, typer.Argument(help="A file, a folder, or - for standard input.", metavar="SRC")],
    dst: Annotated[str, typer.Argument(help="Where to write, or - for standard output.", metavar="DST")],
    profile: ProfileOption = "balanced",
    rules: RulesOption = None,
    select: Select = None,
    ignore: Ignore = None,
    max_removed: Annotated[
        float | None,
        typer.Option(
            help="Largest share of a document that may be removed before the guard steps in, from 0 to 1; "
            "default: 0.5, 0.9 or 0.98, by profile.",
            metavar="SHARE",
            min=0,
            max=1,
        ),
    ] = None,
    on_guard: Annotated[
        str,
        typer.Option(
            help="What the guard does with a document: keep it as it was, cut it all the same, or set-aside.",
            metavar="CHOICE",
            autocompletion=lambda: ON_GUARD,
        ),
    ] = "keep",
    annotate: Annotated[
        bool, typer.Option("--annotate", help="Also write the removals, so that the run can be undone.")
    ] = False,
    attributes: Annotated[
        str | None,
        typer.Option(
            help="Write the removals as spans instead of the cleaned texts: dolma, for `dolma mix`.", metavar="NAME"
        ),
    ] = None,
    text_field: TextField = "text",
    id_field: Annotated[str, typer.Option(help="Field of a row that holds its id.")] = "id",
    url_field: Annotated[str, typer.Option(help="Field of a row that holds its URL.")] = "url",
    lang_field: Annotated[str, typer.Option(help="Field of a row that holds its language.")] = "lang",
    title_field: Annotated[str, typer.Option(help="Field of a row that holds its title.")] = "title",
    html_field: Annotated[
        str | None,
        typer.Option(
            help="Field of a row that holds a web page; its extracted text replaces the text field.", callback=nonempty
        ),
    ] = None,
    extractor: ExtractorOption = "trafilatura",
    to: Annotated[
        str,
        typer.Option(help="Write pages as text or markdown.", metavar="FORM", autocompletion=lambda: PAGE_FORMS),
    ] = "text",
    encoding: Encoding = None,
    utf8: Annotated[
        bool, typer.Option("--utf8", help="Write text files as UTF-8, whatever their encoding was.")
    ] = False,
    format: Annotated[
        str | None, typer.Option(help="Format of a single file or of standard input, whatever its name.")
    ] = None,
    max_size: MaxSize = "128MB",
    max_seconds: Annotated[
        float, typer.Option(help="Seconds that one record may take; slower ones are set aside.")
    ] = 60.0,
    max_ratio: MaxRatio = 200.0,
    workers: Workers = None,
    engine: EngineOption = None,
    address: Address = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the run that DST holds, if any; give standard input again.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Start over and replace what DST holds.")] = False,
    report: Annotated[
        str | None,
        typer.Option(help="Write an HTML page that shows what was removed.", metavar="FILE", callback=nonempty),
    ] = None,
    quiet: Quiet = False,
    as_json: SummaryAsJson = False,
) -> None:
    """Clean a file, a folder with all below it, or a dump. Records that cannot be read are set aside.

    The suffix decides: .txt .text .md hold one document, .html .htm .xhtml one
    page, .jsonl .ndjson .parquet one document per row, .warc .wet one per record;
    all but Parquet also as .gz .zst .bz2 .xz.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done with records set aside.
    """
    from cleaner.batch.options import RunOptions
    from cleaner.batch.plan import keep_apart, make_plan
    from cleaner.batch.runner import Run, RunMode
    from cleaner.io.records import Fields, Limits, Reading

    if resume and overwrite:
        raise UsageError("--resume continues a run, --overwrite starts over: give only one of them")
    if dst == "-" and as_json:
        raise UsageError("--json would be mixed with the data: name a file for DST")
    if dst == "-" and resume:
        raise UsageError("--resume has nothing to continue on standard output: leave it out, or name a file for DST")
    check_local_file("--report", report)
    options = RunOptions(
        profile=named_profile(profile),
        rules=tuple(map(os.path.abspath, rules or ())),
        select=tuple(select or ()),
        ignore=tuple(ignore or ()),
        max_removed=max_removed,
        on_guard=chosen("--on-guard", on_guard, ON_GUARD),
        annotate=annotate,
        attributes=attributes,
        reading=Reading(
            encoding=encoding,
            utf8=utf8,
            html_field=html_field,
            extractor=chosen("--extractor", extractor, EXTRACTORS),
            to=chosen("--to", to, PAGE_FORMS),
            fields=Fields(text_field, id_field, url_field, lang_field, title_field),
            limits=Limits(size=to_bytes(max_size), seconds=max_seconds, ratio=max_ratio),
        ),
    )
    if to == "markdown" and extractor == "fast":
        raise UsageError("--to markdown needs the extractor trafilatura: leave out --extractor fast")
    check_encoding(encoding)
    plan = make_plan(src, dst, format)
    if report:
        beside = plan.beside(plan.single) if plan.single and not plan.streams else ()
        keep_apart(report, [plan.src, plan.dst, *beside, *filter(os.path.isfile, options.rules)])
    where = cluster(engine, address, workers)
    mode: RunMode = "resume" if resume else "overwrite" if overwrite else "new"
    cleaning = Run(plan, options, workers=workers, cluster=where, mode=mode)
    code = carry_out(cleaning, quiet, as_json, report)
    guessed = plan.single if src == "-" and format is None else None
    if code == 3 and cleaning.summary and cleaning.summary.tally.written == 0:
        if guessed:
            say(f"standard input was read as {guessed.format.name}: give --format if it is something else")
        if [*cleaning.summary.tally.rejects] == ["no-text"]:
            say(f"no record has the field to clean: {'--html-field' if html_field else '--text-field'} names another")
    raise typer.Exit(code)


def carry_out(run: Run, quiet: bool, as_json: bool, report: str | None = None, further: str = "--resume") -> int:
    """Do a run and report on it; returns its exit code. ``further`` continues it if it is stopped."""
    from cleaner.io.outputs import check_writable

    tell = say_unless(quiet)
    if report:
        check_writable(report)  # now, as there may be no room for it
    if run.finished:
        return _already_finished(run, tell, as_json, report)
    _tell_inputs(run, tell)
    reported = _do(run, quiet or run.plan.src == "-", further)
    assert run.summary
    _tell_outcome(run, run.summary, reported, tell)
    _hand_over(run, run.summary, as_json, report)
    return 3 if run.summary.tally.rejected else 0


def _already_finished(run: Run, tell: Tell, as_json: bool, report: str | None) -> int:
    """Say that there is nothing to do, and report what the finished run came to; returns the exit code."""
    from cleaner.io.remote import exists

    books = run.plan.keeps_books
    why = "already finished" if books else "exists, and no run of it is unfinished (--overwrite makes it anew)"
    tell(f"{escaped_line(run.plan.dst)}: {why}, nothing to do")
    if (report or as_json) and (summary := run.load_results()):
        _hand_over(run, summary, as_json, report)
    elif report or as_json:
        lost = "the summary of its run cannot be read" if books else "a finished run to one file keeps no books"
        say(f"{escaped_line(run.plan.dst)}: {lost}, so there is nothing to report")
    return 3 if (run.state.tally.rejected if run.state else exists(run.rejects)) else 0


def _tell_inputs(run: Run, tell: Tell) -> None:
    """Say what the run does not read, and what it makes again."""
    from cleaner.batch.books import few_of
    from cleaner.io.formats import known_suffixes

    if skipped := run.survey.skipped:
        most = sorted(skipped.items(), key=lambda item: (-item[1], item[0]))
        named = ", ".join(f"{count:,} {escaped_line(why)}" for why, count in most[:_KINDS])
        more = f" and {len(most) - _KINDS:,} more kinds" if len(most) > _KINDS else ""
        tell(f"skipped {sum(skipped.values()):,}: {named}{more}")
    if not run.survey.files:
        tell(f"{escaped_line(run.plan.src)}: no file to read; those are read that end in {known_suffixes()}")
    if run.gone:
        files = counted(len(run.gone), "output")
        tell(f"making {files} again that had disappeared: {escaped_line(few_of(run.gone))}")


def _do(run: Run, quiet: bool, further: str) -> int:
    """Do the work; returns how many records set aside were reported one by one."""
    from cleaner.batch.books import read_state
    from cleaner.cli.progress import progress

    reported = 0
    same = ", and the same input from its beginning" if run.plan.src == "-" else ""
    try:
        with progress(run.survey.bytes, quiet) as show:
            for piece in run.pieces():
                reported += _tell_rejects(piece, reported)
                show(piece)
    except KeyboardInterrupt:
        if run.plan.streams:
            raise
        raise Stopped(f"stopped; what is done is kept, continue with {further}{same}") from None
    except (TargetError, EngineError) as error:
        state = None if run.plan.streams else read_state(run.plan.folder)
        if not state or state.finished:  # it is another run's, which was to be replaced
            raise
        raise type(error)(f"{error}; what is done is kept: mend this and continue with {further}{same}") from None
    return reported


def _tell_outcome(run: Run, summary: Summary, reported: int, tell: Tell) -> None:
    """Say what came of the run; so many of its rejects were ``reported`` one by one."""
    from cleaner.batch.books import few_of

    if run.vanished:
        inputs = counted(len(run.vanished), "input")
        tell(f"removed the outputs of {inputs} that had disappeared: {escaped_line(few_of(run.vanished))}")
    if run.left_over:
        outputs = counted(len(run.left_over), "output")
        tell(f"left {outputs} of a run from another SRC where they are: {escaped_line(few_of(run.left_over))}")
    if more := summary.tally.rejected - reported:
        before = f"{counted(more, 'record')} set aside before"  # in the run that this one continues
        say(f"and {counted(more, 'more record')} set aside" if reported else before)
    tell(_conclusion(run, summary))


def _hand_over(run: Run, summary: Summary, as_json: bool, report: str | None) -> None:
    """Give out the result of a run in the forms that were asked for."""
    values = summary.as_json()
    if report:
        from cleaner.io.outputs import write_atomically
        from cleaner.report.page import Shown, page

        samples = [Shown(_name(sample), sample.text, sample.removals) for sample in run.samples]
        write_atomically(report, page(values, samples, run.rejected).encode("utf-8", "backslashreplace"))
    if as_json:
        print(json.dumps(values, indent=2))


def _name(sample: Sample) -> str:
    """What a document is known by: the same id may stand in every file."""
    named = sample.id is not None and sample.id != sample.source
    return sample.url or (f"{sample.source}: {sample.id}" if named else sample.source)


def _tell_rejects(piece: Committed, reported: int) -> int:
    """One line for each record set aside, up to a number in all; returns how many lines it wrote."""
    rejects = piece.rejects[: max(0, _SHOWN - reported)]
    for reject in rejects:
        say(escaped_line(f"{piece.source.location(reject.number)}: {reject.reason}"))
    return len(rejects)


def _conclusion(run: Run, summary: Summary) -> str:
    """The result of a run in one line."""
    tally = summary.tally
    text = (
        f"{tally.written:,} of {counted(tally.read, 'record')} written, "
        f"{tally.changed:,} of them changed, {summary.removed_share:.1%} of the text removed"
    )
    if tally.passed:
        text += f"; {counted(tally.passed, 'other record')} passed over, which hold no document"
    if tally.guarded:
        text += f"; {tally.guarded:,} guarded"
    if tally.rejected:
        kept = f"see {escaped_line(run.rejects)}" if run.rejects else "and not kept: write to a file to keep them"
        again = f", then cleaner retry {shlex.quote(run.plan.dst)}" if run.plan.keeps_books else ""
        text += f"; {tally.rejected:,} set aside, {kept}{again}"
    return text
