"""Rows that leave a warehouse for good, in the caller's transaction: of people, or too old."""

from __future__ import annotations

from firehose_loader.warehouse.digests import Digests
from firehose_loader.warehouse.session import Session
from firehose_loader.warehouse.tables import EventTables

_DUPLICATES = "_firehose_duplicates"


class Leaving:
    """The rows that are noted in the temporary table ``leaving_rows``, on their way out."""

    def __init__(self, session: Session, tables: EventTables) -> None:
        self._session = session
        self._qualified = tables.qualified
        self._digests = Digests(session, tables.qualified, tables.columns)

    def note_carriers(self) -> None:
        """Note the rows, too, that carried the same events as those that go from tables."""
        self._session.run("leaving_duplicates", duplicates=self._qualified(_DUPLICATES))

    def remove(self, table: str) -> None:
        """Remove the noted events of a table; what they said is part of no digest any more."""
        self._digests.leaving(table)
        self._session.run("leaving_events", {"table_name": table}, table=self._qualified(table))

    def remove_carriers(self) -> None:
        """Have the noted rows be duplicates no more."""
        self._session.run("leaving_carried", duplicates=self._qualified(_DUPLICATES))
