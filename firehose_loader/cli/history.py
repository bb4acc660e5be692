"""``explain``, ``trace``, ``undo`` and ``replay``: what became of a drop or an event, and again."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from firehose_loader.cli.console import answer, confirm, printable, table
from firehose_loader.cli.options import (
    AsJson,
    ConfigFile,
    Drops,
    Into,
    OfEventType,
    OfRun,
    OfSource,
    Since,
    Until,
    Yes,
)
from firehose_loader.model import as_dict

_MOST_NAMED = 3
"""Keys of drops in one message; a machine gets all."""
Drop = Annotated[
    str | None,
    typer.Argument(help="A drop's id, its key, or a part of its key.", show_default=False),
]
Unchecked = Annotated[
    bool,
    typer.Option(
        "--unchecked",
        help="Go on where it cannot be told whether rows were changed by hand since.",
    ),
]


def explain(
    drop: Annotated[str, typer.Argument(help="Its id, its key, or a part of its key.")],
    into: Into = None,
    config: ConfigFile = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say in a sentence why a drop was loaded, skipped, held or set aside.

    \b
    Examples:
      firehose-loader explain opens/2026-01-05.csv
      firehose-loader explain 2b6wvkqt0m5p --into events.duckdb --json
    """
    from firehose_loader import aftercare
    from firehose_loader.config import load_config

    found = aftercare.explain(load_config(config, into=into), drop)
    if as_json:
        answer(
            {
                "drops": [
                    {
                        "drop_id": one.drop.drop_id,
                        "source": one.drop.source,
                        "drop": one.drop.key,
                        "verdict": one.verdict,
                        "rule": one.rule,
                        "sentence": one.sentence,
                        "evidence": one.evidence,
                    }
                    for one in found
                ]
            }
        )
        return
    for one in found:
        print(printable(one.sentence))


def trace(
    event_id: Annotated[str, typer.Argument(help="The event's id, as the feed writes it.")],
    into: Into = None,
    config: ConfigFile = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Follow an event back to its row, file, run and version, and to all set aside for it.

    \b
    Examples:
      firehose-loader trace 6f1c1f0e-5b0e-4a55-9f0a-5d6f3a1c2b3d --into events.duckdb
      firehose-loader trace 12345 --json
    """
    from firehose_loader import aftercare
    from firehose_loader.config import load_config

    with aftercare.looking(load_config(config, into=into)) as warehouse:
        document = aftercare.traced(warehouse, event_id)
    if as_json:
        answer(document)
        return
    if not document["rows"]:
        print("no event has this id")
    for name, rows in document.items():
        if isinstance(rows, list) and rows:
            print(f"{name}:")
            table(tuple(rows[0]), [tuple(row.values()) for row in rows])


def undo(  # noqa: PLR0913 - one parameter per option
    drops: Drops = None,
    into: Into = None,
    config: ConfigFile = None,
    *,
    run: OfRun = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Tell what would be taken out, and change nothing.")
    ] = False,
    unchecked: Unchecked = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Take exactly the rows of some drops, or of a run, out again, in one transaction.

    An event that other drops carried too stays, as a row of one of them. The ledger says undone,
    and the next run takes the drops for new. What cannot be undone exactly is refused, and so is
    what was changed by hand.

    \b
    Examples:
      firehose-loader undo opens/2026-01-05.csv --preview
      firehose-loader undo --run 20261125T051353-4b3bac --yes --json
    """
    from firehose_loader import aftercare
    from firehose_loader.config import load_config
    from firehose_loader.errors import ConfigError
    from firehose_loader.history import DropFilter

    if bool(drops) == bool(run):
        raise ConfigError("say what to undo: drops, or a run with --run")
    wanted = [DropFilter(drop=one) for one in drops or ()] or [DropFilter(run_id=run)]
    with aftercare.changing(load_config(config, into=into)) as warehouse:
        found = {
            one.drop.drop_id: one for each in wanted for one in aftercare.found(warehouse, each)
        }
        records = list(found.values())
        would = aftercare.undo(warehouse, records, preview=True, unchecked=unchecked)
        if not preview:
            confirm(
                f"this takes {would.removed} events of {would.drops} drops out, and leaves"
                f" {would.handed_over} to other drops",
                yes=yes,
            )
            aftercare.undo(warehouse, records, preview=False, unchecked=unchecked)
    if as_json:
        answer({"preview": preview, **as_dict(would)})
        return
    print(
        f"{would.drops} drops {'would be' if preview else 'were'} undone: {would.removed} events"
        f" taken out, {would.handed_over} left to other drops that carried them,"
        f" {would.set_aside} rows of the quarantine closed"
    )
    if would.conflicts:
        print(
            f"{would.conflicts} rows of other drops were set aside as conflicts with these events:"
            " firehose-loader quarantine retry --reason conflict loads them"
        )


def replay(  # noqa: PLR0913 - one parameter per option
    drop: Drop = None,
    into: Into = None,
    config: ConfigFile = None,
    *,
    source: OfSource = None,
    event_type: OfEventType = None,
    run: OfRun = None,
    since: Since = None,
    until: Until = None,
    unchecked: Unchecked = False,
    as_json: AsJson = False,
) -> None:
    """Load drops again from their source files, under today's schemas and settings.

    Each is taken out and loaded as if it were new. If a file is gone or has changed, nothing is
    replayed.

    \b
    Examples:
      firehose-loader replay opens/2026-01-05.csv
      firehose-loader replay --event-type email.open --since 2026-01-05 --until 2026-01-06 --json
    """
    from firehose_loader.aftercare.replaying import replay_drops
    from firehose_loader.config import load_config
    from firehose_loader.errors import ConfigError, ExitCode
    from firehose_loader.history import DropFilter

    wanted = DropFilter(
        drop=drop, source=source, run_id=run, event_type=event_type, since=since, until=until
    )
    if wanted == DropFilter():
        raise ConfigError(
            "say what to replay: a drop, --source, --event-type, --run, --since or --until"
        )
    report = replay_drops(load_config(config, into=into), wanted, unchecked=unchecked)
    code = ExitCode.FAILED_DROPS if report.failed else ExitCode.OK
    rows = report.rows
    if as_json:
        answer(
            {
                "exit_code": int(code),
                "drops": report.drops,
                "quarantined_drops": report.quarantined,
                "rows": rows.document(),
                "failed": [{"drop": key, "message": why} for key, why in report.failed],
                "overwritten": report.overwritten,
                "stayed": report.stayed,
                "stayed_with": report.stayed_with,
            }
        )
    else:
        print(
            f"{report.drops} drops replayed, {len(report.failed)} failed: {rows.parsed} rows,"
            f" {rows.fates}"
        )
        for key, why in report.failed:
            print(printable(f"failed: {key}: {why}"))
        if report.overwritten:
            print(
                f"{len(report.overwritten)} drops were overwritten since: that content is gone, and"
                " the later version was replayed"
            )
    if report.stayed:
        keys = ", ".join(map(repr, report.stayed_with[:_MOST_NAMED]))
        more = len(report.stayed_with) - _MOST_NAMED
        print(
            printable(
                f"{report.stayed} rows stay as they were stored, whatever the policies say now:"
                f" other drops brought the same events, {keys}"
                f"{f' and {more} more' if more > 0 else ''}. Where the files of these are still"
                " there, a replay that names them too reads the rows again"
            ),
            file=sys.stderr,
        )
    raise typer.Exit(code)
