"""What makes a field of an event schema acceptable, and the form of any part of a document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TypeVar

import msgspec
from msgspec import Struct

from firehose_loader.privacy import CLASSES
from firehose_loader.schema.documents import FieldDocument, SchemaFile, followed, shared_field
from firehose_loader.schema.names import RESERVED_COLUMNS, RESERVED_PREFIX, fold, snake

EVIDENCE = ("known", "inferred", "observed")
BESIDE_REFERENCE = frozenset(
    {"$comment", "title", "description", "examples", "x-aliases", "x-evidence", "x-pii"}
)
"""What a field that refers to a shared one may say of its own."""
_TYPE_HELP = (
    "write string, integer, number, boolean, object or array, with null if you like;"
    " a string may have the format date-time, date, uuid, email, uri, ipv4 or ipv6"
)
_Form = TypeVar("_Form", bound=msgspec.Struct)


class Problem(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a document, and what to write instead."""

    pointer: str
    """JSON pointer into the document; empty for the document as a whole."""
    message: str

    @property
    def line(self) -> str:
        """Place and message in one line."""
        return f"{self.pointer}: {self.message}" if self.pointer else self.message


def check_field(
    name: str, content: object, shared: Sequence[SchemaFile], pointer: str
) -> Iterator[Problem]:
    """Yield all that is wrong with one field by itself."""
    if isinstance(content, dict) and "$ref" in content:
        problems = tuple(_check_reference(content, shared, pointer))
        yield from problems
        if problems:
            return
        content = followed(content, shared)
    form, problems = formed(content, FieldDocument, pointer)
    yield from problems
    if form is None:
        return
    for keyword in ("format", "x-column", "x-pii"):
        if isinstance(content, dict) and content.get(keyword, "") is None:
            yield Problem(
                pointer=f"{pointer}/{keyword}", message="must be str, not null; or leave it out"
            )
    if not fold(name):
        yield Problem(pointer=pointer, message=f"nothing is left of the field name {name!r}")
    yield from _check_type(form, pointer)
    yield from _check_column(name, form, pointer)
    yield from one_of(f"{pointer}/x-evidence", form.evidence, EVIDENCE)
    if form.pii is not None:
        yield from one_of(f"{pointer}/x-pii", form.pii, CLASSES)
    yield from _check_aliases(form, pointer)


def formed(
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


def one_of(pointer: str, value: str, allowed: tuple[str, ...]) -> Iterator[Problem]:
    """Yield a problem where a value is none of those allowed."""
    if value not in allowed:
        yield Problem(pointer=pointer, message=f"{value!r} is not one of {', '.join(allowed)}")


def escaped(name: str) -> str:
    """Return a name as a segment of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def _unknown_keywords(
    content: object, form: type[msgspec.Struct], pointer: str
) -> Iterator[Problem]:
    known = form.__struct_encode_fields__
    for name in content if isinstance(content, dict) else ():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
            yield Problem(
                pointer=f"{pointer}/{escaped(name)}",
                message=f"the loader has no keyword {name!r} here; {hint}",
            )


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
            pointer=f"{pointer}/{escaped(name)}",
            message=f"{name!r} cannot stand beside $ref; write the whole field without $ref",
        )


def _check_type(form: FieldDocument, pointer: str) -> Iterator[Problem]:
    if not form.type:
        yield Problem(pointer=pointer, message=f"the field has no type; {_TYPE_HELP}")
    elif not isinstance(form.type, str) and len(set(form.type)) < len(form.type):
        yield Problem(pointer=f"{pointer}/type", message="names a type twice; remove one")
    elif form.field_type is None:
        given = form.type if isinstance(form.type, str) else " and ".join(form.type)
        with_format = f" with the format {form.format!r}" if form.format else ""
        yield Problem(
            pointer=f"{pointer}/type",
            message=f"no column has the type {given}{with_format}; {_TYPE_HELP}",
        )


def _check_column(name: str, form: FieldDocument, pointer: str) -> Iterator[Problem]:
    column = form.column
    if (snake(name) if column is None else column) in RESERVED_COLUMNS:
        yield Problem(
            pointer=f"{pointer}/x-column" if column else pointer,
            message=f"{column or snake(name)!r} is the engine's own name for where a row is;"
            f" give the field another x-column, such as '{column or snake(name)}_2'",
        )
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
