"""Any storage, with patience: what fails for a moment is tried again and goes on where it was."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from firehose_loader.errors import TransientError
from firehose_loader.model import Digest, Drop
from firehose_loader.protocols import Storage, StorageTraits
from firehose_loader.retry import RetryPolicy, call

if TYPE_CHECKING:  # it exists for type checkers only
    from _typeshed import WriteableBuffer

_DROPS_AT_ONCE = 500
_BYTES_AT_ONCE = 256 * 2**10
"""As much of a read as a cut connection can lose."""


class RetryingStorage:
    """A storage that answers a TransientError with another try, as a policy allows.

    Whatever arrives counts as progress: the policy's bounds hold for failures in a row.
    """

    def __init__(self, storage: Storage, policy: RetryPolicy | None = None) -> None:
        self._storage = storage
        self._policy = policy or RetryPolicy()

    @property
    def traits(self) -> StorageTraits:
        return self._storage.traits

    def list_drops(self, *, prefix: str = "", after: str = "") -> Iterator[Drop]:
        listing: Iterator[Drop] | None = None
        failure: TransientError | None = None

        def more() -> list[Drop]:
            """Return the next drops; those that came before a failure are not lost."""
            nonlocal listing, failure
            if failure is not None:
                told, failure = failure, None
                raise told  # so that it is waited for, as long as it asks for
            if listing is None:
                listing = self._storage.list_drops(prefix=prefix, after=after)
            drops: list[Drop] = []
            try:
                for drop in islice(listing, _DROPS_AT_ONCE):
                    drops.append(drop)  # noqa: PERF402 - what came before a failure must stay
            except TransientError as error:
                listing = None
                if not drops:
                    raise
                failure = error if error.pause_seconds else None
            return drops

        while drops := call(self._policy, more):
            after = drops[-1].key
            yield from drops

    def open(self, drop: Drop, *, start: int = 0, end: int | None = None) -> BinaryIO:
        end = drop.size_bytes if end is None else end
        reader = _ResumingReader(self._storage, self._policy, drop, start, end)
        reader.connect()
        return io.BufferedReader(reader, _BYTES_AT_ONCE)

    def digest(self, drop: Drop) -> Digest | None:
        return call(self._policy, lambda: self._storage.digest(drop))

    def local_path(self, drop: Drop) -> Path | None:
        return self._storage.local_path(drop)

    def confirm(self, drop: Drop) -> None:
        call(self._policy, lambda: self._storage.confirm(drop))

    def move(self, drop: Drop, to: str) -> None:
        call(self._policy, lambda: self._storage.move(drop, to))

    def remove(self, drop: Drop) -> None:
        call(self._policy, lambda: self._storage.remove(drop))

    def rehearse(self, to: str | None) -> None:
        call(self._policy, lambda: self._storage.rehearse(to))

    def close(self) -> None:
        self._storage.close()


class _ResumingReader(io.RawIOBase):
    """A range of a drop that is opened again, behind what has arrived, when reading breaks."""

    def __init__(
        self, storage: Storage, policy: RetryPolicy, drop: Drop, start: int, end: int
    ) -> None:
        self._storage = storage
        self._policy = policy
        self._drop = drop
        self._position = start
        self._end = end
        self._source: io.BufferedReader | None = None

    def connect(self) -> None:
        """Open the drop, so that it fails where the caller expects it: at ``open``."""
        call(self._policy, self._connected)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        target = memoryview(buffer)[: min(_BYTES_AT_ONCE, self._end - self._position)]
        if not target:
            return 0
        data = call(self._policy, lambda: self._read(len(target)))
        target[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        self._disconnect()
        super().close()

    def _read(self, size_bytes: int) -> bytes:
        source = self._connected()
        try:
            # What has arrived, and not all or nothing: a connection may break again and again.
            return source.read1(size_bytes)
        except TransientError:
            self._disconnect()
            raise

    def _connected(self) -> io.BufferedReader:
        if self._source is None:
            source = self._storage.open(self._drop, start=self._position, end=self._end)
            self._source = cast("io.BufferedReader", source)  # every binary file has its read1
        return self._source

    def _disconnect(self) -> None:
        if self._source is not None:
            self._source.close()
            self._source = None
