"""``quarantine list|show|retry|remove``: what is set aside, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from firehose_loader.cli.console import answer, confirm, table
from firehose_loader.cli.options import (
    AsJson,
    ConfigFile,
    Into,
    OfDrop,
    OfEventType,
    OfSource,
    Yes,
)
from firehose_loader.model import HeldState, Reason

if TYPE_CHECKING:  # imported late, so that --help does not wait for it
    from firehose_loader.history import HeldRow

app = typer.Typer(rich_markup_mode=None, help="Work on what could not be loaded.")

Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID", help="Rows, as quarantine list shows them.", show_default=False),
]
Reasons = Annotated[
    list[Reason] | None,
    typer.Option(
        "--reason",
        help="Set aside for this reason; may come several times.",
        show_default=False,
    ),
]
_RAW_SHOWN = 80


@app.command("list")
def list_held(  # noqa: PLR0913 - one parameter per option
    into: Into = None,
    config: ConfigFile = None,
    *,
    drop: OfDrop = None,
    source: OfSource = None,
    event_type: OfEventType = None,
    reason: Reasons = None,
    state: Annotated[HeldState, typer.Option(help="Where the rows stand.")] = HeldState.HELD,
    limit: Annotated[int, typer.Option(min=1, help="Most rows to list.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List rows and drops that are set aside, with reason, place and text.

    \b
    Examples:
      firehose-loader quarantine list --into events.duckdb
      firehose-loader quarantine list --reason missing_required --drop opens/2026
      firehose-loader quarantine list --state removed --limit 1000 --json
    """
    from firehose_loader import aftercare
    from firehose_loader.config import load_config
    from firehose_loader.history import DropFilter, HeldFilter

    rows = HeldFilter(reasons=reason, event_type=event_type, states=(state,))
    loaded = load_config(config, into=into)
    drops = DropFilter(drop=drop, source=source)
    with aftercare.looking(loaded) as warehouse:
        wanted = aftercare.held_filter(loaded, warehouse, rows, drops)
        counts = warehouse.count_held(wanted)
        found = warehouse.held(wanted, limit=limit)
    if as_json:
        answer(
            {
                "rows": sum(counts.values()),
                "reasons": counts,
                "held": [_document(row) for row in found],
            }
        )
        return
    _print(found)
    print(
        f"{sum(counts.values())} {state}: "
        + (", ".join(f"{count} {name}" for name, count in counts.items()) or "nothing")
    )


@app.command("show")
def show_held(
    held_id: Annotated[str, typer.Argument(metavar="ID", help="As quarantine list shows it.")],
    into: Into = None,
    config: ConfigFile = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show all that is known of one row that is, or was, set aside.

    \b
    Examples:
      firehose-loader quarantine show 0f343b0931126a20f133d67c2b018a3b --into events.duckdb
      firehose-loader quarantine show 0f343b0931126a20f133d67c2b018a3b --json
    """
    from firehose_loader import aftercare
    from firehose_loader.config import load_config
    from firehose_loader.history import DropFilter, HeldFilter

    rows = HeldFilter(ids=[held_id], states=tuple(HeldState))
    loaded = load_config(config, into=into)
    with aftercare.looking(loaded) as warehouse:
        wanted = aftercare.held_filter(loaded, warehouse, rows, DropFilter())
        (row,) = warehouse.held(wanted)
    document = _document(row)
    if as_json:
        answer(document)
        return
    table(("", ""), list(document.items()))


@app.command("retry")
def retry_held(  # noqa: PLR0913 - one parameter per option
    ids: Ids = None,
    into: Into = None,
    config: ConfigFile = None,
    *,
    drop: OfDrop = None,
    source: OfSource = None,
    event_type: OfEventType = None,
    reason: Reasons = None,
    schema_version: Annotated[
        str | None,
        typer.Option(
            help="Retry under this version of the event type, such as 1-0-1; else the newest.",
            show_default=False,
        ),
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Tell what would be loaded, and change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Load the held rows that today's schemas accept, each as the row of the drop that it was.

    Rows are read again from their own text: their drops may be gone. What could not be read at
    all, and drops set aside as a whole, need firehose-loader replay.

    \b
    Examples:
      firehose-loader quarantine retry --preview --into events.duckdb
      firehose-loader quarantine retry --reason missing_required --event-type email.open
      firehose-loader quarantine retry --event-type email.open --schema-version 1-0-1 --json
    """
    from firehose_loader import aftercare
    from firehose_loader.config import load_config
    from firehose_loader.history import DropFilter, HeldFilter

    report = aftercare.retry_held(
        load_config(config, into=into),
        HeldFilter(ids=ids or None, reasons=reason, event_type=event_type),
        DropFilter(drop=drop, source=source),
        version=schema_version,
        preview=preview,
    )
    accepted = report.accepted
    if as_json:
        answer(
            {
                "preview": preview,
                "rows": report.selected,
                "accepted": accepted.parsed,
                "inserted": accepted.inserted,
                "updated": accepted.updated,
                "duplicate": accepted.duplicate,
                "conflicting": accepted.conflicting,
                "still_held": report.still_held,
                "need_replay": report.need_their_drop,
                "events": {name: of.parsed for name, of in sorted(report.events.items())},
            }
        )
        return
    would = "would be" if preview else "were"
    print(
        f"{report.selected} rows held: {accepted.parsed} {would} accepted"
        f" ({accepted.inserted} inserted, {accepted.updated} updated,"
        f" {accepted.duplicate} duplicate), {report.still_held} stay,"
        f" {report.need_their_drop} need firehose-loader replay: their text is masked or not whole"
    )


@app.command("drop", hidden=True)  # another name of it, for those who look for that word
@app.command("remove")
def remove_held(  # noqa: PLR0913 - one parameter per option
    ids: Ids = None,
    into: Into = None,
    config: ConfigFile = None,
    *,
    drop: OfDrop = None,
    source: OfSource = None,
    event_type: OfEventType = None,
    reason: Reasons = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every row that is held; for want of anything narrower.")
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Give up held rows for good. Their texts are erased; that they were there stays on record.

    The counts of their drops go on to balance: a row that is given up is accounted for.

    \b
    Examples:
      firehose-loader quarantine remove 0f343b0931126a20f133d67c2b018a3b --into events.duckdb
      firehose-loader quarantine remove --reason unparseable --drop opens/2026 --yes --json
    """
    from firehose_loader import aftercare
    from firehose_loader.config import load_config
    from firehose_loader.errors import ConfigError
    from firehose_loader.history import DropFilter, HeldFilter

    given = (ids, drop, source, event_type, reason)
    if any(given) == everything:
        raise ConfigError(
            "say which rows: ids, --drop, --source, --event-type or --reason; --all for every one"
        )
    rows = HeldFilter(ids=ids or None, reasons=reason, event_type=event_type)
    loaded = load_config(config, into=into)
    drops = DropFilter(drop=drop, source=source)
    with aftercare.changing(loaded) as warehouse:
        wanted = aftercare.held_filter(loaded, warehouse, rows, drops)
        counts = warehouse.count_held(wanted)
        total = sum(counts.values())
        if total:
            confirm(f"this gives up {total} held rows for good", yes=yes)
        removed = warehouse.remove_held(wanted)
    if as_json:
        answer({"removed": removed, "reasons": counts})
        return
    print(f"{removed} rows given up")


def _print(rows: Sequence[HeldRow]) -> None:
    if not rows:
        return
    table(
        ("id", "reason", "drop", "row", "field", "message", "text"),
        [
            (
                row.id,
                str(row.reason),
                row.drop.key,
                row.row,
                row.field,
                row.message,
                row.raw if len(row.raw) <= _RAW_SHOWN else f"{row.raw[:_RAW_SHOWN]}...",
            )
            for row in rows
        ],
    )


def _document(row: HeldRow) -> dict[str, object]:
    return {
        "id": row.id,
        "state": row.state,
        "reason": row.reason,
        "source": row.drop.source,
        "drop": row.drop.key,
        "drop_id": row.drop.drop_id,
        "row": row.row,
        "line": row.line,
        "byte_offset": row.byte_offset,
        "event_type": row.event_type,
        "schema_version": row.schema_version,
        "field": row.field,
        "message": row.message,
        "raw": row.raw,
        "can_be_retried": row.can_be_retried,
        "run_id": row.run_id,
        "quarantined_at": row.quarantined_at,
        "changed_at": row.changed_at,
    }
