"""`cleaner`: the commands, and how all of them handle errors."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from cleaner import __version__
from cleaner.cli.say import say
from cleaner.errors import CleanerError, Stopped, reason_of

_MODULES: Final = ("run", "explain", "restore", "retry", "learn", "evaluate", "rules")
"""One module a command, in the order of the help text; each has a function ``register(app)``."""

_OBJECTS: Final = 100_000
"""New objects after which Python collects garbage. Starting up creates some 100,000, all of which stay."""

_STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What asks a program to stop."""


def build(command: str = "") -> Any:
    """The Typer application: all its commands, or this one alone if there is a module of its name."""
    import typer

    from cleaner.cli.quick import QuickGroup

    app = typer.Typer(
        name="cleaner",
        cls=QuickGroup,
        help="Strip site chrome from article text; every removal has a name and can be undone.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="Example: cleaner run articles/ cleaned/ --annotate",
    )

    @app.callback()
    def options(
        version: bool = typer.Option(False, "--version", help="Print the version and exit."),
    ) -> None:
        """Strip site chrome from article text; every removal has a name and can be undone."""

    for module in [command] if command in _MODULES else _MODULES:
        import_module(f"cleaner.cli.{module}").register(app)
    return app


def main() -> None:
    """Run the command line and leave with its exit code: 0 done, 1 failed, 2 wrong usage, 3 done with rejects."""
    gc.set_threshold(_OBJECTS)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy starts them when it is loaded; nothing here needs them
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = _Printed(sys.stdout)
    if sys.stderr is None:  # closed; the next file that is opened would take its number, and be written the messages
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for as long as the process lives
    sys.exit(guarded(_version if sys.argv[1:] == ["--version"] else _start))


class _Printed(io.TextIOWrapper):
    """Standard output, whose write errors carry its name. What a terminal cannot show is escaped, as on standard
    error."""

    def __init__(self, out: io.TextIOWrapper) -> None:
        super().__init__(out.buffer, out.encoding, "backslashreplace", None, out.line_buffering, out.write_through)

    def write(self, text: str) -> int:
        with _naming():
            return super().write(text)

    def flush(self) -> None:
        with _naming():
            super().flush()


@contextlib.contextmanager
def _naming() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        error.filename = "standard output"
        raise


def _version(**how: Any) -> None:
    """Print the version, which is asked for so often that nothing is loaded for it."""
    print(f"cleaner {__version__}")


def _start(**how: Any) -> Any:
    """Everything that takes time and may be interrupted by Ctrl-C. SIGTERM and the end of a terminal (unless nohup has
    it ignored) are handled alike, so that they leave no litter either."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:
        signal.signal(signal.SIGHUP, signal.default_int_handler)
    from cleaner.cache import Hooks

    Hooks.unwritable = _say_unwritable
    if sys.stderr.isatty():
        Hooks.making = _say_making
    return build(*sys.argv[1:2])(prog_name="cleaner", **how)  # whatever started it: completion is named after it


def _say_making(kind: str) -> None:
    """Say why nothing happens for some seconds."""
    if kind == "packs":
        say("reading all rule packs, as none are kept of this version; this takes some seconds")


def _say_unwritable(folder: Path, error: OSError) -> None:
    """Say why each start takes some seconds."""
    say(
        f"{folder} cannot be written ({reason_of(error)}), so each start reads all rules anew: point "
        "CLEANER_CACHE to a folder that can be; empty, it says that none is wanted"
    )


def guarded(app: Callable[..., Any]) -> int:
    """Call an application; its errors become one clear message each and an exit code, a closed pipe nothing."""
    try:
        return _exit_code(app)
    finally:
        _forget_unprinted()


def _exit_code(app: Callable[..., Any]) -> int:
    try:
        code = app(standalone_mode=False)
        if sys.stdout:
            sys.stdout.flush()
        return _stopped("stopped") if code == Stopped.exit_code else code if isinstance(code, int) else 0
    except BrokenPipeError:  # the reader has seen enough
        return 0
    except SystemExit as left:
        if isinstance(left.__context__, BrokenPipeError):  # Typer's answer to it is exit code 1
            return 0
        raise
    except Stopped as error:
        return _stopped(str(error))
    except CleanerError as error:
        say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return _stopped("stopped")
    except MemoryError:
        say("out of memory")
        return 1
    except OSError as error:  # no space left for what is printed, no more files or processes to be had
        name = error.filename or ("the current folder" if isinstance(error, FileNotFoundError) else "")  # it is gone
        say(f"{name}: {reason_of(error)}" if name else reason_of(error))
        return 1
    except Exception as error:
        if isinstance(error.__cause__, KeyboardInterrupt):  # older versions of Typer say so
            return _stopped("stopped")
        if not hasattr(error, "format_message"):  # Typer's own complaints; their classes are private in newer versions
            raise
        if error.format_message():  # it is empty where there was no command, and the help has been shown
            say(_complaint(error))
        return int(getattr(error, "exit_code", 2))


def _complaint(error: Any) -> str:
    """What Typer complains of in one line, and where to look up what there is."""
    message = str(error.format_message()).removesuffix(".").replace("Value error, ", "")
    if message.startswith("Got unexpected extra argument"):  # and names them all, be they the files of a folder
        message = f"Too many arguments: {_taken(error.ctx)}"
    elif any(arg.startswith("-") and os.path.lexists(arg) for arg in sys.argv[1:]):
        message += ": write ./ before the name of a file that begins with a hyphen"
    typed = " ".join(["cleaner", *sys.argv[1:2]])  # an option without its value does not know where it stands
    command = getattr(getattr(error, "ctx", None), "command_path", typed)
    return f"{message[:1].lower()}{message[1:]} (see {command} --help)"


def _taken(context: Any) -> str:
    """What a command takes besides its options."""
    names = [param.metavar for param in context.command.params if param.param_type_name == "argument"]
    many = ", and a folder stands for all files in it" if "SRC" in names else ""
    return f"it takes {' and '.join(names) or 'options'} alone{many}"


def _stopped(text: str) -> int:
    """Say so, and end in peace: who is asked to stop twice, as by Ctrl-C and by what runs it, has been asked."""
    for how in _STOPPING:
        signal.signal(how, signal.SIG_IGN)
    say(text)
    return Stopped.exit_code


def _forget_unprinted() -> None:
    """Discard what standard output does not take: Python would try to write it again as it exits, and complain. What
    Typer puts in its place where the reader has gone says nothing of that, and from Python 3.13 on its own does."""
    for out in filter(None, (sys.stdout, sys.__stdout__)):
        try:
            out.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
