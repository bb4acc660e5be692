"""What every warehouse makes of other names: the same events, and never twice beside each other."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from firehose_loader.aftercare.forgetting import Forgetting, Identifier
from firehose_loader.config import Config
from firehose_loader.errors import ConfigError
from firehose_loader.history import DropFilter
from firehose_loader.model import RowCounts
from firehose_loader.privacy import PiiClass
from firehose_loader.privacy.retention import Expiry, Limit
from firehose_loader.schema.additions import in_force
from tests.feed import Feed, Given, csv_drop, json_drop
from tests.rigs.warehouses import Row, WarehouseRig

DATE = "2026-01-05T10:00:00Z"
HEADER = "eventId,eventType,eventDate,contactId,email,campaignName,brandNew"
NAMES = {
    "table": "STG_{event_type}",
    "table_case": "upper",
    "column": "DD_{column}",
    "column_case": "upper",
    "view": "{view}_V",
}


def opens(key: str, *rows: str) -> Given:
    """Return a drop of opens: id, contact, address, campaign and one more, joined by colons."""
    cells = [row.split(":") for row in rows]
    return csv_drop(key, HEADER, [[one[0], "emailOpen", DATE, *one[1:]] for one in cells])


@pytest.fixture
def named(feed: Feed) -> Feed:
    """Two drops under other names: in the second are a duplicate, a conflict and a new event."""
    feed.rig.open_with(names=NAMES).prepare()
    feed.load(opens("a", "1:7:jo@x.org:x:n", "2:8:al@x.org:x:n"))
    receipt = feed.load(opens("bb", "1:7:jo@x.org:x:n", "2:8:al@x.org:other:n", "3:8:al@x.org:x:n"))
    assert receipt.events == {
        "email.open": RowCounts(parsed=3, inserted=1, identical=1, conflicting=1)
    }
    return feed


def stored(place: WarehouseRig) -> dict[str, set[str]]:
    """Return the columns of all tables and views, as the warehouse spells both."""
    schema = "DOTDIGITAL" if place.name.startswith("snowflake") else "dotdigital"
    found: dict[str, set[str]] = {}
    for row in place.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
        f" WHERE table_schema = '{schema}'"
    ):
        found.setdefault(str(row["table_name"]), set()).add(str(row["column_name"]))
    return found


def events(feed: Feed) -> list[Row]:
    return feed.rig.execute(
        'SELECT event_id, event_type, email, campaign_name FROM {schema}."EVENTS_V"'
        " ORDER BY event_id"
    )


def test_tables_columns_and_views_have_the_names_that_are_configured(named: Feed) -> None:
    found = stored(named.rig)

    table = found["STG_EMAIL_OPEN"]
    assert {"DD_EVENT_ID", "DD_EMAIL", "DD_BRAND_NEW"} <= table
    assert {name for name in table if not name.startswith("DD_")} == {
        name.upper() if named.rig.name.startswith("snowflake") else name
        for name in ("_key", "_drop_id", "_row", "_schema_version", "_loaded_at", "_rescued")
    }
    assert {name.lower() for name in found if not name.startswith("_")} == {
        "stg_email_open",
        "events_v",
    }
    assert [(row["event_id"], row["campaign_name"]) for row in events(named)] == [
        ("1", "x"),
        ("2", "x"),
        ("3", "x"),
    ]


def test_what_is_asked_and_taken_out_goes_by_the_same_names(named: Feed) -> None:
    warehouse = named.rig.warehouse
    schemas = [named.catalog.latest("email.open")]

    (status,) = warehouse.status(schemas).events
    assert (status.table, status.rows) == ("email_open", 3)
    assert len(warehouse.trace("1").rows) == 1
    assert {one.name for one in warehouse.install_views(preview=False) if one.sql} >= {"events"}
    (record,) = warehouse.drops(DropFilter(drop="bb"))
    warehouse.bring_events("email_open", [record.drop.drop_id])
    brought = warehouse.engine().connection.execute("SELECT event_id FROM audit_events")
    assert brought.fetchall() == [("3",)]

    config = Config.model_validate({"warehouse": {"url": "x.duckdb"}})
    jo = Identifier(PiiClass.EMAIL, "jo@x.org")
    assert (
        Forgetting(warehouse, config, [jo]).apply(preview=False, always=False).receipt.events == 1
    )
    assert [row["event_id"] for row in events(named)] == ["2", "3"]

    warehouse.undo([record], preview=False)
    assert [row["event_id"] for row in events(named)] == ["2"]


def test_what_is_too_old_and_what_fields_hold_goes_by_the_same_names(named: Feed) -> None:
    warehouse = named.rig.warehouse
    schema = in_force(named.catalog, warehouse.additions())["email.open"]
    usage = warehouse.evidence("email_open").usage(list(schema.by_column)).columns
    assert [usage[name].filled for name in ("email", "brand_new", "ip_address")] == [3, 3, 0]

    happened = datetime.fromisoformat(DATE).replace(tzinfo=None)
    expiry = Expiry(
        limits=[Limit("s", "email.open", happened + timedelta(days=1), chosen=True)],
        event_times={"email_open": ("email.open", "event_date")},
        most_rows=1000,
    )
    receipts = list(warehouse.expire(expiry, run_id="expire", preview=False))

    assert sum(one.events for one in receipts) == 3
    assert events(named) == []


def test_what_has_an_event_type_is_found_by_the_same_names(named: Feed) -> None:
    named.load(json_drop("ccc", [{"eventType": "wishlist.add", "n": 1}]))
    warehouse = named.rig.warehouse

    found = {
        event_type: [one.drop.key for one in warehouse.drops(DropFilter(event_type=event_type))]
        for event_type in ("email.open", "wishlist.add", "email.click")
    }

    assert found == {"email.open": ["a", "bb"], "wishlist.add": ["ccc"], "email.click": []}
    assert warehouse.evidence("unknown").named_types() == {"wishlist.add": 1}


@pytest.mark.parametrize("names", [{}, {**NAMES, "column": "{column}"}], ids=["own", "others"])
def test_other_names_than_those_of_the_tables_are_refused(
    named: Feed, names: dict[str, str]
) -> None:
    before = stored(named.rig)

    warehouse = named.rig.open_with(names=names)
    with pytest.raises(ConfigError, match=r"email_open is 'STG_|event_id is 'DD_"):
        warehouse.prepare()
    with pytest.raises(ConfigError, match=r"Put \[warehouse\.names\] back"):
        warehouse.status([])

    assert stored(named.rig) == before
    assert len(events(named)) == 3


def test_names_beside_tables_that_have_the_loaders_own_are_refused(feed: Feed) -> None:
    feed.load(opens("a", "1:7:jo@x.org:x:n"))

    with pytest.raises(ConfigError, match="email_open"):
        feed.rig.open_with(names=NAMES).prepare()
