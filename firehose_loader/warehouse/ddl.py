"""The table of an event type as each kind of warehouse writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from firehose_loader.schema.model import EventSchema, FieldType
from firehose_loader.statements import quoted, statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How a kind of warehouse spells types and names."""

    types: Mapping[FieldType, str]
    name: Callable[[str], str]


SPELLINGS: Mapping[str, Spelling] = {
    "duckdb": Spelling(
        types={
            FieldType.TEXT: "VARCHAR",
            FieldType.INTEGER: "BIGINT",
            FieldType.NUMBER: "DOUBLE",
            FieldType.BOOLEAN: "BOOLEAN",
            FieldType.TIMESTAMP: "TIMESTAMP",
            FieldType.DATE: "DATE",
            FieldType.JSON: "JSON",
        },
        name=quoted,
    ),
    "snowflake": Spelling(
        types={
            FieldType.TEXT: "VARCHAR",
            FieldType.INTEGER: "NUMBER(38,0)",
            FieldType.NUMBER: "FLOAT",
            FieldType.BOOLEAN: "BOOLEAN",
            FieldType.TIMESTAMP: "TIMESTAMP_NTZ",
            FieldType.DATE: "DATE",
            FieldType.JSON: "VARIANT",
        },
        # Upper case is what names become there that nobody quotes: so nobody has to.
        name=lambda name: quoted(name.upper()),
    ),
}


def create_table(schema: EventSchema, dialect: str, schema_name: str) -> str:
    """Return the statement that makes the table of an event type."""
    spelling = SPELLINGS[dialect]
    definitions = ",\n    ".join(
        f"{spelling.name(field.column)} {spelling.types[field.type]}" for field in schema.fields
    )
    table = f"{spelling.name(schema_name)}.{spelling.name(schema.table)}"
    return statement(dialect, "table_create", table=table, definitions=definitions).sql
