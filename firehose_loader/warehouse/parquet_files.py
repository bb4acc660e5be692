"""The event tables of a DuckDB file as Parquet files for others to read: one for each day.

The tables are what counts; the files follow them. Each is replaced whole, so that readers see the
old one or the new one, and whatever was interrupted is done by the next call.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import cast
from urllib.parse import quote

from firehose_loader.errors import ConfigError, EngineError, WarehouseUnavailable
from firehose_loader.protocols import Warehouse
from firehose_loader.schema.model import EventSchema
from firehose_loader.statements import literal, quoted, statement

MANIFEST = "_firehose_manifest.json"
"""What each file holds. Written last: what it does not know is written again."""
_EVENT, _DAY = "event", "day"
_NO_DAY = "__HIVE_DEFAULT_PARTITION__"


@dataclass(slots=True)
class Published:
    """What became of the files."""

    written: int = 0
    rows: int = 0
    """In the files that were written."""
    removed: int = 0
    unchanged: int = 0
    copy_bytes: int = 0
    """Size of the copy for readers, if it was written anew."""


@dataclass(frozen=True, slots=True)
class _Table:
    """What the manifest has of one table."""

    state: str
    """What the loader had noted of the table when its files were written."""
    files: Mapping[str, str] = field(default_factory=dict)
    """By path below the folder: a digest of what is in it."""


def check_folder(folder: Path) -> None:
    """Make sure that a folder can take the files.

    Raises:
        ConfigError: it holds something else, or cannot be made or read.
    """
    try:
        folder.mkdir(exist_ok=True)
        if (folder / MANIFEST).exists() or not any(folder.iterdir()):
            return
    except OSError as error:
        raise ConfigError(f"[warehouse] parquet: {folder}: {error.strerror}") from None
    raise ConfigError(
        f"[warehouse] parquet: {folder} holds something else (it has no {MANIFEST}); name an empty"
        " folder, or one that is not there yet"
    )


def publish(
    warehouse: Warehouse,
    schemas: Sequence[EventSchema],
    place: tuple[Path, str],
    *,
    everything: bool,
) -> Published:
    """Bring the files of a folder up to the tables.

    Args:
        warehouse: a DuckDB file, open to be written, so that nobody else writes.
        schemas: whose tables are meant; of one table, the last one.
        place: the folder, and the schema in which the tables lie.
        everything: look at every row, also of tables that the loader did not change.

    Raises:
        ConfigError: as ``check_folder``.
        WarehouseUnavailable: a file cannot be written.
    """
    folder, schema_name = place
    check_folder(folder)
    files = _Files(warehouse, folder, schema_name, everything=everything)
    with _told(folder):
        return files.follow({schema.table: schema for schema in schemas})


class _Files:
    def __init__(
        self, warehouse: Warehouse, folder: Path, schema_name: str, *, everything: bool
    ) -> None:
        self._warehouse = warehouse
        self._engine = warehouse.engine()
        self._folder = folder
        self._schema = quoted(schema_name)
        self._everything = everything
        self._done = Published()

    def follow(self, schemas: Mapping[str, EventSchema]) -> Published:
        manifest = self._folder / MANIFEST
        if not manifest.exists():
            _replace(manifest, _text({}))  # from now on, the folder is ours
        before = _read(manifest)
        now = {
            table: self._table(schema, list(columns), before.get(table, _Table("")))
            for table, schema in sorted(schemas.items())
            if (columns := self._warehouse.columns(table))
        }
        kept = {name for table in now.values() for name in table.files}
        for name in sorted({name for table in before.values() for name in table.files} - kept):
            self._remove(name)
        if now != before:
            _replace(manifest, _text(now))
        return self._done

    def _table(self, schema: EventSchema, columns: Sequence[str], before: _Table) -> _Table:
        state = self._state(schema.table, columns)
        whole = all((self._folder / name).is_file() for name in before.files)
        if state == before.state and whole and not self._everything:
            self._done.unchanged += len(before.files)
            return before
        files = {}
        for day, rows, digest in self._days(schema, columns):
            name = _name(schema, day)
            files[name] = digest
            if before.files.get(name) == digest and (self._folder / name).is_file():
                self._done.unchanged += 1
            else:
                self._write(schema, columns, day, name)
                self._done.written += 1
                self._done.rows += rows
        return _Table(state, files)

    def _state(self, table: str, columns: Sequence[str]) -> str:
        found = self._engine.run(
            "parquet_state",
            {"table_name": table},
            digests=self._qualified("_firehose_digests"),
            table=self._qualified(table),
        )
        return ":".join([*map(str, found[0]), ",".join(sorted(columns))])

    def _days(
        self, schema: EventSchema, columns: Sequence[str]
    ) -> Iterator[tuple[date | None, int, str]]:
        found = self._engine.run(
            "parquet_days",
            table=self._qualified(schema.table),
            day=f"{quoted(schema.event_time)}::DATE" if schema.event_time else "NULL::DATE",
            columns=", ".join(map(quoted, sorted(columns))),
        )
        for day, rows, digest in cast("list[tuple[date | None, int, int]]", found):
            yield day, rows, f"{rows}:{digest}"

    def _write(
        self, schema: EventSchema, columns: Sequence[str], day: date | None, name: str
    ) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.writing")  # no reader takes what begins with a dot
        time = quoted(schema.event_time) if schema.event_time else "NULL"
        written = statement(
            "duckdb",
            "parquet_rows",
            columns=", ".join(_column(one) for one in columns),
            table=self._qualified(schema.table),
            rows=_within(time, day),
            order_columns=f"{time}, {quoted('_key')}",
        )
        self._engine.run("parquet_write", written=written.sql, file=literal(str(beside)))
        _put(beside, path)

    def _remove(self, name: str) -> None:
        path = self._folder / name
        path.unlink(missing_ok=True)
        self._done.removed += 1
        for above in (path.parent, path.parent.parent):
            if above.is_dir() and not any(above.iterdir()):
                above.rmdir()

    def _qualified(self, table: str) -> str:
        return f"{self._schema}.{quoted(table)}"


def _name(schema: EventSchema, day: date | None) -> str:
    """Return the path of a file; models of one event type lie beside one another."""
    event = quote(schema.event_type, safe="")
    told = _NO_DAY if day is None else day.isoformat()
    return f"{_EVENT}={event}/{_DAY}={told}/{quote(schema.table, safe='')}.parquet"


def _column(name: str) -> str:
    """SQL of a column as it is written: by a type and a name that every reader takes."""
    if name == "_key":
        return f"{quoted(name)}::VARCHAR AS {quoted(name)}"
    if name in {_EVENT, _DAY}:  # the path has these names
        return f"{quoted(name)} AS {quoted(f'{name}_')}"
    return quoted(name)


def _within(time: str, day: date | None) -> str:
    """SQL that is true of the rows of a day; in a form that lets the engine pass over others."""
    if day is None:
        return f"{time} IS NULL"
    first, behind = (f"DATE {literal(str(one))}" for one in (day, day + timedelta(days=1)))
    return f"{time} >= {first} AND {time} < {behind}"


def _read(path: Path) -> dict[str, _Table]:
    """Return what a manifest says; nothing where there is none, or one of another kind."""
    try:
        told = json.loads(path.read_text("utf-8"))
        return {name: _Table(one["state"], one["files"]) for name, one in told["tables"].items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, KeyError, AttributeError):
        raise WarehouseUnavailable(
            f"{path} is broken: remove the folder, and the files are written anew"
        ) from None


def _text(tables: Mapping[str, _Table]) -> str:
    told = {name: {"state": one.state, "files": dict(one.files)} for name, one in tables.items()}
    return json.dumps({"tables": told}, indent=1, ensure_ascii=False) + "\n"


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.writing")
    beside.write_text(text, "utf-8")
    _put(beside, path)


def _put(beside: Path, path: Path) -> None:
    """Put a file in the place of another, once all of it is on the disk."""
    with beside.open("rb") as file:
        os.fsync(file.fileno())
    beside.replace(path)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except (EngineError, OSError) as error:
        said = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
        raise WarehouseUnavailable(
            f"the Parquet files in {folder} could not all be written: {said}; the events are in the"
            " tables, and the next run, or firehose-loader publish, writes what is missing"
        ) from error
