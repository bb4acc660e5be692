"""The rows whose event stands elsewhere, as a warehouse remembers them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from firehose_loader.engine import columns_of
from firehose_loader.protocols import StagedBatch, StagedTable
from firehose_loader.schema.model import EventSchema, Field, FieldType
from firehose_loader.warehouse.ddl import Qualified, Spelling
from firehose_loader.warehouse.session import Session

DUPLICATES = (
    "drop_id",
    "row_no",
    "event_type",
    "table_name",
    "event_key",
    "fate",
    "field",
    "same",
    "schema_version",
)


class Duplicates:
    """Writes ``_firehose_duplicates``, in the transaction of the batch that it is about."""

    def __init__(self, session: Session, qualified: Qualified) -> None:
        self._session = session
        self._qualified = qualified
        self._table = qualified("_firehose_duplicates")

    def keep(self, batch: StagedBatch, judged: Sequence[tuple[StagedTable, str]]) -> None:
        """Keep the duplicates of a batch that was merged, in place of what was kept before.

        ``judged`` are its tables that have some, with the name of what gives the stored rows.
        """
        self.forget([staged.drop.drop_id for staged in batch.drops])
        self._add(judged)

    def amend(self, batch: StagedBatch, judged: Sequence[tuple[StagedTable, str]]) -> None:
        """Keep the duplicates among rows that were merged again; other rows stay as they are."""
        numbered = enumerate(staged.drop.drop_id for staged in batch.drops)
        lists = columns_of(numbered, ("drop_no", "drop_id"))
        self._session.run("duplicates_forget_rows", lists, duplicates=self._table)
        self._add(judged)

    def keep_replaced(self, type_no: int, schema: EventSchema) -> None:
        """Keep where the rows stand that rows of the batch replace, while they are there.

        These are rows of other drops as a rule. One of the batch's own, because its drop was read
        twice, is forgotten by ``keep``, which comes later.
        """
        self._session.run(
            "duplicates_replaced",
            {"type_no": type_no, "event_type": schema.event_type, "table_name": schema.table},
            duplicates=self._table,
            table=self._qualified(schema.table),
        )

    def forget(self, drop_ids: Collection[str]) -> None:
        """Forget the duplicates of drops."""
        ids = {"drop_id": list(drop_ids)}
        self._session.run("duplicates_forget", ids, duplicates=self._table)

    def _add(self, judged: Sequence[tuple[StagedTable, str]]) -> None:
        for table, stored in judged:
            self._session.run(
                "duplicates_add",
                {
                    "type_no": table.type_no,
                    "event_type": table.schema.event_type,
                    "table_name": table.schema.table,
                    "version": str(table.schema.version),
                },
                duplicates=self._table,
                table=stored,
                rows=table.duplicates,
                same=_same(table, self._qualified.spelling),
            )


def _same(table: StagedTable, spelling: Spelling) -> str:
    """SQL that is true where a row is the stored one in every column, delivery included."""
    names = {column: spelling.column(column) for column in table.schema.by_column}
    equal = [
        _equal(table.schema.by_column[column], f"r.{name}", f"t.{name}", spelling)
        if column in table.columns
        else f"t.{name} IS NULL"
        for column, name in names.items()
    ]
    mine, theirs = spelling.rescued("r._rescued"), spelling.rescued("t._rescued")
    said = f"{mine} IS NOT DISTINCT FROM {theirs}"
    rescued = f"CASE WHEN r._rescued IS DISTINCT FROM t._rescued THEN {said} ELSE true END"
    return " AND ".join([*equal, rescued])


def _equal(field: Field, mine: str, theirs: str, spelling: Spelling) -> str:
    """SQL that is true where two values are one, or are hashed with different keys.

    Most values are one. DuckDB works out both sides of OR, but a branch of CASE only where it is
    taken: whether others can be compared costs far more than comparing them.
    """
    if field.type not in {FieldType.TEXT, FieldType.JSON}:
        return f"{mine} IS NOT DISTINCT FROM {theirs}"
    unlike = f"NOT coalesce({spelling.comparable(mine, theirs)}, true)"
    return f"CASE WHEN {mine} IS DISTINCT FROM {theirs} THEN {unlike} ELSE true END"
