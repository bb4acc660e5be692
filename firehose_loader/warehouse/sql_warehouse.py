"""What all warehouses do alike: all but how they are opened, and how a batch gets there."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import cast

from msgspec.structs import replace

from firehose_loader.config import Warehouse as Target
from firehose_loader.engine import Engine
from firehose_loader.figures import Figures, Period
from firehose_loader.history import (
    Activity,
    Alert,
    DropFilter,
    DropRecord,
    HeldFilter,
    HeldRow,
    RetryReceipt,
    Shared,
    Stranger,
    Trace,
    UndoReceipt,
)
from firehose_loader.model import Costs, Drop, Reason, Receipt, RunRecord
from firehose_loader.privacy import ForgottenRecord, KeyRecord
from firehose_loader.privacy.retention import ExpireReceipt, Expiry
from firehose_loader.privacy.search import ForgetReceipt, Search
from firehose_loader.protocols import (
    Departure,
    External,
    StagedBatch,
    Status,
)
from firehose_loader.schema.additions import Addition
from firehose_loader.schema.model import EventSchema
from firehose_loader.schema.names import LANDED
from firehose_loader.time_limit import TimeLimit
from firehose_loader.warehouse.accounts import Accounts
from firehose_loader.warehouse.activity import read_activity, read_runs
from firehose_loader.warehouse.alerts import open_alerts, record_alerts
from firehose_loader.warehouse.archive import due, note, places
from firehose_loader.warehouse.claims import Claims
from firehose_loader.warehouse.duplicates import Duplicates
from firehose_loader.warehouse.evidence import SqlEvidence
from firehose_loader.warehouse.expire import Expire, Expired, kept_from
from firehose_loader.warehouse.figures import read_figures
from firehose_loader.warehouse.forget import Forget, check_screen, forgotten_records
from firehose_loader.warehouse.keeping import KeepsTables
from firehose_loader.warehouse.ledger import Ledger, recorded
from firehose_loader.warehouse.listing import WarehouseListing
from firehose_loader.warehouse.lookup import ledger_rows
from firehose_loader.warehouse.merge import Merge
from firehose_loader.warehouse.pii_keys import hashed_with, record_keys, recorded_keys
from firehose_loader.warehouse.quarantine import Quarantine
from firehose_loader.warehouse.receipt import forgotten_rows, receipt_of
from firehose_loader.warehouse.session import Session
from firehose_loader.warehouse.shared import events_shared
from firehose_loader.warehouse.status import read_status
from firehose_loader.warehouse.tables import EventTables, Migration
from firehose_loader.warehouse.trace import trace
from firehose_loader.warehouse.undo import Undo


class SqlWarehouse(KeepsTables):
    """Events, ledger and quarantine as tables that a session of any dialect reaches."""

    def __init__(self, session: Session, target: Target, tables: EventTables) -> None:
        super().__init__(session, target, tables)
        self._ledger = Ledger(session, self._qualified)
        self._quarantine = Quarantine(session, self._qualified)
        self._duplicates = Duplicates(session, self._qualified)
        self._expired = Expired(session, self._qualified)

    @abstractmethod
    def _writing(
        self, batch: StagedBatch, *, run_id: str | None, now: datetime, keep: bool
    ) -> AbstractContextManager[tuple[StagedBatch, Mapping[str, Migration]]]:
        """Bring a batch to where its tables are, these made to fit, within one transaction.

        Yields the batch as the session reads it, and what became of the tables. Without a run it
        holds rows that were set aside before. ``now`` is when its rows are loaded.
        """

    @abstractmethod
    def engine(self) -> Engine:
        """Return the engine in which batches are normalised."""

    def external(self) -> External | None:
        return None

    @abstractmethod
    def hold(self) -> None:
        """Keep others out until ``release``."""

    @abstractmethod
    def release(self) -> None:
        """Let others in until something is asked again."""

    @abstractmethod
    def close(self) -> None:
        """Give the warehouse back."""

    def _merge(self, batch: StagedBatch, now: datetime) -> Merge:
        return Merge(self._session, batch, self._tables, now)

    def _session_about(self, source: str) -> Session:  # noqa: ARG002 - where statements carry it
        """Return the session for what is about one source."""
        return self._session

    def listing(self, source: str, *, new_only: bool) -> WarehouseListing:
        drops, archive = (
            self._qualified(table) if self.columns(table) else None
            for table in ("_firehose_drops", "_firehose_archive")
        )
        session = self._session_about(source)
        return WarehouseListing(session, source, (drops, archive), new_only=new_only)

    def due(
        self, source: str, *, loaded_before: datetime, after: str, at_most: int
    ) -> Sequence[Drop]:
        tables = (
            self._qualified("_firehose_drops"),
            self._qualified("_firehose_archive"),
            self._qualified("_firehose_quarantine"),
        )
        wanted = {"source": source, "loaded_before": loaded_before, "after": after}
        return due(self._session, tables, {**wanted, "most": at_most})

    def record_departures(
        self, source: str, departures: Sequence[Departure], *, run_id: str
    ) -> None:
        tables = self._qualified("_firehose_drops"), self._qualified("_firehose_archive")
        note(self._session, tables, source, departures, run_id)

    def archived(self, drop_ids: Collection[str]) -> Mapping[str, str]:
        return places(self._session, self._qualified("_firehose_archive"), drop_ids)

    def additions(self) -> Sequence[Addition]:
        if not self.columns("_firehose_schemas"):
            return []
        rows = self._session.run("schemas_list", table=self._qualified("_firehose_schemas"))
        return recorded(rows)

    def keys(self) -> Sequence[KeyRecord]:
        if not self.columns("_firehose_keys"):
            return []
        return recorded_keys(self._session, self._qualified("_firehose_keys"))

    def record_keys(self, keys: Sequence[KeyRecord]) -> None:
        table, now = self._qualified("_firehose_keys"), datetime.now(UTC)
        record_keys(self._session, table, keys, now=now)

    def load(self, batch: StagedBatch, *, run_id: str, within: TimeLimit | None = None) -> Receipt:
        now = datetime.now(UTC)
        writing = self._writing(batch, run_id=run_id, now=now, keep=True)
        with writing as (staged, migrated), within or nullcontext():
            check_screen(self._session, self._qualified, staged)
            merge = self._merge(staged, now)
            counts = merge.apply()
            self._duplicates.keep(staged, merge.judged)
            unfit = list(merge.unfit())
            self._quarantine.add(staged, unfit, run_id=run_id, now=now)
            receipt = receipt_of(staged, counts, migrated, forgotten=forgotten_rows(staged, unfit))
            self._expired.keep(staged, receipt.drops, run_id=run_id, now=now)
            self._ledger.write(staged, receipt, run_id=run_id, now=now)
            self._ledger.record_additions(staged, now=now)
        return receipt

    def retry(self, batch: StagedBatch, *, preview: bool) -> RetryReceipt:
        now = datetime.now(UTC)
        self._session.run("leaving_begin")
        with self._writing(batch, run_id=None, now=now, keep=not preview) as (staged, _):
            check_screen(self._session, self._qualified, staged)
            merge = self._merge(staged, now)
            merge.apply()
            receipt = self._quarantine.settle(staged, now=now)
            self._duplicates.amend(staged, merge.judged)
            self._ledger.check_balance()
            self._ledger.record_additions(staged, now=now)
        return receipt

    def record_failure(self, drop: Drop, *, run_id: str, error: str, message: str) -> None:
        with self._session.transaction():
            self._ledger.write_failure(
                drop, run_id=run_id, error=error, message=message, now=datetime.now(UTC)
            )

    def record_held(self, source: str, drops: Collection[Drop], *, run_id: str) -> None:
        with self._session.transaction():
            self._ledger.write_held(source, drops, run_id=run_id, now=datetime.now(UTC))

    def adopt(self, drops: Collection[Drop], *, run_id: str, message: str) -> int:
        with self._session.transaction():
            return self._ledger.adopt(drops, run_id=run_id, message=message, now=datetime.now(UTC))

    def costs(self) -> Costs | None:
        return None

    def claims(self) -> Claims:
        return Claims(self._session, self._qualified("_firehose_claims"))

    def record_run(self, run: RunRecord) -> None:
        with self._session.transaction():
            self._ledger.write_run(run)

    def status(self, schemas: Sequence[EventSchema]) -> Status:
        tables = self._present(schemas)
        return read_status(self._session, self._qualified, tables, self.tables_version())

    def figures(self, period: Period, schemas: Sequence[EventSchema]) -> Figures:
        if not self.columns("_firehose_drops"):
            return Figures()
        return read_figures(self._session, self._qualified, period, self._present(schemas))

    def _present(self, schemas: Sequence[EventSchema]) -> Mapping[str, EventSchema]:
        """Return the schemas whose tables there are, by table."""
        self._named.check()
        tables = {schema.table: schema for schema in schemas}
        if schemas:
            tables[LANDED] = replace(schemas[0].landed(), event_type=LANDED)
        there = self._tables.all_columns()
        return {name: schema for name, schema in tables.items() if there.get(name)}

    def evidence(self, table: str) -> SqlEvidence:
        return SqlEvidence(self._session, self._qualified, table)

    def activity(self, *, since: datetime) -> Activity:
        if not self.columns("_firehose_drops"):
            return Activity(arrivals=(), held={})
        return read_activity(self._session, self._qualified, since=since)

    def open_alerts(self) -> Sequence[Alert]:
        if not self.columns("_firehose_alerts"):
            return []
        return open_alerts(self._session, self._qualified("_firehose_alerts"))

    def record_alerts(self, *, told: Sequence[Alert], ended: Collection[str]) -> None:
        table, now = self._qualified("_firehose_alerts"), datetime.now(UTC)
        with self._session.transaction():
            record_alerts(self._session, table, told=told, ended=ended, now=now)

    def runs(self, *, limit: int) -> Sequence[RunRecord]:
        if not self.columns("_firehose_runs"):
            return []
        return read_runs(self._session, self._qualified, limit=limit)

    def drops(
        self, wanted: DropFilter, *, limit: int | None = None, first: int = 0
    ) -> Sequence[DropRecord]:
        if not self.columns("_firehose_drops"):
            return []
        place = (first, limit)
        return ledger_rows(self._session, self._qualified, wanted, place)

    def held(self, wanted: HeldFilter, *, limit: int | None = None) -> Sequence[HeldRow]:
        if not self.columns("_firehose_quarantine"):
            return []
        return self._quarantine.rows(wanted, limit=limit)

    def count_held(self, wanted: HeldFilter) -> Mapping[Reason, int]:
        if not self.columns("_firehose_quarantine"):
            return {}
        return self._quarantine.counts(wanted)

    def held_drops(self, wanted: HeldFilter) -> Mapping[str, int]:
        if not self.columns("_firehose_quarantine"):
            return {}
        return self._quarantine.drops(wanted)

    def remove_held(self, wanted: HeldFilter) -> int:
        with self._session.transaction():
            return self._quarantine.remove(wanted, now=datetime.now(UTC))

    def undo(
        self, drops: Sequence[DropRecord], *, preview: bool, unchecked: bool = False
    ) -> UndoReceipt:
        tables = self._event_tables()
        with self._session.transaction(keep=not preview):
            undo = Undo(self._session, self._tables, drops)
            receipt = undo.apply(tables, unchecked=unchecked, now=datetime.now(UTC))
            self._ledger.check_balance()
        return receipt

    def forgotten(self) -> Sequence[ForgottenRecord]:
        if not self.columns("_firehose_forgotten"):
            return []
        table = self._qualified("_firehose_forgotten")
        return list(forgotten_records(self._session, table))

    def forget(self, search: Search, *, run_id: str, preview: bool) -> ForgetReceipt:
        tables = self._event_tables()
        self._session.run("leaving_begin")
        with self._session.transaction(keep=not preview):
            forget = Forget(self._session, self._tables, search)
            receipt = forget.apply(tables, run_id=run_id, now=datetime.now(UTC))
            self._ledger.check_balance()
        return receipt

    def sources(self) -> Sequence[str]:
        return self._ledger.sources() if self.columns("_firehose_drops") else []

    def kept_from(self) -> Mapping[tuple[str, str], datetime]:
        if not self.columns("_firehose_retention"):
            return {}
        return kept_from(self._session, self._qualified("_firehose_retention"))

    def expire(self, expiry: Expiry, *, run_id: str, preview: bool) -> Iterator[ExpireReceipt]:
        now = datetime.now(UTC)
        expire = Expire(self._session, self._tables, expiry, run_id=run_id, now=now)
        tables = self._event_tables()
        return expire.apply(tables, self._ledger.check_balance, preview=preview)

    def hashed_with(self, key_ids: Collection[str]) -> Mapping[str, int]:
        if not self.columns("_firehose_quarantine"):
            return {}
        tables = self._event_tables()
        return hashed_with(self._session, self._qualified, tables, key_ids)

    def shared(
        self, drop_ids: Collection[str], *, stored: bool, key_ids: Collection[str] = ()
    ) -> Sequence[Shared]:
        ids = {"drop_id": list(drop_ids), "key_ids": list(key_ids)}
        tables = self._event_tables()
        return events_shared(self._session, self._qualified, tables, ids, stored=stored)

    def trace(self, event: str) -> Trace:
        if not self.columns("_firehose_duplicates"):
            return Trace(rows=(), duplicates=(), held_ids=())
        tables = self._event_tables()
        ((key,),) = self.engine().run("event_key", {"event": event})
        return trace(self._session, self._qualified, tables, event, cast("str | None", key))

    def bring_accounts(self, drop_ids: Collection[str]) -> None:
        self._accounts().bring(drop_ids)

    def bring_events(self, table: str, drop_ids: Collection[str]) -> None:
        self._accounts().bring_events(table, drop_ids)

    def strangers(self, *, limit: int) -> Sequence[Stranger]:
        if not self.columns("_firehose_drops"):
            return []
        return self._accounts().strangers(limit=limit)

    def _accounts(self) -> Accounts:
        return Accounts(self._session, self._qualified, self._event_tables())
