"""Go through the drops of a ledger, or those that are meant, source by source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from firehose_loader.aftercare import found, looking
from firehose_loader.audit.accounts import Found, message
from firehose_loader.audit.report import AuditReport, Difference, Kind
from firehose_loader.audit.source import SourceAudit
from firehose_loader.config import Config
from firehose_loader.errors import ConfigError
from firehose_loader.history import DropFilter, DropRecord
from firehose_loader.observe import AuditBegun, DropsAudited, Observer
from firehose_loader.protocols import Warehouse
from firehose_loader.schema.catalog import load_catalog

_PAGE = 20_000
_EVERYTHING = DropFilter()


def audit(
    config: Config,
    wanted: Sequence[DropFilter],
    report: AuditReport,
    tell: Observer,
    *,
    deep: bool = False,
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
        deep: read the rows too, and hold each cell against the tables.

    Raises:
        ConfigError: rows are only landed, so that there is no typed cell.
        NotFound: the ledger has no such drop.
        FatalError, WarehouseBusy: a person must change something, or wait.
    """
    if deep and config.warehouse.land_only:
        raise ConfigError(
            "land_only: there are no typed cells that --deep could hold against the files; audit"
            " without it compares rows and counts"
        )
    catalog = load_catalog(config.schemas)
    report.cells = 0 if deep else None
    with looking(config) as warehouse:
        ids = _chosen(warehouse, wanted)
        if _EVERYTHING in wanted:
            _look_for_strangers(warehouse, report)
    tell(AuditBegun(drops=sum(map(len, ids.values()))))
    for name, of_source in ids.items():
        for batch in SourceAudit(config, catalog, name, report).audited(of_source):
            tell(DropsAudited(source=name, **batch._asdict()))


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
