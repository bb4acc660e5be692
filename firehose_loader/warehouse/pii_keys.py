"""The keys that a warehouse has pseudonyms of: their ids and fingerprints, never they."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import cast

from firehose_loader.engine import columns_of
from firehose_loader.privacy import KeyRecord
from firehose_loader.warehouse.ddl import Qualified, Spelling
from firehose_loader.warehouse.session import Session

_LINEAGE = {"_key", "_drop_id", "_row", "_schema_version", "_loaded_at"}
KEYS = ("key_id", "fingerprint", "first_used_at")


def recorded_keys(session: Session, table: str) -> Sequence[KeyRecord]:
    """Return the keys that are recorded, the first one first."""
    rows = cast("list[tuple[str, str, datetime]]", session.run("keys_list", table=table))
    return [
        KeyRecord(key_id=key_id, fingerprint=fingerprint, first_used_at=at)
        for key_id, fingerprint, at in rows
    ]


def record_keys(session: Session, table: str, keys: Sequence[KeyRecord], *, now: datetime) -> None:
    """Record the keys whose ids are new."""
    lists = columns_of([(key.key_id, key.fingerprint) for key in keys], KEYS[:2])
    session.run("keys_add", {**lists, "now": now}, table=table)


def hashed_with(
    session: Session,
    qualified: Qualified,
    tables: Mapping[str, Collection[str]],
    key_ids: Collection[str],
) -> Mapping[str, int]:
    """Return how many rows hold something hashed with one of these keys, by drop id."""
    spelling = qualified.spelling
    places = {
        table: (spelling.name("_drop_id"), text_of(columns, spelling))
        for table, columns in tables.items()
    }
    places["_firehose_quarantine"] = (spelling.name("drop_id"), _texts([spelling.name("raw")]))
    rows: Counter[str] = Counter()
    for table, (drop_id, text) in places.items():
        found = session.run(
            "rekey_rows",
            {"key_ids": list(key_ids)},
            table=qualified(table),
            drop_id=f"r.{drop_id}",
            text=text,
        )
        rows.update(dict(cast("list[tuple[str, int]]", found)))
    return rows


def text_of(columns: Collection[str], spelling: Spelling) -> str:
    """SQL of all that a row ``r`` of an event table says, in one text."""
    return _texts([spelling.column(column) for column in sorted(set(columns) - _LINEAGE)])


def _texts(names: Sequence[str]) -> str:
    return " || ' ' || ".join(f"coalesce(r.{name}::VARCHAR, '')" for name in names)
