"""Bytes of exactly the listed version of a file."""

from __future__ import annotations

import io
import ssl
from typing import TYPE_CHECKING, BinaryIO

from firehose_loader.errors import AccessDenied, DropChanged, DropError, StorageUnavailable
from firehose_loader.model import Drop
from firehose_loader.pool import Loan, Pool
from firehose_loader.storage.ftps.errors import translating
from firehose_loader.storage.ftps.session import Session

if TYPE_CHECKING:  # it exists for type checkers only
    from _typeshed import WriteableBuffer


def open_range(
    pool: Pool[Session], path: bytes, drop: Drop, place: str, span: tuple[int, int]
) -> BinaryIO:
    """Open a range of a file; it holds a session until it is read to its end or closed."""

    def opened(loan: Loan[Session]) -> BinaryIO:
        session = loan.connection
        try:
            with translating(place, drop):
                check(session, path, drop, place)
                if span[0] < span[1]:
                    connection = session.reading(session.absolute(path), span[0], place)
                    return io.BufferedReader(
                        _Reader(
                            loan=loan,
                            connection=connection,
                            path=path,
                            drop=drop,
                            place=place,
                            span=span,
                        )
                    )
        except BaseException as error:
            loan.end(broken=not isinstance(error, AccessDenied | DropError))
            raise
        loan.end(broken=False)
        return io.BytesIO()

    return pool.lend(opened)


def check(session: Session, path: bytes, drop: Drop, place: str) -> None:
    """Raise DropChanged if a file is not the listed version; ftplib's 550 if there is none."""
    if session.facts(session.absolute(path), place).version != drop.version:
        raise DropChanged(
            f"{place} was rewritten since it was listed; the next run sees its new version"
        )


class _Reader(io.RawIOBase):
    """A range of a file, as long as the file is what was listed."""

    def __init__(  # noqa: PLR0913 - what a range is
        self,
        *,
        loan: Loan[Session],
        connection: ssl.SSLSocket,
        path: bytes,
        drop: Drop,
        place: str,
        span: tuple[int, int],
    ) -> None:
        start, end = span
        self._loan = loan
        self._connection = connection
        self._path = path
        self._drop = drop
        self._place = place
        self._left = end - start
        self._to_the_end = end == drop.size_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        if not self._left:
            return 0
        with translating(self._place, self._drop):
            count = self._connection.recv_into(memoryview(buffer)[: self._left])
            if not count:
                self._connection.close()
                self._loan.connection.voidresp()
                self._check()
                raise StorageUnavailable(f"{self._place} ended {self._left} bytes early")
            self._left -= count
            if not self._left:
                self._finish()
        return count

    def close(self) -> None:
        self._connection.close()
        self._loan.end(broken=True)  # unless it was read to its end: that ended the loan
        super().close()

    def _finish(self) -> None:
        """Check that nothing was written into the file while it was read; give all back."""
        session = self._loan.connection
        if not self._to_the_end:
            session.break_off(self._connection)
        elif self._connection.recv(1):
            session.break_off(self._connection)
            raise DropChanged(f"{self._place} has grown since it was listed")
        else:
            session.end(self._connection)
        self._check()
        self._loan.end(broken=False)

    def _check(self) -> None:
        check(self._loan.connection, self._path, self._drop, self._place)
