"""The command line. stdout is the answer, stderr the story; exit codes are those of ``errors``."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from types import ModuleType

import typer
from typer.exceptions import TyperException

from firehose_loader import __version__, stopping
from firehose_loader.cli.console import printable
from firehose_loader.cli.story import story_stream
from firehose_loader.errors import ConfigError, ExitCode, FirehoseError, MachineRefuses

_COMMANDS = {
    "init": "init",
    "run": "run",
    "plan": "run",
    "watch": "watch",
    "reconcile": "reconcile",
    "doctor": "doctor",
    "status": "status",
    "check": "check",
    "report": "report",
    "inspect": "inspect",
    "sql": "sql",
    "views": "views",
    "dbt": "dbt",
    "publish": "publish",
    "compact": "compact",
    "sample": "sample",
    "adopt": "adopt",
    "explain": "history",
    "trace": "history",
    "undo": "history",
    "replay": "history",
    "audit": "audit",
    "forget": "forget",
    "expire": "expire",
}
"""In the order of --help, each with the module that has a function of its name."""
_GROUPS = ("quarantine", "pii", "config", "schema")
"""Modules that have several commands each."""


def application(*only: str) -> typer.Typer:
    """Return the command line with these commands and groups, or with all that there are.

    Modules are imported here: whoever gives one command does not wait for the others.
    """
    app = typer.Typer(
        name="firehose-loader",
        help="Land Dotdigital Data Firehose drops in a warehouse, each event exactly once.\n\n"
        "Shortest use: firehose-loader run ./drops --into events.duckdb",
        pretty_exceptions_enable=False,
        add_completion=True,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for command, module in _COMMANDS.items():
        if not only or command in only:
            app.command()(getattr(_imported(module), command))
    for group in _GROUPS:
        if not only or group in only:
            app.add_typer(_imported(group).app, name=group)
    return app


def _imported(module: str) -> ModuleType:
    return import_module(f"{__name__}.{module}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    _open_streams()
    with stopping.listening():
        try:
            code = _command(words)
        except stopping.Stopped:
            code = ExitCode.OK
        except Exception:  # noqa: BLE001 - the last resort: a bug is told as one, with its traceback
            # A signal in the middle of a query comes out of the engine as RuntimeError.
            code = ExitCode.OK if stopping.received() else _unexpected()
        number = stopping.received()
    return code if number is None else _stopped(number)


def _unexpected() -> int:
    traceback.print_exc()
    print("unexpected error: this is a bug of firehose-loader", file=sys.stderr)
    return ExitCode.UNEXPECTED


def _command(words: Sequence[str]) -> int:
    try:
        named = [word for word in words[:1] if word in {*_COMMANDS, *_GROUPS}]
        command = typer.main.get_command(application(*named))
        code = command.main(words, "firehose-loader", standalone_mode=False)
        sys.stdout.flush()
    except FirehoseError as error:
        return _told(error, as_json="--json" in words)
    except TyperException as error:
        hint = "firehose-loader --help, and --help behind a command, show what there is"
        return _told(ConfigError(f"{error.format_message()} ({hint})"), as_json="--json" in words)
    except (BrokenPipeError, SystemExit):
        # The reader of our output has gone (the library makes an exit of it): that ends the
        # output, it is no failure of ours.
        _silence()
        return ExitCode.OK
    except OSError as error:
        _silence()
        return _told(MachineRefuses(error), as_json=False)
    return code if isinstance(code, int) else ExitCode.OK


def _open_streams() -> None:
    """Have all three standard streams, though nobody may be there.

    A file that is opened later would else get the number of a closed one, and be written to.
    """
    for number, mode in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # the lowest number that is free
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115 - for the whole process
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8")  # noqa: SIM115 - as above
    if sys.stderr is None or sys.stderr is sys.__stderr__:
        sys.stderr = story_stream(2, "utf-8" if sys.stderr is None else sys.stderr.encoding)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal may know fewer signs than names hold
            stream.reconfigure(errors="backslashreplace")


def _silence() -> None:
    """Let the interpreter's last words, for which there is no place, go nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _stopped(number: int) -> int:
    name = "interrupted" if number == signal.SIGINT else "terminated"
    print(f"{name}; what was not committed was rolled back", file=sys.stderr)
    return ExitCode.INTERRUPTED if number == signal.SIGINT else ExitCode.TERMINATED


def console_script() -> None:
    """Run one command, and end the process with its exit code."""
    code = main()
    if code in {ExitCode.INTERRUPTED, ExitCode.TERMINATED}:
        # The interpreter would wait for every download that hangs in a read, up to its time-out.
        sys.stdout.flush()
        os._exit(code)
    sys.exit(code)


def _print_version(given: bool) -> None:
    if given:
        print(f"firehose-loader {__version__}")
        raise typer.Exit


def _options(
    *,
    version: bool = typer.Option(
        False,
        "--version",
        help="Print the version and stop.",
        is_eager=True,
        callback=_print_version,
    ),
) -> None:
    del version


def _told(error: FirehoseError, *, as_json: bool) -> int:
    """Say what went wrong, once, in the way the caller reads."""
    print("error: " + "\n".join(map(printable, str(error).split("\n"))), file=sys.stderr)
    if as_json:
        trouble = {"error": type(error).__name__, "message": str(error)}
        answer = {"status": "failed", "exit_code": int(error.exit_code), "errors": [trouble]}
        print(json.dumps(answer))
    return error.exit_code
