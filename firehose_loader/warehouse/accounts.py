"""What in a warehouse accounts for the rows of drops, for an audit to hold against files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import cast

from firehose_loader.history import Stranger
from firehose_loader.statements import quoted
from firehose_loader.warehouse.ddl import Qualified
from firehose_loader.warehouse.session import Session

DUPLICATES = "_firehose_duplicates"
QUARANTINE = "_firehose_quarantine"
EXPIRED = "_firehose_expired"


class Accounts:
    """Reads event tables, duplicates and quarantine by drop; changes nothing in them."""

    def __init__(
        self, session: Session, qualified: Qualified, tables: Mapping[str, Iterable[str]]
    ) -> None:
        """Take the event tables that there are."""
        self._session = session
        self._qualified = qualified
        self._tables = tables

    def bring(self, drop_ids: Collection[str]) -> None:
        """Put together ``audit_accounts``."""
        ids = {"drop_id": list(drop_ids)}
        self._session.run("audit_accounts")
        self._session.run("audit_duplicates", ids, duplicates=self._qualified(DUPLICATES))
        self._session.run("audit_held", ids, quarantine=self._qualified(QUARANTINE))
        self._session.run("audit_expired", ids, expired=self._qualified(EXPIRED))
        for table in self._tables:
            named = {**ids, "table_name": table}
            for statement in ("audit_table", "audit_there"):
                self._session.run(statement, named, table=self._qualified(table))

    def bring_events(self, table: str, drop_ids: Collection[str]) -> None:
        """Copy the rows of drops into ``audit_events``."""
        spelling = self._qualified.spelling
        columns = [f"{spelling.column(name)} AS {quoted(name)}" for name in self._tables[table]]
        self._session.run(
            "audit_events",
            {"drop_id": list(drop_ids)},
            table=self._qualified(table),
            columns=", ".join(columns),
        )

    def strangers(self, *, limit: int) -> Sequence[Stranger]:
        """Look through every table for rows of drops that the ledger does not know."""
        name = self._qualified.spelling.name
        places = dict.fromkeys((DUPLICATES, QUARANTINE), ("drop_id", "row_no"))
        places |= dict.fromkeys(self._tables, ("_drop_id", "_row"))
        return [
            Stranger(table=table, drop_id=drop_id, row=row, of=of)
            for table, (column, row_no) in places.items()
            for drop_id, row, of in cast(
                "list[tuple[str, int | None, int]]",
                self._session.run(
                    "audit_strangers",
                    {"at_most": limit},
                    table=self._qualified(table),
                    column_name=name(column),
                    row_no=name(row_no),
                    drops=self._qualified("_firehose_drops"),
                ),
            )
        ]
