"""Connections that are lent to one thread at a time, and used again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from firehose_loader.errors import StorageUnavailable


class Connection(Protocol):
    """What a pool keeps."""

    @property
    def alive(self) -> bool:
        """As far as this side knows, the other side still listens."""

    def close(self) -> None:
        """End it, whatever its state. May be called twice."""


C = TypeVar("C", bound=Connection)
T = TypeVar("T")


class Loan(Generic[C]):
    """A connection that nobody else uses until ``end``."""

    def __init__(self, connection: C, ended: Callable[[C, bool], None], *, is_new: bool) -> None:
        self.connection = connection
        self.is_new = is_new
        self._ended: Callable[[C, bool], None] | None = ended

    def end(self, *, broken: bool) -> None:
        """Give the connection back; closed, where an answer may still be on its way.

        May be called twice: the first call counts.
        """
        if self._ended is not None:
            ended, self._ended = self._ended, None
            ended(self.connection, broken)


class Pool(Generic[C]):
    """At most ``limit`` connections at once; who wants one more waits until one comes back.

    A thread that holds one does not ask for another.
    """

    def __init__(self, connect: Callable[[], C], *, limit: int) -> None:
        self._connect = connect
        self._free = threading.BoundedSemaphore(limit)
        self._idle: list[C] = []
        self._lock = threading.Lock()
        self._closed = False

    def lend(self, step: Callable[[Loan[C]], T]) -> T:
        """Return what ``step`` returns, which gets a connection and ends the loan.

        A connection that was kept may have been ended by the other side: when a step finds the
        storage unavailable over one, it is called once more, with a new connection.

        Raises:
            Exception: whatever ``step`` or ``connect`` raises.
        """
        loan = self._take()
        if loan.is_new:
            return step(loan)
        try:
            return step(loan)
        except StorageUnavailable:
            self._close_idle()  # they are as old as that one
            return step(self._take())

    def close(self) -> None:
        """Close what is idle now, and what is lent when it comes back."""
        with self._lock:
            self._closed = True
        self._close_idle()

    def _take(self) -> Loan[C]:
        self._free.acquire()
        try:
            used = self._used()
            return Loan(used or self._connect(), self._give_back, is_new=used is None)
        except BaseException:
            self._free.release()
            raise

    def _close_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _used(self) -> C | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if connection.alive:
                return connection
            connection.close()

    def _give_back(self, connection: C, broken: bool) -> None:  # noqa: FBT001 - called by Loan only
        with self._lock:
            keep = not (broken or self._closed)
            if keep:
                self._idle.append(connection)
        if not keep:
            connection.close()
        self._free.release()
