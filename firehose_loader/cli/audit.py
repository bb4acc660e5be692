"""``audit``: whether the warehouse accounts for every row of every file."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from firehose_loader.cli.console import answer, table
from firehose_loader.cli.options import (
    AsJson,
    ConfigFile,
    Drops,
    Into,
    OfEventType,
    OfRun,
    OfSource,
    Since,
    Until,
)
from firehose_loader.cli.story import progress
from firehose_loader.model import as_dict

if TYPE_CHECKING:
    from firehose_loader.audit import AuditReport


def audit(  # noqa: PLR0913 - one parameter per option
    drops: Drops = None,
    into: Into = None,
    config: ConfigFile = None,
    *,
    source: OfSource = None,
    event_type: OfEventType = None,
    run: OfRun = None,
    since: Since = None,
    until: Until = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read the rows too, and compare every cell.")
    ] = False,
    limit: Annotated[
        int, typer.Option(min=0, help="Most differences, and drops without a file, to list.")
    ] = 100,
    as_json: AsJson = False,
) -> None:
    """Read source files again and show that the warehouse accounts for every row of them.

    For each drop, the rows that its file has must be the rows inserted, updated, found to be
    duplicates or set aside: each once, and as many as the ledger says. Nothing is loaded or
    changed. The files are read by another parser than the one that loads. With --deep each row is
    normalised again, under the schema version that it was loaded under, and compared cell by cell.
    Without a drop or an option, the whole ledger is audited.

    Exits with 6 where anything differs; with 4 where all that could be read agrees, but some
    files are gone, changed or unreadable.

    \b
    Examples:
      firehose-loader audit --into events.duckdb
      firehose-loader audit opens/2026-01-05.csv --deep
      firehose-loader audit --source prod --since 2026-01-05 --until 2026-01-06 --json
    """
    from firehose_loader.audit import AuditReport
    from firehose_loader.audit import audit as hold_against_files
    from firehose_loader.config import load_config
    from firehose_loader.history import DropFilter

    rest = DropFilter(source=source, run_id=run, event_type=event_type, since=since, until=until)
    wanted = [replace(rest, drop=one) for one in drops or ()] or [rest]
    report = AuditReport(limit=limit)
    started = monotonic()
    with progress(doing="auditing") as tell:
        hold_against_files(load_config(config, into=into), wanted, report, tell, deep=deep)
    if as_json:
        answer({**_document(report), "seconds": round(monotonic() - started, 3)})
    else:
        _print(report)
    raise typer.Exit(report.exit_code)


def _document(report: AuditReport) -> dict[str, object]:
    return {
        "exit_code": int(report.exit_code),
        "drops": {
            "audited": report.drops,
            "different": report.different,
            "not_read": report.unread.total(),
        },
        "rows": {"in_files": report.file_rows, **as_dict(report.rows)},
        "cells": report.cells,
        "found": dict(sorted(report.found.items())),
        "differences": [as_dict(one) for one in report.differences],
        "not_read": [as_dict(one) for one in report.not_read],
    }


def _print(report: AuditReport) -> None:
    if report.differences:
        table(
            ("drop", "row", "column", "difference"),
            [
                (one.drop or one.drop_id, one.row, one.column, one.message)
                for one in report.differences
            ],
        )
    if report.not_read:
        table(
            ("drop", "not read", "why"),
            [(one.drop, str(one.why), one.message) for one in report.not_read],
        )
    rows = report.rows
    print(
        f"{report.drops} drops audited, {report.different} differ, {report.unread.total()} could"
        f" not be read: {report.file_rows} rows in the files; {rows.parsed} rows parsed ="
        f" {rows.fates.replace(', ', ' + ')}"
    )
    if report.cells is not None:
        print(f"{report.cells} cells compared with the files")
    if report.found:
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(report.found.items()))
        print(f"{report.found.total()} differences: {told}")
