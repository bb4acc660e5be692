"""What every warehouse does where somebody else makes its tables: it makes none, and says which."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb
import pytest

from firehose_loader.errors import ConfigError, TablesMissing
from firehose_loader.model import Drift, RowCounts
from firehose_loader.protocols import Missing
from firehose_loader.schema.catalog import load_catalog
from firehose_loader.schema.model import EventSchema
from firehose_loader.warehouse.missing import defines
from tests.feed import Feed, Given, csv_drop
from tests.rigs.warehouses import DuckDBRig, WarehouseRig

DATE = "2026-01-05T10:00:00Z"
SCHEMAS = [load_catalog().latest(name) for name in ("email.open", "unknown")]


def opens(key: str, *ids: str) -> Given:
    rows = [[one, "emailOpen", DATE, "x", "new"] for one in ids]
    return csv_drop(key, "eventId,eventType,eventDate,campaignName,brandNew", rows)


def made(place: WarehouseRig, schemas: Collection[EventSchema] = SCHEMAS) -> list[Missing]:
    """Have all that is missing made by somebody else; return what it was."""
    missing = list(place.warehouse.missing(schemas))
    for text in (text for one in missing for text in one.statements):
        place.execute(text)
    return missing


@pytest.fixture
def given(place: WarehouseRig, tmp_path: Path) -> Feed:
    """A feed into tables that somebody else made; what no schema knows goes beside the columns."""
    place.open_with(manage_tables=False)
    made(place)
    place.warehouse.prepare(SCHEMAS)
    feed = Feed(place, tmp_path)
    feed.drift = {"email.open": Drift.RESCUE}
    return feed


def test_what_is_missing_is_named_with_what_makes_it_and_nothing_is_made(
    place: WarehouseRig,
) -> None:
    warehouse = place.open_with(manage_tables=False)

    with pytest.raises(TablesMissing) as told:
        warehouse.prepare(SCHEMAS)

    message = str(told.value)
    assert "email_open, unknown; " in message
    assert "view events" in message
    assert "_firehose_drops, _firehose_runs" in message
    assert "CREATE TABLE IF NOT EXISTS" in message
    assert place.tables() == set()

    assert {"table email_open", "table _firehose_claims"} <= {one.what for one in made(place)}
    assert list(warehouse.missing(SCHEMAS)) == []
    warehouse.prepare(SCHEMAS)
    assert warehouse.tables_version() is not None


def test_events_come_into_tables_that_others_made_and_none_is_made_or_changed(
    given: Feed,
) -> None:
    with given.rig.failing(10**6) as seen:
        receipt = given.load(opens("a", "1", "2"))
        given.load(opens("bb", "2", "3"))

    assert receipt.events == {"email.open": RowCounts(parsed=2, inserted=2)}
    assert (receipt.tables_made, receipt.columns_added) == ((), {})
    assert "merge_insert" in seen
    assert not [name for name in seen if defines(name)]
    assert [row["event_id"] for row in given.events()] == ["1", "2", "3"]
    assert all("brandNew" in str(row["_rescued"]) for row in given.events())
    given.rig.reopen()
    (count,) = given.rig.execute('SELECT count(*) AS n FROM {schema}."events"')
    assert count["n"] == 3


def test_a_batch_that_needs_a_column_leaves_nothing_and_tells_of_it(given: Feed) -> None:
    given.drift = {}

    with pytest.raises(TablesMissing, match=r"column email_open\.brand_new"):
        given.load(opens("a", "1"))

    assert given.rows() == []
    assert given.ledger() == {}


def test_a_column_that_is_missing_is_told_with_the_view_that_reads_it(
    given: Feed, place: WarehouseRig
) -> None:
    place.execute('DROP VIEW {schema}."events"')
    place.execute('ALTER TABLE {schema}."email_open" DROP COLUMN "campaign_name"')
    warehouse = place.open_with(manage_tables=False)

    with pytest.raises(TablesMissing, match=r"column email_open\.campaign_name; view events"):
        warehouse.prepare(SCHEMAS)
    missing = made(place)
    warehouse.prepare(SCHEMAS)

    assert [one.what for one in missing] == ["column email_open.campaign_name", "view events"]
    assert any("ADD COLUMN" in text for text in missing[0].statements)
    given.load(opens("a", "1"))
    assert [row["campaign_name"] for row in given.events()] == ["x"]


def test_older_tables_are_upgraded_by_who_made_them(given: Feed, place: WarehouseRig) -> None:
    given.load(opens("a", "1"))
    place.execute('ALTER TABLE {schema}."_firehose_drops" DROP COLUMN "rows_expired"')
    place.execute('UPDATE {schema}."_firehose_versions" SET version = 2')

    with pytest.raises(TablesMissing, match="_firehose_drops") as told:
        place.open_with(manage_tables=False)
    statement = str(told.value).split("\n\n")[1].removesuffix(";")
    assert "rows_expired" in statement
    if isinstance(place, DuckDBRig):  # whose way in was closed together with the warehouse
        with duckdb.connect(str(place.path)) as connection:
            connection.execute(statement)
    else:
        place.execute(statement)
    warehouse = place.open_with(manage_tables=False)

    assert warehouse.upgraded_from is None
    found = warehouse.tables_version()
    assert found is not None
    assert found.version == 3
    assert given.load(opens("bb", "2")).events["email.open"].inserted == 1


def test_views_are_told_and_not_made(given: Feed) -> None:
    warehouse = given.rig.warehouse

    assert [one.name for one in warehouse.install_views(preview=True) if one.sql]
    with pytest.raises(ConfigError, match="views --dry-run prints"):
        warehouse.install_views(preview=False)
