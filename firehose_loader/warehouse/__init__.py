"""Warehouses: the only list of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from firehose_loader.config import Config, SnowflakeTarget
from firehose_loader.errors import ConfigError
from firehose_loader.protocols import Warehouse
from firehose_loader.statements import Statement

if TYPE_CHECKING:
    import duckdb

    from firehose_loader.warehouse.snowflake_copied import CopiedFile
    from firehose_loader.warehouse.sql_warehouse import SqlWarehouse

    ReadConnection: TypeAlias = duckdb.DuckDBPyConnection

BUCKET = "s3://bucket/"
"""Where the external stage of a warehouse leads that nobody else sees."""


def open_warehouse(config: Config, *, read_only: bool = False, run_id: str = "") -> Warehouse:
    """Open the warehouse that the configuration names; upgrade the loader's own tables in it.

    Args:
        config: where it is, and how the engine is to be set.
        read_only: look and change nothing; a DuckDB file that is not there counts as empty.
        run_id: whose statements they are, where a warehouse keeps them in its history.

    Raises:
        TablesOutdated: its own tables are older than this loader, and nothing may be changed.
        WarehouseUnusable: it cannot be opened, or its tables are those of a newer loader.
        WarehouseBusy.
    """
    warehouse = _opened(config, read_only=read_only, run_id=run_id)
    try:
        warehouse.settle_version(read_only=read_only)
    except BaseException:
        warehouse.close()
        raise
    return warehouse


def _opened(config: Config, *, read_only: bool, run_id: str) -> SqlWarehouse:
    if isinstance(config.warehouse, SnowflakeTarget):
        from firehose_loader.warehouse.snowflake import SnowflakeWarehouse

        return SnowflakeWarehouse(config, config.warehouse, run_id=run_id)
    from firehose_loader.warehouse.duckdb import DuckDBWarehouse

    return DuckDBWarehouse(config, read_only=read_only)


def read_connection(config: Config) -> ReadConnection:
    """Return a connection for queries of one's own, which can only read.

    Raises:
        ConfigError: the warehouse is no DuckDB file.
        WarehouseUnusable, WarehouseBusy.
    """
    if isinstance(config.warehouse, SnowflakeTarget):
        raise ConfigError(
            "a connection to read is there for DuckDB files only; query Snowflake with"
            " snowflake.connector, and a role that may only read"
        )
    from firehose_loader.warehouse.duckdb_file import open_file

    return open_file(config, read_only=True)


def copied_files(
    config: Config, tables: Sequence[str]
) -> tuple[Sequence[CopiedFile], Sequence[str]]:
    """Return the files that COPY loaded into some tables, and what of that could not be read.

    Raises:
        ConfigError: the warehouse keeps no such history, or a name is none.
        AccessDenied: it may not be read.
    """
    if not isinstance(config.warehouse, SnowflakeTarget):
        raise ConfigError(
            "only Snowflake keeps a history of COPY; say with --until or --list which drops were"
            " loaded"
        )
    from firehose_loader.warehouse import snowflake_copied

    return snowflake_copied.copied_files(config, config.warehouse, tables)


def rehearsed(config: Config, header: Sequence[str]) -> tuple[Warehouse, Sequence[Statement]]:
    """Return a warehouse that nobody else sees, and a list to which its statements are added.

    ``header`` names the fields of the drop that it would find where it reads drops by itself.
    """
    if isinstance(config.warehouse, SnowflakeTarget):
        from firehose_loader.warehouse.snowflake_rehearsal import rehearsed

        return rehearsed(config, config.warehouse, header)
    warehouse = open_warehouse(config)
    return warehouse, warehouse.engine().watch()
