"""What one drop would become: nothing is loaded but into a database in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from msgspec import Struct

from firehose_loader.batch_file import ReadyDrop
from firehose_loader.config import Config
from firehose_loader.errors import DropError
from firehose_loader.formats import recognise
from firehose_loader.model import Content, RowCounts
from firehose_loader.normalise import DropTypes
from firehose_loader.review.trial import Trial, tried
from firehose_loader.route import drop_types
from firehose_loader.schema.catalog import UNKNOWN_TYPE, Catalog
from firehose_loader.schema.model import EventSchema, Field, FieldType
from firehose_loader.statements import literal, quoted


class FieldLook(Struct, frozen=True, kw_only=True):
    """One field of an event type, as a drop has it."""

    name: str
    """In the schema."""
    column: str | None
    """None where it would get none."""
    type: str | None
    state: str
    """``known``, ``inferred``, ``observed`` (by you, in an earlier schema), ``unknown`` (no schema
    has it) or ``missing`` (the schema has it, the drop does not)."""
    spelled: tuple[str, ...]
    """How the drop's header spells it."""
    filled: int
    """Rows that have a value."""
    rescued: int
    """Rows whose text would be kept in ``_rescued``: it does not fit, or has no column."""
    sample: str | None
    """A value, masked."""
    why: str
    """Of an unknown field: why its column has that type, or that it has none."""


class TypeLook(Struct, frozen=True, kw_only=True):
    """One model of an event type in a drop."""

    event_type: str
    table: str
    why: str
    """What told the event type."""
    rows: int
    versions: Mapping[str, int]
    """Rows by schema version."""
    fields: tuple[FieldLook, ...]
    samples: tuple[Mapping[str, object], ...]
    """Rows as they would land, without NULLs; personal data and unknown texts masked."""


class SetAside(Struct, frozen=True, kw_only=True):
    """One row, or the drop as a whole, that would be quarantined."""

    row: int | None
    line: int | None
    event_type: str | None
    reason: str
    field: str | None
    message: str
    text: str
    """Masked."""


class DropLook(Struct, frozen=True, kw_only=True):
    """What one drop is and what would become of it."""

    key: str
    size_bytes: int
    content: Content | None
    """None where nothing of it could be recognised."""
    failed: str | None
    """Why it could not be loaded now, where it would be tried again."""
    counts: RowCounts
    types: tuple[TypeLook, ...]
    set_aside: tuple[SetAside, ...]


def look(ready: ReadyDrop, catalog: Catalog, config: Config, *, rows: int) -> DropLook:
    """Tell what a drop is and what would become of it; ``rows`` of each event type are shown."""
    content = _content(ready, config)
    types = drop_types(ready.drop.key, content, ready.rules, catalog)
    with tried([ready], catalog, config) as trial:
        failed = next((str(error) for _, error in trial.outcome.failed), None)
        return DropLook(
            key=ready.drop.key,
            size_bytes=ready.drop.size_bytes,
            content=content,
            failed=failed,
            counts=trial.rows,
            types=tuple(
                _type(
                    trial,
                    schema,
                    content.header if content else (),
                    _why(schema, content.header if content else (), types),
                    rows,
                )
                for schema in trial.loaded
            ),
            set_aside=tuple(_set_aside(trial, rows)),
        )


def _content(ready: ReadyDrop, config: Config) -> Content | None:
    if ready.path is None:
        return None
    try:
        most, packing = config.max_file_bytes, config.limits.packing
        return recognise(ready.path, max_bytes=most, packing=packing)
    except DropError:
        return None  # the trial says why


def _type(
    trial: Trial, schema: EventSchema, header: Sequence[str], why: str, rows: int
) -> TypeLook:
    versions = cast("list[tuple[str, int]]", trial.ask("review_versions", schema.table, {}))
    total = sum(count for _, count in versions)
    return TypeLook(
        event_type=schema.event_type,
        table=schema.table,
        why=why,
        rows=total,
        versions=dict(versions),
        fields=tuple(_fields(trial, schema, header)),
        samples=tuple(_samples(trial, schema, rows)),
    )


def _why(schema: EventSchema, header: Sequence[str], types: DropTypes) -> str:
    """Say what told the event type."""
    if schema.event_type == types.forced:
        return types.why
    if schema.event_type == UNKNOWN_TYPE:
        return "neither a rule, a column, a folder, the file name nor the header tells another"
    names = ", ".join(name for name in header if _field_of(schema, name, "event_type"))
    if schema.event_type != types.default:
        return f"the rows say so in {names}" if names else "the rows say so"
    return f"{names}, in rows where it names the type; else {types.why}" if names else types.why


def _fields(trial: Trial, schema: EventSchema, header: Sequence[str]) -> Iterator[FieldLook]:
    samples = "".join(
        f", count({name}), arg_min(firehose_masked({name}::VARCHAR), _row)"
        for name in map(quoted, schema.by_column)
    )
    ((_, *found),) = trial.ask("review_columns", schema.table, {}, more_samples=samples)
    reasons = trial.reasons(schema)
    rescued = _rescued(trial, schema)
    for field, filled, sample in zip(schema.fields, found[::2], found[1::2], strict=True):
        spelled = tuple(name for name in header if _field_of(schema, name, field.column))
        why = reasons.get(field.column, "")
        mine = [name for name in rescued if _field_of(schema, name, field.column)]
        apart = [rescued.pop(name) for name in mine]
        is_there = bool(spelled or filled or apart)
        yield FieldLook(
            name=field.name,
            column=field.column,
            type=str(field.type),
            state=_state(field, is_new=bool(why), is_there=is_there),
            spelled=spelled,
            filled=cast("int", filled),
            rescued=sum(count for count, _ in apart),
            sample=cast("str | None", sample),
            why="; ".join(
                [*filter(None, [why]), *(f"kept in _rescued: {one}" for _, one in apart)]
            ),
        )
    for name in dict.fromkeys((*rescued, *header)):
        if schema.field_of(name) is None:
            yield _without_column(name, header, rescued.get(name))


def _rescued(trial: Trial, schema: EventSchema) -> dict[str, tuple[int, str]]:
    """Return, by name, how many texts ``_rescued`` holds, and one of them, masked."""
    found = trial.ask(
        "review_rescued",
        schema.table,
        {},
        more_samples=", count(said), min(firehose_masked(said))",
    )
    return {name: (count, one) for name, count, one in cast("list[tuple[str, int, str]]", found)}


def _without_column(name: str, header: Sequence[str], rescued: tuple[int, str] | None) -> FieldLook:
    """Return a field that no schema knows and that would get no column."""
    return FieldLook(
        name=name,
        column=None,
        type=None,
        state="unknown",
        spelled=(name,) if name in header else (),
        filled=0,
        rescued=rescued[0] if rescued else 0,
        sample=rescued[1] if rescued else None,
        why="no event schema knows it; " + ("kept in _rescued" if rescued else "it has no value"),
    )


def _state(field: Field, *, is_new: bool, is_there: bool) -> str:
    if is_new:
        return "unknown"
    return field.evidence if is_there else "missing"


def _field_of(schema: EventSchema, name: str, column: str) -> bool:
    field = schema.field_of(name)
    return field is not None and field.column == column


def _samples(trial: Trial, schema: EventSchema, rows: int) -> Iterator[Mapping[str, object]]:
    columns = ", ".join(
        f"{literal(column)}, {_shown(field)}" for column, field in schema.by_column.items()
    )
    for (text,) in trial.ask(
        "review_rows", schema.table, {"rows": rows}, columns=f"json_object({columns})"
    ):
        row = json.loads(str(text))
        yield {name: value for name, value in row.items() if value is not None}


def _shown(field: Field) -> str:
    """SQL of a value that may be shown: what is or may be personal data keeps its shape only."""
    name = quoted(field.column)
    free = field.evidence == "observed" and field.type is FieldType.TEXT
    if field.pii is not None or free or field.type is FieldType.JSON:
        return f"firehose_masked({name}::VARCHAR)"
    return f"{name}::VARCHAR" if field.type is FieldType.TIMESTAMP else name


def _set_aside(trial: Trial, rows: int) -> Iterator[SetAside]:
    found = trial.ask("review_set_aside", "_firehose_quarantine", {"rows": rows})
    for row, line, event_type, reason, field, message, text in cast(
        "list[tuple[int | None, int | None, str | None, str, str | None, str, str]]", found
    ):
        yield SetAside(
            row=row,
            line=line,
            event_type=event_type,
            reason=reason,
            field=field,
            message=message,
            text=text,
        )
