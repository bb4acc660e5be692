"""What every warehouse makes of rows that are set aside: kept, retried once, given up on record."""

from __future__ import annotations

from pathlib import Path

import pytest

from firehose_loader.errors import EngineError
from firehose_loader.formats import RowText, reread
from firehose_loader.history import HeldFilter, HeldRow, RetryReceipt
from firehose_loader.model import HeldState, Reason, RowCounts
from firehose_loader.normalise import DropTypes
from firehose_loader.protocols import StagedBatch
from tests.feed import Feed, csv_drop, json_drop
from tests.rigs.warehouses import WarehouseRig
from tests.schema_documents import a_document, write

STRICT = a_document(required=["total"])
RELAXED = a_document(**{"x-version": "1-1-0"})


@pytest.fixture
def feed(place: WarehouseRig, tmp_path: Path) -> Feed:
    """A feed whose orders must have a total."""
    write(tmp_path / "strict", STRICT)
    feed = Feed(place, tmp_path, schemas=tmp_path / "strict")
    feed.load(
        csv_drop(
            "a",
            "eventId,total,note",
            ["1,5,x", ["2", "", "a, b"], "3,,", "2,,again", ",,same", ",,same"],
            event_type="shop.order",
        ),
        json_drop("b", [{"eventId": "4"}, {"eventId": "1", "total": 6}], event_type="shop.order"),
    )
    return feed


def relaxed(feed: Feed, tmp_path: Path) -> Feed:
    """Return a feed into the same place, whose orders need no total."""
    write(tmp_path / "relaxed", STRICT)
    write(tmp_path / "relaxed", RELAXED, "shop.order/1-1-0.json")
    return Feed(feed.rig, tmp_path, schemas=tmp_path / "relaxed")


def staged(feed: Feed, rows: list[HeldRow], folder: Path) -> StagedBatch:
    """Read held rows again, each drop by itself."""
    normaliser = feed.normaliser()
    drops = sorted({row.drop for row in rows}, key=lambda drop: drop.key)
    for number, drop in enumerate(drops):
        texts = [
            RowText(row.row or 0, row.raw, str(row.context)) for row in rows if row.drop == drop
        ]
        normaliser.read_salvaged([(number, reread(texts, folder / f"held-{number}"))])
    types = DropTypes(default="shop.order")
    return normaliser.finish([(drop, None, types, ()) for drop in drops], lambda _number, _rows: {})


def retried(feed: Feed, tmp_path: Path, *, preview: bool = False) -> RetryReceipt:
    rows = list(feed.rig.warehouse.held(HeldFilter()))
    return feed.rig.warehouse.retry(staged(feed, rows, tmp_path), preview=preview)


def counts(feed: Feed, key: str) -> dict[str, object]:
    row = feed.ledger()[key]
    return {
        name.removeprefix("rows_"): value
        for name, value in row.items()
        if name.startswith("rows_") and value
    }


def test_held_rows_tell_all_that_is_known_of_them(feed: Feed) -> None:
    rows = feed.rig.warehouse.held(HeldFilter(reasons=[Reason.MISSING_REQUIRED]))

    assert [(row.drop.key, row.row, row.raw) for row in rows] == [
        ("a", 2, '2,,"a, b"'),
        ("a", 3, "3,,"),
        ("a", 4, "2,,again"),
        ("a", 5, ",,same"),
        ("a", 6, ",,same"),
        ("b", 1, '{"eventId": "4"}'),
    ]
    assert {(row.field, row.event_type, row.state) for row in rows} == {
        ("total", "shop.order", HeldState.HELD)
    }
    assert all(row.can_be_retried and row.drop.drop_id and row.changed_at is None for row in rows)


def test_held_rows_are_found_by_what_they_are(feed: Feed) -> None:
    warehouse = feed.rig.warehouse
    (conflict,) = warehouse.held(HeldFilter(reasons=[Reason.CONFLICT]))

    assert warehouse.held(HeldFilter(ids=[conflict.id])) == [conflict]
    assert warehouse.count_held(HeldFilter()) == {Reason.CONFLICT: 1, Reason.MISSING_REQUIRED: 6}
    assert warehouse.held_drops(HeldFilter()) == {
        str(feed.ledger()["a"]["drop_id"]): 5,
        conflict.drop.drop_id: 2,
    }
    assert len(warehouse.held(HeldFilter(drop_ids=[conflict.drop.drop_id]))) == 2
    assert len(warehouse.held(HeldFilter(), limit=3)) == 3
    assert warehouse.held(HeldFilter(event_type="email.open")) == []
    assert warehouse.held(HeldFilter(states=[HeldState.RETRIED])) == []


def test_nothing_is_accepted_while_the_schema_stays_strict(feed: Feed, tmp_path: Path) -> None:
    before = feed.everything()

    receipt = retried(feed, tmp_path)

    assert receipt.accepted == RowCounts()
    assert receipt.still_held == 7
    assert feed.everything() == before


def test_a_preview_tells_what_a_retry_does_and_changes_nothing(feed: Feed, tmp_path: Path) -> None:
    before = feed.everything()
    later = relaxed(feed, tmp_path)

    receipt = retried(later, tmp_path, preview=True)

    assert feed.everything() == before
    assert receipt == retried(later, tmp_path)


def test_rows_that_a_later_schema_accepts_are_loaded_once_as_what_they_were(
    feed: Feed, tmp_path: Path
) -> None:
    later = relaxed(feed, tmp_path)

    receipt = retried(later, tmp_path)
    after = feed.everything()
    again = retried(later, tmp_path)

    fates = RowCounts(parsed=6, inserted=5, conflicting=1)
    assert (receipt.accepted, receipt.events) == (fates, {"shop.order": fates})
    assert (receipt.still_held, again.still_held) == (1, 2)
    rows = feed.rows("shop_order")
    ledger = feed.ledger()
    keys = {row["drop_id"]: key for key, row in ledger.items()}
    assert {(keys[row["_drop_id"]], row["_row"]): row["event_id"] for row in rows} == {
        ("a", 1): "1",
        ("a", 2): "2",
        ("a", 3): "3",
        ("a", 5): None,
        ("a", 6): None,
        ("b", 1): "4",
    }
    assert {row["_schema_version"] for row in rows if row["_row"] == 2} == {"1-1-0"}
    assert counts(feed, "a") == {"parsed": 6, "inserted": 5, "conflicting": 1}
    assert counts(feed, "b") == {"parsed": 2, "inserted": 1, "conflicting": 1}
    assert again.accepted == RowCounts()
    assert feed.everything() == after


def test_what_is_set_aside_says_what_became_of_it(feed: Feed, tmp_path: Path) -> None:
    retried(relaxed(feed, tmp_path), tmp_path)

    rows = {(row["key"], row["row_no"]): row for row in feed.quarantine()}
    assert {place: (row["state"], row["reason"]) for place, row in rows.items()} == {
        ("a", 2): ("retried", "missing_required"),
        ("a", 3): ("retried", "missing_required"),
        ("a", 4): ("held", "conflict"),
        ("a", 5): ("retried", "missing_required"),
        ("a", 6): ("retried", "missing_required"),
        ("b", 1): ("retried", "missing_required"),
        ("b", 2): ("held", "conflict"),
    }
    assert rows["a", 4]["field"] == "note"
    assert all(row["changed_at"] for place, row in rows.items() if place != ("b", 2))


def test_a_retry_that_fails_at_any_statement_leaves_nothing(feed: Feed, tmp_path: Path) -> None:
    later = relaxed(feed, tmp_path)
    before = feed.everything()
    batch = staged(later, list(feed.rig.warehouse.held(HeldFilter())), tmp_path)
    statement, receipt = 0, None

    while receipt is None:
        with feed.rig.failing(statement) as statements:
            try:
                receipt = feed.rig.warehouse.retry(batch, preview=False)
            except EngineError:
                assert feed.everything() == before, f"after {statements}"
                statement = len(statements)

    assert statement > 10
    assert receipt.accepted.inserted == 5


def test_rows_that_are_given_up_stay_on_record_without_their_text(feed: Feed) -> None:
    warehouse = feed.rig.warehouse
    before = feed.ledger()
    wanted = HeldFilter(reasons=[Reason.MISSING_REQUIRED], drop_ids=[str(before["a"]["drop_id"])])

    assert warehouse.remove_held(wanted) == 5
    assert warehouse.remove_held(wanted) == 0

    removed = warehouse.held(HeldFilter(states=[HeldState.REMOVED]))
    assert [row.row for row in removed] == [2, 3, 4, 5, 6]
    assert {(row.raw, row.context, row.can_be_retried) for row in removed} == {("", None, False)}
    assert all(row.changed_at for row in removed)
    assert warehouse.count_held(HeldFilter()) == {Reason.CONFLICT: 1, Reason.MISSING_REQUIRED: 1}
    assert feed.ledger() == before
