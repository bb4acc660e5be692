"""What is in a warehouse, at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


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
    adopted: int
    """Drops that were loaded by other means; they have no rows here."""
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
class TablesVersion:
    """Which version the loader's own tables have, by whom and since when."""

    version: int
    loader_version: str | None
    """None where the loader that made them did not note it yet."""
    since: datetime | None
    """Naive UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is in a warehouse."""

    sources: Sequence[SourceStatus]
    events: Sequence[EventStatus]
    quarantine: Mapping[str, int]
    """Rows set aside, by reason."""
    last_run: RunStatus | None
    tables_version: TablesVersion | None = None
    """None where there is nothing yet."""
