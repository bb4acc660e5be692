"""Where rows go, with the ledger that commits together with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from firehose_loader.engine import Engine
from firehose_loader.figures import Figures, Period
from firehose_loader.history import History, RetryReceipt
from firehose_loader.model import (
    Costs,
    Drop,
    DropState,
    Receipt,
    RunRecord,
)
from firehose_loader.privacy import ForgottenRecord, KeyRecord
from firehose_loader.privacy.retention import ExpireReceipt, Expiry
from firehose_loader.privacy.search import ForgetReceipt, Search
from firehose_loader.protocols.claims import SourceClaims
from firehose_loader.protocols.evidence import TableEvidence
from firehose_loader.protocols.external import External
from firehose_loader.protocols.missing import Missing
from firehose_loader.protocols.staged import StagedBatch
from firehose_loader.protocols.status import Status, TablesVersion
from firehose_loader.protocols.views import MadeView
from firehose_loader.schema.additions import Addition
from firehose_loader.schema.model import EventSchema, FieldType
from firehose_loader.time_limit import TimeLimit


class Known(Struct, frozen=True, kw_only=True):
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
        return self.state is None or not self.state.is_done


class Action(StrEnum):
    """What became of a loaded drop at its source."""

    ARCHIVED = "archived"
    DELETED = "deleted"
    GONE = "gone"
    """Somebody else took it away."""
    REPLACED = "replaced"
    """There is new content under its key, which is a drop of its own."""


class Departure(Struct, frozen=True, kw_only=True):
    """That a loaded drop is at its source no more."""

    drop: Drop
    action: Action
    moved_to: str | None = None
    """For an archived one, as it was told to ``Storage.move``."""


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

    def gone(self, first: int) -> Sequence[Known]:
        """Return the next drops of the ledger whose keys are not listed, from the ``first`` on.

        Without those whose departure was noted since they were last taken, and without those that
        were undone or adopted: nobody looks for these. Empty where there are no more.
        """

    def close(self) -> None:
        """Give back what it holds. May be called twice."""


class Warehouse(History, Protocol):
    """Where events go, with the ledger that commits together with them."""

    upgraded_from: int | None
    """The version that the loader's own tables had until they were upgraded at opening."""

    def engine(self) -> Engine:
        """Return the engine in which batches are normalised."""

    def external(self) -> External | None:
        """Return the session in which the warehouse reads drops itself; None where it does not."""

    def prepare(self, schemas: Collection[EventSchema] = ()) -> None:
        """Make the schema and the loader's own tables where they are missing.

        Where somebody else makes the tables (``manage_tables = false``), make sure that these and
        the tables of ``schemas`` are there.

        Raises:
            SchemaError: a table of that name is there and is not the loader's.
            TablesMissing: somebody else has to make tables, columns or views.
            WarehouseUnusable: we may not.
        """

    def missing(self, schemas: Collection[EventSchema]) -> Sequence[Missing]:
        """Return what a run lacks that brings events of these schemas, and how it is made.

        Raises:
            SchemaError: a table of that name is there and is not the loader's.
        """

    def tables_version(self) -> TablesVersion | None:
        """Look up the version of the loader's own tables; None where there are none."""

    def listing(self, source: str, *, new_only: bool) -> Listing:
        """Begin to hold a listing of a source against the ledger.

        Args:
            source: the name of the source that is listed.
            new_only: leave out the drops that are loaded, quarantined or adopted.
        """

    def additions(self) -> Sequence[Addition]:
        """Return every addition to an event schema that was recorded, in order of version."""

    def keys(self) -> Sequence[KeyRecord]:
        """Return every key that ``record_keys`` was told of, the first one first."""

    def record_keys(self, keys: Sequence[KeyRecord]) -> None:
        """Remember that values are going to be hashed with these keys.

        Safe to repeat: a key id that is known stays as it is. The keys themselves never get here.
        """

    def forgotten(self) -> Sequence[ForgottenRecord]:
        """Return who was forgotten, the first one first; somebody may be among them twice."""

    def forget(self, search: Search, *, run_id: str, preview: bool) -> ForgetReceipt:
        """Remove all rows that name some people, in one transaction, and remember these.

        Their events go, the rows that carried the same events, and what of them is in quarantine.
        Each row is accounted for as quarantined from then on, for the reason ``forgotten``, and
        without its text. Whoever is not found is remembered only where the search says so. The
        same again changes nothing more than that.

        Args:
            search: whom to forget.
            run_id: what is noted of them is noted under this name.
            preview: tell what would be done, and do nothing.
        """

    def sources(self) -> Sequence[str]:
        """Return the names of the sources of which the ledger knows drops."""

    def kept_from(self) -> Mapping[tuple[str, str], datetime]:
        """Return by source and event type from when on events are kept, as ``expire`` was told.

        Naive UTC. Nothing older may be loaded, whatever is configured by now.
        """

    def expire(self, expiry: Expiry, *, run_id: str, preview: bool) -> Iterator[ExpireReceipt]:
        """Remove what is too old, in one transaction after the other; yield after each.

        An event is as old as it says, and one without a time, as all of the quarantine, as the drop
        that brought it. One that several sources delivered stays as long as one of them keeps it.
        From when on events are kept is remembered first, so that nothing older is loaded from then
        on. Rows that go count as expired; that is all that stays of them, with their numbers in
        their drops. Each transaction leaves a warehouse that is sound. To stop in between does no
        harm: the next ``expire`` goes on.

        Args:
            expiry: what is too old, and how much of it may go at once.
            run_id: under which it is noted.
            preview: tell what would go, all of a table at once, and do nothing.
        """

    def columns(self, table: str) -> Mapping[str, FieldType | None]:
        """Return the columns of a table, with None for a type that is none of ours.

        Empty where there is no such table.
        """

    def load(self, batch: StagedBatch, *, run_id: str, within: TimeLimit | None = None) -> Receipt:
        """Merge a staged batch, with its quarantine and its ledger rows, in one transaction.

        The same batch again changes no event. Whatever is raised, nothing of the batch stays. A
        commit that has begun is not cut short by ``within``, and waiting for others not counted.

        Raises:
            DropTooSlow: the time of ``within`` is over.
            CountsDiffer: the rows parsed and the rows accounted for differ.
            ScreenChanged: since the batch was staged, people were forgotten, old events removed,
                another key taken into use, or fields added to event schemas.
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
            CountsDiffer, ScreenChanged, SchemaError: as ``load``.
        """

    def record_failure(self, drop: Drop, *, run_id: str, error: str, message: str) -> None:
        """Note in the ledger that a drop could not be loaded; the next run tries it again."""

    def record_held(self, source: str, drops: Collection[Drop], *, run_id: str) -> None:
        """Remember the drops of a source that were seen and could not be taken yet.

        The next run finds them in ``compare`` with the time at which they were seen first. The
        ledger forgets every other held drop of the source: it is gone, or was written on. What is
        loaded, quarantined or failed stays as it is; loading a held drop replaces its row.
        """

    def adopt(self, drops: Collection[Drop], *, run_id: str, message: str) -> int:
        """Note in the ledger that drops were loaded by other means: no run loads them any more.

        What is loaded, quarantined or adopted already stays as it is; what was held, failed or
        undone is adopted from then on. Safe to repeat. The new content of an adopted drop is a drop
        of its own, as always. ``undo`` takes it back.

        Args:
            drops: as their source lists them.
            run_id: under which they are noted.
            message: who said so, and how.

        Returns:
            How many were adopted by this call.
        """

    def due(
        self, source: str, *, loaded_before: datetime, after: str, at_most: int
    ) -> Sequence[Drop]:
        """Return drops that may leave their source, in the order of their ids.

        They were loaded before that time, none of their rows is in quarantine but those of people
        who were forgotten, and no departure of theirs was noted since. ``after`` is the id of the
        last one that the caller had. Fewer than ``at_most`` are all that there are.
        """

    def record_departures(
        self, source: str, departures: Sequence[Departure], *, run_id: str
    ) -> None:
        """Note what became of loaded drops at their source. The ledger keeps its rows of them.

        Safe to repeat. A drop that came back and was loaded again may leave again.
        """

    def archived(self, drop_ids: Collection[str]) -> Mapping[str, str]:
        """Return where drops were archived last, by id; those that were not are not among them."""

    def costs(self) -> Costs | None:
        """Tell what was spent since the warehouse was opened; None where nothing is charged.

        What the account does not tell is None in it: that is no reason for a run to fail.
        """

    def claims(self) -> SourceClaims:
        """Return what tells who works through which source."""

    def record_run(self, run: RunRecord) -> None:
        """Write the record of a run."""

    def install_views(self, *, preview: bool) -> Sequence[MadeView]:
        """Make the views that have an event table to read, or make them anew.

        Safe to repeat. From then on a load that changes a table makes them anew by itself.

        Args:
            preview: tell what would be made, and make nothing.

        Raises:
            SchemaError: something that is not the loader's has the name of one; none was made.
        """

    def status(self, schemas: Sequence[EventSchema]) -> Status:
        """Tell what is in the warehouse, for the tables of these schemas; nothing is changed."""

    def figures(self, period: Period, schemas: Sequence[EventSchema]) -> Figures:
        """Sum up what was delivered in a while, for the tables of these schemas."""

    def evidence(self, table: str) -> TableEvidence:
        """Return what tells of the fields of an event table that is there."""

    def hold(self) -> None:
        """Keep others out until ``release``, where a warehouse has one user at a time.

        Every method here does so by itself. To be called before ``engine`` is asked for what lies
        in the warehouse.

        Raises:
            WarehouseBusy: somebody else is in it, and did not leave it within ``lock_timeout``.
            WarehouseUnusable: it is gone.
        """

    def release(self) -> None:
        """Let others in until something is asked of the warehouse again.

        What is in the engine stays. Others may have written by then: what is to be true of both
        before and after has to be asked again. Not within a transaction.
        """

    def close(self) -> None:
        """Give the warehouse back. May be called twice."""
