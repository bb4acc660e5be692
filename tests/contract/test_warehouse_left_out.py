"""What every warehouse does without columns that are left out: nothing of them is stored."""

from __future__ import annotations

import pytest

from firehose_loader.model import RowCounts
from tests.feed import Feed, Given, csv_drop

HEADER = "eventId,eventType,eventDate,campaignId,campaignName,brandNew"
DATE = "2026-01-05T10:00:00Z"
LEFT_OUT = {"email.open": {"campaign_id", "campaign_name"}}


def opens(key: str, *rows: str) -> Given:
    """Return a drop of opens: id, campaign's id, its name and one more, joined by colons."""
    cells = [row.split(":") for row in rows]
    return csv_drop(key, HEADER, [[one[0], "emailOpen", DATE, *one[1:]] for one in cells])


@pytest.fixture
def less(feed: Feed) -> Feed:
    feed.left_out = LEFT_OUT
    return feed


def test_nothing_of_them_is_in_the_table_and_no_row_is_lost(less: Feed) -> None:
    receipt = less.load(opens("a", "1:7:x:n", "2:not a number:x:n"))

    assert receipt.events == {"email.open": RowCounts(parsed=2, inserted=2)}
    assert set(less.rows()[0]).isdisjoint({"campaign_id", "campaign_name"})
    assert [(row["event_id"], row["brand_new"]) for row in less.events()] == [
        ("1", "n"),
        ("2", "n"),
    ]
    assert all(row["_rescued"] is None for row in less.rows())


def test_rows_that_differ_in_them_alone_are_one_event(less: Feed) -> None:
    less.load(opens("a", "1:7:x:n"))

    receipt = less.load(opens("bb", "1:8:another:n", "1:7:x:other"))

    assert receipt.events == {"email.open": RowCounts(parsed=2, identical=1, conflicting=1)}


def test_rows_without_an_id_are_known_by_all_that_they_say(less: Feed) -> None:
    less.load(opens("a", ":7:x:n", ":8:x:n"))
    again = less.load(opens("bb", ":7:x:n", ":9:x:n"))
    less.left_out = {}
    whole = less.load(opens("ccc", ":7:x:n", ":9:x:n"))

    assert again.events == {"email.open": RowCounts(parsed=2, inserted=1, identical=1)}
    assert whole.events == {"email.open": RowCounts(parsed=2, identical=2)}
    assert len(less.rows()) == 3


def test_a_column_that_is_left_out_later_keeps_what_it_has(feed: Feed) -> None:
    feed.load(opens("a", "1:7:x:n"))
    feed.left_out = LEFT_OUT
    feed.load(opens("bb", "2:7:x:n"))

    assert [row["campaign_name"] for row in feed.rows()] == ["x", None]
