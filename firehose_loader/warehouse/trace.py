"""Find everything that a warehouse knows of one event."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import cast

from firehose_loader.history import Trace, TracedDuplicate, TracedRow
from firehose_loader.warehouse.ddl import Qualified
from firehose_loader.warehouse.session import Session

_Row = tuple[str, int, str, datetime, str]
_Duplicate = tuple[str, int, str, str, str, str | None, str]


def trace(
    session: Session,
    qualified: Qualified,
    tables: Mapping[str, Collection[str]],
    event: str,
    key: str | None,
) -> Trace:
    """Look an event up in all event tables, the duplicates and the quarantine.

    ``event`` is its id, and ``key`` what follows from it; None where that is no id.
    """
    name = qualified.spelling.column
    rows: list[TracedRow] = []
    keys = [] if key is None else [key]
    for table, columns in tables.items():
        event_id = name("event_id") if "event_id" in columns else "NULL"
        found = session.run(
            "trace_rows",
            {"event": event, "event_key": key},
            table=qualified(table),
            event_id=event_id,
        )
        for drop_id, row, version, loaded_at, found_key in cast("list[_Row]", found):
            keys.append(found_key)
            rows.append(
                TracedRow(
                    table=table,
                    drop_id=drop_id,
                    row=row,
                    schema_version=version,
                    loaded_at=loaded_at,
                )
            )
    duplicates = session.run(
        "trace_duplicates",
        {"event_key": sorted(set(keys))},
        duplicates=qualified("_firehose_duplicates"),
    )
    held = session.run("trace_held", {"event": event}, quarantine=qualified("_firehose_quarantine"))
    return Trace(
        rows=rows,
        duplicates=[_duplicate(row) for row in cast("list[_Duplicate]", duplicates)],
        held_ids=[str(held_id) for (held_id,) in held],
    )


def _duplicate(row: _Duplicate) -> TracedDuplicate:
    drop_id, row_no, event_type, table, fate, field, version = row
    return TracedDuplicate(
        drop_id=drop_id,
        row=row_no,
        event_type=event_type,
        table=table,
        fate=fate,
        field=field,
        schema_version=version,
    )
