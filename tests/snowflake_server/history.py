"""The history of queries: what each statement of a session took. The figures are made up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

BYTES_SCANNED, MILLISECONDS, CREDITS = 1000, 10, 0.00001
SIZE = "X-Small"
_ASKED = re.compile(
    r"(?i)\btable\s*\(\s*information_schema\.query_history_by_session\s*\([^()]*\)\s*\)"
)
_COLUMNS = (
    '"QUERY_ID" VARCHAR, "QUERY_TAG" VARCHAR, "WAREHOUSE_NAME" VARCHAR, "WAREHOUSE_SIZE" VARCHAR,'
    ' "BYTES_SCANNED" DECIMAL(38, 0), "EXECUTION_TIME" DECIMAL(38, 0),'
    ' "CREDITS_USED_CLOUD_SERVICES" DOUBLE'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One statement that was carried out."""

    query_id: str
    tag: str
    warehouse: str
    """Empty where it needed none."""


def is_asked(text: str) -> bool:
    """Tell whether a statement asks for the history of its session."""
    return _ASKED.search(text) is not None


def with_history(engine: Any, text: str, history: list[Past]) -> str:  # noqa: ANN401
    """Make a table of the history; return the statement with its name in the function's place."""
    engine.execute(f'CREATE OR REPLACE TEMP TABLE "_HISTORY" ({_COLUMNS})')
    for past in history:
        engine.execute(
            'INSERT INTO "_HISTORY" VALUES (?, ?, ?, ?, ?, ?, ?)',
            [
                past.query_id,
                past.tag,
                past.warehouse or None,
                SIZE if past.warehouse else None,
                BYTES_SCANNED if past.warehouse else 0,
                MILLISECONDS,
                CREDITS,
            ],
        )
    return _ASKED.sub('"_HISTORY"', text)
