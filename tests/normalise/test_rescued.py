"""Aliases that meet and values that do not fit: no text is lost."""

from __future__ import annotations

import json

import pytest

from firehose_loader.model import RowCounts
from tests.feed import Feed, csv_drop, json_drop
from tests.rigs.warehouses import Row

BASE: Row = {"eventId": "1", "eventType": "emailOpen", "eventDate": "2026-01-05T10:00:00Z"}


def split(event: Row) -> tuple[Row, Row]:
    """Return what an event has more than all of them, and what is rescued of it."""
    rescued: Row = json.loads(str(event.get("_rescued", "{}")))
    usual = {"event_id", "event_type", "event_date", "_rescued"}
    return {name: value for name, value in event.items() if name not in usual}, rescued


CASES: dict[str, tuple[Row, Row, Row]] = {
    "a value that does not fit": (
        {"campaignId": "seven"},
        {},
        {"campaignId": "seven"},
    ),
    "its spelling is kept": ({"CAMPAIGN_ID": "seven"}, {}, {"CAMPAIGN_ID": "seven"}),
    "two that do not fit": (
        {"campaignId": "x", "isHtml": "maybe"},
        {},
        {"campaignId": "x", "isHtml": "maybe"},
    ),
    "an alias that differs": (
        {"accountId": 7, "userAccountId": 8},
        {"account_id": 7},
        {"userAccountId": "8"},
    ),
    "an alias that says the same": (
        {"accountId": 7, "userAccountId": "7.0"},
        {"account_id": 7},
        {},
    ),
    "an alias alone": ({"userAccountId": 8}, {"account_id": 8}, {}),
    "an alias alone that does not fit": ({"userAccountId": "x"}, {}, {"userAccountId": "x"}),
    "an alias that does not fit": (
        {"accountId": 7, "userAccountId": "x"},
        {"account_id": 7},
        {"userAccountId": "x"},
    ),
    "a value that does not fit beside an alias that would": (
        {"accountId": "x", "userAccountId": 8},
        {},
        {"accountId": "x", "userAccountId": "8"},
    ),
    "neither fits": (
        {"accountId": "x", "userAccountId": "y"},
        {},
        {"accountId": "x", "userAccountId": "y"},
    ),
    "an empty field before its alias": (
        {"accountId": "", "userAccountId": 8},
        {"account_id": 8},
        {},
    ),
    "the first alias in the stated order fills the column": (
        {"contactEmail": "b@x.org", "emailAddress": "a@x.org"},
        {"email": "a@x.org"},
        {"contactEmail": "b@x.org"},
    ),
    "three spellings": (
        {"email": "a@x.org", "contactEmail": "b@x.org", "emailAddress": "a@x.org"},
        {"email": "a@x.org"},
        {"contactEmail": "b@x.org"},
    ),
    "another time zone is no difference": (
        {"timeStamp": "2026-01-05T12:00:00+02:00"},
        {},
        {},
    ),
    "another time is": (
        {"timeStamp": "2026-01-05T10:00:01Z"},
        {},
        {"timeStamp": "2026-01-05T10:00:01Z"},
    ),
    "names and texts that JSON must escape": (
        {"campaign id": 'a "b"\n\\ü\x00', "campaignId": "~/"},
        {},
        {"campaign id": 'a "b"\n\\ü\x00', "campaignId": "~/"},
    ),
}


def test_what_no_column_shows_is_rescued(feed: Feed) -> None:
    """All cases stand in one drop: what one row spells is nothing to the others."""
    rows = [{**BASE, "eventId": name, **fields} for name, (fields, _, _) in CASES.items()]

    receipt = feed.load(json_drop("a", rows))

    count = RowCounts(parsed=len(CASES), inserted=len(CASES))
    assert receipt.events == {"email.open": count}
    shown = {str(event["event_id"]): split(event) for event in feed.events()}
    assert shown == {name: (more, rescued) for name, (_, more, rescued) in CASES.items()}


@pytest.mark.parametrize(("fields", "more", "rescued"), CASES.values(), ids=CASES.keys())
def test_an_event_without_an_id_is_the_same_event_beside_other_drops(
    feed: Feed, fields: Row, more: Row, rescued: Row
) -> None:
    """Which fields the batch has must not make a difference to what a row is."""
    event = {name: value for name, value in {**BASE, **fields}.items() if name != "eventId"}
    every_alias = csv_drop(
        "other",
        "eventId,eventType,accountId,userAccountId,emailAddress,contactEmail,timeStamp,campaign id",
        ["9,emailOpen,1,2,a,b,2026-01-01,3"],
    )
    feed.load(json_drop("a", [event]))
    before = feed.events()

    again = feed.load(json_drop("b", [event]), every_alias)

    assert again.events == {"email.open": RowCounts(parsed=2, inserted=1, identical=1)}
    assert [one for one in feed.events() if one.get("event_id") != "9"] == before
    assert split(before[0]) == (more, rescued)
