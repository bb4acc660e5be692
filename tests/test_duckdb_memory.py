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


@pytest.mark.parametrize(("room", "within"), [(2**20, "1.0 MiB"), (2**40, "1.0 GiB")])
def test_what_may_be_taken_is_as_before_even_if_the_transaction_failed(
    room: int, within: str
) -> None:
    with duckdb.connect() as connection:
        connection.begin()

        with suppress(duckdb.ConversionException), Memory(connection, 2**30).spared(room):
            assert _limit(connection) == within
            connection.execute("SELECT 'x'::INTEGER FROM range(10)").fetchall()

        connection.rollback()
        assert _limit(connection) == "1.0 GiB"
