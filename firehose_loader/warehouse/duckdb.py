"""A DuckDB file as warehouse: engine and target share one connection while it is held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from firehose_loader.config import Config
from firehose_loader.engine import Engine
from firehose_loader.errors import WarehouseUnusable
from firehose_loader.memory import engine_bytes
from firehose_loader.protocols import StagedBatch, StagedTable
from firehose_loader.statements import quoted
from firehose_loader.warehouse.ddl import Spelling, spelling_of
from firehose_loader.warehouse.duckdb_file import MEMORY, open_file, open_held
from firehose_loader.warehouse.duckdb_held import FileSession, HeldFile
from firehose_loader.warehouse.duckdb_memory import Memory
from firehose_loader.warehouse.merge import Merge, plainly_equal
from firehose_loader.warehouse.session import Session
from firehose_loader.warehouse.sql_warehouse import SqlWarehouse
from firehose_loader.warehouse.tables import EventTables, Migration

_LARGE_ROWS = 100_000
"""Batches of more rows are written to the file at once, past the engine's log."""
_KEY_BYTES = 256
"""Room for a key that is looked for, and for where it was found."""


class DuckDBWarehouse(SqlWarehouse):
    """The events, the ledger and the quarantine in one file."""

    def __init__(self, config: Config, *, read_only: bool = False) -> None:
        target = config.warehouse
        self._file: HeldFile | None = None
        is_there = target.manage_tables or Path(target.place).exists()
        if read_only or target.place == MEMORY or not is_there:
            # What is not there counts as empty: whoever makes tables makes the file, too.
            self._connection = open_file(config, read_only=read_only or not is_there)
        else:
            self._connection, self._file = open_held(config)
        self._engine = Engine(self._connection)
        self._memory = Memory(self._connection, engine_bytes(config.memory_limit))
        session = FileSession(self._engine, self._file) if self._file else self._engine
        tables = EventTables(session, target.schema_name, spelling_of(target))
        super().__init__(session, target, tables)

    def engine(self) -> Engine:
        return self._engine

    def _make(self) -> None:
        with self._session.transaction():
            self._session.run("meta_schema", schema=quoted(self._schema))
            self._named.check(again=True)
            self._own.check()
            self._own.make()
            self._own.note()
            self._named.record()

    def close(self) -> None:
        with suppress(WarehouseUnusable):  # what could not be brought into the file is in its log
            self.release()
        self._connection.close()

    def hold(self) -> None:
        if self._file:
            self._file.hold()

    def release(self) -> None:
        if self._file:
            self._file.release()

    @contextmanager
    def _upgrading(self) -> Iterator[bool]:
        """All in one transaction; whoever came first has held the file all the while."""
        with self._session.transaction():
            yield True

    @contextmanager
    def _writing(
        self,
        batch: StagedBatch,
        *,
        run_id: str | None,
        now: datetime,  # noqa: ARG002 - no answer gets lost
        keep: bool,
    ) -> Iterator[tuple[StagedBatch, Mapping[str, Migration]]]:
        if sum(staged.parsed for staged in batch.drops) > _LARGE_ROWS:
            self._session.run("leave_row_groups")
        with self._session.transaction(keep=keep):
            self._own.outdated(read_only=False)  # a newer loader may have upgraded them meanwhile
            if run_id is not None:
                self._ledger.refuse_taken(batch, run_id=run_id)
            yield self._renamed(batch), self._migrate(batch)
            # Before the commit: behind it, nothing may fail any more.
            for table in batch.tables:
                for name in (_stored_name(table), _duplicates_name(table)):
                    self._session.run("stage_forget", table=name)

    def _renamed(self, batch: StagedBatch) -> StagedBatch:
        """Return a batch whose rows have the names that the columns of the tables have."""
        tables = [_renamed(table, self._qualified.spelling) for table in batch.tables]
        return replace(batch, tables=tables)

    def _merge(self, batch: StagedBatch, now: datetime) -> Merge:
        return _Merge(self._session, batch, self._tables, now, self._memory)


class _Merge(Merge):
    """Works out duplicates and the stored rows beside them once: they are looked at repeatedly."""

    def __init__(
        self,
        session: Session,
        batch: StagedBatch,
        tables: EventTables,
        now: datetime,
        memory: Memory,
    ) -> None:
        super().__init__(session, batch, tables, now)
        self._memory = memory
        self._taken: set[int] = set()

    def _find(self, tables: Sequence[StagedTable]) -> None:
        keys = sum(staged.parsed for staged in self._batch.drops)
        with self._memory.spared(keys * _KEY_BYTES):
            super()._find(tables)

    def _with_duplicates(self, table: StagedTable) -> StagedTable:
        name = _duplicates_name(table)
        self._session.run("stage_hold", table=name, rows=table.duplicates)
        return replace(table, duplicates=f"FROM {name}")

    def _stored(self, table: StagedTable) -> str:
        name, number = _stored_name(table), table.type_no
        # Where rows may be replaced, judging them changes what is stored: that is looked at again.
        if number not in self._taken or table.schema.merge == "upsert":
            target = self._qualified(table.schema.table)
            which = {"type_no": number, "now": self._now}
            self._session.run("merge_stored_at", which, table=target)
            self._session.run("merge_stored", stored=name, table=target)
            self._taken.add(number)
        return name

    def _compare(self, table: StagedTable, stored: str, *, strict: bool) -> None:
        """Look for rows that differ in nothing first: most do not, and the rest is dear to plan."""
        self._session.run(
            "merge_equal",
            {"type_no": table.type_no, "part": table.part},
            table=stored,
            rows=table.duplicates,
            equal=plainly_equal(table, self._spelling, strict=strict),
        )
        if (table.type_no, table.part) in self._session.run("merge_unjudged"):
            super()._compare(table, stored, strict=strict)


def _renamed(table: StagedTable, spelling: Spelling) -> StagedTable:
    new = {quoted(column): spelling.column(column) for column in table.columns}
    other = ", ".join(f"{ours} AS {theirs}" for ours, theirs in new.items() if ours != theirs)
    if not other:
        return table
    names = f"_seq, _drop_no, _drop_id, _row_no, _key, _rescued, {other}"
    same = "".join(f", {ours}" for ours, theirs in new.items() if ours == theirs)
    rows, duplicates = (
        f"SELECT {names}{same} FROM ({given})"  # noqa: S608 - quoted names
        for given in (table.rows, table.duplicates)
    )
    return replace(table, rows=rows, duplicates=duplicates)


def _stored_name(table: StagedTable) -> str:
    return quoted(f"staged_stored_{table.type_no}")


def _duplicates_name(table: StagedTable) -> str:
    return quoted(f"staged_again_{table.part}_{table.type_no}")
