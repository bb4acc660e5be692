"""What every warehouse makes of events: each one once, whatever way it comes, and none lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from firehose_loader.model import Content, Format, Reason, Rejection, RowCounts
from firehose_loader.normalise import DropTypes
from tests.feed import Feed, Given, csv_drop, empty_drop, json_drop
from tests.rigs.warehouses import WAREHOUSES, Row, WarehouseRig

HEADER = "eventId,eventType,eventDate,campaignName"
DATE = "2026-01-05T10:00:00Z"


def opens(key: str, *rows: str) -> Given:
    """Return a drop of opens: event id and campaign name, joined by a colon."""
    cells = [row.split(":") for row in rows]
    return csv_drop(key, HEADER, [[event, "emailOpen", DATE, name] for event, name in cells])


def names(feed: Feed) -> list[str]:
    """Return the campaign names in the table, sorted."""
    return sorted(str(row["campaign_name"]) for row in feed.rows())


# -- the same again ------------------------------------------------------------------------------


def test_the_same_drop_twice_changes_nothing(feed: Feed) -> None:
    drop = opens("a", "1:one", "2:two")
    feed.load(drop)
    before = feed.rows()

    receipt = feed.load(drop)

    assert feed.rows() == before
    assert receipt.events == {"email.open": RowCounts(parsed=2, identical=2)}


def test_the_same_rows_in_another_drop_change_nothing(feed: Feed) -> None:
    feed.load(opens("a", "1:one", "2:two"))
    before = feed.rows()

    receipt = feed.load(opens("b", "2:two", "1:one", "3:three"))

    assert [row for row in feed.rows() if row["event_id"] != "3"] == before
    assert receipt.events == {"email.open": RowCounts(parsed=3, inserted=1, identical=2)}


def test_a_drop_twice_in_one_batch_is_loaded_once(feed: Feed) -> None:
    drop = opens("a", "1:one", "2:two")

    receipt = feed.load(drop, drop.renamed("b"))

    assert names(feed) == ["one", "two"]
    assert receipt.drops[feed.drop(drop).drop_id] == RowCounts(parsed=2, inserted=2)
    assert receipt.drops[feed.drop(drop.renamed("b")).drop_id] == RowCounts(parsed=2, identical=2)


ANONYMOUS: list[Row] = [
    {"eventType": "emailOpen", "eventDate": DATE, "campaignId": 7, "isHtml": True, "extra": "x, y"},
    {"eventType": "emailOpen", "eventDate": DATE, "campaignId": 7, "isHtml": True, "extra": "x, y"},
    {"eventType": "emailOpen", "eventDate": DATE, "campaignId": "no", "extra": '{"a": 1}'},
]
"""Two equal events and another one, none of them with an id."""
COLUMNS = ("eventType", "eventDate", "campaignId", "isHtml", "extra", "email", "processedDate")


def as_csv(key: str, *columns: str, spelled: dict[str, str] | None = None) -> Given:
    """Return the anonymous events as CSV, with the columns spelled otherwise."""
    header = [(spelled or {}).get(name, name) for name in columns]
    return csv_drop(key, header, [[row.get(name) for name in columns] for row in ANONYMOUS])


def with_all(**more: object) -> list[Row]:
    return [{**row, **more} for row in ANONYMOUS]


REDELIVERIES = {
    "under another name": as_csv("b", *COLUMNS),
    "with its columns in another order": as_csv("b", *reversed(COLUMNS)),
    "with its columns spelled otherwise": as_csv(
        "b",
        *COLUMNS,
        spelled={"campaignId": "CAMPAIGN_ID", "extra": "Extra", "eventDate": "event date"},
    ),
    "without the columns that are empty": as_csv("b", *COLUMNS[:5]),
    "with an empty column more": csv_drop(
        "b", [*COLUMNS, "more"], [[row.get(c) for c in (*COLUMNS, "more")] for row in ANONYMOUS]
    ),
    "with semicolons": csv_drop(
        "b", COLUMNS, [[row.get(name) for name in COLUMNS] for row in ANONYMOUS], delimiter=";"
    ),
    "as lines of JSON": json_drop("b", ANONYMOUS),
    "as a JSON array": json_drop("b", ANONYMOUS, array=True),
    "with nulls": json_drop("b", with_all(email=None, processedDate="")),
    "with numbers and booleans as text": json_drop(
        "b", [{name: str(value) for name, value in row.items()} for row in ANONYMOUS]
    ),
    "processed at another time": json_drop("b", with_all(processedDate="2026-02-02T00:00:00Z")),
    "in another time zone": json_drop("b", with_all(eventDate="2026-01-05T12:00:00+02:00")),
    "with another spelling of the time": json_drop("b", with_all(eventDate="2026-01-05 10:00")),
    "with another spelling of the event type": json_drop("b", with_all(eventType="email_open")),
    "with the event type told by the drop": replace(
        as_csv("b", *COLUMNS[1:]), types=DropTypes(default="email.open")
    ),
    "with the event type in another column": as_csv("b", *COLUMNS, spelled={"eventType": "name"}),
}


ONE, *OTHERS = REDELIVERIES


def test_equal_rows_without_an_id_are_two_events_and_no_more_when_redelivered(feed: Feed) -> None:
    check_redelivered(feed, [ONE])


@pytest.mark.parametrize("place", WAREHOUSES, indirect=True)  # many loads, with one's statements
def test_equal_rows_that_come_again_in_other_ways_are_known(feed: Feed) -> None:
    check_redelivered(feed, OTHERS)


def check_redelivered(feed: Feed, ways: list[str]) -> None:
    feed.load(as_csv("a", *COLUMNS))
    before = feed.rows()
    assert len(before) == 3

    for way in ways:
        receipt = feed.load(REDELIVERIES[way].renamed(way))

        assert receipt.events == {"email.open": RowCounts(parsed=3, identical=3)}, way
        assert feed.rows() == before, way


@pytest.mark.parametrize("ways", [[ONE], OTHERS], ids=[ONE, "otherwise"])
def test_a_redelivery_within_the_batch_is_known_as_well(feed: Feed, ways: list[str]) -> None:
    check_within_a_batch(feed, ways)


@pytest.mark.long  # all of them beside each other are tried above
@pytest.mark.parametrize("way", OTHERS)
def test_a_redelivery_alone_within_the_batch_is_known_as_well(feed: Feed, way: str) -> None:
    check_within_a_batch(feed, [way])


def check_within_a_batch(feed: Feed, ways: list[str]) -> None:
    again = [REDELIVERIES[way].renamed(f"again {way}") for way in ways]

    receipt = feed.load(as_csv("a", *COLUMNS), *again)

    known = RowCounts(parsed=3, identical=3)
    fates = {drop.key: receipt.drops[feed.drop(drop).drop_id] for drop in again}
    assert fates == dict.fromkeys(fates, known)
    assert receipt.events == {
        "email.open": RowCounts(parsed=3 + 3 * len(ways), inserted=3, identical=3 * len(ways))
    }


def test_a_drop_rewritten_with_more_rows_adds_only_these(feed: Feed) -> None:
    first = csv_drop("a", "eventType,eventDate", [f"emailOpen,{DATE}"] * 2)
    longer = replace(csv_drop("a", "eventType,eventDate", [f"emailOpen,{DATE}"] * 3), version="2")
    feed.load(first)

    receipt = feed.load(longer)

    assert receipt.events == {"email.open": RowCounts(parsed=3, inserted=1, identical=2)}


def test_no_event_is_there_twice_when_the_ledger_is_lost(feed: Feed) -> None:
    drops = (as_csv("a", *COLUMNS), opens("b", "1:one", "1:other", ":none"), json_drop("c", [{}]))
    feed.load(*drops)
    before = feed.everything()
    feed.rig.execute("DELETE FROM {schema}._firehose_drops")

    for drop in drops:
        feed.load(drop)

    after = feed.everything()
    assert after["email_open"] == before["email_open"]
    assert after["_firehose_quarantine"] == before["_firehose_quarantine"]
    assert len(after["_firehose_drops"]) == len(before["_firehose_drops"])


# -- which of two stays --------------------------------------------------------------------------


def test_of_two_rows_of_one_event_in_a_drop_the_first_stays(feed: Feed) -> None:
    receipt = feed.load(opens("a", "1:first", "1:second"))

    assert names(feed) == ["first"]
    assert receipt.events == {"email.open": RowCounts(parsed=2, inserted=1, conflicting=1)}


def test_of_two_drops_the_older_one_wins(feed: Feed) -> None:
    feed.load(opens("newer than its name", "1:older"), opens("a", "1:newer"))

    assert names(feed) == ["older"]


@pytest.mark.parametrize("order", ["abc", "cba", "bac"])
def test_one_batch_or_several_make_no_difference(
    feed: Feed, another_place: WarehouseRig, order: str, tmp_path: Path
) -> None:
    check_the_same_in_several(feed, Feed(another_place, tmp_path), order)


@pytest.mark.long  # the orders that are left
@pytest.mark.parametrize("order", ["acb", "bca", "cab"])
def test_one_batch_or_several_make_no_difference_in_other_orders(
    feed: Feed, another_place: WarehouseRig, order: str, tmp_path: Path
) -> None:
    check_the_same_in_several(feed, Feed(another_place, tmp_path), order)


def check_the_same_in_several(feed: Feed, other: Feed, order: str) -> None:
    drops = {
        "a": opens("a", "1:a", "2:a", ":a", ":a"),
        "b": opens("b", "2:b", "3:b", ":a", ":b"),
        "c": opens("c", "3:c", "1:c", ":b", ":b"),
    }

    feed.load(*(drops[key] for key in order))
    for key in order:
        other.load(drops[key])

    assert feed.events() == other.events()
    assert [(row["_drop_id"], row["_row"]) for row in feed.rows()] == [
        (row["_drop_id"], row["_row"]) for row in other.rows()
    ]
    assert len(feed.quarantine()) == len(other.quarantine())


# -- rows explain themselves ---------------------------------------------------------------------


def test_a_row_leads_back_to_its_drop_and_line(feed: Feed) -> None:
    bad = csv_drop(
        "a", HEADER, [f"1,emailOpen,{DATE},x", "2,emailOpen,never,y", f"3,emailOpen,{DATE},z"]
    )

    feed.load(opens("b", "9:other"), bad)

    where = {row["event_id"]: (row["_drop_id"], row["_row"]) for row in feed.rows()}
    drop_id = feed.drop(bad).drop_id
    assert where["1"] == (drop_id, 1)
    assert where["3"] == (drop_id, 3)
    assert feed.ledger()["a"]["drop_id"] == drop_id
    assert {row["_schema_version"] for row in feed.rows()} == {"1-0-0"}


def test_rows_keep_their_numbers_when_the_strict_parser_reads_their_drop(feed: Feed) -> None:
    torn = replace(
        json_drop(
            "a", [{"id": "1", "type": "emailOpen"}, "{torn", {"id": "3", "type": "emailOpen"}]
        )
    )

    receipt = feed.load(json_drop("b", [{"id": "9", "type": "emailOpen"}]), torn)

    assert {(row["event_id"], row["_row"]) for row in feed.rows()} == {("9", 1), ("1", 1), ("3", 3)}
    assert receipt.drops[feed.drop(torn).drop_id] == RowCounts(parsed=3, inserted=2, quarantined=1)


def test_one_view_shows_the_events_of_all_types(feed: Feed) -> None:
    feed.load(opens("a", "1:one"))
    feed.load(
        csv_drop(
            "b",
            "eventId,eventType,eventDate,url,new",
            [f"2,emailClick,{DATE},https://x.org,n", f"3,weird,{DATE},,n"],
        )
    )

    rows = feed.rig.execute("SELECT * FROM {schema}.events ORDER BY event_id")
    assert [(row["event_id"], row["event_type"]) for row in rows] == [
        ("1", "email.open"),
        ("2", "email.click"),
        ("3", "weird"),
    ]
    assert [row["campaign_name"] for row in rows] == ["one", None, None]
    rest = json.loads(str(rows[1]["rest"]))
    assert (rest["url"], rest["new"]) == ("https://x.org", "n")
    assert {row["_drop_id"] for row in rows} == {row["drop_id"] for row in feed.ledger().values()}


# -- what never became a row ---------------------------------------------------------------------


def test_rejected_rows_are_kept_and_counted(feed: Feed) -> None:
    rejection = Rejection(
        row=2,
        line=4,
        offset=77,
        reason=Reason.UNPARSEABLE,
        field=None,
        message="torn",
        raw="{\\xff\0",
    )
    drop = replace(opens("a", "1:one"), rejections=(rejection,))

    receipt = feed.load(drop)

    (row,) = feed.quarantine()
    assert (row["row_no"], row["line"], row["byte_offset"]) == (2, 4, 77)
    assert (row["reason"], row["message"], row["raw"]) == ("unparseable", "torn", "{\\xff\0")
    assert receipt.events == {
        "email.open": RowCounts(parsed=1, inserted=1),
        "unknown": RowCounts(parsed=1, quarantined=1),
    }
    assert feed.ledger()["a"]["rows_parsed"] == 2


def test_a_drop_that_is_rejected_as_a_whole_is_quarantined_with_no_rows(feed: Feed) -> None:
    whole = Rejection(
        row=None,
        line=None,
        offset=None,
        reason=Reason.TOO_LARGE,
        field=None,
        message="5 GB",
        raw="PK",
    )
    drop = Given(key="a", text="", content=Content(format=Format.EMPTY), rejections=(whole,))

    receipt = feed.load(drop, opens("b", "1:one"))

    ledger = feed.ledger()
    (row,) = feed.quarantine()
    assert receipt.drops[feed.drop(drop).drop_id] == RowCounts()
    assert (ledger["a"]["state"], ledger["a"]["error"]) == ("quarantined", "too_large")
    assert ledger["b"]["state"] == "loaded"
    assert row["row_no"] is None


def test_a_drop_without_rows_is_loaded(feed: Feed) -> None:
    receipt = feed.load(empty_drop("a"))

    assert feed.ledger()["a"]["state"] == "loaded"
    assert receipt.events == {}
    assert feed.rig.tables() == {
        "_firehose_drops",
        "_firehose_runs",
        "_firehose_quarantine",
        "_firehose_schemas",
        "_firehose_duplicates",
        "_firehose_digests",
        "_firehose_archive",
        "_firehose_alerts",
        "_firehose_keys",
        "_firehose_forgotten",
        "_firehose_claims",
        "_firehose_versions",
        "_firehose_retention",
        "_firehose_expired",
    }


def test_an_empty_row_is_set_aside(feed: Feed) -> None:
    receipt = feed.load(
        json_drop("a", [{}, {"id": "1", "type": "emailOpen"}, {"id": None, "x": ""}]),
        csv_drop("b", HEADER, [",,,"]),
        json_drop("c", [{}]),
    )

    rows = feed.quarantine()
    assert [(row["key"], row["row_no"], row["raw"]) for row in rows] == [
        ("a", 1, "{}"),
        ("a", 3, '{"id": null, "x": ""}'),
        ("b", 1, ",,,"),
        ("c", 1, "{}"),
    ]
    assert receipt.events["unknown"] == RowCounts(parsed=4, quarantined=4)


def test_a_batch_of_one_empty_row_is_a_batch(feed: Feed) -> None:
    receipt = feed.load(json_drop("a", [{}]))

    assert receipt.events == {"unknown": RowCounts(parsed=1, quarantined=1)}
