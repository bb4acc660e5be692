"""What every warehouse does with rows that are only landed: it keeps each as it came, once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from firehose_loader.aftercare.forgetting import Identifier
from firehose_loader.history import DropFilter
from firehose_loader.model import RowCounts
from firehose_loader.privacy import PiiClass
from firehose_loader.privacy.retention import NO_TYPE, Expiry, Limit
from tests.contract.test_warehouse_forget import forget
from tests.feed import FIRST_MODIFIED, Feed, csv_drop, json_drop

DATE = "2026-01-05T10:00:00Z"
OPENS = csv_drop(
    "a",
    "eventId,eventType,eventDate,email,campaignId",
    [f"1,emailOpen,{DATE},jo@x.org,7", f"1,emailOpen,{DATE},jo@x.org,7", "2,emailOpen,never,,x7"],
)
OTHERS = json_drop(
    "bb",
    [
        {"eventId": "3", "eventType": "email.click", "email": "al@x.org", "data": {"n": "1"}},
        {"what": "ever"},
    ],
)


@pytest.fixture
def landed(feed: Feed) -> Feed:
    feed.lands = True
    feed.load(OPENS, OTHERS)
    return feed


def rows(feed: Feed) -> list[tuple[object, dict[str, Any]]]:
    """Return event type and text of every row, in order of drop and row."""
    keys = {row["drop_id"]: key for key, row in feed.ledger().items()}
    found = sorted(
        feed.rows("landed_rows"), key=lambda row: (keys[row["_drop_id"]], int(str(row["_row"])))
    )
    return [(row["event_type"], json.loads(str(row["_rescued"]))) for row in found]


def test_every_row_is_there_as_it_came_and_counted_by_its_event_type(feed: Feed) -> None:
    feed.lands = True

    receipt = feed.load(OPENS, OTHERS)

    assert receipt.events == {
        "email.open": RowCounts(parsed=3, inserted=3),
        "email.click": RowCounts(parsed=1, inserted=1),
        "unknown": RowCounts(parsed=1, inserted=1),
    }
    first = {
        "eventId": "1",
        "eventType": "emailOpen",
        "eventDate": DATE,
        "email": "jo@x.org",
        "campaignId": "7",
    }
    assert rows(feed) == [
        ("email.open", first),
        ("email.open", first),
        (
            "email.open",
            {"eventId": "2", "eventType": "emailOpen", "eventDate": "never", "campaignId": "x7"},
        ),
        (
            "email.click",
            {"eventId": "3", "eventType": "email.click", "email": "al@x.org", "data.n": "1"},
        ),
        ("unknown", {"what": "ever"}),
    ]
    assert {name for name in feed.rig.tables() if not name.startswith("_")} == {"landed_rows"}
    assert feed.undo_all().removed == 5


def test_landed_rows_are_taken_out_forgotten_and_expired_as_events_are(landed: Feed) -> None:
    report = forget(landed, Identifier(PiiClass.EMAIL, "jo@x.org"))

    assert report.receipt.events == 2
    assert [one.get("eventId") for _, one in rows(landed)] == ["2", "3", None]

    warehouse = landed.rig.warehouse
    warehouse.undo(warehouse.drops(DropFilter(drop="bb")), preview=False)
    assert [one.get("eventId") for _, one in rows(landed)] == ["2"]

    kept_from = FIRST_MODIFIED.replace(tzinfo=None) + timedelta(days=1)
    expiry = Expiry(
        limits=[Limit("s", NO_TYPE, kept_from, chosen=True)], event_times={}, most_rows=100
    )
    receipts = list(warehouse.expire(expiry, run_id="expire", preview=False))
    assert sum(one.events for one in receipts) == 1
    assert rows(landed) == []
    assert landed.ledger()["a"]["rows_expired"] == 1


def test_rows_that_were_landed_are_merged_once_they_are_loaded_as_events(landed: Feed) -> None:
    warehouse = landed.rig.warehouse
    landed.lands = False
    drops = warehouse.drops(DropFilter())

    warehouse.undo(drops, preview=False)
    receipt = landed.load(OTHERS)

    assert rows(landed) == []
    assert receipt.events["email.click"] == RowCounts(parsed=1, inserted=1)
    assert [row["event_id"] for row in landed.events("email_click")] == ["3"]
