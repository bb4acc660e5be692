"""One batch of 20,000 events, 5% of them delivered before, into tables filled ahead.

What a feed delivers again is mostly of late: of the last day, here, and one in forty of any age.
``scattered`` batches have all of it of any age, which is the worst that can come.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.benchmarks.workloads import COLUMNS, events_sql

BATCH_ROWS = 20_000
OLD_ROWS = 1_000
_OF_ANY_AGE = 25
_DAY_ROWS = 96 * BATCH_ROWS
_SEED = 3
_FILL_ROWS = 2_000_000
_COLUMNS = {
    "event_id": '"eventId"',
    "event_type": "'email.open'",
    "event_date": '"eventDate"::TIMESTAMPTZ::TIMESTAMP',
    "processed_date": '"processedDate"::TIMESTAMPTZ::TIMESTAMP',
    "account_id": '"accountId"',
    "contact_id": '"contactId"',
    "email": "email",
    "campaign_id": '"campaignId"',
    "campaign_name": '"campaignName"',
    "subject": "subject",
    "url": "url",
    "ip_address": '"ipAddress"',
    "user_agent": '"userAgent"',
    "country": "country",
    "is_bot": '"isBot"::VARCHAR',
    "_key": '"eventId"::UUID',
    "_drop_id": "'filled'",
    "_row": "i",
    "_schema_version": "'1-0-0'",
    "_loaded_at": "TIMESTAMP '2026-01-01'",
}


def write_batch(path: Path, *, table_rows: int, number: int, scattered: bool) -> None:
    """Write a batch: events that follow the table's, and some that it has."""
    first = table_rows + number * BATCH_ROWS
    new = f"SELECT range AS i, range AS e FROM range({first}, {first + BATCH_ROWS - OLD_ROWS})"
    of_any_age = OLD_ROWS if scattered else _OF_ANY_AGE
    day = 0 if scattered else max(0, table_rows - _DAY_ROWS)
    any_row = f"(hash(range, {number}) % {table_rows})::BIGINT"
    late_row = f"{day} + (hash(range, {number}) % {table_rows - day})::BIGINT"
    old = (
        "SELECT -1 AS i, e FROM ("
        f"SELECT range AS n, CASE WHEN n < {of_any_age} THEN {any_row} ELSE {late_row} END AS e"
        f" FROM range({2 * OLD_ROWS})) GROUP BY e ORDER BY min(n) LIMIT {OLD_ROWS}"
    )
    columns = ", ".join(f'"{name}"' for name in COLUMNS).replace(
        '"eventType"', "'emailOpen' AS \"eventType\""
    )
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        source = events_sql(f"{new} UNION ALL SELECT * FROM ({old})", _SEED)
        connection.execute(
            f"COPY (SELECT {columns} FROM ({source})) TO '{path}' (FORMAT csv, HEADER)"
        )


def fill(database: Path, rows: int) -> None:
    """Fill a table that the loader has made up to so many rows."""
    names = ", ".join(_COLUMNS)
    values = ", ".join(f"{value} AS {name}" for name, value in _COLUMNS.items())
    with duckdb.connect(str(database)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("DELETE FROM dotdigital.email_open")
        for first in range(0, rows, _FILL_ROWS):
            last = min(rows, first + _FILL_ROWS)
            numbers = f"SELECT range AS i, range AS e FROM range({first}, {last})"
            connection.execute(
                f"INSERT INTO dotdigital.email_open ({names})"
                f" SELECT {values} FROM ({events_sql(numbers, _SEED)})"
            )
