"""The tables of a report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from firehose_loader.figures import BUCKETS, bucket_names
from firehose_loader.model import RowCounts
from firehose_loader.report.arrivals import Arrivals, Day
from firehose_loader.report.gather import Gathered
from firehose_loader.schema.model import EventSchema

FATE_COLUMNS = (
    *("inserted", "updated", "identical", "superseded", "conflicting", "quarantined"),
    "expired",
)
_BY_HOURS = timedelta(days=8)
_SLOWEST = 15
_LONG_AGO = datetime.fromtimestamp(0, UTC)


class Table(Struct, frozen=True, kw_only=True):
    """Rows under headings. Cells are None, texts, times or numbers."""

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[object]]


def series_table(gathered: Gathered) -> Table:
    """Return how each source and event type stands."""
    return Table(
        caption="Sources and their event types",
        headings=(
            *("source", "event type", "state", "last drop", "rows in 24 h", "slots missing"),
            *("slots late", "in quarantine", "failed drops"),
        ),
        rows=[
            (
                one.source,
                one.event_type or "all",
                one.state.replace("_", " "),
                one.last_drop,
                one.rows_day,
                one.missing,
                one.late,
                one.quarantined,
                one.failed,
            )
            for one in gathered.series
        ],
    )


def days_table(arrivals: Arrivals) -> Table:
    """Return rows by day and event type, with what was missing or late."""
    return Table(
        caption=f"{arrivals.source}: rows by day of slot and event type, and slots missing or late",
        headings=("day", "all", *(str(one.event_type) for one in arrivals.types)),
        rows=[(f"{day:%Y-%m-%d}", *map(_day, of)) for day, of in arrivals.days()],
    )


def rows_bins(gathered: Gathered) -> tuple[str, list[tuple[datetime, int, RowCounts]]]:
    """Return the unit of the bins of a period, and drops and rows of each bin, gaps included."""
    period = gathered.period
    by_hour = period.until - period.since <= _BY_HOURS
    step = timedelta(hours=1) if by_hour else timedelta(days=1)
    bins: dict[datetime, tuple[int, RowCounts]] = {}
    for one in gathered.figures.hours:
        time = one.hour if by_hour else one.hour.replace(hour=0)
        drops, rows = bins.get(time, (0, RowCounts()))
        rows.add(one.rows)
        bins[time] = (drops + one.drops, rows)
    if not bins:
        return "hour" if by_hour else "day", []
    first, last = min(bins), max(bins)
    times = (first + number * step for number in range((last - first) // step + 1))
    filled = [(time, *bins.get(time, (0, RowCounts()))) for time in times]
    return "hour" if by_hour else "day", filled


def rows_table(unit: str, bins: Sequence[tuple[datetime, int, RowCounts]]) -> Table:
    """Return what became of the rows of each bin."""
    return Table(
        caption=f"Rows by {unit} of delivery",
        headings=(unit, "drops", "rows", *FATE_COLUMNS),
        rows=[
            (time, drops, rows.parsed, *(getattr(rows, name) for name in FATE_COLUMNS))
            for time, drops, rows in bins
        ],
    )


def lateness_counts(gathered: Gathered) -> dict[str, list[int]]:
    """Return events by bucket of lateness, by event type, of all sources."""
    counts: dict[str, list[int]] = {}
    for one in gathered.figures.lateness:
        before = counts.get(one.event_type, [0] * len(one.counts))
        counts[one.event_type] = [a + b for a, b in zip(before, one.counts, strict=True)]
    return dict(sorted(counts.items()))


def lateness_table(counts: dict[str, list[int]]) -> Table:
    """Return events by how late they came, one column for an event type."""
    total = [sum(of[number] for of in counts.values()) for number in range(BUCKETS)]
    columns = {"all": total, **counts}
    return Table(
        caption="Events by the time from the event to the delivery of its drop",
        headings=("delivered after", *columns),
        rows=[
            (name, *(of[number] for of in columns.values()))
            for number, name in enumerate(bucket_names())
            if any(of[number] for of in columns.values())
        ],
    )


def schemas_table(gathered: Gathered) -> Table:
    """Return the version in force of each event type that has a table."""
    added: dict[str, int] = {}
    for one in gathered.additions:
        added[one.event_type] = added.get(one.event_type, 0) + len(one.fields)
    return Table(
        caption="Event types that have a table, all sources",
        headings=(
            *("event type", "table", "version", "from", "fields", "fields added by the feed"),
            *("rows in all", "first event", "last event"),
        ),
        rows=[
            (
                event.event_type,
                event.table,
                str(schema.version),
                schema.origin,
                len(schema.fields),
                added.get(event.event_type, 0),
                event.rows,
                event.first_event,
                event.last_event,
            )
            for event in gathered.health.status.events
            for schema in (_of_table(gathered, event.table),)
            if schema is not None
        ],
    )


def drift_table(gathered: Gathered) -> Table:
    """Return the fields that came with the feed and that no version knew, the newest first."""
    masks = () if gathered.samples is None else ("a value, masked",)
    rows: list[tuple[datetime, Sequence[object]]] = []
    for addition in gathered.additions:
        for one in addition.fields:
            seen = addition.sightings[one.column]
            when = (seen.first_seen_at or _LONG_AGO).replace(tzinfo=UTC)
            filled = f"{100 * seen.filled / seen.rows:.0f} %" if seen.rows else None
            new = "in this period" if when >= gathered.period.since else "before"
            cells = (when, new, addition.event_type, str(addition.version), one.name, one.column)
            told = (str(one.type), seen.why, filled)
            rows.append((when, (*cells, *told, *((seen.sample,) if masks else ()))))
    return Table(
        caption="Fields that came with the feed and that no schema version knew",
        headings=(
            *("first seen", "new", "event type", "version", "field", "column", "type", "why"),
            *("rows with a value at first sight", *masks),
        ),
        rows=[cells for _, cells in sorted(rows, key=lambda row: row[0], reverse=True)],
    )


def runs_table(gathered: Gathered) -> Table:
    """Return the slowest runs of the period."""
    seconds = {one.run_id: (one.finished_at - one.started_at) for one in gathered.runs}
    slowest = sorted(gathered.runs, key=lambda one: seconds[one.run_id], reverse=True)[:_SLOWEST]
    rows = []
    for run in slowest:
        told = json.loads(run.summary)
        took = seconds[run.run_id].total_seconds()
        parsed = told["rows"]["parsed"]
        rows.append(
            (
                run.run_id,
                run.started_at,
                round(took, 1),
                run.status,
                told["drops"]["listed"],
                told["drops"]["loaded"],
                parsed,
                round(parsed / took) if took else 0,
                len(told["errors"]),
            )
        )
    return Table(
        caption="The slowest runs of the period",
        headings=(
            *("run", "started", "seconds", "status", "drops listed", "drops loaded"),
            *("rows", "rows a second", "errors"),
        ),
        rows=rows,
    )


def _day(day: Day) -> str | int:
    told = [
        f"{count} {what}" for count, what in ((day.absent, "missing"), (day.late, "late")) if count
    ]
    if not told:
        return day.rows if day.came else "-"
    return f"{day.rows:,} ({', '.join(told)})"


def _of_table(gathered: Gathered, table: str) -> EventSchema | None:
    return next((one for one in gathered.schemas.values() if one.table == table), None)
