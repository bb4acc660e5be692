"""What a warehouse knows of what was loaded or set aside before: to be looked up and amended."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct, field

from firehose_loader.model import Drop, DropState, HeldState, Reason, RowCounts, RunRecord


class DropFilter(Struct, frozen=True, kw_only=True):
    """Which drops of the ledger are meant; what is None does not matter."""

    drop: str | None = None
    """Its id, its key, or a part of its key."""
    source: str | None = None
    run_id: str | None = None
    event_type: str | None = None
    """Drops that carried events of that type."""
    since: datetime | None = None
    """Delivered then or later."""
    until: datetime | None = None
    """Delivered before."""
    drop_ids: Collection[str] | None = None


class DropRecord(Struct, frozen=True, kw_only=True):
    """One row of the ledger."""

    drop: Drop
    state: DropState
    attempts: int
    rows: RowCounts
    error: str | None
    message: str | None
    run_id: str
    first_seen_at: datetime
    """Naive UTC, as all times here."""
    finished_at: datetime
    newer: str | None
    """The id of a later version of the same key, if there is one."""


class HeldFilter(Struct, frozen=True, kw_only=True):
    """Which rows of the quarantine are meant; what is empty does not matter."""

    ids: Collection[str] | None = None
    drop_ids: Collection[str] | None = None
    reasons: Collection[Reason] | None = None
    event_type: str | None = None
    states: Collection[HeldState] = (HeldState.HELD,)


class HeldRow(Struct, frozen=True, kw_only=True):
    """One row, or one whole drop, in quarantine."""

    id: str
    drop: Drop
    row: int | None
    """None: the drop as a whole."""
    line: int | None
    byte_offset: int | None
    event_type: str | None
    schema_version: str | None
    """Under which it was judged; None where it never got as far as that."""
    reason: Reason
    field: str | None
    message: str
    raw: str
    context: str | None
    """As ``Position.context``; None: only its drop can be read again."""
    state: HeldState
    run_id: str
    quarantined_at: datetime
    changed_at: datetime | None
    """When its state changed last."""

    @property
    def can_be_retried(self) -> bool:
        """It can be read again from its own text."""
        return self.row is not None and self.context is not None


class RetryReceipt(Struct, frozen=True, kw_only=True):
    """What retrying held rows did, or would do."""

    accepted: RowCounts
    """The rows that are held no more, for today's schemas accept them or they are too old, and what
    became of them; ``parsed`` is their number."""
    events: Mapping[str, RowCounts] = field(default_factory=dict)
    """The same by event type."""
    still_held: int = 0
    """Rows that stay as they are."""


class UndoReceipt(Struct, frozen=True, kw_only=True):
    """What taking drops out did, or would do."""

    drops: int
    removed: int
    """Events that no other drop carried: they are gone."""
    handed_over: int
    """Events that stay, with the lineage of another drop that carried them too."""
    set_aside: int
    """Rows in quarantine that are noted as undone."""
    conflicts: int
    """Held conflicts of other drops against events that are gone: these can be retried."""


class Shared(Struct, frozen=True, kw_only=True):
    """Events of one table that stand with one drop and came in another too."""

    holder: str
    """The id of the drop with which they stand."""
    other: str
    """The id of the drop that brought them too, and gets them when the holder is undone."""
    rows: int
    hashed: int
    """Those of them that are stored with something hashed with one of the keys in question."""
    differing: int
    """Those of which the other told something else: the holder can only leave with it."""


class TracedRow(Struct, frozen=True, kw_only=True):
    """Where an event stands."""

    table: str
    drop_id: str
    row: int
    schema_version: str
    loaded_at: datetime


class TracedDuplicate(Struct, frozen=True, kw_only=True):
    """A row that carried an event which stands elsewhere."""

    drop_id: str
    row: int
    event_type: str
    table: str
    fate: str
    """``identical``, ``superseded`` or ``conflicting``: the event was there already. ``replaced``:
    it stood here until a newer row came."""
    field: str | None
    """The first in which it differs, of a conflicting or replaced one."""
    schema_version: str


class Trace(Struct, frozen=True, kw_only=True):
    """All that is known of one event."""

    rows: Sequence[TracedRow]
    duplicates: Sequence[TracedDuplicate]
    held_ids: Sequence[str]
    """Rows in quarantine whose text names it."""


class Arrival(Struct, frozen=True, kw_only=True):
    """That a drop was delivered, as far as the ledger knows."""

    source: str
    key: str
    """As text: bytes that are not UTF-8 as ``\\xNN``."""
    delivered_at: datetime
    """When the storage says it was written."""
    first_seen_at: datetime
    finished_at: datetime
    """When its state was reached."""
    state: DropState
    event_rows: Mapping[str, int]
    """Rows found in it by event type; empty where it has none, or was never read."""


class Activity(Struct, frozen=True, kw_only=True):
    """What was delivered lately, and what waits for a person."""

    arrivals: Sequence[Arrival]
    """By source, the oldest first."""
    held: Mapping[tuple[str, str], int]
    """Rows, and drops as a whole, that are held in quarantine, by source and event type."""


class Stranger(Struct, frozen=True, kw_only=True):
    """A row of a drop that the ledger does not know."""

    table: str
    drop_id: str
    row: int | None
    of: int
    """So many such rows the table has."""


class Alert(Struct, frozen=True, kw_only=True):
    """One thing that people are told of."""

    cause: str
    """What stays the same as long as it is the same thing."""
    kind: str
    source: str
    event_type: str | None
    message: str
    since: datetime
    """Aware."""


class History(Protocol):
    """The part of a warehouse that looks back."""

    def open_alerts(self) -> Sequence[Alert]:
        """Return what people were told of and is not over, the oldest first."""

    def record_alerts(self, *, told: Sequence[Alert], ended: Collection[str]) -> None:
        """Note what people were told of, and the causes that they know to be over.

        Safe to repeat. A cause that comes up again after its end is noted anew.
        """

    def activity(self, *, since: datetime) -> Activity:
        """Return what was delivered since then, and all that is held."""

    def runs(self, *, limit: int) -> Sequence[RunRecord]:
        """Return the records of the last runs, the latest first."""

    def drops(
        self, wanted: DropFilter, *, limit: int | None = None, first: int = 0
    ) -> Sequence[DropRecord]:
        """Return rows of the ledger, the oldest drop first; an exact id or key beats a part.

        With ``first`` these are those from that place on, which counts from 0.
        """

    def held(self, wanted: HeldFilter, *, limit: int | None = None) -> Sequence[HeldRow]:
        """Return rows of the quarantine, by drop and row."""

    def count_held(self, wanted: HeldFilter) -> Mapping[Reason, int]:
        """Return how many rows of the quarantine are meant, by reason."""

    def held_drops(self, wanted: HeldFilter) -> Mapping[str, int]:
        """Return how many rows of the quarantine are meant, by the id of their drop."""

    def remove_held(self, wanted: HeldFilter) -> int:
        """Give up rows that are held: their texts go, that they were there stays on record.

        The ledger's counts are not touched, so a drop still accounts for every row. A row that is
        not held any more is passed over: the same again changes nothing.
        """

    def undo(
        self, drops: Sequence[DropRecord], *, preview: bool, unchecked: bool = False
    ) -> UndoReceipt:
        """Take drops out, in one transaction: their events, their quarantine, their counts.

        An event that other drops carried too stays, with the lineage of one of them. The ledger
        says ``undone``, and the next run takes the drops for new.

        Args:
            drops: as ``drops`` gives them.
            preview: tell what would be done, and do nothing.
            unchecked: go on where it cannot be told whether rows were changed by hand.

        Raises:
            UndoRefused: it cannot be done exactly, or there is nothing to undo; rows that are not
                what the loader wrote are named by drop and table.
        """

    def hashed_with(self, key_ids: Collection[str]) -> Mapping[str, int]:
        """Return, by drop id, how many rows hold something hashed with one of these keys.

        Rows of event tables and of the quarantine.
        """

    def shared(
        self, drop_ids: Collection[str], *, stored: bool, key_ids: Collection[str] = ()
    ) -> Sequence[Shared]:
        """Return which events of drops other drops brought too, conflicts left out.

        Args:
            drop_ids: the drops in question.
            stored: whether they are those with which the events stand, or those that brought them
                too.
            key_ids: the keys of which values are counted as ``hashed``.
        """

    def trace(self, event: str) -> Trace:
        """Return all that is known of an event, by its id."""

    def bring_accounts(self, drop_ids: Collection[str]) -> None:
        """Bring what accounts for the rows of drops into the engine.

        It makes the temporary table ``audit_accounts`` there anew, with one row for each row that
        an event table, the duplicates or the quarantine (all but what is undone) has of the drops:
        drop_id, row_no, place (``table``, ``duplicate`` or ``quarantine``), table_name, event_key,
        fate, event_there (of a duplicate: its table holds the event), event_type, schema_version,
        reason, field, state, raw_hash (MD5 of the raw text, in hexadecimal) and held_id. What does
        not apply to a place is NULL.
        """

    def bring_events(self, table: str, drop_ids: Collection[str]) -> None:
        """Bring the rows that an event table has of drops into the engine, with all columns.

        It makes the temporary table ``audit_events`` there anew.
        """

    def strangers(self, *, limit: int) -> Sequence[Stranger]:
        """Return rows of drops that the ledger does not know, so many of each table at most."""
