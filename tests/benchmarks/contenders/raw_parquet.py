"""DuckDB's own reader, typed, to Parquet files: FOLDER OUT."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from tests.benchmarks.workloads import COLUMNS


def main(folder: str, out: str) -> None:
    types = "{" + ", ".join(f"'{name}': '{type_}'" for name, type_ in COLUMNS.items()) + "}"
    files = sorted(map(str, Path(folder).iterdir()))
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            f"COPY (SELECT * FROM read_csv({files}, columns = {types}, header = true,"
            " auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = ''))"
            f" TO '{out}' (FORMAT parquet, COMPRESSION snappy, FILE_SIZE_BYTES 200000000)"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
