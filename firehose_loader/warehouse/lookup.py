"""Look up drops in the ledger of a warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from firehose_loader.engine import Row
from firehose_loader.history import DropFilter, DropRecord
from firehose_loader.model import DropState, RowCounts
from firehose_loader.warehouse.ddl import Qualified
from firehose_loader.warehouse.keys import stored_drop, to_text
from firehose_loader.warehouse.session import Session
from firehose_loader.warehouse.views import event_tables


def ledger_rows(
    session: Session,
    qualified: Qualified,
    wanted: DropFilter,
    place: tuple[int, int | None],
) -> Sequence[DropRecord]:
    """Return the rows of the ledger that are meant, the oldest drop first.

    ``place``: the first one of them, and how many at most.
    """
    part = None if wanted.drop is None else to_text(wanted.drop)
    typed = None
    if wanted.event_type is not None:
        typed = carriers(session, qualified, wanted.event_type)
    ids = [set(given) for given in (wanted.drop_ids, typed) if given is not None]
    found = session.run(
        "ledger_rows",
        {
            "part": part,
            "source": wanted.source,
            "run_id": wanted.run_id,
            "since": wanted.since,
            "until": wanted.until,
            "drop_ids": sorted(set.intersection(*ids)) if ids else None,
            "first": place[0],
            "at_most": place[1],
        },
        drops=qualified("_firehose_drops"),
    )
    records = [_record(row) for row in found]
    exact = [one for one in records if part in {one.drop.drop_id, to_text(one.drop.key)}]
    return exact or records


def carriers(session: Session, qualified: Qualified, event_type: str) -> list[str]:
    """Return the ids of the drops that carried events of a type, whatever became of these."""
    spelling = qualified.spelling
    own = spelling.name("drop_id"), spelling.name("event_type")
    theirs = spelling.column("_drop_id"), spelling.column("event_type")
    places = dict.fromkeys(("_firehose_quarantine", "_firehose_duplicates"), own)
    places |= dict.fromkeys(event_tables(session, qualified), theirs)
    found = set()
    for table, (column, type_column) in places.items():
        rows = session.run(
            "ledger_typed",
            {"event_type": event_type},
            table=qualified(table),
            column_name=column,
            event_type=type_column,
        )
        found |= {str(drop_id) for (drop_id,) in rows}
    return sorted(found)


def _record(row: Row) -> DropRecord:
    source, key, version, size_bytes, modified, state, attempts = cast(
        "tuple[str, str, str, int, datetime, str, int]", row[:7]
    )
    counts = cast("tuple[int, ...]", row[7:15])
    error, message, run_id, first_seen_at, finished_at, newer = cast(
        "tuple[str | None, str | None, str, datetime, datetime, str | None]", row[15:21]
    )
    return DropRecord(
        drop=stored_drop(str(row[21]), source, key, version, size_bytes, modified),
        state=DropState(state),
        attempts=attempts,
        rows=RowCounts(**dict(zip(RowCounts.__struct_fields__, counts, strict=True))),
        error=error,
        message=message,
        run_id=run_id,
        first_seen_at=first_seen_at,
        finished_at=finished_at,
        newer=newer,
    )
