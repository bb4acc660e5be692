"""``schema list`` and ``schema show``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from firehose_loader.cli.console import answer, table
from firehose_loader.cli.options import AsJson
from firehose_loader.cli.schema.options import Folder
from firehose_loader.errors import SchemaError

if TYPE_CHECKING:  # imported late, so that --help does not wait for them
    from firehose_loader.schema.catalog import Catalog
    from firehose_loader.schema.model import EventSchema, Version


class Dialect(StrEnum):
    """The kinds of warehouse."""

    DUCKDB = "duckdb"
    SNOWFLAKE = "snowflake"


def list_schemas(schemas: Folder = None, *, as_json: AsJson = False) -> None:
    """List every event type with its versions and its table.

    \b
    Examples:
      firehose-loader schema list
      firehose-loader schema list --schemas ./my-schemas --json
    """
    from firehose_loader.schema.catalog import load_catalog

    found = list(load_catalog(schemas))
    if as_json:
        answer([_brief(schema) for schema in found])
        return
    table(
        ("event type", "version", "origin", "table", "fields", "merge"),
        [
            (one.event_type, str(one.version), one.origin, one.table, len(one.fields), one.merge)
            for one in found
        ],
    )


def show_schema(
    event_type: Annotated[str, typer.Argument(help="Event type, such as email.open.")],
    version: Annotated[
        str | None,
        typer.Option(
            "--version", help="Version, such as 1-0-0; else the newest.", show_default=False
        ),
    ] = None,
    schemas: Folder = None,
    *,
    ddl: Annotated[
        Dialect | None,
        typer.Option(
            "--ddl", help="Print the statement that makes its table there.", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the fields of an event type: column, type, evidence, other spellings.

    \b
    Examples:
      firehose-loader schema show email.open
      firehose-loader schema show emailClick --version 1-0-0 --json
      firehose-loader schema show email.open --ddl snowflake
    """
    from firehose_loader.schema.catalog import load_catalog

    schema = _found(load_catalog(schemas), event_type, version)
    if ddl is not None:
        _show_ddl(schema, ddl, as_json=as_json)
        return
    if as_json:
        answer({**_brief(schema), "description": schema.description, "fields": _fields(schema)})
        return
    print(f"{schema.event_type} {schema.version}, table {schema.table}: {schema.description}\n")
    headings = ("field", "column", "type", "evidence", "personal data", "also spelled")
    table(
        headings,
        [
            (one.name, one.column, str(one.type), one.evidence, one.pii, ", ".join(one.aliases))
            for one in schema.fields
        ],
    )


def _show_ddl(schema: EventSchema, dialect: Dialect, *, as_json: bool) -> None:
    from firehose_loader.warehouse.ddl import create_table

    sql = create_table(schema, dialect.value, "dotdigital")
    if as_json:
        answer({**_brief(schema), "dialect": dialect.value, "sql": sql})
    else:
        print(f"{sql};")


def _found(catalog: Catalog, event_type: str, version: str | None) -> EventSchema:
    name = catalog.resolve_type(event_type) or event_type
    if version is None:
        return catalog.latest(name)
    return catalog.get(name, parsed_version(version))


def parsed_version(text: str) -> Version:
    """Read a version that a user gave."""
    from firehose_loader.schema.model import Version

    try:
        return Version.parse(text)
    except ValueError as error:
        raise SchemaError(str(error)) from None


def _brief(schema: EventSchema) -> dict[str, object]:
    return {
        "event_type": schema.event_type,
        "version": str(schema.version),
        "origin": schema.origin,
        "table": schema.table,
        "key": list(schema.key),
        "event_time": schema.event_time,
        "merge": schema.merge,
    }


def _fields(schema: EventSchema) -> list[dict[str, object]]:
    return [
        {
            "name": one.name,
            "column": one.column,
            "type": str(one.type),
            "aliases": list(one.aliases),
            "required": one.required,
            "evidence": one.evidence,
            "pii": one.pii,
            "description": one.description,
        }
        for one in schema.fields
    ]
