"""DuckDB's own reader, typed, into a table without keys: FOLDER KIND DATABASE."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from tests.benchmarks.workloads import COLUMNS, PAYLOAD


def main(folder: str, kind: str, database: str) -> None:
    format_ = kind.removesuffix(".gz")
    columns = COLUMNS if format_ == "csv" else COLUMNS | PAYLOAD
    types = "{" + ", ".join(f"'{name}': '{type_}'" for name, type_ in columns.items()) + "}"
    if format_ == "csv":
        source = (
            f"read_csv($files, columns = {types}, header = true, auto_detect = false, delim = ',',"
            " quote = '\"', escape = '\"', nullstr = '')"
        )
    else:
        shape = "newline_delimited" if format_ == "ndjson" else "array"
        source = f"read_json($files, columns = {types}, format = '{shape}')"
    definitions = ", ".join(f'"{name}" {type_}' for name, type_ in columns.items())
    with duckdb.connect(database) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TABLE events ({definitions})")
        connection.execute(
            f"INSERT INTO events SELECT * FROM {source}",
            {"files": sorted(map(str, Path(folder).iterdir()))},
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
