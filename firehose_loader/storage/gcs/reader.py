"""Reading an object of a bucket: Google's client writes it, a piece at a time, and we read that."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from firehose_loader.errors import StorageUnavailable
from firehose_loader.model import Digest, Drop
from firehose_loader.storage.gcs.connect import Connection
from firehose_loader.storage.gcs.errors import changed, translating
from firehose_loader.storage.gcs.objects import digest_of, listed

if TYPE_CHECKING:  # it exists for type checkers only
    from _typeshed import ReadableBuffer, WriteableBuffer

PIECE_BYTES = 2 * 2**20
"""So much is asked for at a time: it waits in memory, and a run that is stopped waits for it."""


class Reader(io.RawIOBase):
    """A range of the listed version of an object, as long as was asked for.

    Its first piece is there at once, so that what fails does so where a drop is opened.
    """

    def __init__(  # noqa: PLR0913 - what is read, and from where
        self, connection: Connection, name: str, drop: Drop, *, start: int, end: int, place: str
    ) -> None:
        self._connection = connection
        self._name = name
        self._drop = drop
        self._place = place
        self._position = start
        self._end = end
        self._piece = memoryview(b"")
        self._failure: StorageUnavailable | None = None
        self.digest: Digest | None = None
        """The checksum of the whole object, where the last answer told it."""
        self._fetch()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        if not self._piece and self._position < self._end:
            self._fetch()
        target = memoryview(buffer)[: len(self._piece)]
        target[:] = self._piece[: len(target)]
        self._piece = self._piece[len(target) :]
        return len(target)

    def _fetch(self) -> None:
        """Have the next piece, or what came of it: its reader goes on behind that."""
        if self._failure is not None:
            raise self._failure
        asked = min(PIECE_BYTES, self._end - self._position)
        piece = _Piece(asked)
        try:
            self._download(piece, asked)
        except StorageUnavailable as error:
            if not piece.tell():
                raise
            self._failure = error
        self._piece = memoryview(piece.getvalue())  # no copy, and none that holds the file open
        self._position += len(self._piece)

    def _download(self, piece: _Piece, asked: int) -> None:
        # A new blob for each piece: one that has been read asks for its generation another way.
        blob = self._connection.bucket.blob(self._name)
        whole = asked == self._drop.size_bytes
        try:
            with translating(self._place, self._drop):
                blob.download_to_file(
                    piece,
                    start=None if whole else self._position,
                    end=None if whole else self._position + asked - 1,
                    raw_download=True,  # as it is stored, also where that is packed
                    if_generation_match=int(self._drop.version),
                    checksum=None,  # the whole is held against it where it has been put together
                    **self._connection.once,
                )
                generation, self.digest = blob.generation, digest_of(blob)
        except _MoreThanAsked:
            listed(self._connection, self._name, self._drop, self._place)
            raise StorageUnavailable(
                f"{self._place}: {asked} bytes were asked for, and more came"
            ) from None
        # Not every server knows the condition; one that does not at least says what it sent.
        if generation not in {None, int(self._drop.version)}:
            raise changed(self._place)
        if piece.tell() < asked:
            raise StorageUnavailable(f"{self._place} ended {asked - piece.tell()} bytes early")


class _MoreThanAsked(Exception):
    """Another version was sent, or all of an object instead of a part of it."""


class _Piece(io.BytesIO):
    """What is written of an object, and no more than was asked for."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__()
        self._size_bytes = size_bytes

    def write(self, data: ReadableBuffer) -> int:
        if self.tell() + len(memoryview(data)) > self._size_bytes:
            raise _MoreThanAsked
        return super().write(data)
