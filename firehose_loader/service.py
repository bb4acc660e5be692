"""Build everything from the configuration and run it: one pass over the sources."""

from __future__ import annotations

import json
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from firehose_loader import __version__
from firehose_loader.batches import fetched_ahead, in_batches
from firehose_loader.config import Config, Source
from firehose_loader.errors import ConfigError, DropTooLarge, FirehoseError
from firehose_loader.fetch import Fetched
from firehose_loader.load import Loader, Outcome, ReadyDrop
from firehose_loader.model import Drop, RowCounts, RunRecord
from firehose_loader.observe import (
    BatchLoaded,
    ColumnsAdded,
    ColumnsWidened,
    DropFailed,
    DropQuarantined,
    DropTranscoded,
    Observer,
    RowsQuarantined,
    SourceFailed,
    SourceListed,
)
from firehose_loader.protocols import Storage, Warehouse
from firehose_loader.route import checked_rules
from firehose_loader.schema.catalog import Catalog, load_catalog
from firehose_loader.storage import open_storage
from firehose_loader.storage.retrying import RetryingStorage
from firehose_loader.summary import RunSummary, SourceSummary, Trouble
from firehose_loader.warehouse import open_warehouse
from firehose_loader.watch import Discovery, Judged, Verdict


def run(config: Config, observe: Observer) -> RunSummary:
    """Load every new drop of every source.

    One source in trouble does not hold back the others: what went wrong is in the summary.

    Raises:
        FatalError: nothing could be started: the configuration, a schema or the warehouse is wrong.
        WarehouseBusy: another process holds the warehouse.
    """
    started = datetime.now(UTC)
    clock = time.monotonic()
    summary = RunSummary(run_id=f"{started:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}")
    catalog, rules = _prepared(config)
    with closing(open_warehouse(config)) as warehouse:
        warehouse.prepare()
        loader = Loader(warehouse, catalog, config, run_id=summary.run_id)
        for source in config.source:
            part = SourceSummary(name=source.name)
            summary.sources.append(part)
            one = _SourceRun(
                config, source, rules[source.name], loader, warehouse, summary, part, observe
            )
            try:
                one.work()
            except FirehoseError as error:
                summary.add_error(error, source=source.name)
                observe(SourceFailed(source=source.name, message=str(error)))
        summary.assumed = {
            schema.event_type: Counter(field.evidence for field in schema.fields)
            for schema in loader.schemas.values()
            if schema.table in summary.tables_made
        }
        summary.seconds = time.monotonic() - clock
        warehouse.record_run(_record(summary, started))
    return summary


def plan(config: Config) -> Iterator[tuple[Source, Iterator[Judged]]]:
    """Tell of every listed drop what the next run would do with it; nothing is changed.

    Raises as ``run`` does, and what a source that cannot be listed raises.
    """
    _prepared(config)
    with closing(open_warehouse(config, read_only=True)) as warehouse:
        for source in config.source:
            with closing(RetryingStorage(open_storage(source))) as storage:
                discovery = Discovery(source, storage, warehouse, now=datetime.now(UTC))
                yield source, discovery.judged()


def _prepared(config: Config) -> tuple[Catalog, dict[str, dict[str, str]]]:
    """Check all that can be checked before anything is opened."""
    if not config.source:
        raise ConfigError(
            "no source: name a folder or URL, as in firehose-loader run ./drops --into"
            " events.duckdb, or add a [[source]] to the configuration"
        )
    if not config.spool.is_dir():
        raise ConfigError(f"spool: {config.spool} is not a folder; make it or name another")
    if any(sign in str(config.spool) for sign in "*?["):
        raise ConfigError(f"spool: {config.spool} must not hold any of * ? [; name another folder")
    catalog = load_catalog(config.schemas)
    rules = {
        source.name: checked_rules(source.name, source.events, catalog) for source in config.source
    }
    return catalog, rules


@dataclass(slots=True)
class _SourceRun:
    """One source in one run."""

    config: Config
    source: Source
    rules: dict[str, str]
    loader: Loader
    warehouse: Warehouse
    summary: RunSummary
    part: SourceSummary
    observe: Observer

    def work(self) -> None:
        """List, fetch and load. The next batch is fetched while one is loaded."""
        with closing(RetryingStorage(open_storage(self.source))) as storage:
            new = self._discover(storage)
            batches = fetched_ahead(storage, in_batches(new, self.config), self.config)
            with closing(batches):
                for fetched in batches:
                    self._load(storage, fetched)

    def _discover(self, storage: Storage) -> list[Drop]:
        discovery = Discovery(self.source, storage, self.warehouse, now=datetime.now(UTC))
        new = discovery.new()
        if storage.traits.partial_files_visible:
            self.warehouse.record_held(
                self.source.name, discovery.unsettled, run_id=self.summary.run_id
            )
        counts = discovery.counts
        held = counts[Verdict.HELD] + counts[Verdict.TEMPORARY]
        self.part.drops.update(
            listed=counts.total(),
            new=len(new),
            held=held,
            skipped=counts[Verdict.KNOWN] + counts[Verdict.EXCLUDED],
        )
        self.observe(
            SourceListed(
                source=self.source.name,
                listed=counts.total(),
                new=len(new),
                held=held,
                skipped=counts[Verdict.KNOWN] + counts[Verdict.EXCLUDED],
            )
        )
        return new

    def _load(self, storage: Storage, fetched: Sequence[Fetched]) -> None:
        """Load what was fetched; what could not be fetched goes to the ledger as failed."""
        started = time.monotonic()
        ready = [
            ReadyDrop(
                drop=one.drop,
                path=one.path,
                rules=self.rules,
                confirm=partial(storage.confirm, one.drop) if one.in_place else _nothing,
                refused=one.error if isinstance(one.error, DropTooLarge) else None,
            )
            for one in fetched
            if one.path is not None or isinstance(one.error, DropTooLarge)
        ]
        outcome = self.loader.load(ready) if ready else Outcome()
        for one in fetched:
            if one.error is not None and not isinstance(one.error, DropTooLarge):
                self._fail_fetch(one.drop, one.error)
        self._account(outcome, {one.drop.drop_id: one.drop.key for one in fetched}, started)

    def _fail_fetch(self, drop: Drop, error: FirehoseError) -> None:
        self.warehouse.record_failure(
            drop, run_id=self.summary.run_id, error=type(error).__name__, message=str(error)
        )
        self._count_failure(drop, error)

    def _count_failure(self, drop: Drop, error: FirehoseError) -> None:
        self.part.drops["failed"] += 1
        self.summary.add_error(error, source=self.source.name, drop=drop.key)
        self.observe(DropFailed(source=self.source.name, key=drop.key, message=str(error)))

    def _tell_encodings(self, outcome: Outcome) -> None:
        for drop, encoding in outcome.transcoded:
            self.part.encodings[encoding] += 1
            self.observe(
                DropTranscoded(source=self.source.name, key=drop.key, message=f"read as {encoding}")
            )

    def _account(self, outcome: Outcome, keys: Mapping[str, str], started: float) -> None:
        """Count a batch, and tell of it."""
        name = self.source.name
        for drop, error in outcome.failed:
            self._count_failure(drop, error)
        self._tell_encodings(outcome)
        whole = {drop.drop_id for drop, _ in outcome.quarantined}
        for drop, rejection in outcome.quarantined:
            self.summary.errors.append(
                Trouble(
                    error=rejection.reason, message=rejection.message, source=name, drop=drop.key
                )
            )
            self.observe(DropQuarantined(source=name, key=drop.key, message=rejection.message))
        for receipt in outcome.receipts:
            self.summary.add_receipt(self.part, receipt)
            self.part.drops["quarantined"] += len(whole & receipt.drops.keys())
            self.part.drops["loaded"] += len(receipt.drops.keys() - whole)
            for table, columns in receipt.columns_added.items():
                self.observe(ColumnsAdded(table=table, columns=columns))
            for table, columns in receipt.columns_widened.items():
                self.observe(ColumnsWidened(table=table, columns=columns))
            total = RowCounts()
            for drop_id, counts in receipt.drops.items():
                total.add(counts)
                if counts.quarantined:
                    self.observe(
                        RowsQuarantined(source=name, key=keys[drop_id], rows=counts.quarantined)
                    )
            self.observe(
                BatchLoaded(
                    source=name,
                    drops=len(receipt.drops),
                    rows=total,
                    seconds=time.monotonic() - started,
                )
            )


def _nothing() -> None:
    """A drop that was fetched needs no second look."""


def _record(summary: RunSummary, started: datetime) -> RunRecord:
    return RunRecord(
        run_id=summary.run_id,
        started_at=started,
        finished_at=datetime.now(UTC),
        status=summary.status,
        exit_code=int(summary.exit_code),
        loader_version=__version__,
        summary=json.dumps(summary.as_json()),
    )
