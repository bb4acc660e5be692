"""The event tables of a DuckDB file as Parquet files for others to read: one for each day.

The tables are what counts; the files follow them. Each is replaced whole, so that readers see the
old one or the new one, and whatever was broken off is done by the next call.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import cast
from urllib.parse import quote

from msgspec import Struct, field

from firehose_loader.errors import (
    AccessDenied,
    ConfigError,
    EngineError,
    StorageUnavailable,
    WarehouseUnavailable,
)
from firehose_loader.model import Drop
from firehose_loader.protocols import Shelf, Warehouse
from firehose_loader.retry import RetryPolicy, call
from firehose_loader.schema.model import EventSchema
from firehose_loader.statements import literal, quoted, statement
from firehose_loader.warehouse.ddl import Qualified

MANIFEST = "_firehose_manifest.json"
"""What each file holds. Written last: what it does not know is written again."""
_EVENT, _DAY = "event", "day"
_NO_DAY = "__HIVE_DEFAULT_PARTITION__"


class Published(Struct):
    """What became of the files."""

    written: int = 0
    rows: int = 0
    """In the files that were written."""
    removed: int = 0
    unchanged: int = 0
    copy_bytes: int = 0
    """Size of the copy for readers, if it was written anew."""


class _Table(Struct, frozen=True):
    """What the manifest has of one table."""

    state: str = ""
    """What the loader had noted of the table when its files were written."""
    files: Mapping[str, str] = field(default_factory=dict)
    """By key: a digest of what is in it."""


class ParquetFiles:
    """The files of one place."""

    def __init__(
        self, warehouse: Warehouse, shelf: Shelf, place: str, *, qualified: Qualified, spool: Path
    ) -> None:
        """Take what the files follow, and where they are kept.

        Args:
            warehouse: a DuckDB file, open to be written, so that nobody else writes.
            shelf: takes the files.
            place: its name for people.
            qualified: how statements name the tables.
            spool: a folder in which a file is written before it is put there.
        """
        self._warehouse = warehouse
        self._engine = warehouse.engine()
        self._shelf = shelf
        self._place = place
        self._qualified = qualified
        self._column = qualified.spelling.column
        self._spool = spool
        self._there: dict[str, Drop] = {}
        self._done = Published()

    def follow(self, schemas: Mapping[str, EventSchema], *, everything: bool) -> Published:
        """Bring the files up to the tables of some schemas, which are given by table.

        Args:
            schemas: tables of others have no files.
            everything: look at every row, also of tables that the loader did not change.

        Raises:
            ConfigError: the place holds something else.
            AccessDenied, StorageUnavailable, WarehouseUnavailable: not all could be written.
        """
        with self._told():
            self._there = {drop.key: drop for drop in self._shelf.list_drops()}
            before = self._manifest()
            now = {
                table: self._table(schema, list(columns), before.get(table), everything=everything)
                for table, schema in sorted(schemas.items())
                if (columns := self._warehouse.columns(table))
            }
            self._remove(_names(before) - _names(now))
            if now != before:
                self._write_manifest(now)
        return self._done

    # -- the manifest ----------------------------------------------------------------------------

    def _manifest(self) -> dict[str, _Table]:
        """Return what the manifest says; an empty place gets one, and is ours from then on.

        Raises:
            ConfigError: there is none, and something else is there.
        """
        drop = self._there.get(MANIFEST)
        if drop is None:
            if self._there:
                raise ConfigError(
                    f"[warehouse] parquet: {self._place} holds something else, such as"
                    f" {min(self._there)!r} (it has no {MANIFEST}); name an empty place"
                )
            self._write_manifest({})
            return {}
        with self._shelf.open(drop) as file:
            text = file.read()
        try:
            told = json.loads(text)["tables"]
            return {name: _Table(one["state"], one["files"]) for name, one in told.items()}
        except (ValueError, TypeError, KeyError, AttributeError):
            raise ConfigError(
                f"[warehouse] parquet: {MANIFEST} in {self._place} is broken; empty the place, and"
                " all files are written anew"
            ) from None

    def _write_manifest(self, tables: Mapping[str, _Table]) -> None:
        told = {name: {"state": one.state, "files": one.files} for name, one in tables.items()}
        file = self._spool / MANIFEST
        file.write_text(json.dumps({"tables": told}, indent=1, ensure_ascii=False) + "\n", "utf-8")
        self._put(MANIFEST, file)

    # -- the files of one table ------------------------------------------------------------------

    def _table(
        self, schema: EventSchema, columns: Sequence[str], known: _Table | None, *, everything: bool
    ) -> _Table:
        before = known or _Table()
        state = self._state(schema.table, columns)
        if state == before.state and before.files.keys() <= self._there.keys() and not everything:
            self._done.unchanged += len(before.files)
            return before
        files = {}
        for day, rows, digest in self._days(schema, columns):
            name = _name(schema, day)
            files[name] = digest
            if before.files.get(name) == digest and name in self._there:
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
            day=f"{self._column(schema.event_time)}::DATE" if schema.event_time else "NULL::DATE",
            columns=", ".join(map(self._column, sorted(columns))),
        )
        for day, rows, digest in cast("list[tuple[date | None, int, int]]", found):
            yield day, rows, f"{rows}:{digest}"

    def _write(
        self, schema: EventSchema, columns: Sequence[str], day: date | None, name: str
    ) -> None:
        file = self._spool / "day.parquet"
        time = self._column(schema.event_time) if schema.event_time else "NULL"
        written = statement(
            "duckdb",
            "parquet_rows",
            columns=", ".join(_column(one, self._column(one)) for one in columns),
            table=self._qualified(schema.table),
            rows=_within(time, day),
            order_columns=f"{time}, {quoted('_key')}",
        )
        self._engine.run("parquet_write", written=written.sql, file=literal(str(file)))
        self._put(name, file)

    def _put(self, name: str, file: Path) -> None:
        call(RetryPolicy(), lambda: self._shelf.put(name, file))

    def _remove(self, names: set[str]) -> None:
        for name in sorted(names):
            if (drop := self._there.get(name)) is not None:
                self._shelf.remove(drop)
            self._done.removed += 1

    @contextmanager
    def _told(self) -> Iterator[None]:
        behind = (
            f"the Parquet files in {self._place} could not all be written, {{}}; the events are in"
            " the tables, and the next run, or firehose-loader publish, writes what is missing"
        )
        try:
            yield
        except AccessDenied as error:
            raise AccessDenied(behind.format(error)) from error
        except StorageUnavailable as error:
            raise StorageUnavailable(behind.format(error)) from error
        except (EngineError, OSError) as error:
            raise WarehouseUnavailable(behind.format(error)) from error


def _names(tables: Mapping[str, _Table]) -> set[str]:
    return {name for table in tables.values() for name in table.files}


def _name(schema: EventSchema, day: date | None) -> str:
    """Return the key of a file; models of one event type lie beside one another."""
    event = quote(schema.event_type, safe="")
    told = _NO_DAY if day is None else day.isoformat()
    return f"{_EVENT}={event}/{_DAY}={told}/{quote(schema.table, safe='')}.parquet"


def _column(name: str, stored: str) -> str:
    """SQL of a column as it is written: by a type and a name that every reader takes."""
    if name == "_key":
        return f"{stored}::VARCHAR AS {quoted(name)}"
    if name in {_EVENT, _DAY}:  # the key of the file has these names
        return f"{stored} AS {quoted(f'{name}_')}"
    return stored if stored == quoted(name) else f"{stored} AS {quoted(name)}"


def _within(time: str, day: date | None) -> str:
    """SQL that is true of the rows of a day; in a form that lets the engine pass over others."""
    if day is None:
        return f"{time} IS NULL"
    first, behind = (f"DATE {literal(str(one))}" for one in (day, day + timedelta(days=1)))
    return f"{time} >= {first} AND {time} < {behind}"
