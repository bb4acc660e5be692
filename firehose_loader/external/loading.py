"""Load batches whose drops a warehouse reads by itself: planned here, read and typed there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import cast

from msgspec import Struct, field

from firehose_loader.errors import DropError, SchemaError, StagedRowsLost
from firehose_loader.external.drops import ExternalDrop, Here, stretches
from firehose_loader.external.reading import Fields, Reader
from firehose_loader.loader import Loader, Outcome
from firehose_loader.model import Drift, Drop, Limits, Position
from firehose_loader.normalise.external import Plan, planned
from firehose_loader.normalise.types import UNKNOWN, EventTypes
from firehose_loader.privacy import Screen
from firehose_loader.protocols import StagedBatch, StagedDrop, StagedTable, Warehouse
from firehose_loader.protocols.external import External, TypedRows
from firehose_loader.schema.catalog import Catalog

Numbered = Mapping[int, ExternalDrop]
"""Drops that are loaded together, by their number in the batch."""
_MOST_TURNS = 20
"""Each turn of a reader is a transaction. Where there would be more, one reader has the batch."""


class Found(Struct, frozen=True, kw_only=True):
    """What the drops of a batch hold, as the warehouse read them."""

    rows: dict[int, int]
    """How many each drop has."""
    screen: Screen
    """Of whom and from when nothing could be loaded when they were read."""
    parts: list[tuple[int, Fields, set[int]]] = field(default_factory=list)
    """Number of an event type, the fields of rows of it, and the drops that have such rows."""


class ExternalLoader(Struct, frozen=True, kw_only=True):
    """Loads the batches of one source."""

    loader: Loader
    warehouse: Warehouse
    external: External
    place: str
    """The stage that leads to the source."""
    catalog: Catalog
    rules: Mapping[str, str]
    drift: Mapping[str, Drift]
    run_id: str
    limits: Limits
    here: Callable[[Sequence[Drop]], None]
    """Fetch drops and load them on this machine."""
    locate: Callable[[Drop, Collection[int]], Mapping[int, Position]]
    """Fetch a drop and find rows of it."""
    told: Callable[[Mapping[Here | None, int]], None]
    """Take in how many drops the warehouse read (None), and why others were read here."""

    def load(self, drops: Sequence[Drop]) -> Iterator[Outcome]:
        """Load a batch, oldest drop first; yield what became of what the warehouse read of it."""
        batch = {number: ExternalDrop(drop) for number, drop in enumerate(drops)}
        screen = self.loader.screen()
        if screen.people.sought or screen.retention.is_active:
            for one in batch.values():
                one.here = Here.FORGOTTEN if screen.people.sought else Here.RETENTION
            self._load_here(batch)
            return
        fields = self._reader().read(list(batch.values()), self._types())
        try:
            found = self._judged(batch, fields, screen)
            _spare_turns(batch)
            while batch:
                first = _first(batch)
                if next(iter(first.values())).here is not None:
                    self._load_here(first)
                elif (outcome := self._loaded(first, found, batch)) is None:
                    continue  # some of them are read here now
                else:
                    self.told({None: len(first)})
                    yield outcome
                batch = {number: one for number, one in batch.items() if number not in first}
        finally:
            self.external.forget([one.table for one in fields])

    def _reader(self) -> Reader:
        return Reader(
            external=self.external,
            place=self.place,
            catalog=self.catalog,
            rules=self.rules,
            spellings=self._spellings(),
            limits=self.limits,
        )

    def _types(self) -> EventTypes:
        return EventTypes(self.loader.schemas, self._spellings())

    def _spellings(self) -> Sequence[str]:
        return self.loader.schemas[UNKNOWN].by_column["event_type"].spellings

    def _load_here(self, batch: Numbered) -> None:
        self.here([one.drop for one in batch.values()])
        reasons = [one.here for one in batch.values()]
        self.told({why: reasons.count(why) for why in dict.fromkeys(reasons)})

    def _loaded(self, batch: Numbered, found: Found, rest: Numbered) -> Outcome | None:
        """Load drops together; if that fails, have them read here, and return None.

        ``rest``: they, and all that come behind them.
        """
        try:
            receipt = self.warehouse.load(self._staged(batch, found), run_id=self.run_id)
        except StagedRowsLost:
            _mark(rest, rest, Here.TRANSACTION)
            return None
        # Which of them spoils it, and by what, is found out on this machine.
        except (DropError, SchemaError):
            _mark(batch, batch, Here.TRANSACTION)
            return None
        return Outcome(receipts=[receipt])

    def _judged(self, batch: Numbered, fields: Sequence[Fields], screen: Screen) -> Found:
        """Find out which drops have rows of which event types; mark those that are not plain."""
        types = self._types()
        found = Found(rows=dict.fromkeys(batch, 0), screen=screen)
        for one in fields:
            for type_no, drops in self._present(one, found.rows).items():
                plan = self._planned(one, type_no, types)
                if plan is None:
                    _mark(batch, drops, Here.SCHEMA)
                    continue
                odd = self.external.run(
                    "external_odd",
                    {**_span(batch), "number": type_no},
                    table=one.table,
                    type_no=one.type_no,
                    plain=plan.plain,
                )
                _mark(batch, [int(str(number)) for (number,) in odd], Here.ROWS)
                found.parts.append((type_no, one, drops))
        found.parts.sort(key=lambda part: part[0])
        rows, most = found.rows.items(), self.limits.max_rows
        _mark(batch, [number for number, count in rows if not count], Here.UNREADABLE)
        _mark(batch, [number for number, count in rows if count > most], Here.SIZE)
        return found

    def _present(self, fields: Fields, parsed: dict[int, int]) -> Mapping[int, set[int]]:
        """Return the event types that rows have, with the drops of each; count the rows."""
        present: dict[int, set[int]] = {}
        found = self.external.run(
            "external_present", _span(parsed), table=fields.table, type_no=fields.type_no
        )
        for drop_no, type_no, rows in cast("list[tuple[int, int, int]]", found):
            present.setdefault(int(type_no), set()).add(int(drop_no))
            parsed[int(drop_no)] += int(rows)
        return present

    def _planned(self, fields: Fields, type_no: int, types: EventTypes) -> Plan | None:
        schema = types.schemas[type_no]
        if sum(types.newest(n) == type_no for n in range(len(types.names))) > 1:
            return None  # which of several models fits is for the engine to tell
        return planned(
            schema,
            fields.seen,
            told={
                slot: tuple(sorted(text for text, newest in texts.items() if newest == type_no))
                for slot, texts in fields.told.items()
            },
            deciding=[one.slot for one in fields.seen if types.decides(one.name)],
            rescues=self.loader.drift(self.drift).get(schema.event_type) is Drift.RESCUE,
            documents=fields.documents,
            left_out=self.loader.left_out.get(schema.event_type, ()),
        )

    def _staged(self, batch: Numbered, found: Found) -> StagedBatch:
        self.external.begin()
        types = self._types()  # what was loaded since they were judged may have made them grow
        tables: list[StagedTable] = []
        for type_no, fields, drops in found.parts:
            plan = self._planned(fields, type_no, types)
            if plan is None or drops.isdisjoint(batch):
                continue
            table = StagedTable(
                type_no=type_no,
                part=fields.number,
                schema=plan.schema,
                columns=tuple(plan.values),
                rows="",
                duplicates="",
            )
            rows = TypedRows(
                rows=fields.table,
                type_no=fields.type_no,
                values=plan.values,
                key=plan.key,
                rescued=plan.rescued,
                span=_span(batch),
            )
            tables.append(self.external.typed(len(tables), table, rows))
        loaded, version = list(batch.values()), found.screen.version
        return StagedBatch(
            drops=[
                StagedDrop(drop=one.drop, content=one.content, parsed=found.rows[number])
                for number, one in batch.items()
            ],
            tables=tables,
            event_types=[schema.event_type for schema in types.schemas],
            additions=(),
            locate=lambda number, rows: self.locate(loaded[number].drop, rows),
            gather=_nothing,
            is_there=True,
            # Types are those of now; people and times are those that rows were judged by.
            screened=version and version._replace(fields=self.loader.fields_added),
        )


def _first(batch: Numbered) -> dict[int, ExternalDrop]:
    """Return the first drops of a batch that are read in the same place."""
    few = len(next(stretches(list(batch.values()))))
    return dict(list(batch.items())[:few])


def _span(batch: Collection[int]) -> dict[str, int]:
    return {"first": min(batch), "last": max(batch)}


def _spare_turns(batch: Numbered) -> None:
    """Have all of a batch read here if plain drops and others follow each other too often."""
    if sum(1 for _ in stretches(list(batch.values()))) > _MOST_TURNS:
        _mark(batch, batch, Here.TURNS)


def _mark(batch: Numbered, numbers: Collection[int], why: Here) -> None:
    for number in numbers:
        if batch[number].here is None:
            batch[number].here = why


def _nothing() -> None:
    """All rows are where the session reads them already."""
