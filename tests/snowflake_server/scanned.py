"""RESULT_SCAN of the last answer: that of a LIST or a DESCRIBE STAGE."""

from __future__ import annotations

import re
from typing import Any

from tests.snowflake_server.refusals import BEYOND_THE_DOUBLE, Refused
from tests.snowflake_server.results import Result

_SCAN = re.compile(r"(?i)\btable\s*\(\s*result_scan\s*\(\s*last_query_id\s*\(\s*\)\s*\)\s*\)")
_TABLE = '"_SCANNED"'


def is_scan(text: str) -> bool:
    """Tell whether a statement reads the last answer."""
    return _SCAN.search(text) is not None


def with_answer(engine: Any, text: str, last: Result | None) -> str:  # noqa: ANN401
    """Make a table of the last answer; return the statement with its name in the function's place.

    Raises:
        Refused: it was none that the stand-in keeps.
    """
    if last is None or "rowset" not in last.data:
        raise Refused(BEYOND_THE_DOUBLE, "the stand-in keeps what LIST and DESCRIBE STAGE told")
    columns = [
        f'"{one["name"]}" {"DECIMAL(38, 0)" if one["type"] == "fixed" else "VARCHAR"}'
        for one in last.data["rowtype"]
    ]
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {_TABLE} ({', '.join(columns)})")
    for row in last.data["rowset"]:
        engine.execute(f"INSERT INTO {_TABLE} VALUES ({', '.join('?' * len(row))})", row)
    return _SCAN.sub(_TABLE, text)
