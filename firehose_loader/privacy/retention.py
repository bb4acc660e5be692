"""How long events are kept: what is configured, and what was removed already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from msgspec import Struct, field

from firehose_loader.privacy.forgotten import People

ALL_OTHERS = "*"
"""In rules, the event types that are not named."""
NO_TYPE = ""
"""The event type of rows whose type nobody knows: such as those that cannot be read."""
TOO_OLD = "it was older than the retention of its source and event type"
"""What is said of a row instead of what it said."""
Days = int | None
"""None: for ever."""
Rules = Mapping[str, Days]
"""By event type."""


class Retention(Struct, frozen=True, kw_only=True):
    """From when on events are kept, by source and event type. Days begin at midnight, UTC."""

    for_all: Rules = field(default_factory=dict)
    by_source: Mapping[str, Rules] = field(default_factory=dict)
    """What a source says goes before what is said for all."""
    removed: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    """By source and event type, from when on events were kept when older ones were removed: these
    do not come back, whatever the rules say now. Naive UTC, as all times here."""
    today: date = date.min

    def kept_from(self, source: str, event_type: str) -> datetime | None:
        """Return from when on events are kept; None: all are."""
        times = (self.configured(source, event_type), self.removed.get((source, event_type)))
        return max((one for one in times if one is not None), default=None)

    def configured(self, source: str, event_type: str) -> datetime | None:
        """Return from when on events are kept by the rules alone."""
        for rules in (self.by_source.get(source, {}), self.for_all):
            for name in (event_type, ALL_OTHERS):
                if name in rules:
                    return self._before(rules[name])
        return None

    @property
    def is_active(self) -> bool:
        """There may be events that are not kept for ever."""
        return bool(self.for_all or any(self.by_source.values()) or self.removed)

    def _before(self, days: Days) -> datetime | None:
        midnight = datetime.combine(self.today, time())
        return None if days is None else midnight - timedelta(days=days)


class ScreenVersion(NamedTuple):
    """How much a warehouse knows of what decides on rows. None of it ever gets less."""

    people: int
    """Who were forgotten."""
    removed: int
    """Sources and event types of which old events were removed."""
    days: int
    """From when on these are kept, as a sum of days since 1970."""
    keys: int
    """With which values were hashed."""
    fields: int
    """That the feed added to event schemas."""


class Screen(Struct, frozen=True, kw_only=True):
    """Of whom and from when nothing may be loaded, as a warehouse knew it at one time."""

    people: People = field(default_factory=lambda: People(pads=(), sought=()))
    retention: Retention = field(default_factory=Retention)
    version: ScreenVersion | None = None
    """As long as the warehouse tells this one, it knows of nothing more; None: it is not asked."""


class Limit(NamedTuple):
    """From when on the events of one source and event type are kept."""

    source: str
    event_type: str
    kept_from: datetime | None
    chosen: bool
    """Older ones are to be removed now."""


class Expiry(Struct, frozen=True, kw_only=True):
    """What is to be removed as too old."""

    limits: Sequence[Limit]
    """One for each source and event type, whether chosen or not."""
    event_times: Mapping[str, tuple[str, str | None]]
    """By table, its event type and the column that tells when an event happened; others may be
    there whose event type nobody knows any more."""
    most_rows: int
    """So many events of a table, or rows of the quarantine, are removed in one transaction."""


class ExpireReceipt(Struct, frozen=True, kw_only=True):
    """What one transaction removed, or would remove."""

    table: str
    events: int = 0
    duplicates: int = 0
    """Rows that had carried the same events."""
    set_aside: int = 0
    """Rows and drops in quarantine."""


def days_since_1970(times: Iterable[datetime]) -> int:
    """Return the sum of the days from then to each of these times."""
    return sum((one.date() - date(1970, 1, 1)).days for one in times)


def today() -> date:
    """Return the day that it is in UTC."""
    return datetime.now(UTC).date()
