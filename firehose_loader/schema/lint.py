"""What makes an event schema acceptable. Shipped and user documents pass the same checks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from firehose_loader.schema.documents import (
    DIALECT,
    EventDocument,
    FieldDocument,
    SchemaFile,
    SharedDocument,
    compile_field,
    followed,
)
from firehose_loader.schema.evolve import Change, Kind, Step, breaches, raised, step
from firehose_loader.schema.lint_fields import (
    EVIDENCE,
    Problem,
    check_field,
    escaped,
    formed,
    one_of,
)
from firehose_loader.schema.model import EventSchema, Field, FieldType, Version
from firehose_loader.schema.names import VIEWS, fold

MERGES = ("insert", "upsert")
_EVENT_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9]*([._-][A-Za-z0-9]+)*")
_ROLE_POINTERS = {
    Kind.KEY_CHANGED: "/x-key",
    Kind.EVENT_TIME_CHANGED: "/x-event-time",
    Kind.MERGE_CHANGED: "/x-merge",
}


def check_document(file: SchemaFile, shared: Sequence[SchemaFile]) -> Iterator[Problem]:
    """Yield all that is wrong with one document.

    Args:
        file: the document of an event type, or one of shared fields.
        shared: documents of shared fields that it may refer to, the preferred ones first.
    """
    if file.broken:
        yield Problem(pointer="", message=file.broken)
        return
    if file.shared:
        yield from _check_shared(file)
        return
    document, problems = formed(file.content, EventDocument, "")
    yield from problems
    if document is None:
        return
    yield from _check_identity(file, document)
    yield from _check_keywords(document)
    fields = []
    for name, content in document.properties.items():
        found = list(check_field(name, content, shared, f"/properties/{escaped(name)}"))
        yield from found
        if not found:
            merged = followed(msgspec.convert(content, dict[str, object]), shared)
            form = msgspec.convert(merged, FieldDocument)
            fields.append(compile_field(name, form, required=name in document.required))
    if fields and len(fields) == len(document.properties):
        yield from _check_columns(fields)
        yield from _check_spellings(fields)
        yield from _check_roles(document, fields)


def check_neighbours(schema: EventSchema, others: Sequence[EventSchema]) -> Iterator[Problem]:
    """Yield what keeps a schema from living in one warehouse with the others."""
    if schema.table in VIEWS:
        yield Problem(
            pointer="/x-event-type",
            message=f"{schema.table!r} is the name of a view of the loader; choose another name",
        )
    for other in others:
        if other.event_type == schema.event_type:
            continue
        if fold(other.event_type) == fold(schema.event_type):
            yield Problem(
                pointer="/x-event-type",
                message=f"{schema.event_type!r} and {other.event_type!r} differ only in spelling;"
                f" write {other.event_type!r}",
            )
        elif other.table == schema.table:
            yield Problem(
                pointer="/x-event-type",
                message=f"{schema.event_type!r} {schema.version} and {other.event_type!r}"
                f" {other.version} would share the table {schema.table!r}; choose another name",
            )


def check_step(old: EventSchema, new: EventSchema) -> Iterator[Problem]:
    """Yield what the newer of two neighbouring versions changes and may not."""
    for change in breaches(old, new):
        least = raised(old.version, change.least)
        made = step(old.version, new.version).name.lower()
        yield Problem(
            pointer=_pointer(change, new),
            message=f"{change.message}, compared with {old.version}: more than a new {made} may do;"
            f" {_remedy(change)}make it the version {least}",
        )


def _pointer(change: Change, new: EventSchema) -> str:
    if change.column is not None and change.column in new.by_column:
        return f"/properties/{escaped(new.by_column[change.column].name)}"
    if change.kind is Kind.FIELD_REMOVED:
        return "/properties"
    return _ROLE_POINTERS[change.kind]


def _remedy(change: Change) -> str:
    """What could be written instead, where something can."""
    match change.kind:
        case Kind.FIELD_REMOVED:
            return "keep it (a field that never comes stays NULL), or "
        case Kind.SPELLING_LOST:
            return "keep the spelling among its x-aliases, or "
        case Kind.REQUIREMENT_MADE:
            return "let it be missing, or "
        case _ if change.least is Step.MODEL:
            return "leave it as it was, or "
        case _:
            return ""


def _check_shared(file: SchemaFile) -> Iterator[Problem]:
    document, problems = formed(file.content, SharedDocument, "")
    yield from problems
    if document is None:
        return
    yield from _check_version(file, document.version)
    yield from _check_dialect(document.dialect)
    if "$defs" not in file.content:
        yield Problem(pointer="/$defs", message="is missing: it holds the shared fields")
    for name, content in document.definitions.items():
        pointer = f"/$defs/{escaped(name)}"
        if isinstance(content, dict) and "$ref" in content:
            yield Problem(
                pointer=f"{pointer}/$ref",
                message="a shared field refers to no other; write it out here",
            )
        else:
            yield from check_field(name, content, (), pointer)


def _check_identity(file: SchemaFile, document: EventDocument) -> Iterator[Problem]:
    if not _EVENT_TYPE.fullmatch(document.event_type):
        yield Problem(
            pointer="/x-event-type",
            message=f"{document.event_type!r} is not the name of an event type;"
            " write letters and digits, parts joined by '.', '-' or '_', such as email.open",
        )
    elif document.event_type != file.folder:
        yield Problem(
            pointer="/x-event-type",
            message=f"says {document.event_type!r}, but the folder is {file.folder!r};"
            " the two must be equal",
        )
    yield from _check_version(file, document.version)


def _check_version(file: SchemaFile, version: str) -> Iterator[Problem]:
    try:
        Version.parse(version)
    except ValueError as error:
        yield Problem(pointer="/x-version", message=str(error))
        return
    if version != file.stem:
        yield Problem(
            pointer="/x-version",
            message=f"says {version}, but the file is {file.stem}.json; name it {version}.json",
        )


def _check_dialect(dialect: str) -> Iterator[Problem]:
    if dialect != DIALECT:
        yield Problem(pointer="/$schema", message=f"must be {DIALECT}, not {dialect}")


def _check_keywords(document: EventDocument) -> Iterator[Problem]:
    yield from _check_dialect(document.dialect)
    if document.type != "object":
        yield Problem(pointer="/type", message='an event is an object; write "type": "object"')
    yield from one_of("/x-merge", document.merge, MERGES)
    yield from one_of("/x-evidence", document.evidence, EVIDENCE)
    if not document.open:
        yield Problem(
            pointer="/additionalProperties",
            message="must be true: what becomes of unknown fields is said by `drift` of a source",
        )
    if not document.properties:
        yield Problem(pointer="/properties", message="an event type needs at least one field")
    for position, name in enumerate(document.required):
        if name not in document.properties:
            yield Problem(
                pointer=f"/required/{position}", message=f"no field {name!r} in properties"
            )


def _check_columns(fields: Sequence[Field]) -> Iterator[Problem]:
    first: dict[str, Field] = {}
    for field in fields:
        other = first.setdefault(field.column, field)
        if other is not field:
            yield Problem(
                pointer=f"/properties/{escaped(field.name)}",
                message=f"its column {field.column!r} is already that of the field"
                f" {other.name!r}; give it another x-column, or make it an alias of that field",
            )


def _check_spellings(fields: Sequence[Field]) -> Iterator[Problem]:
    owners: dict[str, Field] = {}
    for field in fields:
        other = owners.setdefault(field.spellings[0], field)
        if other is not field:
            yield Problem(
                pointer=f"/properties/{escaped(field.name)}",
                message=f"cannot be told from the field {other.name!r}: case and separators"
                " make no difference; remove one",
            )
    for field in fields:
        for position, alias in enumerate(field.aliases):
            owner = owners.get(fold(alias), field)
            # `name` and the like are ordinary fields where they tell no event type.
            if owner is not field and field.column != "event_type":
                yield Problem(
                    pointer=f"/properties/{escaped(field.name)}/x-aliases/{position}",
                    message=f"{alias!r} is the name of the field {owner.name!r}; remove the alias",
                )


def _check_roles(document: EventDocument, fields: Sequence[Field]) -> Iterator[Problem]:
    types = {field.column: field.type for field in fields}
    if not document.key or len(set(document.key)) != len(document.key):
        yield Problem(pointer="/x-key", message="must list one or more columns, each once")
    for position, column in enumerate(document.key):
        if column not in types:
            yield Problem(pointer=f"/x-key/{position}", message=_no_column(column, types))
    time = document.event_time
    if time is None:
        return
    if time not in types:
        yield Problem(
            pointer="/x-event-time", message=f"{_no_column(time, types)}, or null if it has none"
        )
    elif types[time] not in {FieldType.TIMESTAMP, FieldType.DATE}:
        yield Problem(
            pointer="/x-event-time",
            message=f"the column {time!r} is of type {types[time]};"
            " name one whose format is date-time or date",
        )


def _no_column(column: str, columns: dict[str, FieldType]) -> str:
    return f"no field has the column {column!r}; write one of {', '.join(sorted(columns))}"
