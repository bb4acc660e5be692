"""Texts as the types of columns, in SQL."""

from __future__ import annotations

from firehose_loader.schema.model import FieldType

_CASTS = {
    FieldType.TEXT: "{}",
    FieldType.INTEGER: "firehose_integer({})",
    FieldType.NUMBER: "firehose_number({})",
    FieldType.BOOLEAN: "firehose_boolean({})",
    FieldType.TIMESTAMP: "firehose_timestamp({})",
    FieldType.DATE: "firehose_date({})",
    FieldType.JSON: "firehose_json({})",
}


def cast(kind: FieldType, text: str) -> str:
    """SQL of a text as a type; NULL where it does not fit."""
    return _CASTS[kind].format(text)


def said(kind: FieldType, text: str) -> str:
    """SQL of a text, NULL where it only marks a missing value of that type."""
    return text if kind is FieldType.TEXT else f"firehose_said({text})"
