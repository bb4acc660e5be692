"""What every warehouse tells of the fields of an event type, and of the keys that hashed them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from firehose_loader.config import Pii
from firehose_loader.history import DropFilter
from firehose_loader.protocols import Gaps, Usage
from tests.feed import Feed, csv_drop, json_drop

DATE = "2026-01-05T10:00:00Z"


@pytest.fixture
def loaded(feed: Feed) -> Feed:
    """A feed whose second drop of opens spells a field otherwise, and lacks another."""
    feed.load(
        csv_drop(
            "a",
            "id,eventDate,contactId,campaignName",
            [f"1,{DATE},12,x", f"2,{DATE},x-12,"],
            event_type="email.open",
        )
    )
    feed.load(
        csv_drop("bb", "eventId,eventDate", [f"3,{DATE}", f"4,{DATE}"], event_type="email.open"),
        json_drop("ccc", [{"eventId": "5", "eventDate": DATE}] * 1, event_type="email.open"),
    )
    return feed


def test_columns_tell_how_they_are_used(loaded: Feed) -> None:
    first, last = sorted({row["_loaded_at"] for row in loaded.rows()}, key=str)

    usage = loaded.rig.warehouse.evidence("email_open").usage(["event_id", "campaign_name", "data"])

    assert (usage.rows, usage.newest) == (5, last)
    assert usage.columns == {
        "event_id": Usage(5, usage.newest),
        "campaign_name": Usage(1, usage.columns["campaign_name"].last),
        "data": Usage(0, None),
    }
    assert usage.columns["campaign_name"].last == first


def test_rows_behind_a_moment_are_counted_and_their_format_told(loaded: Feed) -> None:
    evidence = loaded.rig.warehouse.evidence("email_open")
    last = evidence.usage(["campaign_name"]).columns["campaign_name"].last
    assert last is not None

    assert evidence.loaded_since(last) == (3, False)
    loaded.rig.execute("UPDATE {schema}._firehose_drops SET format = 'csv'")
    assert evidence.loaded_since(last) == (3, True)


def test_headers_are_told_the_commonest_first_with_those_of_the_newest_load(loaded: Feed) -> None:
    assert list(loaded.rig.warehouse.evidence("email_open").headers()) == [
        ("eventDate", True),
        ("campaignName", False),
        ("contactId", False),
        ("eventId", True),
        ("id", False),
    ]


def test_drops_that_lack_a_field_are_told_by_their_header_or_by_their_rows(loaded: Feed) -> None:
    names = {"event_id": ["id", "eventId"], "campaign_name": ["campaignName"], "data": []}
    evidence = loaded.rig.warehouse.evidence("email_open")

    assert evidence.gaps(names, due=10) == {"campaign_name": Gaps(1, 3, "bb")}
    loaded.load(
        json_drop(
            "dddd",
            [{"eventId": str(number), "eventDate": DATE} for number in range(10, 60)],
            event_type="email.open",
        )
    )
    assert evidence.gaps(names, due=10) == {"campaign_name": Gaps(2, 4, "dddd")}


def test_what_was_rescued_comes_into_the_engine(loaded: Feed) -> None:
    warehouse = loaded.rig.warehouse
    table = warehouse.evidence("email_open").rescued()

    found = warehouse.engine().run("review_rescued", table=table, more_samples=", count(said)")

    assert found == [("contactId", 1)]


def test_event_types_that_no_schema_has_are_told_as_rows_name_them(feed: Feed) -> None:
    types = ["wishlist.add", "wishlist.add", "null", " ", r"\N", "trade.in"]
    feed.load(json_drop("a", [{"eventType": one, "n": n} for n, one in enumerate(types)]))

    named = feed.rig.warehouse.evidence("unknown").named_types()

    assert list(named.items()) == [("wishlist.add", 2), ("trade.in", 1)]


def test_rows_that_were_hashed_with_a_key_are_counted_by_drop(feed: Feed) -> None:
    header = "eventId,eventDate,email,campaignName"
    first, second = "a key of more than 16 bytes", "another one of more than 16"
    hashing = {"policy": {"email": "hash"}}
    feed.pii = Pii.model_validate({"key_id": "k1", "key": first, **hashing})
    rows = [f"{number},{DATE},jo@example.com," for number in (1, 2)]
    feed.load(csv_drop("a", header, rows, event_type="email.open"))
    feed.pii = Pii.model_validate({"key_id": "k2", "key": second, "keys": {"k1": first}, **hashing})
    rows = [f"3,{DATE},jo@example.com,", "4,never,jo@example.com,"]
    feed.load(csv_drop("bb", header, rows, event_type="email.open"))
    warehouse = feed.rig.warehouse
    names = {one.drop.drop_id: one.drop.key for one in warehouse.drops(DropFilter())}

    def counted(*key_ids: str) -> dict[str, int]:
        found = warehouse.hashed_with(key_ids)
        return {names[drop_id]: count for drop_id, count in found.items()}

    assert counted("k1") == {"a": 2}
    assert counted("k1", "k2") == {"a": 2, "bb": 1}
    assert counted("k3") == {}


def test_events_that_other_drops_brought_too_are_counted_by_drop(feed: Feed) -> None:
    header, hashing = "eventId,eventDate,email", {"policy": {"email": "hash"}}
    first, second = "a key of more than 16 bytes", "another one of more than 16"
    row = f"{DATE},jo@example.com"
    feed.pii = Pii.model_validate({"key_id": "k1", "key": first, **hashing})
    feed.load(csv_drop("a", header, [f"1,{row}", f"2,{row}"], event_type="email.open"))
    feed.pii = Pii.model_validate({"key_id": "k2", "key": second, "keys": {"k1": first}, **hashing})
    feed.load(csv_drop("bb", header, [f"1,{row}", f"3,{row}"], event_type="email.open"))
    more = [f"2,{row},{DATE}", f"3,{row},{DATE}"]
    feed.load(csv_drop("ccc", f"{header},processedDate", more, event_type="email.open"))
    warehouse = feed.rig.warehouse
    ids = {one.drop.key: one.drop.drop_id for one in warehouse.drops(DropFilter())}
    names = {drop_id: key for key, drop_id in ids.items()}

    def counted(*keys: str, stored: bool, key_ids: Sequence[str] = ()) -> set[object]:
        found = warehouse.shared([ids[key] for key in keys], stored=stored, key_ids=key_ids)
        return {
            (names[one.holder], names[one.other], one.rows, one.hashed, one.differing)
            for one in found
        }

    assert counted("a", stored=True, key_ids=["k1"]) == {
        ("a", "bb", 1, 1, 0),
        ("a", "ccc", 1, 1, 1),
    }
    assert counted("ccc", stored=False) == {("a", "ccc", 1, 0, 1), ("bb", "ccc", 1, 0, 1)}
    assert counted("ccc", stored=True) == set()
