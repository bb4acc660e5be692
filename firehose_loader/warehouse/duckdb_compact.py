"""Write a DuckDB file anew, without the pages that are free: smaller, and with nothing removed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from msgspec import Struct

from firehose_loader.config import Config, DuckDBTarget
from firehose_loader.engine import Engine
from firehose_loader.errors import ConfigError, EngineError, NotFound, WarehouseUnusable
from firehose_loader.warehouse.duckdb_copy import (
    check_room,
    copied,
    log_of,
    put_in_place,
    removed_in_the_end,
)
from firehose_loader.warehouse.duckdb_file import open_file

_ZEROS = bytes(2**20)


class Compacted(Struct, frozen=True, kw_only=True):
    """What became of a file; sizes in bytes."""

    path: Path
    tables: int
    rows: int
    bytes_before: int
    bytes_after: int


def compact(config: Config, begun: Callable[[Path, int], None]) -> Compacted:
    """Write the file of a warehouse anew, beside it, and put it in its place once it is whole.

    All is copied, also tables and views that are not the loader's. The file is held from the first
    to the last moment: nobody can write to what is about to be replaced. What is broken off leaves
    the file as it was; the old one is overwritten before its room is given back.

    Args:
        config: names the file.
        begun: is told the path, and how many bytes it has, when copying begins.

    Raises:
        ConfigError: the warehouse is no file.
        NotFound: there is no such file.
        WarehouseBusy: another process holds it.
        WarehouseUnusable: there is no room for a second one, or it cannot be copied.
    """
    if not isinstance(config.warehouse, DuckDBTarget):
        raise ConfigError(
            "compact is for DuckDB files: Snowflake rewrites its own storage, and keeps what was"
            " removed for as long as Time Travel and Fail-safe of the tables say"
            " (docs/privacy.md, Forgetting people)"
        )
    if not config.warehouse.path.is_file():
        raise NotFound(f"{config.warehouse.path}: there is no such file to compact")
    path = config.warehouse.path.resolve()  # a link goes on to lead to the file
    beside = path.with_name(f".{path.name}.compacting")
    # The file is closed behind the database: closing any handle of it gives up the process's lock.
    with (
        _open(path) as old,
        closing(open_file(config, read_only=False)) as connection,
        removed_in_the_end(beside),
    ):
        before = old.seek(0, os.SEEK_END)
        with _told(f"{path} could not be written anew, and is as it was"):
            engine = Engine(connection)
            database = _checkpointed(engine, path)
            check_room(path, before)
            begun(path, before)
            counts = copied(engine, database, beside)
            put_in_place(beside, path, like=path)
        with _told(f"{path} was written anew, but what was removed may still be on the disk"):
            _overwrite(old)
    return Compacted(
        path=config.warehouse.path,
        tables=len(counts),
        rows=sum(counts.values()),
        bytes_before=before,
        bytes_after=path.stat().st_size,
    )


def _open(path: Path) -> BinaryIO:
    with _told(f"{path} cannot be written"):
        return path.open("rb+")


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except (EngineError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise WarehouseUnusable(f"{what}: {why}") from error


def _checkpointed(engine: Engine, path: Path) -> str:
    """Bring all into the file itself, and return what the engine calls the database."""
    engine.run("compact_checkpoint")
    if log_of(path).exists() and log_of(path).stat().st_size:
        raise WarehouseUnusable(f"{path} was left as it is: its log {log_of(path)} is not empty")
    return cast("str", engine.run("compact_database")[0][0])


def _overwrite(old: BinaryIO) -> None:
    """Overwrite a file that has lost its name; one with a second name is somebody's copy.

    Whoever had opened it, and waits for its lock, finds no database in it: nobody loads into a file
    that is about to go.
    """
    if os.fstat(old.fileno()).st_nlink:
        return
    left = old.seek(0, os.SEEK_END)
    old.seek(0)
    while left > 0:
        left -= old.write(_ZEROS[:left])
    old.flush()
    os.fsync(old.fileno())
