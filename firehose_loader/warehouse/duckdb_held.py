"""A DuckDB file that is held only while something is done with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from firehose_loader.config import Config, DuckDBTarget
from firehose_loader.engine import DIALECT, Engine, Row, storing
from firehose_loader.errors import WarehouseBusy, WarehouseUnusable
from firehose_loader.statements import literal, quoted, statement
from firehose_loader.warehouse.duckdb_lock import waited_for

if TYPE_CHECKING:
    import duckdb

_MEMORY = "memory"
"""What the engine calls the database that it has for itself."""


class HeldFile:
    """The file of a warehouse, attached to an engine that lives in memory.

    What the engine has for itself, temporary tables and macros, stays while others have the file.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, config: Config, target: DuckDBTarget
    ) -> None:
        """Take a connection to a database in memory, and hold the file; raises as ``hold``."""
        self._connection = connection
        self._path = target.path
        name = target.database
        self._database = (
            f"{name}_db" if name.casefold() in {_MEMORY, "temp", "system", "main"} else name
        )
        self._lock_timeout = self._patience = config.warehouse.lock_timeout
        self._is_held = self._was_held = False
        self.hold()

    def hold(self) -> None:
        """Keep everybody else from the file until ``release``; names mean its tables by then.

        Waits ``lock_timeout`` for another one to let go. Who waited that long in vain only asks
        from then on, until it is free: a run has many things to do with a warehouse.

        Raises:
            WarehouseUnusable: the file is no database, of a newer version, may not be written, or
                is gone since it was held last.
            WarehouseBusy: somebody else holds it.
        """
        if self._is_held:
            return
        if self._was_held and not self._path.exists():
            raise WarehouseUnusable(
                f"{self._path} is gone since this run began: somebody moved or removed it; put it"
                " back, or run again to begin a new one"
            )
        try:
            waited_for(self._path, self._patience, self._attach)
        except WarehouseBusy:
            self._patience = 0
            raise
        self._patience = self._lock_timeout
        self._is_held = self._was_held = True

    def release(self) -> None:
        """Let others have the file. Not within a transaction.

        Raises:
            WarehouseUnusable: the disk refuses what was to be written.
        """
        if not self._is_held:
            return
        self._is_held = False  # first: whatever interrupts what follows, it is attached anew
        with storing():
            # With its schema: the file may have one of that name.
            self._run("file_use", place=f"{quoted(_MEMORY)}.{quoted('main')}")
            self._run("file_detach", database=quoted(self._database))

    def _attach(self) -> None:
        database = quoted(self._database)
        self._run("file_attach", path=literal(str(self._path)), database=database)
        self._run("file_use", place=f"{database}.{quoted('main')}")

    def _run(self, name: str, **fragments: str) -> None:
        self._connection.execute(statement(DIALECT, name, **fragments).sql)


class FileSession:
    """Statements about what lies in a file, which is held from the first of them until released."""

    dialect = DIALECT

    def __init__(self, engine: Engine, file: HeldFile) -> None:
        self._engine = engine
        self._file = file

    def run(
        self, name: str, parameters: Mapping[str, object] | None = None, **fragments: str
    ) -> list[Row]:
        self._file.hold()
        return self._engine.run(name, parameters, **fragments)

    def changed(
        self, name: str, parameters: Mapping[str, object] | None = None, **fragments: str
    ) -> int:
        self._file.hold()
        return self._engine.changed(name, parameters, **fragments)

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Iterator[None]:
        self._file.hold()
        with self._engine.transaction(keep=keep):
            yield
