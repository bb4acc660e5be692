"""Made-up deliveries of events: the same seed gives the same bytes, and what is true of them."""

from __future__ import annotations

import gzip
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

COLUMNS = {
    "eventId": "UUID",
    "accountId": "INTEGER",
    "eventType": "VARCHAR",
    "eventDate": "TIMESTAMPTZ",
    "processedDate": "TIMESTAMPTZ",
    "contactId": "BIGINT",
    "email": "VARCHAR",
    "campaignId": "INTEGER",
    "campaignName": "VARCHAR",
    "subject": "VARCHAR",
    "url": "VARCHAR",
    "ipAddress": "VARCHAR",
    "userAgent": "VARCHAR",
    "country": "VARCHAR",
    "isBot": "BOOLEAN",
}
PAYLOAD = {"data": "JSON"}
"""What JSON drops have besides: the payload of an envelope."""
TYPES = {"emailSend": "email_send", "emailOpen": "email_open", "emailClick": "email_click"}
_BLOCK_ROWS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Files of one size; every hundredth row repeats an earlier event as delivered later."""

    name: str
    files: int
    rows: int
    """In each file."""
    seed: int = 1

    @property
    def total(self) -> int:
        """Rows of all files."""
        return self.files * self.rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What a loader has to find."""

    rows: int
    distinct: int
    bytes: int


def written(workload: Workload, kind: str, folder: Path) -> Truth:
    """Write a workload as ``csv``, ``ndjson``, ``json`` or, with ``.gz``, packed; once only."""
    told = folder / f"{workload.name}-{kind}.truth"
    target = folder / f"{workload.name}-{kind}"
    if told.exists():
        return Truth(**json.loads(told.read_text("utf-8")))
    target.mkdir(parents=True, exist_ok=True)
    format_, packed = kind.removesuffix(".gz"), kind.endswith(".gz")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for first in range(0, workload.files, max(1, _BLOCK_ROWS // workload.rows)):
            last = min(workload.files, first + max(1, _BLOCK_ROWS // workload.rows))
            span = (first * workload.rows, last * workload.rows)
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE block AS"
                f" {events_sql(_numbers(*span, workload.seed), workload.seed)} ORDER BY i"
            )
            for file in range(first, last):
                begin = (file - first) * workload.rows
                path = target / f"{file:06}.{'csv' if format_ == 'csv' else 'json'}"
                _write(connection, path, format_, begin, begin + workload.rows)
                if packed:
                    path.with_name(f"{path.name}.gz").write_bytes(
                        gzip.compress(path.read_bytes(), 6, mtime=0)
                    )
                    path.unlink()
        (distinct,) = connection.execute(
            f"SELECT count(DISTINCT e) FROM ({_numbers(0, workload.total, workload.seed)})"
        ).fetchall()[0]
    truth = Truth(
        rows=workload.total,
        distinct=int(distinct),
        bytes=sum(path.stat().st_size for path in target.iterdir()),
    )
    told.write_text(json.dumps(asdict(truth)), "utf-8")
    return truth


def events_sql(numbers: str, seed: int) -> str:
    """SQL of rows, given a query of their number ``i`` and their event's ``e``."""
    names = ", ".join(f"'{name}'" for name in TYPES)
    return f"""
        SELECT i, e,
            format('{{:08x}}-{{:04x}}-4{{:03x}}-8{{:03x}}-{{:012x}}', a & 4294967295,
                (a >> 32) & 65535, (a >> 48) & 4095, b & 4095, (b >> 12) & 281474976710655
            ) AS "eventId",
            1000 + b % 40 AS "accountId",
            ([{names}])[CASE WHEN a % 10 < 6 THEN 1 WHEN a % 10 < 9 THEN 2 ELSE 3 END]
                AS "eventType",
            strftime(moment, '%Y-%m-%dT%H:%M:%S.%gZ') AS "eventDate",
            strftime(
                moment + to_seconds(1 + (a % 600)::BIGINT + CASE WHEN i <> e THEN 3600 ELSE 0 END),
                '%Y-%m-%dT%H:%M:%S.%gZ') AS "processedDate",
            d % 20000000 AS "contactId",
            'user' || (d % 20000000) || '@example' || (d % 97) || '.com' AS email,
            c % 400 AS "campaignId",
            CASE c % 10 WHEN 0 THEN 'Spring "Sale", part ' WHEN 1 THEN 'Été - Noël, '
                ELSE 'Campaign ' END || (c % 400) AS "campaignName",
            CASE WHEN c % 50 = 0 THEN 'Line one' || chr(10) || 'line "two", with comma'
                WHEN c % 50 > 3 THEN 'Your weekly digest no. ' || (c % 1000) END AS subject,
            CASE WHEN a % 10 = 9 THEN 'https://shop.example.com/p/' || (b % 100000) END AS url,
            (1 + d % 223) || '.' || (d >> 8) % 256 || '.' || (d >> 16) % 256 || '.1' AS "ipAddress",
            'Mozilla/5.0 (' || ['Windows NT 10.0; Win64', 'Macintosh', 'iPhone', 'Linux'][
                1 + ((d >> 32) % 4)::BIGINT] || ') AppleWebKit/' || (530 + (d >> 40) % 80)
                || '.36 (KHTML, like Gecko)' AS "userAgent",
            ['US', 'GB', 'NL', 'DE', 'FR', 'JP'][1 + ((d >> 20) % 6)::BIGINT] AS country,
            d % 13 = 0 AS "isBot",
            {{'linkId': CASE WHEN a % 10 = 9 THEN b % 100000 END,
                'device': {{'kind': 'mobile', 'os': 'v' || (d % 20)}},
                'tags': ['t' || (c % 30), 'é' || (c % 7)]}} AS data
        FROM (
            SELECT i, e, hash(e, {seed}) AS a, hash(e, {seed}, 1) AS b, hash(e, {seed}, 2) AS c,
                hash(e, {seed}, 3) AS d,
                make_timestamp(1767225600000000 + e * 1800000
                    - CASE WHEN b % 20 = 0 THEN (c % 259200)::BIGINT * 1000000 ELSE 0 END) AS moment
            FROM ({numbers})
        )"""


def _numbers(first: int, last: int, seed: int) -> str:
    return (
        f"SELECT range AS i, CASE WHEN range > 0 AND hash(range, {seed}, 9) % 100 = 0"
        f" THEN (hash(range, {seed}, 8) % greatest(range, 1)::UBIGINT)::BIGINT ELSE range END AS e"
        f" FROM range({first}, {last})"
    )


def _write(
    connection: duckdb.DuckDBPyConnection, path: Path, format_: str, begin: int, end: int
) -> None:
    columns = ", ".join(f'"{name}"' for name in COLUMNS)
    rows = f"FROM block WHERE rowid >= {begin} AND rowid < {end}"
    if format_ == "csv":
        options = "FORMAT csv, HEADER, FORCE_QUOTE (email, campaignName, subject, url, userAgent)"
    else:
        columns, options = f"{columns}, data", f"FORMAT json, ARRAY {format_ == 'json'}"
    connection.execute(f"COPY (SELECT {columns} {rows}) TO '{path}' ({options})")
