"""Warehouses of their own for a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol
from unittest.mock import patch

import duckdb

from firehose_loader.config import Config
from firehose_loader.errors import EngineError
from firehose_loader.protocols import Warehouse
from firehose_loader.statements import quoted
from firehose_loader.warehouse import open_warehouse

Row = dict[str, object]


class AnswerLost(Exception):
    """What was asked for is done; nobody heard so."""


class WarehouseRig(Protocol):
    """One place that events go to, new at first, and a user's way in beside the loader's."""

    name: str
    warehouse: Warehouse
    ddl_is_undone: bool
    """Tables and columns that a load made are gone again when it is rolled back."""

    def reopen(self, *, read_only: bool = False) -> Warehouse:
        """Close the warehouse and open the same place again."""

    def open_with(self, **settings: object) -> Warehouse:
        """Close the warehouse and open the same place with other settings of ``[warehouse]``."""

    def execute(self, sql: str) -> list[Row]:
        """Do as a user: ``{schema}`` stands for the loader's schema. See committed data only."""

    def tables(self) -> set[str]:
        """Name all tables that are there for good."""

    def failing(self, statement: int) -> AbstractContextManager[list[str]]:
        """Have the n-th statement from now on fail, counted from 0; give the names of those run."""

    def losing_answers(self) -> AbstractContextManager[None]:
        """Have every commit succeed, and AnswerLost raised in place of its answer."""

    def close(self) -> None:
        """Give back what the rig holds."""


class DuckDBRig:
    """A DuckDB file."""

    name = "duckdb"
    ddl_is_undone = True

    def __init__(self, folder: Path, *, url: str = "", schema: str = "dotdigital") -> None:
        self.path = folder / "events.duckdb"
        self._schema = schema
        self._config = Config.model_validate(
            {
                "warehouse": {"url": url or str(self.path), "schema": schema},
                "spool": folder,
                "threads": 2,
            }
        )
        self.warehouse: Warehouse = open_warehouse(self._config)

    def reopen(self, *, read_only: bool = False) -> Warehouse:
        self.warehouse.close()
        self.warehouse = open_warehouse(self._config, read_only=read_only)
        return self.warehouse

    def open_with(self, **settings: object) -> Warehouse:
        self.warehouse.close()
        warehouse = {"url": str(self.path), "schema": self._schema, **settings}
        told = {"warehouse": warehouse, "spool": self.path.parent, "threads": 2}
        self.warehouse = open_warehouse(Config.model_validate(told))
        return self.warehouse

    def execute(self, sql: str) -> list[Row]:
        self.warehouse.hold()
        connection = self.warehouse.engine().connection
        ((database,),) = connection.execute("SELECT current_database()").fetchall()
        with connection.cursor() as cursor:
            cursor.execute(f"USE {quoted(database)}.main")
            cursor.execute(sql.replace("{schema}", quoted(self._schema)))
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def tables(self) -> set[str]:
        found = self.execute(
            "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary"
        )
        return {str(row["table_name"]) for row in found}

    @contextmanager
    def failing(self, statement: int) -> Iterator[list[str]]:
        engine = self.warehouse.engine()
        run = engine.run
        seen: list[str] = []

        def counted(
            name: str, parameters: Mapping[str, object] | None = None, **fragments: str
        ) -> list[tuple[object, ...]]:
            seen.append(name)
            if len(seen) == statement + 1:
                raise EngineError(f"{name}: failed as ordered")
            return run(name, parameters, **fragments)

        with patch.object(engine, "run", counted):
            yield seen

    @contextmanager
    def losing_answers(self) -> Iterator[None]:
        engine = self.warehouse.engine()
        with patch.object(engine, "connection", _LosesAnswers(engine.connection)):
            yield

    def close(self) -> None:
        self.warehouse.close()


class _LosesAnswers:
    """A connection that breaks right after a commit."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def commit(self) -> None:
        self._connection.commit()
        raise AnswerLost


WAREHOUSES = (DuckDBRig.name,)


def new_warehouse_rig(name: str, folder: Path) -> WarehouseRig:
    """Return a rig of a kind, with a place of its own."""
    assert name == DuckDBRig.name
    return DuckDBRig(folder)
