"""Which event type each row has, and what becomes of the fields that tell it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from firehose_loader.model import RowCounts
from firehose_loader.normalise import DropTypes
from tests.feed import Feed, csv_drop, json_drop
from tests.rigs.warehouses import Row, WarehouseRig, new_warehouse_rig
from tests.schema_documents import a_document, write

DATE = "2026-01-05T10:00:00Z"


def tables(feed: Feed) -> dict[str, list[str]]:
    """Return the ids that each event table holds."""
    return {
        table: sorted(str(event.get("event_id")) for event in events)
        for table, events in feed.all_events().items()
    }


def test_a_field_tells_the_event_type_of_each_row(feed: Feed) -> None:
    fields = ["eventType", "type", "event", "eventName", "name", "EVENT_TYPE"]
    told = ["email.open", "emailClick", "SMS_SEND", "push-notification send"]

    feed.load(
        *(
            csv_drop(field, f"eventId,{field}", [[field + one, one] for one in told])
            for field in fields
        )
    )

    tables_of = ("email_open", "email_click", "sms_send", "push_notification_send")
    assert tables(feed) == {
        table: sorted(field + one for field in fields)
        for table, one in zip(tables_of, told, strict=True)
    }
    assert {event["event_type"] for event in feed.events("push_notification_send")} == {
        "pushNotification.send"
    }
    assert all(set(event) == {"event_id", "event_type"} for event in feed.events("email_open"))


def test_every_shipped_event_type_has_its_table(feed: Feed) -> None:
    rows = [[number, name] for number, name in enumerate(feed.catalog.event_types)]

    receipt = feed.load(csv_drop("a", "eventId,eventType", rows))

    expected = {feed.catalog.latest(name).table for name in feed.catalog.event_types}
    assert set(tables(feed)) == expected
    assert receipt.events == {
        name: RowCounts(parsed=1, inserted=1) for name in feed.catalog.event_types
    }


def test_a_type_that_nobody_knows_goes_to_unknown_and_keeps_its_name(feed: Feed) -> None:
    rows = ["1,emailOpen", "2,teleport", "3,", "4,unknown"]

    receipt = feed.load(csv_drop("a", "eventId,eventType", rows))

    assert tables(feed) == {"email_open": ["1"], "unknown": ["2", "3", "4"]}
    types = [event.get("event_type") for event in feed.events("unknown")]
    assert types == ["teleport", None, "unknown"]
    assert receipt.events["unknown"] == RowCounts(parsed=3, inserted=3)


@pytest.mark.parametrize(
    ("form", "default"),
    [
        ("csv", "email.open"),
        ("csv", None),
        ("json", None),
        ("array", "email.open"),
        ("strict", None),
    ],
)
def test_a_marker_of_a_missing_value_tells_no_event_type(
    feed: Feed, form: str, default: str | None
) -> None:
    told = ["NULL", "null", " ", "", "\\N", "emailClick"]
    rows: list[Row] = [{"eventId": n, "eventType": text} for n, text in enumerate(told)]
    if form == "csv":
        drop = csv_drop("a", "eventId,eventType", [list(row.values()) for row in rows])
    else:
        rows = [*rows, {"eventId": 6, "eventType": None}, {"eventId": 7}]
        torn = ["torn"] if form == "strict" else []
        drop = json_drop("a", [*rows, *torn], array=form == "array")

    feed.load(replace(drop, types=DropTypes(default=default)))

    table = "email_open" if default else "unknown"
    untold = [str(row["eventId"]) for row in rows if row["eventId"] != 5]
    assert tables(feed) == {table: untold, "email_click": ["5"]}
    assert all(set(event) <= {"event_id", "event_type"} for event in feed.events(table))


def test_the_drop_tells_the_type_of_rows_that_do_not(feed: Feed) -> None:
    rows = ["1,", "2,emailClick", "3,teleport"]

    feed.load(csv_drop("a", "eventId,eventType", rows, event_type="email.open"))

    assert tables(feed) == {"email_open": ["1"], "email_click": ["2"], "unknown": ["3"]}


def test_a_rule_stands_above_everything_and_what_the_row_says_is_rescued(feed: Feed) -> None:
    rows = ["1,", "2,emailClick", "3,teleport", "4,email_open"]
    drop = csv_drop("a", "eventId,eventType", rows)

    feed.load(replace(drop, types=DropTypes(forced="email.open", default="sms.send")))

    assert tables(feed) == {"email_open": ["1", "2", "3", "4"]}
    assert {event["event_type"] for event in feed.events()} == {"email.open"}
    assert [event.get("_rescued") for event in feed.events()] == [
        None,
        '{"eventType":"emailClick"}',
        '{"eventType":"teleport"}',
        None,
    ]


def test_the_field_made_for_it_comes_before_those_that_may_tell_it(feed: Feed) -> None:
    rows = ["1,emailOpen,emailClick", "2,teleport,emailClick", "3,,emailClick"]

    feed.load(csv_drop("a", "eventId,eventType,name", rows))

    assert tables(feed) == {"email_open": ["1"], "unknown": ["2"], "email_click": ["3"]}
    assert [event.get("name") for event in feed.events()] == ["emailClick"]
    assert [event.get("name") for event in feed.events("unknown")] == ["emailClick"]
    assert [event.get("name") for event in feed.events("email_click")] == [None]


@pytest.mark.parametrize("field", ["type", "event", "name"])
def test_a_field_that_tells_no_type_is_an_ordinary_one(feed: Feed, field: str) -> None:
    rows = ["1,Fred", "2,unknown", "3,Unknown", "4,"]

    feed.load(csv_drop("a", f"eventId,{field}", rows, event_type="email.open"))

    assert tables(feed) == {"email_open": ["1", "2", "3", "4"]}
    assert [event.get(field) for event in feed.events()] == ["Fred", "unknown", "Unknown", None]


MIXED = {
    "people": csv_drop(
        "people",
        "eventDate,name,email",
        [f"{DATE},Fred,f@x.org", f"{DATE},Unknown,u@x.org", f"{DATE},Fred,f@x.org"],
        event_type="email.open",
    ),
    "types": csv_drop(
        "types",
        "eventDate,name,email",
        [f"{DATE},emailOpen,f@x.org", f"{DATE},emailClick,f@x.org", f"{DATE},Bob,f@x.org"],
    ),
    "strangers": csv_drop(
        "strangers",
        "eventDate,name,email,eventType",
        [f"{DATE},Bob,f@x.org,teleport", f"{DATE},Bob,f@x.org,", f"{DATE},emailOpen,f@x.org,odd"],
    ),
}


@pytest.mark.parametrize("order", [[*MIXED], [*MIXED][::-1]], ids=" ".join)
def test_what_a_field_says_does_not_depend_on_the_drops_beside_it(
    feed: Feed, place: WarehouseRig, order: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "one by one"
    folder.mkdir()
    other = Feed(new_warehouse_rig(place.name, folder), folder)

    feed.load(*(MIXED[key] for key in order))
    for key in order:
        other.load(MIXED[key])
    again = feed.load(*(MIXED[key].renamed(f"{key} again") for key in reversed(order)))
    once_more = [other.load(MIXED[key].renamed(f"{key} again")) for key in order]

    assert feed.all_events() == other.all_events()
    assert [event.get("name") for event in feed.events()] == [None, "Fred", "Fred", "Unknown"]
    assert [event.get("name") for event in feed.events("unknown")] == ["emailOpen", "Bob", "Bob"]
    assert sum(counts.inserted for counts in again.events.values()) == 0
    assert not any(counts.inserted for one in once_more for counts in one.events.values())
    other.rig.close()


def test_a_users_own_field_called_type_keeps_its_values(
    place: WarehouseRig, tmp_path: Path
) -> None:
    document = a_document(
        required=["type"],
        properties={
            "eventId": {"$ref": "../common/1-0-0.json#/$defs/eventId"},
            "eventDate": {"$ref": "../common/1-0-0.json#/$defs/eventDate"},
            "type": {"type": ["string", "null"]},
        },
    )
    write(tmp_path / "schemas", document)
    feed = Feed(place, tmp_path, schemas=tmp_path / "schemas")

    feed.load(
        json_drop(
            "a",
            [{"id": "1", "type": "shop.order"}, {"id": "2", "type": "gift"}],
            event_type="shop.order",
        )
    )

    assert {event["event_id"]: event["type"] for event in feed.events("shop_order")} == {
        "1": "shop.order",
        "2": "gift",
    }


def test_drops_of_all_types_and_forms_load_in_one_batch(feed: Feed) -> None:
    drops = [
        csv_drop("a", "eventId,eventType,x", ["1,emailOpen,1", "2,smsSend,2"]),
        csv_drop("b", "eventType,eventId", ["emailOpen,3"], delimiter=";"),
        json_drop("c", [{"id": "4", "type": "emailOpen"}, {"id": "5", "type": "smsSend", "x": 1}]),
        json_drop("d", [{"id": "6"}], array=True, event_type="sms.send"),
        csv_drop("e", "eventId", ["7"], event_type="email.open"),
        json_drop("f", [{"Id": "8"}, {"iD": "9"}], event_type="email.open"),
    ]

    receipt = feed.load(*drops)

    assert tables(feed) == {
        "email_open": ["1", "3", "4", "7", "8", "9"],
        "sms_send": ["2", "5", "6"],
    }
    assert [counts.inserted for counts in receipt.drops.values()] == [2, 1, 2, 1, 1, 2]
