"""Any storage, with faults that a test has ordered."""

from __future__ import annotations

import io
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from firehose_loader.errors import FirehoseError
from firehose_loader.model import Digest, Drop
from firehose_loader.protocols import Storage, StorageTraits

if TYPE_CHECKING:  # it exists for type checkers only
    from _typeshed import WriteableBuffer


class FaultyStorage:
    """Passes every call on, except where a fault is due."""

    def __init__(self, storage: Storage) -> None:
        self.calls: Counter[str] = Counter()
        """How often each method was called."""
        self._storage = storage
        self._faults: defaultdict[str, deque[tuple[FirehoseError, int]]] = defaultdict(deque)
        self._flips: deque[int] = deque()

    def fail(self, method: str, error: FirehoseError, *, after: int = 0, times: int = 1) -> None:
        """Have the next calls of a method fail: ``after`` so many drops listed or bytes read."""
        self._faults[method].extend([(error, after)] * times)

    def flip(self, offset: int, *, times: int = 1) -> None:
        """Have the next reads that come by this byte of a drop get another one."""
        self._flips.extend([offset] * times)

    @property
    def traits(self) -> StorageTraits:
        return self._storage.traits

    def list_drops(self, *, prefix: str = "", after: str = "") -> Iterator[Drop]:
        fault = self._due("list_drops")
        for count, drop in enumerate(self._storage.list_drops(prefix=prefix, after=after)):
            if fault and count == fault[1]:
                raise fault[0]
            yield drop
        if fault:
            raise fault[0]

    def open(self, drop: Drop, *, start: int = 0, end: int | None = None) -> BinaryIO:
        fault = self._due("open")
        if fault and not fault[1]:
            raise fault[0]
        source = self._storage.open(drop, start=start, end=end)
        flip = None
        if self._flips and start <= self._flips[0] < (drop.size_bytes if end is None else end):
            flip = self._flips.popleft() - start
        return (
            io.BufferedReader(_FaultyReader(source, fault, flip))
            if fault or flip is not None
            else source
        )

    def digest(self, drop: Drop) -> Digest | None:
        self._raise_if_due("digest")
        return self._storage.digest(drop)

    def local_path(self, drop: Drop) -> Path | None:
        self._raise_if_due("local_path")
        return self._storage.local_path(drop)

    def confirm(self, drop: Drop) -> None:
        self._raise_if_due("confirm")
        self._storage.confirm(drop)

    def move(self, drop: Drop, to: str) -> None:
        self._raise_if_due("move")
        self._storage.move(drop, to)

    def remove(self, drop: Drop) -> None:
        self._raise_if_due("remove")
        self._storage.remove(drop)

    def rehearse(self, to: str | None) -> None:
        self._raise_if_due("rehearse")
        self._storage.rehearse(to)

    def close(self) -> None:
        self._raise_if_due("close")
        self._storage.close()

    def _due(self, method: str) -> tuple[FirehoseError, int] | None:
        self.calls[method] += 1
        return self._faults[method].popleft() if self._faults[method] else None

    def _raise_if_due(self, method: str) -> None:
        if fault := self._due(method):
            raise fault[0]


class _FaultyReader(io.RawIOBase):
    def __init__(
        self, source: BinaryIO, fault: tuple[FirehoseError, int] | None, flip: int | None
    ) -> None:
        self._source = source
        self._fault = fault
        self._flip = flip
        self._position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        target = memoryview(buffer)
        if self._fault:
            target = target[: self._fault[1] - self._position]
            if not target:
                raise self._fault[0]
        data = bytearray(self._source.read(len(target)))
        if self._flip is not None and 0 <= self._flip - self._position < len(data):
            data[self._flip - self._position] ^= 1
        target[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        self._source.close()
        super().close()
