"""Which model of its event type a row has, where several are in force: the newest that fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from firehose_loader.normalise.casts import cast, said
from firehose_loader.normalise.match import Seen
from firehose_loader.schema.model import EventSchema, FieldType
from firehose_loader.statements import quoted


def model_of(
    base: str,
    numbers: Mapping[int, Sequence[int]],
    schemas: Sequence[EventSchema],
    fields: Iterable[Seen],
) -> str:
    """SQL of the number of a row's event type and model, in a shape as ``s``.

    Args:
        base: SQL of the number of its event type, which is that of the newest model.
        numbers: by that number, those of all its models, the newest first.
        schemas: by number.
        fields: of the shape.
    """
    held = list(fields)
    cases = []
    for newest, models in numbers.items():
        others = {number: [schemas[n] for n in models if n != number] for number in models}
        fits = " ".join(
            f"WHEN {_fits(schemas[number], others[number], held)} THEN {number}"
            for number in models
        )
        cases.append(f"WHEN {newest} THEN CASE {fits} ELSE {newest} END")
    return f"CASE {base} {' '.join(cases)} ELSE {base} END" if cases else base


def _fits(schema: EventSchema, others: Sequence[EventSchema], fields: Sequence[Seen]) -> str:
    """SQL that is true where a row has all that a model requires, and nothing of others only."""
    return " AND ".join(_conditions(schema, others, fields)) or "true"


def _conditions(
    schema: EventSchema, others: Sequence[EventSchema], fields: Sequence[Seen]
) -> Iterator[str]:
    for field in schema.fields:
        if field.required:
            filled = [one for one in fields if schema.field_of(one.name) is field]
            texts = ", ".join(f"s.{quoted(one.slot)}::VARCHAR" for one in filled)
            yield f"coalesce({texts}, NULL) IS NOT NULL" if filled else "false"
    for one in fields:
        column = f"s.{quoted(one.slot)}"
        mine = schema.field_of(one.name)
        theirs = [found for other in others if (found := other.field_of(one.name)) is not None]
        if mine is None and theirs:
            yield f"{column} IS NULL"
        elif mine is not None and any(found.type is not mine.type for found in theirs):
            kind = mine.type
            if kind is not FieldType.TEXT:
                yield f"({said(kind, column)} IS NULL OR {cast(kind, column)} IS NOT NULL)"
