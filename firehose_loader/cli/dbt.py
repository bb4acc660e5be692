"""``dbt``: sources and staging models for a dbt project."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firehose_loader.cli.console import answer, printable, table
from firehose_loader.cli.options import AsJson, ConfigFile, Into

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firehose_loader.config import Config
    from firehose_loader.setup.dbt import EventTable


def dbt(  # noqa: PLR0913 - one parameter per option
    event_types: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[EVENT_TYPE]...",
            help="Event types, such as email.open; without any, all that there are.",
            show_default=False,
        ),
    ] = None,
    into: Into = None,
    config: ConfigFile = None,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of models, in a dbt project.")
    ] = Path("models/dotdigital"),
    offline: Annotated[
        bool,
        typer.Option("--offline", help="Connect to nothing: models of what the schemas say."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write over files that were changed by hand.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write dbt sources and staging models for the event tables, with descriptions and tests.

    Of the tables that are in the warehouse, with the columns that they have now; with --offline, of
    the event schemas. Freshness follows from the cadence of the configured sources. The same tables
    give the same files: run it again when a table or a column came, and commit what changed.

    \b
    Examples:
      firehose-loader dbt --into events.duckdb
      firehose-loader dbt -c firehose.toml --output analytics/models/dotdigital
      firehose-loader dbt email.open email.click --offline --force --json
    """
    from firehose_loader.config import load_config
    from firehose_loader.setup.dbt import composed, freshness
    from firehose_loader.setup.generated import write_files

    loaded = load_config(config, into=into, secrets=not offline)
    tables = _tables(loaded, event_types or [], offline=offline)
    files = composed(loaded, tables)
    done = write_files(output, files, command="dbt", overwrite=force)
    ages = freshness(loaded)
    if ages is None:
        print("freshness is left out: no source has a cadence", file=sys.stderr)
    if as_json:
        answer(
            {
                "output": str(output),
                "written": done.written,
                "unchanged": done.unchanged,
                "left": done.left,
                "event_types": sorted({one.schema.event_type for one in tables}),
                "freshness": ages
                and {
                    "warn_after_seconds": int(ages[0].total_seconds()),
                    "error_after_seconds": int(ages[1].total_seconds()),
                },
            }
        )
        return
    states = {
        **dict.fromkeys(done.written, "written"),
        **dict.fromkeys(done.unchanged, "as it was"),
    }
    table(("file", "state"), [(str(output / name), states[name]) for name in files])
    for name in done.left:
        left = printable(str(output / name))
        print(f"{left}: is written no more, for want of its table; remove it", file=sys.stderr)


def _tables(config: Config, names: Sequence[str], *, offline: bool) -> Sequence[EventTable]:
    from firehose_loader.schema.catalog import load_catalog
    from firehose_loader.setup.dbt import tables_on_file, tables_there
    from firehose_loader.warehouse import open_warehouse

    catalog = load_catalog(config.schemas)
    if offline:
        return tables_on_file(catalog, names)
    with closing(open_warehouse(config, read_only=True)) as warehouse:
        return tables_there(catalog, warehouse, names)
