"""The two seams: where drops come from, and where rows go. The docstrings are the contract.

To add a storage: implement ``Storage`` in ``storage/<kind>.py``, add it to ``storage/__init__.py``,
give ``tests/rigs`` a rig, and the contract suite tells what is missing. Likewise a warehouse.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from firehose_loader.engine import Engine
from firehose_loader.history import History, RetryReceipt
from firehose_loader.model import (
    Content,
    Digest,
    Drop,
    DropState,
    Position,
    Receipt,
    Rejection,
    RunRecord,
)
from firehose_loader.schema.additions import Addition
from firehose_loader.schema.model import EventSchema, FieldType


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageTraits:
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

    def close(self) -> None:
        """Give back connections. May be called twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedDrop:
    """One drop of a batch. Its place in ``StagedBatch.drops`` is its ``drop_no``."""

    drop: Drop
    content: Content | None
    """None where nothing of it could be recognised."""
    parsed: int
    """Rows found in it, rejected ones included."""
    rejections: tuple[Rejection, ...] = ()
    """Rows that never became a row of the engine; with ``row`` None: the drop as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedTable:
    """Rows of one event type in a batch that have the same fields, typed, ready to merge."""

    type_no: int
    """Their number in ``staged_keys`` and ``staged_faults``."""
    part: int
    """Tells them from the other rows of their event type: their ``seq`` shifted right by 40."""
    schema: EventSchema
    """The version they are loaded under; the table needs all its columns."""
    columns: tuple[str, ...]
    """The columns that this batch fills; the others are NULL."""
    rows: str
    """SQL for the engine, giving ``_seq``, ``_drop_no``, ``_drop_id``, ``_row_no``, ``_key``, the
    ``columns`` and ``_rescued`` of every row that can be loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedAddition:
    """What a batch adds to an event schema."""

    addition: Addition
    first_drop: int
    """``drop_no`` of the first drop that has one of the new fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedBatch:
    """A batch after normalising: what a warehouse loads in one transaction.

    Beside it, the engine holds two temporary tables. ``staged_keys`` (seq, drop_no, row_no,
    type_no, _key, stamp): the rows that can be loaded; ``drop_no`` rises with the age of the drops,
    oldest first, and ``stamp`` tells when the row was delivered. ``staged_faults`` (seq, drop_no,
    row_no, type_no, reason, field, message): the rows that cannot.
    """

    drops: Sequence[StagedDrop]
    tables: Sequence[StagedTable]
    """In the order of ``type_no``; an event type has as many as its rows have sets of fields."""
    event_types: Sequence[str]
    """Names by ``type_no``."""
    additions: Sequence[StagedAddition]
    locate: Callable[[int, Collection[int]], Mapping[int, Position]]
    """Find rows of a drop (``drop_no``, row numbers) in its file: line, offset, raw text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the ledger knows of a listed drop."""

    drop: Drop
    state: DropState | None
    """None: this version was never seen."""
    first_seen_at: datetime | None
    """When a run saw this version first; None: never before."""
    loaded_at: datetime | None
    rows: int
    attempts: int
    error: str | None
    earlier_version: bool
    """Another version of the same key was taken before."""

    @property
    def is_new(self) -> bool:
        """It was not taken yet: the next run will load it, if it is ready."""
        return self.state in {None, DropState.FAILED, DropState.HELD, DropState.UNDONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """What the ledger says of one source."""

    source: str
    loaded: int
    quarantined: int
    failed: int
    held: int
    """Drops that were perhaps still being written when the last run saw them; they are in no other
    figure."""
    rows: int
    newest_drop: datetime | None
    """Naive UTC, as all times of a status: when the newest of its drops was delivered."""
    last_load: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStatus:
    """What the table of one event type holds."""

    event_type: str
    table: str
    rows: int
    first_event: datetime | None
    last_event: datetime | None
    last_load: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """The last run."""

    run_id: str
    status: str
    finished_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is in a warehouse."""

    sources: Sequence[SourceStatus]
    events: Sequence[EventStatus]
    quarantine: Mapping[str, int]
    """Rows set aside, by reason."""
    last_run: RunStatus | None


class Listing(Protocol):
    """What a source lists, held against the ledger as it comes in, in set operations.

    The loader's memory does not grow with it. Other calls to the warehouse, other listings
    included, may be made in between.
    """

    def add(self, drops: Sequence[Drop]) -> None:
        """Add drops; some thousand at once cost least."""

    def finish(self) -> int:
        """Say that the listing is complete; return how many drops there are, each counted once."""

    def page(self, first: int) -> Sequence[Known]:
        """Return the next drops from the ``first`` on, which counts from 0; oldest drop first.

        As the ledger was when the listing was finished. Empty where there are no more.
        """

    def close(self) -> None:
        """Give back what it holds. May be called twice."""


class Warehouse(History, Protocol):
    """Where events go, with the ledger that commits together with them."""

    def engine(self) -> Engine:
        """Return the engine in which batches are normalised."""

    def prepare(self) -> None:
        """Make the schema and the loader's own tables where they are missing.

        Raises:
            SchemaError: a table of that name is there and is not the loader's.
            WarehouseUnusable: we may not, or the tables are those of a newer loader.
        """

    def listing(self, source: str, *, new_only: bool) -> Listing:
        """Begin to hold a listing of a source against the ledger.

        Args:
            source: the name of the source that is listed.
            new_only: leave out the drops that are loaded or quarantined.
        """

    def additions(self) -> Sequence[Addition]:
        """Return every addition to an event schema that was recorded, in order of version."""

    def columns(self, table: str) -> Mapping[str, FieldType | None]:
        """Return the columns of a table, with None for a type that is none of ours.

        Empty where there is no such table.
        """

    def load(self, batch: StagedBatch, *, run_id: str) -> Receipt:
        """Merge a staged batch, with its quarantine and its ledger rows, in one transaction.

        The same batch again changes no event. Whatever is raised, nothing of the batch stays.

        Raises:
            CountsDiffer: the rows parsed and the rows accounted for differ.
            SchemaError: a table does not fit its event schema.
        """

    def retry(self, batch: StagedBatch, *, preview: bool) -> RetryReceipt:
        """Merge rows that are held, given as a batch, and amend the counts of their drops.

        Each row keeps its drop and its number. Rows with a fault stay held as they are; so do
        conflicts. Counts move from what the rows were set aside as to what they are now, and
        still balance. The same again changes nothing, for what is loaded is held no more.

        Args:
            batch: staged as by ``load``; several of its drops may be one and the same.
            preview: tell what would be done, and do nothing.

        Raises:
            CountsDiffer, SchemaError: as ``load``.
        """

    def record_failure(self, drop: Drop, *, run_id: str, error: str, message: str) -> None:
        """Note in the ledger that a drop could not be loaded; the next run tries it again."""

    def record_held(self, source: str, drops: Collection[Drop], *, run_id: str) -> None:
        """Remember the drops of a source that were seen and could not be taken yet.

        The next run finds them in ``compare`` with the time at which they were seen first. The
        ledger forgets every other held drop of the source: it is gone, or was written on. What is
        loaded, quarantined or failed stays as it is; loading a held drop replaces its row.
        """

    def record_run(self, run: RunRecord) -> None:
        """Write the record of a run."""

    def status(self, schemas: Sequence[EventSchema]) -> Status:
        """Tell what is in the warehouse, for the tables of these schemas; nothing is changed."""

    def close(self) -> None:
        """Give the warehouse back. May be called twice."""
