"""``check``: whether all is as it should be, for monitors."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from firehose_loader.cli.console import answer, note_absent, printable
from firehose_loader.cli.options import AsJson, ConfigFile, Into
from firehose_loader.errors import ExitCode


def check(  # noqa: PLR0913 - options
    into: Into = None,
    config: ConfigFile = None,
    *,
    window: Annotated[
        str | None,
        typer.Option(
            "--window",
            help="How far back gaps and late drops are told, such as 7d.",
            show_default=False,
        ),
    ] = None,
    stale_after: Annotated[
        str | None,
        typer.Option(
            "--stale-after",
            help="How long a source may go without a run that lists it, such as 2h.",
            show_default=False,
        ),
    ] = None,
    max_quarantined: Annotated[
        int | None,
        typer.Option(
            "--max-quarantined",
            min=0,
            help="Most rows of a source that may wait in quarantine.",
            show_default=False,
        ),
    ] = None,
    max_failed: Annotated[
        int | None,
        typer.Option(
            "--max-failed",
            min=0,
            help="Most drops of a source that may have failed when last tried.",
            show_default=False,
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing where nothing is to be told.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell what is late, missing, stale, failed or set aside, one line each. Nothing is changed.

    Exits with 6 where somebody should look. What came late and is complete now is told, and is no
    trouble. Options come before what the configuration says under [check].

    \b
    Examples:
      firehose-loader check -c firehose.toml
      firehose-loader check --window 7d --max-quarantined 100
      firehose-loader check --json
    """
    from firehose_loader.config import load_config
    from firehose_loader.service.health import health

    given = {
        "window": window,
        "stale_after": stale_after,
        "max_quarantined": max_quarantined,
        "max_failed": max_failed,
    }
    limits = {name: value for name, value in given.items() if value is not None}
    loaded = load_config(config, into=into, tables={"check": limits})
    note_absent(loaded)
    found = health(loaded)
    code = ExitCode.MISSING if found.troubles else ExitCode.OK
    if as_json:
        answer(
            {
                "exit_code": int(code),
                "at": found.at,
                "findings": [
                    {
                        "kind": one.kind,
                        "source": one.source,
                        "event_type": one.event_type,
                        "since": one.since,
                        "trouble": one.is_trouble,
                        "message": one.message,
                    }
                    for one in found.findings
                ],
            }
        )
        raise typer.Exit(code)
    for one in found.findings:
        print(printable(f"{one.kind.replace('_', ' ')}: {one.source}: {one.message}"))
    if not found.troubles and not quiet:
        print("nothing is late, missing or set aside", file=sys.stderr)
    raise typer.Exit(code)
