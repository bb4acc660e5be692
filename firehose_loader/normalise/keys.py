"""What names an event: the key that its row tells, or else all that the row says."""

from __future__ import annotations

from firehose_loader.normalise.match import Match
from firehose_loader.protocols import StagedTable
from firehose_loader.schema.model import Field, FieldType
from firehose_loader.statements import literal, quoted


def key_sql(one: Match) -> str:
    """SQL of the key that the row itself names; NULL where it names none.

    A row that is only landed is held against no other: its place names it.
    """
    if one.schema.lands:
        return "md5(r.drop_id || ':' || r.row_no)::UUID"
    if not all(column in one.sources for column in one.schema.key):
        return "NULL::UUID"
    keys = [_key_of(one, column) for column in one.schema.key]
    if len(keys) == 1:
        return keys[0]
    return f"md5({' || '.join(f'{key}::VARCHAR' for key in keys)})::UUID"


def _key_of(one: Match, column: str) -> str:
    """SQL of the key that a column names; a text spells it, other types may in several ways."""
    if one.schema.by_column[column].type is not FieldType.TEXT:
        return f"firehose_key(coalesce({one.value(column)}::VARCHAR, {one.text(column)}))"
    only = one.only_source(column)
    return only.key if only is not None else f"firehose_key({one.text(column)})"


def stamp_sql(one: Match) -> str:
    """SQL of when the row was delivered, which orders versions of one event."""
    for field in one.schema.fields:
        if field.delivery and field.type is FieldType.TIMESTAMP and field.column in one.sources:
            return one.value(field.column)
    return "NULL::TIMESTAMP"


def content_sql(table: StagedTable) -> str:
    """SQL of all that makes two rows without an id the same event; delivery fields do not."""
    parts = [
        f"{literal(column + '=')} || strlen({text}) || ':' || {text}"
        for column in sorted(table.columns)
        if not table.schema.by_column[column].delivery
        for text in (_lasting_text(table.schema.by_column[column]),)
    ]
    return f"concat_ws(';', {', '.join(parts)}, firehose_rescued(r._rescued))"


def _lasting_text(field: Field) -> str:
    """SQL of a value's text, the same after its column became a wider one."""
    value = f"r.{quoted(field.column)}"
    if field.type is FieldType.NUMBER:
        return f"firehose_number_text({value})"
    if field.type is FieldType.DATE:
        return f"{value}::TIMESTAMP::VARCHAR"
    return f"{value}::VARCHAR"
