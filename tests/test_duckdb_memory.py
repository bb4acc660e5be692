"""A table is looked through without the engine keeping what it read."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from firehose_loader.model import RowCounts
from firehose_loader.warehouse.duckdb_memory import Memory
from tests.feed import Feed, csv_drop
from tests.rigs.warehouses import DuckDBRig

ROWS = 5_000_000
HEADER = "eventId,eventType,eventDate"
DATE = "2026-01-05T10:00:00Z"


def _limit(connection: duckdb.DuckDBPyConnection) -> object:
    return connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0]


def test_to_find_an_event_little_of_a_large_table_is_kept(tmp_path: Path) -> None:
    rig = DuckDBRig(tmp_path)
    feed = Feed(rig, tmp_path)
    feed.load(csv_drop("first", HEADER, [f"1,emailOpen,{DATE}"]))
    rig.execute(
        "INSERT INTO {schema}.email_open (_key, _drop_id, _row, _schema_version, _loaded_at)"
        " SELECT uuid(), '', 0, '1-0-0', TIMESTAMP '2026-01-01'"
        f" FROM range({ROWS})"
    )
    rig.reopen()
    connection = rig.warehouse.engine().connection
    limit = _limit(connection)

    receipt = feed.load(csv_drop("second", HEADER, [f"{n},emailOpen,{DATE}" for n in (1, "x")]))

    kept = dict(
        connection.execute("SELECT tag, memory_usage_bytes FROM duckdb_memory()").fetchall()
    )
    assert receipt.events["email.open"] == RowCounts(parsed=2, inserted=1, identical=1)
    assert kept["BASE_TABLE"] < ROWS * 16  # what the column of keys takes
    assert _limit(connection) == limit
    rig.close()


@pytest.mark.long
def test_events_that_lie_all_over_a_wide_table_are_compared_by_many_threads(tmp_path: Path) -> None:
    """Each thread has a block of each column in hand, however little memory there may be."""
    fields = [f"field{n}" for n in range(40)]
    header = ",".join([HEADER, *fields])
    events = [f"{n},emailOpen,{DATE},{','.join([str(n)] * len(fields))}" for n in range(2000)]
    rig = DuckDBRig(tmp_path)
    feed = Feed(rig, tmp_path)
    feed.load(csv_drop("first", header, events))
    rig.execute("CREATE TABLE {schema}.apart AS SELECT * FROM {schema}.email_open")
    rig.execute("TRUNCATE {schema}.email_open")
    values = ", ".join(
        f"if(copy = 0, {one}, hash({one}, copy)::VARCHAR) AS {one}" for one in fields
    )
    rig.execute(
        "INSERT INTO {schema}.email_open BY NAME SELECT * EXCLUDE copy REPLACE"
        f" (if(copy = 0, _key, uuid()) AS _key, {values})"
        " FROM {schema}.apart, range(500) AS copies(copy) ORDER BY _row"
    )
    rig.execute("DROP TABLE {schema}.apart")
    rig.reopen()
    rig.warehouse.engine().connection.execute("SET threads = 16")

    receipt = feed.load(csv_drop("again", header, events))

    assert receipt.events["email.open"] == RowCounts(parsed=2000, identical=2000)
    rig.close()


@pytest.mark.parametrize(("room", "within"), [(2**20, "33.0 MiB"), (2**40, "1.0 GiB")])
def test_what_may_be_taken_is_as_before_even_if_the_transaction_failed(
    room: int, within: str
) -> None:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.begin()

        with suppress(duckdb.ConversionException), Memory(connection, 2**30).spared(room):
            assert _limit(connection) == within
            connection.execute("SELECT 'x'::INTEGER FROM range(10)").fetchall()

        connection.rollback()
        assert _limit(connection) == "1.0 GiB"
