"""The audit of one source: batch by batch, the files first, then what the warehouse has of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from firehose_loader.aftercare import looking
from firehose_loader.audit.accounts import hold_together, told
from firehose_loader.audit.deep import DeepAudit
from firehose_loader.audit.files import (
    Beginning,
    ReadDrop,
    Unread,
    beginning,
    counted,
    in_archive,
    read,
)
from firehose_loader.audit.report import AuditReport
from firehose_loader.batches import fetched_ahead, in_batches
from firehose_loader.config import Config, Source, source_of
from firehose_loader.errors import ConfigError
from firehose_loader.fetch import Fetched
from firehose_loader.history import DropFilter, DropRecord
from firehose_loader.loader import Loader
from firehose_loader.model import Content, Drop, DropState, Limits
from firehose_loader.normalise import DropTypes
from firehose_loader.privacy.retention import TOO_OLD
from firehose_loader.protocols import Storage, Warehouse
from firehose_loader.route import checked_rules, drop_types
from firehose_loader.schema.catalog import Catalog
from firehose_loader.spool import SharedRoom, SpoolFolder
from firehose_loader.storage import open_storage
from firehose_loader.storage.retrying import RetryingStorage

_PAGE = 20_000


class Batch(NamedTuple):
    """What was audited together."""

    drops: int
    rows: int
    """In the files."""
    different: int
    """Drops with a difference."""


class _Files(Struct):
    """What the files of a batch are, by the id that the ledger has for a drop."""

    rows: dict[str, int] = field(default_factory=dict)
    read: dict[str, ReadDrop] = field(default_factory=dict)
    """Filled where cells are compared, as are ``beginnings``."""
    beginnings: dict[str, Beginning] = field(default_factory=dict)
    """Of drops that are set aside as a whole."""
    unread: dict[str, Unread] = field(default_factory=dict)


class SourceAudit:
    """The audit of drops of one source."""

    def __init__(self, config: Config, catalog: Catalog, name: str, report: AuditReport) -> None:
        """Take what to read with; where ``report`` counts cells, these are compared."""
        self._config = config
        self._catalog = catalog
        self._name = name
        self._report = report
        self._elsewhere: dict[str, Drop] = {}
        """By the id that a drop has where it is archived: the drop that the ledger knows."""

    def audited(self, ids: Sequence[str]) -> Iterator[Batch]:
        """Audit drops, and tell of each batch."""
        pages = [ids[first : first + _PAGE] for first in range(0, len(ids), _PAGE)]
        try:
            source = self._source()
        except ConfigError as error:
            for page in pages:
                yield self._compared(page, _Files(unread=dict.fromkeys(page, Unread(error))))
            return
        with closing(RetryingStorage(open_storage(source))) as storage:
            for page in pages:
                yield from self._page(source, storage, page)

    def _source(self) -> Source:
        """Return the source as it is configured, or as it was named by its place alone."""
        for source in self._config.source:
            if source.name == self._name:
                return source
        if Path(self._name).is_absolute() or "://" in self._name:
            return source_of(self._name)
        raise ConfigError(
            f"source {self._name!r} is not in the configuration: name it, so that its files can be"
            " read"
        )

    def _page(self, source: Source, storage: Storage, ids: Sequence[str]) -> Iterator[Batch]:
        with looking(self._config) as warehouse:
            records = warehouse.drops(DropFilter(drop_ids=ids))
            places = warehouse.archived(ids)
        if idle := [one.drop.drop_id for one in records if one.state is not DropState.LOADED]:
            yield self._compared(idle, self._set_aside(storage, records))
        portions = self._config.portions(source)
        loaded = [
            self._where_it_lies(source, storage, one.drop, places)
            for one in records
            if one.state is DropState.LOADED
        ]
        room = SharedRoom(self._config.download_bytes)
        with closing(
            fetched_ahead(storage, in_batches(loaded, portions), portions, room)
        ) as batches:
            for fetched in batches:
                yield self._batch(source, storage, fetched)

    def _set_aside(self, storage: Storage, records: Sequence[DropRecord]) -> _Files:
        """Return what drops begin with that are in quarantine as a whole."""
        files = _Files()
        for one in records if self._report.cells is not None else ():
            if one.state is DropState.QUARANTINED and (found := beginning(storage, one.drop)):
                # Of what is older than its retention, no text is kept.
                text = "" if (one.message or "").endswith(TOO_OLD) else found.text
                files.beginnings[one.drop.drop_id] = replace(found, text=text)
        return files

    def _where_it_lies(
        self, source: Source, storage: Storage, drop: Drop, places: Mapping[str, str]
    ) -> Drop:
        place = places.get(drop.drop_id)
        archived = in_archive(storage, source, drop, place) if place is not None else None
        if archived is None:
            return drop
        self._elsewhere[archived.drop_id] = drop
        return archived

    def _batch(self, source: Source, storage: Storage, fetched: Sequence[Fetched]) -> Batch:
        files = _Files()
        limits = self._limits(source)
        with SpoolFolder(self._config.spool, "audit") as folder:
            for number, one in enumerate(fetched):
                drop = self._elsewhere.pop(one.drop.drop_id, one.drop)
                try:
                    if self._report.cells is None:
                        files.rows[drop.drop_id] = counted(storage, one, limits)
                    else:
                        target = Path(folder) / str(number)
                        whole = read(storage, one, drop, limits, target)
                        files.read[drop.drop_id] = whole
                        files.rows[drop.drop_id] = whole.rows
                except Unread as error:
                    files.unread[drop.drop_id] = error
            return self._compared([*files.rows, *files.unread], files)

    def _compared(self, ids: Sequence[str], files: _Files) -> Batch:
        """Hold drops against the warehouse as it is now; those that were not read too."""
        report = self._report
        with looking(self._config) as warehouse:
            records = warehouse.drops(DropFilter(drop_ids=ids))
            hold_together(warehouse, records, files.rows)
            if files.read or files.beginnings:
                self._compare_cells(warehouse, files)
            different = told(warehouse.engine(), records, files.rows, report)
        for one in records:
            report.rows.add(one.rows)
            if one.state is DropState.LOADED and one.drop.drop_id in files.unread:
                error = files.unread[one.drop.drop_id]
                report.leave_out(one.drop, error.why, str(error))
        done = Batch(len(records), sum(files.rows.values()), different)
        report.drops += done.drops
        report.file_rows += done.rows
        report.different += done.different
        return done

    def _compare_cells(self, warehouse: Warehouse, files: _Files) -> None:
        source = self._source()
        rules = checked_rules(source.name, source.events, self._catalog)

        def types(drop: Drop, content: Content) -> DropTypes:
            return drop_types(drop.key, content, rules, self._catalog)

        loader = Loader(warehouse, self._catalog, self._config, run_id="")
        deep = DeepAudit(warehouse, self._catalog, loader, types, self._limits(source))
        deep.compare(files.read, files.beginnings)
        self._report.cells = (self._report.cells or 0) + deep.cells
        for drop_id, (why, message) in deep.left_out.items():
            self._report.leave_out(files.read[drop_id].drop, why, message)

    def _limits(self, source: Source) -> Limits:
        most = self._config.portions(source).max_file_bytes
        return replace(self._config.limits, max_file_bytes=most)
