"""What a warehouse tells of a while in figures: rows, lateness, duplicates, quarantine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from msgspec import Struct

from firehose_loader.model import Reason, RowCounts

LATENESS = (0, 60, 300, 900, 1800, 3600, 7200, 21600, 43200, 86400, 172800, 604800)
"""Seconds at which one bucket of lateness ends and the next begins; the first one ends at 0."""
BUCKETS = len(LATENESS) + 1


class Period(Struct, frozen=True, kw_only=True):
    """Which deliveries are meant."""

    since: datetime
    """Aware; delivered then or later."""
    until: datetime
    """Aware; delivered before."""
    source: str | None = None
    """None: all sources."""


class HourRows(Struct, frozen=True, kw_only=True):
    """What the drops of one source carried that were delivered within one hour."""

    source: str
    hour: datetime
    """Naive UTC, as all times here."""
    drops: int
    rows: RowCounts


class Lateness(Struct, frozen=True, kw_only=True):
    """Events of one event type and source, by how long after the event their drop was delivered."""

    source: str
    event_type: str
    counts: Sequence[int]
    """By bucket: delivered before the event happened, then between two bounds of ``LATENESS``."""


class DuplicateRows(Struct, frozen=True, kw_only=True):
    """Rows whose event stood elsewhere."""

    source: str
    event_type: str
    fate: str
    """``identical``, ``superseded`` or ``conflicting``."""
    field: str | None
    """The first in which they differ, of conflicting ones."""
    rows: int
    drops: int
    example: str
    """The key of one of these drops."""


class HeldRows(Struct, frozen=True, kw_only=True):
    """Rows, and drops as a whole, that wait in quarantine for one reason."""

    source: str
    event_type: str
    reason: Reason
    field: str | None
    rows: int
    drops: int
    first: datetime
    last: datetime
    examples: Sequence[str]
    """Ids of one or two of them."""


class Figures(Struct, frozen=True, kw_only=True):
    """What a warehouse tells of a while; quarantine is as of now."""

    hours: Sequence[HourRows] = ()
    lateness: Sequence[Lateness] = ()
    duplicates: Sequence[DuplicateRows] = ()
    held: Sequence[HeldRows] = ()


def bucket_names() -> list[str]:
    """Return what the buckets of lateness are called, in their order."""
    between = [f"{_short(low)} to {_short(high)}" for low, high in pairwise(LATENESS)]
    return ["before the event", *between, f"over {_short(LATENESS[-1])}"]


def _short(seconds: int) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds and seconds % length == 0:
            return f"{seconds // length} {unit}"
    return f"{seconds}"
