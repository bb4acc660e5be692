"""Deliveries of a feed that is made up, and what is judged of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from firehose_loader.freshness import Series, Watched, judged
from firehose_loader.history import Arrival
from firehose_loader.model import DropState

QUARTER = timedelta(minutes=15)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
NOW = MONDAY + timedelta(days=28)
WEEK = timedelta(days=7)
Drops = Mapping[tuple[datetime, str], Arrival]


def arrival(
    slot: datetime,
    *event_types: str,
    late: timedelta = timedelta(0),
    name: str = "{:%Y%m%dT%H%M}",
) -> Arrival:
    came = (slot + timedelta(minutes=16) + late).replace(tzinfo=None)
    return Arrival(
        source="prod",
        key=f"{event_types[0] if event_types else 'none'}/{name.format(slot)}.csv",
        delivered_at=came,
        first_seen_at=came,
        finished_at=came,
        state=DropState.LOADED,
        event_rows=dict.fromkeys(event_types, 10),
    )


def judge(  # noqa: PLR0913 - what tests vary
    drops: Drops | Iterable[Arrival],
    *,
    now: datetime = NOW,
    cadence: timedelta | None = QUARTER,
    grace: timedelta | None = None,
    window: timedelta = WEEK,
    last_look: datetime | None = None,
    newest: datetime | None = None,
) -> dict[str | None, Series]:
    """Judge drops and return the source's series under None, the others by event type."""
    given = drops.values() if isinstance(drops, Mapping) else drops
    source = Watched(
        name="prod",
        cadence=cadence,
        grace=grace,
        stale_after=timedelta(minutes=45),
        last_look=last_look or now,
        arrivals=sorted(given, key=lambda one: one.delivered_at),
        newest=newest,
    )
    return {one.event_type: one for one in judged(source, now=now, window=window)}
