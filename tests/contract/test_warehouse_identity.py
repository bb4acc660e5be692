"""What makes two rows one event, and what becomes of the second one if it says something else."""

from __future__ import annotations

import pytest

from firehose_loader.model import RowCounts
from tests.feed import Feed, Given, csv_drop, json_drop
from tests.rigs.warehouses import Row

HEADER = "eventId,eventType,eventDate,campaignName"
DATE = "2026-01-05T10:00:00Z"
UUID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
NIL = "00000000-0000-0000-0000-000000000000"


def opens(key: str, *rows: str) -> Given:
    """Return a drop of opens: event id and campaign name, joined by a colon."""
    cells = [row.split(":") for row in rows]
    return csv_drop(key, HEADER, [[event, "emailOpen", DATE, name] for event, name in cells])


def names(feed: Feed) -> list[str]:
    """Return the campaign names in the table, sorted."""
    return sorted(str(row["campaign_name"]) for row in feed.rows())


# -- ids -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spelling",
    [
        UUID.upper(),
        f"{{{UUID}}}",
        f"{{{UUID.upper()}}}",
        UUID.replace("-", ""),
        f" {UUID}",
        f"{UUID} ",
    ],
)
def test_an_id_in_another_spelling_names_the_same_event(feed: Feed, spelling: str) -> None:
    feed.load(opens("a", f"{UUID}:x"))

    receipt = feed.load(opens("b", f"{spelling}:x"))

    assert receipt.events == {"email.open": RowCounts(parsed=1, identical=1)}


@pytest.mark.parametrize(
    "nothing",
    ["", " ", "null", "NULL", "Null", NIL, f"{{{NIL}}}", NIL.replace("-", ""), f" {NIL} "],
)
def test_what_stands_for_no_id_names_no_event(feed: Feed, nothing: str) -> None:
    receipt = feed.load(opens("a", f"{nothing}:x", f"{nothing}:y", f"{nothing}:y"))

    assert receipt.events == {"email.open": RowCounts(parsed=3, inserted=3)}
    assert names(feed) == ["x", "y", "y"]


def test_ids_that_are_no_uuids_name_events_too_and_case_matters(feed: Feed) -> None:
    receipt = feed.load(opens("a", "abc:1", "ABC:2", "0:3", "00:4", "ü:5", "abc:1"))

    assert receipt.events == {"email.open": RowCounts(parsed=6, inserted=5, identical=1)}


def test_one_id_in_two_event_types_names_two_events(feed: Feed) -> None:
    rows = [f"1,emailOpen,{DATE},x", f"1,emailClick,{DATE},x", f"1,weird,{DATE},x"]

    receipt = feed.load(csv_drop("a", HEADER, rows))

    assert {name: counts.inserted for name, counts in receipt.events.items()} == {
        "email.open": 1,
        "email.click": 1,
        "unknown": 1,
    }


def test_a_number_is_the_same_id_as_its_text(feed: Feed) -> None:
    feed.load(opens("a", "12345678901234567890:x"))

    receipt = feed.load(json_drop("b", ['{"id": 12345678901234567890, "type": "emailOpen"}']))

    assert receipt.events == {"email.open": RowCounts(parsed=1, identical=1)}


# -- conflicts -----------------------------------------------------------------------------------


def test_a_conflict_goes_to_quarantine_and_the_first_stays(feed: Feed) -> None:
    feed.load(opens("a", "1:first"))
    before = feed.rows()

    receipt = feed.load(opens("b", "2:fine", "1:second"))

    (row,) = feed.quarantine()
    assert receipt.events == {"email.open": RowCounts(parsed=2, inserted=1, conflicting=1)}
    assert [one for one in feed.rows() if one["event_id"] == "1"] == before
    assert (row["key"], row["row_no"], row["line"]) == ("b", 2, 3)
    assert (row["reason"], row["field"], row["event_type"]) == (
        "conflict",
        "campaignName",
        "email.open",
    )
    assert row["raw"] == f"1,emailOpen,{DATE},second"
    assert row["run_id"] == "run"
    assert "campaignName" in str(row["message"])


CONFLICTS = {
    "another number": ("campaignId", 7, 8),
    "another time": ("eventDate", DATE, "2026-01-05T10:00:01Z"),
    "another boolean": ("isHtml", True, False),
    "another object": ("place", {"a": 1, "b": 2}, {"a": 1, "b": 3}),
    "an array and an object": ("place", [1], {"a": 1}),
    "another value of a field that no version knew": ("shoeSize", "44", "45"),
    "another text in capitals": ("email", "a@x.org", "A@x.org"),
}


@pytest.mark.parametrize(("field", "first", "second"), CONFLICTS.values(), ids=CONFLICTS.keys())
@pytest.mark.parametrize("batches", [1, 2])
def test_another_value_is_a_conflict(
    feed: Feed, field: str, first: object, second: object, batches: int
) -> None:
    base = {"eventId": "1", "eventType": "emailOpen", "eventDate": DATE}
    drops = [
        json_drop(key, [{**base, field: value}]) for key, value in (("a", first), ("b", second))
    ]

    for batch in [drops] if batches == 1 else [[drop] for drop in drops]:
        feed.load(*batch)

    (row,) = feed.quarantine()
    assert (row["key"], row["reason"], row["field"]) == ("b", "conflict", field)
    assert len(feed.rows()) == 1


NO_CONFLICTS: dict[str, tuple[Row, Row]] = {
    "a field that the first lacks": ({}, {"campaignName": "x"}),
    "a field that the second lacks": ({"campaignName": "x"}, {"campaignName": ""}),
    "a column that only one drop has": ({"newField": "x"}, {}),
    "when it was processed": (
        {"processedDate": "2026-01-06T00:00:00Z"},
        {"processedDate": "2026-01-07T00:00:00Z"},
    ),
    "the time zone": ({}, {"eventDate": "2026-01-05T11:00:00+01:00"}),
    "decimals of the time": ({}, {"eventDate": "2026-01-05T10:00:00.000Z"}),
    "the spelling of a number": ({"campaignId": 7}, {"campaignId": "+7.0"}),
    "the spelling of a boolean": ({"isHtml": True}, {"isHtml": "TRUE"}),
    "space in an object": ({"place": {"a": 1}}, {"place": '{ "a" : 1 }'}),
    "a member that only one object has": (
        {"place": {"a": 1, "b": None}},
        {"place": {"a": 1, "c": 2}},
    ),
    "the spelling of a field": ({"campaignName": "x"}, {"CAMPAIGN-NAME": "x"}),
    "an alias of a field": ({}, {"eventDate": None, "timeStamp": DATE}),
    "an alias that differs, delivered later": ({}, {"timeStamp": "2026-01-05T10:00:09Z"}),
    "a misfit that the other lacks": ({"campaignId": "no"}, {}),
    "the spelling of the event type": ({}, {"eventType": "EMAIL_OPEN"}),
}


@pytest.mark.parametrize(("first", "second"), NO_CONFLICTS.values(), ids=NO_CONFLICTS.keys())
@pytest.mark.parametrize("batches", [1, 2])
def test_what_tells_of_the_delivery_alone_is_no_conflict(
    feed: Feed, first: Row, second: Row, batches: int
) -> None:
    base = {"eventId": "1", "eventType": "emailOpen", "eventDate": DATE}
    drops = [json_drop(key, [{**base, **more}]) for key, more in (("a", first), ("b", second))]

    receipts = [feed.load(*drops)] if batches == 1 else [feed.load(drop) for drop in drops]

    assert feed.quarantine() == []
    assert receipts[-1].events["email.open"].identical == 1
    assert len(feed.rows()) == 1
