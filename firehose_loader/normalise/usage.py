"""Which event types occur in a shape, and how they use the fields that may be new to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from firehose_loader.engine import Engine, in_parts
from firehose_loader.normalise.match import UNFIT, Seen, Usage
from firehose_loader.normalise.shapes import Shape
from firehose_loader.normalise.types import EventTypes, TypeSpellings
from firehose_loader.schema.model import FieldType
from firehose_loader.statements import literal, quoted

_COUNT = "count({0})"
_LOOKS = (
    "count_if(CASE WHEN firehose_may_be_json({0}) THEN json_valid({0}) ELSE false END)",
    "min(CASE WHEN {0} IS NOT NULL THEN drop_no END)",
)
"""What is asked of a field that may get a column: how many are nested, and the first drop."""


def used(
    engine: Engine, shape: Shape, types: EventTypes, spellings: TypeSpellings
) -> dict[int, dict[str, Usage]]:
    """Return by event type that occurs in a shape how it uses fields that it may not know.

    A field that no row of an event type has a value in is left out.
    """
    texts = {
        one.slot: _text(one, types.told(spellings.get(one.slot, {})))
        for one in shape.fields.values()
        if not _known_to_all(one, types)
    }
    filled = _counted(engine, shape, texts, [_COUNT])
    new = {
        slot: text
        for slot, text in texts.items()
        if any(
            of[slot][0] and _is_new(shape.fields[slot], types, number)
            for number, of in filled.items()
        )
    }
    looks = _counted(engine, shape, new, _LOOKS) if new else {}
    return {
        number: {
            slot: Usage(filled=of[slot][0], nested=nested, first_drop=first)
            for slot, (nested, first) in looks.get(number, {}).items()
            if of[slot][0]
        }
        for number, of in filled.items()
    }


def _counted(
    engine: Engine, shape: Shape, texts: Mapping[str, str], counts: Sequence[str]
) -> dict[int, dict[str, list[int]]]:
    """Return by event type and slot what these counts of a field's text give."""
    counted: dict[int, dict[str, list[int]]] = {}
    for few in in_parts(list(texts.items())):
        more = "".join(f", {count.format(text)}" for _, text in few for count in counts)
        found = engine.run("stage_usage", rows=shape.rows, more_counts=more)
        for type_no, *numbers in sorted(cast("list[tuple[int, ...]]", found)):
            of = counted.setdefault(type_no, {})
            for place, (slot, _) in enumerate(few):
                of[slot] = numbers[place * len(counts) : (place + 1) * len(counts)]
    return counted


def _known_to_all(one: Seen, types: EventTypes) -> bool:
    fields = [schema.field_of(one.name) for schema in types.schemas]
    return all(
        field is not None and (field.column != "event_type" or types.decides(one.name))
        for field in fields
    )


def _is_new(one: Seen, types: EventTypes, number: int) -> bool:
    """Tell whether an event type may have no column for a field."""
    field = types.schemas[number].field_of(one.name)
    return field is None or field.column == "event_type"


def _text(one: Seen, told: Sequence[tuple[int, str]]) -> str:
    """SQL of a field's text where it does more than name the event type of its row."""
    column = quoted(one.slot)
    if one.fits:
        return f"{column}::VARCHAR"
    if one.kind is not FieldType.TEXT:
        return f"coalesce({quoted(one.slot + UNFIT)}, {column}::VARCHAR)"
    if not told:
        return column
    names = ", ".join(f"({number}, {literal(text)})" for number, text in told)
    return f"CASE WHEN (type_no, {column}) NOT IN ({names}) THEN {column} END"
