"""What every warehouse tells of lately: deliveries, what is held, runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from firehose_loader.history import Alert
from firehose_loader.model import DropState, RunRecord
from tests.feed import FIRST_MODIFIED, Feed, csv_drop, empty_drop
from tests.rigs.warehouses import WarehouseRig

HEADER = "eventId,eventType,eventDate"
DATE = "2026-01-05T10:00:00Z"
LONG_AGO = FIRST_MODIFIED - timedelta(days=1)


def test_a_new_warehouse_had_no_deliveries_and_no_runs(place: WarehouseRig) -> None:
    found = place.warehouse.activity(since=LONG_AGO)

    assert (list(found.arrivals), dict(found.held)) == ([], {})
    assert list(place.warehouse.runs(limit=5)) == []


def test_an_arrival_tells_the_rows_of_each_event_type(feed: Feed) -> None:
    rows = [f"1,emailOpen,{DATE}", f"2,emailOpen,{DATE}", f"3,sms.send,{DATE}", "4,sms.send,never"]
    feed.load(csv_drop("mixed", HEADER, rows))

    (arrival,) = feed.rig.warehouse.activity(since=LONG_AGO).arrivals

    assert (arrival.source, arrival.key, arrival.state) == ("s", "mixed", DropState.LOADED)
    assert dict(arrival.event_rows) == {"email.open": 2, "sms.send": 2}


def test_an_event_that_came_before_counts_among_what_a_drop_carried(feed: Feed) -> None:
    first = csv_drop("first", HEADER, [f"1,emailOpen,{DATE}"])
    feed.load(first)
    feed.load(first.renamed("second"))

    carried = [one.event_rows for one in feed.rig.warehouse.activity(since=LONG_AGO).arrivals]

    assert carried == [{"email.open": 1}, {"email.open": 1}]


def test_an_empty_drop_was_delivered_too(feed: Feed) -> None:
    feed.load(empty_drop("nothing"))

    (arrival,) = feed.rig.warehouse.activity(since=LONG_AGO).arrivals

    assert (arrival.key, dict(arrival.event_rows)) == ("nothing", {})


def test_what_was_delivered_earlier_is_left_out(feed: Feed) -> None:
    feed.load(csv_drop("early", HEADER, [f"1,emailOpen,{DATE}"]))
    (early,) = feed.rig.warehouse.activity(since=LONG_AGO).arrivals

    found = feed.rig.warehouse.activity(since=early.delivered_at + timedelta(microseconds=1))

    assert list(found.arrivals) == []


def test_what_is_held_is_counted_by_source_and_event_type(feed: Feed) -> None:
    feed.load(csv_drop("bad", HEADER, [f"1,emailOpen,{DATE}", "2,sms.send,never", "3,sms.send,no"]))

    assert dict(feed.rig.warehouse.activity(since=LONG_AGO).held) == {("s", "sms.send"): 2}


def test_runs_are_told_latest_first_and_no_more_than_wanted(feed: Feed) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    first = RunRecord(
        run_id="r0",
        started_at=start,
        finished_at=start + timedelta(seconds=5),
        status="ok",
        exit_code=0,
        loader_version="1",
        summary='{"seconds": 5}',
    )
    for number in range(3):
        later = timedelta(minutes=number)
        feed.rig.warehouse.record_run(
            replace(
                first,
                run_id=f"r{number}",
                started_at=first.started_at + later,
                finished_at=first.finished_at + later,
            )
        )

    found = feed.rig.warehouse.runs(limit=2)

    assert [one.run_id for one in found] == ["r2", "r1"]
    assert found[0].finished_at == datetime(2026, 1, 1, 0, 2, 5)  # noqa: DTZ001 - naive UTC


def alert(cause: str, *, days: int = 0) -> Alert:
    return Alert(
        cause=cause,
        kind="late",
        source="s",
        event_type=None,
        message=f"{cause} is late",
        since=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days),
    )


def test_what_people_were_told_of_stays_open_until_they_know_its_end(place: WarehouseRig) -> None:
    place.warehouse.prepare()
    first, second = alert("a"), alert("b", days=1)
    place.warehouse.record_alerts(told=[second, first], ended=[])
    place.warehouse.record_alerts(told=[first], ended=[])

    assert list(place.warehouse.open_alerts()) == [first, second]

    place.warehouse.record_alerts(told=[], ended=["a"])
    place.warehouse.record_alerts(told=[], ended=["a"])
    assert list(place.warehouse.open_alerts()) == [second]

    place.warehouse.record_alerts(told=[first], ended=[])
    assert list(place.warehouse.open_alerts()) == [first, second]


def test_a_new_warehouse_has_told_nobody_of_anything(place: WarehouseRig) -> None:
    assert list(place.warehouse.open_alerts()) == []
