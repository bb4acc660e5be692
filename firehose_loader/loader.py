"""Take a batch of fetched drops to a receipt: recognise, normalise, merge, in one transaction."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from firehose_loader.budget import UNBOUNDED, Budget
from firehose_loader.config import Config
from firehose_loader.errors import (
    DropError,
    DropsRefused,
    DropsTaken,
    DropTooBad,
    DropTooLarge,
    DropUnreadable,
    TooManyFields,
)
from firehose_loader.formats import (
    Reading,
    begins_well,
    locate,
    quotes_pair,
    recognise,
    salvage,
    settled,
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
    Salvage,
)
from firehose_loader.normalise import DropTypes, Normaliser, TextFile
from firehose_loader.personal import PersonalData
from firehose_loader.protocols import StagedBatch, Warehouse
from firehose_loader.refusals import whole_drop
from firehose_loader.route import drop_types
from firehose_loader.schema.additions import grown, in_force
from firehose_loader.schema.catalog import Catalog
from firehose_loader.schema.model import EventSchema
from firehose_loader.spool import SpoolFolder
from firehose_loader.steps import Steps

_SUFFIX = {"gzip": ".gz", "zstd": ".zst"}
_GLOB = re.compile(r"[*?\[\]{}\\]|://")
_MOST_FIELDS_TOGETHER = 400
"""The text of a batch has a column for each field name and a row for each row of any drop, so that
wide drops and long ones do not belong together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyDrop:
    """A drop whose bytes are at hand."""

    drop: Drop
    path: Path | None
    """None where it was refused before its bytes were read."""
    rules: Mapping[str, str]
    """Explicit event types of its source."""
    drift: Mapping[str, Drift] = field(default_factory=dict)
    """By event type, what becomes of unknown fields; the same for all drops of a batch."""
    confirm: Callable[[], None]
    """Raises DropChanged or DropMissing where a file read in place is not the one listed."""
    max_bytes: int | None = None
    """Most bytes that it may have when it is unpacked, if that is not the limit for all."""
    refused: DropError | None = None
    """Why it is to be set aside as a whole."""
    budget: Budget = UNBOUNDED
    """How many bad rows it may have."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of a batch, in one transaction or in several."""

    receipts: list[Receipt] = field(default_factory=list)
    transcoded: list[tuple[Drop, str]] = field(default_factory=list)
    """Drops in another encoding than UTF-8, and in which."""
    quarantined: list[tuple[Drop, Rejection]] = field(default_factory=list)
    """Drops set aside as a whole."""
    failed: list[tuple[Drop, DropError]] = field(default_factory=list)
    taken: list[Drop] = field(default_factory=list)
    """Drops that another run has loaded meanwhile."""


@dataclass(slots=True, kw_only=True)
class _File:
    """One drop of the batch while it is worked on."""

    ready: ReadyDrop
    link: Path
    """What the engine reads."""
    rows: Path
    """Where the strict parser puts what it saves."""
    reading: Reading
    content: Content | None = None
    types: DropTypes = field(default_factory=DropTypes)
    rejections: tuple[Rejection, ...] = ()


class Loader:
    """Loads batches; keeps the event schemas as the feed makes them grow."""

    def __init__(
        self, warehouse: Warehouse, catalog: Catalog, config: Config, *, run_id: str
    ) -> None:
        self._warehouse = warehouse
        self._catalog = catalog
        self._spool = config.spool
        self._limits = Limits(
            max_file_bytes=config.max_file_bytes,
            max_row_bytes=config.max_row_bytes,
            max_fields=config.max_fields,
        )
        self._run_id = run_id
        self.steps = Steps()
        """Where the time goes."""
        self.personal = PersonalData(warehouse, config)
        """What becomes of personal data."""
        schemas = in_force(catalog, warehouse.additions())
        self._schemas = {name: self.personal.as_stored(one) for name, one in schemas.items()}

    @property
    def schemas(self) -> Mapping[str, EventSchema]:
        """The schemas in force, by event type; older models by event type and model."""
        return self._schemas

    def normaliser(
        self,
        source: str,
        *,
        schemas: Mapping[str, EventSchema] | None = None,
        limits: Limits | None = None,
        drift: Mapping[str, Drift] | None = None,
    ) -> Normaliser:
        """Return what normalises a batch of one source, under the schemas in force or these."""
        stored = self._schemas
        if schemas is not None:
            stored = {name: self.personal.as_stored(one) for name, one in schemas.items()}
        return Normaliser(
            self._warehouse.engine(),
            schemas=stored,
            dictionary=self._catalog.dictionary,
            columns=self._warehouse.columns,
            limits=limits or self._limits,
            drift=drift,
            policies=self.personal.policies(source),
            row_key=self.personal.row_key,
            forgotten=self.personal.forgotten,
        )

    def learn(self, staged: StagedBatch) -> None:
        """Take over what a batch that is loaded added to event schemas."""
        for one in staged.additions:
            for name, schema in self._schemas.items():
                self._schemas[name] = grown(schema, [one.addition])

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
            self._load(
                [
                    replace(ready, refused=reasons.get(number, ready.refused))
                    for number, ready in enumerate(batch)
                ],
                outcome,
            )
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
            if isinstance(error, TooManyFields):
                self._transaction([replace(ready, refused=error)], outcome)
                return
            drop = ready.drop
            self._warehouse.record_failure(
                drop, run_id=self._run_id, error=type(error).__name__, message=str(error)
            )
            outcome.failed.append((drop, error))

    def _transaction(self, batch: Sequence[ReadyDrop], outcome: Outcome) -> None:
        with SpoolFolder(self._spool, "batch") as folder:
            size = sum(ready.drop.size_bytes for ready in batch)
            with self.steps.measured("recognise", size):
                files = [
                    self._recognised(ready, Path(folder) / str(number))
                    for number, ready in enumerate(batch)
                ]
            source, drift = batch[0].drop.source, batch[0].drift
            limits = self._limits_of(batch)
            with closing(self.normaliser(source, limits=limits, drift=drift)) as normaliser:
                held = HeldText(self.personal.policies(source), normaliser)
                with self.steps.measured("read", size):
                    self._read(files, normaliser)
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
                    self.personal.use_key(source)
                    receipt = self._warehouse.load(staged, run_id=self._run_id)
        self.learn(staged)
        outcome.receipts.append(receipt)
        outcome.transcoded += [
            (file.ready.drop, file.content.encoding)
            for file in files
            if file.content is not None and file.content.encoding != "utf-8"
        ]
        outcome.quarantined += [
            (file.ready.drop, one) for file in files for one in file.rejections if one.row is None
        ]

    def _limits_for(self, ready: ReadyDrop) -> Limits:
        """Return what holds for one drop."""
        if ready.max_bytes is None:
            return self._limits
        return replace(self._limits, max_file_bytes=ready.max_bytes)

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
                rejection.row is not None and rejection.reason is not Reason.FORGOTTEN
                for rejection in one.rejections
            )
            try:
                ready.budget.check(bad + faults.get(number, 0), of=one.parsed, at_end=True)
            except DropTooBad as error:
                hopeless[number] = replace(ready, refused=error)
        return hopeless

    def _recognised(self, ready: ReadyDrop, link: Path) -> _File:
        """Look at a drop and link it under a name that no reader takes for a glob."""
        reading = Reading(link.with_suffix(".text"))
        file = _File(ready=ready, link=link, rows=link.with_suffix(".rows"), reading=reading)
        if ready.refused is not None:
            file.rejections = (whole_drop(ready.path, ready.refused),)
            return file
        assert ready.path is not None  # noqa: S101 - there are bytes, or a reason
        try:
            limit = self._limits_for(ready).max_file_bytes
            file.content = recognise(ready.path, max_bytes=limit, reading=reading)
            if len(file.content.header) > self._limits.max_fields:
                raise TooManyFields(self._limits.max_fields)
        except (DropUnreadable, DropTooLarge) as error:
            file.content = None
            file.rejections = (whole_drop(ready.path, error),)
            return file
        file.types = drop_types(ready.drop.key, file.content, ready.rules, self._catalog)
        suffix = _SUFFIX.get(file.content.compression, "")
        if reading.text is not None:
            file.link = reading.text
        elif _is_telling(ready.path, suffix):
            file.link = ready.path.absolute()
        else:
            file.link = link.with_suffix(suffix)
            file.link.symlink_to(ready.path.absolute())
        return file

    def _read(self, files: Sequence[_File], normaliser: Normaliser) -> None:
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
        saved = [(number, self._salvaged(files[number])) for number in sorted(strict)]
        normaliser.read_salvaged([(number, one) for number, one in saved if one is not None])

    def _is_fast(self, file: _File, content: Content) -> bool:
        """Tell whether a drop is for the engine's reader."""
        size = file.reading.size
        if not content.fast or content.format is not Format.CSV or size is None:
            return content.fast
        most = self._limits.max_row_bytes
        return begins_well(file.link, content, size_bytes=size.bytes, max_row_bytes=most)

    def _salvaged(self, file: _File) -> Salvage | None:
        """Save what can be saved of a drop; None where that is nothing."""
        assert file.content is not None  # noqa: S101 - only recognised files come here
        assert file.ready.path is not None  # noqa: S101 - as above
        limit = self._limits.max_file_bytes
        try:
            file.content = settled(file.ready.path, file.content, max_bytes=limit)
            saved = salvage(
                file.ready.path,
                file.content,
                file.rows,
                self._limits_for(file.ready),
                file.ready.budget,
            )
        except (DropUnreadable, DropTooLarge, DropTooBad) as error:
            file.rejections = (whole_drop(file.ready.path, error),)
            return None
        file.rejections = saved.rejections
        return saved

    def _located(self, file: _File, rows: Collection[int]) -> Mapping[int, Position]:
        if file.content is None or file.ready.path is None:
            return {}
        return locate(
            file.ready.path,
            file.content,
            rows,
            max_row_bytes=self._limits.max_row_bytes,
        )


def _is_telling(path: Path, suffix: str) -> bool:
    """Tell whether the engine takes a path for this very file, packed as it is."""
    name = path.name.lower()
    packed = name.endswith((".gz", ".zst", ".zstd", ".bz2", ".xz", ".lz4"))
    return not _GLOB.search(str(path)) and (name.endswith(suffix) if suffix else not packed)


def _is_sound(file: TextFile) -> bool:
    """Tell whether the engine's reader can be trusted to note what it cannot take."""
    return quotes_pair(file.path, file.content)
