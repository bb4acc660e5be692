"""``expire``: remove what is older than its retention."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from firehose_loader.cli.console import answer, confirm, table
from firehose_loader.cli.options import AsJson, ConfigFile, Into, Yes

if TYPE_CHECKING:
    from firehose_loader.aftercare.expiring import ExpireReport
    from firehose_loader.config import Config
    from firehose_loader.privacy.retention import ExpireReceipt


def expire(  # noqa: PLR0913 - one parameter per option
    into: Into = None,
    config: ConfigFile = None,
    *,
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--source", help="Of this source alone; may come several times.", show_default=False
        ),
    ] = None,
    event_type: Annotated[
        list[str] | None,
        typer.Option(
            "--event-type",
            help="Of this event type alone, such as email.open; may come several times.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be removed, and change nothing.")
    ] = False,
    rows_per_transaction: Annotated[
        int,
        typer.Option(
            "--rows-per-transaction",
            min=1,
            help="Most events of a table, or rows of the quarantine, in one transaction.",
        ),
    ] = 100_000,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Remove events that are older than their retention, and never load one again.

    How long events are kept is configured, by source or event type. What is set aside goes as well,
    and is as old as its drop, as are events without a time. That rows were there stays on record,
    so that the counts of their drops go on to balance. It may be broken off: the next one goes on.

    \b
    Examples:
      firehose-loader expire --dry-run
      firehose-loader expire --yes --json
      firehose-loader expire --source prod --event-type email.open --into events.duckdb --yes
    """
    from firehose_loader.config import load_config

    loaded = load_config(config, into=into)
    report = _expired(
        loaded,
        (source or [], event_type or []),
        most_rows=rows_per_transaction,
        dry_run=dry_run,
        yes=yes,
    )
    if as_json:
        answer(_document(report, dry_run=dry_run))
    else:
        _print(report, dry_run=dry_run)


def _expired(
    loaded: Config,
    wanted: tuple[list[str], list[str]],
    *,
    most_rows: int,
    dry_run: bool,
    yes: bool,
) -> ExpireReport:
    from firehose_loader import aftercare
    from firehose_loader.aftercare.expiring import Expiring

    sources, event_types = wanted
    with aftercare.changing(loaded) as warehouse:
        expiring = Expiring(
            warehouse, loaded, sources=sources, event_types=event_types, most_rows=most_rows
        )
        if dry_run or not yes:
            would = expiring.apply(lambda _: None, preview=True)
            if dry_run:
                return would
            confirm(f"this removes {_sum(would)} for good", yes=yes)
        return expiring.apply(_tell, preview=False)


def _tell(receipt: ExpireReceipt) -> None:
    if removed := receipt.events or receipt.set_aside:
        print(f"{receipt.table}: {removed:,} rows removed", file=sys.stderr)


def _sum(report: ExpireReport) -> str:
    return (
        f"{report.events.total():,} events, {report.duplicates:,} rows that carried the same ones,"
        f" and {report.set_aside:,} rows of the quarantine"
    )


def _document(report: ExpireReport, *, dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "run_id": report.run_id,
        "events": report.events.total(),
        "tables": dict(sorted(report.events.items())),
        "duplicates": report.duplicates,
        "quarantine": report.set_aside,
        "transactions": report.transactions,
        "kept_from": [
            {"source": one.source, "event_type": one.event_type or None, "time": one.kept_from}
            for one in report.limits
        ],
        "still_there": list(report.remaining),
    }


def _print(report: ExpireReport, *, dry_run: bool) -> None:
    if report.events:
        table(("table", "events"), sorted(report.events.items()))
    print(f"{_sum(report)} {'would be' if dry_run else 'were'} removed")
    if report.transactions:
        for told in report.remaining:
            print(f"still there: {told}")
