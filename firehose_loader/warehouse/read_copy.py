"""A copy of a DuckDB file for those who read: written beside, and swapped in whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firehose_loader.config import DuckDBTarget
from firehose_loader.engine import Engine, Row
from firehose_loader.errors import ConfigError, EngineError, WarehouseUnavailable
from firehose_loader.statements import literal, quoted
from firehose_loader.warehouse.duckdb_copy import copied, put_in_place, removed_in_the_end
from firehose_loader.warehouse.own_tables import META

_COPY = "firehose_read_copy"
"""What the old copy is called while it is compared."""
_CHANGES_ALWAYS = {"_firehose_runs", "_firehose_claims", "_firehose_alerts", "_firehose_versions"}
"""Tables that say nothing about the events: a run without news leaves the copy as it is."""
_State = dict[str, list[Row]]


def publish(engine: Engine, target: DuckDBTarget, *, everything: bool) -> int:
    """Write the copy anew if what it holds is not what the warehouse holds; return its bytes.

    Whoever has the old copy open goes on to read it as it was. What is broken off leaves the old
    copy in its place.

    Args:
        engine: with the warehouse open, so that nobody else writes, and no transaction begun.
        target: names both.
        everything: write it even if nothing of the loader's has changed.

    Returns:
        The size of a new copy; 0 if the old one will do.

    Raises:
        ConfigError: something else lies there.
        WarehouseUnavailable: it cannot be written; the old one is as it was.
    """
    assert target.publish is not None  # noqa: S101 - who calls has looked
    path = target.publish.resolve()  # a link goes on to lead to the copy
    database = str(engine.run("compact_database")[0][0])
    if path.exists():
        old = _state_of_copy(engine, path, target.schema_name)
        if not everything and old == _state(engine, database, target.schema_name):
            return 0
    beside = path.with_name(f".{path.name}.publishing")
    with _told(path), removed_in_the_end(beside):
        _check_room(path, target.path)
        copied(engine, database, beside)
        put_in_place(beside, path, like=path if path.exists() else target.path)
    return path.stat().st_size


def _check_room(path: Path, database: Path) -> None:
    size, free = database.stat().st_size, _free(path.parent)
    if free < size:
        raise WarehouseUnavailable(
            f"[warehouse] publish: {path} was not written anew: a second one needs up to {size:,}"
            f" bytes beside it, and {path.parent} has {free:,} left; the old one is as it was"
        )


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _state_of_copy(engine: Engine, path: Path, schema: str) -> _State:
    """Return what the copy holds; nothing where it cannot be compared, as one of older tables.

    Raises:
        ConfigError: it is none.
    """
    try:
        engine.run("copy_attach", path=literal(str(path)), copy=quoted(_COPY))
    except EngineError as error:
        raise _no_copy(path) from error
    try:
        if not _has_ledger(engine, _COPY, schema):
            raise _no_copy(path)
        return _state(engine, _COPY, schema)
    except EngineError:
        return {}
    finally:
        engine.run("compact_detach", new=quoted(_COPY))


def _no_copy(path: Path) -> ConfigError:
    return ConfigError(
        f"[warehouse] publish: {path} is there and is no copy of a warehouse of this loader;"
        " name another file, or move it away"
    )


def _has_ledger(engine: Engine, database: str, schema: str) -> bool:
    return (schema, "_firehose_drops") in engine.run("compact_tables", {"database": database})


def _state(engine: Engine, database: str, schema: str) -> _State:
    """Return what tells one state of the loader's tables and views from another."""
    state = {}
    for table, columns in META.values():
        if table not in _CHANGES_ALWAYS:
            name = ".".join(map(quoted, (database, schema, table)))
            state[table] = engine.run(
                "copy_state", table=name, columns=", ".join(map(quoted, columns))
            )
    state["views"] = engine.run("copy_views", {"database": database})
    return state


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (EngineError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise WarehouseUnavailable(
            f"[warehouse] publish: {path} was not written anew, and is as it was: {why}; the next"
            " run tries again, and so does firehose-loader publish"
        ) from error
