"""What the feed adds to an event schema by itself: fields that no version knew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from firehose_loader.schema.catalog import UNKNOWN_TYPE, Catalog
from firehose_loader.schema.model import EventSchema, Field, Version


class Sighting(Struct, frozen=True, kw_only=True):
    """A new field as the first batch that had it showed it."""

    why: str = ""
    """Why its column has that type, in a sentence."""
    rows: int = 0
    """Rows of the event type in that batch."""
    filled: int = 0
    """Of these, rows that had a value."""
    sample: str | None = None
    """A value, masked: its letters and digits are gone, its shape is left."""
    first_drop_id: str | None = None
    """Where it was seen first; known once it is recorded."""
    first_seen_at: datetime | None = None
    """Naive UTC; likewise."""


class Addition(Struct, frozen=True, kw_only=True):
    """Fields that no version knew, seen in a drop and recorded as an addition version."""

    event_type: str
    version: Version
    fields: tuple[Field, ...]
    sightings: Mapping[str, Sighting] = field(default_factory=dict)
    """By column."""

    def is_of(self, schema: EventSchema) -> bool:
        """Tell whether it adds to a schema."""
        own = self.event_type, self.version.model
        return own == (schema.event_type, schema.version.model)


def in_force(catalog: Catalog, additions: Sequence[Addition]) -> dict[str, EventSchema]:
    """Return the schemas that rows may have, with what the feed added to them.

    That is the newest version of each event type, by its name; and of those with several models
    the newest version of each older one, by the name and the model's number.
    """
    schemas: dict[str, EventSchema] = {}
    for event_type in (*catalog.event_types, UNKNOWN_TYPE):
        newest = catalog.latest(event_type)
        schemas[event_type] = grown(newest, additions)
        for version in catalog.versions(event_type):
            if version.model != newest.version.model:
                older = catalog.get(event_type, version)
                schemas[f"{event_type} {version.model}"] = grown(older, additions)
    return schemas


def grown(schema: EventSchema, additions: Sequence[Addition]) -> EventSchema:
    """Return a schema together with every addition recorded for its event type and model."""
    fields = {one.column: one for one in schema.fields}
    version = schema.version
    for addition in additions:
        if not addition.is_of(schema):
            continue
        for one in addition.fields:
            if not is_superseded(one, addition, schema):
                fields.setdefault(one.column, one)
        version = max(version, addition.version)
    if len(fields) == len(schema.fields):
        return schema
    return replace(schema, version=version, fields=tuple(fields.values()), origin="observed")


def is_superseded(one: Field, addition: Addition, schema: EventSchema) -> bool:
    """Tell whether a version on file, made since, leads an added field to another column.

    Its own column stays in the table with what was loaded into it. ``event_type`` is no such
    column: names that may tell the type of a row are ordinary fields where they say anything else.
    """
    known = schema.field_of(one.name)
    return (
        known is not None
        and known.column not in {one.column, "event_type"}
        and schema.version > addition.version
    )


def minted(
    schema: EventSchema, new: Sequence[Field], reasons: Mapping[str, str]
) -> tuple[EventSchema, Addition]:
    """Return the next addition version of a schema, which has some fields more.

    ``reasons`` tell by column why it has its type.
    """
    version = schema.version._replace(addition=schema.version.addition + 1)
    fields = (*schema.fields, *new)
    return (
        replace(schema, version=version, fields=fields, origin="observed"),
        Addition(
            event_type=schema.event_type,
            version=version,
            fields=tuple(new),
            sightings={column: Sighting(why=why) for column, why in reasons.items()},
        ),
    )
