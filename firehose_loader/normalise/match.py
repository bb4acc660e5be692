"""Match the fields that a batch has with the fields that an event schema knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from firehose_loader.protocols import StagedAddition
from firehose_loader.schema.evolve import minted
from firehose_loader.schema.model import EventSchema, Field, FieldType
from firehose_loader.schema.names import fold, snake
from firehose_loader.statements import literal, quoted

_CASTS = {
    FieldType.TEXT: "{}",
    FieldType.INTEGER: "firehose_integer({})",
    FieldType.NUMBER: "firehose_number({})",
    FieldType.BOOLEAN: "firehose_boolean({})",
    FieldType.TIMESTAMP: "firehose_timestamp({})",
    FieldType.DATE: "firehose_date({})",
    FieldType.JSON: "firehose_json({})",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One field name that occurs in a batch."""

    name: str
    """As written."""
    slot: str
    """Its column in the batch's text."""

    @property
    def sql(self) -> str:
        """The column, quoted, in ``staged_rows`` as ``r``."""
        return f"r.{quoted(self.slot)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How the rows of one event type use one field."""

    filled: int
    """Rows that have a value."""
    nested: int
    """Rows whose value is a JSON object or array."""
    first_drop: int
    """``drop_no`` of the first drop that has a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One event schema and where its fields come from in this batch."""

    schema: EventSchema
    addition: StagedAddition | None
    """What this batch adds to the schema, if anything."""
    sources: Mapping[str, tuple[Seen, ...]]
    """By column: the fields that may fill it, the preferred one first."""
    own_names: Mapping[str, Collection[str]]
    """By slot of a field that tells event types: the texts in it that stand for this one."""

    def text(self, column: str) -> str:
        """SQL of a column's text: the first of its sources that has a value."""
        names = [source.sql for source in self.sources.get(column, ())]
        if not names:
            return "NULL::VARCHAR"
        return names[0] if len(names) == 1 else f"coalesce({', '.join(names)})"

    def value(self, column: str) -> str:
        """SQL of a column's typed value; NULL where the text does not fit."""
        field = self.schema.by_column[column]
        if column == "event_type" and self.schema.event_type != "unknown":
            return literal(self.schema.event_type)  # whatever way the drop spells it
        if column not in self.sources:
            return f"NULL::{engine_type(field.type)}"
        return cast(field.type, self.text(column))

    def misfit(self, column: str) -> str:
        """SQL that is true where a column has a text that does not fit its type."""
        return f"({self.text(column)} IS NOT NULL AND {self.value(column)} IS NULL)"

    def rescued(self) -> str:
        """SQL of the texts that no column holds, as a JSON object; NULL where there are none."""
        kept: list[tuple[str, str, str]] = []
        for column, sources in self.sources.items():
            field = self.schema.by_column[column]
            if column == "event_type":
                kept += [
                    (source.name, self._names_other(source), source.sql)
                    for source in sources
                    if self.schema.event_type != "unknown"
                ]
                continue
            if field.type is not FieldType.TEXT:
                kept.append((sources[0].name, self.misfit(column), self.text(column)))
            for number, source in enumerate(sources[1:], start=1):
                earlier = ", ".join(other.sql for other in sources[:number])
                chosen = f"coalesce({earlier})" if number > 1 else earlier
                differs = (
                    f"{cast(field.type, source.sql)} IS DISTINCT FROM {cast(field.type, chosen)}"
                )
                condition = f"({source.sql} IS NOT NULL AND {chosen} IS NOT NULL AND {differs})"
                kept.append((source.name, condition, source.sql))
        if not kept:
            return "NULL::JSON"
        entries = ", ".join(
            f"{{'k': {literal(name)}, 'v': CASE WHEN {condition} THEN {text} END}}"
            for name, condition, text in kept
        )
        some = " OR ".join(condition for _, condition, _ in kept)
        return (
            f"CASE WHEN {some} THEN to_json(map_from_entries("
            f"list_filter([{entries}], lambda e: e.v IS NOT NULL))) END"
        )

    def _names_other(self, source: Seen) -> str:
        """SQL that is true where a field that tells event types says something else than ours."""
        names = ", ".join(literal(name) for name in sorted(self.own_names.get(source.slot, ())))
        return f"{source.sql} NOT IN ({names})" if names else f"{source.sql} IS NOT NULL"


def engine_type(kind: FieldType) -> str:
    """Return the engine's name of a type."""
    return {
        FieldType.TEXT: "VARCHAR",
        FieldType.INTEGER: "BIGINT",
        FieldType.NUMBER: "DOUBLE",
        FieldType.BOOLEAN: "BOOLEAN",
        FieldType.TIMESTAMP: "TIMESTAMP",
        FieldType.DATE: "DATE",
        FieldType.JSON: "JSON",
    }[kind]


def cast(kind: FieldType, text: str) -> str:
    """SQL of a text as a type; NULL where it does not fit."""
    return _CASTS[kind].format(text)


def match(  # noqa: PLR0913 - what a match depends on
    schema: EventSchema,
    seen: Sequence[Seen],
    *,
    usage: Mapping[str, Usage],
    dictionary: Mapping[str, tuple[str, FieldType]],
    existing: Mapping[str, FieldType | None],
    told: Mapping[str, Collection[str]],
) -> Match:
    """Tell which column each field fills; fields that no version knows become an addition.

    Args:
        schema: the newest version in force, recorded additions included.
        seen: every field of the batch.
        usage: by slot, for the fields that the schema does not know; a field that no row of this
            type uses is left out.
        dictionary: by folded spelling, the types that known fields have in every event schema.
        existing: the table's columns in the warehouse, with their types; None for a type that is
            none of ours.
        told: by slot of the fields that tell event types in this batch: the texts that stand for
            this one. A field that could tell types (``name``) and tells none is an ordinary one.
    """
    known: dict[str, list[Seen]] = {}
    unknown: dict[str, list[Seen]] = {}
    for one in seen:
        field = schema.by_spelling.get(fold(one.name))
        if field is not None and field.column == "event_type" and one.slot not in told:
            field = None
        if field is not None:
            known.setdefault(field.column, []).append(one)
        elif one.slot in usage and usage[one.slot].filled:
            unknown.setdefault(snake(one.name), []).append(one)

    new: list[Field] = []
    taken = {*schema.by_column, *known}
    for wanted, found in unknown.items():
        kind = _type_of(found, usage, dictionary)
        column = _free_column(wanted, kind, taken, existing)
        taken.add(column)
        known[column] = found
        new.append(
            Field(
                name=found[0].name,
                column=column,
                type=kind,
                aliases=tuple(one.name for one in found[1:]),
            )
        )

    addition = None
    if new:
        schema, made = minted(schema, new)
        first = min(usage[one.slot].first_drop for found in unknown.values() for one in found)
        addition = StagedAddition(addition=made, first_drop=first)
    return Match(
        schema=schema,
        addition=addition,
        sources={
            field.column: _by_preference(field, known[field.column])
            for field in schema.fields
            if field.column in known
        },
        own_names=told,
    )


def _type_of(
    found: Sequence[Seen],
    usage: Mapping[str, Usage],
    dictionary: Mapping[str, tuple[str, FieldType]],
) -> FieldType:
    """Type of a new column: what other event types call by that name, else JSON or text."""
    for one in found:
        if fold(one.name) in dictionary:
            return dictionary[fold(one.name)][1]
    nested = all(usage[one.slot].nested == usage[one.slot].filled for one in found)
    return FieldType.JSON if nested else FieldType.TEXT


def _free_column(
    wanted: str, kind: FieldType, taken: set[str], existing: Mapping[str, FieldType | None]
) -> str:
    """Return a column name that nothing else uses; one that exists with the same type will do."""
    column, number = wanted, 2
    while column in taken or existing.get(column, kind) is not kind:
        column, number = f"{wanted}_{number}", number + 1
    return column


def _by_preference(field: Field, found: Sequence[Seen]) -> tuple[Seen, ...]:
    order = {spelling: number for number, spelling in enumerate(field.spellings)}
    return tuple(sorted(found, key=lambda one: (order.get(fold(one.name), len(order)), one.name)))
