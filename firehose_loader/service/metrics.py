"""What Prometheus is told: the state of sources and tables, and the last run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError

from firehose_loader import __version__
from firehose_loader.config import Metrics
from firehose_loader.freshness import FreshState
from firehose_loader.service.health import Health, SeriesHealth

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

_PREFIX = "firehose_loader"
_PUSH_SECONDS = 10


def registry_of(health: Health) -> CollectorRegistry:
    """Return the metrics as Prometheus' own library hands them out."""
    from prometheus_client import CollectorRegistry

    registry = CollectorRegistry()
    registry.register(_Told(health))
    return registry


def exposition(health: Health) -> bytes:
    """Return the metrics in Prometheus' text format."""
    from prometheus_client import generate_latest

    return generate_latest(registry_of(health))


def write_textfile(path: Path, health: Health) -> None:
    """Put the metrics into a file, in place of what it holds, at once.

    Raises:
        OSError: the file cannot be written.
    """
    from prometheus_client import write_to_textfile

    write_to_textfile(str(path), registry_of(health))


def push(config: Metrics, health: Health) -> None:
    """Send the metrics to a Pushgateway, in place of those of the run before.

    Raises:
        OSError: it does not answer, or refuses them.
    """
    from prometheus_client import push_to_gateway

    assert config.push is not None  # noqa: S101 - the caller looked
    registry = registry_of(health)
    try:
        push_to_gateway(config.push, job=config.job, registry=registry, timeout=_PUSH_SECONDS)
    except HTTPError as error:
        error.close()  # the library leaves the answer open
        raise


class _Told:
    """One state of things, as a collector."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> Iterator[Metric]:
        yield from self._build()
        wholes = [one for one in self._health.series if one.event_type is None]
        types = [one for one in self._health.series if one.event_type is not None]
        yield from self._series("source", ("source",), wholes)
        yield from self._series("event", ("source", "event_type"), types)
        yield from self._sources()
        yield from self._tables()
        yield from self._runs()

    def _build(self) -> Iterator[Metric]:
        from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily

        yield InfoMetricFamily(f"{_PREFIX}_build", "The loader.", {"version": __version__})
        troubles = GaugeMetricFamily(
            f"{_PREFIX}_troubles", "Findings that somebody should look at.", labels=["kind"]
        )
        for kind in (*FreshState, "unreachable", "failed", "quarantined"):
            count = sum(one.kind == kind for one in self._health.troubles)
            troubles.add_metric([str(kind)], count)
        yield troubles

    def _series(
        self, what: str, labels: Sequence[str], series: Sequence[SeriesHealth]
    ) -> Iterator[Metric]:
        from prometheus_client.metrics_core import GaugeMetricFamily

        def gauge(name: str, told: str, *more: str) -> GaugeMetricFamily:
            return GaugeMetricFamily(f"{_PREFIX}_{what}_{name}", told, labels=[*labels, *more])

        lag = gauge("lag_seconds", "Seconds since the last drop was delivered.")
        delivered = gauge("last_drop_timestamp_seconds", "When the last drop was delivered.")
        rows = gauge("rows_last_day", "Rows in the drops that were delivered in 24 hours.")
        missing = gauge("missing_slots", "Slots of the window in which nothing came.")
        late = gauge("late_slots", "Slots of the window whose first drop came late.")
        held = gauge("quarantined_rows", "Rows, and whole drops, that wait in quarantine.")
        state = gauge("state", "1 for the state that it is in.", "state")
        for one in series:
            names = [one.source] if one.event_type is None else [one.source, one.event_type]
            if one.last_drop is not None and one.lag_seconds is not None:
                lag.add_metric(names, one.lag_seconds)
                delivered.add_metric(names, one.last_drop.timestamp())
            rows.add_metric(names, one.rows_day)
            missing.add_metric(names, one.missing)
            late.add_metric(names, one.late)
            held.add_metric(names, one.quarantined)
            for each in FreshState:
                state.add_metric([*names, str(each)], each is one.state)
        yield from (lag, delivered, rows, missing, late, held, state)

    def _sources(self) -> Iterator[Metric]:
        from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

        drops = CounterMetricFamily(
            f"{_PREFIX}_drops", "Drops in the ledger.", labels=["source", "state"]
        )
        waiting = GaugeMetricFamily(
            f"{_PREFIX}_drops_waiting",
            "Drops that failed when last tried, or are perhaps still being written.",
            labels=["source", "state"],
        )
        rows = CounterMetricFamily(
            f"{_PREFIX}_rows_parsed", "Rows found in all drops.", labels=["source"]
        )
        for one in self._health.status.sources:
            drops.add_metric([one.source, "loaded"], one.loaded)
            drops.add_metric([one.source, "quarantined"], one.quarantined)
            drops.add_metric([one.source, "adopted"], one.adopted)
            waiting.add_metric([one.source, "failed"], one.failed)
            waiting.add_metric([one.source, "held"], one.held)
            rows.add_metric([one.source], one.rows)
        yield from (drops, waiting, rows)

    def _tables(self) -> Iterator[Metric]:
        from prometheus_client.metrics_core import GaugeMetricFamily

        rows = GaugeMetricFamily(
            f"{_PREFIX}_table_rows", "Rows of an event table.", labels=["event_type", "table"]
        )
        for one in self._health.status.events:
            rows.add_metric([one.event_type, one.table], one.rows)
        yield rows

    def _runs(self) -> Iterator[Metric]:
        from prometheus_client.metrics_core import GaugeMetricFamily

        if not self._health.runs:
            return
        run = self._health.runs[0]
        summary = json.loads(run.summary)
        finished, started = (
            moment.replace(tzinfo=UTC).timestamp() for moment in (run.finished_at, run.started_at)
        )
        for name, told, value in (
            ("timestamp_seconds", "When the last run ended.", finished),
            ("duration_seconds", "How long it took.", finished - started),
            ("exit_code", "Its exit code, before --strict.", run.exit_code),
        ):
            yield GaugeMetricFamily(f"{_PREFIX}_last_run_{name}", told, value=value)
        for what in ("drops", "rows"):
            family = GaugeMetricFamily(
                f"{_PREFIX}_last_run_{what}",
                f"What became of the {what} of the last run.",
                labels=["outcome"],
            )
            for outcome, count in summary[what].items():
                family.add_metric([outcome], count)
            yield family
