"""Match the fields that a batch has with the fields that an event schema knows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from firehose_loader.normalise.casts import cast, said
from firehose_loader.privacy import PiiClass
from firehose_loader.protocols import StagedAddition
from firehose_loader.schema.additions import minted
from firehose_loader.schema.model import ENGINE_TYPES, EventSchema, Field, FieldType
from firehose_loader.schema.names import fold, snake
from firehose_loader.schema.personal import class_by_name
from firehose_loader.statements import literal, quoted

UNFIT = " unfit"
KEY = " key"
"""What is put behind a slot's name for the columns beside it."""
NEVER = "false"
"""SQL of a condition that no row fulfils."""
_ROW_ID = "rowid"
"""The engine's own name for where a row is; a column of that name would hide it."""


class Seen(Struct, frozen=True, kw_only=True):
    """One field name that occurs in a batch."""

    name: str
    """As written."""
    slot: str
    """Its column in the batch's text."""
    without: tuple[str, ...] = ()
    """Texts that only tell the event type of their row: no value of this field."""
    kind: FieldType = FieldType.TEXT
    """The type in which it was read; what does not fit that is NULL, with its text beside it."""
    fits: bool = False
    """Every value of it fits the type in which it was read: there is no text beside."""
    keyed: bool = False
    """It names the event, and its key was made when it was read."""

    @property
    def sql(self) -> str:
        """Its text, in the rows of a shape as ``r``."""
        column = f"r.{quoted(self.slot)}"
        if self.fits:
            return f"{column}::VARCHAR"
        if self.kind is not FieldType.TEXT:
            return f"coalesce({self.unfit}, {column}::VARCHAR)"
        if not self.without:
            return column
        texts = ", ".join(literal(text) for text in self.without)
        return f"CASE WHEN {column} NOT IN ({texts}) THEN {column} END"

    @property
    def unfit(self) -> str:
        """The text of a value that does not fit the type in which the field was read."""
        return f"r.{quoted(self.slot + UNFIT)}"

    @property
    def key(self) -> str:
        """SQL of the key that the field names."""
        return f"r.{quoted(self.slot + KEY)}" if self.keyed else f"firehose_key({self.sql})"

    def is_read_as(self, kind: FieldType) -> bool:
        """Tell whether it was read in a type that is not text."""
        return kind is self.kind is not FieldType.TEXT

    def value(self, kind: FieldType) -> str:
        """SQL of its value as a type; NULL where the text does not fit."""
        return f"r.{quoted(self.slot)}" if self.is_read_as(kind) else cast(kind, self.sql)

    def misfit(self, kind: FieldType) -> str:
        """SQL that is true where its text does not fit a type."""
        if self.is_read_as(kind):
            return NEVER if self.fits else f"{said(kind, self.unfit)} IS NOT NULL"
        return _misfit(kind, self.sql)


class Usage(Struct, frozen=True, kw_only=True):
    """How the rows of one event type use one field."""

    filled: int
    """Rows that have a value."""
    nested: int
    """Rows whose value is a JSON object or array."""
    first_drop: int
    """``drop_no`` of the first drop that has a value."""

    def joined(self, other: Usage) -> Usage:
        """Return the usage of the rows of both."""
        return Usage(
            filled=self.filled + other.filled,
            nested=self.nested + other.nested,
            first_drop=min(self.first_drop, other.first_drop),
        )


class Match(Struct, frozen=True, kw_only=True):
    """One event schema and where its fields come from in this batch."""

    schema: EventSchema
    addition: StagedAddition | None
    """What this batch adds to the schema, if anything."""
    sources: Mapping[str, tuple[Seen, ...]]
    """By column: the fields that may fill it, the preferred one first."""
    loose: tuple[Seen, ...]
    """Fields that have no column: unknown ones, where the schema is not to grow."""
    own_names: Mapping[str, Collection[str]]
    """By slot of a field that decides on event types: the texts in it that stand for this one."""

    def within(self, held: Mapping[str, Seen]) -> Match:
        """Return the same match as far as one shape goes, of which these are the fields by slot."""
        sources = {
            column: tuple(
                replace(held[one.slot], without=one.without) for one in of if one.slot in held
            )
            for column, of in self.sources.items()
        }
        return replace(
            self,
            sources={column: of for column, of in sources.items() if of},
            loose=tuple(
                replace(held[one.slot], without=one.without)
                for one in self.loose
                if one.slot in held
            ),
        )

    def without(self, columns: Collection[str]) -> Match:
        """Return the same match without some columns, and without what ``_rescued`` has of them."""
        schema = self.schema.without(columns)
        if schema is self.schema:
            return self
        sources = {name: of for name, of in self.sources.items() if name not in columns}
        return replace(self, schema=schema, sources=sources)

    def only_source(self, column: str) -> Seen | None:
        """Return the one field that may fill a column; None where there are more, or none."""
        sources = self.sources.get(column, ())
        return sources[0] if len(sources) == 1 else None

    def text(self, column: str) -> str:
        """SQL of a column's text: the first of its sources that has a value."""
        kind = self.schema.by_column[column].type
        return _first_text(kind, self.sources.get(column, ()))

    def value(self, column: str) -> str:
        """SQL of a column's typed value; NULL where the text does not fit."""
        field = self.schema.by_column[column]
        if column == "event_type" and (self.schema.event_type != "unknown" or self.schema.lands):
            return literal(self.schema.event_type)  # whatever way the drop spells it
        if column not in self.sources:
            return f"NULL::{ENGINE_TYPES[field.type]}"
        only = self.only_source(column)
        return only.value(field.type) if only else cast(field.type, self.text(column))

    def misfit(self, column: str) -> str:
        """SQL that is true where a column has a text that does not fit its type."""
        kind = self.schema.by_column[column].type
        only = self.only_source(column)
        return only.misfit(kind) if only else _misfit(kind, self.text(column))

    def missing(self, column: str) -> str:
        """SQL that is true where a column has no text that says anything."""
        kind = self.schema.by_column[column].type
        only = self.only_source(column)
        if only and only.is_read_as(kind):
            lacks = f"{only.value(kind)} IS NULL"
            return lacks if only.fits else f"({lacks} AND {said(kind, only.unfit)} IS NULL)"
        return f"{said(kind, self.text(column))} IS NULL"

    def casts(self) -> list[str]:
        """SQL of all texts as the types of their columns, where they were not read as these."""
        found: dict[str, None] = {}
        for column, sources in self.sources.items():
            kind = self.schema.by_column[column].type
            if kind is FieldType.TEXT:
                continue
            texts = [source.sql for source in sources if not source.is_read_as(kind)]
            texts += [_first_text(kind, sources[:few]) for few in range(2, len(sources) + 1)]
            found |= dict.fromkeys(cast(kind, text) for text in texts)
        return list(found)

    def rescued(self) -> str:
        """SQL of the texts that no column holds, as a JSON object; NULL where there are none."""
        left_over = [(source, f"{source.sql} IS NOT NULL") for source in self.loose]
        for column, sources in self.sources.items():
            kind = self.schema.by_column[column].type
            for number, source in enumerate(sources):
                if column == "event_type" and self.schema.event_type != "unknown":
                    left_over.append((source, self._names_other(source)))
                elif number or kind is not FieldType.TEXT:
                    left_over.append((source, _is_left_over(kind, source, sources[:number])))
        left_over = [(source, condition) for source, condition in left_over if condition != NEVER]
        if not left_over:
            return "NULL::JSON"
        entries = ", ".join(
            f"{{'k': {literal(source.name)}, 'v': CASE WHEN {condition} THEN {source.sql} END}}"
            for source, condition in left_over
        )
        some = " OR ".join(condition for _, condition in left_over)
        return (
            f"CASE WHEN {some} THEN to_json(map_from_entries("
            f"list_filter([{entries}], lambda e: e.v IS NOT NULL))) END"
        )

    def _names_other(self, source: Seen) -> str:
        """SQL that is true where a field that decides on event types names another than ours."""
        names = ", ".join(literal(name) for name in sorted(self.own_names.get(source.slot, ())))
        says = f"firehose_said({source.sql}) IS NOT NULL"
        # Mostly it names ours: then it need not be looked at any closer.
        return (
            f"CASE WHEN {source.sql} NOT IN ({names}) THEN {says} ELSE false END" if names else says
        )


def _first_text(kind: FieldType, sources: Sequence[Seen]) -> str:
    """SQL of the first text that says anything."""
    if not sources:
        return "NULL::VARCHAR"
    *names, last = [source.sql for source in sources]
    return (
        f"coalesce({', '.join((*(said(kind, name) for name in names), last))})" if names else last
    )


def _misfit(kind: FieldType, text: str) -> str:
    """SQL that is true where a text does not fit. Mostly all fit, at one look."""
    return (
        f"CASE WHEN {cast(kind, text)} IS NULL THEN {said(kind, text)} IS NOT NULL ELSE false END"
    )


def _is_left_over(kind: FieldType, source: Seen, preferred: Sequence[Seen]) -> str:
    """SQL that is true where a field has a text that its column does not show.

    It does not fit the type; or a preferred field has another value.
    """
    if not preferred:
        return source.misfit(kind)
    mine = cast(kind, source.sql)
    chosen = _first_text(kind, preferred)
    misfit = "" if kind is FieldType.TEXT else f"{mine} IS NULL OR "
    return (
        f"({said(kind, source.sql)} IS NOT NULL AND {source.sql} IS DISTINCT FROM {chosen} AND"
        f" ({misfit}{said(kind, chosen)} IS NOT NULL"
        f" AND {mine} IS DISTINCT FROM {cast(kind, chosen)}))"
    )


def match(  # noqa: PLR0913 - what a match depends on
    schema: EventSchema,
    seen: Sequence[Seen],
    *,
    usage: Mapping[str, Usage],
    dictionary: Mapping[str, tuple[str, FieldType]],
    existing: Callable[[], Mapping[str, FieldType | None]],
    told: Mapping[str, tuple[str, ...]],
    deciding: Collection[str],
    hashed: Collection[PiiClass],
    grows: bool,
) -> Match:
    """Tell which column each field fills; fields that no version knows become an addition.

    Args:
        schema: the newest version in force, recorded additions included.
        seen: every field of the batch.
        usage: by slot, for the fields that the schema does not know; a field that no row of this
            type uses is left out.
        dictionary: by folded spelling, the types that known fields have in every event schema.
        existing: gives the table's columns in the warehouse, with their types; None for a type that
            is none of ours.
        told: by slot of the fields that may tell event types: the texts that stand for this one.
        deciding: slots of the fields that decide on event types. Others that may tell one
            (``name``) are ordinary fields wherever they say anything else.
        hashed: the classes of personal data of which pseudonyms are stored, which are texts.
        grows: whether unknown fields get columns.
    """
    known: dict[str, list[Seen]] = {}
    unknown: dict[str, list[Seen]] = {}
    for one in seen:
        field = schema.field_of(one.name)
        if field is None or (field.column == "event_type" and one.slot not in deciding):
            if one.slot in usage and usage[one.slot].filled:
                unknown.setdefault(fold(schema.spelling(one.name)), []).append(_ordinary(one, told))
        elif field.evidence == "observed":
            known.setdefault(field.column, []).append(_ordinary(one, told))
        else:
            known.setdefault(field.column, []).append(one)

    loose = [] if grows else [one for found in unknown.values() for one in found]
    new: list[Field] = []
    reasons: dict[str, str] = {}
    taken = {*schema.by_column, *known, _ROW_ID}
    for found in unknown.values() if grows else ():
        found.sort(key=lambda one: usage[one.slot].first_drop)
        names = list(dict.fromkeys(schema.spelling(one.name) for one in found))
        kind, why = _type_of(names, found, usage, dictionary)
        if kind is not FieldType.JSON and class_by_name(names[0]) in hashed:
            kind, why = FieldType.TEXT, "its values are personal data, and hashed"
        column = _free_column(snake(names[0]), kind, taken, existing())
        taken.add(column)
        known[column] = found
        reasons[column] = why
        new.append(
            Field(
                name=names[0],
                column=column,
                type=kind,
                aliases=tuple(names[1:]),
                evidence="observed",
            )
        )

    addition = None
    if new:
        schema, made = minted(schema, new, reasons)
        first = min(usage[one.slot].first_drop for found in unknown.values() for one in found)
        addition = StagedAddition(addition=made, first_drop=first)
    return Match(
        schema=schema,
        addition=addition,
        sources={
            field.column: _by_preference(schema, field, known[field.column])
            for field in schema.fields
            if field.column in known
        },
        loose=tuple(loose),
        own_names=told,
    )


def _ordinary(one: Seen, told: Mapping[str, tuple[str, ...]]) -> Seen:
    """A field that no schema foresaw, without the texts in it that name the row's event type."""
    return replace(one, without=told.get(one.slot, ()))


def _type_of(
    names: Sequence[str],
    found: Sequence[Seen],
    usage: Mapping[str, Usage],
    dictionary: Mapping[str, tuple[str, FieldType]],
) -> tuple[FieldType, str]:
    """Type of a new column, as other event types have it, else JSON or text; and why that."""
    for name in names:
        if fold(name) in dictionary:
            _, kind = dictionary[fold(name)]
            return kind, f"{name} is {kind} wherever an event schema knows it"
    if all(usage[one.slot].nested == usage[one.slot].filled for one in found):
        return FieldType.JSON, "no event schema knows it; every value is a JSON object or array"
    return FieldType.TEXT, "no event schema knows it; text holds whatever comes"


def _free_column(
    wanted: str, kind: FieldType, taken: set[str], existing: Mapping[str, FieldType | None]
) -> str:
    """Return a column name that nothing else uses; one that exists with the same type will do."""
    column, number = wanted, 2
    while column in taken or existing.get(column, kind) is not kind:
        column, number = f"{wanted}_{number}", number + 1
    return column


def _by_preference(schema: EventSchema, field: Field, found: Sequence[Seen]) -> tuple[Seen, ...]:
    """Order fields by their spelling; of one spelling, the envelope's before the payload's."""
    order = {spelling: number for number, spelling in enumerate(field.spellings)}

    def rank(one: Seen) -> tuple[int, bool, str]:
        spelled = schema.spelling(one.name)
        return order.get(fold(spelled), len(order)), spelled != one.name, one.name

    return tuple(sorted(found, key=rank))
