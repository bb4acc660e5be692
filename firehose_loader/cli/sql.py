"""``sql``: the statements of a load, as they run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from firehose_loader.cli.console import answer
from firehose_loader.cli.options import AsJson


def sql(
    event_type: Annotated[str, typer.Argument(help="Event type, such as email.open.")],
    schema: Annotated[
        str, typer.Option("--schema", help="Schema of the warehouse.")
    ] = "dotdigital",
    schemas: Annotated[
        Path | None,
        typer.Option("--schemas", help="Folder of your own event schemas.", show_default=False),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Print every statement that loads a drop of one event type, in the order in which they run.

    They are those of a real load, of one made-up drop into a database in memory: nothing is
    connected to. `$name` stands for a bound value.

    \b
    Examples:
      firehose-loader sql email.open
      firehose-loader sql sms.failed --schema marketing --json
    """
    from firehose_loader.rehearsal import statements

    found = list(statements(event_type, schema_name=schema, schemas=schemas))
    if as_json:
        answer([{"statement": one.name, "sql": one.sql} for one in found])
        return
    for one in found:
        print(f"-- {one.name}\n{one.sql};\n")
