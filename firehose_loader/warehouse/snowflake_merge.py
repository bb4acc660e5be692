"""Merge a batch in Snowflake: as anywhere, and within the time that it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import cast

from firehose_loader.protocols import StagedBatch, StagedTable
from firehose_loader.schema.model import FieldType
from firehose_loader.warehouse.ddl import Spelling
from firehose_loader.warehouse.merge import Merge
from firehose_loader.warehouse.session import Session
from firehose_loader.warehouse.tables import EventTables

Extent = tuple[datetime | None, datetime | None]
_UNBOUNDED: Extent = (None, None)


class SnowflakeMerge(Merge):
    """One batch on its way into the event tables."""

    def __init__(
        self, session: Session, batch: StagedBatch, tables: EventTables, now: datetime
    ) -> None:
        super().__init__(session, batch, tables, now)
        self._extents = _extents(session, batch, self._spelling)

    def _find(self, tables: Sequence[StagedTable]) -> None:
        self._session.run(
            "merge_seen",
            {"type_no": tables[0].type_no, **self._bounds(tables[0])},
            table=self._qualified(tables[0].schema.table),
            event_time=_event_time(tables[0], self._spelling),
        )

    def _insert(self, table: StagedTable) -> int:
        names = [self._spelling.column(column) for column in table.columns]
        return self._session.changed(
            "merge_insert",
            {"version": str(table.schema.version), "now": self._now, **self._bounds(table)},
            table=self._qualified(table.schema.table),
            columns=", ".join(names),
            values=", ".join(f"s.{name}" for name in names),
            rows=table.rows,
            event_time=_event_time(table, self._spelling),
        )

    def _bounds(self, table: StagedTable) -> dict[str, object]:
        earliest, latest = self._extents.get(table.type_no, _UNBOUNDED)
        return {"earliest": earliest, "latest": latest}


def _extents(session: Session, batch: StagedBatch, spelling: Spelling) -> Mapping[int, Extent]:
    """Return the event time that a batch is about, for the event types where that bounds its keys.

    A key that follows from a row's content follows from its event time too, so that only rows of
    the same time can have it. An event's id says nothing of its time: a row that carries it again
    may have another one, and must be found all the same.
    """
    found: dict[int, Extent] = {}
    for type_no, group in groupby(batch.tables, key=lambda table: table.type_no):
        tables = list(group)
        schema = tables[0].schema
        if any(not schema.event_time or _has_id(table) for table in tables):
            continue
        times = [time for table in tables for time in _times(session, table, spelling)]
        if times:
            found[type_no] = min(times), max(times)
    return found


def _has_id(table: StagedTable) -> bool:
    return not set(table.schema.key).isdisjoint(table.columns)


def _times(session: Session, table: StagedTable, spelling: Spelling) -> list[datetime]:
    time = table.schema.event_time
    if time is None or time not in table.columns:
        return []
    rows = session.run("merge_extent", rows=table.rows, event_time=f"r.{spelling.column(time)}")
    return [one for one in cast("Extent", rows[0]) if one is not None]


def _event_time(table: StagedTable, spelling: Spelling) -> str:
    if table.schema.event_time is None:
        return spelling.null(FieldType.TIMESTAMP)
    return f"t.{spelling.column(table.schema.event_time)}"
