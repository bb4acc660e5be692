"""The tables of the event types, and how they follow the event schemas."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Self, TypeAlias, cast

from msgspec import Struct

from firehose_loader.errors import SchemaError
from firehose_loader.schema.evolve import widens
from firehose_loader.schema.model import EventSchema, Field, FieldType
from firehose_loader.warehouse.ddl import Qualified, Spelling
from firehose_loader.warehouse.digests import Digests
from firehose_loader.warehouse.session import Session

Columns: TypeAlias = Mapping[str, FieldType | None]
"""The columns of a table, with None for a type that is none of ours."""
LINEAGE = {"_key", "_drop_id", "_row", "_schema_version", "_loaded_at", "_rescued"}


class Migration(Struct, frozen=True, kw_only=True):
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

    def __init__(self, session: Session, schema: str, spelling: Spelling) -> None:
        """Take the session, the schema in which the tables lie, and how they are named there."""
        self._spelling = spelling
        self.qualified = Qualified(spelling, schema)
        """How statements name a table."""
        self._field_types = {name: kind for kind, name in self._spelling.types.items()}
        self._session = session
        self._schema = schema

    def through(self, session: Session) -> Self:
        """Return the same tables as another session reaches them."""
        other = copy(self)
        other._session = session  # noqa: SLF001 - a copy of this one
        return other

    def forget(self) -> None:
        """Look again: somebody else may have changed a table."""

    def columns(self, table: str) -> Columns:
        """Return the columns of a table, with None for a type that is none of ours."""
        return self._look_up(self._spelling.naming.table(table)).get(table, {})

    def all_columns(self) -> Mapping[str, Columns]:
        """Return the columns of every table and view that may be ours, as ``columns`` does."""
        return self._look_up(None)

    def _look_up(self, stored: str | None) -> Mapping[str, Columns]:
        """Look up what is stored under one name, or all that there is, in one query."""
        naming = self._spelling.naming
        place = {"schema": naming.own(self._schema), "table": stored}
        found: dict[str, dict[str, FieldType | None]] = {}
        for table, column, kind in cast(
            "list[tuple[str, str, str]]", self._session.run("table_columns", place)
        ):
            if name := naming.known_table(table):
                of = found.setdefault(name, {})
                of[naming.known_column(name, column)] = self._field_types.get(kind)
        return found

    def migrate(self, schema: EventSchema, existing: Columns | None = None) -> Migration:
        """Make the table of an event type, or bring it to its schema.

        Args:
            schema: what it is to hold.
            existing: its columns, where they have just been looked up.

        Raises:
            SchemaError: a table of that name is not ours, or has a column of another type that
                cannot become that of the schema.
        """
        existing = self.columns(schema.table) if existing is None else existing
        if not existing:
            columns = ",\n    ".join(self._column(field) for field in schema.fields)
            table = self.qualified(schema.table)
            self._session.run("table_create", table=table, definitions=columns)
            return Migration(made=True)
        if not existing.keys() >= LINEAGE:
            raise foreign(self._schema, schema.table)
        added = []
        widened = []
        for field in schema.fields:
            if field.column not in existing:
                self._session.run(
                    "table_add_column",
                    table=self.qualified(schema.table),
                    column=self._column(field),
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
        table, name = self.qualified(schema.table), self._spelling.column(field.column)
        value = widened(self._spelling, name, kind, field.type)
        (lost,) = self._session.run(
            "table_too_wide",
            table=table,
            column_name=name,
            type=self._spelling.types[kind],
            value=value,
        )[0]
        if lost:
            raise SchemaError(
                f"{schema.event_type} {schema.version} makes {field.column} a {field.type}, but"
                f" {lost} values in {where} are not the same as a {field.type}; make it text, or"
                " raise the model of the version, which has a table of its own"
            )
        with Digests(self._session, self.qualified, self.columns).changing_every_row(schema.table):
            self._give_type(schema, field, value)

    def _give_type(self, schema: EventSchema, field: Field, value: str) -> None:
        """Give a column the type of its field; ``value`` is SQL of what it holds, in that type."""
        self._session.run(
            "table_widen_column",
            table=self.qualified(schema.table),
            column_name=self._spelling.column(field.column),
            type=self._spelling.types[field.type],
            value=value,
        )

    def _column(self, field: Field) -> str:
        return f"{self._spelling.column(field.column)} {self._spelling.types[field.type]}"


def widened(spelling: Spelling, value: str, old: FieldType, new: FieldType) -> str:
    """SQL of a value in a wider type."""
    if (old, new) == (FieldType.NUMBER, FieldType.TEXT):
        return spelling.number_text(value)
    return f"{value}::{spelling.types[new]}"


def foreign(schema: str, table: str) -> SchemaError:
    """Return the error that tells of a table which this loader did not make."""
    return SchemaError(
        f"{schema}.{table} is not one that this loader made;"
        " give another [warehouse] schema, or move it away"
    )
