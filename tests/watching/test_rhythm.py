"""When a source is looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from firehose_loader.service.rhythm import rhythm_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
MINUTE = timedelta(minutes=1)


def test_without_history_a_pass_follows_each_slot_by_the_delay() -> None:
    rhythm = rhythm_of(QUARTER, every=HOUR, delay=MINUTE, usual=None)

    assert rhythm.after(NOON) == NOON + MINUTE
    assert rhythm.after(NOON + MINUTE) == NOON + 16 * MINUTE


def test_with_history_a_pass_follows_the_usual_delivery_by_the_delay() -> None:
    usual = NOON - DAY + timedelta(minutes=4, seconds=30)

    rhythm = rhythm_of(QUARTER, every=HOUR, delay=MINUTE, usual=usual)

    assert rhythm.after(NOON) == NOON + timedelta(minutes=5, seconds=30)


def test_a_daily_feed_is_looked_at_every_hour() -> None:
    rhythm = rhythm_of(DAY, every=QUARTER, delay=MINUTE, usual=NOON - DAY + 20 * MINUTE)

    assert rhythm.after(NOON) == NOON + 21 * MINUTE
    assert rhythm.after(NOON + HOUR) == NOON + HOUR + 21 * MINUTE


def test_a_source_without_cadence_is_looked_at_as_often_as_said() -> None:
    rhythm = rhythm_of(None, every=5 * MINUTE, delay=timedelta(0), usual=None)

    assert rhythm.after(NOON) == NOON + 5 * MINUTE


def test_jitter_comes_on_top() -> None:
    rhythm = rhythm_of(HOUR, every=HOUR, delay=timedelta(0), usual=None)

    assert rhythm.after(NOON, jitter=12) == NOON + HOUR + timedelta(seconds=12)
