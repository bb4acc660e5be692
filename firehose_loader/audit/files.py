"""The files of drops, read again by the parser that has no part in loading them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from firehose_loader.audit.report import Why
from firehose_loader.config import Source
from firehose_loader.errors import (
    DropChanged,
    DropMissing,
    DropTooLarge,
    DropUnreadable,
    FatalError,
    FirehoseError,
)
from firehose_loader.fetch import Fetched
from firehose_loader.formats import count_rows, recognise, salvage, settled
from firehose_loader.model import Content, Drop, Format, Limits, Salvage
from firehose_loader.protocols import Storage
from firehose_loader.refusals import RAW_HEAD_BYTES

_WHY: Mapping[type[FirehoseError], Why] = {
    DropMissing: Why.GONE,
    DropChanged: Why.CHANGED,
    DropUnreadable: Why.UNREADABLE,
    DropTooLarge: Why.UNREADABLE,
}


class Unread(Exception):
    """A file could not be read."""

    def __init__(self, error: FirehoseError) -> None:
        super().__init__(str(error))
        self.why = _WHY.get(type(error), Why.UNREACHABLE)


def in_archive(storage: Storage, source: Source, drop: Drop, place: str) -> Drop | None:
    """Return an archived drop as it lies below the URL of its source; None if it does not."""
    key = place
    if key.startswith("/"):
        if not key.startswith(source.root):
            return None
        key = key.removeprefix(source.root)
    for one in storage.list_drops(prefix=key):
        if one.key == key and one.size_bytes == drop.size_bytes:
            return one
    return None


class ReadDrop(Struct, frozen=True, kw_only=True):
    """A drop as the strict parser reads it."""

    drop: Drop
    """As the ledger has it."""
    path: Path
    content: Content
    saved: Salvage

    @property
    def rows(self) -> int:
        """Rows of the file, those that cannot be read included."""
        return self.saved.rows + len(self.saved.rejections)


class Beginning(Struct, frozen=True, kw_only=True):
    """What a drop that is set aside as a whole begins with."""

    drop: Drop
    text: str


def beginning(storage: Storage, drop: Drop) -> Beginning | None:
    """Return what a drop begins with, as the quarantine keeps it; None where it cannot be had."""
    try:
        with storage.open(drop, end=min(drop.size_bytes, RAW_HEAD_BYTES)) as file:
            return Beginning(drop=drop, text=file.read().decode("utf-8", "backslashreplace"))
    except FatalError:
        raise
    except FirehoseError:
        return None


def counted(storage: Storage, one: Fetched, limits: Limits) -> int:
    """Count the rows of a fetched drop.

    Raises:
        Unread: it is not there as it was loaded, or cannot be read.
        FatalError: a person must change something.
    """
    with _readable(storage, one) as path:
        content = recognise(path, max_bytes=limits.max_file_bytes)
        if content.format is Format.EMPTY:
            return 0
        return count_rows(path, content, max_row_bytes=limits.max_row_bytes)


def read(storage: Storage, one: Fetched, drop: Drop, limits: Limits, target: Path) -> ReadDrop:
    """Read the rows of a fetched drop into ``target``; raises as ``counted`` does."""
    with _readable(storage, one) as path:
        content = recognise(path, max_bytes=limits.max_file_bytes)
        content = settled(path, content, max_bytes=limits.max_file_bytes)
        return ReadDrop(
            drop=drop, path=path, content=content, saved=salvage(path, content, target, limits)
        )


@contextmanager
def _readable(storage: Storage, one: Fetched) -> Iterator[Path]:
    """Give the file of a drop, which is the one that was loaded from the beginning to the end."""
    try:
        if one.error is not None:
            raise one.error
        assert one.path is not None  # noqa: S101 - there is a file, or an error
        yield one.path
        if one.in_place:
            storage.confirm(one.drop)
    except FatalError:
        raise
    except FirehoseError as error:
        raise Unread(error) from error
