"""The keys that a warehouse has pseudonyms of: their ids and fingerprints, never they."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from firehose_loader.engine import columns_of
from firehose_loader.privacy import KeyRecord
from firehose_loader.warehouse.session import Session

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
