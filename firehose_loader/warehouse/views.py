"""The view over all events of a warehouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from firehose_loader.schema.model import FieldType
from firehose_loader.statements import literal, statement
from firehose_loader.warehouse.ddl import SPELLINGS
from firehose_loader.warehouse.session import Session

EVENTS = "events"
_COMMON = {
    "event_id": FieldType.TEXT,
    "event_type": FieldType.TEXT,
    "event_date": FieldType.TIMESTAMP,
    "processed_date": FieldType.TIMESTAMP,
    "account_id": FieldType.INTEGER,
    "contact_id": FieldType.INTEGER,
    "email": FieldType.TEXT,
    "campaign_id": FieldType.INTEGER,
    "campaign_name": FieldType.TEXT,
    "_drop_id": FieldType.TEXT,
    "_row": FieldType.INTEGER,
}


def replace_events(session: Session, qualified: Callable[[str], str], schema: str) -> None:
    """Make the view ``events`` anew, over the event tables and columns that are there now."""
    found = event_tables(session, schema)
    parts = [_part(session.dialect, qualified(table), columns) for table, columns in found.items()]
    if parts:
        session.run("view_events", view=qualified(EVENTS), parts="\nUNION ALL\n".join(parts))


def event_tables(session: Session, schema: str) -> dict[str, list[str]]:
    """Return the event tables, each with its columns."""
    spelling = SPELLINGS[session.dialect]
    known = spelling.known
    found = session.run("view_columns", {"schema": spelling.stored(schema)})
    tables: dict[str, list[str]] = {}
    for table, column in cast("list[tuple[str, str]]", found):
        tables.setdefault(known(table), []).append(known(column))
    return {
        table: columns for table, columns in tables.items() if "_key" in columns and table != EVENTS
    }


def _part(dialect: str, table: str, columns: Sequence[str]) -> str:
    spelling = SPELLINGS[dialect]
    common = ", ".join(
        spelling.name(name)
        if name in columns
        else f"{spelling.null(kind)} AS {spelling.name(name)}"
        for name, kind in _COMMON.items()
    )
    others = [name for name in columns if name not in _COMMON and not name.startswith("_")]
    members = ", ".join(f"{literal(name)}, {spelling.name(name)}" for name in others)
    rest = f"{spelling.json_object}({members})"
    return statement(dialect, "view_events_part", columns=common, rest=rest, table=table).sql
