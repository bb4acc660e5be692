"""All that a report tells, as the warehouse has it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from datetime import datetime

from msgspec import Struct

from firehose_loader.config import Config
from firehose_loader.errors import NotFound
from firehose_loader.figures import Figures, Period
from firehose_loader.freshness import FreshState, Series, Watched
from firehose_loader.history import HeldFilter, HeldRow
from firehose_loader.model import RunRecord
from firehose_loader.schema.additions import Addition, in_force
from firehose_loader.schema.catalog import load_catalog
from firehose_loader.schema.model import EventSchema
from firehose_loader.service.health import Finding, Health, SeriesHealth, health_of
from firehose_loader.warehouse import open_warehouse

_RUNS = 20_000
_OF_SLOTS = {FreshState.STOPPED, FreshState.LATE, FreshState.GAPS, FreshState.CAUGHT_UP}
"""Kinds of findings that belong to a time; all others are as of now."""
_SAMPLED = 60
"""Kinds of held rows of which examples are shown; there are seldom more."""


class Gathered(Struct, frozen=True, kw_only=True):
    """What was read, for one period and perhaps one source."""

    at: datetime
    period: Period
    place: str
    """The warehouse, as messages name it."""
    judged: Sequence[tuple[Watched, Sequence[Series]]]
    series: Sequence[SeriesHealth]
    findings: Sequence[Finding]
    health: Health
    figures: Figures
    schemas: Mapping[str, EventSchema]
    """In force, as ``in_force`` names them."""
    additions: Sequence[Addition]
    samples: Mapping[str, HeldRow] | None
    """Held rows by id; None: none are to be shown."""
    runs: Sequence[RunRecord]
    """Of the period, the latest first."""


def gather(config: Config, period: Period, *, now: datetime, samples: bool) -> Gathered:
    """Read what a report tells; nothing is changed.

    Raises what opening the warehouse raises, ConfigError as a run, and NotFound for a source that
    neither the configuration nor the ledger knows.
    """
    catalog = load_catalog(config.schemas)
    check = config.check.model_copy(update={"window": now - period.since})
    config = config.model_copy(update={"check": check})
    with closing(open_warehouse(config, read_only=True)) as warehouse:
        health = health_of(config, warehouse, catalog, now=now)
        _known(period.source, [one.name for one, _ in health.judged])
        figures = warehouse.figures(period, list(catalog))
        held: Mapping[str, HeldRow] | None = None
        if samples:
            ids = {id_ for one in figures.held[:_SAMPLED] for id_ in one.examples}
            held = {one.id: one for one in warehouse.held(HeldFilter(ids=ids))} if ids else {}
        additions = warehouse.additions()
        runs = warehouse.runs(limit=_RUNS)
    since, until = (moment.replace(tzinfo=None) for moment in (period.since, period.until))
    chosen = _Chosen(period)
    return Gathered(
        at=now,
        period=period,
        place=config.warehouse.place,
        judged=[(one, found) for one, found in health.judged if chosen.source(one.name)],
        series=[one for one in health.series if chosen.source(one.source)],
        findings=[one for one in health.findings if chosen.finding(one)],
        health=health,
        figures=figures,
        schemas=in_force(catalog, additions),
        additions=additions,
        samples=held,
        runs=[one for one in runs if since <= one.started_at < until],
    )


class _Chosen(Struct, frozen=True):
    """What belongs to a period and its source."""

    period: Period

    def source(self, name: str) -> bool:
        return self.period.source in {None, name}

    def finding(self, one: Finding) -> bool:
        within = one.since < self.period.until or one.kind not in _OF_SLOTS
        return self.source(one.source) and within


def _known(source: str | None, names: Collection[str]) -> None:
    if source is not None and source not in names:
        raise NotFound(
            f"no source {source!r} in the configuration or the ledger;"
            f" there are: {', '.join(sorted(names)) or 'none'}"
        )
