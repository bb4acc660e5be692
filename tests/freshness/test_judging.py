"""What a feed's deliveries tell: what is missing, what is late, and what is only quiet."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from msgspec.structs import replace

from firehose_loader.freshness import FreshState, Series, Watched, judged
from firehose_loader.history import Arrival
from firehose_loader.model import DropState
from tests.freshness.deliveries import MONDAY, NOW, QUARTER, WEEK, Drops, arrival, judge

BUSY = ("email.open", "email.send", "email.click")
BY_DAY = ("sms.send", "sms.delivered")
RARE = ("email.reply", "sms.remove")


def feed(*, seed: int = 1) -> dict[tuple[datetime, str], Arrival]:
    """Return 28 days of drops, one for each event type, as slot and type to the drop."""
    return dict(_feed(seed))


@cache
def _feed(seed: int) -> Drops:
    chance = random.Random(seed)  # noqa: S311 - a simulation
    found = {}
    slot = MONDAY
    while slot + timedelta(minutes=16) <= NOW:
        night = slot.hour < 6
        late = timedelta(seconds=chance.randrange(240))
        here = [*BUSY]
        here += [one for one in BY_DAY if not night]
        here += [one for one in RARE if chance.random() < (0.05 if night else 0.3)]
        for event_type in here:
            found[slot, event_type] = arrival(slot, event_type, late=late)
        slot += QUARTER
    return found


def told(found: Mapping[str | None, Series]) -> list[tuple[str | None, str, datetime, int]]:
    return [
        (one.event_type, str(one.state), one.first, one.slots)
        for series in found.values()
        for one in series.findings
    ]


def without(
    drops: Drops,
    start: datetime,
    slots: int,
    event_types: Iterable[str] | None = None,
) -> dict[tuple[datetime, str], Arrival]:
    end = start + slots * QUARTER
    types = set(event_types) if event_types is not None else None
    return {
        (slot, event_type): one
        for (slot, event_type), one in drops.items()
        if not (start <= slot < end and (types is None or event_type in types))
    }


def test_a_feed_that_keeps_its_rhythm_gives_no_findings() -> None:
    for seed in range(3):
        found = judge(feed(seed=seed))

        assert told(found) == []
        assert {one.state for one in found.values()} == {FreshState.OK}
        assert set(found) == {None, *BUSY, *BY_DAY, *RARE}


def test_an_hour_without_anything_is_a_gap_of_the_source_and_of_no_event_type() -> None:
    outage = datetime(2026, 3, 25, 10, tzinfo=UTC)

    found = judge(without(feed(), outage, 4))

    assert told(found) == [(None, "gaps", outage, 4)]
    assert found[None].missing == 4
    message = found[None].findings[0].message
    assert "nothing came for 4 slots, 2026-03-25 10:00 to 10:45" in message
    assert "of 135 slots around that time on" in message or "around that time on 19" in message


def test_one_event_type_that_stops_for_three_slots_is_told_with_the_evidence() -> None:
    stop = datetime(2026, 3, 26, 14, 30, tzinfo=UTC)

    found = judge(without(feed(), stop, 3, ["email.click"]))

    assert told(found) == [("email.click", "gaps", stop, 3)]
    message = found["email.click"].findings[0].message
    assert "email.click did not come for 3 slots" in message
    assert "other event types did" in message


def test_a_type_that_sleeps_at_night_is_missed_by_day_only() -> None:
    by_day = datetime(2026, 3, 24, 12, tzinfo=UTC)

    found = judge(without(feed(), by_day, 2, ["sms.send"]))

    assert told(found) == [("sms.send", "gaps", by_day, 2)]


def test_a_quiet_night_of_rare_types_is_no_finding() -> None:
    night = datetime(2026, 3, 24, 20, tzinfo=UTC)

    found = judge(without(feed(), night, 44, RARE))

    assert told(found) == []


def test_a_rare_type_that_is_away_for_far_longer_than_ever_is_told() -> None:
    gone = datetime(2026, 3, 25, tzinfo=UTC)

    found = judge(without(feed(), gone, 5 * 96, ["email.reply"]))

    assert [(one[0], one[1]) for one in told(found)] == [("email.reply", "stopped")]
    assert "never away for more than" in found["email.reply"].findings[0].message


def test_a_feed_that_stopped_says_since_when() -> None:
    since = NOW - timedelta(hours=2)

    found = judge(without(feed(), since, 100))

    assert found[None].state is FreshState.STOPPED
    (finding,) = found[None].findings
    assert finding.first == since
    assert finding.slots == 7  # of the eight, the last is within its grace
    assert [one for one in found.values() if one.event_type and one.findings] == []


def test_the_last_slot_overdue_is_late_and_within_its_grace_it_is_not() -> None:
    drops = without(feed(), NOW - timedelta(minutes=45), 100)

    assert judge(drops)[None].state is FreshState.LATE
    assert judge(drops, grace=timedelta(minutes=40))[None].state is FreshState.OK


def test_drops_that_come_after_all_are_caught_up_and_no_gap() -> None:
    drops = feed()
    outage = datetime(2026, 3, 25, 10, tzinfo=UTC)
    for (slot, event_type), one in list(drops.items()):
        if outage <= slot < outage + timedelta(hours=1):
            came = one.delivered_at + timedelta(hours=2)
            drops[slot, event_type] = replace(one, delivered_at=came)

    found = judge(drops)

    assert told(found) == [(None, "caught_up", outage, 4)]
    assert "came 2 h" in found[None].findings[0].message


def test_a_daily_drop_that_comes_late_is_told() -> None:
    day = datetime(2026, 3, 24, tzinfo=UTC)
    drops = [
        arrival(
            MONDAY + timedelta(days=number),
            "email.send",
            late=timedelta(hours=7 if MONDAY + timedelta(days=number) == day else 0),
        )
        for number in range(28)
    ]

    found = judge(drops, cadence=timedelta(days=1))

    assert told(found) == [(None, "caught_up", day, 1)]


def test_a_daily_drop_that_never_came_is_a_gap() -> None:
    day = datetime(2026, 3, 24, tzinfo=UTC)
    times = [MONDAY + timedelta(days=number) for number in range(28)]

    found = judge(
        [arrival(time, "email.send") for time in times if time != day], cadence=timedelta(days=1)
    )

    assert told(found) == [(None, "gaps", day, 1)]


def test_without_times_in_names_the_time_of_delivery_tells_the_slot() -> None:
    outage = datetime(2026, 3, 25, 10, tzinfo=UTC)
    drops = {
        (slot, event_type): arrival(slot, event_type, name=f"{number}-{{:%M}}x")
        for number, (slot, event_type) in enumerate(without(feed(), outage, 4))
    }

    found = judge(drops)

    assert [(one[0], one[1], one[3]) for one in told(found)] == [(None, "gaps", 4)]


def test_nobody_can_know_what_came_since_the_last_look() -> None:
    looked = NOW - timedelta(hours=3)

    found = judge(feed(), last_look=looked)

    assert found[None].state is FreshState.STALE
    assert [one.state for one in found[None].findings] == [FreshState.STALE]
    assert "2026-03-29 21:00" in found[None].findings[0].message


def test_a_new_source_learns_before_it_tells_of_gaps() -> None:
    start = NOW - timedelta(hours=20)
    drops = {key: one for key, one in feed().items() if key[0] >= start}

    found = judge(without(drops, NOW - timedelta(hours=12), 1))

    assert told(found) == []


def test_a_new_source_that_falls_silent_is_told_even_without_history() -> None:
    start = NOW - timedelta(hours=20)
    drops = {key: one for key, one in feed().items() if key[0] >= start}

    found = judge(without(drops, NOW - timedelta(hours=5), 100))

    assert found[None].state is FreshState.STOPPED
    assert "never silent for so long" in found[None].findings[0].message


def test_a_source_without_cadence_is_not_judged() -> None:
    found = judge(feed(), cadence=None)

    assert found[None].state is FreshState.UNTIMED
    assert told(found) == []


def test_what_lies_before_the_window_is_not_told() -> None:
    outage = datetime(2026, 3, 25, 10, tzinfo=UTC)

    assert told(judge(without(feed(), outage, 4), window=timedelta(days=1))) == []


def test_weekends_are_held_against_weekends() -> None:
    working = {
        (slot, event_type): one
        for (slot, event_type), one in feed().items()
        if slot.weekday() < 5 or event_type != "sms.send"
    }

    assert told(judge(working)) == []


def test_a_source_of_which_nothing_came_within_its_whole_history_has_stopped() -> None:
    newest = NOW - timedelta(days=300)

    (whole,) = judge([], newest=newest.replace(tzinfo=None)).values()

    assert whole.state is FreshState.STOPPED
    assert "300 days ago" in whole.findings[0].message


@pytest.mark.parametrize(
    ("listed_for", "state"),
    [(timedelta(hours=1), FreshState.STOPPED), (timedelta(minutes=40), FreshState.LEARNING)],
)
def test_a_source_in_which_nothing_ever_was_is_perhaps_looked_for_in_the_wrong_place(
    listed_for: timedelta, state: FreshState
) -> None:
    source = Watched(
        name="prod",
        cadence=QUARTER,
        grace=None,
        stale_after=None,
        first_look=NOW - listed_for,
        last_look=NOW,
        arrivals=(),
    )

    (whole,) = judged(source, now=NOW, window=WEEK)

    assert whole.state is state
    assert ["look at its url" in one.message for one in whole.findings] == [True] * state.is_trouble


def test_what_an_adopted_drop_carried_nobody_knows_so_no_event_type_is_missed_for_it() -> None:
    drops = feed()
    day = MONDAY + timedelta(days=24)
    read = without(drops, day, 96)
    bare = {place: replace(drops[place], event_rows={}) for place in drops.keys() - read.keys()}
    marked = {place: replace(one, state=DropState.ADOPTED) for place, one in bare.items()}

    adopted, empty = judge({**read, **marked}), judge({**read, **bare})

    assert {series.missing for series in adopted.values()} == {0}
    assert empty["email.open"].missing > 0
