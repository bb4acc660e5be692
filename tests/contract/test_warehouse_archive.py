"""What every warehouse knows of drops that may leave their source, and of those that left."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from firehose_loader.history import DropFilter, HeldFilter
from firehose_loader.model import Drop, DropState
from firehose_loader.protocols import Action, Departure
from tests.feed import Feed, csv_drop

HEADER = "eventId,eventType,eventDate"
ROW = "emailOpen,2026-01-05T10:00:00Z"


def loaded(feed: Feed, *keys: str) -> list[Drop]:
    given = [csv_drop(key, HEADER, [f"{key},{ROW}"]) for key in keys]
    feed.load(*given)
    return [feed.drop(one) for one in given]


def due(
    feed: Feed, *, before: timedelta = timedelta(), after: str = "", at_most: int = 500
) -> Sequence[Drop]:
    loaded_before = datetime.now(UTC) + before
    return feed.rig.warehouse.due("s", loaded_before=loaded_before, after=after, at_most=at_most)


def test_drops_that_are_wholly_loaded_may_leave_in_the_order_of_their_ids(feed: Feed) -> None:
    drops = loaded(feed, "a", "b", "c")
    feed.load(csv_drop("some rows", HEADER, ["1,emailOpen,never"]))
    feed.rig.warehouse.record_failure(
        replace(drops[0], key="failed"), run_id="r", error="E", message="m"
    )

    found = due(feed)

    assert sorted(one.key for one in found) == ["a", "b", "c"]
    assert [one.drop_id for one in found] == sorted(one.drop_id for one in drops)
    assert set(found) == set(drops)
    assert due(feed, after=found[0].drop_id) == found[1:]
    assert due(feed, at_most=2) == found[:2]


def test_a_drop_may_leave_only_when_its_load_is_old_enough(feed: Feed) -> None:
    loaded(feed, "a")

    assert due(feed, before=timedelta(minutes=-1)) == []


def test_a_drop_that_left_is_not_due_again_and_not_gone_and_stays_in_the_ledger(
    feed: Feed,
) -> None:
    a, b = loaded(feed, "a", "b")
    departure = Departure(drop=a, action=Action.ARCHIVED, moved_to="done/a")

    for run in ("one", "two"):
        feed.rig.warehouse.record_departures("s", [departure], run_id=run)

    (row,) = feed.rows("_firehose_archive")
    with closing(feed.rig.warehouse.listing("s", new_only=False)) as listing:
        listing.finish()
        gone = listing.gone(0)
    assert due(feed) == [b]
    assert (row["drop_id"], row["moved_to"], row["run_id"]) == (a.drop_id, "done/a", "one")
    assert [known.drop for known in gone] == [b]
    assert feed.ledger()["a"]["state"] == "loaded"


def test_gone_are_those_whose_keys_are_not_listed(feed: Feed) -> None:
    a, _ = loaded(feed, "a", "b")
    newer = replace(a, version="2")

    with closing(feed.rig.warehouse.listing("s", new_only=False)) as listing:
        listing.add([newer])
        listing.finish()
        gone = listing.gone(0)
        beyond = listing.gone(1)

    assert [known.drop.key for known in gone] == ["b"]
    assert list(beyond) == []


def test_a_drop_that_came_back_and_was_taken_again_is_gone_when_nobody_knows_where(
    feed: Feed,
) -> None:
    warehouse = feed.rig.warehouse
    given = csv_drop("a", HEADER, [f"a,{ROW}"])
    feed.load(given)
    departure = Departure(drop=feed.drop(given), action=Action.ARCHIVED, moved_to="done/a")
    warehouse.record_departures("s", [departure], run_id="one")
    warehouse.undo(warehouse.drops(DropFilter()), preview=False)

    undone = gone(feed)
    feed.load(given)
    taken_again = gone(feed)
    warehouse.record_departures("s", [departure], run_id="two")

    assert (undone, taken_again, gone(feed)) == ([], [DropState.LOADED], [])


def test_a_drop_that_failed_and_is_gone_is_told_until_it_is_given_up(feed: Feed) -> None:
    warehouse = feed.rig.warehouse
    warehouse.prepare()
    failed = feed.drop(csv_drop("a", HEADER, []))
    warehouse.record_failure(failed, run_id="r", error="DropMissing", message="gone")

    before = gone(feed)
    receipt = warehouse.undo(warehouse.drops(DropFilter()), preview=False)

    assert (before, gone(feed)) == ([DropState.FAILED], [])
    assert (receipt.drops, receipt.removed) == (1, 0)


def gone(feed: Feed) -> list[DropState | None]:
    with closing(feed.rig.warehouse.listing("s", new_only=False)) as listing:
        listing.finish()
        return [known.state for known in listing.gone(0)]


def test_before_anything_was_loaded_nothing_is_gone(feed: Feed) -> None:
    with closing(feed.rig.warehouse.listing("s", new_only=False)) as listing:
        listing.finish()

        assert list(listing.gone(0)) == []


def test_a_drop_that_came_back_and_was_loaded_again_may_leave_again(feed: Feed) -> None:
    warehouse = feed.rig.warehouse
    given = csv_drop("a", HEADER, [f"a,{ROW}"])
    feed.load(given)
    drop = feed.drop(given)
    warehouse.record_departures(
        "s", [Departure(drop=drop, action=Action.ARCHIVED, moved_to="done/a")], run_id="one"
    )
    warehouse.undo(warehouse.drops(DropFilter()), preview=False)
    feed.load(given)

    back = due(feed)
    for run in ("two", "three"):
        again = Departure(drop=drop, action=Action.ARCHIVED, moved_to="done/again/a")
        warehouse.record_departures("s", [again], run_id=run)

    assert back == [drop]
    assert due(feed) == []
    assert [row["run_id"] for row in feed.rows("_firehose_archive")] == ["one", "two"]
    assert warehouse.archived([drop.drop_id, "another"]) == {drop.drop_id: "done/again/a"}


@pytest.mark.parametrize(
    "key", ["caf\udce9.csv", r"caf\xe9.csv", "\udcff\udc80/\udce9", r"in/\x41 \x9.csv"]
)
def test_a_drop_has_the_key_that_it_has_at_its_source_even_if_that_is_no_text(
    feed: Feed, key: str
) -> None:
    warehouse = feed.rig.warehouse
    given = csv_drop(key, HEADER, [f"a,{ROW}", "b,emailOpen,never"])
    feed.load(given)
    (record,) = warehouse.drops(DropFilter(drop=key))
    (held,) = warehouse.held(HeldFilter(drop_ids=[record.drop.drop_id]))
    warehouse.record_departures(
        "s", [Departure(drop=record.drop, action=Action.ARCHIVED, moved_to=key)], run_id="one"
    )

    assert record.drop == held.drop == feed.drop(given)
    assert warehouse.archived([record.drop.drop_id])
