"""From a storage to files on this machine, verified: size, version and the storage's checksum."""

from __future__ import annotations

import hashlib
import os
import sys
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, ThreadPoolExecutor, wait
from pathlib import Path
from typing import BinaryIO, Protocol

from msgspec import Struct

from firehose_loader.errors import (
    ConfigError,
    DropDamaged,
    DropTooLarge,
    FatalError,
    FirehoseError,
    StorageUnavailable,
)
from firehose_loader.model import Digest, Drop
from firehose_loader.protocols import Storage
from firehose_loader.spool import private

PART_BYTES = 16 * 2**20
"""A drop that is larger is read in parts of this size side by side, where the storage allows."""
_CHUNK_BYTES = 2**20


class Fetched(Struct, frozen=True, kw_only=True):
    """One drop, as a file of this machine or as the reason why it is none."""

    drop: Drop
    path: Path | None = None
    """Where to read it; None when ``error`` says why there is nothing."""
    in_place: bool = False
    """The file is the drop itself: read only, and checked with ``Storage.confirm`` after."""
    verified_by: str | None = None
    """The checksum that the bytes were held against; ``second transfer`` when the storage's could
    not be computed and a second transfer brought the same bytes; None when there is none."""
    error: FirehoseError | None = None


class Fetcher:
    """Makes drops of one storage readable on this machine, a batch at a time."""

    def __init__(
        self, storage: Storage, *, threads: int, max_bytes: int, max_spool_bytes: int = sys.maxsize
    ) -> None:
        """Take what to fetch from, how, and the largest drop to fetch or to download."""
        self._storage = storage
        self._max_spool_bytes = max_spool_bytes
        self._threads = threads
        self._max_bytes = max_bytes
        self._stop = threading.Event()

    def stop(self) -> None:
        """Let the batch that is under way, and any later one, end with CancelledError soon."""
        self._stop.set()

    def go_on(self) -> None:
        """Raise CancelledError once ``stop`` was called."""
        if self._stop.is_set():
            raise CancelledError

    def fetch(self, drops: Sequence[Drop], folder: Path) -> list[Fetched]:
        """Make drops readable; the answer has one entry for each, in their order.

        Drops that can be read in place stay where they are; the others are written into ``folder``
        under their drop ids, so many requests at a time as there are threads. An error of one drop
        is its entry's.

        Raises:
            FatalError: no drop of this storage can be read; what is complete in ``folder`` stays.
            CancelledError: another thread called ``stop``.
        """
        breaker = _Breaker(self._threads)
        pool = ThreadPoolExecutor(self._threads, thread_name_prefix="fetch")

        def one(drop: Drop, part_pool: Executor | None) -> Fetched:
            self.go_on()
            try:
                _check_size(drop, self._max_bytes)
                if self._storage.local_path(drop) is None:
                    _check_room(drop, self._max_spool_bytes)
                breaker.check(drop)
                transfer = _Transfer(self._stop, part_pool)
                fetched = _made_readable(self._storage, drop, folder, transfer)
            except FatalError:
                raise
            except FirehoseError as error:
                fetched = Fetched(drop=drop, error=error)
            breaker.note(fetched)
            return fetched

        try:
            small = {
                index: pool.submit(one, drop, None)
                for index, drop in enumerate(drops)
                if self._storage.local_path(drop) is None and not _in_parts(self._storage, drop)
            }
            # What is read in place is here at once. The parts of a large drop go through the pool
            # behind the small drops, and this thread waits for them: a worker that waited for other
            # workers could wait for ever.
            return [
                small[index].result() if index in small else one(drop, pool)
                for index, drop in enumerate(drops)
            ]
        except BaseException:
            self.stop()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def fetch(
    storage: Storage,
    drop: Drop,
    target: Path,
    *,
    max_bytes: int,
    pool: Executor | None = None,
) -> Fetched:
    """Write a drop to ``target``, complete and verified, or leave nothing.

    Args:
        storage: where the drop is.
        drop: what to fetch.
        target: the file to write; replaced if it is there.
        max_bytes: the largest drop that is read at all.
        pool: threads that read the parts of a large drop side by side.

    Raises:
        DropTooLarge: before a byte is read.
        DropDamaged: two transfers brought other bytes than the storage's checksum says.
        ConfigError: there is no room where ``target`` lies.
        DropMissing, DropChanged, AccessDenied, StorageUnavailable: as ``Storage.open``.
    """
    _check_size(drop, max_bytes)
    return _fetched(storage, drop, target, _Transfer(threading.Event(), pool))


class _Transfer(Struct, frozen=True):
    """How to read: until ``stop`` is set, in parts where there are threads for them."""

    stop: threading.Event
    pool: Executor | None


class _Breaker:
    """Gives up on a storage that failed for several drops in a row, each with all its retries."""

    def __init__(self, threads: int) -> None:
        self._limit = max(threads, 3)
        self._failures = 0
        self._lock = threading.Lock()

    def check(self, drop: Drop) -> None:
        """Raise StorageUnavailable when it makes no sense to ask for one more drop."""
        if self._failures >= self._limit:
            raise StorageUnavailable(
                f"{drop.key!r} was not asked for: the storage was unavailable for"
                f" {self._limit} drops in a row; the next run tries again"
            )

    def note(self, fetched: Fetched) -> None:
        """Take in what became of a drop."""
        with self._lock:
            unavailable = isinstance(fetched.error, StorageUnavailable)
            self._failures = self._failures + 1 if unavailable else 0


def _made_readable(storage: Storage, drop: Drop, folder: Path, transfer: _Transfer) -> Fetched:
    path = storage.local_path(drop)
    if path is None:
        return _fetched(storage, drop, folder / drop.drop_id, transfer)
    # Better to find out now than in the engine that it is gone, changed or must not be read.
    storage.open(drop, end=0).close()
    return Fetched(drop=drop, path=path, in_place=True)


def _check_size(drop: Drop, max_bytes: int) -> None:
    if drop.size_bytes > max_bytes:
        raise DropTooLarge(
            f"{drop.key!r} has {drop.size_bytes} bytes, more than max_file_bytes = {max_bytes};"
            " raise that limit to have it loaded"
        )


def _check_room(drop: Drop, max_bytes: int) -> None:
    if drop.size_bytes > max_bytes:
        raise DropTooLarge(
            f"{drop.key!r} has {drop.size_bytes} bytes, more than the half of max_spool_bytes that"
            f" is for downloads ({max_bytes}); raise that limit to have it loaded"
        )


def _in_parts(storage: Storage, drop: Drop) -> bool:
    return storage.traits.parallel_ranges and drop.size_bytes > PART_BYTES


def _fetched(storage: Storage, drop: Drop, target: Path, transfer: _Transfer) -> Fetched:
    partial = target.with_name(f"{target.name}.part")
    try:
        verified_by = _written(storage, drop, partial, transfer)
        partial.replace(target)
    except OSError as error:
        raise _no_room(error, target) from error
    finally:
        partial.unlink(missing_ok=True)
    return Fetched(drop=drop, path=target, verified_by=verified_by)


def _written(storage: Storage, drop: Drop, partial: Path, transfer: _Transfer) -> str | None:
    """Write a drop and return what verified it."""
    _download(storage, drop, partial, transfer)
    digest = storage.digest(drop)
    matches = digest and _matches(partial, digest)
    if digest is None or matches is None:
        return None
    if not matches:
        before = _hashed(partial, hashlib.sha256())
        _download(storage, drop, partial, transfer)
        if not _matches(partial, digest):
            # Bytes flipped on the way are not flipped alike twice: the guess was wrong, not they.
            if digest.guessed and _hashed(partial, hashlib.sha256()) == before:
                return "second transfer"
            raise DropDamaged(
                f"{drop.key!r}: the bytes that arrived, twice, do not have the storage's checksum"
                f" ({digest.algorithm} {digest.hex}); the next run tries again"
            )
    return digest.algorithm


def _download(storage: Storage, drop: Drop, partial: Path, transfer: _Transfer) -> None:
    with open(partial, "wb", buffering=0, opener=private) as file:
        if transfer.pool is None or not _in_parts(storage, drop):
            _copy(storage, drop, _Range(0, drop.size_bytes), file.fileno(), transfer.stop)
        else:
            _copy_parts(storage, drop, file.fileno(), transfer.stop, transfer.pool)


class _Range(Struct, frozen=True):
    start: int
    end: int


def _copy_parts(
    storage: Storage, drop: Drop, file: int, stop: threading.Event, pool: Executor
) -> None:
    """Write all parts of a drop; when this returns or raises, no thread writes any more."""
    abandoned = threading.Event()
    parts = [
        pool.submit(_copy, storage, drop, part, file, stop, abandoned)
        for part in _ranges(drop.size_bytes)
    ]
    try:
        for part in parts:
            part.result()
    except BaseException:
        abandoned.set()
        for part in parts:
            part.cancel()
        raise
    finally:
        wait(parts)


def _ranges(size_bytes: int) -> Iterator[_Range]:
    for start in range(0, size_bytes, PART_BYTES):
        yield _Range(start, min(start + PART_BYTES, size_bytes))


def _copy(storage: Storage, drop: Drop, part: _Range, file: int, *stop: threading.Event) -> None:
    """Write one range of a drop to its place in a file."""
    position = part.start
    with storage.open(drop, start=part.start, end=part.end) as source:
        while chunk := source.read(_CHUNK_BYTES):
            if any(event.is_set() for event in stop):
                raise CancelledError
            os.pwrite(file, chunk, position)
            position += len(chunk)
    if position != part.end:
        raise StorageUnavailable(
            f"{drop.key!r}: {position - part.start} bytes arrived,"
            f" {part.end - part.start} were announced"
        )


def _no_room(error: OSError, target: Path) -> ConfigError:
    return ConfigError(
        f"{target.parent}: cannot write what is downloaded: {error.strerror};"
        " make room, or choose another folder with spool"
    )


def _matches(path: Path, digest: Digest) -> bool | None:
    """Tell whether a file has a digest; None when that cannot be computed here."""
    if digest.algorithm == "md5-parts":
        return any(_md5_of_parts(path, size) == digest.hex for size in digest.part_bytes)
    hasher = _hasher(digest.algorithm)
    return None if hasher is None else _hashed(path, hasher) == digest.hex


class _Hasher(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


class _Crc:
    """A CRC in the manner of hashlib."""

    def __init__(self, function: Callable[[bytes, int], int], digits: int) -> None:
        self._function = function
        self._digits = digits
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = self._function(data, self._value)

    def hexdigest(self) -> str:
        return f"{self._value:0{self._digits}x}"


def _hasher(algorithm: str) -> _Hasher | None:
    if algorithm in {"md5", "sha1", "sha256"}:
        return hashlib.new(algorithm, usedforsecurity=False)
    if algorithm == "crc32":
        return _Crc(zlib.crc32, 8)
    if algorithm == "crc32c" and (crc32c := _googles_crc32c()) is not None:
        return crc32c
    try:
        # In pure Python these two would take longer than the download.
        from awscrt import checksums  # type: ignore[import-untyped]
    except ImportError:
        return None
    match algorithm:
        case "crc32c":
            return _Crc(checksums.crc32c, 8)
        case "crc64nvme":
            return _Crc(checksums.crc64nvme, 16)
        case _:
            return None


def _googles_crc32c() -> _Hasher | None:
    """Return what comes with the extra for Google, where it is compiled for this machine."""
    try:
        import google_crc32c
    except ImportError:
        return None
    if google_crc32c.implementation != "c":
        return None
    return _Crc(lambda data, value: int(google_crc32c.extend(value, data)), 8)


def _hashed(path: Path, hasher: _Hasher) -> str:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            hasher.update(chunk)
    return hasher.hexdigest()


def _md5_of_parts(path: Path, part_bytes: int) -> str:
    """Return the MD5 of the MD5s of a file's parts, as S3 gives it for a multipart upload."""
    whole = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while part := _md5_of_next(file, part_bytes):
            whole.update(part)
    return whole.hexdigest()


def _md5_of_next(file: BinaryIO, size_bytes: int) -> bytes:
    """Return the MD5 of the next bytes of a file; nothing at its end."""
    part = hashlib.md5(usedforsecurity=False)
    left = size_bytes
    while left and (chunk := file.read(min(left, _CHUNK_BYTES))):
        part.update(chunk)
        left -= len(chunk)
    return part.digest() if left < size_bytes else b""
