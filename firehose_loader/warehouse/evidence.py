"""What an event table and the ledger tell of the fields of an event type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from firehose_loader.protocols import Gaps, TableUsage, Usage
from firehose_loader.warehouse.ddl import Qualified
from firehose_loader.warehouse.session import Session


class SqlEvidence:
    """Asks where the table is; what it rescued is where the engine reads it already."""

    def __init__(self, session: Session, qualified: Qualified, table: str) -> None:
        self._session = session
        self._spelling = qualified.spelling
        self._table = qualified(table)
        self._drops = qualified("_firehose_drops")

    def usage(self, columns: Sequence[str]) -> TableUsage:
        loaded_at = self._spelling.column("_loaded_at")
        counts = "".join(
            f", count({name}), max(CASE WHEN {name} IS NOT NULL THEN {loaded_at} END)"
            for name in map(self._spelling.column, columns)
        )
        ((rows, newest, *numbers),) = cast(
            "list[tuple[int, datetime | None, *tuple[object, ...]]]",
            self._session.run("review_usage", table=self._table, more_counts=counts),
        )
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        used = {
            column: Usage(cast("int", filled), cast("datetime | None", last))
            for column, (filled, last) in zip(columns, pairs, strict=True)
        }
        return TableUsage(rows, newest, used)

    def loaded_since(self, moment: datetime) -> tuple[int, bool]:
        ((rows, is_csv),) = self._session.run(
            "review_since", {"moment": moment}, table=self._table, drops=self._drops
        )
        return cast("int", rows), bool(is_csv)

    def headers(self) -> Sequence[tuple[str, bool]]:
        rows = self._session.run("review_headers", table=self._table, drops=self._drops)
        return cast("list[tuple[str, bool]]", rows)

    def gaps(self, names: Mapping[str, Sequence[str]], *, due: int) -> Mapping[str, Gaps]:
        columns = list(names)
        found = self._session.run(
            "review_gaps",
            {"names": [list(spelled) for spelled in names.values()], "due": due},
            table=self._table,
            drops=self._drops,
            counts=", ".join(f"count({self._spelling.column(column)})" for column in columns),
        )
        return {
            columns[place - 1]: Gaps(drops, of, newest)
            for place, drops, of, newest in cast("list[tuple[int, int, int, str]]", found)
        }

    def named_types(self) -> Mapping[str, int]:
        rows = self._session.run(
            "review_named", table=self._table, event_type=self._spelling.column("event_type")
        )
        return dict(cast("list[tuple[str, int]]", rows))

    def rescued(self) -> str:
        return self._table
