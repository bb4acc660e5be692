"""An event schema, read once and compiled to what the normaliser needs."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, Self

from msgspec import Struct
from msgspec.structs import replace

from firehose_loader.schema.names import LANDED, fold, table_name, within_payload


class FieldType(StrEnum):
    """The types a column may have; each warehouse spells them its own way."""

    TEXT = "text"
    INTEGER = "integer"
    """64 bits."""
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"
    """Naive UTC, microseconds."""
    DATE = "date"
    JSON = "json"


ENGINE_TYPES: Mapping[FieldType, str] = {
    FieldType.TEXT: "VARCHAR",
    FieldType.INTEGER: "BIGINT",
    FieldType.NUMBER: "DOUBLE",
    FieldType.BOOLEAN: "BOOLEAN",
    FieldType.TIMESTAMP: "TIMESTAMP",
    FieldType.DATE: "DATE",
    FieldType.JSON: "JSON",
}
"""What the engine calls them, and a DuckDB file with it."""


class Version(NamedTuple):
    """A SchemaVer number: model-revision-addition."""

    model: int
    revision: int
    addition: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``1-0-0``; raise ValueError for anything else."""
        match = re.fullmatch(r"([1-9]\d*)-(0|[1-9]\d*)-(0|[1-9]\d*)", text)
        if not match:
            raise ValueError(f"{text!r} is not a version like 1-0-0 (model-revision-addition)")
        return cls(*(int(part) for part in match.groups()))

    def __str__(self) -> str:
        return f"{self.model}-{self.revision}-{self.addition}"


class Field(Struct, frozen=True, kw_only=True):
    """One field of an event."""

    name: str
    """As published, such as ``eventId``."""
    column: str
    type: FieldType
    aliases: tuple[str, ...] = ()
    """Other spellings, the preferred one first."""
    required: bool = False
    """A row without it is quarantined."""
    delivery: bool = False
    """Tells of the delivery and not of the event: two rows that differ only here are one event."""
    evidence: str = "inferred"
    """``known``, ``inferred``, or ``observed`` where the feed added it."""
    pii: str | None = None
    description: str = ""

    @property
    def spellings(self) -> tuple[str, ...]:
        """The folded name, then the folded aliases in their stated order, each once."""
        return tuple(dict.fromkeys(fold(name) for name in (self.name, *self.aliases)))


class EventSchema(Struct, frozen=True, kw_only=True, dict=True):
    """One version of one event type."""

    event_type: str
    version: Version
    fields: tuple[Field, ...]
    """In the order of the table's columns."""
    key: tuple[str, ...] = ("event_id",)
    """Columns whose values together name one event."""
    event_time: str | None = "event_date"
    """Column that tells when the event happened."""
    merge: str = "insert"
    """``insert``: the first row of a key stays. ``upsert``: a newer one replaces it."""
    origin: str = "shipped"
    """``shipped``, ``user`` or ``observed``."""
    description: str = ""
    lands: bool = False
    """Its rows go as they are into the one table of all that is only landed."""

    @cached_property
    def table(self) -> str:
        """Name of the table in the warehouse."""
        return LANDED if self.lands else table_name(self.event_type, self.version.model)

    def landed(self) -> EventSchema:
        """Return what is known of a row that is only landed: its event type."""
        told = replace(self.by_column["event_type"], required=False)
        return replace(self, fields=(told,), key=(), event_time=None, merge="insert", lands=True)

    def without(self, columns: Collection[str]) -> EventSchema:
        """Return the schema without some columns."""
        fields = tuple(field for field in self.fields if field.column not in columns)
        return self if len(fields) == len(self.fields) else replace(self, fields=fields)

    @cached_property
    def by_spelling(self) -> Mapping[str, Field]:
        """Fields by every folded spelling; a field's own name beats another's alias."""
        found: dict[str, Field] = {}
        for field in self.fields:
            for spelling in field.spellings[1:]:
                found.setdefault(spelling, field)
        return found | {field.spellings[0]: field for field in self.fields}

    def spelling(self, name: str) -> str:
        """Return the name under which a field is looked up: a payload's member by its own.

        Not so where the schema knows it by its whole path, nor for what means the event in the
        envelope and something else in the payload: ``id``, and whatever tells an event type.
        """
        inner = within_payload(name)
        if inner is None or fold(name) in self.by_spelling:
            return name
        field = self.by_spelling.get(fold(inner))
        own = fold(inner) == "id" or (field is not None and field.column == "event_type")
        return name if own else inner

    def field_of(self, name: str) -> Field | None:
        """Return the field that a name in the feed means; None where no version knows it."""
        return self.by_spelling.get(fold(self.spelling(name)))

    @cached_property
    def by_column(self) -> Mapping[str, Field]:
        """Fields by column."""
        return {field.column: field for field in self.fields}
