"""What every warehouse takes out again: exactly the drops that are meant, or nothing."""

from __future__ import annotations

import pytest

from firehose_loader.errors import EngineError, UndoRefused
from firehose_loader.history import DropFilter, DropRecord, UndoReceipt
from firehose_loader.model import DropState
from tests.feed import Feed, Given, csv_drop

DATE = "2026-01-05T10:00:00Z"
HEADER = "eventId,eventType,eventDate,campaignName"


def opens(key: str, *rows: str) -> Given:
    """Return a drop of opens: event id and campaign name, joined by a colon."""
    cells = [row.split(":") for row in rows]
    return csv_drop(key, HEADER, [[event, "emailOpen", DATE, name] for event, name in cells])


def records(feed: Feed, *keys: str) -> list[DropRecord]:
    return [one for key in keys for one in feed.rig.warehouse.drops(DropFilter(drop=key))]


@pytest.fixture
def three(feed: Feed) -> Feed:
    """Three drops that carry the same events, and one that tells an event otherwise."""
    feed.load(opens("a", "1:x", "2:x", "3:x"))
    feed.load(opens("bb", "2:x", "1:x"), opens("ccc", "1:x"))
    feed.load(opens("dddd", "3:other"))
    return feed


def owners(feed: Feed) -> dict[str, tuple[str, object]]:
    """Return the drop and the row of each event."""
    keys = {row["drop_id"]: key for key, row in feed.ledger().items()}
    return {str(row["event_id"]): (keys[row["_drop_id"]], row["_row"]) for row in feed.rows()}


def test_events_that_other_drops_carried_stay_with_one_of_these(three: Feed) -> None:
    receipt = three.rig.warehouse.undo(records(three, "a"), preview=False)

    assert receipt == UndoReceipt(drops=1, removed=1, handed_over=2, set_aside=0, conflicts=1)
    assert owners(three) == {"1": ("bb", 2), "2": ("bb", 1)}
    ledger = three.ledger()
    assert (ledger["a"]["state"], ledger["a"]["rows_parsed"]) == ("undone", 0)
    assert (ledger["bb"]["rows_inserted"], ledger["bb"]["rows_identical"]) == (2, 0)


def test_a_preview_of_an_undo_changes_nothing(three: Feed) -> None:
    before = three.everything()

    receipt = three.rig.warehouse.undo(records(three, "a"), preview=True)

    assert three.everything() == before
    assert receipt == three.rig.warehouse.undo(records(three, "a"), preview=False)


def test_an_undone_drop_is_new_and_comes_back(three: Feed) -> None:
    three.rig.warehouse.undo(records(three, "a"), preview=False)

    three.load(opens("a", "1:x", "2:x", "3:x"))

    assert owners(three) == {"1": ("bb", 2), "2": ("bb", 1), "3": ("a", 3)}
    (record,) = records(three, "a")
    assert (record.state, record.rows.inserted, record.rows.identical) == (DropState.LOADED, 1, 2)


def test_drops_that_carried_the_same_are_undone_together(three: Feed) -> None:
    receipt = three.rig.warehouse.undo(records(three, "a", "bb"), preview=False)

    assert (receipt.removed, receipt.handed_over) == (2, 1)
    assert owners(three) == {"1": ("ccc", 1)}


def test_an_undo_that_fails_at_any_statement_leaves_nothing_changed(three: Feed) -> None:
    before = three.everything()
    meant = records(three, "a")
    statement, receipt = 0, None

    while receipt is None:
        with three.rig.failing(statement) as statements:
            try:
                receipt = three.rig.warehouse.undo(meant, preview=False)
            except EngineError:
                assert three.everything() == before, f"after {statements}"
                statement = len(statements)

    assert receipt.removed == 1


def test_rows_that_are_missing_are_noticed_before_anything_is_changed(three: Feed) -> None:
    three.rig.execute("DELETE FROM {schema}.email_open WHERE event_id = '3'")
    before = three.everything()

    with pytest.raises(UndoRefused, match="into email_open, and 2 are there"):
        three.rig.warehouse.undo(records(three, "a"), preview=False)

    assert three.everything() == before


def test_an_event_is_traced_to_its_row_and_to_all_that_carried_it(three: Feed) -> None:
    trace = three.rig.warehouse.trace("1")
    other = three.rig.warehouse.trace("3")

    assert [(one.table, one.row) for one in trace.rows] == [("email_open", 1)]
    assert sorted((one.fate, one.row) for one in trace.duplicates) == [
        ("identical", 1),
        ("identical", 2),
    ]
    assert [(one.fate, one.field) for one in other.duplicates] == [("conflicting", "campaignName")]
    assert len(other.held_ids) >= 1
    assert three.rig.warehouse.trace("nothing").rows == []


@pytest.mark.parametrize(
    ("event", "others"),
    [
        ("1", ("11", "a1", "1-a", "b-1", "1_", "2.5")),
        ("a.b*(c", ("axb*(c", "a.b*(cd", "a.b(c")),
        ("2b6w-k\\", ("2b6w-k", "x2b6w-k\\")),
        ("50%_'", ("50%x'", "150%_'")),
    ],
)
def test_an_id_is_found_in_the_quarantine_as_a_whole_only(
    feed: Feed, event: str, others: tuple[str, ...]
) -> None:
    rows = [[one, "emailOpen", "never", "x"] for one in (event, *others)]
    feed.load(csv_drop("bad", HEADER, rows))

    assert len(feed.rig.warehouse.trace(event).held_ids) == 1
