"""A feed that sends two models of one event type at once: each row goes to its own table."""

from __future__ import annotations

from pathlib import Path

import pytest

from firehose_loader.model import RowCounts
from tests.feed import Feed, Given, csv_drop, json_drop
from tests.rigs.warehouses import Row, WarehouseRig
from tests.schema_documents import VERSIONS

WORDS: list[Row] = [
    {"eventId": "a", "eventType": "shop.review", "sku": "1", "rating": "good"},
    {"eventId": "b", "eventType": "shop.review", "sku": "2", "rating": "bad", "mood": "x"},
]
STARS: list[Row] = [
    {"eventId": "c", "eventType": "shop.review", "sku": "3", "rating": 5, "photos": [1]},
    {"eventId": "d", "eventType": "shop.review", "sku": "4", "rating": "3"},
    {"eventId": "e", "eventType": "shop.review", "sku": "5"},
]


@pytest.fixture
def feed(place: WarehouseRig, tmp_path: Path) -> Feed:
    return Feed(place, tmp_path, schemas=VERSIONS)


def ids(feed: Feed, table: str) -> dict[str, object]:
    return {str(row["event_id"]): row.get("rating") for row in feed.events(table)}


def csv_of(key: str, rows: list[Row]) -> Given:
    header = list(dict.fromkeys(name for row in rows for name in row))
    return csv_drop(key, header, [[row.get(name, "") for name in header] for row in rows])


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize("split", [True, False])
def test_each_row_has_the_newest_model_that_fits_it(feed: Feed, form: str, *, split: bool) -> None:
    write = csv_of if form == "csv" else json_drop
    drops = [write("w", WORDS), write("s", STARS)] if split else [write("a", [*WORDS, *STARS])]

    receipt = feed.load(*drops)

    assert receipt.events == {"shop.review": RowCounts(parsed=5, inserted=5)}
    assert ids(feed, "shop_review") == {"a": "good", "b": "bad"}
    assert ids(feed, "shop_review_2") == {"c": 5, "d": 3, "e": None}
    assert {row["_schema_version"] for row in feed.rows("shop_review_2")} == {"2-0-0"}
    assert not feed.quarantine()
    assert not any("_rescued" in row for row in feed.events("shop_review"))


def test_they_are_the_same_events_when_they_come_again(feed: Feed) -> None:
    feed.load(json_drop("a", [*WORDS, *STARS]))
    before = feed.all_events()

    again = feed.load(csv_of("b", [*STARS, *WORDS]))

    assert again.events == {"shop.review": RowCounts(parsed=5, identical=5)}
    assert feed.all_events() == before


def test_an_older_model_grows_on_its_own(feed: Feed) -> None:
    feed.load(json_drop("a", [*WORDS, *STARS, {**STARS[0], "eventId": "f", "mood": "y"}]))

    assert [row.get("mood") for row in feed.events("shop_review")] == [None, "x"]
    assert [row.get("mood") for row in feed.events("shop_review_2")] == [None, None, None, "y"]
    assert sorted(str(one.version) for one in feed.rig.warehouse.additions()) == ["1-0-1", "2-0-1"]


def test_a_row_without_a_type_of_its_own_is_split_as_well(feed: Feed) -> None:
    rows = [{**row, "eventType": ""} for row in (*WORDS, *STARS)]

    feed.load(json_drop("a", rows, event_type="shop.review"))

    assert sorted(ids(feed, "shop_review")) == ["a", "b"]
    assert sorted(ids(feed, "shop_review_2")) == ["c", "d", "e"]
