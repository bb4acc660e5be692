"""A week of two sources in which all goes wrong that a report must show."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.command import Answer, ask

QUARTER = timedelta(minutes=15)
SOON = timedelta(minutes=3)
TYPES = ("email.open", "email.click", "email.send", "sms.send")
HOSTILE = "</script><img src=x onerror=alert(1)>"
ADDRESS = "ann.example@example.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Where it lies, and when what went wrong."""

    home: Path
    now: datetime
    outage: datetime
    """Nothing came from the source ``prod`` in four slots from then on."""
    stopped: datetime
    """``email.click`` did not come in three slots from then on."""
    late_day: datetime
    """The daily drop of that day came nine hours late."""

    @property
    def database(self) -> Path:
        return self.home / "events.duckdb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The report of its last seven days."""

    week: Week
    answer: Answer

    @property
    def file(self) -> Path:
        return self.week.home / "report.html"


def reported(home: Path) -> Reported:
    """Simulate a week and write its report."""
    week = simulated(home)
    answer = ask("report", "--days", "7", "--json", cwd=home)
    assert answer.code == 0, answer.err
    return Reported(week=week, answer=answer)


def data_of(page: str) -> Any:  # noqa: ANN401 - whatever the page holds
    """Return the figures that a page's charts are drawn from."""
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert match
    return json.loads(match[1])


def simulated(home: Path) -> Week:
    """Deliver ten days, of which the last seven are the week, and load them by two runs."""
    now = datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    monday_to_friday = [
        day for day in (midnight - timedelta(days=back) for back in (3, 4, 5)) if day.weekday() < 5
    ]
    eventful = monday_to_friday[0]
    week = Week(
        home=home,
        now=now,
        outage=eventful + timedelta(hours=9),
        stopped=eventful + timedelta(hours=15),
        late_day=eventful,
    )
    configure(home)
    number = 0
    for slot in _slots(midnight - timedelta(days=10), now - SOON, QUARTER):
        if week.outage <= slot < week.outage + timedelta(hours=1):
            continue
        for event_type in TYPES:
            if event_type == "email.click" and week.stopped <= slot < week.stopped + 3 * QUARTER:
                continue
            number += 1
            put(home / "drops" / event_type / f"{slot:%Y%m%dT%H%M}.csv", slot, _rows(slot, number))
    put(
        home / "drops" / "email.open" / "again-\udcff.csv",
        now - timedelta(days=1),
        _rows(midnight - timedelta(days=10), 1)  # what the first drop said
        + f"bad-1,never,{ADDRESS}\nbad-2,{HOSTILE},\n",
    )
    for day in _slots(midnight - timedelta(days=10), now - SOON, timedelta(days=1)):
        late = timedelta(hours=9 if day == week.late_day else 0)
        put(home / "daily" / f"campaign.send/{day:%Y%m%d}.csv", day + late, _rows(day, day.day))
    first = ask("run", "--json", cwd=home)
    assert first.code == 0, first.err
    put(
        home / "drops" / "sms.send" / f"{now - QUARTER:%Y%m%d}-drift.csv",
        now - QUARTER,
        f"eventId,eventDate,email,loyaltyTier,{HOSTILE}\n"
        f"x1,{now:%Y-%m-%dT%H:%M:%SZ},{ADDRESS},Gold 7,{HOSTILE}\n",
    )
    second = ask("run", "--json", cwd=home)
    assert second.code == 0, second.err
    return week


def configure(home: Path) -> None:
    (home / "firehose.toml").write_text(
        '[warehouse]\nurl = "events.duckdb"\n'
        '[[source]]\nname = "prod"\nurl = "drops"\ncadence = "15min"\n'
        '[[source]]\nname = "daily"\nurl = "daily"\ncadence = "daily"\n'
    )


def _slots(first: datetime, last: datetime, step: timedelta) -> Iterator[datetime]:
    while first <= last:
        yield first
        first += step


def _rows(slot: datetime, number: int) -> str:
    """Return a drop: more rows by day than by night, with events of the minutes before."""
    count = 2 if slot.hour < 6 else 4 + slot.hour % 5
    lines = [
        f"{number}-{row},{slot - timedelta(minutes=(row * row) % 17):%Y-%m-%dT%H:%M:%SZ},"
        for row in range(count)
    ]
    return "eventId,eventDate,email\n" + "".join(f"{line}\n" for line in lines)


def put(path: Path, slot: datetime, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    delivered = (slot + SOON).timestamp()
    os.utime(path, (delivered, delivered))
