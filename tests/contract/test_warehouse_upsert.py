"""Event schemas that ask for upserts: the newest version of an event stays, whatever the order."""

from __future__ import annotations

from pathlib import Path

import pytest

from firehose_loader.model import RowCounts
from tests.feed import Feed, Given, csv_drop, json_drop
from tests.rigs.warehouses import Row, WarehouseRig
from tests.schema_documents import a_document, write

SHARED = "../common/1-0-0.json#/$defs/"
DOCUMENT = a_document(
    **{
        "x-merge": "upsert",
        "properties": {
            "eventId": {"$ref": f"{SHARED}eventId"},
            "eventDate": {"$ref": f"{SHARED}eventDate"},
            "processedDate": {"$ref": f"{SHARED}processedDate"},
            "total": {"type": ["number", "null"]},
            "note": {"type": ["string", "null"]},
        },
    }
)


@pytest.fixture
def feed(place: WarehouseRig, tmp_path: Path) -> Feed:
    write(tmp_path / "schemas", DOCUMENT)
    return Feed(place, tmp_path, schemas=tmp_path / "schemas")


def orders(key: str, *rows: str, header: str = "eventId,processedDate,total") -> Given:
    """Return a drop of orders: id, hour of processing and total, separated by blanks."""
    cells = [row.split(" ") for row in rows]
    return csv_drop(
        key,
        header,
        [[one, f"2026-01-05T{at}:00:00Z" if at else "", *more] for one, at, *more in cells],
        event_type="shop.order",
    )


def totals(feed: Feed) -> dict[object, object]:
    return {row["event_id"]: row["total"] for row in feed.rows("shop_order")}


def told(feed: Feed) -> dict[str, dict[str, int]]:
    """Return what the ledger says became of each drop's rows, where that is in no quarantine."""
    fates = ("identical", "superseded", "conflicting")
    return {
        key: {
            "standing": int(str(row["rows_inserted"])) + int(str(row["rows_updated"])),
            **{fate: int(str(row[f"rows_{fate}"])) for fate in fates},
        }
        for key, row in feed.ledger().items()
    }


def there(feed: Feed) -> dict[str, dict[str, int]]:
    """Return the same from where the rows are: in the table, or noted beside it."""
    keys = {row["drop_id"]: key for key, row in feed.ledger().items()}
    found = {
        key: dict.fromkeys(("standing", "identical", "superseded", "conflicting"), 0)
        for key in keys.values()
    }
    for row in feed.rows("shop_order"):
        found[keys[row["_drop_id"]]]["standing"] += 1
    for row in feed.rows("_firehose_duplicates"):
        fate = "standing" if row["fate"] == "replaced" else str(row["fate"])
        found[keys[row["drop_id"]]][fate] += 1
    return found


def test_a_newer_version_replaces_an_older_one(feed: Feed) -> None:
    feed.load(orders("a", "1 10 5", "2 10 7"))

    receipt = feed.load(orders("b", "1 11 6"))

    (row,) = [row for row in feed.rows("shop_order") if row["event_id"] == "1"]
    assert totals(feed) == {"1": 6.0, "2": 7.0}
    assert receipt.events == {"shop.order": RowCounts(parsed=1, updated=1)}
    assert row["_drop_id"] == feed.ledger()["b"]["drop_id"]
    assert feed.quarantine() == []


def test_an_older_version_never_replaces_a_newer_one(feed: Feed) -> None:
    feed.load(orders("a", "1 11 6"))
    before = feed.rows("shop_order")

    receipt = feed.load(orders("b", "1 10 5"))

    assert feed.rows("shop_order") == before
    assert receipt.events == {"shop.order": RowCounts(parsed=1, superseded=1)}


def test_equal_content_is_not_rewritten(feed: Feed) -> None:
    feed.load(orders("a", "1 10 5"))
    before = feed.rows("shop_order")

    receipt = feed.load(orders("b", "1 10 5.0", "1 10 5"))

    assert feed.rows("shop_order") == before
    assert receipt.events == {"shop.order": RowCounts(parsed=2, identical=2)}


def test_equal_content_that_comes_again_keeps_its_row_and_gets_the_newer_time(feed: Feed) -> None:
    feed.load(orders("a", "1 10 5", "2 10 5"))
    before = feed.rows("shop_order")

    receipt = feed.load(orders("b", "1 12 5", "2 9 5"))
    late = feed.load(orders("c", "1 11 6"))

    after = feed.rows("shop_order")
    assert receipt.events == {"shop.order": RowCounts(parsed=2, identical=2)}
    assert late.events == {"shop.order": RowCounts(parsed=1, superseded=1)}
    assert [str(row.pop("processed_date")) for row in after] == [
        "2026-01-05 12:00:00",
        "2026-01-05 10:00:00",
    ]
    assert after == [{k: v for k, v in row.items() if k != "processed_date"} for row in before]


def test_of_one_batch_the_newest_version_counts(feed: Feed) -> None:
    receipt = feed.load(orders("a", "1 11 6", "1 12 7", "1 10 5"), orders("b", "1 9 4"))

    assert totals(feed) == {"1": 7.0}
    assert receipt.events == {"shop.order": RowCounts(parsed=4, inserted=1, superseded=3)}


def test_a_tie_goes_to_the_later_drop_then_to_the_later_row(feed: Feed) -> None:
    feed.load(orders("a", "1 10 5", "1 10 6", "2 10 5"), orders("b", "2 10 6"))
    feed.load(orders("c", "3 10 5"))
    feed.load(orders("d", "3 10 6"))

    assert totals(feed) == {"1": 6.0, "2": 6.0, "3": 6.0}


@pytest.mark.parametrize("batches", [1, 2])
@pytest.mark.parametrize(
    ("first", "second", "total"),
    [("1  5", "1 10 6", 6.0), ("1 10 5", "1  6", 5.0), ("1  5", "1  6", 6.0)],
    ids=["a time after none", "none after a time", "none after none"],
)
def test_a_version_without_a_time_is_older_than_one_with_a_time(
    feed: Feed, first: str, second: str, total: float, batches: int
) -> None:
    drops = [orders("a", first), orders("b", second)]

    for batch in [drops] if batches == 1 else [[drop] for drop in drops]:
        feed.load(*batch)

    assert totals(feed) == {"1": total}


def test_a_column_of_times_may_be_missing(feed: Feed) -> None:
    feed.load(csv_drop("a", "eventId,total", ["1,5"], event_type="shop.order"))

    receipt = feed.load(csv_drop("b", "eventId,total", ["1,6"], event_type="shop.order"))

    assert totals(feed) == {"1": 6.0}
    assert receipt.events == {"shop.order": RowCounts(parsed=1, updated=1)}


@pytest.mark.parametrize("together", [True, False])
def test_a_newer_version_without_a_value_takes_the_old_one_away(
    feed: Feed, *, together: bool
) -> None:
    feed.load(orders("a", "1 10 5"))
    newer = orders("b", "1 11", header="eventId,processedDate")

    feed.load(newer, *([orders("c", "2 11 9")] if together else []))

    assert totals(feed)["1"] is None


def test_a_version_that_does_not_fit_keeps_its_text(feed: Feed) -> None:
    feed.load(orders("a", "1 10 ", "2 10 5"))

    receipt = feed.load(orders("b", "1 11 much", "2 11 much"))

    assert totals(feed) == {"1": None, "2": None}
    assert {row["_rescued"] for row in feed.rows("shop_order")} == {'{"total":"much"}'}
    assert receipt.events == {"shop.order": RowCounts(parsed=2, updated=2)}


def test_a_new_column_comes_with_the_newer_version(feed: Feed) -> None:
    feed.load(orders("a", "1 10 5"))

    receipt = feed.load(orders("b", "1 11 5 gift", header="eventId,processedDate,total,wrapping"))

    (row,) = feed.rows("shop_order")
    assert (row["total"], row["wrapping"], row["_schema_version"]) == (5.0, "gift", "1-0-1")
    assert receipt.columns_added == {"shop_order": ("wrapping",)}


def test_rows_without_an_id_are_facts_here_too(feed: Feed) -> None:
    drop = orders("a", " 10 5", " 10 5", " 11 5", " 10 6")
    feed.load(drop)

    receipt = feed.load(drop.renamed("b"))

    assert len(feed.rows("shop_order")) == 4
    assert receipt.events == {"shop.order": RowCounts(parsed=4, identical=4)}


@pytest.mark.parametrize(
    "order",
    [
        "abc",
        "cba",
        "bac",
        *(pytest.param(order, marks=pytest.mark.long) for order in ("acb", "bca", "cab")),
    ],
)
def test_the_order_of_drops_and_batches_makes_no_difference(
    feed: Feed, another_place: WarehouseRig, order: str, tmp_path: Path
) -> None:
    drops = {
        "a": orders("a", "1 10 5", "2 12 7", "3  1", "4 10 1", "5  1"),
        "b": orders("b", "1 11 6", "2 11 6", "3 10 2", "4 10 2", "5  2", "6 10 2", "6 10 1"),
        "c": orders("c", "1 12 5", "2 10 5", "3 9 3", "4 9 7"),
    }
    other = Feed(another_place, tmp_path, schemas=tmp_path / "schemas")

    feed.load(*drops.values())
    for key in order:
        other.load(drops[key])

    newest = {"1": 5.0, "2": 7.0, "3": 2.0, "4": 2.0, "5": 2.0, "6": 1.0}
    assert totals(feed) == totals(other) == newest
    assert there(feed) == told(feed)
    assert there(other) == told(other)
    assert feed.undo_all().removed == other.undo_all().removed == len(newest)


# -- what was replaced ---------------------------------------------------------------------------


def test_rows_that_newer_ones_replaced_are_traced(feed: Feed) -> None:
    feed.load(orders("a", "7 10 1", "1 10 5"))
    feed.load(orders("bb", "1 11 5 gift", header="eventId,processedDate,total,note"))
    feed.load(orders("ccc", "1 12 6 gift x", header="eventId,processedDate,total,note,wrapping"))
    keys = {row["drop_id"]: key for key, row in feed.ledger().items()}

    trace = feed.rig.warehouse.trace("1")

    (row,) = trace.rows
    assert (keys[row.drop_id], row.row, row.schema_version) == ("ccc", 1, "1-0-1")
    assert {
        (keys[one.drop_id], one.row, one.fate, one.field, one.schema_version, one.table)
        for one in trace.duplicates
    } == {
        ("a", 2, "replaced", "note", "1-0-0", "shop_order"),
        ("bb", 1, "replaced", "total", "1-0-0", "shop_order"),
    }
    assert there(feed) == told(feed)


def test_a_batch_that_is_loaded_twice_notes_what_it_replaced_once(feed: Feed) -> None:
    older, newer = orders("a", "1 10 5", "2 10 7"), orders("bb", "1 11 6")
    feed.load(older)
    feed.load(newer)
    before = feed.everything()

    feed.load(newer)
    again = feed.everything()
    feed.load(older)

    assert again["_firehose_duplicates"] == before["_firehose_duplicates"]
    assert [row["fate"] for row in feed.rows("_firehose_duplicates")] == ["superseded"]
    assert totals(feed) == {"1": 6.0, "2": 7.0}


# -- keys of several columns ---------------------------------------------------------------------


def test_a_key_of_several_columns_needs_all_of_them(place: WarehouseRig, tmp_path: Path) -> None:
    keyed = {**a_document(), "x-key": ["event_id", "event_date"]}
    write(tmp_path / "schemas", keyed)
    feed = Feed(place, tmp_path, schemas=tmp_path / "schemas")
    rows: list[Row] = [
        {"eventId": "A", "eventDate": "2026-01-05T10:00:00Z", "total": 1},
        {"eventId": "A", "eventDate": "2026-01-05 12:00+02:00", "total": 1},
        {"eventId": "A", "eventDate": "2026-01-05T10:00:01Z", "total": 1},
        {"eventId": None, "eventDate": "2026-01-05T10:00:01Z", "total": 1},
        {"eventId": "A", "eventDate": None, "total": 1},
        {"eventId": "A", "eventDate": None, "total": 1},
    ]

    receipt = feed.load(json_drop("a", rows, event_type="shop.order"))

    assert receipt.events == {"shop.order": RowCounts(parsed=6, inserted=5, identical=1)}


def test_ids_are_compared_as_ids_in_a_key_of_several_columns(
    place: WarehouseRig, tmp_path: Path
) -> None:
    write(tmp_path / "schemas", {**a_document(), "x-key": ["event_id", "total"]})
    feed = Feed(place, tmp_path, schemas=tmp_path / "schemas")
    spelled = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
    rows = [f"{spelled},5", f"{{{spelled.upper()}}},5.0", f"{spelled},6"]

    receipt = feed.load(csv_drop("a", "eventId,total", rows, event_type="shop.order"))

    assert receipt.events == {"shop.order": RowCounts(parsed=3, inserted=2, identical=1)}
