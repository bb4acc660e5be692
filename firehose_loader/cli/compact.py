"""``compact``: write the DuckDB file anew, without what was removed from it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from firehose_loader.cli.console import answer
from firehose_loader.cli.options import AsJson, ConfigFile, Into

if TYPE_CHECKING:
    from pathlib import Path


def compact(into: Into = None, config: ConfigFile = None, *, as_json: AsJson = False) -> None:
    """Write the DuckDB file anew, smaller, and without a trace of what was removed from it.

    For after forget, and after many updates. All tables and views are copied, whosever they are.
    The file is held meanwhile; it is replaced when its copy is whole, and what is broken off leaves
    it as it was. It takes as much room again beside the file.

    \b
    Examples:
      firehose-loader compact --into events.duckdb
      firehose-loader compact -c firehose.toml --json
    """
    from contextlib import closing

    from firehose_loader.aftercare.publishing import publish
    from firehose_loader.config import load_config
    from firehose_loader.warehouse import open_warehouse
    from firehose_loader.warehouse.duckdb_compact import compact as write_anew

    loaded = load_config(config, into=into)
    done = write_anew(loaded, _tell)
    if getattr(loaded.warehouse, "publish", None):
        with closing(open_warehouse(loaded)) as warehouse:
            publish(loaded, warehouse, everything=True)
    if as_json:
        answer(
            {
                "path": str(done.path),
                "tables": done.tables,
                "rows": done.rows,
                "bytes_before": done.bytes_before,
                "bytes_after": done.bytes_after,
            }
        )
    else:
        print(
            f"{done.path}: {done.bytes_before:,} bytes became {done.bytes_after:,};"
            f" {done.tables:,} tables with {done.rows:,} rows"
        )


def _tell(path: Path, size: int) -> None:
    print(f"{path} has {size:,} bytes and is written anew", file=sys.stderr)
