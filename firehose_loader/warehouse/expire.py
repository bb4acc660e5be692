"""Take what is too old out of a warehouse, and remember which rows of which drops that were."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import cast

from firehose_loader.engine import columns_of
from firehose_loader.model import Reason, RowCounts
from firehose_loader.privacy.retention import NO_TYPE, TOO_OLD, ExpireReceipt, Expiry, Limit
from firehose_loader.protocols import StagedBatch
from firehose_loader.schema.model import FieldType
from firehose_loader.warehouse.leaving import Leaving
from firehose_loader.warehouse.session import Session
from firehose_loader.warehouse.tables import EventTables

EXPIRED = ("drop_id", "first_row", "last_row", "run_id", "expired_at")
RETENTION = ("source", "event_type", "kept_from", "run_id", "changed_at")
_QUARANTINE = "_firehose_quarantine"
_DROPS = "_firehose_drops"
_ALL = 2**62
_OF_STRANGERS = (NO_TYPE, "event_date")
"""Of tables whose event type has no schema any more."""


class Expired:
    """Writes ``_firehose_expired``, in the transaction of what it is about."""

    def __init__(self, session: Session, qualified: Callable[[str], str]) -> None:
        self._session = session
        self._qualified = qualified
        self._table = qualified("_firehose_expired")

    def keep(
        self, batch: StagedBatch, counts: Mapping[str, RowCounts], *, run_id: str, now: datetime
    ) -> None:
        """Keep which rows of a batch are too old, if there are any by its counts."""
        drop_ids = [drop_id for drop_id, of in counts.items() if of.expired]
        if not drop_ids:
            return
        noted = {"run_id": run_id, "now": now}
        self.forget(drop_ids)
        numbered = enumerate(staged.drop.drop_id for staged in batch.drops)
        self._session.run(
            "expired_staged",
            {**columns_of(numbered, ("drop_no", "drop_id")), **noted},
            expired=self._table,
        )
        rejected = [
            (staged.drop.drop_id, one.row)
            for staged in batch.drops
            for one in staged.rejections
            if one.reason is Reason.EXPIRED
        ]
        if rejected:
            lists = columns_of(rejected, ("drop_id", "row_no"))
            self._session.run("expired_add", {**lists, **noted}, expired=self._table)

    def account(self, *, run_id: str, now: datetime) -> None:
        """Have the rows in ``leaving_rows`` count as expired, and as nothing else."""
        duplicates, drops = map(self._qualified, ("_firehose_duplicates", _DROPS))
        self._session.run("leaving_carried", duplicates=duplicates)
        self._session.run("expire_amend", drops=drops)
        noted = {"run_id": run_id, "now": now}
        self._session.run("expired_gone", noted, expired=self._table)

    def remove_held(self) -> None:
        """Remove those of them from the quarantine that are in it."""
        self._session.run("expire_held", quarantine=self._qualified(_QUARANTINE))

    def forget(self, drop_ids: Collection[str]) -> None:
        """Forget it of drops that are loaded again or taken out."""
        self._session.run("expired_forget", {"drop_id": list(drop_ids)}, expired=self._table)


class Expire:
    """What is too old, on its way out."""

    def __init__(
        self, session: Session, tables: EventTables, expiry: Expiry, *, run_id: str, now: datetime
    ) -> None:
        self._session = session
        self._tables = tables
        self._qualified = tables.qualified
        self._expiry = expiry
        self._leaving = Leaving(session, tables)
        self._expired = Expired(session, tables.qualified)
        self._run_id = run_id
        self._now = now

    def apply(
        self, tables: Collection[str], check: Callable[[], None], *, preview: bool
    ) -> Iterator[ExpireReceipt]:
        """Remove it, in one transaction after the other; yield after each what it did.

        ``check`` raises within a transaction where that would leave counts that do not balance.
        """
        # In Snowflake this would end a transaction, as the beginning of each portion.
        self._session.run("expire_limits", columns_of(self._expiry.limits, Limit._fields))
        with self._session.transaction(keep=not preview):
            self._remember()
        for table in (*tables, _QUARANTINE):
            is_left = True
            while is_left:
                self._session.run("leaving_begin")
                with self._session.transaction(keep=not preview):
                    receipt = self._portion(table, whole=preview)
                    check()
                yield receipt
                found = receipt.events or receipt.set_aside
                is_left = not preview and found >= self._expiry.most_rows
        with self._session.transaction(keep=not preview):
            receipt = self._texts()
        yield receipt

    def _remember(self) -> None:
        """Have nothing come back that is too old now."""
        chosen = [
            one[:3] for one in self._expiry.limits if one.chosen and one.kept_from is not None
        ]
        lists = columns_of(chosen, RETENTION[:3])
        retention = self._qualified("_firehose_retention")
        self._session.run("retention_forget", lists, retention=retention)
        noted = {**lists, "run_id": self._run_id, "now": self._now}
        self._session.run("retention_add", noted, retention=retention)

    def _portion(self, table: str, *, whole: bool) -> ExpireReceipt:
        return self._held(whole=whole) if table == _QUARANTINE else self._events(table, whole=whole)

    def _events(self, table: str, *, whole: bool) -> ExpireReceipt:
        """Remove some events of a table, or all of them at once, and what carried the same."""
        event_type, column = self._expiry.event_times.get(table, _OF_STRANGERS)
        self._session.run(
            "expire_find",
            {"table_name": table, "event_type": event_type, "most_rows": self._most(whole=whole)},
            table=self._qualified(table),
            drops=self._qualified(_DROPS),
            duplicates=self._qualified("_firehose_duplicates"),
            event_time=self._event_time(table, column),
        )
        self._leaving.note_carriers()
        receipt = self._told(table)
        if receipt.events:
            self._leaving.remove(table)
            self._account()
        return receipt

    def _held(self, *, whole: bool) -> ExpireReceipt:
        """Remove some rows of the quarantine, or all of them at once."""
        self._session.run(
            "expire_find_held",
            {"most_rows": self._most(whole=whole)},
            quarantine=self._qualified(_QUARANTINE),
            drops=self._qualified(_DROPS),
        )
        receipt = self._told(_QUARANTINE)
        if receipt.set_aside:
            self._expired.remove_held()
            self._account()
        return receipt

    def _texts(self) -> ExpireReceipt:
        """Remove what is kept of drops as a whole, and samples of fields."""
        message = {"message": TOO_OLD}
        drops = self._qualified(_DROPS)
        whole = self._session.changed(
            "expire_whole", message, quarantine=self._qualified(_QUARANTINE), drops=drops
        )
        self._session.run("expire_drops", message, drops=drops)
        self._session.run(
            "expire_samples", schemas=self._qualified("_firehose_schemas"), drops=drops
        )
        return ExpireReceipt(table=_QUARANTINE, set_aside=whole)

    def _most(self, *, whole: bool) -> int:
        return _ALL if whole else self._expiry.most_rows

    def _event_time(self, table: str, column: str | None) -> str:
        """SQL of when an event of a table happened."""
        spelling = self._qualified.spelling
        kind = self._tables.columns(table).get(column) if column else None
        if column is None or kind not in {FieldType.TIMESTAMP, FieldType.DATE}:
            return spelling.null(FieldType.TIMESTAMP)
        return f"t.{spelling.column(column)}::{spelling.types[FieldType.TIMESTAMP]}"

    def _told(self, table: str) -> ExpireReceipt:
        ((events, duplicates, held),) = cast(
            "list[tuple[int, int, int]]", self._session.run("expire_told")
        )
        return ExpireReceipt(table=table, events=events, duplicates=duplicates, set_aside=held)

    def _account(self) -> None:
        self._expired.account(run_id=self._run_id, now=self._now)


def kept_from(session: Session, retention: str) -> Mapping[tuple[str, str], datetime]:
    """Return by source and event type from when on events are kept."""
    rows = session.run("retention_list", retention=retention)
    return {
        (source, event_type): at
        for source, event_type, at in cast("list[tuple[str, str, datetime]]", rows)
    }
