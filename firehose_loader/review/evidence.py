"""Hold what event schemas say against what was loaded: the feed's own word on its fields."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from firehose_loader.engine import Engine
from firehose_loader.protocols import Warehouse
from firehose_loader.review.values import WIDTH, Values, counted, values
from firehose_loader.review.verdicts import Facts, FieldEvidence, Gaps, loose, with_renames
from firehose_loader.schema.additions import Sighting, grown
from firehose_loader.schema.catalog import UNKNOWN_TYPE
from firehose_loader.schema.model import EventSchema
from firehose_loader.schema.names import fold
from firehose_loader.statements import quoted

_EXPECTED = 5
"""So many values must have been due since the last one before a field counts as gone, where the
headers of the drops do not tell."""
_DUE = 10
"""So many values must have been due in a drop before it counts as one that lacks a field: there are
more drops than fields that stop, and chance has as many goes."""


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
        spelled, current = self._spelled(schema)
        rescued, unknown = self._rescued(schema)
        silent = {
            column
            for column, (filled, last) in used.items()
            if last != newest
            and column not in current
            and last is not None
            and self._is_silent(schema, last, filled=filled, rows=cast("int", rows))
        }
        facts = Facts(
            schema=schema,
            used=used,
            silent=silent,
            spelled=spelled,
            rescued=rescued,
            sightings=self._sightings(schema),
            gaps=self._gaps(schema, [field.column for field in there], spelled),
        )
        named: Mapping[str, int] = {}
        if schema.event_type == UNKNOWN_TYPE:
            found = self._run("review_named", schema.table)
            named = dict(cast("Sequence[tuple[str, int]]", found))
        return TypeEvidence(
            schema=schema,
            rows=cast("int", rows),
            fields=with_renames([facts.evidence(field) for field in schema.fields] + unknown),
            named=named,
        )

    def _is_silent(self, schema: EventSchema, last: datetime, *, filled: int, rows: int) -> bool:
        """Tell whether a column with some values should have had more since the last one.

        The headers of CSV drops tell every field; where others came, chance has to be ruled out.
        """
        parameters = {"moment": last}
        ((since, is_csv),) = self._run("review_since", schema.table, parameters, drops=self._drops)
        before = rows - cast("int", since)
        return bool(is_csv) or filled / before * cast("int", since) >= _EXPECTED

    def _gaps(
        self, schema: EventSchema, columns: Sequence[str], spelled: Mapping[str, Sequence[str]]
    ) -> Mapping[str, Gaps]:
        """Return by column the drops that had no value of it though one was due."""
        found = self._run(
            "review_gaps",
            schema.table,
            {"names": [list(spelled.get(column, ())) for column in columns], "due": _DUE},
            drops=self._drops,
            counts=", ".join(f"count({quoted(column)})" for column in columns),
        )
        return {
            columns[cast("int", place) - 1]: Gaps(*cast("tuple[int, int, str]", numbers))
            for place, *numbers in found
        }

    def _spelled(self, schema: EventSchema) -> tuple[Mapping[str, list[str]], Collection[str]]:
        """Return by column which names drops have for it; and the columns that new drops name."""
        found: dict[str, list[str]] = {}
        current = set()
        for name, is_new in self._run("review_headers", schema.table, drops=self._drops):
            field = schema.field_of(str(name))
            if field is not None:
                found.setdefault(field.column, []).append(str(name))
                if is_new:
                    current.add(field.column)
        return found, current

    def _rescued(self, schema: EventSchema) -> tuple[Mapping[str, Values], list[FieldEvidence]]:
        """Return what ``_rescued`` holds: by column, and of fields that have none."""
        found: dict[str, Values] = {}
        unknown: dict[str, tuple[list[str], Values]] = {}
        samples = counted("said")
        for name, *numbers in self._run("review_rescued", schema.table, more_samples=samples):
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

    @property
    def _drops(self) -> str:
        return f"{quoted(self._schema_name)}.{quoted('_firehose_drops')}"

    def _run(
        self,
        name: str,
        table: str,
        parameters: Mapping[str, object] | None = None,
        **sql: str,
    ) -> Sequence[tuple[object, ...]]:
        qualified = f"{quoted(self._schema_name)}.{quoted(table)}"
        return self._engine.run(name, parameters, table=qualified, **sql)
