"""Open a DuckDB file; say exactly why where that fails."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from firehose_loader.config import Config, DuckDBTarget
from firehose_loader.errors import ConfigError, WarehouseUnusable
from firehose_loader.memory import engine_bytes
from firehose_loader.spool import ENGINE
from firehose_loader.warehouse.duckdb_held import HeldFile
from firehose_loader.warehouse.duckdb_lock import first_line, waited_for

if TYPE_CHECKING:
    import duckdb

MEMORY = ":memory:"
_RESERVED = {"memory", "temp", "system", "pg_catalog", "information_schema"}
_MAGIC = b"DUCK"
_MAGIC_AT = 8  # behind the first block's checksum


def open_file(config: Config, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """Open the warehouse's file, waiting up to ``lock_timeout`` for another process to let go.

    Raises:
        ConfigError: file and schema have the same name.
        WarehouseUnusable: the file is no database, of a newer version, or may not be written.
        WarehouseBusy: another process holds it.
    """
    path = _target(config).path
    _check_names(_target(config))
    if str(path) == MEMORY or (read_only and not path.exists()):
        return open_memory(config)
    _check(path, read_only=read_only)
    return waited_for(
        path,
        config.warehouse.lock_timeout,
        lambda: _connect(str(path), config, read_only=read_only),
    )


def open_held(config: Config) -> tuple[duckdb.DuckDBPyConnection, HeldFile]:
    """Open an engine in memory that holds the warehouse's file for now; raises as ``open_file``."""
    target = _target(config)
    _check_names(target)
    _check(target.path, read_only=False)
    connection = open_memory(config)
    try:
        return connection, HeldFile(connection, config, target)
    except BaseException:
        connection.close()
        raise


def _target(config: Config) -> DuckDBTarget:
    assert isinstance(config.warehouse, DuckDBTarget)  # noqa: S101 - who calls has seen to it
    return config.warehouse


def open_memory(config: Config) -> duckdb.DuckDBPyConnection:
    """Open a database in memory, with the settings of the engine."""
    return _connect(MEMORY, config, read_only=False)


def _check_names(target: DuckDBTarget) -> None:
    """Refuse a schema that no query could name."""
    schema = target.schema_name
    if schema.casefold() in {target.database.casefold(), *_RESERVED}:
        raise ConfigError(
            f"DuckDB cannot tell the schema {schema!r} in {target.path} from the file itself or"
            " from its own; name another file, or set [warehouse] schema"
        )


def _check(path: Path, *, read_only: bool) -> None:
    """Refuse what cannot become a database, before anything is written."""
    if path.is_dir():
        raise WarehouseUnusable(f"{path} is a folder; name a file, such as {path}/events.duckdb")
    if not path.parent.is_dir():
        raise WarehouseUnusable(f"the folder {path.parent} does not exist; make it first")
    if not path.exists() and not os.access(path.parent, os.W_OK | os.X_OK):
        raise WarehouseUnusable(f"{path} cannot be made: we may not write to {path.parent}")
    try:
        head = _head(path, read_only=read_only)
    except OSError as error:
        raise WarehouseUnusable(
            f"{path} cannot be opened: {error.strerror}; let this user"
            f" {'read' if read_only else 'read and write'} it, or name another file"
        ) from error
    if head and head[_MAGIC_AT:] != _MAGIC:
        raise WarehouseUnusable(
            f"{path} is not a DuckDB database; name another file with --into"
            " (Python: into=) or [warehouse] url"
        )


def _head(path: Path, *, read_only: bool) -> bytes:
    """Return the beginning of a file, opened as the engine would; nothing where there is none.

    Nothing is made or removed here, for another process may be just about to make the file.
    """
    try:
        with path.open("rb" if read_only else "rb+") as file:
            return file.read(_MAGIC_AT + len(_MAGIC))
    except FileNotFoundError:
        return b""


def _connect(path: str, config: Config, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        # Nothing that the wheel does not carry may be looked for on the network.
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "temp_directory": str(config.spool / ENGINE),
        "max_temp_directory_size": f"{config.max_spool_bytes // 4}B",
        "memory_limit": f"{engine_bytes(config.memory_limit)}B",
        # Each thread holds back that many row groups, uncompressed, before it writes them.
        "write_buffer_row_group_count": 1,
    }
    if config.threads:
        settings["threads"] = config.threads
    if (
        isinstance(config.warehouse, DuckDBTarget)
        and (version := config.warehouse.storage_version)
        and not read_only
    ):
        settings["storage_compatibility_version"] = version
    try:
        connection = duckdb.connect(path, read_only=read_only, config=settings)
    except duckdb.InvalidInputException as error:
        raise ConfigError(f"the engine refuses a setting: {first_line(error)}") from error
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    return connection
