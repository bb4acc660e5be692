"""Bring what was hashed with older keys under the key in use, from the drops that it came in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack, closing
from typing import Self

from msgspec import Struct, field

from firehose_loader.aftercare import changing
from firehose_loader.aftercare.replaying import replay_drops
from firehose_loader.config import Config
from firehose_loader.errors import ConfigError, DropError, FirehoseError
from firehose_loader.history import DropFilter, DropRecord, Shared
from firehose_loader.personal import PersonalData
from firehose_loader.protocols import Storage, Warehouse
from firehose_loader.replay import ReplayReport, check
from firehose_loader.storage import open_storage
from firehose_loader.storage.retrying import RetryingStorage


class OldHashes(Struct, frozen=True, kw_only=True):
    """A drop whose rows hold something that was hashed with another key than the one in use.

    Or one that brought such an event too, so that the row would be left to it as it is.
    """

    record: DropRecord
    rows: int
    """Its own that are hashed so; of one that has none, those that would be left to it."""
    gone: str | None
    """Why it cannot be read again; None where it can."""


class RekeyReport(Struct, kw_only=True):
    """What was brought under the key in use, or would be, and what cannot."""

    key_id: str
    drops: Sequence[OldHashes] = ()
    replayed: ReplayReport = field(default_factory=ReplayReport)


def rekey(config: Config, *, preview: bool, unchecked: bool) -> RekeyReport:
    """Replay the drops of which something is hashed with an older key, those that are still there.

    Args:
        config: the warehouse, the sources, and the keys.
        preview: tell and change nothing.
        unchecked: as ``replay_drops``.

    Raises:
        ConfigError: there is no key, or the one that names rows without an id is missing.
        As ``replay_drops``.
    """
    if (key_id := config.pii.key_id) is None:
        raise ConfigError(
            "pii: there is no key: write key_id and key under [pii]; nothing was changed"
        )
    report = RekeyReport(key_id=key_id)
    with changing(config) as warehouse:
        row_key = PersonalData(warehouse, config).row_key
        if row_key not in config.policies("").keyring.key_ids:
            raise ConfigError(
                f"pii: rows without an id are named with the key {row_key!r}, the first that this"
                " warehouse had: keep it under [pii.keys]; nothing was changed"
            )
        if not preview:  # first: from now on, nobody hashes with an older one
            warehouse.record_keys(config.policies("").keyring.records()[:1])
        report.drops = list(_old_hashes(config, warehouse, key_id))
    ids = [one.record.drop.drop_id for one in report.drops if one.gone is None]
    if ids and not preview:
        wanted = DropFilter(drop_ids=ids)
        report.replayed = replay_drops(config, wanted, unchecked=unchecked)
    return report


def _old_hashes(config: Config, warehouse: Warehouse, key_id: str) -> Sequence[OldHashes]:
    known = warehouse.keys()
    old = [record.key_id for record in known if record.key_id != key_id]
    rows = warehouse.hashed_with(old) if old else {}
    records: dict[str, DropRecord] = {}
    gone: dict[str, str] = {}
    shared: list[Shared] = []
    news, seen = set(rows), set(rows)
    with _Sources(config) as sources:
        while news:  # a drop that leaves with another may in turn leave only with a third
            there = []
            for record in warehouse.drops(DropFilter(drop_ids=news)):
                drop_id = record.drop.drop_id
                records[drop_id] = record
                if (reason := sources.gone(record)) is None:
                    there.append(drop_id)
                else:
                    gone[drop_id] = reason
            shared += warehouse.shared(there, stored=True, key_ids=old) if there else []
            news = {one.other for one in shared if one.hashed or one.differing} - seen
            seen |= news
    _bind(shared, records, gone)
    left = _left_to(shared, rows, gone)
    found = [
        OldHashes(
            record=record, rows=rows.get(drop_id, left.get(drop_id, 0)), gone=gone.get(drop_id)
        )
        for drop_id, record in records.items()
        if drop_id in rows or drop_id in left
    ]
    return sorted(found, key=lambda one: (one.record.drop.modified, one.record.drop.key))


def _bind(
    shared: Sequence[Shared], records: Mapping[str, DropRecord], gone: dict[str, str]
) -> None:
    """Count as gone what can only leave with a drop that is gone."""
    while bound := {
        one.holder: f"it can be taken out only with {records[one.other].drop.key!r}, which cannot"
        " be read again"
        for one in shared
        if one.differing and one.other in gone and one.holder not in gone
    }:
        gone.update(bound)


def _left_to(
    shared: Sequence[Shared], holders: Collection[str], gone: Collection[str]
) -> Mapping[str, int]:
    """Return how many hashed rows would be left to other drops than those that hold such rows.

    Only by drops that are taken out; drops that have to leave with these are among them, too.
    """
    left: Counter[str] = Counter()
    leaving = set(holders) - set(gone)
    done: set[str] = set()
    while leaving:
        others: set[str] = set()
        for one in shared:
            if one.holder in leaving and (one.hashed or one.differing):
                left[one.other] += one.hashed
                others.add(one.other)
        done |= leaving
        leaving = others - done - set(gone)
    return left


class _Sources:
    """The sources of the configuration, each opened when a drop of it is looked for."""

    def __init__(self, config: Config) -> None:
        self._sources = {source.name: source for source in config.source}
        self._storages: dict[str, Storage] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def gone(self, record: DropRecord) -> str | None:
        """Return why a drop cannot be read again; None where it can."""
        name = record.drop.source
        if name not in self._sources:
            return "its source is not in the configuration"
        if name not in self._storages:
            storage = RetryingStorage(open_storage(self._sources[name]))
            self._storages[name] = self._stack.enter_context(closing(storage))
        try:
            check(self._storages[name], [record], {})
        except DropError as error:
            return _reason(error)
        return None


def _reason(error: FirehoseError) -> str:
    return f"its file is not there as it was ({type(error.__cause__ or error).__name__})"
