"""What every warehouse makes of a listing: which drops are new, in which order."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest

from firehose_loader.model import Drop, DropState
from firehose_loader.protocols import Known
from tests.feed import FIRST_MODIFIED, Feed, csv_drop
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


def test_a_listing_comes_back_oldest_first_then_by_key(feed: Feed) -> None:
    drops = [a_drop("b"), a_drop("Z", minutes=1), a_drop("ä"), a_drop("a", minutes=2), a_drop("Ä")]

    known = compared(feed, *drops)

    assert [one.drop.key for one in known] == ["b", "Ä", "ä", "Z", "a"]
    assert {one.drop for one in known} == set(drops)


def test_a_drop_that_is_listed_twice_counts_once(feed: Feed) -> None:
    known = compared(feed, a_drop("a"), a_drop("b"), a_drop("a"))

    assert [one.drop.key for one in known] == ["a", "b"]


@pytest.mark.parametrize(
    "key", ["caf\udce9.csv", "a\\xe9.csv", 'it\'s "x" ; --\n', "日本/%2F+#?*[x].csv", " ", "a\x01b"]
)
def test_a_key_may_be_anything_that_a_file_may_be_called(feed: Feed, key: str) -> None:
    given = csv_drop(key, HEADER, [f"1,emailOpen,{DATE},x", "2,emailOpen,never,x"])
    (before,) = compared(feed, feed.drop(given))

    feed.load(given)

    (after,) = compared(feed, feed.drop(given))
    assert before.drop.key == after.drop.key == key
    assert before.is_new
    assert after.state is DropState.LOADED


def test_keys_that_are_not_utf8_are_told_apart(feed: Feed) -> None:
    feed.load(csv_drop("caf\udce9.csv", HEADER, [f"1,emailOpen,{DATE},x"]))

    known = compared(feed, a_drop("caf\udce8.csv"), a_drop("caf\\xe9.csv"))

    assert all(one.is_new for one in known)


def test_a_hundred_thousand_drops_are_compared_at_once(feed: Feed) -> None:
    given = csv_drop("00500", HEADER, [f"1,emailOpen,{DATE},x"])
    feed.load(given)
    loaded = feed.drop(given)
    listed = [a_drop(f"{n:05}") if n != 500 else loaded for n in range(100_000)]

    with closing(feed.rig.warehouse.listing("s", new_only=True)) as listing:
        for first in range(0, len(listed), 20_000):
            listing.add(listed[first : first + 20_000])
        count = listing.finish()
        last = listing.page(99_998)

    assert count == 99_999
    assert [one.drop.key for one in last] == ["99999"]


def test_two_listings_at_once_and_a_load_in_between_do_not_disturb_each_other(feed: Feed) -> None:
    given = csv_drop("a", HEADER, [f"1,emailOpen,{DATE},x"])
    warehouse = feed.rig.warehouse
    warehouse.prepare()

    with (
        closing(warehouse.listing("s", new_only=True)) as one,
        closing(warehouse.listing("other", new_only=True)) as other,
    ):
        one.add([feed.drop(given), a_drop("b")])
        other.add([a_drop("c", source="other")])
        counts = one.finish(), other.finish()
        feed.load(given)
        pages = one.page(0), other.page(0)

    assert counts == (2, 1)
    assert [[known.drop.key for known in page] for page in pages] == [["b", "a"], ["c"]]
    assert [known.drop.source for known in pages[1]] == ["other"]


def test_a_listing_may_be_closed_before_its_end_and_twice(feed: Feed) -> None:
    listing = feed.rig.warehouse.listing("s", new_only=False)
    listing.add([a_drop("a")])

    listing.close()
    listing.close()
