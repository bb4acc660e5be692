"""Event schemas as files: how they are read, and how a checked one is compiled."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources.abc import Traversable

import msgspec
from msgspec import Struct

from firehose_loader.errors import SchemaError
from firehose_loader.schema.model import EventSchema, Field, FieldType, Version
from firehose_loader.schema.names import snake

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SHARED_FOLDER = "common"
"""Folder of the documents that hold shared fields under ``$defs``."""
_REFERENCE = re.compile(r"\.\./common/([^/#]+)\.json#/\$defs/([^/]+)")
_TYPES: Mapping[tuple[frozenset[str], str | None], FieldType] = {
    **{
        (frozenset({"string"}), name): FieldType.TEXT
        for name in (None, "email", "ipv4", "ipv6", "uri", "uuid")
    },
    (frozenset({"string"}), "date-time"): FieldType.TIMESTAMP,
    (frozenset({"string"}), "date"): FieldType.DATE,
    (frozenset({"integer"}), None): FieldType.INTEGER,
    (frozenset({"number"}), None): FieldType.NUMBER,
    (frozenset({"boolean"}), None): FieldType.BOOLEAN,
    (frozenset({"object"}), None): FieldType.JSON,
    (frozenset({"array"}), None): FieldType.JSON,
    (frozenset({"array", "object"}), None): FieldType.JSON,
}


class SchemaFile(Struct, frozen=True, kw_only=True):
    """One parsed file ``<folder>/<stem>.json`` below a folder of schemas."""

    path: str
    """For messages."""
    folder: str
    stem: str
    origin: str
    """``shipped`` or ``user``."""
    content: Mapping[str, object]
    broken: str = ""
    """Why its text is no document at all, if so."""

    @property
    def shared(self) -> bool:
        """It holds shared fields, and no event type."""
        return self.folder == SHARED_FOLDER


class FieldDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One member of ``properties``, its reference to a shared field already followed."""

    comment: str = msgspec.field(default="", name="$comment")
    title: str = ""
    description: str = ""
    examples: tuple[object, ...] = ()
    type: str | tuple[str, ...] = ()
    format: str | None = None
    column: str | None = msgspec.field(default=None, name="x-column")
    aliases: tuple[str, ...] = msgspec.field(default=(), name="x-aliases")
    evidence: str = msgspec.field(default="inferred", name="x-evidence")
    pii: str | None = msgspec.field(default=None, name="x-pii")
    delivery: bool = msgspec.field(default=False, name="x-delivery")

    @property
    def field_type(self) -> FieldType | None:
        """The column's type; None where ``type`` and ``format`` do not go together."""
        names = (self.type,) if isinstance(self.type, str) else self.type
        return _TYPES.get((frozenset(names) - {"null"}, self.format))


class EventDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one event type."""

    dialect: str = msgspec.field(default=DIALECT, name="$schema")
    identifier: str = msgspec.field(default="", name="$id")
    comment: str = msgspec.field(default="", name="$comment")
    title: str = ""
    description: str = ""
    examples: tuple[object, ...] = ()
    type: str = ""
    event_type: str = msgspec.field(default="", name="x-event-type")
    version: str = msgspec.field(default="", name="x-version")
    evidence: str = msgspec.field(default="inferred", name="x-evidence")
    overrides: bool = msgspec.field(default=False, name="x-overrides")
    key: tuple[str, ...] = msgspec.field(default=("event_id",), name="x-key")
    event_time: str | None = msgspec.field(default="event_date", name="x-event-time")
    merge: str = msgspec.field(default="insert", name="x-merge")
    properties: dict[str, object] = msgspec.field(default_factory=dict)
    required: tuple[str, ...] = ()
    open: bool = msgspec.field(default=True, name="additionalProperties")


class SharedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """Fields that several event types refer to."""

    dialect: str = msgspec.field(default=DIALECT, name="$schema")
    identifier: str = msgspec.field(default="", name="$id")
    comment: str = msgspec.field(default="", name="$comment")
    title: str = ""
    description: str = ""
    version: str = msgspec.field(default="", name="x-version")
    definitions: dict[str, object] = msgspec.field(default_factory=dict, name="$defs")


def read_documents(root: Traversable, origin: str) -> Iterator[SchemaFile]:
    """Yield the documents ``*/*.json`` below a folder, ordered by path.

    Raises:
        SchemaError: the folder or a file cannot be read.
    """
    try:
        for folder in _sorted(root.iterdir()):
            if folder.is_dir() and not folder.name.startswith("."):
                yield from _documents(folder, origin)
    except OSError as error:
        raise SchemaError(
            f"{error.filename or root}: cannot be read as event schemas: {error.strerror or error};"
            " `schemas` must name a folder that holds <event type>/<version>.json"
        ) from error


def shared_field(reference: str, shared: Sequence[SchemaFile]) -> Mapping[str, object] | None:
    """Return what a ``$ref`` names in the first of the shared documents that has it."""
    match = _REFERENCE.fullmatch(reference)
    for file in shared if match else ():
        definitions = file.content.get("$defs")
        if match and file.stem == match[1] and isinstance(definitions, dict):
            found = definitions.get(match[2])
            if isinstance(found, dict):
                return found
    return None


def followed(content: Mapping[str, object], shared: Sequence[SchemaFile]) -> dict[str, object]:
    """Return a field with its ``$ref`` followed: what stands beside it wins.

    Aliases beside the reference are tried before those of the shared field.
    """
    reference = content.get("$ref")
    target = shared_field(reference, shared) if isinstance(reference, str) else None
    merged = {**(target or {}), **content}
    merged.pop("$ref", None)
    own, inherited = content.get("x-aliases"), (target or {}).get("x-aliases")
    if isinstance(own, list) and isinstance(inherited, list):
        merged["x-aliases"] = [*own, *inherited]
    return merged


def compile_field(name: str, document: FieldDocument, *, required: bool) -> Field:
    """Return the field of a checked document."""
    return Field(
        name=name,
        column=snake(name) if document.column is None else document.column,
        type=document.field_type or FieldType.TEXT,
        aliases=document.aliases,
        required=required,
        delivery=document.delivery,
        evidence=document.evidence,
        pii=document.pii,
        description=document.description,
    )


def compile_document(file: SchemaFile, shared: Sequence[SchemaFile]) -> EventSchema:
    """Return the event schema of a document in which ``check_document`` found nothing wrong."""
    document = msgspec.convert(file.content, EventDocument)
    fields = []
    for name, content in document.properties.items():
        merged = followed(msgspec.convert(content, dict[str, object]), shared)
        field = msgspec.convert(merged, FieldDocument)
        fields.append(compile_field(name, field, required=name in document.required))
    return EventSchema(
        event_type=document.event_type,
        version=Version.parse(document.version),
        fields=tuple(fields),
        key=document.key,
        event_time=document.event_time,
        merge=document.merge,
        origin=file.origin,
        description=document.description,
    )


def _documents(folder: Traversable, origin: str) -> Iterator[SchemaFile]:
    for file in _sorted(folder.iterdir()):
        if file.name.endswith(".json"):
            content, broken = _parsed(file)
            yield SchemaFile(
                path=str(file),
                folder=folder.name,
                stem=file.name.removesuffix(".json"),
                origin=origin,
                content=content,
                broken=broken,
            )


def _sorted(entries: Iterable[Traversable]) -> list[Traversable]:
    return sorted(entries, key=lambda entry: entry.name)


def _parsed(file: Traversable) -> tuple[Mapping[str, object], str]:
    """Return a file's document; or an empty one, and why it is none."""
    try:
        content = json.loads(file.read_bytes().decode("utf-8-sig"), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        return {}, f"not a JSON document: {error}"
    if not isinstance(content, dict):
        return {}, "must be one JSON object that describes an event type"
    return content, ""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse what JSON parsers commonly overlook: a key given twice."""
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the key {name!r} stands twice in one object; remove one")
        found[name] = value
    return found
