"""A load is there whole or not at all, wherever it breaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace

from firehose_loader.errors import CountsDiffer, DropTooSlow, EngineError, SchemaError
from firehose_loader.model import Position, Receipt, RowCounts
from firehose_loader.protocols import StagedBatch
from firehose_loader.time_limit import TimeLimit
from tests.feed import Feed, csv_drop, json_drop
from tests.rigs.warehouses import AnswerLost, Row, WarehouseRig
from tests.schema_documents import a_document, write

DATE = "2026-01-05T10:00:00Z"
HEADER = "eventId,eventType,eventDate,campaignName,newField"
FIRST = csv_drop("first", HEADER, [f"1,emailOpen,{DATE},x,", f"2,emailOpen,{DATE},x,"])
SECOND = (
    csv_drop(
        "second",
        HEADER,
        [
            f"1,emailOpen,{DATE},x,new",  # known
            f"2,emailOpen,{DATE},another,",  # a conflict
            f"3,emailOpen,{DATE},x,",
            "4,emailOpen,never,x,",  # bad
            f"5,emailClick,{DATE},x,new",  # a table that is not there yet
        ],
    ),
    json_drop("third", [{"eventId": "6", "type": "weird"}, "{torn", {}]),
)
"""A batch that has something for every statement of a load."""
UPSERTS = a_document(**{"x-merge": "upsert"})
UPSERTS["properties"]["processedDate"] = {"$ref": "../common/1-0-0.json#/$defs/processedDate"}


@pytest.fixture
def feed(place: WarehouseRig, tmp_path: Path) -> Feed:
    write(tmp_path / "schemas", UPSERTS)
    return a_feed(place, tmp_path)


def a_feed(place: WarehouseRig, folder: Path) -> Feed:
    """Return one in which something is already."""
    feed = Feed(place, folder, schemas=folder / "schemas")
    feed.load(
        FIRST,
        csv_drop("older", "eventId,total", ["1,5", "2,5"], event_type="shop.order"),
    )
    return feed


def second_batch(feed: Feed) -> StagedBatch:
    orders = csv_drop("fourth", "eventId,total", ["1,5", "2,6", "3,7"], event_type="shop.order")
    return feed.stage(*SECOND, orders)


def state(feed: Feed) -> tuple[dict[str, list[Row]], dict[str, object]]:
    """Return every row of every table and of the view, and every table's columns.

    Where tables and columns are made outside of the transaction, only what rows say.
    """
    tables = feed.everything()
    if not feed.rig.ddl_is_undone:
        said = {table: [_said(row) for row in rows] for table, rows in tables.items() if rows}
        return said, {}
    events = feed.rig.execute("SELECT * FROM {schema}.events")
    tables["events"] = sorted(events, key=lambda row: sorted(map(str, row.items())))
    # The loader's own tables get no columns from a load.
    changing = [table for table in tables if not table.startswith("_")]
    return tables, {table: feed.rig.warehouse.columns(table) for table in changing}


def _said(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}


def broken_load(
    feed: Feed, batch: StagedBatch, *, statement: int
) -> tuple[list[str], Receipt | None]:
    """Load, with one statement failing; return those that ran, and the receipt if none failed."""
    with feed.rig.failing(statement) as statements:
        try:
            return statements, feed.rig.warehouse.load(batch, run_id="again")
        except EngineError:
            return statements, None


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_load_that_fails_at_any_statement_leaves_nothing_and_then_succeeds(
    feed: Feed,
    another_place: WarehouseRig,
    tmp_path: Path,
    every: bool,  # noqa: FBT001
) -> None:
    """Those that run for each event type fail the last time, unless every one is to fail.

    Where tables that were made stay, the next try has fewer statements: there each one fails.
    """
    other = a_feed(another_place, tmp_path)
    names, _ = broken_load(other, second_batch(other), statement=1000)
    before = state(feed)
    batch = second_batch(feed)
    last = [*{name: at for at, name in enumerate(names)}.values(), 1000]

    failed: list[str] = []
    statements: list[str] = []
    receipt = None
    for number in count() if every or not feed.rig.ddl_is_undone else last:
        statements, receipt = broken_load(feed, batch, statement=number)
        if receipt is not None:
            break
        failed.append(statements[number])
        assert state(feed) == before, f"after {statements}"

    assert receipt is not None
    if feed.rig.ddl_is_undone:
        assert statements == names
        assert set(failed) == set(names)
        assert receipt.columns_added == {"email_open": ("new_field",)}
    assert len(failed) > 30
    assert receipt.events == {
        "email.open": RowCounts(parsed=4, inserted=1, identical=1, conflicting=1, quarantined=1),
        "email.click": RowCounts(parsed=1, inserted=1),
        "unknown": RowCounts(parsed=3, inserted=1, quarantined=2),
        "shop.order": RowCounts(parsed=3, inserted=1, updated=1, identical=1),
    }
    assert len(feed.quarantine()) == 4
    assert {row["rows_parsed"] for row in feed.ledger().values()} == {2, 5, 3}


def test_an_interrupted_load_leaves_nothing(feed: Feed) -> None:
    before = state(feed)
    batch = second_batch(feed)

    def interrupted(*_: object) -> Mapping[int, Position]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        feed.rig.warehouse.load(replace(batch, locate=interrupted), run_id="again")

    assert state(feed) == before


def test_a_load_that_takes_too_long_leaves_nothing(feed: Feed) -> None:
    before = state(feed)
    batch = second_batch(feed)
    over = TimeLimit(0, feed.rig.warehouse.engine().interrupt)

    with pytest.raises(DropTooSlow, match="merging"):
        feed.rig.warehouse.load(batch, run_id="again", within=over)

    assert state(feed) == before
    assert feed.rig.warehouse.load(second_batch(feed), run_id="again").events


def test_a_load_whose_answer_is_lost_changes_nothing_when_repeated(feed: Feed) -> None:
    batch = second_batch(feed)
    with feed.rig.losing_answers(), pytest.raises(AnswerLost):
        feed.rig.warehouse.load(batch, run_id="again")
    tables, columns = state(feed)

    receipt = feed.rig.warehouse.load(second_batch(feed), run_id="again")

    repeated, same_columns = state(feed)
    events = {table for table in tables if not table.startswith("_")}
    assert {table: repeated[table] for table in events} == {
        table: tables[table] for table in events
    }
    assert same_columns == columns
    assert repeated["_firehose_quarantine"] == tables["_firehose_quarantine"]
    assert repeated["_firehose_schemas"] == tables["_firehose_schemas"]
    assert len(repeated["_firehose_drops"]) == len(tables["_firehose_drops"])
    assert {(counts.inserted, counts.updated) for counts in receipt.events.values()} == {(0, 0)}


def test_a_load_is_still_there_when_the_warehouse_is_opened_again(feed: Feed) -> None:
    feed.rig.warehouse.load(second_batch(feed), run_id="again")
    before = state(feed)

    feed.rig.reopen()

    assert state(feed) == before


# -- counts --------------------------------------------------------------------------------------


def one_row_more(batch: StagedBatch) -> StagedBatch:
    first, *others = batch.drops
    return replace(batch, drops=[replace(first, parsed=first.parsed + 1), *others])


def no_rejections(batch: StagedBatch) -> StagedBatch:
    return replace(batch, drops=[replace(drop, rejections=()) for drop in batch.drops])


def a_table_forgotten(batch: StagedBatch) -> StagedBatch:
    return replace(batch, tables=batch.tables[1:])


@pytest.mark.parametrize("tampered", [one_row_more, no_rejections, a_table_forgotten])
def test_a_batch_whose_counts_differ_is_rolled_back(
    feed: Feed, tampered: Callable[[StagedBatch], StagedBatch]
) -> None:
    before = state(feed)
    batch = second_batch(feed)

    with pytest.raises(CountsDiffer, match="nothing of this batch was kept"):
        feed.rig.warehouse.load(tampered(batch), run_id="again")

    assert state(feed) == before
    feed.rig.warehouse.load(batch, run_id="again")


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM staged_keys WHERE row_no = 3",
        "DELETE FROM staged_faults",
        "INSERT INTO staged_faults SELECT * FROM staged_faults",
    ],
)
def test_a_row_that_gets_lost_between_staging_and_loading_is_noticed(feed: Feed, sql: str) -> None:
    before = state(feed)
    batch = second_batch(feed)
    feed.rig.warehouse.engine().connection.execute(sql)

    with pytest.raises(CountsDiffer):
        feed.rig.warehouse.load(batch, run_id="again")

    assert state(feed) == before


# -- tables that are not ours --------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE {schema}.email_click (name VARCHAR)",
        "CREATE TABLE {schema}.email_click (event_id VARCHAR, _key UUID)",
        "CREATE VIEW {schema}.email_click AS SELECT 1 AS one",
        "ALTER TABLE {schema}.email_open ALTER campaign_name TYPE BLOB",
        "ALTER TABLE {schema}.email_open ALTER campaign_id TYPE DECIMAL(10, 0)",
        "ALTER TABLE {schema}.email_open DROP _rescued",
    ],
)
def test_a_table_that_does_not_fit_is_refused_and_left_alone(feed: Feed, sql: str) -> None:
    feed.rig.execute(sql)
    before = state(feed)

    with pytest.raises(SchemaError, match=r"email_(open|click)"):
        feed.rig.warehouse.load(second_batch(feed), run_id="again")

    assert state(feed) == before


def test_columns_that_a_user_added_are_left_alone(feed: Feed) -> None:
    feed.rig.execute("ALTER TABLE {schema}.email_open ADD COLUMN mine INTEGER DEFAULT 7")

    feed.rig.warehouse.load(second_batch(feed), run_id="again")

    assert {row["event_id"]: row["mine"] for row in feed.rows()} == {"1": 7, "2": 7, "3": 7}
