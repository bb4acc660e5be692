"""Bring what was hashed with older keys under the key in use, from the drops that it came in."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing

from msgspec import Struct, field

from firehose_loader.aftercare import changing
from firehose_loader.aftercare.replaying import replay_drops
from firehose_loader.config import Config
from firehose_loader.errors import ConfigError, DropError, FirehoseError
from firehose_loader.history import DropFilter, DropRecord
from firehose_loader.personal import PersonalData
from firehose_loader.protocols import Warehouse
from firehose_loader.replay import ReplayReport, check
from firehose_loader.storage import open_storage
from firehose_loader.storage.retrying import RetryingStorage


class OldHashes(Struct, frozen=True, kw_only=True):
    """A drop whose rows hold something that was hashed with another key than the one in use."""

    record: DropRecord
    rows: int
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
    records = warehouse.drops(DropFilter(drop_ids=list(rows))) if rows else []
    found = []
    with ExitStack() as stack:
        storages = {
            source.name: stack.enter_context(closing(RetryingStorage(open_storage(source))))
            for source in config.source
            if any(one.drop.source == source.name for one in records)
        }
        for one in records:
            storage = storages.get(one.drop.source)
            gone: str | None = "its source is not in the configuration"
            if storage is not None:
                try:
                    check(storage, [one], {})
                    gone = None
                except DropError as error:
                    gone = _reason(error)
            found.append(OldHashes(record=one, rows=rows[one.drop.drop_id], gone=gone))
    return found


def _reason(error: FirehoseError) -> str:
    return f"its file is not there as it was ({type(error.__cause__ or error).__name__})"
