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


def test_an_id_in_another_spelling_names_the_same_event(feed: Feed) -> None:
    spellings = [
        UUID.upper(),
        f"{{{UUID}}}",
        f"{{{UUID.upper()}}}",
        UUID.replace("-", ""),
        f" {UUID}",
        f"{UUID} ",
    ]
    feed.load(opens("a", f"{UUID}:x"))

    receipt = feed.load(opens("b", *(f"{spelling}:x" for spelling in spellings)))

    assert receipt.events == {"email.open": RowCounts(parsed=6, identical=6)}


def test_what_stands_for_no_id_names_no_event(feed: Feed) -> None:
    nothings = [
        "",
        " ",
        "null",
        "NULL",
        "Null",
        NIL,
        f"{{{NIL}}}",
        NIL.replace("-", ""),
        f" {NIL} ",
    ]
    campaigns = [f"{number}{more}" for number in range(len(nothings)) for more in "xyy"]

    receipt = feed.load(opens("a", *(f"{nothings[int(name[0])]}:{name}" for name in campaigns)))

    assert receipt.events == {"email.open": RowCounts(parsed=27, inserted=27)}
    assert names(feed) == campaigns


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


@pytest.mark.parametrize("batches", [1, 2])
def test_another_value_is_a_conflict(feed: Feed, batches: int) -> None:
    base = {"eventType": "emailOpen", "eventDate": DATE}
    drops = [
        json_drop(
            key,
            [
                {**base, "eventId": name, field[0]: field[1 + at]}
                for name, field in CONFLICTS.items()
            ],
        )
        for at, key in enumerate("ab")
    ]

    for batch in [drops] if batches == 1 else [[drop] for drop in drops]:
        feed.load(*batch)

    assert [(row["key"], row["reason"], row["field"]) for row in feed.quarantine()] == [
        ("b", "conflict", field) for field, _, _ in CONFLICTS.values()
    ]
    assert len(feed.rows()) == len(CONFLICTS)


OF_ROWS: dict[str, tuple[Row, Row]] = {
    "a field that the first lacks": ({}, {"campaignName": "x"}),
    "a field that the second lacks": ({"campaignName": "x"}, {"campaignName": ""}),
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
    "a misfit that the other lacks": ({"campaignId": "no"}, {}),
    "the spelling of the event type": ({}, {"eventType": "EMAIL_OPEN"}),
}
"""What rows may differ in; they stand side by side in one drop."""
OF_DROPS: dict[str, tuple[Row, Row]] = {
    "a column that only one drop has": ({"newField": "x"}, {}),
    "the spelling of a field": ({"campaignName": "x"}, {"CAMPAIGN-NAME": "x"}),
    "an alias of a field": ({}, {"eventDate": None, "timeStamp": DATE}),
    "an alias that differs, delivered later": ({}, {"timeStamp": "2026-01-05T10:00:09Z"}),
}
"""What drops may differ in: the names of their fields."""


@pytest.mark.parametrize(
    "differing",
    [OF_ROWS, *({name: pair} for name, pair in OF_DROPS.items())],
    ids=["rows", *OF_DROPS],
)
@pytest.mark.parametrize("batches", [1, 2])
def test_what_tells_of_the_delivery_alone_is_no_conflict(
    feed: Feed, differing: dict[str, tuple[Row, Row]], batches: int
) -> None:
    base = {"eventType": "emailOpen", "eventDate": DATE}
    drops = [
        json_drop(key, [{**base, "eventId": name, **pair[at]} for name, pair in differing.items()])
        for at, key in enumerate("ab")
    ]

    receipts = [feed.load(*drops)] if batches == 1 else [feed.load(drop) for drop in drops]

    assert feed.quarantine() == []
    assert receipts[-1].events["email.open"].identical == len(differing)
    assert len(feed.rows()) == len(differing)
