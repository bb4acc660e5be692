"""Remove what is older than its retention, and keep it from being loaded again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from firehose_loader.aftercare import new_run_id
from firehose_loader.aftercare.traces import still_there
from firehose_loader.config import Config
from firehose_loader.errors import ConfigError, NotFound
from firehose_loader.privacy.retention import NO_TYPE, ExpireReceipt, Expiry, Limit, today
from firehose_loader.protocols import Warehouse
from firehose_loader.route import checked_retention, checked_types
from firehose_loader.schema.additions import in_force
from firehose_loader.schema.catalog import load_catalog
from firehose_loader.spool import sweep


class ExpireReport(Struct, kw_only=True):
    """What was removed, or would be."""

    run_id: str
    limits: Sequence[Limit]
    """Those by which it was."""
    remaining: Sequence[str]
    """Where it still is, and what to do about it."""
    events: Counter[str] = field(default_factory=Counter)
    """By table."""
    duplicates: int = 0
    set_aside: int = 0
    transactions: int = 0
    """In how many anything was removed."""

    def add(self, receipt: ExpireReceipt) -> None:
        """Count what one transaction did."""
        if receipt.events:
            self.events[receipt.table] += receipt.events
        self.duplicates += receipt.duplicates
        self.set_aside += receipt.set_aside
        self.transactions += bool(receipt.events or receipt.set_aside)


class Expiring:
    """What is too old in a warehouse today."""

    def __init__(
        self,
        warehouse: Warehouse,
        config: Config,
        *,
        sources: Collection[str],
        event_types: Sequence[str],
        most_rows: int,
    ) -> None:
        """Take the warehouse, opened to be changed, and what is meant; nothing: everything.

        Raises:
            ConfigError: no retention holds for it, or there is no such event type.
            NotFound: there is no such source.
        """
        self._warehouse = warehouse
        self._config = config
        catalog = load_catalog(config.schemas)
        chosen = checked_types(event_types, catalog)
        schemas = in_force(catalog, warehouse.additions()).values()
        there = {*warehouse.sources(), *(one.name for one in config.source)}
        if unknown := set(sources) - there:
            raise NotFound(f"there is no source {min(unknown)!r}; there are {sorted(there)}")
        retention = replace(
            checked_retention(config, catalog), removed=warehouse.kept_from(), today=today()
        )
        limits = [
            Limit(
                source,
                event_type,
                retention.kept_from(source, event_type),
                (not sources or source in sources)
                and (not chosen or event_type in chosen)
                and retention.configured(source, event_type) is not None,
            )
            for source in sorted(there)
            for event_type in sorted({NO_TYPE, *(one.event_type for one in schemas)})
        ]
        self._limits = [one for one in limits if one.chosen]
        if not self._limits:
            raise ConfigError(
                "no retention is configured for what is meant, so nothing is too old: write"
                " retention = 365, in days, above all tables of the configuration, or for a"
                " [[source]]"
            )
        self._expiry = Expiry(
            limits=limits,
            event_times={one.table: (one.event_type, one.event_time) for one in schemas},
            most_rows=most_rows,
        )

    def apply(self, told: Callable[[ExpireReceipt], None], *, preview: bool) -> ExpireReport:
        """Remove it, telling of each transaction; or tell what that would remove."""
        run_id = new_run_id()
        report = ExpireReport(
            run_id=run_id, limits=self._limits, remaining=still_there(self._config)
        )
        for receipt in self._warehouse.expire(self._expiry, run_id=run_id, preview=preview):
            report.add(receipt)
            told(receipt)
        if not preview:
            sweep(self._config.spool)
        return report
