"""Arrivals by slot and event type: the data behind the heat maps, and the tables behind these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from firehose_loader.figures import Period
from firehose_loader.freshness import Series, Slots, Watched

NOTHING, ABSENT, ALL_ABSENT = -1, -2, -3
"""Instead of rows: nothing came and nothing was expected; it was; nothing came of any type."""
_HOURS = timedelta(days=14)
"""Without a cadence: up to which length a period is shown by hours, and not by days."""


class Line(Struct, frozen=True, kw_only=True):
    """The slots of one event type, or of the source as a whole."""

    event_type: str | None
    rows: Sequence[int]
    """By slot: the rows that came, or one of the signs above."""
    late: Mapping[int, int]
    """Minutes by which the first drop was late, by slot."""

    @property
    def came(self) -> int:
        """Slots in which something came."""
        return sum(one >= 0 for one in self.rows)

    @property
    def absent(self) -> int:
        """Slots in which it alone was missing; of a whole source: in which all was."""
        missing = ALL_ABSENT if self.event_type is None else ABSENT
        return sum(one == missing for one in self.rows)

    @property
    def total(self) -> int:
        """Rows that came."""
        return sum(one for one in self.rows if one > 0)


class Arrivals(Struct, frozen=True, kw_only=True):
    """One source on its slots."""

    source: str
    judged: bool
    """Whether anything can be said to be missing."""
    start: datetime
    step: timedelta
    count: int
    whole: Line
    types: Sequence[Line]

    def time(self, slot: int) -> datetime:
        """Return the time that a slot stands for."""
        return self.start + slot * self.step

    def document(self) -> dict[str, object]:
        """Return it as the page's script reads it."""
        return {
            "name": self.source,
            "start": int(self.start.timestamp()),
            "step": int(self.step.total_seconds()),
            "count": self.count,
            "judged": self.judged,
            "lines": [
                {"type": one.event_type, "rows": one.rows, "late": sorted(one.late.items())}
                for one in (self.whole, *self.types)
            ],
        }

    def days(self) -> Iterator[tuple[datetime, Sequence[Day]]]:
        """Yield each day with what came of the whole, then of each event type."""
        by_day: dict[datetime, range] = {}
        for slot in range(self.count):
            day = self.time(slot).replace(hour=0, minute=0, second=0, microsecond=0)
            by_day[day] = range(by_day[day].start if day in by_day else slot, slot + 1)
        for day, slots in by_day.items():
            yield day, [_day(line, slots) for line in (self.whole, *self.types)]


class Day(Struct, kw_only=True):
    """One event type on one day."""

    rows: int = 0
    came: int = 0
    absent: int = 0
    late: int = 0


class _Came(Struct):
    """What came, by time, for a source of which nothing can be expected."""

    whole: Counter[datetime] = field(default_factory=Counter)
    types: dict[str, Counter[datetime]] = field(default_factory=dict)


def arrivals_of(source: Watched, found: Sequence[Series], period: Period) -> Arrivals | None:
    """Lay out a source as it was judged, or without expectations; None where nothing came."""
    whole = found[0]
    if whole.slots is not None and source.cadence is not None:
        lines = {one.event_type: one.slots for one in found if one.slots is not None}
        return _laid_out(source.name, source.cadence, lines, period, judged=True)
    step = source.cadence or timedelta(hours=1)
    if source.cadence is None and period.until - period.since > _HOURS:
        step = timedelta(days=1)
    came = _unjudged(source, step, period)
    period = replace(period, since=_floor(period.since, step))
    plain: dict[str | None, Slots] = {None: Slots(came=came.whole, absent=(), late={})}
    plain |= {name: Slots(came=of, absent=(), late={}) for name, of in came.types.items()}
    return _laid_out(source.name, step, plain, period, judged=False)


def _laid_out(
    name: str,
    step: timedelta,
    lines: Mapping[str | None, Slots],
    period: Period,
    *,
    judged: bool,
) -> Arrivals | None:
    whole = lines[None]
    times = [one for one in (*whole.came, *whole.absent) if period.since <= one < period.until]
    if not times:
        return None
    start = min(times)
    count = (max(times) - start) // step + 1
    absent = {(one - start) // step for one in whole.absent}

    def line(event_type: str | None, slots: Slots) -> Line:
        rows = [NOTHING] * count
        _set(rows, ((one - start) // step for one in slots.absent), ABSENT)
        _set(rows, absent, ALL_ABSENT)
        for time, of in slots.came.items():
            _set(rows, [(time - start) // step], of)
        late = {(time - start) // step: round(by / 60) for time, by in slots.late.items()}
        return Line(
            event_type=event_type,
            rows=rows,
            late={slot: by for slot, by in late.items() if 0 <= slot < count},
        )

    types = [line(event_type, of) for event_type, of in lines.items() if event_type is not None]
    return Arrivals(
        source=name,
        judged=judged,
        start=start,
        step=step,
        count=count,
        whole=line(None, whole),
        types=[one for one in types if one.came or one.absent],
    )


def _set(rows: list[int], slots: Collection[int] | Iterator[int], value: int) -> None:
    for slot in slots:
        if 0 <= slot < len(rows):
            rows[slot] = value


def _unjudged(source: Watched, step: timedelta, period: Period) -> _Came:
    """Count rows by the time of delivery."""
    found = _Came()
    for one in source.arrivals:
        delivered = one.delivered_at.replace(tzinfo=UTC)
        if not period.since <= delivered < period.until:
            continue
        time = _floor(delivered, step)
        found.whole[time] += sum(one.event_rows.values())
        for event_type in source.event_types(one):
            rows = found.types.setdefault(event_type, Counter())
            rows[time] += one.event_rows.get(event_type, 0)
    found.types = dict(sorted(found.types.items()))
    return found


def _floor(moment: datetime, step: timedelta) -> datetime:
    length = step.total_seconds()
    return datetime.fromtimestamp(moment.timestamp() // length * length, UTC)


def _day(line: Line, slots: range) -> Day:
    missing = ALL_ABSENT if line.event_type is None else ABSENT
    rows = line.rows[slots.start : slots.stop]
    return Day(
        rows=sum(one for one in rows if one > 0),
        came=sum(one >= 0 for one in rows),
        absent=sum(one == missing for one in rows),
        late=sum(slot in line.late for slot in slots),
    )
