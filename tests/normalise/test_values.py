"""Texts to values: what fits a type, what does not, and that no text is lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from firehose_loader.model import RowCounts
from tests.feed import Feed, csv_drop, json_drop
from tests.rigs.warehouses import Row


@pytest.fixture
def feed(feed_of_each_type: Feed) -> Feed:
    return feed_of_each_type


def read(feed: Feed, field: str, texts: list[str]) -> list[object]:
    """Load texts of one field as CSV; return their values, and those not fit as ``[text]``."""
    rows = [[number, text] for number, text in enumerate(texts)]
    feed.load(csv_drop("a", ["eventId", field], rows, event_type="shop.order"))
    return [_value(row, field) for row in _in_order(feed)]


def read_json(feed: Feed, field: str, values: list[str]) -> list[object]:
    """Load values of one field, given as JSON texts."""
    rows = [f'{{"eventId": {number}, "{field}": {value}}}' for number, value in enumerate(values)]
    feed.load(json_drop("a", rows, event_type="shop.order"))
    return [_value(row, field) for row in _in_order(feed)]


def _in_order(feed: Feed) -> list[Row]:
    return sorted(feed.rows("shop_order"), key=lambda row: int(str(row["event_id"])))


def _value(row: Row, field: str) -> object:
    if row["_rescued"] is None:
        return row[field]
    assert row[field] is None
    return [json.loads(str(row["_rescued"]))[field]]


def utc(*parts: int, micro: int = 0) -> datetime:
    year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
    moment = datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)
    return moment.replace(tzinfo=None)


# -- numbers -------------------------------------------------------------------------------------


def test_whole_numbers_fit_to_the_last_of_64_bits(feed: Feed) -> None:
    fit = {
        "0": 0,
        "-0": 0,
        "7": 7,
        "+7": 7,
        "-7": -7,
        " 7 ": 7,
        "7.0": 7,
        "7.": 7,
        "9223372036854775807": 2**63 - 1,
        "-9223372036854775808": -(2**63),
        "9007199254740993": 2**53 + 1,
    }

    assert read(feed, "whole", list(fit)) == list(fit.values())


def test_what_is_not_exactly_a_whole_number_is_rescued(feed: Feed) -> None:
    misfits = [
        "9223372036854775808",
        "-9223372036854775809",
        "1.5",
        "0.9999999999999999999999",
        "1e3",
        "007",
        "-01",
        "1_000",
        "1,000",
        "1 000",
        "0x10",
        "١٢",
        "true",
        "nan",
        "abc",
        "7a",
        "--7",
        "+",
        ".",
        "-",
    ]

    assert read(feed, "whole", misfits) == [[text] for text in misfits]


def test_real_numbers_are_finite(feed: Feed) -> None:
    fit = {
        "1.5": 1.5,
        ".5": 0.5,
        "1e3": 1000.0,
        "1E-3": 0.001,
        "-0.0": 0.0,
        "007": 7.0,
        "1.7976931348623157e308": 1.7976931348623157e308,
        "4.9e-324": 5e-324,
        "9007199254740993": 9007199254740992.0,
        " 2 ": 2.0,
    }

    assert read(feed, "real", list(fit)) == list(fit.values())


def test_what_is_no_finite_number_is_rescued(feed: Feed) -> None:
    misfits = [
        "nan",
        "NaN",
        "inf",
        "-Infinity",
        "1e309",
        "1,5",
        "1_000",
        "0x10",
        "abc",
        "1.2.3",
        "e",
    ]

    assert read(feed, "real", misfits) == [[text] for text in misfits]


def test_numbers_of_json_lose_no_digit(feed: Feed) -> None:
    values = ["9223372036854775807", "9223372036854775808", "123456789012345678901234567890", "5.0"]

    assert read_json(feed, "whole", values) == [2**63 - 1, [values[1]], [values[2]], 5]


def test_a_number_that_is_no_json_is_text_where_the_engine_lets_it_pass(feed: Feed) -> None:
    assert read_json(feed, "real", ["NaN", "Infinity", "1e400"]) == [
        ["NaN"],
        ["Infinity"],
        ["1e400"],
    ]


# -- booleans, times, dates ----------------------------------------------------------------------


def test_booleans_in_their_usual_spellings(feed: Feed) -> None:
    true = ["true", "TRUE", "True", "t", "yes", "Y", "1", " true "]
    false = ["false", "FALSE", "f", "no", "N", "0"]
    misfits = ["2", "-1", "on", "off", "wahr", "truee", "1.0"]

    expected = [True] * len(true) + [False] * len(false) + [[text] for text in misfits]
    assert read(feed, "flag", [*true, *false, *misfits]) == expected


def test_moments_in_utc_with_any_offset_and_up_to_nine_decimals(feed: Feed) -> None:
    ten = utc(2026, 1, 5, 10)
    fit = {
        "2026-01-05T10:00:00Z": ten,
        "2026-01-05 10:00:00": ten,
        "2026-01-05T10:00:00": ten,
        "2026-01-05T10:00Z": ten,
        "2026-01-05 10:00:00 UTC": ten,
        "2026-01-05T12:00:00+02:00": ten,
        "2026-01-05T12:00:00+02": ten,
        "2026-01-05T12:00:00+0200": ten,
        "2026-01-05T04:30:00-05:30": ten,
        " 2026-01-05T10:00:00Z ": ten,
        "2026-01-05": utc(2026, 1, 5),
        "2026-1-5": utc(2026, 1, 5),
        "2024-02-29": utc(2024, 2, 29),
        "1969-12-31T23:59:59Z": utc(1969, 12, 31, 23, 59, 59),
        "0001-01-01T00:00:00Z": utc(1, 1, 1),
        "9999-12-31T23:59:59.999999Z": utc(9999, 12, 31, 23, 59, 59, micro=999_999),
    } | {
        f"2026-01-05T10:00:00.{'123456789'[:digits]}Z": ten.replace(
            microsecond=int("123456"[:digits].ljust(6, "0"))
        )
        for digits in range(1, 10)
    }

    assert read(feed, "moment", list(fit)) == list(fit.values())


MISFIT_MOMENTS = [
    "infinity",
    "-infinity",
    "epoch",
    "now",
    "today",
    "never",
    "2026-02-30",
    "2026-13-01",
    "2025-02-29",
    "2026-01-05T25:00:00Z",
    "05/01/2026",
    "5 Jan 2026",
    "20260105T100000Z",
    "1767607200",
    "1767607200000",
    "2026-01-05T10:00:00 Nowhere/City",
    "2026-01-05T10:00:00Zzz",
    "10:00:00",
    "0",
    "2026",
    "2026-01",
    "999999-01-01",
]


def test_what_is_no_moment_is_rescued(feed: Feed) -> None:
    assert read(feed, "moment", MISFIT_MOMENTS) == [[text] for text in MISFIT_MOMENTS]


def test_a_bad_event_time_sets_its_row_aside(feed: Feed) -> None:
    rows = [[number, text] for number, text in enumerate(MISFIT_MOMENTS)]
    drop = csv_drop("a", ["eventId", "eventDate"], [*rows, ["good", ""]], event_type="shop.order")

    receipt = feed.load(drop)

    quarantine = feed.quarantine()
    count = len(MISFIT_MOMENTS)
    assert receipt.events == {
        "shop.order": RowCounts(parsed=count + 1, inserted=1, quarantined=count)
    }
    assert {(row["reason"], row["field"]) for row in quarantine} == {
        ("bad_event_time", "eventDate")
    }
    assert [row["raw"] for row in quarantine] == [f"{one},{text}" for one, text in rows]
    assert [row["event_id"] for row in feed.rows("shop_order")] == ["good"]


def test_the_alias_that_holds_the_event_time_counts(feed: Feed) -> None:
    header = ["eventId", "eventDate", "timeStamp"]
    rows = [["1", "", "never"], ["2", "never", "2026-01-05"], ["3", "", "2026-01-05"]]

    feed.load(csv_drop("a", header, rows, event_type="shop.order"))

    assert [row["row_no"] for row in feed.quarantine()] == [1, 2]
    assert [row["event_date"] for row in feed.rows("shop_order")] == [utc(2026, 1, 5)]


def test_a_time_before_christ_harms_nothing(feed: Feed) -> None:
    rows = [["1", "0044-03-15 (BC)"], ["2", "2026-01-05"]]

    receipt = feed.load(csv_drop("a", ["eventId", "moment"], rows, event_type="shop.order"))

    found = feed.rig.execute(
        "SELECT event_id, moment::VARCHAR AS moment FROM {schema}.shop_order ORDER BY event_id"
    )
    assert receipt.events["shop.order"].inserted == 2
    assert [row["moment"] for row in found] == ["0044-03-15 (BC) 00:00:00", "2026-01-05 00:00:00"]


def test_dates_have_no_time_of_day(feed: Feed) -> None:
    fit = {"2026-01-05": utc(2026, 1, 5).date(), " 2026-1-5 ": utc(2026, 1, 5).date()}
    misfits = [
        "2026-01-05T10:00:00Z",
        "2026-02-30",
        "05.01.2026",
        "epoch",
        "20260105",
        "2026-01-05 BC",
    ]

    expected = [*fit.values(), *([text] for text in misfits)]
    assert read(feed, "day", [*fit, *misfits]) == expected


# -- JSON and text -------------------------------------------------------------------------------


def test_json_is_kept_in_its_shortest_spelling(feed: Feed) -> None:
    fit = {
        '{ "a" : [ 1, 2 ] }': '{"a":[1,2]}',
        "[]": "[]",
        "1": "1",
        "null": "null",
        '"x"': '"x"',
        '{"ü":"\\u00fc"}': '{"ü":"ü"}',
        '{"a":' * 50 + "1" + "}" * 50: '{"a":' * 50 + "1" + "}" * 50,
    }
    misfits = ["{", "{a:1}", "hello", "{'a':1}", "[1,2"]

    expected = [*fit.values(), *([text] for text in misfits)]
    assert read(feed, "thing", [*fit, *misfits]) == expected


@pytest.mark.parametrize("form", ["csv", "json", "array"])
def test_text_comes_out_as_it_went_in(feed: Feed, form: str) -> None:
    texts = [
        "it's",
        'she said "so"',
        "a,b;c|d",
        "two\nlines",
        "two\r\nlines",
        "tab\there",
        " space ",
        "{{ table }} {{ x }}",
        ":name $1 ? %s %(x)s",
        "'; DROP TABLE email_open; --",
        "\x1b[31mred\x1b[0m",
        "zero\0byte",
        "\\N",
        "NULL",
        "null",
        "ünï 身長 🦄 \u200b \u202e e\u0301",
        "\ufeffmark",
        "C:\\new\\table",
        "\\u0041",
        "=1+1",
        "x" * 1_000_000,
    ]
    rows = [[number, text] for number, text in enumerate(texts)]
    objects: list[Row] = [{"eventId": number, "words": text} for number, text in rows]

    feed.load(
        csv_drop("a", ["eventId", "words"], rows, event_type="shop.order")
        if form == "csv"
        else json_drop("a", objects, event_type="shop.order", array=form == "array")
    )

    assert [row["words"] for row in _in_order(feed)] == texts


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_text_of_16_megabytes_is_a_text(feed: Feed, form: str) -> None:
    paragraph = '"quoted" ' + "ü, x " * 1000 + "\n"
    text = paragraph * (2**24 // len(paragraph.encode()) + 1)
    good = {"eventId": 2, "words": "good"}

    receipt = feed.load(
        csv_drop("a", ["eventId", "words"], [[1, text], [2, "good"]], event_type="shop.order")
        if form == "csv"
        else json_drop("a", [{"eventId": 1, "words": text}, good], event_type="shop.order")
    )

    assert receipt.events == {"shop.order": RowCounts(parsed=2, inserted=2)}
    assert [row["words"] for row in _in_order(feed)] == [text, "good"]


def test_absent_empty_and_null_are_one(feed: Feed) -> None:
    rows = ['{"eventId": 1}', '{"eventId": 2, "words": ""}', '{"eventId": 3, "words": null}']

    feed.load(
        json_drop("a", rows, event_type="shop.order"),
        csv_drop("b", ["eventId", "words"], [["4", ""]], event_type="shop.order"),
    )

    assert {row["words"] for row in feed.rows("shop_order")} == {None}


def test_values_read_the_same_whichever_reader_takes_their_drop(feed: Feed) -> None:
    """Without ids: events are the same only if every text is."""
    rows = [
        '{"words": 1.50, "thing": {"a": [1.0, 1e3, -0, "\\u00fc\\/"], "b": null}, "whole": 5.0}',
        '{"words": 12345678901234567890123, "real": 1E2, "flag": true, "extra": [ 1 , 2 ]}',
        '{"words": {"n": 1e-7, "m": 1234567.125, "z": 1e21}, "moment": "2026-01-05", "extra": 0.1}',
        '{"words": "\\ud83e\\udd84\\u0000x", "extra": "1.50", "flag": "TRUE", "real": 3}',
        '{"words": false, "extra": true, "thing": [[], {}, [{}]]}',
    ]
    feed.load(json_drop("fast", rows, event_type="shop.order"))
    before = feed.rows("shop_order")

    receipt = feed.load(json_drop("strict", [*rows, "{torn"], event_type="shop.order"))

    assert receipt.events["shop.order"] == RowCounts(parsed=5, identical=5)
    assert feed.rows("shop_order") == before


def test_csv_values_read_the_same_whichever_reader_takes_their_drop(feed: Feed) -> None:
    header = ["words", "whole", "extra"]
    rows = [['a "b"\nc', "7", "x, y"], [" a ", " 7", ""], ["ü", "abc", '"'], ["", "", "z"]]
    feed.load(csv_drop("fast", header, rows, event_type="shop.order"))

    receipt = feed.load(
        csv_drop("strict", header, [*rows, ["too", "few"]], event_type="shop.order")
    )

    assert receipt.events["shop.order"] == RowCounts(parsed=4, identical=4)
    assert receipt.events["unknown"] == RowCounts(parsed=1, quarantined=1)
