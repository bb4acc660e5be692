"""One drop of a batch while it is worked on: what its bytes are, and what the engine reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from firehose_loader.budget import UNBOUNDED, Budget
from firehose_loader.errors import (
    DropError,
    DropTooBad,
    DropTooLarge,
    DropUnreadable,
    TooManyFields,
)
from firehose_loader.formats import Reading, recognise, salvage, settled
from firehose_loader.model import Content, Drift, Drop, Limits, Rejection, Salvage
from firehose_loader.normalise import DropTypes
from firehose_loader.refusals import whole_drop
from firehose_loader.route import drop_types
from firehose_loader.schema.catalog import Catalog
from firehose_loader.spool import Room
from firehose_loader.time_limit import TimeLimit

_SUFFIX = {"gzip": ".gz", "zstd": ".zst"}
_GLOB = re.compile(r"[*?\[\]{}\\]|://")


class ReadyDrop(Struct, frozen=True, kw_only=True):
    """A drop whose bytes are at hand."""

    drop: Drop
    path: Path | None
    """None where it was refused before its bytes were read."""
    rules: Mapping[str, str]
    """Explicit event types of its source."""
    drift: Mapping[str, Drift] = field(default_factory=dict)
    """By event type, what becomes of unknown fields; the same for all drops of a batch."""
    confirm: Callable[[], None]
    """Raises DropChanged or DropMissing where a file read in place is not the one listed."""
    max_bytes: int | None = None
    """Most bytes that it may have when it is unpacked, if that is not the limit for all."""
    refused: DropError | None = None
    """Why it is to be set aside as a whole."""
    budget: Budget = UNBOUNDED
    """How many bad rows it may have."""


class BatchFile(Struct, kw_only=True):
    """One drop of the batch while it is worked on."""

    ready: ReadyDrop
    link: Path
    """What the engine reads."""
    rows: Path
    """Where the strict parser puts what it saves."""
    reading: Reading
    content: Content | None = None
    types: DropTypes = field(default_factory=DropTypes)
    rejections: tuple[Rejection, ...] = ()

    def limits(self, of_all: Limits) -> Limits:
        """Return what holds for this drop."""
        if self.ready.max_bytes is None:
            return of_all
        return replace(of_all, max_file_bytes=self.ready.max_bytes)

    def salvaged(self, of_all: Limits, limit: TimeLimit, room: Room) -> Salvage | None:
        """Save what can be saved of the drop; None where that is nothing."""
        path, limits = self.ready.path, self.limits(of_all)
        assert path is not None  # noqa: S101 - only recognised files come here
        assert self.content is not None  # noqa: S101 - as above
        try:
            self.content = settled(
                path, self.content, max_bytes=limits.max_file_bytes, packing=limits.packing
            )
            saved = salvage(
                path,
                self.content,
                self.rows,
                limits,
                self.ready.budget,
                go_on=limit.check,
                take=room.take,
            )
        except (DropUnreadable, DropTooLarge, DropTooBad) as error:
            self.rejections = (whole_drop(path, error),)
            return None
        self.rejections = saved.rejections
        return saved


def recognised(
    ready: ReadyDrop, link: Path, of_all: Limits, catalog: Catalog, room: Room
) -> BatchFile:
    """Look at a drop and link it under a name that no reader takes for a glob.

    Raises:
        SpoolFull: what is unpacked of it and of the batch finds no room.
    """
    reading = Reading(link.with_suffix(".text"), room.take)
    file = BatchFile(ready=ready, link=link, rows=link.with_suffix(".rows"), reading=reading)
    if ready.refused is not None:
        file.rejections = (whole_drop(ready.path, ready.refused),)
        return file
    assert ready.path is not None  # noqa: S101 - there are bytes, or a reason
    limits = file.limits(of_all)
    try:
        file.content = recognise(
            ready.path,
            max_bytes=limits.max_file_bytes,
            packing=limits.packing,
            reading=reading,
        )
        if len(file.content.header) > limits.max_fields:
            raise TooManyFields(limits.max_fields)
    except (DropUnreadable, DropTooLarge) as error:
        file.content = None
        file.rejections = (whole_drop(ready.path, error),)
        return file
    file.types = drop_types(ready.drop.key, file.content, ready.rules, catalog)
    suffix = _SUFFIX.get(file.content.compression, "")
    if reading.text is not None:
        file.link = reading.text
    elif _is_telling(ready.path, suffix):
        file.link = ready.path.absolute()
    else:
        file.link = link.with_suffix(suffix)
        file.link.symlink_to(ready.path.absolute())
    return file


def _is_telling(path: Path, suffix: str) -> bool:
    """Tell whether the engine takes a path for this very file, packed as it is."""
    name = path.name.lower()
    packed = name.endswith((".gz", ".zst", ".zstd", ".bz2", ".xz", ".lz4"))
    return not _GLOB.search(str(path)) and (name.endswith(suffix) if suffix else not packed)
