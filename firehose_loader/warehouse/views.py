"""The views of a warehouse: over all events, and those that answer what marketing asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from firehose_loader.protocols import MadeView
from firehose_loader.schema.model import EventSchema, FieldType
from firehose_loader.schema.names import table_name
from firehose_loader.statements import literal, shared, statement
from firehose_loader.warehouse.actions import ACTIONS, COLUMNS, MARKETING, Marketing
from firehose_loader.warehouse.ddl import Qualified
from firehose_loader.warehouse.session import Session
from firehose_loader.warehouse.tables import LINEAGE, EventTables, foreign, widened

EVENTS = "events"
NOTHING_PLANNED: Mapping[str, EventSchema] = {}
_COMMON = {
    "event_id": FieldType.TEXT,
    "event_type": FieldType.TEXT,
    "event_date": FieldType.TIMESTAMP,
    "processed_date": FieldType.TIMESTAMP,
    "account_id": FieldType.INTEGER,
    "contact_id": FieldType.INTEGER,
    "email": FieldType.TEXT,
    "campaign_id": FieldType.INTEGER,
    "campaign_name": FieldType.TEXT,
    "_drop_id": FieldType.TEXT,
    "_row": FieldType.INTEGER,
}


def event_tables(session: Session, qualified: Qualified) -> dict[str, list[str]]:
    """Return the event tables, each with its columns."""
    return _event_tables(_relations(session, qualified))


class Views:
    """Makes the views of one schema, over the tables and columns that are there now."""

    def __init__(
        self,
        session: Session,
        tables: EventTables,
        *,
        planned: Mapping[str, EventSchema] = NOTHING_PLANNED,
    ) -> None:
        """Look what is there; the tables of ``planned`` schemas count as if they were, too."""
        self._session = session
        self._qualified = tables.qualified
        self._spelling = self._qualified.spelling
        self._there = _relations(session, self._qualified)
        for table, schema in planned.items():
            found = self._there.setdefault(table, [])
            wanted = (*schema.by_column, *sorted(LINEAGE))
            found += [column for column in wanted if column not in found]
        self._events = _event_tables(self._there)
        stored = tables.all_columns()
        self._types = {
            table: {**stored.get(table, {}), **_types(planned.get(table))} for table in self._events
        }

    def follow(self) -> None:
        """Make the views that are there anew; that over all events is there always."""
        if not self._events:
            return
        self._make(EVENTS, self._all_events())
        for name, view in MARKETING.items():
            if name in self._there and self._is_ours(name):
                self._make(name, self._query(name, view))

    def install(self, *, preview: bool) -> Sequence[MadeView]:
        """Make every view that has a table to read, or only tell how.

        Raises:
            SchemaError: something else has the name of one; nothing was made.
        """
        queries = {EVENTS: self._all_events() if self._events else None}
        for name, view in sorted(MARKETING.items()):
            queries[name] = self._query(name, view) if self._read(view) else None
        for name in queries:
            if name in self._there and not self._is_ours(name):
                raise foreign(self._qualified.schema, name)
        if not preview:
            for name, query in queries.items():
                if query is not None:
                    self._make(name, query)
        return [
            MadeView(
                name=name,
                sql=None if query is None else self._statement(name, query),
                without=tuple(self._missing(MARKETING[name])) if name in MARKETING else (),
            )
            for name, query in queries.items()
        ]

    def _is_ours(self, name: str) -> bool:
        """Tell whether it looks as if an earlier or later version of the loader had made it."""
        found = set(self._there[name])
        if name == EVENTS:
            return "rest" in found
        ours = set(MARKETING[name].columns)
        return found <= ours or ours <= found

    def _make(self, name: str, query: str) -> None:
        self._session.run("view_create", view=self._qualified(name), query=query)

    def _statement(self, name: str, query: str) -> str:
        view = self._qualified(name)
        return statement(self._session.dialect, "view_create", view=view, query=query).sql

    # -- all events ------------------------------------------------------------------------------

    def _all_events(self) -> str:
        kinds = self._kinds(_COMMON, self._events)
        return "\nUNION ALL\n".join(self._events_part(table, kinds) for table in self._events)

    def _events_part(self, table: str, kinds: Mapping[str, FieldType]) -> str:
        spelling = self._spelling
        others = [
            name for name in self._events[table] if name not in _COMMON and not name.startswith("_")
        ]
        members = ", ".join(f"{literal(name)}, {spelling.column(name)}" for name in others)
        return statement(
            self._session.dialect,
            "view_events_part",
            columns=", ".join(self._column(table, name, kind) for name, kind in kinds.items()),
            rest=f"{spelling.json_object}({members})",
            table=self._qualified(table),
        ).sql

    # -- what marketing asks ---------------------------------------------------------------------

    def _query(self, name: str, view: Marketing) -> str:
        tables = self._read(view)
        kinds = self._kinds(COLUMNS, self._events)
        parts = [self._part(table, event_type, kinds) for table, event_type in tables]
        actions = shared("actions", parts="\n    UNION ALL\n    ".join(parts))
        if view.event_types:
            return shared(name, actions=actions)
        return shared(name, actions=actions, drops=self._qualified("_firehose_drops"))

    def _part(self, table: str, event_type: str | None, kinds: Mapping[str, FieldType]) -> str:
        named = [self._column(table, name, kind) for name, kind in kinds.items()]
        for name, value in zip(
            ("channel", "action"), ACTIONS.get(event_type or "", ()), strict=False
        ):
            named.append(f"{literal(value)} AS {self._spelling.name(name)}")
        return statement(
            self._session.dialect,
            "view_part",
            columns=", ".join(named),
            table=self._qualified(table),
        ).sql

    def _read(self, view: Marketing) -> list[tuple[str, str | None]]:
        """Return the tables that a view reads, each with the event type that it is read as."""
        if not view.event_types:
            return [(table, None) for table in self._events]
        return [
            (table, event_type)
            for event_type in view.event_types
            for table in self._tables_of(event_type)
        ]

    def _missing(self, view: Marketing) -> list[str]:
        return [one for one in view.event_types if not self._tables_of(one)]

    def _tables_of(self, event_type: str) -> list[str]:
        """Return the tables of an event type, one for each model of it."""
        of_a_model = re.compile(rf"{re.escape(table_name(event_type, 1))}(_[0-9]+)?")
        return [table for table in self._events if of_a_model.fullmatch(table)]

    # -- columns ---------------------------------------------------------------------------------

    def _kinds(
        self, wanted: Mapping[str, FieldType], tables: Iterable[str]
    ) -> dict[str, FieldType]:
        """Return types in which all tables can give their columns.

        What is an integer in one table and text in another (a pseudonym, an id of the user's own
        schema) is text for all.
        """
        return {
            name: kind
            if kind is FieldType.TIMESTAMP
            or {self._types[table].get(name, kind) for table in tables} <= {kind}
            else FieldType.TEXT
            for name, kind in wanted.items()
        }

    def _column(self, table: str, name: str, kind: FieldType) -> str:
        spelling = self._spelling
        column, shown = spelling.column(name), spelling.name(name)
        if name not in self._events[table]:
            return f"{spelling.null(kind)} AS {shown}"
        found = self._types[table].get(name, kind)
        if found is kind:
            return column if column == shown else f"{column} AS {shown}"
        if kind is FieldType.TIMESTAMP:
            return f"TRY_CAST({column}::VARCHAR AS {spelling.types[kind]}) AS {shown}"
        value = f"{column}::VARCHAR" if found is None else widened(spelling, column, found, kind)
        return f"{value} AS {shown}"


def _types(schema: EventSchema | None) -> Mapping[str, FieldType]:
    return {} if schema is None else {field.column: field.type for field in schema.fields}


def _relations(session: Session, qualified: Qualified) -> dict[str, list[str]]:
    """Return the tables and views of a schema that may be ours, each with its columns."""
    naming = qualified.spelling.naming
    found = session.run("view_columns", {"schema": naming.own(qualified.schema)})
    relations: dict[str, list[str]] = {}
    for stored, column in cast("list[tuple[str, str]]", found):
        if table := naming.known_table(stored):
            relations.setdefault(table, []).append(naming.known_column(table, column))
    return relations


def _event_tables(relations: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {
        table: columns
        for table, columns in relations.items()
        if "_key" in columns and table != EVENTS
    }
