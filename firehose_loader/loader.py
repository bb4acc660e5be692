"""Take a batch of fetched drops to a receipt: recognise, normalise, merge, in one transaction."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

from msgspec import Struct, field
from msgspec.structs import replace

from firehose_loader.batch_file import BatchFile, ReadyDrop, recognised
from firehose_loader.config import Config
from firehose_loader.errors import (
    DropError,
    DropsRefused,
    DropsTaken,
    DropTooBad,
    DropTooLarge,
    DropTooSlow,
    SchemaError,
    ScreenChanged,
    SpoolFull,
    TooManyFields,
)
from firehose_loader.formats import (
    Reading,
    begins_well,
    locate,
    quotes_pair,
    recognise,
    too_many_rows,
)
from firehose_loader.held_text import HeldText
from firehose_loader.model import (
    Content,
    Drift,
    Drop,
    Format,
    Limits,
    Position,
    Reason,
    Receipt,
    Rejection,
)
from firehose_loader.normalise import Normaliser, TextFile
from firehose_loader.personal import PersonalData
from firehose_loader.privacy import Screen
from firehose_loader.protocols import StagedBatch, Warehouse
from firehose_loader.route import checked_left_out, checked_retention
from firehose_loader.schema.additions import grown
from firehose_loader.schema.catalog import Catalog
from firehose_loader.schema.model import EventSchema
from firehose_loader.spool import Room, SpoolFolder
from firehose_loader.steps import Steps
from firehose_loader.time_limit import TimeLimit

_SPOILS_BATCHES = (TooManyFields, DropTooSlow, SpoolFull)
"""What drops may be guilty of together: a batch is split; one that is guilty alone is set aside."""
_MOST_OVERTAKEN = 5
"""How often in a row a batch is read again for what other processes changed meanwhile."""
_MOST_FIELDS_TOGETHER = 400
"""The text of a batch has a column for each field name and a row for each row of any drop, so that
wide drops and long ones do not belong together."""


def _nothing() -> None:
    """The warehouse is kept."""


class Outcome(Struct, kw_only=True):
    """What became of a batch, in one transaction or in several."""

    receipts: list[Receipt] = field(default_factory=list)
    transcoded: list[tuple[Drop, str]] = field(default_factory=list)
    """Drops in another encoding than UTF-8, and in which."""
    quarantined: list[tuple[Drop, Rejection]] = field(default_factory=list)
    """Drops set aside as a whole."""
    failed: list[tuple[Drop, DropError]] = field(default_factory=list)
    taken: list[Drop] = field(default_factory=list)
    """Drops that another run has loaded meanwhile."""


def tables_needed(
    warehouse: Warehouse, catalog: Catalog, config: Config
) -> Collection[EventSchema]:
    """Return the schemas in force, as the tables of a warehouse have to have them.

    Raises:
        ConfigError: what is configured of personal data or of columns cannot be.
    """
    schemas = PersonalData(warehouse, config).in_force(catalog, warehouse.additions()).values()
    if config.warehouse.land_only:
        return [one.landed() for one in schemas]
    left_out = checked_left_out(config, catalog, schemas)
    return [one.without(left_out.get(one.event_type, ())) for one in schemas]


class Loader:
    """Loads batches; keeps the event schemas as the feed makes them grow."""

    def __init__(
        self,
        warehouse: Warehouse,
        catalog: Catalog,
        config: Config,
        *,
        run_id: str,
        rest: Callable[[], None] = _nothing,
    ) -> None:
        """Take what batches go to.

        Args:
            warehouse: takes the events.
            catalog: the event schemas that are there from the start.
            config: limits, places and policies.
            run_id: under which drops are noted.
            rest: called before drops are read, for then the warehouse is not needed for a while.

        Raises:
            ConfigError: as ``PersonalData``, of what is configured.
        """
        self._config = config
        self._warehouse = warehouse
        self._rest = rest
        self._catalog = catalog
        self._limits = config.limits
        self._run_id = run_id
        self.steps = Steps()
        """Where the time goes."""
        self._retention = checked_retention(config, catalog)
        self._overtaken = 0
        self._look()
        self._lands = config.warehouse.land_only
        self._grows = config.warehouse.manage_tables and not self._lands

    def _look(self) -> None:
        """Take over what the warehouse knows of keys and event schemas; raises as ``__init__``."""
        self.personal = PersonalData(self._warehouse, self._config)
        """What becomes of personal data."""
        additions = self._warehouse.additions()
        self.fields_added = sum(len(one.fields) for one in additions)
        """How many fields the feed added to the schemas in force."""
        self.schemas = self.personal.in_force(self._catalog, additions)
        """The schemas in force, by event type; older models by event type and model."""
        self.left_out = checked_left_out(self._config, self._catalog, self.schemas.values())
        """By event type, the columns of which nothing is stored."""

    def look_again(self, error: ScreenChanged | SchemaError) -> None:
        """Take over what others changed since, for a batch that did not fit any more.

        Raises:
            ScreenChanged, SchemaError: the one given: it was so too often, or nothing has changed.
            ConfigError: another key is in use by now.
        """
        before, self._overtaken = self.schemas, self._overtaken + 1
        self._look()
        unchanged = isinstance(error, SchemaError) and self.schemas == before
        if unchanged or self._overtaken > _MOST_OVERTAKEN:
            raise error

    def normaliser(
        self,
        source: str,
        *,
        schemas: Mapping[str, EventSchema] | None = None,
        limits: Limits | None = None,
        drift: Mapping[str, Drift] | None = None,
    ) -> Normaliser:
        """Return what normalises a batch of one source, under the schemas in force or these."""
        stored = self.schemas
        if schemas is not None:
            stored = {name: self.personal.as_stored(one) for name, one in schemas.items()}
        return Normaliser(
            self._warehouse.engine(),
            schemas=stored,
            dictionary=self._catalog.dictionary,
            columns=self._warehouse.columns,
            limits=limits or self._limits,
            drift=self.drift(drift or {}, stored),
            policies=self.personal.policies(source),
            row_key=self.personal.row_key,
            screen=self.screen(),
            left_out=self.left_out,
            lands=self._lands,
        )

    def stored(self, schema: EventSchema) -> EventSchema:
        """Return a schema as the table of its events has it."""
        if self._lands:
            return schema.landed()
        return schema.without(self.left_out.get(schema.event_type, ()))

    def drift(
        self, wanted: Mapping[str, Drift], schemas: Mapping[str, EventSchema] | None = None
    ) -> Mapping[str, Drift]:
        """Return by event type what becomes of unknown fields: no column where none can be made."""
        if self._grows:
            return wanted
        names = {one.event_type for one in (schemas or self.schemas).values()}
        return {
            name: Drift.RESCUE
            if self._lands or (policy := wanted.get(name, Drift.EVOLVE)) is Drift.EVOLVE
            else policy
            for name in names
        }

    def screen(self) -> Screen:
        """Return of whom and from when nothing may be loaded now."""
        return self.personal.screen(self._retention, fields=self.fields_added)

    def learn(self, staged: StagedBatch) -> None:
        """Take over what a batch that is loaded added to event schemas."""
        self._overtaken = 0
        for one in staged.additions:
            self.fields_added += len(one.addition.fields)
            for name, schema in self.schemas.items():
                self.schemas[name] = grown(schema, [one.addition])

    def load(self, batch: Sequence[ReadyDrop]) -> Outcome:
        """Load a batch. What one drop spoils is tried again without it, so that only it fails.

        Raises:
            FatalError, TransientError: nothing more can be loaded now.
        """
        outcome = Outcome()
        self._load(batch, outcome)
        return outcome

    def _load(self, batch: Sequence[ReadyDrop], outcome: Outcome) -> None:
        try:
            self._transaction(batch, outcome)
        except DropsRefused as refused:
            reasons = refused.reasons
            told = [
                replace(ready, refused=reasons.get(number, ready.refused))
                for number, ready in enumerate(batch)
            ]
            self._load(told, outcome)
        except (ScreenChanged, SchemaError) as error:
            self.look_again(error)
            self._load(batch, outcome)  # read again, and held against what is known now
        except DropsTaken as taken:
            outcome.taken += [one.drop for one in batch if one.drop.drop_id in taken.drop_ids]
            rest = [one for one in batch if one.drop.drop_id not in taken.drop_ids]
            if rest:
                self._load(rest, outcome)
        except DropError as error:
            if len(batch) > 1:
                middle = len(batch) // 2
                self._load(batch[:middle], outcome)
                self._load(batch[middle:], outcome)
                return
            (ready,) = batch
            if isinstance(error, _SPOILS_BATCHES):
                self._transaction([replace(ready, refused=error)], outcome)
                return
            drop = ready.drop
            self._warehouse.record_failure(
                drop, run_id=self._run_id, error=type(error).__name__, message=str(error)
            )
            outcome.failed.append((drop, error))

    def _transaction(self, batch: Sequence[ReadyDrop], outcome: Outcome) -> None:
        source, drift = batch[0].drop.source, batch[0].drift
        self.personal.use_key(source)  # first: the batch is read as of what is known then
        with SpoolFolder(self._config.spool, "batch") as folder:
            size = sum(ready.drop.size_bytes for ready in batch)
            room = Room(self._config.max_spool_bytes // 4)
            with self.steps.measured("recognise", size):
                files = [
                    recognised(ready, Path(folder) / str(number), self._limits, self._catalog, room)
                    for number, ready in enumerate(batch)
                ]
            limits, interrupt = self._limits_of(batch), self._warehouse.engine().interrupt
            with closing(self.normaliser(source, limits=limits, drift=drift)) as normaliser:
                held = HeldText(self.personal.policies(source), normaliser)
                self._rest()
                with TimeLimit(self._seconds_for(batch), interrupt) as limit:
                    with self.steps.measured("read", size):
                        self._read(files, normaliser, limit, room)
                    for file in files:
                        file.rejections = held.of_rejections(file.rejections)
                    with self.steps.measured("normalise"):
                        staged = normaliser.finish(
                            [
                                (file.ready.drop, file.content, file.types, file.rejections)
                                for file in files
                            ],
                            lambda number, rows: held.of_rows(self._located(files[number], rows)),
                        )
                if hopeless := self._hopeless(staged, batch):
                    rest = [hopeless.get(n, one) for n, one in enumerate(batch)]
                    self._transaction(rest, outcome)
                    return
                with self.steps.measured("load"):
                    for file in files:
                        file.ready.confirm()
                    receipt = self._warehouse.load(staged, run_id=self._run_id, within=limit)
        self.learn(staged)
        outcome.receipts.append(receipt)
        outcome.transcoded += [
            (file.ready.drop, file.content.encoding)
            for file in files
            if file.content is not None and file.content.encoding != "utf-8"
        ]
        outcome.quarantined += [
            (of.drop, one) for of in staged.drops for one in of.rejections if one.row is None
        ]

    def _seconds_for(self, batch: Sequence[ReadyDrop]) -> float:
        """Return how long a batch may take; for one that is only told of, for ever."""
        reads = any(one.refused is None for one in batch)
        return self._config.max_drop_time.total_seconds() if reads else math.inf

    def _limits_of(self, batch: Sequence[ReadyDrop]) -> Limits:
        """Return what one transaction may hold; a batch with more fields is split up."""
        if len(batch) == 1:
            return self._limits
        most = min(_MOST_FIELDS_TOGETHER, self._limits.max_fields)
        return replace(self._limits, max_fields=most)

    def _hopeless(self, staged: StagedBatch, batch: Sequence[ReadyDrop]) -> Mapping[int, ReadyDrop]:
        """Return the drops that have more bad rows than they may, as drops that are refused."""
        found = self._warehouse.engine().run("stage_bad")
        faults = dict(cast("list[tuple[int, int]]", found))
        hopeless = {}
        for number, (one, ready) in enumerate(zip(staged.drops, batch, strict=True)):
            bad = sum(
                rejection.row is not None
                and rejection.reason not in {Reason.FORGOTTEN, Reason.EXPIRED}
                for rejection in one.rejections
            )
            try:
                if one.parsed > self._limits.max_rows:
                    raise too_many_rows(self._limits.max_rows)
                ready.budget.check(bad + faults.get(number, 0), of=one.parsed, at_end=True)
            except (DropTooBad, DropTooLarge) as error:
                hopeless[number] = replace(ready, refused=error)
        return hopeless

    def _read(
        self, files: Sequence[BatchFile], normaliser: Normaliser, limit: TimeLimit, room: Room
    ) -> None:
        """Read all files: the sound ones together, the others one by one with the strict parser."""
        fast: list[TextFile] = []
        strict: list[int] = []
        for number, file in enumerate(files):
            if file.content is None or file.content.format is Format.EMPTY:
                continue
            if not self._is_fast(file, file.content):
                strict.append(number)
                continue
            size = file.reading.size
            fast.append(
                TextFile(
                    drop_no=number,
                    path=file.link,
                    content=file.content,
                    event_type=file.types.forced or file.types.default,
                    lines=size.lines if size else 0,
                    size_bytes=size.bytes if size else file.ready.drop.size_bytes,
                )
            )
        strict += [file.drop_no for file in normaliser.read(fast, _is_sound)]
        saved = [
            (number, files[number].salvaged(self._limits, limit, room)) for number in sorted(strict)
        ]
        normaliser.read_salvaged([(number, one) for number, one in saved if one is not None])

    def _is_fast(self, file: BatchFile, content: Content) -> bool:
        """Tell whether a drop is for the engine's reader."""
        size = file.reading.size
        if not content.fast or content.format is not Format.CSV or size is None:
            return content.fast
        most = self._limits.max_row_bytes
        return begins_well(file.link, content, size_bytes=size.bytes, max_row_bytes=most)

    def located(self, path: Path, rows: Collection[int]) -> Mapping[int, Position]:
        """Find rows of a drop that the warehouse has read."""
        with SpoolFolder(self._config.spool, "batch") as folder:
            reading = Reading(Path(folder) / "0.text")
            most = self._limits.max_file_bytes
            packing = self._limits.packing
            content = recognise(path, max_bytes=most, packing=packing, reading=reading)
            return locate(path, content, rows, max_row_bytes=self._limits.max_row_bytes)

    def _located(self, file: BatchFile, rows: Collection[int]) -> Mapping[int, Position]:
        if file.content is None or file.ready.path is None:
            return {}
        most = self._limits.max_row_bytes
        return locate(file.ready.path, file.content, rows, max_row_bytes=most)


def _is_sound(file: TextFile) -> bool:
    """Tell whether the engine's reader can be trusted to note what it cannot take."""
    return quotes_pair(file.path, file.content)
