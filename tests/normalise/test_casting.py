"""Texts to values, line by line as docs/casting.md states them, and what is stranger than these."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from firehose_loader.model import RowCounts
from firehose_loader.normalise.casts import cast
from firehose_loader.schema.model import FieldType
from tests.checkout import ROOT
from tests.feed import Feed, Given, csv_drop, json_drop
from tests.rigs.warehouses import Row, WarehouseRig
from tests.schema_documents import Document, a_document, write

RESCUED = "rescued"
FIELDS: dict[str, Document] = {
    "text": {"type": ["string", "null"]},
    "integer": {"type": ["integer", "null"]},
    "number": {"type": ["number", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "timestamp": {"type": ["string", "null"], "format": "date-time"},
    "date": {"type": ["string", "null"], "format": "date"},
    "json": {"type": ["object", "array", "null"]},
}
"""One field of each type, called like it."""
Values = list[tuple[str, str | None]]
"""Texts, and what the warehouse shows of them; ``rescued`` where they do not fit."""


def _documented() -> Iterator[tuple[str, str, str | None]]:
    """Yield type, text and value of every line of the tables."""
    kind = ""
    for line in (ROOT / "docs/casting.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            kind = line[3:]
        elif kind and (found := re.match(r"\| `(.*?)` \| (?:`(.*?)`|(rescued)|NULL) \|", line)):
            yield kind, found[1], found[2] or found[3]


DOCUMENTED = {
    kind: [(text, value) for of, text, value in _documented() if of == kind] for kind in FIELDS
}
STRANGER: dict[str, Values] = {
    "integer": [
        *[(text, "0") for text in ("0", "-0", " 0 ", "0.")],
        ("7.", "7"),
        *[
            (text, RESCUED)
            for text in [
                "1e3",
                "-01",
                "١٢",
                "7a",
                "--7",
                "+",
                ".",
                "-",
                "nan",
                "abc",
                "0.9999999999999999999999",
            ]
        ],
        ("0.9999999999999999999999", RESCUED),
        ("-9223372036854775809", RESCUED),
        ("1 000", RESCUED),
        (" nUlL ", None),
        ("   ", None),
    ],
    "number": [
        (".5", "0.5"),
        ("-0.0", "-0.0"),
        (",5", "0.5"),
        (" 2 ", "2.0"),
        (" 2,5 ", "2.5"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("4.9e-324", "5e-324"),
        ("9007199254740993", "9007199254740992.0"),
        *[
            (text, RESCUED)
            for text in [
                "NaN",
                "inf",
                "-Infinity",
                "-1,250",
                "999,999",
                "1,2,3",
                "1_0,5",
                "1,5e3",
                ",",
                "0x10",
                "1.2.3",
                "e",
            ]
        ],
    ],
    "boolean": [("\ttrue\r\n", "true"), *[(text, RESCUED) for text in ("-1", "off", "wahr")]],
    "timestamp": [
        *[
            (f"2026-01-05T10:00:00.{'123456789'[:digits]}Z", f"2026-01-05 10:00:00.{cut}")
            for digits in range(1, 10)
            for cut in ["123456789"[: min(digits, 6)]]
        ],
        (" 2026-01-05T10:00:00Z ", "2026-01-05 10:00:00"),
        ("\t1767607200\r\n", "2026-01-05 10:00:00"),
        ("1000000000", "2001-09-09 01:46:40"),
        ("9999999999999", "2286-11-20 17:46:39.999"),
        ("1767607200.1234567891234", "2026-01-05 10:00:00.123456"),
        ("\t2026-1-5\r\n", "2026-01-05 00:00:00"),
        ("2024-02-29", "2024-02-29 00:00:00"),
        ("1969-12-31T23:59:59Z", "1969-12-31 23:59:59"),
        ("0001-01-01T00:00:00Z", "0001-01-01 00:00:00"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31 23:59:59.999999"),
        ("2026-12-31T23:30:00-01:00", "2027-01-01 00:30:00"),
        *[
            (text, RESCUED)
            for text in (
                "-infinity",
                "epoch",
                "today",
                "never",
                "2026-13-01",
                "2025-02-29",
                "5 Jan 2026",
                "20260105T100000Z",
                "2026-01-05T10:00:00 Nowhere/City",
                "2026-01-05T10:00:00Zzz",
                "10:00:00",
                "0",
                "2026",
                "2026-01",
                "999999-01-01",
                "-1767607200",
                "1767607200 BC",
                "1767607200.5.5",
                "17676072001",
                "1,767,607,200",
            )
        ],
    ],
    "date": [
        (" 2026-1-5 ", "2026-01-05"),
        *[
            (text, RESCUED)
            for text in (
                "2026-01-05T00:00:01",
                "2026-01-05T00:00:00+02:00",
                "2026-01-05 BC",
                "epoch",
            )
        ],
    ],
    "json": [
        ("1", "1"),
        ('"x"', '"x"'),
        ('{"ü":"\\u00fc"}', '{"ü":"ü"}'),
        ('{"a":' * 50 + "1" + "}" * 50, '{"a":' * 50 + "1" + "}" * 50),
        *[(text, RESCUED) for text in ("{", "{'a':1}", "[1,2", "nul")],
    ],
    "text": [
        (text, text)
        for text in (
            "null",
            "\\n",
            "\\N.",
            "true",
            "0.10",
            "2001:db8::1",
            "6F9619FF8B86D011B42D00CF4FC964FF",
            "=1+1",
            "\ufeffmark",
        )
    ],
}
VALUES = {kind: [*DOCUMENTED[kind], *STRANGER[kind]] for kind in FIELDS}


@pytest.fixture
def feed(place: WarehouseRig, tmp_path: Path) -> Feed:
    properties = {
        "eventId": {"$ref": "../common/1-0-0.json#/$defs/eventId"},
        "eventDate": {**FIELDS["timestamp"], "x-aliases": ["happened"]},
        **FIELDS,
    }
    write(tmp_path / "schemas", a_document(properties=properties))
    return Feed(place, tmp_path, schemas=tmp_path / "schemas")


def shown(feed: Feed, kind: str) -> list[str | None]:
    """Return what the warehouse shows of one field, in the order of the ids."""
    rows = feed.rig.execute(
        f'SELECT "{kind}"::VARCHAR AS value, _rescued, event_id FROM {{schema}}.shop_order'
    )
    return [_shown(row, kind) for row in sorted(rows, key=lambda row: int(str(row["event_id"])))]


def _shown(row: Row, kind: str) -> str | None:
    if row["_rescued"] is None:
        return None if row["value"] is None else str(row["value"])
    assert row["value"] is None
    assert set(json.loads(str(row["_rescued"]))) == {kind}
    return RESCUED


def csv_of(kind: str, values: Values) -> Given:
    rows = [[number, text] for number, (text, _) in enumerate(values)]
    return csv_drop("a", ["eventId", kind], rows, event_type="shop.order")


def json_of(kind: str, values: Values) -> Given:
    rows: list[Row] = [{"eventId": number, kind: text} for number, (text, _) in enumerate(values)]
    return json_drop("a", rows, event_type="shop.order")


def test_the_documentation_has_a_table_for_every_type() -> None:
    assert {FieldType(kind) for kind in DOCUMENTED} == set(FieldType)
    assert all(len(values) > 5 for values in DOCUMENTED.values())


def test_the_engine_casts_each_text_as_documented(feed: Feed) -> None:
    engine = feed.rig.warehouse.engine()
    for kind, values in VALUES.items():
        texts = [text for text, _ in values]

        value = cast(FieldType(kind), "x")
        engine.define(value)
        rows = "SELECT unnest($texts) AS x, generate_subscripts($texts, 1) AS n"
        found = engine.connection.execute(
            f"SELECT ({value})::VARCHAR FROM ({rows}) ORDER BY n", {"texts": texts}
        ).fetchall()

        expected = [None if value == RESCUED else value for _, value in values]
        assert dict(zip(texts, (value for (value,) in found), strict=True)) == dict(
            zip(texts, expected, strict=True)
        ), kind


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize("kind", VALUES)
def test_each_text_loads_as_documented(feed: Feed, kind: str, form: str) -> None:
    values = VALUES[kind]
    drop = (csv_of if form == "csv" else json_of)(kind, values)

    receipt = feed.load(drop)

    counts = RowCounts(parsed=len(values), inserted=len(values))
    assert receipt.events == {"shop.order": counts}
    assert dict(zip((text for text, _ in values), shown(feed, kind), strict=True)) == dict(values)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (
            "integer",
            {
                "7": "7",
                "7.0": "7",
                "1e3": "1000",
                "7.5": RESCUED,
                "9223372036854775807": "9223372036854775807",
                "9223372036854775808": RESCUED,
                "123456789012345678901234567890": RESCUED,
                "true": RESCUED,
                "null": None,
            },
        ),
        (
            "number",
            {"1.50": "1.5", "1e3": "1000.0", "1e400": RESCUED, "NaN": RESCUED, "Infinity": RESCUED},
        ),
        ("boolean", {"true": "true", "false": "false", "1": "true", "0": "false", "2": RESCUED}),
        (
            "timestamp",
            {
                "1767607200": "2026-01-05 10:00:00",
                "1767607200123": "2026-01-05 10:00:00.123",
                "1767607200.5": "2026-01-05 10:00:00.5",
                "1.7676072e9": "2026-01-05 10:00:00",
                "17": RESCUED,
            },
        ),
        ("text", {"1.50": "1.5", "true": "true", "[1, 2]": "[1,2]", "null": None, '""': None}),
        (
            "json",
            {
                '{"a": 1}': '{"a":1}',
                "[1, null]": "[1,null]",
                "null": None,
                "7": "7",
                '{"NaN":["nan, -Infinity", "\\"inf"]}': '{"NaN":["nan, -Infinity","\\"inf"]}',
                '{"a":{"b":NaN}}': RESCUED,
                "[-Infinity]": RESCUED,
                "nan": RESCUED,
            },
        ),
    ],
)
@pytest.mark.parametrize("torn", [False, True], ids=["fast", "strict"])
def test_values_of_json_are_cast_like_their_texts(
    feed: Feed,
    kind: str,
    values: dict[str, str | None],
    torn: bool,  # noqa: FBT001
) -> None:
    rows = [f'{{"eventId": {number}, "{kind}": {value}}}' for number, value in enumerate(values)]

    feed.load(json_drop("a", [*rows, *(["torn"] if torn else [])], event_type="shop.order"))

    assert dict(zip(values, shown(feed, kind), strict=True)) == values


# -- what marks a missing value ------------------------------------------------------------------


@pytest.mark.parametrize("torn", [False, True], ids=["fast", "strict"])
def test_what_databases_export_for_null_is_null_in_csv(
    feed: Feed,
    torn: bool,  # noqa: FBT001
) -> None:
    rows = [["1", *["\\N"] * len(FIELDS)], ["2", *[""] * len(FIELDS)]]

    feed.load(
        csv_drop(
            "a", ["eventId", *FIELDS], [*rows, *([["3"]] if torn else [])], event_type="shop.order"
        )
    )

    assert {kind: shown(feed, kind) for kind in FIELDS} == {kind: [None, None] for kind in FIELDS}


def test_in_json_it_is_a_text_like_any_other(feed: Feed) -> None:
    feed.load(json_drop("a", [{"eventId": 1, "text": "\\N"}], event_type="shop.order"))

    assert shown(feed, "text") == ["\\N"]


def test_a_missing_event_time_does_not_set_its_row_aside(feed: Feed) -> None:
    rows: list[Row] = [
        {"eventId": number, "eventDate": marker, "happened": "2026-01-05"}
        for number, marker in enumerate(["null", "NULL", " ", "\\N"])
    ]

    receipt = feed.load(json_drop("a", rows, event_type="shop.order"))

    assert receipt.events == {"shop.order": RowCounts(parsed=4, inserted=4)}
    assert [(str(row["event_date"]), row.get("_rescued")) for row in feed.events("shop_order")] == [
        ("2026-01-05 00:00:00", None)
    ] * 4


def test_a_marker_is_not_what_a_required_field_asks_for(
    place: WarehouseRig, tmp_path: Path
) -> None:
    document = a_document(required=["integer"], properties={"integer": FIELDS["integer"]})
    write(tmp_path / "schemas", {**document, "x-key": ["integer"], "x-event-time": None})
    feed = Feed(place, tmp_path, schemas=tmp_path / "schemas")

    values: list[Row] = [{"integer": value} for value in ("null", "NULL", "", "\\N", 0)]

    receipt = feed.load(json_drop("a", values, event_type="shop.order"))

    assert receipt.events == {"shop.order": RowCounts(parsed=5, inserted=1, quarantined=4)}
    assert {row["row_no"] for row in feed.quarantine()} == {1, 2, 3, 4}


# -- ids -----------------------------------------------------------------------------------------


def test_an_id_is_one_event_however_its_uuid_is_written(feed: Feed) -> None:
    spellings = [
        "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
        "6F9619FF-8B86-D011-B42D-00CF4FC964FF",
        "{6F9619FF-8B86-D011-B42D-00CF4FC964FF}",
        "6F9619FF8B86D011B42D00CF4FC964FF",
        " 6f9619ff-8b86-d011-b42d-00cf4fc964ff ",
    ]

    rows = [[one, 7] for one in spellings]
    receipt = feed.load(csv_drop("a", ["eventId", "integer"], rows, event_type="shop.order"))

    assert receipt.events == {"shop.order": RowCounts(parsed=5, inserted=1, identical=4)}
    assert [row["event_id"] for row in feed.events("shop_order")] == [spellings[0]]


def test_what_stands_for_no_id_is_none(feed: Feed) -> None:
    missing = ["", " ", "null", "NULL", "\\N", "0" * 32, "{" + "0" * 32 + "}"]
    rows: list[Row] = [
        {"eventId": text, "integer": 10 * at + number}
        for at, text in enumerate(missing)
        for number in (1, 2, 2)
    ]

    receipt = feed.load(json_drop("a", rows, event_type="shop.order"))

    assert receipt.events == {"shop.order": RowCounts(parsed=21, inserted=21)}
