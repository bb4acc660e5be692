"""An envelope's payload: its members are the event's own fields."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from firehose_loader.model import RowCounts
from firehose_loader.schema.names import PAYLOADS
from tests.feed import Feed, Given, csv_drop, json_drop
from tests.rigs.warehouses import Row, WarehouseRig
from tests.schema_documents import a_document, write

ENVELOPE: Row = {
    "id": "e1",
    "type": "email.open",
    "eventDate": "2026-01-05T10:00:00Z",
    "processedDate": "2026-01-05T10:05:00Z",
    "accountId": 5,
}
PAYLOAD: Row = {
    "contactId": 7,
    "campaignId": "8",
    "email": "a@x.org",
    "isHtml": True,
    "userAgent": "",
    "ipAddress": None,
    "tags": ["a", {"b": 1}],
    "place": {"city": "Ülm", "lat": 1.50},
    "big": 123456789012345678901234567890,
}
FLAT: Row = {**ENVELOPE, **PAYLOAD}
EVENT: Row = {
    "event_id": "e1",
    "event_type": "email.open",
    "account_id": 5,
    "contact_id": 7,
    "campaign_id": 8,
    "email": "a@x.org",
    "is_html": True,
    "tags": '["a",{"b":1}]',
    "place": '{"city":"Ülm","lat":1.5}',
    "big": "123456789012345678901234567890",
}


def event(feed: Feed, table: str = "email_open") -> Row:
    """Return the one event of a table, without its times."""
    (found,) = feed.events(table)
    return _without_times(found)


def _without_times(row: Row) -> Row:
    return {
        name: value for name, value in row.items() if name not in {"event_date", "processed_date"}
    }


def torn(drop: Given) -> Given:
    """Return a drop with a line that sends it to the strict parser."""
    return Given(
        key=drop.key, text=drop.text + "{torn\n", content=drop.content, raws=(*drop.raws, "{torn")
    )


def csv_of(rows: Sequence[Row]) -> Given:
    """Return a CSV drop whose cells hold nested values as their JSON text."""
    header = list(dict.fromkeys(name for row in rows for name in row))

    def cell(value: object) -> object:
        return json.dumps(value) if isinstance(value, dict | list) else value

    return csv_drop("a", header, [[cell(row.get(name)) for name in header] for row in rows])


Form = Callable[[Sequence[Any]], Given]
FORMS: dict[str, Form] = {
    "lines": lambda rows: json_drop("a", rows),
    "array": lambda rows: json_drop("a", rows, array=True),
    "strict": lambda rows: torn(json_drop("a", rows)),
}
ALL_FORMS: dict[str, Form] = {
    **FORMS,
    "csv": csv_of,
    "csv, strict": lambda rows: torn(csv_of(rows)),
}


@pytest.mark.parametrize("form", ALL_FORMS)
def test_the_members_of_a_payload_fill_the_columns_of_the_event(feed: Feed, form: str) -> None:
    payloads = ["data", "payload", "details"]
    feed.load(ALL_FORMS[form]([{**ENVELOPE, "id": name, name: PAYLOAD} for name in payloads]))
    feed.load(ALL_FORMS[form]([{**ENVELOPE, "id": "Data", "Data": PAYLOAD}]).renamed("b"))

    events = {row["event_id"]: _without_times(row) for row in feed.events()}
    assert events == {name: {**EVENT, "event_id": name} for name in [*payloads, "Data"]}


@pytest.mark.parametrize("form", ALL_FORMS)
def test_a_payload_may_be_a_text_that_spells_an_object(feed: Feed, form: str) -> None:
    feed.load(ALL_FORMS[form]([{**ENVELOPE, "data": json.dumps(PAYLOAD)}]))

    assert event(feed) == EVENT


@pytest.mark.parametrize("form", FORMS)
def test_what_only_lenient_json_has_keeps_no_payload_together(feed: Feed, form: str) -> None:
    payloads = [
        '{"score":NaN,"low":-Infinity,"deep":[NaN]}',
        '"{\\"score\\":NaN,}"',
        '{"score":1,}',
    ]
    rows = [f'{{"id":{n},"type":"email.open","data":{one}}}' for n, one in enumerate(payloads)]

    feed.load(FORMS[form](rows))

    assert [{**one, "event_type": None} for one in feed.events()] == [
        {
            "event_id": "0",
            "event_type": None,
            "score": "NaN",
            "low": "-Infinity",
            "_rescued": '{"data.deep":"[NaN]"}',
        },
        {"event_id": "1", "event_type": None, "score": "NaN"},
        {"event_id": "2", "event_type": None, "score": "1"},
    ]


@pytest.mark.parametrize(
    ("form", "flat_first", "batches"),
    [
        *((form, True, 1) for form in ALL_FORMS),
        *((form, False, 2) for form in ("lines", "csv, strict")),
        *(
            pytest.param(form, False, 2, marks=pytest.mark.long)
            for form in ("array", "strict", "csv")
        ),
    ],
)
def test_an_event_is_the_same_flat_or_in_an_envelope(
    feed: Feed, form: str, *, flat_first: bool, batches: int
) -> None:
    """Without ids: they are one event only if every column is."""
    flat = {name: value for name, value in FLAT.items() if name != "id"}
    envelope = {name: value for name, value in ENVELOPE.items() if name != "id"}
    drops = [json_drop("flat", [flat]), ALL_FORMS[form]([{**envelope, "data": PAYLOAD}])]
    drops = drops if flat_first else drops[::-1]

    for batch in [drops] if batches == 1 else [[drop] for drop in drops]:
        feed.load(*batch)

    assert len(feed.rows()) == 1


def test_a_csv_header_may_name_the_payload(feed: Feed) -> None:
    header = [*ENVELOPE, "data.contactId", "DATA.email", "data.shoe size", "data.id"]

    feed.load(csv_drop("a", header, [[*ENVELOPE.values(), 7, "a@x.org", 44, "own"]]))

    assert event(feed) == {
        "event_id": "e1",
        "event_type": "email.open",
        "account_id": 5,
        "contact_id": 7,
        "email": "a@x.org",
        "shoe_size": "44",
        "data_id": "own",
    }


@pytest.mark.parametrize("form", [*FORMS, "csv"])
def test_an_alias_may_be_a_whole_path(place: WarehouseRig, tmp_path: Path, form: str) -> None:
    """It leads the payload's member to its column, not what is called alike in the envelope."""
    document = a_document()
    document["properties"] |= {
        "orderRef": {"type": ["string", "null"], "x-aliases": ["data.ref", "data.order id"]},
        "shop": {"type": ["string", "null"], "x-aliases": ["DATA_shop"]},
    }
    write(tmp_path / "schemas", document)
    feed = Feed(place, tmp_path, schemas=tmp_path / "schemas")
    row: Row = {"eventId": "1", "eventType": "shop.order", "ref": "outer"}
    payload: Row = {"ref": "inner", "orderId": "inner", "shop": "York"}

    if form == "csv":
        header = [*row, *(f"data.{name}" for name in payload)]
        feed.load(csv_drop("a", header, [[*row.values(), *payload.values()]]))
    else:
        feed.load(FORMS[form]([{**row, "data": payload}]))

    (found,) = feed.events("shop_order")
    assert (found["order_ref"], found["shop"], found["ref"]) == ("inner", "York", "outer")
    assert "_rescued" not in found


def test_the_envelope_comes_before_the_payload_and_what_differs_is_kept(feed: Feed) -> None:
    payload: Row = {
        "accountId": 6,
        "userAccountId": 5,
        "timeStamp": "2026-01-05T09:00:00Z",
        "eventDate": "2026-01-05T10:00:00Z",
    }

    feed.load(json_drop("a", [{**ENVELOPE, "data": payload}]))

    (found,) = feed.events()
    assert found["account_id"] == 5
    assert str(found["event_date"]) == "2026-01-05 10:00:00"
    assert json.loads(str(found["_rescued"])) == {
        "data.accountId": "6",
        "data.timeStamp": "2026-01-05T09:00:00Z",
    }


def test_what_the_payload_calls_its_own_is_not_the_events(feed: Feed) -> None:
    payload: Row = {"id": 77, "type": "sms.send", "name": "Spring", "eventType": "email.click"}

    feed.load(json_drop("a", [{**ENVELOPE, "data": payload}]))

    assert event(feed) == {
        "event_id": "e1",
        "event_type": "email.open",
        "account_id": 5,
        "data_id": "77",
        "data_type": "sms.send",
        "data_name": "Spring",
        "data_event_type": "email.click",
    }


NO_OBJECTS: list[tuple[object, Row]] = [
    ([1, {"a": 2}], {"data": '[1,{"a":2}]'}),
    ("words", {"_rescued": '{"data":"words"}'}),
    ("{torn", {"_rescued": '{"data":"{torn"}'}),
    (7, {"data": "7"}),
    ({}, {}),
    ("", {}),
    (None, {}),
]


@pytest.mark.parametrize("form", ALL_FORMS)
@pytest.mark.parametrize(
    "payloads",
    [NO_OBJECTS, *(pytest.param([one], marks=pytest.mark.long) for one in NO_OBJECTS)],
    ids=["all", *(repr(payload) for payload, _ in NO_OBJECTS)],
)
def test_a_payload_that_is_no_object_is_a_value(
    feed: Feed, form: str, payloads: list[tuple[object, Row]]
) -> None:
    feed.load(
        ALL_FORMS[form](
            [{**ENVELOPE, "id": f"e{n}", "data": one} for n, (one, _) in enumerate(payloads)]
        )
    )

    base = {"event_type": "email.open", "account_id": 5}
    assert [_without_times(row) for row in feed.events()] == [
        {"event_id": f"e{n}", **base, **kept} for n, (_, kept) in enumerate(payloads)
    ]


def test_rows_with_and_without_an_envelope_stand_in_one_drop(feed: Feed) -> None:
    rows: list[Row] = [
        {**ENVELOPE, "data": {"contactId": 1, "x": "a"}},
        {**ENVELOPE, "id": "e2", "contactId": 2, "x": "b"},
        {**ENVELOPE, "id": "e3", "data": [3]},
        {**ENVELOPE, "id": "e4", "contactId": 4, "data": {"contactId": 5}},
    ]

    receipt = feed.load(json_drop("a", rows))

    assert receipt.events == {"email.open": RowCounts(parsed=4, inserted=4)}
    shown = [
        (row["contact_id"], row.get("x"), row.get("data"), row.get("_rescued"))
        for row in feed.rows()
    ]
    assert shown == [
        (1, "a", None, None),
        (2, "b", None, None),
        (None, None, "[3]", None),
        (4, None, None, '{"data.contactId":"5"}'),
    ]


@pytest.mark.parametrize("form", FORMS)
def test_strange_names_in_a_payload_have_columns_of_their_own(feed: Feed, form: str) -> None:
    payload = {"a/b": "1", "~c": "2", "it's": "3", 'q"q': "4", "x.y": "5", "Ü": "6"}

    feed.load(FORMS[form]([{**ENVELOPE, "data": payload, "data.x.y": "7"}]))

    found = event(feed)
    assert {name: found[name] for name in ("a_b", "c", "it_s", "q_q", "ü")} == {
        "a_b": "1",
        "c": "2",
        "it_s": "3",
        "q_q": "4",
        "ü": "6",
    }
    assert {found["x_y"], found["x_y_2"]} == {"5", "7"}


def test_a_member_without_a_name_or_with_a_nul_in_it_is_read_strictly(feed: Feed) -> None:
    feed.load(torn(json_drop("a", [{**ENVELOPE, "data": {"a\0b": "1", "c": "2"}}])))
    before = event(feed)

    again = feed.load(json_drop("b", [{**ENVELOPE, "data": {"a\0b": "1", "c": "2"}}]))

    assert (before["a_0b"], before["c"]) == ("1", "2")
    assert again.events == {"email.open": RowCounts(parsed=1, identical=1)}


def test_the_shipped_schemas_call_the_payload_as_the_readers_do(feed: Feed) -> None:
    assert set(feed.catalog.latest("email.open").by_column["data"].spellings) == PAYLOADS


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("odd", [{"shop": "York"}, '{"shop": "York"}'], ids=["object", "text"])
def test_names_that_only_a_late_row_has_are_found(feed: Feed, form: str, odd: object) -> None:
    # What the first thousand rows have is taken for what all have, until a row says otherwise.
    first: Sequence[Row] = [
        {**ENVELOPE, "id": f"e{n}", "data": {"contactId": n}} for n in range(1001)
    ]
    late: Row = {**ENVELOPE, "id": "late", "data": odd}
    red: Row = {**ENVELOPE, "id": "red", "colour": "red"}

    feed.load(FORMS[form]([*first, late, first[0] | {"id": "last"}]), json_drop("b", [red]))

    found = {row["event_id"]: row for row in feed.events("email_open")}
    assert len(found) == 1004
    assert (found["late"]["shop"], found["red"]["colour"]) == ("York", "red")
    assert [found[f"e{n}"]["contact_id"] for n in range(1001)] == list(range(1001))


@pytest.mark.parametrize("form", FORMS)
def test_members_that_differ_by_case_alone_are_told_apart(feed: Feed, form: str) -> None:
    row: Row = {
        **ENVELOPE,
        "Lane": "upper",
        "lane": "lower",
        'it\'s /~"odd"': 1,
        "data": {"Gate": "G", "gate": "g", 'it\'s /~"odd"': 2},
        "Data": {"rank": 3, "Rank": 4},
    }

    feed.load(FORMS[form]([row]))

    found = event(feed)
    rescued = json.loads(str(found.pop("_rescued")))
    assert found == {
        "event_id": "e1",
        "event_type": "email.open",
        "account_id": 5,
        "lane": "upper",
        "it_s_odd": "1",
        "rank": "4",
        "gate": "G",
    }
    assert rescued == {
        "lane": "lower",
        'data.it\'s /~"odd"': "2",
        "Data.rank": "3",
        "data.gate": "g",
    }
