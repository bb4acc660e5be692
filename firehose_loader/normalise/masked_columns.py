"""The columns of one event type and shape, with what is stored of their values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from msgspec import Struct

from firehose_loader.engine import Engine, columns_of
from firehose_loader.normalise.masked_texts import MaskedTexts
from firehose_loader.normalise.masks import Masks
from firehose_loader.privacy import PiiClass, Policies, Policy
from firehose_loader.protocols import StagedTable
from firehose_loader.schema.model import Field, FieldType
from firehose_loader.schema.personal import class_of_field
from firehose_loader.statements import quoted

_FIRST_ROWS = 200_000
"""So many rows are looked at to see whether values come again and again."""
_MANY_ROWS = 20_000
"""Below that it does not pay to look."""


class MaskedColumn(Struct, frozen=True):
    """A column of rows ``r``, with the key's row as ``k``."""

    name: str
    sql: str
    """What is stored of its value."""
    join: str = ""
    """A table that this takes."""


class MaskedColumns:
    """Finds what is stored of each column; what it takes is kept in tables until it is closed."""

    def __init__(
        self, engine: Engine, policies: Policies, masks: Masks, texts: MaskedTexts
    ) -> None:
        self._engine = engine
        self._policies = policies
        self._masks = masks
        self._texts = texts
        self._aids: list[str] = []

    def of(self, table: StagedTable) -> list[MaskedColumn]:
        """Return the columns of a table in their order, and ``_rescued`` behind them."""
        fields = [table.schema.by_column[column] for column in table.columns]
        columns = {field.column: self._column(field) for field in fields}
        columns["_rescued"] = MaskedColumn("_rescued", "r._rescued")
        for name, text, within in self._documents(table, fields):
            columns[name] = self._with_documents(table, columns[name], text, within)
        return list(self._with_repeated(table, list(columns.values())))

    def close(self) -> None:
        """Give the memory of the tables back."""
        for table in self._aids:
            self._engine.run("stage_forget", table=table)

    def _column(self, field: Field) -> MaskedColumn:
        """Return a column as far as that hangs on each of its values alone."""
        value = f"r.{quoted(field.column)}"
        pii = self._class_of(field)
        match field.type:
            case FieldType.JSON if pii is PiiClass.FREE_TEXT:
                whole = self._masks.of(pii, f"{value}::VARCHAR")
                return MaskedColumn(field.column, f"to_json({whole})")
            case FieldType.TEXT if pii is not None:
                return MaskedColumn(field.column, self._masks.of(pii, value))
            case FieldType.TEXT if field.evidence == "observed":
                return MaskedColumn(field.column, self._masks.by_looks(value))
            case FieldType.TEXT if field.pii is None:
                return MaskedColumn(field.column, self._masks.without_emails(value))
            case FieldType.JSON | FieldType.TEXT:
                return MaskedColumn(field.column, value)
            case _ if pii is not None:  # it is dropped: what is hashed is text
                return MaskedColumn(field.column, f"CASE WHEN false THEN {value} END")
            case _:
                return MaskedColumn(field.column, value)

    def _documents(
        self, table: StagedTable, fields: Sequence[Field]
    ) -> list[tuple[str, str, PiiClass | None]]:
        """Return the columns that hold JSON to be masked member by member.

        Each with SQL of its JSON texts, and with its class.
        """
        found: list[tuple[str, str, PiiClass | None]] = [("_rescued", "r._rescued::VARCHAR", None)]
        for field in fields:
            value, pii = f"r.{quoted(field.column)}", self._class_of(field)
            if field.type is FieldType.JSON and pii is not PiiClass.FREE_TEXT:
                found.append((field.column, f"{value}::VARCHAR", pii))
            elif field.type is FieldType.TEXT and field.evidence == "observed" and pii is None:
                nested = f"CASE WHEN firehose_may_be_json({value}) THEN {value} END"
                found.append((field.column, nested, None))
        counts = "".join(f", count({text})" for _, text, _ in found)
        ((_, *numbers),) = self._engine.run("pii_documents", rows=table.rows, more_counts=counts)
        return [one for one, number in zip(found, numbers, strict=True) if number]

    def _class_of(self, field: Field) -> PiiClass | None:
        """Return the class of a field of which something else is stored than its values."""
        pii = class_of_field(field)
        return None if pii is None or self._policies.of(pii) is Policy.KEEP else pii

    def _with_documents(
        self, table: StagedTable, column: MaskedColumn, text: str, within: PiiClass | None
    ) -> MaskedColumn:
        """Return a column whose JSON texts are masked member by member, each different one once.

        Args:
            table: the rows.
            column: with what is stored where there is no such text, or nothing in it to be masked.
            text: SQL of its JSON texts; NULL where there is none.
            within: the class of the column.
        """
        found = self._engine.run("pii_nested", rows=table.rows, text=text)
        documents = self._texts.documents([str(one) for (one,) in found], within)
        if not documents:
            return column
        masks = self._aid(table, column.name)
        self._engine.run("pii_masks", columns_of(documents, ("raw", "masked")), table=masks)
        kind = "" if text.startswith("CASE") else "::JSON"
        return MaskedColumn(
            column.name,
            f"coalesce({masks}.masked{kind}, {column.sql})",
            f"LEFT JOIN {masks} ON {masks}.raw = {text}",
        )

    def _with_repeated(
        self, table: StagedTable, columns: Sequence[MaskedColumn]
    ) -> Iterator[MaskedColumn]:
        """Yield the columns; where values come again and again, each is masked once."""
        repeated = self._repeated(table)
        for one in columns:
            if one.name not in repeated:
                yield one
                continue
            masks, value = self._aid(table, one.name), f"r.{quoted(one.name)}"
            self._engine.run(
                "pii_repeated",
                table=masks,
                rows=table.rows,
                text=value,
                masked=one.sql.replace(value, "r.raw"),
            )
            yield MaskedColumn(
                one.name, f"{masks}.masked", f"LEFT JOIN {masks} ON {masks}.raw = {value}"
            )

    def _repeated(self, table: StagedTable) -> set[str]:
        """Return the columns whose values have a class, are masked, and come often."""
        texts = [
            field.column
            for field in map(table.schema.by_column.__getitem__, table.columns)
            if field.type is FieldType.TEXT and self._class_of(field) is not None
        ]
        counts = "".join(
            f", count(r.{name}), approx_count_distinct(r.{name})" for name in map(quoted, texts)
        )
        ((rows, *found),) = self._engine.run(
            "pii_repeats", {"first_rows": _FIRST_ROWS}, rows=table.rows, more_counts=counts
        )
        if cast("int", rows) < _MANY_ROWS:
            return set()
        numbers = cast("list[int]", found)
        counted = zip(texts, numbers[::2], numbers[1::2], strict=True)
        return {name for name, count, distinct in counted if distinct * 2 < count}

    def _aid(self, table: StagedTable, name: str) -> str:
        """Return the name of a table beside a column."""
        self._aids.append(quoted(f"masks_{table.part}_{table.type_no}_{name}"))
        return self._aids[-1]
