"""What stopped has stopped until something comes, through nights and weekends without any."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from firehose_loader.freshness import FreshState
from firehose_loader.history import Arrival
from tests.freshness.deliveries import MONDAY, arrival, judge

HOUR = timedelta(hours=1)
TUESDAY = MONDAY + timedelta(days=29, hours=10)
"""When a feed stops, after four weeks and a day."""


def working(hours: range, days: range, *, since: datetime = MONDAY) -> list[Arrival]:
    """Return hourly drops at some hours of some days of the week, up to the Tuesday."""
    slots = (since + number * HOUR for number in range((TUESDAY - since) // HOUR))
    return [
        arrival(one, "email.open") for one in slots if one.hour in hours and one.weekday() in days
    ]


@pytest.mark.parametrize(
    ("drops", "looks"),
    [
        pytest.param(working(range(7, 21), range(7)), (5, 13, 26, 37, 60), id="by day only"),
        pytest.param(working(range(24), range(5)), (5, 98, 122, 140), id="on weekdays only"),
        pytest.param(
            working(range(24), range(7), since=TUESDAY - timedelta(days=3)),
            (100, 150, 200),
            id="hardly begun",
        ),
    ],
)
def test_what_stopped_has_stopped_until_something_comes(
    drops: list[Arrival], looks: tuple[int, ...]
) -> None:
    for hours in looks:  # through nights and weekends in which nothing is expected
        found = judge(drops, now=TUESDAY + hours * HOUR, cadence=HOUR, window=timedelta(days=1))

        (finding,) = found[None].findings
        assert found[None].state is FreshState.STOPPED, hours
        assert finding.first == TUESDAY or len(drops) < 100
        assert found["email.open"].state is FreshState.STOPPED
        assert found["email.open"].findings == []
    last = TUESDAY + looks[-1] * HOUR
    again = judge(
        [*drops, arrival(last - HOUR, "email.open")],
        now=last,
        cadence=HOUR,
        window=timedelta(days=14),
    )
    assert again[None].state is FreshState.GAPS


def test_a_silence_that_outlasts_the_history_is_told_all_along() -> None:
    drops = working(range(7, 21), range(5))
    for days in range(1, 60):
        now = TUESDAY + timedelta(days=days, hours=5)
        known = [
            one
            for one in drops
            if one.delivered_at > (now - timedelta(days=42)).replace(tzinfo=None)
        ]
        newest = drops[-1].delivered_at

        found = judge(known, now=now, cadence=HOUR, window=timedelta(days=1), newest=newest)

        assert found[None].state is FreshState.STOPPED, days
