"""Load drops into a database in memory, with the real recognition, normaliser and merge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager

from msgspec import Struct

from firehose_loader.batch_file import ReadyDrop
from firehose_loader.config import Config
from firehose_loader.engine import Engine, Row
from firehose_loader.loader import Loader, Outcome
from firehose_loader.model import RowCounts
from firehose_loader.review.find import in_memory
from firehose_loader.schema.additions import Addition
from firehose_loader.schema.catalog import Catalog
from firehose_loader.schema.model import EventSchema
from firehose_loader.statements import quoted
from firehose_loader.warehouse import open_warehouse


class Trial(Struct, frozen=True, kw_only=True):
    """What became of drops that were loaded on trial."""

    outcome: Outcome
    loaded: Sequence[EventSchema]
    """Each model of each event type that got rows, with what the drops added to it, in order."""
    additions: Sequence[Addition]
    """What the drops added to event schemas."""
    engine: Engine
    schema_name: str

    @property
    def rows(self) -> RowCounts:
        """What became of the rows."""
        total = RowCounts()
        for receipt in self.outcome.receipts:
            for counts in receipt.drops.values():
                total.add(counts)
        return total

    def reasons(self, schema: EventSchema) -> Mapping[str, str]:
        """Why the new columns of an event type's table have their type, by column."""
        return {
            column: sighting.why
            for addition in self.additions
            if (addition.event_type, addition.version.model)
            == (schema.event_type, schema.version.model)
            for column, sighting in addition.sightings.items()
        }

    def ask(self, name: str, table: str, parameters: Mapping[str, object], **sql: str) -> list[Row]:
        """Run a statement on one of the tables that the trial filled."""
        qualified = f"{quoted(self.schema_name)}.{quoted(table)}"
        return self.engine.run(name, parameters, table=qualified, **sql)


@contextmanager
def tried(ready: Sequence[ReadyDrop], catalog: Catalog, config: Config) -> Iterator[Trial]:
    """Load drops as one batch into an empty database that is gone afterwards."""
    config = in_memory(config)
    with closing(open_warehouse(config)) as warehouse:
        warehouse.prepare()
        loader = Loader(warehouse, catalog, config, run_id="trial")
        outcome = loader.load(ready)
        yield Trial(
            outcome=outcome,
            loaded=sorted(
                (
                    loader.stored(one)
                    for one in loader.schemas.values()
                    if warehouse.columns(one.table)
                ),
                key=lambda one: (one.event_type, one.version),
            ),
            additions=warehouse.additions(),
            engine=warehouse.engine(),
            schema_name=config.warehouse.schema_name,
        )
