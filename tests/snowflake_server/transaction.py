"""A session's transaction: what failed leaves it as it was, and it sees what others committed.

DuckDB gives up a transaction in which a statement failed, and shows it the state in which it began.
So here it is rolled back, and what it did so far is done again: on what is committed by now.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.snowflake_server.account import Account
from tests.snowflake_server.lengths import check_lengths
from tests.snowflake_server.locks import Table
from tests.snowflake_server.refusals import BEYOND_THE_DOUBLE, Refused
from tests.snowflake_server.results import Result

Step = Callable[[], Result]


class Transaction:
    """None, or one that is open, of the session with this number."""

    def __init__(
        self,
        account: Account,
        number: int,
        connection: Any,  # noqa: ANN401 - of the server's environment
        patience: Callable[[], float],
    ) -> None:
        """Take also what tells for how many seconds a lock is waited for."""
        self._account = account
        self._patience = patience
        self._number = number
        self._connection = connection
        self.is_open = False
        self._steps: list[tuple[Step, int]] = []
        """What it has done so far, and how many rows that changed."""
        self._seen = 0
        """How many commits of all sessions it sees."""
        self._on_commit: list[Callable[[], None]] = []

    def begin(self) -> None:
        """Open one, where none is."""
        if not self.is_open:
            self._connection.execute("BEGIN")
            self.is_open, self._seen = True, self._account.commits()

    def commit(self) -> None:
        """Keep what it did; without one, nothing."""
        if self.is_open:
            self._connection.execute("COMMIT")
            for note in self._on_commit:
                note()
            if self._steps:
                self._account.committed()
        self._end()

    def roll_back(self) -> None:
        """Undo what it did; without one, nothing."""
        if self.is_open:
            self._connection.execute("ROLLBACK")
        self._end()

    def run(self, step: Step, *, changes: Table | None, locks: bool, autocommit: bool) -> Result:
        """Do something in it, or in one of its own.

        Args:
            step: what is to be done, as often as it takes.
            changes: the table whose rows it changes.
            locks: others that change rows of this table must wait until the end.
            autocommit: without an open transaction, this is one of its own.
        """
        alone = not self.is_open
        try:
            if locks and changes is not None:
                self._account.locks.take(changes, self._number, self._patience())
            self.begin()
            if not alone and self._seen != self._account.commits():
                self._again()
            result = step()
            if changes is not None:
                check_lengths(self._account, self._connection, changes)
        except Exception:
            if alone:
                self.roll_back()
            else:
                self._again()
            raise
        if changes is not None:
            self._steps.append((step, result.rows))
        if alone and autocommit:
            self.commit()
        return result

    def note_on_commit(self, note: Callable[[], None]) -> None:
        """Have something noted outside of the engine when the transaction is committed."""
        self._on_commit.append(note)

    def _end(self) -> None:
        self.is_open = False
        self._steps, self._on_commit = [], []
        self._account.locks.give_back(self._number)

    def _again(self) -> None:
        self._connection.execute("ROLLBACK")
        self._connection.execute("BEGIN")
        self._seen = self._account.commits()
        for step, rows in self._steps:
            if step().rows != rows:
                raise Refused(
                    BEYOND_THE_DOUBLE,
                    "what others committed changes an earlier statement of this transaction, which"
                    " the stand-in has to repeat",
                )
