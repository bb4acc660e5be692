"""The tables of the event types in Snowflake: looked up together, widened in steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from firehose_loader.schema.model import EventSchema, Field, FieldType
from firehose_loader.warehouse.ddl import Spelling
from firehose_loader.warehouse.session import Session
from firehose_loader.warehouse.tables import Columns, EventTables, Migration

_BESIDE = "__wider"
_TYPES: Mapping[tuple[str, int | None, int | None], FieldType] = {
    ("NUMBER", 38, 0): FieldType.INTEGER,
    ("TEXT", None, None): FieldType.TEXT,
    ("FLOAT", None, None): FieldType.NUMBER,
    ("BOOLEAN", None, None): FieldType.BOOLEAN,
    ("TIMESTAMP_NTZ", None, None): FieldType.TIMESTAMP,
    ("DATE", None, None): FieldType.DATE,
    ("VARIANT", None, None): FieldType.JSON,
}
_Column = tuple[str, str, str, int | None, int | None]


class SnowflakeTables(EventTables):
    """Makes and changes event tables. DDL commits by itself there: nothing here is in a load."""

    def __init__(
        self, session: Session, schema: str, spelling: Spelling, *, cluster: bool = False
    ) -> None:
        """Take what all take; ``cluster`` has new tables clustered by event date."""
        super().__init__(session, schema, spelling)
        self._cluster = cluster
        self._known: dict[str, dict[str, FieldType | None]] | None = None

    def forget(self) -> None:
        self._known = None

    def columns(self, table: str) -> Columns:
        return self.all_columns().get(table, {})

    def all_columns(self) -> Mapping[str, Columns]:
        """Look up all tables in one query, and remember what there was."""
        if self._known is None:
            naming = self._spelling.naming
            schema = {"schema": naming.own(self._schema)}
            known: dict[str, dict[str, FieldType | None]] = {}
            for stored, column, kind, precision, scale in cast(
                "list[_Column]", self._session.run("table_columns", schema)
            ):
                if name := naming.known_table(stored):
                    of = known.setdefault(name, {})
                    of[naming.known_column(name, column)] = _field_type(kind, precision, scale)
            self._known = known
        return self._known

    def migrate(self, schema: EventSchema, existing: Columns | None = None) -> Migration:
        del existing  # what is remembered is as cheap, and what is finished here is not in it
        for field in schema.fields:
            self._finish_widening(schema, field)
        done = super().migrate(schema)
        if done.made and self._cluster and schema.event_time:
            self._session.run(
                "table_cluster",
                table=self.qualified(schema.table),
                event_time=self._spelling.column(schema.event_time),
            )
        if done.changed:
            self.forget()
        return done

    def _give_type(self, schema: EventSchema, field: Field, value: str) -> None:
        """Give a column a wider type by way of a column beside it; it may break off anywhere."""
        table, name = self.qualified(schema.table), self._spelling.column(field.column)
        beside = self._spelling.column(field.column + _BESIDE)
        kind = self._spelling.types[field.type]
        self._session.run("table_widen_column", table=table, new_name=beside, type=kind)
        self._session.run(
            "table_widen_fill", table=table, new_name=beside, column_name=name, value=value
        )
        self._session.run("table_widen_drop", table=table, column_name=name)
        self._session.run("table_widen_rename", table=table, new_name=beside, column_name=name)

    def _finish_widening(self, schema: EventSchema, field: Field) -> None:
        """Rename what an earlier run left between the last two steps."""
        beside = field.column + _BESIDE
        existing = self.columns(schema.table)
        if beside in existing and field.column not in existing:
            self._session.run(
                "table_widen_rename",
                table=self.qualified(schema.table),
                new_name=self._spelling.column(beside),
                column_name=self._spelling.column(field.column),
            )
            self.forget()


def _field_type(kind: str, precision: int | None, scale: int | None) -> FieldType | None:
    if kind != "NUMBER":
        precision = scale = None
    return _TYPES.get((kind, precision, scale))
