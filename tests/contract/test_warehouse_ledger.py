"""What every warehouse remembers: drops, runs, additions to event schemas."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from firehose_loader.errors import SchemaError
from firehose_loader.history import DropFilter
from firehose_loader.model import Drop, DropState, RunRecord
from firehose_loader.protocols import Known
from firehose_loader.schema.model import FieldType
from tests.feed import FIRST_MODIFIED, Feed, csv_drop, empty_drop, json_drop
from tests.feed import compared as compared_with
from tests.rigs.warehouses import WarehouseRig

HEADER = "eventId,eventType,eventDate,campaignName"
DATE = "2026-01-05T10:00:00Z"
OWN_TABLES = {
    *("_firehose_drops", "_firehose_runs", "_firehose_quarantine", "_firehose_schemas"),
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


# -- preparing -----------------------------------------------------------------------------------


def test_preparing_makes_the_loaders_tables(place: WarehouseRig) -> None:
    place.warehouse.prepare()

    assert place.tables() == OWN_TABLES


def test_preparing_twice_changes_nothing(feed: Feed) -> None:
    feed.load(csv_drop("a", HEADER, [f"1,emailOpen,{DATE},x"]))
    before = feed.everything()

    feed.rig.warehouse.prepare()
    feed.rig.reopen().prepare()

    assert feed.everything() == before


@pytest.mark.parametrize("table", [*sorted(OWN_TABLES), "events"])
@pytest.mark.parametrize("columns", ["name VARCHAR", "run_id VARCHAR, drop_id VARCHAR"])
def test_a_users_table_under_our_name_is_refused_and_nothing_is_made(
    place: WarehouseRig, table: str, columns: str
) -> None:
    place.execute("CREATE SCHEMA {schema}")
    place.execute(f"CREATE TABLE {{schema}}.{table} ({columns})")

    with pytest.raises(SchemaError, match=f"{table} is not one that this loader made"):
        place.warehouse.prepare()

    assert place.tables() == {table}


def test_a_warehouse_that_was_never_prepared_answers_as_empty(place: WarehouseRig) -> None:
    warehouse = place.warehouse

    known = compared_with(warehouse, "s", [a_drop("b"), a_drop("a")], new_only=True)

    assert [one.drop.key for one in known] == ["a", "b"]
    assert all(one.is_new for one in known)
    assert warehouse.additions() == []
    assert warehouse.columns("email_open") == {}
    assert warehouse.status([]).last_run is None
    assert place.tables() == set()


# -- the ledger's rows ---------------------------------------------------------------------------


def test_the_ledger_tells_what_became_of_a_drop(feed: Feed) -> None:
    feed.load(csv_drop("old", HEADER, [f"1,emailOpen,{DATE},x", f"2,emailOpen,{DATE},x"]))
    drop = csv_drop(
        "in/neu ü.csv",
        HEADER,
        [
            f"1,emailOpen,{DATE},x",
            f"2,emailOpen,{DATE},y",
            f"3,emailOpen,{DATE},x",
            "4,emailOpen,never,x",
            f"5,weird,{DATE},x",
        ],
    )

    feed.load(drop)

    row = feed.ledger()["in/neu ü.csv"]
    counts = {name: row[f"rows_{name}"] for name in ("parsed", "inserted", "updated", "identical")}
    more = {name: row[f"rows_{name}"] for name in ("superseded", "conflicting", "quarantined")}
    assert counts == {"parsed": 5, "inserted": 2, "updated": 0, "identical": 1}
    assert more == {"superseded": 0, "conflicting": 1, "quarantined": 1}
    assert (row["state"], row["attempts"], row["error"]) == ("loaded", 1, None)
    assert (row["format"], row["compression"]) == ("csv", "none")
    assert (row["source"], row["version"], row["run_id"]) == ("s", "1", "run")
    assert row["size_bytes"] == len(drop.text.encode())
    assert row["modified"] == feed.drop(drop).modified.replace(tzinfo=None)
    assert row["drop_id"] == feed.drop(drop).drop_id


def test_a_failure_is_remembered_until_the_drop_is_loaded(feed: Feed) -> None:
    given = csv_drop("a", HEADER, [f"1,emailOpen,{DATE},x"])
    warehouse = feed.rig.warehouse
    warehouse.record_failure(feed.drop(given), run_id="one", error="DropChanged", message="moved")
    failed = feed.ledger()["a"]
    (known,) = compared(feed, feed.drop(given), new_only=True)

    feed.load(given)

    loaded = feed.ledger()["a"]
    assert (failed["state"], failed["attempts"], failed["error"]) == ("failed", 1, "DropChanged")
    assert (known.state, known.is_new, known.error) == (DropState.FAILED, True, "moved")
    assert (loaded["state"], loaded["attempts"], loaded["error"]) == ("loaded", 2, None)
    assert loaded["first_seen_at"] == failed["first_seen_at"]
    assert len(feed.rows("_firehose_drops")) == 1


def test_every_failure_counts_as_an_attempt(feed: Feed) -> None:
    for number in range(3):
        feed.rig.warehouse.record_failure(
            a_drop("a"), run_id=str(number), error="DropMissing", message=f"try {number}"
        )

    row = feed.ledger()["a"]
    assert (row["attempts"], row["message"], row["run_id"]) == (3, "try 2", "2")


# -- comparing a listing -------------------------------------------------------------------------


def test_a_listing_is_held_against_the_ledger(feed: Feed) -> None:
    loaded, whole = csv_drop("loaded", HEADER, [f"1,emailOpen,{DATE},x"]), empty_drop("whole")
    feed.load(loaded, whole)
    feed.rig.warehouse.record_failure(a_drop("failed"), run_id="r", error="E", message="why")

    known = compared(
        feed, a_drop("failed"), feed.drop(whole), a_drop("new", minutes=-1), feed.drop(loaded)
    )

    assert [(one.drop.key, one.state, one.is_new, one.rows, one.attempts) for one in known] == [
        ("new", None, True, 0, 0),
        ("failed", DropState.FAILED, True, 0, 1),
        ("whole", DropState.LOADED, False, 0, 1),
        ("loaded", DropState.LOADED, False, 1, 1),
    ]
    assert [one.error for one in known] == [None, "why", None, None]
    assert known[0].loaded_at is None
    assert known[3].loaded_at is not None
    assert known[3].loaded_at.tzinfo is UTC
    assert [one.drop.key for one in known if one.is_new] == [
        one.drop.key for one in compared(feed, *(one.drop for one in known), new_only=True)
    ]


def test_new_content_under_a_known_key_is_a_new_drop(feed: Feed) -> None:
    given = csv_drop("a", HEADER, [f"1,emailOpen,{DATE},x"])
    feed.load(given)

    known = compared(feed, replace(feed.drop(given), version="2"), a_drop("b"), feed.drop(given))

    assert {
        (one.drop.key, one.drop.version): (one.is_new, one.earlier_version) for one in known
    } == {
        ("a", "2"): (True, True),
        ("b", "1"): (True, False),
        ("a", "1"): (False, False),
    }


def test_another_sources_drops_are_not_ours(feed: Feed) -> None:
    feed.load(csv_drop("a", HEADER, [f"1,emailOpen,{DATE},x"]))
    elsewhere = a_drop("a", source="other")

    (known,) = compared_with(feed.rig.warehouse, "other", [elsewhere], new_only=True)

    assert (known.drop, known.state, known.earlier_version) == (elsewhere, None, False)


# -- runs and status -----------------------------------------------------------------------------


def naive(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return a time as warehouses store it: UTC, without saying so."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC).replace(tzinfo=None)


def a_run(name: str, *, hour: int) -> RunRecord:
    return RunRecord(
        run_id=name,
        started_at=datetime(2026, 1, 5, hour, tzinfo=UTC),
        finished_at=datetime(2026, 1, 5, hour, 1, tzinfo=UTC),
        status="ok",
        exit_code=0,
        loader_version="1.2.3",
        summary=json.dumps({"drops": {"listed": 3}, "text": 'ü "x" \\ \n'}),
    )


def test_runs_are_recorded_and_the_last_one_is_known(feed: Feed) -> None:
    for name, hour in (("second", 11), ("first", 10)):
        costs = '{"total": {"queries": 1}}' if name == "second" else None
        feed.rig.warehouse.record_run(replace(a_run(name, hour=hour), costs=costs))

    last = feed.rig.warehouse.status([]).last_run
    rows = {str(row["run_id"]): row for row in feed.rows("_firehose_runs")}
    assert last
    assert (last.run_id, last.status, last.finished_at) == (
        "second",
        "ok",
        naive(2026, 1, 5, 11, 1),
    )
    assert rows["first"]["costs"] is None
    assert json.loads(str(rows["second"]["costs"])) == {"total": {"queries": 1}}
    assert json.loads(str(rows["first"]["summary"]))["text"] == 'ü "x" \\ \n'


def test_status_tells_what_is_in_the_warehouse(feed: Feed) -> None:
    feed.load(
        csv_drop(
            "a",
            HEADER,
            [
                f"1,emailOpen,{DATE},x",
                "2,emailOpen,2026-01-04T00:00:00Z,x",
                "3,emailOpen,never,x",
                f"1,emailOpen,{DATE},y",
            ],
        ),
        empty_drop("bb"),
    )
    feed.rig.warehouse.record_failure(a_drop("c"), run_id="r", error="E", message="m")

    status = feed.rig.warehouse.status(list(feed.catalog))

    (source,) = status.sources
    (event,) = status.events
    assert (source.source, source.loaded, source.failed, source.rows) == ("s", 2, 1, 4)
    assert source.newest_drop == naive(2026, 1, 1, 0, 2)
    assert source.last_load is not None
    assert (event.event_type, event.table, event.rows) == ("email.open", "email_open", 2)
    assert (event.first_event, event.last_event) == (
        naive(2026, 1, 4),
        naive(2026, 1, 5, 10),
    )
    assert status.quarantine == {"bad_event_time": 1, "conflict": 1}


# -- additions to event schemas ------------------------------------------------------------------


def test_a_new_field_is_recorded_with_its_first_drop(feed: Feed) -> None:
    first = csv_drop("a", f"{HEADER},shoe size", [f"1,emailOpen,{DATE},x,"])
    second = json_drop("b", [{"id": "2", "type": "emailOpen", "shoe size": 44, "more": {"a": 1}}])
    third = csv_drop("c", f"{HEADER},SHOE_SIZE", [f"3,emailOpen,{DATE},x,45"])

    receipt = feed.load(first, second, third)

    rows = {str(row["column_name"]): row for row in feed.rows("_firehose_schemas")}
    assert receipt.columns_added == {}
    assert set(rows) == {"shoe_size", "more"}
    assert rows["shoe_size"]["field"] == "shoe size"
    assert rows["shoe_size"]["version"] == rows["more"]["version"] == "1-0-1"
    assert {row["first_drop_id"] for row in rows.values()} == {feed.drop(second).drop_id}
    assert (rows["shoe_size"]["type"], rows["more"]["type"]) == ("text", "json")


def test_a_new_field_is_recorded_with_why_how_often_and_a_masked_value(feed: Feed) -> None:
    rows = [
        f"1,emailOpen,{DATE},x,Ännas 2. Schuh,",
        f"2,emailOpen,{DATE},x,,9",
        f"3,emailOpen,{DATE},x,b,9",
    ]

    feed.load(csv_drop("a", f"{HEADER},shoe,mobileNumber", rows))

    (addition,) = feed.rig.warehouse.additions()
    shoe, number = addition.sightings["shoe"], addition.sightings["mobile_number"]
    assert (shoe.rows, shoe.filled, shoe.sample) == (3, 2, "Xxxxx 9. Xxxxx")
    assert shoe.why == "no event schema knows it; text holds whatever comes"
    assert number.why == "mobileNumber is text wherever an event schema knows it"
    assert shoe.first_drop_id == feed.ledger()["a"]["drop_id"]
    assert shoe.first_seen_at is not None


def test_what_became_of_a_table_is_told_whatever_shapes_its_rows_come_in(feed: Feed) -> None:
    rows = [{"eventId": "2", "eventType": "emailOpen", "eventDate": DATE, "campaignName": "x"}]

    made = feed.load(csv_drop("a", HEADER, [f"1,emailOpen,{DATE},x"]), json_drop("b", rows))
    grown = feed.load(
        csv_drop("c", f"{HEADER},hat", [f"3,emailOpen,{DATE},x,7"]),
        csv_drop("d", HEADER, [f"4,emailOpen,{DATE},x"], delimiter=";"),
        json_drop("e", rows),
    )

    assert made.tables_made == ("email_open",)
    assert grown.tables_made == ()
    assert grown.columns_added == {"email_open": ("hat",)}


def test_recorded_fields_are_known_from_then_on(feed: Feed) -> None:
    feed.load(csv_drop("a", f"{HEADER},shoe size", [f"1,emailOpen,{DATE},x,44"]))
    feed.rig.reopen()

    receipt = feed.load(csv_drop("b", f"{HEADER},Shoe-Size,hat", [f"2,emailOpen,{DATE},x,45,7"]))

    assert receipt.columns_added == {"email_open": ("hat",)}
    assert [str(one.version) for one in feed.rig.warehouse.additions()] == ["1-0-1", "1-0-2"]
    assert [
        (row["shoe_size"], row["hat"])
        for row in sorted(feed.rows(), key=lambda r: str(r["event_id"]))
    ] == [
        ("44", None),
        ("45", "7"),
    ]
    assert {row["event_id"]: row["_schema_version"] for row in feed.rows()} == {
        "1": "1-0-1",
        "2": "1-0-2",
    }


def test_a_field_that_is_never_filled_is_no_addition(feed: Feed) -> None:
    feed.load(csv_drop("a", f"{HEADER},shoe size", [f"1,emailOpen,{DATE},x,"]))

    assert feed.rows("_firehose_schemas") == []
    assert "shoe_size" not in feed.rig.warehouse.columns("email_open")


def test_each_event_type_grows_by_itself(feed: Feed) -> None:
    rows = [f"1,emailOpen,{DATE},44", f"2,emailClick,{DATE},", f"3,weird,{DATE},45"]

    feed.load(csv_drop("a", "eventId,eventType,eventDate,shoe size", rows))

    added = [one.event_type for one in feed.rig.warehouse.additions()]
    assert added == ["email.open", "unknown"]
    assert "shoe_size" not in feed.rig.warehouse.columns("email_click")


def test_the_columns_of_a_table_are_told_with_their_types(feed: Feed) -> None:
    feed.load(csv_drop("a", HEADER, [f"1,emailOpen,{DATE},x"]))
    feed.rig.execute("ALTER TABLE {schema}.email_open ADD COLUMN mine BLOB")

    columns = feed.rig.warehouse.columns("email_open")

    assert columns["campaign_id"] is FieldType.INTEGER
    assert columns["event_date"] is FieldType.TIMESTAMP
    assert columns["is_html"] is FieldType.BOOLEAN
    assert columns["data"] is FieldType.JSON
    assert columns["mine"] is None
    assert list(columns)[:3] == ["event_id", "event_type", "event_date"]


def test_drops_of_the_ledger_come_in_pages_too(feed: Feed) -> None:
    for key in ("a", "bb", "ccc"):
        feed.load(empty_drop(key))
    warehouse = feed.rig.warehouse

    pages = [warehouse.drops(DropFilter(), limit=2, first=first) for first in (0, 2, 3)]

    assert [[one.drop.key for one in page] for page in pages] == [["a", "bb"], ["ccc"], []]
