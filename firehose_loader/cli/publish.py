"""``publish``: bring what is beside a DuckDB file for readers up to date."""

from __future__ import annotations

from typing import Annotated

import typer

from firehose_loader.cli.console import answer
from firehose_loader.cli.options import AsJson, ConfigFile, Into
from firehose_loader.errors import ConfigError
from firehose_loader.model import as_dict


def publish(
    into: Into = None,
    config: ConfigFile = None,
    *,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Look at every row, also where the loader changed nothing."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the Parquet files and the copy for readers that follow the tables up to date.

    Runs do it by themselves, and so do undo, replay, forget and the like. By hand it is for after a
    failure, and with --all for after rows or files were changed by somebody else.

    \b
    Examples:
      firehose-loader publish -c firehose.toml
      firehose-loader publish --all --json
    """
    from contextlib import closing

    from firehose_loader.aftercare import check_loaded
    from firehose_loader.aftercare.publishing import publish as bring_up
    from firehose_loader.config import DuckDBTarget, load_config
    from firehose_loader.warehouse import open_warehouse
    from firehose_loader.warehouse.parquet_files import Published

    loaded = load_config(config, into=into)
    if not isinstance(loaded.warehouse, DuckDBTarget) or not loaded.warehouse.is_published:
        raise ConfigError(
            "nothing is published: for a DuckDB file, [warehouse] parquet says where Parquet files"
            " are kept, and publish names a copy for those who read"
        )
    check_loaded(loaded)
    with closing(open_warehouse(loaded)) as warehouse:
        warehouse.prepare()
        done = bring_up(loaded, warehouse, everything=everything) or Published()
    if as_json:
        answer(as_dict(done))
    else:
        if loaded.warehouse.parquet:
            print(
                f"{done.written:,} files written with {done.rows:,} rows, {done.removed:,} removed,"
                f" {done.unchanged:,} as they were"
            )
        if loaded.warehouse.publish:
            written = f"written anew, {done.copy_bytes:,} bytes" if done.copy_bytes else "as it was"
            print(f"{loaded.warehouse.publish}: {written}")
