"""``adopt``: what was loaded by other means is not loaded again."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firehose_loader.cli.console import answer, printable
from firehose_loader.cli.options import AsJson, ConfigFile, Into
from firehose_loader.errors import ConfigError
from firehose_loader.model import as_dict

if TYPE_CHECKING:
    from firehose_loader.aftercare.adopting import AdoptReport

_LONGEST_LIST = 512 * 2**20


def adopt(  # noqa: PLR0913 - one parameter per option
    source: Annotated[str, typer.Argument(help="Name of a configured source, a folder or a URL.")],
    into: Into = None,
    config: ConfigFile = None,
    *,
    until: Annotated[
        datetime | None,
        typer.Option("--until", help="Drops delivered before then, UTC.", show_default=False),
    ] = None,
    names: Annotated[
        str | None,
        typer.Option(
            "--list",
            metavar="FILE",
            help="Drops named in this file, one a line; - is the standard input.",
            show_default=False,
        ),
    ] = None,
    tables: Annotated[
        list[str] | None,
        typer.Option(
            "--copy-history",
            metavar="TABLE",
            help="Drops that COPY loaded into this table of Snowflake; may be given several times.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be adopted; change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Mark drops of a source as loaded by other means, so that no run loads them.

    For those who loaded by hand before. The ledger says adopted, with the run that said so; no rows
    of these drops are expected. What is loaded already, or set aside, stays as it is. New content
    under the name of an adopted drop is loaded as ever. To take it back: undo --run.

    \b
    Examples:
      firehose-loader adopt prod --until 2026-01-05 --dry-run
      firehose-loader adopt prod --until 2026-01-05T12:00:00
      firehose-loader adopt prod --list loaded.txt --json
      firehose-loader adopt prod --copy-history raw.public.events --dry-run
      firehose-loader adopt s3://my-dd-events/prod/ --list - --into events.duckdb < loaded.txt
    """
    from firehose_loader.aftercare import adopting
    from firehose_loader.config import load_config

    if sum(bool(one) for one in (until, names, tables)) != 1:
        raise ConfigError(
            "say which drops were loaded: with --until, with --list, or with --copy-history"
        )
    loaded = load_config(config, sources=(source,), into=into)
    if until is not None:
        chosen = adopting.until(until)
    elif tables:
        chosen, unread = adopting.copied(loaded, tables)
        for message in unread:
            print(f"warning: read in part only: {printable(message)}", file=sys.stderr)
    else:
        origin = "the standard input" if names == "-" else Path(str(names)).name
        chosen = adopting.named(_read(str(names)), loaded.source[0], origin=origin)
    report = adopting.adopt(loaded, chosen, preview=dry_run)
    if as_json:
        answer({"dry_run": dry_run, "message": chosen.message, **as_dict(report)})
    else:
        _tell(report, dry_run=dry_run)


def _read(file: str) -> set[str]:
    """Return the names in a file."""
    try:
        if file == "-":
            text = sys.stdin.buffer.read(_LONGEST_LIST + 1)
        else:
            with Path(file).open("rb") as opened:
                text = opened.read(_LONGEST_LIST + 1)
    except OSError as error:
        raise ConfigError(f"--list {file}: cannot be read: {error.strerror}") from None
    if len(text) > _LONGEST_LIST:
        raise ConfigError(
            f"--list {file}: is longer than {_LONGEST_LIST // 2**20} MiB; split it, and adopt twice"
        )
    lines = text.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape").split("\n")
    found = {name for line in lines if (name := line.removesuffix("\r"))}
    if not found:
        raise ConfigError(f"--list {file}: names no drop")
    return found


def _tell(report: AdoptReport, *, dry_run: bool) -> None:
    done = "would be adopted" if dry_run else "adopted"
    newest = f", the newest of {report.newest:%Y-%m-%d %H:%M:%S} UTC" if report.newest else ""
    print(
        f"{report.adopted} of {report.listed} listed drops {done}{newest}; {report.known} are"
        f" loaded or set aside already, {report.held} may still be being written; the next run"
        f" loads {report.not_chosen}"
    )
    if report.not_listed:
        print(f"{report.not_listed} names are not listed by the source, such as:", file=sys.stderr)
        for name in report.examples:
            print(f"  {printable(name)}", file=sys.stderr)
    if report.adopted and not dry_run:
        print(f"to take it back: firehose-loader undo --run {report.run_id}", file=sys.stderr)
