"""What all warehouses do alike: all but how they are opened, and how a batch gets there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import cast

from firehose_loader.engine import Engine
from firehose_loader.errors import CountsDiffer
from firehose_loader.figures import Figures, Period
from firehose_loader.history import (
    Activity,
    Alert,
    DropFilter,
    DropRecord,
    HeldFilter,
    HeldRow,
    RetryReceipt,
    Stranger,
    Trace,
    UndoReceipt,
)
from firehose_loader.model import Costs, Drop, Reason, Receipt, RowCounts, RunRecord
from firehose_loader.privacy import ForgottenRecord, KeyRecord
from firehose_loader.privacy.search import ForgetReceipt, Search
from firehose_loader.protocols import Departure, External, MadeView, StagedBatch, Status
from firehose_loader.schema.additions import Addition
from firehose_loader.schema.model import EventSchema, FieldType
from firehose_loader.warehouse.accounts import Accounts
from firehose_loader.warehouse.activity import read_activity, read_runs
from firehose_loader.warehouse.alerts import ALERTS, open_alerts, record_alerts
from firehose_loader.warehouse.archive import ARCHIVE, due, note, places
from firehose_loader.warehouse.digests import DIGESTS
from firehose_loader.warehouse.duplicates import DUPLICATES, Duplicates
from firehose_loader.warehouse.evidence import SqlEvidence
from firehose_loader.warehouse.figures import read_figures
from firehose_loader.warehouse.forget import FORGOTTEN, Forget, forgotten_records
from firehose_loader.warehouse.ledger import (
    DROPS,
    RUNS,
    SCHEMAS,
    Ledger,
    recorded,
)
from firehose_loader.warehouse.listing import WarehouseListing
from firehose_loader.warehouse.lookup import ledger_rows
from firehose_loader.warehouse.merge import Merge, Unfit
from firehose_loader.warehouse.pii_keys import KEYS, hashed_with, record_keys, recorded_keys
from firehose_loader.warehouse.quarantine import QUARANTINE, Quarantine
from firehose_loader.warehouse.session import Session
from firehose_loader.warehouse.status import read_status
from firehose_loader.warehouse.tables import EventTables, Migration, foreign
from firehose_loader.warehouse.trace import trace
from firehose_loader.warehouse.undo import Undo
from firehose_loader.warehouse.views import EVENTS, Views, event_tables

META = {
    "meta_drops": ("_firehose_drops", DROPS),
    "meta_runs": ("_firehose_runs", RUNS),
    "meta_quarantine": ("_firehose_quarantine", QUARANTINE),
    "meta_duplicates": ("_firehose_duplicates", DUPLICATES),
    "meta_digests": ("_firehose_digests", DIGESTS),
    "meta_schemas": ("_firehose_schemas", SCHEMAS),
    "meta_archive": ("_firehose_archive", ARCHIVE),
    "meta_keys": ("_firehose_keys", KEYS),
    "meta_alerts": ("_firehose_alerts", ALERTS),
    "meta_forgotten": ("_firehose_forgotten", FORGOTTEN),
}


class SqlWarehouse(ABC):
    """Events, ledger and quarantine as tables that a session of any dialect reaches."""

    def __init__(self, session: Session, schema: str, tables: EventTables) -> None:
        self._session = session
        self._schema = schema
        self._tables = tables
        self._ledger = Ledger(session, self._qualified)
        self._quarantine = Quarantine(session, self._qualified)
        self._duplicates = Duplicates(session, self._qualified)

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

    def due(self, source: str, *, loaded_before: datetime, after: str) -> Sequence[Drop]:
        tables = (
            self._qualified("_firehose_drops"),
            self._qualified("_firehose_archive"),
            self._qualified("_firehose_quarantine"),
        )
        return due(self._session, tables, source, loaded_before=loaded_before, after=after)

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

    def columns(self, table: str) -> Mapping[str, FieldType | None]:
        return self._tables.columns(table)

    def load(self, batch: StagedBatch, *, run_id: str) -> Receipt:
        now = datetime.now(UTC)
        with self._writing(batch, run_id=run_id, now=now, keep=True) as (staged, migrated):
            merge = self._merge(staged, now)
            counts = merge.apply()
            self._duplicates.keep(staged, merge.judged)
            unfit = list(merge.unfit())
            self._quarantine.add(staged, unfit, run_id=run_id, now=now)
            receipt = _receipt(staged, counts, migrated, forgotten=_forgotten(staged, unfit))
            self._ledger.write(staged, receipt, run_id=run_id, now=now)
            self._ledger.record_additions(staged, now=now)
        return receipt

    def retry(self, batch: StagedBatch, *, preview: bool) -> RetryReceipt:
        now = datetime.now(UTC)
        with self._writing(batch, run_id=None, now=now, keep=not preview) as (staged, _):
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

    def record_run(self, run: RunRecord) -> None:
        self._ledger.write_run(run)

    def status(self, schemas: Sequence[EventSchema]) -> Status:
        tables = self._present(schemas)
        ledger = bool(self.columns("_firehose_drops"))
        return read_status(self._session, self._qualified, tables, has_ledger=ledger)

    def figures(self, period: Period, schemas: Sequence[EventSchema]) -> Figures:
        if not self.columns("_firehose_drops"):
            return Figures()
        return read_figures(self._session, self._qualified, period, self._present(schemas))

    def _present(self, schemas: Sequence[EventSchema]) -> Mapping[str, EventSchema]:
        """Return the schemas whose tables there are, by table."""
        tables = {schema.table: schema for schema in schemas}
        return {name: schema for name, schema in tables.items() if self.columns(name)}

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
        return ledger_rows(self._session, self._qualified, self._schema, wanted, place)

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
        tables = event_tables(self._session, self._schema)
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
        tables = event_tables(self._session, self._schema)
        self._session.run("forget_begin")
        with self._session.transaction(keep=not preview):
            forget = Forget(self._session, self._tables, search)
            receipt = forget.apply(tables, run_id=run_id, now=datetime.now(UTC))
            self._ledger.check_balance()
        return receipt

    def hashed_with(self, key_ids: Collection[str]) -> Mapping[str, int]:
        if not self.columns("_firehose_quarantine"):
            return {}
        tables = event_tables(self._session, self._schema)
        return hashed_with(self._session, self._qualified, tables, key_ids)

    def trace(self, event: str) -> Trace:
        if not self.columns("_firehose_duplicates"):
            return Trace(rows=(), duplicates=(), held_ids=())
        tables = event_tables(self._session, self._schema)
        ((key,),) = self.engine().run("event_key", {"event": event})
        return trace(self._session, self._qualified, tables, event, cast("str | None", key))

    def install_views(self, *, preview: bool) -> Sequence[MadeView]:
        self._tables.forget()
        try:
            return self._views().install(preview=preview)
        finally:
            self._tables.forget()

    def _views(self) -> Views:
        return Views(self._session, self._tables, self._schema)

    def bring_accounts(self, drop_ids: Collection[str]) -> None:
        self._accounts().bring(drop_ids)

    def bring_events(self, table: str, drop_ids: Collection[str]) -> None:
        self._accounts().bring_events(table, drop_ids)

    def strangers(self, *, limit: int) -> Sequence[Stranger]:
        if not self.columns("_firehose_drops"):
            return []
        return self._accounts().strangers(limit=limit)

    def _accounts(self) -> Accounts:
        return Accounts(self._session, self._qualified, event_tables(self._session, self._schema))

    def _check_own_tables(self) -> None:
        """Refuse to go on where a table or view under one of our names is not ours."""
        for table, columns in META.values():
            if tuple(self.columns(table)) not in {(), columns}:
                raise foreign(self._schema, table)
        view = self.columns(EVENTS)
        if view and "rest" not in view:
            raise foreign(self._schema, EVENTS)

    def _qualified(self, table: str) -> str:
        return self._tables.qualified(table)

    def _migrate(self, batch: StagedBatch) -> Mapping[str, Migration]:
        """Make and widen the tables that a batch needs, and the view over them."""
        migrated: dict[str, Migration] = {}
        for table in batch.tables:  # rows of several shapes may go into one table
            name = table.schema.table
            migrated[name] = migrated.get(name, Migration()).then(
                self._tables.migrate(table.schema)
            )
        if any(one.changed for one in migrated.values()):
            self._views().follow()
            self._tables.forget()
        return migrated


def _receipt(
    batch: StagedBatch,
    counts: Mapping[int, Mapping[int, RowCounts]],
    migrated: Mapping[str, Migration],
    *,
    forgotten: int,
) -> Receipt:
    """Sum up by drop and by event type, and hold the sums against what was parsed.

    Raises:
        CountsDiffer: a drop has rows that are not accounted for.
    """
    drops: dict[str, RowCounts] = {}
    events: dict[str, RowCounts] = {}
    event_rows: dict[str, Counter[str]] = {}
    for number, staged in enumerate(batch.drops):
        total = RowCounts()
        carried: Counter[str] = Counter()
        for type_no, of in counts.get(number, {}).items():
            total.add(of)
            carried[batch.event_types[type_no]] += of.parsed
            events.setdefault(batch.event_types[type_no], RowCounts()).add(of)
        rejected = sum(rejection.row is not None for rejection in staged.rejections)
        if rejected:
            lost = RowCounts(parsed=rejected, quarantined=rejected)
            total.add(lost)
            carried["unknown"] += rejected
            events.setdefault("unknown", RowCounts()).add(lost)
        if not staged.parsed == total.parsed == total.accounted:
            raise CountsDiffer(
                f"{staged.drop.key}: {staged.parsed} rows were parsed and {total.accounted} are"
                " accounted for; nothing of this batch was kept"
            )
        drops[staged.drop.drop_id] = total
        event_rows[staged.drop.drop_id] = carried
    return Receipt(
        drops=drops,
        events=events,
        event_rows=event_rows,
        forgotten=forgotten,
        tables_made=tuple(table for table, one in migrated.items() if one.made),
        columns_added={table: one.added for table, one in migrated.items() if one.added},
        columns_widened={table: one.widened for table, one in migrated.items() if one.widened},
    )


def _forgotten(batch: StagedBatch, unfit: Collection[Unfit]) -> int:
    """Count the rows that are set aside because they name people who were forgotten."""
    reasons = [Reason(reason) for _, _, _, reason, *_ in unfit]
    reasons += [one.reason for staged in batch.drops for one in staged.rejections]
    return reasons.count(Reason.FORGOTTEN)
