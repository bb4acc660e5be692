"""Several versions of an event type in one warehouse: additions, revisions and models."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from firehose_loader.errors import SchemaError
from firehose_loader.model import RowCounts
from firehose_loader.schema.model import FieldType
from tests.feed import Feed, Given, csv_drop, json_drop
from tests.rigs.warehouses import WarehouseRig
from tests.schema_documents import VERSIONS

DATE = "2026-01-05T10:00:00Z"


def at(rig: WarehouseRig, folder: Path, *versions: str) -> Feed:
    """Return a feed whose schemas are these versions, such as ``shop.order/1-0-0``."""
    schemas = folder / "-".join(versions).replace("/", "-")
    for version in versions:
        path = schemas / f"{version}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(VERSIONS / f"{version}.json", path)
    return Feed(rig, folder, schemas=schemas)


def orders(key: str, header: str, *rows: str) -> Given:
    return csv_drop(key, header, rows, event_type="shop.order")


def test_one_table_holds_rows_of_several_versions(place: WarehouseRig, tmp_path: Path) -> None:
    first = orders("a", "eventId,eventDate,total,placedOn", f"1,{DATE},7,2026-01-05")
    second = orders("b", "eventId,eventDate,total,currency", f"2,{DATE},8,EUR")
    third = orders(
        "c", "eventId,eventDate,orderTotal,placedOn", f"3,{DATE},9.5,2026-01-06T08:30:00Z"
    )
    late = orders("d", "eventId,eventDate,total,placedOn", f"4,{DATE},10,2026-01-07")

    at(place, tmp_path, "shop.order/1-0-0").load(first)
    added = at(place, tmp_path, "shop.order/1-0-0", "shop.order/1-0-1").load(second)
    feed = at(place, tmp_path, "shop.order/1-0-0", "shop.order/1-0-1", "shop.order/1-1-0")
    widened = feed.load(third)
    feed.load(late)

    assert added.columns_added == {"shop_order": ("currency",)}
    assert widened.columns_widened == {"shop_order": ("total", "placed_on")}
    assert {
        row["event_id"]: (row["total"], str(row["placed_on"]), row["currency"])
        for row in feed.rows("shop_order")
    } == {
        "1": (7.0, "2026-01-05 00:00:00", None),
        "2": (8.0, "None", "EUR"),
        "3": (9.5, "2026-01-06 08:30:00", None),
        "4": (10.0, "2026-01-07 00:00:00", None),
    }
    assert place.warehouse.columns("shop_order")["total"] is FieldType.NUMBER
    versions = {row["event_id"]: row["_schema_version"] for row in feed.rows("shop_order")}
    assert (
        versions.items()
        >= {
            "1": "1-0-0",
            "2": "1-0-1",
            "3": "1-1-0",
        }.items()
    )
    assert feed.undo_all().removed == 4
    assert feed.quarantine() == []


def test_what_was_loaded_before_its_column_was_widened_is_known_again(
    place: WarehouseRig, tmp_path: Path
) -> None:
    """Rows without an id are known by their content, which a wider type must not change."""
    rows = ("7,2026-01-05,anna@example.com", "8,2026-01-06,", "8,2026-01-06,")
    drop = orders("a", "total,placedOn,email", *rows)
    at(place, tmp_path, "shop.order/1-0-0").load(drop)

    feed = at(place, tmp_path, "shop.order/1-0-0", "shop.order/1-0-1", "shop.order/1-1-0")
    new = orders("b", "eventId,total", "1,1.5")
    feed.load(new)
    again = feed.load(drop.renamed("sent again"))

    assert again.events == {"shop.order": RowCounts(parsed=3, identical=3)}
    assert len(feed.rows("shop_order")) == 4


def test_a_new_version_on_file_takes_over_a_field_that_had_a_column_of_its_own(
    place: WarehouseRig, tmp_path: Path
) -> None:
    """The feed renames a field; whoever reviews that leads it to the old column."""
    before = orders("a", "eventId,total", "1,7")
    renamed = orders("b", "eventId,orderTotal", "2,8")
    later = orders("c", "eventId,orderTotal", "3,9")
    feed = at(place, tmp_path, "shop.order/1-0-0")
    feed.load(before)
    feed.load(renamed)

    reviewed = at(place, tmp_path, "shop.order/1-0-0", "shop.order/1-0-1", "shop.order/1-1-0")
    reviewed.load(later)
    again = reviewed.load(renamed.renamed("sent again"))

    rows = {row["event_id"]: row for row in reviewed.rows("shop_order")}
    assert {name: (row["total"], row["order_total"]) for name, row in rows.items()} == {
        "1": (7.0, None),
        "2": (None, "8"),
        "3": (9.0, None),
    }
    assert again.events == {"shop.order": RowCounts(parsed=1, identical=1)}
    assert rows["3"]["_schema_version"] == "1-1-0"


def test_numbers_and_flags_may_become_text(place: WarehouseRig, tmp_path: Path) -> None:
    one = json_drop("a", [{"eventId": "1", "points": 12, "vip": True}], event_type="loyalty.earn")
    two = json_drop(
        "b", [{"eventId": "2", "points": "a dozen", "tier": "gold"}], event_type="loyalty.earn"
    )
    at(place, tmp_path, "loyalty.earn/1-0-0").load(one)

    feed = at(place, tmp_path, "loyalty.earn/1-0-0", "loyalty.earn/1-1-0", "loyalty.earn/1-1-1")
    feed.load(two)
    again = feed.load(one.renamed("sent again"))

    assert feed.events("loyalty_earn") == [
        {"event_id": "1", "event_type": "loyalty.earn", "points": "12", "vip": "true"},
        {"event_id": "2", "event_type": "loyalty.earn", "points": "a dozen", "vip": "gold"},
    ]
    assert again.events == {"loyalty.earn": RowCounts(parsed=1, identical=1)}


def test_a_new_model_has_a_table_of_its_own(place: WarehouseRig, tmp_path: Path) -> None:
    one = csv_drop("a", "eventId,rating", ["1,good"], event_type="shop.review")
    two = csv_drop("b", "eventId,rating,photos", ["2,5,[1]"], event_type="shop.review")
    at(place, tmp_path, "shop.review/1-0-0").load(one)

    feed = at(place, tmp_path, "shop.review/1-0-0", "shop.review/2-0-0")
    feed.load(two)

    assert [row["rating"] for row in feed.rows("shop_review")] == ["good"]
    assert [row["rating"] for row in feed.rows("shop_review_2")] == [5]
    both = place.execute("SELECT event_id FROM {schema}.events ORDER BY event_id")
    assert [row["event_id"] for row in both] == ["1", "2"]


def test_a_column_is_not_widened_where_that_would_change_a_value(
    place: WarehouseRig, tmp_path: Path
) -> None:
    """A double holds whole numbers exactly up to 2^53 only."""
    feed = at(place, tmp_path, "shop.order/1-0-0")
    feed.load(orders("a", "eventId,total", f"1,{2**53}", f"2,{2**53 + 1}"))
    before = feed.everything()

    later = at(place, tmp_path, "shop.order/1-0-0", "shop.order/1-1-0")
    with pytest.raises(SchemaError, match=r"1 values in .* not the same as a number") as refused:
        later.load(orders("b", "eventId,total", "3,1.5"))

    assert "make it text, or raise the model" in str(refused.value)
    assert later.everything() == before


def test_a_column_never_becomes_narrower(place: WarehouseRig, tmp_path: Path) -> None:
    feed = at(place, tmp_path, "shop.order/1-1-0")
    feed.load(orders("a", "eventId,total", "1,1.5"))

    older = at(place, tmp_path, "shop.order/1-0-0")
    with pytest.raises(SchemaError, match=r"has total as integer, the table .* has it as number"):
        older.load(orders("b", "eventId,total", "2,7"))

    assert [row["total"] for row in feed.rows("shop_order")] == [1.5]
