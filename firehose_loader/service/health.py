"""How the feed and the loader fare: what is missing, late, failed or set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from shlex import quote

from msgspec import Struct
from msgspec.structs import replace

from firehose_loader.config import Config
from firehose_loader.freshness import (
    HISTORY,
    LONGEST_HISTORY,
    FreshState,
    Series,
    Watched,
    judged,
)
from firehose_loader.history import Activity, Arrival
from firehose_loader.model import DropState, RunRecord
from firehose_loader.protocols import SourceStatus, Status, Warehouse
from firehose_loader.route import checked_rules, drop_types
from firehose_loader.schema.additions import Addition
from firehose_loader.schema.catalog import Catalog, load_catalog
from firehose_loader.service.looks import NEVER, Look, looks_of
from firehose_loader.warehouse import open_warehouse

_RUNS = 300
"""Runs that are searched for the last look at a source."""
_STALE_CADENCES = 3
_A_DAY = timedelta(days=1)


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that a person should know."""

    kind: str
    """A ``FreshState``, or ``unreachable``, ``failed`` or ``quarantined``."""
    source: str
    event_type: str | None
    since: datetime
    """Aware."""
    message: str
    is_trouble: bool
    """Somebody should look; else it is over."""

    @property
    def cause(self) -> str:
        """What stays the same as long as it is the same thing.

        A slot that is late, and then one of several that are overdue, is one thing.
        """
        kind, since = self.kind, ""
        if kind in {FreshState.LATE, FreshState.STOPPED}:
            kind, since = "overdue", f"/{self.since:%Y%m%dT%H%M}"
        elif kind in {FreshState.GAPS, FreshState.CAUGHT_UP, "drift"}:
            since = f"/{self.since:%Y%m%dT%H%M}"
        return f"{kind}/{self.source}/{self.event_type or '*'}{since}"


class SeriesHealth(Struct, frozen=True, kw_only=True):
    """One source, or one event type of it."""

    source: str
    event_type: str | None
    """None: the source as a whole."""
    state: FreshState
    last_drop: datetime | None
    """Aware, as all times here: when it was delivered."""
    lag_seconds: int | None
    """Since then."""
    rows_day: int
    """Rows in the drops that were delivered in the last 24 hours."""
    missing: int
    late: int
    quarantined: int
    """Rows, and whole drops, that are held in quarantine."""
    held: int | None
    """Drops that are perhaps still being written; None for an event type."""
    failed: int | None
    """Drops that could not be loaded when last tried; None for an event type."""
    adopted: int | None = None
    """Drops that were loaded by other means; None for an event type."""
    usually: datetime | None = None
    """A time at which a drop of the source usually comes; None where it is not known."""


class Health(Struct, frozen=True, kw_only=True):
    """All sources."""

    at: datetime
    series: Sequence[SeriesHealth]
    findings: Sequence[Finding]
    news: Sequence[Finding]
    """What is new in the window and no trouble: fields that no schema version knew."""
    status: Status
    runs: Sequence[RunRecord]
    judged: Sequence[tuple[Watched, Sequence[Series]]] = ()
    """Each source as it is watched, and how it was judged: as a whole first, then by event type."""

    @property
    def troubles(self) -> Sequence[Finding]:
        """What somebody should look at."""
        return [one for one in self.findings if one.is_trouble]


def health(config: Config, *, now: datetime | None = None) -> Health:
    """Judge all sources by what the warehouse holds; nothing is changed.

    Raises what opening the warehouse raises, and ConfigError as a run.
    """
    catalog = load_catalog(config.schemas)
    with closing(open_warehouse(config, read_only=True)) as warehouse:
        return health_of(config, warehouse, catalog, now=now or datetime.now(UTC))


def health_of(config: Config, warehouse: Warehouse, catalog: Catalog, *, now: datetime) -> Health:
    """Judge all sources by what an open warehouse holds."""
    status = warehouse.status(list(catalog))
    runs = warehouse.runs(limit=_RUNS)
    activity = warehouse.activity(since=now - _history(config) - config.check.window)
    by_source: dict[str, list[Arrival]] = {}
    for arrival in activity.arrivals:
        by_source.setdefault(arrival.source, []).append(arrival)
    counted = {one.source: one for one in status.sources}
    looks = looks_of(runs)
    each: list[tuple[Watched, Sequence[Series]]] = []
    series: list[SeriesHealth] = []
    findings: list[Finding] = []
    for one in _watched(config, catalog, [*counted, *by_source], by_source, looks):
        source = replace(one, newest=counted[one.name].newest_drop) if one.name in counted else one
        found = judged(source, now=now, window=config.check.window)
        each.append((source, found))
        series += _measured(found, source, activity, counted.get(source.name), now)
        findings += [
            Finding(
                kind=str(finding.state),
                source=finding.source,
                event_type=finding.event_type,
                since=finding.first,
                message=finding.message,
                is_trouble=finding.state.is_trouble,
            )
            for one in found
            for finding in one.findings
        ]
        findings += _unreachable(source.name, looks.get(source.name, NEVER))
        findings += _set_aside(config, source, activity, counted.get(source.name), now)
    return Health(
        at=now,
        judged=each,
        series=series,
        findings=findings,
        news=list(_drift(warehouse.additions(), now - config.check.window)),
        status=status,
        runs=runs,
    )


def _history(config: Config) -> timedelta:
    cadences = [one.cadence for one in config.source if one.cadence]
    return max((HISTORY.get(one, LONGEST_HISTORY) for one in cadences), default=_A_DAY)


def _watched(
    config: Config,
    catalog: Catalog,
    known: Iterable[str],
    arrivals: Mapping[str, Sequence[Arrival]],
    looks: Mapping[str, Look],
) -> Iterator[Watched]:
    """Yield the configured sources, then those that only the ledger knows."""
    # What runs saw between two merges is not on record.
    asleep = config.warehouse.merge_every or timedelta()
    for source in config.source:
        rules = checked_rules(source.name, source.events, catalog)
        yield Watched(
            name=source.name,
            cadence=source.cadence,
            grace=source.grace,
            stale_after=config.check.stale_after
            or (None if source.cadence is None else _STALE_CADENCES * source.cadence + asleep),
            last_look=looks.get(source.name, NEVER).good_at,
            first_look=looks.get(source.name, NEVER).good_since,
            arrivals=arrivals.get(source.name, ()),
            event_types=partial(_types, rules=rules, catalog=catalog),
        )
    configured = {source.name for source in config.source}
    for name in dict.fromkeys(known):
        if name not in configured:
            yield Watched(
                name=name,
                cadence=None,
                grace=None,
                stale_after=None,
                last_look=looks.get(name, NEVER).good_at,
                arrivals=arrivals.get(name, ()),
            )


def _types(arrival: Arrival, *, rules: Mapping[str, str], catalog: Catalog) -> Collection[str]:
    """Return what an arrival carried; a drop without rows still came, as its name tells."""
    if arrival.event_rows:
        return arrival.event_rows
    types = drop_types(arrival.key, None, rules, catalog)
    named = types.forced or types.default
    return [named] if named else []


def _measured(
    found: Sequence[Series],
    source: Watched,
    activity: Activity,
    counted: SourceStatus | None,
    now: datetime,
) -> Iterator[SeriesHealth]:
    """Put figures beside what was judged; event types that were not judged are told too."""
    yesterday = (now - _A_DAY).replace(tzinfo=None)
    rows: Counter[str] = Counter()
    last: dict[str, datetime] = {}
    for arrival in source.arrivals:
        for event_type in source.event_types(arrival):
            last[event_type] = max(arrival.delivered_at, last.get(event_type, arrival.delivered_at))
            if arrival.delivered_at >= yesterday:
                rows[event_type] += arrival.event_rows.get(event_type, 0)
    held = {name: count for (of, name), count in activity.held.items() if of == source.name}
    by_type = {one.event_type: one for one in found}
    whole = by_type[None]
    newest = counted.newest_drop if counted else whole.last_drop
    yield SeriesHealth(
        source=source.name,
        event_type=None,
        state=whole.state,
        last_drop=_aware(newest),
        lag_seconds=_lag(newest, now),
        rows_day=sum(rows.values()),
        missing=whole.missing,
        late=whole.late,
        quarantined=sum(held.values()),
        held=counted.held if counted else 0,
        failed=counted.failed if counted else 0,
        adopted=counted.adopted if counted else 0,
        usually=whole.usually,
    )
    for name in sorted({*last, *held, *(one for one in by_type if one)}):
        one = by_type.get(name)
        unjudged = FreshState.UNTIMED if source.cadence is None else FreshState.LEARNING
        yield SeriesHealth(
            source=source.name,
            event_type=name,
            state=one.state if one else unjudged,
            last_drop=_aware(last.get(name)),
            lag_seconds=_lag(last.get(name), now),
            rows_day=rows[name],
            missing=one.missing if one else 0,
            late=one.late if one else 0,
            quarantined=held.get(name, 0),
            held=None,
            failed=None,
        )


def _unreachable(source: str, look: Look) -> Iterator[Finding]:
    """Tell of a source that the last runs could not work through."""
    if look.trouble is not None and look.trouble_since is not None:
        yield Finding(
            kind="unreachable",
            source=source,
            event_type=None,
            since=look.trouble_since,
            message=f"it could not be worked through since {look.trouble_since:%Y-%m-%d %H:%M}:"
            f" {look.trouble}",
            is_trouble=True,
        )


def _drift(additions: Sequence[Addition], since: datetime) -> Iterator[Finding]:
    """Tell of fields that came with the feed lately and that no version knew."""
    for one in additions:
        seen = [each.first_seen_at for each in one.sightings.values() if each.first_seen_at]
        if seen and _moment(min(seen)) >= since:
            names = ", ".join(field.name for field in one.fields)
            yield Finding(
                kind="drift",
                source="*",
                event_type=one.event_type,
                since=_moment(min(seen)),
                message=f"{one.event_type} has new fields: {names}; firehose-loader schema diff"
                f" {one.event_type} tells more",
                is_trouble=False,
            )


def _set_aside(
    config: Config,
    source: Watched,
    activity: Activity,
    counted: SourceStatus | None,
    now: datetime,
) -> Iterator[Finding]:
    """Tell of drops that fail and of rows that wait for a person."""
    failed = counted.failed if counted else 0
    if failed > config.check.max_failed:
        tried = [one for one in source.arrivals if one.state is DropState.FAILED]
        example = f", such as {tried[-1].key}" if tried else ""
        yield Finding(
            kind="failed",
            source=source.name,
            event_type=None,
            since=min((_moment(one.finished_at) for one in tried), default=now),
            message=f"drops that could not be loaded when last tried: {failed}{example};"
            " firehose-loader explain DROP tells why",
            is_trouble=True,
        )
    held = {name: count for (of, name), count in activity.held.items() if of == source.name}
    if sum(held.values()) > config.check.max_quarantined:
        kinds = ", ".join(f"{name} {count:,}" for name, count in sorted(held.items()))
        yield Finding(
            kind="quarantined",
            source=source.name,
            event_type=None,
            since=now,
            message=f"rows waiting in quarantine: {sum(held.values()):,} ({kinds}); firehose-loader"
            f" quarantine list --source {quote(source.name)} shows them",
            is_trouble=True,
        )


def _lag(delivered: datetime | None, now: datetime) -> int | None:
    return None if delivered is None else max(0, round((now - _moment(delivered)).total_seconds()))


def _aware(moment: datetime | None) -> datetime | None:
    return None if moment is None else _moment(moment)


def _moment(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
