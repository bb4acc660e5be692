"""What is in a warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from firehose_loader.protocols import EventStatus, RunStatus, SourceStatus, Status, TablesVersion
from firehose_loader.schema.model import EventSchema, FieldType
from firehose_loader.warehouse.ddl import Qualified
from firehose_loader.warehouse.session import Session

_Time = datetime | None


def read_status(
    session: Session,
    qualified: Qualified,
    tables: Mapping[str, EventSchema],
    version: TablesVersion | None,
) -> Status:
    """Read ledger, event tables, quarantine and runs; the tables given are those that exist."""
    if version is None:
        return Status(sources=(), events=(), quarantine={}, last_run=None)
    sources = cast(
        "list[tuple[str, int, int, int, int, int, int, _Time, _Time]]",
        session.run("status_sources", table=qualified("_firehose_drops")),
    )
    quarantine = session.run("status_quarantine", table=qualified("_firehose_quarantine"))
    runs = session.run("status_run", table=qualified("_firehose_runs"))
    return Status(
        sources=[_source(row) for row in sources],
        events=[_event(session, qualified, schema) for schema in tables.values()],
        quarantine=dict(cast("list[tuple[str, int]]", quarantine)),
        last_run=_run(cast("tuple[str, str, datetime]", runs[0])) if runs else None,
        tables_version=version,
    )


def _event(session: Session, qualified: Qualified, schema: EventSchema) -> EventStatus:
    spelling = qualified.spelling
    time = spelling.null(FieldType.TIMESTAMP)
    if schema.event_time:
        time = spelling.column(schema.event_time)
    row = session.run("status_events", table=qualified(schema.table), event_time=time)[0]
    rows, first, last, loaded = cast("tuple[int, _Time, _Time, _Time]", row)
    return EventStatus(
        event_type=schema.event_type,
        table=schema.table,
        rows=rows,
        first_event=first,
        last_event=last,
        last_load=loaded,
    )


def _source(row: tuple[str, int, int, int, int, int, int, _Time, _Time]) -> SourceStatus:
    source, loaded, quarantined, failed, held, adopted, rows, newest, last = row
    return SourceStatus(
        source=source,
        loaded=loaded,
        quarantined=quarantined,
        failed=failed,
        held=held,
        adopted=adopted,
        rows=rows,
        newest_drop=newest,
        last_load=last,
    )


def _run(row: tuple[str, str, datetime]) -> RunStatus:
    run_id, status, finished_at = row
    return RunStatus(run_id=run_id, status=status, finished_at=finished_at)
