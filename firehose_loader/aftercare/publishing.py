"""Have what others read follow the tables: Parquet files, and a copy of the database."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from firehose_loader.config import Config, DuckDBTarget, LocalSource, Source
from firehose_loader.errors import ConfigError
from firehose_loader.protocols import Warehouse
from firehose_loader.schema.additions import in_force
from firehose_loader.schema.catalog import load_catalog
from firehose_loader.spool import SpoolFolder
from firehose_loader.storage import open_shelf
from firehose_loader.warehouse import read_copy
from firehose_loader.warehouse.ddl import qualified_in
from firehose_loader.warehouse.parquet_files import ParquetFiles, Published


def publish(config: Config, warehouse: Warehouse, *, everything: bool = False) -> Published | None:
    """Bring both up to the tables; None where the configuration has neither.

    Args:
        config: the warehouse, and what follows it.
        warehouse: open to be written, so that nobody else writes.
        everything: look at every row, also of tables that the loader did not change.

    Raises:
        ConfigError: something else lies in their place, or it cannot take files.
        AccessDenied, StorageUnavailable, WarehouseUnavailable: not all could be written; the tables
            are not touched by that.
    """
    target = config.warehouse
    if not isinstance(target, DuckDBTarget) or not target.is_published:
        return None
    warehouse.hold()
    done = Published()
    if target.parquet:
        done = _files(config, warehouse, target.parquet, everything=everything)
    if target.publish:
        done.copy_bytes = read_copy.publish(warehouse.engine(), target, everything=everything)
    return done


def _files(config: Config, warehouse: Warehouse, place: Source, *, everything: bool) -> Published:
    if isinstance(place, LocalSource):
        try:
            place.path.mkdir(exist_ok=True)
        except OSError as error:
            raise ConfigError(f"[warehouse] parquet: {place.path}: {error.strerror}") from None
    schemas = in_force(load_catalog(config.schemas), warehouse.additions())
    qualified = qualified_in(config.warehouse)
    with closing(open_shelf(place)) as shelf, SpoolFolder(config.spool, "parquet") as spool:
        files = ParquetFiles(warehouse, shelf, place.url, qualified=qualified, spool=Path(spool))
        tables = {schema.table: schema for schema in schemas.values()}
        return files.follow(tables, everything=everything)
