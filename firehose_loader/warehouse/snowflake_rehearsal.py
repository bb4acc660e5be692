"""Snowflake as nobody connects to it: what would be sent is noted, and answered as a load needs."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from firehose_loader.config import Config, SnowflakeTarget
from firehose_loader.engine import Row
from firehose_loader.errors import AccessDenied
from firehose_loader.statements import Statement
from firehose_loader.warehouse import BUCKET
from firehose_loader.warehouse.snowflake import SnowflakeWarehouse
from firehose_loader.warehouse.snowflake_session import SnowflakeSession

_DROP = "drop.csv"
"""What lies in the bucket."""
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_COLUMN = re.compile(r'^ +"((?:[^"]|"")*)" (\w+)', re.MULTILINE)
_DESCRIBED: dict[str, tuple[str, int | None, int | None]] = {
    "VARCHAR": ("TEXT", None, None),
    "NUMBER": ("NUMBER", 38, 0),
}
"""What Snowflake calls a type, its precision and scale, where it does not say as it was told."""
_ANSWERS: dict[str, list[Row]] = {
    "merge_insert": [(1,)],
    "merge_extent": [(None, None)],
    "drops_committed": [(0,)],
    "screen": [(0, 0, 0, 0, 0)],
}


class RehearsedSession(SnowflakeSession):
    """A session with nobody."""

    def __init__(self, header: Sequence[str] = ()) -> None:
        super().__init__(None, None)
        self._header = header
        self._type_no: object = 0
        self._is_there = False
        self._tables: list[Row] = []
        self._made: list[Row] = []

    def _carry_out(self, ready: Statement, values: list[object], table: str | None) -> list[Row]:
        match ready.name:
            case "session_schema" if not self._is_there:
                self._is_there = True
                raise AccessDenied("there is no such schema, so that it is told how it is made")
            case "meta_drops":
                self._tables = [("_FIREHOSE_DROPS", "DROP_ID", "TEXT", None, None)]
            case "table_create":
                made = _QUOTED.findall(table or "")[-1]
                self._made = [
                    (made, column, *_DESCRIBED.get(kind, (kind, None, None)))
                    for column, kind in _COLUMN.findall(ready.sql)
                ]
            case "external_files_add":
                (file,) = json.loads(str(values[0]))
                self._type_no = file["forced_no"]
            case "merge_seen":
                self._type_no = values[ready.parameters.index("type_no")]
            case _:
                """Nothing follows from it."""
        return self._answer(ready.name)

    def _answer(self, name: str) -> list[Row]:
        match name:
            case "table_columns":
                return [*self._tables, *self._made]
            case "view_columns":
                return [(table, column) for table, column, *_ in self._made]
            case "merge_counts":
                return [(0, self._type_no, "inserted", 1)]
            case "external_told":
                return [("STAGE_LOCATION", "URL", "String", f'["{BUCKET}"]')]
            case "external_headers":
                return [(_DROP, *self._header)]
            case "external_present":
                return [(0, self._type_no, 1)]
            case "merge_unjudged":  # as if the event were there already, to tell how it is compared
                return [(self._type_no, 0)]
            case _:
                return list(_ANSWERS.get(name, ()))

    def close(self) -> None:
        """There is nothing to end."""


def rehearsed(
    config: Config, target: SnowflakeTarget, header: Sequence[str]
) -> tuple[SnowflakeWarehouse, Sequence[Statement]]:
    """Return a warehouse that is none, and a list to which every statement is added."""
    session = RehearsedSession(header)
    seen = session.watch()
    return SnowflakeWarehouse(config, target, session), seen
