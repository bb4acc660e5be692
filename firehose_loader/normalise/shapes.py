"""The shapes of a batch: rows with the same fields, in a temporary table of their own.

A field whose type every event schema agrees on is read as that type at once; beside it stands the
text of what does not fit. All others are kept as text until the event type of the row is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from firehose_loader.engine import Engine
from firehose_loader.errors import TooManyFields
from firehose_loader.normalise.casts import cast
from firehose_loader.normalise.match import KEY, UNFIT, Seen
from firehose_loader.schema.model import ENGINE_TYPES, EventSchema, FieldType
from firehose_loader.schema.names import fold
from firehose_loader.statements import quoted

_WIDE = 200
"""Salvaged drops with more fields do not share a table with others, whose rows they would widen."""
_READ_AS_TEXT = {FieldType.TEXT, FieldType.JSON}
SHAPE_SEQS = 1 << 40
"""More rows than a shape can have: row ``n`` of shape ``s`` has the ``seq`` s * SHAPE_SEQS + n."""


class Shape(Struct, kw_only=True):
    """Rows of a batch that have the same fields."""

    number: int
    numbered: bool
    """Its rows bring their number in the drop, in ``_row``; elsewhere it follows from their place.
    """
    fields: dict[str, Seen] = field(default_factory=dict)
    """By slot."""
    aids: list[str] = field(default_factory=list)
    """Small tables that its view needs."""

    @property
    def table(self) -> str:
        """Its temporary table: file, row number if it has one, and a column per slot."""
        return quoted(f"staged_{self.number}")

    @property
    def rows(self) -> str:
        """The view of its rows with their drop and event type."""
        return quoted(f"staged_rows_{self.number}")

    @property
    def again(self) -> str:
        """The table of those rows of the view that are duplicates, once these are gathered."""
        return quoted(f"staged_again_{self.number}")

    @property
    def first_seq(self) -> int:
        """The ``seq`` of its first row."""
        return self.number * SHAPE_SEQS

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Quoted name and type of every column that holds fields."""
        return [column for one in self.fields.values() for column in columns(one)]

    @property
    def is_empty(self) -> str:
        """SQL that tells a row without any value."""
        return " AND ".join(f"{name} IS NULL" for name, _ in self.columns)

    def is_deep(self, most: int) -> str:
        """SQL that tells a row that may be nested deeper than ``most``."""
        texts = [name for name, kind in self.columns if kind == "VARCHAR"]
        return " OR ".join(f"firehose_is_deep({name}, {most})" for name in texts) or "FALSE"


def columns(one: Seen) -> list[tuple[str, str]]:
    """Return the quoted columns of one field, with their types."""
    found = [(quoted(one.slot), ENGINE_TYPES[one.kind])]
    if one.kind is not FieldType.TEXT:
        found.append((quoted(one.slot + UNFIT), "VARCHAR"))
    if one.keyed:
        found.append((quoted(one.slot + KEY), "UUID"))
    return found


def reading(fields: Iterable[Seen], texts: Iterable[str]) -> tuple[str, str, str]:
    """SQL that reads fields: the columns they go into, their values, and what these are made of.

    The values are taken from a query that gives the last part; each begins with a comma.
    """
    into, values, sources = "", "", ""
    for number, (one, text) in enumerate(zip(fields, texts, strict=True)):
        into += "".join(f", {name}" for name, _ in columns(one))
        sources += f", {text} AS t{number}"
        if one.kind is FieldType.TEXT:
            values += f", t{number}"
        else:
            sources += f", {cast(one.kind, text)} AS v{number}"
            values += f", v{number}, CASE WHEN v{number} IS NULL THEN t{number} END"
        if one.keyed:
            values += f", firehose_key(t{number})"
    return into, values, sources


class Kinds:
    """Tells in which type a field can be read before the event types of the rows are known."""

    def __init__(
        self,
        schemas: Mapping[str, EventSchema],
        dictionary: Mapping[str, tuple[str, FieldType]],
    ) -> None:
        self._schemas = tuple(schemas.values())
        self._dictionary = dictionary

    def of(self, fields: Sequence[Seen]) -> list[Seen]:
        """Return the fields of a shape, each with the type in which it is read.

        That is text where event types differ about it, where several fields of the shape may fill
        one column, for then the other's text must be kept whole, and where text is wanted.
        """
        meanings = [self._meanings(one) for one in fields]
        fillers: dict[tuple[int, str], int] = {}
        for meaning in meanings:
            for place in meaning:
                fillers[place] = fillers.get(place, 0) + 1
        return [
            self._read(one)
            if all(fillers[place] == 1 for place in meaning)
            else replace(one, kind=FieldType.TEXT, keyed=False)
            for one, meaning in zip(fields, meanings, strict=True)
        ]

    def _meanings(self, one: Seen) -> list[tuple[int, str]]:
        """Return the column that a field may fill, for each event schema by its place."""
        return [
            (
                place,
                found.column if (found := schema.field_of(one.name)) else self._new(schema, one),
            )
            for place, schema in enumerate(self._schemas)
        ]

    def _new(self, schema: EventSchema, one: Seen) -> str:
        """Return what stands for the column that an event schema does not have yet."""
        return f" {fold(schema.spelling(one.name))}"

    def _read(self, one: Seen) -> Seen:
        kinds = {self._kind(schema, one) for schema in self._schemas}
        kind = kinds.pop() if len(kinds) == 1 else FieldType.TEXT
        keyed = all(
            (found := schema.field_of(one.name)) is not None
            and found.type is FieldType.TEXT
            and schema.key == (found.column,)
            for schema in self._schemas
        )
        return replace(one, kind=FieldType.TEXT if kind in _READ_AS_TEXT else kind, keyed=keyed)

    def _kind(self, schema: EventSchema, one: Seen) -> FieldType:
        """Return the type that a field has, or would have if it were added."""
        found = schema.field_of(one.name)
        if found is not None:
            return found.type
        return self._dictionary.get(fold(schema.spelling(one.name)), ("", FieldType.TEXT))[1]


class Shapes:
    """The shapes of one batch, made as its drops need them."""

    def __init__(
        self, engine: Engine, kinds: Kinds, named: Callable[[str], str], *, max_fields: int
    ) -> None:
        """Take what a name of the drops is called, if that is not what they call it."""
        self._engine = engine
        self._kinds = kinds
        self._named = named
        self._max_fields = max_fields
        self._seen: dict[str, Seen] = {}
        self._shapes: dict[tuple[bool, frozenset[str]], Shape] = {}

    def __iter__(self) -> Iterator[Shape]:
        """Yield every shape."""
        return iter(self._shapes.values())

    @property
    def seen(self) -> tuple[Seen, ...]:
        """Every field name of the batch, in order of first sight."""
        return tuple(self._seen.values())

    def fields(self, names: Sequence[str]) -> list[Seen]:
        """Return the fields of a header; a name that stands in it twice gets a number behind it.

        Raises:
            TooManyFields: the batch would have more than it may.
        """
        if len(self._seen) + len(set(names) - self._seen.keys()) > self._max_fields:
            raise TooManyFields(self._max_fields)
        fields = []
        used: set[str] = set()
        for name in names:
            unique, number = name, 2
            while unique in used:
                unique, number = f"{name} {number}", number + 1
            used.add(unique)
            if unique not in self._seen:
                slot = f"f{len(self._seen)}"
                told = self._named(unique.replace("\0", "\\0"))
                self._seen[unique] = Seen(name=told, slot=slot)
            fields.append(self._seen[unique])
        return fields

    def of(self, fields: Sequence[Seen]) -> Shape:
        """Return the shape that has these fields, made where it is new."""
        slots = frozenset(one.slot for one in fields)
        shape = self._shapes.get((False, slots))
        return shape or self._new(slots, self._kinds.of(fields), numbered=False)

    def salvaged(self, fields: Sequence[Seen]) -> Shape:
        """Return a shape that has these fields, all as text, among others.

        Damaged drops are few, and their fields seldom quite the same: they share a table.
        """
        is_wide = len(fields) > _WIDE
        slots = frozenset(one.slot for one in fields if is_wide)
        shape = self._shapes.get((True, slots)) or self._new(slots, [], numbered=True)
        for one in fields:
            if one.slot not in shape.fields:
                shape.fields[one.slot] = one
                for name, kind in columns(one):
                    self._engine.run("stage_column", table=shape.table, column=f"{name} {kind}")
        return shape

    def settle(self) -> None:
        """Note in which fields everything fits the type in which it was read: mostly in all."""
        for shape in self:
            typed = [one for one in shape.fields.values() if one.kind is not FieldType.TEXT]
            if typed:
                counts = ", ".join(f"count({quoted(one.slot + UNFIT)})" for one in typed)
                (unfit,) = self._engine.run("stage_unfit", table=shape.table, counts=counts)
                shape.fields |= {
                    one.slot: replace(one, fits=not count)
                    for one, count in zip(typed, unfit, strict=True)
                }

    def close(self) -> None:
        """Give their memory back."""
        for shape in self:
            self._engine.run("stage_forget_rows", view=shape.rows)
            for table in (shape.table, *shape.aids):
                self._engine.run("stage_forget", table=table)
        self._shapes.clear()

    def _new(self, slots: frozenset[str], fields: Sequence[Seen], *, numbered: bool) -> Shape:
        shape = Shape(
            number=len(self._shapes), numbered=numbered, fields={one.slot: one for one in fields}
        )
        self._shapes[numbered, slots] = shape
        self._engine.run(
            "stage_shape",
            table=shape.table,
            more_definitions=", _row BIGINT" * numbered
            + "".join(f", {name} {kind}" for name, kind in shape.columns),
        )
        return shape
