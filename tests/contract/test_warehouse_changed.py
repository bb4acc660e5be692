"""What every warehouse notices before it takes drops out: rows that are not what was loaded."""

from __future__ import annotations

import pytest

from firehose_loader.errors import UndoRefused
from firehose_loader.history import DropFilter, DropRecord
from tests.feed import Feed, csv_drop

DATE = "2026-01-05T10:00:00Z"
HEADER = "eventId,eventType,eventDate,campaignName"


def record(feed: Feed, key: str) -> DropRecord:
    (found,) = feed.rig.warehouse.drops(DropFilter(drop=key))
    return found


def refused(feed: Feed, *keys: str) -> str:
    """Undo drops, which must be refused and change nothing; return why."""
    before = feed.everything()
    drops = [record(feed, key) for key in keys]
    told = set()
    for preview in (True, False):
        with pytest.raises(UndoRefused) as raised:
            feed.rig.warehouse.undo(drops, preview=preview)
        told.add(str(raised.value))
        assert feed.everything() == before
    (message,) = told
    return message


@pytest.fixture
def loaded(feed: Feed) -> Feed:
    """Two drops with other events each, of which the second brings a column."""
    feed.load(csv_drop("a", HEADER, [f"1,emailOpen,{DATE},x", f"2,emailOpen,{DATE},"]))
    feed.load(csv_drop("bb", f"{HEADER},wrapping", [f"3,emailOpen,{DATE},x,gift"]))
    return feed


@pytest.mark.parametrize(
    ("event", "change"),
    [
        ("1", "campaign_name = 'y'"),
        ("2", "campaign_name = 'y'"),
        ("1", "campaign_name = NULL"),
        ("1", "wrapping = 'paper'"),
        ("1", "campaign_name = event_id, event_id = campaign_name"),
        ("2", "event_date = event_date + INTERVAL 1 SECOND"),
        ("1", "_rescued = '{}'"),
        ("1", "_drop_id = 'another'"),
    ],
)
def test_values_that_were_changed_by_hand_are_noticed(
    loaded: Feed, event: str, change: str
) -> None:
    loaded.rig.execute(f"UPDATE {{schema}}.email_open SET {change} WHERE event_id = '{event}'")

    told = refused(loaded, "a")

    assert "'a' (" in told
    assert "email_open" in told
    assert "changed by hand" in told


def test_values_that_changed_places_are_noticed(loaded: Feed) -> None:
    loaded.rig.execute(
        "UPDATE {schema}.email_open SET campaign_name = CASE event_id WHEN '2' THEN 'x' END"
        " WHERE event_id <> '3'"
    )

    assert "changed by hand" in refused(loaded, "a")


def test_drops_whose_rows_nobody_changed_are_undone_beside_others(loaded: Feed) -> None:
    loaded.rig.execute("UPDATE {schema}.email_open SET campaign_name = 'y' WHERE event_id = '3'")

    assert "'bb' (" in refused(loaded, "a", "bb")
    assert loaded.rig.warehouse.undo([record(loaded, "a")], preview=False).removed == 2


def test_a_table_that_is_gone_is_noticed(loaded: Feed) -> None:
    loaded.rig.execute("DROP VIEW {schema}.events")
    loaded.rig.execute("DROP TABLE {schema}.email_open")

    assert "into the event tables, and 0 are there" in refused(loaded, "a")


def test_where_it_cannot_be_told_consent_is_asked_for(loaded: Feed) -> None:
    loaded.rig.execute("UPDATE {schema}._firehose_digests SET witness = 1, digest = 1")

    assert "cannot be told whether its 2 rows in email_open" in refused(loaded, "a")
    assert "--unchecked" in refused(loaded, "a")
    drops = [record(loaded, "a")]
    assert loaded.rig.warehouse.undo(drops, preview=False, unchecked=True).removed == 2


def test_what_the_loader_itself_hands_over_is_not_taken_for_changed(feed: Feed) -> None:
    rows = [f"1,emailOpen,{DATE},x", f"2,emailOpen,{DATE},x"]
    for key in ("a", "bb", "ccc"):
        feed.load(csv_drop(key, HEADER, rows))

    feed.rig.warehouse.undo([record(feed, "a")], preview=False)
    assert feed.rig.warehouse.undo([record(feed, "bb")], preview=False).handed_over == 2
    feed.load(csv_drop("a", HEADER, rows))

    assert feed.rig.warehouse.undo([record(feed, "ccc")], preview=True).handed_over == 2
    feed.rig.execute("UPDATE {schema}.email_open SET campaign_name = 'y' WHERE event_id = '2'")
    assert "changed by hand" in refused(feed, "ccc")
