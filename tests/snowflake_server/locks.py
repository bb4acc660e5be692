"""Locks of tables: who changes rows holds one until its transaction ends."""

from __future__ import annotations

import threading
import time

from tests.snowflake_server.refusals import CANCELLED, LOCKED, Refused

Table = tuple[str, str, str]
"""Database, schema and name."""


class Locks:
    """The locks of one account, held by sessions, which are known by their numbers."""

    def __init__(self) -> None:
        self._holders: dict[Table, int] = {}
        self._waiting: dict[int, Table] = {}
        self._cancelled: set[int] = set()
        self._changed = threading.Condition()

    def take(self, table: Table, session: int, seconds: float) -> None:
        """Take a lock, waiting so long for whoever holds it.

        Raises:
            Refused: it took longer, the other one waits for us, or we were told to wait no more.
        """
        last = time.monotonic() + seconds
        with self._changed:
            self._waiting[session] = table
            try:
                while self._holders.get(table, session) != session:
                    if session in self._cancelled:
                        raise Refused(CANCELLED, "SQL execution canceled")
                    if self._is_deadlock(session) or time.monotonic() >= last:
                        raise Refused(
                            LOCKED,
                            f"Statement has locked table '{table[2]}' in transaction"
                            f" {self._holders[table]} and this lock has not yet been released.",
                        )
                    self._changed.wait(last - time.monotonic())
                self._holders[table] = session
            finally:
                del self._waiting[session]
                self._cancelled.discard(session)

    def cancel(self, session: int) -> None:
        """Have a session wait no longer, if it does."""
        with self._changed:
            if session in self._waiting:
                self._cancelled.add(session)
                self._changed.notify_all()

    def give_back(self, session: int) -> None:
        """Give back all locks that a session holds."""
        with self._changed:
            self._holders = {
                table: holder for table, holder in self._holders.items() if holder != session
            }
            self._changed.notify_all()

    def waiting(self) -> int:
        """Return how many sessions wait for a lock that another one holds."""
        with self._changed:
            return sum(
                self._holders.get(table, session) != session
                for session, table in self._waiting.items()
            )

    def _is_deadlock(self, session: int) -> bool:
        """Tell whether those that are waited for wait for the session themselves."""
        seen = {session}
        waits = session
        while waits in self._waiting:
            waits = self._holders.get(self._waiting[waits], 0)
            if waits in seen:
                return True
            seen.add(waits)
        return False
