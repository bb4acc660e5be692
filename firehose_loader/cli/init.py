"""``init``: a configuration to begin with, tried at once, and a schedule for it."""

from __future__ import annotations

import os
import re
import shutil
import sys
from datetime import timedelta
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from firehose_loader.cli.console import printable, table
from firehose_loader.errors import ConfigError, ExitCode
from firehose_loader.setup import Answers, Schedule, composed, schedule

if TYPE_CHECKING:
    from firehose_loader.config import Config

_CADENCES = ("15min", "hourly", "daily")
_PACES = ((timedelta(minutes=30), "15min"), (timedelta(hours=12), "hourly"))
"""Longest cadences that are looked at so often; whatever is slower is looked at as a daily one."""
_NAME = "prod"


def init(  # noqa: PLR0913 - one parameter per question
    source: Annotated[
        str | None,
        typer.Option("--source", help="Where the drops are: a URL or a folder.", metavar="URL"),
    ] = None,
    into: Annotated[
        str | None, typer.Option("--into", help="Where the events go.", metavar="URL")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            help="With --grants or --schedule: the configuration that is there.",
            show_default=False,
        ),
    ] = None,
    *,
    grants: Annotated[
        bool,
        typer.Option("--grants", help="Print the set-up that a configuration needs in Snowflake."),
    ] = False,
    name: Annotated[str, typer.Option("--name", help="Name of the source.")] = _NAME,
    cadence: Annotated[
        str | None,
        typer.Option("--cadence", help="How often the feed delivers: 15min, hourly or daily."),
    ] = None,
    webhook: Annotated[
        str | None,
        typer.Option(
            "--webhook", help="Who is told of trouble, such as ${env:ALERT_WEBHOOK}.", metavar="URL"
        ),
    ] = None,
    keeper: Annotated[
        Schedule | None,
        typer.Option(
            "--schedule",
            help="Also print what runs it again and again; alone, only that, for a file that is"
            " there.",
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File to write; it must not be there.")
    ] = Path("firehose.toml"),
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--doctor/--no-doctor", help="Try at once whether a run can work.")
    ] = True,
) -> None:
    """Write a commented firehose.toml, try it with doctor, and print a schedule for it.

    On a terminal, what no option tells is asked for. Exits with 2 where doctor finds something
    missing; the file is written then, too.

    With --schedule and nothing that describes a configuration, it prints a schedule for the one
    that is there, and writes nothing.

    With --grants, nothing is asked and nothing written: it prints what an administrator of the
    Snowflake account has to run for a configuration that is there, secrets not needed.

    \b
    Examples:
      firehose-loader init
      firehose-loader init --source s3://my-dd-events/prod/ --into events.duckdb --cadence 15min
      firehose-loader init --source ./drops --into events.duckdb --schedule systemd --no-doctor
      firehose-loader init --schedule cron -c firehose.toml
      firehose-loader init --grants -c firehose.toml > setup.sql
    """
    described = force or name != _NAME or any((source, into, cadence, webhook))
    if grants:
        print(_grants(config), end="")
    elif keeper is not None and not described and (config is not None or output.exists()):
        print(_schedule_of(config or output, keeper), end="")
    elif config is not None:
        raise ConfigError(
            "-c goes with --grants, or with --schedule alone; --output says where a new"
            " configuration goes"
        )
    else:
        _check_free(output, force=force)
        text, cadence = _composed(source, name, into, cadence, webhook)
        _made(output, text, cadence, keeper, check=check)


def _check_free(output: Path, *, force: bool) -> None:
    """Refuse what is no file to write."""
    if str(output) == "-":
        raise ConfigError("--output -: name a file; a configuration is not written to stdout")
    if output.exists() and not force:
        raise ConfigError(
            f"{output} is there already; give another --output, or --force; firehose-loader init"
            f" --schedule cron (or systemd, cronjob) -c {quote(str(output))} prints a schedule"
        )


def _composed(
    source: str | None, name: str, into: str | None, cadence: str | None, webhook: str | None
) -> tuple[str, str | None]:
    """Return a configuration and its cadence; what is not given is asked for on a terminal."""
    asking = sys.stdin.isatty()
    source = source or _asked("Where are the drops (URL or folder)", asking, "--source")
    into = into or _asked("Where do the events go", asking, "--into", "events.duckdb")
    if cadence is None and asking:
        cadence = _asked("How often does the feed deliver", asking, "--cadence", "15min")
    if cadence is not None and cadence not in _CADENCES:
        raise ConfigError(f"--cadence {cadence}: write one of {', '.join(_CADENCES)}")
    if webhook is None and asking:
        webhook = typer.prompt("Webhook for alerts (empty: none)", default="", err=True) or None
    source, into = _absolute(source), _absolute(into)
    text = composed(Answers(source=source, name=name, cadence=cadence, into=into, webhook=webhook))
    return text, cadence


def _made(
    output: Path, text: str, cadence: str | None, keeper: Schedule | None, *, check: bool
) -> None:
    _written(output, text)
    print(f"wrote {printable(str(output))}", file=sys.stderr)
    missing = check and _examined(output)
    if keeper is not None:
        print(_schedule(keeper, output, text, cadence), end="")
    else:
        print(
            "next: firehose-loader plan, firehose-loader run; for a schedule: firehose-loader init"
            f" --schedule cron (or systemd, cronjob) -c {quote(printable(str(output)))}",
            file=sys.stderr,
        )
    if missing:
        raise typer.Exit(ExitCode.FATAL)


def _schedule_of(file: Path, keeper: Schedule) -> str:
    """Return a schedule for a configuration that is there, at the pace of its quickest source."""
    from firehose_loader.config import load_config

    paces = [one.cadence for one in load_config(file, secrets=False).source if one.cadence]
    pace = min(paces, default=_PACES[0][0])
    cadence = next((name for longest, name in _PACES if pace <= longest), "daily")
    return _schedule(keeper, file, file.read_text("utf-8"), cadence)


def _schedule(keeper: Schedule, file: Path, text: str, cadence: str | None) -> str:
    import tomllib

    found = shutil.which("firehose-loader")
    program = [found] if found else [sys.executable, "-m", "firehose_loader"]
    names = set(re.findall(r"\$\{env:(\w+)\}", repr(tomllib.loads(text))))
    return schedule(
        keeper, program=program, config=file.absolute(), cadence=cadence, secrets=sorted(names)
    )


def _grants(file: Path | None) -> str:
    from firehose_loader.config import load_config
    from firehose_loader.setup.snowflake import granted

    return granted(load_config(file, secrets=False))


def _asked(question: str, asking: bool, option: str, default: str | None = None) -> str:
    if not asking:
        if default is not None:
            return default
        raise ConfigError(f"nobody is there to be asked; give {option}")
    return str(typer.prompt(question, default=default, err=True))


def _absolute(place: str) -> str:
    """Return a folder or file by a path that holds wherever the schedule runs it."""
    return place if "://" in place else str(Path(place).expanduser().absolute())


def _written(path: Path, text: str) -> None:
    """Write for the user alone: secrets may be put in by hand."""
    try:
        with open(path, "w", encoding="utf-8", opener=_private) as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _examined(path: Path) -> bool:
    """Try the configuration; tell whether something is missing."""
    from firehose_loader import checks
    from firehose_loader.config import load_config

    try:
        loaded: Config = load_config(path)
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        print(f"complete {path}, then try: firehose-loader doctor", file=sys.stderr)
        return True
    probes = list(checks.examine(loaded))
    table(
        ("what", "probe", "state", "found"),
        [(probe.subject, probe.name, str(probe.state), probe.found) for probe in probes],
    )
    return any(probe.state is checks.State.MISSING for probe in probes)
