"""How much of a file the engine keeps in memory while it looks through a column of it once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from firehose_loader.engine import DIALECT
from firehose_loader.statements import literal, statement

if TYPE_CHECKING:
    import duckdb

_THREAD_BYTES = 32 * 2**20
"""Room for the blocks that a thread of the engine has in hand, and many more."""


class Memory:
    """What the engine may hold.

    Each block of a file that is read takes memory that nobody had before, until the limit is
    reached; from then on they take each other's. To have the machine hand out that much memory is
    dearer than to look through what it is filled with, and nobody looks at it a second time.

    For a column whose values have one size. Of others, what a thread has in hand at a time has no
    bound, and where the room does not suffice the transaction fails.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, limit: int) -> None:
        """Take an engine, and the bytes that it may hold as a rule."""
        self._connection = connection
        self._limit = limit

    @contextmanager
    def spared(self, room: int) -> Iterator[None]:
        """Have no more than some bytes taken beside what is held, and beside the threads' room."""
        # Beside the caller's transaction: in one that has failed nothing can be set.
        with self._connection.cursor() as beside:
            ((taken, threads),) = beside.execute(statement(DIALECT, "memory_taken").sql).fetchall()
            self._set(beside, min(taken + threads * _THREAD_BYTES + room, self._limit))
            try:
                yield
            finally:
                self._set(beside, self._limit)

    def _set(self, beside: duckdb.DuckDBPyConnection, most: int) -> None:
        beside.execute(statement(DIALECT, "memory_limit", most=literal(f"{most}B")).sql)
