"""How an event schema grows by what the feed really sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from firehose_loader.schema.model import EventSchema, Field, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """Fields that no version knew, seen in a drop and recorded as an addition version."""

    event_type: str
    version: Version
    fields: tuple[Field, ...]


def grown(schema: EventSchema, additions: Sequence[Addition]) -> EventSchema:
    """Return a schema together with every addition recorded for its event type and model."""
    fields = {field.column: field for field in schema.fields}
    version = schema.version
    for addition in additions:
        if (addition.event_type, addition.version.model) != (schema.event_type, version.model):
            continue
        for field in addition.fields:
            fields.setdefault(field.column, field)
        version = max(version, addition.version)
    if len(fields) == len(schema.fields):
        return schema
    return replace(schema, version=version, fields=tuple(fields.values()), origin="observed")


def minted(schema: EventSchema, new: Sequence[Field]) -> tuple[EventSchema, Addition]:
    """Return the next addition version of a schema, which has some fields more."""
    version = schema.version._replace(addition=schema.version.addition + 1)
    fields = (*schema.fields, *new)
    return (
        replace(schema, version=version, fields=fields, origin="observed"),
        Addition(event_type=schema.event_type, version=version, fields=tuple(new)),
    )
