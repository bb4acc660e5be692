"""Build everything from the configuration and run it: one pass over the sources."""

from __future__ import annotations

import json
import secrets
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from msgspec import Struct

from firehose_loader import __version__
from firehose_loader.config import Config, Source
from firehose_loader.errors import ConfigError, FirehoseError
from firehose_loader.loader import Loader, tables_needed
from firehose_loader.model import Drift, RunRecord
from firehose_loader.observe import (
    Observer,
    RunFinished,
    RunStarted,
    TroubleBegan,
    WarehouseAdvised,
)
from firehose_loader.protocols import Warehouse
from firehose_loader.route import checked_drift, checked_left_out, checked_rules
from firehose_loader.schema.catalog import Catalog, load_catalog
from firehose_loader.schema.model import EventSchema
from firehose_loader.service.claiming import claimed
from firehose_loader.service.merging import Merging
from firehose_loader.service.source_run import SourceRun
from firehose_loader.service.tally import Tally
from firehose_loader.service.turns import Turns
from firehose_loader.spool import SharedRoom, sweep
from firehose_loader.storage import open_storage
from firehose_loader.storage.retrying import RetryingStorage
from firehose_loader.summary import RunSummary, SourceSummary
from firehose_loader.time_limit import RunTime
from firehose_loader.warehouse import open_warehouse
from firehose_loader.warehouse.ddl import check_names
from firehose_loader.watch import Discovery, Judged


def run(
    config: Config,
    observe: Observer,
    *,
    everything: bool = False,
    at_once: bool = False,
    now: datetime | None = None,
) -> RunSummary:
    """Load every new drop of every source, several sources side by side.

    One source in trouble does not hold back the others: what went wrong is in the summary.

    Args:
        config: what to load, and where to.
        observe: who is told of it.
        everything: list all that there is, not only what ``prefix`` narrows it to.
        at_once: load whatever ``merge_every`` says
        now: of this time.

    Raises:
        FatalError: nothing could be started: the configuration, a schema or the warehouse is wrong.
        WarehouseBusy: another process holds the warehouse.
    """
    started = datetime.now(UTC)
    clock = time.monotonic()
    summary = RunSummary(run_id=f"{started:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}")
    catalog, rules, drift = prepared(config)
    sweep(config.spool)
    observe(RunStarted(run_id=summary.run_id, sources=tuple(one.name for one in config.source)))
    if (advice := config.warehouse.advice) is not None:
        observe(WarehouseAdvised(message=advice))
    merging = Merging(config, now or started)
    if not at_once and (until := merging.put_off_until) is not None:
        merging.look(summary, until, observe)
        summary.seconds = time.monotonic() - clock
        observe(_finished(summary))
        return summary
    with _warehouse_of_run(config, catalog, summary.run_id, observe) as (warehouse, beat):
        let_others_in = warehouse.release
        loader = Loader(warehouse, catalog, config, run_id=summary.run_id, rest=let_others_in)
        summary.sources += [SourceSummary(name=source.name) for source in config.source]
        turns, room = Turns(beat, let_others_in), SharedRoom(config.download_bytes)
        time_left = RunTime(config.max_run_time)
        turns.run(
            [
                SourceRun(
                    source=source,
                    portions=config.portions(source),
                    limits=config.limits,
                    rules=rules[source.name],
                    drift=drift[source.name],
                    loader=loader,
                    catalog=catalog,
                    warehouse=warehouse,
                    turns=turns,
                    tally=Tally(source.name, part, summary, observe),
                    time=time_left,
                    room=room,
                    run_id=summary.run_id,
                    everything=everything,
                )
                for source, part in zip(config.source, summary.sources, strict=True)
            ],
            threads=config.source_threads,
        )
        summary.assumed = {
            schema.event_type: Counter(field.evidence for field in schema.fields)
            for schema in loader.schemas.values()
            if schema.table in summary.tables_made
        }
        summary.steps = loader.steps
        _publish(config, warehouse, summary, observe)
        summary.costs = warehouse.costs()
        summary.seconds = time.monotonic() - clock
        warehouse.record_run(_record(summary, started))
    merging.done(summary, observe)
    tables = [
        loader.stored(schema).table
        for event_type, schema in sorted(loader.schemas.items())
        if event_type in summary.events
    ]
    observe(_finished(summary, list(dict.fromkeys(tables))))
    return summary


def _publish(config: Config, warehouse: Warehouse, summary: RunSummary, observe: Observer) -> None:
    """Have the files beside the tables follow; where they cannot, the events are loaded still."""
    if not config.warehouse.is_published:
        return
    # What few configurations want is imported for these alone: every run pays for its start.
    from firehose_loader.aftercare.publishing import publish

    try:
        publish(config, warehouse)
    except FirehoseError as error:
        summary.add_error(error)
        observe(TroubleBegan(what="publish", message=str(error)))


@contextmanager
def _warehouse_of_run(
    config: Config, catalog: Catalog, run_id: str, observe: Observer
) -> Iterator[tuple[Warehouse, Callable[[], None]]]:
    """Open the warehouse, with all tables there and the sources claimed.

    Yields what renews the claims besides. Raises as ``run`` does.
    """
    with closing(open_warehouse(config, run_id=run_id)) as warehouse:
        if warehouse.upgraded_from is not None:
            told = (
                f"{config.warehouse.place}: the loader's own tables were upgraded from version"
                f" {warehouse.upgraded_from}; older loaders do not work with them any more"
            )
            observe(WarehouseAdvised(message=told))
        warehouse.prepare(_tables_needed(config, warehouse, catalog))
        with claimed(config, warehouse, run_id) as beat:
            yield warehouse, beat


def _tables_needed(
    config: Config, warehouse: Warehouse, catalog: Catalog
) -> Collection[EventSchema]:
    """Return the schemas whose tables must be there; none where the loader makes them itself."""
    if config.warehouse.manage_tables:
        return ()
    return tables_needed(warehouse, catalog, config)


def _finished(summary: RunSummary, tables: Sequence[str] = ()) -> RunFinished:
    return RunFinished(
        run_id=summary.run_id,
        status=summary.status,
        exit_code=int(summary.exit_code),
        seconds=round(summary.seconds, 3),
        tables=tuple(tables),
    )


class Planned(Struct, frozen=True, kw_only=True):
    """What the next run would do with the drops of one source."""

    source: Source
    drops: Sequence[Judged] = ()
    error: FirehoseError | None = None
    """Why it could not be listed."""


def plan(config: Config) -> Iterator[Planned]:
    """Tell of every listed drop what the next run would do with it; nothing is changed.

    A source that cannot be listed does not hold back the others. Raises as ``run`` does.
    """
    prepared(config)
    with closing(open_warehouse(config, read_only=True)) as warehouse:
        for source in config.source:
            try:
                with closing(RetryingStorage(open_storage(source))) as storage:
                    discovery = Discovery(source, storage, warehouse, now=datetime.now(UTC))
                    drops = list(discovery.judged())
            except FirehoseError as error:
                yield Planned(source=source, error=error)
            else:
                yield Planned(source=source, drops=drops)


def prepared(
    config: Config,
) -> tuple[Catalog, dict[str, dict[str, str]], dict[str, dict[str, Drift]]]:
    """Check all that can be checked before anything is opened; return what a run needs.

    Raises:
        ConfigError, SchemaError: something is wrong, or there is no source.
    """
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
    check_names(config.warehouse, catalog)
    checked_left_out(config, catalog)
    rules = {
        source.name: checked_rules(source.name, source.events, catalog) for source in config.source
    }
    drift = {
        source.name: checked_drift(source.name, source.drift, catalog) for source in config.source
    }
    return catalog, rules, drift


def _record(summary: RunSummary, started: datetime) -> RunRecord:
    told = summary.as_json()
    costs = told.pop("costs")
    return RunRecord(
        run_id=summary.run_id,
        started_at=started,
        finished_at=datetime.now(UTC),
        status=summary.status,
        exit_code=int(summary.exit_code),
        loader_version=__version__,
        summary=json.dumps(told),
        costs=json.dumps(costs) if costs else None,
    )
