"""Compare the cells of event tables with what the files of their rows give."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from firehose_loader.protocols import StagedTable, Warehouse
from firehose_loader.schema.model import ENGINE_TYPES, Field, FieldType
from firehose_loader.statements import literal, quoted

_LINEAGE = {"_key", "_drop_id", "_row", "_schema_version", "_loaded_at"}
_SHOWN = 80
"""So much of a value is told."""


def compare_cells(
    warehouse: Warehouse,
    tables: Sequence[StagedTable],
    drop_ids: Collection[str],
    rows: Mapping[str, int],
    left_out: Mapping[str, Collection[str]],
) -> int:
    """Note in ``audit_found`` every cell that differs; return how many were compared.

    Args:
        warehouse: which has the tables.
        tables: what the files of the drops give.
        drop_ids: of these drops.
        rows: by table, how many rows there are to compare.
        left_out: by event type, columns that are left out: they have what came before that.
    """
    cells = 0
    ordered = sorted(tables, key=lambda one: one.schema.table)
    for name, same in groupby(ordered, key=lambda one: one.schema.table):
        if not rows.get(name):
            continue
        found = warehouse.columns(name)
        warehouse.bring_events(name, drop_ids)
        columns = found
        for one in same:
            spared = left_out.get(one.schema.event_type, ())
            columns = {column: kind for column, kind in found.items() if column not in spared}
            pairs = _pairs(one, columns)
            warehouse.engine().run(
                "audit_cells",
                {"version": str(one.schema.version)},
                rows=one.rows,
                table_name=literal(name),
                differences="[" + ", ".join(_difference(pair) for pair in pairs) + "]",
                differs=" OR ".join(pair.may_differ for pair in pairs),
            )
        cells += rows[name] * len(columns.keys() - _LINEAGE)
    return cells


class _Pair(NamedTuple):
    """A column, and SQL of what the file gives for it, of what is stored, and of the difference."""

    column: str
    given: str
    stored: str
    may_differ: str
    """Cheap: true of every row that differs, and of few others."""
    differs: str


def _pairs(table: StagedTable, columns: Mapping[str, FieldType | None]) -> list[_Pair]:
    pairs = []
    for column, kind in columns.items():
        if column in _LINEAGE or column == "_rescued":
            continue
        stored = f"t.{quoted(column)}"
        field = table.schema.by_column.get(column)
        given = "NULL"
        if field is not None and column in table.columns:
            given = _as_stored(field, kind)
        differs = f"{given} IS DISTINCT FROM {stored}"
        if table.schema.merge == "upsert" and field is not None and field.delivery:
            # An equal row that came later moves the time of delivery on.
            differs = f"({differs} AND ({stored} IS NULL OR {given} > {stored}))"
        if kind is FieldType.JSON:
            pairs.append(_json_pair(column, given, stored))
        else:
            pairs.append(_Pair(column, given, stored, differs, differs))
    given, stored = "firehose_rescued(r._rescued)", 'firehose_rescued(t."_rescued")'
    differs = f"{given} IS DISTINCT FROM {stored}"
    return [*pairs, _Pair("_rescued", given, stored, differs, differs)]


def _json_pair(column: str, given: str, stored: str) -> _Pair:
    """Compare documents by what they say: a warehouse may have a spelling of its own for them.

    What it does not take for JSON it keeps as a text.
    """
    given = f"{given}::JSON"
    return _Pair(
        column,
        given,
        stored,
        f"CASE WHEN {given} IS DISTINCT FROM {stored}"
        f" THEN {given}::VARIANT IS DISTINCT FROM {stored}::VARIANT ELSE false END",
        f"firehose_json_value({given}) IS DISTINCT FROM firehose_json_value({stored})"
        f" AND {given}::VARCHAR IS DISTINCT FROM json_extract_string({stored}, '$')",
    )


def _as_stored(field: Field, kind: FieldType | None) -> str:
    """SQL of a value, as wide as its column has become since."""
    value = f"r.{quoted(field.column)}"
    if kind is None or kind is field.type:
        return value
    if (field.type, kind) == (FieldType.NUMBER, FieldType.TEXT):
        return f"firehose_number_text({value})"
    return f"{value}::{ENGINE_TYPES[kind]}"


def _difference(pair: _Pair) -> str:
    return (
        f"CASE WHEN {pair.differs} THEN {{'name': {literal(pair.column)},"
        f" 'written': left({pair.given}::VARCHAR, {_SHOWN}),"
        f" 'found': left({pair.stored}::VARCHAR, {_SHOWN})}} END"
    )
