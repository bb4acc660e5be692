"""The slots of a feed: which one a drop belongs to, and when it is usually there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles

from msgspec import Struct

from firehose_loader.history import Arrival

_HOUR, _DAY = 3600.0, 86400.0
_TIME_IN_KEY = re.compile(
    r"(?<!\d)(20\d\d)[-_/.]?(0[1-9]|1[0-2])[-_/.]?(0[1-9]|[12]\d|3[01])"
    r"(?:[-_/.T ]{0,2}([01]\d|2[0-3])(?:[-_/.:h]?([0-5]\d)(?:[-_/.:m]?([0-5]\d))?)?)?(?!\d)"
)
_LEAST_GRACE = {900.0: 600.0, _HOUR: 1200.0}
_LEAST_GRACE_DAILY = 2 * _HOUR
_ENOUGH_FOR_TAIL = 60
"""Arrivals from which on the share that comes late is told apart from a single accident."""
_MOSTLY = 0.9


class Placed(Struct, frozen=True, kw_only=True):
    """One arrival on the grid."""

    slot: int
    late: float
    """Seconds behind the time at which a drop of its slot usually comes; before it: negative."""
    arrival: Arrival


class Slots(Struct, frozen=True, kw_only=True):
    """What became of the slots of a window, each by the time that it stands for."""

    came: Mapping[datetime, int]
    """Rows found in what came for it; 0 where that had none."""
    absent: Sequence[datetime]
    """Nothing came though it usually does."""
    late: Mapping[datetime, float]
    """Seconds by which the first drop was late, where it was."""


class Grid(Struct, frozen=True, kw_only=True):
    """Slots of equal length, numbered; all times are seconds since 1970, UTC."""

    seconds: float
    """Length of a slot: the source's cadence."""
    anchor: float
    """The time that slot 0 stands for."""
    usual: float
    """Seconds from the time that a slot stands for to its drop's usual delivery."""
    grace: float
    """Seconds behind the usual delivery from which on a drop is late."""
    named: bool
    """The drops' names tell their slots; else the time of delivery does."""

    def time(self, slot: int) -> datetime:
        """Return the time that a slot stands for: that in its drops' names, if there is one."""
        return _moment(self.anchor + slot * self.seconds)

    def usually(self, slot: int) -> datetime:
        """Return when the drops of a slot usually come."""
        return _moment(self.anchor + slot * self.seconds + self.usual)

    def last_due(self, at: datetime) -> int:
        """Return the last slot whose drops must be there at a time, grace included."""
        since = _seconds(at) - self.anchor - self.usual - self.grace
        return int(since // self.seconds)


def placed(
    arrivals: Sequence[Arrival], cadence: timedelta, grace: timedelta | None
) -> tuple[Grid, list[Placed]]:
    """Lay out the slots of one source and put its arrivals there.

    A time in a drop's name tells its slot, whenever it came; where names have none, a drop belongs
    to the slot whose usual time is nearest to its delivery.

    Args:
        arrivals: at least one.
        cadence: how often the source delivers.
        grace: how late a drop may be; None: as its own past tells.
    """
    length = cadence.total_seconds()
    delivered = [_seconds(one.delivered_at) for one in arrivals]
    stamps = [_time_in(one.key, length) for one in arrivals]
    told = [stamp for stamp in stamps if stamp is not None]
    named = len(told) >= _MOSTLY * len(arrivals)
    times = [
        came if stamp is None or not named else stamp
        for stamp, came in zip(stamps, delivered, strict=True)
    ]
    anchor = _phase(times, length)
    usual = median(came - time for came, time in zip(delivered, times, strict=True))
    numbers = [round((time - anchor) / length) for time in times]
    lates = [
        came - (anchor + number * length + usual)
        for came, number in zip(delivered, numbers, strict=True)
    ]
    grid = Grid(
        seconds=length,
        anchor=anchor,
        usual=usual,
        grace=_learned(lates, length) if grace is None else grace.total_seconds(),
        named=named,
    )
    return grid, [
        Placed(slot=number, late=late, arrival=arrival)
        for number, late, arrival in zip(numbers, lates, arrivals, strict=True)
    ]


def _learned(lates: Sequence[float], length: float) -> float:
    """Return a grace that forgives what is usual here, and not what happened once."""
    least = _LEAST_GRACE.get(length, _LEAST_GRACE_DAILY)
    if len(lates) < 2:  # noqa: PLR2004 - no spread to learn from
        return least
    low, _, high = quantiles(lates, n=4, method="inclusive")
    grace = max(least, high + 3 * (high - low))
    if len(lates) >= _ENOUGH_FOR_TAIL:
        grace = max(grace, 1.5 * quantiles(lates, n=20, method="inclusive")[-1])
    return grace


def _phase(times: Sequence[float], length: float) -> float:
    """Return where in a slot's length the times lie, however they lie around its ends."""
    first = times[0] % length
    shifts = [((time - first + length / 2) % length) - length / 2 for time in times]
    return (first + median(shifts)) % length


def _time_in(key: str, length: float) -> float | None:
    """Return the last time in a key that is as exact as the cadence needs."""
    found = None
    for match in _TIME_IN_KEY.finditer(key):
        year, month, day, hour, minute, second = match.groups()
        exact = minute is not None or (hour is not None and length >= _HOUR) or length >= _DAY
        if not exact:
            continue
        try:
            moment = datetime(
                *(int(year), int(month), int(day), int(hour or 0), int(minute or 0)),
                int(second or 0),
                tzinfo=UTC,
            )
        except ValueError:  # the 31st of a shorter month: no time at all
            continue
        found = moment.timestamp()
    return found


def _seconds(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(round(seconds), UTC)
