"""What every warehouse removes as too old, in portions; and that none of it comes back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from firehose_loader.errors import ScreenChanged
from firehose_loader.history import DropFilter
from firehose_loader.privacy import Retention
from firehose_loader.privacy.retention import ALL_OTHERS, NO_TYPE, ExpireReceipt, Expiry, Limit
from tests.contract.test_warehouse_forget import JO, counts, forget, names
from tests.feed import FIRST_MODIFIED, Feed, Given, csv_drop, json_drop
from tests.rigs.warehouses import WarehouseRig

KEPT_FROM = datetime(2026, 1, 5, tzinfo=UTC).replace(tzinfo=None)
OLD, YOUNG = "2026-01-04T23:59:59Z", "2026-01-05T00:00:00Z"
HEADER = "eventId,eventDate,email"
TABLES = {"email_open": ("email.open", "event_date"), "email_click": ("email.click", "event_date")}


def opens(key: str, *rows: str) -> Given:
    """Return a drop of opens: id, date and address of each, joined by blanks."""
    return csv_drop(key, HEADER, [row.split(" ") for row in rows], event_type="email.open")


def expire(
    feed: Feed,
    *,
    preview: bool = False,
    most_rows: int = 1000,
    kept_from: Mapping[str, datetime | None] | None = None,
    of: str | None = None,
) -> list[ExpireReceipt]:
    """Remove what happened before ``KEPT_FROM``, or by source another time; of a type, or all."""
    expiry = Expiry(
        limits=[
            Limit(source, event_type, at, of in {None, event_type})
            for source, at in (kept_from or {"s": KEPT_FROM}).items()
            for event_type in ("email.open", "email.click", NO_TYPE)
        ],
        event_times={name: of for name, of in TABLES.items() if name in feed.rig.tables()},
        most_rows=most_rows,
    )
    return list(feed.rig.warehouse.expire(expiry, run_id="expire", preview=preview))


def total(receipts: list[ExpireReceipt]) -> tuple[int, int, int]:
    return (
        sum(one.events for one in receipts),
        sum(one.duplicates for one in receipts),
        sum(one.set_aside for one in receipts),
    )


def ids(feed: Feed, table: str = "email_open") -> list[object]:
    return [row["event_id"] for row in feed.events(table)]


def expired_rows(feed: Feed) -> dict[str, list[int]]:
    """Return by key which rows of drops are noted as expired."""
    keys = {row["drop_id"]: key for key, row in feed.ledger().items()}
    found: dict[str, list[int]] = {}
    for row in feed.rows("_firehose_expired"):
        rows = range(int(str(row["first_row"])), int(str(row["last_row"])) + 1)
        found.setdefault(keys[row["drop_id"]], []).extend(rows)
    return {key: sorted(rows) for key, rows in found.items()}


@pytest.fixture
def past(feed: Feed) -> Feed:
    """Drops, all delivered on January 1st, with old rows among others, as what becomes of any."""
    feed.load(
        opens(
            "a",
            f"1 {OLD} jo@example.com",
            f"2 {OLD} jo@example.com",
            f"3 {YOUNG} al@example.com",
            "4 never jo@example.com",
            f"5 {OLD} jo@example.com",
        ),
        json_drop(
            "bb",
            [{"eventId": "c1", "eventDate": OLD, "who": "jo@example.com"}, {"eventId": "c2"}],
            event_type="email.click",
        ),
    )
    feed.load(
        opens(
            "ccc",
            f"1 {OLD} jo@example.com",
            f"3 {YOUNG} other@example.com",
            f"6 {YOUNG} al@example.com",
        )
    )
    return feed


def test_what_is_too_old_goes_from_every_table_and_each_row_is_accounted_for(past: Feed) -> None:
    receipts = expire(past)

    assert names(past, "jo@example.com") == []
    assert (ids(past), ids(past, "email_click")) == (["3", "6"], [])
    assert counts(past, "a") == {"parsed": 5, "inserted": 1, "expired": 4}
    assert counts(past, "bb") == {"parsed": 2, "expired": 2}
    assert counts(past, "ccc") == {"parsed": 3, "inserted": 1, "expired": 2}
    assert expired_rows(past) == {"a": [1, 2, 4, 5], "bb": [1, 2], "ccc": [1, 2]}
    assert total(receipts) == (5, 1, 2)
    past.undo_all()  # nothing looks as if it had been changed by hand


def test_portions_are_as_large_as_is_said_and_each_leaves_sound_counts(past: Feed) -> None:
    warehouse = past.rig.warehouse
    expiry = Expiry(
        limits=[Limit("s", "email.open", KEPT_FROM, chosen=True)],
        event_times={"email_open": TABLES["email_open"]},
        most_rows=2,
    )

    portions = warehouse.expire(expiry, run_id="expire", preview=False)
    first = next(one for one in portions if one.events)  # and no more

    assert first.events == 2
    past.undo_all()
    late = past.load(opens("dddd", f"1 {OLD} jo@example.com", f"2 {OLD} jo@example.com"))
    assert sum(of.inserted for of in late.drops.values()) == 0
    assert [one.events for one in expire(past, most_rows=2) if one.table == "email_open"] == [1]
    assert ids(past) == ["3", "6"]
    assert total(expire(past)) == (0, 0, 0)


def test_nothing_that_went_comes_back_by_any_way(past: Feed) -> None:
    drops = (
        opens("a", f"1 {OLD} jo@example.com", f"3 {YOUNG} al@example.com"),
        opens("late", f"1 {OLD} jo@example.com", f"9 {OLD} jo@example.com", f"8 {YOUNG} al@x.com"),
    )
    expire(past)

    past.load(drops[1])
    past.load(replace(drops[0], version="2"))
    past.load(json_drop("torn", ['{"eventId": "c7", "jo@example.com'], event_type="email.click"))

    assert counts(past, "late") == {"parsed": 3, "inserted": 1, "expired": 2}
    assert counts(past, "torn") == {"parsed": 1, "expired": 1}
    assert (ids(past), ids(past, "email_click")) == (["3", "6", "8"], [])
    assert names(past, "jo@example.com") == []
    assert past.quarantine() == []
    past.undo_all()


def test_a_drop_that_is_taken_out_and_loaded_again_has_its_rows_but_the_old_ones(
    past: Feed,
) -> None:
    expire(past)
    warehouse = past.rig.warehouse
    drop = opens("late", f"9 {OLD} jo@example.com", f"8 {YOUNG} al@example.com")
    past.load(drop)

    (record,) = [one for one in warehouse.drops(DropFilter()) if one.drop.key == "late"]
    warehouse.undo([record], preview=False)
    assert "late" not in expired_rows(past)
    past.load(drop)

    assert counts(past, "late") == {"parsed": 2, "inserted": 1, "expired": 1}
    assert expired_rows(past)["late"] == [1]


def test_what_would_go_is_told_and_not_done(past: Feed) -> None:
    before = past.everything()

    would = expire(past, preview=True)

    assert past.everything() == before
    assert total(would) == total(expire(past))


def test_only_what_is_chosen_goes(past: Feed) -> None:
    expire(past, of="email.click")

    assert (ids(past), ids(past, "email_click")) == (["1", "2", "3", "5", "6"], [])
    assert [row["reason"] for row in past.quarantine()] == ["bad_event_time", "conflict"]
    assert past.rig.warehouse.kept_from() == {("s", "email.click"): KEPT_FROM}


def test_an_event_stays_as_long_as_one_of_its_sources_keeps_it(
    past: Feed, place: WarehouseRig
) -> None:
    other = Feed(place, past._folder, source="keeps")
    other.load(opens("ccc", f"1 {OLD} jo@example.com", f"7 {OLD} jo@example.com"))

    expire(past, kept_from={"s": KEPT_FROM, "keeps": None})

    assert ids(past) == ["1", "3", "6", "7"]
    expire(past, kept_from={"s": KEPT_FROM, "keeps": KEPT_FROM})
    assert ids(past) == ["3", "6"]
    past.undo_all()


def test_times_only_move_on(past: Feed) -> None:
    expire(past)
    expire(past, kept_from={"s": KEPT_FROM - timedelta(days=2)})
    assert past.rig.warehouse.kept_from()["s", "email.open"] == KEPT_FROM

    expire(past, kept_from={"s": KEPT_FROM + timedelta(days=1)})

    assert past.rig.warehouse.kept_from()["s", "email.open"] == KEPT_FROM + timedelta(days=1)
    assert past.events() == []


def test_rows_that_are_too_old_when_they_come_are_counted_and_not_kept(feed: Feed) -> None:
    days = (datetime.now(UTC) - FIRST_MODIFIED).days - 4  # from January 5th, as KEPT_FROM
    feed.retention = Retention(for_all={"email.open": days, ALL_OTHERS: None})

    feed.load(
        opens(
            "a", f"1 {OLD} jo@example.com", "2 never jo@example.com", f"3 {YOUNG} al@example.com"
        ),
        json_drop("bb", [{"eventId": "c1", "eventDate": OLD}], event_type="email.click"),
    )

    assert (ids(feed), ids(feed, "email_click")) == (["3"], ["c1"])
    assert counts(feed, "a") == {"parsed": 3, "inserted": 1, "expired": 2}
    assert (feed.quarantine(), expired_rows(feed)) == ([], {"a": [1, 2]})
    assert names(feed, "jo@example.com") == []
    feed.undo_all()


def test_people_who_are_forgotten_while_a_batch_is_read_are_not_loaded(past: Feed) -> None:
    drop = opens("dddd", f"7 {YOUNG} jo@example.com", f"8 {YOUNG} al@example.com")
    staged = past.stage(drop)
    before = past.ledger()

    forget(past, JO)
    with pytest.raises(ScreenChanged):
        past.rig.warehouse.load(staged, run_id="run")

    assert past.ledger().keys() == before.keys()
    past.load(drop)
    assert counts(past, "dddd") == {"parsed": 2, "inserted": 1, "quarantined": 1}
    assert names(past, "jo@example.com") == []


def test_what_becomes_too_old_while_a_batch_is_read_is_not_loaded(past: Feed) -> None:
    staged = past.stage(opens("dddd", f"7 {OLD} jo@example.com"))

    expire(past)
    with pytest.raises(ScreenChanged):
        past.rig.warehouse.load(staged, run_id="run")

    assert "dddd" not in past.ledger()
