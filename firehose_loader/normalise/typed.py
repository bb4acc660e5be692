"""The typed rows of one event type and shape, as SQL."""

from __future__ import annotations

from collections.abc import Sequence

from firehose_loader.engine import DIALECT
from firehose_loader.normalise.match import Match, Seen
from firehose_loader.normalise.shapes import Shape
from firehose_loader.protocols import StagedTable
from firehose_loader.schema.model import EventSchema
from firehose_loader.statements import quoted, statement


def landed(schema: EventSchema, seen: Sequence[Seen]) -> Match:
    """Return a match by which a row keeps all that it says in ``_rescued``."""
    return Match(schema=schema, addition=None, sources={}, loose=tuple(seen), own_names={})


def typed(shape: Shape, type_no: int, one: Match, key: str | None) -> StagedTable:
    """Tell how to get the rows of one event type; without ``key``, keys are looked up."""
    columns = tuple(
        column for column in one.schema.by_column if column in one.sources or column == "event_type"
    )
    casts = {sql: quoted(f"cast {number}") for number, sql in enumerate(one.casts())}

    def cast_before(sql: str) -> str:
        for found, name in casts.items():
            sql = sql.replace(found, f"r.{name}")
        return sql

    values = "".join(f", {one.value(column)} AS {quoted(column)}" for column in columns)
    rows, duplicates = (
        statement(
            DIALECT,
            "stage_typed",
            rows=of,
            more_casts="".join(f", {sql} AS {name}" for sql, name in casts.items()),
            row_joins="" if key else "INNER JOIN staged_keys AS k ON r.seq = k.seq",
            key=cast_before(key or "k._key"),
            more_columns=cast_before(values),
            rescued=cast_before(one.rescued()),
            type_no=str(type_no),
        ).sql
        for of in (shape.rows, shape.again)
    )
    return StagedTable(
        type_no=type_no,
        part=shape.number,
        schema=one.schema,
        columns=columns,
        rows=rows,
        duplicates=duplicates,
    )
