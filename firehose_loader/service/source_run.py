"""One source in one run: list, fetch and load, beside other sources."""

from __future__ import annotations

import time
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from firehose_loader.batch_file import ReadyDrop
from firehose_loader.batches import fetched_ahead, in_batches
from firehose_loader.config import Portions, RemoteSource, Source
from firehose_loader.errors import DropTooLarge, FirehoseError
from firehose_loader.external import MOST_FILES, ExternalLoader
from firehose_loader.fetch import Fetched
from firehose_loader.loader import Loader, Outcome
from firehose_loader.model import Drift, Drop, Limits, Position
from firehose_loader.protocols import External, Known, Listing, Notices, Storage, Warehouse
from firehose_loader.retry import RetryPolicy
from firehose_loader.schema.catalog import Catalog
from firehose_loader.service.after import AfterLoading
from firehose_loader.service.inbox import Inbox
from firehose_loader.service.tally import Tally
from firehose_loader.service.turns import Turns
from firehose_loader.spool import SharedRoom
from firehose_loader.storage import open_notices, open_storage
from firehose_loader.storage.retrying import RetryingStorage
from firehose_loader.time_limit import RunTime
from firehose_loader.watch import Discovery


class SourceRun(Struct, frozen=True, kw_only=True):
    """One source in one run. Works in a thread of its own; the warehouse is used in turns."""

    source: Source
    portions: Portions
    limits: Limits
    rules: Mapping[str, str]
    drift: Mapping[str, Drift]
    loader: Loader
    catalog: Catalog
    warehouse: Warehouse
    turns: Turns
    tally: Tally
    time: RunTime
    """How long further batches may be begun."""
    room: SharedRoom
    """What downloads of all sources may take."""
    run_id: str
    everything: bool
    """List all that there is, not only what ``prefix`` narrows it to."""

    def __call__(self) -> None:
        """Load what is new; what went wrong is in the tally."""
        policy = RetryPolicy(sleep=self.turns.sleep, go_on=self.turns.go_on)
        if isinstance(self.source, RemoteSource):
            policy = replace(policy, unasked_seconds=self.source.timeout)
        try:
            with closing(RetryingStorage(open_storage(self.source), policy)) as storage:
                if (notices := self._notices()) is None:
                    self._load_new(storage, None)
                else:
                    with closing(notices):
                        self._load_told(storage, notices, policy)
                self._after(storage)
        except FirehoseError as error:
            self.turns.take(partial(self.tally.failed, error))

    def _notices(self) -> Notices | None:
        return None if self.everything else open_notices(self.source)

    def _load_told(self, storage: Storage, notices: Notices, policy: RetryPolicy) -> None:
        """Load what a queue tells of; what is in the ledger leaves the queue, the rest stays."""
        inbox = Inbox(notices, storage, policy, self.portions.fetch_threads)
        self._load_new(storage, inbox.drops())
        inbox.acknowledge(self.tally.failed_drops)
        if inbox.foreign:
            self.turns.take(partial(self.tally.foreign, inbox.foreign))

    def _load_new(self, storage: Storage, told: Iterable[Drop] | None) -> None:
        """List, fetch and load. The next batch is fetched while one is loaded."""
        with closing(self._discover(storage, told)) as new:
            if (external := self.warehouse.external()) is not None:
                self._load_external(storage, external, new)
                return
            fetched = fetched_ahead(
                storage,
                in_batches(new, self.portions),
                self.portions,
                self.room,
                result=self.turns.result,
            )
            with closing(fetched):
                batch = self._next(fetched)
                while batch:
                    self.turns.take(partial(self._load, storage, batch))
                    if batch := self._next(fetched):
                        self.time.check()  # behind a batch, so that each run gets somewhere

    def _load_external(self, storage: Storage, external: External, new: Iterable[Drop]) -> None:
        """Have the warehouse read what is plain; fetch and load the rest."""
        place = self.turns.take(partial(external.place, self.source.name, self.source.url))
        few = replace(self.portions, batch_files=min(self.portions.batch_files, MOST_FILES))
        loader = ExternalLoader(
            loader=self.loader,
            warehouse=self.warehouse,
            external=external,
            place=place,
            catalog=self.catalog,
            rules=self.rules,
            drift=self.drift,
            run_id=self.run_id,
            limits=replace(self.limits, max_file_bytes=self.portions.max_file_bytes),
            here=partial(self._load_here, storage),
            locate=partial(self._locate, storage),
            told=self.tally.read,
        )
        for number, drops in enumerate(in_batches(new, few)):
            if number:
                self.time.check()  # behind a batch, so that each run gets somewhere
            self.turns.take(partial(self._load_batch, loader, drops))

    def _load_batch(self, loader: ExternalLoader, drops: Sequence[Drop]) -> None:
        keys = {drop.drop_id: drop.key for drop in drops}
        started = time.monotonic()
        for outcome in loader.load(drops):
            self.tally.loaded(outcome, keys, time.monotonic() - started)
            started = time.monotonic()

    def _load_here(self, storage: Storage, drops: Sequence[Drop]) -> None:
        with closing(fetched_ahead(storage, [drops], self.portions, self.room)) as fetched:
            for batch in fetched:
                self._load(storage, batch)

    def _locate(
        self, storage: Storage, drop: Drop, rows: Collection[int]
    ) -> Mapping[int, Position]:
        """Find rows of a drop that the warehouse read."""
        with closing(fetched_ahead(storage, [[drop]], self.portions, self.room)) as fetched:
            (one,) = next(fetched)  # not all: its file is gone behind that
            if one.error is not None:
                raise one.error
            return self.loader.located(one.path, rows) if one.path else {}

    def _next(self, fetched: Iterator[Sequence[Fetched]]) -> Sequence[Fetched]:
        """Return the next batch once it is there; empty when there is none."""
        with self.loader.steps.measured("wait for drops"):
            return next(fetched, ())

    def _after(self, storage: Storage) -> None:
        AfterLoading(
            source=self.source,
            portions=self.portions,
            storage=storage,
            warehouse=self.warehouse,
            turns=self.turns,
            tally=self.tally,
            run_id=self.run_id,
        ).work()

    def _discover(self, storage: Storage, told: Iterable[Drop] | None) -> Generator[Drop]:
        lister = _ListerInTurn(self.warehouse, self.turns)
        discovery = Discovery(
            self.source,
            storage,
            lister,
            now=datetime.now(UTC),
            everything=self.everything,
            told=told,
        )
        new = discovery.new()
        if storage.traits.partial_files_visible:
            self.turns.take(
                lambda: self.warehouse.record_held(
                    self.source.name, discovery.unsettled, run_id=self.run_id
                )
            )
        self.turns.take(lambda: self.tally.listed(discovery.counts))
        return new

    def _load(self, storage: Storage, fetched: Sequence[Fetched]) -> None:
        """Load what was fetched; what could not be fetched goes to the ledger as failed."""
        started = time.monotonic()
        ready = [
            ReadyDrop(
                drop=one.drop,
                path=one.path,
                rules=self.rules,
                drift=self.drift,
                confirm=partial(storage.confirm, one.drop) if one.in_place else _nothing,
                max_bytes=self.portions.max_file_bytes,
                refused=one.error if isinstance(one.error, DropTooLarge) else None,
                budget=self.portions.budget,
            )
            for one in fetched
            if one.path is not None or isinstance(one.error, DropTooLarge)
        ]
        outcome = self.loader.load(ready) if ready else Outcome()
        for one in fetched:
            if one.error is not None and not isinstance(one.error, DropTooLarge):
                self._fail_fetch(one.drop, one.error)
        keys = {one.drop.drop_id: one.drop.key for one in fetched}
        self.tally.loaded(outcome, keys, time.monotonic() - started)

    def _fail_fetch(self, drop: Drop, error: FirehoseError) -> None:
        self.warehouse.record_failure(
            drop, run_id=self.run_id, error=type(error).__name__, message=str(error)
        )
        self.tally.drop_failed(drop, error)


class _ListerInTurn(Struct, frozen=True):
    """A warehouse's listings, for a thread that does not hold the warehouse."""

    warehouse: Warehouse
    turns: Turns

    def listing(self, source: str, *, new_only: bool) -> Listing:
        begun = self.turns.take(lambda: self.warehouse.listing(source, new_only=new_only))
        return _ListingInTurn(begun, self.turns)


class _ListingInTurn(Struct, frozen=True):
    begun: Listing
    turns: Turns

    def add(self, drops: Sequence[Drop]) -> None:
        self.turns.take(lambda: self.begun.add(drops))

    def finish(self) -> int:
        return self.turns.take(self.begun.finish)

    def page(self, first: int) -> Sequence[Known]:
        return self.turns.take(lambda: self.begun.page(first))

    def gone(self, first: int) -> Sequence[Known]:
        return self.turns.take(lambda: self.begun.gone(first))

    def close(self) -> None:
        self.turns.take(self.begun.close)


def _nothing() -> None:
    """A drop that was fetched needs no second look."""
