"""Load drops again from their source files: build what that takes from the configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial

from firehose_loader.aftercare import changing, drift_of, found, new_run_id, rules_of
from firehose_loader.batch_file import ReadyDrop
from firehose_loader.batches import fetched_ahead, in_batches
from firehose_loader.config import Config, Portions
from firehose_loader.errors import ConfigError
from firehose_loader.fetch import Fetched
from firehose_loader.history import DropFilter, DropRecord
from firehose_loader.loader import Loader
from firehose_loader.model import Drift
from firehose_loader.protocols import Storage, Warehouse
from firehose_loader.replay import ReplayReport, check, replay, replayable, take_out
from firehose_loader.schema.catalog import load_catalog
from firehose_loader.spool import SharedRoom
from firehose_loader.storage import open_storage
from firehose_loader.storage.retrying import RetryingStorage


def replay_drops(config: Config, wanted: DropFilter, *, unchecked: bool) -> ReplayReport:
    """Load drops again, after every file was found unchanged and every drop can be taken out.

    Args:
        config: the warehouse, the schemas, and the sources.
        wanted: which drops are meant.
        unchecked: as ``History.undo``.

    Raises:
        NotFound, ConfigError, DropMissing, DropChanged, UndoRefused, WarehouseBusy.
    """
    catalog = load_catalog(config.schemas)
    rules, drift = rules_of(config, catalog), drift_of(config, catalog)
    portions = {source.name: config.portions(source) for source in config.source}
    report = ReplayReport()
    with changing(config) as warehouse, ExitStack() as stack:
        chosen = replayable(found(warehouse, wanted), report)
        records = {one.drop.drop_id: one for one in chosen}
        storages = _storages(config, warehouse, list(records.values()), stack)
        batches = {
            name: list(
                in_batches(
                    [one.drop for one in records.values() if one.drop.source == name],
                    portions[name],
                )
            )
            for name in storages
        }
        loader = Loader(warehouse, catalog, config, run_id=new_run_id())
        for name in storages:
            loader.personal.use_key(name)  # before anything is taken out: it may be refused
        together = take_out(
            warehouse,
            [[records[drop.drop_id] for drop in one] for of in batches.values() for one in of],
            unchecked=unchecked,
        )
        room = SharedRoom(config.download_bytes)
        for name, storage in storages.items():
            ready = partial(_ready, storage, portions[name], rules[name], drift[name])
            with closing(fetched_ahead(storage, batches[name], portions[name], room)) as ahead:
                for fetched in ahead:
                    there = [] if together else [one.drop.drop_id for one in fetched]
                    replay(warehouse, loader, there, fetched, ready, report, unchecked=unchecked)
        _note_stayed(warehouse, list(records), report)
    return report


def _note_stayed(warehouse: Warehouse, drop_ids: Sequence[str], report: ReplayReport) -> None:
    """Note the events that stand as they are, for they came in other drops too."""
    replayed = set(drop_ids)
    shared = [
        one
        for one in warehouse.shared(drop_ids, stored=False)
        if one.holder not in replayed and one.rows > one.differing
    ]
    if shared:
        report.stayed = sum(one.rows - one.differing for one in shared)
        holders = warehouse.drops(DropFilter(drop_ids={one.holder for one in shared}))
        report.stayed_with = [one.drop.key for one in holders]


def _storages(
    config: Config, warehouse: Warehouse, records: Sequence[DropRecord], stack: ExitStack
) -> dict[str, Storage]:
    """Open the sources of drops, and make sure that each file is there as it was."""
    sources = {source.name: source for source in config.source}
    archived = warehouse.archived([one.drop.drop_id for one in records])
    storages: dict[str, Storage] = {}
    for name in sorted({one.drop.source for one in records}):
        if name not in sources:
            raise ConfigError(
                f"source {name!r} is not in the configuration: name it, so that its files can be"
                " read again; nothing was changed"
            )
        storages[name] = stack.enter_context(closing(RetryingStorage(open_storage(sources[name]))))
        check(storages[name], [one for one in records if one.drop.source == name], archived)
    return storages


def _ready(
    storage: Storage,
    portions: Portions,
    rules: Mapping[str, str],
    drift: Mapping[str, Drift],
    one: Fetched,
) -> ReadyDrop:
    return ReadyDrop(
        drop=one.drop,
        path=one.path,
        rules=rules,
        drift=drift,
        confirm=partial(storage.confirm, one.drop) if one.in_place else _nothing,
        max_bytes=portions.max_file_bytes,
        budget=portions.budget,
    )


def _nothing() -> None:
    """A drop that was fetched needs no second look."""
