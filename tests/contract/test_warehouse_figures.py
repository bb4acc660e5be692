"""What every warehouse sums up for a report: rows, lateness, duplicates, quarantine."""

from __future__ import annotations

from datetime import timedelta

from firehose_loader.figures import BUCKETS, Period, bucket_names
from firehose_loader.model import Reason
from tests.feed import FIRST_MODIFIED, Feed, csv_drop
from tests.rigs.warehouses import WarehouseRig

HEADER = "eventId,eventType,eventDate,campaignName"
DAY = Period(since=FIRST_MODIFIED, until=FIRST_MODIFIED + timedelta(days=1))


def _before(**length: float) -> str:
    """Return a time so long before a drop was delivered whose key has four signs."""
    return f"{FIRST_MODIFIED + timedelta(minutes=4) - timedelta(**length):%Y-%m-%dT%H:%M:%SZ}"


def test_a_new_warehouse_has_no_figures(place: WarehouseRig) -> None:
    found = place.warehouse.figures(DAY, [])

    assert (found.hours, found.lateness, found.duplicates, found.held) == ((), (), (), ())


def test_figures_tell_what_became_of_rows_and_how_late_they_came(feed: Feed) -> None:
    soon, days = _before(minutes=2), _before(days=3)
    feed.load(
        csv_drop(
            "once",
            HEADER,
            [
                *(f"1,email.open,{soon},x", f"2,email.open,{days},x", f"3,sms.send,{soon},x"),
                *("4,sms.send,never,x", "5,sms.send,no,x", f"6,email.open,{_before(hours=-1)},x"),
            ],
        )
    )
    feed.load(csv_drop("more", HEADER, [f"1,email.open,{soon},x", f"2,email.open,{days},y"]))
    warehouse = feed.rig.warehouse

    found = warehouse.figures(DAY, list(feed.catalog))

    (hour,) = found.hours
    assert (hour.source, hour.hour, hour.drops) == ("s", FIRST_MODIFIED.replace(tzinfo=None), 2)
    rows = hour.rows
    assert (rows.parsed, rows.inserted, rows.identical, rows.conflicting) == (8, 4, 1, 1)
    assert rows.quarantined == 2
    named = {
        one.event_type: {
            name: count for name, count in zip(bucket_names(), one.counts, strict=True) if count
        }
        for one in found.lateness
    }
    assert named == {
        "email.open": {"before the event": 1, "1 min to 5 min": 1, "2 d to 7 d": 1},
        "sms.send": {"1 min to 5 min": 1},
    }
    assert all(len(one.counts) == BUCKETS for one in found.lateness)
    assert sorted(
        (one.event_type, one.fate, one.field, one.rows, one.drops, one.example)
        for one in found.duplicates
    ) == [
        ("email.open", "conflicting", "campaignName", 1, 1, "more"),
        ("email.open", "identical", None, 1, 1, "more"),
    ]
    assert [(one.event_type, one.reason, one.rows, len(one.examples)) for one in found.held] == [
        ("sms.send", Reason.BAD_EVENT_TIME, 2, 2),
        ("email.open", Reason.CONFLICT, 1, 1),
    ]


def test_figures_are_those_of_the_period_and_of_the_source_that_are_meant(feed: Feed) -> None:
    feed.load(csv_drop("once", HEADER, [f"1,email.open,{_before()},x", "2,email.open,never,x"]))
    warehouse, schemas = feed.rig.warehouse, list(feed.catalog)
    later = Period(since=DAY.until, until=DAY.until + timedelta(days=1))
    other = Period(since=DAY.since, until=DAY.until, source="other")

    assert list(warehouse.figures(later, schemas).hours) == []
    assert list(warehouse.figures(later, schemas).lateness) == []
    assert len(warehouse.figures(later, schemas).held) == 1  # it waits, whenever it came
    assert list(warehouse.figures(other, schemas).hours) == []
    assert list(warehouse.figures(other, schemas).held) == []
