"""Go through the drops of a ledger by source and batch, and read the file of each again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from firehose_loader.aftercare import found, looking
from firehose_loader.audit.accounts import Found, hold_together, message, told
from firehose_loader.audit.files import Unread, counted, in_archive
from firehose_loader.audit.report import AuditReport, Difference, Kind
from firehose_loader.batches import fetched_ahead, in_batches
from firehose_loader.config import Config, Source, source_of
from firehose_loader.errors import ConfigError
from firehose_loader.fetch import Fetched
from firehose_loader.history import DropFilter, DropRecord
from firehose_loader.model import Drop, DropState, Limits
from firehose_loader.observe import AuditBegun, DropsAudited, Observer
from firehose_loader.protocols import Storage, Warehouse
from firehose_loader.storage import open_storage
from firehose_loader.storage.retrying import RetryingStorage

_PAGE = 20_000
_EVERYTHING = DropFilter()


def audit(
    config: Config, wanted: Sequence[DropFilter], report: AuditReport, tell: Observer
) -> None:
    """Hold the files of drops against what the warehouse has of them.

    The warehouse is opened for each batch anew, once the files of that are read: a loader that
    waits for it gets in between.

    Args:
        config: the warehouse, the sources and their settings.
        wanted: which drops; a filter that says nothing stands for the whole ledger, and then the
            tables are searched for rows of drops that the ledger does not know, too.
        report: where all that is found goes.
        tell: is told of progress.

    Raises:
        NotFound: the ledger has no such drop.
        FatalError, WarehouseBusy: a person must change something, or wait.
    """
    with looking(config) as warehouse:
        ids = _chosen(warehouse, wanted)
        if _EVERYTHING in wanted:
            _look_for_strangers(warehouse, report)
    tell(AuditBegun(drops=sum(map(len, ids.values()))))
    for name, of_source in ids.items():
        for batch in _SourceAudit(config, name, report).audited(of_source):
            tell(DropsAudited(source=name, **batch._asdict()))


class Batch(NamedTuple):
    """What was audited together."""

    drops: int
    rows: int
    """In the files."""
    different: int
    """Drops with a difference."""


def _chosen(warehouse: Warehouse, wanted: Sequence[DropFilter]) -> Mapping[str, Sequence[str]]:
    """Return the drops that are meant by source: only their ids, for they may be all there are."""
    ids: dict[str, dict[str, None]] = {}
    for each in wanted:
        for record in _records(warehouse, each):
            ids.setdefault(record.drop.source, {})[record.drop.drop_id] = None
    return {source: list(of) for source, of in sorted(ids.items())}


def _records(warehouse: Warehouse, wanted: DropFilter) -> Iterator[DropRecord]:
    if wanted.drop is not None:  # an exact one beats all others, so that all must be seen
        yield from found(warehouse, wanted)
        return
    page, first = found(warehouse, wanted, limit=_PAGE), 0
    while page:
        yield from page
        first += len(page)
        page = warehouse.drops(wanted, limit=_PAGE, first=first)


def _look_for_strangers(warehouse: Warehouse, report: AuditReport) -> None:
    counted_tables: set[str] = set()
    for one in warehouse.strangers(limit=max(1, report.limit)):
        what = Found(Kind.STRANGER, one.drop_id, one.row, one.table, None, None)
        difference = Difference(
            kind=Kind.STRANGER,
            source=None,
            drop=None,
            drop_id=one.drop_id,
            row=one.row,
            column=None,
            message=message(what),
        )
        report.add(difference, of=0 if one.table in counted_tables else one.of)
        counted_tables.add(one.table)


class _SourceAudit:
    """The audit of drops of one source."""

    def __init__(self, config: Config, name: str, report: AuditReport) -> None:
        self._config = config
        self._name = name
        self._report = report
        self._elsewhere: dict[str, str] = {}
        """By the id that a drop has where it is archived: the id that the ledger knows."""

    def audited(self, ids: Sequence[str]) -> Iterator[Batch]:
        """Audit drops, and tell of each batch."""
        try:
            source = _source(self._config, self._name)
        except ConfigError as error:
            unread = dict.fromkeys(ids, Unread(error))
            for first in range(0, len(ids), _PAGE):
                yield self._compared(ids[first : first + _PAGE], {}, unread)
            return
        with closing(RetryingStorage(open_storage(source))) as storage:
            for first in range(0, len(ids), _PAGE):
                yield from self._page(source, storage, ids[first : first + _PAGE])

    def _page(self, source: Source, storage: Storage, ids: Sequence[str]) -> Iterator[Batch]:
        with looking(self._config) as warehouse:
            records = warehouse.drops(DropFilter(drop_ids=ids))
            places = warehouse.archived(ids)
        if idle := [one.drop.drop_id for one in records if one.state is not DropState.LOADED]:
            yield self._compared(idle, {}, {})
        portions = self._config.portions(source)
        limits = Limits(
            max_file_bytes=portions.max_file_bytes,
            max_row_bytes=self._config.max_row_bytes,
            max_fields=self._config.max_fields,
        )
        loaded = [
            self._where_it_lies(source, storage, one.drop, places)
            for one in records
            if one.state is DropState.LOADED
        ]
        with closing(fetched_ahead(storage, in_batches(loaded, portions), portions)) as batches:
            for fetched in batches:
                yield self._batch(storage, fetched, limits)

    def _where_it_lies(
        self, source: Source, storage: Storage, drop: Drop, places: Mapping[str, str]
    ) -> Drop:
        place = places.get(drop.drop_id)
        archived = in_archive(storage, source, drop, place) if place is not None else None
        if archived is None:
            return drop
        self._elsewhere[archived.drop_id] = drop.drop_id
        return archived

    def _batch(self, storage: Storage, fetched: Sequence[Fetched], limits: Limits) -> Batch:
        rows: dict[str, int] = {}
        unread: dict[str, Unread] = {}
        for one in fetched:
            drop_id = self._elsewhere.get(one.drop.drop_id, one.drop.drop_id)
            try:
                rows[drop_id] = counted(storage, one, limits)
            except Unread as error:
                unread[drop_id] = error
        return self._compared([*rows, *unread], rows, unread)

    def _compared(
        self, ids: Sequence[str], rows: Mapping[str, int], unread: Mapping[str, Unread]
    ) -> Batch:
        """Hold drops against the warehouse as it is now; those that were not read too."""
        report = self._report
        with looking(self._config) as warehouse:
            records = warehouse.drops(DropFilter(drop_ids=ids))
            hold_together(warehouse, records, rows)
            different = told(warehouse.engine(), records, rows, report)
        report.drops += len(records)
        report.different += different
        report.file_rows += sum(rows.values())
        for one in records:
            report.rows.add(one.rows)
            if one.state is DropState.LOADED and one.drop.drop_id in unread:
                error = unread[one.drop.drop_id]
                report.leave_out(one.drop, error.why, str(error))
        return Batch(len(records), sum(rows.values()), different)


def _source(config: Config, name: str) -> Source:
    """Return a source of the configuration, or one that was named by its place alone.

    Raises:
        ConfigError: there is no such source.
    """
    for source in config.source:
        if source.name == name:
            return source
    if Path(name).is_absolute() or "://" in name:
        return source_of(name)
    raise ConfigError(
        f"source {name!r} is not in the configuration: name it, so that its files can be read"
    )
