"""Answers as Snowflake's driver reads them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import fakesnow.arrow
import pyarrow as pa
import pyarrow.compute as pc
from fakesnow.rowtype import describe_as_rowtype, duckdb_to_sf_type

_DML = 0x3000
_SELECT = 0x1000
_TEXT = {
    "type": "text",
    "nullable": True,
    "length": 16777216,
    "byteLength": 16777216,
    "precision": None,
    "scale": None,
    "collation": None,
}
_NUMBER = {**_TEXT, "type": "fixed", "length": None, "byteLength": None}
_NUMBER.update(precision=38, scale=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one statement gave: fields of the answer's ``data``."""

    data: dict[str, Any] = field(default_factory=dict)
    rows: int = 0
    """How many it changed, or gave."""


def told(names: Sequence[str], rows: Sequence[Sequence[object]]) -> Result:
    """Return a small table of texts and whole numbers."""
    numbers = [all(isinstance(row[at], int) for row in rows) and rows for at in range(len(names))]
    return Result(
        data={
            "queryResultFormat": "json",
            "rowtype": [
                {"name": name, **(_NUMBER if number else _TEXT)}
                for name, number in zip(names, numbers, strict=True)
            ],
            "rowset": [[None if value is None else str(value) for value in row] for row in rows],
            "total": len(rows),
            "returned": len(rows),
            "statementTypeId": _SELECT,
        },
        rows=len(rows),
    )


def done(said: str = "Statement executed successfully.") -> Result:
    """Return the answer to what gives no rows."""
    return told(["status"], [[said]])


def changed(**counts: int) -> Result:
    """Return how many rows a statement changed, by what was done to them."""
    names = [f"number of rows {what}" for what in counts]
    result = told(names, [list(counts.values())])
    return Result(data={**result.data, "statementTypeId": _DML + 0x100}, rows=sum(counts.values()))


def selected(connection: Any) -> Result:  # noqa: ANN401 - of the server's environment
    """Return the rows that a connection's last statement gave."""
    described = [
        (name, str(kind), None, None, None, None) for name, kind, *_ in connection.description or ()
    ]
    table = connection.to_arrow_table()
    kinds = describe_as_rowtype(described)
    encoded = fakesnow.arrow.to_ipc(fakesnow.arrow.to_sf(table, kinds))
    return Result(
        data={
            "queryResultFormat": "arrow",
            "rowtype": kinds,
            "rowsetBase64": b64encode(encoded).decode(),
            "total": table.num_rows,
            "returned": table.num_rows,
            "statementTypeId": _SELECT,
        },
        rows=table.num_rows,
    )


def put_right() -> None:
    """Have timestamps that are NULL be so as a whole: fakesnow gives them parts that are NULL."""
    made = fakesnow.arrow.timestamp_to_sf_struct
    duckdb_to_sf_type["UUID"] = "text"

    def timestamps(given: Any) -> Any:  # noqa: ANN401 - likewise
        given = given.combine_chunks() if isinstance(given, pa.ChunkedArray) else given
        parts = made(pc.fill_null(given, pa.scalar(0, given.type)))
        return pa.StructArray.from_arrays(
            [parts.field(at) for at in range(parts.type.num_fields)],
            fields=[parts.type.field(at) for at in range(parts.type.num_fields)],
            mask=pc.is_null(given),
        )

    fakesnow.arrow.timestamp_to_sf_struct = timestamps
