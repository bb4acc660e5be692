"""What every warehouse remembers of drops that must wait: enough for the next run to decide."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from firehose_loader.model import Drop, DropState
from firehose_loader.protocols import Known
from tests.feed import FIRST_MODIFIED, Feed, csv_drop, empty_drop
from tests.feed import compared as compared_with

HEADER = "eventId,eventType,eventDate,campaignName"
DATE = "2026-01-05T10:00:00Z"


def a_drop(key: str, *, version: str = "1", minutes: int = 0, source: str = "s") -> Drop:
    return Drop(
        source=source,
        key=key,
        size_bytes=7,
        modified=FIRST_MODIFIED + timedelta(minutes=minutes),
        version=version,
    )


def compared(feed: Feed, *drops: Drop, new_only: bool = False) -> list[Known]:
    return compared_with(feed.rig.warehouse, "s", drops, new_only=new_only)


def held(feed: Feed, *drops: Drop, run_id: str = "r") -> None:
    feed.rig.warehouse.prepare()
    feed.rig.warehouse.record_held("s", drops, run_id=run_id)


def test_a_held_drop_is_remembered_from_its_first_sight_on(feed: Feed) -> None:
    held(feed, a_drop("a"), run_id="one")
    first = feed.ledger()["a"]
    held(feed, a_drop("a"), a_drop("b"), run_id="two")

    a, b = compared(feed, a_drop("a"), a_drop("b"), new_only=True)

    assert (first["state"], first["attempts"], first["run_id"]) == ("held", 0, "one")
    assert feed.ledger()["a"] == first
    assert (a.state, b.state, a.is_new, b.is_new) == (DropState.HELD, DropState.HELD, True, True)
    assert isinstance(first["first_seen_at"], datetime)
    assert a.first_seen_at == first["first_seen_at"].replace(tzinfo=UTC)
    assert b.first_seen_at is not None
    assert b.first_seen_at > a.first_seen_at
    assert a.loaded_at is None


def test_held_drops_that_are_not_seen_again_are_forgotten(feed: Feed) -> None:
    elsewhere = a_drop("a", source="other")
    feed.rig.warehouse.prepare()
    feed.rig.warehouse.record_held("other", [elsewhere], run_id="r")
    held(feed, a_drop("gone"), a_drop("written on"), a_drop("stays"))

    held(feed, a_drop("written on", version="2"), a_drop("stays"))

    rows = {(row["source"], row["key"], row["version"]) for row in feed.rows("_firehose_drops")}
    assert rows == {("other", "a", "1"), ("s", "written on", "2"), ("s", "stays", "1")}

    held(feed)

    assert [row["source"] for row in feed.rows("_firehose_drops")] == ["other"]


def test_loading_a_held_drop_replaces_its_row(feed: Feed) -> None:
    given = csv_drop("a", HEADER, [f"1,emailOpen,{DATE},x"])
    held(feed, feed.drop(given))
    before = feed.ledger()["a"]

    feed.load(given)
    held(feed)

    row = feed.ledger()["a"]
    assert (row["state"], row["attempts"], row["rows_inserted"]) == ("loaded", 1, 1)
    assert row["first_seen_at"] == before["first_seen_at"]
    assert len(feed.rows("_firehose_drops")) == 1


def test_what_was_taken_is_never_held_again(feed: Feed) -> None:
    loaded, whole = csv_drop("loaded", HEADER, [f"1,emailOpen,{DATE},x"]), empty_drop("whole")
    feed.load(loaded, whole)
    feed.rig.warehouse.record_failure(a_drop("failed"), run_id="r", error="E", message="why")
    before = feed.ledger()

    held(feed, feed.drop(loaded), feed.drop(whole), a_drop("failed"))

    assert feed.ledger() == before


def test_a_held_drop_counts_as_no_drop_that_came(feed: Feed) -> None:
    feed.load(csv_drop("a", HEADER, [f"1,emailOpen,{DATE},x"]))
    newest = feed.rig.warehouse.status([]).sources[0].newest_drop

    held(feed, a_drop("b", minutes=60))

    (source,) = feed.rig.warehouse.status([]).sources
    assert (source.loaded, source.held, source.failed, source.rows) == (1, 1, 0, 1)
    assert source.newest_drop == newest


def test_a_held_version_is_no_earlier_content(feed: Feed) -> None:
    feed.load(csv_drop("old", HEADER, [f"1,emailOpen,{DATE},x"]))
    held(feed, a_drop("a"), a_drop("old", version="2"))

    known = compared(feed, a_drop("a", version="2"), a_drop("a"), a_drop("old", version="2"))

    assert {(one.drop.key, one.drop.version): one.earlier_version for one in known} == {
        ("a", "2"): False,
        ("a", "1"): False,
        ("old", "2"): True,
    }
