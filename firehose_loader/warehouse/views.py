"""The view over all events of a DuckDB warehouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from firehose_loader.engine import DIALECT, Engine
from firehose_loader.statements import literal, quoted, statement

EVENTS = "events"
_COMMON = {
    "event_id": "VARCHAR",
    "event_type": "VARCHAR",
    "event_date": "TIMESTAMP",
    "processed_date": "TIMESTAMP",
    "account_id": "BIGINT",
    "contact_id": "BIGINT",
    "email": "VARCHAR",
    "campaign_id": "BIGINT",
    "campaign_name": "VARCHAR",
    "_drop_id": "VARCHAR",
    "_row": "BIGINT",
}


def replace_events(engine: Engine, qualified: Callable[[str], str], schema: str) -> None:
    """Make the view ``events`` anew, over the event tables and columns that are there now."""
    found = event_tables(engine, schema)
    parts = [_part(qualified(table), columns) for table, columns in found.items()]
    if parts:
        engine.run("view_events", view=qualified(EVENTS), parts="\nUNION ALL\n".join(parts))


def event_tables(engine: Engine, schema: str) -> dict[str, list[str]]:
    """Return the event tables, each with its columns."""
    found = engine.run("view_columns", {"schema": schema})
    return dict(cast("list[tuple[str, list[str]]]", found))


def _part(table: str, columns: Sequence[str]) -> str:
    common = ", ".join(
        quoted(name) if name in columns else f"NULL::{kind} AS {quoted(name)}"
        for name, kind in _COMMON.items()
    )
    others = [name for name in columns if name not in _COMMON and not name.startswith("_")]
    members = ", ".join(f"{literal(name)}, {quoted(name)}" for name in others)
    rest = f"json_object({members})"
    return statement(DIALECT, "view_events_part", columns=common, rest=rest, table=table).sql
