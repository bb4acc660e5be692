"""What is missing or late in a feed, and what is only quiet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise

from msgspec.structs import replace

from firehose_loader.freshness.series import Finding, FreshState, Series, Watched
from firehose_loader.freshness.slots import Grid, Placed, Slots, placed
from firehose_loader.freshness.usual import Absence, Calendar, Usual
from firehose_loader.model import DropState

HISTORY = {timedelta(minutes=15): timedelta(days=28), timedelta(hours=1): timedelta(days=42)}
LONGEST_HISTORY = timedelta(days=120)
_STOPPED_AFTER = 3
"""Slots without anything, from which on something has stopped and is not only late."""
_SURE_OF_FEED = 6
"""It is set to deliver in every slot, so little history is enough."""
_SURE_OF_TYPE = 20
_LONG_SILENCE_SECONDS = 3 * 86400
"""No weekend is as long."""
_SILENCE = 2.0
"""How many times as long as the longest silence so far a silence must be to be told of while there
is no history to compare with."""


def judged(source: Watched, *, now: datetime, window: timedelta) -> list[Series]:
    """Judge a source and each of its event types; the source comes first.

    What came and what was missing before the window only teaches what is usual. The feed is judged
    as of the last look at it: what came since, nobody can know.

    Args:
        source: with the arrivals of a history that is longer than the window.
        now: aware.
        window: how far back gaps and late drops are told.
    """
    looked = source.last_look
    stale = _stale(source, now)
    if source.cadence is not None and not source.arrivals and source.newest is not None:
        return [_long_silent(source, source.newest, now, stale)]
    if _never_filled(source):
        return [_without_any(source, now, stale)]
    if source.cadence is None or not source.arrivals or looked is None:
        state = FreshState.UNTIMED if source.cadence is None else FreshState.LEARNING
        return [_plain(source, state, stale)]
    arrivals = [one for one in source.arrivals if one.delivered_at <= _naive(looked)]
    if not arrivals:
        return [_plain(source, FreshState.LEARNING, stale)]
    grid, places = placed(arrivals, source.cadence, source.grace)
    judge = _Judge(source, grid, places, looked=looked, since=now - window)
    whole = judge.whole()
    if stale is not None:
        whole = _with(whole, stale)
    return [whole, *(_beside(whole, one) for one in judge.types())]


class _Judge:
    """Judges one source on its grid."""

    def __init__(
        self,
        source: Watched,
        grid: Grid,
        places: Sequence[Placed],
        *,
        looked: datetime,
        since: datetime,
    ) -> None:
        self._source = source
        self._grid, self._calendar = grid, Calendar(grid)
        self._since = since
        self._places = places
        self._first = min(one.slot for one in places)
        self._due = grid.last_due(looked)
        self._looked = looked
        self._came = {one.slot for one in places}
        self._recent = {slot for slot in self._came if grid.usually(slot) >= since}
        self._all_late = self._late(places)

    def whole(self) -> Series:
        """Judge the source: slots in which nothing came at all."""
        possible = range(self._first, self._due + 1)
        absences = list(
            Usual(self._calendar, possible, self._came, sure_after=_SURE_OF_FEED).absences()
        )
        if not any(absence.is_open for absence in absences):
            absences += self._silence()
        return self._series(None, self._places, absences)

    def types(self) -> Iterator[Series]:
        """Judge each event type: slots in which others came and it did not."""
        by_type: dict[str, list[Placed]] = {}
        untold: set[int] = set()
        for place in self._places:
            event_types = self._source.event_types(place.arrival)
            if not event_types and place.arrival.state is DropState.ADOPTED:
                untold.add(place.slot)  # nobody read what was in it
            for event_type in event_types:
                by_type.setdefault(event_type, []).append(place)
        possible = sorted(slot for slot in self._came - untold if slot <= self._due)
        for event_type, places in sorted(by_type.items()):
            came = {one.slot for one in places}
            absences = list(
                Usual(self._calendar, possible, came, sure_after=_SURE_OF_TYPE).absences()
            )
            yield self._series(event_type, places, absences)

    def _series(
        self,
        event_type: str | None,
        places: Sequence[Placed],
        absences: Sequence[Absence],
    ) -> Series:
        recent = [
            one
            for one in absences
            if one.is_open or self._grid.usually(one.slots[-1]) >= self._since
        ]
        findings = [self._absent(event_type, one) for one in recent]
        late = self._late(places)
        if event_type is not None:  # where all came late, the source says so
            late = {slot: by for slot, by in late.items() if slot not in self._all_late}
        findings += [self._came_late(event_type, run) for run in _consecutive(late)]
        missing = sum(len(one.slots) for one in recent)
        worst = min((one.state for one in findings), key=_ORDER.index, default=FreshState.OK)
        return Series(
            source=self._source.name,
            event_type=event_type,
            state=worst,
            last_drop=max(one.arrival.delivered_at for one in places),
            missing=missing,
            late=len(late),
            usually=self._grid.usually(self._due),
            findings=findings,
            slots=Slots(
                came=self._rows(event_type, places),
                absent=[self._grid.time(slot) for one in recent for slot in one.slots],
                late={self._grid.time(slot): by for slot, by in late.items()},
            ),
        )

    def _rows(self, event_type: str | None, places: Sequence[Placed]) -> Mapping[datetime, int]:
        """Return the rows that came for each slot of the window."""
        rows: Counter[int] = Counter()
        for one in places:
            if one.slot in self._recent:
                of = one.arrival.event_rows
                rows[one.slot] += sum(of.values()) if event_type is None else of.get(event_type, 0)
        return {self._grid.time(slot): count for slot, count in sorted(rows.items())}

    def _silence(self) -> Iterator[Absence]:
        """Tell of a silence up to now that is longer than all before, for want of a history.

        There is none yet; or the silence has lasted so long that little of it is left.
        """
        slots = sorted(self._came)
        gaps = [later - earlier for earlier, later in pairwise(slots)]
        silent = self._due - slots[-1]
        if len(slots) < _STOPPED_AFTER or silent < _STOPPED_AFTER:
            return
        if silent > _SILENCE * max(gaps):
            missing = range(slots[-1] + 1, self._due + 1)
            is_long = silent * self._grid.seconds > _LONG_SILENCE_SECONDS
            if is_long or all(self._is_new_ground(slot) for slot in missing):
                evidence = "it was never silent for so long"
                yield Absence(slots=missing, evidence=evidence, is_open=True)

    def _is_new_ground(self, slot: int) -> bool:
        """Tell whether there is no earlier day with that time of day to compare with."""
        a_day = max(1, round(86400 / self._grid.seconds))
        return slot - a_day < self._first

    def _late(self, places: Sequence[Placed]) -> Mapping[int, float]:
        """Return how late the first drop of a slot came, where it was late, in the window."""
        earliest: dict[int, float] = {}
        for one in places:
            earliest[one.slot] = min(one.late, earliest.get(one.slot, one.late))
        return {
            slot: late
            for slot, late in sorted(earliest.items())
            if late > self._grid.grace and self._grid.usually(slot) >= self._since
        }

    def _absent(self, event_type: str | None, absence: Absence) -> Finding:
        first, last = absence.slots[0], absence.slots[-1]
        count = len(absence.slots)
        if not absence.is_open:
            state = FreshState.GAPS
        else:
            state = FreshState.STOPPED if count >= _STOPPED_AFTER else FreshState.LATE
        others = self._siblings(absence.slots)
        what = "nothing came" if event_type is None else f"{event_type} did not come"
        beside = f" while {others} other event types did" if event_type is not None else ""
        return Finding(
            state=state,
            source=self._source.name,
            event_type=event_type,
            first=self._grid.time(first),
            last=self._grid.time(last),
            slots=count,
            message=f"{what} for {self._span(first, last, count)}{beside}; {absence.evidence}",
        )

    def _came_late(self, event_type: str | None, lates: Mapping[int, float]) -> Finding:
        first, last, most = min(lates), max(lates), max(lates.values())
        what = "the drops of" if event_type is None else f"{event_type} of"
        return Finding(
            state=FreshState.CAUGHT_UP,
            source=self._source.name,
            event_type=event_type,
            first=self._grid.time(first),
            last=self._grid.time(last),
            slots=len(lates),
            message=f"{what} {self._span(first, last, len(lates))} came {_length(most)} late;"
            f" up to {_length(self._grid.grace)} is usual",
        )

    def _siblings(self, slots: Sequence[int]) -> int:
        """Return how many event types came in these slots."""
        wanted = set(slots)
        return len(
            {
                event_type
                for one in self._places
                if one.slot in wanted
                for event_type in self._source.event_types(one.arrival)
            }
        )

    def _span(self, first: int, last: int, count: int) -> str:
        start, end = self._grid.time(first), self._grid.time(last)
        if first == last:
            return f"the slot {start:%Y-%m-%d %H:%M}"
        shown = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
        return f"{count} slots, {start:%Y-%m-%d %H:%M} to {shown}"


_ORDER = list(FreshState)


def _consecutive(lates: Mapping[int, float]) -> Iterator[Mapping[int, float]]:
    """Split up what came late into runs of slots."""
    numbered = enumerate(sorted(lates))
    for _, run in groupby(numbered, key=lambda one: one[1] - one[0]):
        yield {slot: lates[slot] for _, slot in run}


def _stale(source: Watched, now: datetime) -> Finding | None:
    after = source.stale_after
    if after is None or (source.last_look is not None and now - source.last_look <= after):
        return None
    seen = source.last_look
    told = f"since {seen:%Y-%m-%d %H:%M}" if seen else "yet"
    return Finding(
        state=FreshState.STALE,
        source=source.name,
        event_type=None,
        first=seen or now,
        last=now,
        slots=0,
        message=f"no run has listed it without trouble {told}; look whether the schedule still"
        " runs firehose-loader, and at the errors of the last run",
    )


def _plain(source: Watched, state: FreshState, stale: Finding | None) -> Series:
    newest = max((one.delivered_at for one in source.arrivals), default=None)
    series = Series(
        source=source.name,
        event_type=None,
        state=state,
        last_drop=newest,
        missing=0,
        late=0,
    )
    return series if stale is None else _with(series, stale)


def _long_silent(source: Watched, newest: datetime, now: datetime, stale: Finding | None) -> Series:
    """Tell of a source of which nothing came within the whole history."""
    since = newest.replace(tzinfo=now.tzinfo)
    told = f"nothing came since {since:%Y-%m-%d %H:%M}, {(now - since).days} days ago"
    series = replace(_stopped(source, since, now, told), last_drop=newest)
    return series if stale is None else _with(series, stale)


def _never_filled(source: Watched) -> bool:
    """Tell whether a source has been listed for some slots, and nothing ever came."""
    first, last = source.first_look, source.last_look
    if source.cadence is None or source.arrivals or first is None or last is None:
        return False
    return last - first > _STOPPED_AFTER * source.cadence


def _without_any(source: Watched, now: datetime, stale: Finding | None) -> Series:
    """Tell of a source that is perhaps looked for in the wrong place."""
    since = source.first_look or now
    told = (
        f"it has been listed since {since:%Y-%m-%d %H:%M}, and no drop was ever there; look"
        " at its url, include and exclude, and whether the firehose delivers there"
    )
    series = _stopped(source, since, now, told)
    return series if stale is None else _with(series, stale)


def _stopped(source: Watched, since: datetime, now: datetime, message: str) -> Series:
    """Tell of a source as a whole that nothing came since a time until now."""
    finding = Finding(
        state=FreshState.STOPPED,
        source=source.name,
        event_type=None,
        first=since,
        last=now,
        slots=0,
        message=message,
    )
    return replace(_plain(source, FreshState.STOPPED, None), findings=(finding,))


def _beside(whole: Series, series: Series) -> Series:
    """Return an event type as it stands where its source gives nothing: no better than that."""
    if whole.state in {FreshState.STALE, FreshState.STOPPED}:
        return replace(series, state=min(whole.state, series.state, key=_ORDER.index))
    return series


def _with(series: Series, finding: Finding) -> Series:
    return replace(series, state=finding.state, findings=(finding, *series.findings))


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def _length(seconds: float) -> str:
    minutes = round(abs(seconds) / 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min"))]
    return " ".join(part for part in parts if not part.startswith("0 ")) or "0 min"
