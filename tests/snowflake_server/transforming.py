"""COPY INTO with a SELECT over staged files: ``$1`` to ``$n`` and what METADATA$ tells of each."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlglot
from sqlglot import exp

from tests.snowflake_server.copied import Copied
from tests.snowflake_server.copying import Copy
from tests.snowflake_server.loading import Load, quoted, written
from tests.snowflake_server.locks import Table
from tests.snowflake_server.records import Record, format_of, records
from tests.snowflake_server.refusals import BEYOND_THE_DOUBLE, SYNTAX, Refused
from tests.snowflake_server.stages import Place
from tests.snowflake_server.statements import sql

Connection = Any
_NO_CODE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\d+)""", re.DOTALL)
_FILE, _ROW = "METADATA$FILENAME", "METADATA$FILE_ROW_NUMBER"
_MODIFIED = "METADATA$FILE_LAST_MODIFIED"
_ONLY_SIMPLE = ("where", "joins", "group", "having", "qualify", "order", "limit", "distinct")
_ON_ERROR = {"", "ABORT_STATEMENT", "SKIP_FILE"}


class Transform(Load):
    """One COPY whose rows come of a SELECT."""

    def __init__(
        self,
        copy: Copy,
        place: Place,
        table: Table,
        loaded: dict[str, Copied],
        translated: Callable[[exp.Expression], exp.Expression],
    ) -> None:
        """Take also how a statement of Snowflake's becomes one of DuckDB's."""
        super().__init__(copy, place, table, loaded)
        if copy.options.get("ON_ERROR", "").upper() not in _ON_ERROR:
            raise Refused(BEYOND_THE_DOUBLE, f"the stand-in knows ON_ERROR = {sorted(_ON_ERROR)}")
        self._format = format_of(copy.format)
        self._select = translated(self._parsed())

    def load_file(self, connection: Connection, name: str, file: Path) -> int:
        rows = list(records(file, self._format))
        shown = _in_bucket(self._place.shown + name)
        modified = datetime.fromtimestamp(file.stat().st_mtime, UTC).replace(tzinfo=None)
        connection.register("staged", _table(rows, self._width, shown, modified))
        target = written(connection, self._names)
        is_json = self._format.kind == "JSON"
        one = '"$1"::JSON AS "$1"' if is_json else '"$1"'
        source = f'(SELECT {one}, * EXCLUDE ("$1") FROM staged)'
        columns = ", ".join(_as_named(column) for column in self._copy.columns)
        into = f"{target} ({columns})" if columns else target
        text = sql(self._select).replace('"STAGED"', source, 1)
        try:
            return int(connection.execute(f"INSERT INTO {into} {text}").fetchone()[0])
        finally:
            connection.unregister("staged")

    def _parsed(self) -> exp.Expression:
        text = _NO_CODE.sub(
            lambda match: f'"${match[1]}"' if match[1] else match[0],
            (self._copy.select or "").replace("{}", '"STAGED"'),
        )
        tree = sqlglot.parse_one(text, read="snowflake")
        if not isinstance(tree, exp.Select) or any(tree.args.get(part) for part in _ONLY_SIMPLE):
            raise Refused(
                SYNTAX,
                "SQL compilation error: COPY statement only supports simple SELECT from stage"
                " statements for import.",
            )
        names = {column.name.upper() for column in tree.find_all(exp.Column)}
        if _ROW in names and self._format.text("SKIP_HEADER", "0") != "0":
            raise Refused(BEYOND_THE_DOUBLE, f"{_ROW} with SKIP_HEADER: try it on an account")
        numbers = [int(name[1:]) for name in names if re.fullmatch(r"\$\d+", name)]
        self._width = max(numbers, default=1)
        return tree


def _table(rows: list[Record], width: int, name: str, modified: datetime) -> pa.Table:
    columns: dict[str, pa.Array] = {
        f"${number + 1}": pa.array(
            [row[number] if number < len(row) else None for row in rows], pa.string()
        )
        for number in range(width)
    }
    columns[_FILE] = pa.array([name] * len(rows), pa.string())
    columns[_ROW] = pa.array(range(1, len(rows) + 1), pa.int64())
    columns[_MODIFIED] = pa.array([modified] * len(rows), pa.timestamp("us"))
    return pa.table(columns)


def _in_bucket(shown: str) -> str:
    """Return a file's path in its bucket; in an internal stage, in the stage."""
    scheme, is_url, rest = shown.rpartition("://")
    inside = rest.partition("/")[2]  # of the bucket, the account, or the stage
    return inside.partition("/")[2] if is_url and scheme == "azure" else inside


def _as_named(column: str) -> str:
    return column if column.startswith('"') else quoted(column.upper())
