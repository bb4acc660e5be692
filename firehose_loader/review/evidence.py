"""Hold what event schemas say against what was loaded: the feed's own word on its fields."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import cast

from firehose_loader.engine import Engine
from firehose_loader.protocols import Warehouse
from firehose_loader.review.values import WIDTH, Values, counted, values
from firehose_loader.schema.additions import Sighting, grown
from firehose_loader.schema.catalog import UNKNOWN_TYPE
from firehose_loader.schema.evolve import WIDER
from firehose_loader.schema.model import EventSchema, Field, FieldType
from firehose_loader.schema.names import fold
from firehose_loader.statements import quoted

_ALIKE = 0.6
"""How alike two names are of which one may have become the other."""
_BY_WIDTH = (FieldType.NUMBER, FieldType.TIMESTAMP, FieldType.TEXT)
"""Types that another may become, the one that says most first."""


class Verdict(StrEnum):
    """How a field of a schema stands to what the feed sent."""

    CONFIRMED = "confirmed"
    RESPELLED = "spelled otherwise"
    RETYPED = "of another type"
    STOPPED = "no longer sent"
    ABSENT = "absent"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEvidence:
    """One field and what was loaded of it."""

    field: Field
    verdict: Verdict
    filled: int
    last_filled: datetime | None
    """Naive UTC: when the last row with a value was loaded."""
    spelled: tuple[str, ...]
    """Names in the drops' headers that fill it, the commonest first."""
    misfits: int
    """Values that did not fit its type; they are in ``_rescued``."""
    better_type: FieldType | None
    """A type that its column may become and that holds them too."""
    sample: str | None
    """One of the misfits, or of the values of a new field; masked."""
    sighting: Sighting | None
    """Of a new field: how it was first seen."""
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeEvidence:
    """One event type and what was loaded of it."""

    schema: EventSchema
    """In force, with what the feed added."""
    rows: int
    fields: tuple[FieldEvidence, ...]
    named: Mapping[str, int]
    """Of rows whose event type no schema has: the types that they name, with their rows."""


class Evidence:
    """Reads the event tables and the ledger of a warehouse; every question is one scan."""

    def __init__(self, warehouse: Warehouse, schema_name: str) -> None:
        self._warehouse = warehouse
        self._engine: Engine = warehouse.engine()
        self._schema_name = schema_name
        self._additions = warehouse.additions()

    def of(self, schemas: Iterable[EventSchema]) -> Iterator[TypeEvidence]:
        """Yield what was loaded of each event type that has a table."""
        for schema in schemas:
            columns = self._warehouse.columns(schema.table)
            if columns:
                yield self._type(grown(schema, self._additions), columns)

    def _type(self, schema: EventSchema, columns: Collection[str]) -> TypeEvidence:
        there = [field for field in schema.fields if field.column in columns]
        usage = "".join(
            f", count({name}), max(CASE WHEN {name} IS NOT NULL THEN _loaded_at END)"
            for name in (quoted(field.column) for field in there)
        )
        ((rows, newest, *numbers),) = self._run("review_usage", schema.table, more_counts=usage)
        used = {
            field.column: (cast("int", filled), cast("datetime | None", last))
            for field, filled, last in zip(there, numbers[::2], numbers[1::2], strict=True)
        }
        facts = _Facts(
            schema=schema,
            used=used,
            newest=cast("datetime | None", newest),
            spelled=self._spelled(schema),
            rescued=self._rescued(schema),
            sightings=self._sightings(schema),
        )
        named: Mapping[str, int] = {}
        if schema.event_type == UNKNOWN_TYPE:
            found = self._run("review_named", schema.table)
            named = dict(cast("Sequence[tuple[str, int]]", found))
        return TypeEvidence(
            schema=schema,
            rows=cast("int", rows),
            fields=_with_renames([facts.evidence(field) for field in schema.fields]),
            named=named,
        )

    def _spelled(self, schema: EventSchema) -> Mapping[str, Sequence[tuple[str, bool]]]:
        """Return by column which names of the drops' headers lead to it, and if new ones do."""
        drops = f"{quoted(self._schema_name)}.{quoted('_firehose_drops')}"
        found: dict[str, list[tuple[str, bool]]] = {}
        for name, is_new in self._run("review_headers", schema.table, drops=drops):
            field = schema.by_spelling.get(fold(str(name)))
            if field is not None:
                found.setdefault(field.column, []).append((str(name), bool(is_new)))
        return found

    def _rescued(self, schema: EventSchema) -> Mapping[str, Values]:
        """Return by column what is in ``_rescued`` under one of its names."""
        found: dict[str, Values] = {}
        for name, *numbers in self._run(
            "review_rescued", schema.table, more_samples=counted("said")
        ):
            field = schema.by_spelling.get(fold(str(name)))
            if field is not None:
                found[field.column] = values(numbers[:WIDTH])
        return found

    def _sightings(self, schema: EventSchema) -> Mapping[str, Sighting]:
        return {
            column: sighting
            for addition in self._additions
            if (addition.event_type, addition.version.model)
            == (schema.event_type, schema.version.model)
            for column, sighting in addition.sightings.items()
        }

    def _run(self, name: str, table: str, **sql: str) -> Sequence[tuple[object, ...]]:
        qualified = f"{quoted(self._schema_name)}.{quoted(table)}"
        return self._engine.run(name, None, table=qualified, **sql)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """All that was counted of one event type."""

    schema: EventSchema
    used: Mapping[str, tuple[int, datetime | None]]
    newest: datetime | None
    spelled: Mapping[str, Sequence[tuple[str, bool]]]
    rescued: Mapping[str, Values]
    sightings: Mapping[str, Sighting]

    def evidence(self, field: Field) -> FieldEvidence:
        """Return the verdict on one field."""
        filled, last = self.used.get(field.column, (0, None))
        misfits, sample, better = self._misfits(field)
        names = self.spelled.get(field.column, ())
        spelled = tuple(name for name, _ in names)
        is_sent = last == self.newest or any(is_new for _, is_new in names)
        sighting = self.sightings.get(field.column) if field.evidence == "observed" else None
        rules: tuple[tuple[Verdict, bool, Callable[[], str]], ...] = (
            (Verdict.RETYPED, misfits > 0, lambda: _retyped(field, misfits, better, sample)),
            (
                Verdict.STOPPED,
                filled > 0 and not is_sent,
                lambda: f"was filled in {filled:,} rows, in none that was loaded after {last}",
            ),
            (Verdict.NEW, sighting is not None, lambda: sighting.why if sighting else ""),
            (
                Verdict.RESPELLED,
                bool(spelled) and fold(field.name) not in map(fold, spelled),
                lambda: f"the feed spells it {', '.join(spelled)}",
            ),
            (Verdict.ABSENT, filled == 0 and not spelled, lambda: "no drop has it"),
            (Verdict.ABSENT, filled == 0, lambda: "drops have it, and never a value"),
        )
        verdict, message = next(
            ((verdict, say()) for verdict, holds, say in rules if holds),
            (Verdict.CONFIRMED, f"filled in {filled:,} rows"),
        )
        return FieldEvidence(
            field=field,
            verdict=verdict,
            filled=filled,
            last_filled=last,
            spelled=spelled,
            misfits=misfits,
            better_type=better,
            sample=sample or (sighting.sample if sighting else None),
            sighting=sighting,
            message=message,
        )

    def _misfits(self, field: Field) -> tuple[int, str | None, FieldType | None]:
        """Return how many values did not fit, one of them, and a type that holds them too."""
        found = self.rescued.get(field.column)
        if found is None or field.type is FieldType.TEXT:
            return 0, None, None
        misfits = found.count - found.fitting[field.type]
        if misfits == 0:
            return 0, None, None
        wider = [kind for kind in _BY_WIDTH if kind in WIDER[field.type]]
        better = next((kind for kind in wider if found.all_fit(kind)), None)
        return misfits, found.sample, better


def _with_renames(fields: Sequence[FieldEvidence]) -> tuple[FieldEvidence, ...]:
    """Say of a new field which one it may be under another name: one that stopped as it came."""
    stopped = {fold(one.field.name): one.field for one in fields if one.verdict is Verdict.STOPPED}
    told = []
    for one in fields:
        near = get_close_matches(fold(one.field.name), stopped, n=1, cutoff=_ALIKE)
        if one.verdict is Verdict.NEW and near:
            was = stopped[near[0]]
            message = (
                f"{one.message}; {was.name} stopped coming: if this is the same, give it the"
                f' x-column "{was.column}" and the alias "{was.name}"'
            )
            told.append(replace(one, message=message))
        else:
            told.append(one)
    return tuple(told)


def _retyped(field: Field, misfits: int, better: FieldType | None, sample: str | None) -> str:
    advice = (
        f"{better} holds them too"
        if better
        else f"what is {field.type} stays so within a model; a new model could have another type"
    )
    return f"{misfits:,} values are not {field.type}, such as {sample}; {advice}"
