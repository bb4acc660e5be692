"""``status``: what is in the warehouse, and what is set aside."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict

from firehose_loader.cli.console import answer, table
from firehose_loader.cli.options import AsJson, ConfigFile, Into


def status(
    into: Into = None,
    config: ConfigFile = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Tell what was loaded from each source, what each event table holds, and what is set aside.

    \b
    Examples:
      firehose-loader status --into events.duckdb
      firehose-loader status --json
    """
    from firehose_loader.config import load_config
    from firehose_loader.schema.catalog import load_catalog
    from firehose_loader.warehouse import open_warehouse

    loaded = load_config(config, into=into)
    with closing(open_warehouse(loaded, read_only=True)) as warehouse:
        found = warehouse.status(list(load_catalog(loaded.schemas)))
    if as_json:
        answer(asdict(found))
        return
    if not found.sources:
        print("nothing was loaded yet")
        return
    table(
        ("source", "loaded", "quarantined", "failed", "held", "rows", "newest drop", "last load"),
        [
            (
                one.source,
                one.loaded,
                one.quarantined,
                one.failed,
                one.held,
                one.rows,
                one.newest_drop,
                one.last_load,
            )
            for one in found.sources
        ],
    )
    print()
    table(
        ("event type", "table", "rows", "first event", "last event", "last load"),
        [
            (one.event_type, one.table, one.rows, one.first_event, one.last_event, one.last_load)
            for one in found.events
        ],
    )
    if found.quarantine:
        print()
        table(("quarantined because", "rows"), sorted(found.quarantine.items()))
    if found.last_run:
        print(
            f"\nlast run {found.last_run.run_id}: {found.last_run.status}, finished"
            f" {found.last_run.finished_at:%Y-%m-%d %H:%M:%S} UTC"
        )
