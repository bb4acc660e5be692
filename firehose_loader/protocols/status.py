"""What is in a warehouse, at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct


class SourceStatus(Struct, frozen=True, kw_only=True):
    """What the ledger says of one source."""

    source: str
    loaded: int
    quarantined: int
    failed: int
    held: int
    """Drops that were perhaps still being written when the last run saw them; they are in no other
    figure."""
    adopted: int
    """Drops that were loaded by other means; they have no rows here."""
    rows: int
    newest_drop: datetime | None
    """Naive UTC, as all times of a status: when the newest of its drops was delivered."""
    last_load: datetime | None


class EventStatus(Struct, frozen=True, kw_only=True):
    """What the table of one event type holds."""

    event_type: str
    table: str
    rows: int
    first_event: datetime | None
    last_event: datetime | None
    last_load: datetime | None


class RunStatus(Struct, frozen=True, kw_only=True):
    """The last run."""

    run_id: str
    status: str
    finished_at: datetime


class TablesVersion(Struct, frozen=True, kw_only=True):
    """Which version the loader's own tables have, by whom and since when."""

    version: int
    loader_version: str | None
    """None where the loader that made them did not note it yet."""
    since: datetime | None
    """Naive UTC."""


class Status(Struct, frozen=True, kw_only=True):
    """What is in a warehouse."""

    sources: Sequence[SourceStatus]
    events: Sequence[EventStatus]
    quarantine: Mapping[str, int]
    """Rows set aside, by reason."""
    last_run: RunStatus | None
    tables_version: TablesVersion | None = None
    """None where there is nothing yet."""
