"""Merge a staged batch into the event tables of a warehouse, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import cast

from firehose_loader.engine import columns_of
from firehose_loader.errors import CountsDiffer
from firehose_loader.model import RowCounts
from firehose_loader.protocols import StagedBatch, StagedTable
from firehose_loader.schema.model import Field, FieldType
from firehose_loader.schema.personal import class_of_field
from firehose_loader.statements import literal
from firehose_loader.warehouse.ddl import Spelling
from firehose_loader.warehouse.digests import Digests
from firehose_loader.warehouse.duplicates import Duplicates
from firehose_loader.warehouse.keys import to_text
from firehose_loader.warehouse.session import Session
from firehose_loader.warehouse.tables import EventTables

Unfit = tuple[int, int, int, str, str | None, str]
"""drop_no, row_no, type_no, reason, field, message"""

_OLDEST_FIRST = "drop_no, row_no"
_NEWEST_FIRST = "stamp DESC NULLS LAST, drop_no DESC, row_no DESC"


class Merge:
    """One batch on its way into the event tables. Every method runs in the open transaction."""

    def __init__(
        self, session: Session, batch: StagedBatch, tables: EventTables, now: datetime
    ) -> None:
        """Take the batch, and the tables that it goes into."""
        self._session = session
        self._spelling = tables.qualified.spelling
        self._batch = batch
        self._qualified = tables.qualified
        self._duplicates = Duplicates(session, tables.qualified)
        self._digests = Digests(session, tables.qualified, tables.columns)
        self._now = now
        self._filled: dict[str, set[str]] = {}
        """By table, the columns that rows were put in with."""
        self.judged: list[tuple[StagedTable, str]] = []
        """Those of the batch that have duplicates, with the name of what gives the stored rows."""

    def apply(self) -> Mapping[int, Mapping[int, RowCounts]]:
        """Merge all tables of the batch; return what became of the rows, by drop_no and type_no.

        Raises:
            CountsDiffer: an insert changed another number of rows than it had to.
        """
        self._session.run("merge_begin")
        groups = groupby(self._batch.tables, key=lambda table: table.type_no)
        by_type = [list(tables) for _, tables in groups]
        for merge, preference in (("insert", _OLDEST_FIRST), ("upsert", _NEWEST_FIRST)):
            numbers = [one.type_no for one, *_ in by_type if one.schema.merge == merge]
            if numbers:
                self._session.run("merge_repeated", {"type_nos": numbers}, preference=preference)
        inserted = {tables[0].type_no: self._merge_type(tables) for tables in by_type}
        for name, columns in self._filled.items():  # several event types may go into one table
            self._digests.inserted(name, columns, self._now)
        self._judge()
        counts = self._counts()
        for number, name in enumerate(self._batch.event_types):
            wanted = sum(
                of[number].inserted + of[number].updated for of in counts.values() if number in of
            )
            changed = inserted.get(number, 0)
            if changed != wanted:
                raise CountsDiffer(
                    f"{name}: {wanted} rows had to be inserted, the engine inserted {changed};"
                    " nothing of this batch was kept"
                )
        return counts

    def unfit(self) -> Iterator[Unfit]:
        """Yield the rows that go to quarantine: those with a fault, and conflicts."""
        for statement in ("merge_faults", "merge_conflicts"):
            yield from cast("list[Unfit]", self._session.run(statement))

    def _merge_type(self, tables: Sequence[StagedTable]) -> int:
        """Merge one event type; return the rows inserted."""
        schema = tables[0].schema
        name = self._qualified(schema.table)
        number = tables[0].type_no
        if not schema.lands:
            self._find(tables)
        if schema.merge == "upsert":
            for table in tables:
                self._session.run(
                    "merge_replaced",
                    {"type_no": number, **self._order()},
                    table=name,
                    drops=self._qualified("_firehose_drops"),
                    rows=table.rows,
                    stamp=self._stored_stamp(table),
                    different_field=_different_field(table, self._spelling, strict=True),
                )
            self._duplicates.keep_replaced(number, schema)
            with self._digests.changing_duplicates(schema.table, number, "updated"):
                self._session.run("merge_remove", {"type_no": number}, table=name)
        inserted = sum(self._insert(table) for table in tables)
        filled = self._filled.setdefault(schema.table, set())
        filled.update(column for table in tables for column in table.columns)
        return inserted

    def _find(self, tables: Sequence[StagedTable]) -> None:
        """Find the rows of one event type whose key its table holds."""
        name = self._qualified(tables[0].schema.table)
        self._session.run("merge_seen", {"type_no": tables[0].type_no}, table=name)

    def _insert(self, table: StagedTable) -> int:
        """Put in the rows of a shape that are to be there; return how many."""
        return self._session.changed(
            "merge_insert",
            {"version": str(table.schema.version), "now": self._now},
            table=self._qualified(table.schema.table),
            columns=", ".join(self._spelling.column(column) for column in table.columns),
            rows=table.rows,
        )

    def _order(self) -> dict[str, list[object]]:
        """Return by what the drops of the batch are older or later than others."""
        drops = enumerate(staged.drop for staged in self._batch.drops)
        rows = ((number, drop.modified, to_text(drop.key)) for number, drop in drops)
        return columns_of(rows, ("drop_no", "modified", "key"))

    def _judge(self) -> None:
        """Tell of the duplicates whether they say what the table says."""
        unjudged = set(cast("list[tuple[int, int]]", self._session.run("merge_unjudged")))
        if unjudged:
            self._batch.gather()
        tables = [
            self._with_duplicates(one)
            for one in self._batch.tables
            if (one.type_no, one.part) in unjudged
        ]
        for table in tables:
            self._judge_table(table)
        self.judged = [(table, self._stored(table)) for table in tables]

    def _with_duplicates(self, table: StagedTable) -> StagedTable:
        """Return a table whose duplicates are ready to be looked at more than once."""
        return table

    def _stored(self, table: StagedTable) -> str:
        """Return the name of what gives the stored rows that duplicates are held against."""
        return self._qualified(table.schema.table)

    def _judge_table(self, table: StagedTable) -> None:
        number = {"type_no": table.type_no}
        name = self._qualified(table.schema.table)
        strict = table.schema.merge == "upsert"
        self._compare(table, self._stored(table), strict=strict)
        stamp = _stamp_column(table)
        if strict and stamp:
            with self._digests.changing_duplicates(table.schema.table, table.type_no, "identical"):
                self._session.run(
                    "merge_restamp", number, table=name, stamp_column=self._spelling.column(stamp)
                )

    def _compare(self, table: StagedTable, stored: str, *, strict: bool) -> None:
        """Hold the duplicates among a table's rows against the stored ones."""
        self._session.run(
            "merge_judge",
            {"type_no": table.type_no, "part": table.part},
            table=stored,
            rows=table.duplicates,
            table_columns=", ".join(
                f"t.{self._spelling.column(column)}"
                for column in (*table.schema.by_column, "_key", "_rescued")
                if strict or column in {*table.columns, "_key", "_rescued"}
            ),
            different_field=_different_field(table, self._spelling, strict=strict),
            otherwise=literal("superseded" if strict else "conflicting"),
        )

    def _stored_stamp(self, table: StagedTable) -> str:
        """SQL of when the stored row was delivered."""
        stamp = _stamp_column(table)
        if stamp is None:
            return self._spelling.null(FieldType.TIMESTAMP)
        return f"t.{self._spelling.column(stamp)}"

    def _counts(self) -> dict[int, dict[int, RowCounts]]:
        counts: dict[int, dict[int, RowCounts]] = {}
        rows = cast("list[tuple[int, int, str, int]]", self._session.run("merge_counts"))
        for drop_no, type_no, fate, count in rows:
            of = counts.setdefault(drop_no, {}).setdefault(type_no, RowCounts())
            if fate not in RowCounts.__struct_fields__:
                raise CountsDiffer(f"{count} duplicate rows were left without a verdict")
            setattr(of, fate, count)
            of.parsed += count
        return counts


def plainly_equal(table: StagedTable, spelling: Spelling, *, strict: bool) -> str:
    """SQL that is true where two rows of one event are the same in all that makes a difference."""
    equal = ["r._rescued IS NOT DISTINCT FROM t._rescued"]
    for column, field in table.schema.by_column.items():
        name = spelling.column(column)
        if not _tells(table, column, field):
            continue
        if column in table.columns:
            equal.append(f"r.{name} IS NOT DISTINCT FROM t.{name}")
        elif strict:
            equal.append(f"t.{name} IS NULL")
    return " AND ".join(equal)


def _tells(table: StagedTable, column: str, field: Field) -> bool:
    """Tell whether a column says something of the event, beside what its key says."""
    return not field.delivery and column not in {*table.schema.key, "event_type"}


def _different_field(table: StagedTable, spelling: Spelling, *, strict: bool) -> str:
    """SQL of the name of the first field in which two rows of one event differ; NULL where none.

    What tells only of the delivery makes no difference, nor does the spelling of the key. Where
    events are facts (not ``strict``), a field that one side lacks makes none either.
    """
    whens = []
    for column, field in table.schema.by_column.items():
        if not _tells(table, column, field):
            continue
        if column in table.columns:
            whens.append(
                f"WHEN {_differs(field, spelling, strict=strict)} THEN {literal(field.name)}"
            )
        elif strict:
            whens.append(f"WHEN t.{spelling.column(column)} IS NOT NULL THEN {literal(field.name)}")
    rescued = (
        f"NOT coalesce({spelling.same_json('r._rescued', 't._rescued')}, true)"
        f" AND {spelling.comparable('r._rescued', 't._rescued')}"
    )
    if strict:
        mine, theirs = spelling.rescued("r._rescued"), spelling.rescued("t._rescued")
        rescued = f"{mine} IS DISTINCT FROM {theirs}"
    whens.append(f"WHEN {rescued} THEN '_rescued'")
    return f"CASE {' '.join(whens)} END"


def _differs(field: Field, spelling: Spelling, *, strict: bool) -> str:
    name = spelling.column(field.column)
    mine, theirs = f"r.{name}", f"t.{name}"
    if strict:
        return f"{mine} IS DISTINCT FROM {theirs}"
    if field.type is FieldType.JSON:
        objects = f"{spelling.is_object(mine)} AND {spelling.is_object(theirs)}"
        same = f"coalesce({spelling.same_json(mine, theirs)}, true)"
        comparable = spelling.comparable(mine, theirs)
        return f"{mine} <> {theirs} AND NOT ({objects} AND {same}) AND {comparable}"
    if field.type is FieldType.TEXT:
        return " AND ".join([f"{mine} <> {theirs}", *_not_masked(field, spelling, mine, theirs)])
    return f"{mine} <> {theirs}"


def _not_masked(field: Field, spelling: Spelling, mine: str, theirs: str) -> Iterator[str]:
    """Yield SQL that is true where two texts do not differ by how they are masked alone.

    What was hashed with another key, or with none, cannot be held against the other; and what a
    policy left of a value is no other value.
    """
    yield spelling.comparable(mine, theirs)
    pii = class_of_field(field)
    if pii is not None and (less := spelling.less.get(pii)):
        yield f"{mine} IS DISTINCT FROM {less(theirs)}"
        yield f"{theirs} IS DISTINCT FROM {less(mine)}"


def _stamp_column(table: StagedTable) -> str | None:
    for field in table.schema.fields:
        if field.delivery and field.type is FieldType.TIMESTAMP:
            return field.column
    return None
