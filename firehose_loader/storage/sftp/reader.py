"""Bytes of exactly the listed version of a file."""

from __future__ import annotations

import io
import stat
from typing import TYPE_CHECKING, BinaryIO

from firehose_loader.errors import AccessDenied, DropChanged, DropMissing, StorageUnavailable
from firehose_loader.model import Drop
from firehose_loader.pool import Loan, Pool
from firehose_loader.storage.sftp.errors import Refused, translating
from firehose_loader.storage.sftp.session import Attributes, Session

if TYPE_CHECKING:  # it exists for type checkers only
    from _typeshed import WriteableBuffer


def open_range(
    pool: Pool[Session], path: bytes, drop: Drop, place: str, span: tuple[int, int]
) -> BinaryIO:
    """Open a range of a file; it holds a session until it is read to its end or closed."""

    def opened(loan: Loan[Session]) -> BinaryIO:
        try:
            with translating(place, drop):
                handle = loan.connection.open_handle(path)
                check(loan.connection.attributes_of_handle(handle), drop, place)
                reader = _Reader(loan, handle, drop, place, span)
                if span[0] == span[1]:
                    reader.finish()
                    return io.BytesIO()
                return io.BufferedReader(reader)
        except BaseException as error:
            loan.end(broken=not isinstance(error, AccessDenied | DropMissing))
            raise

    return pool.lend(opened)


def version(attributes: Attributes) -> str:
    """Return what changes when a file is rewritten: servers tell no more than this."""
    return f"{attributes.size_bytes}:{attributes.modified}"


def check(attributes: Attributes, drop: Drop, place: str) -> None:
    """Raise DropChanged or DropMissing if a file is not the listed version."""
    if not stat.S_ISREG(attributes.mode or stat.S_IFREG):
        raise DropMissing(f"{place} is gone since it was listed")
    if version(attributes) != drop.version:
        raise DropChanged(
            f"{place} was rewritten since it was listed; the next run sees its new version"
        )


class _Reader(io.RawIOBase):
    """A range of an open file, as long as the file is what was listed."""

    def __init__(
        self, loan: Loan[Session], handle: bytes, drop: Drop, place: str, span: tuple[int, int]
    ) -> None:
        start, end = span
        self._loan = loan
        self._handle = handle
        self._drop = drop
        self._place = place
        self._pieces = loan.connection.pieces(handle, start, end)
        self._piece = memoryview(b"")
        self._left = end - start

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        if not self._left:
            return 0
        with translating(self._place, self._drop):
            while not self._piece:
                self._piece = memoryview(self._next())
            target = memoryview(buffer)[: len(self._piece)]
            target[:] = self._piece[: len(target)]
            self._piece = self._piece[len(target) :]
            self._left -= len(target)
            if not self._left:
                self.finish()
        return len(target)

    def finish(self) -> None:
        """Check that nothing was written into the file while it was read; give all back."""
        self._check()
        self._loan.connection.close_handle(self._handle)
        self._loan.end(broken=False)

    def close(self) -> None:
        # Answers to what was asked for ahead may be on their way: nobody else can use it.
        self._loan.end(broken=True)
        super().close()

    def _next(self) -> bytes:
        try:
            return next(self._pieces)
        except (Refused, StopIteration) as error:
            self._check()
            raise StorageUnavailable(
                f"{self._place} ended {self._left} bytes early: {error}"
            ) from error

    def _check(self) -> None:
        check(self._loan.connection.attributes_of_handle(self._handle), self._drop, self._place)
