"""The engine in which drops are normalised: one DuckDB connection and the statements for it."""

from __future__ import annotations

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
_MACROS = (
    "macro_fold",
    "macro_said",
    "macro_moment",
    "macro_integer",
    "macro_number",
    "macro_boolean",
    "macro_timestamp",
    "macro_date",
    "macro_may_be_json",
    "macro_json",
    "macro_json_value",
    "macro_is_deep",
    "macro_key",
    "macro_same_json",
    "macro_rescued",
    "macro_number_text",
    "macro_masked",
    "macro_witness",
    "macro_plain_email",
    "macro_plain_phone",
    "macro_plain_ip",
    "macro_plain_id",
    "macro_hash",
    "macro_domain",
    "macro_network",
    "macro_family",
    "macro_location",
    "macro_host",
    "macro_is_email",
    "macro_is_phone",
    "macro_is_ip",
    "macro_without_emails",
    "macro_without_phones",
    "macro_without_ips",
    "macro_may_be_personal",
    "macro_comparable",
    "macro_ids_in",
    "macro_looks_in",
    "macro_mentions",
)


class Engine:
    """One connection; every statement comes from ``sql/duckdb``."""

    dialect = DIALECT

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._watched: list[Statement] | None = None
        for name in _MACROS:
            self.run(name)

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
            return self.connection.execute(ready.sql, wanted).fetchall()
        except duckdb.OutOfMemoryException as error:
            raise EngineOutOfMemory(
                f"{name}: {scrubbed(str(error))};"
                " allow more with memory_limit, or with max_spool_bytes"
            ) from error
        except duckdb.InterruptException as error:
            raise EngineInterrupted(f"{name}: it was interrupted") from error
        except duckdb.Error as error:
            raise EngineError(f"{name}: {scrubbed(str(error))}") from error

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

        with storing():
            self.connection.begin()
        try:
            yield
        except BaseException:
            with suppress(duckdb.Error):  # what breaks the connection ends its transaction
                self.connection.rollback()
            raise
        if not keep:
            self.connection.rollback()
            return
        with storing():
            self.connection.commit()


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
