"""Look after what was loaded or set aside: build what that takes from the configuration."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from msgspec.structs import replace

from firehose_loader.aftercare.publishing import publish
from firehose_loader.config import Config
from firehose_loader.errors import ConfigError, NotFound, SchemaError
from firehose_loader.explain import Explanation, explained, judged
from firehose_loader.history import (
    DropFilter,
    DropRecord,
    HeldFilter,
    TracedDuplicate,
    TracedRow,
    UndoReceipt,
)
from firehose_loader.loader import Loader
from firehose_loader.model import Content, Drift, Drop, DropState, HeldState, as_dict
from firehose_loader.normalise import DropTypes
from firehose_loader.protocols import Warehouse
from firehose_loader.quarantine import Retry, RetryReport
from firehose_loader.route import checked_drift, checked_rules, drop_types
from firehose_loader.schema.additions import grown
from firehose_loader.schema.catalog import Catalog, load_catalog
from firehose_loader.schema.model import EventSchema, Version
from firehose_loader.schema.names import LANDED
from firehose_loader.storage import open_storage
from firehose_loader.storage.retrying import RetryingStorage
from firehose_loader.warehouse import open_warehouse
from firehose_loader.watch import Discovery


@contextmanager
def looking(config: Config) -> Iterator[Warehouse]:
    """Open the warehouse to look only.

    Raises:
        WarehouseUnusable, WarehouseBusy.
    """
    with closing(open_warehouse(config, read_only=True)) as warehouse:
        yield warehouse


@contextmanager
def changing(config: Config) -> Iterator[Warehouse]:
    """Open a warehouse that is there to change something in it; its files follow in the end.

    Raises:
        NotFound: nothing was loaded into it yet.
        WarehouseUnusable, WarehouseBusy, and as ``publish``.
    """
    check_loaded(config)
    with closing(open_warehouse(config)) as warehouse:
        warehouse.prepare()
        yield warehouse
        publish(config, warehouse)


def check_loaded(config: Config) -> None:
    """Refuse a warehouse that no run has prepared; a file that is not there is not made.

    Raises:
        NotFound: nothing was loaded into it yet.
        WarehouseUnusable, WarehouseBusy.
    """
    with looking(config) as warehouse:
        if not warehouse.columns("_firehose_drops"):
            raise NotFound("nothing was loaded into this warehouse yet")


def found(
    warehouse: Warehouse, wanted: DropFilter, *, limit: int | None = None
) -> Sequence[DropRecord]:
    """Return the drops of the ledger that are meant.

    Raises:
        NotFound: there are none.
    """
    drops = warehouse.drops(wanted, limit=limit)
    if not drops:
        raise NotFound(f"the ledger has no drop {_described(wanted)}")
    return drops


def held_filter(
    config: Config, warehouse: Warehouse, rows: HeldFilter, drops: DropFilter
) -> HeldFilter:
    """Return a filter of held rows, narrowed to those of some drops.

    Raises:
        NotFound: there is no such drop, or no row with one of the ids.
        SchemaError: neither a schema nor the quarantine has such an event type.
    """
    if rows.event_type is not None:
        rows = replace(rows, event_type=_held_type(config, warehouse, rows.event_type))
    if rows.ids is not None:
        there = {row.id for row in warehouse.held(HeldFilter(ids=rows.ids, states=rows.states))}
        if missing := set(rows.ids) - there:
            raise NotFound(
                f"the quarantine holds no row {min(missing)!r};"
                " firehose-loader quarantine list shows those it holds"
            )
    if drops == DropFilter():
        return rows
    ids = [one.drop.drop_id for one in found(warehouse, drops)]
    return replace(rows, drop_ids=ids)


def _held_type(config: Config, warehouse: Warehouse, name: str) -> str:
    """Return an event type as the quarantine spells it, also one whose schema is gone."""
    catalog = load_catalog(config.schemas)
    if event_type := catalog.resolve_type(name):
        return event_type
    if warehouse.count_held(HeldFilter(event_type=name, states=tuple(HeldState))):
        return name
    return catalog.latest(name).event_type  # it tells which event types there are


def retry_held(
    config: Config,
    rows: HeldFilter,
    drops: DropFilter,
    *,
    version: str | None,
    preview: bool,
) -> RetryReport:
    """Load the held rows that today's schemas accept, or tell which these are.

    Args:
        config: the warehouse, the schemas, and the rules of the sources.
        rows: which rows are meant.
        drops: of which drops they must be.
        version: of the event type in ``rows``: retry under this version instead of the newest.
        preview: tell and change nothing.

    Raises:
        NotFound, SchemaError, WarehouseUnusable, WarehouseBusy.
    """
    catalog = load_catalog(config.schemas)
    with changing(config) as warehouse:
        schemas = []
        if version is not None:
            schemas = [_schema(catalog, warehouse, rows.event_type, version)]
        wanted = held_filter(config, warehouse, rows, drops)
        loader = Loader(warehouse, catalog, config, run_id=new_run_id())
        rules = rules_of(config, catalog)

        def types(drop: Drop, content: Content) -> DropTypes:
            return drop_types(drop.key, content, rules.get(drop.source, {}), catalog)

        retry = Retry(warehouse, loader, types, drift_of(config, catalog), config.spool)
        return retry.retry(wanted, schemas, preview=preview)


def new_run_id() -> str:
    """Return an id that sorts by time."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def rules_of(config: Config, catalog: Catalog) -> dict[str, dict[str, str]]:
    """Return the explicit event types of each source."""
    return {
        source.name: checked_rules(source.name, source.events, catalog) for source in config.source
    }


def drift_of(config: Config, catalog: Catalog) -> dict[str, dict[str, Drift]]:
    """Return what becomes of unknown fields, by source and event type."""
    return {
        source.name: checked_drift(source.name, source.drift, catalog) for source in config.source
    }


def _schema(
    catalog: Catalog, warehouse: Warehouse, event_type: str | None, version: str
) -> EventSchema:
    """Return one version of an event type, one that the feed added included."""
    name = catalog.resolve_type(event_type or "")
    if event_type and name is None:
        return catalog.latest(event_type)  # it tells which event types there are
    if name is None:
        raise ConfigError("--schema-version goes with --event-type, which says whose version it is")
    try:
        wanted = Version.parse(version)
    except ValueError as error:
        raise SchemaError(str(error)) from None
    added = [
        one
        for one in warehouse.additions()
        if (one.event_type, one.version.model) == (name, wanted.model) and one.version <= wanted
    ]
    if any(one.version == wanted for one in added):
        return grown(catalog.latest(name), added)
    return catalog.get(name, wanted)


def _described(wanted: DropFilter) -> str:
    """Say what was looked for."""
    parts = []
    if wanted.drop is not None:
        parts.append(f"with the id {wanted.drop!r}, nor with that in its key")
    if wanted.source is not None:
        parts.append(f"of the source {wanted.source!r}")
    if wanted.run_id is not None:
        parts.append(f"of the run {wanted.run_id!r}")
    if wanted.event_type is not None:
        parts.append(f"with events of the type {wanted.event_type!r}")
    if wanted.since is not None or wanted.until is not None:
        parts.append("delivered in that time")
    return " ".join(parts) or "at all"


def traced(warehouse: Warehouse, event: str) -> dict[str, object]:
    """Tell where an event stands, and what carried it too or was set aside for it.

    Raises:
        NotFound: nothing names it.
    """
    trace = warehouse.trace(event)
    held = warehouse.held(HeldFilter(ids=trace.held_ids, states=tuple(HeldState)))
    if not (trace.rows or trace.duplicates or held):
        landed = warehouse.columns(LANDED)
        but = f"; {LANDED} was not searched: look into _rescued of its rows" if landed else ""
        raise NotFound(f"no event has the id {event!r}, and no row in quarantine names it{but}")
    ids = {one.drop_id for one in trace.rows} | {one.drop_id for one in trace.duplicates}
    drops = {one.drop.drop_id: one for one in warehouse.drops(DropFilter(drop_ids=ids))}
    age = {drop_id: number for number, drop_id in enumerate(drops)}
    others = sorted(trace.duplicates, key=lambda one: (age.get(one.drop_id, -1), one.row))

    def place(one: TracedRow | TracedDuplicate) -> dict[str, object]:
        record = drops.get(one.drop_id)
        return {
            "source": record.drop.source if record else None,
            "drop": record.drop.key if record else None,
            "run_id": record.run_id if record else None,
            **as_dict(one),
        }

    return {
        "event_id": event,
        "rows": [place(one) for one in trace.rows],
        "replaced": [place(one) for one in others if one.fate == "replaced"],
        "duplicates": [place(one) for one in others if one.fate not in {"replaced", "conflicting"}],
        "conflicts": [place(one) for one in others if one.fate == "conflicting"],
        "quarantine": [
            {
                "id": row.id,
                "state": row.state,
                "reason": row.reason,
                "drop": row.drop.key,
                "row": row.row,
                "line": row.line,
                "field": row.field,
            }
            for row in held
        ],
    }


def undo(
    warehouse: Warehouse, drops: Sequence[DropRecord], *, preview: bool, unchecked: bool
) -> UndoReceipt:
    """Take drops out, those that carry something; or tell what that would do.

    Raises:
        UndoRefused.
    """
    there = [one for one in drops if one.state.is_done]
    return warehouse.undo(there or drops, preview=preview, unchecked=unchecked)


def explain(config: Config, drop: str) -> Sequence[Explanation]:
    """Say why drops stand where they stand: those of the ledger, else those that sources list.

    Raises:
        NotFound: neither knows such a drop.
    """
    with looking(config) as warehouse:
        records = warehouse.drops(DropFilter(drop=drop))
        settled = [one for one in records if one.state is not DropState.HELD]
        if settled:
            return [explained(one) for one in settled]
        for source in config.source:
            with closing(RetryingStorage(open_storage(source))) as storage:
                discovery = Discovery(source, storage, warehouse, now=datetime.now(UTC))
                listed = [one for one in discovery.judged() if drop in one.drop.key]
            if listed:
                exact = [one for one in listed if one.drop.key == drop]
                return [judged(one) for one in exact or listed]
    if records:
        return [explained(one) for one in records]
    raise NotFound(
        f"neither the ledger nor a configured source has a drop with the id {drop!r}, or with that"
        " in its key"
    )
