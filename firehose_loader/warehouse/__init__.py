"""Warehouses: the only list of them."""

from __future__ import annotations

from firehose_loader.config import Config, SnowflakeTarget
from firehose_loader.errors import ConfigError
from firehose_loader.protocols import Warehouse


def open_warehouse(config: Config, *, read_only: bool = False) -> Warehouse:
    """Open the warehouse that the configuration names.

    Args:
        config: where it is, and how the engine is to be set.
        read_only: look and change nothing; a DuckDB file that is not there counts as empty.

    Raises:
        WarehouseUnusable, WarehouseBusy.
    """
    if isinstance(config.warehouse, SnowflakeTarget):
        raise ConfigError(
            f"{config.warehouse.place}: this version does not load into Snowflake yet"
        )
    from firehose_loader.warehouse.duckdb import DuckDBWarehouse

    return DuckDBWarehouse(config, read_only=read_only)
