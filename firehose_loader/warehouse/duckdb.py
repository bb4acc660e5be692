"""A DuckDB file as warehouse: engine and target share one connection."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import cast

from firehose_loader.config import Config
from firehose_loader.engine import Engine, columns_of
from firehose_loader.errors import CountsDiffer, SchemaError
from firehose_loader.model import Drop, DropState, Receipt, RowCounts, RunRecord
from firehose_loader.protocols import Known, StagedBatch, Status
from firehose_loader.schema.evolve import Addition
from firehose_loader.schema.model import EventSchema, Field, FieldType, Version
from firehose_loader.statements import quoted
from firehose_loader.warehouse.duckdb_file import open_file
from firehose_loader.warehouse.ledger import (
    DROPS,
    QUARANTINE,
    RUNS,
    SCHEMAS,
    Ledger,
    to_text,
)
from firehose_loader.warehouse.merge import Merge
from firehose_loader.warehouse.status import read_status
from firehose_loader.warehouse.views import EVENTS, replace_events

_TYPES = {
    FieldType.TEXT: "VARCHAR",
    FieldType.INTEGER: "BIGINT",
    FieldType.NUMBER: "DOUBLE",
    FieldType.BOOLEAN: "BOOLEAN",
    FieldType.TIMESTAMP: "TIMESTAMP",
    FieldType.DATE: "DATE",
    FieldType.JSON: "JSON",
}
_FIELD_TYPES = {name: kind for kind, name in _TYPES.items()}
_META = {
    "meta_drops": ("_firehose_drops", DROPS),
    "meta_runs": ("_firehose_runs", RUNS),
    "meta_quarantine": ("_firehose_quarantine", QUARANTINE),
    "meta_schemas": ("_firehose_schemas", SCHEMAS),
}
_LINEAGE = {"_key", "_drop_id", "_row", "_schema_version", "_loaded_at", "_rescued"}
_LISTING = 20_000


class DuckDBWarehouse:
    """The events, the ledger and the quarantine in one file."""

    def __init__(self, config: Config, *, read_only: bool = False) -> None:
        self._schema = config.warehouse.schema_name
        self._connection = open_file(config, read_only=read_only)
        self._engine = Engine(self._connection)
        self._ledger = Ledger(self._engine, self._qualified)

    def engine(self) -> Engine:
        return self._engine

    def prepare(self) -> None:
        with self._engine.transaction():
            self._engine.run("meta_schema", schema=quoted(self._schema))
            for statement, (table, columns) in _META.items():
                existing = tuple(self.columns(table))
                if existing not in {(), columns}:
                    raise self._foreign(table)
                self._engine.run(statement, table=self._qualified(table))
            view = self.columns(EVENTS)
            if view and "rest" not in view:
                raise self._foreign(EVENTS)

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
        fields: dict[tuple[str, Version], list[Field]] = {}
        for event_type, version, name, aliases, column, kind in cast(
            "list[tuple[str, str, str, list[str], str, str]]", rows
        ):
            field = Field(
                name=name,
                column=column,
                type=FieldType(kind),
                aliases=tuple(aliases),
                evidence="observed",
            )
            fields.setdefault((event_type, Version.parse(version)), []).append(field)
        return [
            Addition(event_type=event_type, version=version, fields=tuple(of))
            for (event_type, version), of in fields.items()
        ]

    def columns(self, table: str) -> Mapping[str, FieldType | None]:
        rows = self._engine.run("table_columns", {"schema": self._schema, "table": table})
        return {name: _FIELD_TYPES.get(kind) for name, kind in cast("list[tuple[str, str]]", rows)}

    def load(self, batch: StagedBatch, *, run_id: str) -> Receipt:
        now = datetime.now(UTC)
        with self._engine.transaction():
            made = [table for table in batch.tables if not self.columns(table.schema.table)]
            added = {table.schema.table: self._migrate(table.schema) for table in batch.tables}
            if made or any(added.values()):
                replace_events(self._engine, self._qualified, self._schema)
            merge = Merge(self._engine, batch, self._qualified, now)
            counts = merge.apply()
            self._ledger.quarantine(batch, list(merge.unfit()), run_id=run_id, now=now)
            receipt = _receipt(batch, counts, added)
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
        return f"{quoted(self._schema)}.{quoted(table)}"

    def _foreign(self, table: str) -> SchemaError:
        return SchemaError(
            f"{self._schema}.{table} is not one that this loader made;"
            " give another [warehouse] schema, or move it away"
        )

    def _migrate(self, schema: EventSchema) -> tuple[str, ...]:
        """Make or widen the table of an event type; return the columns that came to it."""
        table = self._qualified(schema.table)
        existing = self.columns(schema.table)
        if not existing:
            columns = ",\n    ".join(_column(field) for field in schema.fields)
            self._engine.run("table_create", table=table, definitions=columns)
            return ()
        if not existing.keys() >= _LINEAGE:
            raise self._foreign(schema.table)
        added = []
        for field in schema.fields:
            if field.column not in existing:
                self._engine.run("table_add_column", table=table, column=_column(field))
                added.append(field.column)
            elif existing[field.column] is not field.type:
                raise SchemaError(
                    f"{schema.event_type} {schema.version} has {field.column} as {field.type},"
                    f" the table {self._schema}.{schema.table} has it as another type;"
                    " a type changes with a new model version only"
                )
        return tuple(added)


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


def _column(field: Field) -> str:
    return f"{quoted(field.column)} {_TYPES[field.type]}"


def _receipt(
    batch: StagedBatch,
    counts: Mapping[int, Mapping[int, RowCounts]],
    added: Mapping[str, tuple[str, ...]],
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
        columns_added={table: columns for table, columns in added.items() if columns},
    )
