"""Copy a DuckDB file that is held: all that is in it, without the pages that are free."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

from firehose_loader.engine import Engine
from firehose_loader.errors import EngineError, WarehouseUnusable
from firehose_loader.statements import literal, quoted

_NEW = "firehose_copy"
"""What the new database is called while it is written."""


@contextmanager
def removed_in_the_end(beside: Path) -> Iterator[None]:
    """Remove what an earlier attempt, or this one, left of a new file."""
    leftovers = (beside, log_of(beside))
    for leftover in leftovers:
        leftover.unlink(missing_ok=True)
    try:
        yield
    finally:
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)


def check_room(path: Path, size: int) -> None:
    """Make sure that so many bytes fit beside a file.

    Raises:
        WarehouseUnusable.
    """
    free = shutil.disk_usage(path.parent).free
    if free < size:
        raise WarehouseUnusable(
            f"{path} was left as it is: a second one needs up to {size:,} bytes beside it, and"
            f" {path.parent} has {free:,} left"
        )


def copied(engine: Engine, old: str, beside: Path) -> dict[tuple[str, str], int]:
    """Copy all into a new file and return the rows of each table, by schema and name.

    Raises:
        EngineError: it could not be written, or is not the same; the engine has let go of it.
    """
    try:
        return _copied(engine, old, beside)
    except EngineError:
        with suppress(EngineError):
            engine.run("compact_detach", new=quoted(_NEW))
        raise


def _copied(engine: Engine, old: str, beside: Path) -> dict[tuple[str, str], int]:
    version = literal(cast("str", engine.run("compact_version")[0][0]))
    engine.run("compact_attach", path=literal(str(beside)), new=quoted(_NEW), version=version)
    engine.run("compact_copy", old=quoted(old), new=quoted(_NEW))
    before, after = _counts(engine, old), _counts(engine, _NEW)
    if before != after:
        differing = sorted(before.items() ^ after.items())
        raise EngineError(f"the copy does not have the same tables and rows: {differing[:4]}")
    engine.run("compact_detach", new=quoted(_NEW))
    if log_of(beside).exists():
        raise EngineError("the copy was not brought into one file")
    return after


def _counts(engine: Engine, database: str) -> dict[tuple[str, str], int]:
    """Count the rows of every table."""
    found = engine.run("compact_tables", {"database": database})
    counts = {}
    for schema, table in cast("list[tuple[str, str]]", found):
        qualified = f"{quoted(database)}.{quoted(schema)}.{quoted(table)}"
        counts[schema, table] = cast("int", engine.run("compact_count", table=qualified)[0][0])
    return counts


def put_in_place(beside: Path, path: Path, *, like: Path) -> None:
    """Have a new file in the place of another, for good, with the rights of one that is there."""
    was = like.stat()
    beside.chmod(stat.S_IMODE(was.st_mode))
    if os.geteuid() == 0:
        os.chown(beside, was.st_uid, was.st_gid)
    synced(beside)
    beside.replace(path)
    synced(path.parent)


def synced(path: Path) -> None:
    """Have what was written to a file, or the names in a folder, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def log_of(path: Path) -> Path:
    """Return where the engine keeps what is not in the file yet."""
    return path.with_name(f"{path.name}.wal")
