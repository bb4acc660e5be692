"""Rows of staged files, put into a table by a COPY."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.snowflake_server.copied import Copied
from tests.snowflake_server.copying import Copy
from tests.snowflake_server.locks import Table
from tests.snowflake_server.refusals import (
    BEYOND_THE_DOUBLE,
    FILE_UNREADABLE,
    TIMES_AS_NUMBERS,
    UNKNOWN_NAME,
    Refused,
)
from tests.snowflake_server.results import Result, done, told
from tests.snowflake_server.stages import Place

Connection = Any
_COPIED = (
    *("file", "status", "rows_parsed", "rows_loaded", "error_limit", "errors_seen"),
    *("first_error", "first_error_line", "first_error_character", "first_error_column_name"),
)


class Load:
    """One COPY: of the files that are there when it is asked for."""

    def __init__(self, copy: Copy, place: Place, table: Table, loaded: dict[str, Copied]) -> None:
        """Take also the files that were loaded into the table before."""
        self._copy = copy
        self._place = place
        self._names = table
        self._loaded = loaded
        self._found = copy.found(place)
        known = {} if copy.is_set("FORCE") else loaded
        self._fresh = [(name, file) for name, file in self._found if _version(file) not in known]

    def run(
        self, connection: Connection, on_commit: Callable[[Callable[[], None]], None]
    ) -> Result:
        """Put the rows of its files into the table; note that they are when they are committed."""
        if not self._found:
            return done("Copy executed with 0 files processed.")
        rows: list[tuple[object, ...]] = []
        copied: dict[str, Copied] = {}
        total = 0
        for name, file in self._found:
            shown = self._place.shown + name
            if (name, file) not in self._fresh:
                said = "File was loaded before."
                rows.append((shown, "LOAD_SKIPPED", 0, 0, 1, 1, said, None, None, None))
                continue
            try:
                count = self.load_file(connection, name, file)
            except Refused as refused:
                if self._copy.options.get("ON_ERROR", "").upper() != "SKIP_FILE":
                    raise
                rows.append((shown, "LOAD_FAILED", 0, 0, 1, 1, str(refused), None, None, None))
                continue
            rows.append((shown, "LOADED", count, count, 1, 0, None, None, None, None))
            total += count
            copied[_version(file)] = self._copied(name, file)
        on_commit(lambda: self._loaded.update(copied))
        return Result(data=told(_COPIED, rows).data, rows=total)

    def _copied(self, name: str, file: Path) -> Copied:
        now = datetime.now(UTC).replace(tzinfo=None)
        return Copied(stage=self._place.shown, name=name, size=file.stat().st_size, at=now)

    def load_file(self, connection: Connection, name: str, file: Path) -> int:
        """Put the rows of one file into the table; return how many there are."""
        if str(self._copy.format.get("TYPE", "CSV")).upper() != "PARQUET":
            raise Refused(BEYOND_THE_DOUBLE, f"{name}: only Parquet is loaded without a SELECT")
        return load_parquet(connection, self._copy, written(connection, self._names), file)


def written(connection: Connection, table: Table) -> str:
    """Return how a table is written; a temporary one hides others of its name."""
    database, schema, name = table
    temporary = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE temporary AND upper(table_name) = upper(?)", [name]
    ).fetchone()
    if temporary is not None:
        database, schema = "temp", "main"
    return ".".join(quoted(part) for part in (database, schema, name))


def _version(file: Path) -> str:
    return f"{file}:{file.stat().st_mtime_ns}"


def load_parquet(connection: Connection, copy: Copy, table: str, file: Path) -> int:
    """Put the rows of a Parquet file into a table, by the names of the columns.

    A column of text that goes into a VARIANT becomes a text in it, as in Snowflake.
    """
    how = copy.options.get("MATCH_BY_COLUMN_NAME", "NONE").upper()
    if how not in {"CASE_INSENSITIVE", "CASE_SENSITIVE"}:
        raise Refused(BEYOND_THE_DOUBLE, "Parquet is loaded with MATCH_BY_COLUMN_NAME only")
    source = f"read_parquet({literal(str(file))})"
    theirs = columns(connection, source)
    ours = columns(connection, table)
    folded = str.upper if how == "CASE_INSENSITIVE" else str
    matched = [
        (name, next((given for given in theirs if folded(given) == folded(name)), None))
        for name in ours
    ]
    pairs = [(name, given) for name, given in matched if given is not None]
    if not pairs:
        raise Refused(UNKNOWN_NAME, f"{file.name} has none of the table's columns")
    logical = str(copy.format.get("USE_LOGICAL_TYPE", "FALSE")).upper() == "TRUE"
    for _, given in pairs:
        if theirs[given].startswith("TIMESTAMP") and not logical:
            raise Refused(
                TIMES_AS_NUMBERS,
                f"column {given}: without USE_LOGICAL_TYPE = TRUE, a timestamp of Parquet is a"
                " number, and loaded as another time",
            )
    names = ", ".join(quoted(name) for name, _ in pairs)
    values = ", ".join(_cast(quoted(given), theirs[given], ours[name]) for name, given in pairs)
    done = connection.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM {source}")
    return int(done.fetchone()[0])


def _cast(column: str, given: str, wanted: str) -> str:
    if wanted == "JSON" and given in {"VARCHAR", "JSON"}:
        return f"to_json({column}::VARCHAR)"
    if wanted == "JSON":
        return f"to_json({column})"
    return f"CAST({column} AS {wanted})"


def columns(connection: Connection, source: str) -> Mapping[str, str]:
    """Return the columns of a table or a reader with their types, in order."""
    import duckdb

    try:
        found = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise Refused(FILE_UNREADABLE, f"Error parsing the file: {error}") from None
    return {name: kind for name, kind, *_ in found}


def quoted(name: str) -> str:
    """Return an identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a string constant."""
    return "'" + text.replace("'", "''") + "'"
