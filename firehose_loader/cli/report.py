"""``report``: one page to look at and to pass on."""

from __future__ import annotations

import sys
import webbrowser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from firehose_loader.cli.console import answer, note_absent, printable
from firehose_loader.cli.options import AsJson, ConfigFile, Into
from firehose_loader.errors import ConfigError

_DAYS = 28
_MOST_DAYS = 366


def report(  # noqa: PLR0913 - options
    into: Into = None,
    config: ConfigFile = None,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write, made anew if it is there.")
    ] = Path("report.html"),
    days: Annotated[
        int | None,
        typer.Option(
            "--days",
            min=1,
            max=_MOST_DAYS,
            help=f"How many days up to now; without it, {_DAYS}.",
            show_default=False,
        ),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--from", help="Deliveries from then on, UTC.", show_default=False),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--to", help="Deliveries before then, UTC.", show_default=False),
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", help="Of this source only.", show_default=False)
    ] = None,
    no_samples: Annotated[
        bool, typer.Option("--no-samples", help="Show no examples of values, not even masked.")
    ] = False,
    open_it: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write one HTML page: what arrived, what is missing or late, what was set aside, and why.

    The page needs no network and no other file. Of values it shows their shape only: letters and
    digits are masked. Nothing is changed in the warehouse.

    \b
    Examples:
      firehose-loader report --into events.duckdb
      firehose-loader report -c firehose.toml -o week.html --days 7 --open
      firehose-loader report --from 2026-01-05 --to 2026-01-12 --source prod --json
    """
    from firehose_loader.config import load_config
    from firehose_loader.figures import Period
    from firehose_loader.report import gather, page_of, summary_of, write_page

    now = datetime.now(UTC)
    first, last = _limits(days, since, until, now)
    period = Period(since=first, until=last, source=source)
    loaded = load_config(config, into=into)
    note_absent(loaded)
    summary = summary_of(gather(loaded, period, now=now, samples=not no_samples))
    page = page_of(summary)
    write_page(output, page)
    print(f"written: {printable(str(output))}", file=sys.stderr)
    if as_json:
        answer(
            {
                "exit_code": 0,
                "report": str(output),
                "bytes": len(page.encode()),
                **summary.document(),
            }
        )
    if open_it and not webbrowser.open(output.resolve().as_uri()):
        print("no browser could be started here; open the file in one", file=sys.stderr)


def _limits(
    days: int | None, since: datetime | None, until: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    """Return the period that is meant.

    Raises:
        ConfigError: what was given does not go together.
    """
    if days is not None and since is not None:
        raise ConfigError("give --days or --from, not both: --days counts back from --to, or now")
    last = now if until is None else min(now, _aware(until))
    first = last - timedelta(days=days or _DAYS) if since is None else _aware(since)
    if first >= last:
        raise ConfigError("the period is empty: --from must be before --to, and before now")
    if now - first > timedelta(days=10 * _MOST_DAYS):
        raise ConfigError("--from is more than ten years ago")
    return first, last


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
