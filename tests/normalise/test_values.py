"""Times that name events, texts as they are, and that no reader changes a value."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from firehose_loader.model import RowCounts
from tests.feed import Feed, csv_drop, json_drop
from tests.rigs.warehouses import Row


@pytest.fixture
def feed(feed_of_each_type: Feed) -> Feed:
    return feed_of_each_type


def _in_order(feed: Feed) -> list[Row]:
    return sorted(feed.rows("shop_order"), key=lambda row: int(str(row["event_id"])))


def utc(*parts: int, micro: int = 0) -> datetime:
    year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
    moment = datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)
    return moment.replace(tzinfo=None)


# -- times ---------------------------------------------------------------------------------------


MISFIT_MOMENTS = ["infinity", "never", "2026-02-30", "05/01/2026", "10:00:00", "0"]


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


# -- JSON and text -------------------------------------------------------------------------------


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
