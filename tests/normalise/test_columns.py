"""Field names, as strange as feeds make them, to columns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from firehose_loader.model import RowCounts
from tests.feed import Feed, csv_drop, json_drop
from tests.rigs.warehouses import Row, WarehouseRig
from tests.schema_documents import a_document, write

BASE = {"eventId": "1", "eventType": "emailOpen", "eventDate": "2026-01-05T10:00:00Z"}
KNOWN = {"event_id", "event_type", "event_date"}
SHARED = "../common/1-0-0.json#/$defs/"


def loaded(feed: Feed, form: str, *fields: tuple[str, object]) -> Row:
    """Load one event with more fields, as CSV or JSON; return what the warehouse has more of it."""
    if form == "csv":
        header = [*BASE, *(name for name, _ in fields)]
        row = [*BASE.values(), *(value for _, value in fields)]
        receipt = feed.load(csv_drop("a", header, [row]))
    else:
        receipt = feed.load(json_drop("a", [{**BASE, **dict(fields)}]))
    assert receipt.events == {"email.open": RowCounts(parsed=1, inserted=1)}
    (event,) = feed.events()
    return {name: value for name, value in event.items() if name not in KNOWN}


NAMES = {
    "order": "order",
    "select": "select",
    "group by": "group_by",
    "table": "table",
    'a"b': "a_b",
    "it's": "it_s",
    "x; DROP TABLE email_open; --": "x_drop_table_email_open",
    "{{ table }}": "table",
    "{{ slot }}": "slot",
    ":name": "name",
    "$1": "1",
    "?": "field",
    "%s": "s",
    "a.b": "a_b",
    "a[0]": "a_0",
    "*": "field",
    "": "field",
    " ": "field",
    "_": "field",
    "\x1b[31mred\x1b[0m": "31mred_0m",
    "two\nlines": "two_lines",
    "tab\tin": "tab_in",
    "größe": "größe",
    "ÄÖÜ": "äöü",
    "身長": "身長",
    "🦄": "field",
    "x" * 300: "x" * 300,
    "UPPER": "upper",
    "camelCaseURL": "camel_case_url",
    "a\0b": "a_0b",
    "1": "1",
    "null": "null",
    # names that the loader itself uses
    "_key": "key",
    "_row": "row",
    "_rescued": "rescued",
    "_drop_id": "drop_id",
    "seq": "seq",
    "row_no": "row_no",
    "drop_no": "drop_no",
    "type_no": "type_no",
    "stamp": "stamp",
    "fate": "fate",
    "f0": "f0",
    "c0": "c0",
    "r": "r",
    "file": "file",
    # names that the engine itself uses
    "rowid": "rowid_2",
    "filename": "filename",
    "file_index": "file_index",
    "json": "json",
}


def _apart() -> list[dict[str, str]]:
    """Return all names in as few groups as there are names that would have one column."""
    groups: list[dict[str, str]] = []
    for name, column in NAMES.items():
        group = next((one for one in groups if column not in one.values()), None)
        if group is None:
            groups.append(group := {})
        group[name] = column
    return groups


@pytest.mark.parametrize("names", _apart())
def test_a_field_of_any_name_has_its_column_and_its_value(
    feed: Feed, names: dict[str, str]
) -> None:
    values = {name: name or "empty" for name in names}
    others = {name: f"not {value}" for name, value in values.items()}
    feed.load(
        csv_drop("a", [*BASE, *names], [[*BASE.values(), *values.values()]]),
        json_drop("b", [{**BASE, "eventId": "2", **values}]),
    )

    again = feed.load(
        json_drop("c", [{**BASE, **values}]),
        csv_drop("d", [*BASE, *names], [[*{**BASE, "eventId": "2"}.values(), *others.values()]]),
    )

    expected = {column: values[name] for name, column in names.items()}
    for row in feed.events():
        assert {name: value for name, value in row.items() if name not in KNOWN} == expected
    assert again.events == {"email.open": RowCounts(parsed=2, identical=1, conflicting=1)}


def test_a_strange_column_may_be_empty_in_later_drops(feed: Feed) -> None:
    names = ("rowid", "seq", "order", "_key")
    loaded(feed, "csv", *((name, "x") for name in names))

    receipt = feed.load(csv_drop("b", [*BASE, *names], [[*BASE.values(), *[""] * 4]]))

    assert receipt.events == {"email.open": RowCounts(parsed=1, identical=1)}


# -- names that meet -----------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize(
    "pairs",
    [
        [("utm source", "utm-source"), ("Shoe_Size", "shoeSize"), ("A", "a"), ("_", "-")],
        [("shoeSize", "SHOESIZE")],
    ],
    ids=["of four", "of another one"],
)
def test_two_spellings_of_one_name_share_a_column_and_nothing_is_lost(
    feed: Feed, pairs: list[tuple[str, str]], form: str
) -> None:
    values = {name: f"of {name}" for pair in pairs for name in pair}

    event = loaded(feed, form, *values.items())

    rescued = _rescued(event)
    columns = event.keys() - {"_rescued"}
    assert len(columns) == len(pairs)
    assert {event[name] for name in columns} | set(rescued.values()) == set(values.values())
    assert [len(rescued.keys() & pair) for pair in map(set, pairs)] == [1] * len(pairs)
    assert rescued == {name: values[name] for name in rescued}


def test_two_spellings_with_one_value_leave_nothing_to_rescue(feed: Feed) -> None:
    assert loaded(feed, "json", ("utm source", "x"), ("utm-source", "x")) == {"utm_source": "x"}


def test_two_spellings_of_a_known_field_fill_one_column(feed: Feed) -> None:
    event = loaded(feed, "csv", ("CampaignId", "7"), ("campaign_id", "8"))

    assert event == {"campaign_id": 7, "_rescued": '{"campaign_id":"8"}'}


def test_names_that_differ_in_a_character_of_no_word_have_columns_of_their_own(feed: Feed) -> None:
    event = loaded(feed, "csv", ("utm source", "1"), ("utm/source", "2"), ("utm:source", "3"))

    assert event == {"utm_source": "1", "utm_source_2": "2", "utm_source_3": "3"}


def test_a_name_that_stands_twice_in_a_header_has_two_columns(feed: Feed) -> None:
    event = loaded(feed, "csv", ("a", "1"), ("a", "2"), ("a 2", "3"), ("a", "4"))

    assert sorted(event.values(), key=str) == ["1", "2", "3", "4"]
    assert event["a"] == "1"


def test_a_known_name_that_stands_twice_in_a_header_fills_its_column_from_the_first(
    feed: Feed,
) -> None:
    event = loaded(feed, "csv", ("email", "a@x.org"), ("email", "b@x.org"))

    assert event == {"email": "a@x.org", "email_2": "b@x.org"}


@pytest.mark.parametrize(("order", "batches"), [((0, 1), 1), ((1, 0), 2)])
def test_a_name_means_the_same_column_in_every_drop(
    feed: Feed, order: tuple[int, int], batches: int
) -> None:
    """Without an id, the event is the same only if the column is."""
    header = ["eventType", "eventDate"]
    drops = [
        csv_drop("a", [*header, "shoeSize"], [["emailOpen", "2026-01-05", "44"]]),
        csv_drop("b", [*header, "SHOESIZE"], [["emailOpen", "2026-01-05", "44"]]),
    ]
    drops = [drops[number] for number in order]

    for batch in [drops] if batches == 1 else [[drop] for drop in drops]:
        feed.load(*batch)

    assert len(feed.rows()) == 1


# -- columns that are there already --------------------------------------------------------------


def test_a_new_field_shuns_a_column_of_another_type(feed: Feed) -> None:
    loaded(feed, "csv")
    feed.rig.execute("ALTER TABLE {schema}.email_open ADD COLUMN shoe INTEGER")

    feed.load(json_drop("b", [{**BASE, "eventId": "2", "shoe": "big"}]))

    (event,) = [row for row in feed.events() if row["event_id"] == "2"]
    assert event["shoe_2"] == "big"


def test_a_column_that_is_there_with_the_right_type_will_do(feed: Feed) -> None:
    loaded(feed, "csv")
    feed.rig.execute("ALTER TABLE {schema}.email_open ADD COLUMN shoe VARCHAR")

    receipt = feed.load(json_drop("b", [{**BASE, "eventId": "2", "shoe": "big"}]))

    (event,) = [row for row in feed.events() if row["event_id"] == "2"]
    assert event["shoe"] == "big"
    assert receipt.columns_added == {}


def test_missing_columns_are_null(feed: Feed) -> None:
    feed.load(csv_drop("a", "eventId", ["1"], event_type="email.open"))

    (row,) = feed.rows()
    filled = {name for name, value in row.items() if value is not None}
    assert filled - {"_key", "_drop_id", "_row", "_schema_version", "_loaded_at"} == {
        "event_id",
        "event_type",
    }


def test_a_column_that_a_row_lacks_is_null_in_that_row_only(feed: Feed) -> None:
    feed.load(json_drop("a", [{**BASE, "new": "x"}, {"id": "2", "type": "emailOpen"}]))

    assert {row["event_id"]: row["new"] for row in feed.rows()} == {"1": "x", "2": None}


def test_a_row_may_have_hundreds_of_fields(feed: Feed) -> None:
    fields = [(f"field {number}", str(number)) for number in range(60)]

    event = loaded(feed, "csv", *fields)

    assert event == {f"field_{number}": str(number) for number in range(60)}


# -- types of new columns ------------------------------------------------------------------------


def test_a_new_field_has_the_type_that_its_name_has_elsewhere(feed: Feed) -> None:
    event = loaded(feed, "csv", ("mobileNumber", "+44"), ("isHtml", "true"), ("campaign", "7"))
    click = csv_drop("b", ["eventId", "isForward"], [["9", "yes"]], event_type="sms.send")

    feed.load(click)

    assert event == {"mobile_number": "+44", "is_html": True, "campaign": "7"}
    assert [row.get("is_forward") for row in feed.events("sms_send")] == [True]


def test_a_new_field_of_objects_only_is_json_else_text(feed: Feed) -> None:
    first = {"all": {"a": [1, 2]}, "some": [1], "like": "{not json"}
    second = {"all": [], "some": "x", "like": "[neither"}

    feed.load(json_drop("a", [{**BASE, **first}, {**BASE, "eventId": "2", **second}]))

    one, two = sorted(feed.events(), key=lambda row: str(row["event_id"]))
    kinds = feed.rig.warehouse.columns("email_open")
    assert [str(kinds[name]) for name in ("all", "some", "like")] == ["json", "text", "text"]
    assert (one["all"], one["some"], one["like"]) == ('{"a":[1,2]}', "[1]", "{not json")
    assert (two["all"], two["some"], two["like"]) == ("[]", "x", "[neither")


def test_a_later_value_that_does_not_fit_a_new_column_is_rescued(feed: Feed) -> None:
    loaded(feed, "json", ("shape", {"a": 1}))

    feed.load(json_drop("b", [{**BASE, "eventId": "2", "shape": "round"}]))

    (event,) = [row for row in feed.events() if row["event_id"] == "2"]
    assert "shape" not in event
    assert event["_rescued"] == '{"shape":"round"}'


# -- what a schema requires ----------------------------------------------------------------------


@pytest.fixture
def strict(place: WarehouseRig, tmp_path: Path) -> Feed:
    document = a_document(
        required=["total"],
        properties={
            "eventId": {"$ref": f"{SHARED}eventId"},
            "eventDate": {"$ref": f"{SHARED}eventDate"},
            "total": {"type": ["number", "null"], "x-aliases": ["amount"]},
        },
    )
    write(tmp_path / "schemas", document)
    return Feed(place, tmp_path, schemas=tmp_path / "schemas")


def test_a_row_without_a_required_field_is_set_aside(strict: Feed) -> None:
    receipt = strict.load(
        csv_drop("a", "eventId,total,amount", ["1,5,", "2,,", "3,,6"], event_type="shop.order")
    )

    (row,) = strict.quarantine()
    assert receipt.events == {"shop.order": RowCounts(parsed=3, inserted=2, quarantined=1)}
    assert (row["row_no"], row["reason"], row["field"]) == (2, "missing_required", "total")
    assert "shop.order 1-0-0 requires it" in str(row["message"])
    assert [row["total"] for row in strict.events("shop_order")] == [5.0, 6.0]


def test_a_drop_without_a_required_column_is_set_aside_row_by_row(strict: Feed) -> None:
    drop = csv_drop("a", "eventId,note", ["1,x", "2,y"], event_type="shop.order")

    receipt = strict.load(drop)

    assert receipt.events == {"shop.order": RowCounts(parsed=2, quarantined=2)}
    assert [row["raw"] for row in strict.quarantine()] == ["1,x", "2,y"]
    assert strict.ledger()["a"]["state"] == "loaded"


def _rescued(event: Row) -> Row:
    found: Row = json.loads(str(event.get("_rescued", "{}")))
    return found
