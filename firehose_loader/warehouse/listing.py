"""A listing held against the ledger, in temporary tables of the warehouse."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

from firehose_loader.model import Drop, DropState
from firehose_loader.protocols import Known
from firehose_loader.warehouse.ddl import SPELLINGS
from firehose_loader.warehouse.keys import to_text
from firehose_loader.warehouse.session import Session

_NUMBERS = itertools.count(1)
_PAGE = 5000
_Time = datetime | None
_Row = tuple[str, str, str, int, datetime, str | None, _Time, _Time, int, int, str | None, bool]


class WarehouseListing:
    """One listing of one source; several may be under way at once."""

    def __init__(
        self,
        session: Session,
        source: str,
        tables: tuple[str | None, str | None],
        *,
        new_only: bool,
    ) -> None:
        """``tables``: ledger and archive, None for what is not there yet."""
        drops, archive = tables
        self._session = session
        self._source = source
        self._new_only = new_only
        number, name = next(_NUMBERS), SPELLINGS[session.dialect].name
        self._listed = name(f"listed_{number}")
        self._ranked = name(f"ranked_{number}")
        self._drops = drops or name("no_drops")
        self._archive = archive or name("no_archive")
        self._not_text: dict[str, str] = {}
        """Keys by drop id that are not UTF-8 and cannot be stored as they are."""
        if drops is None:
            session.run("listing_no_drops", drops=self._drops)
        if archive is None:
            session.run("listing_no_archive", archive=self._archive)
        session.run("listing_begin", listed=self._listed)

    def add(self, drops: Sequence[Drop]) -> None:
        keys = [to_text(drop.key) for drop in drops]
        for drop, text in zip(drops, keys, strict=True):
            if text != drop.key:
                self._not_text[drop.drop_id] = drop.key
        parameters = {
            "drop_id": [drop.drop_id for drop in drops],
            "key": keys,
            "version": [drop.version for drop in drops],
            "size_bytes": [drop.size_bytes for drop in drops],
            "modified": [drop.modified for drop in drops],
            "new_only": self._new_only,
        }
        self._session.run("listing_add", parameters, listed=self._listed, drops=self._drops)

    def finish(self) -> int:
        if self._session.dialect == "snowflake":
            # No values are bound in DDL there: the table comes first, its rows after.
            self._session.run("listing_place", ranked=self._ranked)
        self._session.run(
            "listing_rank",
            {"source": self._source},
            ranked=self._ranked,
            listed=self._listed,
            drops=self._drops,
        )
        self._session.run("listing_end", listed=self._listed)
        return self._session.changed("listing_count", ranked=self._ranked)

    def page(self, first: int) -> Sequence[Known]:
        limits = {"first": first, "beyond": first + _PAGE}
        rows = self._session.run("listing_page", limits, ranked=self._ranked)
        return [self._known(row) for row in cast("list[_Row]", rows)]

    def gone(self, first: int) -> Sequence[Known]:
        rows = self._session.run(
            "listing_gone",
            {"source": self._source, "first": first, "most": _PAGE},
            drops=self._drops,
            archive=self._archive,
            ranked=self._ranked,
        )
        return [self._known(cast("_Row", (*row, False))) for row in rows]

    def close(self) -> None:
        self._session.run("listing_end", listed=self._listed)
        self._session.run("listing_end", listed=self._ranked)

    def _known(self, row: _Row) -> Known:
        drop_id, key, version, size_bytes, modified, state = row[:6]
        seen, finished, rows, attempts, error, earlier = row[6:]
        return Known(
            drop=Drop(
                source=self._source,
                key=self._not_text.get(drop_id, key),
                version=version,
                size_bytes=size_bytes,
                modified=modified.replace(tzinfo=UTC),
            ),
            state=DropState(state) if state else None,
            first_seen_at=seen.replace(tzinfo=UTC) if seen else None,
            loaded_at=finished.replace(tzinfo=UTC) if finished else None,
            rows=rows,
            attempts=attempts,
            error=error,
            earlier_version=earlier,
        )
