"""``status``: what arrived from each source, what is missing, and what is set aside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from firehose_loader.cli.console import answer, note_absent, printable, table
from firehose_loader.cli.options import AsJson, ConfigFile, Into
from firehose_loader.model import as_dict

if TYPE_CHECKING:
    from firehose_loader.config import Config
    from firehose_loader.model import RunRecord
    from firehose_loader.service.health import Health, SeriesHealth

_SERIES = (
    *("source", "event type", "state", "last drop", "lag", "rows 24 h", "missing", "late"),
    *("quarantined", "held", "failed"),
)
_EVENTS = ("event type", "table", "rows", "first event", "last event", "last load")
_RUNS = (
    *("run", "started", "seconds", "status", "exit code", "new", "loaded", "failed"),
    *("inserted", "duplicate", "quarantined", "errors"),
)

_SPENT = {"queries": "queries", "bytes scanned": "bytes_scanned", "cloud credits": "credits"}
"""Of warehouses that charge: headings, and where the figures are in a run's costs."""


def status(
    into: Into = None,
    config: ConfigFile = None,
    *,
    runs: Annotated[
        bool, typer.Option("--runs", help="Tell of the last runs, the latest first.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most runs shown.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Tell what arrived from each source, what is late or missing, and what is set aside.

    What is late or missing is told of sources with a cadence in the configuration.

    \b
    Examples:
      firehose-loader status --into events.duckdb
      firehose-loader status --runs --limit 5
      firehose-loader status --json
    """
    from firehose_loader.config import load_config
    from firehose_loader.service.health import health

    loaded = load_config(config, into=into)
    note_absent(loaded)
    if runs:
        _tell_runs(_last_runs(loaded, limit), as_json=as_json)
        return
    found = health(loaded)
    if as_json:
        answer(
            {
                **as_dict(found.status),
                "at": found.at,
                "series": [as_dict(one) for one in found.series],
                "findings": [as_dict(one) for one in found.findings],
            }
        )
    elif not found.series:
        print("nothing was loaded yet")
    else:
        _tell(found)


def _tell(found: Health) -> None:
    adopted = any(one.adopted for one in found.series)
    table(
        (*_SERIES, *(("adopted",) if adopted else ())),
        [
            (*_series(one), *(("" if one.adopted is None else one.adopted,) if adopted else ()))
            for one in found.series
        ],
    )
    if found.status.events:
        print()
        table(
            _EVENTS,
            [
                (
                    one.event_type,
                    one.table,
                    one.rows,
                    one.first_event,
                    one.last_event,
                    one.last_load,
                )
                for one in found.status.events
            ],
        )
    if found.status.quarantine:
        print()
        table(("quarantined because", "rows"), sorted(found.status.quarantine.items()))
    if found.findings:
        print()
    for finding in found.findings:
        print(printable(f"{finding.kind.replace('_', ' ')}: {finding.source}: {finding.message}"))
    if version := found.status.tables_version:
        print(f"\nthe loader's own tables are version {version.version}")
    if last := found.status.last_run:
        print(
            f"\nlast run {last.run_id}: {last.status}, finished"
            f" {last.finished_at:%Y-%m-%d %H:%M:%S} UTC"
        )
        if costs := next((run.costs for run in found.runs if run.run_id == last.run_id), None):
            print(_spent(json.loads(costs)))


def _spent(costs: Mapping[str, Any]) -> str:
    total = costs["total"]
    told = [f"{total['queries']:,} queries"]
    if total["bytes_scanned"] is not None:
        told.append(f"{total['bytes_scanned']:,} bytes scanned")
    if total["credits"] is not None:
        told.append(f"{total['credits']:.6g} credits for cloud services")
    return f"it took {', '.join(told)}; firehose-loader status --runs tells of more runs"


def _series(one: SeriesHealth) -> Sequence[object]:
    return (
        one.source if one.event_type is None else "",
        one.event_type or "all",
        str(one.state).replace("_", " "),
        one.last_drop,
        _length(one.lag_seconds),
        one.rows_day,
        one.missing,
        one.late,
        one.quarantined,
        "" if one.held is None else one.held,
        "" if one.failed is None else one.failed,
    )


def _last_runs(config: Config, limit: int) -> Sequence[RunRecord]:
    from firehose_loader.warehouse import open_warehouse

    with closing(open_warehouse(config, read_only=True)) as warehouse:
        return warehouse.runs(limit=limit)


def _tell_runs(runs: Sequence[RunRecord], *, as_json: bool) -> None:
    summaries = [json.loads(run.summary) for run in runs]
    if as_json:
        answer(
            {
                "runs": [
                    {
                        **summary,
                        "started_at": run.started_at,
                        "finished_at": run.finished_at,
                        "loader_version": run.loader_version,
                        "costs": json.loads(run.costs) if run.costs else None,
                    }
                    for run, summary in zip(runs, summaries, strict=True)
                ]
            }
        )
    elif not runs:
        print("there was no run yet")
    else:
        spent = [json.loads(run.costs)["total"] if run.costs else {} for run in runs]
        table(
            (*_RUNS, *(_SPENT if any(spent) else ())),
            [
                (
                    run.run_id,
                    run.started_at,
                    round(summary["seconds"], 1),
                    run.status,
                    run.exit_code,
                    *(summary["drops"][name] for name in ("new", "loaded", "failed")),
                    *(summary["rows"][name] for name in ("inserted", "duplicate", "quarantined")),
                    len(summary["errors"]),
                    *((of.get(name) for name in _SPENT.values()) if any(spent) else ()),
                )
                for run, summary, of in zip(runs, summaries, spent, strict=True)
            ],
        )


def _length(seconds: int | None) -> str | None:
    """Return a length of time in its two largest units."""
    if seconds is None:
        return None
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes = rest // 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
