"""What every warehouse tells an audit: what accounts for the rows of a drop, what is nobody's."""

from __future__ import annotations

import hashlib

import pytest

from firehose_loader.history import DropFilter, HeldFilter, Stranger
from firehose_loader.model import Reason
from tests.feed import Feed, csv_drop
from tests.rigs.warehouses import Row, WarehouseRig

HEADER = "eventId,eventDate,campaignName"
DATE = "2026-01-05T10:00:00Z"


@pytest.fixture
def loaded(feed: Feed) -> Feed:
    """A feed of two drops: the second has a duplicate, a conflict, a bad row and a good one."""
    feed.load(csv_drop("a", HEADER, [f"1,{DATE},x", f"2,{DATE},x"], event_type="email.open"))
    rows = [f"1,{DATE},x", f"2,{DATE},y", "3,never,x", f"4,{DATE},x"]
    feed.load(csv_drop("bb", HEADER, rows, event_type="email.open"))
    return feed


def drop_id(feed: Feed, key: str) -> str:
    (record,) = feed.rig.warehouse.drops(DropFilter(drop=key))
    return record.drop.drop_id


def accounts(feed: Feed, key: str) -> list[Row]:
    """Return what the engine has of a drop, without NULLs."""
    feed.rig.warehouse.bring_accounts([drop_id(feed, key)])
    connection = feed.rig.warehouse.engine().connection
    found = connection.execute("SELECT * FROM audit_accounts ORDER BY row_no, place")
    names = [column[0] for column in found.description or ()]
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in found.fetchall()
    ]


def test_each_row_of_a_drop_has_its_account(loaded: Feed) -> None:
    found = accounts(loaded, "bb")

    assert [(one["row_no"], one["place"], one.get("fate", one.get("reason"))) for one in found] == [
        (1, "duplicate", "identical"),
        (2, "duplicate", "conflicting"),
        (2, "quarantine", "conflict"),
        (3, "quarantine", "bad_event_time"),
        (4, "table", None),
    ]
    assert {one["drop_id"] for one in found} == {drop_id(loaded, "bb")}


def test_an_account_names_event_table_version_and_text(loaded: Feed) -> None:
    same, conflict, held_conflict, bad, row = accounts(loaded, "bb")
    keys = {one["event_id"]: str(one["_key"]) for one in loaded.rows()}

    found = [str(one["event_key"]) for one in (same, conflict, row)]
    assert found == [keys["1"], keys["2"], keys["4"]]
    for one in (same, conflict, row):
        assert (one["table_name"], one["schema_version"]) == ("email_open", "1-0-0")
    assert conflict["field"] == held_conflict["field"] == "campaignName"
    assert (bad["event_type"], bad["schema_version"], bad["field"], bad["state"]) == (
        "email.open",
        "1-0-0",
        "eventDate",
        "held",
    )
    text = hashlib.md5(b"3,never,x", usedforsecurity=False).hexdigest()
    (held,) = loaded.rig.warehouse.held(HeldFilter(reasons=[Reason.BAD_EVENT_TIME]))
    assert (bad["raw_hash"], bad["held_id"]) == (text, held.id)
    assert held.schema_version == "1-0-0"


def test_a_duplicate_tells_whether_its_event_is_there(loaded: Feed) -> None:
    before = [one["event_there"] for one in accounts(loaded, "bb") if one["place"] == "duplicate"]
    loaded.rig.execute("DELETE FROM {schema}.email_open WHERE event_id = '1'")

    after = [one["event_there"] for one in accounts(loaded, "bb") if one["place"] == "duplicate"]

    assert (before, after) == ([True, True], [False, True])


def test_what_was_undone_accounts_for_nothing(loaded: Feed) -> None:
    warehouse = loaded.rig.warehouse
    warehouse.undo(warehouse.drops(DropFilter(drop="bb")), preview=False)

    assert accounts(loaded, "bb") == []


def test_the_events_of_a_drop_come_with_all_columns(loaded: Feed) -> None:
    loaded.rig.warehouse.bring_events("email_open", [drop_id(loaded, "bb")])

    found = loaded.rig.warehouse.engine().connection.execute("SELECT * FROM audit_events")
    names = [column[0] for column in found.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    assert rows == [row for row in loaded.rows() if row["event_id"] == "4"]


def test_rows_of_unknown_drops_are_strangers(loaded: Feed) -> None:
    warehouse = loaded.rig.warehouse
    nobodys = "UPDATE {schema}.email_open SET _drop_id = 'forged' WHERE event_id <> '4'"
    none = list(warehouse.strangers(limit=5))
    loaded.rig.execute(nobodys)
    loaded.rig.execute("UPDATE {schema}._firehose_quarantine SET drop_id = 'x' WHERE row_no = 3")

    found = warehouse.strangers(limit=1)

    assert none == []
    assert sorted(found, key=lambda one: one.table) == [
        Stranger(table="_firehose_quarantine", drop_id="x", row=3, of=1),
        Stranger(table="email_open", drop_id="forged", row=1, of=2),
    ]


def test_a_new_warehouse_has_no_strangers(place: WarehouseRig) -> None:
    assert list(place.warehouse.strangers(limit=5)) == []
