"""Snowflake as warehouse: normalised here, brought by a stage, merged there."""

from __future__ import annotations

import os
import socket
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from functools import partial

from firehose_loader.config import Config, SnowflakeTarget
from firehose_loader.engine import Engine
from firehose_loader.errors import (
    AccessDenied,
    FirehoseError,
    StagedRowsLost,
    WarehouseUnavailable,
)
from firehose_loader.history import DropRecord, UndoReceipt
from firehose_loader.model import Costs, Drop, Receipt
from firehose_loader.protocols import Departure, Missing, StagedBatch, TablesVersion
from firehose_loader.statements import statement
from firehose_loader.time_limit import TimeLimit
from firehose_loader.warehouse.accounts import Accounts
from firehose_loader.warehouse.ddl import spelling_of
from firehose_loader.warehouse.duckdb_file import open_memory
from firehose_loader.warehouse.listing import WarehouseListing
from firehose_loader.warehouse.merge import Merge
from firehose_loader.warehouse.session import Session
from firehose_loader.warehouse.snowflake_bring import BroughtAccounts, BroughtEvidence
from firehose_loader.warehouse.snowflake_connect import connect, query_tag
from firehose_loader.warehouse.snowflake_costs import costs
from firehose_loader.warehouse.snowflake_errors import may_mend, translating
from firehose_loader.warehouse.snowflake_external import SnowflakeExternal
from firehose_loader.warehouse.snowflake_merge import SnowflakeMerge
from firehose_loader.warehouse.snowflake_session import SessionAbout, SnowflakeSession
from firehose_loader.warehouse.snowflake_stage import Stage, temporary
from firehose_loader.warehouse.snowflake_tables import SnowflakeTables
from firehose_loader.warehouse.sql_warehouse import SqlWarehouse
from firehose_loader.warehouse.tables import Migration, foreign

LEASES = ("name", "holder", "taken_at")
_LEASES = "_firehose_leases"
_STAGE = "_firehose_stage"


def new_session(config: Config, target: SnowflakeTarget, *, run_id: str = "") -> SnowflakeSession:
    """Sign in; raises as ``connect``."""
    return SnowflakeSession(
        lambda: connect(target, tag=query_tag(run_id=run_id, source=""), spool=config.spool),
        partial(translating, target),
    )


class SnowflakeWarehouse(SqlWarehouse):
    """The events, the ledger and the quarantine in one schema of an account.

    Whoever writes locks one row first, so that those who write come one after the other; a lock
    ends with its transaction, and that with its session, whatever becomes of a loader.
    """

    def __init__(
        self,
        config: Config,
        target: SnowflakeTarget,
        session: SnowflakeSession | None = None,
        *,
        run_id: str = "",
    ) -> None:
        """Connect, unless there is a session already. Statements are known as those of a run."""
        self._config = config
        self._target = target
        self._engine_connection = open_memory(config)
        self._engine = Engine(self._engine_connection)
        session = session or new_session(config, target, run_id=run_id)
        spelling = spelling_of(target)
        tables = SnowflakeTables(session, target.schema_name, spelling, cluster=target.cluster)
        super().__init__(session, target, tables)
        self._snowflake = session
        self._snowflake_tables = tables
        stage = self._qualified(_STAGE)
        self._stage = Stage(session, self._engine, stage, config.spool, spelling)
        self._run_id = run_id
        session.tag = partial(query_tag, run_id=run_id)
        session.on_begin = self._take_lease
        session.on_connect = self._use_schema
        self._is_there = self._enter()

    def engine(self) -> Engine:
        return self._engine

    def external(self) -> SnowflakeExternal | None:
        if self._target.load != "external":
            return None
        return SnowflakeExternal(self._snowflake, self._target)

    def _make(self) -> None:
        if not self._is_there:
            self._session.run("meta_schema", schema=self._schema_name())
            self._use_schema()
            self._is_there = True
        self._snowflake_tables.forget()
        self._named.check(again=True)
        self._own.check()
        if tuple(self.columns(_LEASES)) not in {(), LEASES}:
            raise foreign(self._schema, _LEASES)
        self._own.make()
        self._make_lease()
        self._own.note()
        self._named.record()

    def _place_missing(self) -> Iterator[Missing]:
        yield from super()._place_missing()
        table, stage = self._qualified(_LEASES), self._qualified(_STAGE)
        found = tuple(self.columns(_LEASES))
        if found not in {(), LEASES}:
            raise foreign(self._schema, _LEASES)
        if not found:
            yield Missing(what=f"table {_LEASES}", statements=[_shown("meta_leases", table=table)])
        try:
            is_there = bool(self._session.run("doctor_stage", stage=stage))
        except AccessDenied:
            is_there = False
        if not is_there:
            yield Missing(what=f"stage {_STAGE}", statements=[_shown("meta_stage", stage=stage)])

    def _begin_given(self) -> None:
        self._use_schema()
        self._is_there = True
        self._session.run("leases_add", table=self._qualified(_LEASES))
        super()._begin_given()

    def tables_version(self) -> TablesVersion | None:
        return super().tables_version() if self._is_there else None

    def listing(self, source: str, *, new_only: bool) -> WarehouseListing:
        if not self._is_there or not self.columns("_firehose_drops"):
            return WarehouseListing(self._engine, source, (None, None), new_only=new_only)
        return super().listing(source, new_only=new_only)

    def undo(
        self, drops: Sequence[DropRecord], *, preview: bool, unchecked: bool = False
    ) -> UndoReceipt:
        for name in ("scratch_undo_rows", "scratch_undo_heirs"):
            self._session.run(name)
        return super().undo(drops, preview=preview, unchecked=unchecked)

    def load(self, batch: StagedBatch, *, run_id: str, within: TimeLimit | None = None) -> Receipt:
        try:
            return super().load(batch, run_id=run_id, within=within)
        except WarehouseUnavailable as error:
            if self._snowflake.in_doubt or not may_mend(error):
                raise
        # Nothing of it is there: a session that is gone took its transaction with it.
        self._snowflake.reconnect()
        if batch.is_there:
            raise StagedRowsLost("the session ended, and with it the rows that it had read")
        try:
            return super().load(batch, run_id=run_id, within=within)
        except WarehouseUnavailable:
            with suppress(FirehoseError):  # so that the run can be put on record
                self._snowflake.reconnect()
            raise

    def costs(self) -> Costs | None:
        return costs(self._snowflake, self._run_id, uploaded_bytes=self._stage.uploaded_bytes)

    def record_failure(self, drop: Drop, *, run_id: str, error: str, message: str) -> None:
        with self._snowflake.about(drop.source):
            super().record_failure(drop, run_id=run_id, error=error, message=message)

    def record_held(self, source: str, drops: Collection[Drop], *, run_id: str) -> None:
        with self._snowflake.about(source):
            super().record_held(source, drops, run_id=run_id)

    def record_departures(
        self, source: str, departures: Sequence[Departure], *, run_id: str
    ) -> None:
        with self._snowflake.about(source):
            super().record_departures(source, departures, run_id=run_id)

    def _session_about(self, source: str) -> Session:
        return SessionAbout(self._snowflake, source)

    def evidence(self, table: str) -> BroughtEvidence:
        return BroughtEvidence(self._snowflake, self._engine, self._qualified, table)

    def _accounts(self) -> Accounts:
        tables = {name: self.columns(name) for name in self._event_tables()}
        return BroughtAccounts(self._snowflake, self._engine, self._qualified, tables)

    def hold(self) -> None:
        """Others are kept out by transactions alone."""

    def release(self) -> None:
        """Nothing is held between transactions."""

    def close(self) -> None:
        self._snowflake.close()
        self._engine_connection.close()

    @contextmanager
    def _writing(
        self, batch: StagedBatch, *, run_id: str | None, now: datetime, keep: bool
    ) -> Iterator[tuple[StagedBatch, Mapping[str, Migration]]]:
        self._snowflake.event_types = {
            name: batch.event_types[table.type_no]
            for number, table in enumerate(batch.tables)
            for name in (self._qualified(table.schema.table), temporary(number))
        }
        sources = {staged.drop.source for staged in batch.drops}
        with (
            self._snowflake.about(sources.pop() if len(sources) == 1 else ""),
            self._brought(batch, run_id=run_id, now=now, keep=keep) as brought,
        ):
            yield brought

    @contextmanager
    def _brought(
        self, batch: StagedBatch, *, run_id: str | None, now: datetime, keep: bool
    ) -> Iterator[tuple[StagedBatch, Mapping[str, Migration]]]:
        self._snowflake_tables.forget()
        migrated = self._migrate(batch)
        drop_ids = [staged.drop.drop_id for staged in batch.drops]

        def is_committed() -> bool:
            parameters = {"drop_id": drop_ids, "run_id": run_id, "now": now}
            found = self._session.changed(
                "drops_committed", parameters, table=self._qualified("_firehose_drops")
            )
            return run_id is not None and found == len(set(drop_ids))

        bringing: AbstractContextManager[StagedBatch] = nullcontext(batch)
        if not batch.is_there:
            bringing = self._stage.brought(batch, under=run_id or "retry")
        with bringing as staged:
            self._session.run("scratch_retried")
            with self._snowflake.transaction(keep=keep, confirm=is_committed):
                if run_id is not None:
                    self._ledger.refuse_taken(batch, run_id=run_id)
                yield staged, migrated

    def _merge(self, batch: StagedBatch, now: datetime) -> Merge:
        return SnowflakeMerge(self._session, batch, self._tables, now)

    @contextmanager
    def _upgrading(self) -> Iterator[bool]:
        """Hold the lease in another session: DDL commits by itself, and would end it in this one.

        Each step can be repeated, and the version is noted last: what breaks off is done again.
        """
        self._make_lease()
        with closing(new_session(self._config, self._target, run_id=self._run_id)) as beside:
            beside.on_begin = partial(self._take_lease_in, beside)
            with beside.transaction(keep=False):
                self._snowflake_tables.forget()
                yield self._own.outdated(read_only=False) is not None

    def _make_lease(self) -> None:
        if not self.columns(_LEASES):
            self._session.run("meta_leases", table=self._qualified(_LEASES))
            self._session.run("leases_add", table=self._qualified(_LEASES))
            self._session.run("meta_stage", stage=self._qualified(_STAGE))
            self._snowflake_tables.forget()

    def _take_lease(self) -> None:
        self._take_lease_in(self._snowflake)

    def _take_lease_in(self, session: SnowflakeSession) -> None:
        session.run(
            "leases_take",
            {"holder": f"{socket.gethostname()}:{os.getpid()}", "now": datetime.now(UTC)},
            table=self._qualified(_LEASES),
        )

    def _enter(self) -> bool:
        """Have the schema as that of the session; tell whether it is there."""
        try:
            self._use_schema()
        except AccessDenied:
            return False
        return True

    def _use_schema(self) -> None:
        self._session.run("session_schema", schema=self._schema_name())

    def _schema_name(self) -> str:
        return self._qualified.spelling.name(self._schema)


def _shown(name: str, **fragments: str) -> str:
    return statement("snowflake", name, **fragments).shown
