"""``sql``: the statements of a load, as they run."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from firehose_loader.cli.console import answer
from firehose_loader.cli.options import AsJson


class Dialect(StrEnum):
    """The kinds of warehouse."""

    DUCKDB = "duckdb"
    SNOWFLAKE = "snowflake"


def sql(
    event_type: Annotated[str, typer.Argument(help="Event type, such as email.open.")],
    schema: Annotated[
        str, typer.Option("--schema", help="Schema of the warehouse.")
    ] = "dotdigital",
    schemas: Annotated[
        Path | None,
        typer.Option("--schemas", help="Folder of your own event schemas.", show_default=False),
    ] = None,
    dialect: Annotated[
        Dialect, typer.Option("--dialect", help="Whose SQL: duckdb or snowflake.")
    ] = Dialect.DUCKDB,
    *,
    as_json: AsJson = False,
) -> None:
    """Print every statement that loads a drop of one event type, in the order in which they run.

    They are those of a real load, of one made-up drop into a database in memory: nothing is
    connected to. `$name` stands for a bound value, `:name` in Snowflake's dialect; there, the
    statements that compare a row with the one that the table holds are among them.

    \b
    Examples:
      firehose-loader sql email.open
      firehose-loader sql sms.failed --schema marketing --json
      firehose-loader sql email.open --dialect snowflake
    """
    from firehose_loader.rehearsal import statements

    found = list(statements(event_type, schema_name=schema, schemas=schemas, dialect=dialect))
    if as_json:
        answer([{"statement": one.name, "sql": one.shown} for one in found])
        return
    for one in found:
        print(f"-- {one.name}\n{one.shown};\n")
