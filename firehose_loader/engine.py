"""The engine in which drops are normalised: one DuckDB connection and the statements for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from firehose_loader.errors import (
    EngineError,
    EngineInterrupted,
    EngineOutOfMemory,
    WarehouseUnusable,
)
from firehose_loader.privacy.looks import scrubbed
from firehose_loader.statements import Statement, statement

if TYPE_CHECKING:
    import duckdb

DIALECT = "duckdb"
Row: TypeAlias = tuple[object, ...]
Value: TypeAlias = object
T = TypeVar("T")
_ASKED_AT_ONCE = 50
"""Fields in one statement that aggregates each: 900 of them take ten times as long together."""
_MACROS = frozenset(
    {
        "boolean",
        "comparable",
        "date",
        "domain",
        "family",
        "fold",
        "hash",
        "host",
        "ids_in",
        "integer",
        "is_deep",
        "is_email",
        "is_ip",
        "is_phone",
        "json",
        "json_value",
        "key",
        "location",
        "looks_in",
        "masked",
        "may_be_json",
        "may_be_personal",
        "mentions",
        "moment",
        "network",
        "number",
        "number_text",
        "plain_email",
        "plain_id",
        "plain_ip",
        "plain_phone",
        "rescued",
        "said",
        "same_json",
        "timestamp",
        "without_emails",
        "without_ips",
        "without_phones",
        "witness",
    }
)
_USE = re.compile(r"(?<!MACRO )\bfirehose_(\w+)\(")
_DEFINITION = re.compile(r"MACRO firehose_(\w+)\(")


class Engine:
    """One connection; every statement comes from ``sql/duckdb``."""

    dialect = DIALECT

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._watched: list[Statement] | None = None
        self._defined: frozenset[str] = frozenset()

    def run(
        self, name: str, parameters: Mapping[str, Value] | None = None, **fragments: str
    ) -> list[Row]:
        """Run a statement and return its rows.

        Raises:
            EngineInterrupted, EngineOutOfMemory, EngineError: with the statement's name and the
                engine's own words.
        """
        import duckdb

        ready = statement(DIALECT, name, **fragments)
        if self._watched is not None:
            self._watched.append(ready)
        wanted = {
            key: value for key, value in (parameters or {}).items() if key in ready.parameters
        }
        try:
            self.define(ready.sql)
            rows = self.connection.execute(ready.sql, wanted).fetchall()
        except duckdb.OutOfMemoryException as error:
            raise EngineOutOfMemory(
                f"{name}: {scrubbed(str(error))};"
                " allow more with memory_limit, or with max_spool_bytes"
            ) from error
        except duckdb.InterruptException as error:
            raise EngineInterrupted(f"{name}: it was interrupted") from error
        except duckdb.Error as error:
            raise EngineError(f"{name}: {scrubbed(str(error))}") from error
        self._defined |= set(_DEFINITION.findall(ready.sql))
        return rows

    def define(self, sql: str) -> None:
        """Define the macros that SQL uses: each takes a millisecond, and few statements use any."""
        for name in _USE.findall(sql):
            if name in _MACROS - self._defined:
                definition = statement(DIALECT, f"macro_{name}").sql
                self.define(definition)
                self.connection.execute(definition)
                self._defined |= {name}

    def interrupt(self) -> None:
        """Have the statement that runs, if one does, end with EngineInterrupted."""
        self.connection.interrupt()

    def watch(self) -> Sequence[Statement]:
        """Return a list to which every statement is added that runs from now on."""
        self._watched = []
        return self._watched

    def changed(
        self, name: str, parameters: Mapping[str, Value] | None = None, **fragments: str
    ) -> int:
        """Run a statement that changes rows and return how many it says it changed."""
        (count,) = self.run(name, parameters, **fragments)[0]
        return int(str(count))

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Iterator[None]:
        """Commit what happens within; roll it back if anything is raised, Ctrl-C included.

        With ``keep`` false it is rolled back in any case: what was asked is what would happen.

        Raises:
            WarehouseUnusable: it cannot be committed: the disk is full, or refuses it.
        """
        import duckdb

        before = self._defined
        with storing():
            self.connection.begin()
        try:
            yield
        except BaseException:
            self._defined = before
            with suppress(duckdb.Error):  # what breaks the connection ends its transaction
                self.connection.rollback()
            raise
        if not keep:
            self._defined = before
            self.connection.rollback()
            return
        try:
            with storing():
                self.connection.commit()
        except WarehouseUnusable:
            self._defined = before
            raise


@contextmanager
def storing() -> Iterator[None]:
    """Tell that the disk fails us: one process writes, so that nothing else can be wrong.

    Raises:
        WarehouseUnusable.
    """
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise WarehouseUnusable(
            f"the database cannot be written: {scrubbed(str(error)).partition(chr(10))[0]}; make"
            " room where it lies, and run again: nothing is half loaded"
        ) from error


def in_parts(fields: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield fields a few at a time; without any, once none.

    What a statement with many aggregates takes grows with the square of their number.
    """
    for first in range(0, len(fields) or 1, _ASKED_AT_ONCE):
        yield fields[first : first + _ASKED_AT_ONCE]


def columns_of(rows: Iterable[Sequence[Value]], names: Sequence[str]) -> dict[str, list[Value]]:
    """Turn rows into one list per name, for statements that take whole columns."""
    lists: dict[str, list[Value]] = {name: [] for name in names}
    for row in rows:
        for name, value in zip(names, row, strict=True):
            lists[name].append(value)
    return lists
