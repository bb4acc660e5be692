"""Event schemas as documents to review and commit: new versions of known ones, and new ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from firehose_loader.errors import SchemaError
from firehose_loader.schema.documents import DIALECT
from firehose_loader.schema.model import Field, FieldType, Version
from firehose_loader.schema.names import snake

Document = dict[str, object]
_WIDTH = 100
_TYPES: Mapping[FieldType, Mapping[str, object]] = {
    FieldType.TEXT: {"type": ["string", "null"]},
    FieldType.INTEGER: {"type": ["integer", "null"]},
    FieldType.NUMBER: {"type": ["number", "null"]},
    FieldType.BOOLEAN: {"type": ["boolean", "null"]},
    FieldType.TIMESTAMP: {"type": ["string", "null"], "format": "date-time"},
    FieldType.DATE: {"type": ["string", "null"], "format": "date"},
    FieldType.JSON: {"type": ["array", "object", "null"]},
}
_OF_ONE_VERSION = frozenset({"$id", "x-overrides"})
"""What a new version does not take over."""


def field_document(field: Field, *, comment: str = "") -> Document:
    """Return a field, written out in full."""
    document: Document = {"$comment": comment} if comment else {}
    if field.description:
        document["description"] = field.description
    document |= _TYPES[field.type]
    if field.column != snake(field.name):
        document["x-column"] = field.column
    if field.aliases:
        document["x-aliases"] = list(field.aliases)
    document["x-evidence"] = field.evidence
    if field.pii is not None:
        document["x-pii"] = field.pii
    if field.delivery:
        document["x-delivery"] = True
    return document


def new_version(
    base: Mapping[str, object], version: Version, properties: Mapping[str, object]
) -> Document:
    """Return a document's next version, with other properties."""
    kept = {name: value for name, value in base.items() if name not in _OF_ONE_VERSION}
    return kept | {"x-version": str(version), "properties": dict(properties)}


def new_document(event_type: str, properties: Mapping[str, object], **more: object) -> Document:
    """Return the first version of a new event type."""
    return {
        "$schema": DIALECT,
        "type": "object",
        "x-event-type": event_type,
        "x-version": "1-0-0",
        "x-evidence": "observed",
        **more,
        "properties": dict(properties),
    }


def properties_of(document: Mapping[str, object]) -> dict[str, object]:
    """Return the fields of a document as they stand in it."""
    properties = document.get("properties")
    return dict(properties) if isinstance(properties, dict) else {}


def document_text(document: Mapping[str, object]) -> str:
    """Return a document as it is written to a file: what fits into a line stands in one."""
    return _laid_out(document, 0) + "\n"


def write_document(folder: Path, document: Mapping[str, object], *, overwrite: bool) -> Path:
    """Write a document where its event type and version say.

    Raises:
        SchemaError: the file is there already and says something else, or cannot be written.
    """
    path = folder / str(document["x-event-type"]) / f"{document['x-version']}.json"
    text = document_text(document)
    try:
        if path.exists() and not overwrite and path.read_text("utf-8") != text:
            raise SchemaError(f"{path}: is there already; move it, or give --overwrite")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SchemaError(f"{path}: cannot be written: {error}") from error
    return path


def _laid_out(value: object, depth: int) -> str:
    line = json.dumps(value, ensure_ascii=False)
    fits = len(line) + 2 * depth < _WIDTH and depth > 0
    if fits or not isinstance(value, dict) or not value:
        return line
    indent = "  " * (depth + 1)
    members = [
        f"{indent}{json.dumps(name, ensure_ascii=False)}: {_laid_out(member, depth + 1)}"
        for name, member in value.items()
    ]
    return "{\n" + ",\n".join(members) + "\n" + "  " * depth + "}"
