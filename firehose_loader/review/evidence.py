"""Hold what event schemas say against what was loaded: the feed's own word on its fields."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import Struct

from firehose_loader.protocols import TableEvidence, TableUsage, Warehouse
from firehose_loader.review.values import WIDTH, Values, counted, values
from firehose_loader.review.verdicts import Facts, FieldEvidence, loose, with_renames
from firehose_loader.schema.additions import Sighting, grown
from firehose_loader.schema.catalog import UNKNOWN_TYPE
from firehose_loader.schema.model import EventSchema
from firehose_loader.schema.names import fold

_EXPECTED = 5
"""So many values must have been due since the last one before a field counts as gone, where the
headers of the drops do not tell."""
_DUE = 10
"""So many values must have been due in a drop before it counts as one that lacks a field: there are
more drops than fields that stop, and chance has as many goes."""


class TypeEvidence(Struct, frozen=True, kw_only=True):
    """One event type and what was loaded of it."""

    schema: EventSchema
    """In force, with what the feed added."""
    rows: int
    fields: tuple[FieldEvidence, ...]
    named: Mapping[str, int]
    """Of rows whose event type no schema has: the types that they name, with their rows."""


class Evidence:
    """Reads the event tables and the ledger of a warehouse."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._additions = warehouse.additions()

    def of(self, schemas: Iterable[EventSchema]) -> Iterator[TypeEvidence]:
        """Yield what was loaded of each event type that has a table."""
        for schema in schemas:
            columns = self._warehouse.columns(schema.table)
            if columns:
                yield self._type(grown(schema, self._additions), columns)

    def _type(self, schema: EventSchema, columns: Collection[str]) -> TypeEvidence:
        table = self._warehouse.evidence(schema.table)
        there = [field.column for field in schema.fields if field.column in columns]
        usage = table.usage(there)
        spelled, current = _spelled(schema, table)
        rescued, unknown = self._rescued(schema, table)
        facts = Facts(
            schema=schema,
            used=usage.columns,
            silent=_silent(table, usage, current),
            spelled=spelled,
            rescued=rescued,
            sightings=self._sightings(schema),
            gaps=table.gaps({column: spelled.get(column, ()) for column in there}, due=_DUE),
        )
        return TypeEvidence(
            schema=schema,
            rows=usage.rows,
            fields=with_renames([facts.evidence(field) for field in schema.fields] + unknown),
            named=table.named_types() if schema.event_type == UNKNOWN_TYPE else {},
        )

    def _rescued(
        self, schema: EventSchema, table: TableEvidence
    ) -> tuple[Mapping[str, Values], list[FieldEvidence]]:
        """Return what ``_rescued`` holds: by column, and of fields that have none."""
        found: dict[str, Values] = {}
        unknown: dict[str, tuple[list[str], Values]] = {}
        texts = self._warehouse.engine().run(
            "review_rescued", table=table.rescued(), more_samples=counted("said")
        )
        for name, *numbers in texts:
            seen = values(numbers[:WIDTH])
            field = schema.field_of(str(name))
            if field is not None:
                found[field.column] = seen + found.get(field.column)
            else:
                names, others = unknown.get(fold(str(name)), ([], None))
                unknown[fold(str(name))] = ([*names, str(name)], seen + others)
        return found, [loose(schema, names, seen) for names, seen in unknown.values()]

    def _sightings(self, schema: EventSchema) -> Mapping[str, Sighting]:
        return {
            column: sighting
            for addition in self._additions
            if (addition.event_type, addition.version.model)
            == (schema.event_type, schema.version.model)
            for column, sighting in addition.sightings.items()
        }


def _silent(table: TableEvidence, usage: TableUsage, current: Collection[str]) -> set[str]:
    """Return the columns with some values that should have had more since the last one.

    The headers of CSV drops tell every field; where others came, chance has to be ruled out.
    """
    found = set()
    for column, (filled, last) in usage.columns.items():
        if last is None or last == usage.newest or column in current:
            continue
        since, is_csv = table.loaded_since(last)
        if is_csv or filled / (usage.rows - since) * since >= _EXPECTED:
            found.add(column)
    return found


def _spelled(
    schema: EventSchema, table: TableEvidence
) -> tuple[Mapping[str, list[str]], Collection[str]]:
    """Return by column which names drops have for it; and the columns that new drops name."""
    found: dict[str, list[str]] = {}
    current = set()
    for name, is_new in table.headers():
        field = schema.field_of(name)
        if field is not None:
            found.setdefault(field.column, []).append(name)
            if is_new:
                current.add(field.column)
    return found, current
