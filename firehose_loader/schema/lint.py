"""What makes an event schema acceptable. Shipped and user documents pass the same checks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

import msgspec

from firehose_loader.schema.documents import (
    DIALECT,
    EventDocument,
    FieldDocument,
    SchemaFile,
    SharedDocument,
    compile_field,
    followed,
    shared_field,
)
from firehose_loader.schema.model import EventSchema, Field, FieldType, Version
from firehose_loader.schema.names import RESERVED_PREFIX, fold, snake

EVIDENCE = ("known", "inferred")
MERGES = ("insert", "upsert")
PII_CLASSES = ("email", "phone", "ip", "user_agent", "free_text", "url_query", "id")
BESIDE_REFERENCE = frozenset(
    {"$comment", "title", "description", "examples", "x-aliases", "x-evidence", "x-pii"}
)
"""What a field that refers to a shared one may say of its own."""
_EVENT_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9]*([._-][A-Za-z0-9]+)*")
_RESERVED_TABLES = frozenset({"events"})
"""Names of the loader's own views."""
_TYPE_HELP = (
    "write string, integer, number, boolean, object or array, with null if you like;"
    " a string may have the format date-time, date, uuid, email, uri, ipv4 or ipv6"
)
_Form = TypeVar("_Form", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with a document, and what to write instead."""

    pointer: str
    """JSON pointer into the document; empty for the document as a whole."""
    message: str

    @property
    def line(self) -> str:
        """Place and message in one line."""
        return f"{self.pointer}: {self.message}" if self.pointer else self.message


def check_document(file: SchemaFile, shared: Sequence[SchemaFile]) -> Iterator[Problem]:
    """Yield all that is wrong with one document.

    Args:
        file: the document of an event type, or one of shared fields.
        shared: documents of shared fields that it may refer to, the preferred ones first.
    """
    if file.shared:
        yield from _check_shared(file)
        return
    document, problems = _formed(file.content, EventDocument, "")
    yield from problems
    if document is None:
        return
    yield from _check_identity(file, document)
    yield from _check_keywords(document)
    fields = []
    for name, content in document.properties.items():
        found = list(_check_field(name, content, shared, f"/properties/{_escaped(name)}"))
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
    if schema.table in _RESERVED_TABLES:
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


def _check_shared(file: SchemaFile) -> Iterator[Problem]:
    document, problems = _formed(file.content, SharedDocument, "")
    yield from problems
    if document is None:
        return
    yield from _check_version(file, document.version)
    yield from _check_dialect(document.dialect)
    for name, content in document.definitions.items():
        pointer = f"/$defs/{_escaped(name)}"
        if isinstance(content, dict) and "$ref" in content:
            yield Problem(
                pointer=f"{pointer}/$ref",
                message="a shared field refers to no other; write it out here",
            )
        else:
            yield from _check_field(name, content, (), pointer)


def _formed(
    content: object, form: type[_Form], pointer: str
) -> tuple[_Form | None, tuple[Problem, ...]]:
    """Return the content in its form; or None, and why it has not that form."""
    unknown = tuple(_unknown_keywords(content, form, pointer))
    if unknown:
        return None, unknown
    try:
        return msgspec.convert(content, form), ()
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at ")
        below = re.sub(r"\[(\d+)\]", r"/\1", path.strip("`").removeprefix("$").replace(".", "/"))
        wanted = message.replace("`", "").replace("Expected", "must be", 1).replace("got", "not")
        return None, (Problem(pointer=pointer + below, message=wanted),)


def _unknown_keywords(
    content: object, form: type[msgspec.Struct], pointer: str
) -> Iterator[Problem]:
    known = form.__struct_encode_fields__
    for name in content if isinstance(content, dict) else ():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
            yield Problem(
                pointer=f"{pointer}/{_escaped(name)}",
                message=f"the loader has no keyword {name!r} here; {hint}",
            )


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
    yield from _one_of("/x-merge", document.merge, MERGES)
    yield from _one_of("/x-evidence", document.evidence, EVIDENCE)
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


def _one_of(pointer: str, value: str, allowed: tuple[str, ...]) -> Iterator[Problem]:
    if value not in allowed:
        yield Problem(pointer=pointer, message=f"{value!r} is not one of {', '.join(allowed)}")


def _check_field(
    name: str, content: object, shared: Sequence[SchemaFile], pointer: str
) -> Iterator[Problem]:
    if isinstance(content, dict) and "$ref" in content:
        problems = tuple(_check_reference(content, shared, pointer))
        yield from problems
        if problems:
            return
        content = followed(content, shared)
    form, problems = _formed(content, FieldDocument, pointer)
    yield from problems
    if form is None:
        return
    if not fold(name):
        yield Problem(pointer=pointer, message=f"nothing is left of the field name {name!r}")
    yield from _check_type(form, pointer)
    yield from _check_column(name, form, pointer)
    yield from _one_of(f"{pointer}/x-evidence", form.evidence, EVIDENCE)
    if form.pii is not None:
        yield from _one_of(f"{pointer}/x-pii", form.pii, PII_CLASSES)
    yield from _check_aliases(form, pointer)


def _check_reference(
    content: dict[str, object], shared: Sequence[SchemaFile], pointer: str
) -> Iterator[Problem]:
    reference = content["$ref"]
    if not isinstance(reference, str) or shared_field(reference, shared) is None:
        yield Problem(
            pointer=f"{pointer}/$ref",
            message=f"{reference!r} names no shared field; write"
            " ../common/<version>.json#/$defs/<field>, or the field itself",
        )
    for name in sorted(content.keys() - BESIDE_REFERENCE - {"$ref"}):
        yield Problem(
            pointer=f"{pointer}/{_escaped(name)}",
            message=f"{name!r} cannot stand beside $ref; write the whole field without $ref",
        )


def _check_type(form: FieldDocument, pointer: str) -> Iterator[Problem]:
    if not form.type:
        yield Problem(pointer=pointer, message=f"the field has no type; {_TYPE_HELP}")
    elif form.field_type is None:
        given = form.type if isinstance(form.type, str) else " and ".join(form.type)
        with_format = f" with the format {form.format!r}" if form.format else ""
        yield Problem(
            pointer=f"{pointer}/type",
            message=f"no column has the type {given}{with_format}; {_TYPE_HELP}",
        )


def _check_column(name: str, form: FieldDocument, pointer: str) -> Iterator[Problem]:
    column = form.column
    if column is None or column == snake(column):
        return
    if column.startswith(RESERVED_PREFIX):
        reason = f"columns that begin with {RESERVED_PREFIX!r} are the loader's own"
    else:
        reason = "is not in snake case"
    yield Problem(
        pointer=f"{pointer}/x-column",
        message=f"{column!r}: {reason}; write {snake(column if fold(column) else name)!r}",
    )


def _check_aliases(form: FieldDocument, pointer: str) -> Iterator[Problem]:
    for position, alias in enumerate(form.aliases):
        if not fold(alias):
            yield Problem(
                pointer=f"{pointer}/x-aliases/{position}",
                message=f"nothing is left of the alias {alias!r}; remove it",
            )


def _check_columns(fields: Sequence[Field]) -> Iterator[Problem]:
    first: dict[str, Field] = {}
    for field in fields:
        other = first.setdefault(field.column, field)
        if other is not field:
            yield Problem(
                pointer=f"/properties/{_escaped(field.name)}",
                message=f"its column {field.column!r} is already that of the field"
                f" {other.name!r}; give it another x-column, or make it an alias of that field",
            )


def _check_spellings(fields: Sequence[Field]) -> Iterator[Problem]:
    owners: dict[str, Field] = {}
    for field in fields:
        other = owners.setdefault(field.spellings[0], field)
        if other is not field:
            yield Problem(
                pointer=f"/properties/{_escaped(field.name)}",
                message=f"cannot be told from the field {other.name!r}: case and separators"
                " make no difference; remove one",
            )
    for field in fields:
        for position, alias in enumerate(field.aliases):
            owner = owners.get(fold(alias), field)
            if owner is not field:
                yield Problem(
                    pointer=f"/properties/{_escaped(field.name)}/x-aliases/{position}",
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


def _escaped(name: str) -> str:
    """Return a name as a segment of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
