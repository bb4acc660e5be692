"""Warehouses: the only list of them."""

from __future__ import annotations

from collections.abc import Sequence

from firehose_loader.config import Config, SnowflakeTarget
from firehose_loader.protocols import Warehouse
from firehose_loader.statements import Statement


def open_warehouse(config: Config, *, read_only: bool = False, run_id: str = "") -> Warehouse:
    """Open the warehouse that the configuration names.

    Args:
        config: where it is, and how the engine is to be set.
        read_only: look and change nothing; a DuckDB file that is not there counts as empty.
        run_id: whose statements they are, where a warehouse keeps them in its history.

    Raises:
        WarehouseUnusable, WarehouseBusy.
    """
    if isinstance(config.warehouse, SnowflakeTarget):
        from firehose_loader.warehouse.snowflake import SnowflakeWarehouse

        return SnowflakeWarehouse(config, config.warehouse, run_id=run_id)
    from firehose_loader.warehouse.duckdb import DuckDBWarehouse

    return DuckDBWarehouse(config, read_only=read_only)


def rehearsed(config: Config) -> tuple[Warehouse, Sequence[Statement]]:
    """Return a warehouse that nobody else sees, and a list to which its statements are added."""
    if isinstance(config.warehouse, SnowflakeTarget):
        from firehose_loader.warehouse.snowflake_rehearsal import rehearsed

        return rehearsed(config, config.warehouse)
    warehouse = open_warehouse(config)
    return warehouse, warehouse.engine().watch()
