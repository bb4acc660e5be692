"""The tables of the event types in a DuckDB file, and how they follow the event schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from firehose_loader.engine import Engine
from firehose_loader.errors import SchemaError
from firehose_loader.schema.evolve import widens
from firehose_loader.schema.model import EventSchema, Field, FieldType
from firehose_loader.statements import quoted
from firehose_loader.warehouse.ddl import SPELLINGS

_TYPES = SPELLINGS["duckdb"].types
_FIELD_TYPES = {name: kind for kind, name in _TYPES.items()}
_LINEAGE = {"_key", "_drop_id", "_row", "_schema_version", "_loaded_at", "_rescued"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """What became of one table before a load."""

    made: bool = False
    added: tuple[str, ...] = ()
    """Columns that came to a table that was there."""
    widened: tuple[str, ...] = ()
    """Columns that got a wider type."""

    @property
    def changed(self) -> bool:
        """The table is not what it was."""
        return self.made or bool(self.added or self.widened)

    def then(self, other: Migration) -> Migration:
        """Return what both together did."""
        return Migration(
            made=self.made or other.made,
            added=self.added + other.added,
            widened=self.widened + other.widened,
        )


class EventTables:
    """Makes and changes event tables; every method may run in the transaction of a load."""

    def __init__(self, engine: Engine, schema: str) -> None:
        """Take the engine and the schema of the warehouse in which the tables lie."""
        self._engine = engine
        self._schema = schema

    def qualified(self, table: str) -> str:
        """Return how a table is named in a statement."""
        return f"{quoted(self._schema)}.{quoted(table)}"

    def columns(self, table: str) -> Mapping[str, FieldType | None]:
        """Return the columns of a table, with None for a type that is none of ours."""
        rows = self._engine.run("table_columns", {"schema": self._schema, "table": table})
        return {name: _FIELD_TYPES.get(kind) for name, kind in cast("list[tuple[str, str]]", rows)}

    def migrate(self, schema: EventSchema) -> Migration:
        """Make the table of an event type, or bring it to its schema.

        Raises:
            SchemaError: a table of that name is not ours, or has a column of another type that
                cannot become that of the schema.
        """
        existing = self.columns(schema.table)
        if not existing:
            columns = ",\n    ".join(_column(field) for field in schema.fields)
            table = self.qualified(schema.table)
            self._engine.run("table_create", table=table, definitions=columns)
            return Migration(made=True)
        if not existing.keys() >= _LINEAGE:
            raise foreign(self._schema, schema.table)
        added = []
        widened = []
        for field in schema.fields:
            if field.column not in existing:
                self._engine.run(
                    "table_add_column",
                    table=self.qualified(schema.table),
                    column=_column(field),
                )
                added.append(field.column)
            elif existing[field.column] is not field.type:
                self._widen(schema, field, existing[field.column])
                widened.append(field.column)
        return Migration(added=tuple(added), widened=tuple(widened))

    def _widen(self, schema: EventSchema, field: Field, kind: FieldType | None) -> None:
        """Give a column the type of its field, if no value is lost by that."""
        where = f"{self._schema}.{schema.table}"
        if kind is None or not widens(kind, field.type):
            raise SchemaError(
                f"{schema.event_type} {schema.version} has {field.column} as {field.type}, the"
                f" table {where} has it as {kind or 'another type'}; give the field another"
                " x-column, or raise the model of the version, which has a table of its own"
            )
        table, name = self.qualified(schema.table), quoted(field.column)
        value = widened(name, kind, field.type)
        (lost,) = self._engine.run(
            "table_too_wide", table=table, column_name=name, type=_TYPES[kind], value=value
        )[0]
        if lost:
            raise SchemaError(
                f"{schema.event_type} {schema.version} makes {field.column} a {field.type}, but"
                f" {lost} values in {where} are not the same as a {field.type}; make it text, or"
                " raise the model of the version, which has a table of its own"
            )
        self._engine.run(
            "table_widen_column",
            table=table,
            column_name=name,
            type=_TYPES[field.type],
            value=value,
        )


def widened(value: str, old: FieldType, new: FieldType) -> str:
    """SQL of a value in a wider type."""
    if (old, new) == (FieldType.NUMBER, FieldType.TEXT):
        return f"firehose_number_text({value})"
    return f"{value}::{_TYPES[new]}"


def foreign(schema: str, table: str) -> SchemaError:
    """Return the error that tells of a table which this loader did not make."""
    return SchemaError(
        f"{schema}.{table} is not one that this loader made;"
        " give another [warehouse] schema, or move it away"
    )


def _column(field: Field) -> str:
    return f"{quoted(field.column)} {_TYPES[field.type]}"
