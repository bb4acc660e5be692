"""Propose event schemas from real drops: which fields they have, of which type, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from firehose_loader.batch_file import ReadyDrop
from firehose_loader.config import Config
from firehose_loader.review.trial import Trial, tried
from firehose_loader.review.values import WIDTH, counted, values
from firehose_loader.schema.catalog import UNKNOWN_TYPE, Catalog
from firehose_loader.schema.evolve import Step, raised
from firehose_loader.schema.gather import Gathered
from firehose_loader.schema.model import EventSchema, Field, FieldType
from firehose_loader.schema.names import fold
from firehose_loader.schema.writing import (
    Document,
    field_document,
    new_document,
    new_version,
    properties_of,
)
from firehose_loader.statements import quoted

_ENVELOPE = ("event_id", "event_type", "event_date")
"""Columns that every proposal has: its key, its type and its time."""


class Proposal(Struct, frozen=True, kw_only=True):
    """A document that describes what drops hold."""

    event_type: str
    rows: int
    document: Document | None
    """None where the schema in force knows all fields."""
    fields: Mapping[str, str]
    """Why each new field has its type, by its name."""


def infer(
    ready: Sequence[ReadyDrop],
    gathered: Gathered,
    catalog: Catalog,
    config: Config,
    *,
    event_type: str | None,
) -> Iterator[Proposal]:
    """Yield a proposal for each event type in some drops.

    Args:
        ready: the drops.
        gathered: the documents of the schemas in force.
        catalog: these schemas.
        config: limits and the like.
        event_type: take all rows for this one, which may be new.
    """
    known = None if event_type is None else catalog.resolve_type(event_type)
    forced = None if event_type is None else {"**": known or UNKNOWN_TYPE}
    with tried([_open(one, forced) for one in ready], catalog, config) as trial:
        for schema in trial.loaded:
            if event_type is not None and known is None:
                yield _new_type(trial, schema, event_type, gathered, catalog)
            else:
                yield _next_version(trial, schema, gathered, catalog)


def _open(one: ReadyDrop, rules: Mapping[str, str] | None) -> ReadyDrop:
    """Return a drop that may show every field, whatever its source says of unknown ones."""
    return ReadyDrop(
        drop=one.drop,
        path=one.path,
        rules=one.rules if rules is None else rules,
        confirm=one.confirm,
        refused=one.refused,
    )


def _next_version(
    trial: Trial, schema: EventSchema, gathered: Gathered, catalog: Catalog
) -> Proposal:
    rows, new = _new_fields(trial, schema, catalog)
    of = (schema.event_type, schema.version.model)
    (_, version), base = max(
        (name, file) for name, file in gathered.files.items() if (name[0], name[1].model) == of
    )
    document = None
    if new:
        properties = properties_of(base.content) | _documents(new)
        document = new_version(base.content, raised(version, Step.ADDITION), properties)
    return Proposal(
        event_type=schema.event_type,
        rows=rows,
        document=document,
        fields={field.name: why for field, why in new},
    )


def _new_type(
    trial: Trial, schema: EventSchema, event_type: str, gathered: Gathered, catalog: Catalog
) -> Proposal:
    """Propose a type of its own from rows that were taken for ``unknown``."""
    rows, new = _new_fields(trial, schema, catalog)
    filled = _filled(trial, schema)
    (unknown,) = (file for name, file in gathered.files.items() if name[0] == UNKNOWN_TYPE)
    written = properties_of(unknown.content)
    shared = {
        field.name: written[field.name]
        for field in schema.fields
        if field.name in written and (field.column in _ENVELOPE or filled[field.column])
    }
    times = [field.column for field, _ in new if field.type is FieldType.TIMESTAMP]
    event_time = {} if filled["event_date"] or len(times) != 1 else {"x-event-time": times[0]}
    return Proposal(
        event_type=event_type,
        rows=rows,
        document=new_document(event_type, shared | _documents(new), **event_time),
        fields={field.name: why for field, why in new},
    )


def _new_fields(
    trial: Trial, schema: EventSchema, catalog: Catalog
) -> tuple[int, list[tuple[Field, str]]]:
    """Return the rows of a type, and the fields that no schema knew, with type and why."""
    reasons = trial.reasons(schema)
    fields = [field for field in schema.fields if field.column in reasons]
    samples = "".join(counted(f"{quoted(field.column)}::VARCHAR") for field in fields)
    ((rows, *numbers),) = trial.ask("review_columns", schema.table, {}, more_samples=samples)
    found = []
    for position, field in enumerate(fields):
        seen = values(numbers[position * WIDTH : (position + 1) * WIDTH])
        kind, why = field.type, reasons[field.column]
        if fold(field.name) not in catalog.dictionary:
            kind, why = seen.narrowest(field.column)
        found.append((replace(field, type=kind), f"{why}; such as {seen.sample}"))
    return int(str(rows)), found


def _filled(trial: Trial, schema: EventSchema) -> Mapping[str, int]:
    samples = "".join(f", count({quoted(column)})" for column in schema.by_column)
    ((_, *counts),) = trial.ask("review_columns", schema.table, {}, more_samples=samples)
    return dict(zip(schema.by_column, map(int, map(str, counts)), strict=True))


def _documents(fields: Sequence[tuple[Field, str]]) -> dict[str, object]:
    return {field.name: field_document(field, comment=why) for field, why in fields}
