"""Sources and staging models for dbt, from the event schemas and the tables that are there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from msgspec import Struct

from firehose_loader.config import Config, DuckDBTarget
from firehose_loader.errors import NotFound
from firehose_loader.model import DropState
from firehose_loader.protocols import Warehouse
from firehose_loader.schema.additions import in_force
from firehose_loader.schema.catalog import Catalog
from firehose_loader.schema.model import EventSchema, FieldType
from firehose_loader.schema.names import LANDED, snake
from firehose_loader.setup.yaml import yaml_text
from firehose_loader.statements import statement
from firehose_loader.warehouse.ddl import Spelling, spelling_of

_LINEAGE: Mapping[str, str] = {
    "_key": "Names the event; each key stands once in the table.",
    "_drop_id": "The drop that the row came from: drop_id of _firehose_drops.",
    "_row": "Which data row of the drop it was, from 1.",
    "_schema_version": "Version of the event schema under which it was loaded.",
    "_loaded_at": "When it was loaded, UTC.",
    "_rescued": "JSON of texts that no column holds.",
}
_LATE, _STALE = 2, 3
"""Cadences without a new drop: from when on dbt warns, and from when on it fails."""
_JINJA = re.compile(r"\{[{%#]")
_ADDED = "The feed added it; no event schema on file describes it."


class EventTable(Struct, frozen=True, kw_only=True):
    """One event table that a model is to be made of."""

    schema: EventSchema
    columns: Mapping[str, FieldType | None]
    """All but those of the loader's own, in the order of the model."""


def tables_there(
    catalog: Catalog, warehouse: Warehouse, names: Sequence[str]
) -> Sequence[EventTable]:
    """Return the event tables of a warehouse with the columns that they have now.

    Args:
        catalog: the event schemas.
        warehouse: to look into.
        names: event types that must be among them; none: all that are there.

    Raises:
        SchemaError: there is no such event type.
        NotFound: one of these has no table, or nothing was loaded yet.
    """
    wanted = _wanted(catalog, names)
    schemas = in_force(catalog, warehouse.additions()).values()
    found = [
        EventTable(schema=schema, columns=_ordered(schema, there))
        for schema in sorted(schemas, key=lambda one: one.table)
        if (there := warehouse.columns(schema.table))
        and (not wanted or schema.event_type in wanted)
    ]
    missing = sorted(wanted - {one.schema.event_type for one in found})
    if not found and not missing and warehouse.columns(LANDED):
        raise NotFound(
            f"rows have only landed, in {LANDED}, and models are of tables of event types; give"
            " --offline to have models of what schemas say"
        )
    if missing or not found:
        raise NotFound(
            f"{f'there is no table of {missing[0]} yet' if missing else 'nothing was loaded yet'};"
            " load its drops first, or give --offline to have models of what schemas say"
        )
    return found


def tables_on_file(catalog: Catalog, names: Sequence[str]) -> Sequence[EventTable]:
    """Return the event tables as the schemas have them; raises SchemaError as ``tables_there``."""
    wanted = _wanted(catalog, names)
    schemas = in_force(catalog, []).values()
    return [
        EventTable(schema=one, columns={field.column: field.type for field in one.fields})
        for one in sorted(schemas, key=lambda one: one.table)
        if not wanted or one.event_type in wanted
    ]


def composed(config: Config, tables: Sequence[EventTable]) -> dict[str, str]:
    """Return the files of a folder of models, by name. The same tables give the same files."""
    return _Models(config).files(tables)


def freshness(config: Config) -> tuple[timedelta, timedelta] | None:
    """Return from when on a feed without new drops is late, and stale; None without a cadence."""
    cadences = [source.cadence for source in config.source if source.cadence]
    if not cadences:
        return None
    asleep = config.warehouse.merge_every or timedelta()
    return _LATE * min(cadences) + asleep, _STALE * min(cadences) + asleep


def _wanted(catalog: Catalog, names: Sequence[str]) -> set[str]:
    wanted = {catalog.resolve_type(name) or name for name in names}
    for name in wanted:
        catalog.latest(name)  # raises where there is no such type
    return wanted


def _ordered(
    schema: EventSchema, there: Mapping[str, FieldType | None]
) -> dict[str, FieldType | None]:
    """Return columns by their place in the schema, then by name: tables grow in any order."""
    known = [field.column for field in schema.fields if field.column in there]
    others = sorted(there.keys() - set(known) - _LINEAGE.keys())
    return {name: there[name] for name in (*known, *others)}


class _Models:
    """Writes the models of one warehouse."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._target = config.warehouse
        self._dialect = "duckdb" if isinstance(self._target, DuckDBTarget) else "snowflake"
        self._spelling: Spelling = spelling_of(self._target)
        self._source = snake(self._target.schema_name)

    def files(self, tables: Sequence[EventTable]) -> dict[str, str]:
        named = {f"stg_{self._source}__{one.schema.table}": one for one in tables}
        return {
            "sources.yml": yaml_text({"version": 2, "sources": [self._sources(tables)]}),
            "staging.yml": yaml_text(
                {"version": 2, "models": [self._model(name, one) for name, one in named.items()]}
            ),
            **{f"{name}.sql": self._staging(one) for name, one in named.items()},
        }

    # -- models ----------------------------------------------------------------------------------

    def _staging(self, table: EventTable) -> str:
        names = [self._renamed(name) for name in (*table.columns, *_LINEAGE)]
        text = statement(
            self._dialect,
            "dbt_staging",
            columns=",\n    ".join(names),
            table=f"{{{{ source('{self._source}', '{table.schema.table}') }}}}",
        )
        return f"{text.sql}\n"

    def _renamed(self, name: str) -> str:
        """SQL of a column under the loader's name, whatever the table calls it."""
        stored, own = self._spelling.column(name), self._spelling.name(name)
        return stored if stored == own else f"{stored} AS {own}"

    def _model(self, name: str, table: EventTable) -> dict[str, object]:
        told = f"{_described(table.schema)} One row for each event, as it was loaded."
        return {"name": name, "description": told, "columns": self._columns(table, tested=False)}

    # -- sources ---------------------------------------------------------------------------------

    def _sources(self, tables: Sequence[EventTable]) -> dict[str, object]:
        return {
            "name": self._source,
            "description": "Events of the Dotdigital Data Firehose, each of them once.",
            **self._place(),
            "tables": [*(self._event_table(one) for one in tables), *self._own_tables()],
        }

    def _place(self) -> dict[str, object]:
        """Tell where the tables lie, in names that mean the same whether quoted or not."""
        schema = _no_jinja(self._spelling.naming.own(self._target.schema_name))
        if isinstance(self._target, DuckDBTarget):
            return {"database": _no_jinja(self._target.database), "schema": schema}
        database = {"database": _no_jinja(self._target.database)} if self._target.database else {}
        return {**database, "schema": schema, "quoting": {"schema": True, "identifier": True}}

    def _event_table(self, table: EventTable) -> dict[str, object]:
        return {
            **self._identified(table.schema.table),
            "description": _described(table.schema),
            "config": {
                "loaded_at_field": "_loaded_at",
                "meta": {
                    "event_type": table.schema.event_type,
                    "schema_version": str(table.schema.version),
                },
            },
            "columns": self._columns(table, tested=True),
        }

    def _identified(self, table: str) -> dict[str, object]:
        stored = self._spelling.naming.table(table)
        return {"name": table, **({} if stored == table else {"identifier": stored})}

    def _columns(self, table: EventTable, *, tested: bool) -> list[dict[str, object]]:
        described = {field.column: field for field in table.schema.fields}
        naming = self._spelling.naming
        stored = naming.column if tested else naming.own
        columns = []
        for name, kind in table.columns.items():
            field = described.get(name)
            told = _ADDED if field is None or field.evidence == "observed" else field.description
            meta = {"pii": field.pii} if field and field.pii else {}
            columns.append(
                self._column(stored(name), told, kind, meta)
                | (self._tests(table.schema, name) if tested else {})
            )
        for name, told in _LINEAGE.items():
            columns.append(self._column(stored(name), told, None, {}))
            if tested and name == "_key":
                columns[-1]["data_tests"] = ["not_null", "unique"]
        return columns

    def _column(
        self, stored: str, told: str, kind: FieldType | None, meta: Mapping[str, str]
    ) -> dict[str, object]:
        typed = {"data_type": self._spelling.types[kind]} if kind else {}
        config = {"config": {"meta": dict(meta)}} if meta else {}
        column = {"name": stored, "quote": True, **typed}
        return {**column, "description": _no_jinja(told), **config}

    def _tests(self, schema: EventSchema, column: str) -> dict[str, object]:
        required = {field.column for field in schema.fields if field.required}
        tests = ["not_null"] if column in required else []
        # Rows without an id have a key of another kind, and NULL is no id that is there twice.
        tests += ["unique"] if schema.key == (column,) else []
        return {"data_tests": tests} if tests else {}

    # -- the loader's own tables -----------------------------------------------------------------

    def _own_tables(self) -> list[dict[str, object]]:
        states = {"accepted_values": {"arguments": {"values": [str(one) for one in DropState]}}}
        return [
            {
                **self._identified("_firehose_drops"),
                "description": "The ledger: each drop ever seen, and what became of its rows.",
                **self._freshness(),
                "columns": [
                    self._own("drop_id", "Names the drop.", "not_null", "unique"),
                    self._own("state", "Where the drop stands.", "not_null", states),
                ],
            },
            {
                **self._identified("_firehose_quarantine"),
                "description": "Each row or drop that could not be loaded, with the reason.",
                "columns": [
                    self._own("id", "Names what is set aside.", "not_null", "unique"),
                ],
            },
        ]

    def _own(self, name: str, told: str, *tests: object) -> dict[str, object]:
        return {
            **self._column(self._spelling.naming.own(name), told, None, {}),
            "data_tests": list(tests),
        }

    def _freshness(self) -> dict[str, object]:
        ages = freshness(self._config)
        if ages is None:
            return {}
        late, stale = map(_period, ages)
        return {
            "config": {
                "loaded_at_field": "finished_at",
                "freshness": {
                    "warn_after": late,
                    "error_after": stale,
                    "filter": f"state IN ('{DropState.LOADED}', '{DropState.QUARANTINED}')",
                },
            }
        }


def _described(schema: EventSchema) -> str:
    return _no_jinja(schema.description or f"Events of the type {schema.event_type}.")


def _no_jinja(text: str) -> str:
    """Return a text that dbt takes as it stands: it renders whatever looks like a template."""
    return _JINJA.sub(lambda match: f"{{{{ '{match[0]}' }}}}", text)


def _period(length: timedelta) -> dict[str, object]:
    """Return a length of time in the largest unit that divides it."""
    minutes = max(1, round(length.total_seconds() / 60))
    for unit, size in (("day", 1440), ("hour", 60)):
        if minutes % size == 0:
            return {"count": minutes // size, "period": unit}
    return {"count": minutes, "period": "minute"}
