"""A DuckDB file as warehouse: engine and target share one connection."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import cast

from firehose_loader.config import Config
from firehose_loader.engine import Engine, columns_of
from firehose_loader.errors import CountsDiffer
from firehose_loader.model import Drop, DropState, Receipt, RowCounts, RunRecord
from firehose_loader.protocols import Known, StagedBatch, Status
from firehose_loader.schema.additions import Addition
from firehose_loader.schema.model import EventSchema, FieldType
from firehose_loader.statements import quoted
from firehose_loader.warehouse.duckdb_file import open_file
from firehose_loader.warehouse.ledger import (
    DROPS,
    QUARANTINE,
    RUNS,
    SCHEMAS,
    Ledger,
    recorded,
    to_text,
)
from firehose_loader.warehouse.merge import Merge
from firehose_loader.warehouse.status import read_status
from firehose_loader.warehouse.tables import EventTables, Migration, foreign
from firehose_loader.warehouse.views import EVENTS, replace_events

_META = {
    "meta_drops": ("_firehose_drops", DROPS),
    "meta_runs": ("_firehose_runs", RUNS),
    "meta_quarantine": ("_firehose_quarantine", QUARANTINE),
    "meta_schemas": ("_firehose_schemas", SCHEMAS),
}
_LISTING = 20_000


class DuckDBWarehouse:
    """The events, the ledger and the quarantine in one file."""

    def __init__(self, config: Config, *, read_only: bool = False) -> None:
        self._schema = config.warehouse.schema_name
        self._connection = open_file(config, read_only=read_only)
        self._engine = Engine(self._connection)
        self._tables = EventTables(self._engine, self._schema)
        self._ledger = Ledger(self._engine, self._qualified)

    def engine(self) -> Engine:
        return self._engine

    def prepare(self) -> None:
        with self._engine.transaction():
            self._engine.run("meta_schema", schema=quoted(self._schema))
            for statement, (table, columns) in _META.items():
                existing = tuple(self.columns(table))
                if existing not in {(), columns}:
                    raise foreign(self._schema, table)
                self._engine.run(statement, table=self._qualified(table))
            view = self.columns(EVENTS)
            if view and "rest" not in view:
                raise foreign(self._schema, EVENTS)

    def compare(self, source: str, listed: Iterable[Drop], *, new_only: bool) -> Iterator[Known]:
        self._engine.run("listing_begin")
        names = ("drop_id", "key", "version", "size_bytes", "modified")
        keys: dict[str, str] = {}
        drops = iter(listed)
        while chunk := list(islice(drops, _LISTING)):
            rows = []
            for drop in chunk:
                text = to_text(drop.key)
                if text != drop.key:
                    keys[drop.drop_id] = drop.key  # a name that is not UTF-8 cannot be stored
                rows.append((drop.drop_id, text, drop.version, drop.size_bytes, drop.modified))
            self._engine.run("listing_add", columns_of(rows, names))
        if self.columns("_firehose_drops"):
            parameters = {"source": source, "new_only": new_only}
            drops_table = self._qualified("_firehose_drops")
            found = self._engine.run("listing_compare", parameters, drops=drops_table)
        else:
            found = self._engine.run("listing_compare_none")
        for drop_id, key, *rest in found:
            yield _known(source, keys.get(str(drop_id), str(key)), cast("_ListingRow", rest))

    def additions(self) -> Sequence[Addition]:
        if not self.columns("_firehose_schemas"):
            return []
        rows = self._engine.run("schemas_list", table=self._qualified("_firehose_schemas"))
        return recorded(rows)

    def columns(self, table: str) -> Mapping[str, FieldType | None]:
        return self._tables.columns(table)

    def load(self, batch: StagedBatch, *, run_id: str) -> Receipt:
        now = datetime.now(UTC)
        with self._engine.transaction():
            migrated = {
                table.schema.table: self._tables.migrate(table.schema) for table in batch.tables
            }
            if any(one.changed for one in migrated.values()):
                replace_events(self._engine, self._qualified, self._schema)
            merge = Merge(self._engine, batch, self._qualified, now)
            counts = merge.apply()
            self._ledger.quarantine(batch, list(merge.unfit()), run_id=run_id, now=now)
            receipt = _receipt(batch, counts, migrated)
            self._ledger.write(batch, receipt, run_id=run_id, now=now)
            self._ledger.record_additions(batch, now=now)
        return receipt

    def record_failure(self, drop: Drop, *, run_id: str, error: str, message: str) -> None:
        with self._engine.transaction():
            self._ledger.write_failure(
                drop, run_id=run_id, error=error, message=message, now=datetime.now(UTC)
            )

    def record_held(self, source: str, drops: Collection[Drop], *, run_id: str) -> None:
        with self._engine.transaction():
            self._ledger.write_held(source, drops, run_id=run_id, now=datetime.now(UTC))

    def record_run(self, run: RunRecord) -> None:
        self._ledger.write_run(run)

    def status(self, schemas: Sequence[EventSchema]) -> Status:
        tables = {schema.table: schema for schema in schemas}
        return read_status(
            self._engine,
            self._qualified,
            {name: schema for name, schema in tables.items() if self.columns(name)},
            has_ledger=bool(self.columns("_firehose_drops")),
        )

    def close(self) -> None:
        self._connection.close()

    def _qualified(self, table: str) -> str:
        return self._tables.qualified(table)


_Time = datetime | None
_ListingRow = tuple[str, int, datetime, str | None, _Time, _Time, int, int, str | None, bool]


def _known(source: str, key: str, row: _ListingRow) -> Known:
    version, size_bytes, modified, state, seen, finished, rows, attempts, error, earlier = row
    drop = Drop(
        source=source,
        key=key,
        version=version,
        size_bytes=size_bytes,
        modified=modified.replace(tzinfo=UTC),
    )
    return Known(
        drop=drop,
        state=DropState(state) if state else None,
        first_seen_at=seen.replace(tzinfo=UTC) if seen else None,
        loaded_at=finished.replace(tzinfo=UTC) if finished else None,
        rows=rows,
        attempts=attempts,
        error=error,
        earlier_version=earlier,
    )


def _receipt(
    batch: StagedBatch,
    counts: Mapping[int, Mapping[int, RowCounts]],
    migrated: Mapping[str, Migration],
) -> Receipt:
    """Sum up by drop and by event type, and hold the sums against what was parsed.

    Raises:
        CountsDiffer: a drop has rows that are not accounted for.
    """
    drops: dict[str, RowCounts] = {}
    events: dict[str, RowCounts] = {}
    for number, staged in enumerate(batch.drops):
        total = RowCounts()
        for type_no, of in counts.get(number, {}).items():
            total.add(of)
            events.setdefault(batch.event_types[type_no], RowCounts()).add(of)
        rejected = sum(rejection.row is not None for rejection in staged.rejections)
        if rejected:
            lost = RowCounts(parsed=rejected, quarantined=rejected)
            total.add(lost)
            events.setdefault("unknown", RowCounts()).add(lost)
        if not staged.parsed == total.parsed == total.accounted:
            raise CountsDiffer(
                f"{staged.drop.key}: {staged.parsed} rows were parsed and {total.accounted} are"
                " accounted for; nothing of this batch was kept"
            )
        drops[staged.drop.drop_id] = total
    return Receipt(
        drops=drops,
        events=events,
        tables_made=tuple(table for table, one in migrated.items() if one.made),
        columns_added={table: one.added for table, one in migrated.items() if one.added},
        columns_widened={table: one.widened for table, one in migrated.items() if one.widened},
    )
