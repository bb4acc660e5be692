"""Events that stand with one drop and came in another too."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import cast

from firehose_loader.history import Shared
from firehose_loader.warehouse.ddl import Qualified
from firehose_loader.warehouse.pii_keys import text_of
from firehose_loader.warehouse.session import Session


def events_shared(
    session: Session,
    qualified: Qualified,
    tables: Mapping[str, Collection[str]],
    ids: Mapping[str, list[str]],
    *,
    stored: bool,
) -> Sequence[Shared]:
    """Return what ``History.shared`` does; ``ids`` are its drop_id and key_ids."""
    side = f"r.{qualified.spelling.name('_drop_id')}" if stored else "d.drop_id"
    found: list[Shared] = []
    for table, columns in tables.items():
        rows = session.run(
            "undo_shared",
            {"table_name": table, **ids},
            duplicates=qualified("_firehose_duplicates"),
            table=qualified(table),
            side=side,
            # The texts of all columns are dear, and without a key there is nothing to find in them.
            text=text_of(columns, qualified.spelling) if ids["key_ids"] else "''",
        )
        found += [
            Shared(holder=holder, other=other, rows=count, hashed=hashed, differing=differing)
            for holder, other, count, hashed, differing in cast(
                "list[tuple[str, str, int, int, int]]", rows
            )
        ]
    return found
