"""Every warehouse can take a drop for loaded by other means, and let go of that again."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from firehose_loader.history import DropFilter
from firehose_loader.model import Drop, DropState
from tests.feed import FIRST_MODIFIED, Feed, compared, csv_drop

HEADER = "eventId,eventType,eventDate,campaignName"
ROW = "{},emailOpen,2026-01-05T10:00:00Z,x"


def a_drop(key: str) -> Drop:
    return Drop(source="s", key=key, size_bytes=7, modified=FIRST_MODIFIED, version="1")


def test_an_adopted_drop_is_not_new_and_its_new_content_is(feed: Feed) -> None:
    warehouse = feed.rig.warehouse
    warehouse.prepare()
    old, other = a_drop("old"), a_drop("other")

    assert warehouse.adopt([old], run_id="by-hand", message="named by a list") == 1
    assert warehouse.adopt([old], run_id="again", message="named by a list") == 0

    assert compared(warehouse, "s", [old, other], new_only=True)[0].drop == other
    known, _ = compared(warehouse, "s", [old, other], new_only=False)
    assert (known.state, known.is_new, known.rows) == (DropState.ADOPTED, False, 0)
    assert (known.attempts, known.error) == (0, "named by a list")
    changed = replace(old, version="2", modified=FIRST_MODIFIED + timedelta(hours=1))
    (again,) = compared(warehouse, "s", [changed, changed], new_only=True)
    assert again.is_new
    assert again.earlier_version
    (record,) = warehouse.drops(DropFilter(run_id="by-hand"))
    assert (record.drop.key, record.state, record.rows.parsed) == ("old", DropState.ADOPTED, 0)
    (status,) = warehouse.status([]).sources
    assert (status.adopted, status.loaded, status.rows) == (1, 0, 0)
    assert status.newest_drop == FIRST_MODIFIED.replace(tzinfo=None)
    assert status.last_load is None


def test_what_is_loaded_is_never_adopted_and_what_failed_or_is_held_can_be(feed: Feed) -> None:
    warehouse = feed.rig.warehouse
    feed.load(csv_drop("loaded", HEADER, [ROW.format(1)]))
    (loaded,) = (one.drop for one in warehouse.drops(DropFilter(drop="loaded")))
    failed, held = a_drop("failed"), a_drop("held")
    warehouse.record_failure(failed, run_id="run", error="DropUnreadable", message="broken")
    warehouse.record_held("s", [held], run_id="run")
    before = feed.ledger()["loaded"]

    assert warehouse.adopt([loaded, failed, held], run_id="adoption", message="told") == 2

    ledger = feed.ledger()
    assert ledger["loaded"] == before
    assert {key: (row["state"], row["attempts"]) for key, row in ledger.items()} == {
        "loaded": ("loaded", 1),
        "failed": ("adopted", 1),
        "held": ("adopted", 0),
    }


def test_an_adoption_is_undone_and_the_drop_is_new(feed: Feed) -> None:
    warehouse = feed.rig.warehouse
    feed.load(csv_drop("loaded", HEADER, [ROW.format(1)]))
    drop = a_drop("old")
    warehouse.adopt([drop], run_id="adoption", message="told")

    receipt = warehouse.undo(warehouse.drops(DropFilter(run_id="adoption")), preview=False)

    assert (receipt.drops, receipt.removed, receipt.set_aside) == (1, 0, 0)
    (known,) = compared(warehouse, "s", [drop, drop], new_only=True)
    assert (known.state, known.is_new) == (DropState.UNDONE, True)
    assert len(feed.rows()) == 1
