"""What is usual: in how many comparable slots something came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from firehose_loader.freshness.slots import Grid

_NEAR_SECONDS = 3600
_LEAST_DAYS = 2
_UNLIKELY = 1e-4
"""Chance that so many absences happen together, below which they are a finding."""
_EXPECTED = 0.9
"""Share of comparable slots in which something comes that is to be expected."""
_KNOWN_SECONDS = 14 * 86400
_LONG_SECONDS = 86400
_FAR = 3
_SATURDAY = 5


class Absence(Struct, frozen=True, kw_only=True):
    """Consecutive slots without something that usually comes."""

    slots: Sequence[int]
    """Those of them in which it was to be expected."""
    evidence: str
    """Why it was."""
    is_open: bool = False
    """Nothing came since, though a night or a weekend in which nothing is expected lie between."""


class Calendar:
    """Day and time of day of slots, worked out once for all event types that are judged by them."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self._known: dict[int, tuple[tuple[bool, int], int]] = {}

    def of(self, slot: int) -> tuple[tuple[bool, int], int]:
        """Return kind of day and number in the day, and which day it is."""
        if (found := self._known.get(slot)) is None:
            moment = self.grid.usually(slot)
            passed = moment.hour * 3600 + moment.minute * 60 + moment.second
            place = (_is_weekend(moment), int(passed // self.grid.seconds))
            found = self._known[slot] = (place, moment.toordinal())
        return found


class Usual:
    """How often something came, by kind of day and time of day.

    Slots are comparable that have the same time of day, an hour more or less, on other days of the
    same kind: Monday to Friday, or the weekend.
    """

    def __init__(
        self,
        calendar: Calendar,
        possible: Iterable[int],
        came: Collection[int],
        *,
        sure_after: int,
    ) -> None:
        """Take the slots in which it could have come, and those in which it did.

        ``sure_after``: where it came in each of so many comparable slots, one absence is a finding.
        """
        self._sure_after = sure_after
        self._calendar, self._grid = calendar, calendar.grid
        self._around = max(0, int(_NEAR_SECONDS // self._grid.seconds))
        self._possible = sorted(possible)
        self._came = came
        self._places: dict[int, tuple[bool, int]] = {}
        self._days: dict[tuple[bool, int], set[int]] = {}
        for slot in self._possible:
            place, day = calendar.of(slot)
            self._places[slot] = place
            self._days.setdefault(place, set()).add(day)
        self._seen = Counter(self._places.values())
        self._there = Counter(self._places[slot] for slot in self._possible if slot in came)

    def absences(self) -> Iterable[Absence]:
        """Yield what was missing and cannot be chance, oldest first."""
        run: list[int] = []
        longest = 0
        for slot in (*self._possible, None):
            if slot is not None and slot not in self._came:
                run.append(slot)
            elif run:
                if (found := self._expected(run) or self._unheard_of(run, longest)) is not None:
                    is_open = slot is None and max(self._came) < run[0]
                    yield replace(found, is_open=is_open)
                longest = max(longest, len(run))
                run = []

    def _expected(self, run: Sequence[int]) -> Absence | None:
        """Hold the slots of one absence against all others that are like them.

        Only those count in which it hardly ever fails to come.
        """
        own = Counter(self._places[slot] for slot in run)
        own_days = {self._calendar.of(slot)[1] for slot in run}
        chance, always = 1.0, True
        expected: list[tuple[int, int, int, int]] = []
        for slot in run:
            around = self._neighbours(self._places[slot])
            seen = sum(self._seen[place] - own[place] for place in around)
            there = sum(self._there[place] for place in around)
            others = len(
                set[int]().union(*(self._days.get(place, set()) for place in around)) - own_days
            )
            if others < _LEAST_DAYS or not seen:
                continue
            if there >= _EXPECTED * seen:
                chance *= (seen - there + 0.5) / (seen + 1)
                expected.append((slot, there, seen, others))
                always = always and there == seen and seen >= self._sure_after
        if not expected or not (always or chance <= _UNLIKELY):
            return None
        _, came, comparable, days = min(expected, key=lambda one: one[1] / one[2])
        return Absence(
            slots=[slot for slot, *_ in expected],
            evidence=f"it came in {came} of {comparable} slots around that time on {days} other"
            " days",
        )

    def _unheard_of(self, run: Sequence[int], longest: int) -> Absence | None:
        """Tell of something quiet that has been quiet for far longer than ever.

        Its absences hang together (a night, a holiday), so no chance can be reckoned for them.
        """
        passed = (run[0] - self._possible[0]) * self._grid.seconds
        lasted = (run[-1] - run[0] + 1) * self._grid.seconds
        if passed < _KNOWN_SECONDS or lasted < _LONG_SECONDS or len(run) <= _FAR * longest:
            return None
        return Absence(
            slots=run, evidence=f"it was never away for more than {longest} slots before"
        )

    def _neighbours(self, place: tuple[bool, int]) -> Collection[tuple[bool, int]]:
        weekend, number = place
        a_day = max(1, round(86400 / self._grid.seconds))
        near = range(number - self._around, number + self._around + 1)
        return {(weekend, one % a_day) for one in near}


def _is_weekend(moment: datetime) -> bool:
    return moment.weekday() >= _SATURDAY
