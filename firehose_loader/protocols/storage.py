"""Where drops come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from msgspec import Struct

from firehose_loader.model import (
    Digest,
    Drop,
)


class StorageTraits(Struct, frozen=True, kw_only=True):
    """What callers may branch on; never on the storage's type."""

    partial_files_visible: bool
    """A file may be listed while its sender still writes it."""
    parallel_ranges: bool
    """Several ranges of one drop may be read side by side to go faster."""


class Storage(Protocol):
    """One place that drops are delivered to. May be used from several threads at once."""

    @property
    def traits(self) -> StorageTraits:
        """What kind of place this is."""

    def list_drops(self, *, prefix: str = "", after: str = "") -> Iterator[Drop]:
        """Yield every drop whose key starts with ``prefix`` and sorts behind ``after``.

        Keys come in the order of their UTF-8 bytes, as a stream: memory does not grow with the
        listing. ``prefix`` is literal, need not end at a ``/``, and is pushed to the server where
        it can be. Folders and zero-byte folder markers (a key that ends in ``/``) are no drops.
        A prefix without drops yields nothing.

        Raises:
            AccessDenied: the place does not exist, or refuses us.
            ListingTooLong: it lists more than ``max_listed`` of the source.
            StorageUnavailable: it did not answer, or stopped in the middle; what was yielded
                stands, and listing ``after`` the last key goes on.
        """

    def open(self, drop: Drop, *, start: int = 0, end: int | None = None) -> BinaryIO:
        """Open bytes ``start`` (inclusive) to ``end`` (exclusive) of exactly the listed version.

        Reading yields exactly ``end - start`` bytes: a connection that ends early raises, it is
        never taken for the end of the file. An empty range opens empty.

        Raises (here or while reading):
            DropMissing: the drop is gone.
            DropChanged: the drop is not the listed version any more.
            AccessDenied, StorageUnavailable.
        """

    def digest(self, drop: Drop) -> Digest | None:
        """Return the checksum that the storage keeps of the listed version; None if it has none.

        May cost a request. Raises as ``open`` does.
        """

    def local_path(self, drop: Drop) -> Path | None:
        """Return where the drop can be read in place; None where it must be fetched.

        A drop read in place is checked with ``confirm`` before its load is committed.
        """

    def confirm(self, drop: Drop) -> None:
        """Raise DropChanged or DropMissing if the drop is not the listed version any more."""

    def move(self, drop: Drop, to: str) -> None:
        """Give the listed version of a drop another key; its content and its size stay as they are.

        ``to`` is a key, or with a ``/`` at its beginning a path from the root of the bucket, the
        container or the server. Folders on the way are made. Safe to repeat: a move that was cut
        off is finished, one that is done already is left as it is.

        Raises:
            DropBlocked: another file stands at ``to``, or the drop itself; nothing is changed.
            DropChanged: the drop is not the listed version any more; it stays.
            DropMissing: it is gone, and does not stand at ``to`` either.
            AccessDenied: we may not write there.
            StorageUnavailable.
        """

    def remove(self, drop: Drop) -> None:
        """Remove the listed version of a drop. Safe to repeat: one that is gone is removed.

        Raises:
            DropChanged: the drop is not the listed version any more; it stays.
            AccessDenied: we may not.
            StorageUnavailable.
        """

    def rehearse(self, to: str | None) -> None:
        """Do nothing where drops may be moved to ``to``, or removed where that is None.

        Nothing is there afterwards that was not there before.

        Raises:
            AccessDenied: they may not; the message says what it takes.
            StorageUnavailable.
        """

    def close(self) -> None:
        """Give back connections. May be called twice."""


class Shelf(Storage, Protocol):
    """A place that files can be put to, too."""

    def put(self, key: str, file: Path) -> None:
        """Put what a file holds under a key, in place of what stands there.

        Readers see the old content or the new one, each whole. Folders on the way are made. Safe to
        repeat.

        Raises:
            AccessDenied: we may not write there.
            StorageUnavailable: it did not answer, or has no room; what stood there is as it was.
        """


class Notice(Struct, frozen=True, kw_only=True):
    """Word of new drops, from a queue."""

    notice_id: str
    """The same however often it is delivered."""
    handle: str
    """What this delivery of it is acknowledged with."""
    keys: tuple[str, ...]
    """Drops of the source that it says are new; empty for what says nothing of any."""
    foreign: bool
    """It is not about this source, or not about drops at all: somebody else may wait for it."""


class Notices(Protocol):
    """A queue that tells of new drops: at least once each, in any order, and not for ever."""

    def receive(self) -> Sequence[Notice]:
        """Return the next few; none where the queue is empty, for now.

        What is received and not acknowledged comes again, after a while.

        Raises:
            AccessDenied, StorageUnavailable.
        """

    def acknowledge(self, notices: Sequence[Notice]) -> None:
        """Take notices out of the queue. Safe to repeat.

        Raises:
            AccessDenied, StorageUnavailable.
        """

    def rehearse(self) -> None:
        """Do nothing where notices may be received and acknowledged.

        None is taken, or kept from others; one may count as delivered once more.

        Raises:
            AccessDenied: they may not; the message says what it takes.
            StorageUnavailable.
        """

    def close(self) -> None:
        """Give back connections. May be called twice."""
